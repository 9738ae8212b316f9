"""N-Quads lines <-> quads and graphs. No I/O.

Supports only the canonical form that we write: one space between terms, an IRI as graph, ` .` at the end, no line end.
https://www.w3.org/TR/rdf12-n-quads/#canonical-quads
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from heapq import merge
from itertools import groupby
from operator import itemgetter

from kg.core.model import Quad, Term
from kg.core.terms import TYPE


def line_quad(line: str) -> Quad:
    """Return the quad of a canonical line.

    >>> line_quad('<a:s> <a:p> "two words"@en <a:g> .').object
    '"two words"@en'

    Raises:
        ValueError: fewer than four terms.
    """
    subject, predicate, rest = line.split(" ", 2)
    value, graph, _ = rest.rsplit(" ", 2)
    return Quad(subject, predicate, value, graph)


def line_graph(line: str) -> Term:
    """Return the graph of a canonical line."""
    return line[line.rindex(" ", 0, -2) + 1 : -2]


def graph_lines(quads: Iterable[Quad]) -> dict[Term, list[str]]:
    """Return graph -> its lines, sorted and without duplicates, as `publish` expects them."""
    lines: dict[Term, set[str]] = {}
    for quad in quads:
        lines.setdefault(quad.graph, set()).add(str(quad))
    return {graph: sorted(lines[graph]) for graph in sorted(lines)}


def changes(old: Iterable[str], new: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield the lines that only one of two sorted graphs has, in order, and whether that is the new one.

    >>> list(changes(["a", "b"], ["b", "c"]))
    [('a', False), ('c', True)]
    """
    marked = merge(((line, False) for line in old), ((line, True) for line in new))
    for line, group in groupby(marked, key=itemgetter(0)):
        sides = [is_new for _, is_new in group]
        if len(sides) == 1:
            yield line, sides[0]


def instances(lines: Iterable[str]) -> Counter[Term]:
    """Return class -> the number of its asserted instances."""
    marker = f" {TYPE} "
    typed = (line.partition(marker)[2] for line in lines if marker in line)
    return Counter(rest.partition(" ")[0] for rest in typed)


def lines_digest(lines: Iterable[str]) -> str:
    """Return the SHA-256, in hexadecimal, of a file with these lines in this order."""
    digest = sha256()
    for line in lines:
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()


def triples_digest(text: bytes, graph: Term) -> str:
    """Return the same of the lines of a graph, given as N-Triples in any order.

    >>> triples_digest(b"<a:s> <a:p> <a:o> .\\n", "<a:g>") == lines_digest(["<a:s> <a:p> <a:o> <a:g> ."])
    True
    """
    end = f" {graph} .\n".encode()
    return sha256(b"".join(sorted(triple + end for triple in text.split(b" .\n")[:-1]))).hexdigest()
