"""The fictional project with names that try to break a page, and an article whose text may not be shown."""

from __future__ import annotations

from pathlib import Path

from kg.project.settings import Project
from kg.store.generations import current
from kg.store.lines import graph_lines, line_quad
from kg.store.manifest import GenerationDetails
from kg.store.publish import publish
from tests.serving import built_fiction

HOSTILE = (
    "<script>document.title='taken'</script>\"'><img src=x onerror=alert(1)> \u202egnirts\u2066 &lt;b&gt; {{ 7*7 }}"
)
_CQ = "https://w3id.org/communique/ontology#"
_OA = "http://www.w3.org/ns/oa#"
_SHOWN = tuple(
    f"> <{term}> " for term in (f"{_CQ}text", f"{_CQ}sentence", f"{_OA}exact", f"{_OA}prefix", f"{_OA}suffix")
)
WITHHELD = "article/tide-workshop"


def hostile_project(folder: Path) -> Project:
    """Return the project, built, with its graph changed and published as another generation."""
    project = built_fiction(folder)
    before = current(project.build)
    assert before
    with before:
        lines = [changed for line in before.lines() if (changed := _changed(line))]
    publish(project.build, graph_lines(map(line_quad, sorted(set(lines)))), GenerationDetails({}, {}))
    return project


def _changed(line: str) -> str:
    """Return a line with hostile names, or "" for one that would show a text that may not be shown."""
    if f"{WITHHELD}/" in line or f"{WITHHELD}>" in line:
        if any(term in line for term in _SHOWN):
            return ""
        line = line.replace("/textKind/Full>", "/textKind/Withheld>")
    return line.replace("Mara Lind", f"Mara Lind {_escaped(HOSTILE)}")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
