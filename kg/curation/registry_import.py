"""Rows about entities -> a revision of the registry and its links, or findings on unclear rows. No writing.

A row is about the entity with its id, or with the same exact match. Otherwise it is a new entity. A name alone does not
identify an entity: a row with a known name, but without id or exact match, is a finding.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kg.core import iri
from kg.core.errors import Finding, Place, Severity
from kg.core.likeness import proposal
from kg.core.normal import bare
from kg.core.terms import ENTITY_CLASS, TYPE_KEY
from kg.curation.registry import OpenRegistry
from kg.curation.registry_rows import EntityRow, EntityRows
from kg.curation.revision import Revision
from kg.links import sssom
from kg.links.rows import with_rows
from kg.mapping.edits import changed
from kg.mapping.entity_data import NAME, OTHER_NAME, merged, texts_of
from kg.mapping.outline import is_usable_id
from kg.mapping.yaml_changes import AddEntry, SetValue, YamlChange
from kg.mapping.yaml_nodes import Data
from kg.mapping.yaml_places import YamlText
from kg.project.layout import LINKS_FILE

JUSTIFICATION = "semapv:UnspecifiedMatching"
EXACT_MATCH = "skos:exactMatch"
_LINK = ("subject_id", "predicate_id", "object_id")
_COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "mapping_justification",
    "author_label",
    "mapping_date",
)


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import: a revision, or findings, and the numbers of entities added and completed."""

    revision: Revision
    findings: tuple[Finding, ...]
    added: int
    completed: int


