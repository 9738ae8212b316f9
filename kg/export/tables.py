"""N-Quads lines -> CSV tables: one per class, and all links in edges.csv. No I/O.

The table of a class has one row per node: `iri`, `label`, then a column per property. Several values of one property
are joined by " | ". IRIs are written in full, so that tables can be joined on them. Language tags, datatypes and named
graphs of values are left out, but edges.csv has the graph of each link.

Cells that a spreadsheet would run are marked, see kg/core/spreadsheets.py. The files are UTF-8 with a byte order mark,
without which spreadsheets misread other scripts.
https://www.rfc-editor.org/rfc/rfc4180
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence

from kg.core.model import Quad, Term
from kg.core.relations import grouped
from kg.core.spreadsheets import safe_cell
from kg.core.terms import LABEL, TYPE
from kg.core.values import is_iri, lexical
from kg.export.names import DisplayNames
from kg.store.lines import line_quad

EDGES = "edges"
SEPARATOR = " | "
_EDGE_COLUMNS = ("subject", "subjectLabel", "property", "object", "objectLabel", "graph")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_UNSAFE_IN_NAMES = re.compile(r"[^\w-]")

Table = list[Sequence[str]]


def tables(lines: Iterable[str], names: DisplayNames) -> dict[str, bytes]:
    """Return file name -> content of all tables."""
    quads = [line_quad(line) for line in sorted(set(lines))]
    values: dict[Term, dict[Term, list[str]]] = {}
    for quad in quads:
        texts = values.setdefault(quad.subject, {}).setdefault(quad.predicate, [])
        if (text := lexical(quad.object)) not in texts:
            texts.append(text)
    members = grouped((f"<{kind}>", node) for node in values for kind in values[node].get(TYPE, ()))
    files = {file: _class_table(members[kind], values, names) for kind, file in _file_names(members, names).items()}
    return {f"{file}.csv": csv_bytes(rows) for file, rows in {**files, EDGES: _edge_table(quads, names)}.items()}


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """Return a CSV file. See the module docstring for the treatment of cells."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([safe_cell(cell, number=bool(_NUMBER.fullmatch(cell))) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _class_table(
    nodes: Iterable[Term], values: Mapping[Term, Mapping[Term, Sequence[str]]], names: DisplayNames
) -> Table:
    rows = sorted(nodes)
    properties = sorted({predicate for node in rows for predicate in values[node]} - {TYPE, LABEL})
    table: Table = [("iri", "label", *_columns(properties, names))]
    for node in rows:
        cells = (SEPARATOR.join(values[node].get(predicate, ())) for predicate in properties)
        table.append((node[1:-1], names.label(node), *cells))
    return table


def _columns(properties: Sequence[Term], names: DisplayNames) -> list[str]:
    """Return the name of each property, or its IRI if the name is ambiguous or that of a fixed column."""
    short = [names.short(predicate) for predicate in properties]
    return [
        name if short.count(name) == 1 and name not in ("iri", "label") else predicate[1:-1]
        for name, predicate in zip(short, properties, strict=True)
    ]


def _file_names(classes: Iterable[Term], names: DisplayNames) -> dict[Term, str]:
    """Return class -> name of its file without extension, unique even if case is ignored."""
    files: dict[Term, str] = {}
    taken = {EDGES}
    for kind in sorted(classes):
        stem = _UNSAFE_IN_NAMES.sub("_", names.short(kind).rpartition("/")[2]) or "class"
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name.casefold())
        files[kind] = name
    return files


def _edge_table(quads: Iterable[Quad], names: DisplayNames) -> Table:
    table: Table = [_EDGE_COLUMNS]
    for subject, predicate, value, graph in quads:
        if is_iri(value) and predicate != TYPE:
            ends = (subject[1:-1], names.label(subject), names.short(predicate), value[1:-1], names.label(value))
            table.append((*ends, graph[1:-1]))
    return table
