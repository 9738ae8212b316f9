"""Entities and properties -> their values in the registry and the derived graph. Reads a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.terms import CQ, TYPE
from kg.core.values import is_iri, lexical, local_name
from kg.questions.graph import Graph, portions

Values = Mapping[tuple[Term, Term], Sequence[tuple[Term, str]]]
"""Entity and property -> the values, sorted, each with its name."""


def known_properties(graph: Graph) -> Mapping[Term, str]:
    """Return the sorted properties that entities have in these graphs, with their labels."""
    registry, derived = _graphs(graph)
    entities = graph.store.select(f"SELECT DISTINCT ?s WHERE {{ GRAPH {registry} {{ ?s {TYPE} ?kind }} }}").rows
    rows = list(graph.store.select(f"SELECT DISTINCT ?p WHERE {{ GRAPH {registry} {{ ?s ?p ?o }} }}").rows)
    for some in portions(node for (node,) in entities if node):  # by subject: the derived graph is large
        pattern = f"VALUES ?s {{ {some} }} GRAPH {derived} {{ ?s ?p ?o }}"
        rows += graph.store.select(f"SELECT DISTINCT ?p WHERE {{ {pattern} }}").rows
    properties = sorted({p for (p,) in rows if p})
    labels = graph.labels(properties)
    return {p: labels.get(p, local_name(p)) for p in properties}


def properties_of(graph: Graph, entities: Iterable[Term]) -> list[Term]:
    """Return the properties that these entities have, the most common first."""
    having: Counter[Term] = Counter()
    for some in portions(entities):
        rows = graph.store.select(
            f"SELECT DISTINCT ?s ?p WHERE {{ VALUES ?s {{ {some} }} VALUES ?g {{ {' '.join(_graphs(graph))} }}"
            " GRAPH ?g { ?s ?p ?o } }"
        ).rows
        having.update(p for _, p in rows if p)
    return sorted(having, key=lambda p: (-having[p], p))


def property_id(prop: Term) -> str:
    """Return the id of a property: its local name if it is ours, else its IRI.

    >>> property_id("<https://w3id.org/communique/ontology#subOrganizationOf>")
    'subOrganizationOf'
    """
    return lexical(prop).removeprefix(CQ)


def property_term(graph: Graph, identifier: str, known: Iterable[Term]) -> Term | None:
    """Return the property with that id that an entity has or the ontology defines, None if there is neither."""
    had = next((prop for prop in known if identifier in (property_id(prop), lexical(prop))), None)
    term = f"<{identifier if ':' in identifier else CQ + identifier}>"
    if had or not is_iri(term):
        return had
    return (
        term
        if graph.store.select(f"SELECT ?k WHERE {{ GRAPH {graph.ontology} {{ {term} {TYPE} ?k }} }}").rows
        else None
    )


def values_of(graph: Graph, entities: Iterable[Term], props: Iterable[Term]) -> Values:
    """Return the values of properties of entities."""
    known, graphs = " ".join(sorted(props)), " ".join(_graphs(graph))
    rows: list[Sequence[Term | None]] = []
    for some in portions(sorted(entities)) if known else ():
        rows += graph.store.select(
            f"SELECT DISTINCT ?s ?p ?o WHERE {{ VALUES ?s {{ {some} }} VALUES ?p {{ {known} }}"
            f" VALUES ?g {{ {graphs} }} GRAPH ?g {{ ?s ?p ?o }} }} ORDER BY ?s ?p ?o"
        ).rows
    labels = graph.labels({o for _, _, o in rows if o})
    shown = ((s, p, o, labels.get(o, graph.id(o)) if is_iri(o) else lexical(o)) for s, p, o in rows if s and p and o)
    return grouped(((s, p), (o, name)) for s, p, o, name in shown)


def having(graph: Graph, prop: Term, values: Iterable[Term], most: int) -> list[Term]:
    """Return at most *most* entities with one of these values, sorted."""
    terms = " ".join(sorted(values))
    rows = graph.store.select(
        f"SELECT DISTINCT ?s WHERE {{ VALUES ?o {{ {terms} }} VALUES ?g {{ {' '.join(_graphs(graph))} }}"
        f" GRAPH ?g {{ ?s {prop} ?o }} }} ORDER BY ?s LIMIT {most}"
    ).rows
    return [s for (s,) in rows if s]


def _graphs(graph: Graph) -> tuple[Term, Term]:
    return graph.named("registry"), graph.named("derived")
