"""The lines sent to a store and those read back -> how they differ, and why. Pure.

Stores that store literals by value return them in another form. We send only canonical forms, so this should not
happen. If it does, the graph in the store is not identical to ours, and the receipt gives the kind of literal. Both are
sorted, and only lines with one subject and property are in memory at once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from kg.core.model import Quad, Term
from kg.core.terms import XSD
from kg.core.typed import DECIMAL
from kg.core.values import datatype, is_iri, language, lexical
from kg.store.lines import changes, line_quad

EXAMPLES = 3

_DOUBLE = re.compile(rf"{DECIMAL.pattern}(?:[eE][+-]?[0-9]+)?")
_MOMENT = re.compile(r"(?P<time>[^.Z+]+?)(?:\.(?P<fraction>[0-9]+))?(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?")
_BOOLEAN, _NEVER = re.compile("true|false|1|0"), re.compile("(?!)")


def _moment(text: str) -> str:
    """Return a dateTime without trailing zeros in its seconds, and with UTC always written as Z."""
    match = _MOMENT.fullmatch(text)
    time, fraction, zone = match.groups("") if match else (text, "", "")
    return f"{time}.{fraction.rstrip('0')}{zone.replace('+00:00', 'Z').replace('-00:00', 'Z')}"


_VALUES: Mapping[str, tuple[re.Pattern[str], Callable[[str], object]]] = {
    f"{XSD}integer": (DECIMAL, Decimal),
    f"{XSD}decimal": (DECIMAL, Decimal),
    f"{XSD}double": (_DOUBLE, float),
    f"{XSD}float": (_DOUBLE, float),
    f"{XSD}dateTime": (_MOMENT, _moment),
    f"{XSD}boolean": (_BOOLEAN, lambda text: text in ("true", "1")),
}
"""Datatype -> the pattern of its lexical forms, and a function that returns their exact value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How one graph in a store differs from the one that was sent.

    Attributes:
        missing: the number of lines that were sent, but not returned.
        extra: the number of lines that were returned, but not sent.
        reasons: reason -> how often it occurs, most frequent first.
        examples: a few lines, with `-` before those sent and `+` before those returned.
        same_values: whether only the form of literals differs. Nothing is rounded.
    """

    missing: int
    extra: int
    reasons: Mapping[str, int]
    examples: Sequence[str] = ()
    same_values: bool = False


@dataclass(slots=True)
class _Total:
    """The differences of the places so far. A pair or a dictionary has first what is missing, then what is extra."""

    counts: Counter[bool] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[bool, list[str]] = field(default_factory=lambda: {False: [], True: []})
    same_values: bool = True

    def add(self, lines: Iterable[tuple[str, bool]]) -> None:
        """Add the lines of one place, each with whether it is extra."""
        quads: dict[bool, list[Quad]] = {False: [], True: []}
        for line, is_extra in lines:
            quads[is_extra].append(line_quad(line))
            self.counts[is_extra] += 1
            if len(self.examples[is_extra]) < EXAMPLES:
                self.examples[is_extra].append(f"{'+' if is_extra else '-'} {line}")
        missing, extra = quads[False], quads[True]
        pairs = _pairs(missing, extra)
        self.reasons.update(reason(was.object, now.object) for was, now in pairs)
        lost, rest = len(missing) - len(pairs), len(extra) - len(pairs)
        self.reasons += Counter({"a triple is missing": lost, "there is a triple that was not sent": rest})
        self.same_values &= lost == rest == 0 and _values(missing) == _values(extra)


def difference(sent: Iterable[str], back: Iterable[str]) -> Difference:
    """Return how the sorted lines read *back* differ from those *sent*."""
    total = _Total()
    for _, lines in groupby(changes(sent, back), key=_place):
        total.add(lines)
    reasons, examples = dict(total.reasons.most_common()), (*total.examples[False], *total.examples[True])
    return Difference(total.counts[False], total.counts[True], reasons, examples, total.same_values)


def _place(change: tuple[str, bool]) -> list[str]:
    """Return subject and predicate of a changed line."""
    return change[0].split(" ", 2)[:2]


def _pairs(missing: Sequence[Quad], extra: Sequence[Quad]) -> list[tuple[Quad, Quad]]:
    """Return pairs of quads that appear to be two forms of one."""
    pairs, candidates = [], list(extra)
    for quad in missing:
        if candidates and not is_iri(quad.object):
            nearest = next((each for each in candidates if _alike(quad.object, each.object)), candidates[0])
            candidates.remove(nearest)
            pairs.append((quad, nearest))
    return pairs


def _alike(one: str, other: str) -> bool:
    return not is_iri(other) and (lexical(one) == lexical(other) or datatype(one) == datatype(other))


def _values(quads: Iterable[Quad]) -> set[object]:
    return {value_of(quad.object) for quad in quads}


def value_of(term: Term) -> object:
    """Return the value of a term, which is the same for all lexical forms of a literal.

    >>> one, other, cut = (f'"{n}"^^<{XSD}decimal>' for n in ("2100", "2100.0", "2099.9999999999999999999999"))
    >>> value_of(one) == value_of(other), value_of(one) == value_of(cut)
    (True, False)
    >>> short, long = (f'"2031-05-02T12:30:{seconds}Z"^^<{XSD}dateTime>' for seconds in ("00.5", "00.500"))
    >>> value_of(short) == value_of(long)
    True
    """
    kind = None if is_iri(term) else datatype(term)
    if kind is None:
        return term
    tag, text = language(term), lexical(term)
    if tag:
        return text, tag.lower()
    pattern, value = _VALUES.get(kind, (_NEVER, str))
    return (value(text) if pattern.fullmatch(text) else text), kind


def reason(was: Term, now: Term) -> str:
    """Describe in words how a literal was changed.

    >>> reason('"1.50"^^<http://www.w3.org/2001/XMLSchema#decimal>', '"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>')
    'the store writes a decimal in another form'
    >>> reason(f'"3.14159"^^<{XSD}decimal>', f'"3.14"^^<{XSD}decimal>')
    'the store changes the value of a decimal'
    >>> reason('"x"@en-GB', '"x"@en-gb')
    'the store writes a language tag in another form'
    """
    if is_iri(now) or now.startswith("_:"):
        return "a value was replaced by a node"
    if lexical(was) == lexical(now):
        if language(was) and language(now):
            same = value_of(was) == value_of(now)
            return f"the store {'writes a language tag in another form' if same else 'changes a language tag'}"
        return f"the store gives the type {_short(was)} back as {_short(now)}"
    if value_of(was) == value_of(now):
        return f"the store writes a {_short(was)} in another form"
    if datatype(was) == datatype(now):
        return f"the store changes the value of a {_short(was)}"
    return f"the store changes a {_short(was)} to a {_short(now)}"


def _short(term: str) -> str:
    return str(datatype(term)).removeprefix(XSD).rpartition("#")[2]
