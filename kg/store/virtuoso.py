"""A canned question's text -> the same question as Virtuoso 7 answers it rightly. Pure.

A path with `*` or `+` that meets several rows with one and the same start gives its answers to one of them only,
without an error, and is left out of a FILTER, OPTIONAL or MINUS. A block with nothing but such a path, and at most the
class of its start, becomes the union of its paths of up to MOST_STEPS steps. A query without such a block comes back as
it is.
https://www.w3.org/TR/sparql11-query/#propertypaths
"""

from __future__ import annotations

import re

MOST_STEPS = 6
"""How many steps a path may have: more than any ladder of classes or topics that people draw."""

_NAME = r"[\w-]*:[\w-]+"
_BLOCK = re.compile(
    rf"GRAPH\s+(?P<graph><[^<>\s]+>|\?\w+|{_NAME})\s*\{{\s*(?P<start>\?\w+)\s+(?P<kind>a\s+{_NAME}\s*;\s*)?"
    rf"(?P<step>{_NAME}|<[^<>\s]+>)(?P<length>[*+])\s+(?P<end>\?\w+|{_NAME}|<[^<>\s]+>)\s*\.?\s*\}}"
)


def virtuoso_text(query: str) -> str:
    """Return *query* with paths written out."""
    return _BLOCK.sub(_steps, query)


def _steps(block: re.Match[str]) -> str:
    """Return the block with its path as a union of paths of fixed length, each pair of ends once."""
    graph, start, step, end = (block[name] for name in ("graph", "start", "step", "end"))
    kind = f"{start} {block['kind'].strip(' ;')} . " if block["kind"] else ""
    paths = [f"{{ {start} {'/'.join([step] * steps)} {end} }}" for steps in range(1, MOST_STEPS + 1)]
    if block["length"] == "*":
        same = f"BIND ({start} AS {end})" if end.startswith("?") else f"FILTER ({start} = {end})"
        paths.insert(0, f"{{ {start} a ?_type . {same} }}")
    ends = f"{start} {end}" if end.startswith("?") else start
    return f"{{ SELECT DISTINCT {ends} WHERE {{ GRAPH {graph} {{ {kind}{' UNION '.join(paths)} }} }} }}"
