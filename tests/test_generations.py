"""Publishing is all or nothing, readers never notice, and every damage is named with its remedy."""

from __future__ import annotations

import errno
import gc
import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import pyoxigraph
import pytest
from click.testing import CliRunner

from kg.cli.session import Session
from kg.core.errors import EndpointError, InputError, UsageError
from kg.core.model import Term
from kg.project.intact import sealed_json
from kg.store.folder import current_number, generation_path, numbers
from kg.store.generations import OtherVersionError, current, history, open_generation, read_manifest, rollback
from kg.store.lines import graph_lines, line_quad
from kg.store.locks import build_lock
from kg.store.manifest import FORMAT, GenerationDetails, Manifest, manifest_text, parsed_manifest
from kg.store.objects import Objects
from kg.store.publish import KEEP, publish
from kg.store.read_back import store_problem

DETAILS = GenerationDetails(
    {"ontology": "o1", "shapes": "s1", "kg": "0.1.0"}, {"data/a.yaml": "f1"}, "2031-05-02T10:00:00Z"
)
EVERYTHING = "SELECT ?g ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } }"
Lines = dict[Term, Sequence[str]]


def graph(name: str, *values: str) -> Lines:
    """One graph with a quad per value."""
    return {f"<a:{name}>": sorted(f'<a:{name}/s> <a:says> "{value}"@en <a:{name}> .' for value in values)}


def corpus(**changes: str) -> Lines:
    """Six graphs of five quads; a keyword changes one value of that graph."""
    graphs: Lines = {}
    for name in "fedcba":
        graphs |= graph(name, *(f"{name}{n}" for n in range(4)), changes.get(name, "as it was"))
    return graphs


def published(build: Path, graphs: Mapping[Term, Sequence[str] | None], **options: bool) -> Manifest:
    with build_lock(build):
        return publish(build, graphs, DETAILS, **options)


def all_lines(graphs: Mapping[Term, Sequence[str]]) -> list[str]:
    return sorted(line for lines in graphs.values() for line in lines)


def lines_of(build: Path) -> list[str]:
    """What the store of the current generation holds, after a full check."""
    generation = current(build)
    assert generation
    with generation, generation.store() as store:
        generation.verify()
        return sorted(map(str, store.quads()))


def object_of(build: Path, name: Term, number: int = 1) -> Path:
    """The file that holds the lines of a graph of a generation."""
    return Objects(build / "objects").path(read_manifest(build, number).graphs[name].sha256)


def contents(build: Path) -> dict[str, bytes]:
    """Object -> its content."""
    files = (build / "objects").rglob("*.nq.gz")
    return {file.name.partition(".")[0]: file.read_bytes() for file in files}


# -------- publishing


def test_a_generation_holds_what_was_published(tmp_path: Path) -> None:
    manifest = published(tmp_path, corpus())
    folder = tmp_path / "generations" / "000001"
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "store"]
    assert (tmp_path / "current").readlink() == Path("generations/000001")
    assert lines_of(tmp_path) == all_lines(corpus())
    assert (manifest.number, manifest.parent, manifest.quads) == (1, None, 30)
    assert manifest.details == DETAILS
    one = "".join(f"{line}\n" for line in corpus()["<a:c>"])
    assert manifest.graphs["<a:c>"].sha256 == sha256(one.encode()).hexdigest()
    assert manifest.graphs["<a:c>"].quads == 5
    assert gzip.decompress(object_of(tmp_path, "<a:c>").read_bytes()).decode() == one


def test_the_hash_of_a_generation_is_that_of_its_content(tmp_path: Path) -> None:
    first = published(tmp_path, corpus())
    second = published(tmp_path, corpus(a="new"))
    third = published(tmp_path, corpus())
    assert first.sha256 == third.sha256 != second.sha256


def test_the_files_do_not_depend_on_order_duplicates_or_the_way_there(tmp_path: Path) -> None:
    published(tmp_path / "one", corpus(b="new"))
    backwards = {name: [*reversed(lines), *lines] for name, lines in reversed(corpus(b="new").items())}
    published(tmp_path / "two", backwards)
    published(tmp_path / "three", corpus())
    published(tmp_path / "three", dict.fromkeys(corpus()) | {"<a:b>": corpus(b="new")["<a:b>"]})
    found = [contents(tmp_path / build) for build in ("one", "two", "three")]
    assert found[0] == found[1]
    assert found[0].items() < found[2].items()  # the object that only the first generation names stays
    manifests = [history(tmp_path / build)[0] for build in ("one", "two", "three")]
    assert manifests[0].graphs == manifests[1].graphs == manifests[2].graphs
    assert lines_of(tmp_path / "three") == lines_of(tmp_path / "one")


