"""The facts of one article -> the date of each, as the ontology decides. No I/O.

A class names in cq:datedBy the properties that date its facts: the first that gives days takes precedence. A code of a
fact, such as the stage of an agreement, may name properties that come before those of its class. A property leads to a
time, or to another fact, whose date is then the fact's own. What lasts is dated by its two ends instead; without them
its date only says that it was so then.

A date that a fact of another article gives is not known here: cq:whenFrom names that fact, and the rule
`dated-elsewhere` does the rest. The properties further down the list are then ignored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kg.core import values
from kg.core.errors import Place
from kg.core.model import Node, Term, Value
from kg.core.periods import edtf_words, period
from kg.core.terms import ATTESTED, CODE, THROUGHOUT, cq
from kg.mapping.triples import every
from kg.ontology.vocabulary import Vocabulary

MOST_STEPS = 20
"""Steps from fact to fact over which a date is taken. No article nests events deeper."""

OPEN, UNDATED = (f"<{CODE}dating/{name}>" for name in ("Open", "Undated"))
FROM, OF, DATING, EARLIEST, LATEST, EXTENT, TEXT, WRITTEN = (
    cq(f"when{name}") for name in ("From", "Of", "Dating", "Earliest", "Latest", "Extent", "Text", "Written")
)
DAY, WITHIN = (f"<{CODE}extent/{name}>" for name in ("Day", "Within"))


class When(NamedTuple):
    """The date of a fact.

    Attributes:
        source: the time expression, or the other fact, that it comes from.
        of: the label of that other fact as a literal, or "".
        place: where that is written.
        dating: code for how it is known, "" while only another article gives it.
        earliest: its first day as xsd:date, "" if unknown.
        latest: its last day, "" if unknown.
        extent: code for what the two mean, "" without a day.
        text: the days in words as a literal, "" without a day.
        written: the article's words as a literal, or "".
    """

    source: Term
    place: Place
    of: Term = ""
    dating: Term = ""
    earliest: Term = ""
    latest: Term = ""
    extent: Term = ""
    text: Term = ""
    written: Term = ""

    @property
    def is_settled(self) -> bool:
        """Whether it has a day, or only another article can give it, so that later properties do not count."""
        return not self.dating or bool(self.earliest or self.latest)


def with_dates(nodes: Sequence[Node], vocabulary: Vocabulary) -> tuple[Node, ...]:
    """Return the nodes of an article, each fact with the values of its date, or the value that it is undated."""
    dates = _Dates({node.term: node for node in every(nodes)}, vocabulary)
    return tuple(node.extended(tuple(dates.values(node))) for node in nodes)


def _values(when: When) -> Iterator[Value]:
    terms = (
        (FROM, when.source),
        (OF, when.of),
        (DATING, when.dating),
        (EARLIEST, when.earliest),
        (LATEST, when.latest),
        (EXTENT, when.extent),
        (TEXT, when.text),
        (WRITTEN, when.written),
    )
    return (Value(predicate, term, when.place) for predicate, term in terms if term)


@dataclass(frozen=True, slots=True)
class _Dates:
    """Finds the dates of one article's facts.

    Attributes:
        nodes: term -> node, for all nodes of the article.
        vocabulary: what dates what.
    """

    nodes: Mapping[Term, Node]
    vocabulary: Vocabulary

    def values(self, node: Node) -> Iterator[Value]:
        """Yield the values of a fact's date, nothing for other nodes."""
        if self.vocabulary.is_fact(node.type):
            date = self.when(node)
            yield from _values(date) if date else (Value(DATING, UNDATED, node.place),)

    def when(self, fact: Node, through: tuple[Term, ...] = ()) -> When | None:
        """Return the date of a fact, None if it has none or facts date one another in a circle.

        Args:
            fact: of the article.
            through: the facts that take their date from it.
        """
        if fact.term in through or len(through) > MOST_STEPS:
            return None
        lasting = self._lasting(fact)
        if lasting:
            return lasting
        candidates = self._candidates(fact, (*through, fact.term))
        return self._attesting(fact, _best(candidates))

    def _attesting(self, fact: Node, date: When | None) -> When | None:
        """Return the date with what it means for a fact that lasts: neither its beginning nor its end."""
        term = self.vocabulary.class_of(fact.type)
        lasts = bool(term.dated_from or term.dated_until)
        return date._replace(extent=ATTESTED) if date and date.extent and lasts else date

    def _candidates(self, fact: Node, through: tuple[Term, ...]) -> Iterator[When]:
        """Yield the dates that a fact's properties give, the best first."""
        given = {value.predicate for value in fact.values}
        for name in self._properties(fact):
            values_of = fact.having(name) if cq(name) in given else ()
            for value in sorted(values_of, key=lambda value: value.object):
                date = self._date_of(value, through)
                if date:
                    yield date

    def _properties(self, fact: Node) -> Iterator[str]:
        """Yield the local names of the properties that may date a fact: those of its codes, then those of its class."""
        dated_by = self.vocabulary.dated_by
        yield from (name for value in fact.values for name in dated_by.get(value.object, ()))
        yield from self.vocabulary.class_of(fact.type).dated_by

    def _date_of(self, value: Value, through: tuple[Term, ...]) -> When | None:
        """Return the date that a time, or another fact, gives."""
        node = self.nodes.get(value.object)
        if node is None:
            return When(value.object, value.place)
        if self.vocabulary.is_fact(node.type):
            date = self.when(node, through)
            name = values.string_literal(node.label) if node.label else ""
            return date and date._replace(source=node.term, of=name, place=value.place, extent=_at(date.extent))
        return self._time(node)

    def _lasting(self, fact: Node) -> When | None:
        """Return the period of a fact that has a beginning or an end."""
        term = self.vocabulary.class_of(fact.type)
        begun, ended = (self._end_of(fact, name) for name in (term.dated_from, term.dated_until))
        known = [end for end in (begun, ended) if end]
        if not known:
            return None
        return known[0]._replace(
            dating=max((end.dating for end in known), key=self.vocabulary.code_ranks.__getitem__),
            earliest=begun.earliest if begun else "",
            latest=ended.latest if ended else "",
            extent=THROUGHOUT,
            text=_stretch_text(begun, ended),
            written=known[0].written if len(known) == 1 else "",
        )

    def _end_of(self, fact: Node, name: str) -> When | None:
        dates = fact.having(name) if name else ()
        times = (self._time(self.nodes[value.object]) for value in dates if value.object in self.nodes)
        return next((time for time in times if time.earliest or time.latest), None)

    def _time(self, time: Node) -> When:
        """Return the date that a time expression gives."""
        given = {value.predicate: value.object for value in time.values}
        first, last = given.get(cq("earliest"), ""), given.get(cq("latest"), "")
        edtf = values.lexical(given[cq("edtf")]) if cq("edtf") in given else ""
        codes = (self.vocabulary.code_terms.get(term) for term in given.values())
        dating = next((f"<{code.dating}>" for code in codes if code and code.dating), OPEN)
        return When(
            source=time.term,
            place=time.place,
            dating=dating if first or last else OPEN,
            earliest=first,
            latest=last,
            extent=_extent(first, last, edtf),
            text=_literal(edtf_words(edtf)) if edtf else "",
            written=given.get(cq("asWritten"), ""),
        )


