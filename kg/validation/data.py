"""The statements of one document, in the forms that the engines need, each computed once. No I/O."""

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
    """The statements of one graph, without duplicates."""

    statements: Sequence[Statement]

    @cached_property
    def text(self) -> str:
        """The statements as N-Triples."""
        return "".join([f"{subject} {predicate} {value} .\n" for subject, predicate, value in self.statements])

    @cached_property
    def pairs(self) -> Mapping[Term, Sequence[tuple[Term, Term]]]:
        """Predicate -> pairs of subject and object."""
        pairs: dict[Term, list[tuple[Term, Term]]] = defaultdict(list)
        for subject, predicate, value in self.statements:
            pairs[predicate].append((subject, value))
        return pairs

    def values(self, nodes: set[Term], predicate: Term) -> Iterator[Term]:
        """Yield the values of a predicate for *nodes*."""
        return (value for subject, value in self.pairs.get(predicate, ()) if subject in nodes)

    @cached_property
    def instances(self) -> Mapping[Term, set[Term]]:
        """Class -> its instances, including those of the subclasses that the data state."""
        above: dict[Term, set[Term]] = defaultdict(set)
        for lower, upper in self.pairs.get(SUBCLASS_OF, ()):
            above[lower].add(upper)
        instances: dict[Term, set[Term]] = defaultdict(set)
        for node, kind in self.pairs.get(TYPE, ()):
            instances[kind].add(node)
        for kind in list(instances):
            for upper in closure([kind], lambda each: above.get(each, ())):
                instances[upper] |= instances[kind]
        return instances


Validator: TypeAlias = Callable[[Data], Iterable[Result]]
"""Compiled shapes: data -> validation results."""
