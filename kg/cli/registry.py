"""`kg registry`: find, merge and split entities, in the registry and in everything that names them."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.output import lined_up, notice, remark, show_findings
from kg.cli.session import Session
from kg.core.errors import UsageError

if TYPE_CHECKING:
    from kg.curation.revision import Revision

COLUMNS = ("id", "score", "reason", "name", "type", "disambiguation", "place")

dry_run_option = click.option("--dry-run", is_flag=True, help="Show the change as a diff, and write nothing.")


@click.group("registry")
def command() -> None:
    """Find entities of the registry, and merge or split them.

    Each change can be reviewed: it affects the registry, the articles and the links together, and nothing else in
    these files. It is checked before it is written, and refused if it causes errors or warnings.
    """


@command.command("find")
@click.argument("name")
@click.option("--type", "class_name", default="", metavar="CLASS", help="Show only entities of this class.")
@click.option("--limit", type=click.IntRange(1), default=10, help="Show at most this many.")
@click.option(
    "--format", "form", type=click.Choice(["table", "tsv", "json"]), help="Default: table on a terminal, else tsv."
)
@click.pass_obj
def find_command(session: Session, name: str, class_name: str, limit: int, form: str | None) -> int:
    """List the entities that NAME may mean, with a score from 0 to 1 and the reason.

    Names in every script are compared, including names that only articles report. The sources are read, not the last
    build. The exit code is 1 if nothing matches.
    """
    from kg.curation.registry import candidates_for, open_registry

    candidates = candidates_for(open_registry(session.project), name, limit, class_name)
    form = form or ("table" if sys.stdout.isatty() else "tsv")
    if form == "json":
        rows = [{**asdict(each), "place": str(each.place)} for each in candidates]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif candidates:
        lines = [
            (each.id, f"{each.score:.2f}", each.reason, each.name, each.kind, each.hint, str(each.place))
            for each in candidates
        ]
        click.echo(lined_up([COLUMNS, *lines], form))
    if not candidates:
        remark(f"nothing in the registry has the name '{name}' or a similar one")
    return 0 if candidates else 1


@command.command("merge")
@click.argument("kept")
@click.argument("gone")
@dry_run_option
@click.pass_obj
def merge_command(session: Session, kept: str, gone: str, dry_run: bool) -> int:
    """Make KEPT and GONE one entity: KEPT, with the names of both.

    Articles, the registry and the links name KEPT where they named GONE. KEPT gets the values of GONE; where only one
    is allowed, KEPT keeps its own, and the other is reported. KEPT and GONE are ids or names.
    """
    from kg.curation.registry import entity, merge, open_registry

    registry = open_registry(session.project)
    return _revise(session, merge(registry, entity(registry, kept), entity(registry, gone)), dry_run)


@command.command("split")
@click.argument("entity")
@click.argument("new")
@click.option(
    "--in", "within", multiple=True, required=True, metavar="ARTICLE[/FACT]", help="What is about NEW; may be repeated."
)
@click.option("--name", default="", help="The name of NEW.  [default: that of ENTITY]")
@click.option("--disambiguation", "hint", default="", help="What distinguishes NEW, in a few words.")
@dry_run_option
@click.pass_obj
def split_command(
    session: Session, entity: str, new: str, within: tuple[str, ...], name: str, hint: str, dry_run: bool
) -> int:
    """Split ENTITY in two: the articles or facts given with --in are about NEW, an id, from now on.

    NEW gets the type of ENTITY, and both are declared different. Links stay with ENTITY.
    """
    from kg.curation import registry as registries

    opened = registries.open_registry(session.project)
    old = registries.entity(opened, entity)
    return _revise(session, registries.split(opened, old, new, name, hint, within), dry_run)


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--type", "class_name", default="", metavar="CLASS", help="The type of rows that give none.")
@click.option(
    "--to", default="", metavar="NAME.yaml", help="The file of data/registry for new entities.  [default: by type]"
)
@click.option("--author", default="", help="Who says that entities are the same, for the links.")
@dry_run_option
@click.pass_obj
def import_command(session: Session, file: Path, class_name: str, to: str, author: str, dry_run: bool) -> int:
    """Import entities from FILE.csv, .tsv, .xlsx or .ttl into the registry, and their exact matches into the links.

    Columns are 'id', 'type', keys, if need be with a language after an @ (name@zh-Hans), and relations (exactMatch,
    closeMatch). Several values in a cell are separated by |. A row with a known id, or with the exact match of an
    existing entity, adds what that entity lacks. Either all rows are imported or none.
    """
    from kg.curation.registry import open_registry
    from kg.curation.registry_import import Import
    from kg.curation.registry_rows import entity_rows
    from kg.curation.revision import RevisionError
    from kg.pipeline.report import Report

    registry = open_registry(session.project)
    rows = entity_rows(session.project, registry.compiled.vocabulary, file)
    today = datetime.now(tz=UTC).date().isoformat()
    imported = Import(
        registry, type_name=class_name, to=_registry_file(session, to), author=author, today=today
    ).planned(rows)
    if imported.findings:
        show_findings(Report(imported.findings, {session.project.shown(file.absolute()): rows.text}, 1))
        raise RevisionError(Report(imported.findings, {}, 1))
    code = _revise(session, imported.revision, dry_run)
    notice(f"{imported.added} added, {imported.completed} completed")
    return code


def _registry_file(session: Session, name: str) -> str:
    """Return the path of a file of the registry, "" for none."""
    if not name:
        return ""
    if Path(name).name != name or not name.endswith(".yaml") or name.startswith("."):
        raise UsageError(f"'{name}' is no name of a file of the registry", "name one such as people.yaml")
    return session.project.shown(session.project.data / "registry" / name)


def _revise(session: Session, revision: Revision, dry_run: bool) -> int:
    """Write a revision, or show it, and return the exit code."""
    from kg.curation.revision import RevisionError, revised
    from kg.project.changes import diff

    for line in revision.remarks:
        remark(line)
    try:
        changes = revised(session.project, revision, dry_run=dry_run)
    except RevisionError as error:
        show_findings(error.report)
        raise
    if dry_run:
        click.echo(diff(changes), nl=False)
    for change in changes:
        notice(f"{change.shown}: {'would change' if dry_run else 'changed'}")
    return 0
