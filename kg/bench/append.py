"""A mapping or a registry file + new entries -> the file with them at the end of its block. No I/O.

Everything that was there stays as it was, byte for byte, and the result is read back before it is accepted. This is the
only place where a draft becomes text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kg.bench.written_yaml import Tree, lines
from kg.core.errors import InputError
from kg.core.terms import FACTS_KEY
from kg.mapping.read import Node as Yaml
from kg.mapping.read import Scalar, Table, read_yaml
from kg.mapping.tables import entry_of, value_of

USUAL_INDENT = 2


def with_facts(text: str, facts: Mapping[str, Tree], path: str) -> str:
    """Return a mapping with *facts* after those that it has.

    Raises:
        InputError: it cannot be read, or its facts are not written as a block.
    """
    before = _table(text, path)
    indent = _indent(before)
    written = _behind_facts(text, before, path, lambda end: _written(facts, indent, end))
    return _checked(written, before, facts, path, FACTS_KEY)


def with_comments(text: str, comments: str, path: str) -> str:
    """Return a mapping with lines of comments after its facts.

    Raises:
        InputError: as `with_facts`.
    """
    before = _table(text, path)
    margin = " " * _indent(before)
    written = _behind_facts(
        text, before, path, lambda end: "".join(f"{margin}{line}".rstrip() + end for line in comments.splitlines())
    )
    return _checked(written, before, {}, path, FACTS_KEY)


def _indent(tree: Table) -> int:
    value = value_of(tree, FACTS_KEY)
    return value.entries[0].key.place.column - 1 if isinstance(value, Table) and value.entries else USUAL_INDENT


def _behind_facts(text: str, tree: Table, path: str, written: Callable[[str], str]) -> str:
    """Return a mapping with what *written* returns for its line ends at the end of its block of facts."""
    end = "\r\n" if "\r\n" in text else "\n"
    given = text if text.endswith("\n") else text + end
    entry = entry_of(tree, FACTS_KEY)
    if entry is None:
        return f"{given}{FACTS_KEY}:{end}{written(end)}"
    if not _is_block(given, entry.value, entry.key.place.line):
        fix = "write 'facts:' alone on its line, and each fact on lines of its own below it"
        raise InputError(f"{path}:{entry.key.place.line}: the facts are not written as a block", fix)
    after = [each.key.place.line for each in tree.entries if each.key.place.line > entry.key.place.line]
    rows = given.splitlines(keepends=True)
    at = min(after) - 1 if after else len(rows)
    return "".join(rows[:at]) + written(end) + "".join(rows[at:])


def with_entries(text: str, entries: Mapping[str, Tree], path: str) -> str:
    """Return a registry file with *entries* after those that it has. *text* is "" for a new file.

    Raises:
        InputError: it cannot be read.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    if not text.strip():
        return _written(entries, 0, end)
    tree = _table(text, path)
    given = text if text.endswith("\n") else text + end
    return _checked(given + _written(entries, 0, end), tree, entries, path, "")


def _is_block(text: str, value: Yaml, line: int) -> bool:
    """Return whether the facts are on lines of their own, or there are none yet."""
    if isinstance(value, Scalar):
        return not value.text and not value.null
    return isinstance(value, Table) and bool(value.entries) and value.place.line > line and _first(text, value) != "{"


def _first(text: str, value: Table) -> str:
    row = text.splitlines()[value.place.line - 1]
    return row[value.place.column - 1 : value.place.column]


def _written(entries: Mapping[str, Tree], indent: int, end: str) -> str:
    return "".join(f"{line}{end}" for line in lines(entries, indent))


def _table(text: str, path: str) -> Table:
    tree, findings = read_yaml(text, path)
    if findings or not isinstance(tree, Table):
        problem = findings[0].message if findings else "it is not a table of keys"
        raise InputError(f"{path} cannot be added to: {problem}", "correct what 'kg check' finds in it first")
    return tree


def _checked(text: str, before: Table, added: Mapping[str, Tree], path: str, block: str) -> str:
    """Return *text* if it has what was there and what was added, and nothing else."""
    after = _table(text, path)
    ids, known = _ids(after, block), _ids(before, block)
    if ids != [*known, *added]:
        raise InputError(f"{path} cannot be added to: it already has one of the ids", "choose other proposals")
    return text


def _ids(tree: Table, block: str) -> list[str]:
    if not block:
        return [entry.key.text for entry in tree.entries]
    value = next((entry.value for entry in tree.entries if entry.key.text == block), None)
    return [entry.key.text for entry in value.entries] if isinstance(value, Table) else []
