"""Index of an ontology + its vocabulary -> classes and properties with their relations in both directions. No I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyoxigraph as ox

from kg.core.iri import prefixed
from kg.core.terms import CQ, OWL, RDF, RDFS, SH, SKOS
from kg.core.values import local_name
from kg.docs.model import ClassDoc, KeyUse, PropertyDoc, RuleDoc, Sample, Tie
from kg.docs.snippets import snippet
from kg.ontology.shapes import active_shapes, target_classes
from kg.ontology.triples import Index, Resource, local
from kg.ontology.vocabulary import ClassTerm, Key, PropertyTerm, Vocabulary

TIES: Mapping[str, str] = {
    RDFS + "subClassOf": "subclass of",
    RDFS + "subPropertyOf": "subproperty of",
    OWL + "equivalentClass": "equivalent to",
    OWL + "equivalentProperty": "equivalent to",
    SKOS + "exactMatch": "exact match",
    SKOS + "closeMatch": "close match",
    SKOS + "broadMatch": "broader match",
    SKOS + "narrowMatch": "narrower match",
    SKOS + "relatedMatch": "related match",
    RDFS + "seeAlso": "see also",
}
NOTES = tuple(SKOS + n for n in ("scopeNote", "note", "usageNote", "editorialNote", "historyNote", "changeNote"))
TRAITS: Mapping[str, str] = {
    OWL + f"{trait.capitalize()}Property": trait
    for trait in ("functional", "symmetric", "asymmetric", "transitive", "reflexive", "irreflexive")
} | {OWL + "InverseFunctionalProperty": "inverse functional"}


@dataclass(frozen=True)
class Terms:
    """Writes the documentation of terms.

    Attributes:
        index: of the ontology.
        vocabulary: of the ontology.
        concerns: IRI of a term -> stem of the file that declares it.
        rules: id -> rule.
        samples: local name of a class -> one in the project's data.
        derived: local name of a property -> names of the rules that derive it.
        questions: local name of a term -> names of the questions that use it.
    """

    index: Index
    vocabulary: Vocabulary
    concerns: Mapping[str, str]
    rules: Mapping[str, RuleDoc]
    samples: Mapping[str, Sample] = field(default_factory=dict)
    derived: Mapping[str, Sequence[str]] = field(default_factory=dict)
    questions: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def classes(self) -> dict[str, ClassDoc]:
        """Return local name -> class, sorted by label."""
        terms = sorted(self.vocabulary.classes.values(), key=lambda term: (term.label.casefold(), term.name))
        return {term.name: self._class(term) for term in terms}

    def properties(self) -> dict[str, PropertyDoc]:
        """Return local name -> property, sorted by label."""
        terms = sorted(self.vocabulary.properties.values(), key=lambda term: (term.label.casefold(), term.name))
        return {term.name: self._property(term) for term in terms}

    # -------- classes

    def _class(self, term: ClassTerm) -> ClassDoc:
        node, vocabulary = ox.NamedNode(CQ + term.name), self.vocabulary
        uses = self._uses[term.name]
        return ClassDoc(
            name=term.name,
            iri=node.value,
            label=term.label,
            definition=term.definition,
            notes=self._notes(node),
            concern=self.concerns.get(node.value, ""),
            abstract=term.abstract,
            segment=term.segment,
            compact_form=term.compact_form,
            parents=self._ours(node, RDFS + "subClassOf"),
            children=self._below(node, RDFS + "subClassOf"),
            lineage=term.ancestors[1:],
            ties=self._ties(node),
            keys=tuple(use for use in uses if use.at == term.name),
            inherited=tuple(use for use in uses if use.at != term.name),
            used_by=tuple(sorted(self._takers(term))),
            codes=tuple(vocabulary.codes.get(term.name, {}).values()),
            rules=tuple(rule for rule, doc in self.rules.items() if term.name in doc.targets),
            snippet=snippet(vocabulary, term.name),
            sample=self.samples.get(term.name),
        )

    @cached_property
    def _uses(self) -> Mapping[str, tuple[KeyUse, ...]]:
        """Class -> its keys: nearest class first, required before optional."""
        return {name: tuple(self._sorted_uses(term)) for name, term in self.vocabulary.classes.items()}

    def _sorted_uses(self, term: ClassTerm) -> list[KeyUse]:
        uses = [
            KeyUse(key, self._source(key, term), self.vocabulary.is_required(key), self._left_out(key))
            for key in self.vocabulary.keys[term.name].values()
        ]
        order = term.ancestors
        return sorted(uses, key=lambda use: (order.index(use.at), not use.required, use.key.name))

    def _left_out(self, key: Key) -> str:
        return local_name(f"<{self.vocabulary.properties[key.name].if_left_out}>")

    def _source(self, key: Key, term: ClassTerm) -> str:
        """Return the nearest class at or above *term* whose shapes name the key."""
        aimed = {name for rule in key.rules for name in self._targets.get(rule, ())}
        return next((name for name in term.ancestors if name in aimed), term.name)

    @cached_property
    def _targets(self) -> Mapping[str, set[str]]:
        """Property shape -> local names of the classes of the shapes that contain it."""
        targets: dict[str, set[str]] = defaultdict(set)
        for shape in active_shapes(self.index):
            aims = {local(aim) for aim in target_classes(self.index, shape)} - {""}
            for held in (shape, *self.index.resources(shape, SH + "property")):
                targets[held.value] |= aims
        return targets

    def _takers(self, term: ClassTerm) -> Iterator[tuple[str, str]]:
        for name, uses in self._uses.items():
            yield from ((name, u.key.name) for u in uses if u.at == name and u.key.range in term.ancestors)

    # -------- properties

    def _property(self, term: PropertyTerm) -> PropertyDoc:
        node = ox.NamedNode(CQ + term.name)
        kinds = {kind.value for kind in self.index.resources(node, RDF + "type")}
        return PropertyDoc(
            name=term.name,
            iri=node.value,
            label=term.label,
            definition=term.definition,
            notes=(*self._notes(node), *self._braces(node)),
            concern=self.concerns.get(node.value, ""),
            takes="things" if OWL + "ObjectProperty" in kinds else "values",
            computed=term.computed,
            traits=tuple(word for kind, word in TRAITS.items() if kind in kinds),
            domain=self._ours(node, RDFS + "domain"),
            range=tuple(self._range(value) for value in self.index.resources(node, RDFS + "range")),
            uses=tuple(
                (name, use)
                for name, uses in sorted(self._uses.items())
                for use in uses
                if use.at == name and use.key.name == term.name
            ),
            parents=self._ours(node, RDFS + "subPropertyOf"),
            children=self._below(node, RDFS + "subPropertyOf"),
            inverses=tuple(sorted({*self._ours(node, OWL + "inverseOf"), *self._below(node, OWL + "inverseOf")})),
            ties=self._ties(node),
            rules=tuple(rule for rule, doc in self.rules.items() if term.name in doc.properties),
            derivations=tuple(self.derived.get(term.name, ())),
            questions=tuple(self.questions.get(term.name, ())),
        )

    def _range(self, value: Resource) -> str:
        return local(value.value) or short(value.value, self.vocabulary.prefixes)

    def _braces(self, node: ox.NamedNode) -> Iterator[str]:
        """Yield the ontology's notes about facts that are written in braces under a property."""
        for name in self._ours(node, CQ + "inBraces"):
            yield f"A fact in braces under it is of type {name} unless it has another type."
        texts = (value.value for value in self.index.values(node, CQ + "filledIn"))
        lines = dict.fromkeys(line.strip() for text in texts for line in text.strip().split("\n"))
        if lines:
            yield f"A fact in braces under it has by default: {'; '.join(lines)}."
        if self.index.text(node, CQ + "passedOn") == "true":
            yield "Facts in braces take the value of the enclosing fact unless they have their own."

    # -------- both

    def _notes(self, node: Resource) -> tuple[str, ...]:
        values = (value for term in NOTES for value in self.index.values(node, term))
        notes = [v.value for v in values if isinstance(v, ox.Literal) and (v.language or "en") == "en"]
        newer = " or ".join(sorted(local(value.value) for value in self.index.resources(node, CQ + "replacedBy")))
        return (*notes, *([f"Deprecated: use {newer}."] if newer else ()))

    def _ours(self, node: Resource, predicate: str) -> tuple[str, ...]:
        return tuple(filter(None, (local(value.value) for value in self.index.resources(node, predicate))))

    def _below(self, node: ox.NamedNode, predicate: str) -> tuple[str, ...]:
        return tuple(sorted(filter(None, (local(n.value) for n in self.index.subjects(predicate, node.value)))))

    def _ties(self, node: Resource) -> tuple[Tie, ...]:
        return tuple(
            Tie(how, value.value, short(value.value, self.vocabulary.prefixes))
            for predicate, how in TIES.items()
            for value in self.index.resources(node, predicate)
            if isinstance(value, ox.NamedNode) and not local(value.value)
        )


def short(iri: str, prefixes: Mapping[str, str]) -> str:
    """Return an IRI with the prefix of the longest matching namespace, or unchanged.

    >>> short("https://schema.org/Event", {"schema": "https://schema.org/"})
    'schema:Event'
    """
    name, rest = prefixed(iri, prefixes) or ("", "")
    return f"{name}:{rest}" if name and rest else iri


def declared_in(files: Mapping[str, Iterable[ox.Triple]]) -> dict[str, str]:
    """Return IRI of a class, property, code or shape -> the first of *files* that declares its type."""
    stems: dict[str, str] = {}
    for stem, triples in files.items():
        for triple in triples:
            if triple.predicate.value == RDF + "type" and isinstance(triple.subject, ox.NamedNode):
                stems.setdefault(triple.subject.value, stem)
    return stems
