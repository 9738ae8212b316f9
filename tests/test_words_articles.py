"""In an article, dates and figures say what their words say: filled in, compared, refused at their place."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from kg.core.errors import Finding, InputError, Severity
from kg.core.terms import cq
from kg.core.values import is_iri, lexical
from kg.pipeline.compile import Compiled, compile_project
from kg.pipeline.steps import build
from kg.project.settings import Project, load_project
from kg.project.sources import read_sources
from kg.store.lines import line_quad
from tests.wording import FOLDER

CASES = sorted((FOLDER / "articles").glob("*.yaml"))
DATE = ("edtf", "method")
FIGURE = ("comparator", "amount", "lowerAmount", "upperAmount", "currency", "unit")


def project(folder: Path, settings: str = "") -> Project:
    """Return an empty project with the registry of the cases."""
    for name in ("registry", "articles"):
        (folder / "data" / name).mkdir(parents=True)
    shutil.copy(FOLDER / "registry.yaml", folder / "data/registry/all.yaml")
    (folder / "kg.toml").write_text(settings, encoding="utf-8")
    return load_project(folder)


def compiled(folder: Path, articles: Mapping[str, str], settings: str = "") -> Compiled:
    """Compile articles, by name, in a project in *folder*."""
    made = project(folder, settings)
    for name, text in articles.items():
        (folder / f"data/articles/{name}.yaml").write_text(text, encoding="utf-8")
    return compile_project(made, read_sources(made))


@pytest.fixture(scope="module")
def all_cases(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return compiled(tmp_path_factory.mktemp("words"), {case.stem: case.read_text(encoding="utf-8") for case in CASES})


def errors(made: Compiled, name: str) -> list[Finding]:
    path = f"data/articles/{name}.yaml"
    return [found for found in made.findings if found.place.path == path and found.severity is Severity.ERROR]


def told(found: Finding, lines: list[str]) -> str:
    """Return a finding as the first line of a case has it: its code, and what stands where it points."""
    place = found.place
    return f"{found.code} at '{lines[place.line - 1][place.column - 1 :][: place.length]}'".replace("\"'", "'").replace(
        "'\"", "'"
    )


def values(made: Compiled, name: str, keys: tuple[str, ...]) -> list[str]:
    """Return what each date, or each figure, of an article's facts says, its values one after the other."""
    [record] = [record for record in made.articles if Path(record.path).stem == name]
    nodes: dict[str, dict[str, str]] = {}
    for quad in map(line_quad, record.lines):
        key = quad.predicate[1:-1].rpartition("#")[2]
        if key in keys and quad.predicate == cq(key) and quad.subject.count("/") > quad.graph.count("/") + 1:
            text = lexical(quad.object)
            nodes.setdefault(quad.subject, {})[key] = text.rpartition("/")[2] if is_iri(quad.object) else text
    return [" ".join(said[key] for key in keys if key in said) for _, said in sorted(nodes.items())]


@pytest.mark.parametrize("name", [case.stem for case in CASES])
def test_a_case_is_clean_or_refused_as_its_first_line_says(name: str, all_cases: Compiled) -> None:
    lines = (FOLDER / f"articles/{name}.yaml").read_text(encoding="utf-8").splitlines()
    right = lines[0].removeprefix("# right: ")
    found = errors(all_cases, name)
    if not right.startswith("clean; "):
        assert ", ".join(told(each, lines) for each in sorted(found, key=lambda each: each.code)) == right
        return
    assert [str(each) for each in found] == []
    said = {*values(all_cases, name, DATE), *values(all_cases, name, FIGURE)}
    assert set(right.removeprefix("clean; ").split("; ")) <= said


def test_there_are_cases_of_every_finding_on_words() -> None:
    codes = {code for case in CASES for code in re.findall("KG-W[0-9]+", case.read_text(encoding="utf-8"))}
    assert codes == {f"KG-W{number:03}" for number in (1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 20)}


def test_every_refusal_says_how_to_mend_it(all_cases: Compiled) -> None:
    found = [each for each in all_cases.findings if each.code.startswith("KG-W")]
    assert len(found) > 15
    assert all(each.fix for each in found)


# -------- short forms

LONG = {
    "date": ("on Thursday", "{asWritten: on Thursday, edtf: 2031-05-01, method: WeekdayFromPublication}"),
    "value": (
        "over 20 billion yuan",
        "{comparator: MoreThan, amount: 20000000000, currency: CNY, asWritten: over 20 billion yuan}",
    ),
}
ARTICLE = """
article: {{title: T, publisher: gazette, published: 2031-05-02, language: {language}, textKind: Full, text: "{text}"}}
curation: {{curator: jd, on: 2031-05-03, status: Draft}}
facts:
  visit:
    type: Visit
    name: A visit
    occurrence: Occurred
    date: {date}
    quote: "{text}"
  stock:
    type: QuotedStatistic
    indicator: stock
    about: mole-works
    value: {value}
    quote: "{text}"
"""


