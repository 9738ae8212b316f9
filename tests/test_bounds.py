"""The least and the most that a quantity may be: decided where it is compiled, by its comparator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from kg.errors import Place
from kg.mapping.labels import Labels
from kg.model import Term, Value
from kg.ontology.load import load_vocabulary
from kg.quantities import quantity
from kg.terms import CODE, cq
from kg.values import XSD, lexical, literal

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
    ("written", "least", "most"),
    [
        ("2,100 ships", "2100", "2100"),
        ("about 50", "50", "50"),
        ("7 to 9 billion USD", "7000000000", "9000000000"),
        ("over 50", "50", ""),
        ("at least 50", "50", ""),
        ("less than 50", "", "50"),
        ("up to 50", "", "50"),
    ],
)
def test_a_quantity_has_the_bounds_that_its_comparator_leaves(written: str, least: str, most: str) -> None:
    found = {value.predicate: lexical(value.object) for value in labels().bounds(values(quantity(written)))}
    assert found == {cq(name): end for name, end in (("leastAmount", least), ("mostAmount", most)) if end}
