"""What is loaded: a generation, or the graphs of a dump. Reads generations and dump files, writes temporary ones.

https://www.w3.org/TR/n-quads/ ; https://www.w3.org/TR/trig/
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING

from kg.errors import InputError
from kg.model import Term
from kg.store.embedded import EmbeddedStore
from kg.store.generations import Generation, history, open_generation
from kg.store.lines import line_graph, lines_digest
from kg.store.manifest import GraphSummary

if TYPE_CHECKING:
    import pyoxigraph

_BUCKETS = 64
_LONGEST_BUFFER = 4096  # lines that a bucket holds in memory


class GenerationSource:
    """The graphs of a generation, read from its store. Close it."""

    def __init__(self, generation: Generation, build: Path) -> None:
        self._generation = generation
        self._build = build
        self._store = generation.store()
        self._others: dict[int, tuple[Generation, EmbeddedStore]] = {}

    @property
    def summaries(self) -> Mapping[Term, GraphSummary]:
        """Graph -> its count and hash, from the manifest."""
        return self._generation.manifest.graphs

    def lines(self, graph: Term) -> Sequence[str]:
        """Return the sorted lines of a graph."""
        return self._store.graph_lines(graph)

    def earlier(self, graph: Term, summary: GraphSummary) -> Sequence[str] | None:
        """Return the lines of a graph from an earlier generation that is still on disk."""
        for manifest in history(self._build):
            if manifest.graphs.get(graph) == summary:
                return self._other(manifest.number).graph_lines(graph)
        return None

    def close(self) -> None:
        """Let go of all generations."""
        self._store.close()
        for generation, store in self._others.values():
            store.close()
            generation.close()

    def _other(self, number: int) -> EmbeddedStore:
        if number not in self._others:
            generation = open_generation(self._build, number)
            self._others[number] = (generation, generation.store())
        return self._others[number][1]


class DumpSource:
    """The graphs of an N-Quads or TriG file, sorted into the folder *work*, which the caller removes."""

    def __init__(self, file: Path, base: str, work: Path) -> None:
        """Read the file.

        Raises:
            InputError: it cannot be read, is not RDF, or holds what we cannot load: blank nodes, triples outside named
                graphs, graphs that are not of the project.
        """
        self._work = work
        self._base = base
        _sort(file, base, work)
        self._summaries: dict[Term, GraphSummary] = {}
        for number in range(_BUCKETS):
            for graph, lines in self._bucket(number).items():
                self._summaries[graph] = GraphSummary(len(lines), lines_digest(lines))
        self._held: tuple[int, Mapping[Term, Sequence[str]]] = (-1, {})

    @property
    def summaries(self) -> Mapping[Term, GraphSummary]:
        """Graph -> its count and hash, bucket by bucket."""
        return self._summaries

    def lines(self, graph: Term) -> Sequence[str]:
        """Return the sorted lines of a graph; the others of its bucket stay at hand."""
        number = _bucket_of(graph)
        if self._held[0] != number:
            self._held = (number, self._bucket(number))
        return self._held[1][graph]

    def earlier(self, graph: Term, summary: GraphSummary) -> Sequence[str] | None:  # noqa: ARG002 - as in Source
        """Return None: a dump knows no earlier state."""
        return None

    def _bucket(self, number: int) -> Mapping[Term, Sequence[str]]:
        path = self._work / str(number)
        found: dict[Term, set[str]] = {}
        for line in path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else ():
            found.setdefault(line_graph(line), set()).add(line)
        return {graph: sorted(lines) for graph, lines in sorted(found.items())}


def _sort(file: Path, base: str, work: Path) -> None:
    """Write each quad to the bucket of its graph."""
    buffers: list[list[str]] = [[] for _ in range(_BUCKETS)]
    try:
        for graph, line in _quads(file, base):
            buffer = buffers[number := _bucket_of(graph)]
            buffer.append(line)
            if len(buffer) >= _LONGEST_BUFFER:
                _append(work / str(number), buffer)
        for number, buffer in enumerate(buffers):
            _append(work / str(number), buffer)
    except SyntaxError as error:
        raise InputError(f"{file}: {error}", "give an N-Quads or TriG file, such as 'kg export' writes") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise InputError(f"cannot read {file}: {reason}", "check the file; was it cut off?") from error


def _append(path: Path, lines: list[str]) -> None:
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
    lines.clear()


def _quads(file: Path, base: str) -> Iterator[tuple[Term, str]]:
    import pyoxigraph

    with _opened(file) as stream:
        for quad in pyoxigraph.parse(stream, format=_format(file)):
            _refuse(file, base, quad)
            yield str(quad.graph_name), f"{quad} ."


def _refuse(file: Path, base: str, quad: pyoxigraph.Quad) -> None:
    import pyoxigraph

    if isinstance(quad.graph_name, pyoxigraph.DefaultGraph):
        raise InputError(
            f"{file}: a triple stands in no named graph: {quad}", "load a dump that 'kg export' has written"
        )
    if any(isinstance(term, pyoxigraph.BlankNode) for term in (quad.subject, quad.object, quad.graph_name)):
        fix = "give it an IRI: a blank node would be another one after each load"
        raise InputError(f"{file}: there is a blank node: {quad}", fix)
    if not quad.graph_name.value.startswith(base):
        fix = f"this project's graphs begin with {base}; set 'base' in kg.toml to that of the dump"
        raise InputError(f"{file}: a graph is not of this project: {quad.graph_name}", fix)


def _opened(file: Path) -> IO[bytes]:
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")  # type: ignore[return-value]


def _format(file: Path) -> pyoxigraph.RdfFormat:
    import pyoxigraph

    ending = Path(file.name.removesuffix(".gz")).suffix.lower()
    forms = {".nq": pyoxigraph.RdfFormat.N_QUADS, ".trig": pyoxigraph.RdfFormat.TRIG}
    if ending not in forms:
        raise InputError(f"'{file}' does not tell its format", "name it .nq, .nq.gz, .trig or .trig.gz")
    return forms[ending]


def _bucket_of(graph: Term) -> int:
    return sha256(graph.encode()).digest()[0] % _BUCKETS
