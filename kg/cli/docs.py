"""`kg docs`: the documentation of the ontology, rules, findings and questions, as a folder of pages or one page."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.output import OutputPath, is_stream, write
from kg.cli.session import Session
from kg.core.errors import UsageError
from kg.project.settings import Project

WHAT = "pages of kg docs"


@click.command("docs")
@click.option(
    "-o",
    "--output",
    type=OutputPath(file_okay=True, dir_okay=True),
    help="The folder to write; with --page, the file (default: standard output).",
)
@click.option(
    "--page",
    type=click.Choice(["mapping", "commands"]),
    help="Write one page of Markdown instead: the mapping language, or all commands with their options.",
)
@click.pass_obj
def command(session: Session, output: str | None, page: str | None) -> None:
    """Write pages about the ontology: classes, keys, code lists, rules, findings, questions.

    Open index.html in any browser; no server is needed. The same ontology, questions and data give the same folder.
    A folder that an earlier run wrote is replaced, one with other contents is not.
    """
    if page is None:
        _write_pages(session.project, output)
    elif page == "mapping":
        from kg.docs.gather import documentation
        from kg.docs.reference import mapping_reference

        write(mapping_reference(documentation(session.project)), output)
    else:
        from kg.cli.reference import command_reference

        write(command_reference(), output)


def _write_pages(project: Project, output: str | None) -> None:
    if output is None or is_stream(output) or Path(output).is_file():
        raise UsageError("kg docs writes a folder", "name the folder with -o, or choose one page with --page")
    try:
        from kg.web.pages.documentation import files, is_written_by_us
    except ModuleNotFoundError as error:
        raise UsageError("the pages need the extra 'serve'", "pip install 'communique-kg[serve]'") from error
    from kg.docs.gather import documentation
    from kg.project.files import refuse_other_folder, write_folder

    refuse_other_folder(Path(output), what=WHAT, ours=is_written_by_us)  # before seconds of work
    written = files(documentation(project))
    pieces = ((name, (content,)) for name, content in written.items())
    write_folder(Path(output), pieces, what=WHAT, ours=is_written_by_us)
    click.echo(f"wrote {sum(name.endswith('.html') for name in written):,} pages; open {Path(output, 'index.html')}")