def _best(candidates: Iterator[When]) -> When | None:
    """Return the first date that gives a day, else the first, None without any."""
    first = next(candidates, None)
    if first is None or first.is_settled:
        return first
    better = next((other for other in candidates if other.is_settled), first)
    return better._replace(written=better.written or first.written)


def _extent(first: Term, last: Term, edtf: str) -> Term:
    if not first and not last:
        return ""
    if first == last:
        return DAY
    return THROUGHOUT if "/" in edtf else WITHIN


def _literal(words: str) -> Term:
    return values.string_literal(words) if words else ""


def _stretch_text(begun: When | None, ended: When | None) -> Term:
    """Return the words for a period, each end with its own precision."""
    begins, ends = _begins(begun), _ends(ended)
    if begun and ended:
        days = all(end.extent == DAY for end in (begun, ended))
        stretch = period(values.lexical(begun.earliest), values.lexical(ended.latest))
        return _literal(stretch if days else f"{begins} to {ends}")
    return _literal(f"from {begins}" if begun else f"until {ends}")


def _begins(begun: When | None) -> str:
    words = values.lexical(begun.text) if begun else ""
    return f"{words.removeprefix('until ')} or earlier" if words.startswith("until ") else words.removeprefix("from ")


def _ends(ended: When | None) -> str:
    words = values.lexical(ended.text) if ended else ""
    return f"{words.removeprefix('from ')} or later" if words.startswith("from ") else words.removeprefix("until ")


def _at(extent: Term) -> Term:
    """Return what the days of something that lasts mean for what happened during it."""
    return WITHIN if extent in (THROUGHOUT, ATTESTED) else extent
