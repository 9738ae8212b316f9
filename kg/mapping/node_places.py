"""The nodes of one file -> where each is written, all in one text. No I/O.

An object for each node would take five times the memory, and there are thirty nodes in an article.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping
from os.path import commonprefix

from kg.core.errors import Place
from kg.core.model import Term


class NodePlaces(Mapping[Term, Place]):
    """Term of a node -> its place in one file.

    >>> places = NodePlaces.of("a.yaml", {"<b:one>": Place("a.yaml", 3, 1, 4)})
    >>> places["<b:one>"], places.get("<b:two>")
    (Place(path='a.yaml', line=3, column=1, length=4), None)

    Attributes:
        path: the file.
        text: what the terms begin with, and a line for each node: the rest of its term, line, column and length.
    """

    __slots__ = ("path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @classmethod
    def of(cls, path: str, places: Mapping[Term, Place]) -> NodePlaces:
        """Return *places*, all of which are in the file *path*."""
        start = commonprefix(list(places))  # noqa: RUF071 - of texts, not of file paths
        rest = (f"\n{term[len(start) :]} {place.line} {place.column} {place.length}" for term, place in places.items())
        return cls(path, start + "".join(rest))

    def __len__(self) -> int:
        return self.text.count("\n")

    def __iter__(self) -> Iterator[Term]:
        return iter(dict(self._entries()))

    def __getitem__(self, node: Term) -> Place:
        start = self.text.partition("\n")[0]
        at = self.text.find(f"\n{node[len(start) :]} ") if node.startswith(start) else -1
        if at < 0:
            raise KeyError(node)
        return self._place(self.text[at + 1 :].partition("\n")[0])

    def items(self) -> ItemsView[Term, Place]:
        """Return the terms with their places, in one reading of the text."""
        return dict(self._entries()).items()

    def _entries(self) -> Iterator[tuple[Term, Place]]:
        start, *lines = self.text.split("\n")
        return ((start + line.partition(" ")[0], self._place(line)) for line in lines)

    def _place(self, line: str) -> Place:
        return Place(self.path, *map(int, line.split(" ")[1:]))
