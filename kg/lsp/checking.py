"""Open projects -> diagnostics, updated as files change in the editor and on disk. Waits, and sends messages.

A file is checked as soon as the user stops typing for a moment, and everything after a longer pause. A single worker
thread runs slow calls one after another. Results for a text that has changed in the meantime are discarded.
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
"""Seconds without a change after which the changed file is checked."""

LONG_PAUSE = 0.4
"""Seconds without a change after which everything is checked."""

POLL_INTERVAL = 1.0
"""Seconds between polls of the files on disk."""

P = ParamSpec("P")
T = TypeVar("T")


class Editor(Protocol):
    """The messages that can be sent to an editor."""

    @property
    def encoding(self) -> str:
        """How positions count characters."""

    def show(self, uri: str, diagnostics: list[Diagnostic]) -> None:
        """Show the diagnostics of a file, replacing the previous ones."""

    def complain(self, message: str) -> None:
        """Show an error message to the user."""

    def report_bug(self, error: Exception) -> None:
        """Show that the server failed."""


class OneAtATime:
    """Runs slow calls one after another in a thread, while the server keeps answering."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "kg-lsp")

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what *call* returns, or raise what it raises."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: call(*args, **kwargs))


@dataclass
class Checking:
    """Checks one open project repeatedly.

    Attributes:
        opened: the project.
        uris: path -> the editor's URI of an open file.
        waiting: paths of files that were changed in the editor and have not been checked yet.
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
        """Record that a file was changed in the editor, or that files on disk may have changed."""
        if path:
            self.waiting[path] = None
        self._event.set()

    def closed(self, path: str) -> None:
        """Record that a file is no longer open, so that its content on disk applies."""
        self.opened.texts.pop(path, None)
        self.opened.own.pop(path, None)
        self.waiting.pop(path, None)
        if (uri := self.uris.pop(path, "")) in self._shown:
            self._show(uri, [])
        self._event.set()

    async def keep_checking(self) -> None:
        """Check after every change. Never returns."""
        while True:
            is_notified = await self._is_notified(POLL_INTERVAL)
            try:
                if is_notified or await self._has_changed():
                    await self._check()
            except KgError as error:
                self._show_problem(error)
            except Exception as error:  # checking goes on with the next change
                self.editor.report_bug(error)

    async def _is_notified(self, seconds: float) -> bool:
        """Wait for a change in the editor, and return whether there was one."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _has_changed(self) -> bool:
        look = await self.worker.run(self.opened.live.look)
        return bool(look.changed)

    async def _check(self) -> None:
        """Check the waiting files, then everything, unless there is another change first."""
        self._event.clear()
        while await self._is_notified(PAUSE):
            self._event.clear()
        await self.worker.run(self.opened.live.look)
        for path in list(self.waiting):
            await self._check_one(path)
        if self.opened.names is None:
            await self.worker.run(self.opened.refreshed, dict(self.opened.texts))
        if not await self._is_notified(LONG_PAUSE):
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
        shown = await self.worker.run(diagnostics, findings, text, self.pages, lambda: self.opened.project)
        self._show(self.uri(path), shown)

    def uri(self, path: str) -> str:
        """Return the editor's URI of a file."""
        return self.uris.get(path) or self.opened.file(path).as_uri()

    def text(self, path: str) -> str:
        """Return the text of a file in the editor, or else on disk, "" if it cannot be read."""
        if path in self.opened.texts:
            return self.opened.texts[path]
        try:
            return self.opened.file(path).read_bytes().decode("utf-8-sig", errors="replace")
        except OSError:
            return ""

    def _show(self, uri: str, shown: list[Diagnostic]) -> None:
        if shown or uri in self._shown:
            self.editor.show(uri, shown)
        (self._shown.add if shown else self._shown.discard)(uri)

    def _show_problem(self, error: KgError) -> None:
        """Report why nothing can be checked: at the top of every open file, and once as a message."""
        for uri in self.uris.values():
            self._show(uri, [trouble(error)])
        if self.problem != str(error):
            self.editor.complain(str(error))
        self.problem = str(error)

    def _is_usable(self) -> None:
        self.problem = ""
