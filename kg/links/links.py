"""data/links.sssom.tsv -> quads and findings: how our entities relate to those of other registries. No I/O.

SSSOM, the Simple Standard for Sharing Ontological Mappings: https://mapping-commons.github.io/sssom/
A row becomes the relation that it states (skos:exactMatch, ...), with its justification, author, date and comment. An
exact match with the modifier "Not" becomes cq:notMatchedTo, never owl:differentFrom, which would claim more. The other
columns are checked, but stay in the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kg.core import iri, values
from kg.core.errors import Finding, InvalidValueError, Place, Severity
from kg.core.likeness import KnownWords, nearest, proposal, proposed, slip_of
from kg.core.model import Quad, Term
from kg.core.terms import SEMAPV, SKOS, TYPE, cq
from kg.core.typed import number_of
from kg.core.values import XSD
from kg.links import sssom
from kg.links.chains import ExactRow, chain_findings, joined_findings
from kg.links.sssom import Row, TsvCell
from kg.mapping.read import Listing, Scalar, Table, read_yaml
from kg.mapping.tables import value_of
from kg.project.files import CONFLICT, RESOLVE, merge_conflicts
from kg.project.sources import Source

PREDICATES = {
    f"skos:{name}": f"<{SKOS}{name}>"
    for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
}
EXACT, NOT_MATCHED = PREDICATES["skos:exactMatch"], cq("notMatchedTo")
DISJOINT = frozenset({NOT_MATCHED, *(PREDICATES[f"skos:{kind}Match"] for kind in ("broad", "narrow", "related"))})
"""The relations that an exact match excludes: https://www.w3.org/TR/skos-reference/#S46"""

MIN_LIKENESS = 0.75
"""The least likeness at which a column name may be a misspelling of another."""

_REMARK = "write 'key: value', or put a second '#' before a comment: '# # …'"
_ELSEWHERE = "remove it, or put it under 'comment' or 'other'"


@dataclass(frozen=True, slots=True)
class Links:
    """The content of the file as quads of the registry's graph, its findings, and the prefixes that it uses."""

    quads: tuple[Quad, ...] = ()
    findings: tuple[Finding, ...] = ()
    prefixes: Mapping[str, str] = field(default_factory=dict)


def read_links(
    source: Source,
    base: str,
    entities: Mapping[str, str],
    prefixes: Mapping[str, str],
    *,
    complete: bool = True,
    distinct: Iterable[tuple[Term, Term]] = (),
) -> Links:
    """Read the file.

    Args:
        source: the file.
        base: base of the data's IRIs, for which the prefix `kg:` stands.
        entities: IRI of an entity -> its id.
        prefixes: prefix -> namespace. The file's own curie_map takes precedence.
        complete: whether *entities* has all, so that unknown ones are reported; not if a registry file is faulty.
        distinct: pairs of entities that the registry declares to be different.
    """
    if source.problem:
        return Links(findings=(_error(Place(source.path), "KG-L001", source.problem, source.fix),))
    if conflicts := merge_conflicts(source.text):
        return Links(findings=(_error(Place(source.path, conflicts[0], 1), "KG-L001", CONFLICT, RESOLVE),))
    metadata, findings = _metadata(source)
    known = {**prefixes, "kg": base, "semapv": SEMAPV, **_curie_map(metadata)}
    head, *rest = [*sssom.rows(source.text, source.path)] or [()]
    if head:
        findings += _head_findings(head, _extensions(metadata))
    if not head or any(finding.code in ("KG-L002", "KG-L007") for finding in findings):
        return Links(findings=tuple(findings))
    sound = not findings  # otherwise a 'Not' may be missing from a row
    default_date = _default_date(metadata)
    ids = KnownWords(f"kg:{entity.removeprefix(base)}" for entity in entities)
    good: list[_LinkRow] = []
    for cells in rest:
        row = _LinkRow(_by_name(head, cells), len(head), cells, known, entities, ids, default_date)
        problems = tuple(row.findings(complete=complete))
        findings += problems
        good += [] if problems else [row]
    if sound:
        findings += _contradictions(good, distinct)
    quads = {quad for row in good for quad in row.quads(base)}
    return Links(tuple(sorted(quads)), tuple(findings), known)


