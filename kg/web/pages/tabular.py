"""Rows of an answer -> a table to read: cells with links, an order, bars for numbers, evidence per row. Pure."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kg.core.model import Term
from kg.core.terms import CODE
from kg.core.typed import number, thousands_apart
from kg.core.values import is_iri, lexical
from kg.planning.rows import Rows
from kg.questions.query import shown
from kg.questions.question import Query
from kg.questions.words import Passage
from kg.render.cells import Column, Look, cell, columns_to_read, language_of
from kg.web.pages.paging import Paging

MEASURES = ("unit", "currency")
"""Columns with the unit of the numbers in a row. Bars only compare numbers with the same unit."""

LAST_YEAR = 9999
"""In columns with a greater number, thousands are set apart. Years are not."""

ARTICLE = "article"
NO_CONTENT = ("earliest", "latest", "dating", ARTICLE)
"""Columns that say when and where a row comes from."""

FIGURE = "written"
"""The column with a figure as the article writes it."""

LEAST_WORDS = 18
"""Letters of a text that says what a row is about, on average."""

PER_PAGE = 100
"""Rows on a page. Downloads contain all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        text: the text to show.
        term: the thing that it names, "" for none.
        language: the language of the text, or "".
        share: its share of the greatest number in the column, 0 to 100, None if no bar is drawn.
    """

    text: str
    term: Term = ""
    language: str = ""
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its number in the answer, from 1, its title, whether it holds numbers, and how it is sorted: "up",
    "down" or ""."""

    number: int
    title: str
    numeric: bool
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row and its evidence."""

    cells: tuple[Cell, ...]
    words: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """A row as an entry of a timeline. The first or the last day is "" if unknown.

    *sometime* means a single time between the two.
    """

    label: str
    first: str
    last: str
    term: Term
    sometime: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of a table: its columns, its rows and their paging, whether evidence is shown below each row, and the
    titles of columns that are left out because they are empty in these rows."""

    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    paging: Paging
    evidence: bool
    empty: tuple[str, ...] = ()


def in_order(rows: Rows, query: Query, look: Look, column: int | None, down: bool) -> Rows:
    """Return the rows sorted by the text shown in a column, empty cells last.

    None, or the number of no column, leaves the order unchanged. Columns that the question hides are not counted.
    """
    if column is None:
        return rows
    seen = shown(query, rows)
    columns = columns_to_read(seen, look)
    if not 0 <= column < len(columns):
        return rows
    chosen = columns[column]
    keys = [(cell(row, chosen, look), k) for k, row in enumerate(seen.rows)]
    full = sorted((k for text, k in keys if text), key=lambda k: _key(seen.rows[k], chosen, look), reverse=down)
    return Rows(rows.variables, tuple(rows.rows[k] for k in (*full, *(k for text, k in keys if not text))))


def sheet(
    rows: Rows,
    look: Look,
    words: Sequence[Sequence[Passage]] | None,
    sorted_by: tuple[int | None, bool],
    paging: Paging,
) -> Sheet:
    """Return the table of *rows*, in the given order, with *words* below each row.

    *sorted_by* is a column and whether descending. *paging* is the place of *rows* among all rows.
    """
    column, down = sorted_by
    every = [_Filled.of(k, c, rows, look) for k, c in enumerate(columns_to_read(rows, look))]
    full = [c for c in every if not c.empty]
    alike = not any(c.column.title in MEASURES and c.varied for c in full)
    made = tuple(
        Row(tuple(c.cell(row, look, bars=alike) for c in full), tuple(words[n]) if words is not None else ())
        for n, row in enumerate(rows.rows)
    )
    direction = "down" if down else "up"
    heads = (
        Head(c.number + 1, c.column.title, c.column.numeric, direction if c.number == column else "") for c in full
    )
    empty = tuple(c.column.title for c in every if c.empty)
    return Sheet(tuple(heads), made, paging, words is not None, empty)


