"""The sorts of tests that need more than a Python, or minutes: `python -m tests.all --everything` runs them too."""

from __future__ import annotations

from collections.abc import Mapping

SORTS: Mapping[str, str] = {
    "servers": "talk to triplestores (Oxigraph, Virtuoso, Fuseki)",
    "browser": "open the pages in Chromium",
    "reasoner": "start an OWL reasoner in Java",
    "second_opinion": "ask pyshacl or rdflib what our engines say",
    "cluster": "compile on a Dask cluster",
    "stress": "kill, damage or flood something, or wait for it",
}
"""Marker -> what its tests do."""

HEAVIEST = (
    "test_same_answers",
    "test_load",
    "test_queries",
    "test_browser",
    "test_shapes",
    "test_web_safety",
    "test_reason",
    "test_damage",
    "test_web_rebuild",
    "test_hostile_files",
    "test_docs",
    "test_web_elsewhere",
    "test_manual",
    "test_quality",
    "test_ontology",
    "test_one_reading",
    "test_generations",
    "test_diff",
    "test_layout",
    "test_incremental",
    "test_draft",
    "test_loaders",
    "test_one_picture",
    "test_new",
)
"""Files that take a quarter of a minute or more, which begin first, so that no worker is idle at the end."""


def without_sorts() -> str:
    """Return what leaves out all of them, in the language of pytest's -m."""
    return " and ".join(f"not {name}" for name in SORTS)