def article(text: str, date: str, value: str, language: str = "en") -> str:
    return ARTICLE.format(text=text, date=date, value=value, language=language)


def test_the_words_alone_make_the_same_graph_as_the_long_form(tmp_path: Path) -> None:
    text = "Mole Works showed on Thursday what is worth over 20 billion yuan"
    graphs = [
        compiled(tmp_path / str(form), {"a": article(text, LONG["date"][form], LONG["value"][form])}).articles[0]
        for form in (0, 1)
    ]
    assert graphs[0].findings == graphs[1].findings
    assert [*graphs[0].lines] == [*graphs[1].lines]
    assert len(graphs[0].lines) > 50


def test_a_currency_of_the_project_settles_what_words_leave_open(tmp_path: Path) -> None:
    text = "Mole Works showed on Thursday what is worth 30bn rupees"
    made = compiled(tmp_path, {"a": article(text, "on Thursday", "30bn rupees")}, 'currencies = ["USD", "INR"]')
    assert errors(made, "a") == []
    assert values(made, "a", FIGURE) == ["EqualTo 30000000000 INR"]


def test_a_currency_of_the_project_never_stands_for_another_word(tmp_path: Path) -> None:
    text = "Mole Works showed on Thursday what is worth 30bn rupees"
    made = compiled(tmp_path, {"a": article(text, "on Thursday", "30bn rupees")}, 'currencies = ["USD"]')
    assert [found.code for found in errors(made, "a")] == ["KG-W005"]


@pytest.mark.parametrize("codes", ['"USD"', '["dollars"]', "[1]"])
def test_currencies_of_a_project_are_codes(codes: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"kg\.toml:1: currencies must be a list of codes"):
        project(tmp_path, f"currencies = {codes}")


# -------- a language that is added by a file alone

DUTCH = "Mole Works kwam op donderdag voor ruim 3,5 miljoen euro"


def test_a_language_is_added_by_a_file_alone(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    shutil.copy(FOLDER / "nl.toml", tmp_path / "words")
    settings = 'words = ["@kg", "words"]'
    short = article(DUTCH, "op donderdag", "ruim 3,5 miljoen euro", "nl")
    wrong = article(DUTCH, "{asWritten: op donderdag, edtf: 2031-04-30}", "{asWritten: 3, amount: 3}", "nl-BE")
    made = compiled(tmp_path, {"right": short, "wrong": wrong.replace("ruim 3,5 miljoen euro", "3 bloemen")}, settings)
    assert errors(made, "right") == []
    assert values(made, "right", DATE) == ["2031-05-01 WeekdayFromPublication"]
    assert values(made, "right", FIGURE) == ["MoreThan 3500000 EUR"]
    assert [found.code for found in errors(made, "wrong")] == ["KG-W002"]


def test_words_of_a_language_without_a_file_need_the_curator(tmp_path: Path) -> None:
    text = "Mole Works kwam op donderdag voor 3 bloemen"
    reasoned = "{asWritten: op donderdag, edtf: 2031-05-01, method: Curator, reason: Donderdag is Thursday.}"
    made = compiled(
        tmp_path,
        {
            "short": article(text, "op donderdag", "3 bloemen", "nl"),
            "reasoned": article(text, reasoned, "3 bloemen", "nl").replace("date:", "inferredDate:", 1),
        },
    )
    assert [found.code for found in errors(made, "short")] == ["KG-W004"]
    assert errors(made, "reasoned") == []
    assert values(made, "reasoned", FIGURE) == ["EqualTo 3 bloemen"]


def test_a_bad_table_of_words_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words/nl.toml").write_text('[dates.months]\n13 = ["dertiende"]\n', encoding="utf-8")
    text = article(DUTCH, "op donderdag", "3 bloemen", "nl")
    with pytest.raises(InputError, match=r"words/nl\.toml:2: '13' of \[dates\.months\] is not from 1 to 12"):
        compiled(tmp_path, {"a": text}, 'words = ["@kg", "words"]')


def test_words_of_a_withheld_text_are_compared_where_it_is_at_hand_and_where_only_its_pins_are(tmp_path: Path) -> None:
    text = "Mole Works showed on Thursday what is worth over 20 billion yuan"
    written = article(text, "on Monday", "over 20 billion yuan").replace("textKind: Full", "textKind: Withheld")
    withheld = written.replace(f'text: "{text}"', "textFile: texts/a.txt")
    made = project(tmp_path)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/a.txt").write_text(text, encoding="utf-8")
    file = tmp_path / "data/articles/a.yaml"
    file.write_text(withheld.replace("on Monday", "on Thursday"), encoding="utf-8")
    build(made)
    for at_hand in (True, False):
        if not at_hand:
            (tmp_path / "texts/a.txt").unlink()
        file.write_text(withheld.replace("on Monday", "on Thursday"), encoding="utf-8")
        assert errors(compile_project(made, read_sources(made)), "a") == []
        file.write_text(withheld, encoding="utf-8")
        assert [found.code for found in errors(compile_project(made, read_sources(made)), "a")] == ["KG-W001"]
