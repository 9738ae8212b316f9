"""The source of a load: the objects of a generation, or of a dump. Reads objects and dumps, writes temporary files.

https://www.w3.org/TR/n-quads/ ; https://www.w3.org/TR/trig/
"""

from __future__ import annotations

import gzip
import io
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from kg.core.errors import InputError
from kg.core.model import Term
from kg.store.manifest import GraphSummary
from kg.store.objects import Objects, StoredLines
from kg.store.ordered import OrderedLines
from kg.transfer.ledger import is_ours, ledger_graph

if TYPE_CHECKING:
    import pyoxigraph
    from _typeshed import WriteableBuffer

_TAB = "\t"  # which no IRI contains
_HEAD = 1 << 16  # bytes in which to look for the first statement of a dump


@dataclass(frozen=True, slots=True)
class LoadSource:
    """A manifest of objects to load: that of a generation, or of the graphs in a dump.

    Attributes:
        graphs: graph -> its count and hash, which is the name of its object.
        objects: contains them, and perhaps those of earlier generations.
    """

    graphs: Mapping[Term, GraphSummary]
    objects: Objects

    def lines(self, graph: Term) -> StoredLines:
        """Return the sorted lines of a graph, read as they are needed; damage is noticed before any of them is."""
        return self._intact(self.graphs[graph])

    def earlier(self, summary: GraphSummary) -> StoredLines | None:
        """Return the sorted lines of an earlier state of a graph, None if their object is gone or damaged."""
        try:
            return self._intact(summary)
        except InputError:
            return None

    def _intact(self, summary: GraphSummary) -> StoredLines:
        self.objects.verify(summary.sha256)
        return StoredLines(self.objects, summary)


def dump_source(dump: IO[bytes], name: str, base: str, work: Path) -> tuple[LoadSource, str]:
    """Return the graphs of N-Quads or TriG as objects in the folder *work*, and the SHA-256 of the dump.

    A ledger in a dump of a whole store is left out, because it is only about that store.

    Args:
        dump: a stream, which need not be a file, at its beginning. It may be compressed, and begin with a byte order
            mark.
        name: the name of the dump, for messages. Its ending gives the format, or else its first statement does.
        base: base of the project's graphs.
        work: an empty folder, which the caller removes.

    Raises:
        InputError: it cannot be read, is not RDF, is empty, or contains what cannot be loaded: blank nodes, triples
            outside named graphs, graphs that are not of the project.
    """
    digested, objects = _Digested(dump), Objects(work)
    with OrderedLines(_refused(digested, name, base)) as ordered:
        graphs = {
            graph: objects.keep(line.partition(_TAB)[2] for line in lines)
            for graph, lines in groupby(ordered, key=lambda line: line.partition(_TAB)[0])
        }
    if not graphs:
        raise InputError(f"{name}: it contains no quads", "check what wrote it")
    return LoadSource(graphs, objects), digested.digest.hexdigest()


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


def _refused(dump: _Digested, name: str, base: str) -> Iterator[str]:
    """Yield what `_graph_lines` does. Raises an InputError if the dump cannot be read."""
    try:
        yield from _graph_lines(io.BufferedReader(dump, _HEAD), name, base)
    except SyntaxError as error:
        raise InputError(f"{name}: {error}", "give an N-Quads or TriG file, such as 'kg export' writes") from error
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise InputError(f"cannot read {name}: {reason}", "check the file; was it cut off?") from error


def _graph_lines(dump: io.BufferedReader, name: str, base: str) -> Iterator[str]:
    """Yield the graph and the line of each quad, with a tab between them, so that their order is that of graphs."""
    import pyoxigraph

    stream = _text(dump)
    for quad in pyoxigraph.parse(stream, format=_format(name, stream.peek(_HEAD)[:_HEAD])):
        if str(quad.graph_name) != ledger_graph(base):
            _refuse(name, base, quad)
            yield f"{quad.graph_name}{_TAB}{quad} ."
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
