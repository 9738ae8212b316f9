"""What a server does beside its requests: it watches for new generations, and prepares each for them. A thread."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from contextlib import nullcontext, suppress
from threading import Event
from time import monotonic

from kg.core.collecting import rare_collections
from kg.core.errors import KgError
from kg.web import pages
from kg.web.settings import Settings
from kg.web.site import Site
from kg.web.snapshot import Snapshot
from kg.web.workers import Workers

_log = logging.getLogger("kg.web")

POLL_INTERVAL = 2.0
"""Seconds between polls for a new generation."""

OBJECTS_WHILE_PREPARING = 1_000_000
"""Objects created between garbage collections while pages are prepared: hardly any of millions are in cycles."""


class Follower:
    """Follows the generations of *site*. Each gets spare *workers*, and, if `settings.ahead`, what pages need of the
    whole graph, and answers to questions.

    Attributes:
        stop: set it to end `run`.
    """

    def __init__(self, site: Site, workers: Workers, settings: Settings) -> None:
        self.stop = Event()
        self._site, self._workers, self._settings = site, workers, settings
        self._prepared = self._ready = ""  # the versions for which pages are prepared, and questions answered too

    def run(self) -> None:
        """Look for a new generation again and again."""
        while not self.stop.is_set():
            with suppress(KgError, OSError):  # a request gets the error
                if self._settings.ahead:
                    self._site.source.renew(lambda newer: self._prepare(newer, lambda: not self.stop.is_set()))
                with self._site.snapshot() as snapshot:
                    self._serve(snapshot)
            self.stop.wait(POLL_INTERVAL)

    def _serve(self, snapshot: Snapshot) -> None:
        """Prepare what requests for this graph need, until there is a newer one."""
        if snapshot.store_path is not None:
            self._workers.prepare(snapshot.store_path)
        if not self._settings.ahead:
            return
        self._prepare(snapshot, lambda: self._is_served(snapshot))
        pages.ask_questions(self._site, snapshot, lambda: self._is_served(snapshot))
        if self._ready != snapshot.version and self._is_served(snapshot):
            self._ready = snapshot.version
            _log.info("graph %s is ready", snapshot.version)

    def _prepare(self, snapshot: Snapshot, is_needed: Callable[[], bool]) -> None:
        """Prepare what pages need of a whole graph, once, as long as it *is_needed*."""
        if snapshot.version == self._prepared:
            return
        begun, self._prepared = monotonic(), snapshot.version
        with rare_collections(OBJECTS_WHILE_PREPARING) if self._settings.alone else nullcontext():
            for make in pages.needed(self._site):
                if not is_needed():
                    self._prepared = ""
                    return
                try:
                    with suppress(KgError, OSError):
                        make(snapshot)
                except Exception:  # without this thread, no large generation would be served any more
                    _log.exception("graph %s is served, but not all is prepared for pages", snapshot.version)
        if self._settings.alone:  # collecting through millions of permanent objects takes a third of a second
            gc.unfreeze()
            gc.collect()
            gc.freeze()
        _log.info("graph %s: pages prepared in %.1f s", snapshot.version, monotonic() - begun)

    def _is_served(self, snapshot: Snapshot) -> bool:
        with self._site.snapshot() as current:
            return not self.stop.is_set() and current.version == snapshot.version
