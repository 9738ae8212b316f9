"""What an ontology has + how often a graph uses it -> terms without a fact, and the most used. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from kg.docs.model import ClassDoc, Documentation
from kg.quality.usage import Usage

KINDS = ("class", "property", "code")
MOST_USED = 15


@dataclass(frozen=True, slots=True)
class TermUse:
    """One term and how often it is used.

    Attributes:
        kind: "class", "property" or "code".
        name: local name; of a code, that of its list's class.
        entry: name of a code, else "".
        definition: of the term.
        uses: nodes of a class and of those below it, statements with a property, statements with a code as value.
    """

    kind: str
    name: str
    entry: str
    definition: str
    uses: int


@dataclass(frozen=True, slots=True)
class TermUses:
    """The terms that facts may use, by kind: unused ones sorted by name, used ones by number."""

    unused: tuple[TermUse, ...]
    used: tuple[TermUse, ...]

    def of(self, kind: str, *, used: bool) -> tuple[TermUse, ...]:
        """Return those of one kind."""
        return tuple(term for term in (self.used if used else self.unused) if term.kind == kind)

    def numbers(self) -> dict[str, tuple[int, int]]:
        """Return kind -> how many terms of it are used, and how many are not."""
        return {kind: (len(self.of(kind, used=True)), len(self.of(kind, used=False))) for kind in KINDS}


def term_uses(told: Documentation, counted: Usage) -> TermUses:
    """Return how often each term is used; abstract classes and code lists are left out, their codes are not."""
    terms = [
        TermUse("class", doc.name, "", doc.definition, _nodes(doc, told, counted))
        for doc in told.classes.values()
        if _counts(doc)
    ]
    terms += [
        TermUse("property", doc.name, "", doc.definition, counted.properties.get(doc.name, 0))
        for doc in told.properties.values()
        if doc.computed or doc.uses  # one that was replaced is neither a key nor written by the compiler
    ]
    terms += [
        TermUse("code", doc.name, code.name, code.definition, counted.codes.get(code.iri, 0))
        for doc in told.classes.values()
        for code in doc.codes
    ]
    unused = sorted((term for term in terms if not term.uses), key=lambda t: (t.kind, t.name.casefold(), t.entry))
    used = sorted((term for term in terms if term.uses), key=lambda t: (-t.uses, t.name.casefold(), t.entry))
    return TermUses(tuple(unused), tuple(used))


def _counts(doc: ClassDoc) -> bool:
    """Whether nodes are expected of the class itself."""
    return not doc.abstract and not doc.is_code_list


def _nodes(doc: ClassDoc, told: Documentation, counted: Usage) -> int:
    below = (name for name, other in told.classes.items() if doc.name in other.lineage)
    return sum(counted.classes.get(name, 0) for name in (doc.name, *below))
