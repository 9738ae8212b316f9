"""The output format of an answer. Pure, except that it checks whether standard output is a terminal.

It is the one given, else that of the file's extension, else a table on a terminal and TSV in a pipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import click

from kg.cli.output import is_stream, on_terminal
from kg.core.errors import UsageError
from kg.render.format_types import AnswerFormat, Format, Offered
from kg.render.formats import answer_format, answer_formats

F = TypeVar("F", bound=Format)


def format_option(where: Offered) -> click.Option:
    """Return the option that chooses the format of an answer."""
    formats = answer_formats(where)
    needs = [f"{each.name} needs communique-kg[{each.extra}]" for each in formats if each.extra]
    text = "; ".join(["The output format", *needs])
    return click.Option(["--format", "kind"], type=click.Choice([each.name for each in formats]), help=f"{text}.")


def chosen_format(kind: str | None, output: str | None, where: Offered) -> AnswerFormat:
    """Return the format to write.

    Raises:
        UsageError: the file's extension is not that of a format.
    """
    if kind:
        return answer_format(kind, where)
    if output and not is_stream(output):
        return format_of_file(output, answer_formats(where))
    return answer_format("table" if on_terminal() and output is None else "tsv", where)


def format_of_file(name: str, offered: Sequence[F], others: str = "") -> F:
    """Return the format with the extension of a file's name. *others* describes further names in the error.

    Raises:
        UsageError: no format has this extension.
    """
    formats = {suffix: each for each in offered for suffix in each.suffixes}
    ending = Path(name).suffix.lower()
    if ending not in formats:
        fix = f"end it in {', '.join(formats)}{others}, or give --format"
        raise UsageError(f"the name '{name}' does not show the format", fix)
    return formats[ending]
