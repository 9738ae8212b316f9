"""Rows -> the network described in a question's header. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.core.typed import number
from kg.planning.rows import Rows
from kg.questions.question import Query
from kg.render.cells import LABEL_SUFFIX, Look, text_of
from kg.render.picture import Link, network_svg


def chart_svg(query: Query, rows: Rows, look: Look) -> str:
    """Return the picture of *rows*. A pair that recurs in the other order counts once.

    Raises:
        UsageError: the header of the question has no chart.
    """
    if query.chart is None:
        fix = "add to its header, for example: chart: {network: [person, other, meetings]}"
        raise UsageError(f"'{query.name}' has no chart to draw", fix)
    one, other, *weight = query.chart.network
    ends = [(one, *query.chart.notes[:1]), (other, *query.chart.notes[1:])]
    links: dict[tuple[str, str, str], float] = {}
    labels: dict[str, str] = {}
    notes: dict[str, str] = {}
    for row in (_Cells(rows.variables, row, look) for row in rows.rows):
        for end, *note in ends:
            labels.setdefault(row.key(end), row.label(end))
            if note and (text := row.text(note[0])):
                notes.setdefault(row.key(end), text)
        link = (row.key(one), row.key(other), row.text(query.chart.group))
        turned = (link[1], link[0], link[2])
        if all(link[:2]) and turned not in links:
            links[link] = links.get(link, 0.0) + row.weight(*weight)
    connections = [Link(one, other, strength, group) for (one, other, group), strength in links.items()]
    return network_svg(connections, query.title, labels=labels, notes=notes)


@dataclass(frozen=True, slots=True)
class _Cells:
    """One row, with access to cells by column name."""

    names: tuple[str, ...]
    row: tuple[Term | None, ...]
    look: Look

    def text(self, column: str) -> str:
        """Return the text of a cell, "" if it is empty or there is no such column."""
        return text_of(self.row[self.names.index(column)], self.look) if column in self.names else ""

    def key(self, column: str) -> str:
        """Return the identity of one end: the IRI beside a label column, else the text itself."""
        return self.text(column.removesuffix(LABEL_SUFFIX)) or self.text(column)

    def label(self, column: str) -> str:
        """Return the label of one end, from the label column beside it if there is one."""
        return self.text(f"{column.removesuffix(LABEL_SUFFIX)}{LABEL_SUFFIX}") or self.text(column)

    def weight(self, column: str = "") -> float:
        """Return the strength of the link, 1 if unknown."""
        given = number(self.row[self.names.index(column)]) if column else None
        return 1.0 if given is None else max(float(given), 0.0)
