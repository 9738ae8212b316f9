"""The graphs about a data set: its ontology, validation report and description. No I/O.

Nothing here has blank nodes: those of the ontology become IRIs made from their content, so that loading twice changes
nothing (https://www.w3.org/TR/rdf11-concepts/#section-skolemization). Description: https://www.w3.org/TR/void/ and
https://www.w3.org/TR/vocab-dcat-3/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import PurePath

import pyoxigraph as ox

from kg.core import iri
from kg.core.errors import Finding, Severity
from kg.core.model import Quad, Term
from kg.core.relations import grouped
from kg.core.terms import CQ, DCAT, DCTERMS, LABEL, ONTOLOGY, OWL, RDFS, RULE, SH, SKOS, TYPE, VOID, XSD, cq
from kg.core.values import iri_term, lexical, literal, string_literal
from kg.ontology.vocabulary import Vocabulary
from kg.pipeline.acceptance import Acknowledged
from kg.project.settings import Project
from kg.store.manifest import graphs_digest
from kg.store.objects import StoredLines

GENID = "https://w3id.org/.well-known/genid/communique/"
SEVERITY_TERMS = {Severity.ERROR: "Violation", Severity.WARNING: "Warning", Severity.INFO: "Info"}


# -------- ontology


def ontology_quads(triples: Sequence[ox.Triple], base: str) -> Iterator[Quad]:
    """Yield the ontology, shapes and code lists, with an IRI for each blank node and one rdfs:label for each term.

    Of labels in several languages, the rdfs:label is the English one, or else the first by language tag. The others
    become skos:prefLabel, so that a query for the label returns only one.
    """
    graph = f"<{iri.graph_iri(base, 'ontology')}>"
    names = _NodeNames(triples)
    shown = _best(triples, f"{RDFS}label")
    for triple in triples:
        predicate = str(triple.predicate)
        if predicate == LABEL and shown.get(str(triple.subject), triple.object) != triple.object:
            predicate = f"<{SKOS}prefLabel>"
        yield Quad(names.term(triple.subject), predicate, names.term(triple.object), graph)
    for code, label in _best(triples, f"{SKOS}prefLabel").items():
        if code not in shown:
            yield Quad(code, LABEL, string_literal(label.value), graph)


def _best(triples: Iterable[ox.Triple], predicate: str) -> Mapping[Term, ox.Literal]:
    """Return term -> its English text, or else the first by language tag."""
    labels_of = grouped(
        (str(triple.subject), triple.object)
        for triple in triples
        if triple.predicate.value == predicate and isinstance(triple.object, ox.Literal)
    )
    return {term: min(labels, key=_by_language) for term, labels in labels_of.items()}


def _by_language(label: ox.Literal) -> tuple[bool, str, str]:
    return label.language != "en", label.language or "", label.value


class _NodeNames:
    """Blank node -> an IRI made from all its statements. Only labelled blank nodes, never brackets, form cycles."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._statements: dict[object, list[tuple[str, object]]] = defaultdict(list)
        for triple in triples:
            if isinstance(triple.subject, ox.BlankNode):
                self._statements[triple.subject].append((str(triple.predicate), triple.object))
        self._known: dict[object, Term] = {}

    def term(self, node: object) -> Term:
        """Return the term of *node*, with the language tag of a literal in lower case."""
        if isinstance(node, ox.Literal) and node.language:
            return str(ox.Literal(node.value, language=node.language.lower()))
        if not isinstance(node, ox.BlankNode):
            return str(node)
        for each in self._innermost_first(node):
            lines = sorted(f"{predicate} {self._name(value)}" for predicate, value in self._statements[each])
            digest = sha256("\n".join(lines).encode()).hexdigest()[:24]
            self._known[each] = f"<{GENID}{digest}>"
        return self._known[node]

    def _name(self, value: object) -> Term:
        return self._known.get(value, "_:") if isinstance(value, ox.BlankNode) else self.term(value)

    def _innermost_first(self, node: object) -> Iterator[object]:
        """Yield the unnamed blank nodes below *node*, and *node* last. Not recursive, as lists may be of any length."""
        waiting, begun = [(node, False)], set(self._known)
        while waiting:
            each, ready = waiting.pop()
            if ready:
                yield each
            elif each not in begun:
                begun.add(each)
                waiting.append((each, True))
                inner = [value for _, value in self._statements[each] if isinstance(value, ox.BlankNode)]
                waiting += ((value, False) for value in inner)


# -------- validation report


def report_graph(base: str) -> Term:
    """Return the graph of the validation report."""
    return f"<{iri.graph_iri(base, 'validation')}>"


