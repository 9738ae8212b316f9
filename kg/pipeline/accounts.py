"""Reports of events and agreements -> pairs that may be about the same thing. No I/O but temporary files.

Reports with the same parties at the same time are proposed. The curator decides whether they are about the same thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import combinations
from struct import pack
from sys import intern

from kg.core.likeness import likeness
from kg.core.model import Term
from kg.core.terms import CODE
from kg.pipeline.outputs import SORTED_AT_ONCE
from kg.store.ordered import OrderedLines

MOST_DAYS = 1
"""Days between two reports of one event: one may give the day of the news, the other the day before."""

LONGEST = 31
"""The longest period, in days, that is compared: "in 2031" is close to everything."""

MOST_PARTIES = 12
"""The number of parties of one agreement that are combined to pairs."""

MOST_OLDER = 50
"""The number of earlier reports (of one day and party, or of one stage and two parties) to compare a report with."""

MOST_LABELS = 50_000
"""The number of pairs of labels whose similarity is kept in memory."""

MOST_DIFFERENT = 10_000
"""The sizes of the caches of periods and of sets of parties."""

AGREEMENT = f"<{CODE}stage/"


Pair = tuple["Account", "Account"]
Groups = defaultdict[tuple[object, ...], list["Account"]]
"""What reports may have in common -> the earliest reports that have it."""


@dataclass(frozen=True, eq=False, slots=True)
class Account:
    """One event or agreement as an article reports it. It is compared by identity, for a million pairs are made.

    Attributes:
        fact: its term.
        article: term of the article.
        published: first day on which the article may have been published as xsd:date, "" if unknown.
        kind: term of its class.
        state: term of the code of its occurrence or stage.
        label: its label.
        first: its first day as xsd:date, "" if unknown.
        last: its last day.
        parties: terms of the registry's entities that take part, themselves or through a representative.
    """

    fact: Term
    article: Term
    published: str
    kind: Term
    state: Term
    label: str
    first: str
    last: str
    parties: frozenset[Term]

    @property
    def is_agreement(self) -> bool:
        """Whether it is an agreement rather than an event."""
        return self.state.startswith(AGREEMENT)

    @property
    def days(self) -> tuple[int, int] | None:
        """Return its first and last day as ordinals, None if they are unknown or too imprecise to be compared."""
        return _days(self.first, self.last) if self.first and self.last else None


def account(fact: Term, texts: Sequence[str], parties: Iterable[Term]) -> Account:
    """Return a report with *texts* in the order of its attributes. Texts that many reports share are in memory once."""
    article, published, kind, state, label, first, last = map(intern, texts)
    named = _once_in_memory(frozenset(map(intern, parties)))
    return Account(fact, article, published, kind, state, label, first, last, named)


@lru_cache(MOST_DIFFERENT)
def _once_in_memory(parties: frozenset[Term]) -> frozenset[Term]:
    """Return equal parties as the same object."""
    return parties


@lru_cache(MOST_DIFFERENT)
def _days(first: str, last: str) -> tuple[int, int] | None:
    """Return two days as ordinals, None if they are too far apart to be compared."""
    days = date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal()
    return days if days[1] - days[0] < LONGEST else None


class Joined:
    """Groups of linked facts, and pairs declared distinct, which are not proposed again."""

    def __init__(self, links: Iterable[tuple[Term, Term]], apart: Iterable[tuple[Term, Term]]) -> None:
        self._above: dict[Term, Term] = {}
        for one, other in links:
            self._above[self.root(one)] = self.root(other)
        self._apart = {frozenset((self.root(one), self.root(other))) for one, other in apart}

    def root(self, fact: Term) -> Term:
        """Return the representative of all facts that are linked with *fact*."""
        while (above := self._above.get(fact, fact)) != fact:
            self._above[fact] = fact = self._above.get(above, above)
        return fact

    def settled(self, one: Term, other: Term) -> bool:
        """Return whether the two are declared to be the same or different."""
        roots = self.root(one), self.root(other)
        return roots[0] == roots[1] or frozenset(roots) in self._apart


def candidates(
    accounts: Sequence[Account],
    of: frozenset[Term] | None,
    joined: Joined,
    related: Callable[[Term, Term], bool],
) -> Iterator[tuple[Account, Account]]:
    """Yield pairs of reports that may be about the same thing, each report with its best match.

    Args:
        accounts: the reports of all articles.
        of: terms of the articles whose reports come first in a pair (of two such, the later one), None for all.
        joined: the facts that are linked or declared distinct.
        related: whether one of two classes is the other or above it.
    """
    seen: set[Term] = set()
    present = {(account.article, joined.root(account.fact)) for account in accounts}
    by_fact = sorted(accounts, key=lambda account: account.fact)
    alike = _alike_pairs(by_fact, of, joined, related)
    with OrderedLines(_ranked(alike, by_fact), SORTED_AT_ONCE) as ranked:
        for one, other in ([by_fact[int(number)] for number in line.split()[-2:]] for line in ranked):
            twins = (one.article, joined.root(other.fact)), (other.article, joined.root(one.fact))
            if one.fact not in seen and not joined.settled(one.fact, other.fact) and present.isdisjoint(twins):
                seen.add(one.fact)
                present.update(twins)
                yield one, other


def _alike_pairs(
    accounts: Sequence[Account], of: frozenset[Term] | None, joined: Joined, related: Callable[[Term, Term], bool]
) -> Iterator[Pair]:
    """Yield each pair that may be about the same thing, and is not settled, once."""
    are_related = cache(related)
    for one, other in _pairs(accounts, of):
        if _alike(one, other, are_related) and not joined.settled(one.fact, other.fact):
            yield one, other


def _pairs(accounts: Iterable[Account], of: frozenset[Term] | None) -> Iterator[Pair]:
    """Yield each report of the articles *of* with the earliest that have a key in common with it, each pair once."""
    groups: Groups = defaultdict(list)
    checked: list[Account] = []
    for account in sorted(accounts, key=lambda account: (account.published, account.fact)):
        if of is None or account.article in of:
            checked.append(account)
        else:
            _enter(account, groups)
    for one in checked:
        others = {other for key in _keys(one) for other in groups.get(key, ())}
        yield from ((one, other) for other in others if other.article != one.article)
        _enter(one, groups)


def _enter(account: Account, groups: Groups) -> None:
    for key in _keys(account):
        group = groups[key]
        if len(group) < MOST_OLDER:
            group.append(account)


def _keys(account: Account) -> Iterator[tuple[object, ...]]:
    """Yield what two reports must have in common: a day and a party, or a stage and two parties."""
    if account.is_agreement:
        for pair in combinations(sorted(account.parties)[:MOST_PARTIES], 2):
            yield account.state, pair
    elif account.days:
        for day in range(account.days[0], account.days[1] + MOST_DAYS + 1):
            for party in account.parties:
                yield account.state, day, party


def _alike(one: Account, other: Account, related: Callable[[Term, Term], bool]) -> bool:
    common = len(one.parties & other.parties)
    fewer = min(len(one.parties), len(other.parties))
    enough = common >= 2 or (common == len(one.parties | other.parties))
    return enough and 2 * common >= fewer and related(one.kind, other.kind) and _near(one, other)


def _near(one: Account, other: Account) -> bool:
    """Return whether two reports are close in time. Undated agreements with the same name count as close."""
    if one.days and other.days:
        return one.days[0] - other.days[1] <= MOST_DAYS and other.days[0] - one.days[1] <= MOST_DAYS
    return one.is_agreement and one.label.casefold() == other.label.casefold()


def _ranked(pairs: Iterable[Pair], by_fact: Sequence[Account]) -> Iterator[str]:
    """Yield a line for each pair, which ends with the numbers of its reports in *by_fact*.

    In the order of the lines, those that share most parties come first, and of these the ones with similar names.
    """
    numbers = {account: number for number, account in enumerate(by_fact)}
    similarity, falling = lru_cache(MOST_LABELS)(likeness), lru_cache(MOST_LABELS)(_falling)
    for one, other in pairs:
        share = len(one.parties & other.parties) / len(one.parties | other.parties)
        rank = falling(share), falling(similarity(one.label, other.label))
        yield f"{' '.join(rank)} {numbers[one]:09} {numbers[other]:09}"


def _falling(number: float) -> str:
    """Return a text of fixed length that sorts a number from 0 to 1 before all smaller ones.

    >>> _falling(1.0) < _falling(0.5) < _falling(0.0)
    True
    """
    return f"{2**63 - int.from_bytes(pack('>d', number)):016x}"
