"""The lists to browse: people, bodies, places, facts of each kind, with filters. Reads a store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from kg.core.errors import NotFoundError
from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.terms import CODE
from kg.core.values import is_iri, lexical, local_name
from kg.questions.captions import captions
from kg.questions.described import Mention
from kg.questions.graph import Graph
from kg.questions.lookup import entities
from kg.questions.reading import FactReading, readings
from kg.questions.standing import RAISED
from kg.questions.words import Passage, words_behind
from kg.web.pages.catalogue import GONE, STANDS, UNDATED, YEAR, BrowseList, Facet, catalogue
from kg.web.pages.corrections import Corrected, corrections_of
from kg.web.pages.disagreements import Disagreements, disagreements_of
from kg.web.pages.frame import number_in, page
from kg.web.pages.lexicon import lexicon
from kg.web.pages.matching import Matching
from kg.web.pages.paging import Paging
from kg.web.pages.posts import post_reports
from kg.web.pages.sharing import view_shared
from kg.web.site import Site
from kg.web.snapshot import Snapshot

ON_A_PAGE = 50
FEW_VALUES = 7  # of a filter, before "more"
FEW_FILTERS = 8
FEW_KINDS = 5  # on the page of all lists
MOST_NOTES = 3
MOST_CHOICES = 200  # of one filter

WORDS = {STANDS: "Stands", GONE: "No longer stands", UNDATED: "No date", RAISED: "Raised, not agreed"}
"""Values that are no terms of the graph, in words."""


@dataclass(frozen=True, slots=True)
class FacetChoice:
    """A value of a filter: its text, how many members it leaves, the query of its address, whether it is chosen."""

    text: str
    count: int
    state: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter with its values, the most frequent first, and how many further values it has."""

    title: str
    choices: tuple[FacetChoice, ...]
    further: int = 0


@dataclass(frozen=True, slots=True)
class ListRow:
    """A member of a list.

    Attributes:
        term: its term.
        label: its name.
        kind: its class in words.
        notes: what else to know of a thing: what distinguishes it, its posts.
        reading: the reading of a fact.
        words: the evidence of a fact.
        displaced_by: what displaces it.
        corrections: what it puts right.
        disagreements: what contradicts it, None if nothing does.
    """

    term: Term
    label: str
    kind: str
    notes: tuple[str, ...] = ()
    reading: FactReading | None = None
    words: tuple[Passage, ...] = ()
    displaced_by: tuple[Mention, ...] = ()
    corrections: tuple[Corrected, ...] = ()
    disagreements: Disagreements | None = None


@dataclass(frozen=True, slots=True)
class ListGroup:
    """Members under one heading, "" for none; *count* is that of all in the group, also on other pages."""

    title: str
    count: int
    rows: tuple[ListRow, ...]


@dataclass(frozen=True, slots=True)
class Browsed:
    """A page of a list.

    Attributes:
        collection: the section.
        filters: what it can be filtered by.
        groups: the members that this page shows.
        paging: their place among all that match.
        grouping: the ways to group it.
        state: the query of its address, without the place.
        is_filtered: whether a filter is chosen.
    """

    collection: BrowseList
    filters: tuple[Filter, ...]
    groups: tuple[ListGroup, ...]
    paging: Paging
    grouping: tuple[FacetChoice, ...]
    state: str
    is_filtered: bool


def browse_page(site: Site, request: Request) -> Response:
    """Return the page of all lists."""
    with site.snapshot() as snapshot:
        collections = catalogue(snapshot).values()
        kinds = {collection.section.key: _common(snapshot, collection) for collection in collections}
    lists = [
        ("Who, what and where", [collection for collection in collections if not collection.reports]),
        ("What articles report", [collection for collection in collections if collection.reports]),
    ]
    return page(site, request, "browse.html", lists=lists, kinds=kinds)