def test_nothing_published_is_no_generation(tmp_path: Path) -> None:
    assert current(tmp_path) is None
    assert current(tmp_path / "missing") is None
    assert history(tmp_path / "missing") == []


def test_an_empty_graph_can_be_published(tmp_path: Path) -> None:
    assert published(tmp_path, {"<a:a>": []}).quads == 0
    assert lines_of(tmp_path) == []
    assert published(tmp_path, corpus()).number == 2
    assert published(tmp_path, {}).number == 3
    assert lines_of(tmp_path) == []


def test_unchanged_content_makes_no_generation_but_takes_over_the_inputs(tmp_path: Path) -> None:
    published(tmp_path, corpus())
    details = GenerationDetails({"kg": "0.2.0"}, {"data/a.yaml": "f2"}, "2032-01-01T00:00:00Z")
    again = publish(tmp_path, corpus(), details)
    assert again.number == 1
    assert again.details == replace(details, built=DETAILS.built)
    assert [manifest.details for manifest in history(tmp_path)] == [again.details]
    assert publish(tmp_path, dict.fromkeys(corpus()), details) == again
    assert lines_of(tmp_path) == all_lines(corpus())


def test_a_change_of_one_graph_starts_from_hard_links_and_leaves_the_old_one_alone(tmp_path: Path) -> None:
    published(tmp_path, corpus())
    manifest = published(tmp_path, {**dict.fromkeys(corpus()), "<a:b>": corpus(b="new")["<a:b>"]})
    tables = [path.stat().st_nlink for path in (generation_path(tmp_path, 2) / "store").glob("*.sst")]
    assert max(tables) > 1
    assert (manifest.number, manifest.parent, manifest.quads) == (2, 1, 30)
    assert lines_of(tmp_path) == all_lines(corpus(b="new"))
    with open_generation(tmp_path, 1, verify=True) as old, old.store() as store:
        assert sorted(map(str, store.quads())) == all_lines(corpus())


def test_graphs_are_added_and_removed(tmp_path: Path) -> None:
    published(tmp_path, corpus())
    wanted = {name: lines for name, lines in corpus().items() if name != "<a:a>"} | graph("z", "new")
    manifest = published(tmp_path, {**dict.fromkeys(wanted), **graph("z", "new")})
    assert list(manifest.graphs) == sorted(wanted)
    assert lines_of(tmp_path) == all_lines(wanted)


def test_many_small_changes_after_one_another_stay_sound(tmp_path: Path) -> None:
    published(tmp_path, corpus())
    for turn in range(6):
        published(tmp_path, {**dict.fromkeys(corpus()), "<a:c>": corpus(c=f"turn {turn}")["<a:c>"]})
    assert lines_of(tmp_path) == all_lines(corpus(c="turn 5"))


def test_a_full_build_of_the_same_content_checks_it_and_keeps_it(tmp_path: Path) -> None:
    published(tmp_path, corpus())
    assert published(tmp_path, corpus(), full=True).number == 1


def test_text_of_all_kinds_survives(tmp_path: Path) -> None:
    objects = [
        '"tab\\t line\\n quote\\" back\\\\"',
        '"\\u0001\\u007F"',
        '"a \u2028 b \u0085 c"',
        '"头 😀"@zh-hans',
        '"1.5"^^<a:t>',
    ]
    lines = sorted(f"<a:s> <a:p> {value} <a:g> ." for value in objects)
    published(tmp_path, {"<a:g>": lines})
    assert lines_of(tmp_path) == lines
    generation = current(tmp_path)
    assert generation
    with generation:
        assert generation.graph_lines() == {"<a:g>": lines}


def test_a_literal_that_the_store_would_rewrite_is_not_published(tmp_path: Path) -> None:
    published(tmp_path, corpus())
    line = '<a:s> <a:p> "1.50"^^<http://www.w3.org/2001/XMLSchema#decimal> <a:a> .'
    with pytest.raises(EndpointError) as caught:
        published(tmp_path, {**corpus(), "<a:a>": [line]})
    assert line in caught.value.message
    assert lines_of(tmp_path) == all_lines(corpus())
    assert [path.name for path in (tmp_path / "generations").iterdir()] == ["000001"]


