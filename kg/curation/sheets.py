"""Bytes of an Excel workbook -> the texts of its first sheet. Pure."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from zipfile import BadZipFile

from kg.core.errors import InputError, UsageError
from kg.project.files import MAX_BYTES


def text_rows(content: bytes, shown: str) -> Iterator[list[str]]:
    """Yield the rows of the first sheet. A formula is represented by its value when the file was saved.

    Raises:
        UsageError: openpyxl is not installed.
        InputError: it is not a workbook, or is larger than 8 MiB.
    """
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError as error:
        raise UsageError("Excel files need the extra 'xlsx'", "pip install 'communique-kg[xlsx]'") from error
    if len(content) > MAX_BYTES:
        raise InputError(f"{shown} is larger than 8 MiB", "split it into several files")
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError) as error:
        raise InputError(f"{shown} is not an Excel workbook", "save it as .xlsx, or as .csv") from error
    yield from rows


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
