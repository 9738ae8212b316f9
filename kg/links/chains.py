"""Exact matches -> findings on chains of them that join entities declared to be different. No I/O.

skos:exactMatch is transitive: two entities that match a third are the same.
https://www.w3.org/TR/skos-reference/#S45
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.core.errors import Finding, Place, Severity
from kg.core.model import Term
from kg.core.values import lexical


@dataclass(frozen=True, slots=True)
class ExactRow:
    """A row with skos:exactMatch.

    Attributes:
        subject: our entity.
        object: the external entity.
        written: our entity as written in the row.
        place: where that is written.
        object_place: where the external entity is written.
    """

    subject: Term
    object: Term
    written: str
    place: Place
    object_place: Place


def joined_findings(rows: Iterable[ExactRow]) -> Iterator[Finding]:
    """Yield a finding for each row whose object an earlier row matches to another of our entities."""
    first: dict[Term, ExactRow] = {}
    for row in rows:
        earlier = first.setdefault(row.object, row)
        if earlier.subject != row.subject:
            other = f"'{earlier.written}' on line {earlier.place.line}"
            message = f"{other} is another of our entities, and an exact match of the same item"
            fix = "remove one of the two rows, or write skos:closeMatch; merge the two entities if they are one"
            yield Finding(row.object_place, Severity.ERROR, "KG-L011", message, fix)


def chain_findings(rows: Sequence[ExactRow], distinct: Mapping[tuple[Term, Term], Place | None]) -> Iterator[Finding]:
    """Yield a finding for each pair in *distinct* that a chain of several rows joins, at the last row of the chain.

    *distinct* gives the place of the row that declares the pair distinct, None for the registry. Two rows with the same
    object are reported by `joined_findings`.
    """
    steps: dict[Term, list[tuple[Term, int]]] = defaultdict(list)
    for number, row in enumerate(rows):
        steps[row.subject].append((row.object, number))
        steps[row.object].append((row.subject, number))
    for (one, other), place in distinct.items():
        chain = _chain(steps, one, other)
        objects = {rows[number].object for number in chain}
        if len(chain) > 1 and not (len(chain) == 2 and len(objects) == 1):
            yield _finding(one, other, [rows[number].object_place for number in chain], place)
        elif len(chain) == 1 and place is None:
            yield _finding(one, other, [rows[chain[0]].object_place], None)


def _chain(steps: Mapping[Term, Iterable[tuple[Term, int]]], one: Term, other: Term) -> list[int]:
    """Return the row numbers of a shortest chain from *one* to *other*, empty if there is none."""
    predecessors: dict[Term, tuple[Term, int]] = {}
    queue = deque([one])
    while queue and other not in predecessors:
        current = queue.popleft()
        for neighbour, number in steps.get(current, ()):
            if neighbour != one and neighbour not in predecessors:
                predecessors[neighbour] = current, number
                queue.append(neighbour)
    chain = []
    while other in predecessors:
        other, number = predecessors[other]
        chain.append(number)
    return chain


def _finding(one: Term, other: Term, chain: Sequence[Place], distinct: Place | None) -> Finding:
    last = max(chain)
    lines = ", ".join(str(place.line) for place in sorted(chain))
    makes = f"lines {lines} together make" if len(chain) > 1 else "this row makes"
    source = f"line {distinct.line}" if distinct else "the registry (distinctFrom)"
    message = f"{makes} {_short(one)} and {_short(other)} the same, but {source} says that they are not"
    fix = "remove the row that is wrong, or write skos:closeMatch in it"
    return Finding(last, Severity.ERROR, "KG-L013", message, fix)


def _short(term: Term) -> str:
    return "/".join(lexical(term).rsplit("/", 2)[-2:])
