"""The entries of the timeline -> those of a period, a topic and some kinds, as a page. Reads a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from kg.core.model import Term
from kg.questions.captions import captions
from kg.questions.described import Mention
from kg.questions.reading import FactReading, readings
from kg.questions.words import Passage, words_behind
from kg.web.pages.frame import includes_displaced, number_in, page, period_in
from kg.web.pages.lexicon import lexicon
from kg.web.pages.paging import Paging
from kg.web.pages.stories import StoryEntry, between, stories, topics_of
from kg.web.site import Site
from kg.web.snapshot import Snapshot

ON_A_PAGE = 60


@dataclass(frozen=True, slots=True)
class StoryReport:
    """A report of a story: its reading and its article."""

    reading: FactReading
    article: Mention


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An entry to show.

    Attributes:
        section: key of its section.
        reading: the reading of the report by which it is shown.
        kind: its class in words.
        progress: the latest stage of an undertaking in all articles, in words, if this report has another one.
        others: the other reports of the story.
        words: its evidence.
    """

    section: str
    reading: FactReading
    kind: str
    progress: str
    others: tuple[StoryReport, ...]
    words: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of entries, newest first, their place among all that match, and how many of those have no date."""

    entries: tuple[TimelineEntry, ...]
    paging: Paging
    undated: int


@dataclass(frozen=True, slots=True)
class TimelineFilter:
    """The part of the timeline to show: sections, a period ("" for open), a topic ("" for any), and whether to
    include what no longer stands."""

    sections: Sequence[str]
    since: str = ""
    until: str = ""
    topic: Term = ""
    include: bool = False


def timeline_shown(snapshot: Snapshot, chosen: TimelineFilter, start: int = 0) -> Timeline:
    """Return the matching entries. Undated ones come last, and only without a period."""
    fitting = [
        entry
        for entry in between(stories(snapshot, chosen.include).entries, chosen.since, chosen.until)
        if entry.section in chosen.sections and (not chosen.topic or chosen.topic in entry.topics)
    ]
    dated = [entry for entry in fitting if entry.order]
    undated = [entry for entry in fitting if not entry.order]
    paging = Paging.of(start, len(fitting), ON_A_PAGE)
    return Timeline(entries_shown(snapshot, paging.part([*reversed(dated), *undated])), paging, len(undated))


def entries_shown(snapshot: Snapshot, entries: Sequence[StoryEntry]) -> tuple[TimelineEntry, ...]:
    """Return entries with their readings, in the same order."""
    graph, lexical = snapshot.graph, lexicon(snapshot)
    facts = [fact for entry in entries for fact in (entry.fact, *entry.others)]
    known, words = readings(graph, facts), words_behind(graph, [entry.fact for entry in entries])
    articles = captions(graph, [graph.article_of(fact) for entry in entries for fact in entry.others])

    def report(fact: Term) -> StoryReport:
        article = graph.article_of(fact)
        return StoryReport(known[fact], Mention(articles.of(article), article))

    return tuple(
        TimelineEntry(
            entry.section,
            reading := known[entry.fact],
            lexical.label(reading.type),
            lexical.label(reading.latest_stage) if reading.latest_stage else "",
            tuple(report(fact) for fact in entry.others),
            words.get(entry.fact, ()),
        )
        for entry in entries
    )


def timeline_page(site: Site, request: Request) -> Response:
    """Return the timeline as a page."""
    period, topic, include = period_in(request), request.query_params.get("topic", ""), includes_displaced(request)
    with site.snapshot() as snapshot:
        sections = {known.key: known.title for known in lexicon(snapshot).sections if known.on_timeline}
        given = [key for key in request.query_params.getlist("kind") if key in sections]
        topics = topics_of(snapshot)
        term = next((thing.term for thing in topics if thing.id == topic), "")
        chosen = TimelineFilter(given or list(sections), period.since, period.until, term, include)
        shown = timeline_shown(snapshot, chosen, number_in(request, "from"))
    state = [("kind", key) for key in given]
    state += [(key, text) for key, text in (("since", period.since), ("until", period.until), ("topic", topic)) if text]
    state += [("include", "displaced")] if include else []
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
