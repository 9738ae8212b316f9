"""Stated facts -> findings and derived facts across articles: in full in memory, or from the changes on disk.

Both ways give the same result, byte for byte: tests/test_incremental.py. The second one starts the store of the next
generation from that of the last, so that rules and checks see all articles and only the changed graphs are loaded.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from kg.core import iri
from kg.core.errors import Finding, Place
from kg.core.model import Term
from kg.pipeline.accounts import Account
from kg.pipeline.changes import Changes
from kg.pipeline.checks import CrossSearch, cross_searches, elsewhere, placed, places_of
from kg.pipeline.compile import Compiled
from kg.pipeline.concerns import ArticleConcern
from kg.pipeline.derive import Rederivation, derive, derived_graph, ordered_rules
from kg.pipeline.outputs import Outputs
from kg.pipeline.proposals import ACCOUNTS_READ, accounts
from kg.pipeline.remembered import Remembered
from kg.pipeline.rule import read_rule
from kg.pipeline.view import View
from kg.project.settings import Project
from kg.store.embedded import EmbeddedStore, memory_store
from kg.store.generations import Generation
from kg.store.loading import Draft, GraphPatch
from kg.store.manifest import GraphSummary
from kg.store.objects import Objects, StoredLines
from kg.store.publish import begin_draft, work_folder

_OF_ARTICLES = ArticleConcern(("?article",))

Findings = Mapping[str, tuple[Finding, ...]]
Stated = Mapping[Term, StoredLines]


@dataclass(frozen=True, slots=True)
class Last:
    """The last build: its generation, and what it found and derived across articles."""

    generation: Generation
    remembered: Remembered


@dataclass(frozen=True, slots=True)
class Since:
    """The last build, and what has changed since.

    Attributes:
        draft: the store of the next generation, which holds what is stated now and what was derived then.
        changes: what has changed of what is stated.
        before: what was found and derived then.
        derived: the derived graph then.
    """

    draft: Draft
    changes: Changes
    before: Remembered
    derived: Sequence[str]


@dataclass(frozen=True, slots=True)
class Derivation:
    """What rules derive.

    Attributes:
        outputs: rule by rule.
        lines: of the derived graph, sorted.
        patch: how these differ from those of the last build, None if everything is derived in full. The draft has it.
    """

    outputs: Outputs
    lines: Sequence[str]
    patch: GraphPatch | None = None

    def note_in(self, draft: Draft | None, graph: Term, graphs: Stated) -> None:
        """Note in *draft* that it has the derived graph, one of the new *graphs*."""
        if draft and self.patch and (self.patch.gone or self.patch.come):
            draft.note(graph, graphs[graph].summary if graph in graphs else None, self.patch)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found across articles.

    Attributes:
        findings: of each check or search.
        reports: of events and agreements, which are compared with one another.
    """

    findings: Findings
    reports: Sequence[Account]


