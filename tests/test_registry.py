"""`kg registry`: who is it, and is it the same? Changes of all files together, checked before they are written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from kg.cli import cli
from kg.core.errors import AmbiguousError, KgError, NotFoundError, UsageError
from kg.curation.revision import RevisionError
from kg.pipeline.check import check
from kg.project.settings import load_project

PEOPLE = """# People: who exists.

# the director
lind:   # of the harbour
  type: Person
  name: {en: Mara Lind}
  disambiguation: Director

m-lind:
  type: Person
  name: {en: M. Lind, zh-Hans: 林}   # as the second article has it
  alternativeName: {en: Mara Lind}
  curatorName: {en: Mara Jane Lind}
  disambiguation: of the port
vester: {type: Person, name: {en: Jan Vester}, distinctFrom: [m-lind, lind]}
"""

OTHERS = """gazette: {type: NewsOrganization, name: Gazette}
harbour: {type: Company, name: Harbour Authority}
"""

LINKS = (
    "#curie_map:\r\n#  kg: https://w3id.org/communique/\r\n#  wd: http://www.wikidata.org/entity/\r\n"
    "subject_id\tpredicate_id\tobject_id\tmapping_justification\tcomment\r\n"
    "kg:person/lind\tskos:exactMatch\twd:Q1\tsemapv:ManualMappingCuration\tseen\r\n"
    "kg:person/m-lind\tskos:exactMatch\twd:Q1\tsemapv:ManualMappingCuration\t\r\n"
    'kg:person/m-lind\tskos:closeMatch\twd:Q7\tsemapv:ManualMappingCuration\t"a ""quoted""\r\ncomment"\r\n'
)


def article(person: str, words: str) -> str:
    return f"""article:
  title: Tides
  publisher: gazette
  published: 2031-05-02
  language: en
  textKind: Full
  text: |
    {words} opened a meeting. {words} said m-lind is no word for it. {words} is director of the Harbour Authority.
curation: {{curator: me, on: 2031-06-03, status: Draft}}
facts:
  meeting:
    type: Meeting
    name: m-lind
    occurrence: Occurred
    participation:   # m-lind
      - {{participant: {person}, function: Spoke}}
    quote: {words} opened a meeting
  director:
    type: Tenure
    holder: "{person}"
    title: director
    organization: harbour
    quote: {words} is director of the Harbour Authority
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "kg.toml": 'title = "Tides"\nqueries = []\n',
        "data/registry/people.yaml": PEOPLE,
        "data/registry/others.yaml": OTHERS,
        "data/articles/one.yaml": article("lind", "Mara Lind"),
        "data/articles/two.yaml": "\ufeff" + article("m-lind", "M. Lind").replace("\n", "\r\n"),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    return tmp_path


def kg(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["-C", str(folder), "registry", *arguments], standalone_mode=False)


def refused(folder: Path, *arguments: str) -> KgError:
    before = contents(folder)
    error = kg(folder, *arguments).exception
    assert isinstance(error, KgError), error
    assert contents(folder) == before
    return error


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_bytes().decode() for file in sorted((folder / "data").rglob("*.*"))}


# -------- who is it


def found(folder: Path, name: str, *options: str) -> list[tuple[str, float, str]]:
    rows = json.loads(kg(folder, "find", name, "--format", "json", *options).stdout)
    return [(row["id"], row["score"], row["reason"]) for row in rows]


def test_entities_are_found_by_any_name_with_score_and_reason(folder: Path) -> None:
    assert found(folder, "林") == [("m-lind", 1.0, "the same name")]
    assert found(folder, "mara lind")[:2] == [("lind", 1.0, "the same name"), ("m-lind", 1.0, "the same name")]
    assert found(folder, "m-lind")[0] == ("m-lind", 1.0, "its id")
    assert found(folder, "Mará-Lind")[0][2] == "the same apart from accents and punctuation"
    assert found(folder, "Vester")[0][2] == "a part of its name"
    assert found(folder, "Jan Vestr")[0][2] == "a similar name"
    assert found(folder, "Harbour Authority", "--type", "Person") == []


