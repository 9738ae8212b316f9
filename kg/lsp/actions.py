"""Findings with an automatic correction -> code actions that apply one, or all in the file. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from lsprotocol import types as lsp

from kg.core.errors import Finding, InputError
from kg.lsp.opened import mended_text
from kg.lsp.positions import LspText
from kg.mapping.corrections import settled

FIX_ALL = lsp.CodeActionKind.SourceFixAll
KINDS: list[lsp.CodeActionKind | str] = [lsp.CodeActionKind.QuickFix, FIX_ALL]


def mendable(findings: Sequence[Finding], text: LspText, params: lsp.CodeActionParams) -> Sequence[Finding]:
    """Return the findings that actions in the requested range may correct: those in it, or all of the file."""
    known = [finding for finding in findings if finding.instead]
    if _is_requested(params, FIX_ALL):
        return known
    return [finding for finding in known if _touch(text.range_of(finding.place), params.range)]


def actions(findings: Sequence[Finding], text: LspText, params: lsp.CodeActionParams) -> Iterator[lsp.CodeAction]:
    """Yield actions that correct the *findings* in the requested range, then one that corrects all of them."""
    if _is_requested(params, lsp.CodeActionKind.QuickFix):
        here = [finding for finding in findings if _touch(text.range_of(finding.place), params.range)]
        yield from _quick_fixes(here, text, params)
    if _is_requested(params, FIX_ALL) and findings and (edit := _edit(findings, text, params.text_document.uri)):
        yield lsp.CodeAction("Correct everything in this file that has one remedy", FIX_ALL, edit=edit)


def _quick_fixes(findings: Sequence[Finding], text: LspText, params: lsp.CodeActionParams) -> Iterator[lsp.CodeAction]:
    for finding in findings:
        if edit := _edit([finding], text, params.text_document.uri):
            title = f"Write '{finding.instead}' ({finding.code})"
            known = [each for each in params.context.diagnostics if _is_of(each, finding, text)]
            yield lsp.CodeAction(title, lsp.CodeActionKind.QuickFix, known, is_preferred=True, edit=edit)


def choices(findings: Sequence[Finding], text: LspText, params: lsp.CodeActionParams) -> Iterator[lsp.CodeAction]:
    """Yield an action for each meaning that words in the requested range may have, to be chosen by a person."""
    if not _is_requested(params, lsp.CodeActionKind.QuickFix):
        return
    for finding in findings:
        if _touch(text.range_of(finding.place), params.range):
            known = [each for each in params.context.diagnostics if _is_of(each, finding, text)]
            for key, value in finding.choices:
                with suppress(InputError):  # no YAML; its findings are there
                    after = settled(text.text, (finding.place.line, finding.place.column), key, value)
                    edit = lsp.WorkspaceEdit(changes={params.text_document.uri: text.edits_to(after)})
                    title = f"Write {key}: {value} ({finding.code})"
                    yield lsp.CodeAction(title, lsp.CodeActionKind.QuickFix, known, edit=edit)


def _edit(findings: Sequence[Finding], text: LspText, uri: str) -> lsp.WorkspaceEdit | None:
    """Return the edit that applies the corrections of findings, None if that is not possible."""
    after = mended_text(text.text, findings)
    edits = text.edits_to(after) if after is not None else []
    return lsp.WorkspaceEdit(changes={uri: edits}) if edits else None


def _is_requested(params: lsp.CodeActionParams, kind: lsp.CodeActionKind) -> bool:
    """Return whether the editor requests actions of this kind."""
    only = [_value(each) for each in params.context.only or ()]
    return not only or any(kind.value == each or kind.value.startswith(f"{each}.") for each in only)


def _value(kind: lsp.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, lsp.CodeActionKind) else kind


def _is_of(diagnostic: lsp.Diagnostic, finding: Finding, text: LspText) -> bool:
    return diagnostic.code == finding.code and diagnostic.range == text.range_of(finding.place)


def _touch(one: lsp.Range, other: lsp.Range) -> bool:
    return _point(one.start) <= _point(other.end) and _point(other.start) <= _point(one.end)


def _point(position: lsp.Position) -> tuple[int, int]:
    return position.line, position.character
