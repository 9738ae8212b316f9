"""The values of a node -> its label, and the bounds of its dates and numbers. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kg.core import values
from kg.core.edtf import date_ends
from kg.core.model import Term, Value
from kg.core.terms import XSD, cq
from kg.ontology.vocabulary import Vocabulary


class Labels:
    """What the ontology says about labels and bounds, looked up once for all nodes of a file."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        properties = vocabulary.properties.values()
        self._ranks = {cq(prop.name): prop.label_rank for prop in properties if prop.label_rank}
        self._bounds = [
            (cq(prop.name), end, frozenset(map(cq, of)))
            for prop in properties
            for end, of in enumerate((prop.lower_of, prop.upper_of))
            if of
        ]
        self._bounded = frozenset().union(*(of for _, _, of in self._bounds))
        self._open = {term: frozenset(map(cq, code.leaves_open)) for term, code in vocabulary.code_terms.items()}

    def label(self, node_values: Iterable[Value]) -> str:
        """Return the text to show for a node: of the property that ranks first, in English if there is any."""
        texts = []
        for value in node_values:
            if value.predicate in self._ranks:
                language = values.language(value.object) or ""
                texts.append((self._ranks[value.predicate], language != "en", language, value.object))
        return values.lexical(min(texts)[3]) if texts else ""

    def bounded(self, node_values: Sequence[Value]) -> tuple[Value, ...]:
        """Return a node's values with the first and last day of each date and the ends of each number recomputed.

        The ontology names the properties that hold them.
        """
        holders = {name for name, _, _ in self._bounds}
        stated = [value for value in node_values if value.predicate not in holders]
        return (*stated, *self.bounds(stated))

    def bounds(self, node_values: Sequence[Value]) -> Iterator[Value]:
        """Yield the first and last day of each date, and the ends of each number unless a code leaves them open."""
        if self._bounded.isdisjoint(value.predicate for value in node_values):  # most nodes have no date or figure
            return
        unbounded = {name for value in node_values for name in self._open.get(value.object, ())}
        for name, end, of in self._bounds:
            for value in node_values:
                bound = _bound(value.object, end) if value.predicate in of and name not in unbounded else None
                if bound:
                    yield Value(name, bound, value.place)


def _bound(term: Term, end: int) -> Term | None:
    """Return the first (0) or last (1) day that an EDTF text allows, None if unknown. A number is its own bound."""
    if values.datatype(term) == XSD + "decimal":
        return term
    day = date_ends(values.lexical(term))[end]
    return values.literal(day.isoformat(), XSD + "date") if day else None
