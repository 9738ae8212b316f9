"""The documentation: all that the ontology has is in it, and its pages hold together as files and in a server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from kg.cli import cli
from kg.core.errors import Severity, UsageError
from kg.core.terms import CQ, OWL, SKOS
from kg.docs.diagram import concern_svg
from kg.docs.gather import ARTICLE, KEYWORDS, documentation
from kg.docs.model import Documentation
from kg.docs.snippets import FORMS, WORDS, placeholders
from kg.mapping.read import Table, read_yaml
from kg.ontology import compact
from kg.ontology.load import load_vocabulary
from kg.ontology.triples import Index, ontology_triples
from kg.pipeline.catalogue import families
from kg.pipeline.check import check
from kg.pipeline.derive import ordered_rules
from kg.project.files import write_folder
from kg.project.settings import load_project
from kg.questions.query import all_queries
from kg.web.app import application
from kg.web.pages.documentation import FILES, PageKey, Pages, file_of, files
from kg.web.site import open_site
from tests.pages import Html, faults, target
from tests.test_messages import copy_of_base
from tests.test_vocabulary_driven import EXPEDITION, PREFIXES

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def told() -> Documentation:
    return documentation(load_project(ROOT))


@pytest.fixture(scope="module")
def written(told: Documentation) -> Mapping[str, bytes]:
    return files(told)


@pytest.fixture(scope="module")
def pages(written: Mapping[str, bytes]) -> Mapping[str, Html]:
    return {name: Html(content.decode()) for name, content in written.items() if name.endswith(".html")}


# -------- everything is there


def declared(*types: str) -> set[str]:
    """Return the local names of the ontology's own terms of these types, without the code that the pages come from."""
    index = Index(ontology_triples(load_project(ROOT).ontology))
    return {node.value.removeprefix(CQ) for node in index.instances(*types) if node.value.startswith(CQ)}


def test_every_class_and_property_is_told_with_its_definition_and_its_concern(told: Documentation) -> None:
    assert told.classes.keys() == declared(OWL + "Class")
    assert told.properties.keys() == declared(OWL + "ObjectProperty", OWL + "DatatypeProperty")
    terms = [*told.classes.values(), *told.properties.values()]
    assert [term.name for term in terms if not term.definition or not term.label] == []
    assert [term.name for term in terms if term.concern not in told.concerns] == []


def test_every_code_is_told_with_its_definition(told: Documentation) -> None:
    index = Index(ontology_triples(load_project(ROOT).ontology))
    codes = {str(subject.value) for subject, predicate in index.predicates() if predicate == SKOS + "inScheme"}
    shown = [code for doc in told.lists() for code in doc.codes]
    assert {code.iri for code in shown} == codes
    assert [code.iri for code in shown if not code.definition or not code.label] == []


def test_every_finding_has_a_page_with_meaning_and_remedy(told: Documentation) -> None:
    assert len(told.findings) > 350
    assert [code for code, doc in told.findings.items() if not doc.page.title or not doc.page.remedy] == []
    assert [code for code, doc in told.findings.items() if not doc.rule and not doc.page.meaning] == []
    assert {doc.family for doc in told.findings.values()} == set(families().values())


def test_every_rule_is_told_in_words_with_what_breaks_and_what_keeps_it(told: Documentation) -> None:
    rules = {rule.id for rule in load_vocabulary(load_project(ROOT).ontology).rules.values()}
    docs = dict(told.rules())
    assert docs.keys() == rules
    assert [code for code, rule in docs.items() if not rule.checks or not (rule.targets or rule.aims)] == []
    assert [code for code, rule in docs.items() if not rule.broken or not rule.kept or not rule.broken.why] == []
    assert [code for code, rule in docs.items() if f"rule:{code} a sh:" not in rule.turtle] == []


def test_a_replaced_term_says_what_to_write(told: Documentation) -> None:
    assert told.properties["eventEntity"].notes == ("Deprecated: use eventAbout or heldFor.",)


