"""The commands -> their reference on one page of Markdown, with options and environment variables. No I/O."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click

from kg.cli import COMMANDS, cli
from kg.docs.reference import table

OPENING = """\
# Commands

Options of `kg` itself come before the command: `kg -C ~/harbour check`. Each option can also be set by its
environment variable; the command line takes precedence. Set a flag with `1`. `kg docs --page commands`
writes this page.

`kg query NAME --help` shows the parameters of a question. Results go to standard output, everything else to
standard error. The format of an output file follows from its extension."""


def command_reference() -> str:
    """Return the page."""
    above = click.Context(cli, info_name="kg", auto_envvar_prefix="KG")
    parts = [OPENING, _options(cli, above, "KG_")]
    for name, (_, short) in COMMANDS.items():
        command = cli.get_command(above, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=above)
        parts.append(_section(command, context, short))
        for part, inner in command.commands.items() if isinstance(command, click.Group) else ():
            parts.append(_section(inner, click.Context(inner, info_name=part, parent=context), ""))
    return "\n\n".join(parts) + "\n"


def _section(command: click.Command, context: click.Context, short: str) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    help_text = inspect.cleandoc(command.help or f"{short[:1].upper()}{short[1:]}.").replace("\b\n", "")
    options = _options(command, context, "")
    return "\n\n".join(filter(None, [f"## {context.command_path}", f"```text\n{usage}\n```", help_text, options]))


def _options(command: click.Command, context: click.Context, prefix: str) -> str:
    """Return the table of the options. *prefix* begins the variables of options without one of their own."""
    rows = list(_rows(command, context, prefix))
    return table(["option", "does", "default", "variable"], rows) if rows else ""


def _rows(command: click.Command, context: click.Context, prefix: str) -> Iterator[tuple[str, ...]]:
    for option in command.get_params(context):
        if isinstance(option, click.Option) and not option.is_eager:
            longest = max(option.opts, key=len).lstrip("-").replace("-", "_")
            named = f"`{option.envvar or prefix + longest.upper()}`"
            variable = named if option.envvar or option.allow_from_autoenv else ""
            names = ", ".join(option.opts)
            yield f"`{names}{_value(option)}`", option.help or "", _default(option), variable


def _value(option: click.Option) -> str:
    """Return the placeholder for the value of an option, after a space, "" for a flag."""
    if option.is_flag or option.count:
        return ""
    if isinstance(option.type, click.Choice):
        return f" {'|'.join(map(str, option.type.choices))}"
    return f" {option.metavar or option.type.name.upper().removesuffix(' RANGE')}"


def _default(option: click.Option) -> str:
    default = option.default
    is_shown = isinstance(default, str | int | float) and not (option.is_flag or option.count) and default != ""
    return f"`{default:g}`" if is_shown and isinstance(default, float) else f"`{default}`" if is_shown else ""
