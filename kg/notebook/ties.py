"""People, organizations and places in a graph -> their derived relations, as networkx and as rows. Reads a store.

The only module that imports networkx.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.core.terms import OWL, PROV, TYPE, cq
from kg.core.values import XSD, literal, local_name, string_literal
from kg.export.ties import ENDS
from kg.notebook.answer import Answer
from kg.planning.rows import Rows
from kg.questions.graph import Graph
from kg.questions.when import dates_of, days_of
from kg.questions.words import words_behind
from kg.render.cells import Look

if TYPE_CHECKING:
    import networkx


COLUMNS = (
    *("one", "oneLabel", "oneKind", "relation", "relationLabel", "other", "otherLabel", "otherKind"),
    *("weight", "earliest", "latest", "mutual", "articles", "facts"),
)
"""The columns of a table of ties."""

SEPARATOR = " | "
"""Between several articles or facts in one cell, as in tables of `kg export`."""

_SYMMETRIC = f"<{OWL}SymmetricProperty>"


@dataclass(slots=True)
class Support:
    """The support for a relation between two things: facts, the stories that they report, articles by id."""

    facts: set[Term] = field(default_factory=set)
    stories: set[Term] = field(default_factory=set)
    articles: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class DatedTie:
    """A relation between two things.

    Attributes:
        one: a person, body or place.
        relation: the property.
        label: of the property.
        other: a person, body or place.
        weight: how many stories it rests on, or facts if they are in none.
        earliest: first possible day of all its facts, "" if none has a date.
        latest: last possible day of those facts, or "".
        articles: ids of those that report it, sorted.
        facts: that it is derived from, sorted.
    """

    one: Term
    relation: Term
    label: str
    other: Term
    weight: int
    earliest: str
    latest: str
    articles: tuple[str, ...]
    facts: tuple[Term, ...]


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
    for tie in _ties(graph, kinds):
        made.add_edge(
            graph.id(tie.one), graph.id(tie.other), key=local_name(tie.relation), label=tie.label, weight=tie.weight,
            earliest=_day(tie.earliest), latest=_day(tie.latest), articles=list(tie.articles),
            facts=list(map(graph.id, tie.facts)),
        )  # fmt: skip
    return made


def ties_answer(graph: Graph, look: Look) -> Answer:
    """Return the ties as rows with their evidence: see `OpenProject.ties`."""
    kinds = _kinds(graph)
    labels = graph.labels(kinds)
    symmetric = {prop for prop, in graph.store.select(
        f"SELECT ?prop WHERE {{ GRAPH {graph.ontology} {{ ?prop {TYPE} {_SYMMETRIC} }} }}"
    ).rows}  # fmt: skip
    ties = [tie for tie in _ties(graph, kinds) if tie.relation not in symmetric or tie.one < tie.other]
    words = words_behind(graph, [fact for tie in ties for fact in tie.facts])

    def end(node: Term) -> tuple[Term, ...]:
        return node, string_literal(labels.get(node, graph.id(node))), string_literal(kinds[node])

    rows = [
        (
            *end(tie.one), string_literal(local_name(tie.relation)), string_literal(tie.label), *end(tie.other),
            literal(str(tie.weight), f"{XSD}integer"), *(_date(day) for day in (tie.earliest, tie.latest)),
            literal(str(tie.relation in symmetric).lower(), f"{XSD}boolean"),
            *(string_literal(SEPARATOR.join(some)) for some in (tie.articles, map(graph.id, tie.facts))),
        )
        for tie in ties
    ]  # fmt: skip
    behind = tuple(tuple(passage for fact in tie.facts for passage in words.get(fact, ())) for tie in ties)
    return Answer(Rows(COLUMNS, tuple(rows)), look, behind)


def _date(day: str) -> Term | None:
    return literal(day, f"{XSD}date") if day else None


def _day(day: str) -> date | str | None:
    """Return a day as Python has it, or as text if its year is beyond those of Python, None if there is none."""
    try:
        return date.fromisoformat(day) if day else None
    except ValueError:
        return day


def _kinds(graph: Graph) -> Mapping[Term, str]:
    """Return node -> its class in ENDS."""
    kinds: dict[Term, str] = {}
    for name in ENDS:
        values = f"VALUES ?type {{ {' '.join(graph.subclasses(name))} }}"
        query = f"SELECT ?node WHERE {{ {values} GRAPH {graph.named('registry')} {{ ?node {TYPE} ?type }} }}"
        kinds |= {node: name for (node,) in graph.store.select(query).rows if node}
    return kinds


def _ties(graph: Graph, kinds: Mapping[Term, str]) -> list[DatedTie]:
    """Return the ties between things in *kinds*, sorted. A symmetric relation is there in both directions."""
    support = _support(graph, kinds)
    labels = graph.labels({relation for _, relation, _ in support})
    dates = dates_of(graph, {fact for each in support.values() for fact in each.facts})
    ties = []
    for (one, relation, other), each in sorted(support.items()):
        ties.append(
            DatedTie(
                one, relation, labels.get(relation, local_name(relation)), other, len(each.stories or each.facts),
                *days_of(dates[fact] for fact in each.facts if fact in dates),
                tuple(sorted(each.articles)), tuple(sorted(each.facts)),
            )
        )  # fmt: skip
    return ties


def _support(graph: Graph, kinds: Mapping[Term, str]) -> dict[tuple[Term, Term, Term], Support]:
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
