"""Numbers, lists and words -> how a message puts them. No I/O."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, one: str, many: str = "") -> str:
    """Return the number with its word.

    >>> counted(1, "row"), counted(2100, "row"), counted(2, "body", "bodies")
    ('1 row', '2,100 rows', '2 bodies')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def listed(values: Sequence[str]) -> str:
    """Return values as people list them.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    if len(values) == 1:
        return values[0]
    return " and ".join(filter(None, (", ".join(values[:-1]), *values[-1:])))


def capitalized(text: str) -> str:
    """Return *text* with a capital in front, and the rest as it is.

    >>> capitalized("write the name as NASA does")
    'Write the name as NASA does'
    """
    return text[:1].upper() + text[1:]
