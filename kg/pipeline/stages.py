"""Rules -> stages: rules that can be applied to portions of articles, then those that need everything, and so on. Pure.

A rule is in a later stage than the rules that it needs, unless both can be applied to the same portion. Few stages are
made, for each of them reads everything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.pipeline.portions import is_local, lines_with
from kg.pipeline.rule import DerivationRule


@dataclass(frozen=True, slots=True)
class Stage:
    """Some rules, in order.

    Attributes:
        rules: the rules.
        is_local: whether they can be applied to portions of articles.
    """

    rules: Sequence[DerivationRule]
    is_local: bool

    @property
    def reads(self) -> frozenset[Term]:
        """The predicates that local rules read."""
        return frozenset().union(*(rule.reads or () for rule in self.rules))

    def readable(self, lines: Iterable[str]) -> Iterable[str]:
        """Return those of the *lines* that a rule may read."""
        return lines if any(rule.reads is None for rule in self.rules) else lines_with(lines, self.reads)

    @property
    def everywhere(self) -> frozenset[Term]:
        """The terms that matter to every portion."""
        return everywhere(self.rules)

    @property
    def reads_everywhere(self) -> frozenset[Term]:
        """The predicates that local rules read to which something matters everywhere."""
        return frozenset().union(*(rule.reads or () for rule in self.rules if everywhere([rule])))


def stages(rules: Sequence[DerivationRule]) -> Iterator[Stage]:
    """Yield *rules*, each of which comes after those that it needs, in stages that also do."""
    local = {rule.name for rule in _local(rules)}
    left = list(rules)
    while left:
        for names in (local, {rule.name for rule in rules} - local):
            if stage := _first_of(left, names, barred=names is local):
                left = [rule for rule in left if rule not in stage]
                yield Stage(stage, names is local)


def merged(each: Iterable[Stage]) -> Stage:
    """Return the rules of several stages as one."""
    together = list(each)
    return Stage([rule for stage in together for rule in stage.rules], all(stage.is_local for stage in together))


def everywhere(rules: Collection[DerivationRule]) -> frozenset[Term]:
    """Return the terms that matter to every article."""
    return frozenset().union(*(rule.concern.everywhere for rule in rules if rule.concern))


def _local(rules: Sequence[DerivationRule]) -> Iterator[DerivationRule]:
    """Yield the rules that can be applied to portions: what is derived from others links no portions for them."""
    far = [rule for rule in rules if not is_local(rule.concern, rule.reads) or everywhere([rule])]
    for rule in rules:
        along = rule.concern.along if rule.concern else ()
        if is_local(rule.concern, rule.reads) and not any(other.may_derive(along) for other in far):
            yield rule


def _first_of(left: Sequence[DerivationRule], names: Collection[str], *, barred: bool) -> list[DerivationRule]:
    """Return those of the named rules that need no others first, in an order in which they can run.

    If *barred*, none of them derives what matters everywhere to a later one, which sees one portion only.
    """
    stage: list[DerivationRule] = []
    waiting = {rule.name for rule in left}
    for rule in left:
        terms = everywhere([rule]) if barred else ()
        if rule.name in names and waiting.isdisjoint(rule.needs) and not any(each.may_derive(terms) for each in stage):
            stage.append(rule)
            waiting.remove(rule.name)
    return stage
