"""An editor's messages -> answers. Speaks the protocol on standard input and output; knows the open projects."""

from __future__ import annotations

import asyncio
import traceback
from importlib.metadata import version
from pathlib import Path

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from kg.core.errors import KgError
from kg.lsp.checking import Checking, OneAtATime
from kg.lsp.diagnostics import CodePages, trouble
from kg.lsp.opened import OpenedProject
from kg.lsp.positions import LspText, path_of
from kg.pipeline.live import LiveProject
from kg.project.settings import SETTINGS_FILE, load_project


class CommuniqueServer(LanguageServer):
    """The server of one editor.

    Attributes:
        checking: root of a project -> its checking.
    """

    def __init__(self, pages: Path) -> None:
        super().__init__("kg", version("communique-kg"), text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.checking: dict[Path, Checking] = {}
        self.texts: dict[str, str] = {}
        self.worker = OneAtATime()
        self._pages = CodePages(pages)
        self._tasks: set[asyncio.Task[None]] = set()
        self._unusable: dict[str, str] = {}  # uri of a file whose project cannot be opened -> why

    # -------- messages to the editor

    @property
    def encoding(self) -> str:
        """How positions count characters."""
        return str(self.workspace.position_encoding or lsp.PositionEncodingKind.Utf16.value)

    def show(self, uri: str, diagnostics: list[lsp.Diagnostic]) -> None:
        """Show the diagnostics of a file, replacing the previous ones."""
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, diagnostics))

    def complain(self, message: str) -> None:
        """Show an error message to the user."""
        self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, f"kg: {message}"))

    def report_bug(self, error: Exception) -> None:
        """Show that the server failed."""
        self.complain(f"a bug in kg: {type(error).__name__}: {error}")
        trace = "".join(traceback.format_exception(error))
        self.window_log_message(lsp.LogMessageParams(lsp.MessageType.Error, trace))

    # -------- the project of a file

    def of(self, uri: str) -> tuple[Checking, str] | None:
        """Return the checking of a file's project, and the path of the file in it. None for a file in no project.

        Raises:
            KgError: the project's settings cannot be used.
        """
        file = path_of(uri)
        root = next((folder for folder in file.parents if (folder / SETTINGS_FILE).is_file()), None) if file else None
        if file is None or root is None:
            return None
        root = root.resolve()
        if root not in self.checking:
            opened = OpenedProject(LiveProject(load_project(root)))
            self.checking[root] = Checking(opened, self, self.worker, self._pages)
            task = asyncio.get_running_loop().create_task(self.checking[root].keep_checking())
            self._tasks.add(task)  # otherwise it might be garbage-collected
        checking = self.checking[root]
        return checking, checking.opened.path(file)

    def text_changed(self, uri: str, text: str) -> None:
        """Receive the current text of a file from the editor."""
        self.texts[uri] = text
        try:
            checked = self.of(uri)
        except KgError as error:
            self._show_unusable(uri, error)
            return
        if self._unusable.pop(uri, ""):
            self.show(uri, [])
        if checked is None:
            return
        checking, path = checked
        checking.uris[path] = uri
        if checking.opened.is_source(path):
            checking.opened.texts[path] = text
        checking.changed(path)

    def _show_unusable(self, uri: str, error: KgError) -> None:
        self.show(uri, [trouble(error)])
        if self._unusable.get(uri) != str(error):
            self.complain(str(error))
        self._unusable[uri] = str(error)

    def retry(self) -> None:
        """Try again to open the projects that could not be opened."""
        for uri in list(self._unusable):
            if uri in self.texts:
                self.text_changed(uri, self.texts[uri])

    def text_closed(self, uri: str) -> None:
        """Forget the text of a file, so that its content on disk applies."""
        self.texts.pop(uri, None)
        if self._unusable.pop(uri, ""):
            self.show(uri, [])
        for checking in self.checking.values():
            for path in [path for path, each in checking.uris.items() if each == uri]:
                checking.closed(path)

    def lsp_text(self, uri: str) -> LspText:
        """Return the text of an open file, with its positions."""
        return LspText(self.texts.get(uri, ""), self.encoding)


def follow_texts(server: CommuniqueServer) -> None:
    """Register handlers by which a server receives the texts of open files."""

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: lsp.DidOpenTextDocumentParams) -> None:
        server.text_changed(params.text_document.uri, params.text_document.text)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: lsp.DidChangeTextDocumentParams) -> None:
        if params.content_changes:
            server.text_changed(params.text_document.uri, params.content_changes[-1].text)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: lsp.DidSaveTextDocumentParams) -> None:  # noqa: ARG001 - all projects may have changed
        _check_again(server)

    @server.feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_files(params: lsp.DidChangeWatchedFilesParams) -> None:  # noqa: ARG001 - as above
        _check_again(server)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: lsp.DidCloseTextDocumentParams) -> None:
        server.text_closed(params.text_document.uri)


def _check_again(server: CommuniqueServer) -> None:
    server.retry()
    for checking in server.checking.values():
        checking.changed()
