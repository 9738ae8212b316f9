"""`accept` and `inferred` in a mapping: its curator's reasons, for accepted findings and for open words. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from kg.core.iri import nested_iri
from kg.core.model import Acceptance, Node, Term, Value
from kg.core.terms import ACCEPT_KEY, INFERENCE_CLASS, INFERRED_KEY, STATUS_KEY, cq
from kg.core.values import lang_literal, lexical
from kg.mapping.notes import Notes
from kg.mapping.read import Scalar, Table
from kg.mapping.tables import entry_of
from kg.ontology.vocabulary import Key, Vocabulary

_FORMS = {
    ACCEPT_KEY: "write a finding's code and why you accept it, such as {KG-S0141: the article names one side only}",
    INFERRED_KEY: "write a key of this node and why its value is certain, such as {participant: the only envoy there}",
}


def acceptances(table: Table, terms: tuple[Term, ...], language: str, notes: Notes) -> Iterator[Acceptance]:
    """Yield what the curator accepts on a node, written as *table*, and on all nodes in its braces: *terms*."""
    for code, reason in _reasons(table, ACCEPT_KEY, notes):
        yield Acceptance(code.text, _text(reason, language), code.place, terms)


def inferences(
    table: Table,
    keys: Mapping[str, Key],
    term: Term,
    language: str,
    notes: Notes,
    refuse: Callable[[Scalar], None],
) -> Iterator[Node]:
    """Yield a node for each key whose value the curator infers.

    Args:
        table: the node as written.
        keys: of its class.
        term: of the node.
        language: of the reasons.
        notes: what is wrong with them.
        refuse: called with a word that is not one of the keys.
    """
    for name, reason in _reasons(table, INFERRED_KEY, notes):
        if name.text not in keys:
            refuse(name)
        elif entry_of(table, name.text) is None:
            message = f"'{name.text}' has no value here that could be inferred"
            notes.error(name.place, "KG-M022", message, "remove the reason for it")
        else:
            about = Value(cq("inferredProperty"), f"<{keys[name.text].iri}>", name.place)
            why = Value(cq("reason"), _text(reason, language), reason.place)
            inner = f"<{nested_iri(lexical(term), INFERRED_KEY, name.text)}>"
            yield Node(inner, cq(INFERENCE_CLASS), "", name.place, (about, why))


def with_status(nodes: Iterable[Node], vocabulary: Vocabulary, notes: Notes) -> tuple[Node, ...]:
    """Return *nodes*, where a fact nested in one with a review status takes it over unless it has its own.

    A problem with a status is noted where it is written, not for the facts that take it over.
    """
    return tuple(_with_status(node, None, vocabulary, notes) for node in nodes)


def _with_status(node: Node, outer: Value | None, vocabulary: Vocabulary, notes: Notes) -> Node:
    if not (outer or node.nested) or not vocabulary.is_fact(node.type):
        return node
    own = next(iter(node.having(STATUS_KEY)), None)
    taken_over = (outer,) if outer and not own else ()
    if taken_over:
        notes.damage(node.term, [cq(STATUS_KEY)])
    nested = tuple(_with_status(inner, own or outer, vocabulary, notes) for inner in node.nested)
    return node.extended(taken_over, nested)


def _text(reason: Scalar, language: str) -> Term:
    return lang_literal(" ".join(reason.text.split()), language)


def _reasons(table: Table, keyword: str, notes: Notes) -> Iterator[tuple[Scalar, Scalar]]:
    """Yield each entry of *table* under *keyword*: the code or key that a reason is for, and the reason."""
    entry = entry_of(table, keyword)
    if entry is None:
        return
    if not isinstance(entry.value, Table) or not entry.value.entries:
        place = entry.value.place if isinstance(entry.value, Scalar) and entry.value.text else entry.key.place
        notes.error(place, "KG-M006", f"'{keyword}' must be a table with a reason for each", _FORMS[keyword])
        return
    for each in entry.value.entries:
        if not isinstance(each.value, Scalar):
            notes.error(
                each.value.place, "KG-M006", f"the reason for '{each.key.text}' must be a text", _FORMS[keyword]
            )
        elif not each.value.text.strip():
            notes.error(each.value.place, "KG-M014", f"'{each.key.text}' has no reason", _FORMS[keyword])
        else:
            yield each.key, each.value