# -------- metadata and head


def _metadata(source: Source) -> tuple[Table, list[Finding]]:
    """Return the metadata in the lines that begin with '#', and its findings."""
    nothing = Table((), Place(source.path))
    text = sssom.metadata_text(source.text)
    if not text.replace("#", " ").strip():
        return nothing, []
    tree, problems = read_yaml(text, source.path)
    findings = [
        _error(each.place, "KG-L007", f"the lines with '#' are YAML, but {each.message}", _REMARK)
        for each in problems
        if each.code != "KG-Y008"  # only comments
    ]
    if not isinstance(tree, Table):
        if tree is not None:
            findings.append(_error(tree.place, "KG-L007", "the lines with '#' are not keys and values", _REMARK))
        return nothing, findings
    for entry in tree.entries:
        name = entry.key.text
        if name not in sssom.METADATA:
            fix = proposal(name, sssom.METADATA, _ELSEWHERE, least=MIN_LIKENESS)
            findings.append(_error(entry.key.place, "KG-L008", f"SSSOM has no metadata '{name}'", fix))
        elif isinstance(entry.value, Scalar):
            findings += _value_findings(name, TsvCell(entry.value.text, entry.value.place))
    return tree, findings


def _curie_map(metadata: Table) -> dict[str, str]:
    table = value_of(metadata, "curie_map")
    entries = table.entries if isinstance(table, Table) else ()
    return {entry.key.text: entry.value.text for entry in entries if isinstance(entry.value, Scalar)}


def _default_date(metadata: Table) -> str:
    """Return the date of all rows that have none of their own."""
    date = value_of(metadata, "mapping_date")
    is_sound = isinstance(date, Scalar) and not any(_value_findings("mapping_date", TsvCell(date.text, date.place)))
    return date.text if isinstance(date, Scalar) and is_sound else ""


def _extensions(metadata: Table) -> frozenset[str]:
    """Return the columns that the file itself defines."""
    listed = value_of(metadata, "extension_definitions")
    tables = [item for item in listed.items if isinstance(item, Table)] if isinstance(listed, Listing) else []
    named = [value_of(table, "slot_name") for table in tables]
    return frozenset(name.text for name in named if isinstance(name, Scalar))


def _head_findings(head: Row, extensions: frozenset[str]) -> Iterator[Finding]:
    columns = {cell.text: cell for cell in reversed(head)}
    for missing in [name for name in sssom.REQUIRED if name not in columns][:1]:
        fix = f"the first line that is not a comment must name at least {', '.join(sssom.REQUIRED)}, with tabs between"
        yield _error(
            Place(head[0].place.path, head[0].place.line), "KG-L002", f"the column '{missing}' is missing", fix
        )
    for cell in head:
        if cell is not columns[cell.text]:
            yield _error(cell.place, "KG-L008", f"the column '{cell.text}' occurs twice", "remove one of the two")
        elif cell.text not in sssom.COLUMNS | extensions:
            near = nearest(cell.text, sssom.COLUMNS, least=MIN_LIKENESS)
            finding = _error(cell.place, "KG-L008", f"SSSOM has no column '{cell.text}'", proposed(near, _ELSEWHERE))
            yield replace(finding, instead=slip_of(cell.text, near))


# -------- values


def _value_findings(name: str, cell: TsvCell) -> Iterator[Finding]:
    """Yield the findings on a value, of a column or of the metadata, that the standard restricts."""
    if not cell.text:
        return
    if name in sssom.DATES:
        try:
            values.literal(cell.text, XSD + "date")
        except ValueError as error:
            yield _error(cell.place, "KG-L010", f"'{name}': {error}", "write year-month-day")
    elif name in sssom.SCORES:
        number = number_of(cell.text, XSD + "double")
        if number is None or not 0 <= number <= 1:
            yield _error(cell.place, "KG-L010", f"'{name}' must be a number from 0 to 1", "write a number such as 0.95")
    elif name == "mapping_cardinality" and cell.text not in sssom.CARDINALITIES:
        fix = f"write one of {', '.join(sssom.CARDINALITIES)}"
        yield _error(cell.place, "KG-L010", f"'{cell.text}' is not a cardinality", fix)
    elif name == "predicate_modifier" and cell.text != sssom.NOT:
        message = f"'{cell.text}' is not a modifier of a relation"
        yield _error(cell.place, "KG-L010", message, f"write {sssom.NOT}, or leave the cell empty")