def test_every_derivation_and_every_question_is_told(told: Documentation) -> None:
    project = load_project(ROOT)
    assert told.derivations.keys() == {file.stem for file in ordered_rules(project.ontology)}
    assert [doc.name for doc in told.derivations.values() if doc.derives not in told.properties] == []
    assert told.questions.keys() == {query.name for query in all_queries(project)[0]}
    assert [
        name for name, doc in told.questions.items() if set(doc.terms) - told.classes.keys() - told.properties.keys()
    ] == []


def test_every_term_has_its_page_and_its_anchor_at_the_entrance(told: Documentation, pages: Mapping[str, Html]) -> None:
    for kind, table in (("class", told.classes), ("property", told.properties)):
        assert [name for name in table if file_of(PageKey(kind, name)) not in pages] == []
        assert [name for name in table if name not in pages["index.html"].ids] == []
        assert [name for name in table if name not in pages[file_of(PageKey(kind, name))].ids] == []
    for doc in told.lists():
        assert {code.name for code in doc.codes} <= pages[f"class/{doc.name}.html"].ids


def test_all_compact_forms_and_no_others_are_told() -> None:
    assert FORMS.keys() == compact.FORMS.keys()
    for form, (_, example) in FORMS.items():
        assert compact.FORMS[form](example)


# -------- ties go both ways


def test_what_a_class_is_tied_to_is_tied_to_it(told: Documentation) -> None:
    for doc in told.classes.values():
        assert [parent for parent in doc.parents if doc.name not in told.classes[parent].children] == []
        for use in doc.keys:
            assert doc.name in [name for name, _ in told.properties[use.key.name].uses]
            if use.key.kind in ("node", "code"):
                assert (doc.name, use.key.name) in told.classes[use.key.range].used_by


def test_what_a_rule_names_names_the_rule(told: Documentation) -> None:
    for code, rule in told.rules():
        assert [name for name in rule.properties if code not in told.properties[name].rules] == []
        assert [name for name in rule.targets if code not in told.classes[name].rules] == []


def test_inherited_keys_stand_apart(told: Documentation) -> None:
    meeting, event = told.classes["Meeting"], told.classes["Event"]
    assert meeting.keys == ()
    assert {use.key.name: use.at for use in meeting.inherited}["occurrence"] == "Event"
    assert {use.key.name: use.at for use in meeting.inherited}["accordingTo"] == "Fact"
    assert [use.key.name for use in event.keys if use.required] == ["name", "occurrence"]
    assert told.properties["metWith"].derivations == ("met-for", "met-with")
    assert told.properties["metWith"].traits == ("symmetric",)
    assert "schema:Event" in [tie.name for tie in event.ties]


@pytest.mark.parametrize(
    ("code", "told_as"),
    [
        ("KG-S0106", ("`occurrence`: exactly one, each is of the class `Occurrence`",)),
        ("KG-S0141", ("`participation`: at least 2",)),
        ("KG-S0144", ("The query below returns no rows",)),
        ("KG-S0142", ("(`capacity`: none) or (`capacity`, then its `holder`: they are the same as `participant`)",)),
        (
            "KG-S0150",
            (
                "(it must not be that `occurrence`: one of them is `occurrence/Occurred`)"
                " or (the subject whose `signedAt` it is: at least one)",
            ),
        ),
        (
            "KG-S1005",
            (
                "`oa:start`: exactly one, each is a `xsd:integer`, each is at least “0”,"
                " each is before or below `oa:end`",
            ),
        ),
    ],
)
def test_a_shape_is_told_in_words(told: Documentation, code: str, told_as: tuple[str, ...]) -> None:
    rule = told.findings[code].rule
    assert rule is not None
    assert rule.checks == told_as


# -------- how a curator writes it


