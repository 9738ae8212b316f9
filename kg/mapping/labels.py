"""The values of a node -> its label, and the days that its dates allow. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kg import values
from kg.dates import date_ends
from kg.model import Value
from kg.ontology.vocabulary import Vocabulary
from kg.terms import XSD, cq


def label_of(found: Iterable[Value], vocabulary: Vocabulary) -> str:
    """Return the text to show for a node: of the property that ranks first, in English where there is English."""
    ranks = {cq(prop.name): prop.label_rank for prop in vocabulary.properties.values() if prop.label_rank}
    texts = []
    for value in found:
        if value.predicate in ranks:
            language = values.language(value.object) or ""
            texts.append((ranks[value.predicate], language != "en", language, value.object))
    return values.lexical(min(texts)[3]) if texts else ""


def day_bounds(found: Sequence[Value], vocabulary: Vocabulary) -> Iterator[Value]:
    """Yield the first and last day of each EDTF value, under the properties that the ontology names for them."""
    for prop in vocabulary.properties.values():
        of = prop.lower_of or prop.upper_of
        for value in found if of else ():
            first, last = date_ends(values.lexical(value.object)) if value.predicate == cq(of) else (None, None)
            day = first if prop.lower_of else last
            if day:
                yield Value(cq(prop.name), values.literal(day.isoformat(), XSD + "date"), value.place)
