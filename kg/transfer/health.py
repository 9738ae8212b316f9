"""A store -> whether it answers, which of our graphs it has, and whether they are current. Queries the store."""

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
    """The content of a store, compared with the current generation. If several apply, the first is used.

    EMPTY: it has none of our graphs. ALTERED: graphs have other numbers of triples than our load left, so they were
    cleared, or triples were added or deleted. INCOMPLETE: a load did not finish. BEHIND: graphs are missing or from
    another generation. SURPLUS: it is complete, but also has graphs that the current generation does not have. CURRENT:
    it is complete, according to the numbers of triples.
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
        name: its name in kg.toml, or its address.
        url: its address.
        kind: the kind of product, "" if it did not answer.
        product: the server's name for itself.
        health: its content compared with the current generation.
        checked: how that was determined, "" for the project's own store and for one that did not answer.
        graphs: the number of our graphs in it.
        quads: the number of triples in these graphs.
        behind: the number of graphs that a load would add or replace.
        surplus: the number of graphs that the current generation does not have.
        loading: who is loading into it at present, or "".
        milliseconds: the time that the queries took.
        problem: why it does not answer, or "".
        failure: the kind of failure in one word.
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
    """Return what is known about a store. If it does not answer, that is recorded and not an error."""
    name, start = settings.name or settings.url, time.monotonic()
    try:
        endpoint, description = probed(settings)
        with RemoteStore(endpoint) as store:
            content = inspect(store, base, tuple(expected))
    except RemoteError as error:
        return StoreState(name, settings.url, settings.kind, problem=error.message, failure=str(error.failure))
    todo = delta(content, expected)
    return StoreState(
        name=name,
        url=settings.url,
        kind=endpoint.kind.name,
        product=description.product,
        health=health(content, todo),
        checked=Checked.COUNTED,
        graphs=len(content.counts),
        quads=sum(content.counts.values()),
        behind=len(todo.new) + len(todo.replaced),
        surplus=len(todo.kept) + len(todo.unknown),
        loading=content.lease.holder if content.lease else "",
        milliseconds=round(1000 * (time.monotonic() - start)),
    )


def health(content: Content, todo: Delta) -> Health:
    """Return the health of a store, judged by what a load would have to do."""
    if not content.counts and not content.states:
        return Health.EMPTY
    if todo.altered or any(map(content.altered, todo.changed)):
        return Health.ALTERED
    if todo.incomplete:
        return Health.INCOMPLETE
    if todo.new or todo.changed:
        return Health.BEHIND
    return Health.SURPLUS if todo.kept or todo.unknown else Health.CURRENT
