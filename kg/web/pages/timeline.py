"""Everything that has a time -> the stretch of it that fits a period and a kind, as a page. Reads a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from kg.model import Term
from kg.questions.words import Words, words_behind
from kg.web.pages.chronicle import Entry, between, chronicle
from kg.web.pages.frame import number_in, page, period_in
from kg.web.pages.lexicon import lexicon
from kg.web.pages.names import Named
from kg.web.pages.network import topics_of
from kg.web.pages.telling import Mention
from kg.web.site import Site
from kg.web.snapshot import Snapshot

ON_A_PAGE = 60


@dataclass(frozen=True, slots=True)
class Told:
    """An entry with its class and state in words, whose post it is, and the words it rests on."""

    entry: Entry
    kind: str
    state: str
    holder: Mention | None
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of entries, the newest first, how many fit, and how many of them have no date."""

    entries: tuple[Told, ...]
    total: int
    undated: int
    start: int

    @property
    def next(self) -> int | None:
        """Where the next page begins, None when this is the last."""
        after = self.start + len(self.entries)
        return after if after < self.total else None


def timeline_shown(
    snapshot: Snapshot, sections: Sequence[str], since: str, until: str, topic: Term, start: int
) -> Timeline:
    """Return the entries of these sections that fit; those without a date come last, and only without a period."""
    fitting = [
        entry
        for entry in between(chronicle(snapshot).entries, since, until)
        if entry.section in sections and (not topic or topic in entry.topics)
    ]
    dated = [entry for entry in fitting if entry.when and entry.when.order]
    undated = [entry for entry in fitting if not entry.when or not entry.when.order]
    shown = [*reversed(dated), *undated][start : start + ON_A_PAGE]
    words = words_behind(snapshot.graph, [entry.fact for entry in shown])
    names = snapshot.graph.labels([entry.holder for entry in shown if entry.holder])
    lexical = lexicon(snapshot)
    told = tuple(
        Told(
            entry,
            lexical.label(entry.type),
            lexical.label(entry.state) if entry.state else "",
            Mention(names.get(entry.holder, snapshot.graph.id(entry.holder)), entry.holder) if entry.holder else None,
            words.get(entry.fact, ()),
        )
        for entry in shown
    )
    return Timeline(told, len(fitting), len(undated), start)


def timeline_page(site: Site, request: Request) -> Response:
    """Return the timeline as a page."""
    period, topic = period_in(request), request.query_params.get("topic", "")
    since, until = period.since, period.until
    with site.snapshot() as snapshot:
        sections = {known.key: known.title for known in lexicon(snapshot).sections if known.on_timeline}
        given = [key for key in request.query_params.getlist("kind") if key in sections]
        chosen = given or list(sections)
        topics: Sequence[Named] = topics_of(snapshot)
        term = next((thing.term for thing in topics if thing.id == topic), "")
        shown = timeline_shown(snapshot, chosen, since, until, term, number_in(request, "from"))
    state = [("kind", key) for key in given] + [
        (k, v) for k, v in (("since", since), ("until", until), ("topic", topic)) if v
    ]
    return page(
        site,
        request,
        "timeline.html",
        timeline=shown,
        sections=sections,
        chosen=chosen,
        period=period,
        topic=topic,
        topics=topics,
        state=urlencode(state),
    )
