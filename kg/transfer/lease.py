"""The lease of a load: an entry in the ledger that expires, so that two loads never run at the same time.

SPARQL has no compare-and-swap. A lease is taken by an update that adds it only if there is none. After a pause it is
read back, and if several were added at the same time, the one with the smallest name is valid. How safe that is:

- Jena TDB2 has one writer at a time, so two are never added.
- Virtuoso 7 locks what it reads. None of our races added two, but the order of updates is not fixed: hence the pause.
- Oxigraph may add two if requests overlap (one race in ten). After the pause, both loaders see which one is valid.
- Other stores are safe if an update takes less than the pause. If it does not, both loads go on until the next renewal,
  when the one with the greater name notices the other and stops. Graphs that they have mixed are detected when they are
  read back, or by the next load.

Times are those of the store's clock, so that the clocks of loaders do not matter. A lease that ends later than any
loader would set it (because a clock was turned back) counts as expired. A loader that was killed, or cannot reach the
store, loses its lease within `SECONDS`. A loader that was suspended for longer notices that at its next step.
https://schema.org/expires ; https://www.w3.org/TR/sparql11-update/
"""

from __future__ import annotations

import getpass
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from kg.core.errors import Failure, RemoteError
from kg.core.model import Term
from kg.core.terms import RDFS, SCHEMA
from kg.core.values import lexical, string_literal
from kg.store.answers import unreadable
from kg.store.remote import RemoteStore
from kg.transfer.ledger import ledger_graph

SECONDS = 60.0
"""How long a lease lasts after its last renewal."""

PAUSE = 0.25
"""Seconds between taking a lease and reading it back, and between polls for the end of another load."""

_EXPIRES, _LABEL = f"<{SCHEMA}expires>", f"<{RDFS}label>"


@dataclass(frozen=True, slots=True)
class Lease:
    """The lease of a load, which may have expired.

    Attributes:
        name: its IRI.
        holder: who is loading, for people.
        until: when it expires, as the literal in the ledger.
        left: the seconds left by the store's clock.
    """

    name: Term
    holder: str
    until: Term
    left: float

    @property
    def live(self) -> bool:
        """Whether it has not expired."""
        return 0 < self.left <= SECONDS + 1


def leases(store: RemoteStore, base: str) -> tuple[Lease, ...]:
    """Return the leases in a ledger, the valid one first. Raises the same errors as `RemoteStore.select`."""
    where = f"GRAPH {ledger_graph(base)} {{ ?name {_EXPIRES} ?until OPTIONAL {{ ?name {_LABEL} ?holder }} }}"
    rows = store.select(f"SELECT ?name ?until ?holder (NOW() AS ?now) WHERE {{ {where} }}").rows
    recorded = [
        Lease(str(name), lexical(holder) if holder else "an unknown user", str(until), _left(str(until), str(now)))
        for name, until, holder, now in rows
    ]
    return tuple(sorted(recorded, key=lambda lease: (not lease.live, lease.name)))


def _left(until: Term, now: Term) -> float:
    """Return the seconds between two times of the store, negative if one of them is invalid."""
    try:
        return (_moment(until) - _moment(now)).total_seconds()
    except (ValueError, OverflowError):
        return -1.0


def _moment(term: Term) -> datetime:
    """Return a time of the store's clock, in UTC if it has a zone. Virtuoso's have none.

    >>> _moment('"2031-05-02T12:30:00.123456789+08:00"^^<http://www.w3.org/2001/XMLSchema#dateTime>')
    datetime.datetime(2031, 5, 2, 4, 30, 0, 123456)
    """
    moment = datetime.fromisoformat(lexical(term))
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


