"""Is it the same, and how far has it come? Several reports of one event or undertaking make one story."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from kg.core.errors import UsageError
from kg.core.terms import cq
from kg.core.values import is_iri, lexical, local_name
from kg.pipeline.steps import build
from kg.project.settings import Project, load_project
from kg.questions.explain import explain
from kg.questions.graph import open_graph
from kg.questions.lookup import entity_names, find
from kg.questions.query import bound_text, filled, run
from kg.web.pages.network import NetworkFilter, network_shown
from kg.web.pages.thing import thing_shown
from kg.web.pages.timeline import TimelineFilter, timeline_shown
from kg.web.site import open_site
from kg.web.snapshot import Snapshot
from tests.questions import NAMES, question
from tests.serving import client_of

TEXT = """\
Mara Lind met Tomas Berg on May 1. Mara Lind met Eva Moor on May 1. They signed the pact.
The pact is worth EUR 10 million. The pact is worth EUR 5 million. The pact is in force.
The pact was ended by letter on June 9.
Mara Lind and Eva Moor signed the pact. Lind hopes that the pact will be signed. Berg denied that there is a pact.
"""
SETTINGS = 'base = "https://example.org/kg/"\nontology = ["@kg"]\nqueries = ["@kg"]\n'
PEOPLE = """\
mara-lind: {type: Person, name: Mara Lind}
tomas-berg: {type: Person, name: Tomas Berg}
eva-moor: {type: Person, name: Eva Moor}
"""
MAY_1 = "{asWritten: on May 1, edtf: 2031-05-01, method: YearFromPublication}"
QUOTES = {
    "tomas-berg": "quote: Mara Lind met Tomas Berg on May 1",
    "eva-moor": "quote: Mara Lind met Eva Moor on May 1",
}
SIGNED = "They signed the pact"


WHOLE = frozenset(
    (
        "corrections",
        "coverage",
        "dates-by-method",
        "disagreeing-articles",
        "facts-by-kind",
        "findings",
        "findings-by-rule",
        "in-numbers",
        "links",
        "meeting-chain",
        "sources",
    )
) | {"accepted-findings", "readings", "term-usage", "unreviewed-articles", "unused-terms", "words-behind"}
"""Questions about articles and the graph, about disagreement, which corrections are part of, and about chains."""


@dataclass(frozen=True)
class Article:
    """An article: when it was published, what its head says besides, and the YAML of its facts."""

    published: str
    facts: str
    head: str = ""


def meeting(name: str = "meeting", more: str = "", guest: str = "tomas-berg") -> str:
    parts = f"    - {{participant: mara-lind, side: Host}}\n    - {{participant: {guest}, side: Guest}}\n"
    return (
        f"{name}:\n  type: Meeting\n  name: Lind and a guest\n  date: {MAY_1}\n  occurrence: Occurred\n"
        f"  participation:\n{parts}{more}  {QUOTES[guest]}\n"
    )


def pact(stage: str, more: str = "", name: str = "pact", quote: str = SIGNED, party: str = "tomas-berg") -> str:
    return (
        f"{name}:\n  type: Agreement\n  name: The pact\n  stage: {stage}\n  party: [mara-lind, {party}]\n"
        f"  proposedBy: mara-lind\n{more}  quote: {quote}\n"
    )


def project_of(folder: Path, articles: Mapping[str, Article]) -> Project:
    """Return a project of articles by id, built."""
    (folder / "data" / "articles").mkdir(parents=True)
    (folder / "data" / "registry").mkdir()
    (folder / "kg.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "data" / "registry" / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    for name, article in articles.items():
        text = "".join(f"    {line}\n" for line in TEXT.splitlines())
        facts = "".join(f"  {line}\n" for line in article.facts.splitlines())
        (folder / "data" / "articles" / f"{name}.yaml").write_text(
            f"article:\n  title: Report {name}\n  published: {article.published}\n  language: en\n  textKind: Full\n"
            f"{article.head}  text: |\n{text}curation: {{curator: jd, on: 2031-09-09, status: Reviewed}}\n"
            f"facts:\n{facts}",
            encoding="utf-8",
        )
    made = load_project(folder)
    build(made)
    return made


def derived(project: Project, name: str) -> dict[str, str]:
    """Return subject -> object of a derived property, without what all IRIs share."""
    with open_graph(project) as graph:
        rows = graph.store.select(
            f"SELECT ?s ?o {{ GRAPH <{project.base}graph/derived> {{ ?s {cq(name)} ?o }} }} ORDER BY ?s"
        ).rows
        return {graph.id(s or "").removeprefix("article/"): graph.id(o or "").removeprefix("article/") for s, o in rows}


def stages(project: Project) -> dict[str, str]:
    return {story: local_name(f"<{stage}>") for story, stage in derived(project, "latestStage").items()}


def rows_of(project: Project, name: str, columns: Sequence[str], **arguments: str) -> list[tuple[str, ...]]:
    """Return some columns of the answer to a question."""
    with open_graph(project) as graph:
        rows = run(graph, question(name), arguments)
        places = [rows.variables.index(column) for column in columns]
        texts = [[(row[k] or "") for k in places] for row in rows.rows]
        return [
            tuple(graph.id(t).removeprefix("article/") if t and is_iri(t) else t and lexical(t) for t in row)
            for row in texts
        ]


@contextmanager
def shown_of(project: Project) -> Iterator[Snapshot]:
    """Open what the pages of a project are made from."""
    site = open_site(project)
    try:
        with site.snapshot() as snapshot:
            yield snapshot
    finally:
        site.close()


# -------- which report stands for all


def test_the_only_report_stands_for_itself_and_is_derived_from_nothing(tmp_path: Path) -> None:
    project = project_of(tmp_path, {"one": Article("2031-05-02", meeting() + pact("Signed", "  signedAt: meeting\n"))})
    assert derived(project, "story") == {"one/meeting": "one/meeting", "one/pact": "one/pact"}
    assert derived(project, "latestReport") == {"one/pact": "one/pact"}
    with open_graph(project) as graph:
        derivations = graph.store.select(
            f"SELECT ?d {{ GRAPH ?g {{ ?d {cq('derivedPredicate')} ?p }}"
            f" FILTER (?p IN ({cq('story')}, {cq('latestReport')})) }}"
        ).rows
    assert derivations == ()


def test_the_report_published_first_stands_for_all_whoever_names_whom(tmp_path: Path) -> None:
    articles = {
        "a": Article("2031-05-04", meeting(more="  sameEventAs: z/meeting\n")),
        "m": Article("2031-05-03", meeting()),
        "z": Article("2031-05-02", meeting(more="  sameEventAs: m/meeting\n")),
    }
    found = project_of(tmp_path, articles)
    assert derived(found, "story") == dict.fromkeys(("a/meeting", "m/meeting", "z/meeting"), "z/meeting")


def test_of_two_reports_of_one_day_that_with_the_smallest_iri_stands_for_both(tmp_path: Path) -> None:
    articles = {
        "b": Article("2031-05-02", pact("Announced")),
        "a": Article("2031-05-02", pact("Announced", "  sameAgreementAs: b/pact\n")),
    }
    assert set(derived(project_of(tmp_path, articles), "story").values()) == {"a/pact"}


def test_a_renewal_is_a_story_of_its_own(tmp_path: Path) -> None:
    articles = {
        "one": Article("2031-05-02", pact("InForce")),
        "two": Article("2031-05-09", pact("InForce", "  renews: one/pact\n")),
    }
    assert derived(project_of(tmp_path, articles), "story") == {"one/pact": "one/pact", "two/pact": "two/pact"}


def test_a_story_names_the_reports_and_the_links_that_it_comes_from(tmp_path: Path) -> None:
    articles = {
        "one": Article("2031-05-02", meeting()),
        "two": Article("2031-05-03", meeting(more="  sameEventAs: one/meeting\n")),
    }
    with open_graph(project_of(tmp_path, articles)) as graph:
        found = graph.store.select(
            f"SELECT ?origin {{ GRAPH ?g {{ ?d {cq('derivedPredicate')} {cq('story')} ;"
            f" {cq('derivedSubject')} <https://example.org/kg/article/two/meeting> ;"
            " <http://www.w3.org/ns/prov#wasDerivedFrom> ?origin } } ORDER BY ?origin"
        ).rows
    origins = [lexical(row[0] or "").removeprefix("https://example.org/kg/article/") for row in found]
    assert origins[0] == "one/meeting"
    assert origins[1] == "two/meeting"
    assert origins[2].startswith("two/meeting/derived/same-story-as/")


# -------- how far it has come


@pytest.mark.parametrize(
    ("articles", "stage"),
    [
        ({"one": pact("Proposed"), "two": pact("Announced", "  continues: one/pact\n")}, "Announced"),
        # a later article that reports an earlier stage again is no step back
        (
            {
                "one": pact("Proposed"),
                "two": pact("Announced", "  continues: one/pact\n"),
                "zero": pact("Proposed", "  sameAgreementAs: one/pact\n"),
            },
            "Announced",
        ),
        # a chain within one rank goes on to its end
        ({"two": pact("Proposed"), "one": pact("UnderNegotiation", "  continues: two/pact\n")}, "UnderNegotiation"),
        # a denial elsewhere is a disagreement, not a step
        ({"one": pact("Announced"), "two": pact("Denied", "  continues: one/pact\n")}, "Announced"),
        ({"one": pact("Denied")}, "Denied"),
    ],
)
def test_the_latest_stage_is_that_of_the_end_of_the_chain(
    tmp_path: Path, articles: Mapping[str, str], stage: str
) -> None:
    days = {"one": "2031-05-02", "two": "2031-05-03", "zero": "2031-05-04"}
    found = stages(project_of(tmp_path, {name: Article(days[name], facts) for name, facts in articles.items()}))
    assert list(found.values()) == [stage]


LETTER = """\
letter:
  type: Correspondence
  name: Letter
  date: {asWritten: on June 9, edtf: 2031-06-09, method: YearFromPublication}
  occurrence: OCCURRENCE
  quote: by letter on June 9
