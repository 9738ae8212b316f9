"""A project, its questions, an explanation and findings, as shown in a notebook and when printed.

https://ipython.readthedocs.io/en/stable/config/integrating.html (rich display)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import overload

from kg.core.errors import Finding, Severity
from kg.core.terms import SUBCLASS_OF, TYPE, cq
from kg.core.values import lexical
from kg.pipeline.report import Report
from kg.project.settings import Project
from kg.questions.explain import Explanation
from kg.questions.graph import Graph
from kg.questions.question import Query
from kg.render.cells import Look
from kg.render.explanation import explanation_json, explanation_text
from kg.render.findings import render_findings

COUNTED: Mapping[str, str] = {
    "Article": "articles",
    "Person": "people",
    "Organization": "bodies",
    "Place": "places",
    "Event": "events",
    "Agreement": "agreements",
    "SpeechAct": "statements",
}
"""Class -> its plural in words."""


class Questions(Sequence[Query]):
    """The questions of a project: a sequence, shown as a table to choose from."""

    def __init__(self, queries: Sequence[Query]) -> None:
        self._queries = tuple(queries)

    def __len__(self) -> int:
        return len(self._queries)

    @overload
    def __getitem__(self, index: int) -> Query: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Query, ...]: ...
    def __getitem__(self, index: int | slice) -> Query | tuple[Query, ...]:
        return self._queries[index]

    def __repr__(self) -> str:
        width = max((len(query.name) for query in self), default=0)
        return "\n".join(f"{query.name:{width}}  {query.question}{_options(query)}" for query in self)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td><code>{escape(query.name)}</code></td><td>{escape(query.question)}</td>"
            f"<td>{escape(', '.join(param.name for param in query.params))}</td></tr>\n"
            for query in self
        )
        return f"<table>\n<tr><th>name</th><th>question</th><th>parameters</th></tr>\n{rows}</table>\n"


@dataclass(frozen=True, slots=True)
class Explained:
    """What the graph says about one thing, and the evidence for it.

    Attributes:
        explanation: as read.
        look: how to show it.
    """

    explanation: Explanation
    look: Look

    @property
    def id(self) -> str:
        """The thing's IRI without the base."""
        return self.explanation.id

    @property
    def label(self) -> str:
        """Its label."""
        return self.explanation.label

    @property
    def types(self) -> tuple[str, ...]:
        """The labels of its classes."""
        return self.explanation.types

    def text(self) -> str:
        """Return it as `kg explain` prints it."""
        return explanation_text(self.explanation, self.look)

    def data(self) -> Mapping[str, object]:
        """Return what `kg explain --format json` writes, as Python values."""
        return dict(json.loads(explanation_json(self.explanation)))

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return _block(self.text())


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check.

    Attributes:
        report: the findings, with the texts that they refer to.
    """

    report: Report

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order of reports."""
        return tuple(self.report.findings)

    @property
    def ok(self) -> bool:
        """Whether there are no errors. There may be warnings and infos."""
        return not self.report.fails(Severity.ERROR)

    def text(self) -> str:
        """Return the findings as `kg check` prints them."""
        return render_findings(self.findings, "text", self.report.texts.get) or "no findings\n"

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return _block(self.text())


def overview_text(project: Project, graph: Graph) -> str:
    """Return a one-line overview of a graph, and what to do next."""
    return f"{_overview(project, graph)}\nTry queries, query(name, …), sparql(…), explain(…), ties() or network()."


def overview_html(project: Project, graph: Graph) -> str:
    """Return the same as HTML."""
    ways = ("queries", "query(name, …)", "sparql(…)", "explain(…)", "ties()", "network()")
    return f"<p>{escape(_overview(project, graph))}</p>\n<p>{' · '.join(f'<code>{way}</code>' for way in ways)}</p>\n"


def _overview(project: Project, graph: Graph) -> str:
    counts = {name: _count(graph, name) for name in COUNTED}
    listed = ", ".join(f"{count:,} {COUNTED[name]}" for name, count in counts.items() if count)
    return f"{project.title or 'A project without a title'}: {listed or 'nothing yet'}"


def _count(graph: Graph, name: str) -> int:
    """Return how many nodes are of the class with that name or of a subclass."""
    kinds = f"GRAPH {graph.ontology} {{ ?type {SUBCLASS_OF}* {cq(name)} }}"
    query = f"SELECT (COUNT(DISTINCT ?node) AS ?count) WHERE {{ {kinds} GRAPH ?g {{ ?node {TYPE} ?type }} }}"
    ((count,),) = graph.store.select(query).rows
    return int(lexical(count)) if count else 0


def _options(query: Query) -> str:
    return f" ({', '.join(param.name for param in query.params)})" if query.params else ""


def _block(text: str) -> str:
    return f"<pre>{escape(text)}</pre>\n"
