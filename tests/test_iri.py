"""Keys -> IRIs, ids, and which absolute IRIs are accepted."""

from __future__ import annotations

from itertools import permutations

import pytest
from pyoxigraph import NamedNode

from kg.core.iri import (
    absolute_iri,
    article_iri,
    content_key,
    entity_iri,
    fact_iri,
    graph_iri,
    is_id,
    nested_iri,
    path_segment,
)

BASE = "https://example.org/"


def test_every_kind_of_thing_has_its_place_below_the_base() -> None:
    fact = fact_iri(BASE, "harbour-study", "meeting")
    assert [
        entity_iri(BASE, "person", "mara-lind"),
        article_iri(BASE, "harbour-study"),
        fact,
        nested_iri(fact, "date"),
        nested_iri(fact, "participation", "mara-lind"),
        graph_iri(BASE, "registry"),
    ] == [
        "https://example.org/person/mara-lind",
        "https://example.org/article/harbour-study",
        "https://example.org/article/harbour-study/meeting",
        "https://example.org/article/harbour-study/meeting/date",
        "https://example.org/article/harbour-study/meeting/participation/mara-lind",
        "https://example.org/graph/registry",
    ]


@pytest.mark.parametrize(
    "text", ["a", "mara-lind", "2017", "y2-k", "josé", "董事会-2", "क्षेत्र", "ß", "a" * 80, "中" * 80], ids=ascii
)
def test_letters_of_any_script_digits_and_single_hyphens_make_an_id(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a" * 81,
        "Mara",
        "ÉCOLE",
        "ǅ",
        "a--b",
        "-a",
        "a-",
        "-",
        ".",
        "..",
        "a.b",
        "a/b",
        "a\\b",
        "a b",
        "a_b",
        "a\n",
        "jose\u0301",
        "\u0301a",
        "a\u200bb",
        "a\u202eb",
        "\u3164",
        "①",
        "½",
        "🙂",
        "a%2e",
        "a:b",
        "a\0",
        "\ud800",
        "a‐b",
    ],
    ids=ascii,
)
def test_anything_else_is_not_an_id(text: str) -> None:
    assert not is_id(text)


@pytest.mark.parametrize(
    ("text", "segment"),
    [
        ("mara-lind", "mara-lind"),
        ("Café 5/6", "Café%205%2F6"),
        ("a%20b", "a%2520b"),
        ("访问-2", "访问-2"),
        ("क्षेत्र", "क्षेत्र"),
        ("a?b#c", "a%3Fb%23c"),
        ('<">', "%3C%22%3E"),
        ("...", "..."),
        ("a\u202eb", "a%E2%80%AEb"),
        ("\u3164", "%E3%85%A4"),
        ("🙂", "%F0%9F%99%82"),
        ("\ue000\n", "%EE%80%80%0A"),
        ("~_.-", "~_.-"),
    ],
    ids=ascii,
)
def test_a_segment_keeps_letters_and_encodes_the_rest(text: str, segment: str) -> None:
    assert path_segment(text) == segment
    assert absolute_iri(f"{BASE}{segment}") == NamedNode(f"{BASE}{segment}").value


@pytest.mark.parametrize("text", ["", ".", "..", "\ud800"], ids=ascii)
def test_a_segment_that_no_iri_can_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says about half a surrogate pair is Python's
        path_segment(text)


def test_different_texts_give_different_segments() -> None:
    texts = ["".join(chars) for size in (1, 2, 3) for chars in permutations("a%2/F é", size)]
    assert len({path_segment(text) for text in texts}) == len(texts)


def test_a_content_key_does_not_depend_on_order_but_on_every_line() -> None:
    keys = {content_key(lines) for lines in permutations(["a", "b", "c"])}
    assert keys == {"880553fca8fc"}  # sha256sum of the sorted lines
    others = {content_key(lines) for lines in (["a", "b"], ["ab"], ["a\nb"], ["a", "b", "b"], [])}
    assert not keys & others
    assert all(len(key) == 12 for key in keys | others)


@pytest.mark.parametrize(
    "iri",
    [
        "https://www.wikidata.org/entity/Q42",
        "http://example.org",
        "http://example.org:8080/a/b;c?d=e&f=(g)#h",
        "https://例え.jp/引用",
        "https://example.org/%20",
        "urn:isbn:9780000000002",
        "mailto:a@example.org",
        "tag:example.org,2031:x",
    ],
    ids=ascii,
)
def test_an_absolute_iri_is_given_back_unchanged(iri: str) -> None:
    assert absolute_iri(iri) == NamedNode(iri).value


@pytest.mark.parametrize(
    "iri",
    [
        "",
        "mara-lind",
        "/a",
        "//example.org/a",
        "https:",
        "https://",
        "https:///a",
        "https:example.org",
        "https://user@example.org/",
        "https://user:secret@example.org/",
        "https://example.org/a b",
        "https://example.org/\n",
        "https://example.org/\ta",
        'https://example.org/"',
        "https://example.org/<a>",
        "https://example.org/{a}",
        "https://example.org/a|b",
        "https://example.org/a\\b",
        "https://example.org/a^b",
        "https://example.org/`",
        "https://example.org/[a]",
        "https://example.org/100%",
        "https://example.org/%2",
        "https://example.org/a#b#c",
        "https://example.org/\u202eb",
        "https://example.org/\u200b",
        "https://example.org/\ue000",
        "https://example.org/\U0001fffe",
        "https://example.org/\ud800",
        "https://example.org/\0",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:x",
        " https://example.org/",
    ],
    ids=ascii,
)
def test_an_iri_that_is_relative_broken_or_harmful_is_refused(iri: str) -> None:
    with pytest.raises(ValueError, match=r"is not an absolute IRI|begins with|has no host"):
        absolute_iri(iri)