"""


@pytest.mark.parametrize(("occurrence", "stage"), [("Occurred", "Terminated"), ("Cancelled", "InForce")])
def test_an_event_that_ended_it_counts_only_if_it_took_place(tmp_path: Path, occurrence: str, stage: str) -> None:
    facts = LETTER.replace("OCCURRENCE", occurrence) + pact("InForce", "  endedAt: letter\n")
    assert stages(project_of(tmp_path, {"one": Article("2031-06-09", facts)})) == {"one/pact": stage}


def test_what_is_only_hoped_is_no_stage_that_was_reached(tmp_path: Path) -> None:
    hope = (
        "hope:\n  type: SpeechAct\n  speaker: mara-lind\n  modality: Hoped\n  paraphrase: It will be signed\n"
        "  aboutEntity: pact\n  quote: Lind hopes that the pact will be signed\n"
    )
    hoped = hope + pact("Intended", "  accordingTo: hope\n", quote="Lind hopes that the pact will be signed")
    assert stages(project_of(tmp_path / "alone", {"one": Article("2031-05-02", hoped)})) == {}
    later = {
        "one": Article("2031-05-02", pact("Proposed")),
        "two": Article("2031-05-03", hope + pact("Intended", "  accordingTo: hope\n  continues: one/pact\n")),
    }
    found = project_of(tmp_path / "after", later)
    assert stages(found) == {"one/pact": "Proposed"}
    assert derived(found, "latestReport") == {"one/pact": "one/pact"}


# -------- each counts once


REPORTS = {
    "one": Article("2031-05-02", meeting()),
    "two": Article("2031-05-03", meeting(more="  sameEventAs: one/meeting\n")),
    "zero": Article("2031-05-04", meeting(more="  sameEventAs: two/meeting\n")),
}


def test_a_meeting_in_three_articles_is_one_meeting_in_every_question(tmp_path: Path) -> None:
    found = project_of(tmp_path, REPORTS)
    columns = ("one", "other", "meetings")
    assert rows_of(found, "who-met-whom", columns) == [("person/mara-lind", "person/tomas-berg", "1")]
    between = {"one": "mara-lind", "other": "tomas-berg"}
    assert rows_of(found, "meetings-between", ("event", "reports"), **between) == [("one/meeting", "3")]
    reports = [("one/meeting", "one/meeting"), ("one/meeting", "two/meeting"), ("one/meeting", "zero/meeting")]
    assert rows_of(found, "reports-of", ("story", "report")) == reports
    assert rows_of(found, "reports-of", ("story", "report"), fact="zero/meeting") == reports


def test_a_meeting_in_three_articles_is_one_meeting_in_the_network(tmp_path: Path) -> None:
    with shown_of(project_of(tmp_path, REPORTS)) as snapshot:
        shown = network_shown(snapshot, NetworkFilter())
    assert [(pair.one.label, pair.other.label, len(pair.events)) for pair in shown.pairs] == [
        ("Mara Lind", "Tomas Berg", 1)
    ]
    assert shown.meetings == 1


WORTH = "  value: EUR 10 million\n"


def test_an_agreement_in_two_articles_is_one_with_its_latest_report_and_its_value_counts_once(tmp_path: Path) -> None:
    signed = meeting() + pact(
        "Signed", f"  signedAt: meeting\n{WORTH}", quote="[They signed the pact, The pact is worth EUR 10 million]"
    )
    force = pact("InForce", "  continues: one/pact\n", quote="The pact is in force")
    copy = signed.replace("  signedAt", "  sameAgreementAs: one/pact\n  signedAt").replace(
        "  type: Meeting\n", "  type: Meeting\n  sameEventAs: one/meeting\n"
    )
    articles = {
        "one": Article("2031-05-02", signed),
        "two": Article("2031-05-03", copy),
        "zero": Article("2031-06-03", force),
    }
    found = project_of(tmp_path, articles)
    columns = ("agreement", "latestStage", "role", "reports")
    stage = "https://w3id.org/communique/code/stage/"
    assert rows_of(found, "agreements-of", columns, body="tomas-berg") == [
        ("zero/pact", f"{stage}InForce", "party", "3")
    ]
    assert rows_of(found, "agreements-of", columns, body="tomas-berg", stage="Signed") == []
    assert rows_of(found, "agreements-by-stage", ("agreement", "stage", "latestStage", "story")) == [
        ("zero/pact", f"{stage}InForce", f"{stage}InForce", "one/pact"),
        ("one/pact", f"{stage}Signed", f"{stage}InForce", "one/pact"),
        ("two/pact", f"{stage}Signed", f"{stage}InForce", "one/pact"),
    ]
    assert rows_of(found, "signed-values", ("fact", "amount")) == [("two/pact", "10000000")]
    assert rows_of(found, "signed-value-by-place", ("least", "most", "agreements")) == [("10000000", "10000000", "1")]


def test_the_page_of_an_agreement_gives_the_latest_stage_and_the_other_reports(tmp_path: Path) -> None:
    articles = {
        "one": Article("2031-05-02", pact("Announced")),
        "two": Article("2031-06-03", pact("InForce", "  continues: one/pact\n", quote="The pact is in force")),
    }
    with shown_of(project_of(tmp_path, articles)) as snapshot:
        page = thing_shown(snapshot, "<https://example.org/kg/article/one/pact>")
        person = thing_shown(snapshot, "<https://example.org/kg/person/tomas-berg>")
    assert page
    assert person
    assert page.reading
    assert (page.reading.standing, page.progress) == ("announced", "in force")
    assert [report.text for report in page.reports] == ["The pact (Report two)"]
    assert [derived.relation for derived in page.derived] == ["named as party to", "named as party to"]
    progress = {line.reading.fact[-9:-1]: line.progress for section in person.sections for line in section.lines}
    assert progress == {"one/pact": "in force", "two/pact": ""}


# -------- what no longer stands


FIRST = meeting() + pact(
    "Signed", f"  signedAt: meeting\n{WORTH}", quote=f"[{SIGNED}, The pact is worth EUR 10 million]"
)
CORRECTION = meeting(more="  sameEventAs: first/meeting\n  correctsFact: first/meeting\n", guest="eva-moor") + pact(
    "Signed",
    "  signedAt: meeting\n  correctsFact: first/pact\n  value: EUR 5 million\n",
    quote="[Mara Lind and Eva Moor signed the pact, The pact is worth EUR 5 million]",
    party="eva-moor",
)
CORRECTED = {
    "first": Article("2031-05-02", FIRST),
    "second": Article("2031-05-03", CORRECTION, "  corrects: first\n"),
}
ALSO = {"include": "displaced"}


@pytest.fixture(scope="module")
def corrected(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A signing whose amount and partner the publisher corrected: case 30."""
    return project_of(tmp_path_factory.mktemp("corrected"), CORRECTED)


