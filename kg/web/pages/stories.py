"""Everything that the timeline may show, by date, each story once. Made once for each generation. Reads a store.

An event or an undertaking that several articles report is one entry. It is shown by the report that represents the
story, or, if that has no date, by the report with the first date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.relations import closure, grouped, grouped_sets
from kg.core.terms import cq
from kg.questions.graph import Graph
from kg.questions.lookup import entity_names
from kg.questions.names import Thing
from kg.questions.standing import ASSERTED, OCCURRED
from kg.questions.when import Days
from kg.web.pages.article_index import article_index
from kg.web.pages.lexicon import Lexicon, lexicon
from kg.web.pages.page_queries import broader_topics, reported_values, story_reports
from kg.web.pages.reported import ReportedFacts, reported_facts
from kg.web.pages.undated import UNPLACED, TextPlace, places
from kg.web.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class StoryEntry:
    """What happened, was agreed or was held.

    Attributes:
        fact: the report by which it is shown.
        others: the other reports of its story to show, sorted.
        section: key of its section of pages.
        when: its days, None if it has none.
        occurred: whether it is an event that took place, according to the article.
        topics: the topics of an event, including broader ones.
        place: where the article puts it, if it has no date.
    """

    fact: Term
    others: tuple[Term, ...]
    section: str
    when: Days | None
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

    def made(graph: Graph) -> Mapping[bool, Stories]:
        newest = {article: rank for rank, article in enumerate(article_index(snapshot))}
        return _StoryReader(graph, lexicon(snapshot), reported_facts(snapshot), newest).stories()

    return snapshot.remembered("stories", made)[include]


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


class _StoryReader:
    """What entries are made of."""

    def __init__(self, graph: Graph, words: Lexicon, facts: ReportedFacts, newest: Mapping[Term, int]) -> None:
        sections = {kind: words.section(kind) for kind in set(facts.classes.values())}
        shown = {kind: section.key for kind, section in sections.items() if section and section.on_timeline}
        self._graph, self._facts, self._newest = graph, facts, newest
        self._section = {fact: shown[kind] for fact, kind in facts.classes.items() if kind in shown}
        self._topics = _topics(graph)
        self._placed = places(graph, sorted(self._section), facts.days.keys())

    def stories(self) -> Mapping[bool, Stories]:
        """Return the stories that stand, and with True also those that do not. Most entries are the same in both."""
        of_story = story_reports(self._graph)
        groups = grouped((of_story.get(fact, fact), fact) for fact in sorted(self._section))
        every = {story: self._entry(story, reports) for story, reports in groups.items()}
        standing: dict[Term, StoryEntry] = {}
        for story, reports in groups.items():
            left = [fact for fact in reports if fact not in self._facts.displaced]
            if left:
                standing[story] = every[story] if len(left) == len(reports) else self._entry(story, left)
        return {False: self._in_order(standing), True: self._in_order(every)}

    def _entry(self, story: Term, reports: Sequence[Term]) -> StoryEntry:
        days = {fact: when.order if (when := self._facts.days.get(fact)) else "" for fact in reports}
        lead, *others = sorted(reports, key=lambda fact: (not days[fact], fact != story, days[fact], fact))
        return StoryEntry(
            lead,
            tuple(sorted(others)),
            self._section[lead],
            self._facts.days.get(lead),
            self._facts.occurrence.get(lead) == OCCURRED and self._facts.how_reported(lead) in ASSERTED,
            frozenset().union(*(self._topics.get(fact, ()) for fact in reports)),
            self._placed.get(lead, UNPLACED),
        )

    def _in_order(self, by_story: Mapping[Term, StoryEntry]) -> Stories:
        """Return entries by first day, then those without one: of each article, the newest first, in its own order."""

        def order(entry: StoryEntry) -> tuple[bool, str, int, bool, Term, int, Term]:
            if entry.when:
                return False, entry.order, 0, False, "", 0, entry.fact
            article = self._newest.get(self._graph.article_of(entry.fact), len(self._newest))
            return True, "", article, not entry.place.after, entry.place.after, entry.place.start, entry.fact

        return Stories(tuple(sorted(by_story.values(), key=order)), by_story)


def _topics(graph: Graph) -> dict[Term, frozenset[Term]]:
    """Return event -> its topics, including broader ones."""
    above = grouped_sets((topic, wider) for topic, wider in broader_topics(graph) if topic and wider)
    own = grouped(reported_values(graph, cq("eventTopic")))
    made = {topics: frozenset(closure(topics, lambda each: above.get(each, ()))) for topics in map(tuple, own.values())}
    return {event: made[tuple(topics)] for event, topics in own.items()}
