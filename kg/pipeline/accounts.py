"""Reports of events and agreements -> pairs that may be about the same thing. No I/O.

Reports with the same parties at the same time are proposed. The curator decides whether they are about the same thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from itertools import combinations

from kg.core.likeness import likeness
from kg.core.model import Term
from kg.core.terms import CODE

MOST_DAYS = 1
"""Days between two reports of one event: one may give the day of the news, the other the day before."""

LONGEST = 31
"""The longest period, in days, that is compared: "in 2031" is close to everything."""

MOST_PARTIES = 12
"""The number of parties of one agreement that are combined to pairs."""

MOST_OLDER = 50
"""The number of earlier reports (of one day and party, or of one stage and two parties) to compare a report with."""

AGREEMENT = f"<{CODE}stage/"


@dataclass(frozen=True, eq=False)
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

    @cached_property
    def days(self) -> tuple[int, int] | None:
        """Return its first and last day as ordinals, None if they are unknown or too imprecise to be compared."""
        if not self.first or not self.last:
            return None
        days = date.fromisoformat(self.first).toordinal(), date.fromisoformat(self.last).toordinal()
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
    pairs = {pair for group in _groups(accounts).values() for pair in _pairs(group, of)}
    are_related, similarity = cache(related), cache(likeness)
    alike = [
        pair
        for pair in pairs
        if _alike(pair[0], pair[1], are_related) and not joined.settled(pair[0].fact, pair[1].fact)
    ]
    for one, other in sorted(alike, key=lambda pair: _rank(pair[0], pair[1], similarity)):
        twins = (one.article, joined.root(other.fact)), (other.article, joined.root(one.fact))
        if one.fact not in seen and not joined.settled(one.fact, other.fact) and present.isdisjoint(twins):
            seen.add(one.fact)
            present.update(twins)
            yield one, other


def _groups(accounts: Iterable[Account]) -> Mapping[tuple[object, ...], list[Account]]:
    """Group the reports that have the same day and party, or the same stage and two parties."""
    groups: dict[tuple[object, ...], list[Account]] = defaultdict(list)
    for account in accounts:
        if account.is_agreement:
            for pair in combinations(sorted(account.parties)[:MOST_PARTIES], 2):
                groups[account.state, pair].append(account)
        elif account.days:
            for day in range(account.days[0], account.days[1] + MOST_DAYS + 1):
                for party in account.parties:
                    groups[account.state, day, party].append(account)
    return groups


def _pairs(group: Sequence[Account], of: frozenset[Term] | None) -> Iterator[tuple[Account, Account]]:
    ordered = sorted(group, key=lambda account: (account.published, account.fact))
    unchecked = [account for account in ordered if of is not None and account.article not in of]
    for place, one in enumerate(ordered):
        if of is None or one.article in of:
            others = ordered[:place] if of is None else [*unchecked, *(o for o in ordered[:place] if o.article in of)]
            yield from ((one, other) for other in others[:MOST_OLDER] if other.article != one.article)


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


def _rank(one: Account, other: Account, similarity: Callable[[str, str], float]) -> tuple[float, float, Term, Term]:
    """Return a sort key that puts first those that share most parties, then those with similar names."""
    share = len(one.parties & other.parties) / len(one.parties | other.parties)
    return -share, -similarity(one.label, other.label), one.fact, other.fact
