"""The statements of one document, in the forms that the engines need, each computed once. No I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TypeAlias

from kg.core.model import Term
from kg.core.relations import closure
from kg.core.terms import SUBCLASS_OF, TYPE
from kg.validation.violations import Result

Statement: TypeAlias = tuple[Term, Term, Term]


@dataclass(frozen=True)
class Data:
    """The statements of one graph, some of which may be repeated.

    Attributes:
        statements: the statements.
        about: the nodes whose results are needed, None for all.
    """

    statements: Sequence[Statement]
    about: Set[Term] | None = None

    @cached_property
    def text(self) -> str:
        """The statements as N-Triples."""
        return "".join([f"{subject} {predicate} {value} .\n" for subject, predicate, value in self.statements])

    @cached_property
    def _by_predicate(self) -> Mapping[Term, Sequence[Statement]]:
        by_predicate: dict[Term, list[Statement]] = defaultdict(list)
        for statement in self.statements:
            by_predicate[statement[1]].append(statement)
        return by_predicate

    def having(self, *predicates: Term) -> Iterator[Statement]:
        """Yield the statements with one of *predicates*."""
        return chain.from_iterable(self._by_predicate.get(predicate, ()) for predicate in predicates)

    @cached_property
    def instances(self) -> Mapping[Term, set[Term]]:
        """Class -> its instances, including those of the subclasses that the data state."""
        above: dict[Term, set[Term]] = defaultdict(set)
        for lower, _, upper in self.having(SUBCLASS_OF):
            above[lower].add(upper)
        instances: dict[Term, set[Term]] = defaultdict(set)
        for node, _, kind in self.having(TYPE):
            instances[kind].add(node)
        for kind in list(instances):
            for upper in closure([kind], lambda each: above.get(each, ())):
                instances[upper] |= instances[kind]
        return instances


Validator: TypeAlias = Callable[[Data], Iterable[Result]]
"""Compiled shapes: data -> validation results."""
