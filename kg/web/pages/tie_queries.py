"""The SPARQL queries of pages about derived ties between things of the registry, one function each. Reads a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from kg.core.model import Term, Triple
from kg.core.relations import grouped
from kg.core.terms import PROV, TYPE, cq
from kg.planning.rows import Row
from kg.questions.graph import Graph, portions
from kg.web.pages.page_queries import OF_DERIVATIONS


def encounters(graph: Graph) -> Sequence[Row]:
    """Return one, other, tie, story and derivation of all derived meetings, also of those that no longer stand."""
    return graph.store.select(
        f"SELECT ?one ?other ?tie ?story ?derivation WHERE {{ VALUES ?tie {{ {cq('metWith')} {cq('metWithByPost')} }}"
        f" GRAPH {graph.named('derived')} {{ ?derivation {cq('derivedPredicate')} ?tie ; {cq('derivedSubject')} ?one ;"
        f" {cq('derivedObject')} ?other ; <{PROV}wasDerivedFrom> ?report . ?report {cq('story')} ?story }}"
        " FILTER (STR(?one) < STR(?other)) }"
    ).rows


def ties_of(
    graph: Graph, nodes: Iterable[Term], properties: Iterable[Term], include: bool
) -> Mapping[Triple, Sequence[Term]]:
    """Return derived triple of some subjects with some properties -> the facts that it rests on, sorted.

    *include* those that no longer stand.
    """
    standing = "" if include else f"FILTER NOT EXISTS {{ ?d {cq('displacedBy')} ?displacing }}"
    chosen, rows = " ".join(properties), set[tuple[Triple, Term]]()
    for some in portions(nodes):
        query = (
            f"SELECT DISTINCT ?s ?p ?o ?fact WHERE {{ VALUES ?s {{ {some} }} VALUES ?p {{ {chosen} }}"
            f" GRAPH {graph.named('derived')} {{ ?d {cq('derivedSubject')} ?s ; {cq('derivedPredicate')} ?p ;"
            f" {cq('derivedObject')} ?o ; <{PROV}wasDerivedFrom> ?fact {standing} }} }}"
        )
        rows |= {((s, p, o), fact) for s, p, o, fact in graph.store.select(query).rows if s and p and o and fact}
    return grouped(sorted(rows))


def standing_ties_of(graph: Graph, nodes: Iterable[Term], properties: Sequence[Term]) -> Sequence[Triple]:
    """Return the derived triples of some subjects with some properties, without those that no longer stand, sorted."""
    derived = graph.named("derived")
    rows = [
        row
        for some in portions(nodes)
        for prop in properties
        for row in graph.store.select(
            f"SELECT ?s ({prop} AS ?p) ?o WHERE {{ VALUES ?s {{ {some} }} GRAPH {derived} {{ ?s {prop} ?o }} }}"
        ).rows
    ]
    return sorted((s, p, o) for s, p, o in rows if s and p and o)


def displaced_ties(graph: Graph, properties: Iterable[Term]) -> Sequence[Triple]:
    """Return the derived triples with some properties that have a derivation which no longer stands, sorted."""
    rows = graph.store.select(
        f"SELECT DISTINCT ?s ?p ?o WHERE {{ VALUES ?p {{ {' '.join(properties)} }} GRAPH {graph.named('derived')} {{"
        f" ?d {cq('derivedPredicate')} ?p ; {cq('displacedBy')} ?displacing ; {cq('derivedSubject')} ?s ;"
        f" {cq('derivedObject')} ?o }} }}"
    ).rows
    return sorted((s, p, o) for s, p, o in rows if s and p and o)


def relations_of_ties(graph: Graph) -> frozenset[Term]:
    """Return the derived relations that join two things of the registry."""
    derived, registry = graph.named("derived"), graph.named("registry")
    rows = graph.store.select(
        f"SELECT DISTINCT ?p WHERE {{ GRAPH {registry} {{ ?s {TYPE} ?one }} GRAPH {derived} {{ ?s ?p ?o }}"
        f" GRAPH {registry} {{ ?o {TYPE} ?other }} }}"
    ).rows
    return frozenset(p for (p,) in rows if p and p not in OF_DERIVATIONS)


def ties(graph: Graph, relations: AbstractSet[Term]) -> Sequence[Row]:
    """Return one, property, other, and first and last derivation by name, for all ties with these *relations*.

    Only the derivations of relations that join things of the registry are read, which the ties themselves show.
    """
    derived, articles = graph.named("derived"), f'"{graph.base}article/"'
    return [
        row
        for relation in sorted(relations)
        for row in graph.store.select(
            f"SELECT ?s ({relation} AS ?p) ?o (MIN(STR(?d)) AS ?first) (MAX(STR(?d)) AS ?last) WHERE {{"
            f" GRAPH {derived} {{ ?d {cq('derivedPredicate')} {relation} ; {cq('derivedSubject')} ?s ;"
            f" {cq('derivedObject')} ?o FILTER NOT EXISTS {{ ?d {cq('displacedBy')} ?displacing }} }}"
            f" FILTER (!STRSTARTS(STR(?s), {articles}) && !STRSTARTS(STR(?o), {articles})) }} GROUP BY ?s ?o"
        ).rows
    ]


def ties_with(graph: Graph, relations: AbstractSet[Term], node: Term, most: int) -> Sequence[Triple]:
    """Return at most *most* derived triples with these *relations* that join a thing of the registry to another one.

    They are sorted. One query for each relation, as tens of thousands of derivations may have the thing at one end.
    """
    derived, articles = graph.named("derived"), f'"{graph.base}article/"'
    triples: set[Triple] = set()
    for pattern, is_first in ((f"{node} {{}} ?other", True), (f"?other {{}} {node}", False)):
        for relation in sorted(relations):
            ends = graph.store.select(
                f"SELECT ?other WHERE {{ GRAPH {derived} {{ {pattern.format(relation)}"
                f" FILTER (ISIRI(?other) && !STRSTARTS(STR(?other), {articles})) }} }} LIMIT {most}"
            ).rows
            triples |= {(node, relation, end) if is_first else (end, relation, node) for (end,) in ends if end}
    return sorted(triples)[:most]
