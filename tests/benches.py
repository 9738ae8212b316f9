"""What the tests of `kg curate` share: a copy of the fictional project, and the bench as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree

from kg.pipeline.compile import compile_project
from kg.project.settings import Project, load_project
from kg.project.sources import read_sources

ROOT = Path(__file__).parent.parent


def fiction_in(folder: Path) -> Project:
    """Return a copy of the fictional project in *folder*, which nobody has built."""
    copytree(ROOT / "tests" / "fiction" / "data", folder / "data")
    settings = (ROOT / "tests" / "fiction" / "kg.toml").read_text(encoding="utf-8")
    (folder / "kg.toml").write_text(settings.replace('"../../', f'"{ROOT}/'), encoding="utf-8")
    return load_project(folder)


def copy_of(project: Project, folder: Path) -> Project:
    """Return a copy of a project with what it has built, so that nothing is built again."""
    copytree(project.root, folder, dirs_exist_ok=True, symlinks=True)
    return load_project(folder)


def mapping_of(project: Project, article: str) -> Path:
    return project.data / "articles" / f"{article}.yaml"


def graph_of(project: Project, article: str) -> list[str]:
    """Return the lines that an article compiles to."""
    path = project.shown(mapping_of(project, article))
    [record] = compile_project(project, read_sources(project), only=frozenset([path])).articles
    assert record.is_valid, record.findings
    return list(record.lines)


class BenchProcess:
    """`kg curate` in a process of its own."""

    def __init__(self, project: Project, port: int = 0, article: str = "") -> None:
        main = "from kg.cli import main; main()"
        command = [sys.executable, "-c", main, "-C", str(project.root), "curate", article, "--port", str(port)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, text=True)
        assert self.process.stderr
        shown = ""
        while not (found := re.search(r" at (http://\S+:(\d+)/)\?(?:\S+&)?token=(\S+) ", shown)):
            line = self.process.stderr.readline()
            assert line, f"it did not start: {shown}"
            shown += line
        self.address, self.port, self.token = found[1], int(found[2]), found[3]

    def of(self, article: str) -> str:
        """Return the address of an article, "" for the first page."""
        return f"{self.address}?{f'article={article}&' if article else ''}token={self.token}"

    def kill(self) -> None:
        self.process.kill()
        self.close()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.close()

    def close(self) -> None:
        assert self.process.stderr
        self.process.wait(timeout=20)
        self.process.stderr.close()


@contextmanager
def bench_of(project: Project, article: str = "", port: int = 0) -> Iterator[BenchProcess]:
    bench = BenchProcess(project, port, article)
    try:
        yield bench
    finally:
        bench.stop()
