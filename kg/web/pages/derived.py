"""A thing -> what was derived about it and from it, each with evidence. Reads a store.

A derivation may rest on any number of articles. The evidence from a few is enough to show where it comes from;
*kg explain* shows all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kg.core.model import Term, Triple
from kg.core.values import is_iri, lexical
from kg.questions.captions import Captions, captions, with_standings
from kg.questions.described import DERIVED_ELSEWHERE, Mention
from kg.questions.graph import Graph
from kg.questions.words import Passage, words_behind
from kg.web.pages import tie_queries
from kg.web.pages.page_queries import derivations, derived_from_node, derived_of
from kg.web.snapshot import Snapshot

MOST = 16  # derived lines on a page
MOST_READ = 80
CHOICE = 50
"""Derivations of one line that are read. The first and last by name are shown, whatever the order of the store."""

TIES = "ties"
"""Key of the cached `ties`."""
ORIGINS = 4  # of one derivation, at each step


@dataclass(frozen=True, slots=True)
class Derived:
    """A derived statement: one end, the relation, the other end, and its evidence."""

    one: Mention
    relation: str
    other: Mention
    words: tuple[Passage, ...]
    property: Term = ""


def derived_about(graph: Graph, term: Term) -> tuple[tuple[Derived, ...], bool]:
    """Return the statements derived about a thing and from it, by relation, and whether there are more."""
    known, is_cut = _known_derivations(graph, term)
    names = with_standings(captions(graph, [end for triple in known for end in triple]))
    ordered = sorted(known, key=lambda t: (t[0] != term, names.of(t[1]), names.of(t[0]), names.of(t[2]), t))
    lines = derived_lines(graph, term, {triple: known[triple] for triple in ordered[:MOST]}, names)
    return tuple(lines.values()), is_cut


def derived_count(graph: Graph, term: Term) -> tuple[int, bool]:
    """Return how many statements `derived_about` returns, and whether there are more, without reading what they say."""
    known, is_cut = _known_derivations(graph, term)
    return min(len(known), MOST), is_cut


def derived_lines(
    graph: Graph, term: Term, known: Mapping[Triple, Sequence[Term]], names: Captions
) -> Mapping[Triple, Derived]:
    """Return derived triple about *term* -> its line. *known* has their derivations, as far as these are known."""
    shown = _derivations(graph, term, known)
    behind = words_behind(graph, [node for nodes in shown.values() for node in nodes], ORIGINS)
    return {
        (one, prop, other): Derived(
            Mention(names.of(one), one),
            names.of(prop),
            Mention(names.of(other), other),
            tuple(dict.fromkeys(words for node in nodes for words in behind.get(node, ()))),
            prop,
        )
        for (one, prop, other), nodes in shown.items()
    }


def _known_derivations(graph: Graph, term: Term) -> tuple[Mapping[Triple, Sequence[Term]], bool]:
    """Return the triples that may be lines of the page -> the derivations directly from the thing, if any; and whether
    there are more than are shown."""
    about = derived_of(graph, term, MOST_READ)
    known: dict[Triple, list[Term]] = _one_way({triple: [] for triple in about if _is_a_line(graph, triple)}, term)
    for triple, node in derived_from_node(graph, term, MOST_READ):
        if _is_a_line(graph, triple) and _turned(triple) not in known:
            known.setdefault(triple, []).append(node)
    return known, len(known) > MOST or len(about) == MOST_READ


def _is_a_line(graph: Graph, triple: Triple) -> bool:
    """Return whether a derived triple is shown: it links two things, and is not shown elsewhere on the page."""
    one, relation, other = triple
    return is_iri(other) and relation not in DERIVED_ELSEWHERE and not graph.is_part(one) and not graph.is_part(other)


def _turned(triple: Triple) -> Triple:
    return triple[2], triple[1], triple[0]


def _one_way(triples: Mapping[Triple, list[Term]], term: Term) -> dict[Triple, list[Term]]:
    """Return the triples without those to *term* that mirror one from it."""
    return {t: nodes for t, nodes in triples.items() if t[0] == term or _turned(t) not in triples}


def _derivations(graph: Graph, term: Term, known: Mapping[Triple, Sequence[Term]]) -> Mapping[Triple, Sequence[Term]]:
    """Return triple -> its derivations: the *known* ones, else those cached for ties, else those in the graph."""
    remembered = graph.memo.made(TIES) if graph.memo else None
    ends: Mapping[Triple, Sequence[Term]] = remembered if isinstance(remembered, dict) else {}
    known_nodes = {triple: list(nodes or ends.get(triple, ())) for triple, nodes in known.items()}
    for triple, node in derivations(
        graph, term, [triple for triple, nodes in known_nodes.items() if not nodes], CHOICE
    ):
        known_nodes[triple].append(node)
    return {triple: _first_and_last(nodes) for triple, nodes in known_nodes.items()}


def ties(snapshot: Snapshot) -> Mapping[Triple, Sequence[Term]]:
    """Return the ties derived between things of the registry -> the first and the last derivation, by name.

    Pages use it only once it is made, because it reads all derivations, of which a pair may have tens of thousands.
    """

    def made(graph: Graph) -> Mapping[Triple, Sequence[Term]]:
        ends: dict[Triple, Sequence[Term]] = {}
        for s, p, o, first, last in tie_queries.ties(graph, relations_of_ties(snapshot)):
            if s and p and o and first and last:
                ends[s, p, o] = tuple(dict.fromkeys(f"<{lexical(name)}>" for name in (first, last)))
        return ends

    return snapshot.remembered(TIES, made)


def relations_of_ties(snapshot: Snapshot) -> AbstractSet[Term]:
    """Return the derived relations that join two things of the registry."""
    return snapshot.remembered("relations of ties", tie_queries.relations_of_ties)


def _first_and_last(nodes: Sequence[Term]) -> list[Term]:
    ordered = sorted(nodes)
    return list(dict.fromkeys((*ordered[:1], *ordered[-1:])))
