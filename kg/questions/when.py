"""Facts -> the date of each, from the graph (cq:whenEarliest and the like). Reads a store.

Nothing is decided here: kg/mapping/dating.py and ontology/rules/dated-elsewhere.rq have done that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from sys import intern

from kg.core.model import Term
from kg.core.terms import ATTESTED, CODE, THROUGHOUT, cq
from kg.core.values import lexical
from kg.questions.graph import Graph, optional, portions

INFERRED, COUNTED = (f"<{CODE}dating/{name}>" for name in ("Inferred", "Counted"))

_COLUMNS = ("whenDating", "whenFrom", "whenEarliest", "whenLatest", "whenExtent", "whenText", "whenWritten")
PROPERTIES = frozenset(map(cq, (*_COLUMNS, "whenOf", "datedThrough")))
"""Properties with the date of a fact. Pages show them in one line, not as properties."""

_BOUNDS = (cq("whenEarliest"), cq("whenLatest"))
_UNCERTAIN = " (uncertain)"
_OPEN = ("from ", "until ")
_DAY = re.compile(r"(?<!\d)\d{1,2}(?!\d)")


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day on which something may have been, as xsd:date, "" for one that is unknown."""

    earliest: str
    latest: str

    @property
    def order(self) -> str:
        """Its sort key, "" without a day."""
        return self.earliest or self.latest

    def may_fall(self, since: str, until: str) -> bool:
        """Whether it may fall in a period, both ends included, "" for an open end. False without a day."""
        return bool(self.order) and (self.latest or "9999") >= since and (not until or self.earliest <= until)


@dataclass(frozen=True, slots=True)
class FactTime(Days):
    """The date of a fact.

    Attributes:
        dating: code of how the date is known.
        source: the time, or the other fact, that it comes from.
        extent: code of what the two days mean, "" without a day.
        days: the date in words, "" without a day.
        written: the article's words for it, or "".
    """

    dating: Term
    source: Term
    extent: Term = ""
    days: str = ""
    written: str = ""

    @property
    def text(self) -> str:
        """The date, "as of" if the fact was only so then, and how it is known if the article does not state it."""
        if not self.days:
            return f"“{self.written}”" if self.written else ""
        days = self.days.removesuffix(_UNCERTAIN) if self.dating == INFERRED else self.days
        if self.extent == ATTESTED:
            days = f"attested {days}" if days.startswith(_OPEN) else f"as of {days}"
        return " · ".join(filter(None, (days, self._how())))

    def _how(self) -> str:
        if self.dating == COUNTED:
            return f"counted from “{self.written}”" if self.written else "counted from its words"
        if self.dating != INFERRED:
            return ""
        gives_day = self.days[:1].isdigit() and _DAY.search(self.written)
        return "year inferred" if gives_day and self.order[:4] not in self.written else "inferred"

    @property
    def is_vague(self) -> bool:
        """Whether it is an unknown time within several days."""
        return bool(self.order) and self.extent != THROUGHOUT and self.earliest != self.latest


def days_of(dates: Iterable[Days]) -> tuple[str, str]:
    """Return the first and the last possible day of all *dates*, "" for one that none of them has."""
    known = list(dates)
    first, last = [date.earliest for date in known if date.earliest], [date.latest for date in known if date.latest]
    return min(first, default=""), max(last, default="")


def dates_of(graph: Graph, facts: Iterable[Term]) -> Mapping[Term, FactTime]:
    """Return fact -> its date, for those of *facts* that have one."""
    rows = (row for some in portions(facts) for row in graph.store.select(_query(f"VALUES ?fact {{ {some} }}")).rows)
    return _dates(rows)


def all_days(graph: Graph) -> Mapping[Term, Days]:
    """Return fact -> its days, for all facts with a day. Reads all articles."""
    return _days(*({fact: intern(lexical(day)) for fact, day in graph.every_value(bound)} for bound in _BOUNDS))


def days_by_fact(graph: Graph, facts: Iterable[Term]) -> Mapping[Term, Days]:
    """Return fact -> its days, for those of *facts* with a day, as `dates_of` without the words."""
    bounds: dict[Term, dict[Term, str]] = {bound: {} for bound in _BOUNDS}
    for some in portions(facts):
        for bound, days in bounds.items():
            query = f"SELECT ?fact ?day WHERE {{ VALUES ?fact {{ {some} }} GRAPH ?dated {{ ?fact {bound} ?day }} }}"
            days |= {fact: lexical(day) for fact, day in graph.store.select(query).rows if fact}
    return _days(*bounds.values())


def _days(earliest: Mapping[Term, str], latest: Mapping[Term, str]) -> Mapping[Term, Days]:
    pairs = {fact: (earliest.get(fact, ""), latest.get(fact, "")) for fact in earliest.keys() | latest.keys()}
    made = {pair: Days(*pair) for pair in set(pairs.values())}
    return {fact: made[pair] for fact, pair in pairs.items()}


def _query(bound: str) -> str:
    first, *others = _COLUMNS
    further = "".join(optional("?dated", f"?fact {cq(name)} ?{name}") for name in others)
    names = " ".join(f"?{name}" for name in _COLUMNS)
    return f"SELECT ?fact {names} WHERE {{ {bound} GRAPH ?dated {{ ?fact {cq(first)} ?{first} }}{further} }}"


def _dates(rows: Iterable[Sequence[Term | None]]) -> Mapping[Term, FactTime]:
    dates: dict[Term, FactTime] = {}
    for fact, dating, source, *rest in rows:
        if fact and dating and source:
            earliest, latest, extent, days, written = (term or "" for term in rest)
            texts = [lexical(term) for term in (earliest, latest, days, written)]
            dates[fact] = FactTime(texts[0], texts[1], dating, source, extent, texts[2], texts[3])
    return dates
