"""A canned question's text -> the same question as Virtuoso 7 answers it rightly. Pure.

A path with `*` or `+` that meets several rows with one and the same start gives its answers to one of them only,
without an error, and is left out of a FILTER, OPTIONAL or MINUS. A block with nothing but such a path, and at most the
class of its start, becomes the union of its paths of up to MOST_STEPS steps.

A FILTER NOT EXISTS, or a MINUS, beside many OPTIONALs is forgotten, also without an error: one of a single triple
becomes an OPTIONAL whose value must be missing. A query without any of this comes back as it is.
https://www.w3.org/TR/sparql11-query/#propertypaths ; https://www.w3.org/TR/sparql11-query/#negation
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container

MOST_STEPS = 6
"""How many steps a path may have: more than any ladder of classes or topics that people draw."""

_NAME = r"[\w-]*:[\w-]+"
_TERM = rf"(?:{_NAME}|<[^<>\s]+>)"
_BLOCK = re.compile(
    rf"GRAPH\s+(?P<graph>\?\w+|{_TERM})\s*\{{\s*(?P<start>\?\w+)\s+(?P<kind>a\s+{_NAME}\s*;\s*)?"
    rf"(?P<step>{_TERM})(?P<length>[*+])\s+(?P<end>\?\w+|{_TERM})\s*\.?\s*\}}"
)
_ABSENT = re.compile(
    rf"FILTER\s+NOT\s+EXISTS\s*(?P<block>\{{\s*GRAPH\s+(?:\?\w+|{_TERM})\s*\{{"
    rf"\s*\?\w+\s+{_TERM}\s+(?P<value>\?\w+)\s*\.?\s*\}}\s*\}})"
)


def virtuoso_text(query: str) -> str:
    """Return *query* with paths written out, and what must be absent looked for."""
    absent = Counter(found["value"] for found in _ABSENT.finditer(query))
    of_its_own = {value for value, count in absent.items() if len(re.findall(rf"{re.escape(value)}\b", query)) == count}
    return _BLOCK.sub(_steps, _ABSENT.sub(lambda found: _looked_for(found, of_its_own), query))


def _looked_for(absent: re.Match[str], of_its_own: Container[str]) -> str:
    """Return an OPTIONAL for a FILTER NOT EXISTS whose value stands nowhere else in the query; else what it was."""
    value = absent["value"]
    return f"OPTIONAL {absent['block']} FILTER (!BOUND({value}))" if value in of_its_own else absent[0]


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
