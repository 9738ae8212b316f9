"""The ontology decides what a mapping may say: terms added in Turtle are at once usable, checked and completed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from kg.cli import cli
from kg.core.errors import InputError
from kg.mapping.read import read_yaml
from kg.ontology.load import load_vocabulary
from kg.pipeline.check import check
from kg.project.settings import load_project
from kg.render.findings import render_findings
from tests.test_messages import copy_of_base
from tests.test_schema import as_an_editor_reads

PREFIXES = """\
@prefix cq: <https://w3id.org/communique/ontology#> .
@prefix rule: <https://w3id.org/communique/rule/> .
@prefix occurrence: <https://w3id.org/communique/code/occurrence/> .
@prefix side: <https://w3id.org/communique/code/side/> .
@prefix weather: <https://w3id.org/communique/code/weather/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
EXPEDITION = f"""{PREFIXES}
cq:Expedition a owl:Class ;
    rdfs:subClassOf cq:Event ;
    rdfs:label "expedition"@en ;
    skos:definition "A journey to find something out."@en .
cq:Weather a owl:Class ;
    rdfs:subClassOf cq:Code ;
    rdfs:label "weather"@en ;
    skos:definition "What the sky does."@en .
<https://w3id.org/communique/code/weather> a skos:ConceptScheme ; skos:prefLabel "weather"@en .
weather:Calm a cq:Weather ;
    skos:inScheme <https://w3id.org/communique/code/weather> ;
    skos:prefLabel "calm"@en ; skos:definition "No wind."@en .
weather:Storm a cq:Weather ;
    skos:inScheme <https://w3id.org/communique/code/weather> ;
    skos:prefLabel "storm"@en ; skos:definition "Much wind."@en .
side:Observer a cq:Side ;
    skos:inScheme <https://w3id.org/communique/code/side> ;
    skos:prefLabel "observer"@en ; skos:definition "Neither host nor guest."@en .

cq:weather a owl:ObjectProperty ; rdfs:label "weather"@en ; skos:definition "The weather on the way."@en .
cq:companion a owl:ObjectProperty ; rdfs:label "companion"@en ; skos:definition "Who came along."@en .
cq:departure a owl:ObjectProperty ; rdfs:label "departure"@en ; skos:definition "When it set out."@en .
cq:depth a owl:DatatypeProperty ; rdfs:label "depth"@en ; skos:definition "How deep it went, in metres."@en .
cq:finding a owl:DatatypeProperty ; rdfs:label "finding"@en ; skos:definition "What was found, in our words."@en .

cq:ExpeditionShape a sh:NodeShape ;
    sh:targetClass cq:Expedition ;
    sh:property rule:KG-S8001, rule:KG-S8002, rule:KG-S8003, rule:KG-S8004, rule:KG-S8005 .
rule:KG-S8001 a sh:PropertyShape ; sh:path cq:weather ; sh:class cq:Weather ; sh:minCount 1 ; sh:maxCount 1 ;
    sh:message "Say once how the weather was"@en .
rule:KG-S8002 a sh:PropertyShape ; sh:path cq:companion ; sh:class cq:Person ;
    sh:message "Name a person who came along"@en .
rule:KG-S8003 a sh:PropertyShape ; sh:path cq:departure ; sh:class cq:TimeExpression ; sh:maxCount 1 ;
    sh:message "Give the departure at most once"@en .
rule:KG-S8004 a sh:PropertyShape ; sh:path cq:depth ; sh:datatype xsd:decimal ; sh:maxCount 1 ; sh:maxInclusive 11000 ;
    sh:message "Nothing is deeper than 11000 metres"@en ;
    cq:remedy "correct the depth"@en .
rule:KG-S8005 a sh:PropertyShape ; sh:path cq:finding ; sh:datatype rdf:langString ;
    sh:message "Write a finding in our words"@en .
rule:KG-S8010 a sh:NodeShape ;
    sh:targetClass cq:Expedition ;
    sh:severity sh:Warning ;
    cq:pointsAt cq:weather ;
    sh:sparql [ a sh:SPARQLConstraint ;
        sh:prefixes <https://w3id.org/communique/ontology> ;
        sh:select \"\"\"SELECT $this WHERE {{ $this cq:weather <https://w3id.org/communique/code/weather/Storm> ;
            cq:occurrence <https://w3id.org/communique/code/occurrence/Occurred> . }}\"\"\" ] ;
    sh:message "Nobody sails in a storm"@en ;
    cq:remedy "correct the weather or the occurrence"@en .
"""
ARTICLE = """\
article:
  title: Harbour authority measures the estuary
  published: 2031-06-20
  language: en
  textKind: Full
  text: Mara Lind set out on 2031-06-16 with Jonas Thorsen to measure the estuary, which is 18.5 metres deep.
curation: {curator: jd, on: 2031-06-21, status: Draft}
facts:
  survey:
    type: Expedition
    name: Survey of the estuary
    occurrence: Occurred
    weather: Calm
    companion: jonas-thorsen
    departure: 2031-06-16
    depth: 18.5
    finding: {en: Mud, nl: Modder}
    participation:
      - {participant: mara-lind, side: Observer}
    quote: Mara Lind set out on 2031-06-16 with Jonas Thorsen to measure the estuary
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = copy_of_base(tmp_path / "project")
    (folder / "kg.toml").write_text(
        'base = "https://example.org/messages/"\nontology = ["@kg", "ontology"]\n', encoding="utf-8"
    )
    (folder / "ontology").mkdir()
    (folder / "ontology" / "expedition.ttl").write_text(EXPEDITION, encoding="utf-8")
    (folder / "data" / "articles" / "survey.yaml").write_text(ARTICLE, encoding="utf-8")
    return folder


def rendered(project: Path) -> str:
    report = check(load_project(project), [str(project / "data" / "articles")])
    return render_findings(report.findings, "text", report.texts.get)


def rewrite(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def test_a_message_is_one_text_whatever_stands_in_it_and_the_remedy_another(project: Path) -> None:
    rewrite(project / "ontology" / "expedition.ttl", ("than 11000 metres", "than 11000 metres; not even the sea"))
    rewrite(project / "data" / "articles" / "survey.yaml", ("depth: 18.5", "depth: 20000"))
    (finding,) = [each for each in check(load_project(project)).findings if each.code == "KG-S8004"]
    assert finding.message == "nothing is deeper than 11000 metres; not even the sea"
    assert finding.fix == "correct the depth"


def test_what_the_new_file_declares_can_be_said(project: Path) -> None:
    assert rendered(project) == ""


def test_what_is_said_is_in_the_graph(project: Path) -> None:
    done = CliRunner().invoke(cli, ["-C", str(project), "build"])
    assert done.exit_code == 0, done.output
    asked = "ASK { GRAPH ?g { ?s a cq:Expedition ; cq:weather ?w ; cq:departure/cq:latest '2031-06-16'^^xsd:date } }"
    said = CliRunner().invoke(cli, ["-C", str(project), "sparql", asked, "--format", "tsv"])
    assert "true" in said.output


def test_the_new_rules_refuse_what_they_forbid_at_its_line(project: Path) -> None:
    rewrite(
        project / "data" / "articles" / "survey.yaml",
        ("weather: Calm", "weather: Storm"),
        ("depth: 18.5", "depth: 20000"),
    )
    assert (
        rendered(project)
        == """\
