"""A project -> what its ontology and facts entail: contradictions, impossible classes, inferred types, hierarchy.

Reads the project's files; kg/reasoner.py runs the reasoner. https://www.w3.org/TR/owl2-direct-semantics/#Inference_Problems
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from kg.compile import Compiled, compile_project
from kg.contradiction import contradictions, smallest
from kg.errors import EndpointError, Finding, Place, Severity, UsageError
from kg.model import Quad, Term
from kg.ontology import ontology_files, ontology_triples
from kg.owl import axioms_of, declared, directly_above, ontology_statements, reasoner_lines
from kg.project import Project
from kg.reasoner import Engine, Inference, engine
from kg.scope import proposal
from kg.sources import read_sources
from kg.store.lines import line_quad
from kg.terms import TYPE
from kg.verdict import Words, class_findings, contradiction_finding, facts_finding, node_labels, ontology_finding

_PREFIX = re.compile(r"^@prefix\s+([^\s:]*):\s+<([^>]*)>", re.MULTILINE | re.IGNORECASE)
SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class InferredType:
    """A type of a node that follows and is not written.

    Attributes:
        node: its term.
        label: of the node, or "".
        type: term of the class.
        place: where the node was written; None for a node of the ontology.
    """

    node: Term
    label: str
    type: Term
    place: Place | None


@dataclass(frozen=True, slots=True)
class Report:
    """What the reasoner found.

    Attributes:
        articles: ids of those that were looked at.
        consistent: whether ontology and facts can all be true together.
        findings: contradictions and impossible classes, in the order of reports.
        inferred: types that follow, by node; none when there are contradictions.
        above: (class, class above it) that follow and are not written.
        hierarchy: each class -> the classes directly above it, written or inferred.
        labels: class of the hierarchy -> label in English, or its local name.
        texts: path -> content, of the files that the findings point into.
        errors: how many errors `kg check` has for these files; what they concern was left out.
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
) -> Report:
    """Return what the project's ontology entails, with the registry and the facts of *articles*.

    Args:
        project: where things are.
        articles: ids; None for all.
        ontology_only: leave out registry and articles.
        reasoner: "hermit" or "pellet".
        seconds: to use in all.

    Raises:
        UsageError: an unknown article, or owlready2 or Java is missing.
        InputError: the ontology cannot be used.
        EndpointError: there was no time.
    """
    machine = engine(reasoner, seconds)
    compiled = None if ontology_only else _compiled(project, articles)
    case = _case(project, compiled)
    inference, found = _asked(case, machine)
    findings = [*found, *class_findings(inference.impossible, case.words)]
    hierarchy = directly_above([*_written_above(case), *inference.above])
    errors = [f for f in (compiled.findings if compiled else ()) if f.severity is Severity.ERROR]
    return Report(
        articles=tuple(sorted(Path(record.path).stem for record in compiled.articles)) if compiled else (),
        consistent=not found,
        findings=tuple(sorted(findings, key=lambda finding: finding.sort_key)),
        inferred=tuple(_inferred_types(case, inference)) if not found else (),
        above=tuple(sorted(pair for pair in inference.above if inference.impossible.isdisjoint(pair))),
        hierarchy=hierarchy,
        labels={kind: case.words.axioms.label(kind) for kind in hierarchy},
        texts=_texts(project, findings),
        errors=len(errors),
    )


def _compiled(project: Project, articles: Sequence[str] | None) -> Compiled:
    """Compile the registry and *articles*; their SHACL findings are not told here."""
    sources = read_sources(project)
    known = {source.stem: source.path for source in sources.articles}
    wanted = known if articles is None else [Path(name).name.removesuffix(".yaml") for name in articles]
    for name in wanted:
        if name not in known:
            raise UsageError(f"there is no article '{name}'", proposal(name, known, "see the files in data/articles"))
    return compile_project(project, sources, only=frozenset(known[name] for name in wanted))


# -------- what the reasoner is asked


@dataclass(frozen=True, slots=True)
class _Case:
    """An ontology and facts, and how to speak of them."""

    ontology: tuple[Quad, ...]
    facts: tuple[Quad, ...]
    written: Mapping[Term, Place]
    words: Words

    def lines(self, facts: Iterable[Quad]) -> tuple[str, ...]:
        """Return the ontology and *facts* as a reasoner takes them."""
        return reasoner_lines((*self.ontology, *facts))


