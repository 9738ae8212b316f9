"""The SPARQL queries of pages besides the canned questions, one function each. Reads a store.

All are plain SPARQL 1.1 with named graphs, bound to a few nodes by VALUES or cut by LIMIT. Those that read a whole
graph say so, and run once for each generation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from sys import intern
from types import MappingProxyType

from kg.core.model import Term, Triple
from kg.core.relations import grouped
from kg.core.terms import DERIVATION, LABEL, OA, PROV, RDFS, SH, SKOS, SUBCLASS_OF, TYPE, cq
from kg.core.values import lexical
from kg.planning.rows import Row
from kg.questions.graph import AT_ONCE, Graph, optional, portions

OF_DERIVATIONS = DERIVATION | {TYPE, f"<{PROV}wasDerivedFrom>"}
"""Properties of derivations, which join no things."""

MOST_VALUES = 50
"""How many values of a property are asked for one by one."""


def rows_in_order(graph: Graph, query: str) -> Sequence[Row]:
    """Return the rows of a query, in an order that does not depend on the store unless the query has ORDER BY."""
    rows = graph.store.select(query).rows
    return rows if "ORDER BY" in query else sorted(rows, key=lambda row: [term or "" for term in row])


def _reported(graph: Graph) -> str:
    """Return the condition that excludes the derived graph from the graphs ?g."""
    return f"FILTER (?g != {graph.named('derived')})"


def pointing_at(graph: Graph, node: Term, most: int) -> Sequence[tuple[Term, Term]]:
    """Return at most *most* pairs of a node and the property by which it refers to *node*, without derived ones."""
    rows = rows_in_order(graph, f"SELECT ?s ?p WHERE {{ GRAPH ?g {{ ?s ?p {node} }} {_reported(graph)} }} LIMIT {most}")
    return [(s, p) for s, p in rows if s and p]


def some_pointing_at(graph: Graph, node: Term, properties: Sequence[Term], most: int) -> Sequence[tuple[Term, Term]]:
    """Return pairs as `pointing_at`, at most *most* for each property."""
    patterns = {prop: f"GRAPH ?g {{ ?value {prop} {node} }} {_reported(graph)}" for prop in properties}
    return sorted((subject, prop) for prop, subject in graph.some_of_each(patterns, most))


def is_reported(graph: Graph, prop: Term) -> bool:
    """Return whether any reported node has a property. Reads all nodes that have it if all are derived."""
    return graph.store.ask(f"ASK {{ GRAPH ?g {{ ?s {prop} ?o }} {_reported(graph)} }}")


def derived_of(graph: Graph, node: Term, most: int) -> Sequence[Triple]:
    """Return at most *most* derived triples that have *node* at one end."""
    derived = graph.named("derived")
    machinery = f"FILTER (?p NOT IN ({', '.join(sorted(OF_DERIVATIONS))}))"
    rows = rows_in_order(
        graph,
        f"SELECT ?s ?p ?o WHERE {{ GRAPH {derived} {{ {{ VALUES ?s {{ {node} }} ?s ?p ?o }} UNION"
        f" {{ VALUES ?o {{ {node} }} ?s ?p ?o }} {machinery} }} }} LIMIT {most}",
    )
    return [(s, p, o) for s, p, o in rows if s and p and o]


def derivations(graph: Graph, node: Term, triples: Sequence[Triple], most: int) -> Sequence[tuple[Triple, Term]]:
    """Return pairs of a derived triple about *node* and a standing derivation, at most *most* for each triple.

    One query for each triple, with the other end first: *node* itself may have tens of thousands.
    """
    derived, standing = graph.named("derived"), f"FILTER NOT EXISTS {{ ?d {cq('displacedBy')} ?displacing }}"
    pairs: list[tuple[Triple, Term]] = []
    for s, p, o in triples:
        ends = [f"?d {cq('derivedSubject')} {s}", f"?d {cq('derivedObject')} {o}"]
        first, second = reversed(ends) if s == node else ends
        parts = f"{first} . {second} . ?d {cq('derivedPredicate')} {p} . {standing}"
        query = f"SELECT ?d WHERE {{ GRAPH {derived} {{ {parts} }} }}"
        pairs += [((s, p, o), d) for (d,) in rows_in_order(graph, f"{query} LIMIT {most}") if d]
    return pairs


def derived_from_node(graph: Graph, node: Term, most: int) -> Sequence[tuple[Triple, Term]]:
    """Return at most *most* triples that are derived directly from *node*, each with its derivation."""
    derived = graph.named("derived")
    rows = rows_in_order(
        graph,
        f"SELECT ?s ?p ?o ?d WHERE {{ GRAPH {derived} {{ ?d <{PROV}wasDerivedFrom> {node} ; {cq('derivedSubject')} ?s ;"
        f" {cq('derivedPredicate')} ?p ; {cq('derivedObject')} ?o"
        f" FILTER NOT EXISTS {{ ?d {cq('displacedBy')} ?displacing }} }} }} LIMIT {most}",
    )
    return [((s, p, o), d) for s, p, o, d in rows if s and p and o and d]


def ontology_words(graph: Graph) -> Sequence[Row]:
    """Return term, label, superclass and type of every term of the ontology. Reads that graph."""
    return rows_in_order(
        graph,
        f"SELECT DISTINCT ?term ?label ?above ?is WHERE {{ GRAPH {graph.ontology} {{"
        f" ?term {LABEL} ?label ."
        f" OPTIONAL {{ ?term {SUBCLASS_OF} ?above }} OPTIONAL {{ ?term {TYPE} ?is }} }} }}",
    )


def page_sections(graph: Graph) -> Sequence[Row]:
    """Return class, its section, and the section's name, rank, whether it is on the timeline, and definition."""
    return rows_in_order(
        graph,
        f"SELECT ?class ?section ?name ?rank ?timeline ?definition WHERE {{ GRAPH {graph.ontology} {{"
        f" ?class {cq('pageSection')} ?section . ?section {LABEL} ?name ; {cq('sectionRank')} ?rank ."
        f" OPTIONAL {{ ?section {cq('onTimeline')} ?timeline }}"
        f" OPTIONAL {{ ?section <{SKOS}definition> ?definition }} }} }}",
    )


