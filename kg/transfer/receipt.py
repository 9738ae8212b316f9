"""What a load did -> a receipt: a JSON document that says what is in the store now, and how we know. No I/O."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from kg.errors import RemoteError
from kg.model import Term
from kg.transfer.difference import Difference

FORMAT = 1


class Outcome(StrEnum):
    """How a load ended."""

    WHOLE = "whole"
    DIFFERS = "differs"
    BROKEN_OFF = "broken-off"
    PLANNED = "planned"


class Done(StrEnum):
    """What was done with a graph."""

    ADDED = "added"
    REPLACED = "replaced"
    PATCHED = "patched"
    FOUND = "found"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


class Checked(StrEnum):
    """How we know what a graph holds.

    CONTENT: it was read back, and its count and its hash were compared. VALUE: the same, but the store writes literals
    in another form with the same value; the hashes agree once both are in one form. PATCH: its count was compared, and
    each triple that was added or removed was asked for. EARLIER: an earlier load compared it, by the ledger.
    """

    CONTENT = "content"
    VALUE = "value"
    PATCH = "patch"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class GraphReceipt:
    """One graph: its triples, the SHA-256 of its canonical N-Quads (as RDFC-1.0 has it), what was done, how we know."""

    quads: int
    sha256: str
    done: Done
    checked: Checked


@dataclass(frozen=True, slots=True)
class Receipt:
    """The whole of a load.

    Attributes:
        store: name, address, kind and product of the store.
        base: of our graphs' names.
        source: what was loaded: a generation's number and hash, or a file.
        way: how the graphs travelled.
        started: when, as ISO 8601.
        outcome: how it ended.
        graphs: those that are in the store and were compared.
        removed: those that are there no more.
        differences: graph -> how it differs from what was sent.
        rewritten: how the store writes literals otherwise than they were sent -> how many; their value is the same.
        sent: how many quads travelled.
        sending: how many seconds the sending of these took.
        seconds: how long all of it took, with comparing.
        error: what broke it off, as failure and message.
    """

    store: Mapping[str, str]
    base: str
    source: Mapping[str, str | int]
    way: str
    started: str
    outcome: Outcome
    graphs: Mapping[Term, GraphReceipt] = field(default_factory=dict)
    removed: Sequence[Term] = ()
    differences: Mapping[Term, Difference] = field(default_factory=dict)
    rewritten: Mapping[str, int] = field(default_factory=dict)
    sent: int = 0
    sending: float = 0.0
    seconds: float = 0.0
    error: Mapping[str, str] | None = None

    @property
    def quads(self) -> int:
        """How many triples all graphs have."""
        return sum(graph.quads for graph in self.graphs.values())

    @property
    def done(self) -> Mapping[str, int]:
        """What was done -> with how many graphs."""
        counted = Counter(str(graph.done) for graph in self.graphs.values())
        return {**counted, **({"removed": len(self.removed)} if self.removed else {})}


def receipt_json(receipt: Receipt) -> str:
    """Return the receipt as JSON; graphs are named by their IRIs."""
    said = asdict(receipt)
    said["graphs"] = {graph[1:-1]: entry for graph, entry in said["graphs"].items()}
    said["differences"] = {graph[1:-1]: entry for graph, entry in said["differences"].items()}
    said["removed"] = [graph[1:-1] for graph in receipt.removed]
    totals = {"quads": receipt.quads, "done": dict(receipt.done)}
    return json.dumps({"format": FORMAT, **said, "totals": totals}, ensure_ascii=False, indent=1) + "\n"


def told(error: RemoteError) -> Mapping[str, str]:
    """Return an error as it stands in a receipt."""
    return {"failure": str(error.failure), "message": error.message, "fix": error.fix}
