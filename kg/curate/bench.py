"""The bench of one project: opens articles, tries and saves steps, undoes them. Reads and writes the project.

The mapping on disk is read for every call, and is the only state there is: what someone else has written is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import RLock

from kg.bench.apply import registered_entries
from kg.bench.desk import Desk
from kg.core.errors import Finding, NotFoundError, Severity
from kg.core.likeness import proposal
from kg.core.model import Text
from kg.core.terms import ARTICLE_KEY
from kg.curate.edit import Edit, edited
from kg.curate.facts import ShownArticle, ShownFinding, shown_article, shown_findings
from kg.curate.forms import Json, usage_of, vocabulary_forms
from kg.curate.kept import BenchFolder, History, Step
from kg.curate.places import MappingPlaces
from kg.curate.understood import Understood, understood
from kg.curation.rename import Things, thing_named
from kg.curation.revision import file_changes
from kg.mapping.blocks import NO_TABLE, text_of
from kg.mapping.read import Node, Table, read_yaml, tolerant_tree
from kg.mapping.tables import value_of
from kg.pipeline.compile import Compiled
from kg.pipeline.document import document_of, outside_of
from kg.pipeline.live import LiveProject
from kg.pipeline.report import settled_findings
from kg.project.changes import ChangedMeanwhileError, write_changes
from kg.project.files import read_text
from kg.project.layout import article_file
from kg.project.settings import Project
from kg.project.sources import Source, Sources

MOST_READ = 200
"""Articles whose facts say which keys are usual."""

MOST_TRIES = 3
"""How often a step is taken again if someone else writes the file at the same moment."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An article as its file is now: what is shown, and whether a step can be undone or done again."""

    source: Source
    shown: ShownArticle
    desk: Desk
    history: History


@dataclass(frozen=True, slots=True)
class Tried:
    """A step that was not taken yet.

    Attributes:
        texts: path -> file, as the step would leave it.
        before: path -> file as it is.
        findings: on the mapping with it.
        new: those that the mapping does not have without it, of its fact and others.
        understood: what the words in its fields mean.
    """

    texts: Mapping[str, str]
    before: Mapping[str, str]
    findings: tuple[ShownFinding, ...]
    new: tuple[ShownFinding, ...]
    understood: tuple[Understood, ...]

    @property
    def is_barred(self) -> bool:
        """Whether an error keeps it out of the file."""
        return any(finding.severity == Severity.ERROR for finding in self.new)