@pytest.mark.parametrize("readers", [1, 2, 3])
@pytest.mark.parametrize("name", ["<a:a>", "<a:f>", "<a:much>"])
def test_each_reader_of_a_new_store_sees_what_it_changed(tmp_path: Path, readers: int, name: Term) -> None:
    line = f'<a:s> <a:p> "1.50"^^<http://www.w3.org/2001/XMLSchema#decimal> {name} .'
    graphs = {**corpus(), **graph("much", *map(str, range(50)))}
    changed = {**graphs, name: sorted([line, *graphs[name]])}
    with build_lock(tmp_path):
        with pytest.raises(EndpointError, match=f"different quads in {name}; it does not contain") as caught:
            publish(tmp_path, changed, DETAILS, readers=readers)
        assert line in caught.value.message
        assert publish(tmp_path, graphs, DETAILS, readers=readers).quads == 80


def test_an_interruption_ends_all_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = published(tmp_path, {name: lines for n in range(200) for name, lines in graph(str(n), "x").items()})
    read = []

    def interrupted(_: object, name: Term, _quads: int) -> str:
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        time.sleep(0.01)
        read.append(name)
        return manifest.graphs[name].sha256

    monkeypatch.setattr("kg.store.embedded.EmbeddedStore.graph_digest", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store_problem(generation_path(tmp_path, 1) / "store", manifest.graphs, manifest.quads, readers=2)
    assert len(read) < 100


def test_a_disk_that_refuses_is_an_endpoint_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("kg.store.publish.sync", full)
    with pytest.raises(EndpointError, match="cannot write a generation"):
        published(tmp_path, corpus())


# -------- history, rollback, pruning


def test_history_is_newest_first_and_old_generations_go(tmp_path: Path) -> None:
    for turn in range(KEEP + 2):
        published(tmp_path, corpus(a=str(turn)))
    assert [manifest.number for manifest in history(tmp_path)] == [7, 6, 5, 4, 3]
    assert [manifest.parent for manifest in history(tmp_path)] == [6, 5, 4, 3, 2]
    assert sorted(path.name for path in (tmp_path / "generations").iterdir())[0] == "000003"


def test_objects_that_no_generation_on_disk_names_go_with_the_last_that_did(tmp_path: Path) -> None:
    for turn in range(KEEP + 2):
        published(tmp_path, corpus(a=str(turn)))
        if turn == 2:
            unnamed = Objects(tmp_path / "objects").keep(corpus(b="by nobody")["<a:b>"]).sha256
    named = {summary.sha256 for manifest in history(tmp_path) for summary in manifest.graphs.values()}
    assert len(named) == 5 + KEEP
    assert contents(tmp_path).keys() == named
    assert unnamed not in named


def test_the_manifests_of_old_generations_are_read_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers_in_memory: list[int] = []

    def noted(build: Path, number: int) -> Manifest:
        numbers_in_memory.append(sum(isinstance(each, Manifest) for each in gc.get_objects()))
        return read_manifest(build, number)

    for turn in range(KEEP):
        published(tmp_path, corpus(a=str(turn)))
    monkeypatch.setattr("kg.store.removal.read_manifest", noted)
    published(tmp_path, corpus(a="last"))
    assert len(numbers_in_memory) == KEEP
    assert max(numbers_in_memory) - min(numbers_in_memory) <= 1


def test_objects_of_a_generation_that_somebody_reads_stay(tmp_path: Path) -> None:
    published(tmp_path, corpus(a="0"))
    reader = current(tmp_path)
    assert reader
    with reader:
        for turn in range(1, KEEP + 3):
            published(tmp_path, corpus(a=str(turn)))
        assert sorted(reader.lines()) == all_lines(corpus(a="0"))


def test_an_unchanged_graph_is_one_file_for_all_generations_and_is_not_written_again(tmp_path: Path) -> None:
    published(tmp_path, corpus())
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "objects").rglob("*.gz")}
    published(tmp_path, corpus(a="new"))
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "objects").rglob("*.gz")}
    assert len(after) == len(before) + 1
    assert before.items() < after.items()


