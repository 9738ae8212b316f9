"""Stated facts -> findings and derived facts across articles: in full, or from the changes.

Both ways give the same result, byte for byte: tests/test_incremental.py. The second one starts the store of the next
generation from that of the last, so that rules and checks see all articles and only the changed graphs are loaded. In
full, few articles are searched in memory. Many are searched in portions in memory, and what concerns no portion is
searched in the store of the next generation, which is then begun empty. If there is a second processor, that store is
loaded while those in memory are searched.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain

from kg.core import iri
from kg.core.errors import Finding, KgError, Place
from kg.core.model import Term
from kg.core.processes import return_memory
from kg.pipeline.accounts import Account
from kg.pipeline.changes import Changes
from kg.pipeline.checks import CrossSearch, cross_searches, elsewhere, placed, places_of
from kg.pipeline.compile import Compiled
from kg.pipeline.concerns import ArticleConcern
from kg.pipeline.derive import Rederivation, all_rules, derive, derived_graph
from kg.pipeline.outputs import Outputs
from kg.pipeline.portion_rules import derive_in_portions
from kg.pipeline.portion_search import SearchResult, portion_result
from kg.pipeline.portions import Portions, portions_of
from kg.pipeline.proposals import ACCOUNTS_READ, accounts
from kg.pipeline.remembered import Remembered, stored_findings
from kg.pipeline.rule import DerivationRule
from kg.pipeline.stages import everywhere
from kg.pipeline.view import View
from kg.project.settings import Project
from kg.store.embedded import EmbeddedStore, memory_store_of
from kg.store.folder import disk_errors
from kg.store.generations import Generation
from kg.store.loading import AT_ONCE, Draft, GraphPatch
from kg.store.manifest import GraphSummary
from kg.store.objects import OBJECTS, Objects, StoredLines, texts_of
from kg.store.publish import begin_draft, work_folder

MOST_IN_MEMORY = 1_500_000
"""Quads up to which a store in memory is searched: 310 bytes for each, and for each that is derived, a third more. On
disk, rules take twice the CPU."""

_OF_ARTICLES = ArticleConcern(("?article",))

Findings = Mapping[str, tuple[Finding, ...]]
Stated = Mapping[Term, StoredLines]


@dataclass(frozen=True, slots=True)
class Last:
    """The last build: its generation, and its findings and derived facts across articles.

    Attributes:
        moved: the files that have changed since, None if nodes may be in other files than before.
    """

    generation: Generation
    remembered: Remembered
    moved: Collection[str] | None


@dataclass(frozen=True, slots=True)
class Since:
    """The last build, and what has changed since.

    Attributes:
        last: the last build.
        changes: the changes to stated facts.
        derived: the derived graph of the last build.
    """

    last: Last
    changes: Changes
    derived: Sequence[str]

    @property
    def before(self) -> Remembered:
        """The findings and derived facts of the last build."""
        return self.last.remembered


@dataclass(frozen=True, slots=True)
class Derivation:
    """The results of rules.

    Attributes:
        outputs: the outputs of all rules.
        lines: the lines of the derived graph, sorted.
    """

    outputs: Outputs
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Across:
    """The stated facts of all articles, which are first checked and then derived from.

    Attributes:
        project: the project with the rules and checks.
        compiled: the compiled files, which give the places of nodes.
        stated: graph -> its lines, for all stated facts.
        memory: a store in memory with the stated facts, None if that of the next generation is searched.
        begun: returns the store of the next generation as far as it is written, when that is loaded; None if it is not
            begun. Raises an EndpointError if writing failed, and an InputError if an object is damaged.
        since: the last build, None if everything is checked and derived in full.
        portions: returns the articles in portions, None if the store is in memory, or too many name one another.
    """

    project: Project
    compiled: Compiled
    stated: Stated
    memory: EmbeddedStore | None
    begun: Callable[[], Draft | None]
    since: Since | None = None
    portions: Callable[[], Portions | None] = lambda: None

    @property
    def _draft(self) -> Draft | None:
        """The store of the next generation, None if another one is searched."""
        return self.begun() if self.memory is None else None

    @property
    def _store(self) -> EmbeddedStore:
        """The store with everything."""
        store = draft.store if (draft := self._draft) else self.memory
        assert store is not None
        return store

    def search(self) -> SearchResult:
        """Run the checks and proposals, each only if a change can affect it.

        Raises:
            InputError: a check that cannot be read or run.
            EndpointError: writing failed.
        """
        places = places_of(self.compiled)
        portions = None if self.since else self.portions()
        known = portion_result(self.project, self.compiled, portions) if portions else None
        store, reports = self._checked(), known.reports if known else self._reports()
        findings: dict[str, Iterable[Finding]] = {**known.findings} if known else {}
        keep = partial(stored_findings, self._objects) if self.memory is None and not self.since else tuple
        for search in cross_searches(self.project, self.compiled, store, lambda: reports):
            if search.name not in findings:
                findings[search.name] = keep(self._findings(search, store, places))
        return SearchResult(findings, reports)

    def _findings(self, search: CrossSearch, store: EmbeddedStore, places: Mapping[Term, Place]) -> Iterator[Finding]:
        """Yield the findings of the last build, and new ones where a change can affect them."""
        since = self.since
        if since is None or search.name not in since.before.findings:
            yield from search.find(None)
            return
        before, articles = since.before.findings[search.name].read, frozenset[Term]()
        if since.changes.touches(search.reads):
            affected = search.concern.affected(since.changes, store) if search.concern else None
            if affected is None:
                yield from search.find(None)
                return
            articles = affected
        yield from placed(elsewhere(before, articles), places, since.last.moved)
        yield from search.find(articles) if articles else ()

    def _checked(self) -> EmbeddedStore:
        """Return the store without derived facts, which checks do not see."""
        hidden = [derived_graph(self.project.base), *data_set_graphs(self.project)]
        return View(self._store, hidden) if self.since else self._store

    def _reports(self) -> Iterable[Account]:
        """Return the reports of events and agreements: those of the last build, and new ones of affected articles."""
        store, since = self._checked(), self.since
        if since and not since.changes.touches(ACCOUNTS_READ):
            return since.before.reports
        articles = _OF_ARTICLES.affected(since.changes, store) if since else None
        if since is None or articles is None:
            return accounts(store)
        kept = [each for each in since.before.reports if each.article not in articles]
        return sorted([*kept, *accounts(store, articles)], key=lambda each: each.fact)

    def derived(self) -> Derivation:
        """Run all rules, or those that the change can affect. A store in memory is closed then, to make room.

        Raises:
            InputError: a rule that cannot be read or run.
            EndpointError: writing failed.
        """
        rules = all_rules(self.project.base, self.project.ontology)
        with disk_errors(f"cannot write in {self._objects.folder}"):
            derivation = (self._rederived(self.since, rules) if self.since else None) or self._derived(rules)
        if self.memory is not None:
            self.memory.close()
            return_memory()
        return derivation

    @property
    def _objects(self) -> Objects:
        return Objects(self.project.build / OBJECTS)

    def _rederived(self, since: Since, rules: Sequence[DerivationRule]) -> Derivation | None:
        """Run the rules that the change can affect, None if it is better to run all of them in full."""
        view = View(self._store, data_set_graphs(self.project))
        work = Rederivation(view, Outputs(since.before.outputs), since.changes)
        if not work.run(rules):
            return None
        patch = GraphPatch(work.gone, work.come)
        if not patch:
            return Derivation(work.outputs, since.derived)
        derived = self._objects.kept(chain((line for line in since.derived if line not in patch.gone), patch.come))
        if draft := self._draft:
            draft.note(derived_graph(self.project.base), derived.summary if len(derived) else None, patch)
        return Derivation(work.outputs, derived)

    def _derived(self, rules: Sequence[DerivationRule]) -> Derivation:
        """Run all rules on the stated facts."""
        if self.since and (draft := self._draft):  # without what was derived before
            draft.bring(self.since.last.generation.objects, self.stated)
        base, kept, portions = self.project.base, self._objects.kept, self.portions()
        if portions:
            return Derivation(*derive_in_portions(portions, lambda: self._store, rules, base, kept))
        return Derivation(*derive(self._store, rules, base, kept))


def data_set_graphs(project: Project) -> tuple[Term, ...]:
    """Return the graphs about the data set, which are hidden from rules and checks."""
    return tuple(f"<{iri.graph_iri(project.base, name)}>" for name in ("validation", "dataset"))


@contextmanager
def across(
    project: Project, compiled: Compiled, stated: Stated, last: Last | None, *, beside: bool = False
) -> Iterator[Across]:
    """Yield the stated facts with a store to check and derive from.

    Args:
        project: the project.
        compiled: its compiled files.
        stated: graph -> its lines, for all stated facts.
        last: the last build, None if there is none that can be trusted.
        beside: whether a second processor may load the store of the next generation while this one searches.
    """
    if grown := _since(project, stated, last) if last else None:
        draft, since = grown
        with _closed(project, lambda: draft):
            yield Across(project, compiled, stated, None, lambda: draft, since, _portions(project, stated))
    elif _fits_in_memory(stated):
        with _loading(project, stated) if beside else nullcontext(lambda: None) as begun:
            store = memory_store_of(texts_of(stated.values(), AT_ONCE))
            yield Across(project, compiled, stated, store, begun)
    else:
        with (_loading if beside else _loading_first)(project, stated, compact=True) as begun:
            yield Across(project, compiled, stated, None, begun, None, _portions(project, stated))


@contextmanager
def _loading(project: Project, stated: Stated, *, compact: bool = False) -> Iterator[Callable[[], Draft]]:
    """Load a new store with the stated facts in another thread, during the block."""
    from concurrent.futures import ThreadPoolExecutor  # here, because it takes milliseconds

    with ThreadPoolExecutor(1) as other:
        loading = other.submit(_loaded, project, stated, compact=compact)
        with _closed(project, loading.result):
            yield loading.result


@contextmanager
def _loading_first(project: Project, stated: Stated, *, compact: bool) -> Iterator[Callable[[], Draft]]:
    """Load a new store with the stated facts before the block."""
    draft = _loaded(project, stated, compact=compact)
    with _closed(project, lambda: draft):
        yield lambda: draft


@contextmanager
def _closed(project: Project, draft: Callable[[], Draft]) -> Iterator[None]:
    """Close the store of the next generation after the block, and remove it unless it was published."""
    try:
        yield
    finally:
        with suppress(KgError):
            draft().store.close()
        shutil.rmtree(work_folder(project.build), ignore_errors=True)


def _loaded(project: Project, stated: Stated, *, compact: bool) -> Draft:
    """Return a new store with the stated facts. Raises the errors that `Across.begun` raises."""
    draft = begin_draft(project.build, None)
    with disk_errors(f"cannot write a generation in {project.build}"):
        draft.add(stated, compact=compact)
    return draft


def _portions(project: Project, stated: Stated) -> Callable[[], Portions | None]:
    """Return a function that returns the portions, None if there is room for all in one, or not for one of them."""

    @cache
    def portions() -> Portions | None:
        rules = all_rules(project.base, project.ontology)
        return None if _fits_in_memory(stated) else portions_of(stated, project.base, everywhere(rules))

    return portions


def _fits_in_memory(stated: Stated) -> bool:
    return sum(map(len, stated.values())) <= MOST_IN_MEMORY


def _since(project: Project, stated: Stated, last: Last) -> tuple[Draft, Since] | None:
    """Start the next generation from the last, None if so much has changed that rebuilding is faster."""
    base, graph = last.generation, derived_graph(project.base)
    old = {name: StoredLines(base.objects, summary) for name, summary in base.manifest.graphs.items()}
    made = {name: old[name] for name in (graph, *data_set_graphs(project)) if name in old}
    new = {**made, **stated}
    changed = sorted(name for name in new.keys() | old.keys() if _summary(new.get(name)) != _summary(old.get(name)))
    if 2 * sum(len(part.get(name, ())) for part in (new, old) for name in changed) > base.manifest.quads:
        return None
    draft = begin_draft(project.build, base)
    draft.bring(base.objects, new)
    changes = Changes(project.base)
    for name in changed:
        changes.add(set(old.get(name, ())) ^ set(new.get(name, ())))
        changes.everywhere |= not name.startswith(f"<{project.base}article/")
    return draft, Since(last, changes, made.get(graph, ()))


def _summary(lines: StoredLines | None) -> GraphSummary | None:
    return None if lines is None else lines.summary
