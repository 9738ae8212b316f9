"""`kg docs`: the documentation of the ontology, its rules, findings and questions as a folder of pages."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.output import OutputPath
from kg.cli.session import Session
from kg.core.errors import UsageError

WHAT = "pages of kg docs"


@click.command("docs")
@click.option(
    "-o", "--output", type=OutputPath(file_okay=False, dir_okay=True), required=True, help="The folder to write."
)
@click.pass_obj
def command(session: Session, output: str) -> None:
    """Write pages about the ontology: classes, keys, code lists, rules, findings, questions.

    Open index.html in any browser; no server is needed. The same folder is written for the same ontology, questions
    and data. A folder that an earlier run wrote is replaced, one that holds other things is not.
    """
    try:
        from kg.web.pages.documentation import files, is_written_by_us
    except ModuleNotFoundError as error:
        raise UsageError("the pages need the extra 'serve'", "pip install 'communique-kg[serve]'") from error
    from kg.docs.gather import documentation
    from kg.project.files import refuse_other_folder, write_folder

    refuse_other_folder(Path(output), what=WHAT, ours=is_written_by_us)  # before seconds of work
    written = files(documentation(session.project))
    write_folder(Path(output), written, what=WHAT, ours=is_written_by_us)
    click.echo(f"wrote {sum(name.endswith('.html') for name in written):,} pages; open {Path(output, 'index.html')}")
