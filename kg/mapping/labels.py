"""The values of a node -> its label, and the days that its dates allow. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kg import values
from kg.model import Value
from kg.ontology.vocabulary import Vocabulary
from kg.terms import XSD, cq
from kg.words.edtf import date_ends


class Labels:
    """What the ontology says of labels and of the days of dates, looked up once for all nodes of a file."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        properties = vocabulary.properties.values()
        self._ranks = {cq(prop.name): prop.label_rank for prop in properties if prop.label_rank}
        self._bounds = [(prop, cq(of)) for prop in properties if (of := prop.lower_of or prop.upper_of)]

    def label(self, found: Iterable[Value]) -> str:
        """Return the text to show for a node: of the property that ranks first, in English where there is English."""
        texts = []
        for value in found:
            if value.predicate in self._ranks:
                language = values.language(value.object) or ""
                texts.append((self._ranks[value.predicate], language != "en", language, value.object))
        return values.lexical(min(texts)[3]) if texts else ""

    def day_bounds(self, found: Sequence[Value]) -> Iterator[Value]:
        """Yield the first and last day of each EDTF value, under the properties that the ontology names for them."""
        for prop, of in self._bounds:
            for value in found:
                first, last = date_ends(values.lexical(value.object)) if value.predicate == of else (None, None)
                day = first if prop.lower_of else last
                if day:
                    yield Value(cq(prop.name), values.literal(day.isoformat(), XSD + "date"), value.place)
