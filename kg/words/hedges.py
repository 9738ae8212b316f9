"""Sentences + a language's tables -> the hedges that govern a fact. No I/O. It can only refuse a fact.

Certain words express a fact, depending on its class: "met" or "meeting". A hedge governs a past form that follows it
directly ("has not yet been signed", "will be held"), other forms in its clause ("hopes to sign", "the visit was called
off"), and whatever follows a denial or an expectation ("denied that it had agreed"). If the quotes of a fact contain no
word of its class, the fact is refused if every clause that they touch has a hedge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial

from kg.words.clauses import Clauses, Mark, Quoted, ReadSentence, plain_text
from kg.words.language import Language
from kg.words.phrases import PhraseFound, Phrases, longest, phrases

SECTION = "hedges"
NEXT, VERBS, CLAUSES = REACHES = ("next", "verbs", "clauses")
"""How far a hedge reaches: the next word, a verb that follows, its whole clause."""

REPORTING, FORMS, FINITE = GROUPS = ("reporting", "forms", "finite")
"""Groups of words that express a fact. A word in two groups counts as one of the later."""

MOST_OF_A_NOUN = 5
"""Words between "no" and the verb that it negates."""

MOST_KEPT = 1000
"""How many analysed sentences are cached."""

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Hedged:
    """Why words do not support a code: the words from the hedge to the word that it governs."""

    words: str


@dataclass(frozen=True)
class Hedges:
    """The hedges of one language.

    Attributes:
        excludes: kind of hedge -> the codes that it excludes, as "list/Name".
        acts: code list -> kinds that do not hedge a fact with such a code unless a word of the fact is quoted.
        marks: words -> the kind of the hedge and how far it reaches.
        words: group -> class -> the words that express a fact of the class: finite forms, which assert on their own,
            other forms and nouns, and verbs of reporting.
        stops: words that end the reach of a hedge.
        openers: words that begin a separate clause.
        settings: words that begin one only at the start of a sentence.
        closers: words that end one.
        between: words allowed between a hedge and a past form that it governs.
        adverbs: endings of other words allowed there.
        joins: words that stop a hedge from reaching a past form after them,
        that: unless one of these is between too.
        statements: code lists that are not hedged by what a speaker only knows, or reports about others.
        known: words whose complement is known, not stated: "knew that he proposed a study".
        earlier: words that put the complement of a report before the report: "said that he had proposed it".
        determiners: hedges that negate the verb after their noun.
        names: words that are not hedges if written exactly like this: the month May.
    """

    excludes: Mapping[str, frozenset[str]]
    acts: Mapping[str, frozenset[str]]
    marks: Mapping[str, tuple[str, str]]
    words: Mapping[str, Mapping[str, tuple[str, ...]]]
    stops: tuple[str, ...]
    openers: tuple[str, ...]
    settings: tuple[str, ...]
    closers: tuple[str, ...]
    between: frozenset[str]
    adverbs: tuple[str, ...]
    joins: tuple[str, ...]
    that: tuple[str, ...]
    statements: frozenset[str]
    known: frozenset[str]
    earlier: frozenset[str]
    determiners: frozenset[str]
    names: frozenset[str]
    _kinds: dict[tuple[str, ...], Mapping[str, str]] = field(default_factory=dict, repr=False)
    _read: dict[str, ReadSentence] = field(default_factory=dict, repr=False)

    @cached_property
    def codes(self) -> frozenset[str]:
        """All codes that some hedge excludes."""
        return frozenset(code for codes in self.excludes.values() for code in codes)

    def refusal(self, quoted: Sequence[Quoted], classes: Sequence[str], code: str) -> Hedged | None:
        """Return a hedge if every part of the quotes that supports a fact is hedged, None if some part is not.

        Args:
            quoted: the sentences that support it.
            classes: the fact's class and its superclasses.
            code: the code that the fact gives, such as "occurrence/Occurred".
        """
        read = [self._sentence(each.sentence) for each in quoted]
        hedges = [[m for m in each.hedges if self._excludes(m, code, each)] for each in read]
        if not any(hedges):
            return None
        words = [list(self._words_in(*each, classes)) for each in zip(quoted, hedges, strict=True)]
        judge = self._words_hedged if any(words) else partial(self._clauses_hedged, classes=classes, code=code)
        verdicts = [v for each in zip(quoted, hedges, words, strict=True) for v in judge(*each)]
        return verdicts[0] if verdicts and all(verdicts) else None

    def _excludes(self, hedge: Mark, code: str, sentence: ReadSentence) -> bool:
        if code not in self.excludes.get(hedge.kind, ()):
            return False
        return code.partition("/")[0] not in self.statements or not self._is_content(hedge, sentence)

    def _is_content(self, hedge: Mark, sentence: ReadSentence) -> bool:
        """Return whether a hedge belongs to what a speaker knows, or to something earlier than the report of it."""
        for start, end, words in longest(sentence.matches, self._reports | self.known):
            if end > hedge.start or sentence.clauses.at(start) != sentence.clauses.at(hedge.start):
                continue
            between = sentence.plain[end : hedge.start]
            gap = _WORD.findall(between)
            if self._goes_on(between, gap) and (words in self.known or self._is_earlier(gap)):
                return True
        return False

    def _goes_on(self, between: str, gap: Sequence[str]) -> bool:
        """Return whether the clause that begins before these words continues after them."""
        is_joined = any(f"{closer} {join} " in between for closer in self.closers for join in self.joins)
        return bool(gap) and not is_joined and (not set(gap) & set(self.joins) or bool(set(gap) & set(self.that)))

    def _is_earlier(self, gap: Sequence[str]) -> bool:
        """Return whether the words between a report and a hedge begin with "that" and end with "had"."""
        last = next((number for number in reversed(range(len(gap))) if gap[number] in self.earlier), None)
        return last is not None and gap[0] in self.that and all(map(self._stands_between, gap[last:]))

    def _words_hedged(self, quoted: Quoted, hedges: Sequence[Mark], words: Sequence[Mark]) -> Iterator[Hedged | None]:
        """Yield the hedge that governs each word of the fact, or None."""
        return (self._governing(self._sentence(quoted.sentence), word, hedges) for word in words)

    def _clauses_hedged(
        self, quoted: Quoted, hedges: Sequence[Mark], _: Sequence[Mark], classes: Sequence[str], code: str
    ) -> Iterator[Hedged | None]:
        """Yield a hedge, or None, for each clause that the quotes touch.

        For a class without any words, only quoted hedges count.
        """
        acts = self.acts.get(code.partition("/")[0], frozenset())
        has_words = any(name in group for name in classes for group in self.words.values())
        meant = [hedge for hedge in hedges if hedge.kind not in acts and (has_words or quoted.has(hedge))]
        clauses = self._sentence(quoted.sentence).clauses
        touched = (word.start() for a, b in quoted.parts for word in _WORD.finditer(quoted.sentence, a, b))
        numbers = dict.fromkeys(map(clauses.at, touched))
        main = [number for number in numbers if number not in clauses.inner]
        for clause in main or numbers:
            inside = (hedge for hedge in meant if clauses.at(hedge.start) == clause)
            yield next((Hedged(quoted.sentence[hedge.start : hedge.end]) for hedge in inside), None)

    # -------- the content of a sentence

    def _sentence(self, text: str) -> ReadSentence:
        """Return an analysed sentence. Recent ones are cached, because many facts share a sentence."""
        if text not in self._read:
            if len(self._read) >= MOST_KEPT:
                self._read.clear()
            plain = plain_text(text)
            matches = self._finder.all_in(plain)
            hedges = tuple(
                Mark(*each, *self.marks[each.phrase])
                for each in longest(matches, self.marks)
                if text[each.start : each.end] not in self.names
            )
            self._read[text] = ReadSentence(text, plain, matches, hedges, self._clauses(plain, matches))
        return self._read[text]

    def _words_in(self, quoted: Quoted, hedges: Sequence[Mark], classes: Sequence[str]) -> Iterator[Mark]:
        """Yield quoted words for facts of these classes that are not part of a hedge. Their kind is their group."""
        kinds = self._kinds_of(tuple(classes))
        for each in longest(self._sentence(quoted.sentence).matches, kinds):
            mark = Mark(*each, kinds[each.phrase])
            if quoted.has(mark) and not any(hedge.start <= mark.start and mark.end <= hedge.end for hedge in hedges):
                yield mark

    def _kinds_of(self, classes: tuple[str, ...]) -> Mapping[str, str]:
        """Return the words for facts of these classes, each with its group (the later, if in two)."""
        if classes not in self._kinds:
            pairs = (
                (kind, words) for kind, group in self.words.items() for name in classes if (words := group.get(name))
            )
            self._kinds[classes] = {word: kind for kind, words in pairs for word in words}
        return self._kinds[classes]

    def _clauses(self, sentence: str, matches: Sequence[PhraseFound]) -> Clauses:
        starts, numbers, inner = [0], [0], set()
        outer = number = 0
        for start, end, words in longest(matches, self._bounds):
            opens = words in self.openers or (words in self.settings and not sentence[:start].strip())
            if not opens and words in self.settings:
                continue
            number += words not in self.closers
            outer = number if words in self.stops else outer
            inner |= {number} if opens else set()
            starts.append(end if words in self.closers else start)
            numbers.append(number if opens else outer)
        return Clauses(tuple(starts), tuple(numbers), frozenset(inner))

    @cached_property
    def _bounds(self) -> frozenset[str]:
        """All words that begin or end a clause."""
        return frozenset((*self.stops, *self.openers, *self.closers, *self.settings))

    @cached_property
    def _finder(self) -> Phrases:
        """Finds the phrases of all tables."""
        words = (word for group in self.words.values() for words in group.values() for word in words)
        return phrases((*self.marks, *self._bounds, *self.known, *words))

    # -------- the hedge that governs a word

    def _governing(self, sentence: ReadSentence, word: Mark, hedges: Sequence[Mark]) -> Hedged | None:
        """Return the hedge that governs a word of the fact, with everything between them."""
        clauses = sentence.clauses
        clause = clauses.at(word.start)
        own = [hedge for hedge in hedges if clauses.at(hedge.start) == clause]
        for hedge in sorted(own, key=lambda hedge: abs(hedge.start - word.start)):
            first, last = sorted((hedge, word), key=lambda mark: mark.start)
            between = _WORD.finditer(sentence.plain, first.end, max(first.end, last.start))
            gap = [each[0] for each in between if clauses.at(each.start()) == clause]
            if self._reaches(gap, word, hedge):
                return Hedged(sentence.text[first.start : max(first.end, last.end)])
        return None

    def _reaches(self, gap: Sequence[str], word: Mark, hedge: Mark) -> bool:
        """Return whether a hedge governs a word of its clause. *gap* holds the words of the clause between them."""
        if word.kind == REPORTING:
            return True
        if hedge.reach == NEXT and (gap or hedge.start > word.start):
            return False
        if hedge.start > word.start:
            return word.kind == FORMS and not set(gap) & self._content
        return word.kind == FORMS or self._reaches_finite(gap, hedge)

    def _reaches_finite(self, gap: Sequence[str], hedge: Mark) -> bool:
        if hedge.reach == CLAUSES:
            return not set(gap) & set(self.joins) or bool(set(gap) & set(self.that))
        if hedge.words in self.determiners:
            return len(gap) < 2 or (len(gap) <= MOST_OF_A_NOUN and self._stands_between(gap[-1]))
        return all(map(self._stands_between, gap))

    @cached_property
    def _reports(self) -> frozenset[str]:
        """All verbs of reporting."""
        return frozenset(word for words in self.words[REPORTING].values() for word in words)

    @cached_property
    def _content(self) -> frozenset[str]:
        """Words that introduce a new report, which does not hedge anything before it."""
        return self._reports | set(self.that)

    def _stands_between(self, word: str) -> bool:
        return word in self.between or word.endswith(self.adverbs or ("\0",))


@cache
def hedges_of(language: Language) -> Hedges:
    """Return the hedges of a language, empty if its files have none.

    Raises:
        InputError: its tables are not valid.
    """
    section = language.section(SECTION)
    excludes = {kind: frozenset(codes) for kind, codes in section.section("excludes").groups().items()}
    acts = section.section("acts").groups()
    marks = {_lower(word): ("", "") for word in section.words("others")}
    for reach in REACHES:
        for kind, words in section.section(reach).groups().items():
            if kind not in excludes:
                raise section.section(reach).refused(kind, f"is not a kind of hedge; kinds are {', '.join(excludes)}")
            marks |= {_lower(word): (kind, reach) for word in words}
    within = tuple(map(_lower, section.words("within")))
    marks = {each: mark for words, mark in marks.items() for each in _with_each(words, within)} | marks
    lists = ("stops", "openers", "settings", "closers", "between", "adverbs", "joins", "that", "determiners", "names")
    section.refuse_others(
        *lists, "within", "statements", "known", "earlier", "others", "excludes", "acts", *REACHES, *GROUPS
    )
    return Hedges(
        excludes=excludes,
        acts={name: frozenset(kinds) for name, kinds in acts.items()},
        marks=marks,
        words={
            group: {name: tuple(map(_lower, words)) for name, words in section.section(group).groups().items()}
            for group in GROUPS
        },
        stops=tuple(map(_lower, section.words("stops"))),
        openers=tuple(map(_lower, section.words("openers"))),
        settings=tuple(map(_lower, section.words("settings"))),
        closers=section.words("closers"),
        between=frozenset(map(_lower, section.words("between"))),
        adverbs=tuple(map(_lower, section.words("adverbs"))),
        joins=tuple(map(_lower, section.words("joins"))),
        that=tuple(map(_lower, section.words("that"))),
        statements=frozenset(section.words("statements")),
        known=frozenset(map(_lower, section.words("known"))),
        earlier=frozenset(map(_lower, section.words("earlier"))),
        determiners=frozenset(map(_lower, section.words("determiners"))),
        names=frozenset(section.words("names")),
    )


def _with_each(words: str, within: Sequence[str]) -> Iterator[str]:
    """Yield a phrase with each of *within* inserted after its first word: "are also expected" for "are expected"."""
    first, space, rest = words.partition(" ")
    return (f"{first} {each} {rest}" for each in within if space)


def _lower(word: str) -> str:
    return " ".join(word.lower().split())
