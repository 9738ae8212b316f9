"""Everything to browse, by section, with what it can be filtered by. Made once for each generation. Reads a store.

Nothing here knows a class or a property: classes name their sections (cq:pageSection), and a filter is made of each
property of a section's facts and things whose values are codes or things of the registry, besides kind, year, article
and standing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.relations import closure, grouped, grouped_sets
from kg.core.terms import ENTITY_CLASS, FACT_CLASS, cq
from kg.core.values import lexical, local_name, string_literal
from kg.questions.graph import Graph
from kg.questions.lookup import entity_names
from kg.questions.standing import stage_reached
from kg.questions.when import FactTime, all_dates
from kg.web.pages.lexicon import Lexicon, PageSection, lexicon
from kg.web.pages.page_queries import (
    broader_topics,
    displaced_facts,
    facts_of_classes,
    ranges,
    reported_values,
    stage_ranks,
)
from kg.web.snapshot import Snapshot

KIND, YEAR, ARTICLE, STANDING = "kind", "year", "article", "standing"
STAGE, REPORTED_AS = "stage", "reportedAs"
STANDS, GONE, UNDATED = (string_literal(text) for text in ("stands", "displaced", "none"))
UNSPECIFIED = "/Unspecified>"


@dataclass(frozen=True, slots=True)
class Facet:
    """What the members of a section can be filtered by.

    Attributes:
        key: its name in addresses.
        title: its title.
        values: value -> the places of the members that have it, in the order in which groups are shown.
        divides: whether no member has two of the values.
        things: whether the values are things of the registry.
    """

    key: str
    title: str
    values: Mapping[Term, frozenset[int]]
    divides: bool
    things: bool = False


@dataclass(frozen=True, slots=True)
class BrowseList:
    """A section with its members, those with the latest date first, or by name.

    Attributes:
        section: the section.
        members: facts, or things of the registry.
        facets: what they can be filtered by, by key.
        grouped_by: key of the facet that groups them at first, or "".
        reports: whether its members are facts.
    """

    section: PageSection
    members: tuple[Term, ...]
    facets: Mapping[str, Facet]
    grouped_by: str
    reports: bool


@dataclass(frozen=True, slots=True)
class _Values:
    """What was read about all members.

    Attributes:
        about: fact or thing -> key of a facet -> its values.
        titles: key -> title, codes before things.
        things: the keys whose values are things of the registry.
    """

    about: Mapping[Term, Mapping[str, set[Term]]]
    titles: Mapping[str, str]
    things: frozenset[str]


def catalogue(snapshot: Snapshot) -> Mapping[str, BrowseList]:
    """Return key -> its collection, for all sections that have members, in order."""
    words = lexicon(snapshot)
    return snapshot.remembered("catalogue", lambda graph: _catalogue(graph, words))


def _catalogue(graph: Graph, words: Lexicon) -> Mapping[str, BrowseList]:
    things = {thing.term: thing for thing in entity_names(graph).things}
    facts = {
        fact: kind
        for fact, kind, *_ in facts_of_classes(graph, words.below(FACT_CLASS))
        if fact and kind and graph.fact_of(fact) == fact
    }
    kinds = {**facts, **{term: thing.type for term, thing in things.items()}}
    dates, order = all_dates(graph), _order_of_codes(graph, words)
    read = _values(graph, words, kinds, dates)
    by_name = {term: (thing.label.casefold(), term) for term, thing in things.items()}
    members = grouped((section, node) for node, kind in kinds.items() if (section := words.section(kind)))
    collections = {}
    for section in words.sections:
        nodes = members.get(section, [])
        if nodes:
            latest = {node: dates[node].order for node in nodes if node in dates}
            nodes.sort(key=lambda node: by_name.get(node, ("", node)))
            nodes.sort(key=lambda node: latest.get(node, ""), reverse=True)
            collections[section.key] = _collection(section, nodes, read, order, nodes[0] in facts)
    return collections


def _collection(
    section: PageSection, members: Sequence[Term], read: _Values, order: Mapping[Term, tuple[int, str]], reports: bool
) -> BrowseList:
    places: defaultdict[str, defaultdict[Term, set[int]]] = defaultdict(lambda: defaultdict(set))
    for place, member in enumerate(members):
        for key, values in read.about.get(member, {}).items():
            for value in values:
                places[key][value].add(place)
    facets = {
        key: _facet(key, read, places[key], order)
        for key in read.titles
        if key in places and any(len(some) < len(members) for some in places[key].values())
    }
    first = [STAGE, YEAR] if section.on_timeline else [KIND, *facets] if reports else []
    complete = (key for key in first if key in facets and facets[key].divides and _covers(facets[key], len(members)))
    return BrowseList(section, tuple(members), facets, next(complete, ""), reports)


def _facet(key: str, read: _Values, places: Mapping[Term, set[int]], order: Mapping[Term, tuple[int, str]]) -> Facet:
    last = (0, "")
    ranked = sorted(places, key=lambda value: (order.get(value, last), -len(places[value]), value))
    if key == YEAR:
        ranked = sorted(places, key=lambda value: (value != UNDATED, value), reverse=True)
    divides = sum(map(len, places.values())) == len(set().union(*places.values()))
    values = {value: frozenset(places[value]) for value in ranked}
    return Facet(key, read.titles[key], values, divides, key in read.things)


def _covers(facet: Facet, members: int) -> bool:
    return sum(map(len, facet.values.values())) == members


def _order_of_codes(graph: Graph, words: Lexicon) -> Mapping[Term, tuple[int, str]]:
    """Return stage -> its place among stages: what has gone furthest first."""
    return {code: (-int(lexical(rank)), words.label(code)) for code, rank in stage_ranks(graph) if code and rank}


def _values(graph: Graph, words: Lexicon, kinds: Mapping[Term, Term], dates: Mapping[Term, FactTime]) -> _Values:
    codes, things = _properties(graph, words)
    about: defaultdict[Term, defaultdict[str, set[Term]]] = defaultdict(lambda: defaultdict(set))
    used: set[Term] = set()
    for owner, prop, values in _of_properties(graph, kinds, codes, things):
        about[owner][local_name(prop)] |= values
        used.add(prop)
        if prop in things and graph.article_of(owner):
            for value in values:
                about[value][ARTICLE].add(graph.article_of(owner))
    for node, key, value in _of_every_member(graph, kinds, dates):
        about[node][key].add(value)
    for known in about.values():
        _correct_stage(known)
    stage_first = sorted(codes & used, key=lambda prop: (prop != cq(STAGE), prop))
    named = {local_name(prop): words.label(prop).capitalize() for prop in (*stage_first, *sorted(things & used))}
    titles = {KIND: "Kind", **named, YEAR: "Year", ARTICLE: "Article", STANDING: "Standing"}
    return _Values(about, titles, frozenset(map(local_name, things)))


def _correct_stage(known: dict[str, set[Term]]) -> None:
    """Replace the stage of an undertaking by the one that its report says it has reached."""
    reported_as = next(iter(known.get(REPORTED_AS, ())), "")
    if STAGE in known and reported_as:
        known[STAGE] = {stage_reached(stage, reported_as) for stage in known[STAGE]}


def _of_properties(
    graph: Graph, kinds: Mapping[Term, Term], codes: AbstractSet[Term], things: AbstractSet[Term]
) -> Iterator[tuple[Term, Term, set[Term]]]:
    """Yield member, property and values: codes of the member itself, and things that it or a part of it names.

    A topic counts as its broader topics too.
    """
    above = grouped_sets((topic, wider) for topic, wider in broader_topics(graph) if topic and wider)
    for node, prop, value in reported_values(graph, sorted(codes | things)):
        owner = graph.fact_of(node or "") or node or ""
        if not prop or not value or owner not in kinds:
            continue
        if prop in codes and owner == node and not value.endswith(UNSPECIFIED):
            yield owner, prop, {value}
        elif prop in things and value in kinds and not graph.article_of(value):
            yield owner, prop, set(closure([value], lambda each: above.get(each, ())))


def _properties(graph: Graph, words: Lexicon) -> tuple[AbstractSet[Term], AbstractSet[Term]]:
    """Return the properties whose values are codes, and those whose values may be things of the registry."""
    entities = words.below(ENTITY_CLASS)
    above = {kind for entity in entities for kind in words.above[entity]}
    pairs = [(p, kind) for p, kind in ranges(graph) if p in words.relations and p and kind]
    return {p for p, kind in pairs if words.is_a(kind, "Code")}, {p for p, kind in pairs if kind in above}


def _of_every_member(
    graph: Graph, kinds: Mapping[Term, Term], dates: Mapping[Term, FactTime]
) -> Iterator[tuple[Term, str, Term]]:
    """Yield member, key and value of what does not depend on properties."""
    gone = displaced_facts(graph)
    for node, kind in kinds.items():
        yield node, KIND, kind
        article = graph.article_of(node)
        if article:
            yield node, ARTICLE, article
            yield node, STANDING, GONE if node in gone else STANDS
            yield from ((node, YEAR, year) for year in _years(dates.get(node)))


def _years(when: FactTime | None) -> Iterable[Term]:
    """Return the year in which a date begins, or the value for none."""
    return [string_literal(when.order[:4]) if when and when.order else UNDATED]
