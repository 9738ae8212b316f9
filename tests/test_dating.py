"""When was it? Each fact has one date, decided when it is compiled, and every surface gives that one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from kg.core.errors import Place
from kg.core.model import Node, Term, Value
from kg.core.terms import cq
from kg.core.values import is_iri, lexical, local_name
from kg.mapping.dating import UNDATED, with_dates
from kg.ontology.load import load_vocabulary
from kg.pipeline.steps import build
from kg.project.settings import Project, load_project
from kg.questions.graph import Graph, open_graph
from kg.questions.query import all_queries, run
from kg.questions.when import Days, FactTime, dates_of
from kg.store.embedded import memory_store
from kg.web.pages.stories import stories
from kg.web.pages.thing import thing_shown
from kg.web.site import open_site
from kg.web.snapshot import Snapshot
from tests.questions import PROJECTS, built_lines, case, has_case, project, question
from tests.test_vocabulary_driven import PREFIXES

HERE = Place("case.yaml")
TEXT = """\
Mara Lind met Tomas Berg on Thursday. The pact was set up on March 3, 2030, they said. It was signed at the meeting.
Mara Lind was Director from March 2032. Tomas Berg was Mayor from 2024 to 2029. A talk was part of the meeting.
They spoke on May 9. The council fined Tomas Berg in May 2031.
"""
ARTICLE = """\
article:
  title: A meeting
  published: 2031-05-02
  language: en
  textKind: Full
  text: |
    {text}
curation: {{curator: jd, on: 2031-05-03, status: Reviewed}}
facts:
{facts}
"""
MEETING = """\
meeting:
  type: Meeting
  name: Lind meets Berg
  date: {asWritten: on Thursday, edtf: 2031-05-01, method: WeekdayFromPublication}
  occurrence: Occurred
  participation:
    - {participant: mara-lind, side: Host}
    - {participant: tomas-berg, side: Guest}
  quote: Mara Lind met Tomas Berg on Thursday
"""
PACT = """\
pact:
  type: Agreement
  name: The pact
  stage: STAGE
  party: [mara-lind, tomas-berg]
  established: {asWritten: "on March 3, 2030", edtf: 2030-03-03, method: Explicit}
  signedAt: meeting
  quote: The pact was set up on March 3, 2030
"""
PEOPLE = """\
mara-lind: {type: Person, name: Mara Lind}
tomas-berg: {type: Person, name: Tomas Berg}
"""
SETTINGS = 'base = "https://example.org/kg/"\nontology = ["@kg", "ontology"]\n'
SANCTION = f"""{PREFIXES}
@prefix pageSection: <https://w3id.org/communique/code/pageSection/> .
cq:Sanction a owl:Class ;
    rdfs:subClassOf cq:Fact ;
    rdfs:label "sanction"@en, "Sanktion"@de ;
    skos:definition "Somebody is punished."@en ;
    cq:datedBy "imposed" ;
    cq:pageSection pageSection:Sanctions .
pageSection:Sanctions a cq:PageSection ;
    skos:inScheme <https://w3id.org/communique/code/pageSection> ;
    skos:prefLabel "sanctions"@en ; skos:definition "Who was punished."@en ;
    cq:sectionRank 2 ; cq:onTimeline true .
cq:imposed a owl:ObjectProperty ; rdfs:label "imposed"@en ; skos:definition "When it was imposed."@en .
cq:punished a owl:ObjectProperty ; rdfs:label "punished"@en ; skos:definition "Whom it hits."@en ;
    cq:givesRole "punished" .
rule:KG-S8101 a sh:NodeShape ;
    sh:targetClass cq:Sanction ;
    sh:closed true ;
    sh:property rule:KG-S8102, rule:KG-S8103 ;
    sh:message "A sanction has no such key"@en ;
    cq:remedy "remove it or correct its name"@en .
rule:KG-S8102 a sh:PropertyShape ; sh:path cq:imposed ; sh:class cq:TimeExpression ; sh:maxCount 1 ;
    sh:message "Say at most once when it was imposed"@en .
rule:KG-S8103 a sh:PropertyShape ; sh:path cq:punished ; sh:class cq:Person ; sh:minCount 1 ;
    sh:message "Name who is punished"@en .
"""
FINE = """\
fine:
  type: Sanction
  imposed: {asWritten: in May 2031, edtf: 2031-05, method: Explicit}
  punished: tomas-berg
  quote: The council fined Tomas Berg in May 2031
