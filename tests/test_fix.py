"""`kg check --fix` moves a project to the current language: it replaces words that were renamed, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import cli
from kg.core.errors import InputError, UsageError
from kg.core.terms import CQ
from kg.curation.fix import fix
from kg.ontology.load import load_vocabulary
from kg.pipeline.check import check
from kg.pipeline.language_version import language_findings, refuse_newer
from kg.project.settings import Project, load_project

ROOT = Path(__file__).parent.parent

NEWER = """
@prefix cq: <https://w3id.org/communique/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix occurrence: <https://w3id.org/communique/code/occurrence/> .

cq:Assembly a owl:Class ; rdfs:label "assembly"@en ; skos:definition "An older name of a conference."@en ;
    cq:replacedBy cq:Conference .
cq:spot a owl:ObjectProperty ; rdfs:label "spot"@en ; skos:definition "An older name of a place."@en ;
    cq:replacedBy cq:place .
occurrence:TookPlace a cq:Occurrence ; skos:inScheme <https://w3id.org/communique/code/occurrence> ;
    skos:prefLabel "took place"@en ; cq:replacedBy occurrence:Occurred .
"""

REGISTRY = """gazette: {type: NewsOrganization, name: Gazette}
tide-bay: {type: Place, name: Tide Bay}   # a spot on the coast
"""

OLD = """article:
  {title: F, publisher: gazette, published: 2031-05-02, language: en, textKind: Full, text: A fair was held in Tide Bay}
curation: {curator: me, on: 2031-06-03, status: Draft}
facts:
  # the spot of the fair: an Assembly
  fair:
    type: "Assembly"   # Assembly, not Meeting
    name: spot
    'spot' :  tide-bay # spot
    occurrence: TookPlace
    quote: A fair was held in Tide Bay
  inner: {type: Assembly, name: Stall, occurrence: TookPlace, spot: tide-bay, partOf: fair, quote: A fair was held}
"""

NEW = """article:
  {title: F, publisher: gazette, published: 2031-05-02, language: en, textKind: Full, text: A fair was held in Tide Bay}
curation: {curator: me, on: 2031-06-03, status: Draft}
facts:
  # the spot of the fair: an Assembly
  fair:
    type: "Conference"   # Assembly, not Meeting
    name: spot
    'place' :  tide-bay # spot
    occurrence: Occurred
    quote: A fair was held in Tide Bay
  inner: {type: Conference, name: Stall, occurrence: Occurred, place: tide-bay, partOf: fair, quote: A fair was held}
