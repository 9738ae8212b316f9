"""What files define -> what their names refer to. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

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
    return {name: _fact_target(outline, article_id, name, base, vocabulary) for name in outline.classes}


def _fact_target(outline: Outline, article_id: str, name: str, base: str, vocabulary: Vocabulary) -> Target:
    class_name = outline.classes[name]
    if class_name not in vocabulary.concrete[FACT_CLASS] or name in vocabulary.keys[ARTICLE_CLASS]:
        return UNUSABLE
    return _target(iri.fact_iri(base, article_id, name), class_name, outline.labels[name])


class Outlined(Protocol):
    """What has an outline, which is read when it is needed."""

    def outline(self) -> Outline:
        """Return what the file defines."""


@dataclass(frozen=True, slots=True)
class _SentOutline:
    """An outline in a process that does not have the files."""

    sent: Outline

    def outline(self) -> Outline:
        return self.sent


class ArticleTargets(Mapping[str, Target]):
    """Article id -> the article, made when it is looked up, for few articles are named in others."""

    def __init__(self, names: Mapping[str, object], base: str) -> None:
        """Take the ids of articles, which are the keys of *names*."""
        self._names, self._base = names, base

    def __reduce__(self) -> tuple[type[ArticleTargets], tuple[object, ...]]:
        """Return the ids alone, for a process that does not have the files."""
        return ArticleTargets, (dict.fromkeys(self._names), self._base)

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __getitem__(self, name: str) -> Target:
        if name not in self._names:
            raise KeyError(name)
        return article_target(name, self._base)


class FactTargets(Mapping[str, Target]):
    """`article-id/fact-id` -> the fact, made when it is looked up, for few facts are named in other articles."""

    def __init__(self, files: Mapping[str, Sequence[Outlined]], base: str, vocabulary: Vocabulary) -> None:
        """Take the facts of the *files* of each article, by its id. Outlines are read when they are needed."""
        self._files, self._base, self._vocabulary = files, base, vocabulary

    def __reduce__(self) -> tuple[type[FactTargets], tuple[object, ...]]:
        """Return all outlines, for a process that does not have the files."""
        known = {name: [_SentOutline(file.outline()) for file in files] for name, files in self._files.items()}
        return FactTargets, (known, self._base, self._vocabulary)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[str]:
        pairs = ((article, file.outline()) for article, files in self._files.items() for file in files)
        return iter(dict.fromkeys(f"{article}/{name}" for article, outline in pairs for name in outline.classes))

    def __getitem__(self, reference: str) -> Target:
        article, _, name = reference.partition("/")
        files = self._files.get(article, ()) if name else ()
        outlines = [outline for outline in (file.outline() for file in files) if name in outline.classes]
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
