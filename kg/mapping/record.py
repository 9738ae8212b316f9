"""The result of compiling one file: Document -> Record <-> JSON. No I/O; kg/pipeline/cache.py keeps the records.

The lines are not in the JSON. They are an object in the build folder, which generations refer to as well. What few
steps need of a record, its parts, is a JSON text of its own, which is read when it is needed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from hashlib import sha256
from typing import Any, Protocol

from kg.core.errors import Finding, Place, Severity
from kg.core.model import Acceptance, Document, Term
from kg.core.terms import INFERRED_KEY, READING_KEY, TYPE, cq
from kg.mapping.node_places import NodePlaces
from kg.mapping.outline import Outline
from kg.mapping.pins import pins_text
from kg.store.manifest import GraphSummary

FORMAT = 7
_SEVERITIES = {str(severity): severity for severity in Severity}

Pairs = tuple[tuple[str, Any], ...]
"""Names with what belongs to each. Most records share theirs, so that a pair is in memory once."""


class Parts(Protocol):
    """The parts of a record, wherever they are."""

    def read(self) -> RecordParts:
        """Return them."""


@dataclass(frozen=True, slots=True)
class RecordParts:
    """What few steps need of a record.

    Attributes:
        outline: what the file defines.
        places: term of a node -> where it is written.
    """

    outline: Outline
    places: NodePlaces

    def read(self) -> RecordParts:
        """Return them, since they are here."""
        return self


@dataclass(frozen=True, slots=True)
class Record:
    """One compiled and validated file.

    Attributes:
        path: as the user would type it.
        graph: term of its named graph.
        references: every outside name that it looked up, with what the name stood for then, "" for nothing.
        findings: of compiling and validating.
        lines: its N-Quads, sorted.
        parts: what it defines, and where its nodes are written.
        pins: what to write next to an article whose text is withheld, else "".
        accepted: findings that the curator acknowledges.
        reasoned: keyword -> how often the curator uses it to give a reason for what the words leave open.
        instances: classes, with how many instances of each the lines have.
    """

    path: str
    graph: Term
    references: Pairs
    findings: tuple[Finding, ...]
    lines: Sequence[str]
    parts: Parts
    pins: str = ""
    accepted: tuple[Acceptance, ...] = ()
    reasoned: Mapping[str, int] = field(default_factory=dict)
    instances: Pairs = ()

    @property
    def outline(self) -> Outline:
        """What the file defines."""
        return self.parts.read().outline

    @property
    def places(self) -> NodePlaces:
        """Term of a node -> where it is written."""
        return self.parts.read().places

    @property
    def is_valid(self) -> bool:
        """Whether it may be published: nothing worse than a warning."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


def record_of(
    document: Document, outline: Outline, references: Mapping[str, str], findings: tuple[Finding, ...]
) -> Record:
    """Return what to keep of *document* and all its *findings*."""
    end = f"{document.graph} ."
    return Record(
        path=document.path,
        graph=document.graph,
        references=tuple(references.items()),
        findings=tuple(sorted(set(findings), key=lambda finding: finding.sort_key)),
        lines=tuple([f"{subject} {predicate} {value} {end}" for subject, predicate, value in document.triples]),
        parts=RecordParts(outline, NodePlaces.of(document.path, document.source.nodes)),
        pins=pins_text(document.pins) if document.pins else "",
        accepted=document.accepted,
        reasoned=_reasoned(document),
        instances=tuple(Counter(value for _, predicate, value in document.triples if predicate == TYPE).items()),
    )


def _reasoned(document: Document) -> dict[str, int]:
    keywords = {cq(keyword): keyword for keyword in (READING_KEY, INFERRED_KEY)}
    return dict(Counter(keywords[predicate] for _, predicate, _ in document.triples if predicate in keywords))


def record_key(*inputs: str | bytes) -> str:
    """Return the name under which a record with these inputs is kept."""
    contents = (part.encode() if isinstance(part, str) else part for part in inputs)
    parts = [b"\0%d\0%b" % (len(content), content) for content in contents]
    return sha256(b"%d%b" % (FORMAT, b"".join(parts))).hexdigest()


def kept_record(record: Record, lines: GraphSummary, number_of: Callable[[tuple[str, Any]], int]) -> list[object]:
    """Return *record* without its parts as a JSON value. Its pairs become numbers, and its lines their summary."""
    return [
        record.path,
        record.graph,
        [lines.quads, lines.sha256],
        list(map(kept_finding, record.findings)),
        record.pins,
        list(map(astuple, record.accepted)),
        record.reasoned,
        list(map(number_of, record.references)),
        list(map(number_of, record.instances)),
    ]


def parsed_record(
    kept: Sequence[Any],
    pair_of: Callable[[int], tuple[str, Any]],
    lines_of: Callable[[GraphSummary], Sequence[str]],
    parts: Parts,
) -> Record:
    """Return the record that `kept_record` was given, with lines from *lines_of*.

    Raises:
        ValueError, KeyError, TypeError, IndexError: *kept* is something else.
    """
    path, graph, lines, findings, pins, accepted, reasoned, references, instances = kept
    return Record(
        path=path,
        graph=graph,
        references=tuple(map(pair_of, references)),
        findings=tuple(map(parsed_finding, findings)),
        lines=lines_of(GraphSummary(*lines)),
        parts=parts,
        pins=pins,
        accepted=tuple(map(_acceptance, accepted)),
        reasoned=reasoned,
        instances=tuple(map(pair_of, instances)),
    )


def parts_text(parts: RecordParts) -> str:
    """Return the parts of a record as JSON."""
    outline = parts.outline
    return json.dumps([dict(outline.classes), dict(outline.labels), parts.places.text], ensure_ascii=False)


def parsed_parts(path: str, text: str) -> RecordParts:
    """Return the parts of the record of the file *path* that `parts_text` was given. Raises as `parsed_record`."""
    classes, labels, places = json.loads(text)
    return RecordParts(Outline(classes, labels), NodePlaces(path, places))


def kept_finding(finding: Finding) -> list[object]:
    """Return a finding as a JSON value."""
    texts = (finding.severity, finding.code, finding.message, finding.fix, finding.focus, finding.instead)
    return [_kept_place(finding.place), *texts, finding.choices]


def parsed_finding(kept: Sequence[object]) -> Finding:
    """Return the finding that `kept_finding` was given; raises as `parsed_record`."""
    place, severity, code, message, fix, focus, instead, choices = kept
    assert isinstance(place, list)
    assert isinstance(choices, list)
    texts = (str(code), str(message), str(fix), str(focus), str(instead))
    return Finding(Place(*place), _SEVERITIES[str(severity)], *texts, tuple(map(tuple, choices)) if choices else ())


def _acceptance(kept: Sequence[object]) -> Acceptance:
    code, reason, place, nodes = kept
    assert isinstance(place, list)
    assert isinstance(nodes, list)
    return Acceptance(str(code), str(reason), Place(*place), tuple(nodes))


def _kept_place(place: Place) -> tuple[str, int, int, int]:
    return place.path, place.line, place.column, place.length