def test_a_name_that_nobody_has_gives_exit_code_1(folder: Path) -> None:
    result = kg(folder, "find", "Zebulon")
    assert (result.return_value, result.stdout) == (1, "")
    assert "nothing in the registry has the name 'Zebulon'" in result.stderr
    assert isinstance(kg(folder, "find", "x", "--type", "Nothing").exception, UsageError)


def test_a_line_says_where_an_entity_is_written(folder: Path) -> None:
    head, row = kg(folder, "find", "M. Lind").stdout.splitlines()[:2]
    assert head.split("\t")[0] == "id"
    assert row.split("\t") == [
        "m-lind",
        "1.00",
        "the same name",
        "M. Lind",
        "person",
        "of the port",
        "data/registry/people.yaml:9:1",
    ]


# -------- two are one


MERGED = """# People: who exists.

# the director
# as the second article has it
lind:   # of the harbour
  type: Person
  name: {en: Mara Lind}
  disambiguation: Director
  alternativeName: {en: M. Lind, zh-Hans: 林}
  curatorName: {en: Mara Jane Lind}

vester: {type: Person, name: {en: Jan Vester}, distinctFrom: [lind]}
"""


def test_two_entities_become_one_in_all_files_and_nothing_else_changes(folder: Path) -> None:
    before = contents(folder)
    result = kg(folder, "merge", "lind", "m-lind")
    assert result.exception is None
    assert contents(folder) == {
        **before,
        "people.yaml": MERGED,
        "two.yaml": before["two.yaml"]
        .replace("participant: m-lind", "participant: lind")
        .replace('"m-lind"', '"lind"'),
    }
    assert "'disambiguation' of m-lind is dropped, because lind has another one: of the port" in result.stderr
    assert [each for each in check(load_project(folder)).findings if each.severity == "error"] == []


def test_links_follow_and_a_row_that_would_stand_twice_goes(folder: Path) -> None:
    links = folder / "data/links.sssom.tsv"
    links.write_bytes(
        LINKS.replace("kg:person/m-lind\tskos:exactMatch\twd:Q1", "kg:person/vester\tskos:exactMatch\twd:Q9").encode()
    )
    kg(folder, "merge", "lind", "m-lind")
    assert (
        b'kg:person/lind\tskos:closeMatch\twd:Q7\tsemapv:ManualMappingCuration\t"a ""quoted""\r\ncomment"\r\n'
        in links.read_bytes()
    )
    assert links.read_bytes().decode().count("\r\n") == LINKS.count("\r\n")


def test_a_merge_also_mends_a_link_that_made_two_of_one(folder: Path) -> None:
    links = folder / "data/links.sssom.tsv"
    links.write_bytes(LINKS.encode())
    assert "KG-L011" in {each.code for each in check(load_project(folder)).findings}
    result = kg(folder, "merge", "lind", "m-lind")
    assert "data/links.sssom.tsv:6: the row is removed, because kg:person/lind has the same link" in result.stderr
    assert "KG-L011" not in {each.code for each in check(load_project(folder)).findings}


