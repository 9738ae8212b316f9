"""Findings + curators' acceptances -> the findings that stay open, and those that are acknowledged. No I/O.

An acceptance applies to findings with its code on its node and on nodes nested in it, but never to errors. One that
applies to nothing is a finding itself, so that none outlives its purpose.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from kg.core.errors import Finding, Severity
from kg.core.model import Acceptance, Term
from kg.core.relations import grouped


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A finding that a curator accepts, and the reason, as a text with its language."""

    finding: Finding
    reason: Term


@dataclass(frozen=True, slots=True)
class Settled:
    """The findings of one run, with accepted ones separated. The open ones can be read once."""

    open: Iterable[Finding]
    acknowledged: tuple[Acknowledged, ...] = ()


@dataclass(frozen=True, slots=True)
class Codes:
    """The known codes.

    Attributes:
        severities: each existing code -> the severity of its findings, None if it varies.
        waiting: codes whose rules were not applied in this run, so that unused acceptances of them are not reported.
    """

    severities: Mapping[str, Severity | None]
    waiting: frozenset[str] = frozenset()


def settled(findings: Iterable[Finding], accepted: Sequence[Acceptance], codes: Codes) -> Settled:
    """Separate the accepted findings from the others, and add a finding for each acceptance that applies to none.

    *findings* can be read several times.
    """
    by_node = {(each.code, node): each for each in reversed(accepted) for node in each.nodes}
    answers = {
        finding: by_node[finding.code, f"<{finding.focus}>"]
        for finding in findings
        if finding.severity is not Severity.ERROR and (finding.code, f"<{finding.focus}>") in by_node
    }
    used = set(map(id, answers.values()))
    left = [each for each in accepted if id(each) not in used]
    beside = _by_path(findings, {each.place.path for each in left})
    unused = (finding for each in left for finding in _unused(each, codes, beside.get(each.place.path, ())))
    acknowledged = (Acknowledged(finding, each.reason) for finding, each in answers.items())
    still_open = (finding for finding in findings if finding not in answers)
    return Settled(chain(still_open, unused), tuple(acknowledged))


def _by_path(findings: Iterable[Finding], paths: Collection[str]) -> Mapping[str, Sequence[Finding]]:
    """Return path -> the findings there, for some paths."""
    within = (finding for finding in findings if finding.place.path in paths) if paths else ()
    return grouped((finding.place.path, finding) for finding in within)


def _unused(accepted: Acceptance, codes: Codes, here: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings on an acceptance that applies to none of the findings in its file, which are *here*.

    A file with errors may lack findings that it would have without them, so there nothing is reported as missing.
    """
    code = accepted.code
    errors = {finding.code for finding in here if finding.severity is Severity.ERROR}
    if code not in codes.severities:
        arising = sorted({f.code for f in here if f"<{f.focus}>" in accepted.nodes and f.code not in errors})
        fix = (
            f"the findings here are {' and '.join(arising)}" if arising else "write a code that 'kg check' reports here"
        )
        yield Finding(accepted.place, Severity.ERROR, "KG-M023", f"there is no finding with the code '{code}'", fix)
    elif codes.severities[code] is Severity.ERROR or code in errors:
        fix = "correct what it reports, and remove the code here"
        yield Finding(
            accepted.place, Severity.ERROR, "KG-M024", f"{code} is an error, and errors cannot be accepted", fix
        )
    elif not errors and code not in codes.waiting:
        message, fix = f"{code} is accepted here, but does not occur here", "remove it, or move it to where it occurs"
        yield Finding(accepted.place, Severity.WARNING, "KG-M025", message, fix, accepted.nodes[0][1:-1])
