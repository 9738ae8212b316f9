"""A canned question -> an equivalent query that Virtuoso 7 answers correctly. Pure.

Virtuoso joins a path with `*` or `+` to only one of several rows with the same start, without an error, and ignores it
in a FILTER, OPTIONAL or MINUS. A block that contains only such a path, and at most the class of its start, becomes the
union of its paths of up to MOST_STEPS steps.

Virtuoso also ignores a FILTER NOT EXISTS, or a MINUS, beside many OPTIONALs, again without an error. A FILTER NOT
EXISTS with a single triple becomes an OPTIONAL whose value must be unbound. Any other query is returned unchanged.
https://www.w3.org/TR/sparql11-query/#propertypaths ; https://www.w3.org/TR/sparql11-query/#negation
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container

MOST_STEPS = 6
"""The maximum length of a path: longer than any hierarchy of classes or topics in practice."""

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
    """Return *query* with its paths expanded, and NOT EXISTS replaced by an OPTIONAL that must be unbound."""
    absent = Counter(match["value"] for match in _ABSENT.finditer(query))
    local = {value for value, count in absent.items() if len(re.findall(rf"{re.escape(value)}\b", query)) == count}
    return _BLOCK.sub(_steps, _ABSENT.sub(lambda match: _optional(match, local), query))


def _optional(absent: re.Match[str], local: Container[str]) -> str:
    """Return an OPTIONAL for a FILTER NOT EXISTS whose variable occurs nowhere else. Otherwise leave it unchanged."""
    value = absent["value"]
    return f"OPTIONAL {absent['block']} FILTER (!BOUND({value}))" if value in local else absent[0]


def _steps(block: re.Match[str]) -> str:
    """Return the block with its path as a union of paths of fixed length, with each pair of ends once."""
    graph, start, step, end = (block[name] for name in ("graph", "start", "step", "end"))
    kind = f"{start} {block['kind'].strip(' ;')} . " if block["kind"] else ""
    paths = [f"{{ {start} {'/'.join([step] * steps)} {end} }}" for steps in range(1, MOST_STEPS + 1)]
    if block["length"] == "*":
        same = f"BIND ({start} AS {end})" if end.startswith("?") else f"FILTER ({start} = {end})"
        paths.insert(0, f"{{ {start} a ?_type . {same} }}")
    ends = f"{start} {end}" if end.startswith("?") else start
    return f"{{ SELECT DISTINCT {ends} WHERE {{ GRAPH {graph} {{ {kind}{' UNION '.join(paths)} }} }} }}"
