"""Lines of a graph -> the names of its nodes and the readings of facts: labels, dates, standing. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.core.model import Term
from kg.core.terms import CODE, CQ, LABEL, TYPE, cq
from kg.core.values import is_iri, label_rank, lexical
from kg.store.lines import line_quad

READING = {
    cq("summary"): "summary",
    cq("whenEarliest"): "earliest",
    cq("whenLatest"): "latest",
    cq("whenDating"): "dating",
    cq("reportedAs"): "reportedAs",
    cq("attributedTo"): "accordingTo",
    cq("displacedBy"): "displacedBy",
}
"""Properties of the reading layer, and their names in exports."""

_READ = tuple(f" {prop} " for prop in (LABEL, TYPE, *READING))


@dataclass(frozen=True, slots=True)
class DisplayNames:
    """The names of things.

    Attributes:
        labels: node -> text to show.
        classes: node -> its classes, sorted.
        prefixes: prefix -> namespace.
        readings: fact -> its values in the reading layer, sorted, by the names in READING.
    """

    labels: Mapping[Term, str]
    classes: Mapping[Term, Sequence[Term]]
    prefixes: Mapping[str, str]
    readings: Mapping[Term, Mapping[str, Sequence[str]]] = field(default_factory=dict)

    def label(self, node: Term) -> str:
        """Return the label of a node, or the last part of its IRI."""
        return self.labels.get(node) or local_name(node)

    def types(self, node: Term) -> list[str]:
        """Return the names of a node's classes."""
        return [self.short(kind) for kind in self.classes.get(node, ())]

    def short(self, iri: Term) -> str:
        """Return the local name of a term of our vocabulary, else a prefixed name, else the IRI.

        >>> DisplayNames({}, {}, {"cq": CQ, "org": "http://o.org/"}).short("<http://o.org/Post>")
        'org:Post'
        """
        text = iri[1:-1]
        fitting = [(namespace, prefix) for prefix, namespace in self.prefixes.items() if text.startswith(namespace)]
        namespace, prefix = max(fitting, default=("", ""), key=lambda pair: len(pair[0]))
        if not namespace:
            return text
        return text.removeprefix(CQ) if namespace == CQ else f"{prefix}:{text.removeprefix(namespace)}"


def names(lines: Iterable[str], prefixes: Mapping[str, str]) -> DisplayNames:
    """Return the labels (preferably English or without a language), classes and readings in *lines*."""
    labels: dict[Term, tuple[bool, str]] = {}
    classes: dict[Term, set[Term]] = {}
    readings: dict[Term, dict[str, list[str]]] = {}
    for line in lines:
        if not any(mark in line for mark in _READ):
            continue
        subject, predicate, value, _ = line_quad(line)
        if predicate == TYPE:
            classes.setdefault(subject, set()).add(value)
        elif predicate == LABEL and not is_iri(value):
            labels[subject] = min(labels.get(subject, label_rank(value)), label_rank(value))
        elif predicate in READING:
            text = local_name(value) if value.startswith(f"<{CODE}") else lexical(value)
            readings.setdefault(subject, {}).setdefault(READING[predicate], []).append(text)
    return DisplayNames(
        {node: text for node, (_, text) in labels.items()},
        {node: sorted(kinds) for node, kinds in classes.items()},
        prefixes,
        {fact: {name: sorted(texts) for name, texts in values.items()} for fact, values in readings.items()},
    )


def local_name(iri: Term) -> str:
    """Return the part of an IRI after its last `#` or `/`, or all of it."""
    text = iri[1:-1].rstrip("/#")
    return text[max(text.rfind("#"), text.rfind("/")) + 1 :]
