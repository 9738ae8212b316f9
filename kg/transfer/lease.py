"""Who loads into a store now: an entry in the ledger that expires, so that two loads do not mix.

SPARQL has no compare-and-swap. A lease is taken by an update that adds it only where there is none; after a pause it is
read back, and of several that were added at once the one with the smallest name holds. So it holds:

- Jena TDB2 has one writer at a time: no two are ever added.
- Virtuoso 7 locks what it reads: none of our races added two. It has no fixed order of updates, so the pause counts.
- Oxigraph does add two where requests overlap (one race in ten); the pause settles which of them stays.
- Others: as far as an update takes less than the pause. Where it does not, both go on until the next renewal, when
  the one with the greater name finds the other and stops; what they have mixed is found by reading back, or by the
  next load.

Moments are by the store's clock, read and written by us, so that clocks of loaders do not matter. A lease that ends
later than any loader would have set it (a clock that was turned back) has expired. A loader that was killed, or that
cannot reach the store, loses it within `SECONDS`; one that slept longer than that finds at its next step that it has.
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
"""Seconds between taking a lease and reading it back, and between two looks at that of another load."""

_EXPIRES, _LABEL = f"<{SCHEMA}expires>", f"<{RDFS}label>"


@dataclass(frozen=True, slots=True)
class Lease:
    """A load that is under way, or was.

    Attributes:
        name: its IRI.
        holder: who loads, for people.
        until: when it ends, a literal as it is written in the ledger.
        left: how many seconds are left by the store's clock.
    """

    name: Term
    holder: str
    until: Term
    left: float

    @property
    def live(self) -> bool:
        """Whether it still holds."""
        return 0 < self.left <= SECONDS + 1


def leases(store: RemoteStore, base: str) -> tuple[Lease, ...]:
    """Return the leases in a ledger, that which holds first. Raises as `RemoteStore.select`."""
    where = f"GRAPH {ledger_graph(base)} {{ ?name {_EXPIRES} ?until OPTIONAL {{ ?name {_LABEL} ?holder }} }}"
    rows = store.select(f"SELECT ?name ?until ?holder (NOW() AS ?now) WHERE {{ {where} }}").rows
    noted = [
        Lease(str(name), lexical(holder) if holder else "somebody", str(until), _left(str(until), str(now)))
        for name, until, holder, now in rows
    ]
    return tuple(sorted(noted, key=lambda lease: (not lease.live, lease.name)))


def _left(until: Term, now: Term) -> float:
    """Return the seconds between two moments of the store, less than none if one of them is none."""
    try:
        return (_moment(until) - _moment(now)).total_seconds()
    except (ValueError, OverflowError):
        return -1.0


def _moment(term: Term) -> datetime:
    """Return a moment of the store's clock, in UTC if it names its zone; Virtuoso never does.

    >>> _moment('"2031-05-02T12:30:00.123456789+08:00"^^<http://www.w3.org/2001/XMLSchema#dateTime>')
    datetime.datetime(2031, 5, 2, 4, 30, 0, 123456)
    """
    moment = datetime.fromisoformat(lexical(term))
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


class Holding:
    """A lease that we hold and renew from a thread of our own."""

    def __init__(self, store: RemoteStore, base: str) -> None:
        self._store = store
        self._base = base
        self._graph = ledger_graph(base)
        self.name = f"<urn:uuid:{uuid4()}>"
        self._confirmed = time.monotonic()
        self._ended = threading.Event()
        self._lost = False
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def take(self) -> bool:
        """Try to take the lease; return whether we hold it."""
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
        finally:  # also when somebody interrupts us: others need not wait for it to expire
            if not holds:
                self._let_go()
        if holds:
            self._thread.start()
        return holds

    def check(self) -> None:
        """Make sure that we still hold the lease.

        Raises:
            RemoteError: we do not, or cannot know.
        """
        if self._lost or time.monotonic() > self._confirmed + SECONDS:
            problem = f"store {self._store.endpoint.shown}: another load may have begun, as ours could not be renewed"
            raise RemoteError(Failure.BUSY, problem, "run the same command again")

    def release(self) -> None:
        """Let go of the lease; if the store cannot be reached any more, it expires."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(PAUSE)
        self._let_go()

    def _let_go(self) -> None:
        with suppress(RemoteError):
            self._remove(self.name)

    def _holds(self) -> bool:
        return next((lease.name for lease in leases(self._store, self._base) if lease.live), "") == self.name

    def _keep(self) -> None:
        while not self._ended.wait(SECONDS / 4):
            try:
                self._renew()
            except RemoteError:
                continue  # `check` finds it if this lasts
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
        """Return when a lease ends that is taken now, by the store's clock."""
        rows = self._store.select("SELECT (NOW() AS ?now) WHERE {}").rows
        try:
            end = _moment(str(rows[0][0])) + timedelta(seconds=SECONDS)
        except (IndexError, ValueError, OverflowError) as error:
            given = rows[0][0] if rows else None
            raise unreadable(
                f"store {self._store.endpoint.shown}, query", f"{given or 'nothing'} in place of NOW()"
            ) from error
        return string_literal(end.isoformat(timespec="milliseconds"))

    def _remove(self, name: Term, until: Term = "?until") -> None:
        """Remove a lease, if it still ends then: one that was renewed stays."""
        (lease, blank), (end, endless) = _named(name, "?lease"), _named(until, "?until")
        old = f"GRAPH {self._graph} {{ {lease} ?p ?o }}"
        where = f"{old} GRAPH {self._graph} {{ {lease} {_EXPIRES} {end} }} {blank} {endless}"
        self._store.update(f"DELETE {{ {old} }} WHERE {{ {where} }}", "removing a lease")


def _named(term: Term, variable: str) -> tuple[str, str]:
    """Return what stands for a term in an update, and a condition; no update can name a blank node of the store."""
    return (variable, f"FILTER (isBlank({variable}))") if term.startswith("_:") else (term, "")


@contextmanager
def held(store: RemoteStore, base: str, patience: float, report: Callable[[str], None]) -> Iterator[Holding]:
    """Hold the lease of a store while the block runs; wait for it as long as *patience* allows.

    Args:
        store: where to.
        base: of our graphs.
        patience: seconds to wait while another load is under way.
        report: is given a line for people if we must wait.

    Raises:
        RemoteError: another load is under way for longer than that, or the store does not let us write.
    """
    holding, end, announced = Holding(store, base), time.monotonic() + patience, False
    while not holding.take():
        others = [lease.holder for lease in leases(store, base) if lease.live]
        busy = f"another load is under way, by {', '.join(others) or 'somebody'}"
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
    """Return who we are, for people who wait for us."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "somebody"
    return f"{user} on {platform.node() or 'an unnamed machine'}, process {os.getpid()}"
