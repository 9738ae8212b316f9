"""The documentation of an ontology, as values. No I/O. `kg/docs/gather.py` builds them from the folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kg.ontology.vocabulary import Code, Key
from kg.pipeline.catalogue import Page
from kg.questions.question import Query


@dataclass(frozen=True, slots=True)
class Tie:
    """The relation of a term to one in another vocabulary.

    Attributes:
        how: in words, such as "subclass of" or "close match".
        iri: of the other term.
        name: the same with a prefix.
    """

    how: str
    iri: str
    name: str


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One key of one class.

    Attributes:
        key: its type of values, and how many.
        at: local name of the class whose shape declares it: the class itself or a superclass.
        required: whether a node without it is refused.
        left_out: local name of the code that applies if it is left out, or "".
    """

    key: Key
    at: str
    required: bool
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """Lines from real data, as an example.

    Attributes:
        text: the lines.
        place: where they come from, as path:line, or "".
    """

    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class ClassDoc:
    """One class. All lists are local names, sorted, unless stated otherwise.

    Attributes:
        name: local name.
        iri: in full.
        label: in English.
        definition: in English.
        notes: further remarks in the ontology, in its order.
        concern: stem of the file that declares it.
        abstract: whether no mapping may use it as a type.
        segment: path segment of its entities' IRIs, or "".
        compact_form: "edtf", "quantity" or "".
        parents: direct superclasses of ours, in file order.
        children: direct subclasses.
        lineage: all superclasses, nearest first, without the class itself.
        ties: to other vocabularies.
        keys: declared or restricted by its own shapes, required ones first.
        inherited: the other keys, nearest class first.
        used_by: (class, key) whose values are its nodes, or nodes of a superclass or subclass.
        codes: its entries, if it is a code list.
        rules: ids of the rules that apply to its nodes.
        snippet: how a curator writes one, "" if it is not written.
        sample: one in the project's articles or registry, or None.
    """

    name: str
    iri: str
    label: str
    definition: str
    notes: tuple[str, ...]
    concern: str
    abstract: bool
    segment: str
    compact_form: str
    parents: tuple[str, ...]
    children: tuple[str, ...]
    lineage: tuple[str, ...]
    ties: tuple[Tie, ...]
    keys: tuple[KeyUse, ...]
    inherited: tuple[KeyUse, ...]
    used_by: tuple[tuple[str, str], ...]
    codes: tuple[Code, ...]
    rules: tuple[str, ...]
    snippet: str
    sample: Sample | None = None

    @property
    def is_code_list(self) -> bool:
        """Whether its instances are codes."""
        return "Code" in self.lineage


@dataclass(frozen=True, slots=True)
class PropertyDoc:
    """One property. All lists are local names, sorted, unless stated otherwise.

    Attributes:
        name: local name.
        iri: in full.
        label: in English.
        definition: in English.
        notes: further remarks in the ontology, in its order.
        concern: stem of the file that declares it.
        takes: "things" for an object property, "values" for a datatype property.
        computed: whether the compiler writes it, so it is not a key.
        traits: OWL characteristics, such as "symmetric".
        domain: its domain in OWL, in file order.
        range: its range in OWL, likewise: local name of a class, or a datatype with a prefix.
        uses: its use in the classes whose own shapes name it.
        parents: properties of ours that it is a subproperty of.
        children: its subproperties.
        inverses: of ours.
        ties: to other vocabularies.
        rules: ids of the rules that apply to it.
        derivations: names of the rules that derive it.
        questions: names of the questions that use it.
    """

    name: str
    iri: str
    label: str
    definition: str
    notes: tuple[str, ...]
    concern: str
    takes: str
    computed: bool
    traits: tuple[str, ...]
    domain: tuple[str, ...]
    range: tuple[str, ...]
    uses: tuple[tuple[str, KeyUse], ...]
    parents: tuple[str, ...]
    children: tuple[str, ...]
    inverses: tuple[str, ...]
    ties: tuple[Tie, ...]
    rules: tuple[str, ...]
    derivations: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Concern:
    """One file of the ontology.

    Attributes:
        name: stem of the file.
        files: as a user would type them.
        title: its first comment line, or the name in words.
        classes: those it declares, in its order, without code lists.
        lists: code lists that it declares, in its order.
        properties: those it declares, in its order.
        rules: ids, sorted.
    """

    name: str
    files: tuple[str, ...]
    title: str
    classes: tuple[str, ...]
    lists: tuple[str, ...]
    properties: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """An example that breaks a rule, or keeps it.

    Attributes:
        why: the reason, from its first line.
        yaml: how a curator would write it, "" if it cannot be written.
        turtle: the graph, without the lines that every example has.
    """

    why: str
    yaml: str
    turtle: str


