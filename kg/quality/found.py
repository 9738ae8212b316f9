"""A graph's validation report -> findings, each with the article it is about. Reads a store, once per graph.

https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from kg.core.model import Term
from kg.core.terms import SH, cq
from kg.core.values import lexical, local_name
from kg.pipeline.dataset import SEVERITY_TERMS
from kg.questions.graph import Graph

SEVERITIES: Mapping[str, str] = {term: str(severity) for severity, term in SEVERITY_TERMS.items()}
"""Local name of a SHACL severity -> the word for it here, gravest first."""


@dataclass(frozen=True, slots=True)
class RecordedFinding:
    """One finding of the last build.

    Attributes:
        code: of the rule.
        severity: error, warning or info.
        message: one sentence.
        node: what it is about.
        article: id of the article whose node that is, "" for any other.
        reason: why a curator accepts it, "" for one that is open.
    """

    code: str
    severity: str
    message: str
    node: Term
    article: str
    reason: str = ""


@dataclass(frozen=True)
class ValidationReport:
    """The validation report of one graph.

    Attributes:
        is_there: whether the graph has a report at all.
        findings: gravest first, then by code, node and message.
        acknowledged: those that curators accept, in the same order; they are none of the findings.
    """

    is_there: bool
    findings: tuple[RecordedFinding, ...]
    acknowledged: tuple[RecordedFinding, ...] = ()

    @property
    def conforms(self) -> bool:
        """Whether there is nothing to report."""
        return self.is_there and not self.findings

    @cached_property
    def by_code(self) -> Mapping[str, int]:
        """Code -> how many findings it has, in the order of the findings."""
        return Counter(found.code for found in self.findings)

    @cached_property
    def by_severity(self) -> Mapping[str, int]:
        """Severity -> how many findings it has, also none; gravest first."""
        counted = Counter(found.severity for found in self.findings)
        return {severity: counted[severity] for severity in SEVERITIES.values()}

    @cached_property
    def by_article(self) -> Mapping[str, int]:
        """Id of an article -> how many findings it has."""
        return Counter(found.article for found in self.findings)


def report(graph: Graph) -> ValidationReport:
    """Return the validation report of a graph."""
    validation = graph.named("validation")
    there = graph.store.ask(f"ASK {{ GRAPH {validation} {{ ?report a <{SH}ValidationReport> }} }}")
    return ValidationReport(
        there, _found(graph, validation, f"<{SH}result>"), _found(graph, validation, cq("acknowledges"))
    )


def _found(graph: Graph, validation: Term, link: Term) -> tuple[RecordedFinding, ...]:
    """Return what *link* leads to from the report: its results, or what is acknowledged."""
    rows = graph.store.select(
        f"SELECT ?shape ?weight ?node ?message ?reason WHERE {{ GRAPH {validation} {{ ?report {link} ?result ."
        f" ?result <{SH}sourceShape> ?shape ; <{SH}resultSeverity> ?weight ; <{SH}focusNode> ?node ;"
        f" <{SH}resultMessage> ?message . OPTIONAL {{ ?result {cq('reason')} ?reason }} }} }}"
    ).rows
    order = list(SEVERITIES.values())
    found = [
        RecordedFinding(
            local_name(shape),
            SEVERITIES.get(local_name(weight), "info"),
            lexical(message),
            node,
            article_of(graph, node),
            lexical(reason) if reason else "",
        )
        for shape, weight, node, message, reason in rows
        if shape and weight and node and message
    ]
    return tuple(sorted(found, key=lambda each: (order.index(each.severity), each.code, each.node, each.message)))


def article_of(graph: Graph, node: Term) -> str:
    """Return the id of the article that a node belongs to, "" for a node of the registry or of elsewhere."""
    kind, _, rest = graph.id(node).partition("/")
    return rest.partition("/")[0] if kind == "article" else ""
