"""What all tests share: a skip is a failure in CI, what was left out is counted, a project is built once per run."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Any

import hypothesis
import pytest

from kg.project.settings import Project, load_project
from tests.sorts import HEAVIEST, SORTS

gc.set_threshold(100_000, 50, 50)
"""Graphs of rdflib are many small objects; looking through all of them again and again takes a tenth of the time."""

# what else the machine does is no property of ours
hypothesis.settings.register_profile("without a clock", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("without a clock")


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure in CI: there, everything that a test needs is installed."""
    report = yield
    if report.skipped and _in_ci():
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped in CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file that is skipped."""
    report = yield
    if report.skipped and _in_ci():
        report.outcome = "failed"
        report.longrepr = f"{collector.nodeid} was skipped in CI: {report.longrepr}"
    return report


def pytest_configure(config: pytest.Config) -> None:
    """Declare the sorts of tests."""
    for name, what in SORTS.items():
        config.addinivalue_line("markers", f"{name}: tests that {what}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the heaviest files first; the others keep their order."""
    order = {name: rank for rank, name in enumerate(HEAVIEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


# -------- what was left out, told at the end

_left_out: Counter[str] = Counter()


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count what -m leaves out, by its first sort."""
    sorts = (next((name for name in SORTS if item.get_closest_marker(name)), "") for item in items)
    _left_out.update(filter(None, sorts))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the counts of a worker of xdist to the process that reports."""
    if hasattr(session.config, "workeroutput"):  # a worker of xdist
        session.config.workeroutput["left_out"] = dict(_left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the counts of a worker: each has collected, and left out, the same."""
    _left_out.update(Counter(getattr(node, "workeroutput", {}).get("left_out", {})) - _left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out by -m, why, and how to run it."""
    if not config.option.markexpr or not _left_out:
        return
    for name, count in _left_out.items():
        terminalreporter.write_line(f"left out: {count:,} tests that {SORTS[name]} ('-m {name}' runs them alone)")
    terminalreporter.write_line("'python -m tests.all --everything' runs all tests, as CI does")


# -------- projects that are built once


@pytest.fixture(scope="session")
def fiction(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The fictional project, built once; for tests that change nothing in it."""
    from tests.serving import built_fiction

    return built_fiction(tmp_path_factory.mktemp("fiction"))


@pytest.fixture
def project(fiction: Project, tmp_path: Path) -> Project:
    """A copy of the fictional project, its build folder included; for tests that change it."""
    return load_project(Path(copytree(fiction.root, tmp_path / "project", symlinks=True)))


@pytest.fixture(scope="session")
def built_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Project]:
    """Name of PROJECTS -> that project, built once from its files where they are; for tests that change nothing."""
    from kg.pipeline.steps import build
    from tests.questions import PROJECTS

    @cache
    def built(name: str) -> Project:
        made = replace(load_project(PROJECTS[name]), build=tmp_path_factory.mktemp(name))
        build(made)
        return made

    return built
