"""All facts that the timeline may show, in the order of time, and who met whom when; made once for each generation.

A meeting that several articles report counts once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.model import Term
from kg.questions.graph import Graph
from kg.questions.when import When, all_dates
from kg.terms import FACT_CLASS
from kg.values import lexical
from kg.web.pages import asked_once
from kg.web.pages.asked import article_of, fact_of
from kg.web.pages.lexicon import Lexicon, lexicon
from kg.web.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened, was agreed or was held.

    Attributes:
        fact: its term.
        label: what it is called.
        section: key of the section of pages where it stands.
        type: its class.
        state: code of its occurrence or stage; of what is only denied, expected or the like, code of that; or "".
        when: its date, None if it has none.
        article: that reports it.
        topics: of an event, those above them included.
        holder: of a post, whose it is; else None.
    """

    fact: Term
    label: str
    section: str
    type: Term
    state: Term
    when: When | None
    article: Term
    topics: frozenset[Term] = frozenset()
    holder: Term | None = None


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
    topics, holders, dates = _topics(graph), dict(asked_once.holders(graph)), all_dates(graph)
    kinds = [kind for kind in words.above if words.is_a(kind, FACT_CLASS)]
    shown = {kind: section for kind in kinds if (section := words.section(kind)) and section.on_timeline}
    entries = {
        fact: Entry(
            fact,
            lexical(label) if label else words.label(kind),
            shown[kind].key,
            kind,
            word or state or "",
            dates.get(fact),
            article_of(graph, fact),
            topics.get(fact, frozenset()),
            holders.get(fact),
        )
        for fact, kind, label, state, word in asked_once.facts(graph, sorted(shown))
        if fact and kind and fact_of(graph, fact) == fact
    }
    return Chronicle(tuple(sorted(entries.values(), key=_order)), entries)


def _order(entry: Entry) -> tuple[bool, str, str, str]:
    day = entry.when.order if entry.when else ""
    return (not day, day, entry.label, entry.fact)


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


def _encounters(graph: Graph, known: Chronicle) -> tuple[Encounter, ...]:
    found: dict[tuple[Term, Term, Term], Encounter] = {}
    for one, other, event, derivation in asked_once.encounters(graph):
        if one and other and event and derivation and event in known.by_fact:
            found.setdefault((one, other, event), Encounter(one, other, event, derivation))
    return tuple(found[key] for key in sorted(found))


def between(entries: Sequence[Entry], since: str, until: str) -> list[Entry]:
    """Return the entries that may fall into the period, both ends included, "" for open; without a period all."""
    if not since and not until:
        return list(entries)
    return [entry for entry in entries if entry.when and entry.when.may_fall(since, until)]
