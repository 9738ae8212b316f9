"""Two things -> what they share and where they differ, each with evidence. Reads a store.

They share facts that name both, and relations with the same third thing. What only one has is listed beside what only
the other has. Relations that are read are bounded, and the page says if there are more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.core.model import Term, Triple
from kg.core.relations import grouped
from kg.questions.captions import Captions, captions, with_standings
from kg.questions.described import DERIVED_ELSEWHERE, Mention
from kg.questions.graph import Graph
from kg.web.pages.article_index import article_index
from kg.web.pages.brief import ThingBrief, thing_in_brief
from kg.web.pages.catalogue import BrowseList, catalogue
from kg.web.pages.derived import Derived, derived_lines, relations_of_ties
from kg.web.pages.fact_lines import Line, Pointing, fact_lines
from kg.web.pages.facts_naming import as_pointings
from kg.web.pages.lexicon import Lexicon, PageSection, lexicon
from kg.web.pages.page_queries import naming_in
from kg.web.pages.thing import newest_first
from kg.web.pages.tie_queries import ties_with
from kg.web.snapshot import Snapshot

MOST_TIES = 1000
"""Most relations of each of the two that are read."""

FIRST, FEW = 10, 6
"""How many facts of a section and relations that both have are shown, and how many of those that only one has."""


@dataclass(frozen=True, slots=True)
class SharedFacts:
    """The facts of a section that name both: its title, those that are shown, and how many there are."""

    title: str
    lines: tuple[Line, ...]
    total: int


@dataclass(frozen=True, slots=True)
class SharedTie:
    """A third thing with which both have the same relation, and the evidence of each.

    Attributes:
        relation: in words.
        end: the third thing.
        leads_here: whether the relation leads from it to the two.
        one: the relation of the first.
        other: that of the second.
    """

    relation: str
    end: Mention
    leads_here: bool
    one: Derived
    other: Derived


@dataclass(frozen=True, slots=True)
class OwnTies:
    """Relations that only one of the two has: those of one kind that are shown, and how many there are."""

    relation: str
    lines: tuple[Derived, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ComparedNumber:
    """How many facts of a section name each of the two; "" and no key for a section that its page does not have."""

    title: str
    keys: tuple[str, str]
    counts: tuple[str, str]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two things, side by side.

    Attributes:
        sides: each in brief.
        between: relations between the two.
        facts: facts that name both, by section.
        ties: third things with which both have the same relation, those that are shown.
        ties_total: how many there are.
        own: for each of the two, the relations that the other does not have.
        is_cut: whether there is more than was read.
    """

    sides: tuple[ThingBrief, ThingBrief]
    between: tuple[Derived, ...]
    facts: tuple[SharedFacts, ...]
    ties: tuple[SharedTie, ...]
    ties_total: int
    own: tuple[tuple[OwnTies, ...], tuple[OwnTies, ...]]
    is_cut: bool

    @property
    def numbers(self) -> tuple[ComparedNumber, ...]:
        """The sections of the two pages with their counts."""
        one, other = ({heading.key: heading for heading in page.headings} for page in self.sides)
        return tuple(
            ComparedNumber(
                heading.title,
                (key if key in one else "", key if key in other else ""),
                (one[key].count if key in one else "0", other[key].count if key in other else "0"),
            )
            for key, heading in {**one, **other}.items()
        )


@dataclass(frozen=True)
class _Side:
    """One of the two with its relations, each seen from it: relation, whether it leads here, and the other end."""

    graph: Graph
    term: Term
    triples: Sequence[Triple]

    @cached_property
    def ties(self) -> Mapping[tuple[Term, bool, Term], Triple]:
        """Relations seen from here -> triple. Of one that holds both ways, the triple from here counts."""
        from_here = {(p, False, o): (s, p, o) for s, p, o in self.triples if s == self.term}
        to_here = {(p, True, s): (s, p, o) for s, p, o in self.triples if o == self.term}
        mirrored = {key for key in to_here if (key[0], False, key[2]) in from_here}
        every = {**from_here, **{key: triple for key, triple in to_here.items() if key not in mirrored}}
        return {key: triple for key, triple in every.items() if key[0] not in DERIVED_ELSEWHERE}

    def lines(self, triples: Sequence[Triple], names: Captions) -> Mapping[Triple, Derived]:
        return derived_lines(self.graph, self.term, dict.fromkeys(triples, ()), names)


