"""Requests of an editor about a place in a file -> the answers of the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from kg.core.errors import KgError, Place
from kg.curation.revision import Revision
from kg.lsp.actions import KINDS, actions, choices, mendable
from kg.lsp.at import At
from kg.lsp.checking import Checking
from kg.lsp.completion import completions
from kg.lsp.hover import hover
from kg.lsp.navigation import definition, references, renameable, renamed
from kg.lsp.opened import KnownNames
from kg.lsp.positions import LspText
from kg.lsp.server import CommuniqueServer

TRIGGERS = (":", " ", "[", "{", ",", "/", "-")


class RequestFailedError(JsonRpcException):
    """A request that cannot be fulfilled, with the reason for the user."""

    CODE = lsp.LSPErrorCodes.RequestFailed.value
    MESSAGE = "the request failed"


@dataclass(frozen=True, slots=True)
class _OpenFile:
    """A mapping that is open in the editor."""

    checking: Checking
    path: str
    text: LspText

    @property
    def is_article(self) -> bool:
        return self.checking.opened.is_article(self.path)

    def at(self, names: KnownNames, position: lsp.Position) -> At:
        """Return a place in the file."""
        before = LspText(self.text.text[: self.text.offset(position)], "utf-32")
        end = before.position(len(before.text))
        mark = 1 if not end.line and before.text.startswith("\ufeff") else 0
        column = end.character - mark + 1
        return At(names, self.path, self.text.text, end.line + 1, column, self.is_article)


class Features:
    """Answers the requests of one editor."""

    def __init__(self, server: CommuniqueServer) -> None:
        self._server = server

    def _opened(self, uri: str) -> _OpenFile | None:
        """Return an open mapping of a project, None for any other file."""
        try:
            checked = self._server.of(uri)
        except KgError:  # reported by its diagnostics
            return None
        if checked is None or uri not in self._server.texts or not checked[0].opened.is_mapping(checked[1]):
            return None
        return _OpenFile(*checked, self._server.lsp_text(uri))

    async def _names(self, file: _OpenFile, *, fresh: bool) -> KnownNames | None:
        """Return the known names, updated if *fresh* is set, None if nothing is known."""
        opened = file.checking.opened
        if opened.names is None or fresh:
            with suppress(KgError):  # reported by its diagnostics; the previous names are still useful
                await self._server.worker.run(opened.refreshed, dict(opened.texts))
        return opened.names

    async def completion(self, params: lsp.CompletionParams) -> lsp.CompletionList:
        """Return what may be written at the cursor."""
        file = self._opened(params.text_document.uri)
        names = await self._names(file, fresh=False) if file else None
        if file is None or names is None:
            return lsp.CompletionList(is_incomplete=False, items=[])
        offset = file.text.offset(params.position)
        items = completions(names, file.path, file.text, offset, article=file.is_article)
        return lsp.CompletionList(is_incomplete=True, items=items)

    async def hover(self, params: lsp.HoverParams) -> lsp.Hover | None:
        """Return a description of the term or thing at the cursor."""
        file = self._opened(params.text_document.uri)
        names = await self._names(file, fresh=False) if file else None
        if file is None or names is None:
            return None
        description = await self._server.worker.run(hover, file.at(names, params.position))
        if description is None:
            return None
        text, place = description
        return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text), file.text.range_of(place))

    async def definition(self, params: lsp.DefinitionParams) -> list[lsp.Location]:
        """Return where the term or thing at the cursor is defined."""
        file = self._opened(params.text_document.uri)
        names = await self._names(file, fresh=True) if file else None
        if file is None or names is None:
            return []
        at = file.at(names, params.position)
        return list(self._locations(file, await self._server.worker.run(lambda: list(definition(at)))))

    async def references(self, params: lsp.ReferenceParams) -> list[lsp.Location]:
        """Return all references to the thing at the cursor."""
        file = self._opened(params.text_document.uri)
        names = await self._names(file, fresh=True) if file else None
        if file is None or names is None:
            return []
        at, declared = file.at(names, params.position), params.context.include_declaration
        places = await self._server.worker.run(lambda: list(references(at, with_definition=declared)))
        return list(self._locations(file, places))

    def _locations(self, file: _OpenFile, places: list[Place]) -> Iterator[lsp.Location]:
        texts: dict[str, LspText] = {}
        for place in places:
            if place.path not in texts:
                texts[place.path] = LspText(file.checking.text(place.path), self._server.encoding)
            yield lsp.Location(file.checking.uri(place.path), texts[place.path].range_of(place))

    # -------- changes

    async def prepare_rename(self, params: lsp.PrepareRenameParams) -> lsp.Range | None:
        """Return the range of the id at the cursor, None if nothing there can be renamed."""
        file = self._opened(params.text_document.uri)
        names = await self._names(file, fresh=True) if file else None
        place = renameable(file.at(names, params.position)) if file and names else None
        return file.text.range_of(place) if file and place else None

    async def rename(self, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
        """Return the edits that give the thing at the cursor another id, in all files."""
        file = self._opened(params.text_document.uri)
        names = await self._names(file, fresh=True) if file else None
        if file is None or names is None:
            return None
        at = file.at(names, params.position)
        try:
            revision = await self._server.worker.run(renamed, at, params.new_name)
        except KgError as error:
            raise RequestFailedError(f"{error.message}; {error.fix}" if error.fix else error.message) from error
        return self._edit(file.checking, revision)

    def _edit(self, checking: Checking, revision: Revision) -> lsp.WorkspaceEdit:
        changes = {
            checking.uri(path): LspText(revision.before[path], self._server.encoding).edits_to(text)
            for path, text in revision.after.items()
        }
        return lsp.WorkspaceEdit(changes=changes)

    async def code_action(self, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        """Return the unambiguous corrections in a range, as `kg check --fix` would apply them, one for the file, and
        the meanings to choose from where words leave them open.
        """
        file = self._opened(params.text_document.uri)
        opened = file.checking.opened if file else None
        if file is None or opened is None:
            return []
        findings = opened.findings(file.path)
        known = mendable(findings, file.text, params)
        texts = {**opened.texts, file.path: file.text.text}
        try:
            safe = await self._server.worker.run(opened.without_harm, file.path, known, texts) if known else []
        except KgError:  # its diagnostics say so
            return []
        return [*actions(safe, file.text, params), *choices(findings, file.text, params)]


def add_features(server: CommuniqueServer) -> None:
    """Register the handlers of all requests with *server*."""
    answers = Features(server)
    trigger = lsp.CompletionOptions(trigger_characters=list(TRIGGERS))
    server.feature(lsp.TEXT_DOCUMENT_COMPLETION, trigger)(partial(answers.completion))
    server.feature(lsp.TEXT_DOCUMENT_HOVER)(partial(answers.hover))
    server.feature(lsp.TEXT_DOCUMENT_DEFINITION)(partial(answers.definition))
    server.feature(lsp.TEXT_DOCUMENT_REFERENCES)(partial(answers.references))
    server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)(partial(answers.prepare_rename))
    server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))(partial(answers.rename))
    server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=KINDS))(
        partial(answers.code_action)
    )
