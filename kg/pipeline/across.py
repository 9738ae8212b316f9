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
from kg.core.errors import Finding
from kg.core.model import Term
from kg.pipeline.changes import Changes
from kg.pipeline.checks import cross_searches, placed, places_of
from kg.pipeline.compile import Compiled
from kg.pipeline.derive import Outputs, Rederivation, derive, derived_graph, ordered_rules, plain_lines
from kg.pipeline.remembered import Remembered
from kg.pipeline.rule import read_rule
from kg.pipeline.view import View
from kg.project.settings import Project
from kg.store.embedded import EmbeddedStore, memory_store
from kg.store.generations import Generation
from kg.store.loading import Draft
from kg.store.manifest import GraphSummary
from kg.store.objects import Objects, StoredLines
from kg.store.publish import begin_draft, work_folder

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
        draft: the store of the next generation, with the facts stated now and those derived then.
        changes: the changes to stated facts.
        before: the findings and derived facts of the last build.
        derived: the derived graph of the last build.
    """

    draft: Draft
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
        since: the last build, None if everything is checked and derived in full.
    """

    project: Project
    compiled: Compiled
    stated: Stated
    store: EmbeddedStore
    since: Since | None = None

    @property
    def draft(self) -> Draft | None:
        """The store of the next generation, None if it has not been started."""
        return self.since.draft if self.since else None

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
        base, folders, since = self.project.base, self.project.ontology, self.since
        rules = [read_rule(file, base, folders) for file in ordered_rules(folders)]
        if since is None or since.before.outputs.keys() != {rule.name for rule in rules}:
            outputs = derive(self.store, rules, base)
            return outputs, plain_lines(outputs)
        work = Rederivation(View(self.store, data_set_graphs(self.project)), dict(since.before.outputs), since.changes)
        if work.run(rules):
            return work.outputs, work.patched(since.derived)
        outputs = derive(memory_store(chain.from_iterable(self.stated.values())), rules, base)
        return outputs, plain_lines(outputs)


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