@dataclass
class _ImportPlan:
    """The changes planned so far."""

    changes: dict[str, list[YamlChange]] = field(default_factory=dict)
    links: list[dict[str, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    new: dict[str, Place] = field(default_factory=dict)
    completed: set[str] = field(default_factory=set)


class Import:
    """Plans the import of rows."""

    def __init__(self, registry: OpenRegistry, *, type_name: str, to: str, author: str, today: str) -> None:
        self._registry = registry
        self._type, self._to = type_name, to
        self._provenance = {"mapping_justification": JUSTIFICATION, "author_label": author, "mapping_date": today}
        self._places = {
            registry.id(term): place
            for record in registry.compiled.registry
            for term, place in record.places.items()
            if registry.graph.id(term).count("/") == 1  # without nodes nested in an entity
        }
        self._data = _all_data(registry, {place.path for place in self._places.values()})
        self._names = {
            bare(text): identifier
            for identifier, data in self._data.items()
            for key in (NAME, OTHER_NAME)
            for _, text in texts_of(data.get(key, ""))
        }
        self._linked = _linked(registry)
        self._plan = _ImportPlan()

    def planned(self, rows: EntityRows) -> Imported:
        """Return the changes that import *rows*."""
        plan = self._plan
        plan.findings += rows.findings
        for row in rows.rows if not rows.findings else ():
            self._take(row)
        for what, count in sorted(rows.left_out.items()):
            plan.remarks.append(f"left out, because the registry has no place for it: {what} ({count} times)")
        before = self._registry.texts
        after = {path: changed(before.get(path, ""), some) for path, some in plan.changes.items() if some}
        if plan.links:
            after |= self._with_links(before)
        known = {path: text for path, text in before.items() if path in after}
        revision = Revision(known, {p: t for p, t in after.items() if before.get(p) != t}, tuple(plan.remarks))
        return Imported(revision, tuple(plan.findings), len(plan.new), len(plan.completed))

    def _take(self, row: EntityRow) -> None:
        known = row.id if row.id in self._data else self._by_link(row)
        if known:
            self._complete(row, known)
        elif finding := next(self._problems(row), None):
            self._plan.findings.append(finding)
        else:
            self._add(row)

    def _by_link(self, row: EntityRow) -> str:
        """Return the entity that shares an exact match with a row without an id, "" if there is none or several."""
        others = (self._address(value) for relation, value in row.links if relation == EXACT_MATCH)
        entities = {self._linked[other] for other in others if other in self._linked}
        return entities.pop() if len(entities) == 1 and not row.id else ""

    def _problems(self, row: EntityRow) -> Iterator[Finding]:
        name, identifier = _first_name(row), row.id or _slug(_first_name(row))
        types = self._registry.compiled.vocabulary.concrete[ENTITY_CLASS]
        class_name = row.type or self._type
        if not name:
            yield _error(row, "KG-I002", "the row has no name", "fill in 'name', or an id that the registry has")
        elif class_name not in types:
            what = f"there is no type '{class_name}' of entities" if class_name else "the row has no type"
            yield _error(row, "KG-I002", what, proposal(class_name, types, "fill in 'type', or give --type"))
        elif not row.id and (other := self._names.get(bare(name))):
            fix = f"write 'id' {other} if they are the same entity, and a new id if they are not"
            yield _error(row, "KG-I003", f"'{name}' is a name of '{other}'", fix)
        elif not is_usable_id(identifier):
            yield _error(
                row, "KG-I003", f"'{identifier}' cannot be an id", "write one in 'id': small letters, digits, hyphens"
            )
        elif not row.id and identifier in self._data:
            yield _error(row, "KG-I003", f"the id '{identifier}' is taken", "write another one in 'id'")
        elif identifier in self._plan.new:
            line = self._plan.new[identifier].line
            yield _error(
                row, "KG-I003", f"line {line} is also about '{identifier}'", "join the rows, or give ids to both"
            )

    def _add(self, row: EntityRow) -> None:
        identifier, name = row.id or _slug(_first_name(row)), row.type or self._type
        path = self._to or self._usual_file(name)
        self._plan.changes.setdefault(path, []).append(AddEntry((), identifier, {TYPE_KEY: name, **row.data}))
        self._plan.new[identifier] = row.place
        self._link(row, identifier, name)

    def _complete(self, row: EntityRow, identifier: str) -> None:
        """Add the values that an existing entity lacks."""
        data = self._data[identifier]
        name = str(data.get(TYPE_KEY, ""))
        if row.type and row.type != name:
            message = f"'{identifier}' is of type {name} in the registry"
            self._plan.findings.append(_error(row, "KG-I002", message, "correct the type here or there"))
            return
        result = merged(data, row.data, identifier, "", self._registry.compiled.vocabulary.keys.get(name, {}))
        for key, value in result.dropped:
            self._plan.remarks.append(f"{row.place}: '{key}' of {identifier} stays; the row has: {value}")
        if result.data:
            changes = [SetValue((identifier, key), value) for key, value in result.data.items()]
            self._plan.changes.setdefault(self._places[identifier].path, []).extend(changes)
            self._data[identifier] = {**data, **result.data}
            self._plan.completed.add(identifier)
        self._link(row, identifier, name)

    def _link(self, row: EntityRow, identifier: str, class_name: str) -> None:
        segment = self._registry.compiled.vocabulary.classes[class_name].segment
        subject = f"kg:{iri.entity_iri('', segment, identifier)}"
        for relation, value in row.links:
            if relation == EXACT_MATCH and self._linked.get(self._address(value)) == identifier:
                continue
            if relation == EXACT_MATCH:
                self._linked.setdefault(self._address(value), identifier)
            label = _first_name(row)
            link = {"subject_id": subject, "subject_label": label, "predicate_id": relation, "object_id": value}
            self._plan.links.append({**self._provenance, **link})

    def _address(self, written: str) -> str:
        prefix, _, rest = written.partition(":")
        prefixes = self._registry.prefixes
        return prefixes[prefix] + rest if prefix in prefixes and not rest.startswith("//") else written

    def _usual_file(self, class_name: str) -> str:
        """Return the file that has most entities of a class, or else of any class."""
        same = [self._places[name].path for name, data in self._data.items() if data.get(TYPE_KEY) == class_name]
        every = same or [place.path for place in self._places.values()]
        usual = Counter(every).most_common(1)
        return (
            usual[0][0]
            if usual
            else f"{self._registry.project.shown(self._registry.project.data)}/registry/imported.yaml"
        )

    def _with_links(self, before: Mapping[str, str]) -> dict[str, str]:
        project = self._registry.project
        path = project.shown(project.data / LINKS_FILE)
        text = before.get(path) or "\t".join(_COLUMNS) + "\n"
        present = {tuple(row.get(name, "") for name in _LINK) for row in _rows(text, path)}
        new = [row for row in self._plan.links if tuple(row[name] for name in _LINK) not in present]
        return {path: with_rows(text, path, new)} if new else {}


def _rows(text: str, path: str) -> Iterator[dict[str, str]]:
    head, *rows = [*sssom.rows(text, path)] or [()]
    for row in rows:
        yield {name.text: cell.text for name, cell in zip(head, row, strict=False)}


def _all_data(registry: OpenRegistry, paths: set[str]) -> dict[str, Mapping[str, Data]]:
    """Return id -> data of all entities in these files."""
    entries: dict[str, Mapping[str, Data]] = {}
    for path in paths:
        root = YamlText(registry.texts[path]).root
        data = root.data() if root else {}
        if isinstance(data, Mapping):
            entries |= {name: entry for name, entry in data.items() if isinstance(entry, Mapping)}
    return entries


def _linked(registry: OpenRegistry) -> dict[str, str]:
    """Return external IRI -> id of the entity of which it is an exact match."""
    return {other: registry.id(entity) for entity, other in registry.exact_matches()}


def _first_name(row: EntityRow) -> str:
    names = [text for _, text in texts_of(row.data.get(NAME, ""))]
    return names[0] if names else ""


def _slug(name: str) -> str:
    return "-".join(bare(name).split())


def _error(row: EntityRow, code: str, message: str, fix: str) -> Finding:
    return Finding(row.place, Severity.ERROR, code, message, fix)
