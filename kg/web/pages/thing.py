"""A thing of the graph -> its page: names, what articles report of it, what was derived from that. Reads a store.

The classes of facts name their sections (cq:pageSection). A section shows the facts of the newest articles first, and
says how many more there are; the facts themselves are read only for what is shown, so a page costs the same however
large the graph is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.terms import LABEL, NAME_PROPERTIES, TYPE, cq
from kg.core.values import language, lexical
from kg.questions.described import Mention, Statement, triples_of
from kg.questions.graph import Graph
from kg.questions.reading import FactReading
from kg.questions.stories import displacing
from kg.questions.words import CitedArticle, Passage, citations
from kg.web.pages.article_index import article_index
from kg.web.pages.derived import Derived, derived_about
from kg.web.pages.fact_lines import FactLines, Line, Participation, Pointing, fact_lines
from kg.web.pages.lexicon import Lexicon, lexicon
from kg.web.pages.page_queries import is_reported, links_of, pointing_at, some_pointing_at
from kg.web.pages.paging import Paging
from kg.web.snapshot import Snapshot

MOST_POINTING = 500
MOST_FOR_A_PROPERTY = 20
FIRST, FEW = 8, 5  # facts that a section shows on the page of a thing, and of one that is named everywhere
MORE = 50  # facts on a page of one section


@dataclass(frozen=True, slots=True)
class FactSection:
    """Facts of one kind.

    Attributes:
        key: names it in addresses.
        title: in words.
        lines: the facts that are shown.
        paging: which of all they are; of at least so many if *cut*.
        cut: whether there are more than were looked at.
    """

    key: str
    title: str
    lines: tuple[Line, ...]
    paging: Paging
    cut: bool


@dataclass(frozen=True, slots=True)
class Name:
    """One of the names of a thing, with its language and what kind of name it is."""

    text: str
    language: str
    kind: str


@dataclass(frozen=True, slots=True)
class ThingPage:
    """All that the page of a thing shows.

    Attributes:
        term: the thing.
        id: its IRI without the base.
        label: what it is called.
        kind: its class in words.
        hint: what tells it apart, or "".
        names: all its names but the label.
        details: what is said of the thing itself.
        parts: what is nested in a fact, such as participations.
        words: what a fact rests on.
        source: of a fact, the article that reports it.
        reading: of a fact, how it reads; else None.
        progress: how far the undertaking has come by all articles, in words, where this one says another stage.
        reports: the other reports of its story.
        displaced_by: what displaces it, none if it stands.
        links: to the same thing elsewhere: relation, IRI.
        sections: of the facts that name it.
        displaced: how many of these no longer stand.
        derived: from those facts.
        derived_cut: whether there is more of it.
    """

    term: Term
    id: str
    label: Mention
    kind: str
    type: Term
    hint: str
    names: tuple[Name, ...]
    details: tuple[Statement, ...]
    parts: tuple[Participation, ...]
    words: tuple[Passage, ...]
    source: CitedArticle | None
    reading: FactReading | None
    progress: str
    reports: tuple[Mention, ...]
    displaced_by: tuple[Mention, ...]
    links: tuple[tuple[str, Term], ...]
    sections: tuple[FactSection, ...]
    displaced: int
    derived: tuple[Derived, ...]
    derived_cut: bool


def thing_shown(
    snapshot: Snapshot, term: Term, section: str = "", start: int = 0, include: bool = False
) -> ThingPage | None:
    """Return the page of a thing; of one *section* from fact number *start* on, if given.

    *include* shows the facts that name it and no longer stand too. None if nothing is said of it.
    """
    graph, words = snapshot.graph, lexicon(snapshot)
    own = fact_lines(graph, [term])
    values = own.described.triples.get(term)
    if not values:
        return None
    article = graph.article_of(term)
    kind = next(iter(own.described.types(term)), Mention("thing", ""))
    naming = {cq("disambiguation"), *NAME_PROPERTIES}
    reading = own.described.readings.get(term)
    derived, derived_cut = derived_about(graph, term) if not section else ((), False)
    details = own.details(term, apart=True)
    sections, displaced = _sections(snapshot, term, section, start, include)
    links = [(r, o) for r, o, _ in links_of(graph, term) if r and o] if not article else []
    named_elsewhere = {*naming, *(relation for relation, _ in links)}
    return ThingPage(
        term=term,
        id=graph.id(term),
        label=own.described.mention(term),
        kind=kind.text,
        type=kind.term,
        hint=next((lexical(o) for p, o in values if p == cq("disambiguation")), ""),
        names=() if article else _names(words, values, own.described.captions.of(term)),
        details=details if article else tuple(d for d in details if d.property not in named_elsewhere),
        parts=own.parts(term),
        words=own.words.get(term, ()),
        source=citations(graph, [article])[article] if article else None,
        reading=reading,
        progress=own.progress(reading) if reading else "",
        reports=own.reports(reading.other_reports) if reading else (),
        displaced_by=own.reports(reading.displaced_by) if reading else (),
        links=tuple((words.label(r), o) for r, o in links),
        sections=sections,
        displaced=displaced,
        derived=derived,
        derived_cut=derived_cut,
    )


def _names(words: Lexicon, values: Sequence[tuple[Term, Term]], label: str) -> tuple[Name, ...]:
    found = [
        (NAME_PROPERTIES.index(p), Name(lexical(o), language(o) or "", words.label(p)))
        for p, o in values
        if p in NAME_PROPERTIES and p != LABEL
    ]
    names = {name.text: name for _, name in sorted(found, key=lambda pair: (pair[0], pair[1].language, pair[1].text))}
    return tuple(name for name in names.values() if name.text != label)


def _sections(
    snapshot: Snapshot, term: Term, only: str, start: int, include: bool
) -> tuple[tuple[FactSection, ...], int]:
    """Return the sections, and how many facts no longer stand: they are left out unless *include*."""
    graph, words = snapshot.graph, lexicon(snapshot)
    pointings, cut = _pointings(snapshot, words, term)
    displaced = displacing(graph, (pointing.fact for pointing in pointings))
    standing = [pointing for pointing in pointings if include or pointing.fact not in displaced]
    groups = _grouped(graph, words, standing, list(article_index(snapshot)))
    sections = [section for section in words.sections if section.key in groups and only in ("", section.key)]
    size = MORE if only else FEW if cut else FIRST
    paging = {each.key: Paging.of(start if only else 0, len(groups[each.key]), size) for each in sections}
    shown = {key: {fact: groups[key][fact] for fact in page.part(list(groups[key]))} for key, page in paging.items()}
    facts = {fact: named for some in shown.values() for fact, named in some.items()}
    lines = fact_lines(graph, [*facts, *(each.node for named in facts.values() for each in named)], [term])
    read = (
        FactSection(key, section.title, _lines(lines, shown[key], term), paging[key], cut)
        for section in sections
        if (key := section.key)
    )
    return tuple(read), len(displaced)


def _lines(read: FactLines, facts: Mapping[Term, Sequence[Pointing]], term: Term) -> tuple[Line, ...]:
    lines = sorted((read.line(fact, named, term) for fact, named in facts.items()), key=lambda line: line.reading.label)
    return tuple(sorted(lines, key=lambda line: line.reading.order, reverse=True))


def used_relations(snapshot: Snapshot) -> Sequence[Term]:
    """Return the properties between things that this generation uses."""
    words = lexicon(snapshot)
    return snapshot.remembered("relations", lambda graph: [p for p in words.relations if is_reported(graph, p)])


def _pointings(snapshot: Snapshot, words: Lexicon, term: Term) -> tuple[list[Pointing], bool]:
    """Return how facts name a thing, and whether that is not all."""
    graph = snapshot.graph
    rows = pointing_at(graph, term, MOST_POINTING + 1)
    cut = len(rows) > MOST_POINTING
    if cut:
        rows = some_pointing_at(graph, term, used_relations(snapshot), MOST_FOR_A_PROPERTY)
    within = f"{term[:-1]}/"
    found = [
        Pointing(graph.fact_of(node), node, prop)
        for node, prop in dict.fromkeys(rows)
        if prop in words.relations and not node.startswith(within)
    ]
    return [pointing for pointing in found if pointing.fact and _is_elsewhere(pointing, term)], cut


def _is_elsewhere(pointing: Pointing, term: Term) -> bool:
    """Leave out what a fact says of itself, and words."""
    return pointing.fact != term and "/evidence/" not in pointing.node


def _grouped(
    graph: Graph, words: Lexicon, pointings: Sequence[Pointing], articles: Sequence[Term]
) -> dict[str, dict[Term, list[Pointing]]]:
    """Return section -> fact -> how it names the thing; facts of the newest articles first."""
    order = {article: k for k, article in enumerate(articles)}
    facts: dict[Term, list[Pointing]] = {}
    for pointing in sorted(pointings, key=lambda p: (order.get(graph.article_of(p.fact), len(order)), p.fact, p.node)):
        facts.setdefault(pointing.fact, []).append(pointing)
    groups: dict[str, dict[Term, list[Pointing]]] = {}
    for fact, kind in _kinds(graph, list(facts)).items():
        section = words.section(kind)
        if section:
            groups.setdefault(section.key, {})[fact] = facts[fact]
    return groups


def _kinds(graph: Graph, facts: Sequence[Term]) -> dict[Term, Term]:
    """Return fact -> its class, in the order given."""
    kinds = {fact: kind for fact, _, kind in triples_of(graph, facts, TYPE)}
    return {fact: kinds[fact] for fact in facts if fact in kinds}
