"""The JSON Schema of mappings agrees with `kg check`, and offers what the ontology and the registry have."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from kg.cli import cli
from kg.mapping.read import Listing, Node, Scalar, Table, read_yaml
from kg.mapping.schema import article_schema, registry_schema
from kg.mapping.scope import Target
from kg.ontology.load import load_vocabulary
from kg.ontology.vocabulary import Vocabulary
from kg.pipeline.check import check
from kg.pipeline.compile import registry_names
from kg.project.files import read_text
from kg.project.settings import Project, load_project
from kg.project.sources import read_sources
from tests.expected import WRITE
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


def valid_files() -> list[tuple[Path, str, Path]]:
    found = []
    for root in PROJECTS:
        for kind, folder in (("article", "articles"), ("registry", "registry")):
            files = sorted((root / "data" / folder).glob("*.yaml"))
            assert files, f"no file in {root}/data/{folder}"
            found += [(root, kind, file) for file in files]
    return found


CORE_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def as_an_editor_reads(node: Node | None) -> object:
    """Return what an editor sees, which reads scalars by the core schema of YAML 1.2."""
    match node:
        case Scalar(text, _, plain=True):
            if text in ("", "~", "null", "Null", "NULL"):
                return None
            if text.lower() in ("true", "false"):
                return text.lower() == "true"
            return (float(text) if set(text) & set(".eE") else int(text)) if CORE_NUMBER.fullmatch(text) else text
        case Table():
            return {entry.key.text: as_an_editor_reads(entry.value) for entry in node.entries}
        case Listing():
            return [as_an_editor_reads(item) for item in node.items]
        case _:
            return plain(node)


@pytest.fixture(scope="module")
def made() -> Mapping[Path, Mapping[str, dict[str, Any]]]:
    return {root: schemas(load_project(root)) for root in PROJECTS}


def content(file: Path) -> Node | None:
    return read_yaml(read_text(file, file.name), file.name)[0]


@pytest.mark.parametrize("reader", [plain, as_an_editor_reads])
@pytest.mark.parametrize(("root", "kind", "file"), valid_files(), ids=lambda value: getattr(value, "name", value))
def test_a_valid_file_passes(root: Path, kind: str, file: Path, reader: Any, made: Any) -> None:
    assert told(made[root][kind], reader(content(file))) == []


# -------- files with faults

PARTLY_BEYOND = {
    "Article_Name": "the name of the file",
    "article-unknown": "which articles there are",
    "fact-unknown": "which facts there are",
}
"""Cases whose finding has a code that the schema knows in other places -> what it cannot know here."""

BEYOND = frozenset(
    {
        "KG-M009",
        "KG-M013",
        "KG-M016",
        "KG-E001",
        "KG-E002",
        "KG-E003",
        "KG-E006",
        "KG-E007",
        "KG-E008",
        "KG-M025",
        "KG-M026",
        "KG-H001",
    }
)
"""Codes of findings that need more than the file's own form."""


def single_cases() -> list[tuple[Path, str]]:
    found = [(case, name) for case in cases() for name in FILES if [name] == content_files(case)]
    return [(case, name) for case, name in found if not case.name.startswith("yaml-")]


def content_files(case: Path) -> list[str]:
    return [file.name for file in case.iterdir() if file.suffix == ".yaml"]


def codes_of(case: Path) -> set[str]:
    return set(re.findall(r"(?m)^\w+\[(KG-\w+)\]", (case / "expected.txt").read_text(encoding="utf-8")))


def is_seen(code: str, vocabulary: Vocabulary) -> bool:
    """Tell whether the schema can know of a finding with this code: faults of form, and keys that are missing."""
    if code.startswith("KG-S"):
        written_out = {name for name, term in vocabulary.classes.items() if not term.compact_form}
        needed = (key for name in written_out for key in vocabulary.keys.get(name, {}).values() if key.least)
        return code in {"KG-S1001", *(vocabulary.rules[rule].id for key in needed for rule in key.rules)}
    return code not in BEYOND and not code.startswith("KG-W")


@pytest.mark.parametrize(("case", "file"), single_cases(), ids=lambda value: getattr(value, "name", value))
def test_a_file_is_refused_where_its_form_is_at_fault(case: Path, file: str, made: Any) -> None:
    vocabulary = load_vocabulary(load_project(BASE).ontology)
    problems = told(made[BASE][FILES[file]], as_an_editor_reads(content(case / file)))
    at_fault = any(is_seen(code, vocabulary) for code in codes_of(case)) and case.name not in PARTLY_BEYOND
    assert bool(problems) == at_fault, problems


# -------- random faults


def replaced(node: Any, path: Sequence[Any], value: Any) -> Any:
    """Return a copy of *node* with *value* at *path*; ABSENT removes it."""
    copy = node.copy()
    if len(path) > 1:
        copy[path[0]] = replaced(node[path[0]], path[1:], value)
    elif value is ABSENT:
        del copy[path[0]]
    else:
        copy[path[0]] = value
    return copy


ABSENT = object()


