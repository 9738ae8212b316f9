"""Chosen proposals -> the project's files with them. Writes the article and the registry.

The compiler checks the chosen ones once more, because what passed with others need not pass without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.bench.append import with_entries, with_facts
from kg.bench.desk import Desk
from kg.bench.judge import judged, trees
from kg.bench.proposal import ENTITY, FACT, ArticleDraft, Proposal
from kg.bench.written_yaml import Tree
from kg.core.errors import FindingsError, InputError, NotFoundError, UsageError
from kg.core.likeness import proposal as proposed_name
from kg.mapping.outline import outline
from kg.mapping.read import read_yaml
from kg.project.files import read_text, write_new, write_whole
from kg.project.sources import Source


@dataclass(frozen=True, slots=True)
class Applied:
    """What was written: path -> ids, and the ids that were not requested but are needed by others."""

    written: Mapping[str, Sequence[str]]
    needed: tuple[str, ...]


def apply(draft: ArticleDraft, ids: Sequence[str], source: Source, desk: Desk) -> Applied:
    """Write the proposals with these ids, and those that they need.

    Raises:
        NotFoundError: there is no proposal with one of the ids.
        UsageError: one of them is only a date or a figure.
        FindingsError: the compiler refuses one of them without the other proposals.
        InputError: a file cannot be added to, or has changed in the meantime.
    """
    chosen = _chosen(draft, ids)
    judgement = judged(chosen, source, desk)
    if judgement.dropped:
        raise FindingsError(f"not applied: {judgement.dropped[0]}", "apply it together with what it belongs to")
    written: dict[str, Sequence[str]] = {}
    for file, entries in _by_file(trees(chosen, ENTITY), desk).items():
        text = read_text(file, desk.project.shown(file)) if file.is_file() else ""
        added = with_entries(text, entries, desk.project.shown(file))
        write_whole(file, added) if text else write_new(file, added)
        written[desk.project.shown(file)] = list(entries)
    if facts := trees(chosen, FACT):
        file = desk.project.root / source.path
        if read_text(file, source.path) != source.text:
            raise InputError(f"{source.path} has changed in the meantime", "run the command again")
        write_whole(file, with_facts(source.text, facts, source.path))
        written[source.path] = list(facts)
    return Applied(written, tuple(each.id for each in chosen if each.id not in ids))


def _chosen(draft: ArticleDraft, ids: Sequence[str]) -> tuple[Proposal, ...]:
    by_id = {each.id: each for each in draft.proposals}
    for identifier in ids:
        if identifier not in by_id:
            fix = proposed_name(identifier, by_id, "run 'kg draft' without --apply for the ids")
            raise NotFoundError(f"there is no proposal '{identifier}'", fix)
        if by_id[identifier].kind not in (ENTITY, FACT):
            what = by_id[identifier].kind
            raise UsageError(
                f"'{identifier}' is only a {what}, not a fact", "write the fact that it belongs to by hand"
            )
    return draft.chosen(ids)


def _by_file(entries: Mapping[str, Tree], desk: Desk) -> Mapping[Path, Mapping[str, Tree]]:
    """Return registry file -> new entries: the file with most entries of the same class, else of the same kind."""
    by_file: dict[Path, dict[str, Tree]] = {}
    for identifier, tree in entries.items():
        assert isinstance(tree, Mapping)  # an entry is a table
        by_file.setdefault(_file(str(tree["type"]), desk), {})[identifier] = tree
    return by_file


def _file(class_name: str, desk: Desk) -> Path:
    vocabulary = desk.vocabulary
    segment = vocabulary.classes[class_name].segment
    same = [name for name, term in vocabulary.classes.items() if term.segment == segment]
    counts = [(_count(source, [class_name]), _count(source, same), source.path) for source in desk.sources.registry]
    best = max(counts, key=lambda each: each[:2], default=(0, 0, ""))
    return desk.project.root / best[2] if best[1] else desk.project.data / "registry" / f"{segment}.yaml"


def _count(source: Source, classes: Iterable[str]) -> int:
    chosen = frozenset(classes)
    contents = outline(read_yaml(source.text, source.path)[0], article=False)
    return sum(name in chosen for name in contents.classes.values())