def test_a_corrected_amount_counts_once_and_the_wrong_one_only_on_request(corrected: Project) -> None:
    sums = ("least", "most", "agreements")
    assert rows_of(corrected, "signed-value-by-place", sums) == [("5000000", "5000000", "1")]
    assert rows_of(corrected, "signed-value-by-place", sums, **ALSO) == [("5000000", "5000000", "1")]
    by_stage = ("agreement", "value")
    assert rows_of(corrected, "agreements-by-stage", by_stage) == [("second/pact", "EUR 5 million")]
    both = [("first/pact", "EUR 10 million"), ("second/pact", "EUR 5 million")]
    assert rows_of(corrected, "agreements-by-stage", by_stage, **ALSO) == both


def test_a_corrected_partner_is_shown_only_on_request(corrected: Project) -> None:
    assert rows_of(corrected, "agreements-of", ("agreement",), body="tomas-berg") == []
    once = [("second/pact", "party", "second/pact")]
    assert rows_of(corrected, "agreements-of", ("agreement", "role", "displacedBy"), body="tomas-berg", **ALSO) == once
    columns = ("agreement", "role", "reports")
    assert rows_of(corrected, "agreements-of", columns, body="eva-moor") == [("second/pact", "party", "1")]
    assert rows_of(corrected, "agreements-of", columns, body="eva-moor", **ALSO) == [("second/pact", "party", "2")]
    assert rows_of(corrected, "who-met-whom", ("one", "other")) == [("person/eva-moor", "person/mara-lind")]
    met = rows_of(corrected, "who-met-whom", ("one", "other"), **ALSO)
    assert met == [("person/eva-moor", "person/mara-lind"), ("person/mara-lind", "person/tomas-berg")]
    berg = {"one": "mara-lind", "other": "tomas-berg"}
    assert rows_of(corrected, "meetings-between", ("event",), **berg) == []
    both = rows_of(corrected, "meetings-between", ("event", "displacedBy"), **berg, **ALSO)
    assert both == [("second/meeting", "second/meeting")]
    took_part = rows_of(corrected, "who-took-part", ("participant",), meeting="article/first/meeting")
    assert took_part == []


