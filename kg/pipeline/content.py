"""Compiled files, findings and derived facts -> the graphs of a generation, as objects, and pins next to articles."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from hashlib import sha256
from itertools import chain
from pathlib import Path

from kg.core import iri
from kg.core.errors import Finding, InputError
from kg.core.model import Term
from kg.links.links import Links
from kg.mapping.record import record_key
from kg.pipeline.across import Stated
from kg.pipeline.compile import Compiled
from kg.pipeline.dataset import description_graph, description_lines, report_graph, report_lines
from kg.pipeline.derive import derived_graph
from kg.pipeline.ontology_graph import ontology_graph
from kg.pipeline.report import Report
from kg.project.files import write_whole
from kg.project.intact import regular_bytes
from kg.project.kept_texts import kept_text
from kg.project.layout import PINS
from kg.project.settings import Project
from kg.store.folder import disk_errors
from kg.store.lines import instances
from kg.store.manifest import GraphSummary
from kg.store.objects import OBJECTS, Objects, StoredLines


def stated_graphs(project: Project, compiled: Compiled, links: Links) -> dict[Term, StoredLines]:
    """Return the graphs of stated facts, which are those of articles, registry and ontology, each with its lines."""
    registry = {line for record in compiled.registry for line in record.lines}.union(map(str, links.quads))
    graphs: dict[Term, Sequence[str]] = {record.graph: record.lines for record in compiled.articles}
    graphs[f"<{iri.graph_iri(project.base, 'registry')}>"] = sorted(registry)
    name, lines = ontology_graph(project)
    return _kept(project, graphs | {name: lines})


def generation_graphs(
    project: Project, compiled: Compiled, stated: Stated, derived: Sequence[str], report: Report, engine: str
) -> dict[Term, StoredLines]:
    """Return every graph of the new generation with its lines. *engine* is the key of what made them."""
    made = {derived_graph(project.base): derived, report_graph(project.base): _reported(project, report, engine)}
    graphs = dict(sorted({**stated, **_kept(project, made)}.items()))
    others = graphs.keys() - {record.graph for record in compiled.articles}
    counted = Counter[Term]()
    for name, number in chain.from_iterable(record.instances for record in compiled.articles):
        counted[name] += number
    for name in others:
        counted.update(_instances(project, graphs[name]))
    objects = Objects(project.build / OBJECTS)
    with disk_errors(f"cannot write in {objects.folder}"):
        described = objects.kept(description_lines(project, graphs, counted, compiled.vocabulary))
    return graphs | {description_graph(project.base): described}


def _reported(project: Project, report: Report, engine: str) -> StoredLines:
    """Return the lines of the report, which are made once for each state of the findings."""
    objects = Objects(project.build / OBJECTS)
    acknowledged = (text for each in report.acknowledged for text in (each.reason, *_texts(each.finding)))
    findings = (text for finding in report.findings for text in _texts(finding))
    key = record_key("report", engine, project.base, *map(_digest, (findings, acknowledged)))

    def made() -> StoredLines:
        with disk_errors(f"cannot write in {objects.folder}"):
            return objects.kept(report_lines(report.findings, report.acknowledged, project.base))

    kept = kept_text(project.build, key, lambda: json.dumps(astuple(made().summary)))
    summary = GraphSummary(*json.loads(kept))
    return StoredLines(objects, summary) if objects.has(summary.sha256) else made()


def _texts(finding: Finding) -> tuple[str, ...]:
    return finding.code, finding.severity, finding.focus, finding.message, str(finding.place)


def _digest(texts: Iterable[str]) -> str:
    digest = sha256()
    for text in texts:
        digest.update(f"{text}\0".encode())
    return digest.hexdigest()


def _instances(project: Project, graph: StoredLines) -> Mapping[Term, int]:
    """Return class -> how many instances a graph has, counted once for each state of it."""
    key = record_key("instances", graph.summary.sha256)
    counted: Mapping[Term, int] = json.loads(kept_text(project.build, key, lambda: json.dumps(instances(graph))))
    return counted


def _kept(project: Project, graphs: Mapping[Term, Sequence[str]]) -> dict[Term, StoredLines]:
    """Store *graphs* as objects in the build folder and return them, without empty ones.

    Raises:
        EndpointError: writing failed.
    """
    objects = Objects(project.build / OBJECTS)
    with disk_errors(f"cannot write in {objects.folder}"):
        return {graph: objects.kept(lines) for graph, lines in graphs.items() if len(lines)}


def write_pins(project: Project, compiled: Compiled) -> None:
    """Write the positions of quotes in withheld texts next to their articles, for machines without the texts."""
    for record in (record for record in compiled.articles if record.pins):
        file = (project.root / record.path).with_suffix(PINS)
        if _content(file) != record.pins.encode():
            write_whole(file, record.pins)


def _content(file: Path) -> bytes | None:
    """Return the content of *file*, None if it does not exist.

    Raises:
        InputError: it is not a regular file, or cannot be read.
    """
    try:
        return regular_bytes(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(
            f"cannot read {file}: {error.strerror or error}", "remove it; a build writes it again"
        ) from error