def ranges(graph: Graph) -> Sequence[Row]:
    """Return property and class of its values, for all properties of the ontology that name one."""
    return rows_in_order(graph, f"SELECT ?p ?class WHERE {{ GRAPH {graph.ontology} {{ ?p <{RDFS}range> ?class }} }}")


def domains(graph: Graph) -> Sequence[Row]:
    """Return property and class of the nodes that have it, for all properties of the ontology that name one."""
    return rows_in_order(graph, f"SELECT ?p ?class WHERE {{ GRAPH {graph.ontology} {{ ?p <{RDFS}domain> ?class }} }}")


def stage_ranks(graph: Graph) -> Sequence[Row]:
    """Return code and rank of the stages of undertakings."""
    return rows_in_order(
        graph, f"SELECT ?code ?rank WHERE {{ GRAPH {graph.ontology} {{ ?code {cq('stageRank')} ?rank }} }}"
    )


def reported_values(graph: Graph, prop: Term) -> Sequence[tuple[Term, Term]]:
    """Return node and value of everything reported or registered with a property. Reads all articles.

    One property, so that the engine answers in one run over an index, which takes some 5 microseconds for each row.
    """
    rows = graph.store.select(f"SELECT ?s ?o WHERE {{ GRAPH ?g {{ ?s {prop} ?o }} {_reported(graph)} }}").rows
    return [(intern(s), intern(o)) for s, o in rows if s and o]


def nodes_by_value(graph: Graph, prop: Term, counts: Callable[[Term], bool]) -> Iterator[tuple[Term, Sequence[Term]]]:
    """Yield each value of a property that *counts*, with nodes that have it. A value may come more than once.

    Of few values each has its own query, so that the engine reads the texts of half as many terms.
    """
    distinct = f"SELECT DISTINCT ?o WHERE {{ GRAPH ?g {{ ?s {prop} ?o }} {_reported(graph)} }}"
    values = [value for (value,) in graph.store.select(distinct).rows if value and counts(value)]
    if len(values) <= MOST_VALUES:
        yield from ((value, nodes_with(graph, prop, value)) for value in values)
    else:
        yield from grouped((value, node) for node, value in reported_values(graph, prop) if counts(value)).items()


