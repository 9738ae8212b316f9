"""The vocabulary of mappings, as values: classes, keys, code lists, rules. No I/O. `load.py` builds it from files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from kg.core.errors import Severity
from kg.core.terms import ACCEPT_KEY, ARTICLE_CLASS, FACT_CLASS, INFERRED_KEY, QUOTE_KEY, TYPE_KEY, cq
from kg.core.values import local_name
from kg.ontology.fills import Fill
from kg.words.names import NameKind


class Kind(StrEnum):
    """The kinds of values of a key."""

    NODE = "node"  # a reference, or a nested node
    CODE = "code"
    ANY = "any"  # a reference to anything with an id
    TEXT = "text"  # language-tagged text
    LITERAL = "literal"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of one class: a property with its bounds.

    Attributes:
        name: the property's local name.
        iri: of the property.
        kind: of its values.
        range: local name of a class (node, code), IRI of a datatype (literal), else "".
        least: the least number of values.
        most: the greatest number of values, None if unlimited.
        one_per_language: whether two values in one language are refused.
        rules: IRIs of the property shapes behind it.
    """

    name: str
    iri: str
    kind: Kind
    range: str
    least: int
    most: int | None
    one_per_language: bool
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassTerm:
    """One class.

    Attributes:
        name: local name.
        label: in English.
        definition: in English.
        abstract: whether no mapping may use it as a type.
        ancestors: local names of its superclasses, itself first, nearest first.
        segment: path segment of its entities' IRIs, or "".
        content_key: local name of the key that names a nested node, or "".
        identified_by: local names of the keys that identify a fact within one article, sorted.
        is_part: whether a fact of the class in the braces of another one is a part of that one.
        compact_form: "edtf", "quantity" or "".
        label_template: template of a node's label, "" to use its name.
        summary_template: template of a fact's summary, or "".
        dated_by: local names of the properties that date a fact of the class, in order of precedence.
        dated_from: local name of the property with the start of facts that last, or "".
        dated_until: the same for the end.
        name_kind: the kind of names that its things have.
        section: local name of the code for where readers look for facts of the class, or "".
    """

    name: str
    label: str
    definition: str
    abstract: bool
    ancestors: tuple[str, ...]
    segment: str
    content_key: str
    compact_form: str
    label_template: str = ""
    summary_template: str = ""
    dated_by: tuple[str, ...] = ()
    dated_from: str = ""
    dated_until: str = ""
    name_kind: NameKind = NameKind.PLAIN
    identified_by: tuple[str, ...] = ()
    is_part: bool = False
    section: str = ""


