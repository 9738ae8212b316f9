"""Findings of a run -> its report: open and accepted findings, and curators' reasons. Reads the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.core.errors import Finding, Severity
from kg.pipeline.acceptance import Acknowledged, Settled, settled
from kg.pipeline.catalogue import known_codes
from kg.pipeline.compile import Compiled
from kg.pipeline.ordered_findings import in_order
from kg.pipeline.originals import Comparison
from kg.project.settings import Project
from kg.project.sources import Sources


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one run, with the texts they point into.

    Attributes:
        findings: the open findings, in the order of reports.
        texts: path -> content, read when it is looked up.
        checked: the number of files checked.
        damaged: the number of damaged places in the cache; the files of what was there were compiled again.
        acknowledged: findings that curators accept, in the same order. They are not in *findings*.
        reasoned: keyword -> how often curators give it as a reason where the words leave something open.
        alone: why the articles were not compared with those of the last generation, "" if they were.
        digests: the result of comparing digests with their originals, None if not requested.
        across: those findings that checks across articles made, None if errors kept these from running.
    """

    findings: Sequence[Finding]
    texts: Mapping[str, str]
    checked: int
    damaged: int = 0
    acknowledged: tuple[Acknowledged, ...] = ()
    reasoned: Mapping[str, int] = field(default_factory=dict)
    alone: str = ""
    digests: Comparison | None = None
    across: frozenset[Finding] | None = None

    def fails(self, mildest: str = Severity.ERROR) -> bool:
        """Return whether a finding is at least as severe as *mildest*."""
        return any(finding.severity.rank <= Severity(mildest).rank for finding in self.findings)


def settled_findings(
    project: Project,
    compiled: Compiled,
    findings: Iterable[Finding],
    only: frozenset[str] | None = None,
    *,
    across: bool = False,
    compared: bool = False,
) -> Settled:
    """Separate the findings that are accepted in the files *only* (None for all) from the others.

    *findings* can be read several times. *across* and *compared* say whether checks across articles were run, and
    digests compared with their originals.
    """
    records = [record for record in compiled.records if only is None or record.path in only]
    accepted = [each for record in records for each in record.accepted]
    if not accepted:
        return Settled(findings)
    return settled(findings, accepted, known_codes(project, compiled.vocabulary, across=across, compared=compared))


def report_of(
    sources: Sources, left: Settled, checked: int, compiled: Compiled | None = None, only: frozenset[str] | None = None
) -> Report:
    """Return the report of a run, with the reasons that curators give in the files *only*, None for all."""
    ordered = in_order(left.open)
    acknowledged = tuple(sorted(left.acknowledged, key=lambda each: each.finding.sort_key))
    records = [record for record in compiled.records if only is None or record.path in only] if compiled else ()
    reasoned = sum((Counter(record.reasoned) for record in records if record.reasoned), Counter[str]())
    return Report(ordered, sources.texts, checked, compiled.damaged if compiled else 0, acknowledged, reasoned)