def test_the_small_mapping_has_no_finding_and_uses_each_keyword_that_every_mapping_has(tmp_path: Path) -> None:
    project = copy_of_base(tmp_path / "project")
    (project / "data" / "articles" / "small.yaml").write_text(ARTICLE, encoding="utf-8")
    report = check(load_project(project), [str(project / "data" / "articles" / "small.yaml")])
    assert report.findings == ()
    seldom = ["accept", "inferred"]
    assert [word for word in KEYWORDS if f"{word}:" not in ARTICLE] == seldom


ONE_OF_SEVERAL = {"KG-S0890", "KG-S0324"}
"""Rules that want one of several keys, none of which is required by itself."""


def test_all_snippets_together_are_a_project_that_keeps_to_the_language(told: Documentation, tmp_path: Path) -> None:
    """Each id of a snippet is defined by another one, or by an entity of a class that it stands for."""
    project = copy_of_base(tmp_path / "project")
    entities = [d for d in told.classes.values() if d.snippet and "Entity" in d.lineage]
    facts = [d for d in told.classes.values() if d.snippet and "Fact" in d.lineage and not d.snippet[0].isspace()]
    facts = [doc for doc in facts if doc.snippet.split("\n")[1].lstrip().startswith("type:")]
    text = f"{WORDS}, over 2,100 boats of 1 May 2031"
    defined = {doc.snippet.partition(":")[0] for doc in (*entities, *facts)}
    missing = sorted({p for d in (*entities, *facts) for p in placeholders(without_comments(d.snippet))} - defined)
    stand_ins = [f"{name}:\n  type: {stand_in(told, name)}\n  name: The name" for name in missing]
    registry = "\n".join([*(doc.snippet for doc in entities), *stand_ins]) + "\n"
    (project / "data" / "registry" / "snippets.yaml").write_text(registry, encoding="utf-8")
    block = "\n".join(f"  {line}" for doc in facts for line in doc.snippet.replace(WORDS, f'"{text}"').split("\n"))
    words = f"Thursday. The name. These are {text}."
    article = ARTICLE.partition("facts:")[0].replace("Thursday.", words) + f"facts:\n{block}\n"
    (project / "data" / "articles" / "snippets.yaml").write_text(article, encoding="utf-8")
    report = check(load_project(project), [str(project / "data")])
    errors = {finding.code for finding in report.findings if finding.severity is Severity.ERROR}
    assert errors == ONE_OF_SEVERAL
    assert len(facts) > 30


def without_comments(text: str) -> str:
    return "\n".join(line.partition("  # ")[0] for line in text.split("\n") if not line.lstrip().startswith("#"))


def stand_in(told: Documentation, name: str) -> str:
    """Return a class of entities that a placeholder may stand for."""
    label = name.partition("-")[2].replace("-", " ").replace("id", "person")
    doc = next(doc for doc in told.classes.values() if doc.label == label)
    below = [each.name for each in told.classes.values() if doc.name in (each.name, *each.lineage)]
    return next(each for each in below if told.classes[each].segment and not told.classes[each].abstract)


def test_the_mapping_of_each_example_is_yaml(told: Documentation) -> None:
    examples = [e for _, rule in told.rules() for e in (rule.broken, rule.kept) if e and e.yaml]
    assert len(examples) > 400
    for example in examples:
        tree, findings = read_yaml(example.yaml, "example.yaml")
        assert (findings, isinstance(tree, Table)) == ((), True), example.yaml


def test_a_sample_is_told_with_its_line(told: Documentation) -> None:
    sample = told.classes["Tenure"].sample
    assert sample is not None
    path, _, line = sample.place.rpartition(":")
    lines = (ROOT / path).read_text(encoding="utf-8").split("\n")
    assert lines[int(line) - 1].strip() == sample.text.split("\n")[0]


# -------- pages as files


def test_pages_are_well_formed_and_keep_to_a_strict_policy(pages: Mapping[str, Html]) -> None:
    assert len(pages) > 600
    assert {name: found for name, page in pages.items() if (found := faults(page))} == {}


