"""The sources of a load: a generation, or the graphs of a dump. Reads objects and dumps, writes temporary files.

https://www.w3.org/TR/n-quads/ ; https://www.w3.org/TR/trig/
"""

from __future__ import annotations

import gzip
import io
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from kg.core.errors import InputError
from kg.core.model import Term
from kg.store.generations import Generation
from kg.store.lines import line_graph, lines_digest
from kg.store.manifest import GraphSummary
from kg.store.objects import StoredLines
from kg.transfer.ledger import is_ours, ledger_graph

if TYPE_CHECKING:
    import pyoxigraph
    from _typeshed import WriteableBuffer

_BUCKETS = 64
_LONGEST_BUFFER = 4096  # lines that a bucket keeps in memory before they are written
_HEAD = 1 << 16  # bytes in which to look for the first statement of a dump


class Buckets:
    """Lines distributed to files by their graph, so that graphs can be read one by one without loading all of them.

    The graphs of one bucket share a file, which stays in memory until another bucket is read. So read graphs in the
    order of buckets.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: tuple[int, Mapping[Term, Sequence[str]]] = (-1, {})

    def fill(self, lines: Iterable[tuple[Term, str]]) -> None:
        """Add lines, each with its graph."""
        buffers: dict[int, list[str]] = {}
        for graph, line in lines:
            buffer = buffers.setdefault(_bucket_of(graph), [])
            buffer.append(line)
            if len(buffer) >= _LONGEST_BUFFER:
                self._append(_bucket_of(graph), buffer)
        for number, buffer in buffers.items():
            self._append(number, buffer)

    def lines(self, graph: Term) -> Sequence[str]:
        """Return the sorted lines of a graph, without duplicates."""
        number = _bucket_of(graph)
        if self._held[0] != number:
            self._held = (number, self.bucket(number))
        return self._held[1].get(graph, ())

    def bucket(self, number: int) -> Mapping[Term, Sequence[str]]:
        """Return graph -> its sorted lines, for all graphs in the bucket with this number."""
        path = self._folder / str(number)
        lines_of: dict[Term, set[str]] = {}
        for line in path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else ():
            lines_of.setdefault(line_graph(line), set()).add(line)
        return {graph: sorted(lines) for graph, lines in sorted(lines_of.items())}

    def _append(self, number: int, lines: list[str]) -> None:
        with (self._folder / str(number)).open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{line}\n" for line in lines)
        lines.clear()


class GenerationSource:
    """The graphs of a generation, read from its objects."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    @property
    def summaries(self) -> Mapping[Term, GraphSummary]:
        """Graph -> its count and hash, from the manifest."""
        return self._generation.manifest.graphs

    def lines(self, graph: Term) -> Sequence[str]:
        """Return the sorted lines of a graph, read as they are needed; damage is noticed before any of them is."""
        objects, summary = self._generation.objects, self.summaries[graph]
        objects.verify(summary.sha256)
        return StoredLines(objects, summary)

    def earlier(self, graph: Term, summary: GraphSummary) -> Sequence[str] | None:  # noqa: ARG002 - as in Source
        """Return the earlier lines of a graph, None if their object is gone or damaged."""
        try:
            return self._generation.objects.lines(summary.sha256)
        except InputError:
            return None


class DumpSource:
    """The graphs of N-Quads or TriG, distributed to files in the folder *work*, which the caller removes.

    A ledger in a dump of a whole store is left out, because it is only about that store.
    """

    def __init__(self, dump: IO[bytes], name: str, base: str, work: Path) -> None:
        """Read the dump, which may be compressed and may begin with a byte order mark.

        Args:
            dump: a stream, which need not be a file, at its beginning.
            name: the name of the dump, for messages. Its ending gives the format, or else its first statement does.
            base: base of the project's graphs.
            work: an empty folder.

        Raises:
            InputError: it cannot be read, is not RDF, is empty, or contains what cannot be loaded: blank nodes, triples
                outside named graphs, graphs that are not of the project.
        """
        self._buckets = Buckets(work)
        self.sha256 = _read(dump, name, base, self._buckets)
        self._summaries = {
            graph: GraphSummary(len(lines), lines_digest(lines))
            for number in range(_BUCKETS)
            for graph, lines in self._buckets.bucket(number).items()
        }
        if not self._summaries:
            raise InputError(f"{name}: it contains no quads", "check what wrote it")

    @property
    def summaries(self) -> Mapping[Term, GraphSummary]:
        """Graph -> its count and hash, bucket by bucket."""
        return self._summaries

    def lines(self, graph: Term) -> Sequence[str]:
        """Return the sorted lines of a graph."""
        return self._buckets.lines(graph)

    def earlier(self, graph: Term, summary: GraphSummary) -> Sequence[str] | None:  # noqa: ARG002 - as in Source
        """Return None: a dump has no earlier states."""
        return None


