"""One index of names, asked in three ways: whom a name means, may mean, and begins to spell. Any script."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from kg.questions import lookup
from kg.questions.graph import Graph
from kg.questions.lookup import all_names, entity_names, find
from kg.questions.memo import Memo
from kg.questions.names import SURE, NameIndex, Thing
from kg.store.embedded import EmbeddedStore
from kg.store.protocol import StoreAnswer
from tests import harbour


def index(*named: tuple[str, ...]) -> NameIndex:
    """Return an index of things with these ids, each with its names."""
    return NameIndex(Thing(f"<https://example.org/{key}>", key, tuple(names)) for key, *names in named)


def meant(names: NameIndex, typed: str) -> list[str]:
    return next(([thing.id for thing in things] for things in names.meaning(typed) if things), [])


def likest(names: NameIndex, typed: str) -> list[tuple[str, float]]:
    return [(match.thing.id, round(match.likeness, 2)) for match in names.like(typed, 9)]


def fitting(names: NameIndex, typed: str, most: int = 9) -> list[str]:
    return [match.thing.id for match in names.fitting(typed, most)]


SCRIPTS = index(
    ("latin", "Zé Ångström-Łucki"),
    ("chinese", "李伟"),
    ("cyrillic", "Йосиф Щукин"),
    ("greek", "Ελένη Θαράκη"),
    ("arabic", "أحمد الخطيب"),
    ("hebrew", "דָּוִד"),
    ("hindi", "नरेन्द्र"),
    ("thai", "กรุงเทพฯ"),
    ("korean", "한국은행"),
    ("japanese", "ドイツ銀行"),
    ("symbols", "★!"),
    ("digits", "3½"),
)


@pytest.mark.parametrize("thing", SCRIPTS.things, ids=lambda thing: thing.id)
def test_a_name_in_any_script_means_its_thing_in_each_way(thing: Thing) -> None:
    for typed in (thing.label, f"  {thing.label.upper()} ", thing.id):
        assert meant(SCRIPTS, typed.strip()) == [thing.id]
        assert likest(SCRIPTS, typed)[0] == (thing.id, 1.0)
        assert fitting(SCRIPTS, typed)[0] == thing.id


@pytest.mark.parametrize("typed", ["ze angstrom łucki", "Ze.Angstrom—ŁUCKI"])
def test_accents_and_punctuation_cost_a_little_and_width_and_case_nothing(typed: str) -> None:
    assert meant(SCRIPTS, typed) == ["latin"]
    assert likest(SCRIPTS, typed) == [("latin", SURE)]
    assert likest(SCRIPTS, "ＺÉ Ångström-łucki") == [("latin", 1.0)]


def test_the_strictest_way_that_fits_anything_decides() -> None:
    names = index(("a", "Jan Vester"), ("b", "JAN VESTER"), ("c", "Jan-Vester"), ("d", "Jan Vester Senior"))
    assert meant(names, "Jan Vester") == ["a"]
    assert meant(names, "jan vester") == ["a", "b"]
    assert meant(names, "jan.vester") == ["a", "b", "c"]
    assert meant(names, "vester senior") == ["d"]
    assert meant(names, "Vester") == ["a", "b", "c", "d"]
    assert meant(names, "veste") == []


def test_what_is_like_comes_after_what_is_equal_and_parts_count_for_more_than_letters() -> None:
    names = index(("mara", "Mara Lind"), ("mira", "Mira Lund"), ("lund", "Lund"), ("wei", "李伟"), ("blank", " "))
    assert [key for key, _ in likest(names, "Mara Lind")] == ["mara", "mira"]
    assert likest(names, "Lind, Mara")[0] == ("mara", 0.95)
    assert likest(names, "lind")[0][0] == "mara"
    assert likest(names, "Professor Mara Lind of Aldenburg University")[0][0] == "mara"
    assert likest(names, "Mara Lynd")[0] == ("mara", 0.84)
    assert likest(names, "Xenophon Qux") == likest(names, "") == likest(names, " ") == []


def test_only_what_may_be_misspelt_is_near() -> None:
    names = index(("mara", "Mara Lind"), ("mira", "Mira Lund"), ("india", "India"))
    assert [match.thing.id for match in names.nearest("Marra Lint", 3)] == ["mara"]
    assert [match.thing.id for match in names.nearest("Mira Lind", 3)] == ["mara", "mira"]
    assert names.nearest("Honda", 3) == []


def test_the_limit_takes_the_likest_that_fit() -> None:
    names = index(*((f"k{k}", f"Lind {k}") for k in range(50)), ("z", "Lind"))
    assert [match.thing.id for match in names.like("Lind", 3)] == ["z", "k0", "k1"]
    assert [match.thing.id for match in names.like("Lind", 2, lambda thing: thing.id > "k8")] == ["z", "k9"]


def test_whole_names_come_before_beginnings_and_these_before_the_rest() -> None:
    names = index(("a", "Greater Lind"), ("b", "Lind Harbour"), ("c", "Lind"), ("d", "Blinding"), ("lind", "Other"))
    assert fitting(names, "lind") == ["c", "b", "a", "d", "lind"]
    assert fitting(names, "   ") == []


def test_names_that_only_contain_the_letters_are_not_looked_at_if_better_ones_are_enough() -> None:
    names = index(("z", "Lind"), *((f"k{k}", f"Blind {k}") for k in range(100)))
    asked: list[str] = []

    def fits(thing: Thing) -> bool:
        asked.append(thing.id)
        return True

    assert [match.thing.id for match in names.fitting("lind", 1, fits)] == ["z"]
    assert asked.count("k7") == 0
    assert len(names.fitting("lind", 50)) == 50


def test_an_equal_name_is_found_however_many_hold_it() -> None:
    names = index(*((f"k{k}", f"Lind {k} Lind") for k in range(5000)), ("z", "Blind", "Lind"))
    assert (fitting(names, "lind", 1), meant(names, "LIND")) == (["z"], ["z"])


def test_a_name_that_was_taken_back_is_proposed_and_never_sure() -> None:
    mara = Thing("<m>", "mara", ("Mara Lind", "Lind"), taken_back=frozenset({"Lind"}))
    names = NameIndex([mara])
    assert (meant(names, "Lind"), fitting(names, "Lind"), likest(names, "Lind")) == (
        ["mara"],
        ["mara"],
        [("mara", 0.95)],
    )


def test_many_names_are_searched_quickly() -> None:
    names = index(*((f"k{k}", f"University of {k * 7919 % 20011:x} {k:x}") for k in range(20_000)))
    start = time.process_time()
    for typed in ("University of 1f2 3a", "univ", "f", "Universty of 3x"):
        assert fitting(names, typed) or likest(names, typed)
        assert not meant(names, f"{typed} ?!x")
    assert time.process_time() - start < 1


# -------- of a graph


@pytest.fixture(scope="module")
def graph() -> Graph:
    return harbour.graph()


def test_an_exact_name_is_found_without_reading_all_names(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(lookup, "_things")
    assert find(graph, "玛拉·林德", "Person") == find(graph, "Mara Lind") == harbour.iri("person/mara-lind")


def test_an_id_takes_a_server_one_query(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    server = replace(graph, memo=Memo())
    server.subclasses("Person")
    queries: list[str] = []
    answer = EmbeddedStore.answer

    def counted(store: EmbeddedStore, query: str, limit: int | None = None) -> StoreAnswer:
        queries.append(query)
        return answer(store, query, limit)

    monkeypatch.setattr(EmbeddedStore, "answer", counted)
    assert find(server, "person/mara-lind", "Person") == harbour.iri("person/mara-lind")
    assert len(queries) == 1


def test_classes_that_the_ontology_lacks_have_no_names(graph: Graph) -> None:
    assert entity_names(graph).things == ()
    assert {thing.kind for thing in all_names(graph).things} == {"article", "meeting"}


def test_a_server_finds_what_a_command_finds(graph: Graph) -> None:
    server = replace(graph, memo=Memo())
    for typed in ("lind", "universiteit noordhaven", "li-wei"):
        assert find(server, typed, "Agent") == find(graph, typed, "Agent")