@dataclass(frozen=True, slots=True)
class PropertyTerm:
    """One property.

    Attributes:
        name: local name.
        label: in English.
        definition: in English.
        computed: whether the compiler writes it, so it is not a key.
        lower_of: local names of the properties whose first day, or number, it holds.
        upper_of: the same for the last day.
        label_rank: 1 for the first property to derive a label from, then rising, 0 for none.
        counts_dates: which way its dates are counted: "back", "ahead", "either", or "" to depend on the fact's codes.
        in_words: whether it leads to entities that the words of a fact must name.
        if_left_out: IRI of the code to use if a mapping leaves it out, or "".
        in_braces: local name of the class of nodes in braces under it without a type, or "".
        fills: values that may be left out in those braces.
        passed_on: whether facts in the braces of a fact have its value unless they have their own.
    """

    name: str
    label: str
    definition: str
    computed: bool
    lower_of: tuple[str, ...]
    upper_of: tuple[str, ...]
    label_rank: int
    counts_dates: str = ""
    in_words: bool = False
    if_left_out: str = ""
    in_braces: str = ""
    fills: tuple[Fill, ...] = ()
    passed_on: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a code list.

    Attributes:
        name: local name.
        iri: of the entry.
        label: in English.
        definition: in English.
        dated_by: local names of properties that date a fact with the code, before those of its class.
        dating: of a method, IRI of the code for how a date determined by it is known, or "".
        counts_dates: which way dates of a fact with the code are counted: "back", "ahead", "either", or "".
        reported_as: of a modality, IRI of the code for how the content of its statement is reported, or "".
        leaves_open: local names of the bounds that a node with the code does not have.
        counts_back: local names of properties whose dates are counted back for a fact with the code.
        counts_ahead: the same, ahead.
    """

    name: str
    iri: str
    label: str
    definition: str
    dated_by: tuple[str, ...] = ()
    dating: str = ""
    reported_as: str = ""
    leaves_open: tuple[str, ...] = ()
    counts_dates: str = ""
    counts_back: tuple[str, ...] = ()
    counts_ahead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One shape with a stable id.

    Attributes:
        id: such as `KG-S0412`.
        iri: of the shape.
        severity: of its findings.
        message: what is wrong or what to do, in plain words.
        remedy: what to do, if the message only says what is wrong, or "".
        path: local name of the property it is about, or "".
        points_at: local name of the key that its findings point at, or "".
        reads: local names of the terms that its test uses, sorted.
    """

    id: str
    iri: str
    severity: Severity
    message: str
    path: str
    points_at: str
    reads: tuple[str, ...] = ()
    remedy: str = ""

    @property
    def text(self) -> str:
        """Message and remedy in one text."""
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


@dataclass(frozen=True, slots=True)
class Replacement:
    """A term that was renamed, or split into several.

    Attributes:
        iri: of the old term.
        list: local name of its code list's class, "" for a class or property.
        by: IRIs of the terms that replace it. If there are several, a person must choose.
    """

    iri: str
    list: str
    by: tuple[str, ...]

    @property
    def name(self) -> str:
        """The old local name."""
        return local_name(f"<{self.iri}>")

    @property
    def names(self) -> tuple[str, ...]:
        """The new local names."""
        return tuple(local_name(f"<{iri}>") for iri in self.by)


def code_terms(codes: Mapping[str, Mapping[str, Code]]) -> dict[str, Code]:
    """Return term of a code in the graph -> code, in the order of the lists."""
    return {f"<{code.iri}>": code for entries in codes.values() for code in entries.values()}


