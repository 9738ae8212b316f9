"""A file that is written is whole or as before, keeps its mode, and what is no regular file is never replaced."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE

import pytest
from click.testing import CliRunner

from kg.cli import cli
from kg.core.errors import InputError, UsageError
from kg.project.files import readable, write_folder, write_whole
from kg.project.put_aside import TextAside, TextsAside
from tests import harbour

MESSAGES = Path(__file__).parent / "messages" / "project"
KG = (sys.executable, "-m", "kg")


def test_a_link_stays_a_link_and_its_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("before")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", "after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "after"


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    write_whole(pipe, "words")
    reader.join(timeout=10)
    assert read == ["words"]
    assert pipe.is_fifo()


def test_a_folder_that_is_not_there_is_told_and_nothing_is_left_behind(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write"):
        write_whole(tmp_path / "missing" / "file", "words")
    assert list(tmp_path.iterdir()) == []


# -------- open descriptors


@contextmanager
def appended(file: Path) -> Iterator[int]:
    """Open a file that holds something for append; yield the descriptor."""
    file.write_text("precious\n")
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}", "/proc/{pid}/fd/{}", "link"])
def test_an_open_descriptor_is_written_to_where_it_stands(tmp_path: Path, name: str) -> None:
    with appended(tmp_path / "log") as descriptor:
        (tmp_path / "link").symlink_to(f"/dev/fd/{descriptor}")
        write_whole(tmp_path / name.format(descriptor, pid=os.getpid()), "one\n")
        write_whole(f"/dev/fd/{descriptor}", "two\n")
    assert (tmp_path / "log").read_text() == "precious\none\ntwo\n"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["link", "log"]


def test_a_descriptor_of_another_process_is_appended_to(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log:
        log.write("precious\n")
        log.flush()
        other = subprocess.Popen(["sleep", "60"], stdout=log)
    try:
        write_whole(f"/proc/{other.pid}/fd/1", "one\n")
    finally:
        other.kill()
        other.wait()
    assert (tmp_path / "log").read_text() == "precious\none\n"


def test_a_descriptor_that_is_not_open_or_not_for_writing_is_told(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("precious\n")
    with (tmp_path / "log").open() as log:
        for number in (log.fileno(), 9_999):
            with pytest.raises(InputError, match=f"cannot write /dev/fd/{number}: Bad file descriptor"):
                write_whole(f"/dev/fd/{number}", "words")
    assert (tmp_path / "log").read_text() == "precious\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = harbour.built_project(tmp_path_factory.mktemp("harbour")).root
    shutil.copytree(MESSAGES, root / "messages", ignore=shutil.ignore_patterns("build"))
    return root


COMMANDS = (
    ("query", "who-took-part"),
    ("query", "who-took-part", "--format", "csv"),
    ("query", "who-took-part", "--show"),
    ("sparql", "ASK {}"),
    ("explain", "mara-lind"),
    ("export",),
    ("export", "--what", "ontology"),
    ("-C", "messages", "schema"),
    ("-C", "messages", "check", "--format", "json"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_writes_to_an_open_descriptor(
    project: Path, tmp_path: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    with appended(tmp_path / "log") as descriptor:
        done = CliRunner().invoke(cli, [*command, "-o", f"/dev/fd/{descriptor}"])
        assert done.exit_code == 0, done.output
    first, rest = (tmp_path / "log").read_text(encoding="utf-8").split("\n", 1)
    assert first == "precious"
    assert rest


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_standard_output_by_its_name_is_what_the_shell_opened(project: Path, tmp_path: Path, stream: str) -> None:
    (tmp_path / "log").write_text("precious\n")
    with (tmp_path / "log").open("a") as log:
        command = [*KG, "-C", str(project), "query", "who-took-part", "-o", f"/dev/{stream}"]
        subprocess.run(command, check=True, **{stream: log})
    written = (tmp_path / "log").read_text(encoding="utf-8")
    assert written.startswith("precious\n")
    assert "Mara Lind" in written


def test_a_link_that_leads_back_is_told_and_stays(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to("loop")
    with pytest.raises(InputError, match=r"cannot write .*loop: Too many levels of symbolic links"):
        write_whole(loop, "words")
    with pytest.raises(InputError, match=r"cannot write .*loop: "):
        write_folder(loop, [("a", (b"words",))], what="pages", ours=lambda _: True)
    assert [file.name for file in tmp_path.iterdir()] == ["loop"]
    assert loop.is_symlink()


def test_pages_are_no_descriptor(project: Path, tmp_path: Path) -> None:
    with appended(tmp_path / "log") as descriptor:
        done = CliRunner().invoke(cli, ["-C", str(project), "docs", "-o", f"/dev/fd/{descriptor}"])
    assert isinstance(done.exception, UsageError)
    assert (tmp_path / "log").read_text() == "precious\n"


@pytest.mark.parametrize("command", [(*command, "-o", "") for command in COMMANDS], ids=" ".join)
def test_an_empty_name_is_refused(project: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 2
    assert "it is empty" in done.output


# -------- standard input and output that are closed, full, or not read


def test_output_that_is_full_or_closed_is_told(project: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*KG, "-C", str(project), "export"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, "No space left" in done.stderr, "a bug" in done.stderr) == (3, True, False)
    closed = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *KG, "-C", str(project), "export"], capture_output=True, text=True, check=False
    )
    assert (closed.returncode, "standard output is closed" in closed.stderr) == (3, True)


@pytest.mark.parametrize("where", ["2>&-", "2>/dev/full"])
@pytest.mark.parametrize(
    ("folder", "command", "code"), [("messages", "build --full", 0), (".", "query nothing-of-that-name", 2)]
)
def test_a_standard_error_that_takes_nothing_changes_nothing(
    project: Path, where: str, folder: str, command: str, code: int
) -> None:
    whole = [*KG, "-C", str(project / folder), *command.split()]
    done = subprocess.run(["sh", "-c", f'"$@" {where}', "sh", *whole], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (code, b"")


@pytest.mark.parametrize("command", ["check", "sparql"])
def test_input_that_is_closed_is_told(project: Path, command: str) -> None:
    closed = subprocess.run(
        ["sh", "-c", '"$@" <&-', "sh", *KG, "-C", str(project), command, "-"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (closed.returncode, "standard input is closed" in closed.stderr) == (3, True)


@pytest.mark.parametrize("command", [["query", "who-took-part"], ["--help"]], ids=" ".join)
def test_a_reader_that_has_enough_is_no_error(project: Path, command: list[str]) -> None:
    read, written = os.pipe()
    os.close(read)
    command = [*KG, "-C", str(project), *command]
    done = subprocess.run(command, stdout=written, stderr=subprocess.PIPE, text=True, check=False)
    os.close(written)
    assert (done.returncode, "rror" in done.stderr) == (0, False)


# -------- modes and owners


def mode(file: Path) -> int:
    return S_IMODE(file.stat().st_mode)


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    for kept in (0o600, 0o664, 0o755):
        (tmp_path / "file").write_text("before")
        (tmp_path / "file").chmod(kept)
        write_whole(tmp_path / "file", "after")
        assert (mode(tmp_path / "file"), (tmp_path / "file").read_text()) == (kept, "after")


def test_a_new_file_has_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "file", "words")
    finally:
        os.umask(before)
    assert mode(tmp_path / "file") == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_is_replaced_keeps_its_owner_and_group(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("before")
    os.chown(tmp_path / "file", 1234, 2345)
    write_whole(tmp_path / "file", "after")
    found = (tmp_path / "file").stat()
    assert (found.st_uid, found.st_gid) == (1234, 2345)


def test_a_file_that_may_not_be_written_is_not_replaced() -> None:
    before = os.geteuid()
    other = before or 65534  # root may write everything
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        file = Path(folder, "file")
        file.write_text("before")
        file.chmod(0o444)
        os.setresuid(other, other, before)
        try:
            with pytest.raises(InputError, match="Permission denied"):
                write_whole(file, "after")
        finally:
            os.setresuid(before, before, before)
        assert file.read_text() == "before"


def test_a_folder_that_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir(mode=0o700)
    write_folder(tmp_path / "pages", [("a", (b"words",))], what="pages", ours=lambda _: True)
    assert (mode(tmp_path / "pages"), (tmp_path / "pages" / "a").read_bytes()) == (0o700, b"words")


def test_the_longest_name_that_the_system_takes_is_written(tmp_path: Path) -> None:
    write_whole(tmp_path / ("n" * 255), "words")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["words"]


def test_a_name_that_is_no_text_is_shown_with_its_bytes() -> None:
    assert readable(os.fsdecode(b"caf\xe9.yaml")) == "caf\\xe9.yaml"
    assert readable("café.yaml") == "café.yaml"


# -------- colours


def test_no_color_holds_for_errors_too(project: Path) -> None:
    """A terminal is a pseudo one."""
    for variables, coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        main, terminal = pty.openpty()
        environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | variables
        subprocess.run([*KG, "-C", str(project), "query", "nothing"], stderr=terminal, env=environment, check=False)
        os.close(terminal)
        written = os.read(main, 10_000)
        os.close(main)
        assert (b"there is no query" in written, b"\x1b[" in written) == (True, coloured)


CONFLICT = "<<<<<<< HEAD\n{0}\n=======\n{0}\n>>>>>>> other\n"


@pytest.mark.parametrize(
    "name",
    ["kg.toml", "ontology/extra.ttl", "ontology/rules/extra.rq", "queries/extra.rq", "queries/checks/extra.rq",
     "data/links.sssom.tsv", "data/registry/extra.yaml", "data/articles/extra.yaml"],
)  # fmt: skip
def test_a_merge_conflict_is_named_as_such_with_its_line(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "project"
    CliRunner().invoke(cli, ["init", str(folder)], catch_exceptions=False)
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_text(encoding="utf-8") if file.exists() else "# a line\n"
    file.write_text(before + CONFLICT.format("# another"), encoding="utf-8")
    result = CliRunner().invoke(cli, ["-C", str(folder), "check"])
    shown = f"{result.output}{result.exception or ''}"
    assert "a merge conflict is not resolved" in shown
    assert re.search(rf"{name.rpartition('/')[2]}:{before.count(chr(10)) + 1}\b", shown), shown


def test_texts_beyond_what_stays_in_memory_are_read_again_from_a_file() -> None:
    texts = ["first", "", "鹿特丹 harbour\r\n", "\ud800", "last"]
    aside = TextsAside(room=5)
    put = [aside.put(text) for text in texts]
    assert [isinstance(each, TextAside) for each in put] == [False, False, True, True, True]
    assert [each.read() if isinstance(each, TextAside) else each for each in reversed(put)] == texts[::-1]


def test_texts_stay_in_memory_where_the_disk_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    aside = TextsAside(room=0)
    first = aside.put("first")
    monkeypatch.setattr(os, "pwrite", lambda *_: 2)
    assert aside.put("second") == "second"
    monkeypatch.setattr(tempfile, "mkstemp", lambda **_: Path("nowhere/file").stat())
    assert TextsAside(room=0).put("third") == "third"
    assert isinstance(first, TextAside)
    assert first.read() == "first"
