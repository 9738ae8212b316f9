"""What every store can do, and the shape of its answers. No I/O.

Answers hold terms as canonical N-Triples text, so that two engines can be compared by `==`.
https://www.w3.org/TR/sparql11-query/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

from kg.core.model import Quad, Term


class Triple(NamedTuple):
    """One statement without its graph, as CONSTRUCT and DESCRIBE give it."""

    subject: Term
    predicate: Term
    object: Term


Row: TypeAlias = tuple[Term | None, ...]
"""One term per variable, None where it is unbound."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The answer to a SELECT.

    Attributes:
        variables: names without `?`, in the order of the SELECT.
        rows: in the order of the engine.
    """

    variables: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class StoreAnswer:
    """The answer to a query of any form.

    Attributes:
        value: rows of a SELECT, truth of an ASK, sorted triples of a CONSTRUCT or DESCRIBE.
        cut: there was more, but a limit on rows or size was reached.
    """

    value: Rows | bool | tuple[Triple, ...]
    cut: bool = False


NO_TRIPLE_TERM = (
    "the answer contains a triple term (RDF 1.2), which our formats cannot show whole",
    "take it apart in the query, with SUBJECT(…), PREDICATE(…) and OBJECT(…)",
)
"""What is wrong with such an answer, and how to mend it."""


class Store(Protocol):
    """A set of named graphs that answers SPARQL. The default graph is never the union of the named ones."""

    def select(self, query: str) -> Rows:
        """Return the rows of a SELECT query.

        Raises:
            UsageError: it does not parse, or is of another form.
            EndpointError: the engine failed.
        """

    def ask(self, query: str) -> bool:
        """Return the truth of an ASK query. Raises as `select`."""

    def construct(self, query: str) -> tuple[Triple, ...]:
        """Return the triples of a CONSTRUCT or DESCRIBE, sorted, each once. Raises as `select`."""

    def graphs(self) -> Mapping[Term, int]:
        """Return named graph -> its number of quads, sorted by name."""

    def quads(self) -> Iterator[Quad]:
        """Return every quad of every named graph, in no order."""

    def close(self) -> None:
        """Let go of files. The store cannot be used any more."""