@dataclass(frozen=True, slots=True)
class _Filled:
    """A column with facts about all its cells.

    Attributes:
        number: its number among all columns, from 0.
        column: its content.
        empty: whether it is empty in all rows, if there are rows.
        varied: whether the cells differ.
        greatest: its greatest number, 0 if there is none.
    """

    number: int
    column: Column
    empty: bool
    varied: bool
    greatest: Decimal

    @classmethod
    def of(cls, number: int, column: Column, rows: Rows, look: Look) -> _Filled:
        """Return a column of *rows*."""
        values = [row[column.text] for row in rows.rows]
        empty = bool(values) and not any(cell(row, column, look) for row in rows.rows)
        return cls(number, column, empty, len(set(values)) > 1, max(map(_number, values), default=Decimal(0)))

    def cell(self, row: tuple[Term | None, ...], look: Look, *, bars: bool) -> Cell:
        """Return the cell in a row. With *bars*, a number has its share of the greatest."""
        term, text = row[self.column.text], cell(row, self.column, look)
        numeric = self.column.numeric
        share = None
        if bars and numeric and self.varied and self.greatest > 0 and term:
            share = float(max(_number(term), Decimal(0)) / self.greatest * 100)
        large = numeric and self.greatest > LAST_YEAR
        return Cell(thousands_apart(text) if large else text, _thing(row, self.column), language_of(term), share)


def happenings(rows: Rows, every: Rows, look: Look, vague: Container[Term]) -> tuple[Happening, ...]:
    """Return the rows as entries of a timeline, none if they have no columns for days.

    *every* has the same rows with all columns, for a question may hide its days. *vague* are the facts whose date is a
    single time between its first and last day.
    """
    names = every.variables
    if "earliest" not in names or "latest" not in names:
        return ()
    first, last = names.index("earliest"), names.index("latest")
    column = _naming(rows, look)
    if column is None:
        return ()
    others = _telling(rows, column, look)
    made = (
        Happening(
            ": ".join(filter(None, (cell(row, each, look) for each in (column, *others)))),
            lexical(whole[first] or '""'),
            lexical(whole[last] or '""'),
            _thing(row, column),
            any(term in vague for term in whole if term),
        )
        for row, whole in zip(rows.rows, every.rows, strict=True)
        if whole[first] or whole[last]
    )
    return tuple(dict.fromkeys(made))


def _naming(rows: Rows, look: Look) -> Column | None:
    """Return the first column that names what a row is about: not a code, nor an article if a fact of it is named."""
    named = [c for c in columns_to_read(rows, look) if c.link is not None or c.title in ("post", "what")]
    terms = {c.title: [_thing(row, c) for row in rows.rows] for c in named}
    facts = any("/" in term.partition("/article/")[2] for some in terms.values() for term in some)
    later = [
        c for c in named if (facts and c.title == ARTICLE) or any(t.startswith(f"<{CODE}") for t in terms[c.title])
    ]
    return next((c for c in [*(c for c in named if c not in later), *later]), None)


def _telling(rows: Rows, first: Column, look: Look) -> Sequence[Column]:
    """Return the columns that say what a row is about, besides *first*: the longest text, or a figure as written."""
    columns = columns_to_read(rows, look)
    plain = [c for c in columns if c.link is None and not c.numeric and c.title not in (first.title, *NO_CONTENT)]
    if any(c.title in MEASURES for c in columns):
        return [c for c in plain if c.title == FIGURE]
    return _longest(rows, [c for c in plain if c.title != FIGURE], look)


def _longest(rows: Rows, columns: Sequence[Column], look: Look) -> Sequence[Column]:
    """Return the column with the longest texts, if they are long enough to say anything."""
    texts = [c for c in columns if not any(_thing(row, c) for row in rows.rows)]
    lengths = [sum(len(cell(row, c, look)) for row in rows.rows) for c in texts]
    longest = max(lengths, default=0)
    return [texts[lengths.index(longest)]] if texts and longest >= LEAST_WORDS * len(rows.rows) else []


def _thing(row: tuple[Term | None, ...], column: Column) -> Term:
    term = row[column.link] if column.link is not None else row[column.text]
    return term if term and is_iri(term) else ""


def _key(row: tuple[Term | None, ...], column: Column, look: Look) -> tuple[Decimal, str]:
    return (_number(row[column.text]) if column.numeric else Decimal(0), cell(row, column, look).casefold())


def _number(term: Term | None) -> Decimal:
    return Decimal(number(term) or 0)
