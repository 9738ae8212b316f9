"""What is validated: the statements of one document, in the forms that engines take, each made once. No I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from kg.core.model import Term
from kg.core.relations import closure
from kg.core.terms import SUBCLASS_OF, TYPE
from kg.validation.violations import Result

Statement: TypeAlias = tuple[Term, Term, Term]


@dataclass(frozen=True)
class Data:
    """The statements of one graph, each once."""

    statements: Sequence[Statement]

    @cached_property
    def text(self) -> str:
        """The statements as N-Triples."""
        return "".join([f"{subject} {predicate} {value} .\n" for subject, predicate, value in self.statements])

    @cached_property
    def pairs(self) -> Mapping[Term, Sequence[tuple[Term, Term]]]:
        """Predicate -> its subjects with their values."""
        found: dict[Term, list[tuple[Term, Term]]] = defaultdict(list)
        for subject, predicate, value in self.statements:
            found[predicate].append((subject, value))
        return found

    def values(self, nodes: set[Term], predicate: Term) -> Iterator[Term]:
        """Yield the values that *nodes* have for a predicate."""
        return (value for subject, value in self.pairs.get(predicate, ()) if subject in nodes)

    @cached_property
    def instances(self) -> Mapping[Term, set[Term]]:
        """Class -> the nodes of it, and of classes below it as far as the data say so."""
        above: dict[Term, set[Term]] = defaultdict(set)
        for lower, upper in self.pairs.get(SUBCLASS_OF, ()):
            above[lower].add(upper)
        found: dict[Term, set[Term]] = defaultdict(set)
        for node, kind in self.pairs.get(TYPE, ()):
            found[kind].add(node)
        for kind in list(found):
            for upper in closure([kind], lambda each: above.get(each, ())):
                found[upper] |= found[kind]
        return found


Validator: TypeAlias = Callable[[Data], Iterable[Result]]
"""Shapes, ready to be applied: data -> what does not conform."""
