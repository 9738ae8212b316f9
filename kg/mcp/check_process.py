"""Run as `python -m kg.mcp.check_process`: a task on standard input -> findings on standard output, as JSON.

It limits its memory before it reads the mapping. What it compiles stays in memory.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path

from kg.core.errors import KgError
from kg.pipeline.one_file import project_cache
from kg.pipeline.steps import check
from kg.project.settings import load_project
from kg.render.findings import render_findings


def main() -> None:
    """Read the task, check, and write the answer."""
    task = json.loads(sys.stdin.buffer.read())
    _limit_memory(int(task["memory"]))
    try:
        project = load_project(Path(task["root"]))
        cache = project_cache(project)
        cache.writes = False
        report = check(project, standard_input=task["mapping"], cache=cache)
        answer = {"findings": render_findings(report.findings, "json", report.texts.get)}
    except KgError as error:
        answer = {"error": type(error).__name__, "message": error.message, "fix": error.fix}
    except MemoryError:
        fix = "check a shorter article"
        answer = {"error": "EndpointError", "message": "the check needed more memory than is allowed", "fix": fix}
    sys.stdout.write(json.dumps(answer))


def _limit_memory(size: int) -> None:
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


if __name__ == "__main__":
    main()