"""


def project_with(folder: Path, articles: Mapping[str, str], ontology: str = "") -> Project:
    """Return a project of articles, by id the YAML of their facts, built."""
    (folder / "data" / "articles").mkdir(parents=True)
    (folder / "data" / "registry").mkdir()
    (folder / "ontology").mkdir()
    (folder / "kg.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "data" / "registry" / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    (folder / "ontology" / "more.ttl").write_text(ontology or PREFIXES, encoding="utf-8")
    for name, facts in articles.items():
        text = ARTICLE.format(
            text=TEXT.replace("\n", "\n    "), facts="".join(f"  {line}\n" for line in facts.split("\n"))
        )
        (folder / "data" / "articles" / f"{name}.yaml").write_text(text, encoding="utf-8")
    made = load_project(folder)
    build(made)
    return made


def dates(of: Project) -> dict[str, FactTime]:
    """Return article/fact -> its date."""
    with open_graph(of) as graph:
        rows = graph.store.select(f"SELECT ?fact {{ GRAPH ?dated {{ ?fact {cq('whenDating')} ?dating }} }}").rows
        known = dates_of(graph, [fact for (fact,) in rows if fact])
    return {fact.removeprefix(f"<{of.base}article/")[:-1]: when for fact, when in known.items()}


def parts(when: FactTime) -> tuple[str, str, str, str]:
    """Return first day, last day, dating, extent."""
    return when.earliest, when.latest, local_name(when.dating), local_name(when.extent) if when.extent else ""


# -------- what dates a fact


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("Signed", ("2031-05-01", "2031-05-01", "Counted", "Day")),
        ("ExistingMechanism", ("2030-03-03", "2030-03-03", "Stated", "Day")),
    ],
)
def test_the_stage_of_an_agreement_decides_what_dates_it(tmp_path: Path, stage: str, expected: object) -> None:
    found = dates(project_with(tmp_path, {"one": MEETING + PACT.replace("STAGE", stage)}))
    assert parts(found["one/pact"]) == expected


def test_a_date_is_taken_from_the_larger_event_and_keeps_its_dating_and_words(tmp_path: Path) -> None:
    talk = "talk:\n  type: Discussion\n  name: The talk\n  occurrence: Occurred\n  partOf: meeting\n"
    found = dates(project_with(tmp_path, {"one": f"{MEETING}{talk}  quote: A talk was part of the meeting\n"}))[
        "one/talk"
    ]
    assert parts(found) == ("2031-05-01", "2031-05-01", "Counted", "Day")
    assert found.source.endswith("article/one/meeting>")
    assert found.text == "1 May 2031 · counted from “on Thursday”"


def event(name: str, whole: str) -> Node:
    """Return an event that is part of another."""
    part = Value(cq("partOf"), f"<a:{whole}>", HERE)
    return Node(f"<a:{name}>", cq("Discussion"), "", HERE, (part,))


def test_events_within_one_another_have_no_date_and_a_long_chain_is_no_fault() -> None:
    vocabulary = load_vocabulary(project().ontology)
    circle = [event("x", "y"), event("y", "x")]
    chain = [event(str(k), str(k + 1)) for k in range(5000)]
    assert [node.values[1:] for node in with_dates(circle, vocabulary)] == [
        (Value(cq("whenDating"), UNDATED, HERE),)
    ] * 2
    assert len(with_dates(chain, vocabulary)) == len(chain)


@pytest.mark.parametrize(
    ("fact", "expected", "text"),
    [
        (
            "start: {asWritten: from March 2032, edtf: 2032-03, method: Explicit}\n  holder: mara-lind\n"
            "  title: Director\n  quote: Mara Lind was Director from March 2032",
            ("2032-03-01", "", "Stated", "Throughout"),
            "from March 2032",
        ),
        (
            "start: {asWritten: from 2024, edtf: 2024, method: Explicit}\n  holder: tomas-berg\n  title: Mayor\n"
            "  end: {edtf: 2029, method: Curator, reason: As it was}\n  quote: Tomas Berg was Mayor from 2024 to 2029",
            ("2024-01-01", "2029-12-31", "Inferred", "Throughout"),
            "2024 to 2029 · inferred",
        ),
        (
            "start: {edtf: ../2020, method: Curator, reason: As it was}\n  holder: tomas-berg\n  title: Mayor\n"
            "  quote: Tomas Berg was Mayor from 2024 to 2029",
            ("", "", "Inferred", "Throughout"),
            "from 2020 or earlier · inferred",
        ),
        (
            "start: {asWritten: from 2024, edtf: 2024, method: Explicit}\n  holder: tomas-berg\n  title: Mayor\n"
            "  end: {edtf: 2029/.., method: Curator, reason: As it was}\n  quote: Tomas Berg was Mayor from 2024",
            ("2024-01-01", "", "Inferred", "Throughout"),
            "2024 to 2029 or later · inferred",
        ),
        (
            "attestedOn: {asWritten: on May 9, edtf: XXXX-05-09, method: Explicit}\n  holder: mara-lind\n"
            "  title: Director\n  quote: They spoke on May 9",
            ("", "", "Open", ""),
            "“on May 9”",
        ),
        (
            'attestedOn: {asWritten: "on March 3, 2030", edtf: 2030-03-03, method: Explicit}\n  holder: mara-lind\n'
            "  title: Director\n  quote: The pact was set up on March 3, 2030",
            ("2030-03-03", "2030-03-03", "Stated", "Attested"),
            "as of 3 March 2030",
        ),
        (
            "attestedOn: {asWritten: from 2024, edtf: 2024/.., method: Explicit}\n  holder: tomas-berg\n"
            "  title: Mayor\n  quote: Tomas Berg was Mayor from 2024",
            ("2024-01-01", "", "Stated", "Attested"),
            "attested from 2024",
        ),
    ],
)
def test_a_stretch_keeps_the_precision_of_its_ends_and_a_day_without_year_stays_open(
    tmp_path: Path, fact: str, expected: object, text: str
) -> None:
    [found] = dates(project_with(tmp_path, {"one": f"post:\n  type: Tenure\n  {fact}\n"})).values()
    assert parts(found) == expected
    assert found.text == text


def test_a_date_may_come_from_another_article_and_through_a_third(tmp_path: Path) -> None:
    part = "NAME:\n  type: Discussion\n  name: NAME\n  occurrence: Occurred\n  partOf: WHOLE\n  quote: A talk was\n"
    articles = {
        "one": MEETING,
        "two": part.replace("NAME", "talk").replace("WHOLE", "one/meeting"),
        "zero": part.replace("NAME", "debate").replace("WHOLE", "two/talk"),
    }
    found = dates(project_with(tmp_path, articles))
    for name, source in (("two/talk", "one/meeting"), ("zero/debate", "two/talk")):
        assert parts(found[name]) == ("2031-05-01", "2031-05-01", "Counted", "Day")
        assert found[name].source == f"<https://example.org/kg/article/{source}>"
        assert found[name].text == found["one/meeting"].text


def test_a_post_is_only_attested_at_an_event_also_of_another_article(tmp_path: Path) -> None:
    post = (
        "post:\n  type: Tenure\n  holder: mara-lind\n  title: Director\n  attestedAt: EVENT\n  quote: Mara Lind met\n"
    )
    articles = {"one": MEETING + post.replace("EVENT", "meeting"), "two": post.replace("EVENT", "one/meeting")}
    found = dates(project_with(tmp_path, articles))
    for name in ("one/post", "two/post"):
        assert parts(found[name]) == ("2031-05-01", "2031-05-01", "Counted", "Attested")
        assert found[name].text == "as of 1 May 2031 · counted from “on Thursday”"
    assert parts(found["one/meeting"])[3] == "Day"


def test_facts_of_two_articles_that_date_one_another_have_no_date(tmp_path: Path) -> None:
    part = "NAME:\n  type: Discussion\n  name: NAME\n  occurrence: Occurred\n  partOf: WHOLE\n  quote: A talk was\n"
    articles = {
        "one": part.replace("NAME", "talk").replace("WHOLE", "two/debate"),
        "two": part.replace("NAME", "debate").replace("WHOLE", "one/talk"),
    }
    built = project_with(tmp_path, articles)
    assert dates(built) == {}
    with open_graph(built) as graph:
        found = graph.store.select(f"SELECT ?fact {{ GRAPH ?dated {{ ?fact {cq('whenDating')} {UNDATED} }} }}").rows
    assert len(found) == 2


# -------- a user's own class


def test_a_class_of_a_user_is_dated_and_has_its_section_and_its_place_on_the_timeline(tmp_path: Path) -> None:
    built = project_with(tmp_path, {"one": FINE}, SANCTION)
    fine = "<https://example.org/kg/article/one/fine>"
    with open_site(built).snapshot() as snapshot:
        person = thing_shown(snapshot, "<https://example.org/kg/person/tomas-berg>")
        [entry] = [entry for entry in stories(snapshot).entries if entry.fact == fine]
    assert person
    assert [(section.title, [line.reading.date for line in section.lines]) for section in person.sections] == [
        ("Sanctions", ["May 2031"])
    ]
    assert (entry.section, entry.when) == ("sanctions", Days("2031-05-01", "2031-05-31"))


def test_a_fact_of_a_users_class_is_found_by_whom_it_names_and_each_kind_once(tmp_path: Path) -> None:
    built = project_with(tmp_path, {"one": FINE}, SANCTION)
    with open_graph(built) as graph:
        did = run(graph, question("what-an-institution-did"), {"institution": "tomas-berg"})
        kinds = run(graph, question("facts-by-kind"), {})
    columns = [did.variables.index(name) for name in ("role", "factLabel", "earliest", "latest")]
    assert [[lexical(row[k] or '""') for k in columns] for row in did.rows] == [
        ["punished", "sanction", "2031-05-01", "2031-05-31"]
    ]
    column = kinds.variables.index("kindLabel")
    assert [row[column] for row in kinds.rows] == ['"sanction"@en']


# -------- one date on all surfaces

DATED = {
    "agreements-by-stage": "agreement",
    "agreements-of": "agreement",
    "event-sequence": "event",
    "events-of-series": "event",
    "facilities-unveiled": "event",
    "figures": "figure",
    "mechanisms": "agreement",
    "meetings-between": "event",
    "place-timeline": "thing",
    "planned-events": "event",
    "projects": "project",
    "renamed-bodies": "event",
    "reports-of": "report",
    "posts-of-person": "tenure",
    "statements": "statement",
    "what-an-institution-did": "fact",
}
"""Question -> the column whose date its rows give."""


@pytest.fixture(scope="module", params=sorted(PROJECTS))
def snapshot(request: pytest.FixtureRequest, built_project: Callable[[str], Project]) -> Iterator[tuple[str, Snapshot]]:
    with open_site(built_project(request.param)).snapshot() as found:
        yield request.param, found


@pytest.mark.parametrize("name", sorted(DATED))
def test_a_question_gives_the_dates_of_the_graph(name: str, snapshot: tuple[str, Snapshot]) -> None:
    kind, found = snapshot
    if not has_case(name, kind) and not all(param.optional for param in question(name).params):
        pytest.skip("it needs a value, and has no case for this graph")
    rows = list(_rows(found.graph, name, kind))
    known = dates_of(found.graph, [fact for fact, _ in rows])
    for fact, row in rows:
        when = known.get(fact)
        assert (row["earliest"], row["latest"], row["dating"]) == (
            (when.earliest, when.latest, lexical(when.dating)) if when else ("", "", lexical(UNDATED))
        ), fact


def test_every_question_with_days_is_looked_at() -> None:
    queries, _ = all_queries(project())
    with_days = {query.name for query in queries if {"earliest", "latest"} <= set(query.columns)}
    moments = {"agreement-terms", "corrections", "sources", "inferred-dates", "replaced-officials"}  # of other things
    assert with_days - moments == set(DATED)


def _rows(graph: Graph, name: str, kind: str) -> Iterator[tuple[Term, Mapping[str, str]]]:
    rows = run(graph, question(name), case(name, kind).arguments if has_case(name, kind) else {})
    column = rows.variables.index(DATED[name])
    for row in rows.rows:
        texts = [lexical(term) if term else "" for term in row]
        assert row[column]
        assert is_iri(row[column] or "")
        yield row[column] or "", dict(zip(rows.variables, texts, strict=True))


@pytest.mark.parametrize(
    ("without", "as_of"), [((), "2032-05-10"), (("Earliest",), "../2032-05-10"), (("Latest",), "2032-05-10/..")]
)
@pytest.mark.parametrize(("name", "argument"), [("posts-in-body", "body"), ("posts-of-person", "person")])
def test_a_post_that_is_attested_up_to_a_day_has_that_day(
    name: str, argument: str, without: Sequence[str], as_of: str, built_project: Callable[[str], Project]
) -> None:
    values = {"body": "organization/linmouth-docks-company", "person": "person/nils-orre"}
    source, post = built_project("fiction"), "/linmouth-denial/"
    hidden = [cq(f"when{end}") for end in without]
    lines = (line for line in built_lines(source) if not (post in line and any(each in line for each in hidden)))
    rows = run(Graph(memory_store(lines), source.base), question(name), {argument: values[argument]})
    column, article = rows.variables.index("asOf"), rows.variables.index("article")
    assert {lexical(row[column] or "") for row in rows.rows if "linmouth-denial" in (row[article] or "")} == {as_of}
