"""What one file compiled to, kept between runs: Record <-> JSON in build/cache. Reads and writes that folder only.

A record is found by everything that went into it, so an entry is never wrong, only unused. It is written beside and
renamed, so a reader never sees half of one; a damaged one counts as missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from kg.errors import Finding, InputError, Place, Severity
from kg.files import write_whole
from kg.mapping.outline import Outline
from kg.mapping.pins import pins_text
from kg.model import Document, Term

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Record:
    """One compiled and validated file.

    Attributes:
        path: as the user would type it.
        graph: term of its named graph.
        outline: what it defines.
        references: every outside name that it looked up -> what the name stood for then ("" for nothing).
        findings: of compiling and of validating.
        lines: its N-Quads, sorted.
        places: term of a node -> where it was written.
        pins: what to write beside an article whose text is withheld, else "".
    """

    path: str
    graph: Term
    outline: Outline
    references: Mapping[str, str]
    findings: tuple[Finding, ...]
    lines: tuple[str, ...]
    places: Mapping[Term, Place]
    pins: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether it may be published: nothing worse than a warning."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)


def record_of(
    document: Document, outline: Outline, references: Mapping[str, str], found: tuple[Finding, ...]
) -> Record:
    """Return what to keep of *document*; *found* are all its findings."""
    ordered = tuple(sorted(set(found), key=lambda finding: finding.sort_key))
    lines = tuple(str(quad) for quad in document.quads)
    pins = pins_text(document.pins) if document.pins else ""
    return Record(document.path, document.graph, outline, references, ordered, lines, document.source.nodes, pins)


def record_key(*inputs: str | bytes) -> str:
    """Return the name under which a record with these inputs is kept."""
    total = sha256(f"{FORMAT}".encode())
    for part in inputs:
        content = part.encode() if isinstance(part, str) else part
        total.update(f"\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def load_record(cache: Path, key: str) -> Record | None:
    """Return the record kept under *key*, None when there is none that can be read."""
    try:
        kept = json.loads(_file(cache, key).read_bytes())
        return Record(
            path=kept["path"],
            graph=kept["graph"],
            outline=Outline(kept["outline"]["classes"], kept["outline"]["labels"]),
            references=kept["references"],
            findings=tuple(_finding(finding) for finding in kept["findings"]),
            lines=tuple(kept["lines"]),
            places={term: Place(*place) for term, place in kept["places"].items()},
            pins=kept["pins"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep_record(cache: Path, key: str, record: Record) -> None:
    """Keep *record* under *key*. A cache that cannot be written is no error: the next run compiles again."""
    file = _file(cache, key)
    kept = asdict(record)
    kept["places"] = {term: (p.path, p.line, p.column, p.length) for term, p in record.places.items()}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps(kept, ensure_ascii=False))
    except (OSError, InputError):
        return


def _file(cache: Path, key: str) -> Path:
    return cache / key[:2] / f"{key}.json"


def _finding(kept: Mapping[str, object]) -> Finding:
    fields = dict(kept)
    place = fields.pop("place")
    assert isinstance(place, dict)
    severity = Severity(str(fields.pop("severity")))
    texts = {name: str(value) for name, value in fields.items()}
    return Finding(place=Place(**place), severity=severity, **texts)