def test_a_correction_stands_for_its_story_though_it_was_published_later(corrected: Project) -> None:
    assert derived(corrected, "story") == {
        "first/meeting": "second/meeting",
        "first/pact": "second/pact",
        "second/meeting": "second/meeting",
        "second/pact": "second/pact",
    }
    with shown_of(corrected) as snapshot:
        shown = network_shown(snapshot, NetworkFilter())
        page = thing_shown(snapshot, "<https://example.org/kg/article/first/pact>")
        person = thing_shown(snapshot, "<https://example.org/kg/person/tomas-berg>")
        asked = thing_shown(snapshot, "<https://example.org/kg/person/tomas-berg>", include=True)
    assert [(pair.one.label, pair.other.label) for pair in shown.pairs] == [("Eva Moor", "Mara Lind")]
    assert page
    assert [by.text for by in page.displaced_by] == ["The pact (Report second)"]
    assert person
    assert (person.sections, person.displaced) == ((), 2)
    assert asked
    marked = [[by.text for by in line.displaced_by] for section in asked.sections for line in section.lines]
    assert sorted(marked) == [["Lind and a guest (Report second)"], ["The pact (Report second)"]]


def test_what_no_longer_stands_is_on_the_timeline_and_in_the_network_on_request(corrected: Project) -> None:
    sections = ("events", "agreements")
    with shown_of(corrected) as snapshot:
        for include, guests in ((False, ["Eva Moor"]), (True, ["Eva Moor", "Tomas Berg"])):
            pairs = network_shown(snapshot, NetworkFilter(include=include)).pairs
            assert sorted({pair.one.label, pair.other.label} - {"Mara Lind"} for pair in pairs) == [{g} for g in guests]
            entries = timeline_shown(snapshot, TimelineFilter(sections, include=include)).entries
            reports = {
                snapshot.graph.id(told.reading.fact): [snapshot.graph.id(other.reading.fact) for other in told.others]
                for told in entries
            }
            assert reports == {
                f"article/second/{name}": [f"article/first/{name}"] if include else [] for name in ("meeting", "pact")
            }


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ("/timeline", '/article/first/pact"><bdi>'),
        ("/network", "/person/tomas-berg"),
        ("/network.svg", "Tomas Berg"),
        ("/person/tomas-berg.html", 'class="line gone"'),
    ],
)
def test_the_switch_of_pages_is_a_parameter_of_their_address(path: str, mark: str, corrected: Project) -> None:
    with client_of(corrected) as client:
        assert [mark in client.get(f"{path}{end}").text for end in ("", "?include=displaced")] == [False, True]


