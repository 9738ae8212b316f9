"""The registry -> entities of one class whose names look the same, as findings. Reads a store.

Names are compared without case, width and format characters (such as a zero-width space), which a query cannot do. They
are compared in groups, so that ten thousand entities of one name do not make fifty million pairs.
https://www.unicode.org/reports/tr15/ (NFKC)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from unicodedata import category

from kg.core.errors import Finding, Place, Severity
from kg.core.model import Term
from kg.core.normal import folded
from kg.core.terms import TYPE, cq
from kg.core.values import lexical
from kg.store.embedded import EmbeddedStore

NAMESAKE = "KG-C010"

NAMES_READ = frozenset({TYPE, cq("name"), cq("distinctFrom")})
"""The predicates that the queries of this module read."""

MOST_COMPARED = 20
"""The number of entities of one name with which each further one is compared."""

_NOT_AN_ARTICLE = f"FILTER NOT EXISTS {{ ?registry {TYPE} {cq('Article')} }}"
_FIX = (
    "if they are the same, keep one id; if not, name the other under distinctFrom and say how they differ under "
    "disambiguation"
)


def namesakes(store: EmbeddedStore, places: Mapping[Term, Place]) -> Iterator[Finding]:
    """Yield a finding for each entity with the same name and class as an earlier one that is not declared different."""
    apart = _apart(store)
    for group in _groups(store):
        for number, (entity, name) in enumerate(group):
            earlier = (each for each in group[: min(number, MOST_COMPARED)] if {each[0], entity} not in apart)
            if same := next(earlier, None):
                yield _finding(same, (entity, name), places)


def _groups(store: EmbeddedStore) -> Iterator[Sequence[tuple[Term, str]]]:
    """Yield groups of entities of the same class whose names look the same, each entity with its name."""
    rows = store.select(
        f"SELECT DISTINCT ?entity ?kind ?name {{ GRAPH ?registry {{ ?entity {TYPE} ?kind ; {cq('name')} ?name ."
        f" {_NOT_AN_ARTICLE} }} }} ORDER BY ?entity ?kind ?name"
    ).rows
    groups: dict[tuple[Term, str], dict[Term, str]] = defaultdict(dict)
    for entity, kind, name in rows:
        if entity and kind and name:
            groups[kind, seen(lexical(name))].setdefault(entity, lexical(name))
    yield from (tuple(group.items()) for group in groups.values())


def _apart(store: EmbeddedStore) -> set[frozenset[Term | None]]:
    rows = store.select(
        f"SELECT DISTINCT ?one ?other {{ GRAPH ?registry {{ ?one {cq('distinctFrom')} ?other }} }}"
    ).rows
    return {frozenset(pair) for pair in rows}


def seen(name: str) -> str:
    """Return the visible part of a name, without case and width.

    >>> seen("Ａnna\\u200b Be\\xadrg")
    'anna berg'
    """
    return folded("".join(char for char in name if category(char) != "Cf"))


def _finding(one: tuple[Term, str], other: tuple[Term, str], places: Mapping[Term, Place]) -> Finding:
    ids = " and ".join(f"'{lexical(entity).rpartition('/')[2]}'" for entity, _ in (one, other))
    same = "the same name and class" if one[1] == other[1] else "names that look the same, and the same class"
    entity = one[0]
    return Finding(
        places.get(entity, Place("kg.toml")), Severity.WARNING, NAMESAKE, f"{ids} have {same}", _FIX, lexical(entity)
    )
