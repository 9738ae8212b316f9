"""ontology/ -> triples, and an index of them. Reads the ontology's Turtle files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TypeAlias, TypeVar, cast

import pyoxigraph as ox

from kg.core.errors import InputError
from kg.core.terms import CQ, RDF, RDFS
from kg.ontology.versions import once_per_version, ontology_contents
from kg.project.files import BOM, CONFLICT, merge_conflicts, readable

Resource: TypeAlias = ox.NamedNode | ox.BlankNode
Value: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal
T = TypeVar("T")


class Index:
    """Triples by subject and predicate, and subjects by predicate and value, in the order of the files."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._values: dict[Resource, dict[str, list[Value]]] = {}
        self._subjects: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        self._made: dict[Callable[[Index], object], object] = {}
        for triple in triples:
            if not isinstance(triple.subject, ox.Triple) and not isinstance(triple.object, ox.Triple):
                by = self._values.setdefault(triple.subject, {})
                by.setdefault(triple.predicate.value, []).append(triple.object)
                if isinstance(triple.object, ox.NamedNode):
                    self._subjects[triple.predicate.value, triple.object.value].append(triple.subject)

    def once(self, make: Callable[[Index], T]) -> T:
        """Return what *make* returns for these triples. It is called once."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("T", self._made[make])

    def values(self, subject: Resource, predicate: str) -> Sequence[Value]:
        """Return the objects."""
        return self._values.get(subject, {}).get(predicate, [])

    def objects(self, subject: Resource) -> Iterator[Value]:
        """Yield all objects of *subject*."""
        return (value for values in self._values.get(subject, {}).values() for value in values)

    def triples(self, subject: Resource) -> Iterator[ox.Triple]:
        """Yield the statements about *subject*."""
        for predicate, values in self._values.get(subject, {}).items():
            yield from (ox.Triple(subject, ox.NamedNode(predicate), value) for value in values)

    def predicates(self) -> Iterator[tuple[Resource, str]]:
        """Yield each subject with each of its predicates."""
        return ((subject, predicate) for subject, by in self._values.items() for predicate in by)

    def resources(self, subject: Resource, predicate: str) -> Iterator[Resource]:
        """Yield the objects that are not literals."""
        return (value for value in self.values(subject, predicate) if not isinstance(value, ox.Literal))

    def text(self, subject: Resource, predicate: str, default: str = "") -> str:
        """Return the text of the first object, a literal or an IRI."""
        values = self.values(subject, predicate)
        return values[0].value if values else default

    def subjects(self, predicate: str, value: str) -> Iterator[Resource]:
        """Yield the subjects that have the IRI *value*."""
        return iter(dict.fromkeys(self._subjects.get((predicate, value), ())))

    def instances(self, *types: str) -> Iterator[ox.NamedNode]:
        """Yield the named subjects of one of these types."""
        for kind in types:
            for subject in self.subjects(RDF + "type", kind):
                if isinstance(subject, ox.NamedNode):
                    yield subject


def ancestors(index: Index, node: Resource) -> list[str]:
    """Return the local names of a class and of all our classes above it, the nearest first."""
    names: list[str] = []
    queue: list[Resource] = [node]
    for current in queue:
        name = local(current.value)
        if name and name not in names:
            names.append(name)
            queue += index.resources(current, RDFS + "subClassOf")
    return names


@once_per_version
def ontology_triples(folders: Sequence[Path]) -> tuple[ox.Triple, ...]:
    """Parse every ontology file. Blank nodes of different files stay separate.

    Raises:
        InputError: some files are not Turtle. Lists each with its line.
    """
    triples: list[ox.Triple] = []
    problems: list[str] = []
    for file, content in ontology_contents(folders).items():
        if isinstance(content, InputError):
            problems.append(content.message)
            continue
        try:
            parsed = ox.parse(content.removeprefix(BOM), format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
            triples += (quad.triple for quad in parsed)
        except SyntaxError as error:
            conflicts = merge_conflicts(content.decode(errors="replace"))
            where = f"{conflicts[0]}: {CONFLICT}" if conflicts else f"{error.lineno}:{error.offset}: {error.msg}"
            problems.append(f"{readable(file)}:{where}")
    if problems:
        raise InputError("the ontology cannot be read:\n  " + "\n  ".join(problems), "correct these lines")
    return tuple(triples)


def subject_lines(folders: Sequence[Path], triples: Iterable[ox.Triple]) -> dict[Resource, str]:
    """Return `file:line` of the first statement about each subject of *triples*, all the triples of the folders."""
    lines = (f"{file}:{line}" for file, text in ontology_contents(folders).items() for line in _triple_lines(text))
    places: dict[Resource, str] = {}
    for triple, line in zip(triples, lines, strict=False):
        if not isinstance(triple.subject, ox.Triple):
            places.setdefault(triple.subject, line)
    return places


def _triple_lines(content: bytes | InputError) -> Iterator[int]:
    """Yield the line where each triple of a file ends, from 1, in the order in which the parser returns them."""
    text = _LineByLine(b"" if isinstance(content, InputError) else content.removeprefix(BOM))
    for _ in ox.parse(input=text, format=ox.RdfFormat.TURTLE):
        yield text.line


class _LineByLine(BytesIO):
    """A file that returns one line at a time, so that `line`, from 1, shows how far its parser has got."""

    line = 1
    _last = b""

    def read(self, size: int | None = -1) -> bytes:
        self.line += self._last.count(b"\n")
        self._last = self.readline(-1 if size is None else size)
        return self._last


def local(iri: str) -> str:
    """Return the local name of one of our terms, "" for any other IRI."""
    return iri.removeprefix(CQ) if iri.startswith(CQ) else ""