def test_no_link_is_dead(written: Mapping[str, bytes], pages: Mapping[str, Html]) -> None:
    dead = set()
    for name, page in pages.items():
        for address in page.links():
            led = target(name, address)
            if led and (led[0] not in written or (led[1] and led[1] not in pages[led[0]].ids)):
                dead.add((name, address))
    assert dead == set()


def test_every_page_is_reached_from_the_entrance(pages: Mapping[str, Html]) -> None:
    seen, queue = {"index.html"}, ["index.html"]
    for name in queue:
        for address in pages[name].links():
            led = target(name, address)
            if led and led[0] in pages and led[0] not in seen:
                seen.add(led[0])
                queue.append(led[0])
    assert pages.keys() - seen == set()


def test_the_same_ontology_gives_the_same_files(written: Mapping[str, bytes]) -> None:
    assert files(documentation(load_project(ROOT))) == written


def test_no_page_tells_where_it_was_made(written: Mapping[str, bytes]) -> None:
    place = str(ROOT).encode()
    assert [name for name, content in written.items() if place in content] == []


def docs(project: Path, folder: Path) -> str:
    done = CliRunner().invoke(cli, ["-C", str(project), "docs", "-o", str(folder)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_the_command_writes_a_folder_and_replaces_its_own(tmp_path: Path, written: Mapping[str, bytes]) -> None:
    folder = tmp_path / "site"
    written_by_us(folder, written)
    (folder / "class" / "Gone.html").write_text("of an earlier ontology", encoding="utf-8")
    assert "pages; open" in docs(ROOT, folder)
    found = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found == written
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def written_by_us(folder: Path, written: Mapping[str, bytes]) -> None:
    """Write the folder that the command writes for these pages."""
    write_folder(folder, [(name, (content,)) for name, content in written.items()], what="pages", ours=lambda _: False)


def test_a_process_of_its_own_writes_the_same_whatever_its_hashes_are(
    tmp_path: Path, written: Mapping[str, bytes]
) -> None:
    seed = "7"  # that of this process is another one, and random
    command = [sys.executable, "-c", "from kg.cli import main; main()", "-C", str(ROOT), "docs", "-o", "site"]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True)
    assert done.returncode == 0, done.stderr
    found = {p.relative_to(tmp_path / "site").as_posix(): p for p in (tmp_path / "site").rglob("*") if p.is_file()}
    assert {name: file.read_bytes() for name, file in found.items()} == written


@pytest.mark.parametrize("output", [[], ["-o", "-"], ["-o", "kg.toml"]])
def test_the_pages_need_a_folder(output: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(cli, ["docs", *output])
    assert isinstance(done.exception, UsageError)
    assert "choose one page with --page" in str(done.exception)


def test_one_page_has_the_classes_of_the_project_and_needs_no_extra(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "kg.web.pages.documentation", None)
    (tmp_path / "kg.toml").write_text(f'ontology = ["{ROOT / "ontology"}", "ontology"]', encoding="utf-8")
    (tmp_path / "ontology").mkdir()
    (tmp_path / "ontology" / "mine.ttl").write_text(PREFIXES + EXPEDITION, encoding="utf-8")
    done = CliRunner().invoke(cli, ["-C", str(tmp_path), "docs", "--page", "mapping", "-o", str(tmp_path / "m.md")])
    assert done.exit_code == 0, done.output
    assert "### Expedition" in (tmp_path / "m.md").read_text(encoding="utf-8")


def test_without_the_extra_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "kg.web.pages.documentation", None)
    with pytest.raises(UsageError, match="the extra 'serve'"):
        docs(ROOT, tmp_path / "site")


@pytest.mark.parametrize("other", ["notes.txt", "index.html", "class/thesis.docx"])
def test_a_folder_that_holds_other_things_is_left_alone(tmp_path: Path, other: str) -> None:
    file = tmp_path / "site" / other
    file.parent.mkdir(parents=True)
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="not a folder of pages of kg docs"):
        docs(ROOT, tmp_path / "site")
    assert file.read_text(encoding="utf-8") == "mine"


