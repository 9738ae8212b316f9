"""`kg export`: the published graph, the ontology or the shapes as files for other programs."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.output import STANDARD_OUTPUT, OutputPath, is_stream
from kg.cli.session import Session
from kg.core.errors import UsageError
from kg.core.iri import graph_iri

if TYPE_CHECKING:
    from kg.export.names import Names
    from kg.store.generations import Generation

FORMS = ("nq", "trig", "ttl", "jsonld", "rdfxml", "nt", "graphml", "csv")
ENDINGS = {
    **{f".{form}": form for form in FORMS if form != "csv"},
    ".json": "jsonld",
    ".rdf": "rdfxml",
    ".xml": "rdfxml",
    ".owl": "rdfxml",
}
COMPRESSED = ("nq", "nt", "ttl", "trig")
STORES = ("oxigraph", "virtuoso", "jena", "qlever", "graphdb")
NOT_FOR_ANALYSIS = ("ontology", "validation", "dataset")
"""Graphs that GraphML and CSV leave out unless they are named."""


@click.command("export")
@click.option(
    "-o", "--output", type=OutputPath(dir_okay=True), help="A file, or a folder for csv. Default: standard output."
)
@click.option("--format", "form", type=click.Choice(FORMS), help="Default: that of the file's ending, else nq.")
@click.option(
    "--graph", "graphs", multiple=True, help="Only this graph: an article's id, a name such as registry, an IRI."
)
@click.option(
    "--for",
    "store",
    type=click.Choice(STORES),
    help="N-Quads for the bulk loader of this store, and the command.",
)
@click.option(
    "--what",
    type=click.Choice(["graph", "ontology", "shapes"]),
    default="graph",
    show_default=True,
    help="The graph, or the ontology or the shapes as authored.",
)
@click.pass_obj
def command(
    session: Session, output: str | None, form: str | None, graphs: tuple[str, ...], store: str | None, what: str
) -> None:
    """Write the current generation of the graph, or the ontology or the shapes as authored.

    nq, trig and jsonld keep the named graphs; ttl, nt and rdfxml hold their union. graphml has what is linked to what,
    csv a folder of tables, one per class; both leave out the ontology unless --graph names it. Files that end in
    .gz are compressed.
    """
    target = None if output in (None, STANDARD_OUTPUT) else output
    if store:
        _export_for(session, store, target, plain=form in (None, "nq") and what == "graph" and not graphs)
        return
    form = form or _form(target, "nq" if what == "graph" else "ttl")
    if what != "graph":
        if form != "ttl" or graphs:
            raise UsageError(f"the {what} is written as one Turtle file", "leave --graph out and give --format ttl")
        _write(_authored(session, what), target, form)
    elif form == "csv":
        _write_tables(session, graphs, target)
    else:
        _write(_exported(session, form, graphs), target, form)


def _export_for(session: Session, store: str, target: str | None, *, plain: bool) -> None:
    """Write all quads for a store's own loader and say how to run it."""
    from kg.export.loaders import load_command

    if not plain:
        raise UsageError("a bulk loader takes the whole graph as N-Quads", "leave --format, --graph and --what out")
    if target is None or not target.removesuffix(".gz").endswith(".nq"):
        raise UsageError("a bulk loader reads a file", "name it with -o; it ends in .nq or .nq.gz")
    _write(_exported(session, "nq", ()), target, "nq")
    command, note = load_command(store, Path(target))
    click.echo(command)
    click.echo(f"{note}\n'kg load' afterwards compares what has arrived", err=True)


def _form(target: str | None, default: str) -> str:
    if target is None or is_stream(target):
        return default
    if target.endswith("/") or Path(target).is_dir():
        return "csv"
    ending = Path(target.removesuffix(".gz")).suffix.lower()
    if ending in ENDINGS:
        return ENDINGS[ending]
    fix = f"end its name in {', '.join(ENDINGS)} (in / for a folder of csv), or give --format"
    raise UsageError(f"'{target}' does not tell the format", fix)


def _authored(session: Session, what: str) -> bytes:
    from kg.export.authored import ontology_turtle, shapes_turtle

    turtle = ontology_turtle if what == "ontology" else shapes_turtle
    return turtle(session.project.ontology).encode()


def _exported(session: Session, form: str, graphs: Sequence[str]) -> bytes:
    from kg.export.graphml import write_graphml
    from kg.export.rdf import write_rdf
    from kg.questions.graph import built, prefix_table

    out = io.BytesIO()
    with built(session.project) as generation:
        generation.verify_graph()
        lines = _lines(session, generation, form, graphs)
        if form == "graphml":
            write_graphml(lines, _names(session, generation), out)
        else:
            write_rdf(lines, form, prefix_table(session.project.ontology), out)
    return out.getvalue()


def _write_tables(session: Session, graphs: Sequence[str], target: str | None) -> None:
    from kg.export.tables import tables
    from kg.project.files import write_folder
    from kg.questions.graph import built

    if target is None:
        raise UsageError("csv is a folder of tables", "name the folder with -o")
    with built(session.project) as generation:
        generation.verify_graph()
        files = tables(_lines(session, generation, "csv", graphs), _names(session, generation))
    write_folder(
        Path(target), files, what="tables", ours=lambda folder: all(p.suffix == ".csv" for p in folder.iterdir())
    )


def _names(session: Session, generation: Generation) -> Names:
    """Return what things are called, by all graphs but those about the data set."""
    from kg.export.names import names
    from kg.questions.graph import prefix_table
    from kg.store.lines import line_graph

    about = {f"<{graph_iri(session.project.base, name)}>" for name in ("validation", "dataset")}
    lines = (line for line in generation.lines() if line_graph(line) not in about)
    return names(lines, prefix_table(session.project.ontology))


def _lines(session: Session, generation: Generation, form: str, wanted: Sequence[str]) -> list[str]:
    """Return the lines of the wanted graphs; without a wish, of all that the format is for."""
    from kg.store.lines import line_graph

    base, known = session.project.base, generation.manifest.graphs
    chosen = {_graph(name, base, known) for name in wanted}
    if not wanted:
        hidden = NOT_FOR_ANALYSIS if form in ("graphml", "csv") else ()
        chosen = set(known) - {f"<{graph_iri(base, name)}>" for name in hidden}
    return [line for line in generation.lines() if line_graph(line) in chosen]


def _graph(name: str, base: str, known: Iterable[str]) -> str:
    """Return the graph that somebody calls *name*.

    Raises:
        UsageError: there is none.
    """
    short = {graph[1:-1].removeprefix(base).removeprefix("graph/").removeprefix("article/"): graph for graph in known}
    for graph in (short.get(name), f"<{name}>", f"<{base}{name}>"):
        if graph in short.values():
            return str(graph)
    from kg.core.likeness import nearest

    near = nearest(name, short, least=0.4) or sorted(short)[:5]
    raise UsageError(f"there is no graph '{name}'", f"there are, for example: {', '.join(near)}")


def _write(content: bytes, target: str | None, form: str) -> None:
    from kg.project.files import write_whole

    if target is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    if target.endswith(".gz"):
        if form not in COMPRESSED:
            raise UsageError(f"{form} is not compressed", f"leave .gz out, or choose one of {', '.join(COMPRESSED)}")
        content = gzip.compress(content, mtime=0)
    write_whole(target, content)