class Holding:
    """A lease that this process holds, and renews in a background thread."""

    def __init__(self, store: RemoteStore, base: str) -> None:
        self._store = store
        self._base = base
        self._graph = ledger_graph(base)
        self.name = f"<urn:uuid:{uuid4()}>"
        self._confirmed = time.monotonic()
        self._ended = threading.Event()
        self._lost = False
        self._thread = threading.Thread(target=self._renew_repeatedly, daemon=True)

    def take(self) -> bool:
        """Try to take the lease, and return whether that succeeded."""
        for stale in leases(self._store, self._base):
            if stale.live:
                return False
            self._remove(stale.name, stale.until)
        self._confirmed = time.monotonic()
        mine = f"{self.name} {_EXPIRES} {self._end()} ; {_LABEL} {string_literal(loader())}"
        none = f"{{ SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH {self._graph} {{ ?other {_EXPIRES} ?until }} }} }}"
        insert = f"INSERT {{ GRAPH {self._graph} {{ {mine} }} }} WHERE {{ {none} FILTER (?n = 0) }}"
        holds = False
        try:
            self._store.update(insert, "taking the lease")
            time.sleep(PAUSE)
            holds = self._holds()
        finally:  # also after an interrupt, so that others need not wait for it to expire
            if not holds:
                self._withdraw()
        if holds:
            self._thread.start()
        return holds

    def check(self) -> None:
        """Make sure that we still hold the lease.

        Raises:
            RemoteError: we do not, or cannot be sure.
        """
        if self._lost or time.monotonic() > self._confirmed + SECONDS:
            problem = f"store {self._store.endpoint.shown}: another load may have begun, as ours could not be renewed"
            raise RemoteError(Failure.BUSY, problem, "run the same command again")

    def release(self) -> None:
        """Release the lease. If the store cannot be reached, it expires."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(PAUSE)
        self._withdraw()

    def _withdraw(self) -> None:
        with suppress(RemoteError):
            self._remove(self.name)

    def _holds(self) -> bool:
        return next((lease.name for lease in leases(self._store, self._base) if lease.live), "") == self.name

    def _renew_repeatedly(self) -> None:
        while not self._ended.wait(SECONDS / 4):
            try:
                self._renew()
            except RemoteError:
                continue  # if this lasts, `check` notices
            if self._lost:
                return

    def _renew(self) -> None:
        start, old = time.monotonic(), f"GRAPH {self._graph} {{ {self.name} {_EXPIRES} ?until }}"
        new = f"GRAPH {self._graph} {{ {self.name} {_EXPIRES} {self._end()} }}"
        self._store.update(f"DELETE {{ {old} }} INSERT {{ {new} }} WHERE {{ {old} }}", "renewing the lease")
        if self._holds():
            self._confirmed = start
        elif not self._ended.is_set():
            self._lost = True

    def _end(self) -> Term:
        """Return when a lease that is taken now expires, by the store's clock."""
        rows = self._store.select("SELECT (NOW() AS ?now) WHERE {}").rows
        try:
            end = _moment(str(rows[0][0])) + timedelta(seconds=SECONDS)
        except (IndexError, ValueError, OverflowError) as error:
            given = rows[0][0] if rows else None
            raise unreadable(
                f"store {self._store.endpoint.shown}, query", f"it returned {given or 'nothing'} for NOW()"
            ) from error
        return string_literal(end.isoformat(timespec="milliseconds"))

    def _remove(self, name: Term, until: Term = "?until") -> None:
        """Remove a lease, unless it was renewed and so no longer expires at *until*."""
        (lease, blank), (end, endless) = _named(name, "?lease"), _named(until, "?until")
        old = f"GRAPH {self._graph} {{ {lease} ?p ?o }}"
        where = f"{old} GRAPH {self._graph} {{ {lease} {_EXPIRES} {end} }} {blank} {endless}"
        self._store.update(f"DELETE {{ {old} }} WHERE {{ {where} }}", "removing a lease")


def _named(term: Term, variable: str) -> tuple[str, str]:
    """Return the text for a term in an update, and a condition. Blank nodes need a variable, as they have no name."""
    return (variable, f"FILTER (isBlank({variable}))") if term.startswith("_:") else (term, "")


@contextmanager
def held(store: RemoteStore, base: str, patience: float, report: Callable[[str], None]) -> Iterator[Holding]:
    """Hold the lease of a store while the block runs, after waiting for it up to *patience* seconds.

    Args:
        store: the store.
        base: base of our graphs.
        patience: seconds to wait while another load is running.
        report: called with a message for people if we must wait.

    Raises:
        RemoteError: another load takes longer than that, or the store does not allow writing.
    """
    holding, end, announced = Holding(store, base), time.monotonic() + patience, False
    while not holding.take():
        others = [lease.holder for lease in leases(store, base) if lease.live]
        busy = f"another load is running, by {', '.join(others) or 'an unknown user'}"
        if time.monotonic() > end:
            fix = "wait until it has ended, or allow more time with --wait"
            raise RemoteError(Failure.BUSY, f"store {store.endpoint.shown}: {busy}", fix)
        if not announced:
            report(f"{busy}; waiting for at most {patience:.0f} s")
            announced = True
        time.sleep(PAUSE)
    try:
        yield holding
    finally:
        holding.release()


def loader() -> str:
    """Return the user, machine and process of this load, for people who wait for it."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "an unknown user"
    return f"{user} on {platform.node() or 'an unnamed machine'}, process {os.getpid()}"