def test_an_explanation_marks_what_no_longer_stands(corrected: Project) -> None:
    with open_graph(corrected) as graph:
        found = explain(graph, f"<{graph.base}person/tomas-berg>")
    [party] = [statement for statement in found.incoming if statement.property == cq("party")]
    assert [value.text for value in party.values] == ["The pact (signed) – no longer stands"]
    assert not any(statement.property == cq("metWith") for statement in found.statements)


def test_what_no_longer_stands_keeps_its_page_and_says_by_what(corrected: Project) -> None:
    with client_of(corrected) as client:
        page = client.get("/article/first/pact.html").text
    assert re.search(r'no longer stands\. It was displaced by <a href="/article/second/pact">', page)


def test_several_reports_of_an_undertaking_are_one_entry_with_its_latest_stage(tmp_path: Path) -> None:
    articles = {
        "one": Article("2031-05-02", pact("Announced")),
        "two": Article("2031-06-03", pact("InForce", "  continues: one/pact\n", quote="The pact is in force")),
    }
    with shown_of(project_of(tmp_path, articles)) as snapshot:
        [told] = timeline_shown(snapshot, TimelineFilter(("agreements",))).entries
    assert (told.reading.standing, told.progress) == ("announced", "in force")
    [other] = told.others
    assert (other.reading.standing, other.article.text) == ("in force", "Report two")


