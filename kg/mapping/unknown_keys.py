"""Keys that the class of a node does not have -> findings, with the keys that may be meant. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.core.likeness import KnownWords, proposed, slip_of
from kg.core.model import Term
from kg.core.terms import INFERRED_KEY, cq
from kg.mapping.notes import MOST_REFUSED, Notes, with_article
from kg.mapping.read import Scalar, Table
from kg.mapping.replaced import refuse_replaced
from kg.ontology.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of a class: the class with its article, its keys for comparing, and a sentence with all of them."""

    owner: str
    words: KnownWords
    listed: str


@dataclass(frozen=True, slots=True)
class UnknownKeys:
    """Refuses the unknown keys of one file.

    Attributes:
        vocabulary: which keys there are.
        notes: what is wrong.
    """

    vocabulary: Vocabulary
    notes: Notes
    _keys: dict[str, _Keys] = field(default_factory=dict)

    def refuse_in(self, table: Table, class_name: str, term: Term) -> None:
        """Note the keys that the class does not have; of very many, how many follow."""
        known = self.vocabulary.written_keys[class_name]
        refused = [entry.key for entry in table.entries if entry.key.text not in known]
        for key in refused[:MOST_REFUSED]:
            self.refuse(key, class_name, term)
        if refused:
            keys = self._known(class_name)
            self.notes.rest_refused(refused, "KG-M003", f"{keys.owner} has no key", keys.listed)

    def refuse(self, key: Scalar, class_name: str, term: Term) -> None:
        """Note one key that the class does not have."""
        if replaced := refuse_replaced(self.notes, self.vocabulary, key):
            self.notes.damage(term, map(cq, replaced.names))
            return
        prop = self.vocabulary.properties.get(key.text)
        if key.text == INFERRED_KEY:
            message = f"{self._known(class_name).owner} has no key '{key.text}'"
            self.notes.error(key.place, "KG-M003", message, "write it on the fact, with one of the fact's own keys")
            return
        if prop is not None and prop.computed:
            message = f"'{key.text}' is never written by hand"
            self.notes.error(key.place, "KG-M018", message, "remove it; the compiler derives it from the facts")
            return
        known = self._known(class_name)
        words = known.words
        near = () if prop else words.nearest(key.text) or words.beginning(key.text)  # keys of others are not misspelt
        message, instead = f"{known.owner} has no key '{key.text}'", slip_of(key.text, near)
        self.notes.error(key.place, "KG-M003", message, proposed(near, known.listed), instead=instead)
        self.notes.damage(term, map(cq, near))  # what was meant is not missing

    def _known(self, class_name: str) -> _Keys:
        """Return the texts for unknown keys of a class, made once because a file may have many."""
        if class_name not in self._keys:
            owner, keys = with_article(self.vocabulary.classes[class_name].label), self.vocabulary.keys[class_name]
            self._keys[class_name] = _Keys(owner, KnownWords(keys), f"the keys of {owner} are: {', '.join(keys)}")
        return self._keys[class_name]
