"""The progress of a long command: a bar on a terminal, with the number done, the rate and the time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kg.transfer.load import Tick


@contextmanager
def progress(label: str, unit: str) -> Iterator[Tick]:
    """Yield a function to call with the number done and the total. It shows nothing without a terminal."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    start = time.monotonic()

    def rate(done: int | None) -> str:
        return f"{(done or 0) / max(time.monotonic() - start, 0.01):,.0f} {unit}/s" if done else ""

    with click.progressbar(
        length=0, label=label, show_pos=True, show_eta=True, file=sys.stderr, item_show_func=rate
    ) as bar:

        def tick(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos, done)

        yield tick
