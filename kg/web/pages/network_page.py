"""The network of who met whom -> a page with a picture, the picture as a file, and GraphML. Reads a store.

The picture is part of the page and needs no script. Its places depend only on what it shows, so everybody is at the
same place at each visit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import chain

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from kg.core.english import counted
from kg.core.errors import UsageError
from kg.core.model import Term
from kg.core.terms import cq
from kg.export.graphml import write_ties
from kg.export.ties import TieEnd, TieGraph, WeightedTie
from kg.questions.graph import Graph
from kg.questions.names import Thing
from kg.questions.when import days_of
from kg.render.terminal import harmless
from kg.render.ties_picture import KINDS as SIGNS
from kg.render.ties_picture import (
    NARROW,
    WIDE,
    DrawnEnd,
    DrawnTie,
    PictureSize,
    network_in_numbers,
    shape,
    standalone,
    ties_svg,
)
from kg.web.pages.frame import PICTURE_POLICY, page, path, period_in, root_of, state_of
from kg.web.pages.network import KINDS, Network, Pair, filter_in, network_shown
from kg.web.pages.stories import StoryEntry, topics_of
from kg.web.site import Site

CLASSES = (("person", "Person"), ("party", "PartyBody"), ("place", "Place"), ("body", "Organization"))
"""Kind of sign -> the class whose instances it is for, with those of its subclasses. The first that fits counts."""


@dataclass(frozen=True, slots=True)
class Legend:
    """A kind of sign in a picture: its sign, and the name of its class."""

    sign: Markup
    label: str


def network_page(site: Site, request: Request) -> Response:
    """Return the network as a page."""
    period = period_in(request)
    chosen = filter_in(site, request, period)
    with site.snapshot() as snapshot:
        shown = network_shown(snapshot, chosen)
        topics, kinds = topics_of(snapshot), sign_classes(snapshot.graph)
    signs = _signs(site, shown, kinds, root_of(request))
    lines = _lines(shown)
    return page(
        site, request, "network.html", network=shown, chosen=chosen, period=period, topics=topics,
        kinds=("all", *KINDS), pictures=[_inline(signs, lines, form) for form in (WIDE, NARROW)],
        legend=_legend(signs, kinds), numbers=network_in_numbers(signs, lines),
        state=state_of(request, "kind", "since", "until", "topic", "with", "include"),
    )  # fmt: skip


def network_picture(site: Site, request: Request) -> Response:
    """Return the picture as a file."""
    with site.snapshot() as snapshot:
        shown = network_shown(snapshot, filter_in(site, request, period_in(request)))
        kinds = sign_classes(snapshot.graph)
    content = ties_svg(_signs(site, shown, kinds, None), _lines(shown), "Who met whom", WIDE, standalone())
    return Response(content, media_type="image/svg+xml", headers=PICTURE_POLICY)


def network_graphml(site: Site, request: Request) -> Response:
    """Return what the page shows as GraphML."""
    with site.snapshot() as snapshot:
        shown = network_shown(snapshot, filter_in(site, request, period_in(request)), with_facts=True)
        kinds = sign_classes(snapshot.graph)
    out = BytesIO()
    families = {"person": "Person", "place": "Place"}
    nodes = (
        TieEnd(end.term, end.label, families.get(sign_kind(end, kinds), "Organization"), end.kind) for end in shown.ends
    )
    bonds = (
        WeightedTie(
            bond.one.term, bond.other.term, bond.relation, max(len(bond.facts), 1), *bond.days, facts=bond.facts
        )
        for bond in shown.bonds
    )
    write_ties(TieGraph(tuple(nodes), (*chain.from_iterable(map(_met, shown.pairs)), *bonds)), out)
    headers = {"content-disposition": 'attachment; filename="who-met-whom.graphml"'}
    return Response(out.getvalue(), media_type="application/graphml+xml", headers=headers)


def sign_classes(graph: Graph) -> Mapping[str, Mapping[Term, str]]:
    """Return kind of sign -> the classes that it is for, each with its label."""
    return {sign: _subclasses(graph, name) for sign, name in CLASSES}


def _subclasses(graph: Graph, name: str) -> Mapping[Term, str]:
    try:
        return graph.subclasses(name)
    except UsageError:  # the ontology of another project, which has no such class
        return {}


def sign_kind(thing: Thing, kinds: Mapping[str, Mapping[Term, str]]) -> str:
    """Return the kind of sign for a thing."""
    return next((sign for sign, classes in kinds.items() if thing.type in classes), "body")


def _signs(site: Site, shown: Network, kinds: Mapping[str, Mapping[Term, str]], root: str | None) -> list[DrawnEnd]:
    """Return the nodes of a picture, with links below *root* unless it is None."""
    return [
        DrawnEnd(
            end.id, harmless(end.label), sign_kind(end, kinds), "" if root is None else root + path(site, end.term)
        )
        for end in shown.ends
    ]


def _lines(shown: Network) -> list[DrawnTie]:
    met = [
        DrawnTie(
            pair.one.id, pair.other.id, "met-by-post" if pair.is_by_post else "met",
            harmless(f"{pair.one.label} and {pair.other.label}: {counted(len(pair.events), 'meeting')}{_how(pair)}"),
            len(pair.events), f"#pair-{number}",
        )
        for number, pair in enumerate(shown.pairs, start=1)
    ]  # fmt: skip
    bonds = dict.fromkeys((bond.one, bond.other, bond.kind) for bond in shown.bonds)
    relations = {key: " and ".join(b.relation for b in shown.bonds if (b.one, b.other, b.kind) == key) for key in bonds}
    return met + [
        DrawnTie(one.id, other.id, kind, harmless(f"{one.label} {relations[one, other, kind]} {other.label}"))
        for one, other, kind in bonds
    ]


def _inline(signs: list[DrawnEnd], lines: list[DrawnTie], form: PictureSize) -> Markup:
    return Markup(ties_svg(signs, lines, "Who met whom; the lists below say the same in words", form))


def _legend(signs: list[DrawnEnd], kinds: Mapping[str, Mapping[Term, str]]) -> list[Legend]:
    used = {sign.kind for sign in signs}
    names = {sign: kinds[sign].get(cq(name), name) for sign, name in CLASSES}
    shown = [sign for sign in SIGNS if sign in used]
    return [Legend(Markup(shape(sign, 9, 9, 7)), names[sign][:1].upper() + names[sign][1:]) for sign in shown]


def _how(pair: Pair) -> str:
    """Return how many meetings of a pair are known only by post, in words, "" for none."""
    if pair.is_by_post:
        return ", by post"
    return f", {len(pair.by_post)} of them by post" if pair.by_post else ""


def _met(pair: Pair) -> Iterator[WeightedTie]:
    """Yield the ties of a pair: their meetings, and those that are known only by post."""
    for relation, is_by_post in (("metWith", False), ("metWithByPost", True)):
        events = [event for event in pair.events if (event.fact in pair.by_post) == is_by_post]
        if events:
            yield _meetings(pair, relation, events)


def _meetings(pair: Pair, relation: str, events: Sequence[StoryEntry]) -> WeightedTie:
    return WeightedTie(
        pair.one.term, pair.other.term, relation, len(events), *days_of(event.when for event in events if event.when),
        mutual=True, facts=tuple(sorted(event.fact for event in events)),
    )  # fmt: skip