def nodes_with(graph: Graph, prop: Term, value: Term) -> Sequence[Term]:
    """Return all reported or registered nodes with this value of a property. Reads all articles."""
    rows = graph.store.select(f"SELECT ?s WHERE {{ GRAPH ?g {{ ?s {prop} {value} }} {_reported(graph)} }}").rows
    return [intern(node) for (node,) in rows if node]


def articles(graph: Graph) -> Sequence[Row]:
    """Return article and its review status. Reads all articles."""
    status = optional("?article", f"?article {cq('curation')}/{cq('status')} ?status")
    return rows_in_order(
        graph,
        f"SELECT ?article ?status WHERE {{ GRAPH ?article {{ ?article {TYPE} {cq('Article')} }}{status} }}",
    )


_SEVERITIES = {f"<{SH}Violation>": "error", f"<{SH}Warning>": "warning", f"<{SH}Info>": "remark"}


def severity_word(severity: Term) -> str:
    """Return the word for a severity on pages."""
    return _SEVERITIES.get(severity, "remark")


def findings_by(graph: Graph, rule: Term) -> int:
    """Return the number of findings of one rule in the last build, without those that a curator accepts."""
    query = f"SELECT ?result WHERE {{ GRAPH {graph.named('validation')} {{ ?report <{SH}result> ?result ."
    return len(rows_in_order(graph, f"{query} ?result <{SH}sourceShape> {rule} }} }}"))


_USES = MappingProxyType({"class": f"?node {TYPE} {{}}", "property": "?node {} ?value", "code": "?node ?key {}"})
"""Place of a term in a statement -> the pattern that matches it there."""


def uses_of(graph: Graph, terms: Iterable[str], place: str) -> Mapping[str, int]:
    """Return IRI -> number of statements outside the ontology with it as "class" of the subject, as "property", or as
    value ("code"). Unused IRIs are left out.

    One term after the other, in all graphs and in the ontology: the engine counts along an index.
    """
    patterns = {term: _USES[place].format(f"<{term}>") for term in terms}
    uses = {term: _count(graph, "?g", some) - _count(graph, graph.ontology, some) for term, some in patterns.items()}
    return {term: number for term, number in uses.items() if number}


def _count(graph: Graph, where: Term, pattern: str) -> int:
    query = f"SELECT (COUNT(*) AS ?uses) WHERE {{ GRAPH {where} {{ {pattern} }} }}"
    return sum(int(lexical(uses)) for (uses,) in graph.store.select(query).rows)


def changes_of(graph: Graph, article: Term) -> Sequence[Row]:
    """Return how articles correct and supersede one another around *article*: one, property and other."""
    return rows_in_order(
        graph,
        f"SELECT DISTINCT ?one ?p ?other WHERE {{ VALUES ?p {{ {cq('corrects')} {cq('supersedes')} }}"
        f" {{ GRAPH {article} {{ {article} ?p ?other }} BIND ({article} AS ?one) }}"
        f" UNION {{ GRAPH ?g {{ ?one ?p {article} }} BIND ({article} AS ?other) }} }} ORDER BY ?one ?p ?other",
    )


def links_of(graph: Graph, node: Term) -> Sequence[Row]:
    """Return relation, IRI in the other registry, and justification of the links of one thing."""
    return rows_in_order(
        graph,
        f"SELECT DISTINCT ?relation ?other ?why WHERE {{ GRAPH {graph.named('registry')} {{"
        f" ?link {cq('linkSubject')} {node} ; {cq('linkPredicate')} ?relation ; {cq('linkObject')} ?other ."
        f" OPTIONAL {{ ?link {cq('justification')} ?why }} }} }} ORDER BY ?relation ?other",
    )


