"""Shapes + data -> the nodes that a shape looks at: those of its targets, and values of shapes that hold it. Pure.

https://www.w3.org/TR/shacl/#targets
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from kg.core.model import Term
from kg.core.terms import SH
from kg.ontology.shapes import shape_nodes, target_classes
from kg.ontology.triples import Index, Resource
from kg.pipeline.data import Data


class Aims:
    """What the shapes of a shapes graph are aimed at. Paths of shapes that hold others are single properties."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._holders: dict[Resource, list[Resource]] = defaultdict(list)
        for shape in shape_nodes(index):
            for held in index.resources(shape, SH + "property"):
                self._holders[held].append(shape)

    def focus_nodes(self, shape: Resource, data: Data) -> set[Term]:
        """Return the nodes of *data* that *shape* looks at; none if it is deactivated."""
        if self._index.text(shape, SH + "deactivated") == "true":
            return set()
        found = set(self._targets(shape, data))
        for holder in self._holders.get(shape, ()):
            found.update(self._values(holder, data))
        return found

    def _values(self, holder: Resource, data: Data) -> Iterator[Term]:
        """Yield the value nodes of the shape that holds another one."""
        path = next(self._index.resources(holder, SH + "path"), None)
        nodes = self.focus_nodes(holder, data)
        yield from nodes if path is None else data.values(nodes, str(path))

    def _targets(self, shape: Resource, data: Data) -> Iterator[Term]:
        for name in target_classes(self._index, shape):
            yield from data.instances.get(f"<{name}>", ())
        yield from (str(node) for node in self._index.values(shape, SH + "targetNode"))
        for path in self._index.resources(shape, SH + "targetSubjectsOf"):
            yield from (subject for subject, _ in data.pairs.get(str(path), ()))
        for path in self._index.resources(shape, SH + "targetObjectsOf"):
            yield from (value for _, value in data.pairs.get(str(path), ()))
