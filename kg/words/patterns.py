"""Patterns over tokens -> the values of their fields. No I/O.

Patterns are written in the tables of a language: `[{weekday}[,]] {month} {day}[, {year}]`. `{kind}` matches a token
with a meaning of that kind, `[…]` is optional, `<a|b>` is a choice, everything else matches literally, and spaces are
ignored. `{name}` of another group of patterns matches any of them. Its fields are nested under that name, or merged
with the others if the name begins with `_`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from kg.words.tokens import Token, WordTable

Fields: TypeAlias = Mapping[str, object]
"""Kind -> value. The fields of a group of patterns are nested under its name."""

Match: TypeAlias = tuple[int, Fields]
"""The index of the token after the match, and its fields."""

_PIECE = re.compile(
    r"\{(?P<field>\w+)\}|(?P<open>[\[<])|(?P<close>[\]>])|(?P<or>\|)|\\(?P<escaped>.)|(?P<text>[^{}\[\]<>|\\]+)"
    r"|(?P<stray>.)"
)
_NONE: Fields = {}


@dataclass(frozen=True, slots=True)
class Field:
    """Matches one token of a kind, or one of a group of patterns."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several sequences, one of them empty if it is optional."""

    branches: tuple[tuple[Part, ...], ...]


Part: TypeAlias = str | Field | Choice


@dataclass(frozen=True, slots=True)
class _Starts:
    """The words, and the kinds of words, that a sequence may begin with."""

    texts: frozenset[str]
    kinds: frozenset[str]


@dataclass(frozen=True)
class Grammar:
    """Groups of patterns, by name. A field named after a group matches any of its patterns."""

    groups: Mapping[str, Sequence[tuple[Part, ...]]]
    _starts: dict[int, _Starts | None] = field(default_factory=dict, compare=False, repr=False)

    def matches(self, name: str, tokens: Sequence[Token], start: int = 0) -> Iterator[Match]:
        """Yield the matches of a group's patterns at a token, in the order of the patterns."""
        for pattern in self.groups.get(name, ()):
            if self._may_begin(pattern, tokens, start):
                yield from self._sequence(pattern, tokens, start, _NONE)

    def whole(self, name: str, tokens: Sequence[Token]) -> Iterator[Fields]:
        """Yield the fields of a group's patterns that match all tokens."""
        return (fields for end, fields in self.matches(name, tokens) if end == len(tokens))

    def _sequence(self, parts: Sequence[Part], tokens: Sequence[Token], at: int, fields: Fields) -> Iterator[Match]:
        if not parts:
            yield at, fields
            return
        for after, more in self._part(parts[0], tokens, at, fields):
            yield from self._sequence(parts[1:], tokens, after, more)

    def _part(self, part: Part, tokens: Sequence[Token], at: int, fields: Fields) -> Iterator[Match]:
        if isinstance(part, Choice):
            for branch in part.branches:
                if self._may_begin(branch, tokens, at):
                    yield from self._sequence(branch, tokens, at, fields)
        elif isinstance(part, Field) and part.name in self.groups:
            for end, inner in self.matches(part.name, tokens, at):
                yield end, {**fields, **(inner if part.name.startswith("_") else {part.name: inner})}
        elif at == len(tokens):
            return
        elif isinstance(part, str):
            if tokens[at].text == part:
                yield at + 1, fields
        else:
            yield from ((at + 1, {**fields, part.name: value}) for value in tokens[at].meanings.get(part.name, ()))

    # -------- the tokens that a sequence may begin with

    def _may_begin(self, parts: tuple[Part, ...], tokens: Sequence[Token], at: int) -> bool:
        """Return whether a sequence may match at a token, judging by that token alone. Most do not."""
        if id(parts) not in self._starts:
            first, may_be_empty = self._first(parts)
            self._starts[id(parts)] = None if may_be_empty else first
        starts = self._starts[id(parts)]
        if starts is None:
            return True
        if at == len(tokens):
            return False
        token = tokens[at]
        return token.text in starts.texts or not starts.kinds.isdisjoint(token.meanings)

    def _first(self, parts: Sequence[Part]) -> tuple[_Starts, bool]:
        """Return the possible first tokens of a sequence, and whether it may be empty."""
        texts: set[str] = set()
        kinds: set[str] = set()
        for part in parts:
            starts, may_be_empty = self._first_of(part)
            texts |= starts.texts
            kinds |= starts.kinds
            if not may_be_empty:
                return _Starts(frozenset(texts), frozenset(kinds)), False
        return _Starts(frozenset(texts), frozenset(kinds)), True

    def _first_of(self, part: Part) -> tuple[_Starts, bool]:
        if isinstance(part, str):
            return _Starts(frozenset({part}), frozenset()), False
        if isinstance(part, Field) and part.name not in self.groups:
            return _Starts(frozenset(), frozenset({part.name})), False
        firsts = [self._first(each) for each in (part.branches if isinstance(part, Choice) else self.groups[part.name])]
        texts = frozenset(text for starts, _ in firsts for text in starts.texts)
        kinds = frozenset(kind for starts, _ in firsts for kind in starts.kinds)
        return _Starts(texts, kinds), any(may_be_empty for _, may_be_empty in firsts)


def grammar(
    groups: Mapping[str, Sequence[str]], lexicon: WordTable, refuse: Callable[[str, str], Exception]
) -> Grammar:
    """Return the grammar of *groups* of patterns, whose words are tokenized by the lexicon.

    Raises:
        the exception that *refuse* returns for a group's name and a problem: a pattern cannot be read.
    """
    parsed: dict[str, list[tuple[Part, ...]]] = {}
    for name, patterns in groups.items():
        for pattern in patterns:
            try:
                parsed.setdefault(name, []).append(_parsed(pattern, lexicon))
            except ValueError as error:
                raise refuse(name, str(error)) from error
    return Grammar(parsed)


@dataclass(frozen=True, slots=True)
class _PatternReader:
    """Reads one pattern. A bracket contains the pieces up to its end."""

    pattern: str
    lexicon: WordTable
    pieces: Iterator[re.Match[str]]

    def branches(self, end: str) -> tuple[tuple[Part, ...], ...]:
        """Return the alternatives separated by `|` up to the bracket *end*, or to the end if that is ""."""
        branches: list[list[Part]] = [[]]
        for piece in self.pieces:
            if piece["close"] == end:
                break
            if piece["or"]:
                branches.append([])
            else:
                branches[-1] += self._parts(piece)
        else:
            if end:
                raise self._unclosed()
        return tuple(map(tuple, branches))

    def _parts(self, piece: re.Match[str]) -> Iterator[Part]:
        if piece["close"]:
            raise ValueError(f"a closing bracket has no opening one: {self.pattern}")
        if piece["stray"]:
            raise self._unclosed()
        if piece["open"] == "[":
            yield Choice((*self.branches("]"), ()))
        elif piece["open"]:
            yield Choice(self.branches(">"))
        elif piece["field"]:
            yield Field(piece["field"])
        else:
            yield from (token.text for token in self.lexicon.tokens(piece["escaped"] or piece["text"]))

    def _unclosed(self) -> ValueError:
        return ValueError(f"a bracket or a brace is not closed: {self.pattern}")


def _parsed(pattern: str, lexicon: WordTable) -> tuple[Part, ...]:
    if not pattern.strip():
        raise ValueError("a pattern is empty")
    branches = _PatternReader(pattern, lexicon, _PIECE.finditer(pattern)).branches("")
    return branches[0] if len(branches) == 1 else (Choice(branches),)
