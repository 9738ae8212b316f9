"""What was sent and what came back -> how they differ, and why. Pure.

Stores that hold literals by value give them back in another form. We emit canonical forms only, so that this should
not happen; where it does, the graph there is not the graph here, and the receipt says which kind of literal it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.model import Quad
from kg.store.lines import line_quad
from kg.terms import XSD
from kg.values import datatype, is_iri, language, lexical

EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """How one graph in a store differs from the one that was sent.

    Attributes:
        missing: how many lines did not come back.
        extra: how many came back that were not sent.
        reasons: what happened -> how often, the most frequent first.
        examples: a few lines, `-` before what was sent and `+` before what came back.
    """

    missing: int
    extra: int
    reasons: Mapping[str, int]
    examples: Sequence[str]


def difference(sent: Iterable[str], back: Iterable[str]) -> Difference:
    """Return how the lines that came *back* differ from those that were *sent*."""
    missing, extra = sorted(set(sent) - set(back)), sorted(set(back) - set(sent))
    reasons: Counter[str] = Counter()
    pairs, rest = _pairs(missing, extra)
    for was, now in pairs:
        reasons[reason(was.object, now.object)] += 1
    lost = len(missing) - len(pairs)
    reasons += Counter({"a triple is missing": lost, "a triple is there that was not sent": rest})
    shown = [f"- {line}" for line in missing[:EXAMPLES]] + [f"+ {line}" for line in extra[:EXAMPLES]]
    return Difference(len(missing), len(extra), dict(reasons.most_common()), shown)


def _pairs(missing: Sequence[str], extra: Sequence[str]) -> tuple[list[tuple[Quad, Quad]], int]:
    """Return lines that seem to be one in two forms, and how many extra ones belong to none."""
    by_place: dict[tuple[str, str], list[Quad]] = {}
    for quad in map(line_quad, extra):
        by_place.setdefault((quad.subject, quad.predicate), []).append(quad)
    found = []
    for quad in map(line_quad, missing):
        candidates = by_place.get((quad.subject, quad.predicate))
        if candidates and not is_iri(quad.object):
            nearest = next((each for each in candidates if _alike(quad.object, each.object)), candidates[0])
            candidates.remove(nearest)
            found.append((quad, nearest))
    return found, len(extra) - len(found)


def _alike(one: str, other: str) -> bool:
    return not is_iri(other) and (lexical(one) == lexical(other) or datatype(one) == datatype(other))


def reason(was: str, now: str) -> str:
    """Return in words how a literal was changed.

    >>> reason('"1.50"^^<http://www.w3.org/2001/XMLSchema#decimal>', '"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>')
    'the store writes a decimal in another form'
    >>> reason('"x"@en-GB', '"x"@en-gb')
    'the store writes a language tag in another form'
    """
    if is_iri(now) or now.startswith("_:"):
        return "a value was replaced by a node"
    if lexical(was) == lexical(now):
        if language(was) and language(now):
            return "the store writes a language tag in another form"
        return f"the store gives the type {_short(was)} back as {_short(now)}"
    if datatype(was) == datatype(now):
        return f"the store writes a {_short(was)} in another form"
    return f"the store changes a {_short(was)} to a {_short(now)}"


def _short(term: str) -> str:
    return str(datatype(term)).removeprefix(XSD).rpartition("#")[2]
