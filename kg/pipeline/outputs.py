"""What each rule derived of which articles, in pieces, so that a change reads and writes only a few. Reads no files.

Lines that come from several rules or articles are counted: one is gone only when nothing derives it any more. In the
literature on materialized views that is the counting algorithm, https://doi.org/10.1145/170035.170066
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain
from typing import NamedTuple

from kg.core.model import Term
from kg.store.embedded import EmbeddedStore

SHARED = "shared"
"""The piece with the lines that are derived more than once, each behind its number."""

_DIGITS = 2
"""Of the names of pieces of articles: 256 pieces, of which a change touches two or three."""

_NO_ARTICLE, _AND = "-", "|"


class OutputLine(NamedTuple):
    """One line of the derived graph, and what it comes from.

    Attributes:
        rule: name of the rule.
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
        """The pieces that it is in: those of its articles, else that of its rule."""
        return {*map(_of_article, self.articles)} or {_of_rule(self.rule)}


class Exchange(NamedTuple):
    """Lines that are derived no more, and lines that are derived anew."""

    gone: set[str]
    come: set[str]


def about(articles: Iterable[Term]) -> str:
    """Return *articles* as an `OutputLine` has them."""
    return _AND.join(articles) or _NO_ARTICLE


@dataclass(slots=True)
class Outputs:
    """What all rules derived.

    Attributes:
        stored: piece -> its lines, as they were kept.
    """

    stored: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _opened: dict[str, set[OutputLine]] = field(default_factory=dict)
    _touched: set[str] = field(default_factory=set)
    _counts: dict[str, int] | None = None

    def of(self, rule: str) -> set[OutputLine]:
        """Return what *rule* derived that concerns no particular articles."""
        return set(self._piece(_of_rule(rule)))

    def of_articles(self, rule: str, articles: Collection[Term] | None) -> set[OutputLine]:
        """Return what *rule* derived of *articles*, None for all."""
        every = (name for name in {*self.stored, *self._opened} if len(name) == _DIGITS)
        names = set(every if articles is None else map(_of_article, articles))
        entries = (each for name in names for each in self._piece(name) if each.rule == rule)
        return {each for each in entries if articles is None or not each.articles.isdisjoint(articles)}

    def unsupported(self, entries: Iterable[OutputLine]) -> set[str]:
        """Return the lines that nothing but *entries* derives."""
        shared = self._shared()
        return {
            line for line, number in Counter(each.line for each in entries).items() if shared.get(line, 1) <= number
        }

    def exchange(self, old: Collection[OutputLine], new: Collection[OutputLine], store: EmbeddedStore) -> Exchange:
        """Take *new* for *old*, and return the difference that this makes to the lines, which *store* has."""
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
        """Return piece -> its lines: those that were not touched as they were kept."""
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
            self._opened[name] = {OutputLine(*line.split(" ", 2)) for line in self.stored.get(name, ())}
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


def outputs_of(derived: Sequence[OutputLine]) -> Outputs:
    """Return what all rules derived in full."""
    pieces: dict[str, list[str]] = {}
    for each in derived:
        for name in each.pieces:
            pieces.setdefault(name, []).append(str(each))
    numbers = Counter(each.line for each in derived)
    pieces[SHARED] = [f"{number} {line}" for line, number in numbers.items() if number > 1]
    return Outputs({name: sorted(lines) for name, lines in pieces.items()})


def _of_article(article: Term) -> str:
    return sha256(article.encode()).hexdigest()[:_DIGITS]


def _of_rule(name: str) -> str:
    return f"{name}.rq"
