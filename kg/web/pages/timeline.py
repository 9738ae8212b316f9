"""The entries of the timeline -> those of a period, a topic and some kinds, as a page. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from kg.core.model import Term
from kg.questions.captions import captions
from kg.questions.described import Mention
from kg.questions.reading import FactReading, readings
from kg.questions.when import Days
from kg.questions.words import Passage, words_behind
from kg.web.pages.corrections import Corrected, corrections_of
from kg.web.pages.disagreements import Disagreements, disagreements_of
from kg.web.pages.frame import includes_displaced, number_in, page, period_in
from kg.web.pages.lexicon import lexicon
from kg.web.pages.paging import Paging
from kg.web.pages.stories import StoryEntry, between, stories, topic_in, topics_of
from kg.web.pages.undated import UndatedGroup, undated_groups
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
        corrections: what it puts right.
        disagreements: what contradicts it, None if nothing does.
    """

    section: str
    reading: FactReading
    kind: str
    progress: str
    others: tuple[StoryReport, ...]
    words: tuple[Passage, ...]
    corrections: tuple[Corrected, ...] = ()
    disagreements: Disagreements | None = None


@dataclass(frozen=True, slots=True)
class OutsidePeriod:
    """How many entries a period leaves out: earlier and later ones, with their years, and those without a date."""

    earlier: int = 0
    earlier_years: str = ""
    later: int = 0
    later_years: str = ""
    undated: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of entries.

    Attributes:
        entries: those with a date, newest first, then those without one, in the order of the articles.
        paging: their place among all that match.
        undated: how many of those have no date.
        groups: the entries of this page without a date.
        left_out: what the period leaves out.
    """

    entries: tuple[TimelineEntry, ...]
    paging: Paging
    undated: int
    groups: tuple[UndatedGroup, ...]
    left_out: OutsidePeriod

    @property
    def by_fact(self) -> Mapping[Term, TimelineEntry]:
        """Fact -> its entry."""
        return {entry.reading.fact: entry for entry in self.entries}


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
    every = [
        entry
        for entry in stories(snapshot, chosen.include).entries
        if entry.section in chosen.sections and (not chosen.topic or chosen.topic in entry.topics)
    ]
    fitting = between(every, chosen.since, chosen.until)
    dated = [entry for entry in fitting if entry.when]
    undated = [entry for entry in fitting if not entry.when]
    paging = Paging.of(start, len(fitting), ON_A_PAGE)
    part = paging.part([*reversed(dated), *undated])
    return Timeline(
        entries_shown(snapshot, part),
        paging,
        len(undated),
        undated_shown(snapshot, part),
        _left_out(every, fitting, chosen.since) if chosen.since or chosen.until else OutsidePeriod(),
    )


def undated_shown(snapshot: Snapshot, entries: Sequence[StoryEntry]) -> tuple[UndatedGroup, ...]:
    """Return those of *entries* that have no date, in groups."""
    return undated_groups(snapshot.graph, {entry.fact: entry.place for entry in entries if not entry.order})


def _left_out(entries: Sequence[StoryEntry], fitting: Sequence[StoryEntry], since: str) -> OutsidePeriod:
    inside = set(map(id, fitting))
    left_out = [entry.when for entry in entries if entry.when and id(entry) not in inside]
    earlier = [when for when in left_out if when.order < since]
    later = [when for when in left_out if when.order >= since]
    undated = sum(entry.when is None for entry in entries)
    return OutsidePeriod(len(earlier), _years(earlier), len(later), _years(later), undated)


def _years(dates: Sequence[Days]) -> str:
    years = [when.order[:4] for when in dates]
    first, last = min(years, default=""), max(years, default="")
    return first if first == last else f"{first} to {last}"


def entries_shown(snapshot: Snapshot, entries: Sequence[StoryEntry]) -> tuple[TimelineEntry, ...]:
    """Return entries with their readings, in the same order."""
    graph, lexical = snapshot.graph, lexicon(snapshot)
    facts = [fact for entry in entries for fact in (entry.fact, *entry.others)]
    known, words = readings(graph, facts), words_behind(graph, [entry.fact for entry in entries])
    corrected = corrections_of(graph, [entry.fact for entry in entries])
    disputed = disagreements_of(graph, {entry.fact: known[entry.fact] for entry in entries})
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
            corrected.get(entry.fact, ()),
            disputed.get(entry.fact),
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
        chosen = TimelineFilter(given or list(sections), period.since, period.until, topic_in(snapshot, topic), include)
        shown = timeline_shown(snapshot, chosen, number_in(request, "from"))
    state = [("kind", key) for key in given]
    state += [(key, text) for key, text in (("since", period.since), ("until", period.until), ("topic", topic)) if text]
    state += [("include", "displaced")] if include else []
    unbounded = urlencode([(key, text) for key, text in state if key not in ("since", "until")])
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
        unbounded=unbounded,
    )
