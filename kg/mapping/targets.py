"""What files define -> what their names refer to. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from kg.core import iri
from kg.core.relations import grouped
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
    return {name: _fact_target(outline, article_id, name, base, vocabulary) for name in outline.classes}


def _fact_target(outline: Outline, article_id: str, name: str, base: str, vocabulary: Vocabulary) -> Target:
    class_name = outline.classes[name]
    if class_name not in vocabulary.concrete[FACT_CLASS] or name in vocabulary.keys[ARTICLE_CLASS]:
        return UNUSABLE
    return _target(iri.fact_iri(base, article_id, name), class_name, outline.labels[name])


ReadOutline: TypeAlias = Callable[[], Outline]


def _same(outline: Outline) -> Outline:
    return outline


class FactTargets(Mapping[str, Target]):
    """`article-id/fact-id` -> the fact, made when it is looked up, for few facts are named in other articles."""

    def __init__(self, outlines: Iterable[tuple[str, ReadOutline]], base: str, vocabulary: Vocabulary) -> None:
        """Take the facts of articles, each given by its id and by what returns its outline, called when needed."""
        self._outlines, self._base, self._vocabulary = grouped(outlines), base, vocabulary

    def __reduce__(self) -> tuple[type[FactTargets], tuple[object, ...]]:
        """Return all outlines, for a process that does not have the files."""
        known = [(name, partial(_same, read())) for name, readers in self._outlines.items() for read in readers]
        return FactTargets, (known, self._base, self._vocabulary)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[str]:
        pairs = ((article, read()) for article, readers in self._outlines.items() for read in readers)
        return iter(dict.fromkeys(f"{article}/{name}" for article, outline in pairs for name in outline.classes))

    def __getitem__(self, reference: str) -> Target:
        article, _, name = reference.partition("/")
        readers = self._outlines.get(article, ()) if name else ()
        outlines = [outline for outline in (read() for read in readers) if name in outline.classes]
        if not outlines:
            raise KeyError(reference)
        return _fact_target(outlines[-1], article, name, self._base, self._vocabulary)


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
