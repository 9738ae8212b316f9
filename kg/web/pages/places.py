"""Events and the coordinates of their places -> where events took place, for a period and a topic. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.terms import cq
from kg.questions.graph import Graph
from kg.questions.lookup import entities
from kg.questions.names import Thing
from kg.questions.reading import FactReading, readings
from kg.questions.words import Passage, words_behind
from kg.web.pages import page_queries
from kg.web.pages.stories import StoryEntry, between, stories
from kg.web.snapshot import Snapshot

MOST_PLACES, MOST_EVENTS, MOST_UNPLACED = 150, 3, 20
"""How many places a map shows, how many events of each are listed, and how many places without coordinates."""


@dataclass(frozen=True, slots=True)
class MapFilter:
    """The part of the events to show: a period ("" for open), a topic ("" for any), and whether to include what no
    longer stands."""

    since: str = ""
    until: str = ""
    topic: Term = ""
    include: bool = False


@dataclass(frozen=True, slots=True)
class EventPlace:
    """A place with its coordinates in degrees, the number of events there, and the latest of them with evidence."""

    thing: Thing
    latitude: float
    longitude: float
    total: int
    events: tuple[tuple[FactReading, tuple[Passage, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class EventMap:
    """Where events took place.

    Attributes:
        places: those with coordinates that are shown, with the most events first.
        total: how many places have coordinates.
        unplaced: places of events that have no coordinates, with the number of their events, and how many there are.
        events: how many events took place at a place that is shown.
        nowhere: how many have no place, or none that articles name.
    """

    places: tuple[EventPlace, ...]
    total: int
    unplaced: tuple[tuple[Thing, int], ...]
    unplaced_total: int
    events: int
    nowhere: int


def places_of_events(snapshot: Snapshot) -> Mapping[Term, frozenset[Term]]:
    """Return event -> its places, for all events. Made once for each generation."""

    def made(graph: Graph) -> Mapping[Term, frozenset[Term]]:
        placed = grouped(page_queries.reported_values(graph, cq("place")))
        return {event: frozenset(places) for event, places in placed.items()}

    return snapshot.remembered("places of events", made)


def event_map(snapshot: Snapshot, chosen: MapFilter) -> EventMap:
    """Return the places of the events that took place and match *chosen*."""
    graph, points = snapshot.graph, snapshot.remembered("coordinates", page_queries.coordinates)
    by_place, nowhere = _by_place(snapshot, chosen)
    things = entities(graph, (*points, *by_place))
    known = [place for place in points if place in things]
    shown = sorted(known, key=lambda place: (-len(by_place.get(place, ())), things[place].label, place))[:MOST_PLACES]
    others = [place for place in by_place if place not in points and place in things]
    others.sort(key=lambda place: (-len(by_place[place]), things[place].label, place))
    latest = {place: _latest(by_place.get(place, ())) for place in shown}
    facts = [entry.fact for some in latest.values() for entry in some]
    read, words = readings(graph, facts), words_behind(graph, facts)
    return EventMap(
        tuple(
            EventPlace(
                things[place],
                *points[place],
                len(by_place.get(place, ())),
                tuple((read[entry.fact], words.get(entry.fact, ())) for entry in latest[place]),
            )
            for place in shown
        ),
        len(known),
        tuple((things[place], len(by_place[place])) for place in others[:MOST_UNPLACED]),
        len(others),
        len({entry.fact for place in shown for entry in by_place.get(place, ())}),
        nowhere,
    )


def _by_place(snapshot: Snapshot, chosen: MapFilter) -> tuple[Mapping[Term, Sequence[StoryEntry]], int]:
    """Return place -> the events there, oldest first, and the number of events without a place."""
    places = places_of_events(snapshot)
    occurred = [
        entry
        for entry in stories(snapshot, chosen.include).entries
        if entry.occurred and (not chosen.topic or chosen.topic in entry.topics)
    ]
    pairs: list[tuple[Term, StoryEntry]] = []
    nowhere = 0
    for entry in between(occurred, chosen.since, chosen.until):
        where = {place for fact in (entry.fact, *entry.others) for place in places.get(fact, ())}
        nowhere += not where
        pairs += [(place, entry) for place in sorted(where)]
    return grouped(pairs), nowhere


def _latest(entries: Sequence[StoryEntry]) -> Sequence[StoryEntry]:
    dated = [entry for entry in entries if entry.order]
    return [*reversed(dated), *(entry for entry in entries if not entry.order)][:MOST_EVENTS]
