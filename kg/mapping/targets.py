"""What files define -> what their names refer to. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from kg.core import iri
from kg.core.terms import ARTICLE_CLASS, ENTITY_CLASS, FACT_CLASS, LABEL
from kg.core.values import lexical
from kg.mapping.outline import Outline
from kg.mapping.record import Record, record_key
from kg.mapping.scope import Target
from kg.ontology.vocabulary import Vocabulary

UNUSABLE = Target("", "", fingerprint="unusable")
"""The target of a name that is defined but cannot be used."""


def registry_targets(outlines: Sequence[Outline], base: str, vocabulary: Vocabulary) -> dict[str, Target]:
    """Return the targets of the ids in all registry files. The first definition of an id counts."""
    targets: dict[str, Target] = {}
    for outline in reversed(outlines):
        targets |= entity_targets(outline, base, vocabulary)
    return targets


def with_lines(targets: Mapping[str, Target], records: Iterable[Record]) -> dict[str, Target]:
    """Return *targets* with the label and lines of each entity, which articles are validated with and depend on."""
    lines: dict[str, list[str]] = {}
    for record in records:
        for line in record.lines:
            lines.setdefault(line.partition(" ")[0], []).append(line)
    return {
        name: replace(target, label=_label(own), fingerprint=record_key(*own), lines=tuple(own))
        if target.term
        else target
        for name, target in targets.items()
        for own in [lines.get(target.term, [])]
    }


def _label(lines: Iterable[str]) -> str:
    """Return the label that an entity's lines give it."""
    labels = (line.partition(f" {LABEL} ")[2] for line in lines)
    return next((lexical(text.rsplit(" ", 2)[0]) for text in labels if text), "")


def article_target(article_id: str, base: str) -> Target:
    """Return the target of an article's id."""
    return _target(iri.article_iri(base, article_id), ARTICLE_CLASS, "")


def fact_targets(outline: Outline, article_id: str, base: str, vocabulary: Vocabulary) -> dict[str, Target]:
    """Return the targets of the ids of an article's facts, `UNUSABLE` if the definition has a finding."""
    known, taken = vocabulary.concrete[FACT_CLASS], vocabulary.keys[ARTICLE_CLASS]
    return {
        name: _target(iri.fact_iri(base, article_id, name), class_name, outline.labels[name])
        if class_name in known and name not in taken
        else UNUSABLE
        for name, class_name in outline.classes.items()
    }


def entity_targets(outline: Outline, base: str, vocabulary: Vocabulary) -> dict[str, Target]:
    """Return the targets of registry ids, `UNUSABLE` if the definition has a finding."""
    known, terms = vocabulary.concrete[ENTITY_CLASS], vocabulary.classes
    return {
        name: _target(iri.entity_iri(base, terms[class_name].segment, name), class_name, outline.labels[name])
        if class_name in known
        else UNUSABLE
        for name, class_name in outline.classes.items()
    }


def _target(address: str, class_name: str, label: str) -> Target:
    return Target(f"<{address}>", class_name, label, f"{class_name} {label}")
