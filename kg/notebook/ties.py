"""People, organizations and places in a graph -> a networkx graph of their derived relations. Reads a store.

The only module that imports networkx.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.core.terms import PROV, TYPE, cq
from kg.core.values import local_name
from kg.export.ties import ENDS
from kg.questions.graph import Graph

if TYPE_CHECKING:
    import networkx


@dataclass(slots=True)
class Support:
    """The support for a relation between two things: facts, the stories that they report, articles by id."""

    facts: set[Term] = field(default_factory=set)
    stories: set[Term] = field(default_factory=set)
    articles: set[str] = field(default_factory=set)


def network(graph: Graph) -> networkx.MultiDiGraph:
    """Return the network: see `OpenProject.network`.

    Raises:
        UsageError: networkx is not installed.
    """
    try:
        import networkx
    except ImportError as error:
        raise UsageError("networks need the extra 'networkx'", "pip install 'communique-kg[networkx]'") from error
    made = networkx.MultiDiGraph()
    kinds = _kinds(graph)
    labels = graph.labels(kinds)
    for node, kind in sorted(kinds.items()):
        made.add_node(graph.id(node), label=labels.get(node, graph.id(node)), kind=kind)
    ties = _ties(graph, kinds)
    relations = graph.labels({relation for _, relation, _ in ties})
    for (one, relation, other), tie in sorted(ties.items()):
        name = local_name(relation)
        label = relations.get(relation, name)
        weight = len(tie.stories or tie.facts)
        made.add_edge(
            graph.id(one), graph.id(other), key=name, label=label, weight=weight, articles=sorted(tie.articles)
        )
    return made


def _kinds(graph: Graph) -> Mapping[Term, str]:
    """Return node -> its class in ENDS."""
    kinds: dict[Term, str] = {}
    for name in ENDS:
        values = f"VALUES ?type {{ {' '.join(graph.subclasses(name))} }}"
        query = f"SELECT ?node WHERE {{ {values} GRAPH {graph.named('registry')} {{ ?node {TYPE} ?type }} }}"
        kinds |= {node: name for (node,) in graph.store.select(query).rows if node}
    return kinds


def _ties(graph: Graph, kinds: Mapping[Term, str]) -> dict[tuple[Term, Term, Term], Support]:
    derivation = f"?d {cq('derivedSubject')} ?one ; {cq('derivedPredicate')} ?relation ; {cq('derivedObject')} ?other"
    rows = graph.store.select(
        f"SELECT DISTINCT ?one ?relation ?other ?fact ?story WHERE {{ GRAPH {graph.named('derived')} {{"
        f" {derivation} ; <{PROV}wasDerivedFrom> ?fact FILTER NOT EXISTS {{ ?d {cq('displacedBy')} ?displacing }}"
        f" OPTIONAL {{ ?fact {cq('story')} ?story }} }} }}"
    ).rows
    ties: dict[tuple[Term, Term, Term], Support] = {}
    for one, relation, other, fact, story in rows:
        if one in kinds and other in kinds and one and relation and other and fact and relation != cq("within"):
            tie = ties.setdefault((one, relation, other), Support())
            tie.facts.add(fact)
            tie.stories |= {story} if story else set()
            tie.articles |= _article(graph, fact)
    return ties


def _article(graph: Graph, fact: Term) -> set[str]:
    """Return the id of the article that reports a fact, empty for a derived one."""
    start = "article/"
    name = graph.id(fact)
    return {start + name.removeprefix(start).partition("/")[0]} if name.startswith(start) else set()
