"""Canned questions -> answers, from a worker process that is kept for the next question. One process per object.

Canned questions are trusted, but the graph may be larger than their authors expected. Limits stop a question without
affecting others, and answers are never cut.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from time import monotonic

from kg.core.errors import EndpointError
from kg.core.model import Term
from kg.planning.rows import AnswerPage, Rows
from kg.store.documents import StoppedError
from kg.store.isolation import Limits, Worker, crash, readable, reported_error, too_slow
from kg.store.protocol import Triple

_READ = 1 << 16


class PersistentWorker(Worker):
    """A process that opens a store and answers one query after another.

    Attributes:
        fit: whether it can take another query. It cannot after a limit stopped it, or if it uses too much memory.
    """

    def __init__(self, store: Path) -> None:
        super().__init__(store, stays=True)
        self.fit = True
        self._rest = b""

    def ask(self, query: str, limits: Limits) -> Rows | bool | tuple[Triple, ...]:
        """Return the complete answer to a query of any form.

        Raises:
            UsageError: it does not parse.
            StoppedError: a limit stopped it, or the engine crashed.
        """
        return self._replied({"query": query}, limits)[0]

    def ask_page(self, query: str, start: int, most: int, limits: Limits) -> AnswerPage:
        """Return at least *most* rows of a SELECT from number *start* on, or all. Raises as `ask`."""
        rows, place = self._replied({"query": query, "part": (start, most)}, limits)
        if not isinstance(rows, Rows):
            raise EndpointError("the worker did not answer")
        match place:
            case {"start": int(first), "total": int(total)}:
                return AnswerPage(rows, first, total)
        return AnswerPage.of_all(rows)

    def _replied(
        self, task: Mapping[str, object], limits: Limits
    ) -> tuple[Rows | bool | tuple[Triple, ...], Mapping[str, object]]:
        """Return the answer to a task, and which part it is if it is not the whole."""
        self.fit, end = False, monotonic() + limits.seconds
        self._send({**task, **asdict(limits)})
        head: Mapping[str, object] = {}
        place: Mapping[str, object] = {}
        rows: list[tuple[Term | None, ...]] = []
        same: dict[Term | None, Term | None] = {}  # most terms of an answer occur in many rows
        while "done" not in (line := self._line(end, limits)):
            match line:
                case {"rows": list(portion)}:
                    rows += [tuple(same.setdefault(term, term) for term in row) for row in portion]
                case {"ready": True}:
                    pass
                case {"start": _}:
                    place = line
                case _:
                    head = line
        self.fit = line.get("fit") is True
        return _answer(head, rows), place

    def _line(self, end: float, limits: Limits) -> Mapping[str, object]:
        """Return the next line from the worker."""
        output = self._process.stdout
        while output and b"\n" not in self._rest:
            if not readable(output, end - monotonic()):
                self.kill()
                raise too_slow(limits)
            some = os.read(output.fileno(), _READ)
            if not some:
                raise self._gone(limits)
            self._rest += some
        line, _, self._rest = self._rest.partition(b"\n")
        message: Mapping[str, object] = json.loads(line)
        return message

    def _gone(self, limits: Limits) -> StoppedError:
        status = self._process.wait()
        errors = self._process.stderr
        return crash(status, errors.read().decode(errors="replace") if errors else "", limits)


def _answer(head: Mapping[str, object], rows: list[tuple[Term | None, ...]]) -> Rows | bool | tuple[Triple, ...]:
    error = reported_error(head)
    if error:
        raise error
    match head:
        case {"truth": bool(truth)}:
            return truth
        case {"variables": list(variables)}:
            return Rows(tuple(variables), tuple(rows))
        case {"triples": True}:
            return tuple(Triple(s or "", p or "", o or "") for s, p, o in rows)
    raise EndpointError("the worker did not answer")
