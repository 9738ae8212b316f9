"""The pages of the explorer: address -> its content (pure) -> HTML.

`thing_page` and `article_page` answer at the addresses of things themselves if the client accepts HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kg.core.processes import return_memory
from kg.questions.fulltext import full_text
from kg.questions.lookup import all_names
from kg.web.pages.browse import browse_page, list_page
from kg.web.pages.catalogue import catalogue
from kg.web.pages.compare_page import compare_page
from kg.web.pages.derived import ties
from kg.web.pages.facts_naming import used_relations
from kg.web.pages.frame import compile_templates
from kg.web.pages.home import home
from kg.web.pages.map_page import draw_outlines, map_geojson, map_page, map_picture
from kg.web.pages.network import displaced_ties, encounters
from kg.web.pages.network_page import network_graphml, network_page, network_picture
from kg.web.pages.ontology import ontology_pages, ontology_routes
from kg.web.pages.overview import articles_page, data_page, home_page, saved_page
from kg.web.pages.posts import post_reports
from kg.web.pages.quality import HERE as QUALITY
from kg.web.pages.quality import quality_first, quality_page
from kg.web.pages.questions import question_page, questions_page
from kg.web.pages.reported import forget_facts
from kg.web.pages.search import search_choices, search_page
from kg.web.pages.sparql import sparql_page
from kg.web.pages.stories import topics_of
from kg.web.pages.things import article_page, thing_page
from kg.web.pages.timeline import timeline_page
from kg.web.site import Site
from kg.web.snapshot import Snapshot

__all__ = ["article_page", "needed", "routes", "thing_page"]

PAGES: tuple[tuple[str, Callable[[Site, Request], Response]], ...] = (
    ("/", home_page),
    ("/articles", articles_page),
    ("/browse", browse_page),
    ("/browse/{key}", list_page),
    ("/compare", compare_page),
    ("/data", data_page),
    ("/map", map_page),
    ("/map.geojson", map_geojson),
    ("/map.svg", map_picture),
    ("/network", network_page),
    ("/network.graphml", network_graphml),
    ("/network.svg", network_picture),
    (QUALITY, quality_page),
    ("/questions", questions_page),
    ("/questions/{name}", question_page),
    ("/saved", saved_page),
    ("/search", search_page),
    ("/search.json", search_choices),
    ("/sparql", sparql_page),
    ("/timeline", timeline_page),
)
"""The addresses and their handlers."""


def routes(site: Site) -> list[BaseRoute]:
    """Return the routes of all pages except those of things."""
    return [
        *(_route(site, address, shown) for address, shown in PAGES),
        *ontology_routes(site),
    ]


def needed(site: Site) -> Sequence[Callable[[Snapshot], object]]:
    """Return the functions that prepare what pages need of a whole graph, so that no reader has to wait for it."""
    return (
        lambda snapshot: all_names(snapshot.graph),
        lambda snapshot: full_text(snapshot.graph),
        encounters,
        displaced_ties,
        topics_of,
        draw_outlines,
        catalogue,
        home,
        post_reports,
        lambda snapshot: ontology_pages(site, snapshot),
        lambda _: compile_templates(),
        ties,
        used_relations,
        forget_what_was_read,
    )


def ask_questions(site: Site, snapshot: Snapshot, is_current: Callable[[], bool]) -> None:
    """Start the processes for questions, and answer those that need no argument while the graph *is_current*."""
    site.canned.start(snapshot)
    site.canned.prepare(snapshot, quality_first(site.queries), is_current)


def forget_what_was_read(snapshot: Snapshot) -> None:
    """Release what was read of a whole graph only to make something else of it."""
    forget_facts(snapshot)
    snapshot.graph.forget_labels()
    return_memory()


def _route(site: Site, address: str, shown: Callable[[Site, Request], Response]) -> Route:
    def answer(request: Request) -> Response:
        return shown(site, request)

    return Route(address, answer, methods=["GET"])
