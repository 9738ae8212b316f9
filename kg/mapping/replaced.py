"""A word in a mapping for a term that was renamed or split -> a finding that gives its new name. No I/O."""

from __future__ import annotations

from kg.core.errors import Finding, Severity
from kg.mapping.compose import Scalar
from kg.mapping.notes import Notes
from kg.ontology.vocabulary import Replacement, Vocabulary

REPLACED = "KG-M031"


def refuse_replaced(notes: Notes, vocabulary: Vocabulary, word: Scalar, of: str = "") -> Replacement | None:
    """Note a *word* (a key, a type, or a code of the list *of*) that was replaced, and return its replacement."""
    replacement = vocabulary.replacement(word.text, of)
    if replacement is not None:
        message, fix, instead = replaced_texts(replacement)
        notes.findings.append(Finding(word.place, Severity.ERROR, REPLACED, message, fix, instead=instead))
    return replacement


def replaced_texts(replacement: Replacement) -> tuple[str, str, str]:
    """Return the message for a replaced term, the fix, and the new word if there is only one."""
    old, names = replacement.name, replacement.names
    if len(names) == 1:
        return f"'{old}' is now called '{names[0]}'", "run 'kg check --fix' to write the new name", names[0]
    listed = " or ".join(f"'{name}'" for name in names)
    return f"'{old}' was split", f"choose {listed}, according to what the article says", ""
