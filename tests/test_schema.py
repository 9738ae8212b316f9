"""The JSON Schema of the mapping language: it agrees with `kg check`, and offers what the ontology and registry have."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kg.compile import registry_names
from kg.ontology import load_vocabulary
from kg.project import Project, load_project
from kg.read import Listing, Node, Scalar, Table, read_text, read_yaml
from kg.schema import article_schema, registry_schema
from kg.sources import read_sources
from tests.test_messages import BASE, cases

ROOT = Path(__file__).parent.parent
PROJECTS = (ROOT, ROOT / "tests" / "fiction", BASE)
WRITTEN = {
    "article": ROOT / "ontology" / "mapping.schema.json",
    "registry": ROOT / "ontology" / "registry.schema.json",
}
FILES = {"case.yaml": "article", "registry.yaml": "registry"}


def plain(node: Node | None) -> object:
    match node:
        case Scalar():
            return node.text
        case Table():
            return {entry.key.text: plain(entry.value) for entry in node.entries}
        case Listing():
            return [plain(item) for item in node.items]
        case None:
            return None


def schemas(project: Project) -> Mapping[str, dict[str, Any]]:
    vocabulary = load_vocabulary(project.ontology)
    entities = registry_names(project, vocabulary, read_sources(project).registry)
    return {"article": article_schema(vocabulary, entities), "registry": registry_schema(vocabulary, entities)}


def told(schema: Mapping[str, Any], content: object) -> list[str]:
    return [f"{error.json_path}: {error.message[:300]}" for error in Draft202012Validator(schema).iter_errors(content)]


def valid_files() -> Iterator[tuple[Path, str, Path]]:
    for root in PROJECTS:
        for kind, folder in (("article", "articles"), ("registry", "registry")):
            files = sorted((root / "data" / folder).glob("*.yaml"))
            assert files, f"no file in {root}/data/{folder}"
            yield from ((root, kind, file) for file in files)