def _case(project: Project, compiled: Compiled | None) -> _Case:
    ontology = ontology_statements(ontology_triples(project.ontology))
    records = compiled.records if compiled else ()
    facts = tuple(line_quad(line) for record in records for line in record.lines)
    written = {node: place for record in records for node, place in record.places.items()}
    declared = _declarations(project, {statement.subject for statement in ontology})
    axioms, labels = axioms_of(ontology), node_labels(facts)
    return _Case(ontology, facts, written, Words(axioms, labels, {**declared, **written}, project.base))


def _asked(case: _Case, machine: Engine) -> tuple[Inference, list[Finding]]:
    """Return what follows, from the ontology alone when the facts contradict it, and the findings of that."""
    inference = machine.infer(case.lines(case.facts))
    if inference.consistent:
        return inference, []
    alone = machine.infer(case.lines(())) if case.facts else inference
    if alone.consistent:
        return alone, _contradictions(case, machine, alone)
    found = contradictions(case.words.axioms, case.ontology)
    return alone, [contradiction_finding(each, case.words) for each in found] or [ontology_finding(case.words)]


def _contradictions(case: _Case, machine: Engine, alone: Inference) -> list[Finding]:
    """Return what we can explain ourselves; of what else the reasoner finds, one smallest set of facts."""
    found = contradictions(case.words.axioms, (*case.ontology, *case.facts), alone.impossible)
    nodes = {each.node for each in found}
    rest = [fact for fact in case.facts if fact.subject not in nodes and fact.object not in nodes]
    findings = [contradiction_finding(each, case.words) for each in found]

    def contradict(facts: Sequence[Quad]) -> bool:
        return not machine.infer(case.lines(facts)).consistent

    try:
        if not found or contradict(rest):
            findings.append(facts_finding(*_smallest(rest, contradict), case.words))
    except EndpointError:
        pass  # no time left to look whether there are more
    return findings


def _smallest(facts: list[Quad], contradict: Callable[[Sequence[Quad]], bool]) -> tuple[list[Quad], bool]:
    """Return the fewest facts that contradict, and whether there was time to find them: by graph, by node, each."""
    for part in (lambda fact: fact.graph, lambda fact: fact.subject, lambda fact: fact):
        groups: dict[object, list[Quad]] = defaultdict(list)
        for fact in facts:
            groups[part(fact)].append(fact)
        try:
            kept = smallest(list(groups.values()), lambda some: contradict(list(chain.from_iterable(some))))
        except EndpointError:
            return facts, False
        facts = list(chain.from_iterable(kept))
    return facts, True


# -------- what follows


def _inferred_types(case: _Case, inference: Inference) -> Iterator[InferredType]:
    """Yield the types beyond those written and what these are kinds of."""
    words, known = case.words, defaultdict(set)
    for fact in case.facts:
        known[fact.subject].update(words.axioms.over(fact.object) if fact.predicate == TYPE else ())
    for node, kind in sorted(inference.types):
        if node in known and kind not in known[node]:
            yield InferredType(node, words.labels.get(node, ""), kind, case.written.get(node))


def _written_above(case: _Case) -> Iterator[tuple[Term, Term]]:
    classes = declared(case.ontology, "Class")
    yield from ((term, above) for term in classes for above in case.words.axioms.over(term) if above != term)
    yield from ((term, term) for term in classes)


# -------- where things are written


def _declarations(project: Project, terms: Set[Term]) -> dict[Term, Place]:
    """Return term -> the line of the ontology that begins with it."""
    found: dict[Term, Place] = {}
    for file in ontology_files(project.ontology):
        text = file.read_text(encoding="utf-8")
        prefixes = dict(_PREFIX.findall(text))
        for number, line in enumerate(text.splitlines(), 1):
            token = line.split(maxsplit=1)[0] if line[:1].strip() else ""
            prefix, _, name = token.partition(":")
            term = token if token.startswith("<") else f"<{prefixes.get(prefix, '')}{name}>"
            if term in terms:
                found.setdefault(term, Place(project.shown(file), number, 1, len(token)))
    return found


def _texts(project: Project, findings: Iterable[Finding]) -> dict[str, str]:
    paths = {finding.place.path for finding in findings}
    files = {path: project.root / path for path in paths}
    return {path: file.read_text(encoding="utf-8") for path, file in files.items() if file.is_file()}
