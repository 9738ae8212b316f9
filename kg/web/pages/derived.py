"""A thing -> what was derived about it and from it, each with words that it rests on in the end. Reads a store.

A derivation may rest on any number of articles; the words of a few are enough to show where it comes from, and
*kg explain* tells all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.values import is_iri, lexical
from kg.questions.captions import captions, with_standings
from kg.questions.described import DERIVED_ELSEWHERE, Mention
from kg.questions.graph import Graph
from kg.questions.words import Passage, words_behind
from kg.web.pages import page_queries
from kg.web.pages.page_queries import Triple, derivations, derived_from_node, derived_of
from kg.web.snapshot import Snapshot

MOST = 16  # derived lines on a page
MOST_READ = 80
CHOICE = 50
"""Derivations of one line that are read; the first and the last by name are shown, whatever order a store has."""

TIES = "ties"
"""Key of what `ties` remembers."""
ORIGINS = 4  # of one derivation, at each step


@dataclass(frozen=True, slots=True)
class Derived:
    """What was derived: one end, the relation, the other end, and words that it rests on."""

    one: Mention
    relation: str
    other: Mention
    words: tuple[Passage, ...]
    property: Term = ""


def derived_about(graph: Graph, term: Term) -> tuple[tuple[Derived, ...], bool]:
    """Return what was derived about a thing and from it, by relation, and whether there is more."""
    about = derived_of(graph, term, MOST_READ)
    known = _known_derivations(graph, term, about)
    names = with_standings(captions(graph, [end for triple in known for end in triple]))
    ordered = sorted(known, key=lambda t: (t[0] != term, names.of(t[1]), names.of(t[0]), names.of(t[2]), t))
    shown = _derivations(graph, term, {triple: known[triple] for triple in ordered[:MOST]})
    behind = words_behind(graph, [node for nodes in shown.values() for node in nodes], ORIGINS)
    lines = tuple(
        Derived(
            Mention(names.of(one), one),
            names.of(prop),
            Mention(names.of(other), other),
            tuple(dict.fromkeys(words for node in nodes for words in behind.get(node, ()))),
            prop,
        )
        for (one, prop, other), nodes in shown.items()
    )
    return lines, len(ordered) > MOST or len(about) == MOST_READ


def _known_derivations(graph: Graph, term: Term, about: Sequence[Triple]) -> Mapping[Triple, Sequence[Term]]:
    """Return the triples that are lines of the page -> the derivations that come from the thing directly, if any."""
    known: dict[Triple, list[Term]] = _one_way({triple: [] for triple in about if _is_a_line(graph, triple)}, term)
    for triple, node in derived_from_node(graph, term, MOST_READ):
        if _is_a_line(graph, triple) and _turned(triple) not in known:
            known.setdefault(triple, []).append(node)
    return known


def _is_a_line(graph: Graph, triple: Triple) -> bool:
    """Tell whether a derived triple is shown: it links two things, and no other place of the page has it."""
    one, relation, other = triple
    return is_iri(other) and relation not in DERIVED_ELSEWHERE and not graph.is_part(one) and not graph.is_part(other)


def _turned(triple: Triple) -> Triple:
    return triple[2], triple[1], triple[0]


def _one_way(triples: Mapping[Triple, list[Term]], term: Term) -> dict[Triple, list[Term]]:
    """Return the triples without those that say the same to *term* as another says from it."""
    return {t: nodes for t, nodes in triples.items() if t[0] == term or _turned(t) not in triples}


def _derivations(graph: Graph, term: Term, known: Mapping[Triple, Sequence[Term]]) -> Mapping[Triple, Sequence[Term]]:
    """Return triple -> derivations that tell where it comes from: the *known* ones, else those that are remembered of
    ties, else those that the graph has."""
    remembered = graph.memo.made(TIES) if graph.memo else None
    ends: Mapping[Triple, Sequence[Term]] = remembered if isinstance(remembered, dict) else {}
    found = {triple: list(nodes or ends.get(triple, ())) for triple, nodes in known.items()}
    for triple, node in derivations(graph, term, [triple for triple, nodes in found.items() if not nodes], CHOICE):
        found[triple].append(node)
    return {triple: _first_and_last(nodes) for triple, nodes in found.items()}


def ties(snapshot: Snapshot) -> Mapping[Triple, Sequence[Term]]:
    """Return what was derived between things of the registry -> the first and the last derivation, by name.

    Pages ask for it only once it is made: it reads all derivations, of which there may be tens of thousands for a pair.
    """
    return snapshot.remembered(TIES, _ties)


def _ties(graph: Graph) -> Mapping[Triple, Sequence[Term]]:
    found: dict[Triple, Sequence[Term]] = {}
    for s, p, o, first, last in page_queries.ties(graph):
        if s and p and o and first and last:
            found[s, p, o] = tuple(dict.fromkeys(f"<{lexical(name)}>" for name in (first, last)))
    return found


def _first_and_last(nodes: Sequence[Term]) -> list[Term]:
    ordered = sorted(nodes)
    return list(dict.fromkeys((*ordered[:1], *ordered[-1:])))
