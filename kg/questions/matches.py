"""Matches of a search -> what a list of them says of each beside its name. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.core.model import Term
from kg.questions.graph import Graph
from kg.questions.names import Match
from kg.questions.reading import readings

NO_LONGER, DISPUTED = "no longer stands", "disagreement"


def notes_on(graph: Graph, matches: Sequence[Match]) -> Mapping[Term, str]:
    """Return thing -> its disambiguation; for a fact its date, its standing, and whether it no longer stands or another
    article contradicts it."""
    facts = readings(graph, (some.thing.term for some in matches))
    notes = {some.thing.term: [some.thing.hint] for some in matches}
    for fact, reading in facts.items():
        notes[fact] += [reading.date, reading.standing, NO_LONGER if reading.displaced_by else ""]
        notes[fact] += [DISPUTED if reading.contradicted_by else ""]
    return {term: " · ".join(filter(None, parts)) for term, parts in notes.items()}
