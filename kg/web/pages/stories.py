"""Everything that the timeline may show, by date, each story once. Made once for each generation. Reads a store.

An event or an undertaking that several articles report is one entry. It is shown by the report that represents the
story, or, if that has no date, by the report with the first date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.relations import closure, grouped, grouped_sets
from kg.core.terms import FACT_CLASS
from kg.questions.graph import Graph
from kg.questions.lookup import entity_names
from kg.questions.names import Thing
from kg.questions.standing import ASSERTED, OCCURRED
from kg.questions.when import FactTime, all_dates
from kg.web.pages.article_index import article_index
from kg.web.pages.lexicon import Lexicon, lexicon
from kg.web.pages.page_queries import (
    broader_topics,
    displaced_facts,
    event_topics,
    facts_of_classes,
    story_reports,
)
from kg.web.pages.undated import UNPLACED, TextPlace, places
from kg.web.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """What happened, was agreed or was held.

    Attributes:
        fact: the report by which it is shown.
        others: the other reports of its story to show, sorted.
        section: key of its section of pages.
        when: its date, None if it has none.
        occurred: whether it is an event that took place, according to the article.
        topics: the topics of an event, including broader ones.
        place: where the article puts it, if it has no date.
    """

    fact: Term
    others: tuple[Term, ...]
    section: str
    when: FactTime | None
    occurred: bool
    topics: frozenset[Term] = frozenset()
    place: TextPlace = UNPLACED

    @property
    def order(self) -> str:
        """Its sort key, "" without a date."""
        return self.when.order if self.when else ""


@dataclass(frozen=True, slots=True)
class Stories:
    """Entries by first day, then undated ones as the articles have them, and the report of a story -> its entry."""

    entries: tuple[StoryEntry, ...]
    by_story: Mapping[Term, StoryEntry]


def stories(snapshot: Snapshot, include: bool = False) -> Stories:
    """Return the stories of this generation; *include* stories and reports that no longer stand."""
    words, newest = lexicon(snapshot), {article: rank for rank, article in enumerate(article_index(snapshot))}
    return snapshot.remembered(f"stories {include}", lambda graph: _stories(graph, words, newest, include))


def between(entries: Sequence[StoryEntry], since: str, until: str) -> list[StoryEntry]:
    """Return the entries that may fall into the period, both ends included and "" for open, all without a period."""
    if not since and not until:
        return list(entries)
    return [entry for entry in entries if entry.when and entry.when.may_fall(since, until)]


def topics_of(snapshot: Snapshot) -> Sequence[Thing]:
    """Return the topics of events, by name."""

    def made(graph: Graph) -> Sequence[Thing]:
        used = {topic for entry in stories(snapshot).entries for topic in entry.topics}
        return sorted((t for t in entity_names(graph).things if t.term in used), key=lambda thing: thing.label)

    return snapshot.remembered("topics of events", made)


def topic_in(snapshot: Snapshot, given: str) -> Term:
    """Return the topic of events with the id that an address gives, "" if there is none."""
    return next((topic.term for topic in topics_of(snapshot) if topic.id == given), "")


def _stories(graph: Graph, words: Lexicon, newest: Mapping[Term, int], include: bool) -> Stories:
    shown = {
        kind: section
        for kind in words.above
        if words.is_a(kind, FACT_CLASS) and (section := words.section(kind)) and section.on_timeline
    }
    rows = {
        fact: rest for fact, *rest in facts_of_classes(graph, sorted(shown)) if fact and graph.fact_of(fact) == fact
    }
    gone = frozenset() if include else displaced_facts(graph)
    dates, topics, of_story = all_dates(graph), _topics(graph), story_reports(graph)
    placed = places(graph, sorted(rows), dates)
    groups = grouped((of_story.get(fact, fact), fact) for fact in sorted(rows.keys() - gone))
    by_story = {}
    for story, reports in groups.items():
        days = {fact: dates[fact].order if fact in dates else "" for fact in reports}
        lead, *others = sorted(reports, key=lambda fact: (not days[fact], fact != story, days[fact], fact))
        kind, state, word = rows[lead]
        by_story[story] = StoryEntry(
            lead,
            tuple(sorted(others)),
            shown[kind or ""].key,
            dates.get(lead),
            state == OCCURRED and word in ASSERTED,
            frozenset().union(*(topics.get(fact, ()) for fact in reports)),
            placed.get(lead, UNPLACED),
        )

    return Stories(_in_order(graph, by_story.values(), newest), by_story)


def _in_order(graph: Graph, entries: Iterable[StoryEntry], newest: Mapping[Term, int]) -> tuple[StoryEntry, ...]:
    """Return entries by first day, then those without one: of each article, the newest first, in its own order."""

    def undated(entry: StoryEntry) -> tuple[int, bool, Term, int]:
        article = newest.get(graph.article_of(entry.fact), len(newest))
        return article, not entry.place.after, entry.place.after, entry.place.start

    def order(entry: StoryEntry) -> tuple[bool, str, tuple[int, bool, Term, int], Term]:
        nowhere = (0, False, "", 0)
        return not entry.order, entry.order, nowhere if entry.order else undated(entry), entry.fact

    return tuple(sorted(entries, key=order))


def _topics(graph: Graph) -> dict[Term, frozenset[Term]]:
    """Return event -> its topics, including broader ones."""
    above = grouped_sets((topic, wider) for topic, wider in broader_topics(graph) if topic and wider)
    own = grouped((event, topic) for event, topic in event_topics(graph) if event and topic)
    return {event: frozenset(closure(topics, lambda each: above.get(each, ()))) for event, topics in own.items()}
