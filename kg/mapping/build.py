"""YAML with positions + vocabulary -> model nodes + findings. No I/O.

Everything that a file may say comes from the vocabulary. This module knows the keywords and the forms that a value
may take. It refuses and reports, and never guesses. The first problem with a value ends that value, not the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from kg.core import iri, values
from kg.core.english import listed
from kg.core.errors import InvalidValueError, Place
from kg.core.likeness import nearest, proposed, slip_of
from kg.core.model import Acceptance, Evidence, Node, Term, Value
from kg.core.terms import ACCEPT_KEY, FACT_CLASS, INFERRED_KEY, QUOTE_KEY, cq
from kg.core.values import lexical
from kg.mapping.apart import Apart
from kg.mapping.filling import Around, Blank, Filling
from kg.mapping.labels import Labels
from kg.mapping.notes import Notes
from kg.mapping.quotes import Quotes
from kg.mapping.read import Entry, Listing, Scalar, Table
from kg.mapping.read import Node as Yaml
from kg.mapping.references import Names
from kg.mapping.remarks import acceptances, inferences
from kg.mapping.replaced import refuse_replaced
from kg.mapping.scope import Scope
from kg.mapping.tables import content_lines, entry_of, first_text, holds_tables, naming_lines, value_of
from kg.mapping.triples import every
from kg.mapping.types import Types
from kg.mapping.unknown_keys import UnknownKeys
from kg.ontology.compact import FORMS
from kg.ontology.vocabulary import Key, Kind, Vocabulary

MOST_CODES_SHOWN = 25

Found = list[tuple[Term, Place]]
"""The terms that one value stands for, usually one and none if it has a finding, each with its place."""


@dataclass
class Builder:
    """Builds the nodes of one file.

    Attributes:
        vocabulary: the classes, properties and codes.
        language: the language of plain text, as BCP 47.
        names: resolves names.
        quotes: finds the positions of quotes.
        notes: collects the findings.
        accepted: findings that the curator acknowledges.
    """

    vocabulary: Vocabulary
    language: str
    names: Names
    quotes: Quotes
    notes: Notes
    accepted: list[Acceptance] = field(default_factory=list)

    @property
    def _labels(self) -> Labels:
        return self.scope.labels

    @cached_property
    def _filling(self) -> Filling:
        own = {target.term: target.class_name for target in self.names.local.values()}
        return Filling(self.vocabulary, self.scope, self.notes, own)

    @cached_property
    def _unknown(self) -> UnknownKeys:
        return UnknownKeys(self.vocabulary, self.notes)

    @cached_property
    def apart(self) -> Apart:
        """The facts in braces."""
        return Apart(self.vocabulary, self.notes)

    @cached_property
    def types(self) -> Types:
        """Resolves the types of nodes."""
        return Types(self.vocabulary, self.notes)

    @property
    def scope(self) -> Scope:
        """What all files define."""
        return self.names.scope

    # -------- nodes

    def node(
        self,
        table: Table,
        class_name: str,
        address: str,
        place: Place,
        inherited: Evidence = (),
        around: Around | None = None,
    ) -> Node:
        """Return the node written as *table*, an instance of *class_name*, with all that is nested in it.

        Args:
            table: its keys.
            class_name: local name of its class.
            address: its IRI.
            place: where it is written.
            inherited: the words that it rests on if it has no quote.
            around: the node whose braces it is in, None if there is none.
        """
        term = f"<{address}>"
        quote = value_of(table, QUOTE_KEY)
        evidence = (self.quotes.evidence(term, quote) if quote else ()) or inherited
        keys = self.vocabulary.keys[class_name]
        self._unknown.refuse_in(table, class_name, term)
        blank = Blank(term, class_name, table, place, evidence)
        is_apart = around is not None and self.apart.is_apart(class_name)
        node_values, nested = self._filling.missing(blank, around, is_apart=is_apart)
        for entry in self._in_order(table, keys):
            here = Around(entry.key.text, term, node_values, around)  # what is in its braces reads them at once
            written, inner = self._entry(keys[entry.key.text], entry, here, evidence)
            node_values += written
            nested += inner
        inferred = self._inferred(table, class_name, term) if entry_of(table, INFERRED_KEY) else ()
        node_values += [Value(cq(INFERRED_KEY), each.term, each.place) for each in inferred]
        node_values += list(self._labels.bounds(node_values))
        inside = (*nested, *inferred)
        node = Node(term, cq(class_name), self._labels.label(node_values), place, tuple(node_values), evidence, inside)
        if entry_of(table, ACCEPT_KEY):
            terms = (*(each.term for each in every([node])), *self.apart.inside(term))
            self.accepted += acceptances(table, terms, self.language, self.notes)
        return node

    def _inferred(self, table: Table, class_name: str, term: Term) -> tuple[Node, ...]:
        refuse = partial(self._unknown.refuse, class_name=class_name, term=term)
        return tuple(inferences(table, self.vocabulary.keys[class_name], term, self.language, self.notes, refuse))

    def _in_order(self, table: Table, keys: Mapping[str, Key]) -> Sequence[Entry]:
        """Return the entries that the class has, those that braces in others may take values from first."""
        return sorted((entry for entry in table.entries if entry.key.text in keys), key=self._rank)

    def _rank(self, entry: Entry) -> tuple[bool, tuple[bool, bool]]:
        return holds_tables(entry.value), self.vocabulary.reading_order[entry.key.text]

    def _entry(self, key: Key, entry: Entry, here: Around, evidence: Evidence) -> tuple[list[Value], list[Node]]:
        """Return the values of one key, and the nodes that are parts of this one. Separate facts are set apart."""
        entry_values: list[Value] = []
        nested: dict[Term, Node] = {}
        predicate, items = cq(key.name), self._items(key, entry)
        for item in items:
            value = self._value(key, item, here, evidence, nested)
            for term, where in value:
                entry_values.append(Value(predicate, term, where))
            if not value:
                self.notes.damage(here.term, [predicate])
        if not items:
            self.notes.damage(here.term, [predicate])
        return entry_values, [node for node in nested.values() if not self._set_apart(node, here)]

    def _set_apart(self, node: Node, here: Around) -> bool:
        """Set a node apart if it is a separate fact, and return whether it is."""
        is_apart = self.apart.is_apart(self._filling.classes[node.term])
        if is_apart:
            self.apart.add(node, here.terms)
        return is_apart

    def _items(self, key: Key, entry: Entry) -> Sequence[Yaml]:
        """Return the values of *entry*, the items of a list or the one value, without any surplus."""
        items = entry.value.items if isinstance(entry.value, Listing) else (entry.value,)
        if not items:
            self._empty(key, entry.value)
        if key.most is not None and len(items) > key.most:
            few = "one value" if key.most == 1 else f"at most {key.most} values"
            message = f"'{key.name}' takes {few}, but has {len(items)}"
            self.notes.error(items[key.most].place, "KG-M012", message, "remove the extra values")
            return items[: key.most]
        return items

    def _value(self, key: Key, item: Yaml, here: Around, evidence: Evidence, nested: dict[Term, Node]) -> Found:
        if isinstance(item, Listing):
            return self._wrong(item.place, f"'{key.name}' has a list inside a list", "write one list")
        if isinstance(item, Scalar) and not item.text.strip():
            return self._empty(key, item)
        match key.kind:
            case Kind.TEXT:
                return self._text(key, item)
            case Kind.NODE if isinstance(item, Table) or self._is_compact(key, item):
                return self._nested(key, item, here, evidence, nested)
            case _ if isinstance(item, Table):
                return self._wrong(item.place, f"'{key.name}' takes a single value, not keys", self._expected(key))
            case Kind.LITERAL:
                return self._literal(key, item)
            case Kind.CODE:
                return self._code(key, item)
            case _:
                term = self.names.meant(key, item)
                return [(term, item.place)] if term else []

    # -------- values

    def _literal(self, key: Key, item: Scalar) -> Found:
        try:
            return [(values.literal(item.text, key.range), item.place)]
        except InvalidValueError as error:
            return self._misspelt(key, item.place, error)

    def _text(self, key: Key, item: Scalar | Table) -> Found:
        if isinstance(item, Scalar):
            return self._tagged(item, self.language, item.place)
        if not item.entries:
            return self._empty(key, item)
        return [pair for entry in item.entries for pair in self._texts_in(key, entry)]

    def _texts_in(self, key: Key, entry: Entry) -> Iterator[tuple[Term, Place]]:
        """Yield the texts in one language."""
        texts = entry.value.items if isinstance(entry.value, Listing) else (entry.value,)
        if not texts:
            self._empty(key, entry.value)
        for text in texts:
            if not isinstance(text, Scalar):
                self._wrong(text.place, f"'{key.name}' takes text for each language", "write {en: text}")
            elif not text.text.strip():
                self._empty(key, text)
            else:
                yield from self._tagged(text, entry.key.text, entry.key.place)

    def _tagged(self, item: Scalar, language: str, language_place: Place) -> Found:
        try:
            return [(values.lang_literal(" ".join(item.text.split()), language), item.place)]
        except InvalidValueError as error:
            self.notes.error(language_place, "KG-M019", error.message, "use the tag of the text's language, such as en")
            return []

    def _code(self, key: Key, item: Scalar) -> Found:
        codes = self.vocabulary.codes.get(key.range, {})
        if item.text in codes:
            return [(f"<{codes[item.text].iri}>", item.place)]
        if refuse_replaced(self.notes, self.vocabulary, item, key.range):
            return []
        message = f"'{item.text}' is not a code for '{key.name}'"
        near = nearest(item.text, codes)
        fix = proposed(near, self._expected(key))
        self.notes.error(item.place, "KG-M010", message, fix, instead=slip_of(item.text, near))
        return []

    def _is_compact(self, key: Key, item: Scalar) -> bool:
        return bool(self.vocabulary.classes[key.range].compact_form) and item.text not in self.names.local

    # -------- nested nodes

    def _nested(
        self, key: Key, item: Scalar | Table, here: Around, evidence: Evidence, nested: dict[Term, Node]
    ) -> Found:
        table = item if isinstance(item, Table) else self._expanded(key, item)
        class_name = table and self.types.nested(key, table)
        if not table or not class_name:
            return []
        inner = self._address(key, class_name, table, here)
        if inner in nested:
            self._repeated(key, class_name, table)
            return []
        if not evidence and self.vocabulary.is_a(class_name, FACT_CLASS):
            self.notes.damage(inner, [cq("evidence")])  # the outer fact has a finding for its lack
        self._filling.classes[inner] = class_name
        nested[inner] = self.node(table, class_name, lexical(inner), item.place, evidence, here)
        return [(inner, item.place)]

    def _repeated(self, key: Key, class_name: str, table: Table) -> None:
        naming = self._naming(class_name, table)
        if len(naming) == 1 and isinstance(naming[0].value, Scalar):
            [named] = naming
            message = f"'{key.name}' already has a node with {named.key.text}: {first_text(named.value)}"
            self.notes.error(named.value.place, "KG-M013", message, "merge the two, or correct one of them")
        elif naming:
            message = f"'{key.name}' already has a node with the same {listed([each.key.text for each in naming])}"
            self.notes.error(table.place, "KG-M013", message, "merge the two, or correct one of them")
        else:
            self.notes.error(table.place, "KG-M013", f"'{key.name}' has the same node twice", "remove one of them")

    def _naming(self, class_name: str, table: Table) -> Sequence[Entry]:
        """Return the entries that distinguish a node from its siblings, none if only its whole content does."""
        term = self.vocabulary.classes[class_name]
        names = term.identified_by or (term.content_key,)
        return [entry for entry in table.entries if entry.key.text in names]

    def _expanded(self, key: Key, item: Scalar) -> Table | None:
        form = self.vocabulary.classes[key.range].compact_form
        try:
            pairs = FORMS[form](item.text)
        except InvalidValueError as error:
            self._misspelt(key, item.place, error)
            return None
        entries = (Entry(Scalar(k, item.place, True), Scalar(v, item.place, True)) for k, v in pairs.items())
        return Table(tuple(entries), item.place)

    def _address(self, key: Key, class_name: str, table: Table, here: Around) -> Term:
        """Return the term of a nested node, made from its content, never from its position in a list."""
        address = lexical(here.term)
        if self.apart.is_apart(class_name):
            return f"<{self._address_apart(key, class_name, table, here)}>"
        if key.most == 1:
            return f"<{iri.nested_iri(address, key.name)}>"
        naming = self._naming(class_name, table)
        named_by = value_of(table, self.vocabulary.classes[class_name].content_key)
        if isinstance(named_by, Scalar) and named_by.text.strip(" ."):
            return f"<{iri.nested_iri(address, key.name, named_by.text)}>"
        lines = naming_lines(replace(table, entries=tuple(naming))) if naming else content_lines(table)
        return f"<{iri.nested_iri(address, key.name, iri.content_key(lines))}>"

    def _address_apart(self, key: Key, class_name: str, table: Table, here: Around) -> str:
        """Return the IRI of a separate fact, next to those that have ids."""
        start, _, rest = lexical(here.term).removeprefix(f"{self.scope.base}article/").partition("/")
        naming = self._naming(class_name, table) if self.vocabulary.classes[class_name].identified_by else ()
        identity = list(naming_lines(replace(table, entries=tuple(naming))))
        taken = self._filling.identity(class_name, table, table.place, here)
        identity += (f"{value.predicate}={value.object}" for value in taken)
        return iri.fact_iri(self.scope.base, start, self.apart.name(key, class_name, table, rest, identity))

    # -------- findings on values

    def _wrong(self, place: Place, message: str, fix: str) -> Found:
        self.notes.error(place, "KG-M006", message, fix)
        return []

    def _empty(self, key: Key, item: Yaml) -> Found:
        message, fix = f"'{key.name}' has no value", "give it a value, or remove the key"
        if isinstance(item, Scalar) and item.null:
            message = f"{message}: {item.null} without quotes means 'no value' in YAML"
            fix = f"remove the key, or write '{item.null}' in quotes if it is the text"
        self.notes.error(item.place, "KG-M014", message, fix)
        return []

    def _misspelt(self, key: Key, place: Place, error: InvalidValueError) -> Found:
        self.notes.error(place, "KG-M011", f"'{key.name}': {error.message}", error.fix)
        return []

    def _expected(self, key: Key) -> str:
        if key.kind is Kind.LITERAL:
            return "write the value itself"
        if key.kind is not Kind.CODE:
            return "write an id"
        codes = list(self.vocabulary.codes.get(key.range, {}))
        if len(codes) <= MOST_CODES_SHOWN:
            return f"write one of {', '.join(codes)}"
        return f"write a code from the list {key.range}, such as {', '.join(codes[:3])}"