def test_rollback_goes_to_the_parent_and_numbers_are_not_used_twice(tmp_path: Path) -> None:
    for value in ("first", "second", "third"):
        published(tmp_path, corpus(a=value))
    assert rollback(tmp_path).number == 2
    assert lines_of(tmp_path) == all_lines(corpus(a="second"))
    fourth = published(tmp_path, corpus(a="fourth"))
    assert (fourth.number, fourth.parent) == (4, 2)
    assert rollback(tmp_path).number == 2
    assert rollback(tmp_path).number == 1
    assert rollback(tmp_path, 3).number == 3
    assert lines_of(tmp_path) == all_lines(corpus(a="third"))


def test_rollback_to_nowhere_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no sound generation before"):
        rollback(tmp_path)
    published(tmp_path, corpus())
    with pytest.raises(UsageError, match="no sound generation before"):
        rollback(tmp_path)
    with pytest.raises(UsageError, match="generation 1 is already current"):
        rollback(tmp_path, 1)
    with pytest.raises(UsageError, match="there is no generation 9"):
        rollback(tmp_path, 9)
    assert current_number(tmp_path) == 1


def test_rollback_passes_over_damaged_generations(tmp_path: Path) -> None:
    for value in ("first", "second", "third"):
        published(tmp_path, corpus(a=value))
    (generation_path(tmp_path, 2) / "manifest.json").unlink()
    (generation_path(tmp_path, 3) / "manifest.json").unlink()
    assert rollback(tmp_path).number == 1


# -------- readers


def test_an_open_generation_outlives_its_removal(tmp_path: Path) -> None:
    published(tmp_path, corpus(a="0"))
    reader = current(tmp_path)
    assert reader
    store = reader.store()
    reader.close()  # the store holds it on its own
    for turn in range(1, KEEP + 3):
        published(tmp_path, corpus(a=str(turn)))
    assert 1 in numbers(tmp_path)
    assert len(store.select(EVERYTHING).rows) == 30
    store.close()
    published(tmp_path, corpus(a="last"))
    assert numbers(tmp_path) == [5, 6, 7, 8, 9]


def test_readers_always_see_one_whole_generation(tmp_path: Path) -> None:
    """Every graph carries the number of its build: an answer with two numbers would be half a graph."""
    turns = 10

    def state(turn: int) -> Lines:
        return {name: [f'{name} <a:turn> "{turn}" {name} .'] for name in (f"<a:{n}>" for n in range(20))}

    published(tmp_path, state(0))
    stop, answers, failures = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            try:
                generation = current(tmp_path)
                assert generation
                with generation, generation.store() as store:
                    rows = store.select("SELECT ?o (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?o").rows
                answers.append(rows)
            except Exception as error:
                failures.append(error)
                return

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(1, turns + 1):
        published(tmp_path, state(turn))
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert all(len(rows) == 1 and str(rows[0][1]).startswith('"20"') for rows in answers)
    assert len({rows[0][0] for rows in answers}) > 2


# -------- damage


def spoil_nothing(folder: Path) -> None:
    """Open the store for writing, as other programs do: the files change, the quads do not."""
    pyoxigraph.Store(str(folder / "store"))


def remove_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def cut_manifest(folder: Path) -> None:
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").write_text(text[: len(text) // 2], encoding="utf-8")


def edit_manifest(folder: Path) -> None:
    text = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").write_text(text.replace('"quads": 30', '"quads": 29'), encoding="utf-8")


def garble_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"\xff\xfe{}")


def remove_store(folder: Path) -> None:
    shutil.rmtree(folder / "store")


