"""A sentence + what is known to be in it -> tokens, each with all of its possible meanings. No I/O.

A name, a date, a figure, a title or a phrase is one token. The rest are words and signs.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.bench.mention import TextMention
from kg.core.english import capitalized
from kg.core.model import Span
from kg.ontology.cues import ABBREVIATION, ANY, DATE, FIGURE, FOREIGN, PLAIN, TITLE, VERB
from kg.ontology.vocabulary import Vocabulary
from kg.words.comparing import DateFound, FigureFound
from kg.words.draft_words import DraftWords
from kg.words.tokens import Token

MOST_TOKENS = 150
"""A sentence with more is not drafted from."""

_BRACKETS = re.compile(r"\(([^()]{2,80})\)")
_ABBREVIATION = re.compile(r"(?=.*[A-Z].*[A-Z])[A-Z][A-Za-z&.]{1,9}")
_QUOTES = frozenset('"“”„«»‘')
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_LINK_AT_END = re.compile(r"\s+(?:(?:of|for)\s+)?(?:the\s+)?\Z", re.IGNORECASE)
_PHRASE_ENDS = frozenset(",.;:()")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span that is one token, and its possible meanings."""

    span: Span
    meanings: Mapping[str, tuple[object, ...]]


def tokens_of(text: str, sentence: Span, chunks: Iterable[Chunk]) -> tuple[Token, ...]:
    """Return the tokens of a sentence without quotation marks. Of overlapping chunks the first counts."""
    placed: list[Chunk] = []
    for chunk in chunks:
        if sentence.contains(chunk.span) and not any(each.span.touches(chunk.span) for each in placed):
            placed.append(chunk)
    tokens: list[Token] = []
    at = sentence.start
    for chunk in sorted(placed, key=lambda each: each.span):
        tokens += _words(text, at, chunk.span.start)
        meanings = {**chunk.meanings, ANY: (chunk.span.start,)}
        tokens.append(Token("\0", chunk.span.start, chunk.span.end, meanings))
        at = chunk.span.end
    tokens += _words(text, at, sentence.end)
    return tuple(tokens)


def _words(text: str, start: int, end: int) -> Iterator[Token]:
    for token in PLAIN.tokens(text[start:end]):
        if token.text not in _QUOTES:
            ends = token.text in ";"
            yield replace(
                token,
                start=token.start + start,
                end=token.end + start,
                meanings={} if ends else {ANY: (token.start + start,)},
            )


# -------- kinds of chunks


def mention_chunks(
    text: str, mentions: Iterable[TextMention], vocabulary: Vocabulary, words: DraftWords
) -> Iterator[Chunk]:
    """Yield mentions, each with the article or prefix before it, under its class and all classes above."""
    definite = {*words.lists["definite"], *words.lists["prefixes"], *words.lists["bodies"]}
    before = (
        re.compile(rf"(?:\b(?:{'|'.join(map(re.escape, sorted(definite, key=len, reverse=True)))})\s+)+\Z")
        if definite
        else None
    )
    for mention in mentions:
        determiner = before.search(text, max(mention.span.start - 12, 0), mention.span.start) if before else None
        start = determiner.start() if determiner else mention.span.start
        line = vocabulary.classes[mention.class_name].ancestors
        yield Chunk(Span(start, mention.span.end), dict.fromkeys(line, (mention,)))


def bracket_chunks(text: str, sentence: Span, words: DraftWords) -> Iterator[Chunk]:
    """Yield what is in brackets and may be another name: an abbreviation, or a name in another script."""
    for match in _BRACKETS.finditer(text, sentence.start, sentence.end):
        inside = match[1].strip()
        tag = script_language(inside, words)
        if _ABBREVIATION.fullmatch(inside):
            yield Chunk(Span(*match.span(1)), {ABBREVIATION: ((match.start(1), inside),)})
        elif tag:
            yield Chunk(Span(*match.span(1)), {FOREIGN: ((match.start(1), {tag: inside}),)})


def script_language(text: str, words: DraftWords) -> str:
    """Return the language that a name in another script is likely in, "" for one in Latin letters."""
    scripts = [unicodedata.name(char, "").partition(" ")[0] for char in text if char.isalpha()]
    return words.scripts.get(max(scripts, key=scripts.count), "") if scripts else ""


