"""The last build's derived facts and findings across articles, for the next build. Reads and writes build/across.json.

They are valid for one generation, one ontology and one set of checks. If the file is damaged or outdated, it is
ignored, and everything is derived and checked in full.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, fields
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

from kg.core.errors import Finding, InputError
from kg.mapping.record import kept_finding, parsed_finding
from kg.pipeline.accounts import Account, account
from kg.project.intact import put_sealed, sealed_text
from kg.store.folder import disk_errors
from kg.store.manifest import GraphSummary
from kg.store.objects import OBJECTS, Objects, StoredLines

FILE = "across.json"
T = TypeVar("T")

_NOT_OURS = (ValueError, KeyError, TypeError, IndexError, AssertionError, RecursionError)
"""The errors of reading what we have not written."""

_COLUMNS = tuple(each.name for each in fields(Account))
_AT_ONCE = 100  # values that are parsed together, which takes half the time


class StoredValues(Iterable[T]):
    """Values that are kept as JSON, one in a line, in the order of the lines. They are read when they are needed.

    Reading them raises an InputError if an object is damaged.
    """

    def __init__(self, lines: Sequence[str], parsed: Callable[[Any], T]) -> None:
        self.lines, self._parsed = lines, parsed

    def __iter__(self) -> Iterator[T]:
        rest = iter(self.lines)
        try:
            while lines := list(islice(rest, _AT_ONCE)):
                yield from map(self._parsed, json.loads(f"[{','.join(lines)}]"))
        except _NOT_OURS as error:  # the digest is compared at the end
            raise InputError("what the last build found is damaged", "rebuild with 'kg build --full'") from error

    @cached_property
    def read(self) -> Sequence[T]:
        """All of them, which stay in memory from then on. Iterating reads them anew, one after the other."""
        return tuple(self)


@dataclass(frozen=True, slots=True)
class Remembered:
    """Derived facts, findings and reports across articles.

    Attributes:
        outputs: the lines that rules derived, by piece, see `kg.pipeline.outputs`.
        findings: name of a search -> its findings.
        reports: the reports of events and agreements in all articles, by fact.
    """

    outputs: Mapping[str, StoredLines]
    findings: Mapping[str, StoredValues[Finding]]
    reports: StoredValues[Account]

    @property
    def object_names(self) -> set[str]:
        """The names of the objects with all of these."""
        lines = (*self.outputs.values(), *(each.lines for each in self.findings.values()), self.reports.lines)
        return {each.summary.sha256 for each in lines if isinstance(each, StoredLines)}


def recall(build: Path, name: str) -> Remembered | None:
    """Return the results stored under *name*, None if there are none or an object is gone."""
    objects = Objects(build / OBJECTS)

    def lines(kept: Sequence[Any]) -> Sequence[str]:
        return StoredLines(objects, GraphSummary(*kept)) if kept else ()

    try:
        kept = json.loads(sealed_text(build / FILE, name))
        outputs = {piece: StoredLines(objects, GraphSummary(*summary)) for piece, summary in kept["outputs"].items()}
        findings = {search: StoredValues(lines(each), parsed_finding) for search, each in kept["findings"].items()}
        remembered = Remembered(outputs, findings, StoredValues(lines(kept["reports"]), _account))
    except (OSError, *_NOT_OURS):
        return None
    return remembered if all(map(objects.has, remembered.object_names)) else None


def remember(
    build: Path,
    pieces: Mapping[str, Sequence[str]],
    findings: Mapping[str, Iterable[Finding]],
    reports: Iterable[Account],
    before: Remembered | None,
) -> Remembered:
    """Store all results as objects, and return them, ready for `write_remembered`.

    *before* are the results of the last build, if they are known.

    Raises:
        EndpointError: writing failed.
    """
    objects, known = Objects(build / OBJECTS), before.findings if before else {}
    with disk_errors(f"cannot write in {objects.folder}"):
        outputs = {piece: objects.kept(lines) for piece, lines in pieces.items()}
        stored = {
            search: known[search] if search in known and known[search].read == each else stored_findings(objects, each)
            for search, each in findings.items()
        }
        return Remembered(outputs, stored, stored_reports(objects, reports))


def stored_reports(objects: Objects, reports: Iterable[Account]) -> StoredValues[Account]:
    """Store reports, if they are not yet. Raises an OSError if the disk refuses."""
    if isinstance(reports, StoredValues):
        return reports
    lines = (json.dumps(_kept_account(each), ensure_ascii=False) for each in reports)
    return StoredValues(objects.kept(lines), _account)


def stored_findings(objects: Objects, findings: Iterable[Finding]) -> StoredValues[Finding]:
    """Store findings, if they are not yet and there are any. Raises an EndpointError if the disk refuses."""
    if isinstance(findings, StoredValues):
        return findings
    lines = (json.dumps(kept_finding(each), ensure_ascii=False) for each in findings)
    first = next(lines, None)
    with disk_errors(f"cannot write in {objects.folder}"):
        return StoredValues(objects.kept(chain([first], lines)) if first else (), parsed_finding)


def write_remembered(build: Path, name: str, remembered: Remembered) -> None:
    """Store the results under *name*. If they cannot be written, the next build derives and checks in full."""
    kept = {
        "outputs": {piece: _summary(lines) for piece, lines in remembered.outputs.items()},
        "findings": {search: _summary(each.lines) for search, each in remembered.findings.items()},
        "reports": _summary(remembered.reports.lines),
    }
    with suppress(OSError):
        put_sealed(build / FILE, json.dumps(kept), name)


def _summary(lines: Sequence[str]) -> Sequence[object]:
    return astuple(lines.summary) if isinstance(lines, StoredLines) else ()


def _account(kept: Sequence[Any]) -> Account:
    fact, *texts, parties = kept
    return account(fact, texts, parties)


def _kept_account(account: Account) -> list[object]:
    *texts, parties = map(partial(getattr, account), _COLUMNS)
    return [*texts, sorted(parties)]
