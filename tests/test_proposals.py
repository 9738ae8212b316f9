"""What may be the same in two articles is proposed, with the line to add, until somebody says that it is or is not."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pytest

from kg.core.errors import Finding, Severity
from kg.core.likeness import likeness
from kg.core.terms import CODE
from kg.pipeline.accounts import Account, Joined, candidates
from kg.pipeline.check import check
from kg.pipeline.copies import LEAST_WORDS, copies
from kg.pipeline.steps import build
from kg.project.settings import Project
from kg.render.findings import render_findings
from tests.test_one_picture import ITEM, also, meeting, pact, project_of, worth

HELD, SIGNED = f"<{CODE}occurrence/Occurred>", f"<{CODE}stage/Signed>"


# -------- events and agreements


def account(
    fact: str,
    first: str = "2031-05-01",
    last: str = "",
    parties: str = "lind berg",
    state: str = HELD,
    label: str = "It",
) -> Account:
    article = fact.partition("/")[0]
    named = frozenset(parties.split())
    return Account(fact, article, f"2031-05-0{1 + ord(article[0]) % 5}", "K", state, label, first, last or first, named)


def pairs(*accounts: Account, joined: Joined | None = None, related: bool = True) -> list[tuple[str, str]]:
    found = candidates(accounts, None, joined or Joined([], []), lambda _, __: related)
    return [(one.fact, other.fact) for one, other in found]


def test_pairs_are_proposed_best_first_however_little_fits_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = [
        account(f"{article}/{fact}", parties=parties, label=f"The {label} talks")
        for article, fact in product("abcdefgh", "xyz")
        for parties, label in [
            ("lind berg" if fact < "z" else "lind berg moor", article * 2 if fact == "x" else "long")
        ]
    ]
    everything = pairs(*reports)
    monkeypatch.setattr("kg.pipeline.accounts.SORTED_AT_ONCE", 200)
    assert len(everything) > 10
    assert pairs(*reversed(reports)) == everything

    def agreement(pair: tuple[str, str]) -> tuple[float, float]:
        one, other = (next(each for each in reports if each.fact == fact) for fact in pair)
        share = len(one.parties & other.parties) / len(one.parties | other.parties)
        return share, likeness(one.label, other.label)

    assert [agreement(pair) for pair in everything] == sorted(map(agreement, everything), reverse=True)


@pytest.mark.parametrize(
    ("one", "other", "proposed"),
    [
        (account("a/x"), account("b/x"), True),
        (account("a/x"), account("a/y"), False),
        (account("a/x"), account("b/x", "2031-05-02"), True),
        (account("a/x"), account("b/x", "2031-05-03"), False),
        (account("a/x", "2031-05-01", "2031-05-03"), account("b/x", "2031-05-04"), True),
        # what was some time in a year is near everything
        (account("a/x", "2031-01-01", "2031-12-31"), account("b/x"), False),
        (account("a/x", ""), account("b/x", ""), False),
        (account("a/x"), account("b/x", parties="lind berg moor"), True),
        (account("a/x"), account("b/x", parties="lind moor"), False),
        (account("a/x", parties="lind"), account("b/x", parties="lind"), True),
        (account("a/x", parties="lind"), account("b/x", parties="lind moor"), False),
        (account("a/x"), account("b/x", state=f"<{CODE}occurrence/Planned>"), False),
        (account("a/x", state=SIGNED), account("b/x", state=SIGNED), True),
        (account("a/x", state=SIGNED), account("b/x", state=f"<{CODE}stage/InForce>"), False),
        # agreements without a day are proposed by their name
        (account("a/x", "", state=SIGNED), account("b/x", state=SIGNED), True),
        (account("a/x", "", state=SIGNED), account("b/x", state=SIGNED, label="Another"), False),
        (account("a/x"), account("b/x", state=SIGNED), False),
    ],
)
def test_the_same_parties_at_the_same_time_may_be_one_thing(one: Account, other: Account, proposed: bool) -> None:
    assert bool(pairs(one, other)) is bool(pairs(other, one)) is proposed


def test_two_of_unrelated_classes_are_not_proposed() -> None:
    assert pairs(account("a/x"), account("b/x"), related=False) == []


def test_each_report_gets_its_likeliest_twin_and_no_twin_is_given_twice() -> None:
    pact, treaty = (account(f"a/{name}", state=SIGNED, label=name) for name in ("pact", "treaty"))
    others = [account(f"b/{name}", state=SIGNED, label=name) for name in ("treaty", "pact")]
    assert set(pairs(pact, treaty, *others)) in (
        {("b/pact", "a/pact"), ("b/treaty", "a/treaty")},
        {("a/pact", "b/pact"), ("a/treaty", "b/treaty")},
    )


def test_what_is_joined_through_a_third_or_is_said_to_be_two_is_not_proposed_again() -> None:
    three = account("a/x"), account("b/x"), account("c/x")
    assert len(pairs(*three)) == 2
    assert pairs(*three, joined=Joined([("a/x", "b/x"), ("b/x", "c/x")], [])) == []
    apart = Joined([("a/x", "b/x")], [("c/x", "a/x")])
    assert pairs(*three, joined=apart) == []


def test_an_article_that_reports_it_already_gets_no_second_report_of_it() -> None:
    mine, second, theirs = account("b/x"), account("b/y"), account("a/x")
    assert pairs(mine, second, theirs, joined=Joined([("b/x", "a/x")], [])) == []


# -------- texts

TEXT = (
    "The port and the docks signed a contract for a new terminal on Monday. It is worth ten million. The director of"
    " the port received the president of the docks before the signing. The first ferries are to leave in two years."
)
OTHER_WORDS = (
    "On Monday a contract for a terminal was signed by docks and port, worth ten million, after the two heads had met."
    " Ferries will go in two years, the president of the docks said. Nobody else spoke to reporters."
)
CHINESE = (
    "周一港口与码头公司签署了新航站楼合同。合同价值一千万元。签字前港口主任会见了码头公司总裁。首批渡轮将于两年后启航。"
)


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (TEXT, TEXT, True),
        (TEXT, TEXT.upper().replace(".", "!"), True),
        # a sentence less, another headline, a word changed
        (TEXT, TEXT.partition(" The first")[0], True),
        (TEXT, f"From our correspondent. {TEXT}", True),
        (TEXT, TEXT.replace("Monday", "10 May").replace("contract", "deal"), True),
        (CHINESE, CHINESE.replace("周一", "10日"), True),
        # the same news in other words
        (TEXT, OTHER_WORDS, False),
        ("Too short to tell.", "Too short to tell.", False),
    ],
)
def test_a_text_that_another_one_repeats_may_be_its_copy(one: str, other: str, found: bool) -> None:
    assert bool(list(copies({"a": one, "b": other}))) is found


def test_a_copy_says_how_much_of_the_shorter_text_is_the_same() -> None:
    [copy] = copies({"b": TEXT, "a": TEXT.partition(" The first")[0]})
    assert (copy.one, copy.other, copy.share) == ("a", "b", 1.0)


def test_only_the_texts_that_are_checked_are_compared_with_the_others() -> None:
    texts = dict.fromkeys("abc", TEXT)
    assert [(copy.one, copy.other) for copy in copies(texts, frozenset("c"))] == [("a", "c"), ("b", "c")]
    assert len(list(copies(texts))) == 3


def test_copies_are_the_same_however_little_fits_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"a": TEXT, "b": f"From our correspondent. {TEXT}", "c": OTHER_WORDS, "d": TEXT.upper()}
    everything = list(copies(texts))
    monkeypatch.setattr("kg.pipeline.copies.SORTED_AT_ONCE", 20)
    assert [(copy.one, copy.other) for copy in everything] == [("a", "b"), ("a", "d"), ("b", "d")]
    assert list(copies(texts)) == everything


def test_a_formula_of_many_articles_makes_no_copies() -> None:
    formula = " ".join(f"word{k}" for k in range(LEAST_WORDS * 2))
    texts = {f"a{k}": f"{formula} {' '.join(f'own{k}x{j}' for j in range(30))}" for k in range(60)}
    assert list(copies(texts)) == []


# -------- in a project


def found_in(project: Project, *paths: str) -> list[Finding]:
    return [
        finding
        for finding in check(project, [str(project.root / path) for path in paths]).findings
        if finding.code in ("KG-C040", "KG-C041")
    ]


def two(folder: Path, later: str, head: str = "") -> Project:
    return project_of(folder, {"a": ("", meeting() + worth("EUR 4 million")), "b": (head, later)})


APART = "  distinctFrom: a\n"


def test_proposals_name_the_line_to_add_at_the_fact(tmp_path: Path) -> None:
    project = two(tmp_path, meeting() + worth("EUR 4 million"), APART)
    report = check(project)
    shown = render_findings(found_in(project), "text", report.texts.get)
    line = report.texts["data/articles/b.yaml"].splitlines().index("    meeting:") + 1
    assert shown.startswith(
        "info[KG-C040]: 'meeting' may be the same event as 'a/meeting' (Lind and Berg, 2031-05-01), with mara-lind and"
        f" tomas-berg\n  --> data/articles/b.yaml:{line}:5\n"
    )
    assert "= help: if so, add 'sameEventAs: a/meeting' here; if not, 'distinctFrom: a/meeting'" in shown
    assert "= help: if so, add 'sameAgreementAs: a/pact' here; if not, 'distinctFrom: a/pact'" in shown
    assert [finding.severity for finding in found_in(project)] == [Severity.INFO] * 2


@pytest.mark.parametrize("link", ["sameEventAs", "distinctFrom"])
def test_what_is_joined_or_declined_is_not_proposed_again(tmp_path: Path, link: str) -> None:
    project = two(tmp_path, also(meeting(), f"  {link}: a/meeting\n"), APART)
    assert found_in(project) == found_in(project, "data/articles/b.yaml") == []


def test_one_file_is_compared_with_the_last_generation(tmp_path: Path) -> None:
    project = two(tmp_path, pact())
    file = tmp_path / "data" / "articles" / "b.yaml"
    file.write_text(file.read_text(encoding="utf-8").partition("facts:")[0] + _indented(meeting()), encoding="utf-8")
    for path in ("data/articles/b.yaml", "data/articles"):
        proposed = [(finding.code, finding.place.path, finding.focus[-9:]) for finding in found_in(project, path)]
        assert ("KG-C040", "data/articles/b.yaml", "b/meeting") in proposed
        assert ("KG-C041", "data/articles/b.yaml", "article/b") in proposed


def _indented(facts: str) -> str:
    return "facts:\n" + "".join(f"  {line}\n" for line in facts.splitlines())


@pytest.mark.parametrize("gone", [(), ("across.json",)])
def test_a_report_that_was_taken_back_is_not_proposed_to_one_file(tmp_path: Path, gone: tuple[str, ...]) -> None:
    item = ITEM.replace("{", "{takesBack: meeting, ")
    head = f"  correctedByItem: {item}\n"
    project = project_of(tmp_path, {"a": (head, meeting()), "b": (APART, meeting()), "c": (APART, meeting())})
    for name in gone:
        (tmp_path / "build" / name).unlink()
    proposed = [each.message for each in found_in(project, "data/articles/c.yaml") if each.code == "KG-C040"]
    assert len(proposed) == 1
    assert "'b/meeting'" in proposed[0]


def test_without_a_build_nothing_is_proposed_for_one_file_and_the_report_says_why(tmp_path: Path) -> None:
    project = two(tmp_path, meeting())
    (tmp_path / "build" / "current").unlink()
    report = check(project, [str(tmp_path / "data" / "articles" / "b.yaml")])
    assert report.findings == ()
    assert report.alone == "nothing has been built yet"
    assert [finding.code for finding in found_in(project)] == ["KG-C041", "KG-C040"]


def test_a_generation_that_is_damaged_does_not_stop_a_check(tmp_path: Path) -> None:
    project = two(tmp_path, meeting())
    for file in (tmp_path / "build" / "generations").rglob("*.sst"):
        file.write_bytes(b"")
    report = check(project, [str(tmp_path / "data" / "articles" / "b.yaml")])
    assert report.findings == ()
    assert "damaged" in report.alone


@pytest.mark.parametrize("head", ["  sameReportAs: a\n", APART, "  corrects: a\n", "  supersedes: a\n"])
def test_a_copy_a_correction_or_a_report_of_its_own_is_not_proposed_as_a_copy(tmp_path: Path, head: str) -> None:
    project = two(tmp_path, pact(), head)
    assert "KG-C041" not in {finding.code for finding in found_in(project)}


def test_a_build_publishes_its_proposals_as_findings(tmp_path: Path) -> None:
    project = two(tmp_path, meeting())
    codes: Mapping[str, object] = {finding.code: finding for finding in build(project, full=True).report.findings}
    assert {"KG-C040", "KG-C041"} <= codes.keys()