def cut_tables(folder: Path) -> None:
    for path in (folder / "store").glob("*.sst"):
        os.truncate(path, path.stat().st_size // 2)


def remove_tables(folder: Path) -> None:
    for path in (folder / "store").glob("*.sst"):
        path.unlink()


def add_a_quad(folder: Path) -> None:
    pyoxigraph.Store(str(folder / "store")).update("INSERT DATA { GRAPH <a:a> { <a:x> <a:y> 1 } }")


def exchange_a_quad(folder: Path) -> None:
    pyoxigraph.Store(str(folder / "store")).update(
        'DELETE DATA { GRAPH <a:a> { <a:a/s> <a:says> "a1"@en } }; INSERT DATA { GRAPH <a:a> { <a:x> <a:y> 1 } }'
    )


DAMAGES = [
    remove_manifest,
    cut_manifest,
    edit_manifest,
    garble_manifest,
    remove_store,
    cut_tables,
    remove_tables,
    add_a_quad,
    exchange_a_quad,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_is_named_with_its_remedy_and_a_build_mends_it(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    published(tmp_path, corpus(a="first"))
    published(tmp_path, corpus())
    damage(generation_path(tmp_path, 2))
    with pytest.raises(InputError, match=r"^generation 2 is damaged: its (manifest|store)[^/]*$") as caught:
        current(tmp_path)
    assert "kg rollback" in caught.value.fix
    assert "kg build --full" in caught.value.fix
    with pytest.raises(InputError, match="generation 2 is damaged"):
        published(tmp_path, dict.fromkeys(corpus()))
    assert published(tmp_path, corpus(), full=True).number == 3
    assert lines_of(tmp_path) == all_lines(corpus())


def test_a_store_whose_list_of_files_was_cut_is_damaged_or_whole(tmp_path: Path) -> None:
    """Cut at certain places, Oxigraph opens without complaint and without a quad."""
    published(tmp_path, corpus())
    (listing,) = (generation_path(tmp_path, 1) / "store").glob("MANIFEST-*")
    problems = set()
    for size in range(listing.stat().st_size - 1, 0, -90):
        os.truncate(listing, size)
        try:
            assert lines_of(tmp_path) == all_lines(corpus())
        except InputError as error:
            problems.add(error.message)
    assert "generation 1 is damaged: its store has 0 quads instead of 30" in problems


def test_a_store_that_was_opened_for_writing_but_not_changed_is_sound(tmp_path: Path) -> None:
    published(tmp_path, corpus())
    spoil_nothing(generation_path(tmp_path, 1))
    assert lines_of(tmp_path) == all_lines(corpus())


def test_damage_that_keeps_all_sizes_is_found_by_the_full_check_and_by_a_full_build(tmp_path: Path) -> None:
    published(tmp_path, corpus())
    published(tmp_path, corpus(a="new"))
    table = max((generation_path(tmp_path, 1) / "store").glob("*.sst"), key=lambda file: file.stat().st_size)
    status, data = table.stat(), bytearray(table.read_bytes())
    data[20] ^= 1
    table.write_bytes(data)
    os.utime(table, ns=(status.st_atime_ns, status.st_mtime_ns))  # as a disk does that forgets
    with pytest.raises(InputError, match=r"its store's file \d+\.sst was changed"):
        open_generation(tmp_path, 1, verify=True)
    with pytest.raises(UsageError, match="no sound generation"):
        rollback(tmp_path)
    assert published(tmp_path, corpus(a="new"), full=True).number == 3  # its store has links to that of the first
    assert lines_of(tmp_path) == all_lines(corpus(a="new"))


# -------- damaged objects


def change_object(file: Path) -> None:
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()).replace(b"a1", b"b1")))


OBJECT_DAMAGES: Mapping[str, Callable[[Path], None]] = {
    "was changed": change_object,
    "cannot be read": lambda file: os.truncate(file, 60),
    "is missing": Path.unlink,
}


@pytest.mark.parametrize("how", OBJECT_DAMAGES)
def test_a_damaged_object_is_found_when_it_is_read_and_a_full_build_mends_it(tmp_path: Path, how: str) -> None:
    published(tmp_path, corpus())
    OBJECT_DAMAGES[how](object_of(tmp_path, "<a:a>"))
    generation = current(tmp_path)
    assert generation
    with (
        generation,
        pytest.raises(InputError, match=f"^the object [0-9a-f]{{12}} of the build folder {how}\n") as caught,
    ):
        list(generation.lines())
    assert caught.value.fix == "rebuild with 'kg build --full'"
    with pytest.raises(InputError, match=how):
        open_generation(tmp_path, 1, verify=True)
    assert published(tmp_path, corpus(), full=True).number == 1
    assert lines_of(tmp_path) == all_lines(corpus())


def test_a_generation_is_not_built_on_a_missing_object(tmp_path: Path) -> None:
    published(tmp_path, corpus())
    object_of(tmp_path, "<a:a>").unlink()
    with pytest.raises(InputError, match="is missing"):
        published(tmp_path, {**dict.fromkeys(corpus()), "<a:b>": corpus(b="new")["<a:b>"]})
    assert [path.name for path in (tmp_path / "generations").iterdir()] == ["000001"]