def paths(node: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield from paths(node[key], (*path, key))  # type: ignore[index]


def mutated(node: Any, dice: random.Random) -> Any:
    """Return *node* with one change that may or may not be a fault."""
    path = dice.choice(list(paths(node)))
    kind = dice.choice(["absent", "empty", "list", "table", "text", "key", "twice"])
    if kind == "key" and isinstance(path[-1], str):
        inner = node
        for step in path:
            inner = inner[step]
        return replaced(replaced(node, (*path[:-1], path[-1] + "x"), inner), path, ABSENT)
    value: Any = {
        "absent": ABSENT,
        "empty": "",
        "list": [[]],
        "table": {},
        "text": "Nonsense",
        "key": "x",
        "twice": ["a", "b"],
    }
    return replaced(node, path, value[kind])


def test_random_faults_of_form_are_refused_by_both_or_by_none(tmp_path: Path) -> None:
    fiction = ROOT / "tests" / "fiction"
    project = Path(shutil.copytree(fiction, tmp_path / "fiction", ignore=shutil.ignore_patterns("build")))
    (project / "kg.toml").write_text('base = "https://example.org/fiction/"\n', encoding="utf-8")
    dice, drafts = random.Random(7), {}
    originals = [
        fiction / "data" / "articles" / f"{name}.yaml" for name in ("tide-workshop-correction", "harbour-study")
    ]
    for number in range(40):
        original = dice.choice(originals)
        drafts[f"draft-{number}"] = mutated(plain(content(original)), dice)
    folder = project / "drafts"
    folder.mkdir()
    for name, draft in drafts.items():
        (folder / f"{name}.yaml").write_text(json.dumps(draft, ensure_ascii=False), encoding="utf-8")
    loaded = load_project(project)
    vocabulary = load_vocabulary(loaded.ontology)
    found = defaultdict(set)
    for finding in check(loaded, [str(folder)]).findings:
        found[Path(finding.place.path).stem].add(finding.code)
    schema = schemas(loaded)["article"]
    for name, draft in drafts.items():
        problems = told(schema, draft)
        assert problems == [] or found[name], (name, problems)
        seen = {code for code in found[name] if is_seen(code, vocabulary)} - {"KG-M007", "KG-M011"}
        assert problems or not seen, (name, seen)


# -------- what it offers


@pytest.mark.parametrize("kind", ["article", "registry"])
@pytest.mark.parametrize("root", PROJECTS, ids=lambda root: root.name)
def test_it_is_a_json_schema(root: Path, kind: str, made: Any) -> None:
    Draft202012Validator.check_schema(made[root][kind])


def test_it_offers_every_type_key_code_and_id_with_its_meaning(made: Any) -> None:
    project = load_project(ROOT)
    vocabulary = load_vocabulary(project.ontology)
    offered = made[ROOT]["article"]["$defs"]
    for name in vocabulary.concrete["Fact"]:
        assert set(offered[f"class.{name}"]["properties"]) == {
            *("type", "quote", "accept", "inferred"),
            *vocabulary.keys[name],
        }
        assert offered[f"class.{name}"]["description"] == vocabulary.classes[name].definition
    named = {code for name, schema in offered.items() if name.startswith("codes.") for code in schema["enum"]}
    assert {"Host", "Signed", "CNY", "Willing"} <= named
    entities = registry_names(project, vocabulary, read_sources(project).registry)
    used = {"Person", "Place", "Facility", "Topic", *vocabulary.concrete["Organization"]}
    ids = {each for name, schema in offered.items() if name.startswith("ids.") for each in schema["enum"]}
    assert ids == {each for each, target in entities.items() if target.class_name in used}
    assert all(schema["description"] for name, schema in offered.items() if name.startswith(("key.", "class.")))


def test_it_grows_by_one_word_for_each_entity() -> None:
    project = load_project(BASE)
    vocabulary = load_vocabulary(project.ontology)
    many = {f"person-{n}": Target(f"<x:{n}>", "Person", "") for n in range(1000)}
    few = len(json.dumps(article_schema(vocabulary, {})))
    assert len(json.dumps(article_schema(vocabulary, many))) - few < 1000 * len('"person-1000", "", ') + 500


@pytest.mark.parametrize("kind", WRITTEN)
def test_the_schema_beside_the_ontology_is_the_one_of_today(kind: str, made: Any) -> None:
    """KG_WRITE_EXPECTED=1 writes it again."""
    file = WRITTEN[kind]
    if WRITE:
        CliRunner().invoke(cli, ["-C", str(ROOT), "schema", "--what", kind, "-o", str(file)], catch_exceptions=False)
    assert json.loads(file.read_text(encoding="utf-8")) == made[ROOT][kind], f"run kg schema --what {kind} -o {file}"


# -------- kg schema


def test_the_command_prints_the_schema_of_its_project(made: Any) -> None:
    for kind in ("article", "registry"):
        done = CliRunner().invoke(cli, ["-C", str(BASE), "schema", "--what", kind])
        assert json.loads(done.output) == made[BASE][kind]


def test_the_command_writes_to_a_file(tmp_path: Path, made: Any) -> None:
    done = CliRunner().invoke(cli, ["-C", str(BASE), "schema", "-o", str(tmp_path / "a.json")])
    assert (done.exit_code, done.output) == (0, "")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == made[BASE]["article"]