def title_chunks(text: str, sentence: Span, words: DraftWords, names: Sequence[Span] = ()) -> Iterator[Chunk]:
    """Yield titles of posts, and words that imply one.

    A title ends before a name: of "chairman of the Board of Directors of Tide Works" only "chairman" is one if the
    registry has that board.
    """
    if words.title is not None:
        for match in words.title.finditer(text, sentence.start, sentence.end):
            end = min((name.start for name in names if match.start() < name.start < match.end()), default=match.end())
            title = _LINK_AT_END.sub("", match[0][: end - match.start()])
            if words.title.fullmatch(title):
                start = match.start()
                yield Chunk(Span(start, start + len(title)), {TITLE: ((start, titled(title)),)})
    for verb, title in words.verbs.items():
        for match in re.finditer(_spaced(verb), text[sentence.start : sentence.end]):
            yield Chunk(
                Span(match.start() + sentence.start, match.end() + sentence.start),
                {VERB: ((match.start() + sentence.start, title),)},
            )


def _spaced(words: str) -> str:
    """Return a pattern for words with any white space between them."""
    return r"\b" + r"\s+".join(map(re.escape, words.split())) + r"\b"


def titled(words: str) -> str:
    """Return a title as it is written alone: capitalised except for small words.

    >>> titled("vice board director"), titled("secretary-general"), titled("chairman of the board")
    ('Vice Board Director', 'Secretary-General', 'Chairman of the Board')
    """
    return re.sub(
        r"[^\W\d_]+",
        lambda word: word[0] if word[0] in ("of", "the", "in", "for", "and") else word[0][:1].upper() + word[0][1:],
        " ".join(words.split()),
    )


def when_and_how_much(dates: Iterable[DateFound], figures: Iterable[FigureFound]) -> Iterator[Chunk]:
    """Yield dates and figures."""
    yield from (Chunk(each.span, {DATE: (each,)}) for each in dates)
    yield from (Chunk(each.span, {FIGURE: (each,)}) for each in figures)


def phrase_chunks(text: str, sentence: Span, words: DraftWords, stops: Sequence[Span]) -> Iterator[Chunk]:
    """Yield phrases with a noun of a kind, each with what belongs to it: "a contract for a new ferry terminal".

    A phrase ends before a date or a past-tense verb, and with its sentence. *stops* are the spans of dates.
    """
    matches = list(_WORD.finditer(text, sentence.start, sentence.end))
    lowered = [match[0].lower() for match in matches]
    for number, word in enumerate(lowered):
        kinds = [kind for kind, nouns in words.nouns.items() if word in nouns]
        first = _phrase_start(lowered, matches, number, words, text)
        if kinds and first is not None:
            end = _phrase_end(text, matches, number, words, stops)
            yield Chunk(
                Span(matches[first].start(), end),
                {kinds[0]: ((matches[first].start(), _named(text[matches[first].start() : end], words)),)},
            )


def _phrase_start(
    lowered: Sequence[str], matches: Sequence[re.Match[str]], noun: int, words: DraftWords, text: str
) -> int | None:
    """Return where a phrase begins: with an article or similar before the noun, and only words between."""
    for number in range(noun, max(noun - 7, -1), -1):
        if number < noun and _PHRASE_ENDS & set(text[matches[number].end() : matches[number + 1].start()]):
            return None
        if lowered[number] in words.begin:
            return number
    return None


def _phrase_end(
    text: str, matches: Sequence[re.Match[str]], noun: int, words: DraftWords, stops: Sequence[Span]
) -> int:
    end = matches[noun].end()
    if noun + 1 >= len(matches) or matches[noun + 1][0].lower() not in words.follow:
        return end
    starts = [span.start for span in stops]
    for before, match in zip(matches[noun:], matches[noun + 1 :], strict=False):
        number = bisect_right(starts, match.end())
        at_date = (number < len(starts) and starts[number] <= match.end()) or match.start() in starts
        if _PHRASE_ENDS & set(text[before.end() : match.start()]) or at_date or match[0].lower() in words.stop:
            break
        end = match.end()
    return end


def _named(phrase: str, words: DraftWords) -> str:
    """Return a phrase as a name: without its first word, and capitalised."""
    first, _, rest = " ".join(phrase.split()).partition(" ")
    name = rest if first.lower() in words.begin and rest else f"{first} {rest}".strip()
    return capitalized(name)
