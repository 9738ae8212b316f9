"""What a shell proposes for the name of a command: names with one line about each, no command loaded for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def named_items(names: Iterable[str], begun: str, about: Callable[[str], str]) -> list[CompletionItem]:
    """Return the *names* that begin so, with what *about* says of each."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(name, help=about(name)) for name in names if name.startswith(begun)]


def own_items(group: click.Group, ctx: click.Context, begun: str) -> list[CompletionItem]:
    """Return what completes the options of a group itself."""
    return click.Command.shell_complete(group, ctx, begun)
