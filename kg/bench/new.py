"""An article as given -> the files that register it. Writes new files, and one line to .gitignore.

The mapping passes the structural checks as it is: what is known is in its block, and what is unknown is a comment that
says what to write. No existing file is overwritten.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from kg.bench.desk import Desk
from kg.bench.draft import draft_of
from kg.bench.identifier import free_id, readable_id
from kg.bench.material import UNKNOWN_LANGUAGE, FoundArticle, commonest_words
from kg.bench.metadata import LANGUAGE, TEXT, TITLE, Known
from kg.bench.paragraphs import broken, commented
from kg.bench.shown_draft import examples
from kg.bench.tidy import Remark
from kg.core.errors import InputError, UsageError
from kg.core.terms import (
    ARTICLE_CLASS,
    CURATION_KEY,
    ENTITY_CLASS,
    FACTS_KEY,
    TEXT_FILE_KEY,
    TEXT_KIND_KEY,
    TYPE_KEY,
    WITHHELD,
)
from kg.mapping.outline import is_usable_id
from kg.mapping.yaml_nodes import Data
from kg.mapping.yaml_style import WIDTH, YamlStyle, lines_of_entry
from kg.ontology.vocabulary import Kind
from kg.project.files import read_text, readable, write_new, write_whole
from kg.project.settings import Project
from kg.project.sources import Source

FULL = "Full"
MARGIN = 2
"""The indentation of lines in a block of a mapping."""
EXPECTED = ("published", "publisher", "url")
"""Fields that are reported if they are missing."""

MOST_FOR_EXAMPLES = 20_000
"""Code points of a text that is searched for examples, which takes a second or two."""

IGNORED = ".gitignore"
SCHEMA = "ontology/mapping.schema.json"
LEAST_COMPARED, MOST_COMPARED = 60, 300
"""Code points of the first paragraph that are compared to find articles that seem the same."""

_LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class RegistrationChoices:
    """What a curator chooses.

    Attributes:
        id: of the article, "" for one from its title.
        curator: who registers it.
        text_file: the project's file that the text is written to, "" for the mapping itself.
        today: the day on which it is registered.
    """

    id: str
    curator: str
    text_file: str
    today: date


@dataclass(frozen=True, slots=True)
class Registered:
    """An article that is or will be registered.

    Attributes:
        id: of the article.
        files: path of each new file -> its content.
        ignored: the line to add to .gitignore, "" for none.
        remarks: what a curator should know, one per line.
    """

    id: str
    files: Mapping[Path, str]
    ignored: str
    remarks: tuple[str, ...]


def with_examples(article: FoundArticle, desk: Desk, choices: RegistrationChoices) -> Registered:
    """Return the files that register an article, with examples of what its sentences seem to need as comments.

    A withheld text gives none, because its words must not be published, nor does a very long one, which takes time.

    Raises: as `registered`.
    """
    made = registered(article, desk, choices)
    if choices.text_file or len(article.text.text) > MOST_FOR_EXAMPLES:
        return made
    [(file, content)] = made.files.items()
    draft = draft_of(desk, Source(desk.project.shown(file), made.id, content))
    return registered(article, desk, replace(choices, id=made.id), examples(draft))


def registered(
    article: FoundArticle, desk: Desk, choices: RegistrationChoices, shown: Sequence[str] = ()
) -> Registered:
    """Return the files that register an article.

    Args:
        article: the article as given.
        desk: the project.
        choices: what the curator chooses.
        shown: lines of YAML to show as comments below `facts`.

    Raises:
        UsageError: the id is invalid or taken, or the text's file is outside the project or exists already.
    """
    title = _title(article)
    identifier = _id(title, article, desk, choices)
    mapping = desk.project.data / "articles" / f"{identifier}.yaml"
    text_file = _text_file(desk.project, choices.text_file)
    head = [*_head(article, title, desk), *_kind(desk.project, text_file)]
    body = [] if text_file else _text(article.text.text)
    curation = {"curator": choices.curator, "on": choices.today.isoformat(), "status": "Draft"}
    top = [*_schema_line(desk.project, mapping), "article:"]
    written = [*top, *head, *body, *_entry(CURATION_KEY, curation), f"{FACTS_KEY}:", *_indented(commented(shown))]
    files = {mapping: "\n".join(written) + "\n"}
    if text_file:
        files[text_file] = article.text.text + "\n"
    name = desk.project.shown(text_file or mapping)
    first = 0 if text_file else len(top) + len(head) + 1
    placed = [_placed(each, article.text.text, files[text_file or mapping].split("\n")[first:], first, name)
              for each in article.text.remarks]  # fmt: skip
    remarks = (
        *_known(article),
        *_unregistered(article, desk),
        *article.doubts,
        *_left_out(article),
        *placed,
        *_twins(article, desk),
    )
    return Registered(identifier, files, _to_ignore(desk.project, text_file), remarks)


def write_registered(made: Registered, project: Project) -> None:
    """Write the files of an article that is to be registered, the text before the mapping that names it.

    Raises:
        UsageError: one of them exists already.
        InputError: they cannot be written.
    """
    if made.ignored:
        file = project.root / IGNORED
        before = read_text(file, IGNORED) if file.is_file() else ""
        ended = before if not before or before.endswith("\n") else f"{before}\n"
        write_whole(file, f"{ended}{made.ignored}\n")
    written: list[Path] = []
    try:
        for file, content in reversed(list(made.files.items())):
            write_new(file, content)
            written.append(file)
    except (UsageError, InputError):
        for file in written:
            file.unlink(missing_ok=True)
        raise


# -------- title and id


def _title(article: FoundArticle) -> Known:
    """Return the title, or the first words of the text if it is unknown."""
    known = article.metadata.fields.get(TITLE)
    if known:
        return known
    words = article.text.text.split("\n\n")[0]
    cut = words if len(words) <= _LONGEST_TITLE else f"{words[:_LONGEST_TITLE].rpartition(' ')[0] or words[:60]} …"
    return Known((cut,), "the first words of the text")


def _id(title: Known, article: FoundArticle, desk: Desk, choices: RegistrationChoices) -> str:
    taken = frozenset(source.stem for source in desk.sources.articles)
    if not choices.id:
        language = article.metadata.fields[LANGUAGE].value
        common = commonest_words(desk.scope.languages, language.partition("-")[0])
        return free_id(readable_id(title.value, common), taken, f"article-{choices.today.isoformat()}")
    if not is_usable_id(choices.id):
        better = readable_id(choices.id)
        raise UsageError(
            f"'{choices.id}' cannot be the id of an article", f"choose lower-case letters and hyphens{_such_as(better)}"
        )
    if choices.id in taken:
        raise UsageError(f"there is already an article '{choices.id}'", "choose another id")
    return choices.id


def _such_as(better: str) -> str:
    return f", such as {better}" if better else ""


# -------- the article block


def _head(article: FoundArticle, title: Known, desk: Desk) -> Iterator[str]:
    """Yield the lines of what is known, and comments on what is unknown."""
    keys = desk.vocabulary.keys[ARTICLE_CLASS]
    known = {TITLE: title, **{name: each for name, each in article.metadata.fields.items() if name != TITLE}}
    for name, each in known.items():
        key = keys.get(name)
        if key is None:
            yield f"  # {name}: {', '.join(each.values)}  (an article has no key for it)"
        elif key.kind is Kind.NODE and desk.vocabulary.is_a(key.range, ENTITY_CLASS):
            yield from _reference(name, each, key.range, desk)
        else:
            comment = "  # unknown; write its tag, such as en" if each.value == UNKNOWN_LANGUAGE else ""
            yield from (f"{line}{comment}" for line in _indented(_entry(name, each.value)))
    for name in EXPECTED:
        if name in keys and name not in known:
            yield f"  # {name}: unknown"


def _reference(name: str, known: Known, range_name: str, desk: Desk) -> Iterator[str]:
    """Yield the line that refers to entities of the registry, and comments on those that it lacks."""
    meanings = [(value, desk.means(value, range_name)) for value in known.values]
    ids: list[Data] = [thing.id for _, thing in meanings if thing]
    if ids:
        yield from _indented(_entry(name, ids[0] if len(ids) == 1 else ids))
    for value, thing in meanings:
        if thing is None:
            identifier = free_id(readable_id(value, most_words=8), desk.scope.registry, "unnamed")
            yield f"  # {name}: {identifier}   # once the registry has it:"
            yield from _indented(commented(_entry(identifier, {TYPE_KEY: range_name, "name": value})))


def _schema_line(project: Project, mapping: Path) -> Iterator[str]:
    """Yield the line by which editors find the schema of the mapping language, if the project has written it."""
    schema = project.root / SCHEMA
    if schema.is_file():
        yield f"# yaml-language-server: $schema={os.path.relpath(schema, mapping.parent).replace(os.sep, '/')}"


def _kind(project: Project, text_file: Path | None) -> Iterator[str]:
    yield f"  {TEXT_KIND_KEY}: {WITHHELD if text_file else FULL}"
    if text_file:
        yield from _indented(_entry(TEXT_FILE_KEY, project.shown(text_file)))


def _text(text: str) -> Sequence[str]:
    """Return the lines of a text of paragraphs."""
    paragraphs = ("\n".join(broken(each, WIDTH - 2 * MARGIN)) for each in text.split("\n\n"))
    return list(_indented(_entry(TEXT, "\n\n".join(paragraphs) + "\n")))


def _entry(key: str, value: Data) -> Sequence[str]:
    return lines_of_entry(key, value, MARGIN, YamlStyle())


def _indented(lines: Iterable[str]) -> Iterator[str]:
    yield from (f"{' ' * MARGIN}{line}" if line else line for line in lines)


# -------- a withheld text


def _text_file(project: Project, name: str) -> Path | None:
    if not name:
        return None
    file = (project.root / name).resolve()
    if not file.is_relative_to(project.root.resolve()) or file == project.root.resolve():
        raise UsageError(f"{readable(name)} is outside the project", "name a file inside it, such as texts/a.txt")
    if file.is_relative_to(project.data.resolve()):
        raise UsageError(f"{readable(name)} is in the data folder", "name a file outside it, such as texts/a.txt")
    if file.exists():
        raise UsageError(f"there is already a file {readable(name)}", "choose another name, or move it away")
    return file


def _to_ignore(project: Project, text_file: Path | None) -> str:
    """Return the line that makes git ignore a file, "" if there is one for it or its folder."""
    if text_file is None:
        return ""
    shown = text_file.relative_to(project.root.resolve()).as_posix()
    file = project.root / IGNORED
    present = {line.strip().strip("/") for line in (read_text(file, IGNORED) if file.is_file() else "").splitlines()}
    above = [parent.as_posix() for parent in Path(shown).parents if parent.as_posix() != "."]
    return "" if present.intersection((shown, *above)) else f"/{shown}"


# -------- what a curator should know


def _known(article: FoundArticle) -> Iterator[str]:
    fields = article.metadata.fields
    for name, known in fields.items():
        if known.value != UNKNOWN_LANGUAGE:
            yield f"{name}: {', '.join(known.values)} (from {known.origin})"
    if TITLE not in fields:
        yield "title: unknown; the first words of the text are used"
    missing = [name for name in EXPECTED if name not in fields]
    missing += [LANGUAGE] if fields[LANGUAGE].value == UNKNOWN_LANGUAGE else []
    if missing:
        yield f"unknown: {', '.join(missing)}"


def _unregistered(article: FoundArticle, desk: Desk) -> Iterator[str]:
    """Yield whom the article block cannot name before the registry has them."""
    keys = desk.vocabulary.keys[ARTICLE_CLASS]
    for name, known in article.metadata.fields.items():
        key = keys.get(name)
        if key and key.kind is Kind.NODE and desk.vocabulary.is_a(key.range, ENTITY_CLASS):
            for value in known.values:
                if desk.means(value, key.range) is None:
                    yield f"{name} left out until the registry has it: {value}"


def _left_out(article: FoundArticle) -> Iterator[str]:
    if article.left_out:
        yield f"left out: {', '.join(article.left_out)}"


def _placed(remark: Remark, text: str, written: Sequence[str], before: int, shown: str) -> str:
    """Return a remark with its line and column in the file."""
    if remark.position is None:
        return remark.what
    left = sum(not char.isspace() for char in text[: remark.position])
    for number, line in enumerate(written, before + 1):
        inked = [column for column, char in enumerate(line) if not char.isspace()]
        if left < len(inked):
            return f"{shown}:{number}:{inked[left] + 1}: {remark.what}"
        left -= len(inked)
    return f"{shown}: {remark.what}"


def _twins(article: FoundArticle, desk: Desk) -> Iterator[str]:
    """Yield the articles that seem to be this one because they have its address or its first words."""
    url = article.metadata.fields.get("url")
    first = article.text.text.split("\n\n")[0][:MOST_COMPARED]
    for source in desk.sources.articles:
        if (url and url.value in source.text) or (
            len(first) > LEAST_COMPARED and first in " ".join(source.text.split())
        ):
            yield f"{source.path} seems to be the same article"
