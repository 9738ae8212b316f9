"""An Accept header or a `format=` -> the one format to answer in. Pure.

https://www.rfc-editor.org/rfc/rfc9110#name-accept
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.questions.question import Query


@dataclass(frozen=True, slots=True)
class Format:
    """A format of answers.

    Attributes:
        name: as `format=` and a file's ending have it.
        media: its media type, without parameters.
        also: other names and media types that mean it.
    """

    name: str
    media: str
    also: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The value of Content-Type."""
        textual = self.media.startswith("text/") or self.media == "image/svg+xml"
        return f"{self.media}; charset=utf-8" if textual else self.media


RESULTS = (
    Format("json", "application/sparql-results+json", ("application/json", "text/json", "srj")),
    Format("xml", "application/sparql-results+xml", ("text/xml", "srx")),
    Format("csv", "text/csv"),
    Format("tsv", "text/tab-separated-values", ("text/tsv",)),
)
"""Of a SELECT or an ASK. `application/xml` is left out: browsers accept it before all else that a program gives."""

GRAPHS = (
    Format("ttl", "text/turtle", ("turtle", "application/x-turtle", "text/n3", "n3")),
    Format("jsonld", "application/ld+json", ("json-ld", "application/json", "json")),
    Format("nt", "application/n-triples", ("ntriples", "n-triples", "text/plain")),
    Format("rdfxml", "application/rdf+xml", ("rdf", "xml", "rdf+xml", "rdf-xml", "text/xml")),
)
"""Of a CONSTRUCT, a DESCRIBE, or a document about a thing."""

JSON = Format("json", "application/json")
TURTLE = Format("ttl", "text/turtle")
PICTURE = Format("svg", "image/svg+xml")
TABLES = (
    JSON,
    Format("csv", "text/csv"),
    Format("tsv", "text/tab-separated-values"),
    Format("md", "text/markdown"),
    Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
)
"""Of the answer to a canned question."""

PLAIN = Format("txt", "text/plain")
HTML = Format("html", "text/html", ("application/xhtml+xml",))


def formats_of(query: Query) -> tuple[Format, ...]:
    """Return the formats that the answer to a canned question can have."""
    graph = (TURTLE,) if query.form in ("CONSTRUCT", "DESCRIBE") else ()
    return (*TABLES, *graph, *((PICTURE,) if query.chart else ()))


def named(name: str, offered: Iterable[Format]) -> Format | None:
    """Return the format that `format=` asks for: by name, ending or media type; None if there is none.

    >>> named("Turtle", GRAPHS).name
    'ttl'
    """
    wanted = name.strip().lower().partition(";")[0].replace(" ", "+")  # a bare + in an address means a space
    return next((f for f in offered if wanted in (f.name, f.media, *f.also)), None)


def accepted(header: str, offered: Sequence[Format]) -> Format | None:
    """Return the format that the client likes best, of several the first one offered; None if it takes none.

    >>> accepted("text/html;q=0.5, application/rdf+xml;q=0.8, */*;q=0.1", GRAPHS).name
    'rdfxml'
    """
    ranges = _ranges(header)
    if not ranges:
        return offered[0]
    weights = [
        max(_weight(f.media, ranges), *(weight for media, weight in ranges if media in f.also), 0.0) for f in offered
    ]
    best = max(weights)
    return offered[weights.index(best)] if best > 0 else None


def _ranges(header: str) -> list[tuple[str, float]]:
    """Return the media ranges with their weights; what cannot be read is left out."""
    found = []
    for part in header.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:].strip() for p in parameters if p.startswith("q=")), "1")
        if "/" in media:
            found.append((media, _quality(quality)))
    return found


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _weight(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the weight of the most specific range that takes *media*."""
    kind = media.partition("/")[0]
    for pattern in (media, f"{kind}/*", "*/*"):
        weights = [weight for accepted, weight in ranges if accepted == pattern]
        if weights:
            return max(weights)
    return 0.0
