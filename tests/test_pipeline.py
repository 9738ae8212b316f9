"""From files to a published generation: what is compiled again, what is published, what stays as it was."""

from __future__ import annotations

import gc
import gzip
import json
import pickle
import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kg.cli import cli
from kg.core.errors import InputError, Place, Severity
from kg.core.model import Quad, Term
from kg.mapping.node_places import NodePlaces
from kg.mapping.read import read_yaml
from kg.mapping.targets import article_target, fact_targets
from kg.ontology.load import load_vocabulary
from kg.pipeline import compile as compiling
from kg.pipeline import steps
from kg.pipeline.check import check
from kg.pipeline.checks import places_of
from kg.pipeline.compile import MOST_KEPT, compile_project
from kg.pipeline.document import Parsed
from kg.pipeline.one_file import project_cache
from kg.pipeline.packs import PackedRecord
from kg.pipeline.steps import BuildError, build
from kg.project.settings import Project, load_project
from kg.project.sources import read_sources
from kg.store.generations import current
from kg.store.lines import line_quad
from kg.store.objects import Objects, StoredLines
from tests.dumps import dump
from tests.serving import copy_project

ROOT = Path(__file__).parent.parent
FICTION = Path(__file__).parent / "fiction"
DERIVED_FROM = "<http://www.w3.org/ns/prov#wasDerivedFrom>"
CQ = "https://w3id.org/communique/ontology#"


def article(project: Project, name: str) -> Path:
    return project.data / "articles" / f"{name}.yaml"


def edit(file: Path, pattern: str, replacement: str) -> None:
    text, count = re.subn(pattern, replacement, file.read_text(encoding="utf-8"), count=1, flags=re.MULTILINE)
    assert count, f"{pattern} is not in {file.name}"
    file.write_text(text, encoding="utf-8")


def graph_file(project: Project) -> str:
    return dump(project.build)


def quads(project: Project) -> list[Quad]:
    return [line_quad(line) for line in graph_file(project).splitlines()]


# -------- what is in memory for each article


def test_places_in_one_text_are_those_of_the_nodes(project: Project) -> None:
    record = compile_project(project, read_sources(project)).articles[0]
    places = {node: Place(record.path, line, 3, 40) for line, node in enumerate(record.places, 1)}
    packed = NodePlaces.of(record.path, places)
    assert len(places) > 10
    assert dict(packed) == dict(packed.items()) == places
    assert {node: packed[node] for node in places} == places
    shortened = next(iter(places))[:-3]
    assert shortened not in packed
    assert packed.get("<https://example.org/else>") is None
    assert len(NodePlaces.of("a.yaml", {})) == 0
    assert packed.get("") is None


def test_a_place_is_looked_up_in_the_file_that_writes_the_node(project: Project) -> None:
    compiled = compile_project(project, read_sources(project))
    places = places_of(compiled)
    expected = {node: place for record in compiled.records for node, place in record.places.items()}
    assert {node: places[node] for node in expected} == expected
    assert {*places} == {*expected}
    assert places.get(f"{compiled.articles[0].graph[:-1]}/no-such-fact>") is None


def test_facts_of_other_articles_are_made_when_they_are_looked_up(project: Project) -> None:
    compiled = compile_project(project, read_sources(project))
    base, vocabulary = project.base, compiled.vocabulary
    outlines = [(Path(record.path).stem, record.outline) for record in compiled.articles]
    expected = {
        f"{stem}/{name}": target
        for stem, outline in outlines
        for name, target in fact_targets(outline, stem, base, vocabulary).items()
    }
    facts = compiled.scope.facts
    assert len(expected) > 50
    assert dict(facts) == expected
    assert len(facts) == len(expected)
    assert facts.get("no-such-article/x") is None
    assert facts.get(outlines[0][0]) is None


