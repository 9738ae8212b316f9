"""Run as `python -m kg.mcp.check_process`: a task on standard input -> findings on standard output, as JSON.

It limits its memory before it reads the mapping. What it compiles stays in memory.
"""

from __future__ import annotations

from pathlib import Path

from kg.core.aside import Task, reply_once
from kg.pipeline.check import check
from kg.pipeline.one_file import project_cache
from kg.project.settings import load_project
from kg.render.findings import render_findings


def findings_of(task: Task) -> Task:
    """Return the findings on the mapping of a task, which `checked_aside` makes."""
    project = load_project(Path(task["root"]))
    cache = project_cache(project)
    cache.writes = False
    report = check(project, standard_input=task["mapping"], cache=cache)
    return {"findings": render_findings(report.findings, "json", report.texts.get)}


if __name__ == "__main__":
    reply_once(findings_of)
