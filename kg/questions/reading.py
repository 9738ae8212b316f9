"""Facts -> the reading of each: name, sentence, date, standing, story, what displaced or contradicts it. Reads a store.

Nothing is decided here: the compiler and the rules have done that. Every view of a fact uses its reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.terms import LABEL, TYPE, cq
from kg.core.values import lexical
from kg.questions.disagreements import contradicting
from kg.questions.graph import Graph, optional, portions
from kg.questions.standing import standings
from kg.questions.stories import Story, displacing, stories_of
from kg.questions.when import FactTime, dates_of

PROPERTIES = frozenset({LABEL, *map(cq, ("summary", "reportedAs", "attributedTo"))})
"""Other properties that the compiler adds for readers. Dates and stories have their own (when.py, stories.py)."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class FactReading:
    """A fact as all views show it.

    Attributes:
        fact: its term.
        type: its class.
        label: its name.
        summary: its content in one sentence.
        when: its date, or None.
        standing: how it is reported, its stage, its outcome, or "" if it is simply reported as true.
        according_to: the name of its source, "" if that is the article.
        state: code of its stage or occurrence, or "".
        story: the reports of the same event or undertaking, None for facts of other kinds.
        displaced_by: the facts and articles that displace it, sorted, empty if it stands.
        contradicted_by: the facts of other articles that cannot be true with it, sorted, except corrections.
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
    contradicted_by: tuple[Term, ...] = ()

    @property
    def date(self) -> str:
        """The date in words and how it is known, or ""."""
        return self.when.text if self.when else ""

    @property
    def order(self) -> str:
        """Its sort key by time, "" without a day."""
        return self.when.order if self.when else ""

    @property
    def says_more(self) -> bool:
        """Whether the sentence adds anything to the name and the standing."""
        rest = self.summary.casefold().replace(self.label.casefold(), "")
        return bool({*_WORD.findall(rest)} - {*_WORD.findall(self.standing.casefold())})

    @property
    def beyond_name(self) -> str:
        """The sentence without the name and the standing that it repeats, "" if that is all: who said a statement."""
        rest, name = self.summary.removesuffix("."), self.label.removesuffix(".")
        if rest.endswith(f": {name}"):
            return rest.removesuffix(f": {name}")
        if rest.startswith(f"{self.label} ("):
            inside, _, after = rest.removeprefix(f"{self.label} (").rpartition(")")
            after = after.removeprefix(": ")
            return "; ".join(filter(None, (inside, self._beyond_standing(after))))
        if rest.startswith(f"{self.label}: "):
            after = rest.removeprefix(f"{self.label}: ")
            return self._beyond_standing(after)
        return self.summary if self.says_more else ""

    @property
    def standing_beyond(self) -> str:
        """The standing, "" if the sentence says it."""
        return "" if self.standing in self.summary else self.standing

    def _beyond_standing(self, words: str) -> str:
        """Return the last words of the sentence, "" if its standing says them."""
        return "" if words in self.standing else words

    @property
    def latest_stage(self) -> Term:
        """Code of the undertaking's latest stage in all articles, if this report gives a different one, else ""."""
        latest = self.story.latest_stage if self.story else ""
        return latest if latest != self.state else ""

    @property
    def other_reports(self) -> tuple[Term, ...]:
        """The other reports of its story."""
        return tuple(report for report in self.story.reports if report != self.fact) if self.story else ()


def readings(graph: Graph, facts: Iterable[Term]) -> Mapping[Term, FactReading]:
    """Return fact -> its reading, without entries for nodes that are not facts."""
    return graph.each("reading", facts, lambda new: _readings(graph, new))


def _readings(graph: Graph, facts: list[Term]) -> dict[Term, FactReading]:
    rows = [row for some in portions(facts) for row in graph.store.select(_query(some)).rows]
    values_of = {fact: values for fact, *values in rows if fact}
    dates, standing, stories = dates_of(graph, values_of), standings(graph, values_of), stories_of(graph, values_of)
    displaced, contradicted = displacing(graph, values_of), contradicting(graph, values_of)
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
            contradicted_by=contradicted.get(fact, ()),
        )
        for fact, (kind, label, summary, source, state) in values_of.items()
    }


def _query(facts: str) -> str:
    source = optional("?article", f"?fact {cq('attributedTo')} ?source")
    state = optional("?article", f"?fact {cq('stage')}|{cq('occurrence')} ?state")
    return (
        f"SELECT ?fact ?kind ?label ?summary ?source ?state WHERE {{ VALUES ?fact {{ {facts} }} GRAPH ?article {{"
        f" ?fact {cq('summary')} ?summary ; {LABEL} ?label ; {TYPE} ?kind }}"
        f"{source}{state} }}"
    )