def test_a_folder_of_ours_with_a_file_of_another_kind_is_left_alone(
    tmp_path: Path, written: Mapping[str, bytes]
) -> None:
    folder = tmp_path / "site"
    written_by_us(folder, written)
    (folder / "thesis.odt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError):
        docs(ROOT, folder)


# -------- a project's own terms


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Documentation:
    folder = copy_of_base(tmp_path_factory.mktemp("extended") / "project")
    (folder / "kg.toml").write_text('ontology = ["@kg", "ontology"]\n', encoding="utf-8")
    (folder / "ontology").mkdir()
    (folder / "ontology" / "expedition.ttl").write_text(f"# Journeys.\n{EXPEDITION}", encoding="utf-8")
    (folder / "ontology" / "hostile.ttl").write_text(HOSTILE, encoding="utf-8")
    return documentation(load_project(folder))


HOSTILE = f"""{PREFIXES}
cq:Trap a owl:Class ;
    rdfs:subClassOf cq:Event ;
    rdfs:label "<script>alert(1)</script>"@en ;
    skos:definition "</p><img src=x onerror=alert(1)> \\"' & {{{{ 7 * 7 }}}} `x`<b> \u202egnp\u202c"@en ;
    skos:scopeNote "<iframe src='//evil.example'>"@en ;
    rdfs:seeAlso <https://example.org/%22%3E%3Cscript%3E> .
cq:lure a owl:DatatypeProperty ; rdfs:label "\\" onmouseover=\\"alert(1)"@en ;
    skos:definition "<svg onload=alert(1)>"@en .
cq:TrapShape a sh:NodeShape ; sh:targetClass cq:Trap ; sh:property rule:KG-S8801 .
rule:KG-S8801 a sh:PropertyShape ; sh:path cq:lure ; sh:datatype xsd:string ;
    sh:hasValue "`<script>alert(2)</script>`" ;
    sh:message "<script>alert(3)</script>"@en ;
    cq:remedy "`<b>mend</b>`"@en .
"""


def test_terms_that_a_project_adds_are_told_like_others(extended: Documentation) -> None:
    made = files(extended)
    page = made["class/Expedition.html"].decode()
    for word in (
        "weather",
        "companion",
        "departure",
        "depth",
        "finding",
        "KG-S8010",
        "A journey to find something out.",
    ):
        assert word in page
    assert "some-expedition:\n  type: Expedition" in page
    assert extended.concerns["expedition"].title == "Journeys"
    assert "Observer" in made["class/Side.html"].decode()
    assert "Nobody sails in a storm" in made["finding/KG-S8010.html"].decode()
    assert "expedition" in made["class/Event.html"].decode().casefold()
    assert extended.findings["KG-S8010"].rule is not None
    assert extended.findings["KG-S8010"].rule.broken is None
    assert "Expedition" in made["concern/expedition.html"].decode()


def test_no_page_of_a_project_elsewhere_tells_where_it_was_made(extended: Documentation) -> None:
    told = [
        name for name, content in files(extended).items() if str(ROOT).encode() in content or b"/pytest-" in content
    ]
    assert told == []
    assert extended.concerns["event"].files == ("@kg/event.ttl",)
    assert extended.concerns["expedition"].files == ("ontology/expedition.ttl",)


def test_hostile_definitions_are_shown_as_text(extended: Documentation) -> None:
    made = {name: Html(content.decode()) for name, content in files(extended).items() if name.endswith(".html")}
    assert {name: found for name, page in made.items() if (found := faults(page))} == {}
    for page in made.values():
        assert [attributes.get("src") for attributes in page.all("script")] in ([], [page.all("script")[0]["src"]])
        assert page.all("iframe") == page.all("img") == []
        assert "\u202e" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in made["class/Trap.html"].text
    assert "{{ 7 * 7 }}" in made["class/Trap.html"].text


def test_a_diagram_shows_keys_lines_and_neighbours(told: Documentation) -> None:
    picture = concern_svg(told, told.concerns["event"], lambda kind, name: f"{kind}/{name}")
    for part in (">meeting</text>", ">participation</text>", ">actor</text>", 'href="class/Signing"', 'class="edge"'):
        assert part in picture
    assert "style=" not in picture
    assert "<style" not in picture


# -------- in a server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    folder = copy_of_base(tmp_path_factory.mktemp("served") / "project")
    (folder / "data" / "articles" / "small.yaml").write_text(ARTICLE, encoding="utf-8")
    assert CliRunner().invoke(cli, ["-C", str(folder), "build"]).exit_code == 0
    return TestClient(application(open_site(load_project(folder))))


def test_a_server_shows_the_same_pages(served: TestClient, told: Documentation) -> None:
    for place in list(Pages(told).places())[::23]:
        answer = served.get(f"/ontology/{place.path}".rstrip("/"))
        assert answer.status_code == 200, place
        assert faults(Html(answer.text)) == [], place


def test_links_in_a_server_lead_to_pages_that_it_has(served: TestClient, told: Documentation) -> None:
    known = {f"/ontology/{place.path}".rstrip("/") for place in Pages(told).places()} | {
        f"/ontology/{f}" for f in FILES
    }
    for path in ("/ontology", "/ontology/class/Event", "/ontology/finding/KG-S0142", "/ontology/concern/agreement"):
        page = Html(served.get(path).text)
        own = [
            address.partition("#")[0].partition("?")[0] for address in page.links() if address.startswith("/ontology")
        ]
        assert len(own) > 5
        assert set(own) <= known


def test_a_server_tells_how_often_a_term_is_used_and_such_as_where(served: TestClient) -> None:
    page = served.get("/ontology/class/Event").text
    assert "none; 2 nodes of its subclasses" in page
    meeting = served.get("/ontology/class/Meeting").text
    assert "2 nodes, such as" in meeting
    assert 'href="/article/small/meeting"' in meeting
    assert "4 statements" in served.get("/ontology/property/participant").text
    assert '<td class="number" data-head="Used">2</td>' in served.get("/ontology/class/Side").text


def test_terms_can_be_sifted_without_a_script(served: TestClient) -> None:
    page = Html(served.get("/ontology", params={"q": "renews"}).text)
    assert "renews" in page.ids
    assert "Meeting" not in page.ids


def test_what_the_ontology_has_not_is_not_found(served: TestClient) -> None:
    for path in ("class/Nothing", "class/../class/Event/x", "nothing", "class", "finding/KG-S9999"):
        assert served.get(f"/ontology/{path}").status_code == 404
    assert served.get("/ontology/", follow_redirects=False).headers["location"] == "/ontology"


def test_a_server_gives_the_ontology_as_turtle(served: TestClient, told: Documentation) -> None:
    answer = served.get("/ontology/ontology.ttl")
    assert answer.headers["content-type"].startswith("text/turtle")
    assert answer.text == told.turtle
    assert served.get("/ontology", headers={"accept": "text/turtle, text/html;q=0.5"}).text == told.turtle
    assert served.get("/ontology", headers={"accept": "image/png"}).status_code == 406
    for accept in ("text/html, */*;q=0.1", "*/*"):
        page = served.get("/ontology", headers={"accept": accept})
        assert page.headers["content-type"].startswith("text/html")
        assert page.headers["vary"] == "Accept"


def test_the_page_of_a_key_says_what_need_not_be_written_in_braces(told: Documentation) -> None:
    [kind, filled] = told.properties["signedAt"].notes
    assert kind == "A fact in braces under it is of type Signing unless it has another type."
    assert filled.startswith("A fact in braces under it has by default: occurrence = Occurred; ")
    [(_, side)] = told.properties["side"].uses
    assert (side.required, side.left_out) == (False, "Unspecified")
