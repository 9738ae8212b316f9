"""The rows of an answer as Python values, as a pandas data frame, as text and as a table in a notebook.

The only module that imports pandas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, TypeAlias, overload

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.core.typed import value
from kg.planning.rows import Rows
from kg.questions.question import Query
from kg.questions.words import Passage
from kg.render.cells import Look, text_of
from kg.render.format_types import Offered, Presentation
from kg.render.formats import answer_document, answer_format
from kg.render.page import html_table
from kg.render.rows import with_words

if TYPE_CHECKING:
    import pandas

FLOATS_END = 10**308

Cell: TypeAlias = str | int | Decimal | bool | date | None

_KINDS: Mapping[str, type] = {"text": str, "integer": int, "decimal": Decimal, "boolean": bool, "date": date}
_DTYPES = {"text": "string", "integer": "Int64", "decimal": "Float64", "boolean": "boolean", "date": "datetime64[s]"}


@dataclass(frozen=True, slots=True)
class Answer(Sequence[Mapping[str, Cell]]):
    """The rows of an answer: a sequence of mappings from column to Python value.

    Things are given by id, such as `person/mara-lind`. Their labels are in the columns that end in `Label`.

    Attributes:
        rows: as returned by the store, without hidden columns.
        look: how to show them.
        words: the evidence for each row, empty if the question names no evidence.
        assumed: parameter without a value -> ids of the question's default things.
        question: the question, None for an ad hoc query.
        drawn: the rows with hidden columns, for pictures, None for an ad hoc query.
    """

    rows: Rows
    look: Look
    words: tuple[tuple[Passage, ...], ...] = ()
    assumed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    question: Query | None = None
    drawn: Rows | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.rows.variables

    def __len__(self) -> int:
        return len(self.rows.rows)

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Cell]: ...
    @overload
    def __getitem__(self, index: slice) -> list[Mapping[str, Cell]]: ...
    def __getitem__(self, index: int | slice) -> Mapping[str, Cell] | list[Mapping[str, Cell]]:
        if isinstance(index, slice):
            return [self._mapping(row) for row in self.rows.rows[index]]
        return self._mapping(self.rows.rows[index])

    def __iter__(self) -> Iterator[Mapping[str, Cell]]:
        return (self._mapping(row) for row in self.rows.rows)

    def _mapping(self, row: tuple[Term | None, ...]) -> Mapping[str, Cell]:
        return {name: python_value(term, self.look) for name, term in zip(self.columns, row, strict=True)}

    def frame(self, evidence: bool = False) -> pandas.DataFrame:
        """Return the rows as a pandas data frame that holds every value exactly.

        With *evidence*, a row comes once for each passage that supports it, with its number in `row`, the sentence and
        its article in further columns.

        The types of columns follow the question's header, with or without rows, and for an ad hoc query the values.
        Whole numbers become Int64, even with missing values, decimals Float64 and days timestamps in seconds. A column
        with values that these types cannot hold exactly keeps Python values.

        Raises:
            UsageError: pandas is not installed, or there is no evidence.
        """
        try:
            import pandas
        except ImportError as error:
            raise UsageError("frames need the extra 'pandas'", "pip install 'communique-kg[pandas]'") from error
        given = with_words(self.rows, self._evidence) if evidence else self.rows
        cells = [[python_value(term, self.look) for term in row] for row in given.rows]
        columns = {name: [row[k] for row in cells] for k, name in enumerate(given.variables)}
        kinds = self.question.types if self.question else {}
        series = {name: pandas.Series(cells, dtype=_dtype(cells, kinds.get(name))) for name, cells in columns.items()}
        return pandas.DataFrame(series, columns=list(given.variables))

    def text(self, kind: str = "table", evidence: bool = False) -> str | bytes:
        """Return the answer in a format of `kg query --format`, such as csv, md or xlsx; a chart as svg.

        With *evidence*, the passages that support a row are below or beside it, as with `kg query --explain`.

        Raises:
            UsageError: there is no such format, it cannot hold the answer, or it needs an extra.
        """
        rows = self.rows if self.drawn is None else self.drawn
        presentation = Presentation(rows, self.look, self._evidence if evidence else None, self.question)
        return answer_document(presentation, answer_format(kind, Offered.QUERY if self.question else Offered.SPARQL))

    @property
    def _evidence(self) -> tuple[tuple[Passage, ...], ...]:
        """The evidence for each row.

        Raises:
            UsageError: the rows have none.
        """
        if len(self.words) != len(self.rows.rows):
            name = f"the rows of '{self.question.name}'" if self.question else "the rows of this query"
            raise UsageError(f"{name} have no evidence", "ask a question whose header names its evidence")
        return self.words

    @property
    def _remark(self) -> str:
        """The default things that the answer assumes, in words."""
        taken = [f"{name}={', '.join(ids)}" for name, ids in self.assumed.items()]
        return f"for the default, {'; '.join(taken)}: pass another value to change it" if taken else ""

    def __repr__(self) -> str:
        return "".join(f"{line}\n" if line else "" for line in (self._remark,)) + str(self.text())

    def _repr_html_(self) -> str:
        remark = f"<p>{escape(self._remark)}</p>\n" if self._remark else ""
        return remark + html_table(self.rows, self.look, self.words or None)


def python_value(term: Term | None, look: Look) -> Cell:
    """Return a term as a Python value: numbers, days and booleans if valid, everything else as text."""
    if term is None:
        return None
    text = text_of(term, look)
    return text if (typed := value(term)) is None else typed


def _dtype(cells: Sequence[Cell], kind: str | None = None) -> str:
    """Return the type of a pandas column of a *kind*, or the narrowest that holds *cells* exactly."""
    types = {type(cell) for cell in cells if cell is not None}
    if kind is None or not types <= _allowed(kind):
        kind = next((name for name in ("integer", "decimal") if types and types <= _allowed(name)), None) or next(
            (name for name, one in _KINDS.items() if types == {one}), None
        )
    return _DTYPES[kind] if kind is not None and _holds(kind, cells) else "object"


def _allowed(kind: str) -> set[type]:
    return {int, Decimal} if kind == "decimal" else {_KINDS[kind]}


def _holds(kind: str, cells: Sequence[Cell]) -> bool:
    """Return whether pandas can hold the numbers in *cells* exactly."""
    numbers = [cell for cell in cells if isinstance(cell, int | Decimal)]
    if kind == "integer":
        return all(-(2**63) <= cell < 2**63 for cell in numbers)
    return kind != "decimal" or all(map(_fits_float, numbers))


def _fits_float(number: int | Decimal) -> bool:
    """Return whether a float holds the number exactly as written."""
    return -FLOATS_END < number < FLOATS_END and Decimal(repr(float(number))) == number