def story_reports(graph: Graph) -> Mapping[Term, Term]:
    """Return report -> the report that represents its story, for all events and agreements."""
    rows = graph.store.select(
        f"SELECT ?report ?story WHERE {{ GRAPH {graph.named('derived')} {{ ?report {cq('story')} ?story }} }}"
    ).rows
    return {intern(report): intern(story) for report, story in rows if report and story}


def displaced_nodes(graph: Graph) -> frozenset[Term]:
    """Return all facts and derivations that no longer stand."""
    rows = graph.store.select(
        f"SELECT DISTINCT ?fact WHERE {{ GRAPH {graph.named('derived')} {{ ?fact {cq('displacedBy')} ?by }} }}"
    ).rows
    return frozenset(intern(fact) for (fact,) in rows if fact)


def displaced_by(graph: Graph, facts: str) -> Sequence[tuple[Term, Term]]:
    """Return pairs of one of *facts*, separated by spaces, and a fact that it displaces."""
    rows = graph.store.select(
        f"SELECT ?fact ?old WHERE {{ VALUES ?fact {{ {facts} }}"
        f" GRAPH {graph.named('derived')} {{ ?old {cq('displacedBy')} ?fact }} }}"
    ).rows
    return sorted((fact, old) for fact, old in rows if fact and old)


def evidence_starts(graph: Graph, facts: Iterable[Term]) -> Mapping[Term, int]:
    """Return fact -> where its first evidence begins in the text, for those of *facts* that have any."""
    starts: dict[Term, int] = {}
    start = f"{cq('evidence')}/<{OA}hasSelector>/<{OA}start>"
    for some in portions(facts):
        rows = graph.store.select(
            f"SELECT ?fact ?begin WHERE {{ VALUES ?fact {{ {some} }} GRAPH ?article {{ ?fact {start} ?begin }} }}"
        ).rows
        for fact, begin in rows:
            if fact and begin:
                place = int(lexical(begin))
                starts[fact] = min(starts.get(fact, place), place)
    return starts


def broader_topics(graph: Graph) -> Sequence[Row]:
    """Return topic and broader topic for all topics, which a server reads once."""
    pattern = f"GRAPH {graph.named('registry')} {{ ?topic {cq('broaderTopic')} ?above }}"
    query = f"SELECT ?topic ?above WHERE {{ {pattern} }}"
    return graph.once("broader topics", lambda: graph.store.select(query).rows)


def coordinates(graph: Graph) -> Mapping[Term, tuple[float, float]]:
    """Return place -> latitude and longitude in degrees, for all places of the registry that have both."""
    registry, known = graph.named("registry"), f"?place {cq('latitude')} ?latitude ; {cq('longitude')} ?longitude"
    rows = graph.store.select(f"SELECT ?place ?latitude ?longitude WHERE {{ GRAPH {registry} {{ {known} }} }}").rows
    return {place: (float(lexical(lat)), float(lexical(long))) for place, lat, long in rows if place and lat and long}


def nodes_naming(graph: Graph, thing: Term, properties: Iterable[Term]) -> Sequence[tuple[Term, Term]]:
    """Return pairs of a node that names *thing* with one of some properties, and that property."""
    return [
        (node, prop)
        for prop in properties
        for (node,) in graph.store.select(f"SELECT ?s WHERE {{ GRAPH ?g {{ ?s {prop} {thing} }} }}").rows
        if node
    ]


def naming_in(
    graph: Graph, articles: Iterable[Term], things: Sequence[Term]
) -> Mapping[Term, Sequence[tuple[Term, Term]]]:
    """Return thing -> sorted pairs of a node in some articles that names it and the property by which it does."""
    pairs = [(article, thing) for article in dict.fromkeys(articles) for thing in things]
    rows = [
        row
        for k in range(0, len(pairs), AT_ONCE)
        for row in graph.store.select(
            f"SELECT ?o ?s ?p WHERE {{ VALUES (?g ?o) {{ {' '.join(f'({g} {o})' for g, o in pairs[k : k + AT_ONCE])} }}"
            " GRAPH ?g { ?s ?p ?o } }"
        ).rows
    ]
    return grouped(sorted((thing, (node, prop)) for thing, node, prop in rows if thing and node and prop))
