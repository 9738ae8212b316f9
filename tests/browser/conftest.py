"""A browser for each file of this folder, and one server for each project."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from kg.pipeline.steps import build
from kg.project.settings import Project, load_project
from tests.browser.opened import PATIENCE
from tests.browser.program import CHROMIUM
from tests.hostile import hostile_project
from tests.serving import ROOT, server_of

expect.set_options(timeout=PATIENCE)
AXE = ROOT / "javascript" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium. It ends with the file that used it: while it runs, its thread belongs to Playwright's event loop,
    and tests of other files that run one of their own would fail."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium: apt-get install chromium, or name one in KG_CHROMIUM")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the accessibility checker."""
    if not AXE.is_file():
        pytest.skip("axe-core is not there: npm ci --ignore-scripts in javascript/")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def fiction(fiction: Project) -> Iterator[str]:
    """Serve the fictional project and give its address."""
    with server_of(fiction) as address:
        yield address


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve names that try to break a page and give the address."""
    with server_of(hostile_project(tmp_path_factory.mktemp("hostile"))) as address:
        yield address


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the three articles of this repository and give the address."""
    folder: Path = tmp_path_factory.mktemp("real")
    shutil.copytree(ROOT / "data", folder / "data")
    settings = (ROOT / "kg.toml").read_text(encoding="utf-8")
    settings = settings.replace('["ontology"]', f'["{ROOT}/ontology"]').replace('["queries"]', f'["{ROOT}/queries"]')
    (folder / "kg.toml").write_text(settings, encoding="utf-8")
    project = load_project(folder)
    build(project)
    with server_of(project) as address:
        yield address
