"""Whatever is damaged in the build folder, in whatever way: the right answer, or exit 3 and a remedy that works."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import NoReturn

import pytest
from click.testing import CliRunner

from kg.cli import cli
from kg.core.errors import InputError
from kg.mapping.pins import read_pins
from kg.pipeline.cache import LEAST_KEPT, Cache
from kg.pipeline.check import check
from kg.pipeline.packs import read_pack
from kg.pipeline.steps import build
from kg.project.intact import is_abandoned
from kg.project.settings import Project, load_project
from kg.store.folder import generation_path, numbers
from kg.store.generations import current, read_manifest
from kg.store.objects import Objects
from tests.serving import copy_project
from tests.test_check_cli import Kg, kg  # noqa: F401 - a fixture
from tests.test_generations import make_older
from tests.test_pipeline import FICTION, withhold

pytestmark = pytest.mark.stress

KG = [sys.executable, "-c", "from kg.cli import main; main()"]
SECONDS = 60


def hangs(_number: int, _frame: FrameType | None) -> NoReturn:
    raise AssertionError("it hangs")


@pytest.fixture(autouse=True)
def no_test_waits_for_ever() -> Iterator[None]:
    signal.signal(signal.SIGALRM, hangs)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project with two generations."""
    folder = tmp_path_factory.mktemp("damage") / "project"
    assert CliRunner().invoke(cli, ["init", str(folder)]).exit_code == 0
    build(load_project(folder))
    touch(folder)
    build(load_project(folder))
    time.sleep(0.1)
    build(load_project(folder))  # which notes the states of files, now that they are not fresh
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "project", symlinks=True))


def touch(project: Path) -> None:
    """Change an article, so that the next build compiles it."""
    file = project / "data" / "articles" / "harbour-study.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"curator: (\w+)", r"curator: \1x", text, count=1), encoding="utf-8")


def rename(project: Path) -> None:
    """Change the name of the data set, so that the next build publishes, and compiles nothing."""
    file = project / "kg.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"(?m)^title = .*$", 'title = "Another"', text), encoding="utf-8")


# -------- what may be damaged, and how


def store_file(pattern: str) -> Callable[[Path], Path]:
    def find(build: Path) -> Path:
        return max((build / "generations" / "000002" / "store").glob(pattern), key=lambda file: file.stat().st_size)

    return find


def object_of(build: Path, number: int) -> Path:
    """The object of the article that was changed between the two generations."""
    graphs = [read_manifest(build, each).graphs for each in (number, 3 - number)]
    (name,) = (s.sha256 for g, s in graphs[0].items() if "/article/" in g and graphs[1].get(g) != s)
    return Objects(build / "objects").path(name)


FILES: Mapping[str, Callable[[Path], Path]] = {
    "lock": lambda build: build / "lock",
    "current": lambda build: build / "current",
    "pack": lambda build: packs(build)[0],
    "kept text": lambda build: sorted((build / "cache").rglob("*.txt"))[0],
    "manifest": lambda build: build / "generations" / "000002" / "manifest.json",
    "object": lambda build: object_of(build, 2),
    "earlier manifest": lambda build: build / "generations" / "000001" / "manifest.json",
    "earlier object": lambda build: object_of(build, 1),
    "earlier table": lambda build: max(
        (build / "generations" / "000001" / "store").glob("*.sst"), key=lambda file: file.stat().st_size
    ),
    "table": store_file("*.sst"),
    "log": store_file("*.log"),
    "list of tables": store_file("MANIFEST-*"),
    "name of that list": store_file("CURRENT"),
    "options": store_file("OPTIONS-*"),
    "store": lambda build: build / "generations" / "000002" / "store",
    "generation": lambda build: build / "generations" / "000002",
    "generations": lambda build: build / "generations",
    "cache": lambda build: build / "cache",
    "objects": lambda build: build / "objects",
    "across": lambda build: build / "across.json",
    "seen": lambda build: build / "seen.json",
    "texts": lambda build: build / "texts.json",
    "build": lambda build: build,
}


