"""YAML with positions + vocabulary -> model nodes + findings. No I/O.

Everything that a file may say comes from the vocabulary; this module knows the keywords and the forms that a value
may take. It refuses and reports; it never guesses. The first problem of a value ends that value, not the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from kg import iri, values
from kg.errors import Place
from kg.likeness import Words, proposal, proposed
from kg.mapping.compact import FORMS
from kg.mapping.labels import Labels
from kg.mapping.notes import MOST_REFUSED, Notes, with_article
from kg.mapping.quotes import Quotes
from kg.mapping.read import Entry, Listing, Scalar, Table
from kg.mapping.read import Node as Yaml
from kg.mapping.references import Names
from kg.mapping.remarks import acceptances, inferences
from kg.mapping.replaced import refuse_replaced
from kg.mapping.scope import Scope
from kg.mapping.tables import content_lines, entry_of, value_of
from kg.model import Acceptance, Node, Span, Term, Value
from kg.ontology.vocabulary import ClassTerm, Key, Kind, Vocabulary
from kg.terms import ACCEPT_KEY, ARTICLE_CLASS, FACT_CLASS, INFERRED_KEY, QUOTE_KEY, TYPE_KEY, cq

MOST_CODES_SHOWN = 25

Evidence = tuple[tuple[Span, Place], ...]
Found = list[tuple[Term, Place]]
"""The terms that one value stands for, most often one, none when it has a finding; each with its place."""


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of a class: the class with its article, its keys for comparing, and a sentence with all of them."""

    owner: str
    words: Words
    listed: str


