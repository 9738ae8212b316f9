"""An article's text + the registry -> its mentions: by a name, a surname, a common noun, a pronoun. No I/O.

Names are found with `kg.mapping.called`, which knows all names in all scripts. What is less certain than a name has a
lower certainty, and its `how` says how it was resolved.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.core.model import Span
from kg.core.terms import cq
from kg.core.values import lexical
from kg.mapping.called import Calls
from kg.mapping.contents import named_targets
from kg.mapping.scope import Scope, Target
from kg.words.calls import calls_by_surname, named_text
from kg.words.draft_words import DraftWords
from kg.words.language import Language
from kg.words.names import NameKind, letters, name_words, surnames, words_of

BY_NAME, BY_FORM, BY_SURNAME, BY_NOUN, BY_PRONOUN, BY_CONTEXT = 1.0, 0.9, 0.95, 0.8, 0.6, 0.7
"""How certain it is to whom words refer."""

MOST_NOUNS = 3
"""Words in lower case after "the" that may refer to a body."""

_WORD = re.compile(r"[^\W\d_]+")
_LINK = re.compile(r"\s(?:of|for|in|and|,)\s")
_DISAMBIGUATION = f" {cq('disambiguation')} "


@dataclass(frozen=True, slots=True)
class TextMention:
    """A span of a text that refers to a person or a thing.

    Attributes:
        span: where.
        id: of the entity in the registry, or of the proposal that it becomes.
        class_name: local name of its class.
        label: its name.
        certainty: that it is this one, from 0 to 1.
        how: why it is this one, in words, "" for a mention by name.
    """

    span: Span
    id: str
    class_name: str
    label: str
    certainty: float = BY_NAME
    how: str = ""


@dataclass(frozen=True)
class MentionFinder:
    """Finds the mentions in one text.

    Attributes:
        text: of the article.
        sentences: the spans of its sentences.
        language: of it.
        scope: with the registry.
        words: that drafts use.
    """

    text: str
    sentences: Sequence[Span]
    language: Language
    scope: Scope
    words: DraftWords

    @property
    def has_capitals(self) -> bool:
        """Whether capitals within a sentence indicate names in this language."""
        return name_words(self.language).has_capitals

    def known(self) -> tuple[TextMention, ...]:
        """Return the mentions of entities of the registry by name, in order, none within another."""
        ids = {target.term: name for name, target in self.scope.registry.items()}
        calls = Calls(named_text(self.text, name_words(self.language)), self.scope, {})
        mentions: list[tuple[Span, Target, float]] = []
        for target in named_targets(self.scope):
            mentions += [(span, target, BY_NAME) for span in calls.places(target, "")]
            others = calls.places(target, "", otherwise=True)
            mentions += [(span, target, BY_FORM) for span in others if self._is_all_its_own(span, target)]
        placed = self._outermost(mentions)
        placed += self._surnames(calls, placed)
        return tuple(
            TextMention(
                span, ids[target.term], target.class_name, target.label, certainty, self._why(span, target, how)
            )
            for span, target, certainty, how in sorted(placed, key=lambda each: each[0])
        )

    def _why(self, span: Span, target: Target, how: str) -> str:
        return f"'{' '.join(self.text[span.start : span.end].split())}' is {target.label}, {how}" if how else ""

    def _is_all_its_own(self, span: Span, target: Target) -> bool:
        """Return whether every capitalised word of a span of several words is in a name of the entity."""
        own = {letters(word) for name in target.names for word in words_of(name)}
        words = [
            word for word in words_of(self.text[span.start : span.end]) if word[0].isupper() and not word.isupper()
        ]
        return len(words) < 2 or all(_is_among(letters(word), own) for word in words)

    def _outermost(self, mentions: Iterable[tuple[Span, Target, float]]) -> list[tuple[Span, Target, float, str]]:
        """Return the longest of overlapping mentions, and of entities with the same name the one that fits the text."""
        by_span: dict[Span, dict[str, tuple[Target, float]]] = {}
        for span, target, certainty in mentions:
            best = by_span.setdefault(span, {}).get(target.term)
            if best is None or best[1] < certainty:
                by_span[span][target.term] = (target, certainty)
        kept: list[tuple[Span, Target, float, str]] = []
        end = 0
        for span in sorted(by_span, key=lambda each: (each.start, -each.end)):
            if span.start >= end and (one := self._one_of(list(by_span[span].values()))):
                kept.append((span, *one))
                end = span.end
        return kept

    def _one_of(self, candidates: Sequence[tuple[Target, float]]) -> tuple[Target, float, str] | None:
        most = max(certainty for _, certainty in candidates)
        best = [target for target, certainty in candidates if certainty == most]
        if len(best) == 1:
            return best[0], most, "" if most == BY_NAME else "in another form"
        fits = sorted(((self._fit(target), target.term, target) for target in best), reverse=True)
        if fits[0][0] == fits[1][0]:
            others = f"one of {len(best)} with this name"
            return fits[-1][2], BY_CONTEXT / 2, others
        return fits[0][2], BY_CONTEXT, f"of {len(best)} with this name the one that fits the text's words"

    def _fit(self, target: Target) -> int:
        """Return how many words of an entity's disambiguation the text has."""
        lines = (line.partition(_DISAMBIGUATION)[2] for line in target.lines)
        distinctive = {letters(word) for line in lines if line for word in words_of(lexical(line.rsplit(" ", 2)[0]))}
        return len(distinctive & self._folded)

    @property
    def _folded(self) -> frozenset[str]:
        return frozenset(letters(word) for word in words_of(self.text)) - {
            letters(word) for word in self.words.lists["inside"]
        }

    def _surnames(
        self, calls: Calls, placed: Sequence[tuple[Span, Target, float, str]]
    ) -> Iterator[tuple[Span, Target, float, str]]:
        """Yield surnames of people whom the text has named before, of several the last one."""
        covered = _Covered(span for span, *_ in placed)
        for word, people in self._people_by_surname(placed).items():
            for span in calls_by_surname(calls.text, word):
                before = [target for start, target in people if start < span.start]
                if before and not covered.touches(span):
                    yield span, before[-1], BY_SURNAME, "who was named before"

    def _people_by_surname(
        self, placed: Iterable[tuple[Span, Target, float, str]]
    ) -> Mapping[str, Sequence[tuple[int, Target]]]:
        """Return surname -> where people with it are named, in the order of *placed*."""
        people: dict[str, list[tuple[int, Target]]] = defaultdict(list)
        for span, target, *_ in placed:
            own = target.names if self.scope.name_kind(target) is NameKind.PERSON else ()
            for word in {word for name in own for word in surnames(name)}:
                people[word].append((span.start, target))
        return people

    # -------- mentions without a name

    def nouns(self, mentions: Sequence[TextMention]) -> Iterator[TextMention]:
        """Yield bodies mentioned by words of their names: "the authority", "the Veldkirk office"."""
        definite = "|".join(map(re.escape, self.words.lists["definite"]))
        if not definite:
            return
        lead, noun = r"(?:[A-Z][\w-]*\s+){0,2}", rf"[a-z]+(?:\s+[a-z]+){{0,{MOST_NOUNS - 1}}}"
        pattern = re.compile(rf"\b(?:{definite})\s+(?=(?P<nouns>{lead}{noun}))")
        bodies = [
            (each, self._names_here(each)) for each in mentions if self._is_body(each) and each.certainty >= BY_FORM
        ]
        covered = _Covered(each.span for each in mentions)
        for match in pattern.finditer(self.text):
            before = {each.id: (each, names) for each, names in bodies if each.span.start < match.start()}
            words, fits = _bodies_called(match["nouns"], before.values())
            span = Span(match.start(), match.start("nouns") + len(words))
            if len(fits) == 1 and covered.is_free(span):
                how = f"'{' '.join(words.split())}' is {fits[0].label}"
                yield replace(fits[0], span=span, certainty=BY_NOUN, how=how)

    def _names_here(self, mention: TextMention) -> Sequence[str]:
        """Return the name of what is mentioned, and what the text calls it there: it may be a former name."""
        return (mention.label, self.text[mention.span.start : mention.span.end])

    def _is_body(self, mention: TextMention) -> bool:
        return self.scope.vocabulary.classes[mention.class_name].name_kind is NameKind.BODY

    def pronouns(self, mentions: Sequence[TextMention]) -> Iterator[TextMention]:
        """Yield whom a pronoun seems to mean: the last one mentioned in this sentence or the one before."""
        kinds = ((self.words.lists["persons"], NameKind.PERSON), (self.words.lists["bodies"], NameKind.BODY))
        starts = [span.start for span in self.sentences]
        for pronouns, kind in kinds:
            meant = [each for each in mentions if self.scope.vocabulary.classes[each.class_name].name_kind is kind]
            for match in _WORD.finditer(self.text) if pronouns else ():
                if match[0].lower() in pronouns and (one := self._last(meant, match.start(), starts)):
                    how = f"'{match[0]}' is {one.label}"
                    yield replace(one, span=Span(*match.span()), certainty=BY_PRONOUN, how=how)

    def _last(self, meant: Sequence[TextMention], position: int, starts: Sequence[int]) -> TextMention | None:
        number = bisect_right(starts, position) - 1
        first = starts[max(number - 1, 0)]
        near = [each for each in meant if first <= each.span.start < position]
        same = [each for each in near if each.span.start >= starts[number]]
        subjects = same or near[:1]
        return subjects[0] if subjects else None