def test_going_back_reads_every_object(tmp_path: Path) -> None:
    for value in ("first", "second", "third"):
        published(tmp_path, corpus(a=value))
    change_object(object_of(tmp_path, "<a:a>", 2))
    with pytest.raises(InputError, match="was changed"):
        rollback(tmp_path, 2)
    assert rollback(tmp_path).number == 1


# -------- build folders of other versions


def test_a_generation_of_another_version_is_named_as_such_and_a_build_replaces_it(tmp_path: Path) -> None:
    for value in ("first", "second"):
        published(tmp_path, corpus(a=value))
        make_older(generation_path(tmp_path, current_number(tmp_path) or 0))
    with pytest.raises(OtherVersionError, match="generation 2 was made by another version of kg") as caught:
        current(tmp_path)
    assert "'kg build'" in caught.value.fix
    with pytest.raises(OtherVersionError):
        published(tmp_path, dict.fromkeys(corpus()))
    assert published(tmp_path, corpus()).number == 3
    assert numbers(tmp_path) == [3]
    assert lines_of(tmp_path) == all_lines(corpus())


def make_older(folder: Path) -> None:
    """Give a generation the form in which an earlier version of kg wrote it."""
    values = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del values["integrity"]
    body = json.dumps({**values, "format": 2, "size": 1, "sha256": "0"}, indent=1, sort_keys=True)[:-2]
    (folder / "manifest.json").write_text(sealed_json(body, "\n}"), encoding="utf-8")
    (folder / "graph.nq").write_text("", encoding="utf-8")


def test_a_manifest_of_another_generation_is_not_taken(tmp_path: Path) -> None:
    published(tmp_path, corpus())
    published(tmp_path, corpus(a="new"))
    shutil.copy(generation_path(tmp_path, 1) / "manifest.json", generation_path(tmp_path, 2) / "manifest.json")
    with pytest.raises(InputError, match="its manifest belongs to generation 1"):
        current(tmp_path)


def test_a_current_generation_that_is_gone_is_damage(tmp_path: Path) -> None:
    published(tmp_path, corpus())
    shutil.rmtree(generation_path(tmp_path, 1))
    with pytest.raises(InputError, match="its folder is gone"):
        current(tmp_path)


def test_a_current_that_is_no_link_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "current").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="not a link to a generation"):
        current(tmp_path)


def test_a_manifest_survives_its_text(tmp_path: Path) -> None:
    manifest = published(tmp_path, corpus())
    assert parsed_manifest(manifest_text(manifest)) == manifest
    body = json.dumps({"format": FORMAT, **asdict(manifest)}, ensure_ascii=False, indent=1, sort_keys=True)
    assert manifest_text(manifest).startswith(body.removesuffix("\n}"))
    with pytest.raises(ValueError, match="changed or cut off"):
        parsed_manifest(manifest_text(manifest).replace("000", "001"))


# -------- one build at a time, and killed ones


def test_a_second_build_is_refused_with_the_number_of_the_first_process(tmp_path: Path) -> None:
    with (
        build_lock(tmp_path),
        pytest.raises(EndpointError, match=rf"another build is running \(process {os.getpid()}\)"),
    ):
        published(tmp_path, corpus())
    assert published(tmp_path, corpus()).number == 1


def test_reading_needs_no_lock_on_the_build(tmp_path: Path) -> None:
    published(tmp_path, corpus())
    with build_lock(tmp_path):
        assert lines_of(tmp_path) == all_lines(corpus())


BUILDER = """
import sys
from pathlib import Path
from typing import NoReturn
from tests_corpus import corpus
from kg.store.manifest import GenerationDetails
from kg.store.locks import build_lock
from kg.store.publish import publish
turn = int(sys.argv[2])
print("ready", flush=True)
while True:
    turn += 1
    with build_lock(Path(sys.argv[1])):
        publish(Path(sys.argv[1]), corpus(turn), GenerationDetails({}, {}, ""))
"""
CORPUS = """
def corpus(turn):
    "One graph changes each time, and every third time all of them do."
    return {
        f"<a:{n}>": sorted(f'<a:{n}/{i}> <a:turn> "{turn if n == 0 else turn // 3}" <a:{n}> .' for i in range(50))
        for n in range(8)
    }
"""


