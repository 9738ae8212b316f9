"""Vocabulary <-> JSON, for the cache between runs. No I/O."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import astuple, fields
from typing import Any, TypeVar

from kg.core.errors import Severity
from kg.ontology.fills import Fill
from kg.ontology.vocabulary import ClassTerm, Code, Key, Kind, PropertyTerm, Replacement, Rule, Vocabulary, code_terms
from kg.words.names import NameKind

T = TypeVar("T")

_PARTS: Mapping[str, Callable[[Any], object]] = {
    "name_kind": NameKind,
    "kind": Kind,
    "severity": Severity,
    "fills": lambda rows: tuple(Fill(*row) for row in rows),
}
"""Field -> what makes its value from JSON, unless that is a string, a number, a boolean or a list of strings."""


def vocabulary_text(vocabulary: Vocabulary) -> str:
    """Return *vocabulary* as JSON. A key that several classes share is written once."""
    numbers: dict[Key, int] = {}
    keys = {
        name: {each.name: numbers.setdefault(each, len(numbers)) for each in own.values()}
        for name, own in vocabulary.keys.items()
    }
    return json.dumps(
        {
            "classes": _rows(vocabulary.classes.values()),
            "properties": _rows(vocabulary.properties.values()),
            "codes": {name: _rows(entries.values()) for name, entries in vocabulary.codes.items()},
            "keys": keys,
            "key_rows": _rows(numbers),
            "rules": _rows(vocabulary.rules.values()),
            "prefixes": dict(vocabulary.prefixes),
            "digest": vocabulary.digest,
            "concrete": dict(vocabulary.concrete),
            "version": vocabulary.version,
            "replacements": _rows(vocabulary.replacements),
        },
        ensure_ascii=False,
    )


def parsed_vocabulary(text: str) -> Vocabulary:
    """Return the vocabulary in *text*, as `vocabulary_text` wrote it."""
    kept = json.loads(text)
    keys = _parsed(Key, kept["key_rows"])
    codes = {name: {code.name: code for code in _parsed(Code, rows)} for name, rows in kept["codes"].items()}
    terms = code_terms(codes)
    return Vocabulary(
        classes={term.name: term for term in _parsed(ClassTerm, kept["classes"])},
        properties={term.name: term for term in _parsed(PropertyTerm, kept["properties"])},
        codes=codes,
        keys={name: {key: keys[number] for key, number in own.items()} for name, own in kept["keys"].items()},
        rules={rule.iri: rule for rule in _parsed(Rule, kept["rules"])},
        prefixes=kept["prefixes"],
        digest=kept["digest"],
        concrete={name: tuple(below) for name, below in kept["concrete"].items()},
        code_terms=terms,
        code_ranks={term: rank for rank, term in enumerate(terms)},
        version=kept["version"],
        replacements=tuple(_parsed(Replacement, kept["replacements"])),
    )


def _rows(values: Iterable[Any]) -> list[tuple[object, ...]]:
    return [astuple(value) for value in values]


def _parsed(kind: type[T], rows: Iterable[list[object]]) -> list[T]:
    makers = [_PARTS.get(field.name, _frozen) for field in fields(kind)]  # type: ignore[arg-type]
    return [kind(*(make(value) for make, value in zip(makers, row, strict=True))) for row in rows]


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
