"""The query of a SPARQL constraint -> the statements that a node must have for the query to have a row. No I/O.

Most nodes lack one of them, so that the query need not run: a fact without cq:partOf is not part of itself. Only what
every row needs counts: patterns with $this as their subject directly in the outermost group. In doubt, nothing is
required. https://www.w3.org/TR/sparql11-query/#rTriplesSameSubjectPath
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from kg.core.model import Term
from kg.core.terms import TYPE
from kg.planning.guard import QueryToken, tokens
from kg.questions.sparql import declared_prefixes, where_group
from kg.validation.data import Data

_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\\]*>")
_ESCAPE = re.compile(r"\\[uU]")
"""Begins a character that is written by its number, which may be part of a name."""

_END = QueryToken("other", "", 0)


class Requirement(NamedTuple):
    """A statement that a node must have: with one of the *predicates* and, unless it is "", with this *value*."""

    predicates: tuple[Term, ...]
    value: Term = ""

    def subjects(self, data: Data) -> set[Term]:
        """Return the nodes in *data* that have such a statement."""
        return {subject for subject, _, value in data.having(*self.predicates) if self.value in ("", value)}


def required(text: str) -> tuple[Requirement, ...]:
    """Return the statements that a focus node must have for a query without aggregates to have a row for it.

    >>> required("PREFIX a: <a:> SELECT $this { $this a:of/a:in ?it ; ^a:on ?day . OPTIONAL { $this a:at ?day } }")
    (Requirement(predicates=('<a:of>',), value=''),)
    """
    pieces = tuple(tokens(text))
    group = where_group(pieces)
    if group is None or _ESCAPE.search(text):
        return ()
    inside = [piece for piece in pieces if group[0] <= piece.start < group[1]]
    reader = _PathReader([*inside, _END, _END, _END], declared_prefixes(pieces))
    return tuple(dict.fromkeys(each for start in _outermost(inside) for each in reader.requirements(start)))


def _outermost(pieces: Sequence[QueryToken]) -> Iterator[int]:
    """Yield the numbers of the tokens after each $this that is in no bracket."""
    depth = 0
    for number, piece in enumerate(pieces):
        depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(piece.text, 0)
        if piece.kind == "variable" and piece.text[1:] == "this" and depth == 0:
            yield number + 1


class _NotRequiredError(Exception):
    """What follows requires no statement, or none that can be named."""


class _PathReader:
    """Reads property paths, token by token."""

    def __init__(self, pieces: Sequence[QueryToken], prefixes: Mapping[str, str]) -> None:
        self._pieces, self._prefixes, self._at = pieces, prefixes, 0

    def requirements(self, start: int) -> Iterator[Requirement]:
        """Yield what the predicates and objects from *start* on require of their subject, as far as they are simple."""
        self._at = start
        try:
            while True:
                predicates = self._alternatives()
                is_one_step = self._at == start + 1
                value = self._iri(self._next) if is_one_step and self._next.kind in ("iri", "name") else ""
                yield Requirement(tuple(sorted(predicates)), value)
                self._at += 1
                if not self._takes(";"):
                    return
                start = self._at
        except _NotRequiredError:
            return

    @property
    def _next(self) -> QueryToken:
        return self._pieces[self._at]

    def _takes(self, text: str) -> bool:
        """Step over the next token if it is *text*."""
        taken = self._next.text == text and self._next.kind == "other"
        self._at += taken
        return taken

    def _alternatives(self) -> set[Term]:
        """Return the predicates of which a path needs one at its start."""
        predicates = self._sequence()
        while self._takes("|"):
            predicates |= self._sequence()
        return predicates

    def _sequence(self) -> set[Term]:
        predicates = self._step()
        while self._takes("/"):
            self._takes("^")
            self._step()
        return predicates

    def _step(self) -> set[Term]:
        if self._takes("("):
            predicates = self._alternatives()
            if not self._takes(")"):
                raise _NotRequiredError
        else:
            predicates = {self._iri(self._next)}
            self._at += 1
        self._takes("+")
        if self._next.text in ("*", "?"):  # the path may have no step
            raise _NotRequiredError
        return predicates

    def _iri(self, piece: QueryToken) -> Term:
        """Return the IRI that a token names."""
        if piece.text == "a":
            return TYPE
        name = piece.text
        if piece.kind == "name":
            name = f"<{self._prefixes.get(piece.prefix, '')}{name.removeprefix(f'{piece.prefix}:')}>"
        if not _ABSOLUTE.fullmatch(name):
            raise _NotRequiredError
        return name
