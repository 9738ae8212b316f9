"""`kg mcp`: a server for AI assistants, which an assistant starts."""

from __future__ import annotations

from dataclasses import replace

import click

from kg.cli.session import Session
from kg.core.errors import UsageError

_OF_THE_EXTRA = frozenset({"mcp", "mcp_types", "anyio", "pydantic"})


@click.command("mcp")
@click.option(
    "--question-timeout", type=click.FloatRange(0, 3600, min_open=True), default=60.0, show_default=True,
    help="Time limit in seconds for a canned question.",
)  # fmt: skip
@click.option(
    "--check-timeout", type=click.FloatRange(0, 3600, min_open=True), default=60.0, show_default=True,
    help="Time limit in seconds for a check.",
)  # fmt: skip
@click.pass_obj
def command(session: Session, question_timeout: float, check_timeout: float) -> int:
    """Serve an AI assistant, over standard input and output, with the Model Context Protocol.

    It can list and ask the canned questions, search, explain things with their evidence, check a mapping that it
    gives, and read the schema. It writes nothing. The limits are those of 'kg serve'.
    """
    try:
        from kg.mcp.server import assistant_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OF_THE_EXTRA:
            raise
        raise UsageError("serving assistants needs the extra 'mcp'", "pip install 'communique-kg[mcp]'") from error
    from kg.core.aside import AsideLimits
    from kg.mcp.tools import AssistantTools
    from kg.web.canned import QUESTIONS

    limits = replace(QUESTIONS, seconds=question_timeout)
    tools = AssistantTools(session.project, limits, AsideLimits(check_timeout))
    try:
        assistant_server(tools).run("stdio")
    finally:
        tools.close()
    return 0