def test_a_dry_run_shows_the_diff_and_writes_nothing(folder: Path) -> None:
    before = contents(folder)
    result = kg(folder, "merge", "Mara Jane Lind", "Jan Vester", "--dry-run")
    assert isinstance(result.exception, UsageError)  # distinctFrom
    result = kg(folder, "merge", "lind", "m-lind", "--dry-run")
    assert "--- a/data/articles/two.yaml\n" in result.stdout
    assert b'-    holder: "m-lind"\r\n+    holder: "lind"\r\n' in result.stdout_bytes
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("kept", "gone", "kind", "problem"),
    [
        ("lind", "lind", UsageError, "already the same entity"),
        ("lind", "vester", UsageError, "declared to be different"),
        ("lind", "harbour", UsageError, "'lind' is of type Person, and 'harbour' of type Company"),
        ("lind", "nobody-at-all", NotFoundError, "is called 'nobody-at-all'"),
        ("Mara Lind", "vester", AmbiguousError, "matches 2 things"),
    ],
)
def test_what_is_not_one_is_not_merged(folder: Path, kept: str, gone: str, kind: type[KgError], problem: str) -> None:
    error = refused(folder, "merge", kept, gone)
    assert isinstance(error, kind)
    assert problem in error.message


def test_a_merge_that_makes_new_errors_is_refused_with_them(folder: Path) -> None:
    two = folder / "data/articles/two.yaml"
    both = "      - {participant: m-lind, function: Spoke}\r\n"
    two.write_bytes(two.read_bytes().replace(both.encode(), (both + both.replace("m-lind", "lind")).encode()))
    assert isinstance(refused(folder, "merge", "lind", "m-lind"), RevisionError)
    assert "error[" in kg(folder, "merge", "lind", "m-lind").stderr


# -------- one is two


def test_named_facts_move_to_a_new_entity(folder: Path) -> None:
    kg(folder, "merge", "lind", "m-lind")
    before = contents(folder)
    result = kg(
        folder, "split", "lind", "other-lind", "--in", "two", "--name", "M. Lind", "--disambiguation", "of the port"
    )
    assert result.exception is None, result.exception
    entry = """other-lind:
  type: Person
  name: M. Lind
  disambiguation: of the port
  distinctFrom: lind
"""
    assert contents(folder) == {
        **before,
        "people.yaml": before["people.yaml"].replace("\nvester:", f"\n{entry}\nvester:", 1),
        "two.yaml": before["two.yaml"]
        .replace("participant: lind", "participant: other-lind")
        .replace('"lind"', '"other-lind"'),
    }


def test_a_fact_can_move_alone(folder: Path) -> None:
    result = kg(folder, "split", "m-lind", "port-lind", "--in", "two/director", "--dry-run")
    changed = [line for line in result.stdout.splitlines() if line.startswith("+ ")]
    assert '+    holder: "port-lind"' in changed
    assert not any("participant" in line for line in changed)


@pytest.mark.parametrize(
    ("new", "within", "problem"),
    [
        ("vester", "two", "'vester' is already in the registry"),
        ("port-lind", "one", "'one' does not name 'm-lind'"),
        ("port-lind", "two/nothing", "'two/nothing' does not name 'm-lind'"),
    ],
)
def test_a_split_of_what_is_not_there_is_refused(folder: Path, new: str, within: str, problem: str) -> None:
    assert problem in refused(folder, "split", "m-lind", new, "--in", within).message


def test_an_id_that_is_none_is_refused_with_the_finding(folder: Path) -> None:
    assert isinstance(refused(folder, "split", "m-lind", "Port Lind", "--in", "two"), RevisionError)


# -------- from elsewhere


TABLE = """id,type,name,name@zh-Hans,alternativeName,disambiguation,exactMatch,closeMatch
lind,,Mara Lind,林玛拉,M. J. Lind | Mara J. Lind,somebody else,wd:Q1,
,Person,"Adams, Ann",,,=of the bank,wd:Q2,https://e.org/a b
,,Harbour Office,,,,,wd:Q8
"""


def imported(folder: Path, text: str | bytes, *options: str, name: str = "new.csv") -> Result:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return kg(folder, "import", str(folder / name), *options)


