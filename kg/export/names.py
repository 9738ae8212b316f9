"""Lines of a graph -> the names of its nodes and the readings of facts: labels, dates, standing. No I/O."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg.core.iri import prefixed
from kg.core.model import Term
from kg.core.terms import CODE, CQ, LABEL, TYPE, cq
from kg.core.values import is_iri, labels_to_show, lexical, local_name
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
        prefix, rest = prefixed(iri[1:-1], self.prefixes) or ("", iri[1:-1])
        return f"{prefix}:{rest}" if prefix and self.prefixes[prefix] != CQ else rest


def naming_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yield those of *lines* that `names` reads."""
    return (line for line in lines if any(mark in line for mark in _READ))


def names(lines: Iterable[str], prefixes: Mapping[str, str]) -> DisplayNames:
    """Return the labels (preferably English or without a language), classes and readings in *lines*."""
    held: defaultdict[Term, defaultdict[Term, set[Term]]] = defaultdict(lambda: defaultdict(set))
    for subject, predicate, value, _ in (line_quad(line) for line in naming_lines(lines)):
        held[predicate][subject].add(value)
    readings: defaultdict[Term, dict[str, Sequence[str]]] = defaultdict(dict)
    for prop, name in READING.items():
        for fact, values in held[prop].items():
            readings[fact][name] = sorted(map(_text, values))
    return DisplayNames(
        labels_to_show((node, text) for node, texts in held[LABEL].items() for text in texts if not is_iri(text)),
        {node: sorted(kinds) for node, kinds in held[TYPE].items()},
        prefixes,
        readings,
    )


def _text(value: Term) -> str:
    return local_name(value) if value.startswith(f"<{CODE}") else lexical(value)
