"""Rows -> an Excel workbook. The only module that imports openpyxl. Pure.

Numbers are numbers and dates are dates if Excel can hold them (15 digits, from 1900 on). Everything else is text, so
no value ever becomes a formula. An answer larger than a sheet, or a text longer than a cell, is refused. Each row is
written before the next is made.
https://support.microsoft.com/en-us/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
https://learn.microsoft.com/en-us/office/troubleshoot/excel/last-digits-changed-to-zeros
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.core.typed import value
from kg.planning.rows import Rows
from kg.render.cells import Look, text_of
from kg.render.terminal import cells_wide, harmless

Value: TypeAlias = str | int | Decimal | date | bool | None

MOST_DIGITS = 15
LARGEST = Decimal("1e307")
SMALLEST = Decimal("1e-307")
LONGEST_TEXT = 32_767  # UTF-16 code units
MOST_ROWS = 1_048_576  # including the heading
MOST_COLUMNS = 16_384
WIDEST = 60
_OTHERWISE = "choose csv, tsv or json, or narrow the question"
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel would read it as the character with that number
EARLIEST = date(1900, 3, 1)  # Excel treats 1900 as a leap year, so its earlier days are off by one


def workbook(rows: Rows, look: Look) -> bytes:
    """Return the bytes of an .xlsx file with one sheet.

    Raises:
        UsageError: openpyxl is not installed, or a sheet cannot hold the answer.
    """
    _refuse_too_large(rows)
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Font
        from openpyxl.utils import get_column_letter
    except ImportError as error:
        raise UsageError("Excel files need the extra 'xlsx'", "pip install 'communique-kg[xlsx]'") from error
    book = Workbook(write_only=True)
    book.properties.title = look.title or None
    book.properties.description = look.question or None
    sheet = book.create_sheet("answer")
    sheet.freeze_panes = "A2"
    for column, width in enumerate(_widths(rows, look), start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    of_text, of_others, bold = Alignment(vertical="top", wrap_text=True), Alignment(vertical="top"), Font(bold=True)

    def cell(content: Value) -> Any:
        made = WriteOnlyCell(sheet)
        _fill(made, content)
        made.alignment = of_text if isinstance(content, str) else of_others
        return made

    heading = [cell(name) for name in rows.variables]
    for each in heading:
        each.font = bold
    sheet.append(heading)
    for line in _lines(rows, look):
        sheet.append([cell(content) for content in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _widths(rows: Rows, look: Look) -> list[int]:
    """Return the width of each column. Raises the same errors as `_lines`."""
    widths = [cells_wide(name) for name in rows.variables]
    for line in _lines(rows, look):
        widths = [max(width, cells_wide(str(content))) for width, content in zip(widths, line, strict=True)]
    return [min(width + 2, WIDEST) for width in widths]


def _refuse_too_large(rows: Rows) -> None:
    for number, most, what in (
        (len(rows.rows) + 1, MOST_ROWS, "rows"),
        (len(rows.variables), MOST_COLUMNS, "columns"),
    ):
        if number > most:
            raise UsageError(f"the answer has {number:,} {what}, but a sheet holds at most {most:,}", _OTHERWISE)


def _lines(rows: Rows, look: Look) -> Iterator[list[Value]]:
    """Yield the values of each row.

    Raises:
        UsageError: a text is too long for a cell.
    """
    for number, row in enumerate(rows.rows, start=1):
        line = [_value(term, look) for term in row]
        for name, cell in zip(rows.variables, line, strict=True):
            if isinstance(cell, str) and (length := _length(cell)) > LONGEST_TEXT:
                message = f"'{name}' of row {number} has {length:,} characters, but a cell holds {LONGEST_TEXT:,}"
                raise UsageError(message, _OTHERWISE)
        yield line


def _length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text) if len(text) * 2 > LONGEST_TEXT else len(text)


def _fill(cell: Any, content: Value) -> None:
    if isinstance(content, str):
        cell.value = _ESCAPE.sub("_x005F_", content)
        cell.data_type = "s"  # even if it begins with "="
    else:
        cell.value = content


def _value(term: Term | None, look: Look) -> Value:
    if term is None:
        return None
    text, typed = harmless(text_of(term, look)), value(term)
    return text if typed is None or not _holds(typed) else typed


def _holds(typed: int | Decimal | date) -> bool:
    """Return whether a cell can hold a value exactly."""
    if isinstance(typed, date):
        return typed >= EARLIEST
    number = Decimal(typed)
    return len(number.as_tuple().digits) <= MOST_DIGITS and (not number or SMALLEST <= abs(number) <= LARGEST)
