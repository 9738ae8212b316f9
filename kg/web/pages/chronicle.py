"""All events, agreements and posts in the order of time, and who met whom when; made once for each generation.

What has no date of its own has that of the larger event it belongs to, or of the event that dates it. A meeting that
several articles report counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.model import Term
from kg.questions.graph import Graph
from kg.terms import CODE, cq
from kg.values import lexical
from kg.web.pages import asked_once
from kg.web.pages.asked import Row, article_of
from kg.web.pages.lexicon import Lexicon, lexicon
from kg.web.pages.telling import Days
from kg.web.snapshot import Snapshot

OCCURRED = f"<{CODE}occurrence/Occurred>"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened, was agreed or was held.

    Attributes:
        fact: its term.
        label: what it is called.
        family: event, agreement or post.
        type: its class.
        state: code of its occurrence or stage, or "".
        days: when, None if nothing tells.
        article: that reports it.
        topics: of an event, those above them included.
        things: of a post, the holder and the body.
    """

    fact: Term
    label: str
    family: str
    type: Term
    state: Term
    days: Days | None
    article: Term
    topics: frozenset[Term] = frozenset()
    things: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Chronicle:
    """Entries by first day, those without a date last."""

    entries: tuple[Entry, ...]
    by_fact: Mapping[Term, Entry]


@dataclass(frozen=True, slots=True)
class Encounter:
    """Two that met at an event; *derivation* tells why."""

    one: Term
    other: Term
    event: Term
    derivation: Term


def chronicle(snapshot: Snapshot) -> Chronicle:
    """Return the chronicle of this generation."""
    words = lexicon(snapshot)
    return snapshot.remembered("chronicle", lambda graph: _chronicle(graph, words))


def encounters(snapshot: Snapshot) -> tuple[Encounter, ...]:
    """Return who met whom at which event, each pair once for each event."""
    known = chronicle(snapshot)
    return snapshot.remembered("encounters", lambda graph: _encounters(graph, known))


def _chronicle(graph: Graph, words: Lexicon) -> Chronicle:
    topics = _topics(graph)
    days = _event_days(asked_once.events(graph), asked_once.larger_events(graph))
    entries = {
        **{entry.fact: entry for entry in _events(graph, words, days, topics)},
        **{entry.fact: entry for entry in _agreements(graph, days)},
        **{entry.fact: entry for entry in _posts(graph, days)},
    }
    ordered = sorted(entries.values(), key=_order)
    return Chronicle(tuple(ordered), entries)


def _order(entry: Entry) -> tuple[bool, str, str, str]:
    days = entry.days
    return (days is None, days.first if days else "", entry.label, entry.fact)


def _event_days(events: Iterable[Row], larger: Iterable[Row]) -> dict[Term, Days]:
    """Return event -> its days: as stated, else as inferred, else those of the narrowest event around it."""
    own: dict[Term, Days] = {}
    for event, _, _, _, prop, first, last in events:
        if event and first and last:
            days = Days(lexical(first), lexical(last), prop == cq("inferredDate"))
            if event not in own or own[event].inferred:
                own[event] = days
    found = dict(own)
    for event, whole in larger:
        if event and whole and event not in own and whole in own:
            before = found.get(event)
            if before is None or _length(own[whole]) < _length(before):
                found[event] = own[whole]
    return found


def _length(days: Days) -> tuple[str, str]:
    return (days.last, "".join(chr(0x10FFFF - ord(char)) for char in days.first))


def _topics(graph: Graph) -> dict[Term, frozenset[Term]]:
    above: dict[Term, set[Term]] = {}
    for topic, wider in asked_once.broader_topics(graph):
        if topic and wider:
            above.setdefault(topic, set()).add(wider)
    found: dict[Term, set[Term]] = {}
    for event, topic in asked_once.event_topics(graph):
        if event and topic:
            found.setdefault(event, set()).update(_and_above(topic, above))
    return {event: frozenset(topics) for event, topics in found.items()}


def _and_above(topic: Term, above: Mapping[Term, set[Term]]) -> set[Term]:
    found = {topic}
    new = {topic}
    while new:
        new = {wider for one in new for wider in above.get(one, ())} - found
        found |= new
    return found


def _events(
    graph: Graph, words: Lexicon, days: Mapping[Term, Days], topics: Mapping[Term, frozenset[Term]]
) -> list[Entry]:
    return [
        Entry(
            event,
            lexical(label) if label else words.label(kind),
            "event",
            kind,
            state,
            days.get(event),
            article_of(graph, event),
            topics.get(event, frozenset()),
        )
        for event, kind, label, state, *_ in asked_once.events(graph)
        if event and kind and state
    ]


def _agreements(graph: Graph, days: Mapping[Term, Days]) -> list[Entry]:
    found = []
    for agreement, kind, label, stage, event, first, last in asked_once.agreements(graph):
        if agreement and kind and stage:
            own = Days(lexical(first), lexical(last)) if first and last else None
            when = days.get(event) if event else None
            name = lexical(label) if label else graph.id(agreement)
            article = article_of(graph, agreement)
            found.append(Entry(agreement, name, "agreement", kind, stage, when or own, article))
    return found


def _posts(graph: Graph, days: Mapping[Term, Days]) -> list[Entry]:
    posts: dict[Term, list[Row]] = {}
    for row in asked_once.tenures(graph):
        if row[0]:
            posts.setdefault(row[0], []).append(row)
    found = []
    for tenure, rows in posts.items():
        _, kind, label, holder, _, event, *_ = rows[0]
        times = {row[6]: Days(lexical(row[7]), lexical(row[8])) for row in rows if row[6] and row[7] and row[8]}
        begun, ended = times.get(cq("start")), times.get(cq("end"))
        attested = times.get(cq("attestedOn")) or (days.get(event) if event else None)
        span = Days((begun or ended).first, (ended or begun).last) if begun or ended else attested  # type: ignore[union-attr]
        things = tuple(dict.fromkeys(row[k] or "" for row in rows for k in (3, 4) if row[k]))
        name = lexical(label) if label else graph.id(tenure)
        if kind and holder:
            found.append(Entry(tenure, name, "post", kind, "", span, article_of(graph, tenure), things=things))
    return found


def _encounters(graph: Graph, known: Chronicle) -> tuple[Encounter, ...]:
    twins: dict[Term, Term] = {}
    for one, other in asked_once.same_events(graph):
        if one and other:
            twins[max(one, other)] = min(twins.get(max(one, other), min(one, other)), min(one, other))
    found: dict[tuple[Term, Term, Term], Encounter] = {}
    for one, other, event, derivation in asked_once.encounters(graph):
        entry = known.by_fact.get(event or "")
        if one and other and derivation and entry and entry.family == "event":
            same = twins.get(entry.fact, entry.fact)
            found.setdefault((one, other, same), Encounter(one, other, same, derivation))
    return tuple(found[key] for key in sorted(found))


def between(entries: Sequence[Entry], since: str, until: str) -> list[Entry]:
    """Return the entries that may fall into the period, both ends included, "" for open; without a period all."""
    if not since and not until:
        return list(entries)
    return [
        entry
        for entry in entries
        if entry.days and (not since or entry.days.last >= since) and (not until or entry.days.first <= until)
    ]
