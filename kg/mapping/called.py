"""The text of one article -> where it calls the entities of the registry, each looked for once. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg.core.model import Span, Term
from kg.mapping.scope import Scope, Target
from kg.words.calls import NamedText, calls, calls_by_surname, calls_otherwise
from kg.words.names import NameKind, surnames


@dataclass
class Calls:
    """Where the text of one article calls the entities of the registry; what has been looked for is kept."""

    text: NamedText
    scope: Scope
    reported: Mapping[Term, tuple[tuple[str, Term], ...]]
    _found: dict[tuple[Term, Term, bool], tuple[Span, ...]] = field(default_factory=dict)
    _alone: dict[Term, tuple[tuple[str, Span], ...]] = field(default_factory=dict)
    _longer: dict[str, tuple[tuple[Span, Target], ...]] = field(default_factory=dict)

    def places(self, target: Target, node: Term, *, otherwise: bool = False) -> tuple[Span, ...]:
        """Return where an entity is called by its names, or by what else it may be called; in order.

        What *node* itself reports to be a name does not count.
        """
        reported = self.reported.get(target.term, ())
        key = (target.term, node if reported else "", otherwise)
        if key not in self._found:
            names = (*target.names, *(name for name, reporter in reported if reporter != node))
            look = calls_otherwise if otherwise else calls
            self._found[key] = tuple(sorted(set(look(self.text, names, self.scope.name_kind(target)))))
        return self._found[key]

    def alone(self, target: Target) -> tuple[tuple[str, Span], ...]:
        """Return where a person is called by a surname, or another end of the name; each with its letters."""
        if target.term not in self._alone:
            words = (
                sorted({word for name in target.names for word in surnames(name)}) if self._is_person(target) else ()
            )
            found = ((word, span) for word in words for span in calls_by_surname(self.text, word))
            self._alone[target.term] = tuple(found)
        return self._alone[target.term]

    def everywhere(self, target: Target, node: Term) -> Iterator[Span]:
        """Yield where an entity is called in any way, by its names first."""
        yield from self.places(target, node)
        yield from (span for _, span in self.alone(target))
        yield from self.places(target, node, otherwise=True)

    def longer(self, word: str) -> tuple[tuple[Span, Target], ...]:
        """Return where entities are called by names of several words that have this one, by its letters."""
        if word not in self._longer:
            targets = self.scope.longer_names.get(word, ())
            self._longer[word] = tuple((span, target) for target in targets for span in self.places(target, ""))
        return self._longer[word]

    def within(self, target: Target, node: Term, quotes: Sequence[Span]) -> bool:
        """Tell whether one of *quotes* calls an entity, were it by a surname that others have, too."""
        return any(is_within(span, quotes) for span in self.everywhere(target, node))

    def _is_person(self, target: Target) -> bool:
        return self.scope.name_kind(target) is NameKind.PERSON


def is_within(span: Span, quotes: Iterable[Span]) -> bool:
    """Tell whether a stretch lies in one of *quotes*."""
    start, end = span
    return any(first <= start and end <= last for first, last in quotes)
