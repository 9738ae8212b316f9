"""A text + the vocabulary -> the kinds of fact that it may report, described in few words for a language model. No I/O.

A JSON Schema of all kinds has 170,000 characters, most of which repeat. Here a key, a code list and a definition are
given once, and kinds of which the text has no word are left out. The compiler checks what a model writes all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.core.terms import FACT_CLASS
from kg.core.values import local_name
from kg.ontology.vocabulary import Key, Kind, Vocabulary
from kg.words.hedges import hedges_of
from kg.words.language import Language
from kg.words.names import letters, words_of

STEM = 4
"""Letters that a word of the text shares with a word for a kind: "opened" and "opens"."""

NOTATION = """\
Each kind of fact is listed with its keys and what they take. '*' is a key that must be there, '+' one that may have a
list. 'date' and 'figure' are words of the article, 'text' is free, <Stage> is one of the codes under "Codes",
{Participation} is an object with the keys of that kind and no type. Any other name is a class: the id of an entity or
of another fact of that class, 'id' that of anything.
"""

_FORMS = {"edtf": "date", "quantity": "figure"}


def kinds_in(text: str, language: Language, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the classes of facts that a text has a word for, and those that no particular words express.

    A word for a class is one of its label, or one that expresses it in the language. Of a language whose words are not
    known, all classes are returned.
    """
    names = vocabulary.concrete[FACT_CLASS]
    expressed = _expressed(language)
    if not expressed:
        return names
    folded = " ".join(("", *map(letters, words_of(text))))

    def fits(name: str) -> bool:
        known = [word for each in expressed.get(name, ()) for word in words_of(each)]
        is_shown = known or any(each in expressed for each in vocabulary.classes[name].ancestors)
        own = (letters(word)[:STEM] for word in (*known, *words_of(vocabulary.classes[name].label)))
        return not is_shown or any(f" {stem}" in folded or (not stem.isascii() and stem in folded) for stem in own)

    return tuple(name for name in names if fits(name))


def _expressed(language: Language) -> Mapping[str, Sequence[str]]:
    """Return class -> the words that express a fact of it in a language."""
    by_class: dict[str, list[str]] = {}
    for group in hedges_of(language).words.values():
        for name, words in group.items():
            by_class.setdefault(name, []).extend(words)
    return by_class


@dataclass(frozen=True)
class KindsDescribed:
    """Describes classes of facts.

    Attributes:
        vocabulary: the vocabulary.
        names: of the classes.
        left_out: keys that are not described.
    """

    vocabulary: Vocabulary
    names: Sequence[str]
    left_out: frozenset[str]

    def lines(self) -> Iterator[str]:
        """Yield the description: the keys of every fact, each class with its own keys, parts, definitions, codes."""
        yield "Every fact: type, quote, " + self._listed(self._shared)
        for name in self._all_classes:
            term = self.vocabulary.classes[name]
            yield f"{name} ({term.definition.rstrip('.')}): {self._own_keys(name)}"
        yield "Keys:"
        for name in sorted({key.name for each in self._all_classes for key in self._keys(each)}):
            yield f"{name}: {self.vocabulary.properties[name].definition.rstrip('.')}"
        yield "Codes:"
        for name in sorted(
            {key.range for each in self._all_classes for key in self._keys(each) if key.kind is Kind.CODE}
        ):
            yield f"{name}: {' | '.join(self.vocabulary.codes.get(name, ()))}"

    def _own_keys(self, name: str) -> str:
        """Return the keys of a class, those of a more general class that is described by its name."""
        own = set(self._keys(name)) - set(self._shared)
        ancestors = self.vocabulary.classes[name].ancestors[1:]
        line = next((each for each in ancestors if each in self._all_classes), "")
        inherited = set(self._keys(line)) - set(self._shared) if line else set()
        if not line or not inherited <= own:
            return self._listed(own)
        more = self._listed(own - inherited)
        return f"keys of {line}; {more}" if more else f"keys of {line}"

    @cached_property
    def _all_classes(self) -> tuple[str, ...]:
        """The classes, and those of nodes that are written in their braces; the more general ones first."""
        gathered: dict[str, None] = dict.fromkeys(self.names)
        open_names = list(self.names)
        while open_names:
            for key in self._keys(open_names.pop()):
                part = self._part(key)
                if part and part not in gathered:
                    gathered[part] = None
                    open_names.append(part)
        return tuple(sorted(gathered, key=lambda name: (len(self.vocabulary.classes[name].ancestors), name)))

    def _part(self, key: Key) -> str:
        """Return the class of the parts in braces under a key, "" if it takes words or references."""
        if key.kind is not Kind.NODE or self._form(key):
            return ""
        name = self.vocabulary.class_in_braces(key)
        return name if name and self.vocabulary.classes[name].is_part else ""

    def _form(self, key: Key) -> str:
        term = self.vocabulary.classes.get(key.range)
        return _FORMS.get(term.compact_form, "") if term else ""

    def _keys(self, name: str) -> Sequence[Key]:
        return [key for key in self.vocabulary.keys[name].values() if key.name not in self.left_out]

    @cached_property
    def _shared(self) -> tuple[Key, ...]:
        """The keys that all classes of facts have."""
        first, *others = (set(self._keys(name)) for name in self.names)
        return tuple(sorted(first.intersection(*others), key=lambda key: key.name))

    def _listed(self, keys: Iterable[Key]) -> str:
        return ", ".join(self._shown(key) for key in sorted(keys, key=lambda key: (-key.least, key.name)))

    def _shown(self, key: Key) -> str:
        needed = "*" if self.vocabulary.is_required(key) else ""
        several = "" if key.most == 1 else "+"
        return f"{key.name}{needed}{several} {self._kind(key)}"

    def _kind(self, key: Key) -> str:
        match key.kind:
            case Kind.CODE:
                return f"<{key.range}>"
            case Kind.NODE:
                part = self._part(key)
                return self._form(key) or (f"{{{part}}}" if part else key.range)
            case Kind.ANY:
                return "id"
            case Kind.TEXT:
                return "text"
        return local_name(f"<{key.range}>") or "text"
