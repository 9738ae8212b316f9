"""A thing in the graph -> everything stated about it, with sources and evidence. Reads a store.

Nodes nested in a fact are included. What other nodes say about the thing is listed separately.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kg.core.model import Term
from kg.core.terms import DERIVATION, cq
from kg.core.values import is_iri
from kg.questions.captions import with_standings
from kg.questions.described import MACHINERY, SHOWN_BESIDE, Mention, Statement, by_property, described
from kg.questions.graph import Graph
from kg.questions.reading import FactReading
from kg.questions.words import Passage, derived_from, words_behind

MOST_INCOMING = 200
_HIDDEN = MACHINERY | SHOWN_BESIDE


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that the graph says about one thing.

    Attributes:
        iri: its term.
        id: without the base.
        label: its name.
        types: labels of its classes.
        reading: the reading of a fact, else None.
        graphs: the named graphs that describe it.
        statements: the statements about it.
        incoming: statements of other nodes with it as the value, at most MOST_INCOMING.
        words: its evidence, or for a thing without its own, the evidence of the nodes that mention it.
        own_words: whether the evidence is its own.
        derived_from: the nodes it was derived from.
        facts: the facts that an article reports.
    """

    iri: Term
    id: str
    label: str
    types: tuple[str, ...]
    reading: FactReading | None
    graphs: tuple[Term, ...]
    statements: tuple[Statement, ...]
    incoming: tuple[Statement, ...]
    words: tuple[Passage, ...]
    own_words: bool
    derived_from: tuple[Mention, ...]
    facts: tuple[Mention, ...]


def explain(graph: Graph, iri: Term) -> Explanation:
    """Return all that the graph says about *iri*."""
    origins, facts = derived_from(graph, [iri]).get(iri, ()), _facts(graph, iri)
    incoming = _incoming(graph, iri)
    named = [*origins, *facts, *(term for pair in incoming for term in pair)]
    thing = described(graph, [iri], _HIDDEN, named, everywhere=True)
    thing = replace(thing, captions=with_standings(thing.captions))
    both_ways = set(thing.triples.get(iri, ()))
    incoming = [(prop, node) for prop, node in incoming if (prop, node) not in both_ways]
    own = words_behind(graph, [iri]).get(iri, ())
    others = {} if own else words_behind(graph, [node for _, node in incoming])
    return Explanation(
        iri=iri,
        id=graph.id(iri),
        label=thing.captions.plain(iri),
        types=tuple(kind.text for kind in thing.types(iri)),
        reading=thing.readings.get(iri),
        graphs=_graphs(graph, iri),
        statements=thing.statements(iri, _HIDDEN),
        incoming=by_property(((prop, thing.mention(node)) for prop, node in incoming), thing.captions),
        words=own or _each_once(words for some in others.values() for words in some),
        own_words=bool(own),
        derived_from=tuple(map(thing.mention, origins)),
        facts=tuple(map(thing.mention, facts)),
    )


def _facts(graph: Graph, iri: Term) -> list[Term]:
    """Return the facts with an id in the article *iri*, sorted, empty if it is not an article."""
    rows = graph.store.select(
        f"SELECT DISTINCT ?fact WHERE {{ GRAPH {iri} {{ ?fact {cq('evidence')} ?words }} }} ORDER BY ?fact"
    ).rows
    return [fact for (fact,) in rows if fact and graph.fact_of(fact) == fact]


def _incoming(graph: Graph, iri: Term) -> list[tuple[Term, Term]]:
    """Return property and node of the statements with *iri* as the value, at most MOST_INCOMING."""
    hidden = ", ".join(sorted(MACHINERY | DERIVATION))
    rows = graph.store.select(
        f"SELECT DISTINCT ?p ?s WHERE {{ GRAPH ?g {{ ?s ?p {iri} }} FILTER(?s != {iri} && ?p NOT IN ({hidden})"
        f" && !STRSTARTS(STR(?s), CONCAT(STR({iri}), '/'))) }} ORDER BY ?p ?s LIMIT {MOST_INCOMING}"
    ).rows
    return [(prop, node) for prop, node in rows if prop and node and is_iri(node)]


def _graphs(graph: Graph, iri: Term) -> tuple[Term, ...]:
    rows = graph.store.select(f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ {iri} ?p ?o }} }} ORDER BY ?g").rows
    return tuple(str(row[0]) for row in rows)


def _each_once(words: Iterable[Passage]) -> tuple[Passage, ...]:
    """Return one passage for each sentence."""
    first: dict[tuple[Term, str], Passage] = {}
    for some in words:
        first.setdefault((some.article.iri, some.sentence or some.quote), some)
    return tuple(first.values())
