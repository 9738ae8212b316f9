"""Tokens of a sentence + cues -> candidates for facts: keys and values, and the words that they rest on. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg.bench.mention import TextMention
from kg.core.model import Span
from kg.mapping.yaml_nodes import Data
from kg.ontology.cues import ANY, BEFORE, ONLY_DATE, REST, TITLE, Cue, CueField, Cues
from kg.ontology.vocabulary import Kind, Vocabulary
from kg.words.comparing import DateFound, FigureFound
from kg.words.patterns import Fields
from kg.words.reading import EXPLICIT
from kg.words.tokens import Token

LONGEST_NAME = 90
_ENDS = " ,.;:\"”’'"


@dataclass(frozen=True, slots=True)
class FactCandidate:
    """A fact that words may state.

    Attributes:
        cue: that found it.
        tree: its keys and values, without type and quote.
        span: the words that it rests on.
        mentions: of the entities that it names.
        places: of its texts and figures. Two candidates with the same place are rivals.
        used: the spans of its dates and figures.
        length: of the match, in tokens.
        score: how sure it is.
    """

    cue: Cue
    tree: Mapping[str, Data]
    span: Span
    mentions: tuple[TextMention, ...]
    places: frozenset[int]
    used: frozenset[Span]
    length: int
    score: float


@dataclass
class _PartialFact:
    """The keys of one candidate while they are filled."""

    tree: dict[str, Data] = field(default_factory=dict)
    mentions: list[TextMention] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    used: list[Span] = field(default_factory=list)
    dates: list[tuple[tuple[str, ...], DateFound]] = field(default_factory=list)
    rest: int | None = None


@dataclass(frozen=True)
class CutSentence:
    """One sentence, cut into tokens.

    Attributes:
        text: of the whole article.
        span: its position in that text.
        plain: its tokens.
        phrased: its tokens with phrases as one token each.
        dates: the dates in it.
    """

    text: str
    span: Span
    plain: Sequence[Token]
    phrased: Sequence[Token]
    dates: Sequence[DateFound]


def fact_candidates(sentence: CutSentence, cues: Cues, vocabulary: Vocabulary) -> Iterator[FactCandidate]:
    """Yield what cues find in a sentence, rivals included."""
    for cue in cues.cues:
        tokens = sentence.phrased if cue.phrases else sentence.plain
        for start in range(len(tokens)):
            for end, fields in cues.grammar.matches(cue.group, tokens, start):
                if candidate := _candidate(sentence, tokens[start:end], cue, fields, vocabulary):
                    yield candidate


def _candidate(
    sentence: CutSentence, tokens: Sequence[Token], cue: Cue, fields: Fields, vocabulary: Vocabulary
) -> FactCandidate | None:
    filling = _PartialFact()
    for name, place in cue.fields.items():
        if BEFORE in place.kinds:
            before = " ".join(sentence.text[sentence.span.start : tokens[0].start].split()).strip(_ENDS)
            if not before:
                return None
            filling.tree[place.kinds[BEFORE][0]] = before
        elif name in fields and not _fill(filling, place, fields[name], cue, vocabulary):
            return None
    ids = [mention.id for mention in filling.mentions]
    if len(set(ids)) < len(ids):
        return None
    end = sentence.span.end if filling.rest is not None else tokens[-1].end
    start = sentence.span.start if any(BEFORE in place.kinds for place in cue.fields.values()) else tokens[0].start
    if filling.rest is not None:
        words = " ".join(sentence.text[filling.rest : end].split()).strip(_ENDS)
        if not words:
            return None
        filling.tree = {key: words if value == REST else value for key, value in filling.tree.items()}
    span = _with_codes(filling, cue, sentence, Span(start, end))
    for path, date in filling.dates:
        _put_date(filling, path, date, vocabulary)
    _name(filling, cue, tokens, sentence, vocabulary)
    score = cue.score
    for mention in filling.mentions:
        score *= mention.certainty
    stretch = Span(span.start, span.start + len(sentence.text[span.start : span.end].rstrip(" ,;:")))
    return FactCandidate(
        cue,
        filling.tree,
        stretch,
        tuple(filling.mentions),
        frozenset(filling.places),
        frozenset(filling.used),
        len(tokens),
        score,
    )


# -------- values


def _fill(filling: _PartialFact, place: CueField, group: object, cue: Cue, vocabulary: Vocabulary) -> bool:
    """Put the match for one place of a pattern under its keys, and return whether that is possible."""
    for kind, path in place.kinds.items():
        if kind in vocabulary.classes:
            mentions = [each for each in _values(group, kind) if isinstance(each, TextMention)]
            if mentions and _put_mentions(filling, path, mentions, place, cue, vocabulary):
                return True
        else:
            values = list(_values(group, ANY if kind == REST else kind))
            if values:
                _put_text(filling, path, kind, values[0])
                return True
    return False


def _values(group: object, kind: str) -> Iterator[object]:
    """Yield the matches for a place, in order, except those that belong to posts of people."""
    if isinstance(group, Mapping):
        for name, inner in group.items():
            if name == kind:
                yield inner
            elif name.startswith(("np_", "m")) and isinstance(inner, Mapping):
                yield from _values(inner, kind)


def _put_mentions(
    filling: _PartialFact,
    path: Sequence[str],
    mentions: Sequence[TextMention],
    place: CueField,
    cue: Cue,
    vocabulary: Vocabulary,
) -> bool:
    key = vocabulary.keys[cue.class_name][path[0]]
    if len(mentions) > 1 and key.most == 1:
        return False
    filling.mentions += mentions
    ids = [mention.id for mention in mentions]
    before = filling.tree.get(path[0], ())
    kept = [before] if isinstance(before, str) else list(before) if not isinstance(before, Mapping) else [before]
    if len(path) > 1:
        filling.tree[path[0]] = [*kept, *({path[1]: each, **place.codes} for each in ids)]
    else:
        all_ids = [*kept, *ids]
        filling.tree[path[0]] = all_ids[0] if len(all_ids) == 1 else all_ids
    return True


def _put_text(filling: _PartialFact, path: Sequence[str], kind: str, value: object) -> None:
    match value:
        case DateFound():
            filling.dates.append((tuple(path), value))
        case FigureFound():
            filling.tree[path[0]] = " ".join(value.words.split())
            filling.used.append(value.span)
            filling.places.append(value.span.start)
        case (int() as start, str() | dict() as words):
            filling.tree[path[0]] = words
            filling.places.append(start)
        case int() if kind == REST:
            filling.tree[path[0]] = REST
            filling.rest = value


def _with_codes(filling: _PartialFact, cue: Cue, sentence: CutSentence, span: Span) -> Span:
    """Put the codes of a cue under their keys, and return the span including any date that it takes."""
    for path, value in cue.codes.items():
        put: Data = value
        if value == ONLY_DATE:
            if len(sentence.dates) != 1 or len(sentence.dates[0].readings) != 1:
                continue
            date = sentence.dates[0]
            filling.dates.append((path, date))
            span = Span(min(span.start, date.span.start), max(span.end, date.span.end))
            continue
        inner = filling.tree.get(path[0])
        if len(path) > 1:
            filling.tree[path[0]] = {**(inner if isinstance(inner, Mapping) else {}), path[1]: put}
        else:
            filling.tree[path[0]] = put
    return span


def _put_date(filling: _PartialFact, path: Sequence[str], date: DateFound, vocabulary: Vocabulary) -> None:
    """Put a date under its key: only its words, or with their meaning if nothing says in which direction they count."""
    inner = filling.tree.get(path[0])
    node: Mapping[str, Data] = filling.tree if len(path) == 1 else inner if isinstance(inner, Mapping) else {}
    texts = [value for value in node.values() if isinstance(value, str)]
    given = [codes[text] for text in texts for codes in vocabulary.codes.values() if text in codes]
    is_known = vocabulary.properties[path[-1]].counts_dates or any(
        code.counts_dates or path[-1] in (*code.counts_back, *code.counts_ahead) for code in given
    )
    words, reading = " ".join(date.words.split()), date.readings[0]
    put: Data = words if is_known or reading.method == EXPLICIT else {"asWritten": words, "edtf": reading.edtf}
    filling.tree[path[0]] = put if len(path) == 1 else {**node, path[-1]: put}
    filling.used.append(date.span)


def _name(
    filling: _PartialFact, cue: Cue, tokens: Sequence[Token], sentence: CutSentence, vocabulary: Vocabulary
) -> None:
    """Put words of the match under keys that need a text and have none: full names and words of the cue.

    If the cue has no words, as in "{about} … {value}", these are the words of the text between.
    """
    for key in vocabulary.keys[cue.class_name].values():
        if key.kind is Kind.TEXT and key.name not in filling.tree and vocabulary.is_required(key):
            labels = {id(mention): mention.label for mention in filling.mentions}
            shown = [word for token in tokens if (word := _shown(token, sentence, labels, cue))]
            listed = " ".join(_listed(shown, frozenset(labels.values())))
            filling.tree[key.name] = _capital(_short(listed)) or cue.class_name


def _listed(shown: Sequence[str], labels: frozenset[str]) -> Iterator[str]:
    """Yield words, with a comma between two labels."""
    for number, word in enumerate(shown):
        yield f"{word}," if word in labels and shown[number + 1 : number + 2] and shown[number + 1] in labels else word


def _shown(token: Token, sentence: CutSentence, labels: Mapping[int, str], cue: Cue) -> str:
    """Return the part of a token that goes into a name, "" for most."""
    if cue.words:
        meant = (labels.get(id(value)) for values in token.meanings.values() for value in values)
        words = sentence.text[token.start : token.end] if token.text in cue.words and token.text.isalpha() else ""
        return next(filter(None, meant), words)
    is_chunk = set(token.meanings) - {ANY, TITLE}
    return "" if is_chunk or not token.text.isalpha() else sentence.text[token.start : token.end]


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_NAME else words[:LONGEST_NAME].rpartition(" ")[0]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


# -------- rivals


def without_rivals(rivals: Iterable[FactCandidate]) -> list[FactCandidate]:
    """Return the best of candidates that exclude one another: of one class, by the same title, figure or words."""
    kept: list[FactCandidate] = []
    ordered = sorted(rivals, key=lambda each: (-round(each.score, 6), -len(each.tree), -each.length, each.span))
    for each in ordered:
        if not any(_are_rivals(each, other) for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda each: each.span)


def _are_rivals(one: FactCandidate, other: FactCandidate) -> bool:
    if one.cue.class_name != other.cue.class_name:
        return False
    if one.places or other.places:
        return bool(one.places & other.places)
    return one.span.start < other.span.end and other.span.start < one.span.end
