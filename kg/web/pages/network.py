"""Who met whom -> the network for a period, a topic and a kind of thing. Reads a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request

from kg.core.model import Term, Triple
from kg.core.terms import cq
from kg.core.values import local_name
from kg.questions.graph import Graph
from kg.questions.lookup import things_named
from kg.questions.names import Thing
from kg.questions.reading import FactReading, readings
from kg.questions.when import Days, days_by_fact, days_of
from kg.questions.words import Passage, words_behind
from kg.web.pages import tie_queries
from kg.web.pages.frame import Period, includes_displaced
from kg.web.pages.reported import reported_facts
from kg.web.pages.stories import Stories, StoryEntry, stories
from kg.web.site import Site
from kg.web.snapshot import Snapshot

KINDS = {"people": "Person", "bodies": "Organization", "places": "Place"}
"""The kinds of things that can be shown, and their classes."""

POSTS, PARTS = (cq("heldPostIn"), cq("represented")), (cq("subOrganizationOf"), cq("containedIn"))
"""The derived relations that join people to bodies, and bodies or places to one another."""

_ReadTies = Callable[[Iterable[Term], Sequence[Term]], Mapping[Triple, Sequence[Term]]]

MOST_PAIRS, MOST_EVENTS, WITH_WORDS = 120, 5, 30
"""How many pairs the page shows, those that met most often, how many events of each, and for how many evidence."""


@dataclass(frozen=True, slots=True)
class NetworkFilter:
    """The part of the network to show.

    Attributes:
        kind: people, bodies, places or all.
        since: the first day, or "".
        until: the last day, or "".
        topic: term of a topic, or "".
        person: term of a thing that must be one of each pair, or "".
        include: whether to include meetings that no longer stand.
    """

    kind: str = "people"
    since: str = ""
    until: str = ""
    topic: Term = ""
    person: Term = ""
    include: bool = False


@dataclass(frozen=True, slots=True)
class Encounter:
    """Two that met at an event.

    Attributes:
        one: term of a thing.
        other: term of a thing.
        story: the report that represents the story of the event.
        derivation: the reason.
        by_post: whether only a post suggests whom one of them represented there.
    """

    one: Term
    other: Term
    story: Term
    derivation: Term
    by_post: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Two that met, the events at which they met, newest first, and those of them where they did so only by post.

    *newest* are the first events as a page shows them.
    """

    one: Thing
    other: Thing
    events: tuple[StoryEntry, ...]
    newest: tuple[FactReading, ...] = ()
    words: tuple[Passage, ...] = ()
    by_post: frozenset[Term] = frozenset()

    @property
    def is_by_post(self) -> bool:
        """Whether they met only by post."""
        return len(self.by_post) == len(self.events)


@dataclass(frozen=True, slots=True)
class Bond:
    """A person's post in a body, or a body that is part of another: *relation* in words, *kind* "post" or "part".

    *facts* are those that it rests on, and *days* the first and last possible day of those that have one, else "". Both
    are read for files only.
    """

    one: Thing
    relation: str
    other: Thing
    kind: str
    facts: tuple[Term, ...] = ()
    days: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Network:
    """Pairs by number of meetings, and the total numbers of pairs, things and meetings.

    *bonds* join the people in *pairs* to their bodies, and bodies and places to those that they are parts of.
    """

    pairs: tuple[Pair, ...]
    total: int
    things: int
    meetings: int
    bonds: tuple[Bond, ...] = ()

    @property
    def ends(self) -> tuple[Thing, ...]:
        """Everything in it, each once: those that met in the order of *pairs*, then their bodies."""
        met = [end for pair in self.pairs for end in (pair.one, pair.other)]
        return tuple(dict.fromkeys([*met, *(end for bond in self.bonds for end in (bond.one, bond.other))]))


def encounters(snapshot: Snapshot, include: bool = False) -> tuple[Encounter, ...]:
    """Return who met whom at which event, each pair once for each event; *include* what no longer stands."""

    def made(graph: Graph) -> Mapping[bool, tuple[Encounter, ...]]:
        every = [
            Encounter(one, other, story, derivation, tie == cq("metWithByPost"))
            for one, other, tie, story, derivation in tie_queries.encounters(graph)
            if one and other and story and derivation
        ]
        displaced = reported_facts(snapshot).displaced
        standing = [each for each in every if each.derivation not in displaced]
        return {False: _once(standing, stories(snapshot)), True: _once(every, stories(snapshot, include=True))}

    return snapshot.remembered("encounters", made)[include]


def _once(every: Iterable[Encounter], known: Stories) -> tuple[Encounter, ...]:
    """Return those at *known* stories, each pair once for each of them."""
    # what the article says comes first; the rest only makes every store choose the same derivation
    ordered = sorted(
        (each for each in every if each.story in known.by_story),
        key=lambda each: (each.one, each.other, each.story, each.by_post, each.derivation),
    )
    first = {(each.one, each.other, each.story): each for each in reversed(ordered)}
    return tuple(first[key] for key in sorted(first))