warning[KG-S8010]: nobody sails in a storm
  --> data/articles/survey.yaml:13:14
   |
13 |     weather: Storm
   |              ^^^^^
   = help: correct the weather or the occurrence

error[KG-S8004]: nothing is deeper than 11000 metres
  --> data/articles/survey.yaml:16:12
   |
16 |     depth: 20000
   |            ^^^^^
   = help: correct the depth

1 error, 1 warning in 1 file
"""
    )


def test_values_are_checked_by_the_new_ranges(project: Path) -> None:
    rewrite(
        project / "data" / "articles" / "survey.yaml",
        ("weather: Calm", "weather: Clam"),
        ("companion: jonas-thorsen", "companion: tide-university"),
        ("departure: 2031-06-16", "departure: last Monday"),
        ("depth: 18.5", "depth: 18.5 m"),
        ("finding:", "findings:"),
    )
    told = [line for line in rendered(project).splitlines() if line.startswith("error[") or " help:" in line]
    assert told == [
        "error[KG-M010]: 'Clam' is not a code for 'weather'",
        "   = help: did you mean 'Calm'?",
        "error[KG-M008]: 'tide-university' is a university, but 'companion' takes a person",
        "   = help: write the id of a person, or add it to data/registry",
        "error[KG-W001]: the words 'last Monday' are not in the quote",
        "   = help: the quote has 'on 2031-06-16'; write it exactly, or quote the words too",
        "error[KG-M011]: 'depth': '18.5 m' is not a decimal number such as 2100 or 21.6, without separators or "
        "exponent",
        "error[KG-M003]: an expedition has no key 'findings'",
        "   = help: did you mean 'finding'?",
    ]


def test_what_a_new_rule_requires_is_missed(project: Path) -> None:
    rewrite(project / "data" / "articles" / "survey.yaml", ("    weather: Calm\n", ""))
    assert "error[KG-S8001]: say once how the weather was\n --> data/articles/survey.yaml:9:3" in rendered(project)


def test_without_the_new_file_nothing_of_it_is_known(project: Path) -> None:
    (project / "ontology" / "expedition.ttl").unlink()
    assert "error[KG-M005]: there is no type 'Expedition'" in rendered(project)


def schema(project: Path) -> Mapping[str, Any]:
    done = CliRunner().invoke(cli, ["-C", str(project), "schema"])
    assert done.exit_code == 0
    found: dict[str, Any] = json.loads(done.output)
    return found


def test_the_schema_offers_the_new_terms(project: Path) -> None:
    offered = schema(project)
    definitions = offered["$defs"]
    assert "Expedition" in offered["properties"]["facts"]["additionalProperties"]["properties"]["type"]["enum"]
    assert {"weather", "companion", "departure", "depth", "finding"} < set(
        definitions["class.Expedition"]["properties"]
    )
    assert definitions["codes.Weather"] == {"enum": ["Calm", "Storm"], "enumDescriptions": ["No wind.", "Much wind."]}
    assert "Observer" in definitions["codes.Side"]["enum"]
    assert definitions["key.depth"]["description"].startswith("How deep it went, in metres.")
    validator = Draft202012Validator(offered)
    assert list(validator.iter_errors(as_an_editor_reads(read_yaml(ARTICLE, "")[0]))) == []
    wrong = ARTICLE.replace("weather: Calm", "weather: Clam")
    assert list(validator.iter_errors(as_an_editor_reads(read_yaml(wrong, "")[0])))


def test_a_new_rule_has_a_page(project: Path) -> None:
    done = CliRunner().invoke(cli, ["-C", str(project), "check", "--explain-code", "KG-S8010"])
    assert done.exit_code == 0
    assert "Nobody sails in a storm" in done.output
    assert "Correct the weather or the occurrence" in done.output


# -------- an ontology that is broken

BROKEN = (
    ("rdfs:subClassOf cq:Event", "rdfs:subClassOf cq:Evnt"),
    ("sh:class cq:Person", "sh:class cq:Persn"),
    (
        "sh:path cq:weather ; sh:class cq:Weather ; sh:minCount 1",
        "sh:path cq:weather ; sh:class cq:Weather ; sh:minCout 1",
    ),
    ("sh:datatype xsd:decimal", "sh:datatype xsd:decmal"),
    ("sh:maxCount 1 ; sh:maxInclusive", 'sh:maxCount "one" ; sh:maxInclusive'),
    (", rule:KG-S8005 .", " ."),
    ('    sh:message "Give the departure at most once"@en .', "    sh:name 'departure' ."),
    ("sh:severity sh:Warning", "sh:severity sh:Warnung"),
    ("cq:pointsAt cq:weather", "cq:pointsAt cq:wether"),
    ("weather:Storm a cq:Weather", "weather:Storm a cq:Wether"),
    (
        "weather:Calm a cq:Weather ;",
        "<https://example.org/Storm> a cq:Side ; skos:inScheme cq:x .\nweather:Calm a cq:Weather ;",
    ),
    (' ; skos:definition "Who came along."@en', ""),
)
PROBLEMS = """\
cq:Expedition: rdfs:subClassOf names a class that is not declared: cq:Evnt
cq:companion: it needs skos:definition
rule:KG-S8001: sh:minCout is not a SHACL term that a rule may use
rule:KG-S8002: sh:class names a class that is not declared: cq:Persn
rule:KG-S8003: it needs an sh:message that says what to do
rule:KG-S8004: a mapping cannot hold values of the datatype xsd:decmal
rule:KG-S8004: sh:maxCount takes a whole number, not 'one'
rule:KG-S8005: it applies to nothing: give it a sh:targetClass, or make it the sh:property of a shape
rule:KG-S8010: cq:pointsAt names a property that is not declared: cq:wether
rule:KG-S8010: there is no severity sh:Warnung: use sh:Violation, sh:Warning or sh:Info
<https://example.org/Storm>: a code needs a skos:prefLabel
<https://w3id.org/communique/code/weather/Storm>: a code needs the declared class of its list as its type
"""


def refusal(project: Path) -> str:
    with pytest.raises(InputError) as refused:
        load_vocabulary(load_project(project).ontology)
    return refused.value.message


def test_a_broken_ontology_is_refused_once_with_all_its_problems(project: Path) -> None:
    file = project / "ontology" / "expedition.ttl"
    rewrite(file, *BROKEN)
    head, *lines = refusal(project).split("\n  ")
    assert head == "the ontology has errors:"
    numbered = [line.removeprefix(f"{file}:").split(": ", 1) for line in lines]
    written = file.read_text(encoding="utf-8").split("\n")
    assert sorted(told for _, told in numbered) == sorted(PROBLEMS.splitlines())
    for number, told in numbered:
        name = told.split(": ")[0].strip("<>").split("/")[-1]
        assert name in written[int(number) - 1]


def command(project: Path) -> Result:
    return CliRunner().invoke(cli, ["-C", str(project), "check"])


def test_a_broken_ontology_is_unreadable_input_for_every_command(project: Path) -> None:
    rewrite(project / "ontology" / "expedition.ttl", *BROKEN)
    done = command(project)
    assert isinstance(done.exception, InputError)
    assert done.exception.exit_code == 3
    assert done.exception.fix == "correct these lines of the ontology"


def test_every_file_that_is_not_turtle_is_named_with_its_line(project: Path) -> None:
    (project / "ontology" / "expedition.ttl").write_text("cq:a cq:b\n\n  [ .\n", encoding="utf-8")
    (project / "ontology" / "more.ttl").write_bytes(b"# caf\xe9\n<a:b> <a:c> 'unclosed .\n")
    told = refusal(project)
    assert f"{project / 'ontology' / 'expedition.ttl'}:1:" in told
    assert str(project / "ontology" / "more.ttl") in told


@pytest.mark.parametrize(
    ("addition", "problem"),
    [
        (
            'cq:colour a owl:DatatypeProperty ; rdfs:label "colour"@en ; skos:definition "Its colour."@en .',
            "no shape says",
        ),
        ("cq:Expedition cq:compactForm 'sentence' .", "there is no compact form 'sentence'. Use edtf, quantity"),
        ("rule:KG-S8002 sh:path cq:weather .", "two rules share this id, or it has two paths"),
        (
            "cq:ExpeditionShape sh:property [ sh:path cq:weather ; sh:maxcount 2 ] .",
            "cq:ExpeditionShape: sh:maxcount is not a SHACL term",
        ),
        ("cq:Expedition cq:contentKey cq:colour .", "cq:contentKey names a property that is not declared"),
        ("side:Host2 a cq:Side ; skos:inScheme cq:x .", "a code needs a skos:prefLabel"),
    ],
)
def test_a_problem_is_told_where_it_is(project: Path, addition: str, problem: str) -> None:
    (project / "ontology" / "more.ttl").write_text(f"{PREFIXES}\n{addition}\n", encoding="utf-8")
    assert problem in refusal(project)
