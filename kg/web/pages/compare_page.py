"""Two names in an address -> a page that compares what they mean, or says what is missing. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from kg.core.errors import AmbiguousError, UsageError
from kg.core.model import Term
from kg.core.terms import ENTITY_CLASS
from kg.questions.lookup import entities, find
from kg.web.pages.compare import compared
from kg.web.pages.frame import page
from kg.web.pages.sharing import view_shared
from kg.web.site import Site
from kg.web.snapshot import Snapshot

SIDES = {"one": "One", "other": "The other"}
"""Parameters of the address, and the labels of their fields."""


@dataclass(frozen=True, slots=True)
class ComparedField:
    """A field of the form.

    Attributes:
        name: of the parameter.
        label: for people.
        value: as typed, or the id of what it means.
        term: what it means, "" if nothing.
        meant: the name of that.
        fault: what is wrong, or "".
        fix: what to do about it, or "".
        proposals: things that it may mean: name, and the query of the address.
    """

    name: str
    label: str
    value: str
    term: Term = ""
    meant: str = ""
    fault: str = ""
    fix: str = ""
    proposals: tuple[tuple[str, str], ...] = ()


def compare_page(site: Site, request: Request) -> Response:
    """Return the comparison of the two things that the address names with `one` and `other`."""
    given = {name: request.query_params.get(name, "").strip() for name in SIDES}
    with site.snapshot() as snapshot:
        fields = [_field(snapshot, name, given) for name in SIDES]
        one, other = (field.term for field in fields)
        same = bool(one) and one == other
        shown = compared(snapshot, one, other) if one and other and not same else None
        names = " and ".join(page.label.text for page in shown.sides) if shown else ""
        at = f"/compare?{urlencode({field.name: field.value for field in fields})}"
        share = view_shared(site, snapshot, request, f"{names}, compared", names, "comparison", at)
    status = 400 if same or any(field.fault for field in fields) else 200
    return page(site, request, "compare.html", status=status, fields=fields, same=same, compared=shown, share=share)


def _field(snapshot: Snapshot, name: str, given: Mapping[str, str]) -> ComparedField:
    typed = given[name]
    if not typed:
        return ComparedField(name, SIDES[name], "")
    try:
        term = find(snapshot.graph, typed, ENTITY_CLASS)
    except UsageError as error:
        choices = error.choices if isinstance(error, AmbiguousError) else ()
        proposals = tuple((label, urlencode({**given, name: identifier})) for identifier, label in choices)
        return ComparedField(
            name, SIDES[name], typed, fault=error.message, fix="" if choices else error.fix, proposals=proposals
        )
    thing = entities(snapshot.graph, [term]).get(term)
    return ComparedField(name, SIDES[name], snapshot.graph.id(term), term, thing.label if thing else "")
