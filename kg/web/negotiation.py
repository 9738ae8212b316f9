"""An Accept header or a `format=` -> the one format to answer in. Pure.

https://www.rfc-editor.org/rfc/rfc9110#name-accept
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from kg.render.format_types import Format, Holds, Offered

F = TypeVar("F", bound=Format)

PLAIN = Format("txt", "plain text", "text/plain", Holds.ROWS, Offered(0))
"""The format of errors."""


def named(name: str, offered: Iterable[F]) -> F | None:
    """Return the format that `format=` names by name, extension or media type, None if there is none.

    >>> from kg.render.formats import GRAPHS
    >>> named("Turtle", GRAPHS).name
    'ttl'
    """
    key = name.strip().lower().partition(";")[0].replace(" ", "+")  # a bare + in an address means a space
    return next((f for f in offered if key in (f.name, f.media, *f.also)), None)


def accepted(header: str, offered: Sequence[F]) -> F | None:
    """Return the format that the client prefers, of several the first one offered, None if it accepts none.

    >>> from kg.render.formats import GRAPHS
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
    """Return the media ranges with their weights, without malformed ones."""
    ranges = []
    for part in header.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:].strip() for p in parameters if p.startswith("q=")), "1")
        if "/" in media:
            ranges.append((media, _quality(quality)))
    return ranges


def _quality(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _weight(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the weight of the most specific range that includes *media*."""
    kind = media.partition("/")[0]
    for pattern in (media, f"{kind}/*", "*/*"):
        weights = [weight for accepted, weight in ranges if accepted == pattern]
        if weights:
            return max(weights)
    return 0.0