class Bench:
    """One project on the bench. Calls may come from several threads; one is served at a time."""

    def __init__(self, project: Project) -> None:
        self._live = LiveProject(project)
        self.kept = BenchFolder(project.build)
        self.lock = RLock()
        self._shown: dict[str, Opened] = {}  # what was made of the files as they are

    @property
    def project(self) -> Project:
        """The project, with its settings as they are."""
        return self._live.project

    def _look(self) -> None:
        """Look at the files, and forget what was made of them if one has changed."""
        if self._live.look().changed:
            self._shown.clear()

    # -------- what is there

    def desk(self) -> Desk:
        """Return the sources and names of the project as they are now."""
        with self.lock:
            self._look()
            sources, compiled = self._live.names()
            return Desk(self.project, sources, compiled.scope)

    def forms(self) -> Json:
        """Return the forms of all kinds of fact."""
        desk = self.desk()
        trees = (read_yaml(source.text, source.path)[0] for source in desk.sources.articles[:MOST_READ])
        return vocabulary_forms(desk.vocabulary, usage_of(trees, desk.vocabulary))

    def opened_path(self, article: str) -> str:
        """Return the path of an article's mapping.

        Raises:
            NotFoundError: there is none with this id.
        """
        file = article_file(self.project, article)
        if file is None:
            raise NotFoundError(f"there is no article '{article}'", "it may have been removed or renamed")
        return self.project.shown(file)

    def opened_source(self, article: str) -> Source:
        """Return the mapping of an article as it is now.

        Raises:
            NotFoundError: there is none with this id.
        """
        return source_named(self.desk().sources, article)

    def stamp(self, article: str) -> str:
        """Return a digest of an article's mapping; cheap, because pages ask again and again.

        Raises:
            NotFoundError: there is none with this id.
        """
        path = self.opened_path(article)
        return stamp_of(read_text(self.project.root / path, path))

    def opened(self, article: str) -> Opened:
        """Return an article with everything that `kg check` finds in it.

        Raises:
            NotFoundError: there is none with this id.
        """
        with self.lock:
            self._look()
            if article not in self._shown:
                self._shown[article] = self._opened(article)
            return replace(self._shown[article], history=self.kept.history(article))

    def _opened(self, article: str) -> Opened:
        path = self.opened_path(article)
        report = self._live.check([str(self.project.root / path)])
        sources, compiled = self._live.names(only=frozenset([path]))
        source = source_named(sources, article)
        tree, _ = read_yaml(source.text, source.path)
        findings = [each for each in report.findings if each.place.path == source.path]
        desk = Desk(self.project, sources, compiled.scope)
        words = article_text(self.project, source, tree or tolerant_tree(source.text))
        [record] = compiled.articles
        shown = shown_article(source.text, tree, record, findings, words, desk.vocabulary)
        return Opened(source, shown, desk, History())

    # -------- steps

    def tried(self, article: str, edit: Edit) -> Tried:
        """Return what a step would do. Nothing is written.

        Raises:
            ConflictError: someone else has changed the same fact.
            InputError: the file cannot be changed there.
        """
        with self.lock:
            self._look()
            path = self.opened_path(article)
            sources, known = self._live.names(only=frozenset([path]))
            source = source_named(sources, article)
            texts, before = _texts(Desk(self.project, sources, known.scope), source, edit)
            own = frozenset(texts)
            old = self._findings(known, own)
            _, compiled = self._live.names(texts, own)
            findings = self._findings(compiled, own)
            places = {path: MappingPlaces(read_yaml(text, path)[0]) for path, text in texts.items()}

            def at_fields(some: Iterable[Finding]) -> tuple[ShownFinding, ...]:
                return tuple(each for path in texts for each in shown_findings(_of(some, path), places[path]))

            parsed = read_yaml(texts[source.path], source.path)
            changed = source.with_text(texts[source.path])
            document = document_of(self.project, compiled.scope, changed, parsed, article=True)
            meanings = tuple(understood(document, places[source.path], compiled.vocabulary))
            return Tried(texts, before, at_fields(findings), at_fields(_new(old, findings)), meanings)

    def _findings(self, compiled: Compiled, paths: frozenset[str]) -> tuple[Finding, ...]:
        every = [each for each in compiled.findings if each.place.path in paths]
        return tuple(settled_findings(self.project, compiled, every, paths).open)

    def save(self, article: str, edit: Edit) -> Tried:
        """Take a step: write the files, unless it is barred, and note how to undo it.

        Raises:
            ConflictError, InputError: as `tried`.
        """
        with self.lock:
            for attempt in range(MOST_TRIES):
                tried = self.tried(article, edit)
                if tried.is_barred:
                    return tried
                try:
                    self._write(tried.before, tried.texts)
                except ChangedMeanwhileError:
                    if attempt + 1 == MOST_TRIES:
                        raise
                    continue
                break
            path = self.opened_path(article)
            step = Step(edit, tried.before[path], tried.texts[path])
            self.kept.keep_history(article, self.kept.history(article).with_step(step))
            return tried

    def rename(self, article: str, name: str, new: str) -> None:
        """Give a fact of an article, or an entity, another id wherever it is named, and note how to undo it.

        Raises:
            NotFoundError: the article names nothing so.
            UsageError: the id is not allowed, or taken.
            InputError: a file has changed in the meantime.
        """
        with self.lock:
            self._look()
            edit = Edit(name, None, None, label=f"renamed {name} to {new}", to=new)
            source = self.opened_source(article)
            after = self._renamed(article, edit)
            step = Step(edit, source.text, after.get(source.path, source.text))
            self.kept.keep_history(article, self.kept.history(article).with_step(step))

    def _renamed(self, article: str, edit: Edit) -> Mapping[str, str]:
        """Write the files in which an edit gives a thing another id, and return path -> new text."""
        desk = self.desk()
        thing = thing_named(desk.scope, edit.id, article)
        if thing is None:
            raise NotFoundError(f"nothing is called '{edit.id}' in '{article}'", "it may have been renamed or removed")
        revision = Things(desk.project, desk.sources, desk.scope).renamed(thing, edit.to)
        self._write({path: revision.before[path] for path in revision.after}, revision.after)
        return revision.after

    def undo(self, article: str) -> str:
        """Take the last step back, and return what it was in words, "" if there is none.

        Raises:
            ConflictError: someone else has changed the same fact since.
        """
        history = self.kept.history(article)
        return self._moved(article, history, history.last, -1)

    def redo(self, article: str) -> str:
        """Take again the step that was undone last. Returns and raises as `undo`."""
        history = self.kept.history(article)
        return self._moved(article, history, history.next, 1)

    def _moved(self, article: str, history: History, step: Step | None, by: int) -> str:
        if step is None:
            return ""
        with self.lock:
            source = self.opened_source(article)
            first, last = (step.before, step.after) if by > 0 else (step.after, step.before)
            edit = step.edit if by > 0 else step.edit.undone
            if edit.to:
                self._renamed(article, edit)
            else:
                text = last if source.text == first else edited(source.text, edit, source.path)
                self._write({source.path: source.text}, {source.path: text})
            self.kept.keep_history(article, history.moved(by))
            return step.edit.label or step.edit.id or step.edit.block

    def _write(self, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        write_changes(file_changes(self.project, before, after), self.project.root)


def stamp_of(text: str) -> str:
    """Return a digest of a mapping, by which a page knows that it was changed."""
    return sha256(text.encode()).hexdigest()


def source_named(sources: Sources, article: str) -> Source:
    """Return the article with an id.

    Raises:
        NotFoundError: there is none.
    """
    for source in sources.articles:
        if source.stem == article:
            return source
    near = proposal(article, [source.stem for source in sources.articles], "'kg new' makes one")
    raise NotFoundError(f"there is no article '{article}'", near)


def article_text(project: Project, source: Source, tree: Node | None) -> Text | None:
    """Return the text that facts of an article quote, None if it is not available."""
    block = value_of(tree, ARTICLE_KEY) if isinstance(tree, Table) else None
    return text_of(block if isinstance(block, Table) else NO_TABLE, outside_of(project, source, tree))


def _texts(desk: Desk, source: Source, edit: Edit) -> tuple[dict[str, str], dict[str, str]]:
    """Return path -> file with a step taken, and path -> file as it is, without new ones."""
    texts, before = {source.path: edited(source.text, edit, source.path)}, {source.path: source.text}
    new = {name: tree for name, tree in edit.entities.items() if name not in desk.scope.registry}
    for path, old, text, _ in registered_entries(new, desk):
        texts[path] = text
        if old is not None:
            before[path] = old
    return texts, before


def _of(findings: Iterable[Finding], path: str) -> list[Finding]:
    return [finding for finding in findings if finding.place.path == path]


def _new(old: Iterable[Finding], findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that were not there before, wherever in the file they are now."""
    left = Counter((each.place.path, each.code, each.message) for each in old)
    new = []
    for finding in findings:
        key = (finding.place.path, finding.code, finding.message)
        left[key] -= 1
        if left[key] < 0:
            new.append(finding)
    return new