def test_a_table_adds_and_completes_entities_and_their_links(folder: Path) -> None:
    before = contents(folder)
    result = imported(folder, TABLE.replace("a b", "a"), "--type", "Company", "--author", "me")
    assert result.exception is None, (result.exception, result.stderr)
    after = contents(folder)
    assert (
        after["people.yaml"]
        == before["people.yaml"].replace(
            "  disambiguation: Director\n",
            "  disambiguation: Director\n  alternativeName: {zh-Hans: 林玛拉, en: [M. J. Lind, Mara J. Lind]}\n",
        )
        + "adams-ann:\n  type: Person\n  name: Adams, Ann\n  disambiguation: =of the bank\n"
    )
    assert after["others.yaml"] == before["others.yaml"] + "harbour-office:\n  type: Company\n  name: Harbour Office\n"
    head, *rows = [line.split("\t") for line in after["links.sssom.tsv"].splitlines()]
    assert [dict(zip(head, row, strict=True))["object_id"] for row in rows] == [
        "wd:Q1",
        "wd:Q2",
        "https://e.org/a",
        "wd:Q8",
    ]
    assert all(row[head.index("author_label")] == "me" for row in rows)
    assert "'disambiguation' of lind stays; the row has: somebody else" in result.stderr
    assert "2 added, 1 completed" in result.stderr
    with_ids = TABLE.replace(",Person,", "adams-ann,Person,").replace(",,Har", "harbour-office,,Har")
    again = imported(folder, with_ids.replace("a b", "a"))
    assert again.exception is None
    assert contents(folder) == after


def test_an_exact_match_finds_its_entity_whatever_its_name(folder: Path) -> None:
    (folder / "data/links.sssom.tsv").write_bytes(LINKS.split("kg:person/m-lind")[0].encode())
    result = imported(folder, "name;type;sameAs\nMarah;Person;http://www.wikidata.org/entity/Q1\n")
    assert result.exception is None, result.stderr
    assert "  alternativeName: {en: Marah}\n" in contents(folder)["people.yaml"]


@pytest.mark.parametrize(
    ("text", "code", "line", "message"),
    [
        ("id,nmae\n", "KG-I001", 1, "no place for the column 'nmae'"),
        ("name,name\n", "KG-I001", 1, "occurs twice"),
        ("name\na,b\n", "KG-I002", 2, "2 cells"),
        ("name,type\n,Person\n", "KG-I002", 2, "no name"),
        ("name\nAnn\n", "KG-I002", 2, "no type"),
        ("name,type\nAnn,Persn\n", "KG-I002", 2, "no type 'Persn'"),
        ("id,type\nlind,Company\n", "KG-I002", 2, "'lind' is of type Person"),
        ('name,type\n"mára\nlind",Person\n', "KG-I003", 2, "is a name of"),
        ("name,type\nVester!,Person\nVester?,Person\n", "KG-I003", 2, "the id 'vester' is taken"),
        ("name,type\nAnn,Person\nann,Person\n", "KG-I003", 3, "line 2 is also about 'ann'"),
        ("id,name,type\nAnn B,Ann,Person\n", "KG-I003", 2, "cannot be an id"),
    ],
)
def test_rows_that_are_not_clear_are_findings_and_nothing_is_taken(
    folder: Path, text: str, code: str, line: int, message: str
) -> None:
    before = contents(folder)
    result = imported(folder, text)
    assert isinstance(result.exception, RevisionError)
    found = result.exception.report.findings[0]
    assert (found.code, found.place.line) == (code, line)
    assert message in found.message
    assert f"new.csv:{line}:1" in result.stderr
    assert contents(folder) == before


def test_a_name_in_quotation_marks_is_one_cell_of_the_links(folder: Path) -> None:
    result = imported(folder, 'name,type,exactMatch\n"""Ann"" Adams",Person,https://e.org/1\n')
    assert result.exception is None, result.stderr
    assert '\t"""Ann"" Adams"\tskos:exactMatch' in contents(folder)["links.sssom.tsv"]


