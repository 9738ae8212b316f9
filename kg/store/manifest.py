"""What a generation says of itself: its graphs by their content, and the files of its store. JSON, no I/O.

The text ends with a hash of all that stands before it, so a manifest that was cut off or edited is recognized.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256

from kg.core.model import Term
from kg.project.intact import sealed_json, unsealed_json

FORMAT = 3
_END = "\n}"


@dataclass(frozen=True, slots=True)
class GraphSummary:
    """One named graph: its number of quads, and the SHA-256 of its sorted N-Quads lines."""

    quads: int
    sha256: str


@dataclass(frozen=True, slots=True)
class FileSummary:
    """One file.

    Attributes:
        size: in bytes.
        sha256: of its content.
        changed: when it was written, in nanoseconds; with that and its inode it need not be read to be known again.
        inode: of that file.
    """

    size: int
    sha256: str
    changed: int
    inode: int


@dataclass(frozen=True, slots=True)
class GenerationDetails:
    """What only the caller of a build knows.

    Attributes:
        versions: what it was made with: hashes of ontology and shapes, version of kg.
        inputs: input -> its fingerprint, for the next build to find what has changed; opaque here.
        built: when, as ISO 8601; for people to read, in no graph.
    """

    versions: Mapping[str, str]
    inputs: Mapping[str, str]
    built: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation.

    Attributes:
        number: from 1, never used twice.
        parent: the generation that was current before it, None for the first.
        graphs: graph -> summary, sorted; the lines are in the object of that hash.
        quads: of all graphs.
        files: file of the store -> summary.
        details: versions, inputs and time of the build.
    """

    number: int
    parent: int | None
    graphs: Mapping[Term, GraphSummary]
    quads: int
    files: Mapping[str, FileSummary]
    details: GenerationDetails

    @property
    def sha256(self) -> str:
        """What tells this content from any other: the SHA-256 of the names and hashes of its graphs."""
        return graphs_digest(self.graphs)


class OtherFormatError(ValueError):
    """A manifest that another version of kg wrote."""


def graphs_digest(graphs: Mapping[Term, GraphSummary]) -> str:
    """Return a SHA-256 that depends on every quad of *graphs*, and on nothing else."""
    text = "".join(f"{graph} {graphs[graph].sha256}\n" for graph in sorted(graphs))
    return sha256(text.encode()).hexdigest()


def manifest_text(manifest: Manifest) -> str:
    """Return the JSON of *manifest*, sealed."""
    body = json.dumps({"format": FORMAT, **asdict(manifest)}, ensure_ascii=False, indent=1, sort_keys=True)[:-2]
    return sealed_json(body, _END)


def parsed_manifest(text: str) -> Manifest:
    """Return the manifest in *text*.

    Raises:
        OtherFormatError: another version of kg wrote it.
        ValueError: not a manifest, or changed since it was written.
    """
    try:
        values = unsealed_json(text, _END)
    except ValueError as error:
        raise ValueError(f"its manifest was {error}") from error
    if values.pop("format") != FORMAT:
        raise OtherFormatError("its manifest has the format of another version of kg")
    details = values.pop("details")
    graphs = {graph: GraphSummary(**summary) for graph, summary in values.pop("graphs").items()}
    files = {name: FileSummary(**summary) for name, summary in values.pop("files").items()}
    return Manifest(**values, graphs=graphs, files=files, details=GenerationDetails(**details))