@dataclass(frozen=True, slots=True)
class RuleDoc:
    """The documentation of a shape.

    Attributes:
        iri: of the shape.
        severity: of its findings: error, warning or info.
        message: in full.
        concern: stem of the file that declares it.
        targets: local names of the classes that it applies to, sorted.
        aims: other nodes that it applies to, in words.
        checks: what it checks, in words, with names in backticks.
        turtle: the shape.
        classes: those it names, sorted.
        properties: those it names, sorted.
        broken: an example that breaks it, or None.
        kept: an example that keeps it, or None.
    """

    iri: str
    severity: str
    message: str
    concern: str
    targets: tuple[str, ...]
    aims: tuple[str, ...]
    checks: tuple[str, ...]
    turtle: str
    classes: tuple[str, ...]
    properties: tuple[str, ...]
    broken: Example | None
    kept: Example | None


@dataclass(frozen=True, slots=True)
class FindingDoc:
    """One code of a finding.

    Attributes:
        page: its meaning and how to fix it.
        family: of the code, in words.
        severity: of its findings, "" if it varies.
        rule: the rule of the ontology with this code, or None.
        check: SPARQL of the check across articles with this code, or "".
    """

    page: Page
    family: str
    severity: str
    rule: RuleDoc | None = None
    check: str = ""


@dataclass(frozen=True, slots=True)
class DerivationDoc:
    """One rule that derives facts.

    Attributes:
        name: of the file, without ending.
        title: a short description.
        derives: local name of the property.
        needs: names of the rules that run before it, sorted.
        reads: local names of the terms it uses, sorted.
        text: SPARQL, without the header.
    """

    name: str
    title: str
    derives: str
    needs: tuple[str, ...]
    reads: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class QuestionDoc:
    """One canned question.

    Attributes:
        query: with its parameters.
        terms: local names of the terms it uses, sorted.
    """

    query: Query
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Documentation:
    """The documentation of an ontology. Every table is by name, in reading order.

    Attributes:
        iri: of the ontology.
        title: of the ontology.
        description: of the ontology, or "".
        version: of the ontology, or "".
        licence: its IRI, or "".
        concerns: by stem.
        classes: by local name, including code lists.
        properties: by local name.
        replaced: local names of terms that others have replaced.
        findings: by code.
        derivations: by name of the rule.
        questions: by name.
        prefixes: prefix -> namespace.
        keywords: keyword of the mapping language -> its meaning.
        forms: compact form -> (description, example).
        article: a small mapping that can be checked.
        turtle: the ontology.
        shapes: the shapes, complete.
    """

    iri: str
    title: str
    description: str
    version: str
    licence: str
    concerns: Mapping[str, Concern]
    classes: Mapping[str, ClassDoc]
    properties: Mapping[str, PropertyDoc]
    replaced: frozenset[str]
    findings: Mapping[str, FindingDoc]
    derivations: Mapping[str, DerivationDoc]
    questions: Mapping[str, QuestionDoc]
    prefixes: Mapping[str, str]
    keywords: Mapping[str, str]
    forms: Mapping[str, tuple[str, str]]
    article: str
    turtle: str
    shapes: str

    def lists(self) -> Iterator[ClassDoc]:
        """Yield the code lists, sorted by name."""
        return iter(sorted((c for c in self.classes.values() if c.codes), key=lambda c: c.name))

    def rules(self) -> Iterator[tuple[str, RuleDoc]]:
        """Yield code and rule, sorted."""
        return ((code, finding.rule) for code, finding in self.findings.items() if finding.rule)