def content(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b"{}"


def removed(file: Path) -> None:
    if file.is_dir() and not file.is_symlink():
        shutil.rmtree(file)
    else:
        file.unlink()


def write(file: Path, data: bytes) -> None:
    removed(file)  # a table is a hard link to that of another generation
    file.write_bytes(data)


def flip(file: Path) -> None:
    data = bytearray(content(file))
    for position in range(len(data) // 3, len(data), max(len(data) // 7, 1)):
        data[position] ^= 0b100
    write(file, bytes(data))


def cut(file: Path) -> None:
    write(file, content(file)[: len(content(file)) // 2])


def zero(file: Path) -> None:
    write(file, bytes(len(content(file))))


def empty(file: Path) -> None:
    write(file, b"")


def not_utf8(file: Path) -> None:
    write(file, b"\xff\xfe" + content(file)[2:])


def nested(file: Path) -> None:
    write(file, b"[" * 200_000)


def huge_number(file: Path) -> None:
    write(file, b'{"format": ' + b"9" * 10_000 + b"}")


def folder(file: Path) -> None:
    removed(file)
    file.mkdir()
    (file / "x").write_text("", encoding="utf-8")


def loop(file: Path) -> None:
    removed(file)
    file.symlink_to(file.name)


def pipe(file: Path) -> None:
    removed(file)
    os.mkfifo(file)


OF_TEXT = (flip, cut, zero, not_utf8, nested, huge_number)
OF_KIND = (removed, folder, loop, pipe)
OF_TABLES = (flip, zero, cut, pipe)
DAMAGES: Mapping[str, tuple[Callable[[Path], None], ...]] = {
    "lock": (not_utf8, *OF_KIND),
    "current": (empty, *OF_KIND),
    "pack": (*OF_TEXT, *OF_KIND),
    "kept text": (flip, cut, *OF_KIND),
    "manifest": (*OF_TEXT, *OF_KIND),
    "object": (flip, cut, zero, *OF_KIND),
    "earlier manifest": (flip, removed),
    "earlier object": (flip, pipe),
    "earlier table": (flip,),
    "table": OF_TABLES,
    "log": (flip, pipe),
    "list of tables": OF_TABLES,
    "name of that list": OF_TABLES,
    "options": (flip,),
    "store": OF_KIND,
    "generation": OF_KIND,
    "generations": OF_KIND,
    "cache": OF_KIND,
    "objects": OF_KIND,
    "across": (flip, nested, folder, pipe),
    "seen": (flip, folder, pipe),
    "texts": (flip, nested, folder, pipe),
    "build": (empty, loop, pipe),
}
CASES = [(name, damage) for name, damages in DAMAGES.items() for damage in damages]


def test_every_kind_of_file_below_the_build_folder_is_damaged(project: Path) -> None:
    """Whoever adds a file to the build folder says here what damages it, and sees who notices."""
    below = project / "build"
    found = {str(path.relative_to(below)) for path in below.rglob("*") if path.is_file() or path.is_symlink()}
    known = re.compile(
        r"lock|current|(across|seen|texts)\.json|cache/../[0-9a-f]{64}\.txt|cache/records/\d{6}-[0-9a-f]{16}\.pack|objects/../[0-9a-f]{64}\.nq\.gz"
        r"|generations/0+[12]/(manifest\.json|store/(\d+\.(sst|log)|CURRENT|IDENTITY|LOCK|LOG.*|(MANIFEST|OPTIONS)-\d+))"
    )
    assert sorted(name for name in found if not known.fullmatch(name)) == []
    assert FILES.keys() == DAMAGES.keys()


# -------- what is run, and what is right


COMMANDS: Mapping[str, list[str]] = {
    "check": ["check"],
    "query": ["query", "who-met-whom", "--format", "tsv"],
    "export": ["export", "--format", "nq"],
    "history": ["history"],
    "build": ["build"],
    "rollback": ["rollback"],
}


READ_BY_CHECK = ("lock", "pack", "kept text", "object", "cache", "objects", "build")


@pytest.fixture(scope="module")
def right(built: Path) -> Mapping[str, str]:
    """Command -> what it prints for a sound project; the export of a build that changes an article in any place."""
    runs = {name: CliRunner().invoke(cli, ["-C", str(built), *COMMANDS[name]]) for name in ("check", "query", "export")}
    assert all(run.exit_code == 0 for run in runs.values())
    return {name: run.stdout for name, run in runs.items()}


def mended(kg: Kg, project: Path, complaint: str) -> None:  # noqa: F811
    """Do what the help says, word for word; and what the command that it names says, if that cannot do it alone."""
    help_line = re.findall(r"= help: (.*)", complaint)[-1]
    in_the_way = re.search(r"^remove (\S+),", help_line)
    if in_the_way:
        removed(Path(in_the_way[1]))
    (command,) = re.findall(r"'kg (build(?: --full)?)'", help_line)
    done = kg("-C", project, *command.split())
    if done.returncode == 3 and not in_the_way:
        mended(kg, project, done.stderr)
    else:
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("name", "damage"), CASES, ids=lambda case: getattr(case, "__name__", case))
def test_damage_gives_the_right_answer_or_a_remedy_that_works(
    kg: Kg,  # noqa: F811
    project: Path,
    right: Mapping[str, str],
    name: str,
    damage: Callable[[Path], None],
) -> None:
    damage(FILES[name](project / "build"))
    is_mended = False
    for command, arguments in COMMANDS.items():
        if command == "check" and name not in READ_BY_CHECK:
            continue
        if command == "build":
            rename(project)
        done = kg("-C", project, *arguments)
        if done.returncode == 3 and not is_mended:
            mended(kg, project, done.stderr)
            is_mended = True
            done = kg("-C", project, *arguments)
        assert "a bug in kg" not in done.stderr
        if command == "rollback" and done.returncode == 2:
            assert "no sound generation before" in done.stderr
        else:
            assert done.returncode == 0, done.stderr
        assert done.stdout == right.get(command, done.stdout)
    current_generation = current(project / "build")
    assert current_generation
    with current_generation:
        current_generation.verify()


def test_reports_of_the_last_build_that_are_no_json_have_a_remedy_and_a_check_does_without(
    kg: Kg,  # noqa: F811
    project: Path,
) -> None:
    across = (project / "build" / "across.json").read_text(encoding="utf-8")
    (name,) = re.findall(r'"reports": \[\d+, "(\w+)"', across)
    Objects(project / "build" / "objects").path(name).write_bytes(gzip.compress(b"{\n" * 999))
    article = project / "data" / "articles" / "harbour-study.yaml"
    assert kg("-C", project, "-v", "check", article).stderr == "1 file, no findings\n"
    article.write_text(article.read_text(encoding="utf-8").replace("Tide gauges open", "Gauges open"), encoding="utf-8")
    done = kg("-C", project, "build")
    assert "what the last build found is damaged" in done.stderr
    mended(kg, project, done.stderr)


# -------- build folders of other versions


def test_the_build_folder_of_another_version_is_built_anew_with_a_word(kg: Kg, project: Path) -> None:  # noqa: F811
    for number in (1, 2):
        make_older(generation_path(project / "build", number))
    done = kg("-C", project, "query", "who-met-whom")
    assert done.returncode == 3
    assert "generation 2 was made by another version of kg" in done.stderr
    assert "run 'kg build'" in done.stderr
    times = {file: file.stat().st_mtime_ns for file in packs(project / "build")}
    keys = keys_in(project / "build")
    done = kg("-C", project, "build")
    assert (done.returncode, "made by another version of kg: everything was rebuilt" in done.stderr) == (0, True)
    assert keys_in(project / "build") <= keys
    assert not any(file.exists() and file.stat().st_mtime_ns == time for file, time in times.items())
    assert numbers(project / "build") == [3]
    assert "another version" not in kg("-C", project, "build").stderr


# -------- the cache


def packs(build: Path) -> list[Path]:
    return sorted((build / "cache" / "records").glob("*.pack"))


def keys_in(build: Path) -> set[str]:
    return {key for file in packs(build) for key in read_pack(file).records}


def key_of(build: Path, path: str) -> str:
    """The key of the newest record of the file at *path*."""
    keys = [key for file in packs(build) for key, (value, _) in read_pack(file).records.items() if value[0] == path]
    return keys[-1]


def opened_cache(build: Path) -> Cache:
    cache = Cache(build / "cache")
    cache.open()
    return cache


def test_a_number_that_was_changed_in_the_cache_is_never_published(kg: Kg, project: Path) -> None:  # noqa: F811
    """Case 25: what records say is changed, another file is edited, and the build takes the rest from the cache."""
    for file in packs(project / "build"):
        file.write_bytes(file.read_bytes().replace(b"people", b"peoqle"))
    touch(project)
    done = kg("-C", project, "-v", "build")
    assert "the cache was damaged in 1 place: compiled again from the files" in done.stderr
    assert "peoqle" not in kg("-C", project, "export", "--format", "nq").stdout
    assert "damaged" not in kg("-C", project, "-v", "check").stderr


def test_of_a_pack_only_the_records_whose_parts_are_damaged_are_compiled_again(kg: Kg, project: Path) -> None:  # noqa: F811
    file, before = packs(project / "build")[0], keys_in(project / "build")
    data = file.read_bytes()
    flip_at(file, data.index(b"\n", data.index(b"\n") + 1) + 9)  # in the first parts
    assert (len(read_pack(file).records), read_pack(file).damaged) == (len(before) - 2, 1)  # another pack has one
    assert "the cache was damaged in 1 place" in kg("-C", project, "-v", "check").stderr
    assert not file.exists()
    assert keys_in(project / "build") == before
    assert "damaged" not in kg("-C", project, "-v", "check").stderr


def flip_at(file: Path, position: int) -> None:
    data = bytearray(file.read_bytes())
    data[position] ^= 1
    write(file, bytes(data))


def test_parts_that_change_after_the_pack_was_opened_are_not_believed(project: Path) -> None:
    cache = opened_cache(project / "build")
    record = cache.load(key_of(project / "build", "data/registry/people.yaml"))
    assert record
    (file,) = {file for file in packs(project / "build") if record.path.encode() in file.read_bytes()}
    with file.open("r+b") as opened:
        opened.seek(file.read_bytes().index(b"\n", 100))
        opened.write(bytes(file.stat().st_size - opened.tell()))
    with pytest.raises(InputError, match="was changed while it was read"):
        record.places  # noqa: B018 - reads them


def test_records_survive_the_removal_of_their_pack_by_another_process(project: Path) -> None:
    cache = opened_cache(project / "build")
    record = cache.load(key_of(project / "build", "data/registry/people.yaml"))
    assert record
    for file in packs(project / "build"):
        file.unlink()
    assert record.places


@pytest.mark.parametrize("is_replaced_at_once", [False, True])
def test_records_that_were_just_written_survive_the_removal_of_their_pack_by_another_process(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_replaced_at_once: bool
) -> None:
    record = opened_cache(project / "build").load(key_of(project / "build", "data/registry/people.yaml"))
    assert record
    if is_replaced_at_once:
        monkeypatch.setattr("kg.pipeline.packs.open_regular", lambda path: path.with_name("none").open("rb"))
    cache = Cache(tmp_path / "cache")
    kept = cache.keep("a key", record)
    cache.flush()
    (file,) = packs(tmp_path)
    file.unlink()
    assert kept.places == record.places


def test_a_record_that_was_changed_together_with_its_pack_is_of_no_use(project: Path) -> None:
    """A record under the key of another would need another seal; parts of another, another digest."""
    build = project / "build"
    file = packs(build)[0]
    one, other = sorted(read_pack(file).records)[:2]
    data = file.read_bytes().replace(one.encode(), b"?").replace(other.encode(), one.encode())
    write(file, data.replace(b"?", other.encode()))
    cache = opened_cache(build)
    assert (cache.load(one), cache.load(other), cache.damaged) == (None, None, 1)
    assert not file.exists()


def test_the_cache_keeps_what_is_needed_and_as_many_others_kept_last(project: Path) -> None:
    cache = opened_cache(project / "build")
    paths = {value[0] for file in packs(project / "build") for value, _ in read_pack(file).records.values()}
    needed = {key_of(project / "build", path) for path in paths}
    record = cache.load(next(iter(needed)))
    assert record
    for number in range(3 * LEAST_KEPT):
        cache.keep(f"{number:064x}", record)
    cache.flush()
    rename(project)
    build(load_project(project), full=False)
    kept = keys_in(project / "build")
    assert needed <= kept
    others = sorted(int(key, 16) for key in kept if key.startswith("000"))
    assert others == list(range(3 * LEAST_KEPT - len(others), 3 * LEAST_KEPT))
    assert LEAST_KEPT - len(needed) <= len(others) <= LEAST_KEPT


def test_small_packs_are_merged_without_losing_a_record(project: Path) -> None:
    cache = opened_cache(project / "build")
    key = key_of(project / "build", "data/registry/people.yaml")
    record = cache.load(key)
    assert record
    for number in range(100):
        cache.keep(f"{number:064x}", record)
        cache.flush()
    sizes = [len(read_pack(file).records) for file in packs(project / "build")]
    assert len(sizes) < 8
    assert sizes == sorted(sizes, reverse=True)
    again = opened_cache(project / "build")
    for each in (key, *(f"{number:064x}" for number in range(100))):
        loaded = again.load(each)
        assert loaded
        assert replace(loaded, parts=loaded.parts.read(), lines=()) == replace(
            record, parts=record.parts.read(), lines=()
        )


MANY_PACKS = """
import resource, sys
from pathlib import Path
from kg.pipeline import cache
cache.LARGE = 1
keys, build = sys.argv[2:], Path(sys.argv[1])
for key in keys:  # each in a pack of its own
    one = cache.Cache(build / "other", behind=cache.Cache(build / "cache"))
    one.load(key)
    one.flush()
files = len(list(Path("/dev/fd").iterdir()))
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (files + len(keys) // 2, most))
opened = cache.Cache(build / "other")
opened.open()
print(opened.damaged, sum(opened.peek(key) is not None for key in keys))
"""


def test_more_packs_can_be_opened_than_a_process_may_open_files_at_first(project: Path) -> None:
    build, keys = project / "build", keys_in(project / "build")
    done = subprocess.run([sys.executable, "-c", MANY_PACKS, build, *keys], capture_output=True, text=True, check=True)
    assert len(list((build / "other" / "records").iterdir())) == len(keys) > 4
    assert done.stdout.split() == ["0", str(len(keys))]


def test_a_damaged_pack_that_is_not_ours_to_remove_is_passed_over(project: Path) -> None:
    files = packs(project / "build")
    write(files[0], b"nothing")
    cache = replace(Cache(project / "build" / "cache"), writes=False)
    for _ in range(2):
        cache.open()
    assert (cache.damaged, files[0].exists(), len(cache._packs)) == (1, True, len(files) - 1)


def test_a_reader_that_meets_a_pack_which_is_just_being_replaced_finds_its_records(project: Path) -> None:
    """Between listing and opening, another process merges all packs into one."""
    build = project / "build"
    cache, other = Cache(build / "cache"), opened_cache(build)
    names, listed = cache._names, []

    def listing() -> list[str]:
        listed.append(names())
        if len(listed) == 1:
            for name in listed[0]:
                other._rewrite(name, set(list(other._packs[name].records)[:-1]))
        return listed[-1]

    cache._names = listing  # type: ignore[method-assign]
    cache.open()
    assert (len(listed) > 1, cache.damaged) == (True, 0)
    assert cache._pack_of.keys() == other._pack_of.keys()


# -------- pins


@pytest.fixture
def withheld(tmp_path: Path) -> Project:
    """A project with pins, on a machine without the text."""
    copy_project(FICTION, tmp_path / "fiction")
    project = load_project(tmp_path / "fiction")
    for file in (project.data / "articles").iterdir():
        if file.stem not in ("harbour-study",):
            file.unlink()
    withhold(project)
    return project


def test_pins_that_were_changed_are_not_believed(withheld: Project) -> None:
    build(withheld)
    pins = withheld.data / "articles" / "harbour-study.pins.json"
    sound = pins.read_text(encoding="utf-8")
    shutil.rmtree(withheld.root / "texts")
    assert not codes(withheld) & {"KG-E006", "KG-E007"}
    for changed in (sound.replace("[", "[1", 1), "[" * 100_000):
        pins.write_text(changed, encoding="utf-8")
        assert "KG-E007" in codes(withheld)
    pins.write_text(sound, encoding="utf-8")
    assert "KG-E007" not in codes(withheld)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"length": 1e999}', "{}", "\0", ' "integrity": ""}'])
def test_what_are_no_pins_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="changed or cut off"):
        read_pins(text)


