"""A table or graph of entities -> rows for the registry, each with its line. Reads the file.

Reads CSV (comma, semicolon or tab), Excel and Turtle. A column is `id`, `type`, a key of the registry, which may have a
language after an @ (`name@zh-Hans`), or a mapping relation (`exactMatch`). Several values in a cell are separated by |.
https://www.rfc-editor.org/rfc/rfc4180
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kg.core.errors import Finding, InputError, Place, Severity, UsageError
from kg.core.likeness import proposal
from kg.core.normal import normal
from kg.core.terms import ENTITY_CLASS, FOAF, GEO, OWL, RDF, RDFS, SCHEMA_NAMESPACES, SKOS, TYPE_KEY
from kg.curation.sheets import text_rows
from kg.links.links import PREDICATES
from kg.mapping.yaml_nodes import Data
from kg.ontology.load import ontology_triples
from kg.ontology.vocabulary import Vocabulary
from kg.project.files import read_bytes, read_text
from kg.project.settings import Project

ENDINGS = (".csv", ".tsv", ".xlsx", ".ttl")
ID, SAME = "id", "sameAs"
RELATIONS: Mapping[str, str] = {**{name.partition(":")[2]: name for name in PREDICATES}, SAME: "skos:exactMatch"}
"""Column name -> relation of a link."""

_NAMES: Mapping[str, str] = {
    **dict.fromkeys(
        (f"{RDFS}label", f"{SKOS}prefLabel", f"{FOAF}name", *(f"{s}name" for s in SCHEMA_NAMESPACES)), "name"
    ),
    **dict.fromkeys((f"{SKOS}altLabel", *(f"{s}alternateName" for s in SCHEMA_NAMESPACES)), "alternativeName"),
}
_COORDINATES: Mapping[str, str] = {
    f"{namespace}{theirs}": ours
    for namespace, names in (
        (GEO, {"lat": "latitude", "long": "longitude"}),
        *((schema, {"latitude": "latitude", "longitude": "longitude"}) for schema in SCHEMA_NAMESPACES),
    )
    for theirs, ours in names.items()
}
_POINTS = ("http://www.wikidata.org/prop/direct/P625", "http://www.opengis.net/ont/geosparql#asWKT")
_POINT = re.compile(r"\s*POINT\s*\(\s*(-?[0-9.]+)\s+(-?[0-9.]+)\s*\)\s*", re.IGNORECASE)
"""A point in WKT, longitude first: https://docs.ogc.org/is/18-010r7/18-010r7.html"""
_EXACT = "skos:exactMatch"
_RELATIONS: Mapping[str, str] = {
    **dict.fromkeys((f"{OWL}sameAs", *(f"{s}sameAs" for s in SCHEMA_NAMESPACES)), _EXACT),
    **{term[1:-1]: name for name, term in PREDICATES.items()},
}
"""IRI of a property -> relation of a link."""
_TYPE = f"{RDF}type"


@dataclass
class EntityRow:
    """The data of one entity in a row.

    Attributes:
        place: the place of the row.
        id: the id in the row, or "".
        type: the class in the row, or "".
        data: key -> value, as in a registry file.
        links: pairs of a relation and an external entity, as an IRI or a CURIE.
    """

    place: Place
    id: str = ""
    type: str = ""
    data: dict[str, Data] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EntityRows:
    """The content of a file.

    Attributes:
        rows: the rows, in the order of the file.
        findings: the findings on the file.
        text: the text of the file, "" for Excel.
        left_out: what the registry has no place for -> how often it occurs.
    """

    rows: tuple[EntityRow, ...]
    findings: tuple[Finding, ...] = ()
    text: str = ""
    left_out: Mapping[str, int] = field(default_factory=dict)


def entity_rows(project: Project, vocabulary: Vocabulary, file: Path) -> EntityRows:
    """Read a file.

    Raises:
        UsageError: its name ends in none of ENDINGS, or the extra for Excel is not installed.
        InputError: it cannot be read.
    """
    shown, ending = project.shown(file.absolute()), file.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(
            f"{shown} is not a table or a graph that can be read", f"name a file that ends in {', '.join(ENDINGS)}"
        )
    if ending == ".xlsx":
        return _of_table(enumerate(text_rows(read_bytes(file, shown), shown), start=1), shown, vocabulary)
    text = read_text(file, shown)
    return _of_graph(project, vocabulary, text, shown) if ending == ".ttl" else _of_text(text, shown, vocabulary)


# -------- tables


def _of_text(text: str, shown: str, vocabulary: Vocabulary) -> EntityRows:
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)

    def numbered() -> Iterator[tuple[int, Sequence[str]]]:
        line = 1
        for row in reader:
            yield line, row
            line = reader.line_num + 1

    try:
        return _of_table(numbered(), shown, vocabulary, text)
    except csv.Error as error:
        raise InputError(
            f"{shown}: line {reader.line_num} is not CSV: {error}", "put cells with quotation marks in quotes"
        ) from error


def _of_table(
    lines: Iterable[tuple[int, Sequence[str]]], shown: str, vocabulary: Vocabulary, text: str = ""
) -> EntityRows:
    rows = [(number, [normal(" ".join(cell.split())) for cell in cells]) for number, cells in lines]
    if not rows or not any(rows[0][1]):
        raise InputError(f"{shown} has no header", "begin it with a line that names the columns: id, type, name")
    (first, head), *others = rows
    findings = [*_head_findings(head, Place(shown, first), vocabulary)]
    entities = []
    for number, cells in others:
        place = Place(shown, number)
        if any(cells[len(head) :]):
            message = f"the row has {len(cells)} cells, but there are {len(head)} columns"
            findings.append(Finding(place, Severity.ERROR, "KG-I002", message, "correct the row"))
        if any(cells):
            entities.append(_row(place, zip(head, cells, strict=False)))
    return EntityRows(tuple(entities), tuple(findings), text)