NAMING = """\
short:
  type: Naming
  named: mara-lind
  nameText: NAME
  nameKind: Short
  quote: Mara Lind met Tomas Berg
"""


def test_a_name_that_was_taken_back_is_marked_where_it_is_found(tmp_path: Path) -> None:
    articles = {
        "one": Article("2031-05-02", NAMING.replace("NAME", "Lind")),
        "two": Article(
            "2031-05-03", NAMING.replace("NAME", "Mara").replace("quote", "correctsFact: one/short\n  quote")
        ),
    }
    built = project_of(tmp_path, articles)
    with shown_of(built) as snapshot:
        [thing] = [some for some in entity_names(snapshot.graph).things if some.id == "person/mara-lind"]
        assert {find(snapshot.graph, typed) for typed in ("Mara", "ＭＡＲＡ", "lind", "Lind")} == {thing.term}
    assert (thing.names, thing.taken_back) == (("Mara Lind", "Lind", "Mara"), {"Lind"})
    with client_of(built) as client:
        assert [found["name"] for found in client.get("/search.json?q=lind").json()["results"]] == ["Lind (taken back)"]
        queries = json.dumps({"gone": {"query": "Lind"}, "standing": {"query": "Mara"}})
        answers = client.post("/reconcile", data={"queries": queries}).json()
        sure = {key: [(found["id"], found["match"]) for found in answers[key]["result"]] for key in answers}
        assert sure == {"gone": [("person/mara-lind", False)], "standing": [("person/mara-lind", True)]}
        assert "taken back" in client.get("/search?q=lind").text
        assert "taken back" not in client.get("/search?q=mara").text


