"""Rows -> the network that a question's header asks for. Pure."""

from __future__ import annotations

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.core.typed import number
from kg.questions.question import Query
from kg.render.cells import LABEL_SUFFIX, Look, text_of
from kg.render.picture import Link, network_svg
from kg.store.protocol import Rows


def chart_svg(query: Query, rows: Rows, look: Look) -> str:
    """Return the picture of *rows*. A pair that comes again in the other order counts once.

    Raises:
        UsageError: the header of the question has no chart.
    """
    if query.chart is None:
        fix = "add to its header, for example: chart: {network: [person, other, meetings]}"
        raise UsageError(f"'{query.name}' has no chart to draw", fix)
    ends, weight = query.chart.network[:2], "".join(query.chart.network[2:])
    at = rows.variables.index
    links: dict[tuple[str, str, str], float] = {}
    labels: dict[str, str] = {}
    notes: dict[str, str] = {}
    for row in rows.rows:
        keys = [_key(row, end, rows, look) for end in ends]
        for key, end, note in zip(keys, ends, query.chart.notes or ("", ""), strict=True):
            labels.setdefault(key, _label(row, end, rows, look))
            if note and row[at(note)]:
                notes.setdefault(key, text_of(row[at(note)], look))
        group = text_of(row[at(query.chart.group)], look) if query.chart.group else ""
        if "" not in keys and (keys[1], keys[0], group) not in links:
            link = (keys[0], keys[1], group)
            links[link] = links.get(link, 0.0) + (_weight(row[at(weight)]) if weight else 1.0)
    drawn = [Link(one, other, strength, group) for (one, other, group), strength in links.items()]
    return network_svg(drawn, query.title, labels=labels, notes=notes)


def _key(row: tuple[Term | None, ...], column: str, rows: Rows, look: Look) -> str:
    """Return the identity of one end: the IRI beside a label column if there is one, else the text itself."""
    thing = column.removesuffix(LABEL_SUFFIX)
    return text_of(row[rows.variables.index(thing if thing in rows.variables else column)], look)


def _label(row: tuple[Term | None, ...], column: str, rows: Rows, look: Look) -> str:
    label = f"{column.removesuffix(LABEL_SUFFIX)}{LABEL_SUFFIX}"
    shown = row[rows.variables.index(label)] if label in rows.variables else None
    return text_of(shown or row[rows.variables.index(column)], look)


def _weight(term: Term | None) -> float:
    weight = number(term)
    return 1.0 if weight is None else max(float(weight), 0.0)
