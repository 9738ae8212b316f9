"""What the last build derived and found across articles, kept for the next one. Reads and writes build/across.json.

It is valid for one generation, one ontology and one set of checks. If it is damaged or of another version, it is
ignored, and everything is derived and checked in full.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from kg.core.errors import Finding
from kg.mapping.record import kept_finding, parsed_finding
from kg.pipeline.accounts import Account
from kg.project.intact import put, regular_bytes, sealed, unsealed
from kg.store.manifest import GraphSummary
from kg.store.objects import OBJECTS, Objects, StoredLines

FILE = "across.json"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What holds across articles.

    Attributes:
        outputs: what rules derived, by piece, see `kg.pipeline.outputs`.
        findings: check or search -> what it found.
        reports: of events and agreements in all articles.
    """

    outputs: Mapping[str, StoredLines]
    findings: Mapping[str, Sequence[Finding]]
    reports: Sequence[Account]

    @property
    def object_names(self) -> set[str]:
        """The objects that hold the outputs."""
        return {lines.summary.sha256 for lines in self.outputs.values()}


def recall(build: Path, name: str) -> Remembered | None:
    """Return what was remembered under *name*, None if nothing is, or an object is gone."""
    objects = Objects(build / OBJECTS)
    try:
        kept = json.loads(unsealed(regular_bytes(build / FILE), name))
        summaries = {piece: GraphSummary(*summary) for piece, summary in kept["outputs"].items()}
        findings = {check: tuple(map(parsed_finding, found)) for check, found in kept["findings"].items()}
        reports = tuple(map(_account, kept["reports"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    outputs = {piece: StoredLines(objects, summary) for piece, summary in summaries.items()}
    found = Remembered(outputs, findings, reports)
    return found if all(map(objects.has, found.object_names)) else None


def remember(
    build: Path,
    pieces: Mapping[str, Sequence[str]],
    findings: Mapping[str, Sequence[Finding]],
    reports: Sequence[Account],
) -> Remembered:
    """Keep what rules derived as objects, and return all of it, to be `sealed_under` a name when it is published."""
    objects = Objects(build / OBJECTS)
    outputs = {name: StoredLines(objects, objects.kept(lines)) for name, lines in pieces.items()}
    return Remembered(outputs, findings, reports)


def write_remembered(build: Path, name: str, remembered: Remembered) -> None:
    """Keep it under *name*. If it cannot be written, the next build does everything in full."""
    outputs = {name: [lines.summary.quads, lines.summary.sha256] for name, lines in remembered.outputs.items()}
    findings = {check: [kept_finding(each) for each in found] for check, found in remembered.findings.items()}
    reports = [_kept_account(each) for each in remembered.reports]
    text = json.dumps({"outputs": outputs, "findings": findings, "reports": reports}, ensure_ascii=False)
    with suppress(OSError):
        put(build / FILE, sealed(text, name))


def _account(kept: Sequence[Any]) -> Account:
    values: Sequence[Any] = (*kept[:-1], frozenset(kept[-1]))
    return Account(*values)


def _kept_account(account: Account) -> list[object]:
    *texts, parties = (getattr(account, each.name) for each in fields(account))
    return [*texts, sorted(parties)]
