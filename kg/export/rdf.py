"""N-Quads lines -> N-Quads, TriG, JSON-LD, N-Triples, Turtle, RDF/XML. Writes to the given stream.

The output depends only on the set of lines, not on their order. N-Quads, TriG and JSON-LD keep the named graphs. The
others have a single graph: the union, with each triple once.
https://www.w3.org/TR/n-quads/ ; https://www.w3.org/TR/trig/ ; https://www.w3.org/TR/json-ld11/ ;
https://www.w3.org/TR/turtle/ ; https://www.w3.org/TR/rdf-syntax-grammar/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import IO, TYPE_CHECKING

from kg.core.errors import InputError
from kg.core.model import Quad
from kg.core.terms import TYPE
from kg.store.lines import line_quad

if TYPE_CHECKING:
    import pyoxigraph

_PORTION = 10_000  # lines parsed at a time
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
        _write_lines(sorted(set(lines)), out)
    elif form == RdfFormat.N_TRIPLES:
        _write_lines(sorted({_triple_line(line) for line in lines}), out)
    elif form == RdfFormat.RDF_XML:
        _write_xml(_union(lines), prefixes, out)
    else:
        _write(_by_graph(lines) if form.supports_datasets else _union(lines), form, prefixes, out)


def _write_lines(lines: Iterable[str], out: IO[bytes]) -> None:
    out.writelines(f"{line}\n".encode() for line in lines)


def _triple_line(line: str) -> str:
    return f"{line[: line.rindex(' ', 0, -2)]} ."


def _by_graph(lines: Iterable[str]) -> list[Quad]:
    """Return the quads by graph, with a node's types first."""
    return sorted({line_quad(line) for line in lines}, key=lambda quad: (quad.graph, *_place(quad)))


def _union(lines: Iterable[str]) -> list[Quad]:
    """Return the triples of all graphs once and in one graph, with a node's types first."""
    return sorted({line_quad(line)._replace(graph="<x:>") for line in lines}, key=_place)


def _place(quad: Quad) -> tuple[str, bool, str, str]:
    return quad.subject, quad.predicate != TYPE, quad.predicate, quad.object


def _write(quads: Sequence[Quad], form: pyoxigraph.RdfFormat, prefixes: Mapping[str, str], out: IO[bytes]) -> None:
    import pyoxigraph

    parsed = _parsed(quads)
    items = parsed if form.supports_datasets else (quad.triple for quad in parsed)
    pyoxigraph.serialize(items, out, form, prefixes=used_prefixes(quads, prefixes))


def _write_xml(quads: Sequence[Quad], prefixes: Mapping[str, str], out: IO[bytes]) -> None:
    """Write RDF/XML, with carriage returns as character references, because XML readers drop them otherwise."""
    from pyoxigraph import RdfFormat

    for predicate in sorted({quad.predicate for quad in quads}):
        if not _XML_NAME_AT_END.search(predicate):
            raise InputError(f"RDF/XML cannot write the property {predicate}", "export another format, such as ttl")
    for quad in quads:
        if _NOT_XML.search(quad.object):
            problem = f"RDF/XML cannot write a control character in a text of {quad.subject}"
            raise InputError(problem, "export another format, such as ttl")
    buffer = BytesIO()
    _write(quads, RdfFormat.RDF_XML, prefixes, buffer)
    out.write(buffer.getvalue().replace(b"\r", b"&#13;"))


def _parsed(quads: Sequence[Quad]) -> Iterator[pyoxigraph.Quad]:
    import pyoxigraph

    for start in range(0, len(quads), _PORTION):
        text = "".join(f"{quad}\n" for quad in quads[start : start + _PORTION])
        yield from pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_QUADS)


def used_prefixes(quads: Iterable[Quad], prefixes: Mapping[str, str]) -> dict[str, str]:
    """Return the prefixes that *quads* use, one per namespace.

    The engine must not choose among several.
    """
    text = " ".join({term for quad in quads for term in quad})
    chosen = {namespace: prefix for prefix, namespace in sorted(prefixes.items(), reverse=True)}
    return {prefix: namespace for namespace, prefix in sorted(chosen.items()) if f"<{namespace}" in text}
