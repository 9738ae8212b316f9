"""A project that a process checks again and again, as `--watch` and `kg lsp` do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest

from kg.core.errors import Finding, InputError, Place, Severity
from kg.lsp.opened import OpenedProject
from kg.mapping.record import kept_finding, parsed_finding
from kg.pipeline.check import check
from kg.pipeline.live import LiveProject
from kg.project.settings import load_project
from tests.test_lsp import copied

QUICK = 0.3
"""Seconds of CPU within which a change is answered. Half of it is usual here, of one file a tenth."""

ARTICLE = "data/articles/ferry-terminal.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copied(tmp_path / "news")


def cpu(call: Callable[[], object]) -> float:
    start = process_time()
    call()
    return process_time() - start


def test_a_change_is_answered_within_its_time_in_an_editor_and_by_watch(folder: Path) -> None:
    live = LiveProject(load_project(folder))
    opened = OpenedProject(live)
    live.look()
    opened.checked_whole({})
    file = folder / ARTICLE
    text = file.read_text(encoding="utf-8")
    alone, whole, watched = list[float](), list[float](), list[float]()
    for number in range(3):
        texts = {ARTICLE: text.replace("title: ", f"title: {number} ", 1)}
        alone.append(cpu(lambda texts=texts: opened.checked(ARTICLE, texts)))  # type: ignore[misc]
        whole.append(cpu(lambda texts=texts: opened.checked_whole(texts)))  # type: ignore[misc]
        file.write_text(texts[ARTICLE].replace("title: ", "title: Saved ", 1), encoding="utf-8")
        watched.append(cpu(lambda: (live.look(), live.check())))
    assert min(alone) < QUICK
    assert min(whole) < QUICK
    assert min(watched) < QUICK


def test_settings_that_no_longer_hold_are_not_used_until_they_are_mended(folder: Path) -> None:
    live = LiveProject(load_project(folder))
    live.look()
    settings, sound = folder / "kg.toml", (folder / "kg.toml").read_text(encoding="utf-8")
    settings.write_text("base = 3\n", encoding="utf-8")
    with pytest.raises(InputError, match="base must be text"):
        live.look()
    assert live.look().changed == frozenset()  # said once, not at each look
    for use in (live.check, live.names):
        with pytest.raises(InputError, match="base must be text"):
            use()
    article = folder / ARTICLE
    article.write_text(article.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="base must be text"):
        live.look()
    settings.write_text(sound + "# mended\n", encoding="utf-8")
    assert settings in live.look().changed
    assert live.check().findings == ()


def test_what_mends_a_finding_is_known_from_the_disk_too(folder: Path) -> None:
    file = folder / ARTICLE
    file.write_text(file.read_text(encoding="utf-8").replace("holder: nils-orre", "holder: nils-orr"), encoding="utf-8")
    project = load_project(folder)
    first = check(project, [str(file)])
    assert [finding.instead for finding in first.findings if finding.code == "KG-M007"] == ["nils-orre"]
    assert check(project, [str(file)]).findings == first.findings
    finding = Finding(Place("a", 1, 2, 3), Severity.INFO, "KG-X", "m", "f", "o", "i")
    assert parsed_finding(json.loads(json.dumps(kept_finding(finding)))) == finding


def test_no_action_writes_what_makes_another_error(folder: Path) -> None:
    """As for `kg check --fix`: Jan Vester is in the registry, and the text does not mention him."""
    opened = OpenedProject(LiveProject(load_project(folder)))
    text = (folder / ARTICLE).read_text(encoding="utf-8").replace("holder: nils-orre", "holder: jan-vester-bankr", 1)
    text = text.replace("participant: greta-holm", "participant: greta-hol", 1)
    texts = {ARTICLE: text}
    opened.checked(ARTICLE, texts)
    known = [finding for finding in opened.findings(ARTICLE) if finding.instead]
    assert {finding.instead for finding in known} == {"jan-vester-banker", "greta-holm"}
    assert [finding.instead for finding in opened.without_harm(ARTICLE, known, texts)] == ["greta-holm"]
    assert opened.texts == {}
