"""The address of a store -> what it is and where its services are: its settings, else what it says of itself.

Products are told by the heads of their answers; an unknown one by its service description, if it has one.
https://www.w3.org/TR/sparql11-service-description/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kg.core.terms import SD
from kg.project.endpoint import Endpoint, StoreSettings, endpoint
from kg.project.store_kinds import ANY, KINDS, recognized
from kg.store.answers import RESULTS
from kg.store.client import Client, Request
from kg.store.replies import Reply

_NOTHING_THERE = (404, 410)
_TURTLE = {"Accept": "text/turtle, */*;q=0.1"}


@dataclass(frozen=True, slots=True)
class Description:
    """What a store says of itself.

    Attributes:
        product: name and version, or "".
        union_default: whether its default graph is the union of the named ones; None if it does not say.
        updates: whether it says that its query address takes updates.
    """

    product: str = ""
    union_default: bool | None = None
    updates: bool = False


def probed(settings: StoreSettings) -> tuple[Endpoint, Description]:
    """Ask the store what it is and return where its services are.

    Raises:
        RemoteError: it cannot be reached, there is nothing at its address, or its kind is neither told nor set.
        InputError: the credentials cannot be read.
    """
    known = KINDS[settings.kind] if settings.kind else None
    guess = endpoint(settings, known or ANY)
    with Client(guess) as client:
        reply = _answer(client, guess.query)
        kind = known or recognized(reply.headers)
        found = endpoint(settings, kind)
        if reply.status in _NOTHING_THERE:
            client.send(_question(found.query), attempts=1)  # raises what this means, unless the guess was wrong
        if kind is not ANY:
            return found, description(reply)
        own = description(client.exchange(Request("GET", found.query, "service description", {}, _TURTLE, seconds=20)))
    return (replace(found, update=found.query) if own.updates and not found.update else found), own


def description(reply: Reply) -> Description:
    """Return what a reply to a GET of a query address tells of the store."""
    statements = _statements(reply)
    features = statements.get(f"<{SD}feature>", set())
    languages = statements.get(f"<{SD}supportedLanguage>", set())
    union = f"<{SD}UnionDefaultGraph>" in features if statements else None
    return Description(reply.headers.get("server", "").strip(), union, f"<{SD}SPARQL11Update>" in languages)


def _question(address: str) -> Request:
    """Return the smallest query: without one, some stores give all that they hold, others nothing."""
    accepted = {"Accept": f"{RESULTS}, */*;q=0.1"}
    return Request("GET", address, "first query", {"query": "ASK {}"}, accepted, seconds=20)


def _answer(client: Client, address: str) -> Reply:
    """Return the reply to a query, whatever its status is, if a server speaks HTTP there and lets us ask."""
    reply = client.exchange(_question(address))
    if reply.status in (401, 403, 407) or 300 <= reply.status < 400:
        client.send(_question(address), attempts=1)  # raises what these mean
    return reply


def _statements(reply: Reply) -> Mapping[str, set[str]]:
    """Return predicate -> objects of a description in Turtle, of whatever subject; nothing if it is none."""
    import pyoxigraph

    if reply.kind != "text/turtle":
        return {}
    found: dict[str, set[str]] = {}
    try:
        for quad in pyoxigraph.parse(reply.body, format=pyoxigraph.RdfFormat.TURTLE, base_iri="urn:x:"):
            found.setdefault(str(quad.predicate), set()).add(str(quad.object))
    except (SyntaxError, ValueError):
        return {}
    return found
