"""An opened article -> what the page gets of it, as JSON. Reads the project."""

from __future__ import annotations

from dataclasses import asdict

from kg.core.periods import edtf_words
from kg.core.terms import LANGUAGE_KEY
from kg.curate.bench import Bench, stamp_of
from kg.curate.edit import Table
from kg.mapping.scope import Scope
from kg.mapping.yaml_nodes import Data


def article_json(bench: Bench, article: str) -> dict[str, object]:
    """Return an article: its head in words, its text, facts and findings, and what was kept of it.

    Raises:
        NotFoundError: there is none with this id.
    """
    opened = bench.opened(article)
    shown, head = opened.shown, opened.shown.head
    scope = opened.desk.scope
    publisher = scope.registry.get(first_value(head, "publisher"))
    return {
        "id": article,
        "path": opened.source.path,
        "stamp": stamp_of(opened.source.text),
        "project": bench.project.title,
        "title": first_value(head, "title") or article,
        "where": ", ".join(filter(None, (publisher.label if publisher else "", _published(head)))),
        "language": first_value(head, LANGUAGE_KEY),
        "problem": opened.source.problem,
        "names": names_in(shown.head, *(fact.tree for fact in shown.facts), names=scope),
        "undo": opened.history.last.edit.label if opened.history.last else "",
        "redo": opened.history.next.edit.label if opened.history.next else "",
        "can": {"undo": opened.history.last is not None, "redo": opened.history.next is not None},
        "draft": bench.kept.draft(article),
        **asdict(shown),
    }


def first_value(table: Table, key: str) -> str:
    """Return the text under *key*, the first of several, "" if there is none."""
    return _first(table.get(key, ""))


def _first(value: Data) -> str:
    if isinstance(value, str):
        return value
    values = list(value) if isinstance(value, list) else list(value.values())
    return _first(values[0]) if values else ""


def _published(head: Table) -> str:
    try:
        return edtf_words(first_value(head, "published"))
    except ValueError:
        return first_value(head, "published")


def names_in(*trees: Data, names: Scope) -> dict[str, str]:
    """Return id -> name of the entities that occur anywhere in *trees*."""
    named: dict[str, str] = {}
    stack = list(trees)
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            if (target := names.registry.get(value)) and target.label:
                named[value] = target.label
        else:
            stack += value if isinstance(value, list) else value.values()
    return named