@dataclass(frozen=True, slots=True)
class Across:
    """What is stated in all articles, to be checked first and then derived from.

    Attributes:
        project: where rules and checks are.
        compiled: what nodes are called, and where they were written.
        stated: graph -> its lines, of everything that files state.
        store: the same, and what was derived before.
        since: the last build, None if everything is made in full.
    """

    project: Project
    compiled: Compiled
    stated: Stated
    store: EmbeddedStore
    since: Since | None = None

    @property
    def draft(self) -> Draft | None:
        """The store of the next generation, if it is begun."""
        return self.since.draft if self.since else None

    def search(self) -> SearchResult:
        """Run the checks and the searches for what may be the same, each only if a change can affect it.

        Raises:
            InputError: a check that cannot be read or run.
        """
        places, store, reports = places_of(self.compiled), self._checked(), self._reports()
        searches = cross_searches(self.project, self.compiled, store, lambda: reports)
        return SearchResult({search.name: tuple(self._findings(search, store, places)) for search in searches}, reports)

    def _findings(self, search: CrossSearch, store: EmbeddedStore, places: Mapping[Term, Place]) -> Iterator[Finding]:
        """Yield what was found by the last build, but for what a change can affect."""
        since = self.since
        if since is None or search.name not in since.before.findings:
            yield from search.find(None)
            return
        before, articles = since.before.findings[search.name], frozenset[Term]()
        if since.changes.touches(search.reads):
            affected = search.concern.affected(since.changes, store) if search.concern else None
            if affected is None:
                yield from search.find(None)
                return
            articles = affected
        yield from placed(elsewhere(before, articles), places)
        yield from search.find(articles) if articles else ()

    def _checked(self) -> EmbeddedStore:
        """Return the store without what was derived from it, which checks do not see."""
        hidden = [derived_graph(self.project.base), *data_set_graphs(self.project)]
        return View(self.store, hidden) if self.since else self.store

    def _reports(self) -> Sequence[Account]:
        """Return the reports of events and agreements: those of the last build, but for what a change can affect."""
        store, since = self._checked(), self.since
        if since and not since.changes.touches(ACCOUNTS_READ):
            return since.before.reports
        articles = _OF_ARTICLES.affected(since.changes, store) if since else None
        if since is None or articles is None:
            return accounts(store)
        kept = [each for each in since.before.reports if each.article not in articles]
        return sorted([*kept, *accounts(store, articles)], key=lambda each: each.fact)

    def derived(self) -> Derivation:
        """Run the rules, all of them or those that the change can affect.

        Raises:
            InputError: a rule that cannot be read or run.
        """
        base, since = self.project.base, self.since
        rules = [read_rule(file, base) for file in ordered_rules(self.project.ontology)]
        if since is None:
            return Derivation(*derive(self.store, rules, base))
        work = Rederivation(
            View(self.store, data_set_graphs(self.project)), Outputs(since.before.outputs), since.changes
        )
        work.run(rules)
        patch = GraphPatch(work.gone, work.come)
        return Derivation(work.outputs, patched(since.derived, patch), patch)


def patched(lines: Sequence[str], patch: GraphPatch) -> Sequence[str]:
    """Return sorted lines as they were, or sorted with what has changed."""
    return sorted({*lines, *patch.come} - patch.gone) if patch.gone or patch.come else lines


def data_set_graphs(project: Project) -> tuple[Term, ...]:
    """Return the graphs about the data set, which rules and checks do not see."""
    return tuple(f"<{iri.graph_iri(project.base, name)}>" for name in ("validation", "dataset"))


@contextmanager
def across(project: Project, compiled: Compiled, stated: Stated, last: Last | None) -> Iterator[Across]:
    """Yield what is stated, to be checked and derived from.

    Args:
        project: where its files are.
        compiled: its files.
        stated: graph -> its lines, of everything that files state.
        last: the last build, None if there is none to trust.
    """
    since = _since(project, stated, last) if last else None
    if since is None:
        yield Across(project, compiled, stated, memory_store(chain.from_iterable(stated.values())))
        return
    try:
        yield Across(project, compiled, stated, since.draft.store, since)
    finally:
        since.draft.store.close()
        shutil.rmtree(work_folder(project.build), ignore_errors=True)


def _since(project: Project, stated: Stated, last: Last) -> Since | None:
    """Start the next generation from the last, None if so much has changed that rebuilding is faster."""
    base, graph = last.generation, derived_graph(project.base)
    old = base.manifest.graphs
    made = {name: old[name] for name in (graph, *data_set_graphs(project)) if name in old}
    new = made | {name: lines.summary for name, lines in stated.items()}
    changed = sorted(name for name in new.keys() | old.keys() if new.get(name) != old.get(name))
    if 2 * sum(part[name].quads for part in (new, old) for name in changed if name in part) > base.manifest.quads:
        return None
    draft = begin_draft(project.build, base)
    draft.bring(base.objects, new)
    changes = Changes(project.base)
    for name in changed:
        changes.add(_lines(base.objects, old.get(name)) ^ _lines(base.objects, new.get(name)))
        changes.everywhere |= not name.startswith(f"<{project.base}article/")
    derived = StoredLines(base.objects, made[graph]) if graph in made else ()
    return Since(draft, changes, last.remembered, derived)


def _lines(objects: Objects, summary: GraphSummary | None) -> set[str]:
    return set(objects.lines(summary.sha256)) if summary else set()
