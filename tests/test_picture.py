"""The picture of a network: nothing over anything else, the same every time, safe to show."""

from __future__ import annotations

from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest

from kg.core.errors import UsageError
from kg.planning.rows import Rows
from kg.questions.query import find_query, run, shown
from kg.render.cells import Look
from kg.render.chart import chart_svg
from kg.render.layout import Drawing, arrange
from kg.render.lettering import text_width, wrapped
from kg.render.picture import COLOURS, MOST_BOXES, Link, network_svg
from kg.render.routes import number, route
from tests import harbour

SVG = "{http://www.w3.org/2000/svg}"
NAMES = [
    f"{first} {last} {k}"
    for k, (first, last) in enumerate(
        zip(
            ["Bai", "Alexandra", "Máximo", "欧阳"] * 10,
            ["Ng", "van der Meer", "志明", "Featherstonehaugh"] * 10,
            strict=True,
        )
    )
]
NETWORKS = {
    "pair": [Link("a", "b")],
    "two sides": [Link(a, b) for a in "abc" for b in "de"],
    "ring": [Link(a, b) for a, b in combinations("abcdefghij", 2)],
    "chain": [Link(a, b) for a, b in pairwise(NAMES[:12])],
    "star": [Link("hub", name) for name in NAMES[:20]],
    "tree of forty": [Link(NAMES[k], NAMES[(k * 7) % max(k, 1)]) for k in range(1, 40)],
    "apart": [Link(NAMES[k], NAMES[k + 1]) for k in range(0, 40, 2)],
}


def drawing(links: list[Link]) -> Drawing:
    names = list(dict.fromkeys(name for link in links for name in (link.one, link.other)))
    return arrange({name: (text_width(name, 15) + 30, 40.0) for name in names}, [(k.one, k.other) for k in links], 850)


@pytest.mark.parametrize("name", NETWORKS)
def test_no_box_lies_over_another_or_outside(name: str) -> None:
    drawn = drawing(NETWORKS[name])
    for one, other in combinations(drawn.centres, 2):
        (x, y), (ox, oy) = drawn.centres[one], drawn.centres[other]
        (w, h), (ow, oh) = drawn.boxes[one], drawn.boxes[other]
        assert abs(x - ox) >= (w + ow) / 2 or abs(y - oy) >= (h + oh) / 2
    for box, (x, y) in drawn.centres.items():
        assert 0 <= x - drawn.boxes[box][0] / 2 <= x + drawn.boxes[box][0] / 2 <= drawn.size[0] + 0.01
        assert 0 <= y - drawn.boxes[box][1] / 2 <= y + drawn.boxes[box][1] / 2 <= drawn.size[1] + 0.01


def test_two_sides_stand_in_two_columns() -> None:
    drawn = drawing(NETWORKS["two sides"])
    assert drawn.columns == {(a, b) for a in "abc" for b in "de"}
    assert len({drawn.centres[a][0] for a in "abc"}) == len({drawn.centres[b][0] for b in "de"}) == 1


def test_a_link_bends_round_a_box_in_its_way() -> None:
    boxes = {"a": (60.0, 40.0), "b": (60.0, 40.0), "way": (60.0, 40.0)}
    centres = {"a": (30.0, 60.0), "way": (200.0, 60.0), "b": (370.0, 60.0)}
    _, middle = route("a", "b", Drawing(centres, boxes, frozenset(), (400.0, 120.0)), 0)
    assert abs(middle[1] - 60) > 20


@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_links_give_the_same_picture(name: str) -> None:
    assert network_svg(NETWORKS[name], "Title") == network_svg(list(NETWORKS[name]), "Title")


def test_the_picture_is_well_formed_and_read_aloud() -> None:
    svg = network_svg([Link("a", "b", 3, "Summit <&>")], 'Who "met" <whom>', labels={"a": "Ann & Co", "b": "<Bob>"})
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"
    assert root.findtext(f"{SVG}title") == 'Who "met" <whom>'
    assert root.findtext(f"{SVG}desc") == "Ann & Co – <Bob> (Summit <&>)"
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert {'Who "met" <whom>', "Ann & Co", "<Bob>", "3×", "Summit <&>"} <= set(words)


def test_the_picture_needs_nothing_from_elsewhere() -> None:
    svg = network_svg([Link("a", "b\x00\x1b")], "x")
    assert "<script" not in svg
    assert svg.count("http") == 1  # the name space
    assert "\x00" not in svg
    ElementTree.fromstring(svg)


def test_each_group_has_a_colour_and_many_share_the_last() -> None:
    few = network_svg([Link("a", str(k), 1, f"g{k}") for k in range(3)], "x")
    assert [f'"link c{k}"' in few for k in range(4)] == [True, True, True, False]
    many = network_svg([Link("a", str(k), 1, f"g{k}") for k in range(20)], "x")
    assert "other groups" in many
    assert f'class="link c{len(COLOURS)}"' in many


def test_of_too_many_the_strongest_are_drawn_and_the_rest_is_counted() -> None:
    links = [Link(f"a{k}", f"b{k}", 100 - k) for k in range(60)]
    svg = network_svg(links, "x")
    assert svg.count('class="box"') == MOST_BOXES
    assert f"and {120 - MOST_BOXES} more" in svg


def test_a_picture_of_nothing_is_a_picture() -> None:
    ElementTree.fromstring(network_svg([], "Nobody met"))


def test_text_is_cut_where_it_may_break() -> None:
    lines = wrapped("Featherstonehaugh-Cholmondeley of Noordhaven", 200, 15, most=5)
    assert lines[0].endswith("-")
    assert all(text_width(line, 15) <= 200 for line in lines)
    assert wrapped("上海证券交易所", 50, 15, most=9) == ("上海证", "券交易", "所")
    assert wrapped("a b c d", 12, 15, most=2)[1].endswith("…")


@pytest.mark.parametrize(("value", "shown"), [(-0.04, "0"), (1.25, "1.2"), (12345.67, "12345.7"), (3.0, "3")])
def test_coordinates_are_short(value: float, shown: str) -> None:
    assert number(value) == shown


# -------- from rows


def chart(rows: Rows | None = None) -> str:
    query = find_query(harbour.project(), "who-met-whom")
    return chart_svg(query, rows or run(harbour.graph(), query, {}), Look(harbour.BASE))


def test_rows_become_links_between_labels() -> None:
    root = ElementTree.fromstring(chart())
    assert root.findtext(f"{SVG}desc") == "Mara Lind – José Almeida (Aldenburg); Mara Lind – Li Wei (Aldenburg)"


def test_people_of_one_name_stay_two_and_a_turned_pair_counts_once() -> None:
    query = find_query(harbour.project(), "who-met-whom")
    names = query.columns

    def row(one: str, other: str) -> tuple[str | None, ...]:
        values = {"one": one, "other": other, "oneLabel": '"Li Wei"', "otherLabel": '"Li Wei"'}
        return tuple(values.get(name) for name in names)

    svg = chart(Rows(names, (row("<x:1>", "<x:2>"), row("<x:2>", "<x:1>"), row("<x:1>", "<x:2>"))))
    assert svg.count('class="box"') == 2
    assert svg.count('class="link') == 1
    assert "2×" in svg


def test_a_question_without_a_chart_is_refused() -> None:
    query = find_query(harbour.project(), "figures")
    with pytest.raises(UsageError, match="'figures' has no chart to draw"):
        chart_svg(query, shown(query, Rows((), ())), Look(harbour.BASE))
