"""N-Quads lines -> CSV tables: one per class, and all links in edges.csv. No I/O but temporary files.

The table of a class has one row per node: `iri`, `label`, then a column per property. Several values of one property
are joined by " | ". IRIs are written in full, so that tables can be joined on them. Language tags, datatypes and named
graphs of values are left out, but edges.csv has the graph of each link.

Rows are sorted as texts, next to the labels that they need, so that few are in memory at once: those of one node.

Cells that a spreadsheet would run are marked, see kg/core/spreadsheets.py. The files are UTF-8 with a byte order mark,
without which spreadsheets misread other scripts.
https://www.rfc-editor.org/rfc/rfc4180
"""

from __future__ import annotations

import csv
import io
import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from heapq import merge
from itertools import chain, groupby, islice

from kg.core.model import Term
from kg.core.spreadsheets import safe_cell
from kg.core.terms import LABEL, TYPE
from kg.core.values import is_iri, labels_to_show, lexical, local_name, string_literal
from kg.export.names import DisplayNames
from kg.store.lines import line_quad
from kg.store.ordered import OrderedLines

EDGES = "edges"
SEPARATOR = " | "
_EDGE_COLUMNS = ("subject", "subjectLabel", "property", "object", "objectLabel", "graph")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_UNSAFE_IN_NAMES = re.compile(r"[^\w-]")
_AFTER = " ~"  # between a node and a text about it; it is sorted after the labels of the node
_PORTION = 1000  # rows written at once

Columns = dict[Term, set[Term]]
"""Class -> the properties of its nodes."""


def tables(
    lines: Iterable[str], described: Iterable[str], prefixes: Mapping[str, str]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the name and the content of each file. Read the content of one before you take the next.

    Args:
        lines: N-Quads to write.
        described: N-Quads with the labels of things, also of others.
        prefixes: prefix -> namespace.
    """
    names, columns = DisplayNames({}, {}, prefixes), Columns()
    with (
        OrderedLines(line for line in described if f" {LABEL} " in line) as labels,
        OrderedLines(line.replace(" ", _AFTER, 1) for line in lines) as statements,
    ):
        with OrderedLines(_node_rows(labels, statements, columns)) as rows:
            files = _file_names(columns, names)
            for kind, texts in groupby(rows, key=_node):
                yield f"{files[kind]}.csv", csv_pieces(_class_table(columns[kind], texts, names))
        with (
            OrderedLines(_links(statements)) as links,
            OrderedLines(_links_to_labelled(labels, links)) as ordered,
        ):
            yield f"{EDGES}.csv", csv_pieces(_edge_table(labels, ordered, names))


def csv_pieces(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Yield a CSV file in pieces. See the module docstring for the treatment of cells."""
    rest = iter(rows)
    yield BOM_UTF8
    while portion := list(islice(rest, _PORTION)):
        out = io.StringIO(newline="")
        safe = ([safe_cell(cell, number=bool(_NUMBER.fullmatch(cell))) for cell in row] for row in portion)
        csv.writer(out).writerows(safe)
        yield out.getvalue().encode()


def _labelled(labels: Iterable[str], texts: Iterable[str]) -> Iterator[tuple[Term, str, Iterator[str]]]:
    """Yield each node that has *texts*, its label, and these texts without the node. Both inputs are sorted."""
    for node, group in groupby(merge(labels, texts), key=_node):
        known: list[Term] = []
        for text in group:
            if text.startswith(_AFTER, len(node)):
                label = labels_to_show((node, name) for name in known if not is_iri(name)).get(node)
                rest = (each.partition(_AFTER)[2] for each in chain((text,), group))
                yield node, label or local_name(node), rest
                break
            known.append(line_quad(text).object)


def _node(text: str) -> Term:
    return text.partition(" ")[0]


# -------- tables of classes


def _node_rows(labels: Iterable[str], statements: Iterable[str], columns: Columns) -> Iterator[str]:
    """Yield a row for each class of each node, and add to the *columns* of the class."""
    for node, label, texts in _labelled(labels, statements):
        values: dict[Term, list[str]] = {}
        for text in texts:
            quad = line_quad(f"{node} {text}")
            known = values.setdefault(quad.predicate, [])
            if (value := lexical(quad.object)) not in known:
                known.append(value)
        row = json.dumps((label, {name: SEPARATOR.join(each) for name, each in values.items()}), ensure_ascii=False)
        for kind in values.get(TYPE, ()):
            columns.setdefault(f"<{kind}>", set()).update(values)
            yield f"<{kind}>{_AFTER}{node} {row}"


def _class_table(properties: Set[Term], texts: Iterable[str], names: DisplayNames) -> Iterator[Sequence[str]]:
    columns = sorted(properties - {TYPE, LABEL})
    yield ("iri", "label", *_columns(columns, names))
    for text in texts:
        node, _, row = text.partition(_AFTER)[2].partition(" ")
        label, values = json.loads(row)
        yield (node[1:-1], label, *(values.get(name, "") for name in columns))


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


# -------- the table of links


def _links(statements: Iterable[str]) -> Iterator[str]:
    """Yield the links in *statements*, each after its object."""
    for statement in statements:
        quad = line_quad(statement.replace(_AFTER, " ", 1))
        if is_iri(quad.object) and quad.predicate != TYPE:
            yield f"{quad.object}{_AFTER}{statement}"


def _links_to_labelled(labels: Iterable[str], links: Iterable[str]) -> Iterator[str]:
    """Yield links with the labels of their objects, each after its subject."""
    for _, label, statements in _labelled(labels, links):
        yield from (f"{statement} {string_literal(label)}" for statement in statements)


def _edge_table(labels: Iterable[str], links: Iterable[str], names: DisplayNames) -> Iterator[Sequence[str]]:
    yield _EDGE_COLUMNS
    for subject, label, texts in _labelled(labels, links):
        for text in texts:
            predicate, value, graph, _, object_label = text.split(" ", 4)
            ends = (subject[1:-1], label, names.short(predicate), value[1:-1], lexical(object_label))
            yield (*ends, graph[1:-1])
