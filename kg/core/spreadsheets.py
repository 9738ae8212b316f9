"""Text -> a CSV cell that no spreadsheet runs as a formula. Pure.

Spreadsheets run a cell that begins with = + - @ as a formula, even in a CSV file with untrusted text. Such a cell gets
an apostrophe in front, and so does one that begins with an apostrophe. Removing one gives the exact text back.
https://owasp.org/www-community/attacks/CSV_Injection
"""

from __future__ import annotations

_RISKY = tuple("'=+-@\t\r＝＋－＠")


def safe_cell(text: str, *, number: bool = False) -> str:
    """Return *text* so that no spreadsheet runs it as a formula. A *number* is returned unchanged.

    >>> safe_cell("=1+1"), safe_cell("-5", number=True), safe_cell("plain")
    ("'=1+1", '-5', 'plain')
    """
    return f"'{text}" if text.startswith(_RISKY) and not number else text
