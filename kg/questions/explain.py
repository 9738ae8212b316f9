"""A thing of the graph -> all that is said of it, by whom, in which words. Reads a store.

What is nested in a fact is told with it; what other nodes say of the thing is told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.terms import CQ, OA, PROV, TYPE, cq
from kg.core.values import is_iri, lexical
from kg.questions.graph import Graph, local_name
from kg.questions.reading import PROPERTIES as READING
from kg.questions.reading import FactReading, readings
from kg.questions.standing import with_standings
from kg.questions.stories import displacing
from kg.questions.when import PROPERTIES as DATES
from kg.questions.words import Passage, derived_from, words_behind

DEEPEST = 4
MOST_INCOMING = 200
_SHOWN_OTHERWISE = frozenset({TYPE, cq("evidence"), f"<{PROV}wasDerivedFrom>", *READING, *DATES})
_MACHINERY = frozenset(
    {
        f"<{OA}hasSource>",
        f"<{OA}hasSelector>",
        cq("hasText"),
        cq("derivedSubject"),
        cq("derivedObject"),
        cq("derivedPredicate"),
        cq("within"),  # contained in, part of and the like say it, each with its words
    }
)


@dataclass(frozen=True, slots=True)
class ExplainedValue:
    """One value of a property, or one node that points here.

    Attributes:
        term: as it is in the graph.
        label: for people: a label, the id, or the text of a literal; of a fact also how it stands, where that must
            be said, and whether it no longer does.
        inside: what is said of a node that is nested in the thing.
    """

    term: Term
    label: str
    inside: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One property and its values, sorted by label."""

    property: Term
    label: str
    values: tuple[ExplainedValue, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is to be told about one thing.

    Attributes:
        iri: its term.
        id: without the base.
        label: its name.
        types: what it is, in words.
        reading: of a fact, how it reads; else None.
        graphs: the named graphs that speak of it.
        statements: what is said of it.
        incoming: what other nodes say with it; at most MOST_INCOMING.
        words: what it rests on; for a thing without words of its own, what the nodes rest on that name it.
        own_words: whether the words are its own.
        derived_from: the nodes it was derived from.
        facts: of an article, what it reports.
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
    derived_from: tuple[ExplainedValue, ...]
    facts: tuple[ExplainedValue, ...]


def explain(graph: Graph, iri: Term) -> Explanation:
    """Return all that the graph tells of *iri*."""
    everything = _triples(graph, iri)
    pointing = [(s, p, o) for s, p, o in _incoming(graph, iri) if (o, p, s) not in everything]
    told = [triple for triple in everything if triple[0] != triple[2]]  # a single report is its own story
    origins = derived_from(graph, [iri]).get(iri, ())
    facts = _facts(graph, iri)
    label = _names(graph, [iri])[iri]
    mentioned = _names(graph, [iri, *origins, *facts, *_mentioned(told), *_mentioned(pointing)])
    gone = displacing(graph, mentioned)
    names = {
        node: f"{name} – no longer stands" if node in gone else name
        for node, name in with_standings(graph, mentioned).items()
    }
    own = words_behind(graph, [iri]).get(iri, ())
    others = [] if own else list(words_behind(graph, [subject for subject, _, _ in pointing]).values())
    return Explanation(
        iri=iri,
        id=graph.id(iri),
        label=label,
        types=_types(iri, told, names),
        reading=readings(graph, [iri]).get(iri),
        graphs=_graphs(graph, iri),
        statements=_statements(iri, told, names, DEEPEST),
        incoming=_grouped(((p, ExplainedValue(s, names[s])) for s, p, _ in pointing), names),
        words=own or _each_once(words for some in others for words in some),
        own_words=bool(own),
        derived_from=tuple(ExplainedValue(origin, names[origin]) for origin in origins),
        facts=tuple(ExplainedValue(fact, names[fact]) for fact in facts),
    )


_Triples = Sequence[tuple[Term, Term, Term]]


def _triples(graph: Graph, iri: Term) -> _Triples:
    """Return what is said of the thing and of all that is nested in it; nested IRIs begin with the thing's own."""
    said = _said(graph, [iri])
    new = said
    for _ in range(DEEPEST):
        nested = {o for s, p, o in new if p not in _MACHINERY and o.startswith(f"{iri[:-1]}/") and o != s}
        nested -= {s for s, _, _ in said}
        if not nested:
            break
        new = _said(graph, sorted(nested))
        said = [*said, *new]
    return said


def _said(graph: Graph, iris: Sequence[Term]) -> list[tuple[Term, Term, Term]]:
    rows = graph.store.select(
        f"SELECT DISTINCT ?s ?p ?o WHERE {{ VALUES ?s {{ {' '.join(iris)} }} GRAPH ?g {{ ?s ?p ?o }} }}"
        " ORDER BY ?s ?p ?o"
    ).rows
    return [(s, p, o) for s, p, o in rows if s and p and o]


def _facts(graph: Graph, iri: Term) -> list[Term]:
    """Return the facts that have an id in the article *iri*, none if it is no article; sorted."""
    rows = graph.store.select(
        f"SELECT DISTINCT ?fact WHERE {{ GRAPH {iri} {{ ?fact {cq('evidence')} ?words }} }} ORDER BY ?fact"
    ).rows
    return [fact for (fact,) in rows if fact and "/" not in fact.removeprefix(f"{iri[:-1]}/")]


def _incoming(graph: Graph, iri: Term) -> list[tuple[Term, Term, Term]]:
    rows = graph.store.select(
        f"SELECT DISTINCT ?s ?p WHERE {{ GRAPH ?g {{ ?s ?p {iri} }}"
        f" FILTER(!STRSTARTS(STR(?s), CONCAT(STR({iri}), '/'))) }} ORDER BY ?p ?s LIMIT {MOST_INCOMING}"
    ).rows
    return [(s, p, iri) for s, p in rows if s and p and p not in _MACHINERY and is_iri(s)]


def _graphs(graph: Graph, iri: Term) -> tuple[Term, ...]:
    rows = graph.store.select(f"SELECT DISTINCT ?g WHERE {{ GRAPH ?g {{ {iri} ?p ?o }} }} ORDER BY ?g").rows
    return tuple(str(row[0]) for row in rows)


def _mentioned(triples: _Triples) -> Iterable[Term]:
    return (term for triple in triples for term in triple if is_iri(term))


def _names(graph: Graph, iris: Iterable[Term]) -> Mapping[Term, str]:
    """Return node -> what to call it: its label, else the label of the fact it is nested in, else its id."""
    wanted = list(dict.fromkeys(iris))
    labels = graph.labels(wanted)
    bare = [iri for iri in wanted if iri not in labels]
    above = {iri: _ancestors(graph, iri) for iri in bare}
    more = graph.labels(ancestor for ancestors in above.values() for ancestor in ancestors)
    names = dict(labels)
    for iri in bare:
        parent = next((ancestor for ancestor in above[iri] if ancestor in more), None)
        rest = graph.id(iri).removeprefix(graph.id(parent) + "/") if parent else ""
        names[iri] = f"{more[parent]} › {rest}" if parent else _short(graph, iri)
    return names


def _ancestors(graph: Graph, iri: Term) -> list[Term]:
    """Return the IRIs above, nearest first, down to the facts of an article."""
    parts = graph.id(iri).split("/")
    if parts[0] != "article" or len(parts) < 4:
        return []
    return [f"<{graph.base}{'/'.join(parts[:k])}>" for k in range(len(parts) - 1, 2, -1)]


def _short(graph: Graph, iri: Term) -> str:
    return graph.id(iri) if lexical(iri).startswith(f"{graph.base}article/") else local_name(iri)


def _types(iri: Term, told: _Triples, names: Mapping[Term, str]) -> tuple[str, ...]:
    """Return the names of its types, those of our ontology first."""
    types = [o for s, p, o in told if s == iri and p == TYPE]
    return tuple(names[kind] for kind in sorted(types, key=lambda kind: (not kind.startswith(f"<{CQ}"), names[kind])))


def _each_once(words: Iterable[Passage]) -> tuple[Passage, ...]:
    """Return one of the words for each sentence."""
    found: dict[tuple[Term, str], Passage] = {}
    for some in words:
        found.setdefault((some.article.iri, some.sentence or some.quote), some)
    return tuple(found.values())


def _statements(subject: Term, told: _Triples, names: Mapping[Term, str], depth: int) -> tuple[Statement, ...]:
    subjects = {s for s, _, _ in told} - {subject}
    skipped = _SHOWN_OTHERWISE | _MACHINERY

    def value(term: Term) -> ExplainedValue:
        nested = term in subjects and depth and not subject.startswith(f"{term[:-1]}/")
        inside = _statements(term, told, names, depth - 1) if nested else ()
        return ExplainedValue(term, names[term] if is_iri(term) else lexical(term), inside)

    return _grouped(((p, value(o)) for s, p, o in told if s == subject and p not in skipped), names)


def _grouped(pairs: Iterable[tuple[Term, ExplainedValue]], names: Mapping[Term, str]) -> tuple[Statement, ...]:
    groups: dict[Term, list[ExplainedValue]] = {}
    for prop, value in pairs:
        groups.setdefault(prop, []).append(value)
    return tuple(
        Statement(prop, names[prop], tuple(sorted(values, key=lambda value: (value.label, value.term))))
        for prop, values in sorted(groups.items(), key=lambda group: names[group[0]])
    )
