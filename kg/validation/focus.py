"""Shapes + data -> the nodes that a shape looks at: those of its targets, and values of the shapes that hold it. Pure.

https://www.w3.org/TR/shacl/#targets
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.terms import SH
from kg.ontology.shapes import shape_nodes, target_classes
from kg.ontology.triples import Index, Resource
from kg.validation.data import Data


@dataclass(frozen=True, slots=True)
class Aim:
    """What one shape looks at.

    Attributes:
        classes: whose instances are targets.
        nodes: that are targets.
        subjects_of: properties whose subjects are targets.
        objects_of: the same for values.
        values_of: what the shapes look at that hold this one, with the property of which it judges the values; "" for
            the nodes themselves.
    """

    classes: tuple[Term, ...] = ()
    nodes: tuple[Term, ...] = ()
    subjects_of: tuple[Term, ...] = ()
    objects_of: tuple[Term, ...] = ()
    values_of: tuple[tuple[Term, Aim], ...] = ()

    def focus_nodes(self, data: Data) -> set[Term]:
        """Return the nodes of *data* that the shape looks at."""
        found = set(self.nodes)
        for name in self.classes:
            found |= data.instances.get(name, set())
        found.update(subject for path in self.subjects_of for subject, _ in data.pairs.get(path, ()))
        found.update(value for path in self.objects_of for _, value in data.pairs.get(path, ()))
        for path, aim in self.values_of:
            held = aim.focus_nodes(data)
            found.update(data.values(held, path) if path else held)
        return found


def aim_of(index: Index, shape: Resource) -> Aim:
    """Return what *shape* looks at, nothing if it is deactivated. Shapes that hold others have single properties."""
    if index.text(shape, SH + "deactivated") == "true":
        return Aim()
    holders = index.once(_holders).get(shape, ())
    return Aim(
        classes=tuple(f"<{name}>" for name in target_classes(index, shape)),
        nodes=tuple(map(str, index.values(shape, SH + "targetNode"))),
        subjects_of=tuple(map(str, index.resources(shape, SH + "targetSubjectsOf"))),
        objects_of=tuple(map(str, index.resources(shape, SH + "targetObjectsOf"))),
        values_of=tuple(("".join(map(str, index.values(each, SH + "path"))), aim_of(index, each)) for each in holders),
    )


def _holders(index: Index) -> Mapping[Resource, Sequence[Resource]]:
    """Return shape -> the shapes that have it as a sh:property."""
    return grouped((held, shape) for shape, held in _held(index))


def _held(index: Index) -> Iterator[tuple[Resource, Resource]]:
    for shape in shape_nodes(index):
        yield from ((shape, held) for held in index.resources(shape, SH + "property"))
