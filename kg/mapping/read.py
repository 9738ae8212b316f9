"""YAML -> nodes with positions, all scalars as text. No I/O.

YAML decides nothing but structure: `NO`, `12:30` and `0123` stay as typed, and a null is an empty value. What makes
YAML surprising is refused: anchors, tags, merge keys, duplicate keys, several documents in a file.
https://yaml.org/spec/1.1/ as libyaml reads it
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

import yaml

from kg.core.errors import Finding, Place, source_lines
from kg.core.normal import too_many_marks
from kg.mapping.compose import TOO_MANY_MARKS, Composer, Entry, Listing, Node, Scalar, Table, YamlProblems
from kg.mapping.syntax import Fault, fault_of, without_fault
from kg.project.files import CONFLICT, MAX_BYTES, RESOLVE, merge_conflicts

__all__ = ["YAML_CODES", "Entry", "Listing", "Node", "Scalar", "Table", "read_yaml", "tolerant_tree"]

MAX_FAULTS = 5

MOST_LEFT_OUT = 20
"""Faults of a text in writing that are left out so that the rest can be read."""

YAML_CODES: Mapping[str, str] = MappingProxyType(
    {
        "KG-Y001": "The file is not well-formed YAML",
        "KG-Y002": "A line is indented with a tab",
        "KG-Y003": "A key is used twice in one table",
        "KG-Y004": "An anchor or an alias is used",
        "KG-Y005": "A tag is used",
        "KG-Y006": "The nesting is deeper than 64 levels",
        "KG-Y007": "A key is not a word",
        "KG-Y008": "The file is empty",
        "KG-Y009": "There is more than one document in the file",
        "KG-Y010": "A merge key is used",
        "KG-Y011": "A control character, or a line separator that editors do not show",
        "KG-Y012": "The document is larger than 8 MiB",
        "KG-Y013": "There are too many problems to show them all",
        "KG-Y015": "More than 30 combining marks in a row",
        "KG-Y016": "A merge conflict is not resolved",
    }
)
"""Code -> what it is about."""


@cache
def _forbidden() -> re.Pattern[str]:
    """Return the pattern of what a file may not contain. Compiling it takes longer than reading a short file."""
    return re.compile("[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def read_yaml(text: str, path: str) -> tuple[Node | None, tuple[Finding, ...]]:
    """Return the one document of a file, and everything that is wrong with its YAML, sorted by line.

    *path* is the name to show. The node is None if nothing can be used: after a syntax error, or for an empty document
    or a text that is too large. A node with findings lacks what they are about, such as the second of two equal keys.
    """
    lines = source_lines(text)
    report = YamlProblems(path, lines)
    if len(text) > MAX_BYTES:
        report.add(Place(path), "KG-Y012", "the document is larger than 8 MiB", "split it into several files")
        return None, tuple(report.findings)
    if (crowd := too_many_marks(text)) is not None:
        before = source_lines(text[:crowd])
        report.add(Place(path, len(before), len(before[-1]) + 1), "KG-Y015", TOO_MANY_MARKS, "remove them")
        return None, tuple(report.findings)
    if conflicts := merge_conflicts(text):
        for line in conflicts:
            report.add(Place(path, line, 1), "KG-Y016", CONFLICT, RESOLVE)
        return None, tuple(report.findings)
    node = _compose(_without_forbidden(lines, report), report)
    if _is_nothing(node) and not report.findings:
        report.add(Place(path), "KG-Y008", "the file is empty", "write its first key, or remove the file")
    usable = None if _is_nothing(node) else node
    return usable, tuple(sorted(set(report.findings), key=lambda finding: finding.sort_key))


def _is_nothing(node: Node | None) -> bool:
    return node is None or (isinstance(node, Scalar) and node.plain and not node.text)


def _without_forbidden(lines: Sequence[str], report: YamlProblems) -> list[str]:
    """Report the characters that YAML refuses or editors do not show, and return *lines* with spaces for them."""
    suspect = {number: line for number, line in enumerate(lines, start=1) if not line.isprintable()}
    if not suspect:
        return list(lines)
    forbidden = _forbidden()
    for number, line in suspect.items():
        for match in () if report.full else forbidden.finditer(line):
            message = f"the character U+{ord(match[0]):04X} is not allowed in a mapping"
            report.add(Place(report.path, number, match.start() + 1), "KG-Y011", message, "remove it")
            if report.full:
                break
    return [forbidden.sub(" ", line) if number in suspect else line for number, line in enumerate(lines, start=1)]


def _compose(lines: Sequence[str], report: YamlProblems) -> Node | None:
    """Return the document, None after a syntax error, when the search goes on without the faulty lines."""
    for faults in range(MAX_FAULTS):
        root, fault = _composed(lines, report)
        if fault is None:
            return None if faults else root
        report.add(fault.place(report.path), fault.code, fault.message, fault.fix)
        lines = without_fault(lines, fault)
        if fault.first == fault.last:
            return None
    return None


def _composed(lines: Sequence[str], report: YamlProblems) -> tuple[Node | None, Fault | None]:
    """Return the document, or what libyaml complains about."""
    composer = Composer(report)
    try:
        composer.read("\n".join(lines))
    except yaml.MarkedYAMLError as error:
        return None, fault_of(error, lines)
    return composer.root, None


def _faulty_line(lines: Sequence[str], fault: Fault, keep: int) -> int | None:
    """Return the line to leave out, the next one with text above if it is *keep*, None if there is none."""
    first = fault.first if lines[fault.first].strip() else fault.line
    candidates = (first,) if first != keep else range(keep - 1, -1, -1)
    return next((number for number in candidates if lines[number].strip()), None)


def tolerant_tree(text: str, keep: int = 0) -> Node | None:
    """Return the readable part of a text that is being written, without the lines at which errors begin.

    Places are those of *text*. The line *keep*, from 1, is known to be sound, so any conflict with it is caused by a
    line above. None if nothing can be read.
    """
    if len(text) > MAX_BYTES or too_many_marks(text) is not None:
        return None
    lines = source_lines(text)
    for _ in range(MOST_LEFT_OUT):
        root, fault = _composed(lines, YamlProblems("", lines))
        if fault is None:
            return root
        faulty = _faulty_line(lines, fault, keep - 1)
        if faulty is None:
            return None
        lines[faulty] = ""
    return None
