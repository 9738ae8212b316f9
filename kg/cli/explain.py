"""`kg explain`: the triples, the evidence and the article behind a thing."""

from __future__ import annotations

import click

from kg.cli.output import OutputPath, endpoint_option, look_of, write
from kg.cli.session import Session

FORMATS = ("text", "json")


@click.command("explain", params=[endpoint_option()])
@click.argument("thing", metavar="IRI|ID|NAME")
@click.option("--format", "kind", type=click.Choice(FORMATS), help="The output format.")
@click.option("-o", "--output", type=OutputPath(), help="Write to this file.")
@click.pass_obj
def command(session: Session, thing: str, kind: str | None, output: str | None, endpoint: str | None) -> int:
    """Show what the graph says about a thing (a person, a fact, an article, a term), and the evidence for it."""
    from kg.questions.explain import explain
    from kg.questions.graph import full_iri, open_graph
    from kg.questions.lookup import find
    from kg.render.explanation import explanation_json, explanation_text

    look = look_of(session.project)
    with open_graph(session.project, endpoint or "") as graph:
        explanation = explain(graph, find(graph, full_iri(thing, look.prefixes)))
    as_json = kind == "json" or (kind is None and (output or "").endswith(".json"))
    write(explanation_json(explanation) if as_json else explanation_text(explanation, look), output)
    return 0