def test_pins_that_were_changed_are_written_anew_where_the_text_is(withheld: Project) -> None:
    build(withheld)
    pins = withheld.data / "articles" / "harbour-study.pins.json"
    sound = pins.read_bytes()
    pins.write_bytes(b"\xff{}")
    build(withheld)
    assert pins.read_bytes() == sound


def test_something_in_place_of_pins_is_named_and_not_waited_for(withheld: Project) -> None:
    pins = withheld.data / "articles" / "harbour-study.pins.json"
    os.mkfifo(pins)
    with pytest.raises(InputError, match=r"cannot read .*harbour-study\.pins\.json") as caught:
        build(withheld)
    assert caught.value.fix.startswith("remove it")


def codes(project: Project) -> set[str]:
    return {finding.code for finding in check(project).findings}


# -------- leftovers


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    return process.pid


def test_what_killed_runs_left_is_swept_by_a_build_that_changes_nothing(kg: Kg, project: Path) -> None:  # noqa: F811
    gone, lives = ended_process(), os.getppid()
    cache = next((project / "build" / "cache").iterdir())
    (project / "build" / "receipts").mkdir()

    def temporary(process: int) -> list[Path]:
        return [
            cache / f".kg-{process}-01234567",
            project / "data" / "articles" / f".kg-{process}-01234567",
            project / "build" / "receipts" / f".kg-{process}-01234567",
            project / "build" / f".kg-{process}-01234567",
        ]

    ours = project / "data" / "articles" / ".notes.yaml.1"
    folders = [project / "build" / "generations" / name for name in (".new-1", ".old-000001")]
    for file in (*temporary(gone), *temporary(lives), ours):
        file.write_text("half", encoding="utf-8")
    for folder_ in folders:
        (folder_ / "store").mkdir(parents=True)
    (project / "build" / ".current-new").symlink_to("nowhere")
    assert "unchanged" in kg("-C", project, "build").stderr
    assert [file for file in (*temporary(gone), *folders) if file.exists()] == []
    assert not (project / "build" / ".current-new").is_symlink()
    assert all(file.exists() for file in (*temporary(lives), ours))


