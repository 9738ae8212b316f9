"""The statements about a node in two states -> their differences by property, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kg.bench.difference import ValueChange
from kg.core.model import Term
from kg.core.values import is_iri, lexical, local_name
from kg.questions.described import Mention, Statement

_LONG = 300
"""The number of code points above which only the length of a text is shown."""

NewName = Callable[[Term], Term]
"""Term of the first state -> the same term in the second state."""


def value_changes(
    before: Sequence[Statement], after: Sequence[Statement], new: NewName, above: str = ""
) -> Iterator[ValueChange]:
    """Yield the properties that differ. Those of a nested node begin with its name, which is *above*."""
    groups = [{each.property: each for each in statements} for statements in (before, after)]
    labels = {each.property: each.label for each in (*before, *after)}
    for prop, label in sorted(labels.items(), key=lambda pair: (pair[1], pair[0])):
        old, now = (group[prop].values if prop in group else () for group in groups)
        yield from _of_property(f"{above}{label}", old, now, new)


def _of_property(
    label: str, before: Sequence[Mention], after: Sequence[Mention], new: NewName
) -> Iterator[ValueChange]:
    known = {_identity(each, each.term): each for each in after}
    gone, both = [], set()
    for old in before:
        identity = _identity(old, new(old.term))
        both.add(identity)
        if identity not in known:
            gone.append(old)
        elif _is_open(old) and _is_open(known[identity]):
            above = f"{label}, {known[identity].text}: "
            yield from value_changes(old.inside, known[identity].inside, new, above)
    come = [each for identity, each in known.items() if identity not in both]
    if gone or come:
        texts = _texts(gone), _texts(come)
        yield ValueChange(label, *(texts if texts[0] != texts[1] else (_terms(gone), _terms(come))))


def _is_open(value: Mention) -> bool:
    """Return whether a value is a nested node that one line cannot describe completely."""
    return bool(value.inside) and not value.in_full


def _identity(value: Mention, term: Term) -> str:
    """Return the identity of a value: the text of a date or a quantity, or else the term."""
    return value.text if value.in_full else term


def _texts(values: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(sorted(map(value_text, values)))


def _terms(values: Sequence[Mention]) -> tuple[str, ...]:
    """Return values with additions that distinguish them from others of the same name."""
    return tuple(sorted(f"{value_text(each)} [{local_name(each.term)}]" for each in values))


def value_text(value: Mention) -> str:
    """Return a value in words, with the statements nested in it."""
    if len(value.text) > _LONG:
        return f"{len(lexical(value.term)):,} characters"
    if is_iri(value.term) and value.text == local_name(value.term):
        return lexical(value.term)  # of another registry, whose names are unknown
    inside = "; ".join(f"{each.label} {', '.join(map(value_text, each.values))}" for each in value.inside)
    return f"{value.text} ({inside})" if inside and _is_open(value) else value.text
