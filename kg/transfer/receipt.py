"""The receipt of a load: a JSON document that says what is in the store now, and how it was verified. No I/O."""

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
        quads: its number of triples.
        sha256: the SHA-256 of its canonical N-Quads, as in RDFC-1.0.
        done: what was done with it.
        checked: how it was verified.
        earlier: how the load that wrote it verified it, if this one only counted it.
    """

    quads: int
    sha256: str
    done: Done
    checked: Checked
    earlier: Checked | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of a load.

    Attributes:
        store: name, address, kind and product of the store.
        base: base of our graphs' names.
        source: what was loaded: a generation's number and hash, or a file.
        way: how the graphs were sent.
        started: when it started, in ISO 8601.
        outcome: how it ended.
        graphs: the graphs that are correct in the store.
        removed: the graphs that were removed.
        kept: graphs from an earlier load that are still in the store, but not in the source.
        unknown: graphs named like ours that no load has added.
        differences: graph -> how it differs from what was sent.
        rewritten: how the store changed the form, but not the value, of literals -> how often. Only for graphs that
            this load has compared.
        sent: the number of quads sent.
        sending: the seconds that sending took.
        seconds: the seconds that the whole load took, including comparisons.
        error: the failure that ended it early, with message and fix.
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
        """The number of triples in all graphs."""
        return sum(graph.quads for graph in self.graphs.values())

    @property
    def compared(self) -> int:
        """The number of graphs that this load has compared rather than only counted."""
        return sum(graph.checked is not Checked.COUNTED for graph in self.graphs.values())

    @property
    def done(self) -> Mapping[str, int]:
        """What was done -> the number of graphs."""
        counted = Counter(str(graph.done) for graph in self.graphs.values())
        return {**counted, **({"removed": len(self.removed)} if self.removed else {})}


def receipt_json(receipt: Receipt) -> str:
    """Return the receipt as JSON, with the IRIs of graphs as their names."""
    document = asdict(receipt)
    document["graphs"] = {graph[1:-1]: entry for graph, entry in document["graphs"].items()}
    document["differences"] = {graph[1:-1]: entry for graph, entry in document["differences"].items()}
    for part in ("removed", "kept", "unknown"):
        document[part] = [graph[1:-1] for graph in document[part]]
    totals = {"quads": receipt.quads, "done": dict(receipt.done), "compared": receipt.compared}
    return json.dumps({"format": FORMAT, **document, "totals": totals}, ensure_ascii=False, indent=1) + "\n"


def failure_of(error: RemoteError) -> Mapping[str, str]:
    """Return an error in the form of a receipt."""
    return {"failure": str(error.failure), "message": error.message, "fix": error.fix}
