"""What the last build derived and found across articles, kept for the next one. Reads and writes build/across.json.

It is valid for one generation, one ontology and one set of checks. If it is damaged or of another version, it is
ignored, and everything is derived and checked in full.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kg.core.errors import Finding
from kg.mapping.record import kept_finding, parsed_finding
from kg.project.intact import put, regular_bytes, sealed, unsealed
from kg.store.folder import disk_errors
from kg.store.manifest import GraphSummary
from kg.store.objects import OBJECTS, Objects, StoredLines

FILE = "across.json"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What holds across articles.

    Attributes:
        outputs: rule -> what it derived, each line behind its article.
        findings: check -> what it found; proposals under "".
    """

    outputs: Mapping[str, StoredLines]
    findings: Mapping[str, Sequence[Finding]]

    @property
    def object_names(self) -> set[str]:
        """The objects that hold the outputs."""
        return {lines.summary.sha256 for lines in self.outputs.values()}


def recall(build: Path, name: str) -> Remembered | None:
    """Return what was remembered under *name*, None if nothing is, or an object is gone."""
    objects = Objects(build / OBJECTS)
    try:
        kept = json.loads(unsealed(regular_bytes(build / FILE), name))
        summaries = {rule: GraphSummary(*summary) for rule, summary in kept["outputs"].items()}
        findings = {check: tuple(map(parsed_finding, found)) for check, found in kept["findings"].items()}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    outputs = {rule: StoredLines(objects, summary) for rule, summary in summaries.items()}
    found = Remembered(outputs, findings)
    return found if all(map(objects.has, found.object_names)) else None


def remember(
    build: Path, outputs: Mapping[str, Sequence[str]], findings: Mapping[str, Sequence[Finding]]
) -> Remembered:
    """Keep what rules derived as objects, and return all of it, to be written when it is published.

    Raises:
        EndpointError: the disk refuses.
    """
    objects = Objects(build / OBJECTS)
    with disk_errors(f"cannot write in {objects.folder}"):
        return Remembered({rule: objects.kept(lines) for rule, lines in outputs.items()}, findings)


def write_remembered(build: Path, name: str, remembered: Remembered) -> None:
    """Keep it under *name*. If it cannot be written, the next build does everything in full."""
    outputs = {rule: [lines.summary.quads, lines.summary.sha256] for rule, lines in remembered.outputs.items()}
    findings = {check: [kept_finding(each) for each in found] for check, found in remembered.findings.items()}
    text = json.dumps({"outputs": outputs, "findings": findings}, ensure_ascii=False)
    with suppress(OSError):
        put(build / FILE, sealed(text, name))
