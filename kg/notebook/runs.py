"""Checking and building from Python, as `kg check` and `kg build` do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kg.core.errors import FindingsError
from kg.notebook.views import CheckResult
from kg.pipeline.check import check
from kg.pipeline.steps import BuildError, build
from kg.pipeline.workers import workers_for
from kg.project.settings import load_project


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """The result of a build.

    Attributes:
        generation: number of the generation that is now current.
        quads: how many it has.
        changed: whether it is new.
        checked: warnings and infos.
    """

    generation: int
    quads: int
    changed: bool
    checked: CheckResult

    def __repr__(self) -> str:
        done = "published" if self.changed else "unchanged:"
        return f"{done} generation {self.generation}: {self.quads:,} quads\n{self.checked!r}"


def checked(folder: str | Path, paths: str | Path | Sequence[str | Path], jobs: int) -> CheckResult:
    """Return the findings of a check: see `kg.check`."""
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    project = load_project(Path(folder))
    return CheckResult(check(project, [str(path) for path in given], workers=workers_for(project, jobs)))


def built(folder: str | Path, full: bool, jobs: int, cluster: str) -> BuildSummary:
    """Build the project and return the result: see `kg.build`."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        project = load_project(Path(folder))
        outcome = build(project, full=full, workers=workers_for(project, jobs, cluster), built=now)
    except BuildError as error:
        result = CheckResult(error.report)
        raise FindingsError(f"nothing was published:\n{result.text()}", "fix the errors and build again") from error
    manifest = outcome.manifest
    return BuildSummary(manifest.number, manifest.quads, outcome.changed, CheckResult(outcome.report))
