"""The least and the most that a quantity may be: decided where it is compiled, by its comparator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from kg.core.errors import Place
from kg.core.model import Term, Value
from kg.core.terms import CODE, cq
from kg.core.values import XSD, lexical, literal
from kg.mapping.labels import Labels
from kg.ontology.load import load_vocabulary

ONTOLOGY = Path(__file__).parent.parent / "ontology"
AMOUNTS = ("amount", "lowerAmount", "upperAmount")


@cache
def labels() -> Labels:
    return Labels(load_vocabulary([ONTOLOGY]))


def values(said: Mapping[str, str]) -> Sequence[Value]:
    """Return the values of a quantity, as the compiler makes them."""
    terms: dict[str, Term] = {key: literal(said[key], f"{XSD}decimal") for key in AMOUNTS if key in said}
    terms["comparator"] = f"<{CODE}comparator/{said['comparator']}>"
    return [Value(cq(key), term, Place("a.yaml")) for key, term in terms.items()]


@pytest.mark.parametrize(
    ("stated", "least", "most"),
    [
        ({"comparator": "EqualTo", "amount": "2100"}, "2100", "2100"),
        ({"comparator": "About", "amount": "50"}, "50", "50"),
        (
            {"comparator": "Between", "lowerAmount": "7000000000", "upperAmount": "9000000000"},
            "7000000000",
            "9000000000",
        ),
        ({"comparator": "MoreThan", "amount": "50"}, "50", ""),
        ({"comparator": "AtLeast", "amount": "50"}, "50", ""),
        ({"comparator": "LessThan", "amount": "50"}, "", "50"),
        ({"comparator": "AtMost", "amount": "50"}, "", "50"),
    ],
)
def test_a_quantity_has_the_bounds_that_its_comparator_leaves(stated: Mapping[str, str], least: str, most: str) -> None:
    found = {value.predicate: lexical(value.object) for value in labels().bounds(values(stated))}
    assert found == {cq(name): end for name, end in (("leastAmount", least), ("mostAmount", most)) if end}


def test_bounds_are_made_anew_when_a_comparator_is_added() -> None:
    first = labels().bounded(values({"amount": "50", "comparator": "EqualTo"}))
    more = [value for value in first if value.predicate != cq("comparator")]
    again = labels().bounded([*more, *values({"comparator": "MoreThan"})])
    assert [value.predicate for value in again if value.predicate == cq("mostAmount")] == []
