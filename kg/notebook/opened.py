"""A project with its graph open for questions. Reads its current generation, or another store."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kg.core.closing import Closing
from kg.notebook.answer import Answer
from kg.notebook.views import Explained, Questions, overview_html, overview_text
from kg.planning.guard import tokens
from kg.project.settings import Project, load_project
from kg.questions.explain import explain
from kg.questions.free import free_answer
from kg.questions.graph import full_iri, open_graph, project_prefixes, query_prefixes
from kg.questions.lookup import find
from kg.questions.query import all_queries, as_rows, default_things, evidence, find_query, run, shown
from kg.questions.sparql import query_form, with_prefixes
from kg.render.cells import Look
from kg.store.isolation import Limits

if TYPE_CHECKING:
    import networkx

Given: TypeAlias = str | int | float | Decimal | date


class OpenProject(Closing):
    """A project with its graph open for questions. Close it, or use it in a `with` block."""

    def __init__(self, project: Project, endpoint: str = "") -> None:
        self.project = project
        self._look = Look(project.base, project_prefixes(project))
        self._open = ExitStack()
        self._graph = self._open.enter_context(open_graph(project, endpoint))

    def close(self) -> None:
        """Close the graph."""
        self._open.close()

    @property
    def queries(self) -> Questions:
        """All usable questions, sorted by name."""
        return Questions(all_queries(self.project)[0])

    def query(self, name: str, **arguments: Given | Sequence[Given] | None) -> Answer:
        """Return the answer to the question *name*. A parameter takes one value or a list. None means no value.

        If a question needs a thing and there is no value, it uses its default: see `Answer.assumed`.

        Raises:
            UsageError: an unknown question or parameter, or a value that matches nothing or several things.
        """
        question = find_query(self.project, name)
        typed = {key: _typed(value) for key, value in arguments.items() if value is not None}
        rows = run(self._graph, question, typed)
        missing = [param for param in question.params if param.name not in typed]
        taken = {param.name: default_things(question, param) for param in missing}
        return Answer(
            shown(question, rows),
            replace(self._look, form=question.form, title=question.title, question=question.question),
            evidence(self._graph, question, rows) if question.evidence else (),
            {name: tuple(map(self._graph.id, things)) for name, things in taken.items() if things},
            question,
            rows,
        )

    def sparql(self, text: str, timeout: float = 30.0) -> Answer:
        """Return the answer to any SPARQL query within *timeout* seconds. Known prefixes need no declaration.

        Raises:
            UsageError: the query is refused or does not parse.
            EndpointError: it took too long, or the store failed.
        """
        whole = with_prefixes(text, query_prefixes(self.project))
        answer = free_answer(self._graph, whole, Limits(seconds=timeout))
        return Answer(as_rows(answer.value), replace(self._look, form=query_form(tuple(tokens(whole)))))

    def explain(self, thing: str) -> Explained:
        """Return what the graph says about a thing, given by its full IRI, id or name.

        Raises:
            UsageError: nothing has that name, or several things do.
        """
        return Explained(explain(self._graph, find(self._graph, full_iri(thing, self._look.prefixes))), self._look)

    def network(self) -> networkx.MultiDiGraph:
        """Return people, organizations and places with the relations that rules derive, as a networkx graph.

        A node is an id with `label` and `kind`. An edge has its relation as key, and `label`, `weight`, `earliest` and
        `latest` (the first and last possible day of its facts, None if unknown), and the ids of the `articles` and
        `facts` behind it. The weight is the number of events and agreements that it follows from, each counted once
        however many articles report it, otherwise of facts, such as posts. A symmetric relation, such as having met,
        has an edge in each direction. Facts that no longer stand are left out.

        Raises:
            UsageError: networkx is not installed.
        """
        from kg.notebook.ties import network

        return network(self._graph)

    def ties(self) -> Answer:
        """Return the relations of `network` as rows: both ends, the relation, its weight and days, articles and facts.

        A relation that holds in both directions is there once, and is `mutual`. The evidence is that of the facts:
        `ties().frame(evidence=True)` has a row for each passage.
        """
        from kg.notebook.ties import ties_answer

        return ties_answer(self._graph, self._look)

    def __repr__(self) -> str:
        return overview_text(self.project, self._graph)

    def _repr_html_(self) -> str:
        return overview_html(self.project, self._graph)


def open_project(folder: str | Path = ".", endpoint: str = "") -> OpenProject:
    """Open the project in *folder*, or in the nearest parent folder with a kg.toml.

    Its graph is the current generation, or the one in the store *endpoint*: a name in kg.toml or an address.

    Raises:
        InputError: there is no project, or it has not been built.
        UsageError: there is no store of that name.
        EndpointError: the store does not answer.
    """
    return OpenProject(load_project(Path(folder)), endpoint)


def _typed(value: Given | Sequence[Given]) -> list[str]:
    values = [value] if isinstance(value, str | int | float | Decimal | date) else list(value)
    return [item.isoformat() if isinstance(item, date) else str(item) for item in values]
