"""Stated facts -> findings and derived facts across articles: in full, or from the changes.

Both ways give the same result, byte for byte: tests/test_incremental.py. The second one starts the store of the next
generation from that of the last, so that rules and checks see all articles and only the changed graphs are loaded. In
full, few articles are searched in memory, and many in the store of the next generation, which is then begun empty.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from kg.core import iri
from kg.core.errors import Finding
from kg.core.model import Term
from kg.pipeline.changes import Changes
from kg.pipeline.checks import cross_searches, placed, places_of
from kg.pipeline.compile import Compiled
from kg.pipeline.derive import Outputs, Rederivation, derive, derived_graph, ordered_rules
from kg.pipeline.remembered import Remembered
from kg.pipeline.rule import DerivationRule, line_of, read_rule
from kg.pipeline.view import View
from kg.project.settings import Project
from kg.store.embedded import EmbeddedStore, memory_store
from kg.store.folder import disk_errors
from kg.store.generations import Generation
from kg.store.loading import Draft
from kg.store.manifest import GraphSummary
from kg.store.objects import OBJECTS, Objects, StoredLines
from kg.store.publish import begin_draft, work_folder

MOST_IN_MEMORY = 3_000_000
"""Quads up to which a store in memory is searched: 310 bytes for each. On disk, rules take five times the CPU."""

Findings = Mapping[str, tuple[Finding, ...]]
Stated = Mapping[Term, StoredLines]


@dataclass(frozen=True, slots=True)
class Last:
    """The last build: its generation, and its findings and derived facts across articles."""

    generation: Generation
    remembered: Remembered


@dataclass(frozen=True, slots=True)
class Since:
    """The last build, and what has changed since.

    Attributes:
        changes: the changes to stated facts.
        before: the findings and derived facts of the last build.
        derived: the derived graph of the last build.
    """

    changes: Changes
    before: Remembered
    derived: Sequence[str]


@dataclass(frozen=True, slots=True)
class Across:
    """The stated facts of all articles, which are first checked and then derived from.

    Attributes:
        project: the project with the rules and checks.
        compiled: the compiled files, which give the places of nodes.
        stated: graph -> its lines, for all stated facts.
        store: a store with the stated facts, and those derived before.
        draft: the store of the next generation, None if the one that is searched is in memory.
        since: the last build, None if everything is checked and derived in full.
    """

    project: Project
    compiled: Compiled
    stated: Stated
    store: EmbeddedStore
    draft: Draft | None = None
    since: Since | None = None

    def findings(self) -> Findings:
        """Run the checks and proposals, each only if a change can affect it.

        Raises:
            InputError: a check that cannot be read or run.
        """
        places = places_of(self.compiled)
        unseen = [derived_graph(self.project.base), *data_set_graphs(self.project)]
        store = View(self.store, unseen) if self.since else self.store
        return {
            search.name: tuple(search.find() if kept is None else placed(kept, places))
            for search in cross_searches(self.project, self.compiled, store)
            for kept in [self._kept(search.name, search.reads)]
        }

    def _kept(self, name: str, reads: frozenset[Term] | None) -> Sequence[Finding] | None:
        """Return the last findings of the search *name* that *reads* these predicates, None if it must run again."""
        if self.since is None or self.since.changes.touches(reads):
            return None
        return self.since.before.findings.get(name)

    def derived(self) -> tuple[Outputs, Sequence[str]]:
        """Run the rules. Return the lines that each derives, and the lines of the derived graph.

        Raises:
            InputError: a rule that cannot be read or run.
        """
        since = self.since
        base, folders = self.project.base, self.project.ontology
        rules = [read_rule(file, base, folders) for file in ordered_rules(folders)]
        if since is None:
            return self._derived_in(self.store, rules)
        if since.before.outputs.keys() == {rule.name for rule in rules}:
            view = View(self.store, data_set_graphs(self.project))
            work = Rederivation(view, dict(since.before.outputs), since.changes)
            if work.run(rules):
                return work.outputs, work.patched(since.derived)
        if self.draft is None or _fits_in_memory(self.stated):
            return self._derived_in(memory_store(chain.from_iterable(self.stated.values())), rules)
        self.draft.bring(self._objects, {graph: lines.summary for graph, lines in self.stated.items()})
        return self._derived_in(self.draft.store, rules)

    @property
    def _objects(self) -> Objects:
        return Objects(self.project.build / OBJECTS)

    def _derived_in(self, store: EmbeddedStore, rules: Sequence[DerivationRule]) -> tuple[Outputs, StoredLines]:
        """Run all rules on a store that contains the stated facts."""
        objects, graph = self._objects, derived_graph(self.project.base)
        with disk_errors(f"cannot write in {objects.folder}"):
            outputs = derive(store, rules, self.project.base, objects.kept)
            derived = objects.kept(line_of(each) for output in outputs.values() for each in output)
        if self.draft and store is self.draft.store and len(derived):
            self.draft.note(graph, derived.summary)
        return outputs, derived


def data_set_graphs(project: Project) -> tuple[Term, ...]:
    """Return the graphs about the data set, which are hidden from rules and checks."""
    return tuple(f"<{iri.graph_iri(project.base, name)}>" for name in ("validation", "dataset"))


@contextmanager
def across(project: Project, compiled: Compiled, stated: Stated, last: Last | None) -> Iterator[Across]:
    """Yield the stated facts with a store to check and derive from.

    Args:
        project: the project.
        compiled: its compiled files.
        stated: graph -> its lines, for all stated facts.
        last: the last build, None if there is none that can be trusted.
    """
    if begun := _begun(project, stated, last):
        draft, since = begun
        try:
            yield Across(project, compiled, stated, draft.store, draft, since)
        finally:
            draft.store.close()
            shutil.rmtree(work_folder(project.build), ignore_errors=True)
    else:
        yield Across(project, compiled, stated, memory_store(chain.from_iterable(stated.values())))


def _fits_in_memory(stated: Stated) -> bool:
    return sum(map(len, stated.values())) <= MOST_IN_MEMORY


def _begun(project: Project, stated: Stated, last: Last | None) -> tuple[Draft, Since | None] | None:
    """Begin the store of the next generation from the last, or empty; None if what is stated fits in memory."""
    grown = _since(project, stated, last) if last else None
    if grown or _fits_in_memory(stated):
        return grown
    draft = begin_draft(project.build, None)
    with disk_errors(f"cannot write a generation in {project.build}"):
        draft.bring(Objects(project.build / OBJECTS), {graph: lines.summary for graph, lines in stated.items()})
    return draft, None


def _since(project: Project, stated: Stated, last: Last) -> tuple[Draft, Since] | None:
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
    return draft, Since(changes, last.remembered, derived)


def _lines(objects: Objects, summary: GraphSummary | None) -> set[str]:
    return set(objects.lines(summary.sha256)) if summary else set()