def network_shown(snapshot: Snapshot, chosen: NetworkFilter, *, with_facts: bool = False) -> Network:
    """Return the part of the network that matches *chosen*, its bonds *with_facts* and days only on request."""
    known = stories(snapshot, chosen.include)
    every, fits = encounters(snapshot, chosen.include), _of_kind(chosen.kind)
    ends = things_named(snapshot.graph, {end for encounter in every for end in (encounter.one, encounter.other)})
    things = {end: thing for end, thing in ends.items() if fits(thing)}
    met: dict[tuple[Term, Term], list[Encounter]] = {}
    for encounter in every:
        if encounter.one in things and encounter.other in things and _matches(encounter, known, chosen):
            met.setdefault((encounter.one, encounter.other), []).append(encounter)
    ordered = sorted(met, key=lambda pair: (-len(met[pair]), things[pair[0]].label, things[pair[1]].label, pair))
    shown = ordered[:MOST_PAIRS]
    shown_ends = dict.fromkeys(end for pair in shown for end in pair)
    return Network(
        pairs=_pairs(snapshot.graph, shown, met, things, known),
        total=len(ordered),
        things=len({end for pair in ordered for end in pair}),
        meetings=len({encounter.story for some in met.values() for encounter in some}),
        bonds=_bonds(snapshot.graph, shown_ends, _ties(snapshot, chosen.include, with_facts)),
    )


def displaced_ties(snapshot: Snapshot) -> Sequence[Triple]:
    """Return the ties to bodies, and between bodies and places, with a derivation that no longer stands."""
    return snapshot.remembered("displaced ties", lambda graph: tie_queries.displaced_ties(graph, (*POSTS, *PARTS)))


def _ties(snapshot: Snapshot, include: bool, with_facts: bool) -> _ReadTies:
    """Return what reads the ties of some nodes with some relations, each with the facts behind it if *with_facts*."""

    def ties(nodes: Iterable[Term], relations: Sequence[Term]) -> Mapping[Triple, Sequence[Term]]:
        if with_facts:
            return tie_queries.ties_of(snapshot.graph, nodes, relations, include)
        some = dict.fromkeys(nodes)
        gone = [tie for tie in displaced_ties(snapshot) if tie[0] in some and tie[1] in relations] if include else []
        return dict.fromkeys(sorted({*tie_queries.standing_ties_of(snapshot.graph, some, relations), *gone}), ())

    return ties


def _bonds(graph: Graph, ends: Iterable[Term], ties: _ReadTies) -> tuple[Bond, ...]:
    """Return the posts of the people in *ends*, and which bodies and places are parts of one another."""
    posts = ties(ends, POSTS)
    bodies = dict.fromkeys([*ends, *(body for _, _, body in posts)])
    parts = [tie for tie in ties(bodies, PARTS) if tie[2] in bodies]
    things = things_named(graph, {end for one, _, other in (*posts, *parts) for end in (one, other)})
    words = graph.labels({relation for _, relation, _ in (*posts, *parts)})
    days = days_by_fact(graph, {fact for facts in posts.values() for fact in facts})
    return tuple(
        _bond(
            things[one],
            words.get(relation, local_name(relation)),
            things[other],
            kind,
            posts.get((one, relation, other), ()),
            days,
        )
        for kind, ties in (("post", posts), ("part", parts))
        for one, relation, other in ties
        if one in things and other in things
    )


def _bond(one: Thing, relation: str, other: Thing, kind: str, facts: Sequence[Term], days: Mapping[Term, Days]) -> Bond:
    return Bond(one, relation, other, kind, tuple(facts), days_of(days[fact] for fact in facts if fact in days))


def filter_in(site: Site, request: Request, period: Period) -> NetworkFilter:
    """Return the filter in the address, without invalid values."""
    kind = request.query_params.get("kind", "people")
    return NetworkFilter(
        kind if kind in ("all", *KINDS) else "people",
        period.since,
        period.until,
        _term(site, request.query_params.get("topic", "")),
        _term(site, request.query_params.get("with", "")),
        includes_displaced(request),
    )


def _term(site: Site, given: str) -> Term:
    return f"<{site.project.base}{given}>" if given and not set(given) & set(' <>"{}|^`\\') else ""


def _of_kind(kind: str) -> Callable[[Thing], bool]:
    if kind == "all":
        return lambda _: True
    segment = {"people": ("person/",), "bodies": ("organization/",), "places": ("place/",)}[kind]
    return lambda thing: thing.id.startswith(segment)


def _matches(encounter: Encounter, known: Stories, chosen: NetworkFilter) -> bool:
    if chosen.person and chosen.person not in (encounter.one, encounter.other):
        return False
    entry = known.by_story[encounter.story]
    if chosen.topic and chosen.topic not in entry.topics:
        return False
    if chosen.since or chosen.until:
        return entry.when is not None and entry.when.may_fall(chosen.since, chosen.until)
    return True


def _pairs(
    graph: Graph,
    chosen: Sequence[tuple[Term, Term]],
    met: Mapping[tuple[Term, Term], Sequence[Encounter]],
    things: Mapping[Term, Thing],
    known: Stories,
) -> tuple[Pair, ...]:
    words = words_behind(graph, [met[pair][0].derivation for pair in chosen[:WITH_WORDS]])
    events = {pair: _newest_first(known.by_story[encounter.story] for encounter in met[pair]) for pair in chosen}
    read = readings(graph, (event.fact for some in events.values() for event in some[:MOST_EVENTS]))
    pairs = []
    for one, other in chosen:
        newest = tuple(read[event.fact] for event in events[one, other][:MOST_EVENTS])
        by_post = frozenset(known.by_story[each.story].fact for each in met[one, other] if each.by_post)
        evidence = words.get(met[one, other][0].derivation, ())
        pairs.append(Pair(things[one], things[other], events[one, other], newest, evidence, by_post))
    return tuple(pairs)


def _newest_first(events: Iterable[StoryEntry]) -> tuple[StoryEntry, ...]:
    return tuple(sorted(events, key=lambda event: event.order, reverse=True))
