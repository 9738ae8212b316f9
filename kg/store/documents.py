"""The result of a query -> a document in a standard format, whole or not at all. Speaks the engine's types.

The limits on rows and size are checked before anything is given back: half a document is worse than none.
https://www.w3.org/TR/sparql11-results-json/ ; https://www.w3.org/TR/rdf-sparql-XMLres/ ;
https://www.w3.org/TR/sparql11-results-csv-tsv/ ; graphs: https://www.w3.org/TR/turtle/ and its kin
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from kg.core.errors import EndpointError, UsageError

if TYPE_CHECKING:
    import pyoxigraph as ox

    _Node: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_T = TypeVar("_T")

RESULT_FORMS = ("json", "xml", "csv", "tsv")
"""What a SELECT or an ASK can be written as."""

GRAPH_FORMS = ("ttl", "nt", "jsonld", "rdfxml")
"""What a CONSTRUCT or a DESCRIBE can be written as."""

_XML_NAME_AT_END = re.compile(r"[^\W\d][\w.-]*\Z")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class StoppedError(EndpointError):
    """A limit stopped a query: `limit` is time, memory, rows, size or crash."""

    def __init__(self, message: str, fix: str = "", limit: str = "crash") -> None:
        super().__init__(message, fix)
        self.limit = limit


def document(
    result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
    form: str,
    prefixes: Mapping[str, str],
    rows: int,
    size: int,
) -> bytes:
    """Return the result as a document in *form*, one of RESULT_FORMS or GRAPH_FORMS.

    Raises:
        StoppedError: it has more than *rows* rows or triples, or more than *size* bytes.
        UsageError: the form does not fit the result, or cannot hold one of its terms.
    """
    import pyoxigraph as ox

    if (form in GRAPH_FORMS) != isinstance(result, ox.QueryTriples):
        raise UsageError(f"the answer to this query cannot be written as {form}", "ask for another format")
    if isinstance(result, ox.QueryBoolean):
        return result.serialize(format=result_format(form)) or b""
    if isinstance(result, ox.QuerySolutions):
        return _table(result, form, rows, size)
    triples = dict.fromkeys(_counted(result, rows))
    written = triples_document(sorted(triples, key=str), form, prefixes)
    if len(written) > size:
        raise _too_large()
    return written


def triples_document(triples: Iterable[ox.Triple], form: str, prefixes: Mapping[str, str]) -> bytes:
    """Return triples as a document in one of GRAPH_FORMS, in their order; prefixes that nothing uses are left out.

    Raises:
        UsageError: RDF/XML has no way to write one of them.
    """
    import pyoxigraph as ox

    given = list(triples)
    if form == "rdfxml":
        for triple in given:
            refuse_not_xml(triple)
    formats = {
        "ttl": ox.RdfFormat.TURTLE,
        "nt": ox.RdfFormat.N_TRIPLES,
        "jsonld": ox.RdfFormat.JSON_LD,
        "rdfxml": ox.RdfFormat.RDF_XML,
    }
    out = BytesIO()
    text = " ".join(map(str, given))
    used = {prefix: namespace for prefix, namespace in sorted(prefixes.items()) if f"<{namespace}" in text}
    try:
        ox.serialize(given, out, formats[form], prefixes=used if form != "nt" else None)
    except (OSError, ValueError) as error:
        raise UsageError(f"the answer cannot be written as {form}: {error}", "ask for another format") from error
    written = out.getvalue()
    return written.replace(b"\r", b"&#13;") if form == "rdfxml" else written  # XML readers drop it otherwise


def refuse_not_xml(triple: ox.Triple) -> None:
    """Do nothing if RDF/XML can hold *triple*.

    Raises:
        UsageError: its predicate is no XML name, or its text has a control character.
    """
    if not _XML_NAME_AT_END.search(triple.predicate.value):
        raise UsageError(f"RDF/XML cannot write the property {triple.predicate}", "ask for another format, such as ttl")
    if any(_NOT_XML.search(text) for text in _texts(triple.object)):
        problem = f"RDF/XML cannot write a control character in a text of {triple.subject}"
        raise UsageError(problem, "ask for another format, such as ttl")


def result_format(form: str) -> ox.QueryResultsFormat:
    """Return the engine's name of one of RESULT_FORMS."""
    import pyoxigraph as ox

    found = ox.QueryResultsFormat.from_extension({"json": "srj", "xml": "srx"}.get(form, form))
    if found is None:
        raise ValueError(f"no format of results: {form}")
    return found


def _table(solutions: ox.QuerySolutions, form: str, rows: int, size: int) -> bytes:
    """Return rows as JSON, which the engine reads again to write the other formats."""
    import pyoxigraph as ox

    names = [variable.value for variable in solutions.variables]
    head = json.dumps({"vars": names}, ensure_ascii=False)
    lines: list[str] = []
    for row in _counted(solutions, rows):
        if form == "xml":
            _refuse_not_xml_text(row)
        binding = {name: _json_term(term) for name, term in zip(names, row, strict=True) if term is not None}
        lines.append(json.dumps(binding, ensure_ascii=False))
        size -= len(lines[-1].encode()) + 2
        if size < 0:
            raise _too_large()
    joined = ",\n".join(lines)
    text = f'{{"head": {head}, "results": {{"bindings": [\n{joined}\n]}}}}\n'.encode()
    if form == "json":
        return text
    parsed = ox.parse_query_results(text, format=ox.QueryResultsFormat.JSON)
    written = parsed.serialize(format=result_format(form)) or b""
    return written.replace(b"\r", b"&#13;") if form == "xml" else written


def _refuse_not_xml_text(row: Iterable[_Node | None]) -> None:
    if any(_NOT_XML.search(text) for term in row if term is not None for text in _texts(term)):
        raise UsageError("XML cannot hold a control character of the answer", "ask for another format, such as json")


def _texts(term: _Node) -> Iterator[str]:
    import pyoxigraph as ox

    if isinstance(term, ox.Triple):
        for part in (term.subject, term.predicate, term.object):
            yield from _texts(part)
    else:
        yield term.value


def _json_term(term: _Node) -> dict[str, object]:
    import pyoxigraph as ox

    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Literal):
        return _json_literal(term)
    parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
    return {"type": "triple", "value": {name: _json_term(part) for name, part in parts.items()}}


def _json_literal(term: ox.Literal) -> dict[str, object]:
    told: dict[str, object] = {"type": "literal", "value": term.value}
    if term.language:
        told["xml:lang"] = term.language
        direction = term.direction
        return {**told, "its:dir": str(direction)} if direction else told
    kind = term.datatype.value
    return told if kind == "http://www.w3.org/2001/XMLSchema#string" else {**told, "datatype": kind}


def _counted(items: Iterator[_T], most: int) -> Iterator[_T]:
    yield from islice(items, most)
    if next(items, None) is not None:
        raise StoppedError(
            f"the answer has more than {most} rows, and half of it would mislead",
            "end the query with LIMIT, and OFFSET for the next part, or ask for less",
            "rows",
        )


def _too_large() -> StoppedError:
    return StoppedError("the answer is too large to send", "end the query with LIMIT, or ask for fewer columns", "size")
