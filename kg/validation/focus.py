"""Shapes + data -> the focus nodes of a shape: its targets, and values that other shapes pass to it. Pure.

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
class Targets:
    """The nodes to which one shape applies.

    Attributes:
        classes: classes whose instances are targets.
        nodes: nodes that are targets.
        subjects_of: properties whose subjects are targets.
        objects_of: properties whose objects are targets.
        values_of: for each shape that contains this one, the property whose values are validated ("" for the focus
            nodes themselves) and the targets of that shape.
    """

    classes: tuple[Term, ...] = ()
    nodes: tuple[Term, ...] = ()
    subjects_of: tuple[Term, ...] = ()
    objects_of: tuple[Term, ...] = ()
    values_of: tuple[tuple[Term, Targets], ...] = ()

    def focus_nodes(self, data: Data) -> set[Term]:
        """Return the focus nodes of the shape in *data*."""
        focus_nodes = set(self.nodes)
        for name in self.classes:
            focus_nodes |= data.instances(name)
        focus_nodes.update(subject for subject, _, _ in data.having(*self.subjects_of))
        focus_nodes.update(value for _, _, value in data.having(*self.objects_of))
        for path, targets in self.values_of:
            outer = targets.focus_nodes(data)
            focus_nodes.update((value for node, _, value in data.having(path) if node in outer) if path else outer)
        return focus_nodes


def targets_of(index: Index, shape: Resource) -> Targets:
    """Return the targets of *shape*, none if it is deactivated. Shapes that contain others have single properties."""
    if index.text(shape, SH + "deactivated") == "true":
        return Targets()
    parents = index.once(_parents).get(shape, ())
    return Targets(
        classes=tuple(f"<{name}>" for name in target_classes(index, shape)),
        nodes=tuple(map(str, index.values(shape, SH + "targetNode"))),
        subjects_of=tuple(map(str, index.resources(shape, SH + "targetSubjectsOf"))),
        objects_of=tuple(map(str, index.resources(shape, SH + "targetObjectsOf"))),
        values_of=tuple(
            ("".join(map(str, index.values(each, SH + "path"))), targets_of(index, each)) for each in parents
        ),
    )


def _parents(index: Index) -> Mapping[Resource, Sequence[Resource]]:
    """Return shape -> the shapes that have it as a sh:property."""
    return grouped((child, parent) for parent, child in _property_shapes(index))


def _property_shapes(index: Index) -> Iterator[tuple[Resource, Resource]]:
    """Yield pairs of a shape and one of its sh:property shapes."""
    for shape in shape_nodes(index):
        yield from ((shape, child) for child in index.resources(shape, SH + "property"))