def test_an_article_that_is_replaced_takes_its_facts_along(tmp_path: Path) -> None:
    articles = {
        "old": Article("2031-05-02", meeting() + pact("Announced")),
        "new": Article("2031-05-02", meeting(), "  supersedes: old\n"),
    }
    found = project_of(tmp_path, articles)
    gone = derived(found, "displacedBy")
    assert {gone["old"], gone["old/meeting"], gone["old/pact"]} == {"new"}
    assert rows_of(found, "agreements-by-stage", ("agreement",)) == []
    assert rows_of(found, "agreements-by-stage", ("agreement",), **ALSO) == [("old/pact",)]
    between = {"one": "mara-lind", "other": "tomas-berg"}
    assert rows_of(found, "meetings-between", ("event",), **between) == [("new/meeting",)]


def test_what_a_publisher_did_not_correct_still_stands(tmp_path: Path) -> None:
    articles = {
        "one": Article("2031-05-02", meeting() + pact("Announced")),
        "two": Article("2031-05-03", pact("Announced", "  correctsFact: one/pact\n"), "  corrects: one\n"),
    }
    found = project_of(tmp_path, articles)
    between = {"one": "mara-lind", "other": "tomas-berg"}
    assert rows_of(found, "meetings-between", ("event",), **between) == [("one/meeting",)]
    assert "one" not in derived(found, "displacedBy")


@pytest.mark.parametrize("name", sorted(set(NAMES) - WHOLE))
def test_every_question_about_facts_has_the_switch(name: str) -> None:
    assert "include" in [param.name for param in question(name).params]


def test_what_a_question_may_include_is_checked(corrected: Project) -> None:
    with open_graph(corrected) as graph, pytest.raises(UsageError) as caught:
        bound_text(graph, question("agreements-by-stage"), {"include": "denied"})
    assert caught.value.message == "include: the list 'inclusion' has no entry 'denied'"
    assert caught.value.fix.startswith(("did you mean", "known entries are Displaced"))


def test_the_switch_takes_only_the_marked_lines_away(corrected: Project) -> None:
    with open_graph(corrected) as graph:
        for name in sorted(set(NAMES) - WHOLE):
            query = question(name)
            [slots] = [param.slots for param in query.params if param.name == "include"]
            text = filled(query.text, ((slot, ()) for slot in slots))
            left_out = re.compile(r"displacedBy \?_?displacing")
            assert left_out.findall(text) == [], name
            assert len(left_out.findall(query.text)) == len(slots), name
            graph.store.select(text)