def _head_findings(head: Sequence[str], place: Place, vocabulary: Vocabulary) -> Iterator[Finding]:
    keys = {key for name in vocabulary.concrete[ENTITY_CLASS] for key in vocabulary.keys[name]}
    known = {ID, TYPE_KEY, *RELATIONS, *keys}
    for name, count in Counter(head).items():
        if name and name.partition("@")[0] not in known:
            fix = proposal(name.partition("@")[0], known, "rename the column, or remove it")
            yield Finding(place, Severity.ERROR, "KG-I001", f"the registry has no place for the column '{name}'", fix)
        elif name and count > 1:
            message = f"the column '{name}' occurs twice"
            yield Finding(place, Severity.ERROR, "KG-I001", message, "put several values into one cell: 'a | b'")


def _row(place: Place, cells: Iterable[tuple[str, str]]) -> EntityRow:
    row, texts = EntityRow(place), defaultdict[str, dict[str, list[str]]](dict)
    for column, cell in cells:
        values = [value.strip() for value in cell.split("|") if value.strip()]
        key, _, language = column.partition("@")
        if not values:
            continue
        if key == ID:
            row.id = cell
        elif key == TYPE_KEY:
            row.type = cell
        elif key in RELATIONS:
            row.links += [(RELATIONS[key], value) for value in values]
        else:
            texts[key][language] = values
    row.data = {key: _value(by_language) for key, by_language in texts.items()}
    return row


def _value(by_language: Mapping[str, list[str]]) -> Data:
    """Return a value as in a registry file: by language if there are any, and a list if there are several values."""
    if set(by_language) == {""}:
        return _one_or_all(by_language[""])
    return {language or "en": _one_or_all(values) for language, values in by_language.items()}


def _one_or_all(values: list[str]) -> Data:
    return values[0] if len(values) == 1 else [*values]


# -------- graphs


def _of_graph(project: Project, vocabulary: Vocabulary, text: str, shown: str) -> EntityRows:
    about: dict[str, list[tuple[str, object]]] = defaultdict(list)
    left_out = Counter[str]()
    try:
        for each in ox.parse(text, format=ox.RdfFormat.TURTLE):
            if isinstance(each.subject, ox.NamedNode):
                about[each.subject.value].append((each.predicate.value, each.object))
            else:
                left_out["blank nodes"] += 1
    except SyntaxError as error:
        raise InputError(f"{shown} is not Turtle: {error}", "correct that line") from error
    types, rows = _types(project, vocabulary), []
    for address, statements in about.items():
        row = EntityRow(Place(shown, _line(text, address)))
        if address.startswith(project.base):
            row.id = address.rpartition("/")[2]
        else:
            row.links.append((_EXACT, address))
        left_out.update(_described(row, statements, types))
        rows.append(row)
    return EntityRows(tuple(row for row in rows if row.data), (), text, left_out)


def _described(row: EntityRow, statements: Iterable[tuple[str, object]], types: Mapping[str, str]) -> Iterator[str]:
    """Put what a graph says of an entity into its row, and yield the properties that have no place in it."""
    texts: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    points: dict[str, Data] = {}
    for predicate, value in statements:
        match value:
            case ox.Literal() if predicate in _NAMES:
                words = normal(" ".join(value.value.split()))
                texts[_NAMES[predicate]][_tag(value.language or "")].append(words)
            case ox.Literal() if predicate in _COORDINATES:
                points.setdefault(_COORDINATES[predicate], value.value)
            case ox.Literal() if predicate in _POINTS and (point := _POINT.fullmatch(value.value)):
                points |= {"longitude": point[1], "latitude": point[2]}
            case ox.NamedNode() if predicate in _RELATIONS:
                row.links.append((_RELATIONS[predicate], value.value))
            case ox.NamedNode() if predicate == _TYPE:
                row.type = row.type or types.get(value.value, "")
            case _:
                yield predicate
    row.data = {key: _value(by_language) for key, by_language in texts.items()} | points


def _tag(language: str) -> str:
    """Return a language tag in its usual case, which the engine drops: https://www.rfc-editor.org/rfc/rfc5646#section-2.1.1

    >>> _tag("zh-hans-cn"), _tag("en")
    ('zh-Hans-CN', 'en')
    """
    first, *others = language.split("-")
    usual = {2: str.upper, 4: str.title}
    return "-".join([first, *(usual.get(len(part), str)(part) for part in others)])


def _types(project: Project, vocabulary: Vocabulary) -> dict[str, str]:
    """Return IRI of a class -> the only class of entities that is equal to it or its subclass in the ontology."""
    names = {vocabulary.classes[name].name: name for name in vocabulary.concrete[ENTITY_CLASS]}
    below: dict[str, set[str]] = defaultdict(set)
    for each in ontology_triples(project.ontology):
        subject, value = each.subject, each.object
        if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode):
            local = subject.value.rpartition("#")[2]
            if local in names and each.predicate.value in (f"{RDFS}subClassOf", f"{OWL}equivalentClass"):
                below[value.value].add(local)
            if local in names and each.predicate.value == _TYPE:
                below[subject.value] = {local}
    return {address: next(iter(classes)) for address, classes in below.items() if len(classes) == 1}


def _line(text: str, address: str) -> int:
    """Return the first line that appears to mention a subject."""
    short = address.rpartition("/")[2].rpartition("#")[2]
    place = text.find(short) if short else -1
    return text.count("\n", 0, place) + 1 if place >= 0 else 1
