"""Feeds over HTTP: an address about a thing or an answer -> what changed, as Atom. Starts processes.

What a step between two generations changed never changes, so it is kept as long as the server runs. Steps that are not
known yet are compared in a process of its own, of which there are few at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kg.bench.feed import MOST_STEPS, FeedSubject, StepEntry, feed_of, question_subject, thing_subject
from kg.bench.feed_process import step_entries_aside
from kg.bench.generation_steps import GenerationStep, KeptGenerations, kept_generations, kept_mark
from kg.core.aside import AsideLimits, TooLongError
from kg.core.errors import NotFoundError, UsageError
from kg.core.model import Term
from kg.core.relations import grouped
from kg.questions.graph import Graph
from kg.render.atom import MEDIA, atom
from kg.store.documents import StoppedError
from kg.web.answers import address_fields, unless_known
from kg.web.errors import BusyError
from kg.web.linked import resource
from kg.web.pages.frame import term_at
from kg.web.recent import Recent
from kg.web.site import Site
from kg.web.slots import Slots
from kg.web.snapshot import Snapshot

ABOUT, QUESTION = "/feed/about", "/feed/question"
KEPT = 16 << 20
"""Most bytes of all steps that are kept."""

AT_ONCE = 2
"""How many feeds are made at once, and so how many processes compare generations."""


def feed_routes(site: Site, limits: AsideLimits | None = None) -> list[Route]:
    """Return the routes of all feeds."""
    feeds = Feeds(site, limits or AsideLimits())

    def about(request: Request) -> Response:
        term = term_at(site, request, ABOUT)
        return feeds.answer(request, lambda kept: thing_subject(site.project, kept, lambda graph: _known(graph, term)))

    def answer(request: Request) -> Response:
        arguments = grouped(address_fields(request))
        query = site.query(request.path_params["name"])
        return feeds.answer(request, lambda kept: question_subject(site.project, kept, query, arguments))

    return [Route(f"{ABOUT}/{{path:path}}", about), Route(f"{QUESTION}/{{name}}", answer)]


def _known(graph: Graph, term: Term) -> Term:
    if not term or not resource(graph, term).known:
        raise NotFoundError("no generation that is kept has this", "check the address, or search for the thing")
    return term


class Feeds:
    """The feeds of a site, with the steps that are known."""

    def __init__(self, site: Site, limits: AsideLimits) -> None:
        self._site, self._limits = site, limits
        self._known: Recent[StepEntry] = Recent(KEPT)
        self._places = Slots(AT_ONCE, 4 * AT_ONCE, 5.0)
        self._generations: tuple[object, KeptGenerations] | None = None

    def answer(self, request: Request, subject: Callable[[KeptGenerations], FeedSubject]) -> Response:
        """Return the feed of a subject, or 304 if the client has it."""
        with self._site.snapshot() as snapshot:
            _refuse_elsewhere(snapshot)
            kept = self._kept_generations()
            parts = ("feed", str(request.url), *(step.key for step in kept.steps))
            return unless_known(request, snapshot, parts, lambda: self._feed(request, kept, subject))

    def _kept_generations(self) -> KeptGenerations:
        """Return the generations, which are read again if they have changed. Steps that are gone are forgotten."""
        build = self._site.project.build
        mark, known = kept_mark(build), self._generations
        if known is None or known[0] != mark:
            known = self._generations = mark, kept_generations(build)
            keys = {step.key for step in known[1].steps}
            self._known.forget_unless(lambda key: key.rpartition(" ")[2] in keys)
        return known[1]

    def _feed(
        self, request: Request, kept: KeptGenerations, subject: Callable[[KeptGenerations], FeedSubject]
    ) -> Response:
        """Return a feed. Few are made at once, because each may open several generations."""
        root, steps = str(request.base_url), kept.steps[:MOST_STEPS]
        with self._places.one():
            about = subject(kept)
            changed = zip(steps, self._entries(about, steps), strict=True)
            feed = feed_of(self._site.project, kept, about, changed, lambda where: root + where, str(request.url))
        return Response(atom(feed), media_type=MEDIA)

    def _entries(self, subject: FeedSubject, steps: Sequence[GenerationStep]) -> Iterator[StepEntry]:
        """Yield what each step changed. Unknown steps that follow one another are compared together."""
        now = subject.now
        for number, step in enumerate(steps):
            entry = self._entry(now, step)
            if entry is None:
                unknown = takewhile(lambda each: self._entry(now, each) is None, steps[number:])  # noqa: B023
                entry = self._compared(replace(subject, now=now), list(unknown))
            yield entry
            now = entry.former

    def _entry(self, now: str, step: GenerationStep) -> StepEntry | None:
        return self._known.get(_key(now, step))

    def _compared(self, subject: FeedSubject, steps: list[GenerationStep]) -> StepEntry:
        """Compare generations, keep what each step changed, and return what the first did."""
        try:
            entries = step_entries_aside(self._site.project, subject, steps, self._limits)
        except TooLongError as error:
            raise StoppedError(error.message, error.fix, "time") from error
        except UsageError as error:
            if self._generations and self._generations[0] != kept_mark(self._site.project.build):
                raise BusyError("a build replaced a generation meanwhile", "try again in a moment") from error
            raise
        now = subject.now
        for step, entry in zip(steps, entries, strict=True):
            self._known.keep(_key(now, step), entry, _size(entry))
            now = entry.former
        return entries[0]


def _key(now: str, step: GenerationStep) -> str:
    return f"{now} {step.key}"


def _refuse_elsewhere(snapshot: Snapshot) -> None:
    if snapshot.manifest is None:
        raise NotFoundError("the store that this server shows keeps no generations", "ask the server that builds them")


def _size(entry: StepEntry) -> int:
    return 500 + len(entry.title) + len(entry.former) + sum(len(str(section)) for section in entry.sections)
