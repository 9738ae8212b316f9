"""A project in a notebook: open it, ask a question by name, get rows or a pandas frame.

>>> import kg                                                  # doctest: +SKIP
>>> g = kg.open(".")                                           # doctest: +SKIP
>>> g.query("who-took-part", meeting="harbour-study/meeting")  # doctest: +SKIP

Reads the project's current generation, or another store; the only importer of pandas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.core.typed import value
from kg.project.settings import Project, load_project
from kg.questions.explain import Explanation, explain
from kg.questions.free import free_answer
from kg.questions.graph import full_iri, open_graph, prefix_table, query_prefixes
from kg.questions.lookup import find
from kg.questions.query import all_queries, as_rows, evidence, find_query, run, shown
from kg.questions.question import Query
from kg.questions.sparql import query_form, with_prefixes
from kg.questions.words import Passage
from kg.render.cells import Look, text_of
from kg.render.format_types import Offered, Presentation
from kg.render.formats import answer_document, answer_format
from kg.render.page import html_table
from kg.store.guard import tokens
from kg.store.isolation import Limits
from kg.store.protocol import Rows

if TYPE_CHECKING:
    import pandas

FLOATS_END = 10**308

Cell: TypeAlias = str | int | Decimal | bool | date | None
Given: TypeAlias = str | int | float | Decimal | date


@dataclass(frozen=True, slots=True)
class Answer(Sequence[Mapping[str, Cell]]):
    """The rows of an answer: a sequence of mappings from column to Python value.

    Things are their ids, such as `person/mara-lind`; their labels stand in the columns that end in `Label`.

    Attributes:
        rows: as the store gave them, hidden columns left out.
        look: how to show them.
        words: per row the words it rests on; empty if the question names no evidence.
    """

    rows: Rows
    look: Look
    words: tuple[tuple[Passage, ...], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.rows.variables

    def __len__(self) -> int:
        return len(self.rows.rows)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        rows = self.rows.rows[index]
        return [self._mapping(row) for row in rows] if isinstance(index, slice) else self._mapping(rows)

    def __iter__(self) -> Iterator[Mapping[str, Cell]]:
        return (self._mapping(row) for row in self.rows.rows)

    def _mapping(self, row: tuple[Term | None, ...]) -> Mapping[str, Cell]:
        return {name: python_value(term, self.look) for name, term in zip(self.columns, row, strict=True)}

    def frame(self) -> pandas.DataFrame:
        """Return the rows as a pandas frame, in which no value is another one.

        Whole numbers become Int64, also beside gaps; decimals Float64 and days timestamps of a second's unit. A column
        whose numbers these cannot hold exactly, or which has also texts, keeps Python's own values.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise UsageError("frames need the extra 'pandas'", "pip install 'communique-kg[pandas]'") from error
        rows = list(self)
        columns = {name: [row[name] for row in rows] for name in self.columns}
        series = {name: pandas.Series(cells, dtype=_dtype(cells)) for name, cells in columns.items()}
        return pandas.DataFrame(series, columns=list(self.columns))

    def text(self, kind: str = "table") -> str | bytes:
        """Return the rows in a format of `kg sparql --format`, such as csv, md or xlsx.

        Raises:
            UsageError: there is none of that name, it does not fit the answer, or needs an extra.
        """
        return answer_document(Presentation(self.rows, self.look), answer_format(kind, Offered.SPARQL))

    def __repr__(self) -> str:
        return str(self.text())

    def _repr_html_(self) -> str:
        return html_table(self.rows, self.look, self.words or None)


class OpenProject:
    """A project whose graph is open for questions. Close it, or use it in a `with` block."""

    def __init__(self, project: Project, endpoint: str = "") -> None:
        self.project = project
        self._look = Look(project.base, prefix_table(project.ontology))
        self._open = ExitStack()
        self._graph = self._open.enter_context(open_graph(project, endpoint))

    def __enter__(self) -> OpenProject:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the graph."""
        self._open.close()

    @property
    def queries(self) -> tuple[Query, ...]:
        """All questions that can be asked, sorted by name."""
        return all_queries(self.project)[0]

    def query(self, name: str, **arguments: Given | Sequence[Given]) -> Answer:
        """Return the answer to the question *name*; several values of a parameter come as a list.

        Raises:
            UsageError: an unknown question or parameter, or a value that fits nothing or several things.
        """
        question = find_query(self.project, name)
        typed = {key: _typed(value) for key, value in arguments.items() if value is not None}
        rows = run(self._graph, question, typed)
        words = evidence(self._graph, question, rows) if question.evidence else ()
        look = replace(self._look, form=question.form, title=question.title, question=question.question)
        return Answer(shown(question, rows), look, words)

    def sparql(self, text: str, timeout: float = 30.0) -> Answer:
        """Return the answer to any SPARQL query, of at most *timeout* seconds; known prefixes need no PREFIX."""
        whole = with_prefixes(text, query_prefixes(self.project))
        answer = free_answer(self._graph, whole, Limits(seconds=timeout))
        return Answer(as_rows(answer.value), replace(self._look, form=query_form(tuple(tokens(whole)))))

    def explain(self, thing: str) -> Explanation:
        """Return what the graph says of a thing: a full IRI, an id or a name."""
        return explain(self._graph, find(self._graph, full_iri(thing, self._look.prefixes)))


def open_project(folder: str | Path = ".", endpoint: str = "") -> OpenProject:
    """Open the project of *folder*, or of the nearest folder above that holds a kg.toml.

    Its graph is that of its current generation, or the one in the store *endpoint*: a name in kg.toml or an address.

    Raises:
        InputError: there is none, or it has not been built.
        UsageError: there is no store of that name.
        EndpointError: the store does not answer.
    """
    return OpenProject(load_project(Path(folder)), endpoint)


def python_value(term: Term | None, look: Look) -> Cell:
    """Return a term as a Python value: numbers, days and truth as such; all else, also what only claims to be one, as
    text."""
    if term is None:
        return None
    text = text_of(term, look)
    return text if (typed := value(term)) is None else typed


def _dtype(cells: Sequence[Cell]) -> str:
    """Return the narrowest type of a pandas column that holds *cells* as they are."""
    kinds = {type(cell) for cell in cells if cell is not None}
    numbers = [cell for cell in cells if isinstance(cell, int | Decimal)]
    if kinds == {int} and all(-(2**63) <= cell < 2**63 for cell in numbers):
        return "Int64"
    if kinds and kinds <= {int, Decimal} and all(_fits_float(cell) for cell in numbers):
        return "Float64"
    named: dict[type, str] = {str: "string", bool: "boolean", date: "datetime64[s]"}
    return named.get(kinds.pop(), "object") if len(kinds) == 1 else "object"


def _fits_float(number: int | Decimal) -> bool:
    """Tell whether a float gives the number back as it is written."""
    return -FLOATS_END < number < FLOATS_END and Decimal(repr(float(number))) == number


def _typed(value: Given | Sequence[Given]) -> list[str]:
    values = [value] if isinstance(value, str | int | float | Decimal | date) else list(value)
    return [item.isoformat() if isinstance(item, date) else str(item) for item in values]