"""

QUERY = """#+ question: Which spots have assemblies?
PREFIX cq: <https://w3id.org/communique/ontology#>
PREFIX occurrence: <https://w3id.org/communique/code/occurrence/>
SELECT ?event ?spot WHERE {
  # cq:spot was meant
  GRAPH ?g { ?event a cq:Assembly ; cq:spot ?spot ; cq:occurrence occurrence:TookPlace }
  FILTER (STR(?spot) != "cq:spot")
}
"""

SETTINGS = """# what this is about: language
title = "Tides"
ontology = ["@kg", "ontology"]
queries = ["queries"]
language = "0.1"   # the first one
"""


def old_project(folder: Path, article: str = OLD, settings: str = SETTINGS) -> Project:
    """Return a project in an older language."""
    for name, text in {
        "kg.toml": settings,
        "ontology/newer.ttl": NEWER,
        "queries/spots.rq": QUERY,
        "data/registry/all.yaml": REGISTRY,
        "data/articles/fair.yaml": article,
    }.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return load_project(folder)


def called(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(folder), "check", *arguments])


# -------- what is mended


def test_renamed_keys_types_and_codes_are_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    fixed = fix(old_project(tmp_path))
    assert (tmp_path / "data/articles/fair.yaml").read_text(encoding="utf-8") == NEW
    assert (tmp_path / "data/registry/all.yaml").read_text(encoding="utf-8") == REGISTRY
    assert fixed.report.findings == ()
    assert [change.shown for change in fixed.changes] == ["data/articles/fair.yaml", "kg.toml", "queries/spots.rq"]
    counts = Counter(each.finding.place.path for each in fixed.corrections)
    assert counts == {"data/articles/fair.yaml": 6, "queries/spots.rq": 3}


def test_questions_of_the_project_are_moved_too(tmp_path: Path) -> None:
    fix(old_project(tmp_path))
    mended = QUERY.replace("a cq:Assembly ; cq:spot ?spot", "a cq:Conference ; cq:place ?spot")
    assert (tmp_path / "queries/spots.rq").read_text() == mended.replace("occurrence:TookPlace", "occurrence:Occurred")


def test_a_byte_order_mark_and_line_ends_stay(tmp_path: Path) -> None:
    windows = "\ufeff" + OLD.replace("\n", "\r\n")
    settings = "\ufeff" + SETTINGS.replace("\n", "\r\n")
    fix(old_project(tmp_path, windows, settings))
    version = load_vocabulary([ROOT / "ontology"]).version
    assert (tmp_path / "kg.toml").read_bytes() == settings.replace('"0.1"', f'"{version}"').encode()
    assert (tmp_path / "data/articles/fair.yaml").read_bytes() == ("\ufeff" + NEW.replace("\n", "\r\n")).encode()


def test_the_language_of_the_settings_is_written_and_its_remark_stays(tmp_path: Path) -> None:
    fix(old_project(tmp_path))
    version = load_vocabulary([ROOT / "ontology"]).version
    assert (tmp_path / "kg.toml").read_text() == SETTINGS.replace('"0.1"', f'"{version}"')


def test_a_second_time_there_is_nothing_to_mend(tmp_path: Path) -> None:
    fix(old_project(tmp_path))
    before = {file: file.read_bytes() for file in tmp_path.rglob("*.*") if "build" not in file.parts and file.is_file()}
    again = fix(load_project(tmp_path))
    assert again.changes == ()
    assert {file: file.read_bytes() for file in before} == before


def test_what_lies_outside_the_project_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    shared = tmp_path / "shared" / "spots.rq"
    shared.write_text(QUERY, encoding="utf-8")
    settings = SETTINGS.replace('["queries"]', '["../shared"]')
    fixed = fix(old_project(tmp_path / "own", OLD, settings))
    assert shared.read_text(encoding="utf-8") == QUERY
    assert {finding.code for finding in fixed.report.findings} == {"KG-Q010", "KG-P001"}


# -------- slips


SLIPS = """article:
  title: Tides
  publisher: gazete
  published: 2031-05-02
  language: en
  textKind: Full
  text: |
    Mara Lind\u2019s \u201clong  speech\u201d opened a fair. She met Mary Lund in Tide Bay on Thursday,
    with over 2,100 boats in the bay.
curation: {curator: me, on: 2031-06-03, status: Draft}
facts:
  # the fair
  fair:
    type: Confrence   # of boats
    name: Fair
    date: on Thursdy
    occurence: Occured
    place: "tide-bey"
    quote:
      - Mara Lind's "long speech" opened a fair.
      - >-
        She met Mary
        Lund in Tide Bay … over 2,100
        boats
