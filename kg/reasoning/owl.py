"""An ontology and facts -> the input of an OWL 2 DL reasoner, and the consequences of the simplest axioms. No I/O.

Shapes, labels and other annotations mean nothing to a reasoner and are left out. So is `owl:imports`, which reasoners
fetch from the network. A literal of a datatype that OWL 2 does not have (a date, an EDTF text) becomes a string, and
such a range is left out. https://www.w3.org/TR/owl2-mapping-to-rdf/ ; https://www.w3.org/TR/owl2-syntax/#Datatype_Maps
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import pyoxigraph as ox

from kg.core.model import Quad, Term
from kg.core.relations import closure, grouped
from kg.core.terms import LABEL, ONTOLOGY, OWL, RDF, RDFS, SH, SUBCLASS_OF, TYPE, XSD
from kg.core.values import LANG_STRING, datatype, is_iri, language, lexical

PLAIN_LITERAL = f"<{RDF}PlainLiteral>"
SUBPROPERTY_OF = f"<{RDFS}subPropertyOf>"
DOMAIN, RANGE = f"<{RDFS}domain>", f"<{RDFS}range>"
EQUIVALENT_CLASS = f"<{OWL}equivalentClass>"
THING, NOTHING = f"<{OWL}Thing>", f"<{OWL}Nothing>"
FIRST, REST, NIL = f"<{RDF}first>", f"<{RDF}rest>", f"<{RDF}nil>"

DATATYPES = frozenset(
    [
        f"{RDFS}Literal",
        *(RDF + name for name in ("PlainLiteral", "XMLLiteral")),
        *(OWL + name for name in ("real", "rational")),
        *(
            XSD + name
            for name in (
                "decimal integer nonNegativeInteger nonPositiveInteger positiveInteger negativeInteger long int short"
                " byte unsignedLong unsignedInt unsignedShort unsignedByte double float string normalizedString token"
                " language Name NCName NMTOKEN boolean hexBinary base64Binary anyURI dateTime dateTimeStamp"
            ).split()
        ),
    ]
)
"""The OWL 2 datatype map."""

_ANNOTATIONS = frozenset(
    f"<{OWL}{name}>"
    for name in "versionInfo versionIRI deprecated imports priorVersion backwardCompatibleWith incompatibleWith".split()
)
_STRUCTURE = frozenset({TYPE, SUBCLASS_OF, SUBPROPERTY_OF, DOMAIN, RANGE, FIRST, REST})


def ontology_statements(triples: Iterable[ox.Triple]) -> tuple[Quad, ...]:
    """Return the ontology as quads, with "" as the graph."""
    return tuple(Quad(str(t.subject), str(t.predicate), str(t.object), "") for t in triples)


def reasoner_lines(statements: Sequence[Quad]) -> tuple[str, ...]:
    """Return the axioms and assertions in *statements*, ontology and facts together, as lines of N-Triples."""
    kept = _attached(list(_axioms(statements)))
    header = f"<{ONTOLOGY}> {TYPE} <{OWL}Ontology> ."
    return (header, *sorted({f"{s.subject} {s.predicate} {_taken(s.object)} ." for s in kept}))


def declared(statements: Iterable[Quad], *kinds: str) -> frozenset[Term]:
    """Return the terms declared as one of these OWL types, such as `ObjectProperty`."""
    types = {f"<{OWL}{kind}>" for kind in kinds}
    return frozenset(s.subject for s in statements if s.predicate == TYPE and s.object in types)


def _axioms(statements: Sequence[Quad]) -> Iterator[Quad]:
    values = declared(statements, "DatatypeProperty")
    meaningful = _STRUCTURE | values | declared(statements, "ObjectProperty")
    headers = declared(statements, "Ontology")
    defined = {s.subject for s in statements if s.predicate == EQUIVALENT_CLASS}
    ranges = {*map("<{}>".format, DATATYPES), *defined}
    for statement in statements:
        subject, predicate, value, _ = statement
        if predicate == RANGE and subject in values and value == f"<{LANG_STRING}>":
            value = PLAIN_LITERAL
        is_axiom = predicate in meaningful or (predicate.startswith(f"<{OWL}") and predicate not in _ANNOTATIONS)
        is_shape = predicate == TYPE and value.startswith(f"<{SH}")
        is_unknown = predicate == RANGE and subject in values and is_iri(value) and value not in ranges
        if is_axiom and subject not in headers and not is_shape and not is_unknown:
            yield statement._replace(object=value)


def _attached(statements: Sequence[Quad]) -> Iterator[Quad]:
    """Yield the statements about names and about blank nodes that belong to an axiom, unlike the lists of shapes."""
    below = grouped((s.subject, s.object) for s in statements if _is_blank(s.object))
    axioms = {s.subject for s in statements if s.predicate == TYPE and s.object.startswith(f"<{OWL}")}
    reached = {s.subject for s in statements if not _is_blank(s.subject)} | axioms
    attached = frozenset(closure(reached, lambda node: below.get(node, ())))
    return (statement for statement in statements if statement.subject in attached)


def _is_blank(term: Term) -> bool:
    return term.startswith("_:")


def _taken(term: Term) -> Term:
    if not term.startswith('"') or datatype(term) in DATATYPES | {LANG_STRING}:
        return term
    return term[: term.rindex('"') + 1]


# -------- simple consequences


@dataclass(frozen=True, slots=True)
class Axioms:
    """The axioms between names. Only the reasoner uses those with class expressions.

    Attributes:
        above: class or property -> itself and everything above it, nearest first.
        domains: property -> classes of its subjects.
        ranges: property -> classes of its values.
        apart: pairs of disjoint classes.
        bound: properties with axioms other than domain, range and superproperties.
        labels: term -> label in English.
    """

    above: Mapping[Term, tuple[Term, ...]]
    domains: Mapping[Term, tuple[Term, ...]]
    ranges: Mapping[Term, tuple[Term, ...]]
    apart: frozenset[frozenset[Term]]
    bound: frozenset[Term]
    labels: Mapping[Term, str]

    def over(self, term: Term) -> tuple[Term, ...]:
        """Return *term* and everything above it."""
        return self.above.get(term, (term,))

    def clash(self, one: Term, other: Term) -> tuple[Term, Term] | None:
        """Return two disjoint classes, one at or above *one* and the other at or above *other*, or None."""
        pairs = ((a, b) for a in self.over(one) for b in self.over(other))
        return next((pair for pair in pairs if frozenset(pair) in self.apart), None)

    def label(self, term: Term) -> str:
        """Return the label of a class or property, or its local name."""
        return self.labels.get(term) or lexical(term).replace("#", "/").rsplit("/", 1)[-1]


def axioms_of(statements: Sequence[Quad]) -> Axioms:
    """Return the simple axioms of an ontology."""
    by: dict[Term, dict[Term, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for statement in statements:
        by[statement.predicate][statement.subject].append(statement.object)
    upwards: dict[Term, list[Term]] = defaultdict(list)
    for predicate in (SUBCLASS_OF, SUBPROPERTY_OF, EQUIVALENT_CLASS, f"<{OWL}equivalentProperty>"):
        for term, values in by[predicate].items():
            upwards[term] += filter(is_iri, values)
            if predicate.startswith(f"<{OWL}"):
                for value in filter(is_iri, values):
                    upwards[value].append(term)
    return Axioms(
        above={term: tuple(closure([term], lambda each: upwards.get(each, ()))) for term in list(upwards)},
        domains={term: tuple(filter(is_iri, values)) for term, values in by[DOMAIN].items()},
        ranges={term: tuple(filter(is_iri, values)) for term, values in by[RANGE].items()},
        apart=frozenset(_apart(statements, by)),
        bound=frozenset(_bound(tuple(_attached(list(_axioms(statements)))))),
        labels={term: lexical(value) for term, values in by[LABEL].items() for value in [_english(values)]},
    )


def directly_above(pairs: Iterable[tuple[Term, Term]]) -> dict[Term, tuple[Term, ...]]:
    """Return class -> its direct superclasses, from pairs of class and superclass at any distance, both sorted."""
    upwards: dict[Term, list[Term]] = defaultdict(list)
    for below, above in sorted(set(pairs)):
        upwards[below].append(above)
        upwards[above] += ()
    over = {term: frozenset(closure([term], lambda each: upwards.get(each, ()))) for term in upwards}

    def direct(term: Term, above: Term) -> bool:
        between = (other for other in upwards[term] if other not in (term, above))
        return term not in over[above] and not any(
            above in over[other] and other not in over[above] for other in between
        )

    return {term: tuple(above for above in upwards[term] if direct(term, above)) for term in sorted(upwards)}


def _bound(statements: Sequence[Quad]) -> Iterator[Term]:
    """Yield the properties in axioms of OWL itself: characteristics, restrictions, chains, keys."""
    kinds = ("ObjectProperty", "DatatypeProperty")
    properties, plain = declared(statements, *kinds), {f"<{OWL}{kind}>" for kind in kinds}
    for subject, predicate, value, _ in statements:
        special = value.startswith(f"<{OWL}") and value not in plain if predicate == TYPE else predicate == FIRST
        if special or predicate.startswith(f"<{OWL}"):
            yield from properties.intersection((subject, value))


def _apart(statements: Iterable[Quad], by: Mapping[Term, Mapping[Term, Sequence[Term]]]) -> Iterator[frozenset[Term]]:
    for one, others in by[f"<{OWL}disjointWith>"].items():
        yield from (frozenset({one, other}) for other in others if is_iri(other))
    groups = declared(statements, "AllDisjointClasses")
    lists = chain.from_iterable(by[f"<{OWL}members>"].get(group, ()) for group in sorted(groups))
    lists = chain(lists, chain.from_iterable(by[f"<{OWL}disjointUnionOf>"].values()))
    for head in lists:
        yield from map(frozenset, combinations(_members(head, by), 2))


def _members(head: Term, by: Mapping[Term, Mapping[Term, Sequence[Term]]]) -> Iterator[Term]:
    seen: set[Term] = set()
    while head != NIL and head not in seen and by[REST].get(head):
        seen.add(head)
        yield from filter(is_iri, by[FIRST].get(head, ())[:1])
        head = by[REST][head][0]


def _english(values: Sequence[Term]) -> Term:
    return next((value for value in values if (language(value) or "en").startswith("en")), values[0])
