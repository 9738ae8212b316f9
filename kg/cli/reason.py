"""`kg reason`: whether what the articles say is consistent with the ontology, and what follows from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING

import click

from kg.cli.output import look_of
from kg.cli.session import Session
from kg.core.english import counted
from kg.core.errors import UsageError
from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.values import lexical
from kg.render.cells import Look, short_iri

if TYPE_CHECKING:
    from kg.reasoning.reason import ReasoningReport

UNSATISFIABLE = "KG-R002"


@click.command("reason")
@click.argument("articles", nargs=-1, metavar="[ARTICLE]...")
@click.option("--ontology-only", is_flag=True, help="Leave out the registry and all articles.")
@click.option(
    "--reasoner",
    type=click.Choice(["hermit", "pellet"]),
    default="hermit",
    help="Pellet needs a newer Java, which the 'reason' extra installs.",
)
@click.option("--hierarchy", is_flag=True, help="Show the inferred class hierarchy as a tree.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The output format.")
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=120.0,
    help="Time limit in seconds.",
    show_default=True,
)
@click.pass_obj
def command(
    session: Session,
    articles: tuple[str, ...],
    ontology_only: bool,
    reasoner: str,
    hierarchy: bool,
    form: str,
    timeout: float,
) -> int:
    """Check with an OWL reasoner whether everything can be true together, and show what follows from it.

    Without ARTICLE, all articles are included; the registry always is. Needs the 'reason' extra and Java.
    Contradictions are reported with the articles that they come from; the exit code is then 1.
    """
    from kg.reasoning.reason import reason

    if articles and ontology_only:
        raise UsageError("--ontology-only leaves out all articles", "leave out ARTICLE or --ontology-only")
    report = reason(session.project, articles or None, ontology_only=ontology_only, reasoner=reasoner, seconds=timeout)
    if report.errors:
        errors = counted(report.errors, "error")
        click.echo(f"'kg check' finds {errors} here; what cannot be compiled is left out", err=True)
    if form == "json":
        click.echo(json.dumps(_json(report, reasoner), ensure_ascii=False, indent=2))
    else:
        look = look_of(session.project)
        tree = _tree(report.hierarchy, look) if hierarchy else ()
        click.echo("\n".join(chain(_text(report, look, ontology_only), tree)))
    return 1 if report.findings else 0


def _text(report: ReasoningReport, look: Look, ontology_only: bool) -> Iterator[str]:
    from kg.render.findings import render_findings
    from kg.render.terminal import showable

    if report.findings:
        yield render_findings(report.findings, "text", report.texts.get, colour=look.colour)
    facts = "" if ontology_only else f" with the registry and {counted(len(report.articles), 'article')}"
    yield f"{'consistent' if report.consistent else 'contradictory'}: the ontology{facts}"
    impossible = [finding for finding in report.findings if finding.code == UNSATISFIABLE]
    yield f"unsatisfiable: {counted(len(impossible), 'class', 'classes')}"
    if not report.consistent:
        return
    yield f"inferred: {counted(len(report.inferred), 'type')} of nodes, {len(report.above)} of classes"
    for kind, above in report.above:
        yield f"  every '{report.labels[kind]}' is of the class '{report.labels[above]}'"
    for inferred in report.inferred:
        where = f" ({inferred.place})" if inferred.place else ""
        name = inferred.label or short_iri(lexical(inferred.node), look)
        yield showable(f"  {name} is of the class '{report.labels[inferred.type]}'{where}")


def _tree(hierarchy: Mapping[Term, tuple[Term, ...]], look: Look) -> Iterator[str]:
    """Yield a line for each class, indented below its superclass. A class with several is shown below each."""
    below = grouped((parent, kind) for kind, above in hierarchy.items() for parent in above)

    def branch(kind: Term, depth: int) -> Iterator[str]:
        yield "  " * depth + short_iri(lexical(kind), look)
        for child in below.get(kind, ()):
            yield from branch(child, depth + 1)

    yield "classes:"
    for kind, above in hierarchy.items():
        if not above:
            yield from branch(kind, 1)


def _json(report: ReasoningReport, reasoner: str) -> dict[str, object]:
    from kg.render.findings import render_findings

    return {
        "version": 1,
        "reasoner": reasoner,
        "articles": report.articles,
        "consistent": report.consistent,
        "findings": json.loads(render_findings(report.findings, "json", report.texts.get))["findings"],
        "unsatisfiable": [finding.focus for finding in report.findings if finding.code == UNSATISFIABLE],
        "types": [
            {
                "node": lexical(inferred.node),
                "label": inferred.label,
                "class": lexical(inferred.type),
                "place": str(inferred.place or ""),
            }
            for inferred in report.inferred
        ],
        "subclasses": [{"class": lexical(kind), "above": lexical(above)} for kind, above in report.above],
        "hierarchy": {lexical(kind): [lexical(each) for each in above] for kind, above in report.hierarchy.items()},
    }
