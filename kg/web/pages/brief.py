"""A thing -> what its page says first: its name, who a person is, and how much there is of what. Reads a store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.questions.described import Mention, described
from kg.questions.reading import FactReading, readings
from kg.questions.standing import OCCURRED
from kg.web.pages.article_index import articles_naming
from kg.web.pages.derived import derived_count
from kg.web.pages.fact_lines import HIDDEN
from kg.web.pages.facts_naming import FactsNaming, facts_naming
from kg.web.pages.posts import posts_of
from kg.web.snapshot import Snapshot

FIRST, FEW = 8, 5
"""Facts of a section on the page of a thing, and on that of one that is named everywhere."""

MOST_POSTS = 4
"""Posts before the first section."""

EVENTS = "events"
"""The section whose latest fact introduces a person."""


@dataclass(frozen=True, slots=True)
class SectionHeading:
    """The heading of a section, which is also its entry in the navigation.

    Attributes:
        key: its name in addresses.
        title: its title.
        count: how many lines the section has, with a "+" if there are more.
    """

    key: str
    title: str
    count: str


@dataclass(frozen=True, slots=True)
class Introduction:
    """Who a person is: the posts reported of them, how many more there are, and the latest event with them."""

    posts: tuple[FactReading, ...]
    more: int
    latest: FactReading | None


@dataclass(frozen=True, slots=True)
class ThingBrief:
    """A thing in brief.

    Attributes:
        term: the thing.
        label: its label.
        kind: its class in words.
        introduction: who a person is, None for others.
        headings: those of the lists on its page, in order.
    """

    term: Term
    label: Mention
    kind: str
    introduction: Introduction | None
    headings: tuple[SectionHeading, ...]


def thing_in_brief(snapshot: Snapshot, term: Term) -> ThingBrief | None:
    """Return what the page of a thing of the registry says first, None if the graph does not have it."""
    graph = snapshot.graph
    own, named = described(graph, [term], HIDDEN), facts_naming(snapshot, term)
    if term not in own.triples:
        return None
    size = most_shown(named)
    events = [list(facts)[:size] for section, facts in named.sections.items() if section.key == EVENTS]
    sections = [
        SectionHeading(section.key, section.title, number_shown(len(facts), named.cut))
        for section, facts in named.sections.items()
    ]
    return ThingBrief(
        term,
        own.mention(term),
        kind_of(own.types(term)).text,
        introduced(snapshot, term, (reading for facts in events for reading in readings(graph, facts).values())),
        all_headings(sections, len(articles_naming(snapshot, term)), *derived_count(graph, term)),
    )


def kind_of(types: Sequence[Mention]) -> Mention:
    """Return the class by which a thing is called."""
    return next(iter(types), Mention("thing", ""))


def most_shown(named: FactsNaming) -> int:
    """Return how many facts of a section the page of a thing shows."""
    return FEW if named.cut else FIRST


def all_headings(
    sections: Sequence[SectionHeading], articles: int, derived: int, is_cut: bool
) -> tuple[SectionHeading, ...]:
    """Return the headings of the sections of facts, of the *articles* that name a thing, and of what was *derived*."""
    others = [SectionHeading("articles", "Articles", str(articles))] if articles else []
    return (*sections, *others, *([derived_heading(derived, is_cut)] if derived else []))


def derived_heading(derived: int, is_cut: bool) -> SectionHeading:
    """Return the heading of what was derived."""
    return SectionHeading("derived", "Inferred by rule", number_shown(derived, is_cut))


def number_shown(number: int, is_cut: bool) -> str:
    """Return a number, with a "+" if there are more."""
    return f"{number}+" if is_cut else str(number)


def introduced(snapshot: Snapshot, term: Term, events: Iterable[FactReading]) -> Introduction | None:
    """Return who a person is and the latest of some *events*, None if no post of theirs is known."""
    posts, number = posts_of(snapshot, term, MOST_POSTS)
    if not posts:
        return None
    occurred = [event for event in events if event.state == OCCURRED and event.order and not event.displaced_by]
    occurred.sort(key=lambda event: event.label)
    latest = max(occurred, key=lambda event: event.order, default=None)  # the first of the same day by name
    return Introduction(posts, number - MOST_POSTS, latest)
