"""Exact matches -> chains of them that join what is declared to be different. No I/O.

skos:exactMatch is transitive: two that are the same as a third are the same.
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
    """A link with skos:exactMatch.

    Attributes:
        subject: our entity.
        object: theirs.
        written: how the row names ours.
        place: where it does.
        object_place: where it names theirs.
    """

    subject: Term
    object: Term
    written: str
    place: Place
    object_place: Place


def joined_findings(rows: Iterable[ExactRow]) -> Iterator[Finding]:
    """Yield a finding for each row that matches an item which an earlier row matches to another of our entities."""
    first: dict[Term, ExactRow] = {}
    for row in rows:
        earlier = first.setdefault(row.object, row)
        if earlier.subject != row.subject:
            here = f"'{earlier.written}' on line {earlier.place.line}"
            message = f"{here} is another of our entities, and an exact match of the same item"
            fix = "remove one of the two rows, or write skos:closeMatch; merge the two entities if they are one"
            yield Finding(row.object_place, Severity.ERROR, "KG-L011", message, fix)


def chain_findings(rows: Sequence[ExactRow], apart: Mapping[tuple[Term, Term], Place | None]) -> Iterator[Finding]:
    """Yield a finding for each pair of *apart* that a chain of several rows joins, at the last row of the chain.

    *apart* has the place of the row that says so, None for the registry. Two rows with one object are another fault.
    """
    steps: dict[Term, list[tuple[Term, int]]] = defaultdict(list)
    for number, row in enumerate(rows):
        steps[row.subject].append((row.object, number))
        steps[row.object].append((row.subject, number))
    for (one, other), place in apart.items():
        chain = _chain(steps, one, other)
        objects = {rows[number].object for number in chain}
        if len(chain) > 1 and not (len(chain) == 2 and len(objects) == 1):
            yield _finding(one, other, [rows[number].object_place for number in chain], place)
        elif len(chain) == 1 and place is None:
            yield _finding(one, other, [rows[chain[0]].object_place], None)


def _chain(steps: Mapping[Term, Iterable[tuple[Term, int]]], one: Term, other: Term) -> list[int]:
    """Return the rows of a shortest chain from *one* to *other*, none if there is none."""
    came: dict[Term, tuple[Term, int]] = {}
    queue = deque([one])
    while queue and other not in came:
        here = queue.popleft()
        for there, number in steps.get(here, ()):
            if there != one and there not in came:
                came[there] = here, number
                queue.append(there)
    chain = []
    while other in came:
        other, number = came[other]
        chain.append(number)
    return chain


def _finding(one: Term, other: Term, chain: Sequence[Place], apart: Place | None) -> Finding:
    last = max(chain)
    lines = ", ".join(str(place.line) for place in sorted(chain))
    makes = f"lines {lines} together make" if len(chain) > 1 else "this row makes"
    says = f"line {apart.line}" if apart else "the registry (distinctFrom)"
    message = f"{makes} {_short(one)} and {_short(other)} the same, but {says} says that they are not"
    fix = "remove the row that is wrong, or write skos:closeMatch in it"
    return Finding(last, Severity.ERROR, "KG-L013", message, fix)


def _short(term: Term) -> str:
    return "/".join(lexical(term).rsplit("/", 2)[-2:])
