"""Chosen proposals -> new entries in the project's files. Writes the article and the registry.

The compiler checks the chosen proposals again, because a proposal that is valid with others may be invalid alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.bench.desk import Desk
from kg.bench.judge import judged, trees
from kg.bench.proposal import ENTITY, FACT, ArticleDraft, Proposal
from kg.core.errors import FindingsError, NotFoundError, UsageError
from kg.core.likeness import proposal as proposed_name
from kg.core.terms import FACTS_KEY
from kg.curation.revision import file_changes
from kg.mapping.edits import changed
from kg.mapping.outline import outline
from kg.mapping.read import read_yaml
from kg.mapping.yaml_changes import AddClosingComment, AddEntries
from kg.mapping.yaml_nodes import Data
from kg.project.changes import write_changes
from kg.project.files import read_text
from kg.project.settings import Project
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
    before, after = dict[str, str](), dict[str, str]()
    written: dict[str, Sequence[str]] = {}
    for path, text, new, names in registered_entries(trees(chosen, ENTITY), desk):
        if text is not None:
            before[path] = text
        after[path], written[path] = new, names
    if facts := trees(chosen, FACT):
        before[source.path] = source.text
        after[source.path] = changed(source.text, [AddEntries((FACTS_KEY,), facts)], source.path)
        written[source.path] = list(facts)
    write_changes(file_changes(desk.project, before, after), desk.project.root)
    return Applied(written, tuple(each.id for each in chosen if each.id not in ids))


def registered_entries(entries: Mapping[str, Data], desk: Desk) -> Iterator[tuple[str, str | None, str, Sequence[str]]]:
    """Yield the registry files that new entries go into: path, text as it is, None for a new one, text with them, ids.

    Raises:
        InputError: a file cannot be added to.
    """
    for file, chosen in _by_file(entries, desk).items():
        path = desk.project.shown(file)
        before = read_text(file, path) if file.is_file() else None
        yield path, before, changed(before or "", [AddEntries((), chosen)], path), list(chosen)


def append(shown: str, source: Source, project: Project) -> None:
    """Append a draft, *shown* as comments, to the facts of its article.

    Raises:
        InputError: the file cannot be added to, or has changed in the meantime.
    """
    comments = AddClosingComment((FACTS_KEY,), tuple(shown.splitlines()))
    after = {source.path: changed(source.text, [comments], source.path)}
    write_changes(file_changes(project, {source.path: source.text}, after), project.root)


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


def _by_file(entries: Mapping[str, Data], desk: Desk) -> Mapping[Path, Mapping[str, Data]]:
    """Return registry file -> new entries: the file with most entries of the same class, else of the same kind."""
    by_file: dict[Path, dict[str, Data]] = {}
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