"""

MENDED_SLIPS = (
    SLIPS.replace("gazete", "gazette")
    .replace("Confrence", "Conference")
    .replace("Thursdy", "Thursday")
    .replace("occurence: Occured", "occurrence: Occurred")
    .replace('"tide-bey"', '"tide-bay"')
    .replace('Mara Lind\'s "long speech"', "Mara Lind\u2019s \u201clong speech\u201d")
)


def with_slips(folder: Path, text: str = SLIPS) -> Project:
    (folder / "ontology").mkdir()
    settings = 'title = "Tides"\n'
    project = old_project(folder, text, settings)
    for name in ("ontology/newer.ttl", "queries/spots.rq"):
        (folder / name).unlink()
    return project


def test_slips_with_one_remedy_are_mended_and_every_other_byte_stays(tmp_path: Path) -> None:
    fixed = fix(with_slips(tmp_path))
    assert (tmp_path / "data/articles/fair.yaml").read_text(encoding="utf-8") == MENDED_SLIPS
    assert [finding.code for finding in fixed.report.findings if finding.severity == "error"] == []
    assert {each.finding.code for each in fixed.corrections} == {
        *("KG-M003", "KG-M005", "KG-M007", "KG-M010", "KG-E001", "KG-W001")
    }


def test_what_checks_across_articles_find_once_they_run_is_no_fault_of_the_last_correction(tmp_path: Path) -> None:
    """Nothing names two entities of the registry, which is looked for only once the only error is mended."""
    project = with_slips(tmp_path, MENDED_SLIPS.replace("gazette", "gazete"))
    registry = tmp_path / "data/registry/all.yaml"
    more = "".join(f"spare-{n}: {{type: Place, name: Spare {n}}}\n" for n in (1, 2, 3))
    registry.write_text(registry.read_text(encoding="utf-8") + more, encoding="utf-8")
    fixed = fix(project)
    assert (tmp_path / "data/articles/fair.yaml").read_text(encoding="utf-8") == MENDED_SLIPS
    assert [each.word for each in fixed.corrections] == ["gazete"]
    assert sorted(each.code for each in fixed.report.findings) == ["KG-C009"] * 3
    assert fixed.rejected == ()


def test_a_dry_run_shows_a_diff_and_writes_nothing(tmp_path: Path) -> None:
    with_slips(tmp_path)
    before = (tmp_path / "data/articles/fair.yaml").read_bytes()
    result = called(tmp_path, "--fix", "--dry-run")
    assert (tmp_path / "data/articles/fair.yaml").read_bytes() == before
    assert "-    type: Confrence   # of boats\n+    type: Conference   # of boats\n" in result.stdout
    assert "data/articles/fair.yaml:3:14: KG-M007: gazete -> gazette" in result.stderr
    assert isinstance(called(tmp_path, "--dry-run").exception, UsageError)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tide-bey", "tide-0"),  # nothing like it
        ("over 2,100\n        boats", "over 2,200\n        boats"),  # other words than the text's
        ("date: on Thursdy", "date: on Friday"),  # another day
        ("name: Fair", "nam: Fair"),  # too short to be sure
    ],
)
def test_what_may_be_meant_otherwise_is_left(tmp_path: Path, old: str, new: str) -> None:
    fix(with_slips(tmp_path, SLIPS.replace(old, new)))
    written = (tmp_path / "data/articles/fair.yaml").read_text(encoding="utf-8")
    assert new.replace("Thursdy", "Thursday") in written


def test_a_slip_for_two_names_is_left(tmp_path: Path) -> None:
    project = with_slips(tmp_path)
    with (tmp_path / "data/registry/all.yaml").open("a") as file:
        file.write("tide-bby: {type: Place, name: Tide Bby}\n")
    fixed = fix(project)
    assert "tide-bey" in (tmp_path / "data/articles/fair.yaml").read_text(encoding="utf-8")
    assert "KG-M007" in [finding.code for finding in fixed.report.findings]


def test_slips_in_the_links_are_mended_too(tmp_path: Path) -> None:
    project = with_slips(tmp_path, MENDED_SLIPS)
    head = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tmapping_dat\r\n"
    row = "kg:place/tide-bey\tskos:exactMatch\thttps://e.org/b\tsemapv:ManualMappingCuration\t2031-01-01\r\n"
    links = tmp_path / "data/links.sssom.tsv"
    links.write_bytes(f"# # of the bay\r\n{head}{row}".encode())
    fix(project)
    mended = head.replace("mapping_dat", "mapping_date") + row.replace("tide-bey", "tide-bay")
    assert links.read_bytes() == f"# # of the bay\r\n{mended}".encode()


MEETING = """  meeting:
    type: Meeting
    name: Talk
    occurrence: Occurred
    participation: [{participant: WHO}]
    quote: She met Mary Lund
