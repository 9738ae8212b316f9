"""What a load did -> a receipt: a JSON document that says what is in the store now, and how we know. No I/O."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from kg.core.errors import RemoteError
from kg.core.model import Term
from kg.transfer.difference import Difference
from kg.transfer.ledger import Checked

FORMAT = 2


class LoadOutcome(StrEnum):
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


@dataclass(frozen=True, slots=True)
class GraphReceipt:
    """One graph.

    Attributes:
        quads: its triples.
        sha256: of its canonical N-Quads, as RDFC-1.0 has it.
        done: what was done.
        checked: how we know.
        earlier: how the load that brought it compared it, if this one has only counted it.
    """

    quads: int
    sha256: str
    done: Done
    checked: Checked
    earlier: Checked | None = None


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
        graphs: those that are in the store as they should be.
        removed: those that are there no more.
        kept: those that an earlier load has brought and that what was loaded lacks; they are still there.
        unknown: those that have such names as ours, and that no load has brought.
        differences: graph -> how it differs from what was sent.
        rewritten: how the store writes literals otherwise than they were sent -> how many; their value is the same. Of
            the graphs that this load has compared.
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
    outcome: LoadOutcome
    graphs: Mapping[Term, GraphReceipt] = field(default_factory=dict)
    removed: Sequence[Term] = ()
    kept: Sequence[Term] = ()
    unknown: Sequence[Term] = ()
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
    def compared(self) -> int:
        """How many graphs this load has compared, not only counted."""
        return sum(graph.checked is not Checked.COUNTED for graph in self.graphs.values())

    @property
    def done(self) -> Mapping[str, int]:
        """What was done -> with how many graphs."""
        counted = Counter(str(graph.done) for graph in self.graphs.values())
        return {**counted, **({"removed": len(self.removed)} if self.removed else {})}


def receipt_json(receipt: Receipt) -> str:
    """Return the receipt as JSON; graphs are named by their IRIs."""
    document = asdict(receipt)
    document["graphs"] = {graph[1:-1]: entry for graph, entry in document["graphs"].items()}
    document["differences"] = {graph[1:-1]: entry for graph, entry in document["differences"].items()}
    for part in ("removed", "kept", "unknown"):
        document[part] = [graph[1:-1] for graph in document[part]]
    totals = {"quads": receipt.quads, "done": dict(receipt.done), "compared": receipt.compared}
    return json.dumps({"format": FORMAT, **document, "totals": totals}, ensure_ascii=False, indent=1) + "\n"


def failure_of(error: RemoteError) -> Mapping[str, str]:
    """Return an error as it stands in a receipt."""
    return {"failure": str(error.failure), "message": error.message, "fix": error.fix}
