"""Two things -> what they share and where they differ, each with evidence. Reads a store.

They share facts that name both, and relations with the same third thing. What only one has is listed beside what only
the other has. All that is read is bounded, and the page says what was not read.
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
from kg.questions.stories import displacing
from kg.web.pages.article_index import article_index
from kg.web.pages.derived import Derived, derived_lines
from kg.web.pages.fact_lines import Line, fact_lines
from kg.web.pages.lexicon import lexicon
from kg.web.pages.page_queries import pointing_at
from kg.web.pages.thing import ThingPage, by_section, naming, newest_first, thing_shown
from kg.web.pages.tie_queries import ties_with
from kg.web.snapshot import Snapshot

MOST_READ, MOST_TIES = 10_000, 1000
"""Most references to each of the two, and most relations of each, that are read."""

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
        pages: the page of each.
        between: relations between the two.
        facts: facts that name both, by section.
        ties: third things with which both have the same relation, those that are shown.
        ties_total: how many there are.
        own: for each of the two, the relations that the other does not have.
        is_cut: whether there is more than was read.
    """

    pages: tuple[ThingPage, ThingPage]
    between: tuple[Derived, ...]
    facts: tuple[SharedFacts, ...]
    ties: tuple[SharedTie, ...]
    ties_total: int
    own: tuple[tuple[OwnTies, ...], tuple[OwnTies, ...]]
    is_cut: bool

    @property
    def numbers(self) -> tuple[ComparedNumber, ...]:
        """The sections of the two pages with their counts."""
        one, other = ({heading.key: heading for heading in page.headings} for page in self.pages)
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
    pages = thing_shown(snapshot, one), thing_shown(snapshot, other)
    if not pages[0] or not pages[1]:
        return None
    graph = snapshot.graph
    sides = [_Side(graph, term, ties_with(graph, term, MOST_TIES)) for term in (one, other)]
    ends = [end for side in sides for triple in side.triples for end in triple]
    names = with_standings(captions(graph, [one, other, *ends]))
    facts, is_cut = _shared_facts(snapshot, one, other)
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
        is_cut or any(len(side.triples) == MOST_TIES for side in sides),
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


def _shared_facts(snapshot: Snapshot, one: Term, other: Term) -> tuple[tuple[SharedFacts, ...], bool]:
    """Return the facts that name both and still stand, by section, and whether there may be more."""
    graph, words = snapshot.graph, lexicon(snapshot)
    read = {term: pointing_at(graph, term, MOST_READ) for term in (one, other)}
    named = [naming(graph, words, term, rows) for term, rows in read.items()]
    shared = {pointing.fact for pointing in named[0]} & {pointing.fact for pointing in named[1]}
    shared -= displacing(graph, shared).keys()
    pointings = [pointing for some in named for pointing in some if pointing.fact in shared]
    groups = by_section(graph, words, pointings, list(article_index(snapshot)))
    shown = {key: dict(list(facts.items())[:FIRST]) for key, facts in groups.items()}
    nodes = [pointing.node for facts in shown.values() for some in facts.values() for pointing in some]
    lines = fact_lines(graph, [*(fact for facts in shown.values() for fact in facts), *nodes], [one, other])
    sections = tuple(
        SharedFacts(section.title, newest_first(lines, shown[section.key]), len(groups[section.key]))
        for section in words.sections
        if section.key in shown
    )
    return sections, any(len(rows) == MOST_READ for rows in read.values())
