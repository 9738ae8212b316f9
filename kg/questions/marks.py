"""The text of a query -> the marked places in it that are replaced. Pure.

- `VALUES ?name { default }  #+ param name`: the text between the braces;
- `PREFIX graph: <…/graph/>  #+ graphs`: the address of the project's own graphs;
- `VALUES ?name { <graph> }  #+ graph registry`: the one graph with that name; also `GRAPH ?name` before a block with a
  property path, because Virtuoso searches all graphs for paths unless the query names one;
- `FILTER NOT EXISTS { … }  #+ unless displaced`, or MINUS: the line, which leaves out what was corrected or replaced.
https://www.w3.org/TR/sparql11-query/#inline-data
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kg.planning.guard import QueryToken
from kg.questions.question import Slot
from kg.questions.sparql import comments, is_data, keyword

PARAM, GRAPH, UNLESS = "param", "graph", "unless"
DISPLACED = "displaced"
_PATH_MARKS = ("/", "|", "*", "+", "^")

_MARK = re.compile(r"#\+\s*(?:(?P<kind>param|graph|unless)\s+(?P<name>\S+)|graphs)\s*")
_VALUES = re.compile(r"(?:^|[\s{}.])VALUES\s+[?$](?P<variable>\w+)\s*\{(?P<content>[^{}]*)\}\s*$", re.IGNORECASE)
_FORMS = {
    PARAM: (_VALUES, "a VALUES line that can be replaced", "VALUES ?{name} {{ … }}  #+ param {name}"),
    GRAPH: (_VALUES, "a VALUES line that can be replaced", "VALUES ?graph {{ … }}  #+ graph {name}"),
    "graphs": (
        re.compile(r"PREFIX\s+[\w-]*:\s*(?P<content><[^<>]*>)\s*$", re.IGNORECASE),
        "a PREFIX line that can be replaced",
        "PREFIX graph: <…>  #+ graphs",
    ),
    UNLESS: (
        re.compile(r"^\s*(?P<content>(?:FILTER\s+NOT\s+EXISTS|MINUS)\s*\{.*\})\s*$", re.IGNORECASE),
        "a FILTER NOT EXISTS or MINUS line that can be removed",
        "FILTER NOT EXISTS {{ … }}  #+ unless displaced",
    ),
}
"""Kind of mark -> the pattern of its line, a description of it, and an example."""


@dataclass(frozen=True, slots=True)
class QueryMark:
    """One comment that marks its line.

    Attributes:
        kind: PARAM, GRAPH (also for the prefix of all graphs) or UNLESS.
        name: of the parameter or the graph.
        start: offset of the comment.
        length: of the comment.
        slots: the places to replace, empty for a line that cannot be used.
        message: what is wrong with the line, or "".
        fix: what to write.
    """

    kind: str
    name: str
    start: int
    length: int
    slots: tuple[Slot, ...] = ()
    message: str = ""
    fix: str = ""


def marks(text: str, pieces: Sequence[QueryToken]) -> Iterator[QueryMark]:
    """Yield the marks of a query with the tokens *pieces*, in the order of the text."""
    for offset, comment in comments(text, pieces):
        match = _MARK.fullmatch(comment)
        if match:
            kind, name = match["kind"] or "graphs", match["name"] or ""
            yield _mark(text, pieces, kind, name, offset, len(comment))


def _mark(text: str, pieces: Sequence[QueryToken], kind: str, name: str, offset: int, length: int) -> QueryMark:
    form, what, example = _FORMS[kind]
    start = text.rfind("\n", 0, offset) + 1
    line = form.search(text[start:offset])
    general = GRAPH if kind == "graphs" else kind
    if line is None or not _fits(kind, name, line):
        message = f"the line marked '{f'{kind} {name}'.strip()}' is not {what}"
        return QueryMark(
            general, name, offset, length, (), message, f"write it on one line: {example.format(name=name)}"
        )
    slot = Slot(name, start + line.start("content"), start + line.end("content"))
    more = _uses(pieces, line["variable"], name) if kind == GRAPH else ()
    return QueryMark(general, name, offset, length, (slot, *more))


def _fits(kind: str, name: str, line: re.Match[str]) -> bool:
    """Return whether a line of the right form suits this name."""
    match kind:
        case "param":
            return is_data(line["content"]) and line["variable"] == name
        case "graph":
            return is_data(line["content"])
        case "unless":
            return name == DISPLACED
        case _:
            return True


def _uses(pieces: Sequence[QueryToken], variable: str, graph: str) -> tuple[Slot, ...]:
    """Return each place where a variable is the graph of a block with a property path."""
    return tuple(
        Slot(graph, piece.start, piece.start + len(piece.text))
        for k, piece in enumerate(pieces)
        if piece.kind == "variable" and piece.text[1:] == variable and keyword(pieces[k - 1]) == "GRAPH"
        if _has_path(pieces, k + 1)
    )


def _has_path(pieces: Sequence[QueryToken], k: int) -> bool:
    """Return whether the block at *k* has a property path outside FILTER and BIND."""
    brackets: list[bool] = []  # of each open one, whether it belongs to an expression
    for before, piece in pairwise(pieces[k - 1 :]):
        if piece.kind != "other":
            continue
        if piece.text in "{(":
            brackets.append((bool(brackets) and brackets[-1]) or (piece.text == "(" and bool(keyword(before))))
        elif piece.text in "})":
            brackets.pop()
            if not brackets:
                break
        elif piece.text in _PATH_MARKS and not brackets[-1]:
            return True
    return False


def slots(query_marks: Sequence[QueryMark], kind: str) -> tuple[Slot, ...]:
    """Return the places to replace for the marks of one kind, each once."""
    places: Mapping[int, Slot] = {slot.start: slot for mark in query_marks if mark.kind == kind for slot in mark.slots}
    return tuple(places.values())