"""


@pytest.mark.parametrize(("who", "rejected"), [("mary-lund", []), ("jan-vestr", ["jan-vester"])])
def test_nobody_becomes_somebody_else(tmp_path: Path, who: str, rejected: list[str]) -> None:
    project = with_slips(tmp_path, MENDED_SLIPS + MEETING.replace("WHO", who))
    people = "mara-lund: {type: Person, name: {en: Mara Lund}}\njan-vester: {type: Person, name: {en: Jan Vester}}\n"
    (tmp_path / "data/registry/people.yaml").write_text(people)
    fixed = fix(project)
    assert fixed.changes == ()
    assert [finding.instead for finding in fixed.rejected] == rejected
    assert "KG-M007" in [finding.code for finding in fixed.report.findings]


# -------- what a person must choose


SPLIT = OLD.replace(
    "    quote: A fair was held in Tide Bay\n", "    eventEntity: tide-bay\n    quote: A fair was held in Tide Bay\n"
)


def test_what_was_split_is_left_to_choose_and_the_language_stays_until_then(tmp_path: Path) -> None:
    fixed = fix(old_project(tmp_path, SPLIT))
    assert [finding.code for finding in fixed.report.findings] == ["KG-M031", "KG-P001"]
    assert "'eventAbout' or 'heldFor'" in fixed.report.findings[0].fix
    assert 'language = "0.1"' in (tmp_path / "kg.toml").read_text()
    article = tmp_path / "data/articles/fair.yaml"
    article.write_text(article.read_text(encoding="utf-8").replace("eventEntity", "heldFor"), encoding="utf-8")
    assert fix(load_project(tmp_path)).report.findings == ()
    assert 'language = "0.1"' not in (tmp_path / "kg.toml").read_text()


# -------- the command


def test_an_older_language_is_reported_with_the_command_to_run(tmp_path: Path) -> None:
    project = old_project(tmp_path, NEW)
    (tmp_path / "queries/spots.rq").unlink()
    [finding] = check(project).findings
    assert (finding.code, finding.severity, finding.place.line) == ("KG-P001", "warning", 5)
    assert finding.fix == "run 'kg check --fix', and decide where it cannot"


def test_the_command_says_what_it_changed_and_checks_what_is_left(tmp_path: Path) -> None:
    old_project(tmp_path)
    before, mended = called(tmp_path), called(tmp_path, "--fix")
    assert "'spot' is now called 'place'" in before.output
    assert mended.output.endswith("no findings\n")
    assert "data/articles/fair.yaml: 6 changes" in mended.stderr
    assert "nothing has only one possible fix" in called(tmp_path, "--fix").stderr


def test_a_part_of_a_project_is_not_moved_alone(tmp_path: Path) -> None:
    old_project(tmp_path)
    assert isinstance(called(tmp_path, "--fix", "data/articles").exception, UsageError)
    assert (tmp_path / "data/articles/fair.yaml").read_text(encoding="utf-8") == OLD


def test_a_newer_language_is_refused(tmp_path: Path) -> None:
    old_project(tmp_path, NEW, SETTINGS.replace('"0.1"', '"7.0"'))
    for options in ((), ("--fix",)):
        error = called(tmp_path, *options).exception
        assert isinstance(error, InputError)
        assert "written in language 7.0, but this kg reads up to" in error.message


@pytest.mark.parametrize("version", ["one", "1.", "-1", "1.2.3.4.5"])
def test_what_is_no_version_is_refused(tmp_path: Path, version: str) -> None:
    project = old_project(tmp_path, NEW, SETTINGS.replace('"0.1"', f'"{version}"'))
    with pytest.raises(InputError, match="language is not a version"):
        refuse_newer(project, load_vocabulary(project.ontology))


def test_zeros_at_the_end_of_a_version_make_no_difference(tmp_path: Path) -> None:
    vocabulary = load_vocabulary([ROOT / "ontology"])
    project = old_project(tmp_path, NEW, SETTINGS.replace('"0.1"', f'"{vocabulary.version}.0"'))
    refuse_newer(project, vocabulary)
    assert list(language_findings(project, vocabulary)) == []


@pytest.mark.parametrize("settings", ["kg.toml", "kg/template/kg.toml", "tests/genre/kg.toml"])
def test_our_own_projects_are_written_in_the_current_language(settings: str) -> None:
    text = (ROOT / settings).read_text(encoding="utf-8")
    assert f'language = "{load_vocabulary([ROOT / "ontology"]).version}"' in text


# -------- an ontology that names what was replaced


@pytest.mark.parametrize(
    ("turtle", "problem"),
    [
        (
            "cq:Mine a owl:Class ; LABELS rdfs:subClassOf cq:Assembly .",
            "names cq:Assembly, which was replaced by cq:Conference",
        ),
        ("cq:Old a owl:Class ; LABELS cq:replacedBy cq:place .", "takes a declared term of the same kind"),
        ("cq:Old a owl:Class ; LABELS cq:replacedBy cq:NoSuchThing .", "takes a declared term of the same kind"),
        ("cq:Old a owl:Class ; LABELS cq:replacedBy cq:Assembly .", "which was itself replaced"),
    ],
)
def test_an_ontology_that_names_a_replaced_term_is_refused_at_its_line(
    tmp_path: Path, turtle: str, problem: str
) -> None:
    project = old_project(tmp_path)
    labels = 'rdfs:label "mine"@en ; skos:definition "Mine."@en ;'
    prefixes = NEWER.partition("cq:Assembly")[0]
    (tmp_path / "ontology/mine.ttl").write_text(prefixes + turtle.replace("LABELS", labels), encoding="utf-8")
    with pytest.raises(InputError) as error:
        check(project)
    assert problem in error.value.message
    assert re.search(r"mine\.ttl:\d+", error.value.message)


def test_a_replaced_term_is_no_key_and_no_type_any_more() -> None:
    vocabulary = load_vocabulary([ROOT / "ontology"])
    for replacement in vocabulary.replacements:
        assert replacement.iri.startswith(CQ)
        assert all(replacement.name not in keys for keys in vocabulary.keys.values())
        assert replacement.name not in vocabulary.concrete["Fact"]
