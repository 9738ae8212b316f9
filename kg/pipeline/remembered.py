"""The last build's derived facts and findings across articles, for the next build. Reads and writes build/across.json.

They are valid for one generation, one ontology and one set of checks. If the file is damaged or outdated, it is
ignored, and everything is derived and checked in full.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cached_property, partial
from operator import attrgetter
from pathlib import Path
from typing import Any, overload

from kg.core.errors import Finding
from kg.mapping.record import kept_finding, parsed_finding
from kg.pipeline.accounts import Account, account
from kg.project.intact import put_sealed, sealed_text
from kg.store.folder import disk_errors
from kg.store.manifest import GraphSummary
from kg.store.objects import OBJECTS, Objects, StoredLines

FILE = "across.json"
_COLUMNS = tuple(each.name for each in fields(Account))


@dataclass(frozen=True, slots=True)
class Remembered:
    """Derived facts, findings and reports across articles.

    Attributes:
        outputs: the lines that rules derived, by piece, see `kg.pipeline.outputs`.
        findings: name of a search -> its findings.
        reports: the reports of events and agreements in all articles.
        texts: name of a search -> its findings as JSON, which is not made again for those that did not change.
    """

    outputs: Mapping[str, StoredLines]
    findings: Mapping[str, Sequence[Finding]]
    reports: StoredReports
    texts: Mapping[str, str]

    @property
    def object_names(self) -> set[str]:
        """The names of the objects with the outputs and the reports."""
        return {lines.summary.sha256 for lines in (*self.outputs.values(), self.reports.lines)}


class StoredReports(Sequence[Account]):
    """Reports by fact, read when they are needed: most changes do not concern them."""

    def __init__(self, lines: StoredLines) -> None:
        self.lines = lines

    def __len__(self) -> int:
        return len(self.lines)

    @overload
    def __getitem__(self, index: int) -> Account: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Account]: ...
    def __getitem__(self, index: int | slice) -> Account | Sequence[Account]:
        return self._read[index]

    @cached_property
    def _read(self) -> Sequence[Account]:
        return sorted((_account(json.loads(line)) for line in self.lines), key=attrgetter("fact"))


def recall(build: Path, name: str) -> Remembered | None:
    """Return the results stored under *name*, None if there are none or an object is gone."""
    objects = Objects(build / OBJECTS)
    try:
        head, *texts = sealed_text(build / FILE, name).split("\n")
        kept = json.loads(head)
        summaries = {piece: GraphSummary(*summary) for piece, summary in kept["outputs"].items()}
        by_search = dict(zip(kept["findings"], texts, strict=True))
        findings = {search: tuple(map(parsed_finding, json.loads(text))) for search, text in by_search.items()}
        reports = StoredReports(StoredLines(objects, GraphSummary(*kept["reports"])))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    outputs = {piece: StoredLines(objects, summary) for piece, summary in summaries.items()}
    remembered = Remembered(outputs, findings, reports, by_search)
    return remembered if all(map(objects.has, remembered.object_names)) else None


def remember(
    build: Path,
    pieces: Mapping[str, Sequence[str]],
    findings: Mapping[str, Sequence[Finding]],
    reports: Sequence[Account],
    before: Remembered | None,
) -> Remembered:
    """Store the *pieces* of outputs as objects, and return all results, ready for `write_remembered`.

    *before* are the results of the last build, if they are known.

    Raises:
        EndpointError: writing failed.
    """
    objects = Objects(build / OBJECTS)
    with disk_errors(f"cannot write in {objects.folder}"):
        outputs = {piece: objects.kept(lines) for piece, lines in pieces.items()}
        if not isinstance(reports, StoredReports):
            lines = (json.dumps(_kept_account(each), ensure_ascii=False) for each in reports)
            reports = StoredReports(objects.kept(lines))
    texts = {
        search: before.texts[search] if before and before.findings.get(search) == each else _findings_text(each)
        for search, each in findings.items()
    }
    return Remembered(outputs, findings, reports, texts)


def _findings_text(findings: Sequence[Finding]) -> str:
    return json.dumps(list(map(kept_finding, findings)), ensure_ascii=False)


def write_remembered(build: Path, name: str, remembered: Remembered) -> None:
    """Store the results under *name*. If they cannot be written, the next build derives and checks in full."""
    outputs = {piece: [lines.summary.quads, lines.summary.sha256] for piece, lines in remembered.outputs.items()}
    reports = remembered.reports.lines.summary
    kept = {"outputs": outputs, "findings": list(remembered.texts), "reports": [reports.quads, reports.sha256]}
    with suppress(OSError):
        put_sealed(build / FILE, "\n".join([json.dumps(kept), *remembered.texts.values()]), name)


def _account(kept: Sequence[Any]) -> Account:
    fact, *texts, parties = kept
    return account(fact, texts, parties)


def _kept_account(account: Account) -> list[object]:
    *texts, parties = map(partial(getattr, account), _COLUMNS)
    return [*texts, sorted(parties)]
