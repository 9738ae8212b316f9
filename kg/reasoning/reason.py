"""A project -> what its ontology and facts entail: contradictions, unsatisfiable classes, inferred types, hierarchy.

Reads the project's files; kg/reasoning/reasoner.py runs the reasoner. https://www.w3.org/TR/owl2-direct-semantics/#Inference_Problems
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from kg.core.errors import EndpointError, Finding, Place, Severity, UsageError
from kg.core.likeness import proposal
from kg.core.model import Quad, Term
from kg.core.terms import TYPE
from kg.core.values import is_iri
from kg.ontology.load import ontology_triples
from kg.pipeline.compile import Compiled, compile_project
from kg.pipeline.derive import derived_lines, ordered_rules
from kg.pipeline.ontology_graph import ontology_graph
from kg.project.layout import ontology_files
from kg.project.settings import Project
from kg.project.sources import read_sources
from kg.reasoning.contradiction import Contradiction, contradictions, smallest
from kg.reasoning.owl import Axioms, axioms_of, declared, directly_above, ontology_statements, reasoner_lines
from kg.reasoning.reasoner import Engine, Inference, engine
from kg.reasoning.verdict import (
    Naming,
    class_findings,
    contradiction_finding,
    facts_finding,
    node_labels,
    ontology_finding,
)
from kg.store.embedded import memory_store
from kg.store.lines import line_quad

_PREFIX = re.compile(r"^@prefix\s+([^\s:]*):\s+<([^>]*)>", re.MULTILINE | re.IGNORECASE)
SECONDS = 120.0
FEW_FACTS = 20
"""Up to this number, it is faster to consider each fact than each article first."""


@dataclass(frozen=True, slots=True)
class InferredType:
    """A type of a node that is inferred, not written.

    Attributes:
        node: its term.
        label: of the node, or "".
        type: term of the class.
        place: where the node was written, None for a node of the ontology.
    """

    node: Term
    label: str
    type: Term
    place: Place | None


@dataclass(frozen=True, slots=True)
class ReasoningReport:
    """The results of the reasoner.

    Attributes:
        articles: ids of the articles that were read.
        consistent: whether ontology and facts can all be true together.
        findings: contradictions and unsatisfiable classes, in the order of reports.
        inferred: inferred types by node, empty if there are contradictions.
        above: (class, superclass) that are inferred, not written.
        hierarchy: each class -> its direct superclasses, written or inferred.
        labels: class -> label in English, or its local name.
        texts: path -> content, of the files that the findings refer to.
        errors: how many errors `kg check` reports for these files. The affected facts were left out.
    """

    articles: tuple[str, ...]
    consistent: bool
    findings: tuple[Finding, ...]
    inferred: tuple[InferredType, ...]
    above: tuple[tuple[Term, Term], ...]
    hierarchy: Mapping[Term, tuple[Term, ...]]
    labels: Mapping[Term, str]
    texts: Mapping[str, str]
    errors: int


def reason(
    project: Project,
    articles: Sequence[str] | None = None,
    *,
    ontology_only: bool = False,
    reasoner: str = "hermit",
    seconds: float = SECONDS,
) -> ReasoningReport:
    """Return what the project's ontology entails, with the registry, the facts of *articles* and the derived facts.

    Args:
        project: the project.
        articles: ids, None for all.
        ontology_only: leave out registry and articles.
        reasoner: "hermit" or "pellet".
        seconds: time limit in total.

    Raises:
        UsageError: an unknown article, or owlready2 or Java is missing.
        InputError: the ontology cannot be used.
        EndpointError: the time limit was reached.
    """
    machine = engine(reasoner, seconds)
    compiled = None if ontology_only else _compiled(project, articles)
    case = _case(project, compiled)
    inference, contradictory = _inferred(case, machine)
    findings = [*contradictory, *class_findings(inference.impossible, case.words)]
    inferred = tuple(_inferred_types(case, inference)) if not contradictory else ()
    hierarchy = directly_above([*_written_above(case), *inference.above])
    errors = [f for f in (compiled.findings if compiled else ()) if f.severity is Severity.ERROR]
    return ReasoningReport(
        articles=tuple(sorted(Path(record.path).stem for record in compiled.articles)) if compiled else (),
        consistent=not contradictory,
        findings=tuple(sorted(findings, key=lambda finding: finding.sort_key)),
        inferred=inferred,
        above=tuple(sorted(pair for pair in inference.above if inference.impossible.isdisjoint(pair))),
        hierarchy=hierarchy,
        labels={kind: case.words.axioms.label(kind) for kind in {*hierarchy, *(each.type for each in inferred)}},
        texts=_texts(project, findings),
        errors=len(errors),
    )


def _compiled(project: Project, articles: Sequence[str] | None) -> Compiled:
    """Compile the registry and *articles*. Their SHACL findings are not reported here."""
    sources = read_sources(project)
    known = {source.stem: source.path for source in sources.articles}
    names = known if articles is None else [Path(name).name.removesuffix(".yaml") for name in articles]
    for name in names:
        if name not in known:
            raise UsageError(f"there is no article '{name}'", proposal(name, known, "see the files in data/articles"))
    return compile_project(project, sources, only=frozenset(known[name] for name in names))


# -------- the input of the reasoner


@dataclass(frozen=True, slots=True)
class _ReasonerInput:
    """An ontology and facts, with names for messages."""

    ontology: tuple[Quad, ...]
    facts: tuple[Quad, ...]
    written: Mapping[Term, Place]
    words: Naming

    def lines(self, facts: Iterable[Quad]) -> tuple[str, ...]:
        """Return the ontology and *facts* as input for a reasoner."""
        return reasoner_lines((*self.ontology, *facts))

    def contradictions(self, impossible: frozenset[Term] = frozenset()) -> tuple[Contradiction, ...]:
        """Return the contradictions that the simple axioms explain. *impossible* are known unsatisfiable classes."""
        return contradictions(self.words.axioms, (*self.ontology, *self.facts), impossible)

    def without(self, explained: Iterable[Contradiction]) -> list[Quad]:
        """Return the facts that do not mention the nodes of *explained* contradictions."""
        nodes = {each.node for each in explained}
        return [fact for fact in self.facts if fact.subject not in nodes and fact.object not in nodes]


def _case(project: Project, compiled: Compiled | None) -> _ReasonerInput:
    triples = ontology_triples(project.ontology)
    ontology, records = ontology_statements(triples), compiled.records if compiled else ()
    lines = [line for record in records for line in record.lines]
    store = memory_store([*lines, *ontology_graph(project)[1]])
    derived = derived_lines(store, ordered_rules(project.ontology), project.base, project.ontology)
    facts = tuple(map(line_quad, [*lines, *derived]))
    written = {node: place for record in records for node, place in record.places.items()}
    declared = _declarations(project, {statement.subject for statement in ontology})
    axioms, labels = axioms_of(ontology), node_labels((*ontology, *facts))
    return _ReasonerInput(ontology, facts, written, Naming(axioms, labels, {**declared, **written}, project.base))


def _inferred(case: _ReasonerInput, machine: Engine) -> tuple[Inference, list[Finding]]:
    """Return the inferences from all facts, or from those without contradictions, and the findings on the others."""
    inference = machine.infer(case.lines(case.facts))
    if inference.consistent:
        return inference, []
    known = case.contradictions()
    try:
        return _explained(case, machine, known)
    except EndpointError:  # some are known, or at least that there are some
        findings = [contradiction_finding(each, case.words) for each in known]
        return inference, findings or [facts_finding(case.facts, False, case.words)]


def _explained(
    case: _ReasonerInput, machine: Engine, explained: Sequence[Contradiction]
) -> tuple[Inference, list[Finding]]:
    """Return the same for contradictory facts: those explained here, and a minimal set of the remaining facts."""

    def infer(facts: Sequence[Quad]) -> Inference:
        return machine.infer(case.lines(facts))

    if explained and case.facts and (inference := infer(case.without(explained))).consistent:
        return inference, [contradiction_finding(each, case.words) for each in explained]
    alone = infer(())
    explained = case.contradictions(alone.impossible)
    findings = [contradiction_finding(each, case.words) for each in explained]
    rest = case.without(explained)
    if not alone.consistent:
        return alone, findings or [ontology_finding(case.words)]
    if not explained or not infer(rest).consistent:
        fewest = _smallest(case.words.axioms, rest, lambda facts: not infer(facts).consistent)
        findings.append(facts_finding(*fewest, case.words))
    return alone, findings


def _smallest(
    axioms: Axioms, facts: Sequence[Quad], contradict: Callable[[Sequence[Quad]], bool]
) -> tuple[Sequence[Quad], bool]:
    """Return a minimal set of contradictory facts, narrowed by article and then by fact, and whether time sufficed."""
    try:
        likely = _likely(axioms, facts)
        facts = likely if likely and contradict(likely) else facts
        if len(facts) > FEW_FACTS:
            graphs = {fact.graph: [each for each in facts if each.graph == fact.graph] for fact in facts}
            kept = smallest(list(graphs.values()), lambda some: contradict(list(chain.from_iterable(some))))
            facts = list(chain.from_iterable(kept))
        return smallest(facts, contradict), True
    except EndpointError:
        return facts, False


def _likely(axioms: Axioms, facts: Sequence[Quad]) -> list[Quad]:
    """Return the facts whose properties have further axioms, and the types of their nodes."""
    bound = {fact for fact in facts if not axioms.bound.isdisjoint(axioms.over(fact.predicate))}
    nodes = {node for fact in bound for node in (fact.subject, fact.object)}
    return [fact for fact in facts if fact in bound or (fact.predicate == TYPE and fact.subject in nodes)]


# -------- inferences


def _inferred_types(case: _ReasonerInput, inference: Inference) -> Iterator[InferredType]:
    """Yield the types that are neither written nor superclasses of written types."""
    words = case.words
    known: dict[Term, set[Term]] = defaultdict(set)
    for fact in case.facts:
        known[fact.subject].update(words.axioms.over(fact.object) if fact.predicate == TYPE else ())
    for node, kind in sorted(inference.types):
        if node in known and kind not in known[node]:
            yield InferredType(node, words.labels.get(node, ""), kind, case.written.get(node))


def _written_above(case: _ReasonerInput) -> Iterator[tuple[Term, Term]]:
    classes = filter(is_iri, sorted(declared(case.ontology, "Class")))
    return ((term, above) for term in classes for above in case.words.axioms.over(term))


# -------- places


def _declarations(project: Project, terms: Set[Term]) -> dict[Term, Place]:
    """Return term -> the line of the ontology that begins with it."""
    places: dict[Term, Place] = {}
    for file in ontology_files(project.ontology):
        text = file.read_text(encoding="utf-8-sig")
        prefixes = dict(_PREFIX.findall(text))
        for number, line in enumerate(text.splitlines(), 1):
            token = line.split(maxsplit=1)[0] if line[:1].strip() else ""
            prefix, _, name = token.partition(":")
            term = token if token.startswith("<") else f"<{prefixes.get(prefix, '')}{name}>"
            if term in terms:
                places.setdefault(term, Place(project.shown(file), number, 1, len(token)))
    return places


def _texts(project: Project, findings: Iterable[Finding]) -> dict[str, str]:
    paths = {finding.place.path for finding in findings}
    files = {path: project.root / path for path in paths}
    return {path: file.read_text(encoding="utf-8-sig") for path, file in files.items() if file.is_file()}
