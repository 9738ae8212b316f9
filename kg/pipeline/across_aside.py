"""Compiled files -> findings across articles, without a build. Writes temporary files only.

Where little has changed since the last build, its findings stay, and searches run for what has changed, as in a build.
Otherwise few articles are searched in memory, and many as a build searches them, whose files are in a temporary
folder.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from itertools import chain

from kg.core.errors import Finding
from kg.links.links import Links
from kg.pipeline.across import across
from kg.pipeline.checks import cross_findings, stated_store
from kg.pipeline.compile import Compiled
from kg.pipeline.content import stated_graphs
from kg.pipeline.inputs import inputs_of
from kg.pipeline.last_build import last_build
from kg.project.settings import Project
from kg.project.sources import Sources
from kg.store.scratch import scratch_folder

FEW = 100_000
"""Quads up to which everything is searched, in less time than it takes to begin with the last build."""

MOST_IN_MEMORY = 2_500_000
"""Quads up to which a store in memory is searched, in 0.9 GiB; on disk searches take 2.5 times the CPU."""


def findings_across(project: Project, sources: Sources, compiled: Compiled, links: Links) -> tuple[Finding, ...]:
    """Return the findings of all searches across articles.

    Raises:
        InputError: a check that cannot be read or run.
        EndpointError: there is no room for temporary files.
    """
    quads = sum(len(record.lines) for record in compiled.records)
    with nullcontext() if quads <= FEW else last_build(project, inputs_of(project, sources), full=False) as last:
        if last and last.moved is not None and not last.moved:  # nothing has changed
            return tuple(chain.from_iterable(each.read for each in last.remembered.findings.values()))
        if not last and quads <= MOST_IN_MEMORY:
            return cross_findings(project, compiled, stated_store(project, compiled, links))
        with scratch_folder(project.build) as folder:  # on the disk of the last build, whose files it shares
            aside = replace(project, build=folder)
            with across(aside, compiled, stated_graphs(aside, compiled, links), last) as everything:
                return tuple(chain.from_iterable(everything.search().findings.values()))
