"""The `kg` command: a group that imports a command's module only when it runs."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from kg.cli.session import Session
from kg.core.collecting import OBJECTS_BEFORE_COLLECTION
from kg.core.errors import InputError, KgError

if TYPE_CHECKING:
    from types import FrameType

    from click.shell_completion import CompletionItem

COMMANDS = {
    "init": ("kg.cli.init", "make a new project with one worked example"),
    "new": ("kg.cli.new", "register an article from a web page, a text or a URL"),
    "draft": ("kg.cli.draft", "propose facts for an article, without asserting any"),
    "check": ("kg.cli.check", "find every problem in the mappings"),
    "build": ("kg.cli.build", "check, compile and publish a new generation"),
    "query": ("kg.cli.query", "ask a canned question"),
    "sparql": ("kg.cli.sparql", "run any SPARQL query"),
    "explain": ("kg.cli.explain", "show the triples, evidence and article behind a thing"),
    "export": ("kg.cli.export", "write the graph, the ontology or the shapes to files"),
    "load": ("kg.cli.load", "load the graph into a triplestore, with a receipt"),
    "stores": ("kg.cli.stores", "list the project's triplestores and whether they are current"),
    "doctor": ("kg.cli.doctor", "check the installation, the machine and the stores"),
    "serve": ("kg.cli.serve", "serve the explorer and the SPARQL endpoint"),
    "curate": ("kg.cli.curate", "curate articles in the browser: from words to reviewed facts"),
    "review": ("kg.cli.review", "show an article's sentences with their facts, and what to decide"),
    "diff": ("kg.cli.diff", "show what differs between two states of the graph"),
    "feed": ("kg.cli.feed", "write a feed of what changed about a thing or an answer"),
    "history": ("kg.cli.history", "list the generations"),
    "rollback": ("kg.cli.rollback", "go back to an earlier generation"),
    "backup": ("kg.cli.backup", "write the current generation to one file"),
    "restore": ("kg.cli.restore", "publish a generation from a backup"),
    "purge": ("kg.cli.purge", "remove an article from everything that was built"),
    "reason": ("kg.cli.reason", "check consistency and classify, with an OWL reasoner"),
    "docs": ("kg.cli.docs", "write the documentation of the ontology as pages"),
    "schema": ("kg.cli.schema", "write the JSON Schema of the mapping language"),
    "lsp": ("kg.cli.lsp", "serve an editor with findings, completion and more, while one writes"),
    "mcp": ("kg.cli.mcp", "serve an AI assistant with the questions, search, explanations and checks"),
    "registry": ("kg.cli.registry", "find, merge, split and import the entities of the registry"),
}


_STANDARD_ERROR = 2
_TRUE = ("1", "true", "yes", "on")


def variable_of(command: str, option: click.Option) -> str:
    """Return the environment variable of an option, such as KG_CHECK_FAIL_ON for `--fail-on` of `kg check`."""
    name = max(option.opts, key=len).lstrip("-")
    return f"KG_{command}_{name}".replace("-", "_").upper()


class LazyGroup(click.Group):
    """Looks a command up in COMMANDS, so that `kg --help` imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command, None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name][0])
        command: click.Command = module.command
        parts = command.commands if isinstance(command, click.Group) else {}
        for name, each in ((cmd_name, command), *((f"{cmd_name}_{part}", inner) for part, inner in parts.items())):
            for option in each.params:
                if isinstance(option, click.Option) and option.envvar is None:
                    option.envvar = variable_of(name, option)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names from COMMANDS, without an import; click would load every command for its help."""
        from kg.cli.completion import named_items, own_items

        return [*named_items(COMMANDS, incomplete, lambda name: COMMANDS[name][1]), *own_items(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Propose the nearest command for an unknown one."""
        from kg.core.likeness import nearest

        name = args[0] if args else ""
        if name and name not in COMMANDS and not name.startswith("-"):
            near = nearest(name, COMMANDS, most=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{name}'.{hint}")
        return super().resolve_command(ctx, args)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Parse the command line, which may print the help. click itself exits with 1 if the reader is gone."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except BrokenPipeError as error:
            raise _ReaderGoneError from error

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. A reader that is gone is handled as in `make_context`."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _ReaderGoneError from error
        except click.NoSuchOption as error:
            if not any(error.option_name in each.opts for each in self.params):
                raise
            where = f"it belongs before the command: kg {error.option_name} {ctx.invoked_subcommand}"
            message = f"{error.message.rstrip('.')}; {where}"
            raise click.NoSuchOption(error.option_name, message, ctx=error.ctx) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list from COMMANDS, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


class _ReaderGoneError(Exception):
    """Whatever reads our output has closed it."""


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "KG"})
@click.version_option(package_name="communique-kg", prog_name="kg")
@click.option(
    "-C",
    "--project",
    "folder",
    type=click.Path(file_okay=False, exists=True),
    default=".",
    envvar="KG_PROJECT",
    help="The project's folder.",
)
@click.option("-v", "--verbose", count=True, help="Print more details.")
@click.option("-q", "--quiet", is_flag=True, help="Leave out notices of what was done.")
@click.option("--debug", is_flag=True, help="Show a traceback if something fails.")
@click.pass_context
def cli(ctx: click.Context, folder: str, verbose: int, quiet: bool, debug: bool) -> None:  # noqa: ARG001 - main reads --debug
    """Turn curated news into a knowledge graph that people can trust."""
    if "NO_COLOR" in os.environ:
        ctx.color = False
    if quiet and verbose:
        raise click.UsageError("--quiet and --verbose contradict each other.")
    ctx.obj = Session(Path(folder), verbose, quiet)