def test_articles_are_made_when_they_are_looked_up(project: Project) -> None:
    compiled = compile_project(project, read_sources(project))
    expected = {
        stem: article_target(stem, project.base) for stem in (Path(each.path).stem for each in compiled.articles)
    }
    articles = compiled.scope.articles
    for known in (articles, pickle.loads(pickle.dumps(articles))):
        assert dict(known) == expected
        assert list(known) == list(expected)
        assert known.get("no-such-article") is None


@pytest.mark.parametrize("room", [MOST_KEPT, 0])
def test_a_file_is_read_once_unless_others_name_its_facts_and_there_is_no_room(
    room: int, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Counter[str] = Counter()

    def counted(text: str, path: str) -> Parsed:
        read[path] += 1
        return read_yaml(text, path)

    monkeypatch.setattr("kg.pipeline.compile.MOST_KEPT", room)
    monkeypatch.setattr("kg.pipeline.compile.read_yaml", counted)
    monkeypatch.setattr("kg.pipeline.one_file.read_yaml", counted)
    compiled = compile_project(project, read_sources(project), full=True)
    named = {name.partition("/")[0] for record in compiled.articles for name, _ in record.references if "/" in name}
    for record in compiled.articles:
        has_text_file = bool(record.pins) or "textFile" in (project.root / record.path).read_text(encoding="utf-8")
        again = not room and Path(record.path).stem in named
        assert read[record.path] - has_text_file in {1, 1 + again}, record.path
    assert {read[record.path] for record in compiled.registry} == {1 + (not room)}
    assert len(compiled.articles) > len(named) > 0


def test_objects_are_listed_once_however_many_files_have_no_record(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[Objects] = []
    names = Objects.names

    def noted(objects: Objects) -> frozenset[str]:
        listed.append(objects)
        return names(objects)

    monkeypatch.setattr(Objects, "names", noted)
    cache = replace(project_cache(project), folder=project.build / "empty", writes=False)
    compiled = compile_project(project, read_sources(project), cache=cache)
    assert len(compiled.fresh) == len(compiled.records) > 10
    assert len(listed) == 1


def test_neither_records_in_packs_nor_files_stay_in_memory_once_all_are_compiled(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[object] = []
    kinds = (PackedRecord, compiling._File)
    stated = steps.stated_graphs

    def noted(*args: Any) -> dict[Term, StoredLines]:
        gc.collect()
        left.extend(each for each in gc.get_objects() if isinstance(each, kinds))
        return stated(*args)

    monkeypatch.setattr(steps, "stated_graphs", noted)
    build(project, full=True)
    assert left == []


def test_a_process_without_the_files_knows_what_names_stand_for(project: Project) -> None:
    edit(article(project, "ferry-terminal"), r"\Z", "  [")
    scope = compile_project(project, read_sources(project)).scope
    again = pickle.loads(pickle.dumps(scope))
    assert dict(again.facts) == dict(scope.facts)
    assert [name for name in scope.articles if name in again.unread] == ["ferry-terminal"]
    assert "no-such-article" not in again.unread
    assert "no-such-article" not in scope.unread


# -------- determinism


def test_the_graph_is_the_same_from_an_empty_folder(project: Project, tmp_path: Path) -> None:
    copy_project(FICTION, tmp_path / "again")
    again = load_project(tmp_path / "again")
    build(again)
    assert graph_file(again) == graph_file(project)


def test_the_graph_is_sorted_and_has_no_line_twice(project: Project) -> None:
    lines = graph_file(project).splitlines()
    assert lines == sorted(set(lines))


def test_the_graph_has_no_blank_node(project: Project) -> None:
    assert not [quad for quad in quads(project) if quad.subject.startswith("_") or quad.object.startswith("_")]


# -------- incremental builds


def test_a_build_of_unchanged_files_compiles_and_publishes_nothing(project: Project) -> None:
    outcome = build(project)
    assert (outcome.fresh, outcome.changed, outcome.manifest.number) == ((), False, 1)


def test_a_changed_article_alone_is_compiled_again(project: Project) -> None:
    edit(article(project, "ten-harbours"), r"^curation: \{curator: \w+", "curation: {curator: somebody")
    outcome = build(project)
    assert outcome.fresh == ("data/articles/ten-harbours.yaml",)
    assert outcome.changed


def test_a_new_entity_makes_no_article_compile_again(project: Project) -> None:
    with (project.data / "registry" / "people.yaml").open("a", encoding="utf-8") as file:
        file.write("\nsomebody-new:\n  type: Person\n  name: Somebody New\n")
    assert build(project).fresh == ("data/registry/people.yaml",)


def test_a_changed_entity_makes_the_articles_that_name_it_compile_again(project: Project) -> None:
    edit(project.data / "registry" / "people.yaml", r"^mara-lind:\n", "mara-lind:\n  note: changed\n")
    fresh = build(project).fresh
    naming = {
        f.name for f in (project.data / "articles").glob("*.yaml") if "mara-lind" in f.read_text(encoding="utf-8")
    }
    assert {Path(path).name for path in fresh} == {"people.yaml", *naming}


def test_a_fact_that_goes_makes_the_article_that_names_it_fail(project: Project) -> None:
    """The other article is unchanged, and still its record no longer holds."""
    edit(article(project, "harbour-study"), r"^  joint-study:", "  joint-study-renamed:")
    codes = {(finding.place.path, finding.code) for finding in check(project).findings}
    assert ("data/articles/tide-workshop.yaml", "KG-M007") in codes


def test_an_article_that_goes_takes_its_graph_along(project: Project) -> None:
    article(project, "exchange-merger-rumour").unlink()
    build(project)
    assert "article/exchange-merger-rumour>" not in {quad.graph.rsplit("fiction/")[-1] for quad in quads(project)}


# -------- only what is valid is published


def test_a_failed_build_leaves_the_current_generation_as_it_was(project: Project) -> None:
    before = graph_file(project)
    edit(article(project, "harbour-study"), r"occurrence: Occurred", "occurrence: Occured")
    with pytest.raises(BuildError) as error:
        build(project)
    assert error.value.exit_code == 1
    assert [finding.code for finding in error.value.report.findings if finding.severity is Severity.ERROR] == [
        "KG-M010"
    ]
    assert graph_file(project) == before
    generation = current(project.build)
    assert generation is not None
    assert generation.manifest.number == 1


def test_a_build_without_data_names_the_folder(tmp_path: Path) -> None:
    (tmp_path / "kg.toml").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="there is no folder data"):
        build(load_project(tmp_path))


def test_every_published_article_graph_conforms_to_the_shapes_with_the_registry(project: Project) -> None:
    """What was validated piece by piece also conforms as a whole."""
    from kg.validation.validate import load_shapes

    shapes = load_shapes(project.ontology)
    kept = [quad[:3] for quad in quads(project) if re.search(r"/graph/(registry|derived)>$|/article/", quad.graph)]
    wrong = [result for result in shapes.results(kept) if result.severity == "Violation"]
    assert wrong == []


# -------- derived facts


def test_every_derived_statement_names_nodes_that_exist(project: Project) -> None:
    everything = quads(project)
    subjects = {quad.subject for quad in everything}
    derivations = {
        quad.subject for quad in everything if quad.object == f"<{CQ}Derivation>" and "/derived>" in quad.graph
    }
    sources: dict[str, list[str]] = {}
    for quad in everything:
        if quad.predicate == DERIVED_FROM and quad.subject in derivations:
            sources.setdefault(quad.subject, []).append(quad.object)
    assert derivations
    assert set(sources) == derivations
    assert {source for found in sources.values() for source in found} <= subjects


OF_A_DERIVATION = ("byRule", "disagreesOn", "subjectSays", "objectSays")


def test_every_derived_edge_has_a_derivation_and_the_other_way_round(project: Project) -> None:
    parts: dict[str, dict[str, str]] = {}
    edges, displaced = set(), set()
    for quad in quads(project):
        if not quad.graph.endswith("/graph/derived>"):
            continue
        name = quad.predicate.removeprefix(f"<{CQ}").rstrip(">")
        if name == "displacedBy":
            displaced.add(quad.subject)
        if name in ("derivedSubject", "derivedPredicate", "derivedObject"):
            parts.setdefault(quad.subject, {})[name] = quad.object
        elif name not in OF_A_DERIVATION and quad.predicate.startswith(f"<{CQ}"):
            edges.add((quad.subject, quad.predicate, quad.object))
    ends = ("derivedSubject", "derivedPredicate", "derivedObject")
    derived = {derivation: tuple(part[end] for end in ends) for derivation, part in parts.items()}
    assert {statement for derivation, statement in derived.items() if derivation not in displaced} <= edges
    # the only report of a story, and an article that is no copy, are so by themselves; `within` is derived step by step
    by_itself = {(True, f"<{CQ}{name}>") for name in ("story", "latestReport", "independentSource")}
    others = {edge for edge in edges - {*derived.values()} if edge[0] not in derived and edge[1] != f"<{CQ}within>"}
    assert {(s == o, p) for s, p, o in others} == by_itself


# -------- what the graph says of itself


def test_the_description_counts_what_is_there(project: Project) -> None:
    everything = quads(project)
    counts = {
        quad.subject: int(quad.object.split('"')[1])
        for quad in everything
        if quad.predicate == "<http://rdfs.org/ns/void#triples>"
    }
    for graph in {quad.graph for quad in everything} - {"<https://example.org/fiction/graph/dataset>"}:
        assert counts[graph] == sum(quad.graph == graph for quad in everything), graph


def test_the_report_of_a_published_graph_holds_no_violation(project: Project) -> None:
    assert not [
        quad
        for quad in quads(project)
        if quad.object == "<http://www.w3.org/ns/shacl#Violation>" and "/validation>" in quad.graph
    ]


# -------- withheld texts


def withhold(project: Project) -> None:
    file = article(project, "harbour-study")
    text = file.read_text(encoding="utf-8")
    found = re.search(r"^  text: \|\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    assert found
    (project.root / "texts").mkdir()
    (project.root / "texts" / "harbour.txt").write_text(
        re.sub(r"^    ", "", found[1], flags=re.MULTILINE), encoding="utf-8"
    )
    text = text.replace(found[0], "  textFile: texts/harbour.txt\n").replace("textKind: Full", "textKind: Withheld")
    file.write_text(text, encoding="utf-8")


def test_a_withheld_text_shows_positions_and_no_words(project: Project) -> None:
    withhold(project)
    build(project)
    own = [quad for quad in quads(project) if quad.graph.endswith("/article/harbour-study>")]
    assert any(quad.predicate == "<http://www.w3.org/ns/oa#start>" for quad in own)
    assert not [
        quad for quad in own if quad.predicate in ("<http://www.w3.org/ns/oa#exact>", f"<{CQ}sentence>", f"<{CQ}text>")
    ]


def test_a_list_of_one_says_what_its_value_says_and_withholds_a_text_too(project: Project) -> None:
    withhold(project)
    build(project)
    with_values = graph_file(project)
    file = article(project, "harbour-study")
    for key in ("textKind", "textFile", "language"):
        edit(file, rf"^  {key}: (.*)$", rf"  {key}: [\1]")
    build(project)
    assert graph_file(project) == with_values
    withheld = re.sub(r"^  textKind: .*\n|^  textFile: .*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    words = (project.root / "texts" / "harbour.txt").read_text(encoding="utf-8")
    file.write_text(withheld.replace("article:\n", f"article:\n  textKind: Full\n  text: [{json.dumps(words)}]\n"))
    assert "KG-E003" not in {finding.code for finding in check(project).findings}


def test_a_withheld_text_that_is_not_at_hand_gives_the_same_graph_by_its_pins(project: Project) -> None:
    withhold(project)
    build(project)
    with_text = graph_file(project)
    pins = json.loads((project.data / "articles" / "harbour-study.pins.json").read_text(encoding="utf-8"))
    assert len(pins["spans"]) > 5
    shutil.rmtree(project.root / "texts")
    build(project, full=True)
    assert graph_file(project) == with_text


def test_a_quote_that_was_never_found_in_a_withheld_text_is_an_error(project: Project) -> None:
    withhold(project)
    build(project)
    shutil.rmtree(project.root / "texts")
    edit(article(project, "harbour-study"), r"^    quote: .*$", "    quote: words that nobody wrote")
    assert "KG-E006" in {finding.code for finding in check(project).findings}


def test_a_text_file_outside_the_project_is_not_read(project: Project) -> None:
    withhold(project)
    edit(article(project, "harbour-study"), r"texts/harbour.txt", "../../../../etc/passwd")
    found = check(project).findings
    assert any(finding.severity is Severity.ERROR for finding in found)
    assert not any("root:" in finding.message for finding in found)


def test_a_text_that_changes_outside_its_article_is_seen(project: Project) -> None:
    withhold(project)
    build(project)
    with (project.root / "texts" / "harbour.txt").open("a", encoding="utf-8") as file:
        file.write("One more sentence.\n")
    assert "data/articles/harbour-study.yaml" in build(project).fresh


def test_a_build_reports_what_a_check_reports(project: Project) -> None:
    with (project.data / "registry" / "people.yaml").open("a", encoding="utf-8") as file:
        file.write("\nsomebody-new:\n  type: Person\n  name: Somebody New\n")
    found = build(project).report.findings
    assert [finding.code for finding in found] == ["KG-C009"]
    assert found == check(project).findings


def test_a_mapping_with_another_ending_is_not_passed_over(project: Project) -> None:
    article(project, "ten-harbours").rename(project.data / "articles" / "ten-harbours.yml")
    codes = [finding.code for finding in check(project).findings]
    assert "KG-Y014" in codes


def test_a_question_that_is_not_sparql_is_found_at_its_line(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "questions"
    folder.mkdir()
    (folder / "odd.rq").write_text("#+ question: What?\nSELECT ?s WHERE {\n  ?s ?p\n}\n", encoding="utf-8")
    settings = project.root / "kg.toml"
    edit(settings, r"^queries = \[", f'queries = ["{folder.as_posix()}", ')
    found = [finding for finding in check(load_project(project.root)).findings if finding.code == "KG-Q009"]
    assert [(Path(finding.place.path).name, finding.place.line) for finding in found] == [("odd.rq", 4)]


def test_an_object_that_was_changed_is_not_exported(project: Project) -> None:
    for file in (project.build / "objects").rglob("*.gz"):
        text = gzip.decompress(file.read_bytes())
        file.write_bytes(gzip.compress(text.replace(b"Mara Lind", b"Xara Lind")))
    result = CliRunner().invoke(cli, ["-C", str(project.root), "export", "--format", "nq"])
    assert isinstance(result.exception, InputError)
    assert "of the build folder was changed" in result.exception.message


def test_a_rule_id_that_is_taken_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.ttl").write_text(
        "@prefix cq: <https://w3id.org/communique/ontology#> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "cq:AgreementShape2 a sh:NodeShape ; sh:targetClass cq:Agreement ;\n"
        "    sh:property <https://w3id.org/communique/rule/KG-S0430> .\n"
        "<https://w3id.org/communique/rule/KG-S0430> a sh:PropertyShape ; sh:path cq:stage ;\n"
        '    sh:class cq:Stage ; sh:message "Say the stage"@en .\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="KG-S0430: two rules share this id"):
        load_vocabulary([ROOT / "ontology", tmp_path])
