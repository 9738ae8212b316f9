"""The documentation of the ontology on a server: the pages of `kg docs`, with the use of each term in the graph.

A page is at its path below /ontology. /ontology#Meeting is the entrance, where each term has an anchor with its name.
A program that accepts RDF gets the ontology there, and anybody at /ontology.ttl, /ontology.rdf and so on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import RdfFormat, parse
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from kg.core.terms import LABEL, RULE, TYPE, cq
from kg.core.values import lexical
from kg.docs.gather import documentation
from kg.questions.graph import Graph
from kg.render.format_types import Format
from kg.render.formats import HTML, ONTOLOGIES, TURTLE
from kg.store.documents import triples_document
from kg.web.answers import chosen
from kg.web.pages.documentation import FILES, ROOT, PageKey, Pages, served_address
from kg.web.pages.frame import page, path, root_of
from kg.web.pages.page_queries import findings_by, uses_of
from kg.web.site import Site
from kg.web.snapshot import Snapshot

MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """A node as a link: its label, and its address on this server."""

    label: str
    address: str


def ontology_pages(site: Site, snapshot: Snapshot) -> Pages:
    """Return the pages of a site's ontology, made once for each generation.

    Raises:
        InputError: the ontology, a rule, a check or a question cannot be used.
    """
    return snapshot.remembered("documentation", lambda _: Pages(documentation(site.project)))


def ontology_routes(site: Site) -> list[BaseRoute]:
    """Return the routes of the documentation."""

    def file(name: str) -> Response:
        with site.snapshot() as snapshot:
            doc = ontology_pages(site, snapshot).documentation
        return PlainTextResponse(doc.turtle if name == FILES[0] else doc.shapes, media_type=TURTLE.content_type)

    def entrance(request: Request) -> Response:
        kind = chosen(request, "", ONTOLOGIES)
        answer = _answer(site, request, "") if kind is HTML else _ontology(site, kind)
        answer.headers["vary"] = "Accept"
        answer.headers["link"] = ", ".join(
            f'<{ROOT}.{each.name}>; rel="alternate"; type="{each.media}"' for each in ONTOLOGIES if each is not HTML
        )
        return answer

    def inner(request: Request) -> Response:
        return _answer(site, request, request.path_params["path"])

    return [
        Route(ROOT, entrance),
        *(Route(f"{ROOT}.{kind.name}", _given(_ontology, site, kind)) for kind in ONTOLOGIES if kind is not HTML),
        *(Route(f"{ROOT}/{name}", _given(file, name)) for name in FILES),
        Route(f"{ROOT}/{{path:path}}", inner),
    ]


def _given(answer: Callable[..., Response], *parts: object) -> Callable[[Request], Response]:
    def given(_: Request) -> Response:
        return answer(*parts)

    return given


def _ontology(site: Site, kind: Format) -> Response:
    """Return the ontology: as authored in Turtle, and the same triples in another format."""
    with site.snapshot() as snapshot:
        turtle = ontology_pages(site, snapshot).documentation.turtle
        body = snapshot.remembered(f"ontology as {kind.name}", lambda _: _ontology_as(kind, turtle, site.prefixes))
    return Response(body, media_type=kind.content_type)


def _ontology_as(kind: Format, turtle: str, prefixes: Mapping[str, str]) -> bytes:
    if kind is TURTLE:
        return turtle.encode()
    triples = sorted((quad.triple for quad in parse(turtle, RdfFormat.TURTLE)), key=str)
    return triples_document(triples, kind.media, prefixes)


def _answer(site: Site, request: Request, path_below: str) -> Response:
    root = root_of(request)
    if path_below.endswith("/") or (not path_below and request.url.path != root + ROOT):
        return RedirectResponse(f"{ROOT}/{path_below}".rstrip("/"), 308)
    with site.snapshot() as snapshot:
        pages = ontology_pages(site, snapshot)
        place = pages.at(path_below)
        if place is None:
            fix = f"See {root}{ROOT} for all terms."
            message = "The ontology has no such page."
            return page(site, request, "message.html", status=404, heading="Page not found", message=message, fix=fix)
        shown = pages.shown(place, served_address(root)) | _of_graph(site, snapshot, pages, place)
    sought = request.query_params.get("q", "").strip()
    shown |= {"sought": sought, "form_action": root + ROOT, "layout": "layout.html"}
    return page(site, request, pages.template(place), status=200, **shown)


# -------- use in the graph


def _of_graph(site: Site, snapshot: Snapshot, pages: Pages, place: PageKey) -> dict[str, object]:
    """Return the context of a page from the graph: uses of a term with examples, or findings with a code."""
    doc, graph = pages.documentation, snapshot.graph
    if place.kind == "finding":
        return {"served": True, "finding_count": findings_by(graph, f"<{RULE}{place.name}>")}
    if place.kind == "property":
        iri = doc.properties[place.name].iri
        return {"served": True, "uses": _counted(snapshot, place, "property", [iri]).get(iri, 0)}
    if place.kind != "class":
        return {"served": True}
    term = doc.classes[place.name]
    family = [term.iri, *(other.iri for other in doc.classes.values() if term.name in other.lineage)]
    uses = _counted(snapshot, place, "class", family)
    return {
        "served": True,
        "uses": uses.get(term.iri, 0),
        "uses_below": sum(uses.values()) - uses.get(term.iri, 0),
        "code_uses": _counted(snapshot, place, "code", [code.iri for code in term.codes]) if term.codes else {},
        "examples": _examples(site, graph, place.name),
    }


def _counted(snapshot: Snapshot, place: PageKey, where: str, terms: Sequence[str]) -> Mapping[str, int]:
    """Return term -> number of its uses, counted once for each page."""
    return snapshot.remembered(f"uses {place.path} {where}", lambda graph: uses_of(graph, terms, where))


def _examples(site: Site, graph: Graph, name: str) -> tuple[Shown, ...]:
    """Return some nodes of a class with a label and an address."""
    rows = graph.store.select(
        f"SELECT ?node ?label WHERE {{ {{ SELECT ?node ?g WHERE {{ GRAPH ?g {{ ?node {TYPE} {cq(name)} }}"
        f" FILTER (?g != {graph.ontology}) }} LIMIT {MOST_EXAMPLES} }} GRAPH ?g {{ ?node {LABEL} ?label }} }}"
    ).rows
    labels = {node: lexical(label) for node, label in rows if node and label and path(site, node)}
    return tuple(Shown(label, path(site, node)) for node, label in sorted(labels.items(), key=lambda pair: pair[1]))