class _TerminatedError(BaseException):
    """The process was asked to end (SIGTERM)."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


def main() -> None:
    """Run `kg` and exit: 0 success, 1 findings, 2 usage, 3 unreadable input, 4 endpoint, 5 bug."""
    debug = "--debug" in sys.argv[1:] or os.environ.get("KG_DEBUG", "").lower() in _TRUE
    _refuse_closed_output()
    _forgive_standard_error()
    gc.set_threshold(OBJECTS_BEFORE_COLLECTION)
    before = signal.signal(signal.SIGTERM, _terminated)
    try:
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except KgError as error:
        if debug:
            raise
        _complain(error.message, error.fix)
        _leave(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _complain("interrupted", "")
        _end(130)
    except _TerminatedError as error:
        _end(error.exit_code)
    except _ReaderGoneError:
        _leave(0)
    except OSError as error:
        if debug:
            raise
        _complain(f"the system refused: {error}", "check the file or folder and its permissions")
        _leave(InputError.exit_code)
    except Exception as error:
        if debug:
            raise
        _complain(f"a bug in kg: {type(error).__name__}: {error}", "run it again with --debug and report the output")
        sys.exit(5)
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminated(number: int, _: FrameType | None) -> NoReturn:
    """Unwind, so that half-written files are removed. A second signal ends the process at once."""
    signal.signal(number, signal.SIG_DFL)
    raise _TerminatedError(128 + number)


def _end(code: int) -> NoReturn:
    """Exit with *code* without waiting for threads: one may be waiting for a process that has already ended."""
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def _refuse_closed_output() -> None:
    """Exit if standard output is closed. No file opened later may take the place of a closed standard stream."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STANDARD_ERROR:
        pass
    os.close(descriptor)
    if sys.stdout is None:
        _complain("standard output is closed", "send it to a file or to /dev/null")
        sys.exit(InputError.exit_code)


class _Forgiving(io.FileIO):
    """A file that discards what it cannot write."""

    def write(self, data: Any) -> int:
        """Return how many bytes of *data* were written or discarded."""
        try:
            return super().write(data) or 0
        except OSError:
            return len(memoryview(data).cast("B"))


def _forgive_standard_error() -> None:
    """Let a standard error that is closed, full or not read change neither what a command does nor its exit code."""
    if sys.stderr is not sys.__stderr__:
        return  # it belongs to a caller within Python
    raw = io.BufferedWriter(_Forgiving(_STANDARD_ERROR, "w", closefd=False))
    encoding = sys.stderr.encoding if sys.stderr else "utf-8"
    sys.stderr = io.TextIOWrapper(raw, encoding, "backslashreplace", line_buffering=True)


def _complain(message: str, fix: str) -> None:
    from kg.render.snippet import shortened
    from kg.render.terminal import showable

    def shown(text: str) -> str:
        return "\n".join(showable(shortened(line)) for line in text.split("\n"))

    colour = False if "NO_COLOR" in os.environ else None
    if message:
        click.echo(f"{click.style('error', fg='red', bold=True)}: {shown(message)}", err=True, color=colour)
    if fix:
        click.echo(f"  = help: {shown(fix)}", err=True)


def _leave(code: int) -> NoReturn:
    """Exit with *code*. If standard output accepts nothing any more, discard what is left."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
