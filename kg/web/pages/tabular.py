"""Rows of an answer -> a table to read: cells with links, an order, bars for numbers, words per row. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from kg.model import Term
from kg.questions.words import Words
from kg.render.cells import Column, Look, cell, columns_to_read, language_of
from kg.store.protocol import Rows
from kg.values import is_iri, lexical

MOST_ROWS = 500
"""Rows that a page shows; the downloads hold all."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        text: to read.
        term: the thing that it names, "" for none.
        language: of the text, or "".
        share: of the greatest number in the column, 0 to 100; None where no bar is drawn.
    """

    text: str
    term: Term = ""
    language: str = ""
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its title, whether it holds numbers, and how it is sorted: "up", "down" or ""."""

    title: str
    numeric: bool
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row and the words that it rests on."""

    cells: tuple[Cell, ...]
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """A row as an entry of a timeline."""

    label: str
    first: str
    last: str
    term: Term


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its columns, the rows that are shown, and how many there are."""

    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    total: int
    evidence: bool


def order(rows: Rows, look: Look, column: int | None, down: bool) -> list[int]:
    """Return the numbers of the rows by what stands in a column as people see it, empty cells last.

    None leaves the order as it is.
    """
    columns = columns_to_read(rows, look)
    numbers = list(range(len(rows.rows)))
    if column is None or not 0 <= column < len(columns):
        return numbers
    chosen = columns[column]
    texts = [cell(row, chosen, look) for row in rows.rows]
    full = sorted((k for k in numbers if texts[k]), key=lambda k: _key(rows.rows[k], chosen, look), reverse=down)
    return [*full, *(k for k in numbers if not texts[k])]


def sheet(
    rows: Rows, look: Look, words: Sequence[Sequence[Words]] | None, column: int | None, down: bool, total: int
) -> Sheet:
    """Return the table of *rows*, which are shown as they are; *words* stand below each row."""
    columns = columns_to_read(rows, look)
    greatest = [max((_number(row[c.text]) for row in rows.rows), default=Decimal(0)) for c in columns]
    several = [len({row[c.text] for row in rows.rows}) > 1 for c in columns]
    bars = [c.numeric and many and high > 0 for c, many, high in zip(columns, several, greatest, strict=True)]
    shown = tuple(
        Row(
            tuple(_cell(row, c, look, greatest[k] if bars[k] else None) for k, c in enumerate(columns)),
            tuple(words[n]) if words is not None else (),
        )
        for n, row in enumerate(rows.rows)
    )
    heads = tuple(
        Head(c.title, c.numeric, ("down" if down else "up") if k == column else "") for k, c in enumerate(columns)
    )
    return Sheet(heads, shown, total, words is not None)


def happenings(rows: Rows, look: Look) -> tuple[Happening, ...]:
    """Return the rows as entries of a timeline; none if they have no first and last day."""
    names = rows.variables
    if "earliest" not in names or "latest" not in names:
        return ()
    first, last = names.index("earliest"), names.index("latest")
    column = next((c for c in columns_to_read(rows, look) if c.link is not None or c.title in ("post", "what")), None)
    if column is None:
        return ()
    made = (
        Happening(
            cell(row, column, look),
            lexical(row[first] or '""'),
            lexical(row[last] or '""'),
            _thing(row, column),
        )
        for row in rows.rows
        if row[first] and row[last]
    )
    return tuple(dict.fromkeys(made))


def _cell(row: tuple[Term | None, ...], column: Column, look: Look, greatest: Decimal | None) -> Cell:
    share = (
        float(max(_number(row[column.text]), Decimal(0)) / greatest * 100) if greatest and row[column.text] else None
    )
    return Cell(cell(row, column, look), _thing(row, column), language_of(row[column.text]), share)


def _thing(row: tuple[Term | None, ...], column: Column) -> Term:
    term = row[column.link] if column.link is not None else row[column.text]
    return term if term and is_iri(term) else ""


def _key(row: tuple[Term | None, ...], column: Column, look: Look) -> tuple[Decimal, str]:
    return (_number(row[column.text]) if column.numeric else Decimal(0), cell(row, column, look).casefold())


def _number(term: Term | None) -> Decimal:
    try:
        return Decimal(lexical(term)) if term else Decimal(0)
    except InvalidOperation:
        return Decimal(0)
