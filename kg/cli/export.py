"""`kg export`: the published graph, the ontology or the shapes as files for other programs."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import click

from kg.cli.formats import format_of_file
from kg.cli.output import STANDARD_OUTPUT, OutputPath, is_stream
from kg.cli.session import Session
from kg.core.english import listed
from kg.core.errors import UsageError
from kg.core.iri import graph_iri
from kg.project.files import Writer, stream_whole, write_folder
from kg.project.store_kinds import LOADERS
from kg.render.format_types import Exported, ExportFormat, Holds
from kg.render.formats import export_formats

if TYPE_CHECKING:
    from kg.store.generations import Generation

NOT_FOR_ANALYSIS = ("ontology", "validation", "dataset")
"""Graphs that formats for facts leave out unless --graph names them."""

FORMATS = export_formats()


def _help() -> str:
    datasets = listed([each.name for each in FORMATS.values() if Holds.QUADS in each.holds])
    unions = listed([each.name for each in FORMATS.values() if Holds.TRIPLES in each.holds and not each.facts])
    facts = ", ".join(f"{each.name} is {each.title}" for each in FORMATS.values() if each.facts)
    return f"""Write the current generation of the graph, or the ontology or the shapes as authored.

    {datasets} keep the named graphs; {unions} hold their union. {facts}; they leave out the ontology unless --graph
    names it. Files whose names end in .gz are compressed.
    """


@click.command("export", help=_help())
@click.option(
    "-o", "--output", type=OutputPath(dir_okay=True), help="A file, or a folder for csv. Default: standard output."
)
@click.option(
    "--format", "form", type=click.Choice(list(FORMATS)), help="Default: that of the file's extension, else nq."
)
@click.option(
    "--graph", "graphs", multiple=True, help="Only this graph: an article's id, a name such as registry, or an IRI."
)
@click.option(
    "--for",
    "store",
    type=click.Choice(tuple(LOADERS)),
    help="Write N-Quads for this store's bulk loader, and show its command.",
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
    """Write the current generation of the graph, or the ontology or the shapes as authored."""
    target = None if output in (None, STANDARD_OUTPUT) else output
    if store:
        _export_for(session, store, target, plain=form in (None, "nq") and what == "graph" and not graphs)
        return
    chosen = FORMATS[form] if form else _format(target, FORMATS["nq" if what == "graph" else "ttl"])
    if what == "graph":
        _export(session, chosen, graphs, target)
        return
    if chosen.name != "ttl" or graphs:
        raise UsageError(f"the {what} is written as one Turtle file", "leave out --graph and give --format ttl")
    turtle = _authored(session, what)
    _write(lambda out: out.write(turtle), target, chosen)


def _export_for(session: Session, store: str, target: str | None, *, plain: bool) -> None:
    """Write all quads for a store's own loader and print the command that runs it."""
    from kg.export.loaders import load_command

    if not plain:
        raise UsageError("a bulk loader takes the whole graph as N-Quads", "leave out --format, --graph and --what")
    if target is None or not target.removesuffix(".gz").endswith(".nq"):
        raise UsageError("a bulk loader reads a file", "name a file that ends in .nq or .nq.gz with -o")
    _export(session, FORMATS["nq"], (), target)
    command, note = load_command(store, Path(target))
    click.echo(command)
    click.echo(f"{note}\nafterwards, 'kg load' compares what has arrived", err=True)


def _format(target: str | None, default: ExportFormat) -> ExportFormat:
    if target is None or is_stream(target):
        return default
    folder = next(each for each in FORMATS.values() if each.files)
    if target.endswith("/") or Path(target).is_dir():
        return folder
    try:
        return format_of_file(target.removesuffix(".gz"), tuple(FORMATS.values()), f" (in / for {folder.title})")
    except UsageError as error:
        raise UsageError(f"the name '{target}' does not show the format", error.fix) from None


def _authored(session: Session, what: str) -> bytes:
    from kg.export.authored import ontology_turtle, shapes_turtle

    turtle = ontology_turtle if what == "ontology" else shapes_turtle
    return turtle(session.project.ontology).encode()


def _export(session: Session, form: ExportFormat, graphs: Sequence[str], target: str | None) -> None:
    from kg.questions.graph import built, project_prefixes

    if form.files and target is None:
        raise UsageError(f"{form.name} is {form.title}", "name the folder with -o")
    with built(session.project) as generation:
        lines, described = _lines(session, generation, form, graphs), _described(session, generation)
        exported = Exported(lines, described, project_prefixes(session.project))
        if form.files:
            write_folder(Path(str(target)), form.files(exported), what="tables", ours=_has_only_tables)
        elif form.write:
            _write(partial(form.write, exported), target, form)


def _has_only_tables(folder: Path) -> bool:
    return all(path.suffix == ".csv" for path in folder.iterdir())


def _described(session: Session, generation: Generation) -> Iterator[str]:
    """Yield the lines of all graphs except those about the data set: they describe things."""
    about = {f"<{graph_iri(session.project.base, name)}>" for name in ("validation", "dataset")}
    return generation.lines(generation.manifest.graphs.keys() - about)


def _lines(session: Session, generation: Generation, form: ExportFormat, graphs: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the chosen *graphs*; if none is chosen, of all that the format is for."""
    base, known = session.project.base, generation.manifest.graphs
    chosen = {_graph(name, base, known) for name in graphs}
    if not graphs:
        hidden = NOT_FOR_ANALYSIS if form.facts else ()
        chosen = set(known) - {f"<{graph_iri(base, name)}>" for name in hidden}
    return generation.lines(chosen)


def _graph(name: str, base: str, known: Iterable[str]) -> str:
    """Return the graph with the name, id or IRI *name*.

    Raises:
        UsageError: there is no such graph.
    """
    short = {graph[1:-1].removeprefix(base).removeprefix("graph/").removeprefix("article/"): graph for graph in known}
    for graph in (short.get(name), f"<{name}>", f"<{base}{name}>"):
        if graph in short.values():
            return str(graph)
    from kg.core.likeness import nearest

    near = nearest(name, short, least=0.4) or sorted(short)[:5]
    raise UsageError(f"there is no graph '{name}'", f"there are, for example: {', '.join(near)}")


def _write(write: Writer, target: str | None, form: ExportFormat) -> None:
    if target is None:
        write(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    elif not target.endswith(".gz"):
        stream_whole(target, write)
    elif form.compressed:
        stream_whole(target, partial(_compressed, write))
    else:
        known = ", ".join(each.name for each in FORMATS.values() if each.compressed)
        raise UsageError(f"{form.name} cannot be compressed", f"leave out .gz, or choose one of {known}")


def _compressed(write: Writer, out: IO[bytes]) -> None:
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", mtime=0) as packed:
        write(cast("IO[bytes]", packed))
