"""The vocabulary -> the forms of the bench: kinds by section, and the fields of each. No I/O.

Nothing here knows a class or a property: what a project adds to the ontology gets its form, its definitions and its
place in the list in the same way as what is shipped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from kg.core.terms import ARTICLE_CLASS, ARTICLE_KEY, CURATION_KEY, ENTITY_CLASS, FACT_CLASS, FACTS_KEY, TYPE_KEY
from kg.core.values import local_name
from kg.mapping.read import Listing, Node, Table
from kg.mapping.tables import first_text, value_of
from kg.ontology.vocabulary import ClassTerm, Key, Kind, Vocabulary

Json: TypeAlias = "str | int | bool | list[Json] | Mapping[str, Json] | None"
Usage: TypeAlias = Mapping[str, Counter[str]]
"""Class -> key -> how many facts of the class have it; under "" how many facts there are."""

_IN_TEMPLATE = re.compile(r"[{|](\w+)(?=[}|])")
SECTIONS = "PageSection"


def usage_of(trees: Iterable[Node | None], vocabulary: Vocabulary) -> Usage:
    """Return which keys facts have, and the nodes in their braces."""
    usage: dict[str, Counter[str]] = {}
    for tree in trees:
        facts = value_of(tree, FACTS_KEY) if isinstance(tree, Table) else None
        for entry in facts.entries if isinstance(facts, Table) else ():
            _count(entry.value, "", vocabulary, usage)
    return usage


def _count(node: Node, otherwise: str, vocabulary: Vocabulary, usage: dict[str, Counter[str]]) -> None:
    """Count the keys of a table, whose class is *otherwise* if it names none, and of what is in it."""
    for item in node.items if isinstance(node, Listing) else ():
        _count(item, otherwise, vocabulary, usage)
    if isinstance(node, Table):
        name = first_text(value_of(node, TYPE_KEY)) or otherwise
        usage.setdefault(name, Counter()).update(["", *(entry.key.text for entry in node.entries)])
        for entry in node.entries:
            key = vocabulary.keys.get(name, {}).get(entry.key.text)
            if key and key.kind is Kind.NODE:
                _count(entry.value, vocabulary.class_in_braces(key), vocabulary, usage)


def vocabulary_forms(vocabulary: Vocabulary, usage: Usage) -> Json:
    """Return everything that a page needs to make forms: classes with their keys, code lists, sections."""
    forms = _Forms(vocabulary, usage)
    heads: list[Json] = [ARTICLE_CLASS, vocabulary.keys[ARTICLE_CLASS][CURATION_KEY].range]
    return {
        "kinds": list[Json](forms.kinds()),
        "heads": dict(zip((ARTICLE_KEY, CURATION_KEY), heads, strict=True)),
        "entities": list[Json](vocabulary.concrete[ENTITY_CLASS]),
        "classes": {name: forms.of(term) for name, term in vocabulary.classes.items() if name in vocabulary.keys},
        "properties": {
            name: {"label": each.label, "definition": each.definition} for name, each in vocabulary.properties.items()
        },
        "codes": {
            name: [{"name": code.name, "label": code.label, "definition": code.definition} for code in codes.values()]
            for name, codes in vocabulary.codes.items()
        },
        "sections": [{"name": each.name, "label": each.label} for each in vocabulary.codes.get(SECTIONS, {}).values()],
    }


class _Forms:
    def __init__(self, vocabulary: Vocabulary, usage: Usage) -> None:
        self._vocabulary = vocabulary
        self._usage = usage

    def kinds(self) -> Iterator[str]:
        """Yield the classes that a fact may have, the most used first."""
        names = self._vocabulary.concrete[FACT_CLASS]
        yield from sorted(names, key=lambda name: (-self._count(name), self._vocabulary.classes[name].label))

    def _count(self, name: str) -> int:
        return self._usage.get(name, Counter())[""]

    def of(self, term: ClassTerm) -> Json:
        """Return the form of one class."""
        keys = self._vocabulary.keys[term.name].values()
        counts = self._counts(term)
        shown = self._shown(term, counts)
        ordered = sorted((key for key in keys if key.name != CURATION_KEY), key=lambda key: self._rank(key, counts))
        return {
            "label": term.label,
            "definition": term.definition,
            "section": term.section,
            "ancestors": list(term.ancestors),
            "keys": [self._key(key, key.name in shown) for key in ordered],
        }

    def _counts(self, term: ClassTerm) -> Counter[str]:
        """Return which keys facts of a class have; those of its kind if it has none: of other events for a visit."""
        for above in term.ancestors:
            if above != FACT_CLASS:
                alike = (name for name in self._usage if self._vocabulary.is_a(name, above))
                if counts := sum((self._usage[name] for name in alike), Counter[str]()):
                    return counts
        return Counter()

    def _shown(self, term: ClassTerm, counts: Counter[str]) -> set[str]:
        """Return the keys that facts of a class have: those they must have, name in their sentence, or mostly have."""
        keys = self._vocabulary.keys[term.name]
        templates = f"{term.label_template} {term.summary_template}"
        named = {*_IN_TEMPLATE.findall(templates), *term.identified_by} & keys.keys()
        usual = {name for name in keys if counts[""] and 2 * counts[name] >= counts[""]}
        own = [name for name in term.dated_by if name in keys and self._form(keys[name])]
        return {*(key.name for key in keys.values() if key.least), *named, *usual, *own[:1]}

    def _rank(self, key: Key, counts: Counter[str]) -> tuple[int, int, int, str]:
        """Return where a field stands: parts last; first what must be there, then what facts mostly have."""
        required = self._vocabulary.is_required(key)
        return int(self._is_part(key)), int(not required), -counts[key.name], key.name

    def _form(self, key: Key) -> str:
        """Return "edtf" or "quantity" for a key whose value is written as words, else ""."""
        term = self._vocabulary.classes.get(key.range)
        return term.compact_form if term else ""

    def _is_part(self, key: Key) -> bool:
        name = self._vocabulary.class_in_braces(key) if key.kind is Kind.NODE and not self._form(key) else ""
        return bool(name) and self._vocabulary.classes[name].is_part

    def _key(self, key: Key, shown: bool) -> Json:
        is_node = key.kind is Kind.NODE
        form = self._form(key)
        nested = self._vocabulary.nested_types(key.range) if is_node and not form else ()
        return {
            "name": key.name,
            "kind": "words" if form else "part" if self._is_part(key) else key.kind.value,
            "form": form,
            "range": local_name(f"<{key.range}>") if key.kind is Kind.LITERAL else key.range,
            "most": key.most,
            "required": self._vocabulary.is_required(key),
            "shown": shown,
            "nested": list[Json](nested),
            "braces": self._vocabulary.class_in_braces(key) if is_node and not form else "",
        }