class _Digested(io.RawIOBase):
    """A stream that computes the SHA-256 of what is read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        part = self._stream.read(len(view))
        view[: len(part)] = part
        self.digest.update(part)
        return len(part)


def _read(dump: IO[bytes], name: str, base: str, buckets: Buckets) -> str:
    """Sort a dump into *buckets* and return its SHA-256."""
    digested = _Digested(dump)
    try:
        buckets.fill(_quads(io.BufferedReader(digested, _HEAD), name, base))
    except SyntaxError as error:
        raise InputError(f"{name}: {error}", "give an N-Quads or TriG file, such as 'kg export' writes") from error
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise InputError(f"cannot read {name}: {reason}", "check the file; was it cut off?") from error
    return digested.digest.hexdigest()


def _quads(dump: io.BufferedReader, name: str, base: str) -> Iterator[tuple[Term, str]]:
    import pyoxigraph

    stream = _text(dump)
    for quad in pyoxigraph.parse(stream, format=_format(name, stream.peek(_HEAD)[:_HEAD])):
        if str(quad.graph_name) != ledger_graph(base):
            _refuse(name, base, quad)
            yield str(quad.graph_name), f"{quad} ."
    while stream.read(1 << 16):  # read to the end, so that the digest covers the whole dump
        pass


def _text(dump: io.BufferedReader) -> io.BufferedReader:
    """Return the stream, decompressed if necessary and without a byte order mark."""
    packed = dump.peek(2)[:2] == b"\x1f\x8b"
    unpacked = cast("io.RawIOBase", gzip.GzipFile(fileobj=dump) if packed else dump)
    stream: io.BufferedReader = io.BufferedReader(unpacked, _HEAD)
    if stream.peek(len(BOM_UTF8))[: len(BOM_UTF8)] == BOM_UTF8:
        stream.read(len(BOM_UTF8))
    return stream


def _refuse(name: str, base: str, quad: pyoxigraph.Quad) -> None:
    import pyoxigraph

    if isinstance(quad.graph_name, pyoxigraph.DefaultGraph):
        fix = "load a dump that 'kg export' has written"
        raise InputError(f"{name}: a triple is not in a named graph: {quad}", fix)
    if any(isinstance(term, pyoxigraph.BlankNode) for term in (quad.subject, quad.object, quad.graph_name)):
        fix = "give it an IRI: a blank node would be a different one after each load"
        raise InputError(f"{name}: there is a blank node: {quad}", fix)
    if not is_ours(str(quad.graph_name), base):
        fix = f"this project's graphs are {base}article/… and {base}graph/…; set 'base' in kg.toml to that of the dump"
        raise InputError(f"{name}: a graph does not belong to this project: {quad.graph_name}", fix)


def _format(name: str, head: bytes) -> pyoxigraph.RdfFormat:
    """Return the format of a dump by its name, or else by its first statement, which in N-Quads is a single line."""
    import pyoxigraph

    forms = {".nq": pyoxigraph.RdfFormat.N_QUADS, ".trig": pyoxigraph.RdfFormat.TRIG}
    ending = Path(name.removesuffix(".gz")).suffix.lower()
    if ending in forms:
        return forms[ending]
    lines = (line.strip() for line in head.split(b"\n"))
    first = next((line for line in lines if line and not line.startswith(b"#")), b"")
    return forms[".nq" if first.startswith((b"<", b"_:")) and first.endswith(b".") else ".trig"]


def _bucket_of(graph: Term) -> int:
    return sha256(graph.encode()).digest()[0] % _BUCKETS
