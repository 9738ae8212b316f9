"""A store -> whether it answers, what of ours it holds, and whether that is the current generation. Asks the store."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kg.core.errors import RemoteError
from kg.core.model import Term
from kg.project.endpoint import StoreSettings
from kg.store.manifest import GraphSummary
from kg.store.probe import probed
from kg.store.remote import RemoteStore
from kg.transfer.ledger import Checked
from kg.transfer.plan import Delta, delta
from kg.transfer.state import Content, inspect


class Health(StrEnum):
    """What a store's content is, beside the current generation; of several that fit, the first.

    EMPTY: it holds no graph of ours. ALTERED: graphs have another number of triples than we left there, so somebody
    has cleared them, or deleted or added triples. INCOMPLETE: a load did not end. BEHIND: graphs are missing or of
    another generation. SURPLUS: all is there, and graphs besides that the current generation has not, in whatever
    state. CURRENT: all is there, by count.
    """

    EMPTY = "empty"
    ALTERED = "altered"
    INCOMPLETE = "incomplete"
    BEHIND = "behind"
    SURPLUS = "surplus"
    CURRENT = "current"
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
        checked: how we know; "" for the project's own store, and for one that did not answer.
        graphs: how many of our graphs it holds.
        quads: how many triples these have.
        behind: how many graphs a load would add or replace.
        surplus: how many graphs it holds beside those of the generation.
        loading: who loads into it now, or "".
        milliseconds: until it had told what it is.
        problem: why it does not answer, or "".
        failure: the same in one word.
    """

    name: str
    url: str
    kind: str = ""
    product: str = ""
    health: Health = Health.UNKNOWN
    checked: str = ""
    graphs: int = 0
    quads: int = 0
    behind: int = 0
    surplus: int = 0
    loading: str = ""
    milliseconds: int = 0
    problem: str = ""
    failure: str = ""


def store_state(settings: StoreSettings, base: str, expected: Mapping[Term, GraphSummary]) -> StoreState:
    """Return what is known about a store; failure to answer is not an error."""
    name, start = settings.name or settings.url, time.monotonic()
    try:
        endpoint, description = probed(settings)
        with RemoteStore(endpoint) as store:
            there = inspect(store, base, tuple(expected))
    except RemoteError as error:
        return StoreState(name, settings.url, settings.kind, problem=error.message, failure=str(error.failure))
    todo = delta(there, expected)
    return StoreState(
        name=name,
        url=settings.url,
        kind=endpoint.kind.name,
        product=description.product,
        health=health(there, todo),
        checked=Checked.COUNTED,
        graphs=len(there.counts),
        quads=sum(there.counts.values()),
        behind=len(todo.new) + len(todo.replaced),
        surplus=len(todo.kept) + len(todo.unknown),
        loading=there.lease.holder if there.lease else "",
        milliseconds=round(1000 * (time.monotonic() - start)),
    )


def health(there: Content, todo: Delta) -> Health:
    """Return what a store's content is, by what a load would have to do."""
    if not there.counts and not there.states:
        return Health.EMPTY
    if todo.altered or any(map(there.altered, todo.changed)):
        return Health.ALTERED
    if todo.incomplete:
        return Health.INCOMPLETE
    if todo.new or todo.changed:
        return Health.BEHIND
    return Health.SURPLUS if todo.kept or todo.unknown else Health.CURRENT