def test_what_a_killed_export_left_goes_with_the_next_one(kg: Kg, project: Path, tmp_path: Path) -> None:  # noqa: F811
    gone = ended_process()
    names = (f".kg-{gone}-01234567", f".kg-{gone}-01234567.old", f".kg-{os.getppid()}-01234567")
    left = [tmp_path / name for name in names]
    for file in left:
        file.write_text("half", encoding="utf-8")
    assert kg("-C", project, "export", "-o", tmp_path / "out.nq").returncode == 0
    assert [file.exists() for file in left] == [False, False, True]


# -------- processes that are stopped


@pytest.fixture(scope="module")
def many_articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from benchmarks.corpus import make_corpus

    return make_corpus(tmp_path_factory.mktemp("many") / "project", 600)  # more than is built before it is stopped


def workers_of(process: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False)
    return [int(number) for number in listed.stdout.split()]


def is_running(process: int) -> bool:
    listed = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip()) and not listed.stdout.strip().startswith("Z")


def started(project: Path) -> tuple[subprocess.Popen[str], list[int]]:
    """Start a build with two workers, and wait until they work."""
    command = [*KG, "-C", str(project), "build", "--full", "-j", "2"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while len(workers := workers_of(process.pid)) < 2:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    time.sleep(1)
    return process, workers


def soon(condition: Callable[[], bool]) -> bool:
    """Whether it becomes true within the time that a busy machine may need."""
    end = time.monotonic() + SECONDS
    while not (fulfilled := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return fulfilled


def all_ended(processes: list[int]) -> bool:
    return soon(lambda: not any(map(is_running, processes)))


def test_the_workers_of_a_killed_build_end(many_articles: Path) -> None:
    process, workers = started(many_articles)
    with process:
        process.kill()
    assert all_ended(workers)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_build_that_is_asked_to_end_does_so_at_once_without_a_word_too_much(
    many_articles: Path, number: signal.Signals
) -> None:
    process, workers = started(many_articles)
    os.killpg(process.pid, number)  # as a terminal does for Ctrl-C
    _, complaint = process.communicate(timeout=SECONDS)
    assert process.returncode == 128 + number  # not the end of the whole build
    assert "Traceback" not in complaint
    assert complaint.strip() in ("", "error: interrupted")
    assert all_ended(workers)
    left = [file.name for file in (many_articles / "build").rglob(".*")]  # of a worker that was ended as it wrote
    known = soon(lambda: all(map(is_abandoned, left)))  # the system may list an ended process for a moment
    assert known, "the next build removes only what is known to be abandoned"
    assert len(left) <= 2


# -------- serving


def test_a_server_does_not_start_on_a_damaged_generation(kg: Kg, project: Path) -> None:  # noqa: F811
    flip(store_file("*.sst")(project / "build"))
    done = kg("-C", project, "serve", "--port", "0")
    assert done.returncode == 3
    assert "generation 2 is damaged: its store's file" in done.stderr
    mended(kg, project, done.stderr)


def test_a_table_in_which_the_engine_would_search_for_ever_is_never_opened(project: Path) -> None:
    flip(store_file("*.sst")(project / "build"))
    generation = current(project / "build")
    assert generation
    with generation, pytest.raises(InputError, match="was changed"):
        generation.store()
