"""An editor that speaks to `kg lsp`, for tests: pytest-lsp's client in a thread of its own."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from lsprotocol import types as lsp
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

T = TypeVar("T")
PATIENCE = 30.0


class TestEditor:
    """A client, the texts that it has open, and what it is shown."""

    __test__ = False

    def __init__(self, client: LanguageClient, loop: asyncio.AbstractEventLoop) -> None:
        self.client = client
        self._loop = loop
        self.texts: dict[Path, str] = {}
        self._versions: dict[Path, int] = {}

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(PATIENCE)

    def tell(self, call: Callable[[Any], None], params: object) -> None:
        async def done() -> None:
            call(params)

        self.run(done())

    # -------- files

    def open(self, file: Path, text: str | None = None) -> None:
        self.texts[file] = file.read_text(encoding="utf-8") if text is None else text
        self._versions[file] = 1
        item = lsp.TextDocumentItem(file.as_uri(), "yaml", 1, self.texts[file])
        self.tell(self.client.text_document_did_open, lsp.DidOpenTextDocumentParams(item))

    def write(self, file: Path, text: str) -> None:
        """Change the text in the editor, not on the disk."""
        self.texts[file] = text
        self._versions[file] += 1
        document = lsp.VersionedTextDocumentIdentifier(self._versions[file], file.as_uri())
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.tell(self.client.text_document_did_change, lsp.DidChangeTextDocumentParams(document, [change]))

    def replace(self, file: Path, old: str, new: str) -> None:
        assert self.texts[file].count(old) == 1, old
        self.write(file, self.texts[file].replace(old, new))

    def close(self, file: Path) -> None:
        del self.texts[file]
        self.tell(self.client.text_document_did_close, lsp.DidCloseTextDocumentParams(self.document(file)))

    def document(self, file: Path) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(file.as_uri())

    # -------- places

    def position(self, file: Path, words: str, into: int | None = None) -> lsp.Position:
        """Return the position behind *words*, which stand once in the file, or *into* them."""
        text = self.texts[file]
        assert text.count(words) == 1, (words, text.count(words))
        before = text[: text.index(words) + (len(words) if into is None else into)]
        last = before.rpartition("\n")[2]
        return lsp.Position(before.count("\n"), len(last.encode("utf-16-le")) // 2)

    def words(self, file: Path, range_: lsp.Range) -> str:
        """Return what stands in a range of one line."""
        text = self.texts.get(file) or file.read_text(encoding="utf-8")
        line = text.split("\n")[range_.start.line].encode("utf-16-le")
        assert range_.start.line == range_.end.line
        return line[2 * range_.start.character : 2 * range_.end.character].decode("utf-16-le")

    # -------- what the server says

    def diagnostics(self, file: Path) -> list[lsp.Diagnostic]:
        return list(self.client.diagnostics.get(file.as_uri(), ()))

    def codes(self, file: Path) -> list[str]:
        return [str(each.code) for each in self.diagnostics(file)]

    def wait(self, happened: Callable[[], bool], seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while not happened():
            assert time.monotonic() < end, "it did not happen"
            time.sleep(0.005)

    def completion(self, file: Path, position: lsp.Position) -> list[lsp.CompletionItem]:
        params = lsp.CompletionParams(self.document(file), position)
        found = self.run(self.client.text_document_completion_async(params))
        assert isinstance(found, lsp.CompletionList)
        return list(found.items)

    def hover(self, file: Path, position: lsp.Position) -> str:
        found = self.run(self.client.text_document_hover_async(lsp.HoverParams(self.document(file), position)))
        assert found is None or isinstance(found.contents, lsp.MarkupContent)
        return found.contents.value.replace("\\", "") if found else ""

    def definition(self, file: Path, position: lsp.Position) -> list[lsp.Location]:
        params = lsp.DefinitionParams(self.document(file), position)
        found = self.run(self.client.text_document_definition_async(params))
        assert isinstance(found, list)
        return found  # type: ignore[return-value]

    def references(self, file: Path, position: lsp.Position) -> list[lsp.Location]:
        params = lsp.ReferenceParams(lsp.ReferenceContext(True), self.document(file), position)
        return list(self.run(self.client.text_document_references_async(params)) or ())

    def rename(self, file: Path, position: lsp.Position, name: str) -> lsp.WorkspaceEdit:
        params = lsp.RenameParams(self.document(file), position, name)
        found = self.run(self.client.text_document_rename_async(params))
        assert found
        return found

    def actions(self, file: Path, range_: lsp.Range, only: list[str] | None = None) -> list[lsp.CodeAction]:
        context = lsp.CodeActionContext([], only=only)  # type: ignore[arg-type]
        params = lsp.CodeActionParams(self.document(file), range_, context)
        found = self.run(self.client.text_document_code_action_async(params)) or ()
        return [each for each in found if isinstance(each, lsp.CodeAction)]

    def edited(self, edit: lsp.WorkspaceEdit) -> dict[str, str]:
        """Return uri -> text of the files with the edits done."""
        done = {}
        for uri, edits in (edit.changes or {}).items():
            file = next((each for each in self.texts if each.as_uri() == uri), None) or _file(uri)
            lines = (self.texts.get(file) or file.read_text(encoding="utf-8")).split("\n")
            for each in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
                assert each.range.start.line == each.range.end.line
                line = lines[each.range.start.line].encode("utf-16-le")
                start, end = 2 * each.range.start.character, 2 * each.range.end.character
                new = line[:start] + each.new_text.encode("utf-16-le") + line[end:]
                lines[each.range.start.line] = new.decode("utf-16-le")
            done[file.name] = "\n".join(lines)
        return done


def _file(uri: str) -> Path:
    from urllib.parse import unquote

    return Path(unquote(uri.removeprefix("file://")))


@contextmanager
def editor(*folders: Path) -> Iterator[TestEditor]:
    """Start `kg lsp` and an editor that has *folders* open; both end."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    client = make_test_lsp_client()
    made = TestEditor(client, loop)
    try:
        made.run(_started(client, folders))
        try:
            yield made
        finally:
            made.run(client.shutdown_session())
    finally:
        made.run(client.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _started(client: LanguageClient, folders: tuple[Path, ...]) -> None:
    await client.start_io(sys.executable, "-m", "kg", "lsp")
    opened = [lsp.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders]
    capabilities = client_capabilities("visual-studio-code")
    await client.initialize_session(lsp.InitializeParams(capabilities=capabilities, workspace_folders=opened))
