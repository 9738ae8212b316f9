"""A word of a mapping that names a term which was renamed or split -> a finding that says its new name. No I/O."""

from __future__ import annotations

from kg.core.errors import Finding, Severity
from kg.mapping.compose import Scalar
from kg.mapping.notes import Notes
from kg.ontology.vocabulary import Replacement, Vocabulary

REPLACED = "KG-M031"


def refuse_replaced(notes: Notes, vocabulary: Vocabulary, word: Scalar, of: str = "") -> Replacement | None:
    """Note it if *word*, a key, a type, or a code of the list *of*, was replaced; return what became of it."""
    found = vocabulary.replacement(word.text, of)
    if found is not None:
        message, fix, instead = replaced_texts(found)
        notes.findings.append(Finding(word.place, Severity.ERROR, REPLACED, message, fix, instead=instead))
    return found


def replaced_texts(replacement: Replacement) -> tuple[str, str, str]:
    """Return a message on a replaced term, how to mend it, and what to write in its place if that is clear."""
    old, names = replacement.name, replacement.names
    if len(names) == 1:
        return f"'{old}' is called '{names[0]}' now", "run 'kg check --fix', which writes the new name", names[0]
    listed = " or ".join(f"'{name}'" for name in names)
    return f"'{old}' was split", f"choose {listed}, by what the article says", ""
