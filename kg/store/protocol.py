"""The interface of all stores, and the types of their answers; those of rows are in kg/planning/rows.py. No I/O.

Answers hold terms as canonical N-Triples text, so that two engines can be compared by `==`.
https://www.w3.org/TR/sparql11-query/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from kg.core.model import Quad, Term
from kg.planning.rows import Rows


class Triple(NamedTuple):
    """A triple, as returned by CONSTRUCT and DESCRIBE."""

    subject: Term
    predicate: Term
    object: Term


@dataclass(frozen=True, slots=True)
class StoreAnswer:
    """The answer to a query of any form.

    Attributes:
        value: the rows of a SELECT, the boolean of an ASK, or the sorted triples of a CONSTRUCT or DESCRIBE.
        cut: whether a limit on rows or size was reached and the rest is missing.
    """

    value: Rows | bool | tuple[Triple, ...]
    cut: bool = False


NO_TRIPLE_TERM = (
    "the answer contains a triple term (RDF 1.2), which our formats cannot represent",
    "take it apart in the query, with SUBJECT(…), PREDICATE(…) and OBJECT(…)",
)
"""Message and fix for an answer with a triple term."""


class Store(Protocol):
    """A set of named graphs that answers SPARQL. The default graph is never the union of the named ones."""

    def select(self, query: str) -> Rows:
        """Return the rows of a SELECT query.

        Raises:
            UsageError: it does not parse, or is not a SELECT.
            EndpointError: the engine failed.
        """

    def ask(self, query: str) -> bool:
        """Return the answer to an ASK query. Raises the same errors as `select`."""

    def construct(self, query: str) -> tuple[Triple, ...]:
        """Return the triples of a CONSTRUCT or DESCRIBE, sorted, without duplicates. Raises as `select`."""

    def graphs(self) -> Mapping[Term, int]:
        """Return named graph -> its number of quads, sorted by name."""

    def quads(self) -> Iterator[Quad]:
        """Yield every quad of every named graph, in no particular order."""

    def close(self) -> None:
        """Release all files or connections. The store cannot be used afterwards."""