# -------- rows


def _by_name(head: Row, cells: Row) -> Mapping[str, TsvCell]:
    """Return column -> cell. A missing cell is represented by an empty one after the last."""
    last = cells[-1].place
    none = TsvCell("", Place(last.path, last.line, last.column + (last.length if cells[-1].text else 0)))
    filled = [*cells, *[none] * (len(head) - len(cells))]
    return {name.text: cell for name, cell in zip(head, filled, strict=False)}


@dataclass(frozen=True, slots=True)
class _LinkRow:
    cells: Mapping[str, TsvCell]
    width: int  # number of columns
    all: Row
    prefixes: Mapping[str, str]
    entities: Mapping[str, str]
    ids: KnownWords
    default_date: str  # of the whole file

    def findings(self, *, complete: bool) -> Iterator[Finding]:
        """Yield the findings on the row."""
        if shape := next(self._shape_findings(), None):
            yield shape
            return
        for column in sssom.REQUIRED:
            if not self.cells[column].text:
                yield self._wrong(column, "KG-L003", f"'{column}' is empty", "fill it in, or remove the row")
                return
        if complete:
            yield from self._subject_findings()
        yield from self._predicate_findings()
        yield from self._iri_findings()
        for name, cell in self.cells.items():
            yield from _value_findings(name, cell)
        yield from self._text_findings()

    def _text_findings(self) -> Iterator[Finding]:
        for column in ("author_label", "author_id", "comment"):
            try:
                values.string_literal(self._text(column))
            except InvalidValueError as error:
                yield self._wrong(column, "KG-L010", f"'{column}': {error.message}", error.fix or "remove it")

    def _shape_findings(self) -> Iterator[Finding]:
        for cell in self.all:
            if cell.torn:
                fix = "put the whole cell in quotes and double the marks inside it, or begin it with another word"
                yield _error(cell.place, "KG-L009", "the quotation mark at the start of this cell is never closed", fix)
        surplus = [cell for cell in self.all[self.width :] if cell.text]
        if surplus or len(self.all) < self.width:
            place = surplus[0].place if surplus else self.all[-1].place
            message = f"the row has {len(self.all)} cells, but there are {self.width} columns"
            yield _error(place, "KG-L009", message, "put a tab between two cells, even if one is empty")

    def _subject_findings(self) -> Iterator[Finding]:
        for column in ("subject_id", "object_id"):
            name, address = self.cells[column].text, self.address(column)
            is_ours = column == "subject_id" or address.startswith(self.prefixes["kg"])
            if is_ours and address not in self.entities:
                near = nearest(name, self.ids)
                fix = proposed(near, "write kg:person/…, kg:place/… as in the registry")
                finding = self._wrong(column, "KG-L004", f"no entity is called '{name}'", fix)
                yield replace(finding, instead=slip_of(name, near))

    def _predicate_findings(self) -> Iterator[Finding]:
        predicate = self.cells["predicate_id"].text
        if predicate not in PREDICATES:
            fix = f"use one of {', '.join(PREDICATES)}"
            yield self._wrong("predicate_id", "KG-L005", f"'{predicate}' is not a mapping relation", fix)
        elif self.negated and PREDICATES[predicate] != EXACT:
            message = f"'{sssom.NOT}' goes only with skos:exactMatch"
            fix = "remove the row, or write skos:exactMatch if theirs is a different entity"
            yield self._wrong("predicate_modifier", "KG-L010", message, fix)

    def _iri_findings(self) -> Iterator[Finding]:
        for column in ("object_id", "mapping_justification"):
            try:
                values.iri_term(self.address(column))
            except InvalidValueError as error:
                fix = "write an IRI, or a CURIE whose prefix is in the curie_map"
                yield self._wrong(column, "KG-L006", error.message, fix)
                continue
            name = self.address(column).removeprefix(SEMAPV)
            if column == "mapping_justification" and name not in sssom.JUSTIFICATIONS:
                message = f"'{self.cells[column].text}' is not a justification of a mapping"
                fix = proposal(
                    name, sssom.JUSTIFICATIONS, f"write semapv: and one of {', '.join(sssom.JUSTIFICATIONS)}"
                )
                yield self._wrong(column, "KG-L010", message, fix)

    @property
    def negated(self) -> bool:
        """Whether the row says that the two entities are not the same."""
        modifier = self.cells.get("predicate_modifier")
        return modifier is not None and modifier.text == sssom.NOT

    @property
    def link(self) -> tuple[Term, Term, Term]:
        """Our entity, the relation, and the external entity."""
        predicate = NOT_MATCHED if self.negated else PREDICATES[self.cells["predicate_id"].text]
        return f"<{self.address('subject_id')}>", predicate, f"<{self.address('object_id')}>"

    def quads(self, base: str) -> Iterator[Quad]:
        """Yield the link, and the statements about it."""
        graph = f"<{iri.graph_iri(base, 'registry')}>"
        subject, predicate, other = self.link
        link = f"<{base}link/{iri.content_key([subject, predicate, other])}>"
        yield Quad(subject, predicate, other, graph)
        yield Quad(link, TYPE, cq("Link"), graph)
        yield Quad(link, cq("linkSubject"), subject, graph)
        yield Quad(link, cq("linkPredicate"), predicate, graph)
        yield Quad(link, cq("linkObject"), other, graph)
        yield Quad(link, cq("justification"), f"<{self.address('mapping_justification')}>", graph)
        for name, text in (("linkAuthor", self._authors), ("linkComment", " ".join(self._text("comment").split()))):
            if text:
                yield Quad(link, cq(name), values.string_literal(text), graph)
        if date := self._text("mapping_date") or self.default_date:
            yield Quad(link, cq("linkDate"), values.literal(date, XSD + "date"), graph)

    @property
    def _authors(self) -> str:
        """The names of the authors, or else their identifiers. Both are separated by | in the file."""
        written = self._text("author_label") or self._text("author_id")
        return ", ".join(filter(None, map(str.strip, written.split("|"))))

    def _text(self, column: str) -> str:
        return self.cells[column].text if column in self.cells else ""

    def address(self, column: str) -> str:
        """Return the IRI in a cell, with its prefix expanded."""
        cell = self.cells[column].text
        prefix, _, rest = cell.partition(":")
        return self.prefixes[prefix] + rest if prefix in self.prefixes and not rest.startswith("//") else cell

    def _wrong(self, column: str, code: str, message: str, fix: str) -> Finding:
        return _error(self.cells[column].place, code, message, fix)