def report_lines(findings: Collection[Finding], acknowledged: Iterable[Acknowledged], base: str) -> Iterator[str]:
    """Yield the findings of a published graph as a SHACL validation report: warnings and infos, never violations.

    Accepted findings are not results of the report, but are recorded with their reasons. Each finding has its place,
    unless it is in a file outside the project's folder, which others do not have. These are N-Quads lines in no order,
    made without quads, since there are seven for each finding of all articles.
    """
    graph = report_graph(base)
    end = f"{graph} ."
    conforms = not any(finding.focus for finding in findings)
    yield f"{graph} {TYPE} <{SH}ValidationReport> {end}"
    yield f"{graph} <{SH}conforms> {literal('true' if conforms else 'false', XSD + 'boolean')} {end}"
    for finding in (finding for finding in findings if finding.focus):
        result = _result_term(finding, graph)
        yield f"{graph} <{SH}result> {result} {end}"
        yield from _result_lines(finding, result, end)
    for known in acknowledged:
        result = _result_term(known.finding, graph)
        yield f"{graph} {cq('acknowledges')} {result} {end}"
        yield f"{result} {cq('reason')} {known.reason} {end}"
        yield from _result_lines(known.finding, result, end)


def _result_term(finding: Finding, graph: Term) -> Term:
    return f"{graph[:-1]}/{iri.content_key([finding.code, finding.focus, finding.message])}>"


def _result_lines(finding: Finding, result: Term, end: str) -> Iterator[str]:
    yield f"{result} {TYPE} <{SH}ValidationResult> {end}"
    yield f"{result} <{SH}focusNode> <{finding.focus}> {end}"
    yield f"{result} <{SH}resultSeverity> <{SH}{SEVERITY_TERMS[finding.severity]}> {end}"
    yield f"{result} <{SH}sourceShape> <{RULE}{finding.code}> {end}"
    yield f"{result} <{SH}resultMessage> {string_literal(finding.message)} {end}"
    if _is_in_project(finding.place.path):
        yield f"{result} {cq('fileLocation')} {string_literal(str(finding.place))} {end}"


@lru_cache(1_000)
def _is_in_project(path: str) -> bool:
    return not PurePath(path).is_absolute()


# -------- description


def description_lines(
    project: Project, graphs: Mapping[Term, StoredLines], counted: Mapping[Term, int], vocabulary: Vocabulary
) -> Iterator[str]:
    """Yield the description of the data set: title, licence, version, and the sizes of its graphs and classes.

    *counted* gives the number of instances of each class, see `instances`. These are N-Quads lines in no order.
    """
    dataset, end = f"<{project.base}dataset>", f"{description_graph(project.base)} ."
    about = {
        f"<{DCTERMS}title>": string_literal(project.title),
        f"<{DCTERMS}description>": string_literal(project.description),
        f"<{OWL}versionInfo>": string_literal(_content_version(graphs)),
        f"<{VOID}uriSpace>": string_literal(project.base),
        f"<{VOID}vocabulary>": f"<{ONTOLOGY}>",
        f"<{DCTERMS}conformsTo>": f"<{ONTOLOGY}>",
        f"<{VOID}triples>": _count(sum(map(len, graphs.values()))),
    }
    if project.licence:
        about[f"<{DCTERMS}license>"] = iri_term(project.licence)
    yield f"{dataset} {TYPE} <{VOID}Dataset> {end}"
    yield f"{dataset} {TYPE} <{DCAT}Dataset> {end}"
    yield from (f"{dataset} {predicate} {value} {end}" for predicate, value in about.items() if value != '""')
    for name, lines in graphs.items():
        yield f"{dataset} <{VOID}subset> {name} {end}"
        yield f"{name} {TYPE} <{VOID}Dataset> {end}"
        yield f"{name} <{VOID}triples> {_count(len(lines))} {end}"
    yield from _class_lines(dataset, end, counted, vocabulary)


def description_graph(base: str) -> Term:
    """Return the graph with the description of the data set."""
    return f"<{iri.graph_iri(base, 'dataset')}>"


def _class_lines(dataset: Term, end: str, counted: Mapping[Term, int], vocabulary: Vocabulary) -> Iterator[str]:
    for name, number in sorted(counted.items()):
        local = lexical(name).removeprefix(CQ)
        if local in vocabulary.classes and "Code" not in vocabulary.classes[local].ancestors:
            part = f"{dataset[:-1]}/class/{local}>"
            yield f"{dataset} <{VOID}classPartition> {part} {end}"
            yield f"{part} <{VOID}class> {name} {end}"
            yield f"{part} <{VOID}entities> {_count(number)} {end}"


def _content_version(graphs: Mapping[Term, StoredLines]) -> str:
    """Return 16 hexadecimal digits that depend on every quad and nothing else."""
    return graphs_digest({graph: lines.summary for graph, lines in graphs.items()})[:16]


@lru_cache(10_000)
def _count(number: int) -> Term:
    return literal(str(number), XSD + "integer")
