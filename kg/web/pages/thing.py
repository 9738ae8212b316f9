"""A thing of the graph -> its page: names, facts that articles report about it, and what follows. Reads a store.

The classes of facts name their sections (cq:pageSection). A section shows the facts of the newest articles first, and
how many more there are. Only the facts that are shown are read, so the cost of a page does not depend on the size of
the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.terms import NAME_PROPERTIES, TYPE, cq
from kg.core.values import lexical
from kg.questions.described import Mention, Statement, triples_of
from kg.questions.graph import Graph
from kg.questions.reading import FactReading
from kg.questions.standing import OCCURRED
from kg.questions.stories import displacing
from kg.questions.words import CitedArticle, Passage, citations
from kg.web.pages.article_index import article_index, articles_naming
from kg.web.pages.corrections import Corrected
from kg.web.pages.derived import Derived, derived_about
from kg.web.pages.disagreements import Disagreements
from kg.web.pages.fact_lines import FactLines, Line, Participation, Pointing, fact_lines
from kg.web.pages.lexicon import Lexicon, lexicon
from kg.web.pages.names import Name, known_as, names_of
from kg.web.pages.page_queries import is_reported, links_of, pointing_at, some_pointing_at
from kg.web.pages.paging import Paging
from kg.web.pages.posts import posts_of
from kg.web.snapshot import Snapshot

MOST_POINTING = 500
MOST_FOR_A_PROPERTY = 20
FIRST, FEW = 8, 5  # facts of a section on the page of a thing, and of one that is named everywhere
MORE = 50  # facts on a page of one section
MOST_POSTS = 4  # before the first section


@dataclass(frozen=True, slots=True)
class SectionHeading:
    """The heading of a section, which is also its entry in the navigation.

    Attributes:
        key: its name in addresses.
        title: its title.
        count: how many lines the section has, with a "+" if there are more.
    """

    key: str
    title: str
    count: str


@dataclass(frozen=True, slots=True)
class FactSection:
    """Facts of one kind.

    Attributes:
        key: its name in addresses.
        title: its title.
        lines: the facts that are shown.
        paging: their place among all facts, or among those read if *cut*.
        cut: whether there are more than were read.
    """

    key: str
    title: str
    lines: tuple[Line, ...]
    paging: Paging
    cut: bool

    @property
    def heading(self) -> SectionHeading:
        """Its heading, with the number of all its facts."""
        return SectionHeading(self.key, self.title, _count(self.paging.total, self.cut))


@dataclass(frozen=True, slots=True)
class Introduction:
    """Who a person is: the posts reported of them, how many more there are, and the latest event with them."""

    posts: tuple[FactReading, ...]
    more: int
    latest: FactReading | None


@dataclass(frozen=True, slots=True)
class ThingPage:
    """The content of the page of a thing.

    Attributes:
        term: the thing.
        id: its IRI without the base.
        label: its label.
        kind: its class in words.
        hint: its disambiguation, or "".
        names: all its names except the label.
        introduction: who a person is, None for others.
        details: details of the thing itself.
        parts: nodes nested in a fact, such as participations.
        words: the evidence of a fact.
        source: the article that reports a fact.
        reading: the reading of a fact, None for other things.
        progress: the latest stage of the undertaking in all articles, in words, if this fact reports another one.
        reports: the other reports of its story.
        displaced_by: what displaces it, empty if it stands.
        corrections: what it puts right.
        disagreements: what contradicts it, None if nothing does.
        links: links to the same thing elsewhere: relation, IRI, and what to call that.
        articles: the newest articles that name it as their publisher, source, editor, place or topic, each with how.
        article_count: how many articles do.
        sections: the facts that name it, in sections.
        displaced: how many of these no longer stand.
        derived: statements derived from those facts.
        derived_cut: whether there are more of them.
    """

    term: Term
    id: str
    label: Mention
    kind: str
    type: Term
    hint: str
    names: tuple[Name, ...]
    introduction: Introduction | None
    details: tuple[Statement, ...]
    parts: tuple[Participation, ...]
    words: tuple[Passage, ...]
    source: CitedArticle | None
    reading: FactReading | None
    progress: str
    reports: tuple[Mention, ...]
    displaced_by: tuple[Mention, ...]
    corrections: tuple[Corrected, ...]
    disagreements: Disagreements | None
    links: tuple[tuple[str, Term, str], ...]
    articles: tuple[tuple[CitedArticle, str], ...]
    article_count: int
    sections: tuple[FactSection, ...]
    displaced: int
    derived: tuple[Derived, ...]
    derived_cut: bool

    @property
    def derived_heading(self) -> SectionHeading:
        """The heading of the derived statements."""
        return SectionHeading("derived", "Inferred by rule", _count(len(self.derived), self.derived_cut))

    @property
    def headings(self) -> tuple[SectionHeading, ...]:
        """The headings of all lists on the page, in order."""
        named = [SectionHeading("articles", "Articles", str(self.article_count))] if self.articles else []
        return (*(each.heading for each in self.sections), *named, *([self.derived_heading] if self.derived else []))


def _count(number: int, cut: bool) -> str:
    return f"{number}+" if cut else str(number)


def thing_shown(
    snapshot: Snapshot, term: Term, section: str = "", start: int = 0, include: bool = False
) -> ThingPage | None:
    """Return the page of a thing, or of one *section* from fact number *start* on. None if the graph does not have it.

    *include* adds facts that name it but no longer stand.
    """
    graph, words = snapshot.graph, lexicon(snapshot)
    own = fact_lines(graph, [term])
    values = own.described.triples.get(term)
    if not values:
        return None
    article = graph.article_of(term)
    kind = next(iter(own.described.types(term)), Mention("thing", ""))
    its_names = {cq("disambiguation"), *NAME_PROPERTIES}
    reading = own.described.readings.get(term)
    derived, derived_cut = derived_about(graph, term) if not section else ((), False)
    details = own.details(term, apart=True)
    sections, displaced = _sections(snapshot, term, section, start, include)
    links = [(r, o) for r, o, _ in links_of(graph, term) if r and o] if not article else []
    named = articles_naming(snapshot, term) if not article and not section else {}
    newest = citations(graph, list(named)[:FIRST])
    named_elsewhere = {*its_names, *(relation for relation, _ in links)}
    return ThingPage(
        term=term,
        id=graph.id(term),
        label=own.described.mention(term),
        kind=kind.text,
        type=kind.term,
        hint=next((lexical(o) for p, o in values if p == cq("disambiguation")), ""),
        names=() if article else names_of(words, values, own.described.captions.of(term)),
        introduction=None if article or section else _introduced(snapshot, term, sections),
        details=details if article else tuple(d for d in details if d.property not in named_elsewhere),
        parts=own.parts(term),
        words=own.words.get(term, ()),
        source=citations(graph, [article])[article] if article else None,
        reading=reading,
        progress=own.progress(reading) if reading else "",
        reports=own.reports(reading.other_reports) if reading else (),
        displaced_by=own.reports(reading.displaced_by) if reading else (),
        corrections=own.corrections.get(term, ()),
        disagreements=own.disagreements.get(term),
        links=tuple((words.label(r), o, known_as(lexical(o))) for r, o in links),
        articles=tuple((cited, named[iri]) for iri, cited in newest.items()),
        article_count=len(named),
        sections=sections,
        displaced=displaced,
        derived=derived,
        derived_cut=derived_cut,
    )


def _introduced(snapshot: Snapshot, term: Term, sections: Sequence[FactSection]) -> Introduction | None:
    """Return who a person is and what they last did, None if no post of theirs is known."""
    posts, number = posts_of(snapshot, term, MOST_POSTS)
    if not posts:
        return None
    occurred = [
        line.reading
        for section in sections
        if section.key == "events"
        for line in section.lines
        if line.reading.state == OCCURRED and line.reading.order and not line.reading.displaced_by
    ]
    return Introduction(posts, number - MOST_POSTS, next(iter(occurred), None))


def _sections(
    snapshot: Snapshot, term: Term, only: str, start: int, include: bool
) -> tuple[tuple[FactSection, ...], int]:
    """Return the sections, and the number of facts that no longer stand, which are left out unless *include*."""
    graph, words = snapshot.graph, lexicon(snapshot)
    pointings, cut = _pointings(snapshot, words, term)
    displaced = displacing(graph, (pointing.fact for pointing in pointings))
    standing = [pointing for pointing in pointings if include or pointing.fact not in displaced]
    groups = by_section(graph, words, standing, list(article_index(snapshot)))
    size = MORE if only else FEW if cut else FIRST
    parts = {
        section: _part(groups[section.key], start if only else 0, size)
        for section in words.sections
        if section.key in groups and only in ("", section.key)
    }
    facts = dict(chain.from_iterable(facts.items() for _, facts in parts.values()))
    nodes = (pointing.node for pointing in chain.from_iterable(facts.values()))
    read = fact_lines(graph, [*facts, *nodes], [term])
    sections = (
        FactSection(section.key, section.title, newest_first(read, shown, term), paging, cut)
        for section, (paging, shown) in parts.items()
    )
    return tuple(sections), len(displaced)


def _part(
    facts: Mapping[Term, Sequence[Pointing]], start: int, size: int
) -> tuple[Paging, Mapping[Term, Sequence[Pointing]]]:
    """Return the facts of a section that are shown, and their place among all."""
    paging = Paging.of(start, len(facts), size)
    return paging, {fact: facts[fact] for fact in paging.part(list(facts))}


def newest_first(read: FactLines, facts: Mapping[Term, Sequence[Pointing]], term: Term = "") -> tuple[Line, ...]:
    """Return the lines of *facts*, as shown on the page about the thing *term*, those with the latest date first."""
    lines = sorted((read.line(fact, named, term) for fact, named in facts.items()), key=lambda line: line.reading.label)
    return tuple(sorted(lines, key=lambda line: line.reading.order, reverse=True))


def used_relations(snapshot: Snapshot) -> Sequence[Term]:
    """Return the properties between things that this generation uses."""
    words = lexicon(snapshot)
    return snapshot.remembered("relations", lambda graph: [p for p in words.relations if is_reported(graph, p)])


def _pointings(snapshot: Snapshot, words: Lexicon, term: Term) -> tuple[list[Pointing], bool]:
    """Return how facts name a thing, and whether there is more."""
    graph = snapshot.graph
    rows = pointing_at(graph, term, MOST_POINTING + 1)
    cut = len(rows) > MOST_POINTING
    if cut:
        rows = some_pointing_at(graph, term, used_relations(snapshot), MOST_FOR_A_PROPERTY)
    return naming(graph, words, term, rows), cut


def naming(graph: Graph, words: Lexicon, term: Term, rows: Iterable[tuple[Term, Term]]) -> list[Pointing]:
    """Return how facts name a thing; *rows* are pairs of a node and the property by which it refers to the thing."""
    within = f"{term[:-1]}/"
    named = [
        Pointing(graph.fact_of(node), node, prop)
        for node, prop in dict.fromkeys(rows)
        if prop in words.relations and not node.startswith(within)
    ]
    return [pointing for pointing in named if pointing.fact and _is_elsewhere(pointing, term)]


def _is_elsewhere(pointing: Pointing, term: Term) -> bool:
    """Return False for evidence, and for what a fact says about itself."""
    return pointing.fact != term and "/evidence/" not in pointing.node


def by_section(
    graph: Graph, words: Lexicon, pointings: Sequence[Pointing], articles: Sequence[Term]
) -> dict[str, dict[Term, list[Pointing]]]:
    """Return section -> fact -> how it names the thing, with facts of the newest articles first."""
    order = {article: k for k, article in enumerate(articles)}
    facts = grouped(
        (pointing.fact, pointing)
        for pointing in sorted(
            pointings, key=lambda p: (order.get(graph.article_of(p.fact), len(order)), p.fact, p.node)
        )
    )
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
