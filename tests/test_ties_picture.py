"""The picture of who met whom: each kind has its shape, nobody stands on another, and it fits any screen."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest

from kg.render.facing import facing
from kg.render.lettering import text_width
from kg.render.ties_picture import NARROW, WIDE, DrawnEnd, DrawnTie, PictureSize, shape, standalone, ties_svg

SVG = "{http://www.w3.org/2000/svg}"
ENDS = [
    DrawnEnd("mara", "Mara Lind", "person", "/person/mara-lind"),
    DrawnEnd("jonas", "Jonas Thorsen-Featherstonehaugh", "person", "/person/jonas"),
    DrawnEnd("li", "李伟", "person", "/person/li"),
    DrawnEnd("harbour", "Aldenburg Harbour Authority", "body", "/organization/harbour"),
    DrawnEnd("party", 'Party Committee of the "Old Quay" <North>', "party", "/organization/party"),
    DrawnEnd("town", "Aldenburg", "place", "/place/aldenburg"),
]
TIES = [
    DrawnTie("mara", "jonas", "met", "Mara Lind and Jonas: 3 meetings", 3, "#pair-1"),
    DrawnTie("mara", "li", "met", "Mara Lind and 李伟: 1 meeting", 1, "#pair-2"),
    DrawnTie("jonas", "li", "met", "Jonas and 李伟: 1 meeting", 1, "#pair-3"),
    DrawnTie("mara", "harbour", "post", "Mara Lind held a post in the authority"),
    DrawnTie("jonas", "party", "post", "Jonas held a post in the committee"),
    DrawnTie("party", "harbour", "part", "The committee is part of the authority"),
    DrawnTie("li", "town", "post", "李伟 held a post in Aldenburg"),
]


def drawn(form: PictureSize, ends: list[DrawnEnd] = ENDS, ties: list[DrawnTie] = TIES) -> ElementTree.Element:
    return ElementTree.fromstring(ties_svg(ends, ties, "Who met whom", form))


@pytest.mark.parametrize("form", [WIDE, NARROW], ids=["wide", "narrow"])
def test_labels_are_legible_and_inside_the_picture(form: PictureSize) -> None:
    root = drawn(form)
    assert float(root.get("width", "")) == form.width <= (760 if form is WIDE else 326)
    for text in root.iter(f"{SVG}text"):
        size = float(text.get("font-size", ""))
        assert size >= 11
        for part in text.iter(f"{SVG}tspan"):
            middle, half = float(part.get("x", "")), text_width(part.text or "", size) / 2
            assert 0 <= middle - half <= middle + half <= form.width
            assert 0 < float(part.get("y", "")) < float(root.get("height", ""))


def test_no_two_are_at_one_place() -> None:
    places, depth = facing(
        [end.id for end in ENDS],
        [(tie.one, tie.other) for tie in TIES if tie.kind == "met"],
        [(tie.one, tie.other) for tie in TIES if tie.kind == "post"],
        lambda _: 40.0,
        20.0,
    )
    assert depth > 0
    for one, other in combinations(places.values(), 2):
        assert one.number != other.number or abs(one.y - other.y) >= 40


def test_those_who_met_face_each_other_with_their_bodies_outside() -> None:
    met = [("a", "x"), ("a", "y"), ("b", "x")]
    places, _ = facing(["a", "x", "y", "b", "A", "X"], met, [("a", "A"), ("x", "X")], lambda _: 40.0, 20.0)
    assert {end: place.number for end, place in places.items()} == {"A": 0, "a": 1, "b": 1, "x": 2, "y": 2, "X": 3}


def test_groups_without_a_link_are_below_one_another() -> None:
    places, _ = facing(["c", "d", "a", "b", "e"], [("c", "d"), ("a", "b"), ("b", "e")], [], lambda _: 40.0, 20.0)
    assert max(places[end].y for end in "abe") + 40 <= min(places[end].y for end in "cd")


def test_the_same_network_is_the_same_picture() -> None:
    assert ties_svg(ENDS, TIES, "t", WIDE) == ties_svg(list(ENDS), list(TIES), "t", WIDE)


def test_each_kind_has_a_shape_and_a_colour_of_its_own() -> None:
    shapes = {
        kind: re.sub('class="[a-z]+"', "", shape(kind, 0, 0, 10)) for kind in ("person", "body", "party", "place")
    }
    assert len(set(shapes.values())) == 4
    light, dark = standalone().split("@media")
    for rules in (light, dark):
        assert len({re.search(rf"\.{kind}{{stroke:(#\w+)", rules)[1] for kind in shapes}) == 4  # type: ignore[index]


def test_nodes_and_ties_are_links_and_hostile_names_are_text() -> None:
    root = drawn(WIDE)
    targets = {link.get("href") for link in root.iter(f"{SVG}a")}
    assert targets == {end.address for end in ENDS} | {"#pair-1", "#pair-2", "#pair-3"}
    titles = {title.text for title in root.iter(f"{SVG}title")}
    assert titles == {"Who met whom", *(end.label for end in ENDS), *(tie.words for tie in TIES if not tie.address)}
