"""YAML with positions + vocabulary -> model nodes + findings. No I/O.

Everything that a file may say comes from the vocabulary; this module knows the five keywords and the forms that a
value may take. It refuses and reports; it never guesses. The first problem of a value ends that value, not the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg import iri, values
from kg.compact import FORMS
from kg.dates import date_bounds
from kg.errors import Finding, Place, Severity
from kg.model import Node, Span, Term, Text, Value
from kg.read import Entry, Listing, Scalar, Table
from kg.read import Node as Yaml
from kg.scope import Scope, Target, proposal
from kg.terms import QUOTE_KEY, TYPE_KEY, XSD, cq
from kg.texts import folded, found, most_alike
from kg.vocabulary import Key, Kind

Evidence = tuple[tuple[Span, Place], ...]


@dataclass(slots=True)
class Builder:
    """Builds the nodes of one file and collects what is wrong with it.

    Attributes:
        scope: what names may stand for.
        language: of plain text, as BCP 47.
        text: what quotes must occur in; None where quotes have no place or the text is not at hand.
        local: fact id -> what it is, for references within the file.
        findings: filled while building.
        damaged: (subject, predicate) that have a finding; predicate "" for a whole node.
        spans: quote, white space folded -> where it was found.
        references: every name that was looked up, so that a change of what it stands for is seen.
    """

    scope: Scope
    language: str
    text: Text | None
    local: Mapping[str, Target] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    damaged: set[tuple[Term, Term]] = field(default_factory=set)
    references: set[str] = field(default_factory=set)
    spans: dict[str, Span] = field(default_factory=dict)

    # -------- nodes

    def node(self, table: Table, class_name: str, address: str, place: Place, inherited: Evidence = ()) -> Node:
        """Return the node written as *table*, an instance of *class_name*, with all that is nested in it."""
        term = f"<{address}>"
        evidence = self._evidence(term, table) or inherited
        found: list[Value] = []
        nested: list[Node] = []
        for entry in table.entries:
            if entry.key.text not in (TYPE_KEY, QUOTE_KEY) and (key := self._key(entry.key, class_name, term)):
                written, inner = self._entry(key, entry, address, evidence)
                found += written
                nested += inner
        found += self._bounds(found)
        return Node(term, cq(class_name), self._label(found), place, tuple(found), evidence, tuple(nested))

    def _key(self, key: Scalar, class_name: str, term: Term) -> Key | None:
        keys = self.scope.vocabulary.keys[class_name]
        if key.text in keys:
            return keys[key.text]
        label = self.scope.vocabulary.classes[class_name].label
        prop = self.scope.vocabulary.properties.get(key.text)
        if prop is not None and prop.computed:
            self.add(key.place, "KG-M018", f"'{key.text}' is written by the compiler", "remove it")
        else:
            self.add(
                key.place,
                "KG-M003",
                f"a node of type {class_name} has no key '{key.text}'",
                proposal(key.text, keys, f"the keys of a {label} are: {', '.join(keys)}"),
            )
        self.damaged.add((term, ""))
        return None

    def _entry(self, key: Key, entry: Entry, address: str, evidence: Evidence) -> tuple[list[Value], list[Node]]:
        subject, predicate = f"<{address}>", f"<{key.iri}>"
        items = self._items(key, entry)
        found: list[Value] = []
        nested: list[Node] = []
        for item in items:
            value = self._value(key, item, address, evidence, nested)
            found += (Value(predicate, term, where) for term, where in value)
            if not value:
                self.damaged.add((subject, predicate))
        if not items:
            self.damaged.add((subject, predicate))
        return found, nested

    def _items(self, key: Key, entry: Entry) -> Sequence[Yaml]:
        """Return the values of *entry*, a list's items or the one value, without those that are too many."""
        items = entry.value.items if isinstance(entry.value, Listing) else (entry.value,)
        if not items:
            self.add(entry.key.place, "KG-M014", f"'{key.name}' has no value", "give it a value, or remove the key")
        if key.most is not None and len(items) > key.most:
            few = "one value" if key.most == 1 else f"at most {key.most} values"
            self.add(items[key.most].place, "KG-M012", f"'{key.name}' takes {few}", "remove the others")
            return items[: key.most]
        return items

    def _value(
        self, key: Key, item: Yaml, address: str, evidence: Evidence, nested: list[Node]
    ) -> list[tuple[Term, Place]]:
        if isinstance(item, Listing):
            return self._wrong(item.place, "a list inside a list", "write one list")
        if isinstance(item, Scalar) and not item.text.strip():
            self.add(item.place, "KG-M014", f"'{key.name}' has no value", "give it a value, or remove the key")
            return []
        match key.kind:
            case Kind.TEXT:
                return self._text(key, item)
            case Kind.NODE if isinstance(item, Table) or self._is_compact(key, item):
                return self._nested(key, item, address, evidence, nested)
            case _ if isinstance(item, Table):
                return self._wrong(item.place, f"'{key.name}' takes a single value, not a node", self._expected(key))
            case Kind.LITERAL:
                return self._literal(key, item)
            case Kind.CODE:
                return self._code(key, item)
            case _:
                return self._reference(key, item)

    # -------- values

    def _literal(self, key: Key, item: Scalar) -> list[tuple[Term, Place]]:
        try:
            return [(values.literal(item.text, key.range), item.place)]
        except ValueError as error:
            self.add(item.place, "KG-M011", f"'{key.name}': {error}", "")
            return []

    def _text(self, key: Key, item: Scalar | Table) -> list[tuple[Term, Place]]:
        if isinstance(item, Scalar):
            return self._tagged(item.text, self.language, item.place, item.place)
        found: list[tuple[Term, Place]] = []
        for entry in item.entries:
            texts = entry.value.items if isinstance(entry.value, Listing) else (entry.value,)
            for text in texts:
                if isinstance(text, Scalar) and text.text.strip():
                    found += self._tagged(text.text, entry.key.text, text.place, entry.key.place)
                else:
                    self._wrong(text.place, f"'{key.name}' takes text for each language", "write {en: text}")
        return found

    def _tagged(self, text: str, language: str, place: Place, language_place: Place) -> list[tuple[Term, Place]]:
        try:
            return [(values.lang_literal(" ".join(text.split()), language), place)]
        except ValueError as error:
            self.add(language_place, "KG-M019", str(error), "write a language tag such as en or zh-Hans")
            return []

    def _code(self, key: Key, item: Scalar) -> list[tuple[Term, Place]]:
        codes = self.scope.vocabulary.codes.get(key.range, {})
        if item.text in codes:
            return [(f"<{codes[item.text].iri}>", item.place)]
        label = self.scope.vocabulary.classes[key.range].label
        choices = f"choose one of {', '.join(codes)}" if len(codes) <= 25 else f"see the code list {key.range}"
        self.add(item.place, "KG-M010", f"'{item.text}' is no code for {label}", proposal(item.text, codes, choices))
        return []

    def _reference(self, key: Key, item: Scalar) -> list[tuple[Term, Place]]:
        target = self._target(key, item)
        if target is None:
            return []
        if key.kind is Kind.NODE and not self.scope.vocabulary.is_a(target.class_name, key.range):
            wanted = self.scope.vocabulary.classes[key.range].label
            message = f"'{item.text}' is of type {target.class_name}; '{key.name}' takes a {wanted} ({key.range})"
            self.add(item.place, "KG-M008", message, self._of_class(item.text, key))
            return []
        return [(target.term, item.place)]

    def _target(self, key: Key, item: Scalar) -> Target | None:
        name = item.text
        self.references.add(name)
        if self.scope.vocabulary.is_a(key.range, "Article"):
            found = [self.scope.articles.get(name)]
        else:
            found = [self.local.get(name), self.scope.registry.get(name), self.scope.facts.get(name)]
        targets = [target for target in found if target is not None]
        if len(targets) == 1:
            return targets[0]
        if targets:
            message = f"'{name}' is both a fact of this article and an entity of the registry"
            self.add(item.place, "KG-M009", message, "give the fact another id")
        else:
            self.add(item.place, "KG-M007", self._unknown(key, name), self._of_class(name, key))
        return None

    def _unknown(self, key: Key, name: str) -> str:
        if self.scope.vocabulary.is_a(key.range, "Article"):
            return f"no article called '{name}'"
        if "/" in name:
            return f"no fact called '{name}' in another article"
        return f"no {'entity' if self._takes_entities(key) else 'fact'} called '{name}'"

    def _takes_entities(self, key: Key) -> bool:
        return any(
            self.scope.vocabulary.is_a(name, "Entity") for name in self.scope.vocabulary.concrete.get(key.range, ())
        ) or (key.kind is Kind.ANY)

    def _of_class(self, name: str, key: Key) -> str:
        """Return a proposal of names that fit *key*, by id or by label."""
        known = {**self.scope.registry, **self.local, **(self.scope.facts if "/" in name else {})}
        if self.scope.vocabulary.is_a(key.range, "Article"):
            known = dict(self.scope.articles)
        fit = {
            n: t
            for n, t in known.items()
            if key.kind is Kind.ANY or self.scope.vocabulary.is_a(t.class_name, key.range)
        }
        by_label = {target.label: n for n, target in fit.items() if target.label}
        near = proposal(name, fit, "") or proposal(name, by_label, "")
        for label, n in by_label.items():
            if f"'{label}'" in near and f"'{n}'" not in near:
                near = near.replace(f"'{label}'", f"'{n}' ({label})")
            elif f"'{n}'" in near:
                near = near.replace(f"'{n}'", f"'{n}' ({label})")
        wanted = (
            self.scope.vocabulary.classes[key.range].label if key.range in self.scope.vocabulary.classes else "fact"
        )
        place = "data/registry" if self._takes_entities(key) else "this article"
        return near or f"write the id of a {wanted}, or add it to {place}"

    def _is_compact(self, key: Key, item: Scalar) -> bool:
        return bool(self.scope.vocabulary.classes[key.range].compact_form) and item.text not in self.local

    # -------- nested nodes

    def _nested(
        self, key: Key, item: Scalar | Table, address: str, evidence: Evidence, nested: list[Node]
    ) -> list[tuple[Term, Place]]:
        table = item if isinstance(item, Table) else self._expanded(key, item)
        class_name = table and self._class(key, table)
        if not table or not class_name:
            return []
        inner = self._address(key, class_name, table, address)
        if any(node.term == f"<{inner}>" for node in nested):
            message = f"'{key.name}' has two nodes for the same '{self._content_key(class_name) or 'content'}'"
            self.add(table.place, "KG-M013", message, "join them into one, or remove one")
            return []
        if (f"<{address}>", cq("evidence")) in self.damaged:
            self.damaged.add((f"<{inner}>", cq("evidence")))
        nested.append(self.node(table, class_name, inner, item.place, evidence))
        return [(f"<{inner}>", item.place)]

    def _expanded(self, key: Key, item: Scalar) -> Table | None:
        form = self.scope.vocabulary.classes[key.range].compact_form
        try:
            pairs = FORMS[form](item.text)
        except ValueError as error:
            self.add(item.place, "KG-M011", f"'{key.name}': {error}", "")
            return None
        entries = (Entry(Scalar(k, item.place, True), Scalar(v, item.place, True)) for k, v in pairs.items())
        return Table(tuple(entries), item.place)

    def _class(self, key: Key, table: Table) -> str | None:
        """Return the class of a nested node: its type, or the one class that the key allows."""
        choices = self.scope.vocabulary.concrete.get(key.range, ())
        typed = value_of(table, TYPE_KEY)
        if typed is not None:
            return self.type_name(typed, choices)
        if key.range in choices:
            return key.range
        if len(choices) == 1:
            return choices[0]
        message = f"'{key.name}' may be of several types"
        self.add(table.place, "KG-M017", message, f"add type: one of {', '.join(choices)}")
        return None

    def type_name(self, typed: Yaml, choices: Sequence[str]) -> str | None:
        """Return the class that a `type` names, or None with a finding."""
        if not isinstance(typed, Scalar):
            self.add(typed.place, "KG-M006", "a type is a single word", f"one of {', '.join(choices)}")
            return None
        if typed.text in choices:
            return typed.text
        known = self.scope.vocabulary.classes.get(typed.text)
        if known is None:
            message = f"there is no type '{typed.text}'"
        elif known.abstract:
            message = f"the type '{typed.text}' only groups others"
        else:
            message = f"a node of type {typed.text} cannot stand here"
        self.add(typed.place, "KG-M005", message, proposal(typed.text, choices, f"choose one of {', '.join(choices)}"))
        return None

    def _content_key(self, class_name: str) -> str:
        return self.scope.vocabulary.classes[class_name].content_key

    def _address(self, key: Key, class_name: str, table: Table, address: str) -> str:
        """Return the IRI of a nested node, from what it says, never from its position in a list."""
        if key.most == 1:
            return iri.nested_iri(address, key.name)
        named_by = value_of(table, self._content_key(class_name))
        if isinstance(named_by, Scalar) and named_by.text.strip():
            return iri.nested_iri(address, key.name, named_by.text)
        return iri.nested_iri(address, key.name, iri.content_key(_lines(table)))

    # -------- evidence, labels, bounds

    def _evidence(self, term: Term, table: Table) -> Evidence:
        quote = value_of(table, QUOTE_KEY)
        if quote is None:
            return ()
        quotes = quote.items if isinstance(quote, Listing) else (quote,)
        if not quotes:
            self.add(quote.place, "KG-E004", "the quote is empty", "quote the words that support the fact")
        found = [pair for item in quotes for pair in self._quoted(item)]
        if len(found) < max(len(quotes), 1):
            self.damaged.add((term, cq("evidence")))
        return tuple(found)

    def _quoted(self, item: Yaml) -> Iterator[tuple[Span, Place]]:
        if not isinstance(item, Scalar):
            self.add(item.place, "KG-M006", "a quote is text, or a list of texts", "put the words in quotation marks")
        elif not item.text.strip():
            self.add(item.place, "KG-E004", "the quote is empty", "quote the words that support the fact")
        elif self.text is None:
            self.add(
                item.place, "KG-E003", "there is no text here to quote from", "give the article a text, or remove quote"
            )
        else:
            spans = found(self.text, item.text)
            if len(spans) == 1:
                self.spans[folded(item.text)] = spans[0]
                yield spans[0], item.place
            elif self.text.pinned is not None:
                fix = "put the file of the text where textFile says, and run 'kg build' there"
                self.add(item.place, "KG-E006", "the text is not at hand, and this quote was never found in it", fix)
            elif spans:
                message = f"the quoted words occur {len(spans)} times in the text"
                self.add(item.place, "KG-E002", message, "quote more words, so that they occur once")
            else:
                alike = most_alike(self.text.value, item.text)
                fix = (
                    f"the text has '{_short(alike)}'; quote it letter by letter" if alike else "quote words of the text"
                )
                self.add(item.place, "KG-E001", "the quoted words are not in the text", fix)

    def _label(self, found: Iterable[Value]) -> str:
        ranks = {cq(p.name): p.label_rank for p in self.scope.vocabulary.properties.values() if p.label_rank}
        texts = [
            (
                ranks[value.predicate],
                values.language(value.object) != "en",
                values.language(value.object) or "",
                value.object,
            )
            for value in found
            if value.predicate in ranks
        ]
        return values.lexical(min(texts)[3]) if texts else ""

    def _bounds(self, found: Sequence[Value]) -> list[Value]:
        """Return the first and last day of each EDTF value, under the properties that the ontology names for them."""
        bounds: list[Value] = []
        for prop in self.scope.vocabulary.properties.values():
            of = prop.lower_of or prop.upper_of
            for value in found if of else ():
                days = date_bounds(values.lexical(value.object)) if value.predicate == cq(of) else None
                if days:
                    day = days[0] if prop.lower_of else days[1]
                    bounds.append(Value(cq(prop.name), values.literal(day.isoformat(), XSD + "date"), value.place))
        return bounds

    # -------- findings

    def add(self, place: Place, code: str, message: str, fix: str) -> None:
        """Note an error."""
        self.findings.append(Finding(place, Severity.ERROR, code, message, fix))

    def _wrong(self, place: Place, message: str, fix: str) -> list[tuple[Term, Place]]:
        self.add(place, "KG-M006", message, fix)
        return []

    def _expected(self, key: Key) -> str:
        match key.kind:
            case Kind.CODE:
                codes = self.scope.vocabulary.codes.get(key.range, {})
                return f"write one of {', '.join(list(codes)[:12])}"
            case Kind.LITERAL:
                return "write the value itself"
            case _:
                return "write an id"


def value_of(table: Table, key: str) -> Yaml | None:
    """Return the value of *key* in a YAML table, or None."""
    return next((entry.value for entry in table.entries if entry.key.text == key), None) if key else None


def without(table: Table, *keys: str) -> Table:
    """Return *table* without some keys."""
    return replace(table, entries=tuple(entry for entry in table.entries if entry.key.text not in keys))


def _lines(node: Yaml, path: str = "") -> Iterator[str]:
    """Yield a line for each scalar below *node*, whatever the order of keys and items."""
    match node:
        case Scalar():
            yield f"{path}={node.text}"
        case Table():
            for entry in node.entries:
                yield from _lines(entry.value, f"{path}/{entry.key.text}")
        case Listing():
            for item in node.items:
                yield from _lines(item, f"{path}/")


def _short(text: str, most: int = 80) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
