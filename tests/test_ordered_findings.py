"""A report has the same findings in the same order, whether they fit in memory or not."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.corpus import make_corpus
from kg.core.errors import Finding, Place, Severity
from kg.pipeline import ordered_findings
from kg.pipeline.ordered_findings import FindingGroups, FindingsOnDisk, in_order
from kg.pipeline.steps import build
from kg.project.settings import load_project
from kg.store.generations import current

TEXT = st.text(st.characters(exclude_characters="\n\0"), max_size=3)
PLACES = st.builds(Place, TEXT, st.integers(1, 20), st.integers(1, 20), st.integers(1, 3))
CHOICES = st.just((("reading", "a word"),)) | st.just(())
FINDINGS = st.lists(
    st.builds(Finding, PLACES, st.sampled_from(Severity), TEXT, TEXT, TEXT, TEXT, TEXT, CHOICES), max_size=30
)


def sort_keys(findings: list[Finding]) -> list[object]:
    return [finding.sort_key for finding in findings]


@given(FINDINGS)
def test_findings_on_disk_have_the_same_order(findings: list[Finding]) -> None:
    on_disk = FindingsOnDisk(findings * 2)
    assert sort_keys([*on_disk]) == sort_keys(sorted(set(findings), key=lambda finding: finding.sort_key))
    assert {*on_disk} == {*findings}
    assert len(on_disk) == len([*on_disk]) == len({*findings})
    assert not findings or on_disk[0] == next(iter(on_disk))


def test_a_line_end_and_half_a_character_are_kept() -> None:
    findings = [
        Finding(Place("a\nb"), Severity.INFO, "C", "one\ntwo \ud800\0"),
        Finding(Place("a"), Severity.INFO, "C", ""),
    ]
    assert [*FindingsOnDisk(findings)] == findings[::-1]


def test_few_findings_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordered_findings, "MOST_IN_MEMORY", 10)
    monkeypatch.setattr(ordered_findings, "SORTED_AT_ONCE", 500_000)
    assert type(in_order(Finding(Place("a"), Severity.INFO, "C", str(k % 10)) for k in range(10))) is tuple
    tracemalloc.start()
    try:
        many = in_order(Finding(Place("a"), Severity.INFO, "C", f"{k:0100}") for k in range(20_000))
        assert sum(len(finding.message) for finding in many) == 2_000_000
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_groups_are_read_as_often_as_needed() -> None:
    one, two = (Finding(Place(name), Severity.INFO, "C", "") for name in "ab")
    groups = FindingGroups([[one], (), [two, one]])
    assert [[*groups], [*groups]] == [[one, two, one]] * 2


def test_a_build_with_many_findings_publishes_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = load_project(make_corpus(tmp_path / "corpus", 40))
    report = build(project).report
    with current(project.build) as generation:  # type: ignore[union-attr]
        graphs = generation.manifest.graphs
    monkeypatch.setattr(ordered_findings, "MOST_IN_MEMORY", 3)
    monkeypatch.setattr("kg.pipeline.across.MOST_IN_MEMORY", 0)
    monkeypatch.setattr("kg.pipeline.across_aside.MOST_IN_MEMORY", 0)
    again = build(project, anew=True)
    assert isinstance(again.report.findings, FindingsOnDisk)
    assert sort_keys([*again.report.findings]) == sort_keys([*report.findings]) != []
    assert again.manifest.graphs == graphs
