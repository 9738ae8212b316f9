"""The statements of one document, in the forms that the engines need, each computed once. No I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TypeAlias

from kg.core.model import Term
from kg.core.relations import closure, grouped
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
    def _below(self) -> Mapping[Term, Sequence[Term]]:
        """Class -> its subclasses, one step down, as the data state."""
        return grouped((upper, lower) for lower, _, upper in self.having(SUBCLASS_OF))

    @cached_property
    def _typed(self) -> Mapping[Term, Sequence[Term]]:
        return grouped((kind, node) for node, _, kind in self.having(TYPE))

    def instances(self, name: Term) -> set[Term]:
        """Return the instances of a class, including those of the subclasses that the data state."""
        kinds = closure([name], lambda each: self._below.get(each, ()))
        return {node for kind in kinds for node in self._typed.get(kind, ())}


Validator: TypeAlias = Callable[[Data], Iterable[Result]]
"""Compiled shapes: data -> validation results."""
