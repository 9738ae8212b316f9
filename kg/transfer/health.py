"""A store -> whether it answers, what of ours it holds, and whether that is the current generation. Asks the store."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kg.endpoint import StoreSettings
from kg.errors import RemoteError
from kg.model import Term
from kg.store.manifest import GraphSummary
from kg.store.probe import probed
from kg.store.remote import RemoteStore
from kg.transfer.ledger import read_ledger
from kg.transfer.plan import delta


class Health(StrEnum):
    """What a store's content is, beside the current generation."""

    CURRENT = "current"
    BEHIND = "behind"
    INCOMPLETE = "incomplete"
    EMPTY = "empty"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StoreState:
    """What is known of one store.

    Attributes:
        name: in kg.toml, or its address.
        url: its address.
        kind: of the product; "" when it did not answer.
        product: what the server calls itself.
        health: its content beside the current generation.
        graphs: how many of our graphs it holds, by its ledger.
        quads: how many triples these have.
        behind: how many graphs a load would touch.
        milliseconds: until it had told what it is.
        problem: why it does not answer, or "".
        failure: the same in one word.
    """

    name: str
    url: str
    kind: str = ""
    product: str = ""
    health: Health = Health.UNKNOWN
    graphs: int = 0
    quads: int = 0
    behind: int = 0
    milliseconds: int = 0
    problem: str = ""
    failure: str = ""


def store_state(settings: StoreSettings, base: str, wanted: Mapping[Term, GraphSummary]) -> StoreState:
    """Return what is known of a store; that it does not answer is no error."""
    name, start = settings.name or settings.url, time.monotonic()
    try:
        endpoint, told = probed(settings)
        with RemoteStore(endpoint) as store:
            ledger = read_ledger(store, base)
    except RemoteError as error:
        return StoreState(name, settings.url, settings.kind, problem=error.message, failure=str(error.failure))
    todo = delta(ledger, wanted)
    whole = [summary for summary in ledger.values() if summary is not None]
    return StoreState(
        name=name,
        url=settings.url,
        kind=endpoint.kind.name,
        product=told.product,
        health=_health(len(ledger), len(whole), bool(todo)),
        graphs=len(whole),
        quads=sum(summary.quads for summary in whole),
        behind=len(todo.new) + len(todo.changed) + len(todo.gone),
        milliseconds=round(1000 * (time.monotonic() - start)),
    )


def _health(known: int, whole: int, behind: bool) -> Health:
    if not known:
        return Health.EMPTY
    if whole < known:
        return Health.INCOMPLETE
    return Health.BEHIND if behind else Health.CURRENT
