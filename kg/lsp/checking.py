"""Open projects -> their diagnostics, while files change in the editor and outside of it. Waits, and sends.

A file is checked as soon as its writer pauses for a moment, everything when the pause is longer. One worker does what
takes time, one call after the other; a result about a text that has changed meanwhile is let go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ParamSpec, Protocol, TypeVar

from lsprotocol.types import Diagnostic

from kg.core.errors import KgError
from kg.lsp.diagnostics import CodePages, diagnostics, trouble
from kg.lsp.opened import OpenedProject
from kg.lsp.positions import LspText

PAUSE = 0.05
"""Seconds without a change after which the file in the editor is checked."""

LONG_PAUSE = 0.4
"""Seconds without a change after which everything is checked."""

LOOK = 1.0
"""Seconds between two looks at the files on the disk."""

P = ParamSpec("P")
T = TypeVar("T")


class Editor(Protocol):
    """What an editor is told."""

    @property
    def encoding(self) -> str:
        """How positions count characters."""

    def show(self, uri: str, spot: list[Diagnostic]) -> None:
        """Show the diagnostics of a file, in place of those before."""

    def complain(self, message: str) -> None:
        """Show a message that somebody should see."""

    def report_bug(self, error: Exception) -> None:
        """Show that the server failed."""


class OneAtATime:
    """Does what takes time, one call after the other, while the server answers."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "kg-lsp")

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what *call* returns, or raise what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: call(*args, **kwargs))


@dataclass
class Checking:
    """Checks one open project again and again.

    Attributes:
        opened: the project.
        uris: path -> how the editor names a file that is open.
        waiting: paths of files that were changed in the editor and have not been checked.
        problem: why nothing can be checked, "" if it can.
    """

    opened: OpenedProject
    editor: Editor
    worker: OneAtATime
    pages: CodePages
    uris: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, None] = field(default_factory=dict)
    problem: str = ""
    _shown: set[str] = field(default_factory=set)  # uris with diagnostics
    _event: asyncio.Event = field(default_factory=asyncio.Event)

    def changed(self, path: str = "") -> None:
        """Note that a file was changed in the editor, or that something may have changed outside of it."""
        if path:
            self.waiting[path] = None
        self._event.set()

    def closed(self, path: str) -> None:
        """Note that a file is no longer open, so that what is on the disk holds."""
        self.opened.texts.pop(path, None)
        self.opened.own.pop(path, None)
        self.waiting.pop(path, None)
        if (uri := self.uris.pop(path, "")) in self._shown:
            self._show(uri, [])
        self._event.set()

    async def keep_checking(self) -> None:
        """Check after every change; never ends."""
        while True:
            is_told = await self._is_told(LOOK)
            try:
                if is_told or await self._has_changed():
                    await self._check()
            except KgError as error:
                self._tell_problem(error)
            except Exception as error:  # the next change may be checked again
                self.editor.report_bug(error)

    async def _is_told(self, seconds: float) -> bool:
        """Wait for a change in the editor, and tell whether there was one."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _has_changed(self) -> bool:
        look = await self.worker.run(self.opened.live.look)
        return bool(look.changed)

    async def _check(self) -> None:
        """Check the files that wait, then everything, unless there is a change before."""
        self._event.clear()
        while await self._is_told(PAUSE):
            self._event.clear()
        await self.worker.run(self.opened.live.look)
        for path in list(self.waiting):
            await self._check_one(path)
        if self.opened.names is None:
            await self.worker.run(self.opened.refreshed, dict(self.opened.texts))
        if not await self._is_told(LONG_PAUSE):
            await self._check_everything()

    async def _check_one(self, path: str) -> None:
        self.waiting.pop(path, None)
        texts = dict(self.opened.texts)
        if path not in texts:
            return
        await self.worker.run(self.opened.checked, path, texts)
        self._is_usable()
        if self.opened.texts.get(path) == texts[path]:
            await self._publish(path, texts)

    async def _check_everything(self) -> None:
        texts = dict(self.opened.texts)
        report = await self.worker.run(self.opened.checked_whole, texts)
        await self.worker.run(self.opened.refreshed, texts)
        self._is_usable()
        if self.opened.texts != texts:
            self._event.set()
            return
        known = {**report.texts, **texts}
        for path in {*self.opened.whole, *self.opened.own, *texts}:
            await self._publish(path, known)
        now = {self.uri(path) for path in {*self.opened.whole, *texts}}
        for uri in self._shown - now:
            self._show(uri, [])

    async def _publish(self, path: str, texts: Mapping[str, str]) -> None:
        """Send the diagnostics of a file."""
        findings = self.opened.findings(path)
        text = LspText(texts[path] if path in texts else self.text(path), self.editor.encoding)
        spot = await self.worker.run(diagnostics, findings, text, self.pages, lambda: self.opened.project)
        self._show(self.uri(path), spot)

    def uri(self, path: str) -> str:
        """Return how the editor names a file."""
        return self.uris.get(path) or self.opened.file(path).as_uri()

    def text(self, path: str) -> str:
        """Return the text of a file as the editor has it, else as it is on the disk, "" if it cannot be read."""
        if path in self.opened.texts:
            return self.opened.texts[path]
        try:
            return self.opened.file(path).read_bytes().decode("utf-8-sig", errors="replace")
        except OSError:
            return ""

    def _show(self, uri: str, spot: list[Diagnostic]) -> None:
        if spot or uri in self._shown:
            self.editor.show(uri, spot)
        (self._shown.add if spot else self._shown.discard)(uri)

    def _tell_problem(self, error: KgError) -> None:
        """Say why nothing can be checked, at the top of every open file; once as a message."""
        for uri in self.uris.values():
            self._show(uri, [trouble(error)])
        if self.problem != str(error):
            self.editor.complain(str(error))
        self.problem = str(error)

    def _is_usable(self) -> None:
        self.problem = ""
