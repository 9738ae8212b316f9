"""Text -> a cell of a CSV file that no spreadsheet runs. Pure.

Spreadsheets run a cell that begins with = + - @ as a formula, also from a CSV file of a stranger's text. Such a cell
gets an apostrophe in front, and so does one that begins with an apostrophe: to get the exact text back, take off one.
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

_RISKY = tuple("'=+-@\t\r＝＋－＠")


def safe_cell(text: str, *, number: bool = False) -> str:
    """Return *text* so that no spreadsheet takes it for a formula; a *number* is none.

    >>> safe_cell("=1+1"), safe_cell("-5", number=True), safe_cell("plain")
    ("'=1+1", '-5', 'plain')
    """
    return f"'{text}" if text.startswith(_RISKY) and not number else text
