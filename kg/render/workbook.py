"""Rows -> an Excel workbook; the only importer of openpyxl. Pure.

Numbers are numbers and dates are dates where Excel can hold them (15 digits, from 1900 on), all else is text: no
value ever becomes a formula.
https://learn.microsoft.com/en-us/office/troubleshoot/excel/last-digits-changed-to-zeros
"""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from kg.errors import UsageError
from kg.model import Term
from kg.render.cells import Look, harmless, is_number, text_of
from kg.render.table import cells_wide
from kg.store.protocol import Rows
from kg.values import XSD, datatype, lexical

Value: TypeAlias = str | int | Decimal | date | bool | None

MOST_DIGITS = 15
LONGEST_TEXT = 32_767
WIDEST = 60
EARLIEST = date(1900, 3, 1)  # Excel takes 1900 for a leap year, so its earlier days are off by one


def workbook(rows: Rows, look: Look) -> bytes:
    """Return the bytes of an .xlsx file with one sheet.

    Raises:
        UsageError: openpyxl is not installed.
    """
    try:
        from openpyxl import Workbook
        from openpyxl.styles import Alignment, Font
        from openpyxl.utils import get_column_letter
    except ImportError as error:
        raise UsageError("Excel files need the extra 'xlsx'", "pip install 'communique-kg[xlsx]'") from error
    book = Workbook()
    book.properties.title = look.title or None
    book.properties.description = look.question or None
    sheet = book.active
    sheet.title = "answer"
    texts: list[list[Value]] = [list(rows.variables), *([_value(term, look) for term in row] for row in rows.rows)]
    for r, line in enumerate(texts, start=1):
        for c, value in enumerate(line, start=1):
            _fill(sheet.cell(r, c), value)
            sheet.cell(r, c).alignment = Alignment(vertical="top", wrap_text=isinstance(value, str))
    for c in range(1, len(rows.variables) + 1):
        sheet.cell(1, c).font = Font(bold=True)
        widest = max(cells_wide(str(line[c - 1])) for line in texts)
        sheet.column_dimensions[get_column_letter(c)].width = min(widest + 2, WIDEST)
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(cell: Any, value: Value) -> None:
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # also what begins with "="


def _value(term: Term | None, look: Look) -> Value:
    if term is None:
        return None
    text = harmless(text_of(term, look))[:LONGEST_TEXT]
    kind = None if term.startswith("_:") else datatype(term)
    if kind == f"{XSD}boolean":
        return text == "true"
    if kind == f"{XSD}date" and len(text) == 10 and date.fromisoformat(text) >= EARLIEST:
        return date.fromisoformat(text)
    if is_number(term) and sum(c.isdigit() for c in text) <= MOST_DIGITS and Decimal(lexical(term)).is_finite():
        return int(text) if kind == f"{XSD}integer" else Decimal(text)
    return text
