"""When facts were: one rule for every page. Pure.

An event has the date that its article states, else the one that the curator infers, else that of the narrowest event
around it. An agreement has that of the event at which it was ended, signed or announced, else the day it was set up.
A post lasts from its start to its end; with neither, it is attested on a day or at an event. A statement has a date, or
that of its occasion; a figure that of the day as of which it holds. Nothing else has a date: what a fact mentions
beside these, such as an event that came before it or the end of a term, is not when it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.model import Term
from kg.terms import CODE, cq
from kg.values import lexical
from kg.web.pages.calendar import period

START, END = cq("start"), cq("end")
OWN_DATES = tuple(map(cq, ("date", "inferredDate", "attestedOn", "statementDate", "asOf")))
"""Properties whose time is when the fact was, the first that it has before others."""

OCCASIONS = tuple(map(cq, ("endedAt", "signedAt", "announcedAt", "attestedAt", "occasion")))
"""Properties whose event dates the fact, where it has no such time."""

LAST_RESORT = cq("established")
TIMES = (START, END, *OWN_DATES, LAST_RESORT)
_CURATOR = f"<{CODE}dateMethod/Curator>"


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day that a time allows, as xsd:date; "" where it is open.

    Attributes:
        first: of these days.
        last: of these days.
        inferred: whether the curator inferred it.
        lasts: whether it is a stretch from the first to the last day, and not some time within them.
        words: for people, where the days alone do not tell it.
    """

    first: str
    last: str
    inferred: bool = False
    lasts: bool = False
    words: str = ""

    @property
    def text(self) -> str:
        """In words."""
        return f"{self.words or period(self.first, self.last)}{' (inferred)' if self.inferred else ''}"

    @property
    def order(self) -> str:
        """What sorts it."""
        return self.first or self.last

    @property
    def sometime(self) -> bool:
        """Whether it is one time within several days, and not known which."""
        return not self.lasts and self.first != self.last

    def may_fall(self, since: str, until: str) -> bool:
        """Whether it may fall into a period, both ends included, "" for open."""
        return (self.last or "9999") >= since and (not until or self.first <= until)


def days(first: Term | None, last: Term | None, edtf: Term | None, method: Term | None) -> Days:
    """Return the days of a time by its terms in the graph."""
    told = [lexical(term) if term else "" for term in (first, last, edtf)]
    return Days(told[0], told[1], method == _CURATOR, "/" in told[2])


@dataclass(slots=True)
class Dates:
    """What tells when facts were.

    Attributes:
        times: fact -> property of TIMES -> its days.
        occasions: fact -> property of OCCASIONS -> its events.
        around: event -> the larger events it is within.
    """

    times: dict[Term, dict[Term, Days]] = field(default_factory=dict)
    occasions: dict[Term, dict[Term, list[Term]]] = field(default_factory=dict)
    around: dict[Term, list[Term]] = field(default_factory=dict)

    def add_times(self, rows: Iterable[Sequence[Term | None]]) -> None:
        """Add rows of fact, property, first and last day, EDTF and method; a day without a year tells no date."""
        for fact, prop, first, last, edtf, method in rows:
            if fact and prop and (first or last):
                self.times.setdefault(fact, {}).setdefault(prop, days(first, last, edtf, method))

    def add_occasions(self, rows: Iterable[Sequence[Term | None]]) -> None:
        """Add rows of fact, property and event."""
        for fact, prop, event in rows:
            if fact and prop and event:
                self.occasions.setdefault(fact, {}).setdefault(prop, []).append(event)

    def add_around(self, rows: Iterable[Sequence[Term | None]]) -> None:
        """Add rows of event and larger event."""
        for event, whole in rows:
            if event and whole:
                self.around.setdefault(event, []).append(whole)

    def of(self, fact: Term) -> Days | None:
        """Return when a fact was, None if nothing tells."""
        times = self.times.get(fact, {})
        if START in times or END in times:
            return _span(times)
        own = self._own(fact)
        if own:
            return own
        occasions = self.occasions.get(fact, {})
        events = [event for prop in OCCASIONS for event in sorted(occasions.get(prop, ()))]
        dated = (found for event in events if (found := self._own(event) or self._narrowest(event)))
        return next(dated, None) or times.get(LAST_RESORT) or self._narrowest(fact)

    def _own(self, fact: Term) -> Days | None:
        times = self.times.get(fact, {})
        return next((times[prop] for prop in OWN_DATES if prop in times), None)

    def _narrowest(self, event: Term) -> Days | None:
        wholes = [found for whole in self.around.get(event, ()) if (found := self._own(whole))]
        return min(wholes, key=_width, default=None)


def _width(found: Days) -> tuple[str, str]:
    """Return what is the less, the less room the days leave at their end, then at their beginning."""
    return (found.last or "9999", "".join(chr(0x10FFFF - ord(char)) for char in found.first))


def _span(times: Mapping[Term, Days]) -> Days:
    begun, ended = times.get(START), times.get(END)
    if begun and ended:
        return Days(begun.first, ended.last, begun.inferred or ended.inferred, True, _from_to(begun, ended))
    if begun:
        return replace(begun, words=f"from {_plain(begun)}")
    assert ended
    return replace(ended, words=f"until {_plain(ended)}")


def _from_to(begun: Days, ended: Days) -> str:
    exact = all(each.first == each.last for each in (begun, ended))
    return "" if exact else f"{_plain(begun)} to {_plain(ended)}"


def _plain(found: Days) -> str:
    return period(found.first, found.last)