def compared(snapshot: Snapshot, one: Term, other: Term) -> SideBySide | None:
    """Return the comparison of two things, None if the graph knows nothing of one of them."""
    pages = thing_in_brief(snapshot, one), thing_in_brief(snapshot, other)
    if not pages[0] or not pages[1]:
        return None
    graph = snapshot.graph
    relations = relations_of_ties(snapshot)
    sides = [_Side(graph, term, ties_with(graph, relations, term, MOST_TIES)) for term in (one, other)]
    ends = [end for side in sides for triple in side.triples for end in triple]
    names = with_standings(captions(graph, [one, other, *ends]))
    facts = _shared_facts(snapshot, one, other)
    both = sorted(
        sides[0].ties.keys() & sides[1].ties.keys(), key=lambda key: (names.of(key[0]), names.of(key[2]), key)
    )
    between = [triple for key, triple in sides[0].ties.items() if key[2] == other]
    return SideBySide(
        (pages[0], pages[1]),
        tuple(sides[0].lines(between, names).values()),
        facts,
        _shared_ties(sides, both[:FIRST], names),
        len(both),
        (_own(sides[0], sides[1], names), _own(sides[1], sides[0], names)),
        any(len(side.triples) == MOST_TIES for side in sides),
    )


def _shared_ties(
    sides: Sequence[_Side], keys: Sequence[tuple[Term, bool, Term]], names: Captions
) -> tuple[SharedTie, ...]:
    one, other = (side.lines([side.ties[key] for key in keys], names) for side in sides)
    return tuple(
        SharedTie(
            names.of(key[0]), Mention(names.of(key[2]), key[2]), key[1],
            one[sides[0].ties[key]], other[sides[1].ties[key]],
        )
        for key in keys
    )  # fmt: skip


def _own(side: _Side, opposite: _Side, names: Captions) -> tuple[OwnTies, ...]:
    """Return what only *side* has, by relation; relations between the two are not among it."""
    keys = [key for key in side.ties if key not in opposite.ties and key[2] != opposite.term]
    keys.sort(key=lambda key: (names.of(key[0]), names.of(key[2]), key))
    groups = grouped(((key[0], key[1]), side.ties[key]) for key in keys)
    lines = side.lines([triple for triples in groups.values() for triple in triples[:FEW]], names)
    return tuple(
        OwnTies(names.of(relation), tuple(lines[triple] for triple in triples[:FEW]), len(triples))
        for (relation, _), triples in groups.items()
    )


def _shared_facts(snapshot: Snapshot, one: Term, other: Term) -> tuple[SharedFacts, ...]:
    """Return the facts that name both and still stand, by section."""
    graph, words = snapshot.graph, lexicon(snapshot)
    shared = {section: facts for section, facts in naming_both(snapshot, one, other).items() if facts}
    named = _pointings(graph, words, [fact for facts in shared.values() for fact in facts[:FIRST]], (one, other))
    lines = fact_lines(graph, [*named, *(pointing.node for some in named.values() for pointing in some)], [one, other])
    return tuple(
        SharedFacts(section.title, newest_first(lines, {fact: named[fact] for fact in facts[:FIRST]}), len(facts))
        for section, facts in shared.items()
    )


def naming_both(snapshot: Snapshot, one: Term, other: Term) -> Mapping[PageSection, Sequence[Term]]:
    """Return section -> the facts that name both and still stand, those of the newest articles first."""
    graph, newest = snapshot.graph, {article: k for k, article in enumerate(article_index(snapshot))}

    def order(fact: Term) -> tuple[int, Term]:
        return newest.get(graph.article_of(fact), len(newest)), fact

    def shared(listed: BrowseList) -> Sequence[Term]:
        numbers = set(listed.naming.get(one, ())).intersection(listed.naming.get(other, ())).difference(listed.gone)
        return sorted((listed.members[number] for number in numbers), key=order)

    return {listed.section: shared(listed) for listed in catalogue(snapshot).values() if listed.reports}


def _pointings(
    graph: Graph, words: Lexicon, facts: Sequence[Term], things: Sequence[Term]
) -> Mapping[Term, Sequence[Pointing]]:
    """Return fact -> how it names the *things*, by node."""
    read = naming_in(graph, [graph.article_of(fact) for fact in facts], things)
    every = (each for thing in things for each in as_pointings(graph, words, thing, read.get(thing, ())))
    named = grouped((each.fact, each) for each in sorted(every, key=lambda each: each.node))
    return {fact: named[fact] for fact in facts}
