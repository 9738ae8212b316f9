"""Several reports, one picture: where they disagree, which of them are one source, what corrections reach."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from kg.pipeline.steps import build
from kg.project.settings import Project, load_project
from tests.test_stories import derived, rows_of

SETTINGS = 'base = "https://example.org/kg/"\nontology = ["@kg"]\nqueries = ["@kg"]\n'
REGISTRY = """\
mara-lind: {type: Person, name: Mara Lind}
tomas-berg: {type: Person, name: Tomas Berg}
eva-moor: {type: Person, name: Eva Moor}
port: {type: Company, name: Port Company}
courier: {type: NewsOrganization, name: Courier}
wire: {type: NewsOrganization, name: Wire}
aldenburg: {type: Place, name: Aldenburg, placeKind: City}
old-harbour: {type: Place, name: Old Harbour, placeKind: Area}
veldkirk: {type: Place, name: Veldkirk, placeKind: City}
"""
TEXT = """\
The Courier reports.
Mara Lind, director of the Port Company, met Tomas Berg in the Old Harbour of Aldenburg on May 1. Mara Lind, president
of the Port Company, met Tomas Berg in Aldenburg on May 1. Mara Lind met Tomas Berg in Veldkirk on May 2.
The pact of Mara Lind and Tomas Berg is in force until June 2032. It is worth over EUR 5 million. It is worth EUR 7
million. It is worth EUR 4 million. The pact of Mara Lind and Eva Moor is in force until July 2033.
There were some 90 people. There were 140 people. There were 300 people.
Mara Lind denied that the pact is in force. Mara Lind is called the Admiral.
"""
MET = "quote: Mara Lind, director of the Port Company, met Tomas Berg in the Old Harbour of Aldenburg on May 1"
MAY_1 = "{asWritten: on May 1, edtf: 2031-05-01, method: YearFromPublication}"
MAY_2 = "{asWritten: on May 2, edtf: 2031-05-02, method: YearFromPublication}"
OTHER_DAY = f"  date: {MAY_2}\n  quote: Mara Lind met Tomas Berg in Veldkirk on May 2\n"


def meeting(more: str = f"  date: {MAY_1}\n  {MET}\n", lind: str = "side: Host", berg: str = "side: Guest") -> str:
    """Return the facts of an article on a meeting; *more* has its date and its quote."""
    return (
        f"meeting:\n  type: Meeting\n  name: Lind and Berg\n  occurrence: Occurred\n  participation:\n"
        f"    - {{participant: mara-lind, {lind}}}\n    - {{participant: tomas-berg, {berg}}}\n{more}"
    )


def post(title: str) -> str:
    return (
        f"post:\n  type: Tenure\n  holder: mara-lind\n  title: {title.title()}\n  organization: port\n"
        f"  quote: Mara Lind, {title} of the Port Company\n"
    )


def pact(more: str = "", stage: str = "InForce", party: str = "[mara-lind, tomas-berg]", quotes: str = "") -> str:
    words = (
        "The pact of Mara Lind and Eva Moor is in force" if "eva" in party else "The pact of Mara Lind and Tomas Berg"
    )
    return (
        f"pact:\n  type: Agreement\n  name: The pact\n  stage: {stage}\n  party: {party}\n{more}"
        f"  quote: [{words}{quotes}]\n"
    )


def worth(amount: str) -> str:
    return pact(f"  value: {amount}\n", quotes=f", It is worth {amount}.")


def people(amount: str) -> str:
    return (
        "crowd:\n  type: QuotedStatistic\n  indicator: people\n  about: meeting\n"
        f"  value: {amount}\n  quote: There were {amount}.\n"
    )


def project_of(folder: Path, articles: Mapping[str, tuple[str, str]]) -> Project:
    """Return a built project of articles: id -> what its head says besides, and its facts; published day by day."""
    (folder / "data" / "articles").mkdir(parents=True)
    (folder / "data" / "registry").mkdir()
    (folder / "kg.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "data" / "registry" / "all.yaml").write_text(REGISTRY, encoding="utf-8")
    for day, (name, (head, facts)) in enumerate(articles.items()):
        text, inner = ("".join(f"    {line}\n" for line in each.splitlines()) for each in (TEXT, facts))
        (folder / "data" / "articles" / f"{name}.yaml").write_text(
            f"article:\n  title: Report {name}\n  published: 2031-05-{3 + day % 28:02}\n  language: en\n"
            f"  textKind: Full\n{head}"
            f"  text: |\n{text}curation: {{curator: jd, on: 2031-09-09, status: Reviewed}}\nfacts:\n{inner}",
            encoding="utf-8",
        )
    made = load_project(folder)
    build(made)
    return made


# -------- where they disagree


SAME_EVENT, SAME_PACT = "  sameEventAs: a/meeting\n", "  sameAgreementAs: a/pact\n"


def also(facts: str, link: str) -> str:
    """Return *facts* with a link in its first fact."""
    head, name, rest = facts.partition("  occurrence:" if "Meeting" in facts else "  stage:")
    return f"{head}{link}{name}{rest}"


IN_OLD_HARBOUR = f"  date: {MAY_1}\n  place: old-harbour\n  {MET}\n"
IN_ALDENBURG = f"  date: {MAY_1}\n  place: aldenburg\n  {MET}\n"
IN_VELDKIRK = f"  date: {MAY_1}\n  place: veldkirk\n  inferred: {{place: the writer was there}}\n  {MET}\n"
WITHIN = (
    "within:\n  type: Containment\n  innerPlace: old-harbour\n  outerPlace: aldenburg\n"
    "  quote: the Old Harbour of Aldenburg\n"
)
UNTIL_2032 = pact(
    "  validUntil: {asWritten: until June 2032, edtf: 2032-06, method: Explicit}\n",
    quotes=", is in force until June 2032",
)
UNTIL_2033 = pact(
    "  validUntil: {asWritten: until July 2033, edtf: 2033-07, method: Explicit}\n",
    quotes=", in force until July 2033",
)


CASES: list[tuple[str, str, list[tuple[str, ...]]]] = [
    (meeting(), also(meeting(OTHER_DAY), SAME_EVENT), [("date", "1 May 2031", "2 May 2031")]),
    (meeting(IN_ALDENBURG), also(meeting(IN_VELDKIRK), SAME_EVENT), [("place", "Aldenburg", "Veldkirk")]),
    # a place in the other one is the same told more closely
    (meeting(IN_ALDENBURG), also(meeting(IN_OLD_HARBOUR), SAME_EVENT) + WITHIN, []),
    (meeting(), also(meeting(IN_VELDKIRK), SAME_EVENT), []),
    (
        meeting(),
        also(meeting(lind="side: Guest"), SAME_EVENT),
        [("side of Mara Lind", "host", "guest")],
    ),
    (meeting(), also(meeting(lind="side: Unspecified"), SAME_EVENT), []),
    (
        meeting(berg="side: Guest, presence: Present"),
        also(meeting(berg="side: Guest, presence: Absent"), SAME_EVENT),
        [("presence of Tomas Berg", "present", "absent")],
    ),
    (
        meeting(lind="side: Host, capacity: post") + post("director"),
        also(meeting(lind="side: Host, capacity: post"), SAME_EVENT) + post("president"),
        [("title of Mara Lind", "Director", "President")],
    ),
    (
        meeting(lind="side: Host, capacity: post") + post("director"),
        also(meeting(lind="side: Host, capacity: post"), SAME_EVENT) + post("director"),
        [],
    ),
    (
        worth("EUR 4 million"),
        also(worth("EUR 7 million"), SAME_PACT),
        [("value", "EUR 4 million", "EUR 7 million")],
    ),
    (
        worth("over EUR 5 million"),
        also(worth("EUR 4 million"), SAME_PACT),
        [("value", "over EUR 5 million", "EUR 4 million")],
    ),
    (worth("over EUR 5 million"), also(worth("EUR 7 million"), SAME_PACT), []),
    (UNTIL_2032, also(UNTIL_2033, SAME_PACT), [("valid until", "until June 2032", "until July 2033")]),
    # what continues it is what came of it
    (UNTIL_2032, also(UNTIL_2033, "  continues: a/pact\n"), []),
    (pact(), also(pact(party="[mara-lind, eva-moor]"), SAME_PACT), [("party", "Tomas Berg", "Eva Moor")]),
    # fewer parties are no others
    (pact(), also(pact(party="[mara-lind, tomas-berg, eva-moor]"), SAME_PACT), []),
    # another stage has other values
    (worth("EUR 4 million"), also(worth("EUR 7 million").replace("InForce", "Announced"), SAME_PACT), []),
    # a figure about one event, whichever report of it is named; "some 90" may be 140
    (meeting() + people("some 90 people"), also(meeting(), SAME_EVENT) + people("140 people"), []),
    (
        meeting() + people("140 people"),
        also(meeting(), SAME_EVENT) + people("300 people"),
        [("people", "140 people", "300 people")],
    ),
    # two meetings that nobody joins are two
    (meeting(IN_ALDENBURG), meeting(IN_VELDKIRK), []),
]
"""Two reports, the first of them in the article a, and on what they disagree."""


@pytest.fixture(scope="module")
def differences(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[str, ...]]]:
    """Return article -> on what it disagrees with the other one of its case, and what each says."""
    articles = {}
    for number, (one, other, _) in enumerate(CASES):
        articles[f"a{number}"] = "", one
        articles[f"b{number}"] = "", other.replace(" a/", f" a{number}/")
    project = project_of(tmp_path_factory.mktemp("cases"), articles)
    found: dict[str, list[tuple[str, ...]]] = {}
    for article, *said in rows_of(project, "disagreeing-articles", ("oneArticle", "what", "oneSays", "otherSays")):
        found.setdefault(article, []).append(tuple(said))
    return found


@pytest.mark.parametrize("number", range(len(CASES)))
def test_two_reports_of_one_thing_disagree_only_where_both_cannot_be_true(
    number: int, differences: dict[str, list[tuple[str, ...]]]
) -> None:
    assert differences.get(f"a{number}", []) == CASES[number][2]


def test_a_report_that_continues_one_is_not_compared_with_the_twins_of_that(tmp_path: Path) -> None:
    facts = {"a": UNTIL_2032, "b": also(UNTIL_2033, "  continues: a/pact\n"), "c": also(UNTIL_2032, SAME_PACT)}
    project = project_of(tmp_path, {name: ("", each) for name, each in facts.items()})
    assert rows_of(project, "disagreeing-articles", ("what",)) == []


def test_a_disagreement_names_both_facts_as_its_origin(tmp_path: Path) -> None:
    one, other = meeting(IN_ALDENBURG), also(meeting(IN_VELDKIRK), SAME_EVENT)
    project = project_of(tmp_path, {"a": ("", one), "b": ("", other)})
    assert derived(project, "disagreesWith") == {"a/meeting": "b/meeting"}
    assert rows_of(project, "disagreeing-articles", ("oneFact", "otherFact", "correctedBy")) == [
        ("a/meeting", "b/meeting", "")
    ]


def test_the_article_with_the_fact_that_corrects_the_other_is_the_right_one(tmp_path: Path) -> None:
    right = also(worth("EUR 7 million"), "  correctsFact: a/pact\n")
    project = project_of(tmp_path, {"a": ("", worth("EUR 4 million")), "b": ("", right)})
    assert rows_of(project, "disagreeing-articles", ("what", "correctedBy")) == [("value", "b")]


# -------- sources count once


def sources(project: Project) -> dict[str, str]:
    """Return the fact, or the pair, that one source alone reports -> that source, and in how many articles."""
    columns = ("one", "other", "source", "articles")
    return {
        f"{one} {other}".strip(): f"{source} {articles}"
        for one, other, source, articles in rows_of(project, "single-source-facts", columns)
    }


COPY = "  sameReportAs: a\n"


def test_what_two_articles_report_rests_on_two_sources(tmp_path: Path) -> None:
    facts = meeting() + people("140 people") + post("director")
    project = project_of(tmp_path, {"a": ("", facts), "b": ("", also(facts, SAME_EVENT))})
    assert sources(project) == {}
    assert derived(project, "independentSource") == {"a": "a", "b": "b"}


def test_the_same_text_in_two_outlets_is_one_source(tmp_path: Path) -> None:
    facts = meeting() + people("140 people") + post("director")
    project = project_of(tmp_path, {"a": ("", facts), "b": (COPY, also(facts, SAME_EVENT)), "c": (COPY, "")})
    assert sources(project) == {
        "a/meeting": "a 2",
        "a/crowd": "a 2",
        "a/post": "a 2",
        "person/mara-lind organization/port": "a 2",
        "person/mara-lind person/tomas-berg": "a 2",
    }


def test_a_third_report_that_is_no_copy_is_a_second_source(tmp_path: Path) -> None:
    facts = {"a": ("", meeting()), "b": (COPY, also(meeting(), SAME_EVENT)), "c": ("", also(meeting(), SAME_EVENT))}
    assert sources(project_of(tmp_path, facts)) == {}


def test_articles_from_one_agency_are_one_source_and_so_is_the_agency_itself(tmp_path: Path) -> None:
    articles = {
        "a": ("  publisher: wire\n", meeting()),
        "b": ("  publisher: courier\n  source: wire\n", also(meeting(), SAME_EVENT)),
        # a copy of what comes from the agency comes from it, too
        "c": ("  sameReportAs: b\n", also(meeting(), SAME_EVENT)),
    }
    project = project_of(tmp_path, articles)
    assert derived(project, "independentSource") == dict.fromkeys("abc", "organization/wire")
    assert sources(project)["a/meeting"] == "organization/wire 3"
    assert rows_of(project, "sources", ("article", "countsAs")) == [(name, "organization/wire") for name in "abc"]


def test_what_is_only_denied_rests_on_no_source(tmp_path: Path) -> None:
    denial = (
        "denial:\n  type: SpeechAct\n  speaker: mara-lind\n  modality: Denied\n  paraphrase: There is no pact\n"
        "  aboutEntity: pact\n  quote: Mara Lind denied that the pact is in force.\n"
    )
    project = project_of(tmp_path, {"a": ("", denial + pact("  accordingTo: denial\n", stage="Denied"))})
    assert set(sources(project)) == {"a/denial"}


# -------- what corrections reach


NAMING = (
    "naming:\n  type: Naming\n  named: mara-lind\n  nameText: Admiral\n  nameKind: Short\n"
    "  quote: Mara Lind is called the Admiral.\n"
)
REGRET = (
    "regret:\n  type: SpeechAct\n  speaker: courier\n  modality: Denied\n  paraphrase: That was wrong\n"
    "  aboutEntity: mara-lind\n  correctsFact: FACT\n  quote: Mara Lind is called the Admiral.\n"
)


@pytest.mark.parametrize(
    ("wrong", "fact", "question", "arguments", "columns"),
    [
        (NAMING, "naming", "names-of-entity", {"entity": "mara-lind"}, ("name",)),
        (post("director"), "post", "posts-of-person", {"person": "mara-lind"}, ("post",)),
        (meeting() + people("140 people"), "crowd", "figures", {}, ("written",)),
    ],
)
def test_a_name_a_title_and_a_figure_are_taken_back_without_another_one_in_their_place(
    tmp_path: Path, wrong: str, fact: str, question: str, arguments: dict[str, str], columns: tuple[str, ...]
) -> None:
    after = project_of(tmp_path, {"a": ("", wrong), "b": ("  corrects: a\n", REGRET.replace("FACT", f"a/{fact}"))})
    assert derived(after, "displacedBy")[f"a/{fact}"] == "b/regret"
    left = rows_of(after, question, columns, **arguments)
    every = rows_of(after, question, columns, include="displaced", **arguments)
    assert len(left) == len(every) - 1
    assert (f"a/{fact}", "fact corrected", "b/regret") in rows_of(after, "corrections", ("about", "change", "by"))


ITEM = "{title: Pact ended, publisher: courier, published: 2031-04-01, url: https://example.com/1}"


def test_an_item_outside_the_project_that_an_article_corrects_is_listed(tmp_path: Path) -> None:
    project = project_of(tmp_path, {"a": (f"  correctsItem: {ITEM}\n", pact())})
    columns = ("aboutLabel", "change", "by", "earliest", "outsidePublisher", "outsidePublished", "outsideAddress")
    assert rows_of(project, "corrections", columns) == [
        (
            "Pact ended",
            "corrected by its publisher",
            "a",
            "2031-05-03",
            "Courier",
            "2031-04-01",
            "https://example.com/1",
        )
    ]
    assert derived(project, "displacedBy") == {}


def test_an_item_outside_the_project_displaces_what_it_takes_back(tmp_path: Path) -> None:
    item = ITEM.replace("{", "{takesBack: meeting, ")
    project = project_of(tmp_path, {"a": (f"  correctedByItem: {item}\n", meeting() + pact())})
    gone = derived(project, "displacedBy")
    stated = sorted(fact for fact in gone if "/derived/" not in fact)
    assert stated == ["a/meeting", "a/meeting/participation/mara-lind", "a/meeting/participation/tomas-berg"]
    assert set(rows_of(project, "corrections", ("about", "change", "byLabel", "outsidePublisher", "earliest"))) == {
        ("a", "corrected outside the project", "Pact ended", "Courier", "2031-04-01"),
        ("a/meeting", "fact taken back", "Pact ended", "Courier", "2031-04-01"),
    }
    assert rows_of(project, "who-met-whom", ("one",)) == []
    assert rows_of(project, "agreements-by-stage", ("agreement",)) == [("a/pact",)]


# -------- ties that no longer stand


def test_a_chain_of_meetings_rests_on_none_that_was_taken_back(tmp_path: Path) -> None:
    item = ITEM.replace("{", "{takesBack: meeting, ")
    project = project_of(tmp_path, {"a": (f"  correctedByItem: {item}\n", meeting()), "b": ("", meeting(OTHER_DAY))})
    both = {"start": "person/mara-lind", "goal": "person/tomas-berg"}
    ((link,),) = rows_of(project, "meeting-chain", ("firstLink",), **both)
    assert link.startswith("b/meeting/derived/met-with/")


def test_who_was_at_a_meeting_that_was_taken_back_comes_back_as_present(tmp_path: Path) -> None:
    item = ITEM.replace("{", "{takesBack: meeting, ")
    project = project_of(tmp_path, {"a": (f"  correctedByItem: {item}\n", meeting())})
    columns = ("participantLabel", "presence")
    assert rows_of(project, "who-took-part", columns, meeting="article/a/meeting") == []
    assert rows_of(project, "who-took-part", columns, meeting="article/a/meeting", include="displaced") == [
        ("Tomas Berg", "present"),
        ("Mara Lind", "present"),
    ]
