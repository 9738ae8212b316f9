"""SPARQL text -> what its tokens show: form, columns, prefixes, subselects, comments. No I/O, no engine.

Only an engine can decide whether the text is a valid query.
https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kg.planning.guard import QueryToken, tokens

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_END = QueryToken("other", "", 0)
_DATA_KINDS = frozenset({"iri", "name", "string", "tag"})
_DATA_WORDS = frozenset({"UNDEF", "TRUE", "FALSE"})
_NUMBER_MARKS = frozenset("0123456789.+-^")
_COMMENT = re.compile(r"#[^\r\n]*")


def keyword(token: QueryToken) -> str:
    """Return the token as a keyword in capitals, "" if it is not one."""
    return token.text.upper() if token.kind == "word" else ""


def query_form(pieces: Sequence[QueryToken]) -> str:
    """Return SELECT, ASK, CONSTRUCT or DESCRIBE, "" if there is none."""
    return next((keyword(piece) for piece in pieces if keyword(piece) in FORMS), "")


def columns(pieces: Sequence[QueryToken]) -> tuple[str, ...]:
    """Return the projected variables of a SELECT in order, empty for `SELECT *` and other forms.

    >>> columns(tuple(tokens("SELECT ?a (COUNT(?b) AS ?n) WHERE { ?a ?p ?b }")))
    ('a', 'n')
    """
    return tuple(piece.text[1:] for piece in projected(pieces))


def projected(pieces: Sequence[QueryToken]) -> tuple[QueryToken, ...]:
    """Return the tokens of the projected variables, as `columns`."""
    variables, depth, begun = [], 0, False
    for before, piece in pairwise([_END, *pieces]):
        if begun and depth == 0 and (piece.text == "{" or keyword(piece) in ("WHERE", "FROM")):
            break
        begun = begun or keyword(piece) == "SELECT"
        depth += {"(": 1, ")": -1}.get(piece.text, 0)
        if begun and piece.kind == "variable" and (depth == 0 or (depth == 1 and keyword(before) == "AS")):
            variables.append(piece)
    return tuple(variables)


def where_group(pieces: Sequence[QueryToken]) -> tuple[int, int] | None:
    """Return the offset after the opening brace of a query's outermost group, and that of its closing brace.

    None if there is none, if its brackets do not match, or if it is also the template of a CONSTRUCT.

    >>> where_group(tuple(tokens("CONSTRUCT { ?a ?b ?c } WHERE { ?c ?b ?a }")))
    (30, 40)
    """
    depth, begun, start = 0, False, -1
    is_short_construct = ("CONSTRUCT", "WHERE") in pairwise(map(keyword, pieces))
    for before, piece in pairwise([_END, *pieces] if not is_short_construct else []):
        begun = begun or keyword(piece) in FORMS
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(piece.text, 0)
        if start < 0 and begun and depth == 1 and piece.text == "{" and keyword(before) != "CONSTRUCT":
            start = piece.start + 1
        elif start >= 0 and depth == 0:
            return start, piece.start
    return None


@dataclass(frozen=True, slots=True)
class Bound:
    """The variables that a query's patterns bind, as far as its tokens show.

    Attributes:
        all: bound by a pattern outside EXISTS and MINUS, or by an expression; too many rather than too few.
        always: bound in the block of a graph that every row matches.
    """

    all: frozenset[str]
    always: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Frame:
    """An open bracket.

    Attributes:
        binds: whether it binds a variable inside it.
        scope: whether variables bound in it are bound in the query.
        always: whether every row matches it.
        graph: whether it is, or is inside, the block of a graph.
        subselect: whether it contains a subselect that names its columns.
    """

    binds: bool
    scope: bool
    always: bool = False
    graph: bool = False
    subselect: bool = False

    def binds_after(self, before: str) -> bool:
        """Tell whether a variable in it that follows the keyword *before* is bound."""
        return self.binds or (self.scope and before in ("AS", "VALUES"))

    def always_after(self, before: str) -> bool:
        """Tell whether such a variable is bound by a graph in each row."""
        return self.always and before != "VALUES" and (self.graph or before == "GRAPH")


def bound_variables(pieces: Sequence[QueryToken]) -> Bound:
    """Return the variables of a query that are bound outside its subselects.

    >>> text = "SELECT ?a { GRAPH ?g { ?a ?p ?b } OPTIONAL { ?a ?q ?c } FILTER (?d > 1 || EXISTS { ?a ?r ?e }) }"
    >>> sorted(bound_variables(tuple(tokens(text))).all), sorted(bound_variables(tuple(tokens(text))).always)
    (['a', 'b', 'c', 'g', 'p', 'q'], ['a', 'b', 'g', 'p'])
    """
    variables = [
        (piece.text[1:], before, frame) for piece, before, frame in _framed(pieces) if piece.kind == "variable"
    ]
    bound = [(name, before, frame) for name, before, frame in variables if frame.binds_after(before)]
    return Bound(
        frozenset(name for name, _, _ in bound),
        frozenset(name for name, before, frame in bound if frame.always_after(before)),
    )


def _framed(pieces: Sequence[QueryToken]) -> Iterator[tuple[QueryToken, str, _Frame]]:
    """Yield each token, the keyword before it, or "", and the bracket that it stands in."""
    frames = [_Frame(binds=False, scope=True)]
    for k, piece in enumerate(pieces):
        yield piece, keyword(pieces[k - 1]) if k else "", frames[-1]
        if piece.kind == "other" and piece.text in "{(":
            frames.append(_opened(pieces, k, frames))
        elif piece.kind == "other" and piece.text in "})" and len(frames) > 1:
            frames.pop()


def _opened(pieces: Sequence[QueryToken], k: int, frames: Sequence[_Frame]) -> _Frame:
    """Return the frame that the bracket at *k* opens."""
    top, before = frames[-1], keyword(pieces[k - 1]) if k else ""
    if pieces[k].text == "(":
        values = before == "VALUES" and top.scope
        return _Frame(binds=values or (top.binds and not before), scope=top.scope)
    scope = top.scope and not top.subselect and before not in ("EXISTS", "MINUS")
    in_graph = k > 1 and keyword(pieces[k - 2]) == "GRAPH"
    return _Frame(
        binds=scope,
        scope=scope,
        always=len(frames) == 1 or (top.always and in_graph),
        graph=len(frames) > 1 and (top.graph or in_graph),
        subselect=_names_columns(pieces, k + 1),
    )


def _names_columns(pieces: Sequence[QueryToken], k: int) -> bool:
    """Return whether a subselect that names its columns begins at *k*."""
    if k >= len(pieces) or keyword(pieces[k]) != "SELECT":
        return False
    following = pieces[k + 1 : k + 3]
    return not any(piece.text == "*" for piece in following)


def subselects(pieces: Sequence[QueryToken]) -> tuple[tuple[int, int], ...]:
    """Return the spans of subselects, from brace to brace."""
    spans: list[tuple[int, int]] = []
    open_braces: list[tuple[int, bool]] = []
    for piece, following in pairwise([*pieces, _END]):
        if piece.text == "{":
            open_braces.append((piece.start, keyword(following) == "SELECT"))
        elif piece.text == "}" and open_braces:
            start, selects = open_braces.pop()
            if selects:
                spans.append((start, piece.start))
    return tuple(spans)


def comments(text: str, pieces: Sequence[QueryToken]) -> Iterator[tuple[int, str]]:
    """Yield (offset, text) of each comment. A `#` in an IRI or a string does not begin one."""
    end = 0
    for piece in [*pieces, QueryToken("other", "", len(text))]:
        for match in _COMMENT.finditer(text, end, piece.start):
            yield match.start(), match[0]
        end = piece.start + len(piece.text)


def is_data(text: str) -> bool:
    """Return whether *text* could be the content of a VALUES block: only terms and UNDEF."""
    return all(
        piece.kind in _DATA_KINDS or keyword(piece) in _DATA_WORDS or piece.text in _NUMBER_MARKS
        for piece in tokens(text)
    )


def declared_prefixes(pieces: Sequence[QueryToken]) -> Mapping[str, str]:
    """Return prefix -> namespace, as the query declares them."""
    return {
        name.prefix: iri.text[1:-1]
        for word, name, iri in zip(pieces, pieces[1:], pieces[2:], strict=False)
        if keyword(word) == "PREFIX" and name.kind == "name" and iri.kind == "iri"
    }


def with_prefixes(text: str, prefixes: Mapping[str, str]) -> str:
    """Return *text* with declarations of the known prefixes that it lacks, on its first line.

    The line numbers in an engine's messages remain correct.
    """
    return "".join(f"{line} " for line in missing_prefixes(tuple(tokens(text)), prefixes)) + text


def missing_prefixes(pieces: Sequence[QueryToken], prefixes: Mapping[str, str]) -> list[str]:
    """Return a declaration of each known prefix that a query uses but does not declare, sorted."""
    used = {piece.prefix for piece in pieces if piece.kind == "name"}
    missing = sorted((used - declared_prefixes(pieces).keys()) & prefixes.keys())
    return [f"PREFIX {prefix}: <{prefixes[prefix]}>" for prefix in missing]