def _contradictions(rows: Sequence[_LinkRow], distinct: Iterable[tuple[Term, Term]]) -> Iterator[Finding]:
    """Yield the contradictions among rows, and between rows and the registry."""
    exact_rows = [_exact(row) for row in rows if row.link[1] == EXACT]
    denied = {(row.link[0], row.link[2]): row.cells["subject_id"].place for row in rows if row.link[1] in DISJOINT}
    yield from joined_findings(exact_rows)
    yield from chain_findings(exact_rows, {**dict.fromkeys(distinct), **denied})
    exact = {(row.link[0], row.link[2]): row for row in rows if row.link[1] == EXACT}
    for row in rows:
        subject, predicate, other = row.link
        if predicate in DISJOINT and (same := exact.get((subject, other))):
            line = same.cells["subject_id"].place.line
            message = f"line {line} says that the two are the same, but this one says that they are not"
            yield _error(row.cells["predicate_id"].place, "KG-L012", message, "remove one of the two rows")


def _exact(row: _LinkRow) -> ExactRow:
    subject, other = row.cells["subject_id"], row.cells["object_id"]
    return ExactRow(row.link[0], row.link[2], subject.text, subject.place, other.place)


def _error(place: Place, code: str, message: str, fix: str = "") -> Finding:
    return Finding(place, Severity.ERROR, code, message, fix)
