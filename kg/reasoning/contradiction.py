"""Axioms and facts -> the nodes that would belong to disjoint classes, each with the reasons. No I/O.

Sound but incomplete: domains, ranges, types and disjoint named classes explain nearly all contradictions of such facts.
For the others, `smallest` narrows down the facts by calling a reasoner repeatedly
(U. Junker, QuickXplain, AAAI 2004, https://cdn.aaai.org/AAAI/2004/AAAI04-027.pdf).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeVar

from kg.core.model import Quad, Term
from kg.core.terms import OWL, TYPE
from kg.core.values import is_iri
from kg.reasoning.owl import Axioms

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a node would be of a class: its type, or a property that it has or is a value of.

    Attributes:
        of: the class.
        fact: the fact that implies it.
        as_value: whether the node is the fact's object, not its subject.
        others: further facts that imply it too.
    """

    of: Term
    fact: Quad
    as_value: bool = False
    others: tuple[Quad, ...] = ()


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A node that would belong to two disjoint classes, or to an unsatisfiable one.

    Attributes:
        node: its term.
        reasons: for each of the two classes, or for the one.
        clash: two disjoint classes, the same as or above those of the reasons; None if the reasoner found one to be
            unsatisfiable.
    """

    node: Term
    reasons: tuple[Reason, ...]
    clash: tuple[Term, Term] | None


def contradictions(
    axioms: Axioms, facts: Iterable[Quad], impossible: frozenset[Term] = frozenset()
) -> tuple[Contradiction, ...]:
    """Return every node with disjoint classes, sorted. *impossible* are unsatisfiable classes."""
    reasons: dict[Term, dict[Term, list[Reason]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        for node, reason in _reasons(axioms, fact):
            reasons[node][reason.of].append(reason)
    result: list[Contradiction] = []
    for node in sorted(reasons):
        first = sorted(map(_with_others, reasons[node].values()), key=_rank)
        result += _most_specific(axioms, [*_impossible(axioms, node, first, impossible), *_pairs(axioms, node, first)])
    return tuple(result)


def _reasons(axioms: Axioms, fact: Quad) -> Iterator[tuple[Term, Reason]]:
    """Yield the nodes of *fact*, each with a class that the fact implies."""
    if fact.predicate == TYPE:
        if not fact.object.startswith(f"<{OWL}"):
            yield fact.subject, Reason(fact.object, fact)
        return
    for above in axioms.over(fact.predicate):
        yield from ((fact.subject, Reason(of, fact)) for of in axioms.domains.get(above, ()))
        if is_iri(fact.object):
            yield from ((fact.object, Reason(of, fact, as_value=True)) for of in axioms.ranges.get(above, ()))


def _with_others(reasons: Sequence[Reason]) -> Reason:
    first = min(reasons, key=_rank)
    return Reason(
        first.of, first.fact, first.as_value, tuple(dict.fromkeys(r.fact for r in reasons if r.fact != first.fact))
    )


def _rank(reason: Reason) -> bool:
    """Sort a type before all other reasons, which keep the order of the facts."""
    return reason.fact.predicate != TYPE


def _impossible(
    axioms: Axioms, node: Term, reasons: Iterable[Reason], impossible: frozenset[Term]
) -> Iterator[Contradiction]:
    for reason in reasons:
        clash = axioms.clash(reason.of, reason.of)
        if clash or impossible.intersection(axioms.over(reason.of)):
            yield Contradiction(node, (reason,), clash)


def _pairs(axioms: Axioms, node: Term, reasons: Sequence[Reason]) -> Iterator[Contradiction]:
    for one, other in combinations(reasons, 2):
        if clash := axioms.clash(one.of, other.of):
            yield Contradiction(node, (one, other), clash)


def _most_specific(axioms: Axioms, candidates: Sequence[Contradiction]) -> list[Contradiction]:
    """Return *candidates* without those that only repeat others for wider classes."""

    def covers(near: Contradiction, far: Contradiction) -> bool:
        return near is not far and all(
            any(of.of in axioms.over(reason.of) for reason in near.reasons) for of in far.reasons
        )

    numbered = list(enumerate(candidates))
    return [
        each
        for n, each in numbered
        if not any(covers(other, each) and (m < n or not covers(each, other)) for m, other in numbered)
    ]


# -------- narrowing down


def smallest(parts: Sequence[_T], contradict: Callable[[Sequence[_T]], bool]) -> list[_T]:
    """Return a minimal selection of *parts* that still contradict: without any one of them they do not.

    Args:
        parts: parts that contradict together.
        contradict: returns whether some of them do. False for none, and monotonic.

    >>> smallest([1, 2, 3, 4, 5, 6], lambda some: {2, 5} <= set(some))
    [2, 5]
    """
    return _explained([], False, list(parts), contradict)


def _explained(given: list[_T], changed: bool, parts: list[_T], contradict: Callable[[Sequence[_T]], bool]) -> list[_T]:
    if changed and contradict(given):
        return []
    if len(parts) == 1:
        return parts
    half = len(parts) // 2
    left, right = parts[:half], parts[half:]
    of_right = _explained(given + left, True, right, contradict)
    of_left = _explained(given + of_right, bool(of_right), left, contradict)
    return of_left + of_right