def test_links_that_would_join_two_are_refused(folder: Path) -> None:
    error = imported(folder, "id,exactMatch\nlind,wd:Q5\nvester,wd:Q5\n").exception
    assert isinstance(error, RevisionError)
    assert "KG-L011" in {finding.code for finding in error.report.findings}


GRAPH = """@prefix schema: <https://schema.org/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix cq: <https://w3id.org/communique/ontology#> . @prefix e: <https://e.org/> .
e:ann a cq:Person ; skos:prefLabel "Ann Adams"@en , "安"@zh-Hans ; skos:altLabel "A. Adams"@en .
e:ann schema:email "a@e.org" ; skos:closeMatch e:annie . [] schema:name "nobody" .
"""


def test_a_graph_is_imported_with_what_it_is_the_same_as(folder: Path) -> None:
    result = imported(folder, GRAPH, name="new.ttl")
    assert result.exception is None, result.stderr
    assert contents(folder)["people.yaml"].endswith(
        "ann-adams:\n  type: Person\n  name: {en: Ann Adams, zh-Hans: 安}\n  alternativeName: {en: A. Adams}\n"
    )
    rows = contents(folder)["links.sssom.tsv"].splitlines()[1:]
    assert [row.split("\t")[2:4] for row in rows] == [
        ["skos:exactMatch", "https://e.org/ann"],
        ["skos:closeMatch", "https://e.org/annie"],
    ]
    assert "left out, because the registry has no place for it: https://schema.org/email (1 times)" in result.stderr


@pytest.mark.parametrize(
    "point",
    [
        'geo:lat 53.6 ; geo:long "7.1"',
        "schema:longitude 7.1 ; schema:latitude 53.6",
        'wdt:P625 "Point(7.1 53.6)"^^geosparql:wktLiteral',
    ],
)
def test_the_coordinates_of_a_place_come_from_the_registry_that_it_is_linked_to(folder: Path, point: str) -> None:
    prefixes = """@prefix schema: <https://schema.org/> . @prefix wdt: <http://www.wikidata.org/prop/direct/> .
        @prefix geo: <http://www.w3.org/2003/01/geo/wgs84_pos#> . @prefix cq: <https://w3id.org/communique/ontology#> .
        @prefix geosparql: <http://www.opengis.net/ont/geosparql#> .
    """
    assert imported(folder, "id,type,name,exactMatch\nald,Place,Ald,https://e.org/17\n").exception is None
    result = imported(folder, f"{prefixes} <https://e.org/17> a cq:Place ; {point} .", name="new.ttl")
    assert result.exception is None, result.stderr
    [written] = [text for text in contents(folder).values() if "ald:\n" in text]
    assert {"  latitude: 53.6", "  longitude: 7.1"} <= set(written.splitlines())


def test_a_workbook_is_imported(folder: Path) -> None:
    book = Workbook()
    book.active.append(["id", "name", "type", "note"])
    book.active.append(["ann", "Ann", "Person", 1999])
    book.save(folder / "new.xlsx")
    assert kg(folder, "import", str(folder / "new.xlsx"), "--to", "staff.yaml").exception is None
    assert contents(folder)["staff.yaml"] == "ann:\n  type: Person\n  name: Ann\n  note: 1999\n"


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("new.txt", b"", "is not a table or a graph"),
        ("new.csv", b"", "has no header"),
        ("new.csv", b'name\n"open\n', "is not CSV"),
        ("new.csv", b"\xff", "not UTF-8"),
        ("new.ttl", b"<a> <b>", "is not Turtle"),
        ("new.xlsx", b"PK", "is not an Excel workbook"),
    ],
)
def test_a_file_that_is_none_is_refused(folder: Path, name: str, text: bytes, problem: str) -> None:
    error = imported(folder, text, name=name).exception
    assert isinstance(error, KgError), error
    assert problem in error.message
    for wrong in ("../x.yaml", "x.txt", ".x.yaml"):
        assert isinstance(imported(folder, TABLE, "--to", wrong).exception, UsageError)
