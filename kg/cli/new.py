"""`kg new`: register an article from a web page, a text or a URL."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.output import remark
from kg.cli.session import Session

if TYPE_CHECKING:
    from kg.bench.material import Material
    from kg.bench.metadata import Metadata

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_PAGES = frozenset({".html", ".htm", ".xhtml"})
_FIELDS = ("title", "publisher", "published", "language")


@click.command("new")
@click.argument("source", metavar="FILE|URL|-")
@click.option("--id", "identifier", default="", help="The id of the article. Default: one made from its title.")
@click.option("--title", default="", help="The title, instead of the one on the page.")
@click.option("--publisher", default="", help="The publisher: a name, or an id from the registry.")
@click.option("--published", default="", metavar="DATE", help="The date of publication, such as 2031-05-02.")
@click.option("--language", default="", metavar="TAG", help="The language of the text, such as en or zh-Hans.")
@click.option("--curator", default="me", show_default=True, help="Who registers it.")
@click.option(
    "--text-file",
    default="",
    metavar="FILE",
    help="Withhold the text: write it to this file in the project, which git ignores.",
)
@click.pass_obj
def command(
    session: Session,
    source: str,
    identifier: str,
    title: str,
    publisher: str,
    published: str,
    language: str,
    curator: str,
    text_file: str,
) -> int:
    """Register an article: extract its text and metadata, and write a mapping without facts, with comments that
    suggest facts for its sentences.

    FILE is an HTML page or plain text, '-' is standard input; only a URL is fetched. Metadata that the page lacks can
    be given in a JSON file of the same name beside it, or as front matter above a text. Nothing is overwritten, and
    whatever is left out or unknown is reported.
    """
    from kg.bench.desk import open_desk
    from kg.bench.material import found_article
    from kg.bench.new import RegistrationChoices, with_examples, write_registered

    desk = open_desk(session.project)
    given = _given(dict(zip(_FIELDS, (title, publisher, published, language), strict=True)))
    article = found_article(_material(source), desk.scope.languages, given)
    made = with_examples(article, desk, RegistrationChoices(identifier, curator, text_file, date.today()))
    write_registered(made, desk.project)
    for file in made.files:
        click.echo(desk.project.shown(file))
    for line in made.remarks:
        remark(line)
    if made.ignored:
        remark(f"{made.ignored} was added to .gitignore")
    return 0


def _given(options: dict[str, str]) -> Metadata:
    from kg.bench.metadata import from_pairs

    return from_pairs(((name, value) for name, value in options.items() if value), "an option")


def _material(source: str) -> Material:
    """Return the material that the curator names. A web page is fetched.

    Raises:
        InputError: a file cannot be read.
        EndpointError: a page cannot be fetched.
    """
    from kg.bench.material import Material
    from kg.cli.input import standard_input_bytes
    from kg.project.files import MAX_BYTES, read_bytes, read_text, readable

    if _ADDRESS.match(source):
        from kg.bench.fetch import checked_address, fetched

        page = fetched(checked_address(source))
        return Material(page.content, source, page.is_page, page.encoding, page.url)
    if source == "-":
        return Material(_limited(standard_input_bytes(), "standard input"), "standard input")
    file, shown = Path(source), readable(source)
    content = _limited(read_bytes(file, shown, MAX_BYTES + 1), shown)
    beside = file.with_suffix(".json")
    has_beside = beside != file and beside.is_file()
    return Material(
        content,
        shown,
        True if file.suffix.lower() in _PAGES else None,
        beside=read_text(beside, readable(beside)) if has_beside else None,
        beside_shown=readable(beside),
    )


def _limited(content: bytes, shown: str) -> bytes:
    from kg.core.errors import InputError
    from kg.project.files import MAX_BYTES

    if len(content) > MAX_BYTES:
        raise InputError(f"{shown} is larger than 8 MiB", "save only the article's text")
    return content