def list_page(site: Site, request: Request) -> Response:
    """Return the list of a section, with the filters that the address names.

    Raises:
        NotFoundError: there is no such list.
    """
    with site.snapshot() as snapshot:
        collection = catalogue(snapshot).get(request.path_params["key"])
        if collection is None:
            raise NotFoundError("there is no such list", "see /browse for all lists")
        chosen = {key: request.query_params[key] for key in collection.facets if request.query_params.get(key)}
        shown = browsed(snapshot, collection, chosen, request.query_params.get("group"), number_in(request, "from"))
        share = view_shared(site, snapshot, request, _in_words(shown), collection.section.title, "list")
    return page(site, request, "list.html", list=shown, share=share, few=FEW_VALUES, few_filters=FEW_FILTERS)


def _in_words(shown: Browsed) -> str:
    """Return what a list has, with the chosen filters."""
    chosen = [f"{some.title}: {choice.text}" for some in shown.filters for choice in some.choices if choice.chosen]
    name = f"{shown.paging.total:,} {shown.collection.section.title.lower()}"
    return f"{name} [{'; '.join(chosen)}]" if chosen else name


def browsed(
    snapshot: Snapshot, collection: BrowseList, chosen: Mapping[str, str], group: str | None = None, start: int = 0
) -> Browsed:
    """Return a page of the members that have the *chosen* values, key -> value as addresses have it.

    *group* is the key of a filter, "" for no groups, None for the usual ones. An unknown value leaves nothing.
    """
    by = collection.grouped_by if group is None else group
    facet = collection.facets.get(by)
    groups = facet if facet and facet.divides else None
    known = _Chosen(snapshot.graph, collection, chosen, group)
    matching = known.matching()
    paging = Paging.of(start, matching.total, ON_A_PAGE)
    parts = _parts(groups, matching)
    ways = [key for key, each in collection.facets.items() if each.divides and (not each.things)]
    grouping = [
        FacetChoice(collection.facets[key].title.lower(), 0, known.state(group=key), key == by) for key in ways
    ] + [FacetChoice("nothing", 0, known.state(group=""), groups is None)]
    return Browsed(
        collection,
        tuple(_filters(snapshot, known)),
        tuple(_groups(snapshot, collection, groups, parts, paging)),
        paging,
        tuple(grouping),
        known.state(),
        bool(chosen),
    )


class _Chosen:
    """The values that an address names, and the members that have them."""

    def __init__(self, graph: Graph, collection: BrowseList, chosen: Mapping[str, str], group: str | None) -> None:
        self.collection, self._graph, self._texts, self._group = collection, graph, chosen, group
        self.values = {key: self._value(collection.facets[key], text) for key, text in chosen.items()}

    def _value(self, facet: Facet, text: str) -> Term:
        return next((value for value in facet.values if self.text(value) == text), "")

    def text(self, value: Term) -> str:
        """Return a value as addresses have it: an id, the name of a code or a class, or a text."""
        if not is_iri(value):
            return lexical(value)
        own = self._graph.id(value)
        return local_name(value) if own == lexical(value) or value.startswith(f"<{CODE}") else own

    def matching(self, apart: str = "") -> Matching:
        """Return the members that have all chosen values, except that of the filter *apart*."""
        facets = self.collection.facets
        chosen = [facets[key].values.get(value, ()) for key, value in self.values.items() if key != apart]
        return Matching(len(self.collection.members), chosen)

    def state(self, key: str = "", value: str = "", group: str | None = None) -> str:
        """Return the query of the address in which filter *key* has *value*, "" for none, or with another grouping."""
        texts = {**self._texts, **({key: value} if key else {})}
        by = self._group if group is None else group
        pairs = [(name, text) for name, text in texts.items() if text]
        return urlencode(pairs + ([("group", by)] if by is not None else []))


def _filters(snapshot: Snapshot, known: _Chosen) -> Iterator[Filter]:
    every = known.matching()
    for key, facet in known.collection.facets.items():
        others = known.matching(key) if key in known.values else every
        choices, further = _choices(snapshot, known, facet, others)
        if key in known.values or any(choice.count < others.total for choice in choices):
            yield Filter(facet.title, choices, further)


