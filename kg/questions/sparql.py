"""SPARQL text -> what its tokens tell: form, columns, prefixes, subselects, comments. No I/O, no engine.

Whether the text is a query is for an engine to say.
https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from kg.store.guard import Token, tokens

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_END = Token("other", "", 0)
_DATA_KINDS = frozenset({"iri", "name", "string", "tag"})
_DATA_WORDS = frozenset({"UNDEF", "TRUE", "FALSE"})
_NUMBER_MARKS = frozenset("0123456789.+-^")
_COMMENT = re.compile(r"#[^\r\n]*")


def keyword(token: Token) -> str:
    """Return the token as a keyword in capitals, "" when it is none."""
    return token.text.upper() if token.kind == "word" else ""


def query_form(pieces: Sequence[Token]) -> str:
    """Return SELECT, ASK, CONSTRUCT or DESCRIBE; "" when there is none of them."""
    return next((keyword(piece) for piece in pieces if keyword(piece) in FORMS), "")


def columns(pieces: Sequence[Token]) -> tuple[str, ...]:
    """Return the projected variables of a SELECT in order; none for `SELECT *` and for other forms.

    >>> columns(tuple(tokens("SELECT ?a (COUNT(?b) AS ?n) WHERE { ?a ?p ?b }")))
    ('a', 'n')
    """
    found, depth, begun = [], 0, False
    for before, piece in pairwise([_END, *pieces]):
        if begun and (piece.text == "{" or keyword(piece) in ("WHERE", "FROM")):
            break
        begun = begun or keyword(piece) == "SELECT"
        depth += {"(": 1, ")": -1}.get(piece.text, 0)
        if begun and piece.kind == "variable" and (depth == 0 or (depth == 1 and keyword(before) == "AS")):
            found.append(piece.text[1:])
    return tuple(found)


def subselects(pieces: Sequence[Token]) -> tuple[tuple[int, int], ...]:
    """Return the stretches, from brace to brace, that hold a subselect."""
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


def comments(text: str, pieces: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """Yield (offset, text) of each comment; a `#` in an IRI or a string begins none."""
    end = 0
    for piece in [*pieces, Token("other", "", len(text))]:
        for match in _COMMENT.finditer(text, end, piece.start):
            yield match.start(), match[0]
        end = piece.start + len(piece.text)


def is_data(text: str) -> bool:
    """Tell whether *text* could stand between the braces of a VALUES block: terms and UNDEF, nothing else."""
    return all(
        piece.kind in _DATA_KINDS or keyword(piece) in _DATA_WORDS or piece.text in _NUMBER_MARKS
        for piece in tokens(text)
    )


def declared_prefixes(pieces: Sequence[Token]) -> Mapping[str, str]:
    """Return prefix -> namespace, as the query declares them."""
    return {
        name.prefix: iri.text[1:-1]
        for word, name, iri in zip(pieces, pieces[1:], pieces[2:], strict=False)
        if keyword(word) == "PREFIX" and name.kind == "name" and iri.kind == "iri"
    }


def with_prefixes(text: str, prefixes: Mapping[str, str]) -> str:
    """Return *text* with a declaration, on its first line, of each known prefix that it lacks.

    The line numbers of an engine's message stay right.
    """
    pieces = tuple(tokens(text))
    used = {piece.prefix for piece in pieces if piece.kind == "name"}
    missing = sorted(used - declared_prefixes(pieces).keys())
    return "".join(f"PREFIX {prefix}: <{prefixes[prefix]}> " for prefix in missing if prefix in prefixes) + text