def _is_among(word: str, own: set[str]) -> bool:
    return (
        word in own
        or f"{word}s" in own
        or word.removesuffix("s") in own
        or len(word) < 3
        or any(each[0] == word[0] for each in own if len(word) == 1)
    )


def _bodies_called(
    nouns: str, bodies: Collection[tuple[TextMention, Sequence[str]]]
) -> tuple[str, Sequence[TextMention]]:
    """Return the longest beginning of *nouns* that refers to bodies, and these bodies; "" and none if nothing does."""
    for end in sorted((word.end() for word in _WORD.finditer(nouns)), reverse=True):
        words = nouns[:end].split()
        if words[-1][0].islower() and (fits := [each for each, names in bodies if _calls(words, names)]):
            return nouns[:end], fits
    return "", ()


def _calls(nouns: Sequence[str], names: Sequence[str]) -> bool:
    """Return whether words refer to a name: its head noun in lower case, preceded only by other words of it."""
    folded = {word.lower() for word in nouns}
    for name in names:
        head = _WORD.findall(_LINK.split(name)[0])[-1:]
        if [nouns[-1]] == [word.lower() for word in head] and folded <= {word.lower() for word in _WORD.findall(name)}:
            return True
    return False


class _Covered:
    """Spans of a text, for tests whether another span touches one of them."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = sorted(spans)

    def touches(self, span: Span) -> bool:
        """Return whether *span* touches one of them."""
        number = bisect_right(self._spans, span.start, key=lambda each: each.end)
        return number < len(self._spans) and self._spans[number].start < span.end

    def is_free(self, span: Span) -> bool:
        """Return whether *span* touches none of them but those within it that end before it does."""
        number = bisect_right(self._spans, span.start, key=lambda each: each.end)
        while number < len(self._spans) and self._spans[number].start < span.end:
            if self._spans[number].start < span.start or self._spans[number].end >= span.end:
                return False
            number += 1
        return True
