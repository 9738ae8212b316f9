"""Run as `python -m kg.bench.feed_process`: steps and a subject on standard input -> what each step changed.

A server's process of its own for a feed: the cost of a step depends on how much it changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from kg.bench.feed import FeedSubject, StepEntry, step_entries
from kg.bench.generation_steps import GenerationStep
from kg.core.aside import AsideLimits, Task, reply_aside, reply_once
from kg.project.settings import Project, load_project
from kg.questions.query import find_query


def step_entries_aside(
    project: Project, subject: FeedSubject, steps: Sequence[GenerationStep], limits: AsideLimits
) -> list[StepEntry]:
    """Return what `step_entries` yields, from a process of its own.

    Raises:
        TooLongError: it took too long.
        EndpointError: it took too much memory, or the engine failed.
        InputError: a generation is damaged, or was removed meanwhile.
    """
    question = subject.query.name if subject.query else ""
    task = {
        "root": str(project.root),
        "subject": [subject.name, subject.path, subject.now, question],
        "steps": [asdict(step) for step in steps],
    }
    fix = "try again later, or run 'kg feed'"
    entries = reply_aside("kg.bench.feed_process", task, limits, "the feed", fix)["entries"]
    return [
        StepEntry(
            title,
            tuple(
                (heading, article, tuple((line, tuple(more)) for line, more in lines))
                for heading, article, lines in sections
            ),
            former,
        )
        for title, sections, former in entries
    ]


def entries_of(task: Task) -> Task:
    """Return the entries of a task, which `step_entries_aside` makes."""
    project = load_project(Path(task["root"]))
    name, path, now, question = task["subject"]
    subject = FeedSubject(name, path, now, find_query(project, question) if question else None)
    steps = [GenerationStep(**step) for step in task["steps"]]
    entries = step_entries(project, subject, steps)
    return {"entries": [[entry.title, entry.sections, entry.former] for entry in entries]}


if __name__ == "__main__":
    reply_once(entries_of)
