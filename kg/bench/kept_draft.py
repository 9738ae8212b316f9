"""A model's draft <-> a file in the build folder, until a person applies its proposals. Reads and writes the file.

It is in the build folder because git ignores it, `kg purge` takes articles out of it, and nothing below it is a source.
What is read again is judged again, so that a file changed by hand gains nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from kg.bench.chat import is_model_name
from kg.bench.proposal import ENTITY, FACT, ArticleDraft, Proposal
from kg.bench.shown_draft import draft_json
from kg.core.errors import InputError
from kg.core.model import Span
from kg.mapping.yaml_nodes import Data
from kg.project.files import read_text, write_whole
from kg.project.layout import draft_file
from kg.project.settings import Project


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft by a model, as it was when it was made: by which model, at which host, on which day (ISO 8601)."""

    draft: ArticleDraft
    model: str
    host: str
    made: str


def keep(kept: KeptDraft, project: Project) -> Path:
    """Write a draft in place of an earlier one of its article, and return its file.

    Raises:
        InputError: it cannot be written.
    """
    file = draft_file(project, kept.draft.article)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make {file.parent}: {error.strerror}", "check its permissions") from error
    head = {"model": kept.model, "host": kept.host, "made": kept.made}
    content = json.dumps({**head, **json.loads(draft_json(kept.draft))}, ensure_ascii=False, indent=2)
    write_whole(file, content + "\n")
    return file


def kept_draft(project: Project, article: str) -> KeptDraft | None:
    """Return the draft of an article, None if there is none.

    Raises:
        InputError: its file cannot be read, or is damaged.
    """
    file = draft_file(project, article)
    if not file.exists():
        return None
    shown = project.shown(file)
    text = read_text(file, shown)
    try:
        content = json.loads(text)
        proposals = tuple(_proposal(each, content["model"]) for each in content["proposals"])
        draft = ArticleDraft(article, proposals)
        kept = KeptDraft(draft, *(_text(content[name]) for name in ("model", "host", "made")))
        if not is_model_name(kept.model):
            raise ValueError(kept.model)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{shown} is damaged", "remove it, and run 'kg draft --model' again") from error
    return kept


def _proposal(content: object, model: str) -> Proposal:
    """Return a proposal of a kept draft; raises ValueError, KeyError or TypeError for anything else."""
    if not isinstance(content, dict) or content["kind"] not in (ENTITY, FACT):
        raise ValueError("no proposal")
    tree = {_text(key): _data(value) for key, value in dict(content["tree"]).items()}
    span = Span(int(content["start"]), int(content["end"]))
    identifier, kind, quote, reason = (_text(content[name]) for name in ("id", "kind", "quote", "reason"))
    needs = tuple(map(_text, content["needs"]))
    return Proposal(identifier, kind, tree, quote, span, float(content["score"]), reason, model, needs)


def _data(value: object) -> Data:
    match value:
        case str():
            return value
        case dict():
            return {_text(key): _data(each) for key, each in value.items()}
        case list():
            return [_data(each) for each in value]
    raise ValueError("no text, table or list")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")
    return value
