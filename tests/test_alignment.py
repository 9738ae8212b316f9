"""Alignments to other vocabularies: every term exists there, is of our kind, and entails nothing that is not so.

`vocabularies.tsv` says what the terms are, as their vocabularies have it: kind, domain and range where there is one,
and who knows the term: rdflib, which lists the terms of most of them, or a page of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from rdflib import URIRef
from rdflib.namespace import DCTERMS, ORG, OWL, PROV, RDFS, SDO, SKOS, TIME

from kg.core.terms import CQ, RDF, RULE, SH
from kg.ontology.triples import ontology_triples

ONTOLOGY = Path(__file__).parent.parent / "ontology"
LISTS = {str(n): n for n in (DCTERMS, ORG, OWL, PROV, RDFS, SDO, SKOS, TIME)}
STRONG = (f"{RDFS}subClassOf", f"{RDFS}subPropertyOf")
WEAK = tuple(f"{SKOS}{name}Match" for name in ("exact", "close", "broad", "narrow", "related"))
CLASS, PROPERTY = "class", "property"
DECLARED = ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")


@dataclass(frozen=True, slots=True)
class Term:
    """A term of another vocabulary; `domain` and `range` are terms too, or "".

    Args:
        kind: class, property, object property, datatype property or annotation property.
        known_by: rdflib, or the address where it is defined.
    """

    name: str
    kind: str
    domain: str
    range: str
    known_by: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """Our term, how it is aligned, and to what; the last as a prefixed name."""

    ours: str
    relation: str
    theirs: str


@cache
def known() -> Mapping[str, Term]:
    lines = (Path(__file__).parent / "vocabularies.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return {term.name: term for term in (Term(*line.split("\t")) for line in lines)}


@cache
def statements() -> Mapping[str, list[tuple[str, str]]]:
    """Return subject -> predicate and object of all that the ontology says."""
    found: dict[str, list[tuple[str, str]]] = {}
    for triple in ontology_triples([ONTOLOGY]):
        found.setdefault(triple.subject.value, []).append((triple.predicate.value, triple.object.value))
    return found


def objects(subject: str, predicate: str) -> list[str]:
    return [o for p, o in statements()[subject] if p == predicate] if subject in statements() else []


@cache
def prefixes() -> Mapping[str, str]:
    """Return namespace -> prefix."""
    declared = objects(f"{CQ[:-1]}", f"{SH}declare")
    return {objects(node, f"{SH}namespace")[0]: objects(node, f"{SH}prefix")[0] for node in declared}


def short(iri: str) -> str:
    """Return an IRI as a prefixed name, "" if its namespace has no prefix."""
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    return f"{prefixes()[iri[:cut]]}:{iri[cut:]}" if iri[:cut] in prefixes() else ""


def alignments() -> Iterator[Alignment]:
    for ours in statements():
        for relation, theirs in statements()[ours]:
            if relation in (*STRONG, *WEAK) and ours.startswith(CQ) and not theirs.startswith(CQ):
                yield Alignment(ours, relation, short(theirs))


def faults(alignment: Alignment) -> Iterator[str]:
    """Yield what is wrong with an alignment, as far as the other vocabulary says."""
    term = known().get(alignment.theirs)
    if term is None:
        yield "no such term"
        return
    ours = CLASS if f"{OWL}Class" in objects(alignment.ours, f"{RDF}type") else PROPERTY
    if ours != (CLASS if term.kind == CLASS else PROPERTY):
        yield f"a {ours} aligned to a {term.kind}"
    if alignment.relation == f"{RDFS}subPropertyOf":
        for end, theirs in (("domain", term.domain), ("range", term.range)):
            for mine in objects(alignment.ours, f"{RDFS}{end}"):
                if theirs in known() and theirs not in above(mine):
                    yield f"its {end} {short(mine)} is no {theirs}"


def above(iri: str) -> set[str]:
    """Return a class of ours and all that it is a subclass of, directly or through others, as prefixed names."""
    found, new = {iri}, [iri]
    while new:
        new = [c for each in new for c in objects(each, f"{RDFS}subClassOf") if c not in found]
        found |= set(new)
    return {short(c) for c in found}


ALL = list(alignments())


@pytest.mark.parametrize("alignment", ALL, ids=lambda a: f"{a.ours.removeprefix(CQ)} {a.theirs}")
def test_a_term_is_aligned_to_one_that_exists_and_is_of_its_kind(alignment: Alignment) -> None:
    assert list(faults(alignment)) == []


@pytest.mark.parametrize(
    ("alignment", "fault"),
    [
        (Alignment(f"{CQ}Stake", WEAK[1], "schema:ownershipInfo"), "no such term"),
        (Alignment(f"{CQ}Policy", WEAK[1], "m8g:PublicOrganization"), "no such term"),
        (Alignment(f"{CQ}Siting", WEAK[1], "schema:location"), "a class aligned to a property"),
        (Alignment(f"{CQ}party", WEAK[1], "schema:Person"), "a property aligned to a class"),
        (
            Alignment(f"{CQ}onBehalfOf", STRONG[1], "prov:actedOnBehalfOf"),
            "its domain cq:Participation is no prov:Agent",
        ),
        (Alignment(f"{CQ}delegationOf", STRONG[1], "prov:actedOnBehalfOf"), "its range cq:Actor is no prov:Agent"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.theirs,
)
def test_a_wrong_alignment_is_seen(alignment: Alignment, fault: str) -> None:
    assert fault in list(faults(alignment))


def test_the_terms_that_rdflib_knows_are_in_its_lists_and_the_others_name_their_page() -> None:
    for term in known().values():
        prefix, _, name = term.name.partition(":")
        namespace = next(iri for iri, its in prefixes().items() if its == prefix)
        listed = namespace in LISTS and URIRef(namespace + name) in LISTS[namespace]
        assert (term.known_by == "rdflib") == listed, term
        assert listed or term.known_by.startswith(("http://", "https://"))


def test_classes_begin_with_a_capital_letter_and_properties_with_a_small_one() -> None:
    assert [t.name for t in known().values() if t.name.partition(":")[2][0].isupper() != (t.kind == CLASS)] == []


def test_every_term_of_the_list_is_used_by_the_ontology() -> None:
    named = {short(iri) for s, said in statements().items() for iri in (s, *(part for pair in said for part in pair))}
    assert sorted(known().keys() - named) == []


def test_every_term_of_another_vocabulary_that_we_declare_has_the_same_kind_there() -> None:
    for iri, said in statements().items():
        kinds = {o for p, o in said if p == f"{RDF}type"} & {f"{OWL}{kind}" for kind in DECLARED}
        if kinds and short(iri) and not iri.startswith((CQ, RULE)):
            assert (known()[short(iri)].kind == CLASS) == (kinds == {f"{OWL}Class"}), iri


@pytest.mark.parametrize(
    ("ours", "not_theirs"),
    [
        ("Policy", "m8g:PublicOrganisation"),
        ("Hierarchy", "org:OrganizationalUnit"),
        ("Siting", "org:Site"),
        ("Stake", "schema:ownershipInfo"),
        ("Facility", "schema:Place"),
        ("Participation", "eli:Participation"),
    ],
)
def test_what_a_thing_is_not_is_not_claimed_again(ours: str, not_theirs: str) -> None:
    claims = {a.theirs for a in ALL if a.ours == CQ + ours and a.relation in (*STRONG, *WEAK[:2])}
    assert not_theirs not in claims
