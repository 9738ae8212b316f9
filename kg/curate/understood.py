"""A compiled article -> what the compiler understood by the dates and amounts that are written in words. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kg.core.model import Document, Term
from kg.core.periods import edtf_words
from kg.core.terms import TYPE, cq
from kg.core.typed import amounts_in_words
from kg.core.values import is_iri, lexical, local_name
from kg.curate.places import MappingPlaces, Path
from kg.ontology.vocabulary import Vocabulary

_AMOUNTS = ("amount", "lowerAmount", "upperAmount")
EQUAL, BETWEEN = "EqualTo", "Between"


@dataclass(frozen=True, slots=True)
class Understood:
    """What words in a field mean.

    Attributes:
        fact: id of the fact.
        path: of the field.
        means: the date or the amount, in words.
        how: how it was determined, in words.
    """

    fact: str
    path: Path
    means: str
    how: str


def understood(document: Document, places: MappingPlaces, vocabulary: Vocabulary) -> Iterator[Understood]:
    """Yield what dates and amounts mean, each at its field."""
    values: dict[Term, dict[Term, Term]] = {}
    for subject, predicate, value in document.triples:
        values.setdefault(subject, {})[predicate] = value
    for (_, predicate, node), place in document.source.values.items():
        own = values.get(node, {})
        if (
            own.get(TYPE)
            and vocabulary.class_of(own[TYPE]).compact_form
            and local_name(predicate) in vocabulary.properties
        ):
            at = places.field(place)
            if means := _meaning(own, vocabulary):
                yield Understood(at.fact, at.path, *means)


def _meaning(own: Mapping[Term, Term], vocabulary: Vocabulary) -> tuple[str, str] | None:
    if edtf := lexical(own.get(cq("edtf"), "")):
        method = vocabulary.code_terms.get(own.get(cq("method"), ""))
        return _day(edtf), method.definition if method else ""
    amounts = [lexical(own[cq(name)]) for name in _AMOUNTS if cq(name) in own]
    return (" ".join(_quantity(own, amounts, vocabulary)), "") if amounts else None


def _day(edtf: str) -> str:
    """Return a date in words, with its weekday if it is one day."""
    try:
        day = date.fromisoformat(edtf)
    except ValueError:
        return edtf_words(edtf) or edtf
    return f"{day:%A} {edtf_words(edtf)}"


def _quantity(own: Mapping[Term, Term], amounts: Sequence[str], vocabulary: Vocabulary) -> Iterator[str]:
    comparator = vocabulary.code_terms.get(own.get(cq("comparator"), ""))
    if comparator and comparator.name != EQUAL:
        yield comparator.label
    yield amounts_in_words(amounts, between=comparator is not None and comparator.name == BETWEEN)
    for name in ("unit", "currency"):
        value = own.get(cq(name), "")
        if value:
            code = vocabulary.code_terms.get(value)
            yield code.label if code else lexical(value) if not is_iri(value) else local_name(value)
