"""Triples in canonical N-Triples terms -> those of the engine, for writing documents. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from kg.store.protocol import Triple


def parsed(triples: Iterable[Triple]) -> list[ox.Triple]:
    """Return the triples in their order.

    Raises:
        SyntaxError: one is not N-Triples; a bug of the caller.
    """
    text = "".join(f"{s} {p} {o} .\n" for s, p, o in triples)
    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]
