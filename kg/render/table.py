"""Cells -> a table for the terminal. Pure.

Columns shrink and their text wraps to fit the width. A Chinese character takes two columns of the terminal. If the
table still does not fit, each row becomes a card with one line per column.
https://www.unicode.org/reports/tr11/ (East Asian width)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.render.terminal import cells_wide, one_line

GAP = 2
NARROWEST = 10
LONGEST_WORD = 24
MOST_LINES = 8
BOLD, FAINT, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class TerminalSheet:
    """The contents of a table.

    Attributes:
        titles: one per column.
        rows: texts, one per column.
        numeric: for each column, whether to align it right.
        notes: for each row, texts to put below it. Empty for none at all.
    """

    titles: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[bool]
    notes: Sequence[Sequence[str]] = ()


def table(sheet: TerminalSheet, width: int, colour: bool) -> str:
    """Return the lines, each with a line end, none wider than *width* unless a single character is."""
    clean = TerminalSheet(
        [one_line(title) for title in sheet.titles],
        [[one_line(text) for text in row] for row in sheet.rows],
        sheet.numeric,
        [[one_line(note) for note in notes] for notes in sheet.notes],
    )
    widths = _widths(clean, width)
    lines = _grid(clean, widths, width, colour) if widths else _cards(clean, width, colour)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def wrapped(text: str, width: int, most: int = MOST_LINES) -> list[str]:
    """Return *text* in lines of at most *width* columns. Text beyond *most* lines is replaced by an ellipsis."""
    lines = [""]
    free = max(width, 2)
    for piece in _pieces(text, max(width, 2)):
        wide = cells_wide(piece.rstrip(" "))
        if wide > free:
            lines.append("")
            free = max(width, 2)
        lines[-1] += piece
        free -= cells_wide(piece)
    lines = [line.rstrip(" ") for line in lines]
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while cells_wide(last) > max(width, 2) - 1:
        last = last[:-1]
    return [*lines[: most - 1], last + "…"]


def _pieces(text: str, width: int) -> list[str]:
    """Return the pieces between which a line may break: after a space, around wide characters, in overlong words."""
    pieces: list[str] = []
    start = room = 0
    for k, character in enumerate(text):
        places = cells_wide(character)
        before = text[k - 1] if k else " "
        breaks = before == " " and character != " "
        breaks = breaks or ((places == 2 or cells_wide(before) == 2) and character not in "，。、；：？！）」』》 ")
        if k and (breaks or room + places > width) and start < k:
            pieces.append(text[start:k])
            start, room = k, 0
        room += places if character != " " else 0
    return [*pieces, text[start:]] if text else []


def _widths(sheet: TerminalSheet, width: int) -> list[int]:
    """Return a width for each column, or an empty list if they do not fit side by side."""
    columns = [[title, *(row[k] for row in sheet.rows)] for k, title in enumerate(sheet.titles)]
    natural = [max(map(cells_wide, texts)) for texts in columns]
    words = [max(NARROWEST, *(min(_longest_word(text), LONGEST_WORD) for text in texts)) for texts in columns]
    free = width - GAP * (len(natural) - 1)
    narrow = (
        [_least(*each) for each in zip(natural, sheet.numeric, uncut, strict=True)]
        for uncut in (words, [NARROWEST] * len(words))
    )  # preferably, no word is cut
    fitting = next((widths for widths in narrow if sum(widths) <= free), [])
    return _filled(fitting, natural, free - sum(fitting))


def _least(natural: int, numeric: bool, uncut: int) -> int:
    """Return the least width of a column. A number is never cut."""
    return natural if numeric else min(natural, uncut)


def _filled(widths: Sequence[int], natural: Sequence[int], free: int) -> list[int]:
    """Return the widths after giving the free space, one by one, to the column that needs the most lines."""
    filled = list(widths)
    for _ in range(min(free, sum(natural) - sum(filled)) if filled else 0):
        too_narrow = (k for k in range(len(filled)) if filled[k] < natural[k])
        filled[max(too_narrow, key=lambda k: natural[k] / filled[k])] += 1
    return filled


def _longest_word(text: str) -> int:
    return max((cells_wide(word) for word in text.split(" ")), default=0)


def _grid(sheet: TerminalSheet, widths: Sequence[int], width: int, colour: bool) -> list[str]:
    head = _side_by_side([wrapped(title, w) for title, w in zip(sheet.titles, widths, strict=True)], widths, sheet)
    lines = [_styled(line, BOLD, colour) for line in head]
    lines.append(_styled((" " * GAP).join("─" * w for w in widths), FAINT, colour))
    rows = [
        _side_by_side([wrapped(text, w) for text, w in zip(row, widths, strict=True)], widths, sheet)
        for row in sheet.rows
    ]
    apart = [""] if not sheet.notes and any(len(row) > 1 for row in rows) else []
    for k, row in enumerate(rows):
        lines += [*(apart if k else ()), *row, *_notes(sheet, k, width, colour)]
    return lines


def _side_by_side(cells: Sequence[Sequence[str]], widths: Sequence[int], sheet: TerminalSheet) -> list[str]:
    lines = []
    for k in range(max((len(cell) for cell in cells), default=0)):
        parts = []
        for cell, w, numeric in zip(cells, widths, sheet.numeric, strict=True):
            text = cell[k] if k < len(cell) else ""
            space = " " * (w - cells_wide(text))
            parts.append(space + text if numeric else text + space)
        lines.append((" " * GAP).join(parts))
    return lines


def _cards(sheet: TerminalSheet, width: int, colour: bool) -> list[str]:
    margin = max((cells_wide(title) for title in sheet.titles), default=0) + GAP
    margin = min(margin, max(width // 2, GAP + 1))
    lines: list[str] = []
    for k, row in enumerate(sheet.rows):
        lines.append(_styled(f"── {k + 1} " + "─" * max(width - 6 - len(str(k)), 0), FAINT, colour))
        for title, text in zip(sheet.titles, row, strict=True):
            shown = wrapped(title, margin - GAP, most=1)[0]
            for n, line in enumerate(wrapped(text, width - margin) if text else []):
                space = " " * (margin - (cells_wide(shown) if n == 0 else 0))
                lines.append((_styled(shown, BOLD, colour) if n == 0 else "") + space + line)
        lines += _notes(sheet, k, width, colour)
    return lines


def _notes(sheet: TerminalSheet, k: int, width: int, colour: bool) -> list[str]:
    notes = sheet.notes[k] if sheet.notes else ()
    lines = [
        _styled(("  └ " if n == 0 else "    ") + line, FAINT, colour)
        for note in notes
        for n, line in enumerate(wrapped(note, width - 4))
    ]
    return [*lines, ""] if sheet.notes else lines


def _styled(text: str, style: str, colour: bool) -> str:
    return f"{style}{text.rstrip()}{PLAIN}" if colour and text.strip() else text
