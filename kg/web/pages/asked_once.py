"""SPARQL that reads all articles, asked once a generation: what happened when, and who met whom. Reads a store."""

from __future__ import annotations

from collections.abc import Sequence

from kg.model import Term
from kg.questions.graph import Graph
from kg.questions.standing import ASSERTED
from kg.terms import LABEL, PROV, TYPE, cq
from kg.web.pages.asked import Row


def facts(graph: Graph, classes: Sequence[Term]) -> Sequence[Row]:
    """Return fact, class, label, how far it has come and on whose word it stands, of all facts of some classes.

    How far is an occurrence or a stage; on whose word is said where the article does not say that it is so.
    """
    return graph.store.select(
        f"SELECT ?fact ?type ?label ?state ?word WHERE {{ VALUES ?type {{ {' '.join(classes)} }} GRAPH ?article {{"
        f" ?fact {TYPE} ?type . OPTIONAL {{ ?fact {LABEL} ?label }}"
        f" OPTIONAL {{ ?fact {cq('occurrence')}|{cq('stage')} ?state }}"
        f" OPTIONAL {{ ?fact {cq('reportedAs')} ?word . FILTER (?word NOT IN ({', '.join(ASSERTED)})) }} }} }}"
    ).rows


def event_topics(graph: Graph) -> Sequence[Row]:
    """Return event and topic, of all events."""
    return graph.store.select(
        f"SELECT ?event ?topic WHERE {{ GRAPH ?article {{ ?event {cq('eventTopic')} ?topic }} }}"
    ).rows


def broader_topics(graph: Graph) -> Sequence[Row]:
    """Return topic and the topic above it, of all topics."""
    registry = graph.named("registry")
    return graph.store.select(
        f"SELECT ?topic ?above WHERE {{ GRAPH {registry} {{ ?topic {cq('broaderTopic')} ?above }} }}"
    ).rows


def holders(graph: Graph) -> Sequence[tuple[Term | None, Term | None]]:
    """Return post and holder, of all posts."""
    rows = graph.store.select(
        f"SELECT ?post ?holder WHERE {{ GRAPH ?article {{ ?post {cq('holder')} ?holder }} }}"
    ).rows
    return [(post, holder) for post, holder in rows]


def encounters(graph: Graph) -> Sequence[Row]:
    """Return one, other, event and derivation, of all that was derived to have met and stands; the event is a story."""
    return graph.store.select(
        f"SELECT ?one ?other ?event ?derivation WHERE {{ GRAPH {graph.named('derived')} {{"
        f" ?derivation {cq('derivedPredicate')} {cq('metWith')} ; {cq('derivedSubject')} ?one ;"
        f" {cq('derivedObject')} ?other ; <{PROV}wasDerivedFrom> ?report . ?report {cq('story')} ?event ."
        f" FILTER NOT EXISTS {{ ?report {cq('displacedBy')} ?displacing }} }}"
        " FILTER (STR(?one) < STR(?other)) }"
    ).rows


def ties(graph: Graph) -> Sequence[Row]:
    """Return one, property, other, first and last derivation by name, of all ties between things of the registry."""
    articles = f'"{graph.base}article/"'
    return graph.store.select(
        f"SELECT ?s ?p ?o (MIN(STR(?d)) AS ?first) (MAX(STR(?d)) AS ?last) WHERE {{"
        f" GRAPH {graph.named('derived')} {{ ?d {cq('derivedSubject')} ?s ; {cq('derivedObject')} ?o ;"
        f" {cq('derivedPredicate')} ?p }}"
        f" FILTER (!STRSTARTS(STR(?s), {articles}) && !STRSTARTS(STR(?o), {articles})) }} GROUP BY ?s ?p ?o"
    ).rows
