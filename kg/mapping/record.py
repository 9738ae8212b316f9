"""The result of compiling one file: Document -> Record <-> JSON. No I/O; kg/pipeline/cache.py keeps the records.

The lines are not in the JSON. They are an object in the build folder, which generations refer to as well.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from hashlib import sha256
from sys import intern

from kg.core.errors import Finding, Place, Severity
from kg.core.model import Acceptance, Document, Term
from kg.core.terms import INFERRED_KEY, READING_KEY, TYPE, cq
from kg.mapping.node_places import NodePlaces
from kg.mapping.outline import Outline
from kg.mapping.pins import pins_text
from kg.store.manifest import GraphSummary

FORMAT = 7


@dataclass(frozen=True, slots=True)
class Record:
    """One compiled and validated file.

    Attributes:
        path: as the user would type it.
        graph: term of its named graph.
        outline: what it defines.
        references: every outside name that it looked up -> what the name stood for then, "" for nothing.
        findings: of compiling and validating.
        lines: its N-Quads, sorted.
        places: term of a node -> where it is written.
        pins: what to write next to an article whose text is withheld, else "".
        accepted: findings that the curator acknowledges.
        reasoned: keyword -> how often the curator uses it to give a reason for what the words leave open.
        instances: class -> how many instances the lines have.
    """

    path: str
    graph: Term
    outline: Outline
    references: Mapping[str, str]
    findings: tuple[Finding, ...]
    lines: Sequence[str]
    places: NodePlaces
    pins: str = ""
    accepted: tuple[Acceptance, ...] = ()
    reasoned: Mapping[str, int] = field(default_factory=dict)
    instances: Mapping[Term, int] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Whether it may be published: nothing worse than a warning."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


def record_of(
    document: Document, outline: Outline, references: Mapping[str, str], findings: tuple[Finding, ...]
) -> Record:
    """Return what to keep of *document* and all its *findings*."""
    ordered = tuple(sorted(set(findings), key=lambda finding: finding.sort_key))
    end = f"{document.graph} ."
    lines = tuple([f"{subject} {predicate} {value} {end}" for subject, predicate, value in document.triples])
    pins = pins_text(document.pins) if document.pins else ""
    return Record(
        document.path,
        document.graph,
        outline,
        references,
        ordered,
        lines,
        NodePlaces.of(document.path, document.source.nodes),
        pins,
        document.accepted,
        _reasoned(document),
        dict(Counter(value for _, predicate, value in document.triples if predicate == TYPE)),
    )


def _reasoned(document: Document) -> dict[str, int]:
    keywords = {cq(keyword): keyword for keyword in (READING_KEY, INFERRED_KEY)}
    return dict(Counter(keywords[predicate] for _, predicate, _ in document.triples if predicate in keywords))


def record_key(*inputs: str | bytes) -> str:
    """Return the name under which a record with these inputs is kept."""
    total = sha256(f"{FORMAT}".encode())
    for part in inputs:
        content = part.encode() if isinstance(part, str) else part
        total.update(f"\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def record_text(record: Record, kept: GraphSummary) -> str:
    """Return *record*, whose lines are *kept*, as JSON."""
    return json.dumps(
        {
            "path": record.path,
            "graph": record.graph,
            "classes": dict(record.outline.classes),
            "labels": dict(record.outline.labels),
            "references": dict(record.references),
            "findings": [kept_finding(finding) for finding in record.findings],
            "object": [kept.quads, kept.sha256],
            "places": record.places.text,
            "pins": record.pins,
            "accepted": [astuple(each) for each in record.accepted],
            "reasoned": record.reasoned,
            "instances": record.instances,
        },
        ensure_ascii=False,
    )


def parsed_record(text: str, lines_of: Callable[[GraphSummary], Sequence[str]]) -> Record:
    """Return the record in *text*, as `record_text` wrote it, with lines from *lines_of*.

    Raises:
        ValueError, KeyError, TypeError: the text is something else.
    """
    kept = json.loads(text)
    return Record(
        path=kept["path"],
        graph=kept["graph"],
        outline=Outline(_shared(kept["classes"]), kept["labels"]),
        references=_shared(kept["references"]),
        findings=tuple(parsed_finding(finding) for finding in kept["findings"]),
        lines=lines_of(GraphSummary(*kept["object"])),
        places=NodePlaces(kept["path"], kept["places"]),
        pins=kept["pins"],
        accepted=tuple(_acceptance(each) for each in kept["accepted"]),
        reasoned=kept["reasoned"],
        instances={intern(name): number for name, number in kept["instances"].items()},
    )


def _shared(texts: Mapping[str, str]) -> dict[str, str]:
    """Return *texts* with those of other records in the same memory, for most occur in many."""
    return {intern(name): intern(value) for name, value in texts.items()}


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
    return Finding(
        Place(*place), Severity(str(severity)), *texts, tuple((str(key), str(value)) for key, value in choices)
    )


def _acceptance(kept: Sequence[object]) -> Acceptance:
    code, reason, place, nodes = kept
    assert isinstance(place, list)
    assert isinstance(nodes, list)
    return Acceptance(str(code), str(reason), Place(*place), tuple(nodes))


def _kept_place(place: Place) -> tuple[str, int, int, int]:
    return place.path, place.line, place.column, place.length
