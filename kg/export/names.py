"""Lines of a graph -> what to call its nodes: labels, names of classes and properties. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.model import Term
from kg.store.lines import line_quad
from kg.terms import CQ, LABEL, TYPE
from kg.values import is_iri, language, lexical

_LABELS = (f" {LABEL} ", f" {TYPE} ")


@dataclass(frozen=True, slots=True)
class Names:
    """What to call things.

    Attributes:
        labels: node -> text for show.
        classes: node -> its classes, sorted.
        prefixes: prefix -> namespace.
    """

    labels: Mapping[Term, str]
    classes: Mapping[Term, Sequence[Term]]
    prefixes: Mapping[str, str]

    def label(self, node: Term) -> str:
        """Return the label of a node, or the last part of its IRI."""
        return self.labels.get(node) or local_name(node)

    def types(self, node: Term) -> list[str]:
        """Return the names of a node's classes."""
        return [self.short(kind) for kind in self.classes.get(node, ())]

    def short(self, iri: Term) -> str:
        """Return a local name if it is of our own vocabulary, else a prefixed name, else the IRI.

        >>> Names({}, {}, {"cq": CQ, "org": "http://o.org/"}).short("<http://o.org/Post>")
        'org:Post'
        """
        text = iri[1:-1]
        fitting = [(namespace, prefix) for prefix, namespace in self.prefixes.items() if text.startswith(namespace)]
        namespace, prefix = max(fitting, default=("", ""), key=lambda pair: len(pair[0]))
        if not namespace:
            return text
        return text.removeprefix(CQ) if namespace == CQ else f"{prefix}:{text.removeprefix(namespace)}"


def names(lines: Iterable[str], prefixes: Mapping[str, str]) -> Names:
    """Return the labels (English or without a language before others) and classes that *lines* give."""
    labels: dict[Term, tuple[bool, str]] = {}
    classes: dict[Term, set[Term]] = {}
    for line in lines:
        if not any(mark in line for mark in _LABELS):
            continue
        quad = line_quad(line)
        if quad.predicate == TYPE:
            classes.setdefault(quad.subject, set()).add(quad.object)
        elif quad.predicate == LABEL and not is_iri(quad.object):
            rank = ((language(quad.object) or "en") != "en", lexical(quad.object))
            labels[quad.subject] = min(labels.get(quad.subject, rank), rank)
    return Names(
        {node: text for node, (_, text) in labels.items()},
        {node: sorted(kinds) for node, kinds in classes.items()},
        prefixes,
    )


def local_name(iri: Term) -> str:
    """Return what follows the last `#` or `/` of an IRI, or all of it."""
    text = iri[1:-1].rstrip("/#")
    return text[max(text.rfind("#"), text.rfind("/")) + 1 :]
