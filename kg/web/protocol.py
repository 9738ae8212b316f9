"""A request -> its query operation. Pure.

https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qsl

from kg.web.errors import HttpError

QUERY_TYPE = "application/sparql-query"
FORM_TYPE = "application/x-www-form-urlencoded"
BYTE_ORDER_MARK = "\ufeff"
MOST_GRAPHS = 100
MOST_FIELDS = 1000
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^<>\"{}|^`\\\x00-\x20]*")

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One query as a client sends it.

    Attributes:
        query: its text.
        default_graphs: IRIs whose union is the default graph, None if the query itself decides.
        named_graphs: IRIs of the graphs that GRAPH matches, None if the query decides. Both are None or neither is.
        format: the value of `format=`, "" if Accept decides.
    """

    query: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    format: str = ""


def get_operation(fields: Fields) -> Operation:
    """Return the operation of a GET with these fields in its address.

    Raises:
        HttpError: 400: there is not exactly one query, there is an update, or a graph is not an IRI.
    """
    return _operation(fields, _queries(fields))


def post_operation(content_type: str, address: Fields, body: bytes) -> Operation:
    """Return the operation of a POST: a form, or the query itself as the body.

    Raises:
        HttpError: 415: another type; 400: as `get_operation`, or the body is not UTF-8.
    """
    media, charset = _media_type(content_type)
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise _unsupported(f"the body is in {charset}", "send UTF-8")
    if media == QUERY_TYPE:
        return _operation(address, [*_queries(address), _text(body).removeprefix(BYTE_ORDER_MARK)])
    if media == FORM_TYPE:
        fields = [*address, *form_fields(body)]
        return _operation(fields, _queries(fields))
    what = f"a body of type '{media}' is not supported" if media else "the body has no Content-Type"
    raise _unsupported(what, f"send {QUERY_TYPE} or {FORM_TYPE}; updates are not supported")


def form_fields(body: bytes) -> list[tuple[str, str]]:
    """Return the fields of an HTML form in order.

    Raises:
        HttpError: 400: it is not UTF-8, or has too many fields.
    """
    try:
        return parse_qsl(_text(body), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise HttpError(400, f"the form cannot be read: {error}", "encode it as UTF-8, percent-encoded") from error


def _operation(fields: Fields, queries: Sequence[str]) -> Operation:
    if any(name == "update" for name, _ in fields):
        raise HttpError(400, "updates are not supported: this endpoint is read-only", "change the data and rebuild")
    unknown = sorted({name for name, _ in fields if name.startswith("using-")})
    if unknown:
        raise HttpError(400, f"'{unknown[0]}' belongs to an update", "use default-graph-uri and named-graph-uri")
    if len(queries) != 1 or not queries[0].strip():
        what = "there is no query" if len(queries) < 2 else f"there are {len(queries)} queries"
        raise HttpError(400, what, "send one query in the field 'query'")
    default, named = (_graphs(fields, name) for name in ("default-graph-uri", "named-graph-uri"))
    given = bool(default or named)
    form = next((text for name, text in fields if name in ("format", "output")), "")
    return Operation(queries[0], default if given else None, named if given else None, form)


def _queries(fields: Fields) -> list[str]:
    return [text for name, text in fields if name == "query"]


def _graphs(fields: Fields, name: str) -> tuple[str, ...]:
    graphs = tuple(dict.fromkeys(text for each, text in fields if each == name))
    if len(graphs) > MOST_GRAPHS:
        raise HttpError(400, f"{name} is given {len(graphs)} times, the most is {MOST_GRAPHS}", "use FROM in the query")
    wrong = next((graph for graph in graphs if not _IRI.fullmatch(graph)), None)
    if wrong is not None:
        fix = "write, for example, https://example.org/graph"
        raise HttpError(400, f"{name} is not an absolute IRI: {wrong[:200]!r}", fix)
    return graphs


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise HttpError(400, "the body is not UTF-8 text", "encode it as UTF-8") from error


def _media_type(header: str) -> tuple[str, str]:
    """Return the media type and the charset of a Content-Type header, in lower case."""
    message = Message()
    message["content-type"] = header.replace("\r", " ").replace("\n", " ") or ";"
    charset = message.get_param("charset", "")
    return header.partition(";")[0].strip().lower(), str(charset).lower()


def _unsupported(message: str, fix: str) -> HttpError:
    return HttpError(415, message, fix, {"accept-post": f"{QUERY_TYPE}, {FORM_TYPE}"})


def only(fields: Iterable[tuple[str, str]], name: str) -> str:
    """Return the last value of a field, "" if it is missing."""
    return next((text for each, text in reversed(list(fields)) if each == name), "")
