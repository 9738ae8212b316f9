"""The address of a store -> its product and the addresses of its services, from its settings or else by asking it.

Products are recognized by the headers of their replies. An unknown product is examined by its service description.
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

_NOT_FOUND = (404, 410)
_TURTLE = {"Accept": "text/turtle, */*;q=0.1"}


@dataclass(frozen=True, slots=True)
class Description:
    """What a store reports about itself.

    Attributes:
        product: name and version, or "".
        union_default: whether its default graph is the union of the named graphs, None if it does not say.
        updates: whether it reports that its query address also accepts updates.
    """

    product: str = ""
    union_default: bool | None = None
    updates: bool = False


def probed(settings: StoreSettings) -> tuple[Endpoint, Description]:
    """Determine the kind of a store, and return the addresses of its services and its description.

    Raises:
        RemoteError: it cannot be reached, there is nothing at its address, or its kind is neither recognized nor set.
        InputError: the credentials cannot be read.
    """
    known = KINDS[settings.kind] if settings.kind else None
    guess = endpoint(settings, known or ANY)
    with Client(guess) as client:
        reply = _answer(client, guess.query)
        kind = known or recognized(reply.headers)
        actual = endpoint(settings, kind)
        if reply.status in _NOT_FOUND:
            client.send(_question(actual.query), attempts=1)  # raises the error, unless only the guess was wrong
        if kind is not ANY:
            return actual, description(reply)
        own = description(client.exchange(Request("GET", actual.query, "service description", {}, _TURTLE, seconds=20)))
    return (replace(actual, update=actual.query) if own.updates and not actual.update else actual), own


def description(reply: Reply) -> Description:
    """Return the description in the reply to a GET of the query address."""
    statements = _statements(reply)
    features = statements.get(f"<{SD}feature>", set())
    languages = statements.get(f"<{SD}supportedLanguage>", set())
    union = f"<{SD}UnionDefaultGraph>" in features if statements else None
    return Description(reply.headers.get("server", "").strip(), union, f"<{SD}SPARQL11Update>" in languages)


def _question(address: str) -> Request:
    """Return the smallest query. Without a query, some stores return all their data and others nothing."""
    accepted = {"Accept": f"{RESULTS}, */*;q=0.1"}
    return Request("GET", address, "first query", {"query": "ASK {}"}, accepted, seconds=20)


def _answer(client: Client, address: str) -> Reply:
    """Return the reply to a query, whatever its status, unless access is denied or redirected."""
    reply = client.exchange(_question(address))
    if reply.status in (401, 403, 407) or 300 <= reply.status < 400:
        client.send(_question(address), attempts=1)  # raises the error for this status
    return reply


def _statements(reply: Reply) -> Mapping[str, set[str]]:
    """Return predicate -> objects of all statements in a Turtle reply. Empty if the reply is not Turtle."""
    import pyoxigraph

    if reply.kind != "text/turtle":
        return {}
    objects: dict[str, set[str]] = {}
    try:
        for quad in pyoxigraph.parse(reply.body, format=pyoxigraph.RdfFormat.TURTLE, base_iri="urn:x:"):
            objects.setdefault(str(quad.predicate), set()).add(str(quad.object))
    except (SyntaxError, ValueError):
        return {}
    return objects
