"""The result of a query -> a document in a standard format, complete or not at all.

The limits on rows and size are checked before anything is returned: half a document is worse than none.
https://www.w3.org/TR/rdf-sparql-XMLres/ ; https://www.w3.org/TR/sparql11-results-csv-tsv/ ;
graphs: https://www.w3.org/TR/turtle/ and related formats
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from kg.core.errors import EndpointError, UsageError
from kg.core.model import Quad, Term
from kg.store.json_ld import json_ld, usable_context
from kg.store.protocol import Triple
from kg.store.results import binding_json, boolean_json, rows_json, term_json

if TYPE_CHECKING:
    import pyoxigraph as ox

_T = TypeVar("_T")

_XML_NAME_AT_END = re.compile(r"[^\W\d][\w.-]*\Z")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class StoppedError(EndpointError):
    """A limit stopped a query: `limit` is time, memory, rows, size or crash."""

    def __init__(self, message: str, fix: str = "", limit: str = "crash") -> None:
        super().__init__(message, fix)
        self.limit = limit


def document(
    result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
    media: str,
    prefixes: Mapping[str, str],
    rows: int,
    size: int,
) -> bytes:
    """Return the result as a document of the media type *media*, which may be any that the engine can write.

    Raises:
        StoppedError: it has more than *rows* rows or triples, or more than *size* bytes.
        UsageError: the format does not suit the form of the query, or cannot represent one of the terms.
    """
    import pyoxigraph as ox

    if is_of_graphs(media) != isinstance(result, ox.QueryTriples):
        raise UsageError(f"the answer to this query cannot be written as {media}", "choose another format")
    if isinstance(result, ox.QueryBoolean):
        return boolean_document(bool(result), media)
    if isinstance(result, ox.QuerySolutions):
        names = [variable.value for variable in result.variables]
        terms = ([None if term is None else str(term) for term in row] for row in _limited(result, rows))
        return rows_document(names, terms, media, size)
    triples = dict.fromkeys(_limited(result, rows))
    written = triples_document(sorted(triples, key=str), media, prefixes)
    if len(written) > size:
        raise _too_large()
    return written


def is_of_graphs(media: str) -> bool:
    """Return whether a media type is for graphs, rather than for rows or a boolean."""
    import pyoxigraph as ox

    return ox.RdfFormat.from_media_type(media) is not None


def engine_triples(triples: Iterable[Triple]) -> list[ox.Triple]:
    """Return triples of canonical N-Triples terms as the engine's own objects, in the same order.

    Raises:
        SyntaxError: one is not N-Triples, which is a bug in the caller.
    """
    import pyoxigraph as ox

    text = "".join(f"{s} {p} {o} .\n" for s, p, o in triples)
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]


def triples_document(triples: Iterable[ox.Triple], media: str, prefixes: Mapping[str, str]) -> bytes:
    """Return triples as a document of the media type *media*, in the same order, with only the prefixes that are used.

    Raises:
        UsageError: RDF/XML cannot represent one of them.
        ValueError: the engine cannot write this type, which is a bug in the caller.
    """
    import pyoxigraph as ox

    chosen, given = ox.RdfFormat.from_media_type(media), list(triples)
    if chosen is None:
        raise ValueError(f"not a format for graphs: {media}")
    if chosen == ox.RdfFormat.RDF_XML:
        for triple in given:
            refuse_not_xml(triple)
    out = BytesIO()
    text = " ".join(map(str, given))
    used = {prefix: namespace for prefix, namespace in sorted(prefixes.items()) if f"<{namespace}" in text}
    try:
        if chosen == ox.RdfFormat.JSON_LD:
            quads = (Quad(str(each.subject), str(each.predicate), _text(each.object), "") for each in given)
            return "".join(json_ld(quads, usable_context(used, [text]))).encode()
        ox.serialize(given, out, chosen, prefixes=used if chosen != ox.RdfFormat.N_TRIPLES else None)
    except (OSError, ValueError) as error:
        raise UsageError(f"the answer cannot be written as {chosen.name}: {error}", "choose another format") from error
    written = out.getvalue()
    return written.replace(b"\r", b"&#13;") if chosen == ox.RdfFormat.RDF_XML else written  # XML readers drop it


def _text(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Term:
    """Return a term as N-Quads has it; the engine leaves out the signs around a triple."""
    return f"<<( {term} )>>" if type(term).__name__ == "Triple" else str(term)


def quads_document(quads: Iterable[Quad], media: str, prefixes: Mapping[str, str]) -> bytes:
    """Return canonical quads as N-Quads or TriG, in the same order, with only the prefixes that are used.

    Raises:
        ValueError: the engine cannot write this type, which is a bug in the caller.
    """
    import pyoxigraph as ox

    chosen, text = ox.RdfFormat.from_media_type(media), "".join(f"{quad}\n" for quad in quads)
    if chosen is None:
        raise ValueError(f"not a format for graphs: {media}")
    if chosen == ox.RdfFormat.N_QUADS:
        return text.encode()
    used = {prefix: namespace for prefix, namespace in sorted(prefixes.items()) if f"<{namespace}" in text}
    return ox.serialize(ox.parse(text, ox.RdfFormat.N_QUADS), format=chosen, prefixes=used) or b""


def refuse_not_xml(triple: ox.Triple) -> None:
    """Refuse a triple that RDF/XML cannot represent.

    Raises:
        UsageError: its predicate is not an XML name, or its text contains a control character.
    """
    if not _XML_NAME_AT_END.search(triple.predicate.value):
        raise UsageError(f"RDF/XML cannot write the property {triple.predicate}", "choose another format, such as ttl")
    if not _fits_xml(term_json(str(triple.object))):
        problem = f"RDF/XML cannot write a control character in a text of {triple.subject}"
        raise UsageError(problem, "choose another format, such as ttl")


def rows_document(variables: Sequence[str], rows: Iterable[Sequence[Term | None]], media: str, size: int) -> bytes:
    """Return the rows of a SELECT as a document of the media type *media*.

    Raises:
        StoppedError: it has more than *size* bytes.
        UsageError: the format cannot represent one of the terms.
    """
    lines: list[str] = []
    for row in rows:
        binding = binding_json(variables, row)
        if media.endswith("xml") and not _fits_xml(binding):
            fix = "choose another format, such as json"
            raise UsageError("XML cannot represent a control character in the answer", fix)
        lines.append(json.dumps(binding, ensure_ascii=False))
        size -= len(lines[-1].encode()) + 2
        if size < 0:
            raise _too_large()
    return _converted(rows_json(variables, lines), media)


def boolean_document(truth: bool, media: str) -> bytes:
    """Return the answer to an ASK as a document of the media type *media*."""
    return _converted(boolean_json(truth), media)


def _converted(results: str, media: str) -> bytes:
    """Convert results in JSON to another format by means of the engine.

    Raises:
        ValueError: the engine cannot write this type, which is a bug in the caller.
    """
    import pyoxigraph as ox

    chosen = ox.QueryResultsFormat.from_media_type(media)
    if chosen is None:
        raise ValueError(f"not a format for results: {media}")
    if chosen == ox.QueryResultsFormat.JSON:
        return results.encode()
    parsed = ox.parse_query_results(results.encode(), format=ox.QueryResultsFormat.JSON)
    written = parsed.serialize(format=chosen) or b""
    return written.replace(b"\r", b"&#13;") if chosen == ox.QueryResultsFormat.XML else written  # XML readers drop it


def _fits_xml(value: object) -> bool:
    """Return whether XML can represent all text of a term or a row in JSON form."""
    if isinstance(value, Mapping):
        return all(map(_fits_xml, value.values()))
    return not _NOT_XML.search(str(value))


def _limited(items: Iterator[_T], most: int) -> Iterator[_T]:
    yield from islice(items, most)
    if next(items, None) is not None:
        raise StoppedError(
            f"the answer has more than {most} rows, and a part of it would be misleading",
            "end the query with LIMIT, and OFFSET for the next part, or narrow the query",
            "rows",
        )


def _too_large() -> StoppedError:
    return StoppedError("the answer is too large to send", "end the query with LIMIT, or select fewer columns", "size")
