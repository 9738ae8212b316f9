"""Which rules derived which lines from which articles, in pieces, so that a change reads and writes only a few of them.

A piece holds the lines about some of the articles, or those of a rule that is about none in particular. Lines that come
from several rules or articles are counted, and are removed only when nothing derives them any more. In the literature
on materialized views, that is the counting algorithm: https://doi.org/10.1145/170035.170066

In full, rules write what they derive through temporary files into pieces, so that few lines are in memory at once. A
change opens the pieces that it can affect. Reads no files but those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from itertools import chain, groupby
from typing import NamedTuple

from kg.core.model import Term
from kg.store.embedded import EmbeddedStore
from kg.store.ordered import PORTION, InOrder, OrderedLines

SHARED = "shared"
"""The piece with the lines that are derived more than once, each preceded by its count."""

SORTED_AT_ONCE = PORTION // 4
"""Code points of output lines that are sorted in memory. Up to three sorts are open at the same time."""

_DIGITS = 2
"""The length of the names of pieces of articles. There are 256 such pieces, and a change affects two or three."""

_NO_ARTICLE, _AND = "-", "|"

Keep = Callable[[Iterable[str]], Sequence[str]]
"""Stores lines, and returns them sorted and without duplicates."""


class OutputLine(NamedTuple):
    """One line of the derived graph, and what it comes from.

    Attributes:
        rule: the name of the rule.
        about: terms of the articles that it concerns, joined; "-" for none.
        line: N-Quads.
    """

    rule: str
    about: str
    line: str

    def __str__(self) -> str:
        return f"{self.rule} {self.about} {self.line}"

    @property
    def articles(self) -> frozenset[Term]:
        """The articles."""
        return frozenset() if self.about == _NO_ARTICLE else frozenset(self.about.split(_AND))

    @property
    def pieces(self) -> Collection[str]:
        """The pieces that contain it: those of its articles, or else that of its rule."""
        return _pieces_of(self.rule, self.about)


class Exchange(NamedTuple):
    """Lines that are no longer derived, and lines that are newly derived."""

    gone: set[str]
    come: set[str]


def about(articles: Iterable[Term]) -> str:
    """Return *articles* in the form of `OutputLine.about`."""
    return _AND.join(articles) or _NO_ARTICLE


def output_line(text: str) -> OutputLine:
    """Return the line that `str` wrote as *text*."""
    return OutputLine(*text.split(" ", 2))


def line_in(text: str) -> str:
    """Return the line of an output line that was written as *text*."""
    return text.split(" ", 2)[2]


@dataclass(slots=True)
class Outputs:
    """The output of all rules.

    Attributes:
        stored: piece -> its lines, as they were stored.
    """

    stored: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _opened: dict[str, set[OutputLine]] = field(default_factory=dict)
    _touched: set[str] = field(default_factory=set)
    _counts: dict[str, int] | None = None

    def __len__(self) -> int:
        """Return the number of stored lines. Lines about two articles may count twice."""
        return sum(len(lines) for name, lines in self.stored.items() if name != SHARED)

    def of(self, rule: str) -> set[OutputLine]:
        """Return the output of a rule that concerns no particular articles."""
        return set(self._piece(_of_rule(rule)))

    def of_articles(self, rule: str, articles: Collection[Term] | None) -> set[OutputLine]:
        """Return the output of *rule* about *articles*, None for all."""
        every = (name for name in {*self.stored, *self._opened} if len(name) == _DIGITS)
        names = set(every if articles is None else (name for each in articles for name in _pieces_of(rule, each)))
        entries = (each for name in names for each in self._piece(name) if each.rule == rule)
        return {each for each in entries if articles is None or not each.articles.isdisjoint(articles)}

    def unsupported(self, entries: Iterable[OutputLine]) -> set[str]:
        """Return the lines that are derived by *entries* only."""
        shared = self._shared()
        counts = Counter(each.line for each in entries)
        return {line for line, number in counts.items() if shared.get(line, 1) <= number}

    def exchange(self, old: Collection[OutputLine], new: Collection[OutputLine], store: EmbeddedStore) -> Exchange:
        """Replace *old* by *new*, and return how that changes the lines, which are in *store*."""
        fewer, more = (Counter(each.line for each in part) for part in (old, new))
        shared = self._shared()
        present = {*fewer, *store.present(line for line in more if line not in fewer and line not in shared)}
        changes = Exchange(set(), set())
        for line in {*fewer, *more}:
            before = shared.get(line, int(line in present))
            now = before - fewer[line] + more[line]
            self._count(line, now)
            if before and not now:
                changes.gone.add(line)
            elif now and not before:
                changes.come.add(line)
        self._replace(old, new)
        return changes

    def pieces(self) -> dict[str, Sequence[str]]:
        """Return piece -> its lines. Pieces that did not change are returned as they were stored."""
        changed = {name: sorted(map(str, self._opened[name])) for name in self._touched - {SHARED}}
        if SHARED in self._touched:
            changed[SHARED] = sorted(f"{number} {line}" for line, number in self._shared().items())
        return {name: lines for name, lines in {**self.stored, **changed}.items() if len(lines)}

    def _replace(self, old: Collection[OutputLine], new: Collection[OutputLine]) -> None:
        gone, come = set(old).difference(new), set(new).difference(old)
        for each in chain(gone, come):
            for name in each.pieces:
                self._touched.add(name)
                (self._piece(name).add if each in come else self._piece(name).discard)(each)

    def _piece(self, name: str) -> set[OutputLine]:
        if name not in self._opened:
            self._opened[name] = set(map(output_line, self.stored.get(name, ())))
        return self._opened[name]

    def _shared(self) -> dict[str, int]:
        if self._counts is None:
            pairs = (line.split(" ", 1) for line in self.stored.get(SHARED, ()))
            self._counts = {line: int(number) for number, line in pairs}
        return self._counts

    def _count(self, line: str, number: int) -> None:
        shared = self._shared()
        if number != shared.get(line, min(number, 1)):
            self._touched.add(SHARED)
        if number > 1:
            shared[line] = number
        else:
            shared.pop(line, None)


def in_memory(lines: Iterable[str]) -> Sequence[str]:
    """Return lines sorted and without duplicates, as a list."""
    return sorted(set(lines))


def outputs_of(derived: Iterable[str], keep: Keep = in_memory) -> tuple[Outputs, Sequence[str]]:
    """Return what all rules derived in full, and the lines of the derived graph.

    *derived* has the texts of output lines, as `str` gives them, and is read once.
    """
    placed = (f"{name} {text}" for text in derived for name in _pieces_of(*text.split(" ", 2)[:2]))
    shared: list[str] = []
    with OrderedLines(placed, SORTED_AT_ONCE) as ordered:
        groups = groupby(ordered, key=lambda each: each.partition(" ")[0])
        pieces = {name: keep(InOrder(each.partition(" ")[2] for each in group)) for name, group in groups}
        parts = (each.split(" ", 3) for each in ordered)
        with OrderedLines((f"{line}\t{rule} {named}" for _, rule, named, line in parts), SORTED_AT_ONCE) as by_line:
            lines = keep(InOrder(_each_once(by_line, shared)))
    pieces[SHARED] = keep(shared)
    return Outputs({name: kept for name, kept in pieces.items() if len(kept)}), lines


def _each_once(by_line: Iterable[str], shared: list[str]) -> Iterator[str]:
    """Yield each line, and add those that several rules or articles derive to *shared*, with their number."""
    for line, group in groupby(by_line, key=lambda each: each.partition("\t")[0]):
        number = sum(1 for _ in group)
        if number > 1:
            shared.append(f"{number} {line}")
        yield line


@lru_cache(10_000)
def _pieces_of(rule: str, named: str) -> Collection[str]:
    """Return the pieces that contain the output of a rule about the named articles."""
    if named == _NO_ARTICLE:
        return (_of_rule(rule),)
    return {sha256(article.encode()).hexdigest()[:_DIGITS] for article in named.split(_AND)}


def _of_rule(name: str) -> str:
    return f"{name}.rq"