@dataclass(frozen=True)
class Vocabulary:
    """The complete vocabulary of mappings.

    Attributes:
        classes: local name -> class, fact and entity classes, details and code lists alike.
        properties: local name -> property.
        codes: local name of a code list's class -> local name of the entry -> code.
        keys: local name of a class -> local name of a property -> key, including inherited ones.
        rules: IRI of a shape -> rule.
        prefixes: prefix -> namespace.
        digest: SHA-256 of the ontology's files. Two vocabularies with the same digest are equal.
        concrete: local name of a class -> the classes at or below it that a mapping may use as a type, sorted.
        code_terms: term of a code in the graph -> code, in the order of the lists.
        code_ranks: term of a code in the graph -> its place in that order, from 0.
        version: of the language, from owl:versionInfo, or "".
        replacements: the terms that were renamed or split.
    """

    classes: Mapping[str, ClassTerm]
    properties: Mapping[str, PropertyTerm]
    codes: Mapping[str, Mapping[str, Code]]
    keys: Mapping[str, Mapping[str, Key]]
    rules: Mapping[str, Rule]
    prefixes: Mapping[str, str]
    digest: str
    concrete: Mapping[str, tuple[str, ...]]
    code_terms: Mapping[str, Code]
    code_ranks: Mapping[str, int]
    version: str = ""
    replacements: tuple[Replacement, ...] = ()

    def replacement(self, name: str, of: str = "") -> Replacement | None:
        """Return the replacement of the class or property *name*, or of the code *name* in the list *of*."""
        return next((each for each in self.replacements if (each.name, each.list) == (name, of)), None)

    @cached_property
    def code_names(self) -> Mapping[str, str]:
        """Term of a code in the graph -> its list and its name, as "stage/Signed"."""
        return {term: "/".join(code.iri.rsplit("/", 2)[-2:]) for term, code in self.code_terms.items()}

    @cached_property
    def names_of_codes(self) -> frozenset[str]:
        """The local names of all codes."""
        return frozenset(name for codes in self.codes.values() for name in codes)

    @cached_property
    def dated_by(self) -> Mapping[str, tuple[str, ...]]:
        """Term of a code -> local names of the properties that date a fact with it, for codes that have some."""
        return {term: code.dated_by for term, code in self.code_terms.items() if code.dated_by}

    @cached_property
    def written_keys(self) -> Mapping[str, frozenset[str]]:
        """Local name of a class -> all words that may be keys of its nodes in a mapping, with the keywords."""
        keywords = {True: (TYPE_KEY, QUOTE_KEY, ACCEPT_KEY, INFERRED_KEY), False: (TYPE_KEY, QUOTE_KEY, ACCEPT_KEY)}
        return {name: frozenset((*keys, *keywords[self.is_a(name, FACT_CLASS)])) for name, keys in self.keys.items()}

    @cached_property
    def reading_order(self) -> Mapping[str, tuple[bool, bool]]:
        """Local name of a property -> its rank among those of a node: first those whose values braces may take over."""
        return {name: (not prop.passed_on, bool(prop.fills)) for name, prop in self.properties.items()}

    @cached_property
    def codes_left_out(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Local name of a class -> the keys that stand for a code if they are left out, each with its term."""
        codes = {name: f"<{prop.if_left_out}>" for name, prop in self.properties.items() if prop.if_left_out}
        return {
            class_name: tuple((name, codes[name]) for name in keys if name in codes)
            for class_name, keys in self.keys.items()
        }

    @cached_property
    def keys_of_names(self) -> Mapping[str, str]:
        """Term of a property that leads to entities which words must name -> its local name."""
        return {cq(name): name for name, prop in self.properties.items() if prop.in_words}

    @cached_property
    def _class_terms(self) -> Mapping[str, ClassTerm]:
        return {cq(name): term for name, term in self.classes.items()}

    def class_of(self, term: str) -> ClassTerm:
        """Return the class with this term in the graph."""
        return self._class_terms[term]

    def is_fact(self, term: str) -> bool:
        """Return whether the class with this term in the graph is a class of facts."""
        return FACT_CLASS in self.class_of(term).ancestors

    def is_a(self, name: str, ancestor: str) -> bool:
        """Return whether the class *name* is *ancestor* or a subclass of it."""
        term = self.classes.get(name)
        return term is not None and ancestor in term.ancestors

    def is_required(self, key: Key) -> bool:
        """Return whether a node without the key is refused."""
        rules = [self.rules[rule] for rule in key.rules if rule in self.rules]
        given = self.properties[key.name].if_left_out
        return key.least > 0 and not given and all(rule.severity is Severity.ERROR for rule in rules)

    def stands_alone(self, name: str) -> bool:
        """Return whether things of a class have their own place, in the registry or as a file."""
        return bool(self.classes[name].segment) or name == ARTICLE_CLASS

    def class_in_braces(self, key: Key) -> str:
        """Return the class of a node in braces without a type, "" if it must have one."""
        choices = self.nested_types(key.range)
        preferred = (self.properties[key.name].in_braces, key.range, *(choices if len(choices) == 1 else ()))
        return next((name for name in preferred if name in choices), "")

    def nested_types(self, range_name: str) -> tuple[str, ...]:
        """Return the classes of nodes that may be written inside another one under a key that takes *range_name*.

        Things with their own place can only be referred to there.
        """
        return self._nested_types.get(range_name, ())

    @cached_property
    def _nested_types(self) -> Mapping[str, tuple[str, ...]]:
        return {
            range_name: tuple(name for name in names if not self.stands_alone(name))
            for range_name, names in self.concrete.items()
        }