def _choices(snapshot: Snapshot, known: _Chosen, facet: Facet, others: Matching) -> tuple[tuple[FacetChoice, ...], int]:
    """Return the values of a filter that members have which match the *others*; years in order, others by count.

    At most MOST_CHOICES besides the chosen one; the number is that of those left out.
    """
    chosen = known.values.get(facet.key)
    counts = {value: others.count(places) for value, places in facet.values.items()}
    values = [value for value, count in counts.items() if count or value == chosen]
    if facet.key != YEAR:
        values.sort(key=lambda value: -counts[value])
    shown = [value for k, value in enumerate(values) if k < MOST_CHOICES or value == chosen]
    names = _names(snapshot, shown)

    def choice(value: Term) -> FacetChoice:
        state = known.state(facet.key, "" if value == chosen else known.text(value))
        return FacetChoice(names[value], counts[value], state, value == chosen)

    return tuple(map(choice, shown)), len(values) - len(shown)


def _names(snapshot: Snapshot, values: Sequence[Term]) -> Mapping[Term, str]:
    """Return value -> its text on a page."""
    words, nodes = lexicon(snapshot), [value for value in values if is_iri(value)]
    known = captions(snapshot.graph, [node for node in nodes if node not in words.labels])
    texts = {node: words.labels[node].capitalize() if node in words.labels else known.of(node) for node in nodes}
    return {value: texts[value] if value in texts else WORDS.get(value, lexical(value)) for value in values}


def _parts(facet: Facet | None, matching: Matching) -> list[tuple[Term, list[int]]]:
    """Return value -> the places of members, in the order of groups; "" for members without a value."""
    if facet is None:
        return [("", matching.without(()))]
    parts = [(value, matching.among(places)) for value, places in facet.values.items()]
    rest = matching.without(chain.from_iterable(facet.values.values()))
    return [(value, places) for value, places in [*parts, ("", rest)] if places]


def _groups(
    snapshot: Snapshot,
    collection: BrowseList,
    facet: Facet | None,
    parts: Sequence[tuple[Term, list[int]]],
    paging: Paging,
) -> Iterator[ListGroup]:
    placed = [(k, place) for k, (_, places) in enumerate(parts) for place in places]
    shown = grouped(paging.part(placed))
    rows = _rows(snapshot, collection, [collection.members[place] for places in shown.values() for place in places])
    names = _names(snapshot, [parts[k][0] for k in shown if parts[k][0]])
    for k, places in shown.items():
        value, every = parts[k]
        title = names[value] if value else f"{facet.title} not given" if facet else ""
        yield ListGroup(title, len(every), tuple(rows[collection.members[place]] for place in places))


def _rows(snapshot: Snapshot, collection: BrowseList, members: Sequence[Term]) -> Mapping[Term, ListRow]:
    return _fact_rows(snapshot, members) if collection.reports else _thing_rows(snapshot, members)


def _fact_rows(snapshot: Snapshot, facts: Sequence[Term]) -> Mapping[Term, ListRow]:
    graph, labels = snapshot.graph, lexicon(snapshot)
    known, words, corrected = readings(graph, facts), words_behind(graph, facts), corrections_of(graph, facts)
    disputed = disagreements_of(graph, known)
    names = captions(graph, {other for reading in known.values() for other in reading.displaced_by})
    return {
        fact: ListRow(
            fact,
            reading.label,
            labels.label(reading.type),
            reading=reading,
            words=words.get(fact, ()),
            displaced_by=tuple(Mention(names.with_article(other), other) for other in reading.displaced_by),
            corrections=corrected.get(fact, ()),
            disagreements=disputed.get(fact),
        )
        for fact, reading in known.items()
    }


def _thing_rows(snapshot: Snapshot, terms: Sequence[Term]) -> Mapping[Term, ListRow]:
    known = entities(snapshot.graph, terms)
    posts = post_reports(snapshot)
    return {
        term: ListRow(term, thing.label, thing.kind, tuple(posts.get(term, ()))[:MOST_NOTES] or (thing.hint,))
        for term, thing in known.items()
    }


def _common(snapshot: Snapshot, collection: BrowseList) -> Sequence[FacetChoice]:
    """Return the first values of the filter that groups a section, as links."""
    facet = collection.facets.get(collection.grouped_by)
    if facet is None:
        return []
    known, values = _Chosen(snapshot.graph, collection, {}, None), list(facet.values)[:FEW_KINDS]
    names = _names(snapshot, values)
    return [
        FacetChoice(names[value], len(facet.values[value]), known.state(facet.key, known.text(value)))
        for value in values
    ]
