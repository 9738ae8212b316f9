"""N-Quads lines -> N-Quads, TriG, JSON-LD, N-Triples, Turtle, RDF/XML. Writes to the given stream.

The output depends only on the set of lines, not on their order. N-Quads, TriG and JSON-LD keep the named graphs. The
others have a single graph: the union, with each triple once. Few statements are in memory at once.
https://www.w3.org/TR/n-quads/ ; https://www.w3.org/TR/trig/ ; https://www.w3.org/TR/json-ld11/ ;
https://www.w3.org/TR/turtle/ ; https://www.w3.org/TR/rdf-syntax-grammar/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from io import BufferedIOBase
from itertools import islice
from typing import IO, TYPE_CHECKING, cast

from kg.core.errors import InputError
from kg.core.model import Quad
from kg.core.terms import TYPE
from kg.store.json_ld import json_ld, usable_context
from kg.store.lines import line_quad
from kg.store.ordered import OrderedLines

if TYPE_CHECKING:
    import pyoxigraph
    from _typeshed import ReadableBuffer

_PORTION = 10_000  # statements parsed at a time
_UNION = "<x:>"  # stands for the graph of a format that has none
_TYPE_FIRST = "!"  # stands for rdf:type, and is sorted before every IRI
_XML_NAME_AT_END = re.compile(r"[^\W\d][\w.-]*>$")
_NOT_XML = re.compile(r"(?<!\\)(?:\\\\)*\\(?:[bf]|u00[01][0-9A-F]|uFFF[EF])")


def write_rdf(lines: Iterable[str], media: str, prefixes: Mapping[str, str], out: IO[bytes]) -> None:
    """Write *lines* as a document of the type *media*, with the prefixes that it uses.

    Raises:
        ValueError: the engine cannot write this type, which is a bug in the caller.
        InputError: RDF/XML cannot express a predicate or a text.
    """
    from pyoxigraph import RdfFormat

    form = RdfFormat.from_media_type(media)
    if form is None:
        raise ValueError(f"no type of graphs: {media}")
    if form == RdfFormat.N_QUADS:
        _write_lines(lines, out)
    elif form == RdfFormat.N_TRIPLES:
        _write_lines(map(_triple_line, lines), out)
    else:
        writers = {RdfFormat.RDF_XML: _write_xml, RdfFormat.JSON_LD: _write_json_ld}
        write = writers.get(form) or partial(_write, form)
        with OrderedLines(_sortable(line_quad(line), form.supports_datasets) for line in lines) as ordered:
            write(_Statements(ordered), prefixes, out)


def _write_lines(lines: Iterable[str], out: IO[bytes]) -> None:
    with OrderedLines(lines) as ordered:
        out.writelines(f"{line}\n".encode() for line in ordered)


def _triple_line(line: str) -> str:
    return f"{line[: line.rindex(' ', 0, -2)]} ."


@dataclass(frozen=True, slots=True)
class _Statements:
    """Quads by graph and subject, with a node's types first; or the triples of all graphs, each once, in one graph."""

    ordered: OrderedLines

    def __iter__(self) -> Iterator[Quad]:
        return map(_quad, self.ordered)

    def portions(self) -> Iterator[str]:
        """Yield N-Quads of up to _PORTION statements."""
        quads = iter(self)
        while portion := "".join(f"{quad}\n" for quad in islice(quads, _PORTION)):
            yield portion


def _sortable(quad: Quad, in_graphs: bool) -> str:
    """Return a quad as a text by which it is sorted. A space comes before whatever else may follow a term."""
    subject, predicate, value, graph = quad
    return f"{graph if in_graphs else _UNION} {subject} {_TYPE_FIRST if predicate == TYPE else predicate} {value}"


def _quad(text: str) -> Quad:
    graph, subject, predicate, value = text.split(" ", 3)
    return Quad(subject, TYPE if predicate == _TYPE_FIRST else predicate, value, graph)


def _write(form: pyoxigraph.RdfFormat, statements: _Statements, prefixes: Mapping[str, str], out: IO[bytes]) -> None:
    import pyoxigraph

    quads = (quad for text in statements.portions() for quad in pyoxigraph.parse(text, pyoxigraph.RdfFormat.N_QUADS))
    items = quads if form.supports_datasets else (quad.triple for quad in quads)
    pyoxigraph.serialize(items, out, form, prefixes=used_prefixes(statements.portions(), prefixes))


def _write_json_ld(statements: _Statements, prefixes: Mapping[str, str], out: IO[bytes]) -> None:
    context = usable_context(used_prefixes(statements.portions(), prefixes), statements.portions())
    out.writelines(text.encode() for text in json_ld(statements, context))


def _write_xml(statements: _Statements, prefixes: Mapping[str, str], out: IO[bytes]) -> None:
    from pyoxigraph import RdfFormat

    for predicate in sorted({quad.predicate for quad in statements}):
        if not _XML_NAME_AT_END.search(predicate):
            raise InputError(f"RDF/XML cannot write the property {predicate}", "export another format, such as ttl")
    for quad in statements:
        if _NOT_XML.search(quad.object):
            problem = f"RDF/XML cannot write a control character in a text of {quad.subject}"
            raise InputError(problem, "export another format, such as ttl")
    _write(RdfFormat.RDF_XML, statements, prefixes, cast("IO[bytes]", _XmlStream(out)))


class _XmlStream(BufferedIOBase):
    """A stream in which carriage returns become character references, because XML readers drop them otherwise."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def write(self, data: ReadableBuffer) -> int:
        """Write *data*, and return its size."""
        content = bytes(data)
        self._out.write(content.replace(b"\r", b"&#13;"))
        return len(content)


def used_prefixes(portions: Iterable[str], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return the prefixes that *portions* of N-Quads use, one per namespace.

    The engine must not choose among several.
    """
    chosen = {namespace: prefix for prefix, namespace in sorted(prefixes.items(), reverse=True)}
    unused = set(chosen)
    for portion in portions:
        unused -= {namespace for namespace in unused if f"<{namespace}" in portion}
    return {prefix: namespace for namespace, prefix in sorted(chosen.items()) if namespace not in unused}
