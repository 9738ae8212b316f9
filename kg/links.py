"""data/links.sssom.tsv -> quads and findings: our entity is somebody else's, or is not. No I/O.

SSSOM, the Simple Standard for Sharing Ontological Mappings: https://mapping-commons.github.io/sssom/
A row is kept as what it says (skos:exactMatch, ...), with its justification; an explicit "Not" becomes
cq:notMatchedTo, never owl:differentFrom, which would claim more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kg import iri, values
from kg.errors import Finding, Place, Severity
from kg.likeness import proposal
from kg.model import Quad
from kg.sources import Source
from kg.terms import SKOS, TYPE, cq

REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification")
PREDICATES = {
    f"skos:{name}": f"<{SKOS}{name}>"
    for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")
}
JUSTIFICATIONS = "https://w3id.org/semapv/vocab/"
_LINE_END = re.compile("\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Links:
    """What the file holds: quads of the registry's graph, and what is wrong with it."""

    quads: tuple[Quad, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_links(
    source: Source, base: str, entities: Mapping[str, str], prefixes: Mapping[str, str], *, complete: bool = True
) -> Links:
    """Read the file.

    Args:
        source: the file.
        base: of the data's IRIs; the prefix `kg:` stands for it.
        entities: IRI of an entity -> its id.
        prefixes: prefix -> namespace; the file's own curie_map goes before it.
        complete: whether there are no others; else an unknown entity may stand in a file that has a fault.
    """
    if source.problem:
        problem, _, fix = source.problem.partition("; ")
        return Links(findings=(_finding(source, 1, 1, "KG-L001", problem, fix),))
    lines = _LINE_END.split(source.text)
    known = {**prefixes, "kg": base, "semapv": JUSTIFICATIONS, **_curie_map(lines)}
    rows = [
        (number, [cell.strip() for cell in line.split("\t")])
        for number, line in enumerate(lines, 1)
        if line.strip() and line[0] != "#"
    ]
    if not rows:
        return Links()
    head = rows[0][1]
    missing = [name for name in REQUIRED if name not in head]
    if missing:
        fix = f"the first line that is no comment names at least {', '.join(REQUIRED)}, with tabs between"
        return Links(
            findings=(_finding(source, rows[0][0], 1, "KG-L002", f"the column '{missing[0]}' is missing", fix),)
        )
    quads: list[Quad] = []
    findings: list[Finding] = []
    for number, cells in rows[1:]:
        row = _Row(source, number, dict(zip(head, cells, strict=False)), known, entities)
        problems = tuple(row.findings(complete=complete))
        findings += problems
        if not problems:
            quads += row.quads(base)
    return Links(tuple(sorted(set(quads))), tuple(findings))


def _curie_map(lines: list[str]) -> dict[str, str]:
    pairs = {}
    for line in lines:
        if line.startswith("#") and ": " in line:
            prefix, _, namespace = line.lstrip("# ").partition(": ")
            if namespace.strip().strip("\"'").startswith("http"):
                pairs[prefix.strip()] = namespace.strip().strip("\"'")
    return pairs


@dataclass(frozen=True, slots=True)
class _Row:
    source: Source
    number: int
    cells: Mapping[str, str]
    prefixes: Mapping[str, str]
    entities: Mapping[str, str]

    def findings(self, *, complete: bool) -> Iterator[Finding]:
        """Yield what is wrong with the row."""
        for column in REQUIRED:
            if not self.cells.get(column):
                yield self._wrong(column, "KG-L003", f"'{column}' is empty", "fill it in, or remove the row")
                return
        subject, predicate = self._iri("subject_id"), self.cells["predicate_id"]
        if subject not in self.entities and complete:
            ids = [f"kg:{entity.removeprefix(self.prefixes['kg'])}" for entity in self.entities]
            near = proposal(self.cells["subject_id"], ids, "write kg:person/…, kg:place/… as in the registry")
            yield self._wrong("subject_id", "KG-L004", f"no entity is called '{self.cells['subject_id']}'", near)
        if predicate not in PREDICATES:
            yield self._wrong(
                "predicate_id",
                "KG-L005",
                f"'{predicate}' is no mapping relation",
                f"use one of {', '.join(PREDICATES)}",
            )
        for column in ("object_id", "mapping_justification"):
            try:
                values.iri_term(self._iri(column))
            except ValueError as error:
                fix = "write an IRI, or a CURIE whose prefix is in the curie_map"
                yield self._wrong(column, "KG-L006", str(error).partition("; ")[0], fix)

    def quads(self, base: str) -> Iterator[Quad]:
        """Yield the link, and what is said of it."""
        graph = f"<{iri.graph_iri(base, 'registry')}>"
        subject, other = f"<{self._iri('subject_id')}>", f"<{self._iri('object_id')}>"
        negated = self.cells.get("predicate_modifier") == "Not"
        predicate = cq("notMatchedTo") if negated else PREDICATES[self.cells["predicate_id"]]
        link = f"<{base}link/{iri.content_key([subject, predicate, other])}>"
        yield Quad(subject, predicate, other, graph)
        yield Quad(link, TYPE, cq("Link"), graph)
        yield Quad(link, cq("linkSubject"), subject, graph)
        yield Quad(link, cq("linkPredicate"), predicate, graph)
        yield Quad(link, cq("linkObject"), other, graph)
        yield Quad(link, cq("justification"), f"<{self._iri('mapping_justification')}>", graph)

    def _iri(self, column: str) -> str:
        cell = self.cells[column]
        prefix, _, rest = cell.partition(":")
        return self.prefixes[prefix] + rest if prefix in self.prefixes and not rest.startswith("//") else cell

    def _wrong(self, column: str, code: str, message: str, fix: str) -> Finding:
        cells = _LINE_END.split(self.source.text)[self.number - 1].split("\t")
        before = list(self.cells).index(column) if column in self.cells else len(cells) - 1
        start = len("\t".join(cells[:before])) + (1 if before else 0) + 1
        return _finding(self.source, self.number, start, code, message, fix, len(self.cells.get(column, "")))


def _finding(
    source: Source, line: int, column: int, code: str, message: str, fix: str = "", length: int = 1
) -> Finding:
    return Finding(Place(source.path, line, column, max(length, 1)), Severity.ERROR, code, message, fix)