@dataclass
class Builder:
    """Builds the nodes of one file.

    Attributes:
        vocabulary: what may be said.
        language: of plain text, as BCP 47.
        names: what names stand for.
        quotes: where quotes stand.
        notes: what is wrong.
        accepted: findings that the curator acknowledges.
    """

    vocabulary: Vocabulary
    language: str
    names: Names
    quotes: Quotes
    notes: Notes
    accepted: list[Acceptance] = field(default_factory=list)
    _keys: dict[str, _Keys] = field(default_factory=dict)

    @cached_property
    def _labels(self) -> Labels:
        return Labels(self.vocabulary)

    @property
    def scope(self) -> Scope:
        """What all files define."""
        return self.names.scope

    # -------- nodes

    def node(self, table: Table, class_name: str, address: str, place: Place, inherited: Evidence = ()) -> Node:
        """Return the node written as *table*, an instance of *class_name*, with all that is nested in it."""
        term = f"<{address}>"
        quote = value_of(table, QUOTE_KEY)
        evidence = (self.quotes.evidence(term, quote) if quote else ()) or inherited
        found: list[Value] = []
        nested: list[Node] = []
        keys = self.vocabulary.keys[class_name]
        self._refuse_keys(table, class_name, term)
        for entry in table.entries:
            if entry.key.text in keys:
                written, inner = self._entry(keys[entry.key.text], entry, address, evidence)
                found += written
                nested += inner
        refuse = partial(self._refuse_key, class_name=class_name, term=term)
        inferred = tuple(inferences(table, keys, term, self.language, self.notes, refuse))
        found += [Value(cq(INFERRED_KEY), each.term, each.place) for each in inferred]
        found += self._left_out(table, class_name, place)
        found += list(self._labels.bounds(found))
        inside = (*nested, *inferred)
        node = Node(term, cq(class_name), self._labels.label(found), place, tuple(found), evidence, inside)
        self.accepted += acceptances(table, node, self.language, self.notes)
        return node

    def _left_out(self, table: Table, class_name: str, place: Place) -> Iterator[Value]:
        """Yield the codes that stand for keys which *table* does not give."""
        for name in self.vocabulary.keys[class_name]:
            code = self.vocabulary.properties[name].if_left_out
            if code and entry_of(table, name) is None:
                yield Value(cq(name), f"<{code}>", place)

    def _refuse_keys(self, table: Table, class_name: str, term: Term) -> None:
        """Note the keys that the class has not; of very many, how many follow."""
        known = {*self.vocabulary.keys[class_name], TYPE_KEY, QUOTE_KEY, ACCEPT_KEY}
        known |= {INFERRED_KEY} if self.vocabulary.is_a(class_name, FACT_CLASS) else set()
        refused = [entry.key for entry in table.entries if entry.key.text not in known]
        for key in refused[:MOST_REFUSED]:
            self._refuse_key(key, class_name, term)
        if refused:
            keys = self._known(class_name)
            self.notes.rest_refused(refused, "KG-M003", f"{keys.owner} has no key", keys.listed)

    def _refuse_key(self, key: Scalar, class_name: str, term: Term) -> None:
        if replaced := refuse_replaced(self.notes, self.vocabulary, key):
            self.notes.damage(term, map(cq, replaced.names))
            return
        prop = self.vocabulary.properties.get(key.text)
        if key.text == INFERRED_KEY:
            message = f"{self._known(class_name).owner} has no key '{key.text}'"
            self.notes.error(key.place, "KG-M003", message, "write it at the fact, with one of the fact's own keys")
            return
        if prop is not None and prop.computed:
            message = f"'{key.text}' is never written by hand"
            self.notes.error(key.place, "KG-M018", message, "remove it; the compiler derives it from the facts")
            return
        known = self._known(class_name)
        near = () if prop else known.words.nearest(key.text)  # a key of other classes is not a misspelt one
        self.notes.error(key.place, "KG-M003", f"{known.owner} has no key '{key.text}'", proposed(near, known.listed))
        self.notes.damage(term, map(cq, near))  # what was meant is not missing

    def _known(self, class_name: str) -> _Keys:
        """Return what is said of unknown keys of a class; made once, for a file may have many."""
        if class_name not in self._keys:
            owner, keys = with_article(self.vocabulary.classes[class_name].label), self.vocabulary.keys[class_name]
            self._keys[class_name] = _Keys(owner, Words(keys), f"the keys of {owner} are: {', '.join(keys)}")
        return self._keys[class_name]

    def _entry(self, key: Key, entry: Entry, address: str, evidence: Evidence) -> tuple[list[Value], list[Node]]:
        found: list[Value] = []
        nested: dict[Term, Node] = {}
        items = self._items(key, entry)
        for item in items:
            value = self._value(key, item, address, evidence, nested)
            found += (Value(f"<{key.iri}>", term, where) for term, where in value)
            if not value:
                self.notes.damage(f"<{address}>", [f"<{key.iri}>"])
        if not items:
            self.notes.damage(f"<{address}>", [f"<{key.iri}>"])
        return found, list(nested.values())

    def _items(self, key: Key, entry: Entry) -> Sequence[Yaml]:
        """Return the values of *entry*, a list's items or the one value, without those that are too many."""
        items = entry.value.items if isinstance(entry.value, Listing) else (entry.value,)
        if not items:
            self._empty(key, entry.value)
        if key.most is not None and len(items) > key.most:
            few = "one value" if key.most == 1 else f"at most {key.most} values"
            message = f"'{key.name}' takes {few}, and here are {len(items)}"
            self.notes.error(items[key.most].place, "KG-M012", message, "keep the one that is meant")
            return items[: key.most]
        return items

    def _value(self, key: Key, item: Yaml, address: str, evidence: Evidence, nested: dict[Term, Node]) -> Found:
        if isinstance(item, Listing):
            return self._wrong(item.place, f"'{key.name}' has a list inside a list", "write one list")
        if isinstance(item, Scalar) and not item.text.strip():
            return self._empty(key, item)
        match key.kind:
            case Kind.TEXT:
                return self._text(key, item)
            case Kind.NODE if isinstance(item, Table) or self._is_compact(key, item):
                return self._nested(key, item, address, evidence, nested)
            case _ if isinstance(item, Table):
                return self._wrong(item.place, f"'{key.name}' takes a single value, no keys", self._expected(key))
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
        except ValueError as error:
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
        except ValueError as error:
            self.notes.error(language_place, "KG-M019", str(error), "begin with the tag of the text's language")
            return []

    def _code(self, key: Key, item: Scalar) -> Found:
        codes = self.vocabulary.codes.get(key.range, {})
        if item.text in codes:
            return [(f"<{codes[item.text].iri}>", item.place)]
        if refuse_replaced(self.notes, self.vocabulary, item, key.range):
            return []
        message = f"'{item.text}' is not a code for '{key.name}'"
        self.notes.error(item.place, "KG-M010", message, proposal(item.text, codes, self._expected(key)))
        return []

    def _is_compact(self, key: Key, item: Scalar) -> bool:
        return bool(self.vocabulary.classes[key.range].compact_form) and item.text not in self.names.local

    # -------- nested nodes

    def _nested(
        self, key: Key, item: Scalar | Table, address: str, evidence: Evidence, nested: dict[Term, Node]
    ) -> Found:
        table = item if isinstance(item, Table) else self._expanded(key, item)
        class_name = table and self._class(key, table)
        if not table or not class_name:
            return []
        inner = self._address(key, class_name, table, address)
        if f"<{inner}>" in nested:
            self._repeated(key, class_name, table)
            return []
        if not evidence and self.vocabulary.is_a(class_name, FACT_CLASS):
            self.notes.damage(f"<{inner}>", [cq("evidence")])  # the outer fact lacks it, and has a finding
        nested[f"<{inner}>"] = self.node(table, class_name, inner, item.place, evidence)
        return [(f"<{inner}>", item.place)]

    def _repeated(self, key: Key, class_name: str, table: Table) -> None:
        naming = self.vocabulary.classes[class_name].content_key
        named_by = value_of(table, naming)
        if isinstance(named_by, Scalar):
            message = f"'{key.name}' already has a node with {naming}: {named_by.text}"
            self.notes.error(named_by.place, "KG-M013", message, "join the two into one, or correct one of them")
        else:
            self.notes.error(table.place, "KG-M013", f"'{key.name}' holds the same node twice", "remove one of them")

    def _expanded(self, key: Key, item: Scalar) -> Table | None:
        form = self.vocabulary.classes[key.range].compact_form
        try:
            pairs = FORMS[form](item.text)
        except ValueError as error:
            self._misspelt(key, item.place, error)
            return None
        entries = (Entry(Scalar(k, item.place, True), Scalar(v, item.place, True)) for k, v in pairs.items())
        return Table(tuple(entries), item.place)

    def _class(self, key: Key, table: Table) -> str | None:
        """Return the class of a nested node: its type, or the one class that the key allows."""
        choices = self.vocabulary.nested_types(key.range)
        typed = value_of(table, TYPE_KEY)
        known = self.vocabulary.classes.get(typed.text) if isinstance(typed, Scalar) else None
        if not choices or (known and self.vocabulary.stands_alone(known.name)):
            self._not_here(key, table, known or self.vocabulary.classes[key.range])
            return None
        if typed is not None:
            return self.type_name(typed, choices)
        if key.range in choices or len(choices) == 1:
            return key.range if key.range in choices else choices[0]
        message = f"'{key.name}' may be of several types"
        self.notes.error(table.place, "KG-M017", message, f"add type: one of {', '.join(choices)}")
        return None

    def _not_here(self, key: Key, table: Table, wanted: ClassTerm) -> None:
        message = f"{with_article(wanted.label)} is not described under '{key.name}'"
        article = wanted.name == ARTICLE_CLASS
        fix = "write the id of the article" if article else "add it to data/registry, and write its id here"
        self.notes.error(table.place, "KG-M020", message, fix)

    def type_name(self, typed: Yaml, choices: Sequence[str]) -> str | None:
        """Return the class that a `type` names, or None with a finding."""
        if not isinstance(typed, Scalar):
            self.notes.error(typed.place, "KG-M006", "a type is a single word", f"write one of {', '.join(choices)}")
            return None
        if typed.text in choices:
            return typed.text
        if refuse_replaced(self.notes, self.vocabulary, typed):
            return None
        known = self.vocabulary.classes.get(typed.text)
        choose = f"choose one of {', '.join(choices)}"
        below = [name for name in choices if known and self.vocabulary.is_a(name, known.name)]
        if known is None:
            message, fix = f"there is no type '{typed.text}'", proposal(typed.text, choices, choose)
        elif below:
            message, fix = f"the type '{typed.text}' only groups others", f"choose one of {', '.join(below)}"
        elif self.vocabulary.stands_alone(known.name):
            message, fix = f"{with_article(known.label)} is no fact", "add it to data/registry, and name it by its id"
        else:
            message, fix = f"the type '{typed.text}' cannot stand here", choose
        self.notes.error(typed.place, "KG-M005", message, fix)
        return None

    def _address(self, key: Key, class_name: str, table: Table, address: str) -> str:
        """Return the IRI of a nested node, from what it says, never from its position in a list."""
        if key.most == 1:
            return iri.nested_iri(address, key.name)
        named_by = value_of(table, self.vocabulary.classes[class_name].content_key)
        if isinstance(named_by, Scalar) and named_by.text.strip(" ."):
            return iri.nested_iri(address, key.name, named_by.text)
        return iri.nested_iri(address, key.name, iri.content_key(content_lines(table)))

    # -------- findings on values

    def _wrong(self, place: Place, message: str, fix: str) -> Found:
        self.notes.error(place, "KG-M006", message, fix)
        return []

    def _empty(self, key: Key, item: Yaml) -> Found:
        message, fix = f"'{key.name}' has no value", "give it a value, or remove the key"
        if isinstance(item, Scalar) and item.null:
            message = f"{message}: {item.null} without quotes is YAML's word for none"
            fix = f"remove the key, or write '{item.null}' in quotes if this is the text"
        self.notes.error(item.place, "KG-M014", message, fix)
        return []

    def _misspelt(self, key: Key, place: Place, error: ValueError) -> Found:
        what, _, fix = str(error).partition("; ")
        self.notes.error(place, "KG-M011", f"'{key.name}': {what}", fix)
        return []

    def _expected(self, key: Key) -> str:
        if key.kind is Kind.LITERAL:
            return "write the value itself"
        if key.kind is not Kind.CODE:
            return "write an id"
        codes = list(self.vocabulary.codes.get(key.range, {}))
        if len(codes) <= MOST_CODES_SHOWN:
            return f"write one of {', '.join(codes)}"
        return f"write a code of the list {key.range}, such as {', '.join(codes[:3])}"
