"""A text -> its names, dates and figures, for comparison with another text. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.core.model import Span
from kg.mapping.scope import Scope, Target
from kg.mapping.sentences import sentences
from kg.words.calls import NamedText, calls, calls_by_surname, calls_otherwise, named_text
from kg.words.comparing import DateFound, FigureFound, dates_of, figures_of
from kg.words.dates import Today
from kg.words.language import Language
from kg.words.names import NameKind, name_words, stem, surnames

_HYPHENS = ("-", "–", "‑")


@dataclass(frozen=True)
class Contents:
    """The parts of one text that are compared.

    Attributes:
        text: in normal form.
        language: of its words.
        today: the day from which its dates count, as far as known.
        scope: with the registry to search for.
    """

    text: str
    language: Language
    today: Today
    scope: Scope

    @cached_property
    def words(self) -> NamedText:
        """The text, prepared for the search for names."""
        return named_text(self.text, name_words(self.language))

    @cached_property
    def sentences(self) -> Sequence[Span]:
        """The spans of its sentences."""
        return sentences(self.text)

    @cached_property
    def names(self) -> Sequence[tuple[Span, Target]]:
        """Where entities of the registry are mentioned by name, in order, except within longer names."""
        named = [(span, target) for target in named_targets(self.scope) for span in self._places(target)]
        return tuple(_outermost(named))

    @cached_property
    def dates(self) -> Sequence[DateFound]:
        """Its dates, in order."""
        return tuple(dates_of(self.text, self.sentences, self.language, self.today))

    @cached_property
    def figures(self) -> Sequence[FigureFound]:
        """Its figures, in order, except those in names and dates."""
        covered = self._marked(self._names_and_dates)
        return tuple(figures_of(self.text, self.sentences, self.language, covered))

    @cached_property
    def capitals(self) -> Sequence[tuple[Span, Sequence[str]]]:
        """Words whose capitals indicate names, except in registry names, dates and figures, each with its letters.

        They are inside sentences. A number joined to such a word belongs to it: Tiangong-2.
        """
        return tuple(self._capitals()) if self.words.known.has_capitals else ()

    def _capitals(self) -> Iterator[tuple[Span, Sequence[str]]]:
        first = {span.start for span in self.sentences}
        covered = self._marked([*self._names_and_dates, *(figure.span for figure in self.figures)])
        for number, (start, end) in enumerate(self.words.words):
            numbered = self._numbered(number)
            if end - start > 1 and self.text[start].isupper() and not covered[start]:
                if numbered:
                    last = self.words.words[number + 1][1]
                    yield Span(start, last), (self.words.folded[number], self.words.folded[number + 1])
                elif not self._begins(start, first):
                    yield Span(start, end), (self.words.folded[number],)

    def _numbered(self, number: int) -> bool:
        """Return whether a number is joined to a word."""
        if number + 1 == len(self.words.words):
            return False
        (_, end), (start, _) = self.words.words[number : number + 2]
        return self.words.folded[number + 1].isdecimal() and self.text[end:start] in _HYPHENS

    def has(self, name: Sequence[str]) -> bool:
        """Return whether the text has the words of a name, given as letters, in sequence, plural or not."""
        word, *numbers = name
        places = {place for form in _forms(word) for place in self.words.numbers.get(form, ())}
        return any(list(self.words.folded[place + 1 : place + 1 + len(numbers)]) == numbers for place in places)

    def has_date(self, date: DateFound) -> bool:
        """Return whether the text has a date that may mean the same."""
        return any(each.match(date) for each in self.dates)

    def has_figure(self, figure: FigureFound) -> bool:
        """Return whether the text has a figure that may say the same."""
        return any(each.match(figure) for each in self.figures)

    @property
    def _names_and_dates(self) -> list[Span]:
        return [*(span for span, _ in self.names), *(date.span for date in self.dates)]

    def _marked(self, spans: Iterable[Span]) -> bytearray:
        """Return, for each character, whether one of *spans* covers it."""
        marked = bytearray(len(self.text))
        for span in spans:
            marked[span.start : span.end] = b"\1" * (span.end - span.start)
        return marked

    def calls(self, target: Target) -> bool:
        """Return whether the text mentions an entity in any way, even by a surname that others share."""
        look = (self._places(target), calls_otherwise(self.words, target.names, self.scope.name_kind(target)))
        return any(True for places in look for _ in places) or any(True for _ in self._alone(target, shared=True))

    def _places(self, target: Target) -> Iterator[Span]:
        yield from calls(self.words, target.names, self.scope.name_kind(target))
        yield from self._alone(target, shared=False)

    def _alone(self, target: Target, *, shared: bool) -> Iterator[Span]:
        """Yield where a person is mentioned by surname alone, by one that others have only if *shared*."""
        if self.scope.name_kind(target) is NameKind.PERSON:
            for word in sorted({word for name in target.names for word in surnames(name)}):
                if shared or len(self.scope.surnames[word]) == 1:
                    yield from calls_by_surname(self.words, word)

    def _begins(self, start: int, first: set[int]) -> bool:
        """Return whether a sentence begins here, including after a quotation mark or a colon."""
        before = self.text[max(start - 2, 0) : start]
        return start in first or before[-1:] in "\"'“‘«„" or before == ": "


def named_targets(scope: Scope) -> Iterator[Target]:
    """Yield the entities of the registry that texts mention by name."""
    return (each for each in scope.registry.values() if each.term and scope.name_kind(each) is not NameKind.PLAIN)


def _outermost(named: Iterable[tuple[Span, Target]]) -> Iterator[tuple[Span, Target]]:
    """Yield names in order, without those that are part of a longer one."""
    longest = Span(0, 0)
    for span, target in sorted(named, key=lambda pair: (pair[0].start, -pair[0].end)):
        longest = span if span.end > longest.end else longest
        if span == longest:
            yield span, target


def _forms(word: str) -> tuple[str, ...]:
    """Return a word, its singular and its plural."""
    one = f"{word[:-3]}y" if word.endswith("ies") else stem(word)
    return word, one, f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
