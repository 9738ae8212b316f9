"""The text of one article -> where it mentions the entities of the registry, each searched for once. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg.core.model import Span, Term
from kg.mapping.scope import Scope, Target
from kg.words.calls import NamedText, calls, calls_by_surname, calls_otherwise
from kg.words.names import NameKind, surnames


@dataclass
class Calls:
    """Where the text of one article mentions the entities of the registry. Results of searches are kept."""

    text: NamedText
    scope: Scope
    reported: Mapping[Term, tuple[tuple[str, Term], ...]]
    _places: dict[tuple[Term, Term, bool], tuple[Span, ...]] = field(default_factory=dict)
    _alone: dict[Term, tuple[tuple[str, Span], ...]] = field(default_factory=dict)
    _longer: dict[str, tuple[tuple[Span, Target], ...]] = field(default_factory=dict)

    def places(self, target: Target, node: Term, *, otherwise: bool = False) -> tuple[Span, ...]:
        """Return where an entity is mentioned by its names or, if *otherwise*, by its other forms, in order.

        Names that *node* itself reports do not count.
        """
        reported = self.reported.get(target.term, ())
        key = (target.term, node if reported else "", otherwise)
        if key not in self._places:
            names = (*target.names, *(name for name, reporter in reported if reporter != node))
            look = calls_otherwise if otherwise else calls
            self._places[key] = tuple(sorted(set(look(self.text, names, self.scope.name_kind(target)))))
        return self._places[key]

    def alone(self, target: Target) -> tuple[tuple[str, Span], ...]:
        """Return where a person is mentioned by surname, or another end of the name, each with its letters."""
        if target.term not in self._alone:
            words = (
                sorted({word for name in target.names for word in surnames(name)}) if self._is_person(target) else ()
            )
            spans = ((word, span) for word in words for span in calls_by_surname(self.text, word))
            self._alone[target.term] = tuple(spans)
        return self._alone[target.term]

    def everywhere(self, target: Target, node: Term) -> Iterator[Span]:
        """Yield where an entity is mentioned in any way, by its names first."""
        yield from self.places(target, node)
        yield from (span for _, span in self.alone(target))
        yield from self.places(target, node, otherwise=True)

    def longer(self, word: str) -> tuple[tuple[Span, Target], ...]:
        """Return where entities are mentioned by names of several words that include this one, given as letters."""
        if word not in self._longer:
            targets = self.scope.longer_names.get(word, ())
            self._longer[word] = tuple((span, target) for target in targets for span in self.places(target, ""))
        return self._longer[word]

    def within(self, target: Target, node: Term, quotes: Sequence[Span]) -> bool:
        """Return whether one of *quotes* mentions an entity, even by a surname that others share."""
        return any(
            start <= span.start and span.end <= end for span in self.everywhere(target, node) for start, end in quotes
        )

    def _is_person(self, target: Target) -> bool:
        return self.scope.name_kind(target) is NameKind.PERSON


def is_within(span: Span, quotes: Iterable[Span]) -> bool:
    """Return whether a span is inside one of *quotes*."""
    return any(quote.contains(span) for quote in quotes)
