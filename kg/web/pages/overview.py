"""The pages about the graph as a whole: the home page and the list of articles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response

from kg.core.errors import NotFoundError
from kg.core.model import Term
from kg.questions.graph import Graph
from kg.questions.lookup import entity_names
from kg.questions.names import Thing
from kg.web.pages.article_index import IndexedArticle, article_index, articles_naming, indexed
from kg.web.pages.frame import number_in, page
from kg.web.pages.home import by_tag, home
from kg.web.pages.lexicon import Lexicon, lexicon
from kg.web.pages.paging import Paging
from kg.web.site import Site

ON_A_PAGE = 50


def home_page(site: Site, request: Request) -> Response:
    """Return the home page."""
    with site.snapshot() as snapshot:
        shown, words = home(snapshot), lexicon(snapshot)
        states = _states(words, shown.articles)
    tags = by_tag(site.queries)
    return page(site, request, "home.html", home=shown, states=states, tags=tags)


def articles_page(site: Site, request: Request) -> Response:
    """Return the list of articles, newest first, a page of it starting at `from`.

    With `of`, these are the articles that name a thing, such as their publisher.

    Raises:
        NotFoundError: the graph has nothing with that id.
    """
    given = request.query_params.get("of", "")
    with site.snapshot() as snapshot:
        thing = _thing(snapshot.graph, given) if given else None
        sources = list(articles_naming(snapshot, thing.term) if thing else article_index(snapshot))
        paging = Paging.of(number_in(request, "from"), len(sources), ON_A_PAGE)
        shown = indexed(snapshot, paging.part(sources))
        states = _states(lexicon(snapshot), shown)
    return page(site, request, "articles.html", shown=shown, paging=paging, states=states, thing=thing)


def _thing(graph: Graph, given: str) -> Thing:
    things = entity_names(graph).with_id(given)
    if not things:
        raise NotFoundError(f"there is nothing with the id '{given}'", "see /articles for all articles")
    return things[0]


def data_page(site: Site, request: Request) -> Response:
    """Return the page that leads to everything for programs and for those who maintain the graph."""
    return page(site, request, "data.html")


def saved_page(site: Site, request: Request) -> Response:
    """Return the page of the lists that the browser keeps. Their content is not known here."""
    return page(site, request, "saved.html")


def _states(words: Lexicon, shown: Iterable[IndexedArticle]) -> Mapping[Term, str]:
    """Return review status -> its label."""
    return {source.status: words.label(source.status) for source in shown if source.status}
