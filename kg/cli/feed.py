"""`kg feed`: what changed about a thing, or in an answer, as an Atom feed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from kg.cli.output import OutputPath, notice, write
from kg.cli.session import Session
from kg.core.english import counted
from kg.core.errors import UsageError
from kg.core.relations import grouped

if TYPE_CHECKING:
    from kg.bench.feed import FeedSubject
    from kg.bench.generation_steps import KeptGenerations
    from kg.project.settings import Project


@click.command("feed")
@click.option("--about", metavar="IRI|ID|NAME", help="What changed about this thing.")
@click.option("--question", metavar="NAME", help="What changed in the answer to this question.")
@click.argument("arguments", metavar="[PARAMETER=VALUE]...", nargs=-1)
@click.option("--url", default="", help="The address at which the feed will be published.")
@click.option("-o", "--output", type=OutputPath(), help="Write to this file.")
@click.pass_obj
def command(
    session: Session, about: str | None, question: str | None, arguments: tuple[str, ...], url: str, output: str | None
) -> int:
    """Write a feed (Atom) of what changed from generation to generation: about a thing, or in the answer to a question.

    A thing changes with its entry in the registry, its links, every fact that names it, and what follows from these.
    The words are those of 'kg diff'. Write the file again after each build. 'kg serve' has such feeds on its pages.
    """
    from kg.bench.feed import MOST_STEPS, feed_of, step_entries
    from kg.bench.generation_steps import kept_generations
    from kg.render.atom import atom

    project = session.project
    kept = kept_generations(project.build)
    subject = _subject(project, kept, about, question, arguments)
    steps = kept.steps[:MOST_STEPS]
    changed = zip(steps, step_entries(project, subject, steps), strict=True)
    feed = feed_of(project, kept, subject, changed, lambda where: project.base + where, url)
    write(atom(feed).decode(), output)
    notice(f"{counted(len(feed.entries), 'entry', 'entries')} about {subject.name}. {feed.subtitle}")
    return 0


def _subject(
    project: Project, kept: KeptGenerations, about: str | None, question: str | None, arguments: Sequence[str]
) -> FeedSubject:
    from kg.bench.feed import question_subject, thing_subject
    from kg.questions.graph import full_iri, project_prefixes
    from kg.questions.lookup import find
    from kg.questions.query import find_query

    if (about is None) == (question is None):
        raise UsageError("a feed is about a thing or about a question", "give either --about or --question")
    if question is not None:
        pairs = [each.partition("=") for each in arguments]
        if wrong := next((name for name, sign, _ in pairs if not sign or not name), None):
            raise UsageError(f"'{wrong}' is no PARAMETER=VALUE", "write, for example, person=mara-lind")
        return question_subject(
            project, kept, find_query(project, question), grouped((name, value) for name, _, value in pairs)
        )
    if arguments:
        raise UsageError(f"--about takes no arguments, but there is '{arguments[0]}'", "quote a name with spaces")
    iri = full_iri(about or "", project_prefixes(project))
    return thing_subject(project, kept, lambda graph: find(graph, iri))
