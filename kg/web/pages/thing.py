"""A thing of the graph -> its page: names, facts that articles report about it, and what follows. Reads a store.

A section shows the facts of the newest articles first, and how many more there are. Only the facts that are shown are
read, so the cost of a page does not depend on the size of the graph, once what pages need of everything is prepared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from kg.core.model import Term
from kg.core.terms import NAME_PROPERTIES, cq
from kg.core.values import lexical
from kg.questions.described import Mention, Statement
from kg.questions.reading import FactReading
from kg.questions.words import CitedArticle, Passage, citations
from kg.web.pages.article_index import articles_naming
from kg.web.pages.brief import (
    EVENTS,
    FIRST,
    Introduction,
    SectionHeading,
    all_headings,
    derived_heading,
    introduced,
    kind_of,
    most_shown,
    number_shown,
)
from kg.web.pages.corrections import Corrected
from kg.web.pages.derived import Derived, derived_about
from kg.web.pages.disagreements import Disagreements
from kg.web.pages.fact_lines import FactLines, Line, Participation, Pointing, fact_lines
from kg.web.pages.facts_naming import facts_naming
from kg.web.pages.lexicon import lexicon
from kg.web.pages.names import Name, known_as, names_of
from kg.web.pages.page_queries import links_of
from kg.web.pages.paging import Paging
from kg.web.snapshot import Snapshot

MORE = 50  # facts on a page of one section


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
        return SectionHeading(self.key, self.title, number_shown(self.paging.total, self.cut))


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
        return derived_heading(len(self.derived), self.derived_cut)

    @property
    def headings(self) -> tuple[SectionHeading, ...]:
        """The headings of all lists on the page, in order."""
        sections = [each.heading for each in self.sections]
        return all_headings(sections, self.article_count, len(self.derived), self.derived_cut)


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
    kind = kind_of(own.described.types(term))
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
        introduction=None if article or section else introduced(snapshot, term, _events(sections)),
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


def _events(sections: Sequence[FactSection]) -> Iterator[FactReading]:
    return (line.reading for section in sections if section.key == EVENTS for line in section.lines)


def _sections(
    snapshot: Snapshot, term: Term, only: str, start: int, include: bool
) -> tuple[tuple[FactSection, ...], int]:
    """Return the sections, and the number of facts that no longer stand, which are left out unless *include*."""
    named = facts_naming(snapshot, term, include)
    size = MORE if only else most_shown(named)
    parts = {
        section: _part(facts, start if only else 0, size)
        for section, facts in named.sections.items()
        if only in ("", section.key)
    }
    facts = dict(chain.from_iterable(facts.items() for _, facts in parts.values()))
    nodes = (pointing.node for pointing in chain.from_iterable(facts.values()))
    read = fact_lines(snapshot.graph, [*facts, *nodes], [term])
    sections = (
        FactSection(section.key, section.title, newest_first(read, shown, term), paging, named.cut)
        for section, (paging, shown) in parts.items()
    )
    return tuple(sections), named.displaced


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
