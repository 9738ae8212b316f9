"""Findings -> text for people: message, place, the line with carets under the fault, help. No I/O.

Carets are aligned with the right characters in a terminal: a Chinese character takes two columns, a combining mark
none, and a tab is shown as spaces. Nothing from the input reaches the terminal as a control sequence.
https://www.unicode.org/reports/tr11/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, takewhile
from types import MappingProxyType

from kg.core.english import counted
from kg.core.errors import Finding, Place, Severity, source_lines
from kg.render.terminal import cells_wide, showable

WIDTH = 100
"""Columns of a source line to show. A longer line is cut on both sides of the caret."""

LONGEST = 2000
"""Code points of a message, a fix or a place. Of a longer one the middle is left out."""

_BEFORE = 40  # columns kept before the caret of a cut line
_NEAR = 500  # code points considered on either side of the caret, as many may take no column at all
_TAB = "    "
_CUT = "…"
_COLOURS: Mapping[Severity, str] = MappingProxyType({Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"})
_MARGIN = "34"
_WORDS: Mapping[Severity, tuple[str, str]] = MappingProxyType(
    {
        Severity.ERROR: ("error", "errors"),
        Severity.WARNING: ("warning", "warnings"),
        Severity.INFO: ("info", "info"),
    }
)


def findings_text(
    findings: Sequence[Finding],
    sources: Callable[[str], str | None],
    *,
    colour: bool,
    counted: Sequence[Finding],
) -> str:
    """Return *findings* in order, each with its line, and a summary of those *counted*, "" if there are none.

    *sources* returns the text of a path, or None if it is not available.
    """
    if not findings:
        return ""
    lines = {path: source_lines(sources(path)) for path in {finding.place.path for finding in findings}}
    blocks = [_block(finding, lines[finding.place.path], colour=colour) for finding in findings]
    more = len(counted) - len(findings)
    end = f"{summary(counted)}; {more:,} are not shown: 'kg check --all' shows them" if more else summary(counted)
    return "\n\n".join([*blocks, end]) + "\n"


def summary(findings: Sequence[Finding]) -> str:
    """Return how many findings there are by severity, and in how many files.

    >>> summary([Finding(Place("a.yaml"), Severity.ERROR, "KG-Y001", "no")])
    '1 error in 1 file'
    """
    counts = Counter(finding.severity for finding in findings)
    parts = [counted(counts[severity], *_WORDS[severity]) for severity in Severity if counts[severity]]
    files = counted(len({finding.place.path for finding in findings}), "file")
    return f"{', '.join(parts)} in {files}"


def shortened(text: str) -> str:
    """Return *text* without its middle if it is longer than LONGEST."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} {_CUT} {text[-LONGEST // 2 :]}"


def _block(finding: Finding, lines: Sequence[str], *, colour: bool) -> str:
    place, tone = finding.place, _COLOURS[finding.severity]
    gutter = " " * len(str(place.line))
    head = f"{finding.severity}[{finding.code}]"
    shown = [
        f"{_tinted(head, tone, colour)}: {_one_line(finding.message)}",
        f"{gutter}{_tinted('-->', _MARGIN, colour)} {_one_line(str(place))}",
    ]
    if 0 < place.line <= len(lines):
        text, carets = snippet(lines[place.line - 1], place)
        bar = _tinted("|", _MARGIN, colour)
        number = _tinted(f"{place.line} |", _MARGIN, colour)
        shown += [f"{gutter} {bar}", f"{number} {text}".rstrip(), f"{gutter} {bar} {_tinted(carets, tone, colour)}"]
    if finding.fix:
        shown.append(f"{gutter} {_tinted('=', _MARGIN, colour)} help: {_one_line(finding.fix)}")
    return "\n".join(shown)


def _tinted(text: str, tone: str, colour: bool) -> str:
    start = len(text) - len(text.lstrip())
    return f"{text[:start]}\x1b[1;{tone}m{text[start:]}\x1b[0m" if colour else text


def _one_line(text: str) -> str:
    return showable(" ".join(shortened(text).split()))


def snippet(line: str, place: Place) -> tuple[str, str]:
    """Return *line* as shown, cut to `WIDTH` columns, and the carets to put under it.

    >>> snippet("名: 你好", Place("a.yaml", 1, 4, 2))
    ('名: 你好', '    ^^^^')
    """
    first = min(place.column - 1, len(line))
    from_, to = max(first - _NEAR, 0), first + _NEAR
    cells = [_TAB if char == "\t" else showable(char) for char in line[from_:to]]
    caret = first - from_
    last = min(caret + place.length, len(cells))
    start, end = _window(list(map(cells_wide, cells)), caret)
    before = _CUT if from_ + start else ""
    shown = before + "".join(cells[start:end]) + (_CUT if from_ + end < len(line) else "")
    indent = cells_wide(before) + sum(map(cells_wide, cells[start:caret]))
    return shown, " " * indent + "^" * max(sum(map(cells_wide, cells[caret : min(last, end)])), 1)


def _window(widths: Sequence[int], caret: int) -> tuple[int, int]:
    """Return the range of cells of these *widths* to show: all, or `WIDTH` columns around *caret*."""
    if sum(widths) <= WIDTH:
        return 0, len(widths)
    start = caret - _fitting(reversed(widths[:caret]), _BEFORE)
    end = start + _fitting(widths[start:], WIDTH)
    start -= _fitting(reversed(widths[:start]), WIDTH - sum(widths[start:end]))
    return start, end


def _fitting(widths: Iterable[int], most: int) -> int:
    """Return how many of the first *widths* add up to at most *most*."""
    return sum(1 for _ in takewhile(lambda total: total <= most, accumulate(widths)))
