"""What the bench keeps beside the project: drafts, steps to undo, decisions, its token. Reads and writes build/curate/.

It is not a source of truth: if the folder is removed, unsaved work and the undo history are lost.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from kg.core.errors import EndpointError, InputError
from kg.curate.edit import Edit
from kg.project.bench_files import DRAFT, FOLDER, HISTORY, REVIEW, bench_file
from kg.project.intact import put, remove
from kg.store.locks import Hold, sole_lock

MOST_STEPS = 200
"""Steps that can be undone. Each keeps the mapping before and after it."""

LOCK, TOKEN = "lock", "token"
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was saved.

    Attributes:
        edit: what was decided.
        before: the mapping before it.
        after: the mapping after it.
    """

    edit: Edit
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class History:
    """The steps of one article, and how many of them are done and not undone."""

    steps: tuple[Step, ...] = ()
    done: int = 0

    def with_step(self, step: Step) -> History:
        """Return the history after a new step. What was undone can no longer be done again."""
        steps = (*self.steps[: self.done], step)[-MOST_STEPS:]
        return History(steps, len(steps))

    def moved(self, by: int) -> History:
        """Return the history with a step fewer done, or more."""
        return replace(self, done=self.done + by)

    @property
    def last(self) -> Step | None:
        """The step that undo takes back."""
        return self.steps[self.done - 1] if self.done else None

    @property
    def next(self) -> Step | None:
        """The step that redo takes again."""
        return self.steps[self.done] if self.done < len(self.steps) else None


@dataclass(frozen=True, slots=True)
class Decisions:
    """What was decided on an article.

    Attributes:
        refused: digests of proposals that are not to be shown again.
        verdicts: id of a change under review -> verdict and reason.
    """

    refused: tuple[str, ...] = ()
    verdicts: Mapping[str, Sequence[str]] = field(default_factory=dict)


class BenchFolder:
    """The folder of one project's bench."""

    def __init__(self, build: Path) -> None:
        self._build = build

    @property
    def folder(self) -> Path:
        """Where everything is."""
        return self._build / FOLDER

    def lock(self) -> Hold:
        """Return the lock that makes this process the one writer.

        Raises:
            EndpointError: another bench has it, or the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _PRIVATE)
        except OSError as error:
            raise EndpointError(f"cannot write in {self.folder}: {error.strerror}", "check its permissions") from error
        return sole_lock(descriptor, "another bench of this project is open", "use it, or end it first")

    def token(self) -> str:
        """Return the secret in the address. It stays, so that a page goes on after the server was started again."""
        file = self.folder / TOKEN
        with suppress(OSError, UnicodeDecodeError):
            if len(known := file.read_text(encoding="ascii").strip()) >= 32 and not file.stat().st_mode & 0o077:
                return known
        made = secrets.token_urlsafe(32)
        self._write(file, made.encode())
        file.chmod(_PRIVATE)
        return made

    # -------- of one article

    def draft(self, article: str) -> object:
        """Return the draft that a page kept, None if there is none."""
        return _read(bench_file(self._build, article, DRAFT))

    def keep_draft(self, article: str, draft: object) -> None:
        """Keep a draft, in place of the one before; None lets go of it."""
        file = bench_file(self._build, article, DRAFT)
        if draft is None:
            remove(file)
        else:
            self._write(file, _json(draft))

    def history(self, article: str) -> History:
        """Return the steps that can be undone and done again; none if they cannot be read."""
        kept = _read(bench_file(self._build, article, HISTORY))
        with suppress(AssertionError, KeyError, TypeError, ValueError):
            assert isinstance(kept, dict)
            steps = tuple(Step(Edit(**each["edit"]), each["before"], each["after"]) for each in kept["steps"])
            return History(steps, max(0, min(int(kept["done"]), len(steps))))
        return History()

    def keep_history(self, article: str, history: History) -> None:
        """Keep the steps of an article."""
        self._write(bench_file(self._build, article, HISTORY), _json(asdict(history)))

    def decisions(self, article: str) -> Decisions:
        """Return what was decided; nothing if it cannot be read."""
        kept = _read(bench_file(self._build, article, REVIEW))
        with suppress(AssertionError, KeyError, TypeError):
            assert isinstance(kept, dict)
            return Decisions(tuple(kept["refused"]), dict(kept["verdicts"]))
        return Decisions()

    def keep_decisions(self, article: str, decisions: Decisions) -> None:
        """Keep what was decided."""
        self._write(bench_file(self._build, article, REVIEW), _json(asdict(decisions)))

    def _write(self, file: Path, content: bytes) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            put(file, content)
        except OSError as error:
            raise InputError(f"cannot write {file}: {error.strerror}", "check the folder's permissions") from error


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
