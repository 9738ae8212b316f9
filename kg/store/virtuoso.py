"""A canned question's text -> the same question as Virtuoso 7 answers it rightly. Pure.

Virtuoso gives wrong rows without an error for two things that SPARQL 1.1 allows, so both are written out for it:

- A property path in a graph that a variable names is looked for in all graphs, and its first step of no length is
  left out. The graph of each `VALUES ?name { <iri> }  #+ graph …` line is put in the place of its variable.
- A path with `*` or `+` that meets several rows with one and the same start gives its answers to one of them only, and
  is left out of a FILTER, OPTIONAL or MINUS. A block with nothing but such a path, and at most the class of its start,
  becomes the union of its paths of up to MOST_STEPS steps.

Only these two forms are touched; a query without them comes back as it is.
https://www.w3.org/TR/sparql11-query/#propertypaths
"""

from __future__ import annotations

import re

from kg.store.guard import Token, tokens

MOST_STEPS = 6
"""How many steps a path may have: more than any ladder of classes or topics that people draw."""

_SLOT = re.compile(r"VALUES[ \t]+(\?\w+)[ \t]*\{[ \t]*(<[^<>\s]+>)[ \t]*\}[ \t]*#\+[ \t]*graph[ \t]+\w+")
_NAME = r"[\w-]*:[\w-]+"
_BLOCK = re.compile(
    rf"GRAPH\s+(?P<graph><[^<>\s]+>)\s*\{{\s*(?P<start>\?\w+)\s+(?P<kind>a\s+{_NAME}\s*;\s*)?"
    rf"(?P<step>{_NAME}|<[^<>\s]+>)(?P<length>[*+])\s+(?P<end>\?\w+|{_NAME}|<[^<>\s]+>)\s*\.?\s*\}}"
)


def virtuoso_text(query: str) -> str:
    """Return *query* with graphs and paths written out.

    >>> print(virtuoso_text('''SELECT ?kind WHERE {
    ... VALUES ?here { <https://example.org/g> }  #+ graph here
    ... GRAPH ?here { ?kind a ?sort } }'''))
    SELECT ?kind WHERE {
    <BLANKLINE>
    GRAPH <https://example.org/g> { ?kind a ?sort } }
    """
    return _BLOCK.sub(_steps, _named_graphs(query))


def _named_graphs(query: str) -> str:
    """Return *query* with the IRI of each marked graph in the place of its variable, and without the marked lines."""
    graphs = {slot[1]: slot[2] for slot in _SLOT.finditer(query)}
    if not graphs:
        return query
    text = _SLOT.sub("", query)
    pieces, done = [], 0
    for token in tokens(text):
        if _is_one_of(token, graphs):
            pieces += [text[done : token.start], graphs[token.text]]
            done = token.start + len(token.text)
    return "".join((*pieces, text[done:]))


def _is_one_of(token: Token, graphs: dict[str, str]) -> bool:
    return token.kind == "variable" and token.text in graphs


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