def test_a_killed_build_leaves_a_whole_generation_and_the_next_one_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tests_corpus.py").write_text(CORPUS, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    from tests_corpus import corpus as state  # type: ignore[import-not-found]

    build, chance, turn = tmp_path / "build", random.Random(20310502), 0
    published(build, state(0))
    for _ in range(9):
        builder = subprocess.Popen(
            [sys.executable, "-c", BUILDER, str(build), str(turn)],
            stdout=subprocess.PIPE,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
        )
        assert builder.stdout
        with builder, builder.stdout:
            builder.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.12))
            builder.send_signal(signal.SIGKILL)
        found = graph_lines(map(line_quad, lines_of(build)))
        reached = int(found["<a:0>"][0].split('"')[1])
        assert turn <= reached
        assert found == state(reached)
        turn = reached + 1
        published(build, state(turn))
        assert lines_of(build) == all_lines(state(turn))
        assert not list((build / "generations").glob(".*"))
        assert len(numbers(build)) <= KEEP


POOL = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NoReturn
from kg.store.locks import build_lock
with build_lock(Path(sys.argv[1])), ProcessPoolExecutor(1, get_context("fork")) as pool:
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(60)
"""


def test_workers_that_outlive_a_killed_build_do_not_keep_its_lock(tmp_path: Path) -> None:
    builder = subprocess.Popen([sys.executable, "-c", POOL, str(tmp_path)], stdout=subprocess.PIPE)
    assert builder.stdout
    with builder, builder.stdout:
        worker = int(builder.stdout.readline())
        with pytest.raises(EndpointError, match=rf"process {builder.pid}"):
            published(tmp_path, corpus())
        builder.send_signal(signal.SIGKILL)
    try:
        os.kill(worker, 0)  # it is still there
        assert published(tmp_path, corpus()).number == 1
    finally:
        os.kill(worker, signal.SIGKILL)


# -------- the commands


@pytest.fixture
def project(tmp_path: Path) -> Session:
    (tmp_path / "kg.toml").write_text("ontology = []\nqueries = []\n", encoding="utf-8")
    return Session(tmp_path)


def run(session: Session, name: str, *arguments: str) -> str:
    from importlib import import_module

    result = CliRunner().invoke(import_module(f"kg.cli.{name}").command, arguments, obj=session, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_history_piped_is_tsv_and_marks_the_current_and_the_damaged(project: Session) -> None:
    build = project.project.build
    for value in ("first", "second", "third"):
        published(build, corpus(a=value))
    remove_manifest(generation_path(build, 1))
    rollback(build)
    rows = [line.split("\t") for line in run(project, "history").splitlines()]
    assert rows[0] == ["generation", "state", "built", "parent", "graphs", "quads", "sha256"]
    assert [row[:6] for row in rows[1:]] == [
        ["3", "", "2031-05-02T10:00:00Z", "2", "6", "30"],
        ["2", "current", "2031-05-02T10:00:00Z", "1", "6", "30"],
        ["1", "damaged", "", "", "", ""],
    ]
    assert len(rows[1][6]) == 64


def test_history_as_json_has_the_versions_too(project: Session) -> None:
    import json

    published(project.project.build, corpus())
    (entry,) = json.loads(run(project, "history", "--format", "json"))
    assert entry["generation"] == 1
    assert entry["state"] == "current"
    assert entry["quads"] == 30
    assert entry["versions"] == DETAILS.versions


def test_history_as_a_table_has_aligned_columns(project: Session) -> None:
    published(project.project.build, corpus())
    head, row = run(project, "history", "--format", "table").splitlines()
    assert head.index("state") == row.index("current")
    assert head.index("sha256") == len(row) - 12


def test_history_of_nothing_says_what_to_do(project: Session) -> None:
    with pytest.raises(InputError, match="nothing has been published") as caught:
        run(project, "history")
    assert "kg build" in caught.value.fix


def test_rollback_says_where_it_went(project: Session) -> None:
    build = project.project.build
    for value in ("first", "second", "third"):
        published(build, corpus(a=value))
    assert run(project, "rollback") == ""
    assert current_number(build) == 2
    run(project, "rollback", "3")
    assert current_number(build) == 3
    result = CliRunner().invoke(__import__("kg.cli.rollback", fromlist=["command"]).command, ["1"], obj=project)
    assert "generation 1 is current again: 6 graphs, 30 quads" in result.stderr
