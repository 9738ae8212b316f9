"""Portions of articles -> the findings and reports of the searches that can be applied to them. Reads the checks.

The reports are written in objects of the build folder, as there are too many for memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.core.errors import Finding
from kg.core.processes import return_memory
from kg.pipeline.accounts import Account
from kg.pipeline.checks import CrossSearch, cross_searches
from kg.pipeline.compile import Compiled
from kg.pipeline.portions import Portions, is_local
from kg.pipeline.proposals import ACCOUNTS_READ, accounts
from kg.pipeline.remembered import stored_reports
from kg.project.settings import Project
from kg.store.embedded import EmbeddedStore, memory_store
from kg.store.folder import disk_errors
from kg.store.objects import OBJECTS, Objects


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The results of searches across articles.

    Attributes:
        findings: name of a search -> its findings.
        reports: the reports of events and agreements, which are compared with one another.
    """

    findings: Mapping[str, Iterable[Finding]]
    reports: Iterable[Account]


def portion_result(project: Project, compiled: Compiled, portions: Portions) -> SearchResult:
    """Return the reports of all articles, and the findings of the searches that can be applied to portions.

    The reports are stored, so that those of one portion are in memory at once.

    Raises:
        InputError: a check that cannot be read or run.
        EndpointError: writing failed.
    """
    objects, findings = Objects(project.build / OBJECTS), defaultdict[str, tuple[Finding, ...]](tuple)
    with disk_errors(f"cannot write in {objects.folder}"):
        reports = stored_reports(objects, _each_report(project, compiled, portions, findings))
    return SearchResult(findings, reports)


def _each_report(
    project: Project, compiled: Compiled, portions: Portions, findings: defaultdict[str, tuple[Finding, ...]]
) -> Iterator[Account]:
    """Yield the reports of one portion after the other, and add its findings to *findings*: each is in memory once."""
    with memory_store(()) as nothing:
        reads = ACCOUNTS_READ.union(*(search.reads or () for search in _local(project, compiled, nothing)))
    for number in range(len(portions)):
        with memory_store(portions.lines(number, reads)) as store:
            for search in _local(project, compiled, store):
                findings[search.name] += tuple(search.find(None))
            yield from accounts(store)
        return_memory()


def _local(project: Project, compiled: Compiled, store: EmbeddedStore) -> Iterator[CrossSearch]:
    """Yield the searches that can be applied to a portion, and need nothing of the others."""
    for search in cross_searches(project, compiled, store, tuple):
        if search.concern and not search.concern.everywhere and is_local(search.concern, search.reads):
            yield search
