"""A canned question -> its rows: cached while their graph is current, else from persistent processes. Starts these.

The questions are the project's own, but their answers grow with the graph. A question that reaches a limit costs its
process and gives a clear error. Concurrent requests for the same question wait for the same rows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from sys import getsizeof
from threading import Lock
from time import monotonic

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.planning.rows import AnswerPage, Rows
from kg.questions.graph import Graph
from kg.questions.query import as_rows, bound_text, run_text
from kg.questions.question import Query
from kg.store.documents import StoppedError
from kg.store.isolation import Limits
from kg.store.persistent_worker import PersistentWorker
from kg.web.errors import BusyError
from kg.web.pool import Pool
from kg.web.slots import Slots
from kg.web.snapshot import Snapshot

QUESTIONS = Limits(seconds=60.0, memory=2 << 30, rows=250_000, size=128 << 20)
"""The limits of one canned question."""

AT_ONCE = max(4, os.cpu_count() or 1)
"""How many questions run at once: as many as the machine can, and enough that a few long ones leave room."""

BEFOREHAND = 8.0
"""Seconds for answering questions before a reader asks them. Those left over are answered when they are asked."""

_ALL_QUESTIONS = "all questions asked"
_CELL, _ROW = 8, 56
"""Bytes of memory of a cell and of a row, without the terms."""


class Canned:
    """A bounded number of processes that answer canned questions."""

    def __init__(self, limits: Limits, at_once: int, patience: float = 5.0) -> None:
        self._limits = limits
        self._at_once, self._patience = at_once, patience
        self._places = Slots(at_once, 4 * at_once, patience)
        self._making: dict[str, Future[AnswerPage]] = {}
        self._followers, self._most = 0, 4 * at_once
        self._lock = Lock()
        self._pool = Pool(PersistentWorker)

    def page(self, snapshot: Snapshot, query: Query, text: str, start: int, most: int) -> AnswerPage:
        """Return at least *most* rows from number *start* on, or all. *text* as in `rows`. Raises as that does."""
        key = f"{start} {most} {text}"
        rows = snapshot.rows.get(text)
        kept = snapshot.pages.get(key) if rows is None else AnswerPage.of_all(rows)
        if kept is not None:
            return kept
        return self._shared(f"{snapshot.version} {key}", lambda: self._kept_page(snapshot, query, text, (start, most)))

    def rows(self, snapshot: Snapshot, query: Query, text: str) -> Rows:
        """Return the rows of a question. *text* is its query with the arguments filled in.

        Raises:
            StoppedError: a limit stopped it.
            BusyError: too many other questions are being answered.
            EndpointError: the store failed.
        """
        kept = snapshot.rows.get(text)
        if kept is not None:
            return kept
        return self._within(snapshot, query, text, self._limits)

    def _within(self, snapshot: Snapshot, query: Query, text: str, limits: Limits) -> Rows:
        key = f"{snapshot.version} {limits.seconds} {text}"
        return self._shared(key, lambda: self._kept_rows(snapshot, query, text, limits)).rows

    def _kept_rows(self, snapshot: Snapshot, query: Query, text: str, limits: Limits) -> AnswerPage:
        with self._places.one():
            rows = self._rows_from_store(snapshot, query, text, limits)
        snapshot.rows.keep(text, rows, _size(rows))
        return AnswerPage.of_all(rows)

    def _kept_page(self, snapshot: Snapshot, query: Query, text: str, part: tuple[int, int]) -> AnswerPage:
        with self._places.one():
            page = self._page_from_store(snapshot, query, text, part)
        if page.is_all:
            snapshot.rows.keep(text, page.rows, _size(page.rows))
        else:
            snapshot.pages.keep(f"{part[0]} {part[1]} {text}", page, _size(page.rows))
        return page

    def _shared(self, key: str, make: Callable[[], AnswerPage]) -> AnswerPage:
        """Return what *make* returns, or share the result or error of a call for the same key that is under way."""
        with self._lock:
            making = self._making.get(key)
            if making is None:
                own = self._making[key] = Future[AnswerPage]()
            elif self._followers >= self._most:
                raise BusyError.now()
            else:
                self._followers += 1
        if making is not None:
            try:
                return making.result(self._limits.seconds + self._patience)
            except TimeoutError:
                raise BusyError.now() from None
            finally:
                with self._lock:
                    self._followers -= 1
        try:
            page = make()
        except BaseException as error:
            own.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._making[key]
        own.set_result(page)
        return page

    def start(self, snapshot: Snapshot) -> None:
        """Start the processes that are missing for a local graph, so that no question waits for a start."""
        if snapshot.store_path is not None:
            self._pool.fill(snapshot.store_path, self._at_once)

    def prepare(
        self, snapshot: Snapshot, queries: Sequence[Query], is_current: Callable[[], bool], seconds: float = BEFOREHAND
    ) -> None:
        """Answer questions that need no argument, in order, once for each local graph and while it *is_current*.

        It takes at most *seconds*. A question that takes longer than what is left is stopped.
        """
        if snapshot.store_path is None or is_prepared(snapshot):
            return
        end = monotonic() + seconds
        for query in queries:
            if is_current() and monotonic() < end:
                snapshot.remembered(_memo_key(query), partial(self._tried, snapshot, query, end))
        if is_current():
            snapshot.remembered(_ALL_QUESTIONS, lambda _: True)

    def _tried(self, snapshot: Snapshot, query: Query, end: float, graph: Graph) -> frozenset[Term] | None:
        """Ask a question without arguments. Return the things of the registry in its answer, None if it has no answer
        before *end*, a time of the monotonic clock.

        The error is shown to the client that asks the question.
        """
        limits = replace(self._limits, seconds=min(self._limits.seconds, max(end - monotonic(), 0.1)))
        with suppress(UsageError, StoppedError, BusyError):
            text = bound_text(graph, query, {})
            rows = snapshot.rows.get(text) or self._within(snapshot, query, text, limits)
            begins, cells = f"<{graph.base}", set(chain.from_iterable(rows.rows))
            return frozenset(term for term in cells if term and term.startswith(begins) and not graph.article_of(term))
        return None

    def answers_about(self, snapshot: Snapshot, query: Query, term: Term) -> bool:
        """Return whether the answer to a question without restrictions includes a thing; True if it is unknown.

        It is unknown of what articles report.
        """
        if snapshot.graph.article_of(term):
            return True
        things = snapshot.memo.made(_memo_key(query)) if is_prepared(snapshot) else None
        return not isinstance(things, frozenset) or term in things

    def close(self) -> None:
        """End all processes, including busy ones. A second call does nothing."""
        self._pool.close()

    def _rows_from_store(self, snapshot: Snapshot, query: Query, text: str, limits: Limits) -> Rows:
        if snapshot.store_path is None:  # the server that holds the graph has its own limits
            return run_text(snapshot.graph, query, text)
        with self._pool.one(snapshot.store_path) as worker:
            return as_rows(worker.ask(text, limits))

    def _page_from_store(self, snapshot: Snapshot, query: Query, text: str, part: tuple[int, int]) -> AnswerPage:
        if snapshot.store_path is None or query.form != "SELECT":
            return AnswerPage.of_all(self._rows_from_store(snapshot, query, text, self._limits))
        with self._pool.one(snapshot.store_path) as worker:
            return worker.ask_page(text, *part, self._limits)


def is_prepared(snapshot: Snapshot) -> bool:
    """Return whether the questions have been asked for which there was time, after which pages show more."""
    return snapshot.memo.made(_ALL_QUESTIONS) is not None


def _memo_key(query: Query) -> str:
    return f"asked {query.name}"


def _size(rows: Rows) -> int:
    """Return the approximate memory of rows in bytes. Equal terms are one object."""
    terms = {term for term in chain.from_iterable(rows.rows) if term}
    return len(rows.rows) * (_ROW + _CELL * len(rows.variables)) + sum(map(getsizeof, terms))
