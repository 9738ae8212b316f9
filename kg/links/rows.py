"""Text of links.sssom.tsv -> the text with rows moved to another entity, or with rows added. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kg.links import sssom
from kg.links.sssom import Row
from kg.mapping.splices import Splice, spliced
from kg.mapping.yaml_places import LINE_END

SUBJECT, LABEL = "subject_id", "subject_label"
_SAME_LINK = (SUBJECT, "predicate_id", "predicate_modifier", "object_id")


def with_subject(text: str, path: str, old: Sequence[str], new: str) -> tuple[str, list[str]]:
    """Change the subject of the rows about *old*, in any of its spellings, to *new*. Return the text and remarks.

    A row that would become a duplicate is removed.
    """
    head, *rows = [*sssom.rows(text, path)] or [()]
    columns = [cell.text for cell in head]
    if SUBJECT not in columns:
        return text, []
    starts = [0, *(end.end() for end in LINE_END.finditer(text)), len(text)]
    number = columns.index(SUBJECT)
    links = {_link(columns, row) for row in rows if row[number].text not in old}
    splices, remarks = [], []
    for row in rows:
        if len(row) <= number or row[number].text not in old:
            continue
        place = row[number].place
        link = _link(columns, row, new)
        if link in links:
            last = max(cell.place.line for cell in row)
            splices.append(Splice(starts[place.line - 1], starts[last], ""))
            remarks.append(f"{path}:{place.line}: the row is removed, because {new} has the same link")
        else:
            links.add(link)
            start = starts[place.line - 1] + place.column - 1
            splices.append(Splice(start, start + place.length, new))
    return spliced(text, splices), remarks


def _link(columns: Sequence[str], row: Row, subject: str = "") -> tuple[str, ...]:
    cells = {name: cell.text for name, cell in zip(columns, row, strict=False)}
    cells |= {SUBJECT: subject} if subject else {}
    return tuple(cells.get(name, "") for name in _SAME_LINK)


def with_rows(text: str, path: str, rows: Iterable[Mapping[str, str]]) -> str:
    """Return *text* with *rows* (column -> cell) appended. Cells of columns that the file lacks are left out."""
    head = next(sssom.rows(text, path), ())
    end = match[0] if (match := LINE_END.search(text)) else "\n"
    lines = ["\t".join(_cell(row.get(cell.text, "")) for cell in head) for row in rows]
    before = text if not text or text[-1] in "\r\n" else text + end
    return before + "".join(line + end for line in lines)


def _cell(text: str) -> str:
    """Return text that has no tabs and line ends as a cell, quoted if it begins with a quotation mark."""
    return '"' + text.replace('"', '""') + '"' if text.startswith('"') else text
