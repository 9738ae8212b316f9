"""Facts -> how each reads: its name, sentence, date and standing, its story, what displaced it. Reads a store.

Nothing is decided here: the compiler and the rules have. What a person is shown of a fact comes from its reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.terms import LABEL, TYPE, cq
from kg.core.values import lexical
from kg.questions.graph import Graph, portions
from kg.questions.standing import standings
from kg.questions.stories import Story, displacing, stories_of
from kg.questions.when import FactTime, dates_of

PROPERTIES = frozenset({LABEL, *map(cq, ("summary", "reportedAs", "attributedTo"))})
"""What else the compiler says of a fact for readers; dates and stories have their own (when.py, stories.py)."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class FactReading:
    """A fact as all surfaces show it.

    Attributes:
        fact: its term.
        type: its class.
        label: what it is called.
        summary: what it says, in one sentence.
        when: its date; None if it has none.
        standing: on whose word it stands, how far it has come, what became of it; "" where it is simply so.
        according_to: who says so, by name; "" if the article does.
        state: code of its stage or occurrence, or "".
        story: the reports of the same event or undertaking; None for facts of other kinds.
        displaced_by: the facts and articles that displace it, sorted; none if it stands.
    """

    fact: Term
    type: Term
    label: str
    summary: str
    when: FactTime | None = None
    standing: str = ""
    according_to: str = ""
    state: Term = ""
    story: Story | None = None
    displaced_by: tuple[Term, ...] = ()

    @property
    def date(self) -> str:
        """The date in words, and how it is known; "" without one."""
        return self.when.text if self.when else ""

    @property
    def order(self) -> str:
        """What sorts it by time; "" without a day."""
        return self.when.order if self.when else ""

    @property
    def says_more(self) -> bool:
        """Whether the sentence says more than the name and the standing do."""
        rest = self.summary.casefold().replace(self.label.casefold(), "")
        return bool({*_WORD.findall(rest)} - {*_WORD.findall(self.standing.casefold())})

    @property
    def latest_stage(self) -> Term:
        """Code of how far the undertaking has come by all articles, where this one reports another stage; else ""."""
        latest = self.story.latest_stage if self.story else ""
        return latest if latest != self.state else ""

    @property
    def other_reports(self) -> tuple[Term, ...]:
        """The other reports of its story."""
        return tuple(report for report in self.story.reports if report != self.fact) if self.story else ()


def readings(graph: Graph, facts: Iterable[Term]) -> Mapping[Term, FactReading]:
    """Return fact -> its reading; no entry for what is no fact."""
    return graph.each("reading", facts, lambda new: _readings(graph, new))


def _readings(graph: Graph, facts: list[Term]) -> dict[Term, FactReading]:
    rows = [row for some in portions(facts) for row in graph.store.select(_query(some)).rows]
    found = {fact: values for fact, *values in rows if fact}
    dates, standing, stories = dates_of(graph, found), standings(graph, found), stories_of(graph, found)
    displaced = displacing(graph, found)
    return {
        fact: FactReading(
            fact,
            type=kind or "",
            label=lexical(label),
            summary=lexical(summary),
            when=dates.get(fact),
            standing=standing.get(fact, ""),
            according_to=lexical(source),
            state=state or "",
            story=stories.get(fact),
            displaced_by=displaced.get(fact, ()),
        )
        for fact, (kind, label, summary, source, state) in found.items()
    }


def _query(facts: str) -> str:
    return (
        f"SELECT ?fact ?kind ?label ?summary ?source ?state WHERE {{ VALUES ?fact {{ {facts} }} GRAPH ?article {{"
        f" ?fact {cq('summary')} ?summary ; {LABEL} ?label ; {TYPE} ?kind ."
        f" OPTIONAL {{ ?fact {cq('attributedTo')} ?source }}"
        f" OPTIONAL {{ ?fact {cq('stage')}|{cq('occurrence')} ?state }} }} }}"
    )
