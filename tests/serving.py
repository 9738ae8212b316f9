"""What the tests of `kg serve` share: the fictional project, built once, in process and as a process of its own."""

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

from starlette.applications import Starlette
from starlette.testclient import TestClient

from kg.pipeline.steps import build
from kg.project.settings import Project, load_project
from kg.store.isolation import Limits
from kg.web.app import application
from kg.web.settings import Settings
from kg.web.site import open_site

ROOT = Path(__file__).parent.parent
BASE = "https://example.org/fiction/"
SETTINGS = Settings(Limits(seconds=5.0, rows=1000), workers=2, ahead=False)
"""Of a server for a few requests: what it would make ahead takes longer than the test."""


def copy_project(source: Path, target: Path) -> None:
    """Copy the data and the settings of a project of tests, without what is built from them."""
    copytree(source / "data", target / "data")
    settings = (source / "kg.toml").read_text(encoding="utf-8").replace("../../", f"{ROOT.as_posix()}/")
    (target / "kg.toml").write_text(settings, encoding="utf-8")


def built_fiction(folder: Path) -> Project:
    """Return a copy of the fictional project in *folder*, built."""
    copy_project(ROOT / "tests" / "fiction", folder)
    project = load_project(folder)
    build(project)
    return project


def app_of(project: Project, settings: Settings = SETTINGS) -> Starlette:
    """Return the application that serves a project."""
    return application(open_site(project), settings)


@contextmanager
def client_of(project: Project, settings: Settings = SETTINGS) -> Iterator[TestClient]:
    """Give a client of an application that runs in this process; it follows no redirects."""
    with TestClient(app_of(project, settings), follow_redirects=False) as client:
        yield client


@contextmanager
def server_of(project: Project, *options: str) -> Iterator[str]:
    """Run `kg serve` as a process of its own and give its address; it is stopped afterwards as by Ctrl-C."""
    main = "from kg.cli import main; main()"
    command = [sys.executable, "-c", main, "-C", str(project.root), "serve", "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stderr
        said = ""
        while not (found := re.search(r" at (http://\S+)/ ", said)):
            line = process.stderr.readline()
            assert line, f"it did not start: {said}"
            said += line
        try:
            yield found[1]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)
