"""What a reader of the ontology needs to know, as values. No I/O; `kg/docs/gather.py` makes them from the folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kg.ontology.vocabulary import Code, Key
from kg.pipeline.catalogue import Page
from kg.questions.question import Query


@dataclass(frozen=True, slots=True)
class Tie:
    """How a term is tied to one of another vocabulary.

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
    """One key as one class has it.

    Attributes:
        key: what its values may be, and how many.
        at: local name of the class whose shape gives it; the class itself or one above it.
        required: whether a node without it is refused.
        left_out: local name of the code that it has where it is not written, or "".
    """

    key: Key
    at: str
    required: bool
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """Lines that somebody wrote, to learn from.

    Attributes:
        text: the lines.
        place: where they stand, as path:line, or "".
    """

    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class ClassDoc:
    """One class. All lists are local names, sorted, unless said otherwise.

    Attributes:
        name: local name.
        iri: in full.
        label: in English.
        definition: in English.
        notes: further remarks of the ontology, in its order.
        concern: stem of the file that declares it.
        abstract: whether no mapping may name it as a type.
        segment: path segment of its entities' IRIs, or "".
        compact_form: "edtf", "quantity" or "".
        parents: direct superclasses of ours, in the order of the file.
        children: direct subclasses.
        lineage: all superclasses, nearest first, itself left out.
        ties: to other vocabularies.
        keys: that its own shapes give or tighten, the required ones first.
        inherited: the others, nearest class first.
        used_by: (class, key) that take nodes of it, or of a class above or below it.
        codes: its entries, when it is a code list.
        rules: ids of the rules that look at its nodes.
        snippet: how a curator writes one, "" for what nobody writes.
        sample: one that the project's articles or registry hold, or None.
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
    """One property. All lists are local names, sorted, unless said otherwise.

    Attributes:
        name: local name.
        iri: in full.
        label: in English.
        definition: in English.
        notes: further remarks of the ontology, in its order.
        concern: stem of the file that declares it.
        takes: "things" for an object property, "values" for a datatype property.
        computed: whether the compiler writes it, so that it is no key.
        traits: what OWL says of it in a word, such as "symmetric".
        domain: classes of its subjects by OWL, in the order of the file.
        range: of its values by OWL, likewise: local name of a class, or a datatype with a prefix.
        uses: how the classes whose own shapes name it have it.
        parents: properties of ours that it is a subproperty of.
        children: its subproperties.
        inverses: of ours.
        ties: to other vocabularies.
        rules: ids of the rules that look at it.
        derivations: names of the rules that derive it.
        questions: names of the questions that ask for it.
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
        classes: that it declares, in its order; code lists apart.
        lists: code lists that it declares, in its order.
        properties: that it declares, in its order.
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
    """What breaks a rule, or keeps it.

    Attributes:
        why: what the first line says of it.
        yaml: the same as a curator would write it, "" for what nobody writes.
        turtle: the graph, without the lines that every example has.
    """

    why: str
    yaml: str
    turtle: str


@dataclass(frozen=True, slots=True)
class RuleDoc:
    """What a shape says.

    Attributes:
        iri: of the shape.
        severity: of its findings: error, warning or info.
        message: in full.
        concern: stem of the file that declares it.
        targets: local names of the classes whose nodes it looks at, sorted.
        aims: other nodes it looks at, in words.
        checks: what it checks, in words; names in backticks.
        turtle: the shape.
        classes: that it names, sorted.
        properties: that it names, sorted.
        broken: by this example, or None.
        kept: by this one, or None.
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
        page: what it means and how to mend it.
        family: whose code it is, in words.
        severity: of its findings, "" when it depends.
        rule: of the ontology, for its codes.
        check: SPARQL, for those of a check across articles.
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
        title: what it derives, in a few words.
        derives: local name of the property.
        needs: names of the rules that run before it, sorted.
        reads: local names of the terms it names, sorted.
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
        terms: local names of the terms it names, sorted.
    """

    query: Query
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Documentation:
    """All there is to know of an ontology. Every table is by name; order as a reader meets them.

    Attributes:
        iri: of the ontology.
        title: of the ontology.
        description: of the ontology, or "".
        version: of the ontology, or "".
        licence: its IRI, or "".
        concerns: by stem.
        classes: by local name; code lists too.
        properties: by local name.
        replaced: local names of the terms that others have replaced.
        findings: by code.
        derivations: by name of the rule.
        questions: by name.
        prefixes: prefix -> namespace.
        keywords: of the mapping language -> what they stand for.
        forms: compact form -> (what it is, one example).
        article: one small mapping that can be checked.
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
