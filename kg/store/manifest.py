"""The manifest of a generation: digests of its graphs and of the files of its store. JSON, no I/O.

The text ends with a hash of everything before it, so a manifest that was truncated or edited is detected.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from json.encoder import encode_basestring

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
    """One file. As long as its time and inode are the same, it need not be read to know that it is unchanged.

    Attributes:
        size: in bytes.
        sha256: of its content.
        changed: modification time in nanoseconds.
        inode: inode number.
    """

    size: int
    sha256: str
    changed: int
    inode: int


@dataclass(frozen=True, slots=True)
class GenerationDetails:
    """The part of a manifest that the caller of `publish` provides.

    Attributes:
        versions: the hashes of ontology and shapes, and the version of kg, with which it was built.
        inputs: input -> its fingerprint, by which the next build detects changes. Opaque here.
        built: time of the build in ISO 8601, for people only. It is in no graph.
    """

    versions: Mapping[str, str]
    inputs: Mapping[str, str]
    built: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation.

    Attributes:
        number: counts from 1 and is never reused.
        parent: the generation that was current before it, None for the first.
        graphs: graph -> summary, sorted. The hash of a summary names the object with the lines.
        quads: number of quads of all graphs.
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
        """A digest that identifies the content: the SHA-256 of the names and hashes of its graphs."""
        return graphs_digest(self.graphs)


class OtherFormatError(ValueError):
    """A manifest was written by another version of kg."""


def graphs_digest(graphs: Mapping[Term, GraphSummary]) -> str:
    """Return a SHA-256 that depends on every quad of *graphs*, and on nothing else."""
    text = "".join(f"{graph} {graphs[graph].sha256}\n" for graph in sorted(graphs))
    return sha256(text.encode()).hexdigest()


def manifest_text(manifest: Manifest) -> str:
    """Return the JSON of *manifest*, sealed."""
    return sealed_json(_indented({"format": FORMAT, **_fields(manifest)})[: -len(_END)], _END)


def _fields(value: Manifest | GenerationDetails | GraphSummary | FileSummary) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__}


def _indented(value: object, depth: int = 1) -> str:
    """Return what `json.dumps` does with sorted keys and an indentation of 1, where there are no lists, much faster."""
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, GraphSummary | FileSummary | GenerationDetails):
        value = _fields(value)
    if not isinstance(value, dict) or not value:
        return json.dumps(value)
    pad = " " * depth
    entries = (f"{pad}{encode_basestring(key)}: {_indented(value[key], depth + 1)}" for key in sorted(value))
    return "{\n" + ",\n".join(entries) + f"\n{pad[1:]}}}"


def parsed_manifest(text: str) -> Manifest:
    """Return the manifest in *text*.

    Raises:
        OtherFormatError: another version of kg wrote it.
        ValueError: the text is not a manifest, or was changed since it was written.
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
