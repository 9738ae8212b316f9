"""A thing -> what was derived about it and from it, each with words that it rests on in the end. Reads a store.

A derivation may rest on any number of articles; the words of a few are enough to show where it comes from, and
*kg explain* tells all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.terms import cq
from kg.core.values import is_iri, lexical
from kg.questions.graph import Graph
from kg.questions.standing import with_standings
from kg.questions.stories import PROPERTIES as STORY
from kg.questions.words import Passage, words_behind
from kg.web.pages import page_queries
from kg.web.pages.fact_lines import Mention, local
from kg.web.pages.lexicon import Lexicon
from kg.web.pages.page_queries import Triple, derivations, derived_from_node, derived_of
from kg.web.snapshot import Snapshot

MOST = 16  # derived lines on a page
MOST_READ = 80
CHOICE = 50
"""Derivations of one line that are read; the first and the last by name are told, whatever order a store has."""

TIES = "ties"
"""Key of what `ties` remembers."""
ORIGINS = 4  # of one derivation, at each step
SHOWN_OTHERWISE = STORY | {cq("within"), cq("comparableWith")}
"""Relations that are no line: each step of *within* is shown as what it is, and reports of one story at its head."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What was derived: one end, the relation, the other end, and words that it rests on."""

    one: Mention
    relation: str
    other: Mention
    words: tuple[Passage, ...]
    property: Term = ""


def derived_about(graph: Graph, words: Lexicon, term: Term) -> tuple[tuple[Derived, ...], bool]:
    """Return what was derived about a thing and from it, by relation, and whether there is more."""
    told: dict[Triple, list[Term]] = {}
    read = derived_of(graph, term, MOST_READ)
    about = [
        t for t in read if is_iri(t[2]) and not _is_told_elsewhere(t) and not any(graph.is_part(end) for end in t[::2])
    ]
    known = set(about)
    for triple in about:
        if triple[0] == term or (triple[2], triple[1], triple[0]) not in known:
            told.setdefault(triple, [])
    for triple, node in derived_from_node(graph, term, MOST_READ):
        if (
            not _is_told_elsewhere(triple)
            and not graph.is_part(triple[0])
            and (triple[2], triple[1], triple[0]) not in told
        ):
            told.setdefault(triple, []).append(node)
    names = with_standings(graph, graph.labels([end for s, _, o in told for end in (s, o)]))
    ordered = sorted(
        told, key=lambda t: (t[0] != term, words.label(t[1]), names.get(t[0], t[0]), names.get(t[2], t[2]))
    )
    shown = ordered[:MOST]
    known_ties = graph.memo.made(TIES) if graph.memo else None
    ends = known_ties if isinstance(known_ties, dict) else {}
    asked = [triple for triple in shown if not told[triple]]
    for triple, node in derivations(graph, term, [triple for triple in asked if triple not in ends], CHOICE):
        told[triple].append(node)
    for triple in shown:
        told[triple] = list(ends[triple]) if triple in ends and triple in asked else _first_and_last(told[triple])
    behind = words_behind(graph, [node for triple in shown for node in told[triple]], ORIGINS)
    made = tuple(
        Derived(
            Mention(names.get(s) or local(s), s),
            words.label(p),
            Mention(names.get(o) or local(o), o),
            tuple(dict.fromkeys(some for node in told[s, p, o] for some in behind.get(node, ()))),
            p,
        )
        for s, p, o in shown
    )
    return made, len(ordered) > MOST or len(read) == MOST_READ


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


def _is_told_elsewhere(triple: Triple) -> bool:
    """Tell whether the page has it in another place."""
    return triple[1] in SHOWN_OTHERWISE
