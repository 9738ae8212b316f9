"""A build from the last one gives, byte by byte, what a build from nothing gives."""

from __future__ import annotations

import bisect
import os
import random
import re
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kg.core.errors import Finding, Place
from kg.core.model import Term
from kg.core.terms import cq
from kg.pipeline import across, checks, steps
from kg.pipeline import check as checking
from kg.pipeline.changes import Changes
from kg.pipeline.check import check
from kg.pipeline.checks import Check
from kg.pipeline.concerns import ArticleConcern
from kg.pipeline.derive import Rederivation, derive, ordered_rules
from kg.pipeline.file_states import GRAIN
from kg.pipeline.outputs import SHARED, OutputLine, Outputs, outputs_of
from kg.pipeline.portions import Portions
from kg.pipeline.report import Report
from kg.pipeline.rule import DerivationRule, read_rule
from kg.pipeline.steps import BuildError, build
from kg.pipeline.view import View, without_graphs
from kg.project import sources
from kg.project.layout import check_files
from kg.project.settings import Project, load_project
from kg.project.sources import TextOnDisk
from kg.questions.reads import predicates_read
from kg.store.embedded import EmbeddedStore, memory_store
from kg.store.generations import current, rollback
from kg.store.loading import Draft
from kg.store.manifest import GraphSummary
from kg.store.objects import StoredLines
from tests.test_pipeline import FICTION, article, edit, withhold

CHANGES = int(os.environ.get("KG_CHANGES", "6"))
SEEDS = (2,)


Result = tuple[Mapping[Term, GraphSummary], tuple[Finding, ...]]


def result(project: Project) -> Result | tuple[Finding, ...]:
    """What a build publishes and reports; of one that fails, what it reports."""
    try:
        done = build(project)
    except BuildError as error:
        return error.report.findings
    generation = current(project.build)
    assert generation
    with generation:
        generation.verify()
    return done.manifest.graphs, done.report.findings


def checked_since(project: Project, monkeypatch: pytest.MonkeyPatch) -> Report:
    """Return the report of a check that begins with the last build, as that of a large project does."""
    with monkeypatch.context() as patch:
        patch.setattr("kg.pipeline.across_aside.FEW", 0)
        return check(project)


def files_of(project: Project) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in project.data.rglob("*.yaml")}


def from_nothing(project: Project, folder: Path) -> Result | tuple[Finding, ...]:
    """The same of a build of the same files in an empty folder; with the records of the other's cache, for speed."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(project.root, folder, ignore=shutil.ignore_patterns("generations", "current", "across.json"))
    return result(load_project(folder))


# -------- changes


def remove_a_fact(file: Path, chance: random.Random) -> None:
    """Remove one fact of an article; others may name it, and the build may fail."""
    text = file.read_text(encoding="utf-8")
    facts = list(re.finditer(r"^  [a-z0-9-]+:\n(?:    .*\n|\n)+", text.partition("\nfacts:\n")[2], re.MULTILINE))
    if facts:
        file.write_text(text.replace(chance.choice(facts)[0], "", 1), encoding="utf-8")


def exchange_a_word(file: Path, chance: random.Random) -> None:
    """Exchange one entity for another everywhere in the facts of an article."""
    head, mark, facts = file.read_text(encoding="utf-8").partition("\nfacts:\n")
    names = sorted(set(re.findall(r"\b(?:mara-lind|astrid-falk|lu-yunzhou|aldenburg|noordhaven|lorvenia)\b", facts)))
    if names:
        one, other = chance.choice(names), chance.choice(("mara-lind", "astrid-falk", "aldenburg", "noordhaven"))
        file.write_text(head + mark + re.sub(rf"\b{one}\b", other, facts), encoding="utf-8")


def exchange_a_code(file: Path, chance: random.Random) -> None:
    text = file.read_text(encoding="utf-8")
    pairs = [
        ("Occurred", "Planned"),
        ("Signed", "Proposed"),
        ("Present", "Absent"),
        ("Host", "Guest"),
        ("Draft", "Reviewed"),
    ]
    one, other = chance.choice([(a, b) for a, b in pairs if a in text] or [("Draft", "Draft")])
    file.write_text(text.replace(one, other, 1), encoding="utf-8")


def remark(file: Path, chance: random.Random) -> None:
    """Move every line of an article by one: findings move with it."""
    file.write_text(f"# {chance.random()}\n{file.read_text(encoding='utf-8')}", encoding="utf-8")


def date(file: Path, chance: random.Random) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(
        re.sub(r"published: 2031-\d\d", f"published: 2031-{chance.randint(10, 12)}", text), encoding="utf-8"
    )


EDITS: Sequence[Callable[[Path, random.Random], None]] = (
    remove_a_fact, exchange_a_word, exchange_a_code, exchange_a_code, remark, date,
)  # fmt: skip


def change(project: Project, kept: Path, chance: random.Random) -> str:
    """Change, remove, bring back or rename an article, or change the registry; return what was done."""
    files = sorted((project.data / "articles").glob("*.yaml"))
    known = sorted(kept.glob("*.yaml"))
    file, what = chance.choice(files), chance.random()
    if what < 0.5 or len(files) < 4:
        chosen = chance.choice(EDITS)
        chosen(file, chance)
        return f"{chosen.__name__} {file.name}"
    if what < 0.65:
        file.unlink()
        return f"remove {file.name}"
    if what < 0.9:
        original = chance.choice(known)
        shutil.copy(original, project.data / "articles" / original.name)
        return f"bring back {original.name}"
    if what < 0.95:
        file.rename(file.with_name(f"{file.stem}-again.yaml"))
        return f"rename {file.name}"
    people = project.data / "registry" / "people.yaml"
    people.write_text(people.read_text(encoding="utf-8").replace("mara-lind:\n", "mara-lind:\n  note: x\n", 1))
    return "registry"


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_changes_the_result_is_that_of_a_build_from_nothing(
    project: Project, tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, done, published = random.Random(seed), [], 0
    for _ in range(CHANGES):
        before = files_of(project)
        done.append(change(project, FICTION / "data" / "articles", chance))
        if files_of(project) == before:
            continue
        assert checked_since(project, monkeypatch) == check(project), done
        here, there = result(project), from_nothing(project, tmp_path / "again")
        assert here == there, done
        published += isinstance(here[0] if here else None, dict)
        if not published or not isinstance(here[0] if here else None, dict):  # the articles that were wrong again
            for file in (FICTION / "data" / "articles").glob("*.yaml"):
                shutil.copy(file, project.data / "articles" / file.name)
            for file in (project.data / "articles").glob("*-again.yaml"):
                file.unlink()
    assert published >= CHANGES // 4


# -------- what is spared


def test_a_check_begins_with_the_last_build_and_leaves_nothing_behind(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.pipeline.across_aside.stated_store", lambda *_: pytest.fail("everything is loaded"))
    searched = searches(monkeypatch)
    unchanged = checked_since(project, monkeypatch)
    assert searched == []
    assert unchanged.findings == build(project, full=True).report.findings
    edit(article(project, "exchange-talks"), r", onBehalfOf: aldenburg-exchange\}", "}")
    searched.clear()
    there = {file.name for file in project.build.iterdir()}
    checked_since(project, monkeypatch)
    assert len(searched) < len(check_files(project)) / 4
    assert any(searched)
    assert {file.name for file in project.build.iterdir()} == there
    assert build(project).changed


def searches(monkeypatch: pytest.MonkeyPatch) -> list[Collection[Term] | None]:
    """The articles that checks run on, None for all."""
    ran: list[Collection[Term] | None] = []
    found = checks.check_findings

    def noted(
        check: Check, store: EmbeddedStore, places: Mapping[Term, Place], articles: Collection[Term] | None = None
    ) -> Iterator[Finding]:
        ran.append(articles)
        return found(check, store, places, articles)

    monkeypatch.setattr(checks, "check_findings", noted)
    return ran


def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int | None]]:
    """Rules that run, each with the number of articles that it runs on; None for all."""
    ran: list[tuple[str, int | None]] = []
    applied = DerivationRule.applied

    def noted(
        self: DerivationRule, store: EmbeddedStore, graph: Term, articles: frozenset[Term] | None = None
    ) -> Iterator[str]:
        ran.append((self.name, None if articles is None else len(articles)))
        return applied(self, store, graph, articles)

    monkeypatch.setattr(DerivationRule, "applied", noted)
    return ran


def test_a_remark_runs_no_rule_and_no_check(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = counted(monkeypatch)
    monkeypatch.setattr("kg.pipeline.checks.check_findings", lambda *_: pytest.fail("a check runs"))
    remark(article(project, "ten-harbours"), random.Random(1))
    assert build(project).changed is False
    assert ran == []


def test_a_change_runs_the_rules_that_read_what_has_changed_on_what_it_can_affect(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = counted(monkeypatch)
    edit(article(project, "exchange-talks"), r"^curation: \{curator: \w+", "curation: {curator: somebody")
    assert build(project).changed
    assert ran == []
    edit(article(project, "exchange-talks"), r", onBehalfOf: aldenburg-exchange\}", "}")
    assert build(project).changed
    names = {name for name, _ in ran}
    assert {"acts-for", "attended"} & names
    assert "held-post-in" not in names
    assert all(articles and articles < 4 for name, articles in ran if name in ("acts-for", "represented"))


def test_a_change_runs_no_rule_on_all_articles_that_says_what_it_concerns(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(article(project, "exchange-talks"), r", onBehalfOf: aldenburg-exchange\}", "}")
    expected = from_nothing(project, tmp_path / "again")
    ran = counted(monkeypatch)
    assert result(project) == expected
    concerned = {name for name, articles in ran if articles}
    assert {"acts-for-through", "met-with"} <= concerned
    assert {name for name, articles in ran if articles is None} <= {
        "contained-in-through",
        "sub-organization-of-through",
        "within",
    }


def counted_in_full(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """The number of portions, None for none, whenever all rules run."""
    ran: list[int | None] = []

    def noted(run: Callable[..., object], first: EmbeddedStore | Portions, *rest: Any) -> object:
        ran.append(len(first) if isinstance(first, Portions) else None)
        return run(first, *rest)

    for run in (across.derive, across.derive_in_portions):
        monkeypatch.setattr(across, run.__name__, partial(noted, run))
    return ran


@pytest.mark.parametrize(
    ("derived", "most", "beside", "portions"),
    [(0, 10**9, False, 6), (10**9, 10**9, True, 6), (0, 0, False, None)],
    ids=["all rules anew, in portions", "rules from the changes, in portions before", "all rules anew, on disk"],
)
def test_a_project_too_large_for_memory_is_built_the_same(
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    derived: int,
    most: int,
    beside: bool,
    portions: int | None,
) -> None:
    expected = from_nothing(project, tmp_path / "in memory")
    monkeypatch.setattr("kg.pipeline.derive.MOST_DERIVED", derived)
    monkeypatch.setattr("kg.pipeline.across.MOST_IN_MEMORY", 0)
    monkeypatch.setattr("kg.pipeline.portions.PORTION", 1)
    monkeypatch.setattr("kg.pipeline.portions.MOST_IN_A_PORTION", most)
    monkeypatch.setattr(steps, "across", lambda *given, **_: across.across(*given, beside=beside))
    anew = counted_in_full(monkeypatch)
    assert from_nothing(project, tmp_path / "large") == expected
    assert anew == [portions]
    edit(article(project, "exchange-talks"), r", onBehalfOf: aldenburg-exchange\}", "}")
    before = expected
    for affects_all in (False, True):
        if affects_all:
            edit(
                project.data / "registry" / "people.yaml",
                r"^mara-lind:\n",
                "one-more:\n  type: Person\n  name: {en: One More}\nmara-lind:\n",
            )
        anew.clear()
        changed = result(project)
        assert anew == ([portions] if affects_all and not derived else [])
        assert changed == from_nothing(project, tmp_path / "large")
        assert changed != before
        before = changed
    assert not list((project.build / "generations").glob(".*"))


def test_a_rule_that_was_changed_runs_in_full(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    (folder / "rules").mkdir(parents=True)
    (folder / "rules" / "within.rq").write_text("CONSTRUCT { ?s <a:p> ?s } WHERE { GRAPH ?g { ?s a ?k } }")
    edit(project.root / "kg.toml", r"^ontology = \[", f'ontology = ["{folder.as_posix()}", ')
    with_rule = load_project(project.root)
    assert result(with_rule) == from_nothing(with_rule, tmp_path / "again")


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        ("#+ along: [sameStoryAs, sameStoriesAs]", 25, "'along' has a name that is not in the ontology: sameStoriesAs"),
        ("#+ everywhere: [containdIn]", 17, "'everywhere' has a name that is not in the ontology: containdIn"),
        ("#+ concerns: [?g, ?article]", 19, "'concerns' has a name that is not in the query: ?article"),
        ("#+ concerns: article", 14, "'concerns' has a name that is not in the query: article"),
        ("#+ alnog: [sameStoryAs]", 4, "unknown key 'alnog' in the header"),
        ("#+ Concerns: ?g", 4, "unknown key 'Concerns' in the header"),
    ],
)
def test_a_header_with_an_unknown_name_is_refused_where_it_is(
    project: Project, tmp_path: Path, line: str, column: int, message: str
) -> None:
    folder = tmp_path / "mine"
    (folder / "rules").mkdir(parents=True)
    (folder / "rules" / "mine.rq").write_text(
        f"#+ title: Mine\n{line}\nCONSTRUCT {{ ?s <a:p> ?s }} WHERE {{ GRAPH ?g {{ ?s a ?k }} }}"
    )
    edit(project.root / "kg.toml", r"^ontology = \[", f'ontology = ["{folder.as_posix()}", ')
    with pytest.raises(BuildError) as refused:
        build(load_project(project.root))
    [finding] = [each for each in refused.value.report.findings if each.code in ("KG-Q002", "KG-Q013")]
    assert (finding.place.line, finding.place.column, finding.message) == (2, column, message)
    assert finding.fix.startswith(("did you mean '", "the query has ?g, ?k, ?s"))
    assert finding.place.path.endswith("mine/rules/mine.rq")


@pytest.mark.parametrize("text", ["", "{}", "[" * 100_000])
def test_what_is_remembered_is_not_needed(project: Project, tmp_path: Path, text: str) -> None:
    (project.build / "across.json").write_text(text)
    exchange_a_code(article(project, "ten-harbours"), random.Random(1))
    assert result(project) == from_nothing(project, tmp_path / "again")


def test_a_build_that_fails_leaves_no_draft(project: Project) -> None:
    edit(article(project, "tide-workshop"), r"^facts:\n", "facts:\n  # nothing\n")
    article(project, "ferry-terminal").unlink()
    with pytest.raises(BuildError):
        build(project)
    assert [path.name for path in (project.build / "generations").iterdir()] == ["000001"]


# -------- files that are not read again


@pytest.fixture
def settled(project: Project) -> Project:
    """A project whose files were changed long before they are looked at."""
    build(project)
    time.sleep(2 * GRAIN / 1e9)
    build(project)
    return project


def reading(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whether a build reads: one entry for each time."""
    found: list[str] = []
    read = steps.read_sources
    monkeypatch.setattr(steps, "read_sources", lambda *given: (found.append("read"), read(*given))[1])
    return found


def files_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The articles that builds read, by name, sorted."""
    found: list[str] = []
    read = sources.read_text

    def reading(path: Path, shown: str, *, conflicts: bool = False) -> str:
        if path.suffix == ".yaml" and path.parent.name == "articles":
            bisect.insort(found, path.stem)
        return read(path, shown, conflicts=conflicts)

    monkeypatch.setattr(sources, "read_text", reading)
    return found


def test_of_the_articles_only_those_that_were_touched_are_read(
    settled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = files_read(monkeypatch)
    edit(article(settled, "exchange-talks"), r"^curation: \{curator: \w+", "curation: {curator: somebody")
    exchanged(article(settled, "ten-harbours"))
    result = build(settled)
    assert read == ["exchange-talks", "ten-harbours"]
    assert build(settled, full=True).manifest.graphs == result.manifest.graphs


def test_an_article_whose_entity_has_changed_is_read_when_it_is_compiled(
    settled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = files_read(monkeypatch)
    edit(settled.data / "registry" / "people.yaml", "en: Bram Oost", "en: Bram Oosten")
    result = build(settled)
    assert {*read} == {Path(path).stem for path in result.fresh} - {"people"} != set()
    assert build(settled, full=True).manifest.graphs == result.manifest.graphs


@pytest.mark.parametrize("touched", ["texts/harbour.txt", "data/articles/harbour-study.pins.json"])
def test_an_article_is_read_if_its_text_or_its_pins_were_touched(
    project: Project, monkeypatch: pytest.MonkeyPatch, touched: str
) -> None:
    withhold(project)
    for _ in range(3):
        build(project)
        time.sleep(2 * GRAIN / 1e9)
    read = files_read(monkeypatch)
    file = project.root / touched
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    remark(article(project, "ten-harbours"), random.Random(1))
    with suppress(BuildError):
        build(project)
    assert read == ["harbour-study", "ten-harbours"]


def test_of_the_others_a_check_of_one_article_reads_none(settled: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = check(settled, [str(article(settled, "ten-harbours"))])
    read = files_read(monkeypatch)
    edit(article(settled, "exchange-talks"), r"^curation: \{curator: \w+", "curation: {curator: somebody")
    assert check(settled, [str(article(settled, "ten-harbours"))]).findings == expected.findings
    assert read == ["exchange-talks"]


def test_a_check_reads_again_what_changes_meanwhile(settled: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    note, changed = checking.known_texts, article(settled, "exchange-talks")

    def late(*arguments: Any) -> Mapping[str, TextOnDisk]:
        known = note(*arguments)
        changed.write_text("article: [", encoding="utf-8")
        return known

    monkeypatch.setattr(checking, "known_texts", late)
    edit(settled.data / "registry" / "people.yaml", "en: Bram Oost", "en: Bram Oosten")
    unread = [each.place.path for each in check(settled).findings if each.code == "KG-Y001"]
    assert unread == ["data/articles/exchange-talks.yaml"]


def test_a_view_hides_graphs_from_every_form_of_query() -> None:
    view = View(memory_store(["<a:s> <a:p> <a:o> <a:g> .", "<a:s> <a:p> <a:o> <a:h> ."]), ["<a:g>", "<a:h>"])
    pattern = "{ GRAPH ?g { ?s ?p ?o } }"
    assert not view.ask(f"ASK {pattern}")
    assert view.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {pattern}") == view.select(f"SELECT * {pattern}").rows == ()
    assert [*view.each_row(f"SELECT * {pattern}")] == []
    assert [*view.each_triple(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {pattern}")] == []


def test_a_view_is_closed_with_its_store() -> None:
    store = memory_store(["<a:s> <a:p> <a:o> <a:g> ."])
    view = View(store, ["<a:h>"])
    assert view.ask("ASK { GRAPH <a:g> { ?s ?p ?o } }")
    store.close()
    with pytest.raises(ValueError, match="closed"):
        view.ask("ASK { GRAPH <a:g> { ?s ?p ?o } }")


def test_an_article_that_changes_while_the_project_is_read_makes_it_be_read_again(
    settled: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registry changes, so that all are compiled; and one article when its state has been noted."""
    note, changed = steps.known_texts, article(settled, "exchange-talks")

    def late(*arguments: Any) -> Mapping[str, TextOnDisk]:
        known = note(*arguments)
        assert str(changed) in known
        edit(changed, r"^curation: \{curator: \w+", "curation: {curator: somebody")
        return known

    monkeypatch.setattr(steps, "known_texts", late)
    read = reading(monkeypatch)
    edit(settled.data / "registry" / "people.yaml", "en: Bram Oost", "en: Bram Oosten")
    result = build(settled)
    assert read == ["read", "read"]
    assert build(settled, full=True).manifest.graphs == result.manifest.graphs


def test_a_build_reads_no_file_if_none_was_touched(settled: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, read = build(settled, full=False), reading(monkeypatch)
    again = build(settled)
    assert read == []
    assert (again.changed, again.fresh, again.report.checked) == (False, (), expected.report.checked)
    assert again.manifest == expected.manifest
    build(settled, full=True)
    assert read == ["read"]


def same_size(file: Path) -> None:
    """Change a file but neither its size nor its time of change."""
    status, text = file.stat(), file.read_text(encoding="utf-8")
    file.write_text(text.replace("Draft", "tfarD"), encoding="utf-8")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def exchanged(file: Path) -> None:
    """Put another file with the same size and times in its place."""
    status, beside = file.stat(), file.with_name(".new")
    beside.write_bytes(file.read_bytes())
    os.utime(beside, ns=(status.st_atime_ns, status.st_mtime_ns))
    beside.replace(file)


TOUCHES: Mapping[str, Callable[[Project], object]] = {
    "a file with the same size and time": lambda project: same_size(article(project, "ten-harbours")),
    "another file in its place": lambda project: exchanged(article(project, "ten-harbours")),
    "a new file": lambda project: shutil.copy(article(project, "ten-harbours"), article(project, "eleven-harbours")),
    "a file that is gone": lambda project: article(project, "exchange-talks").unlink(),
    "a new name": lambda project: article(project, "exchange-talks").rename(article(project, "talks")),
    "something that is not read": lambda project: (project.data / "articles" / "notes.yml").write_text(""),
    "the settings": lambda project: edit(project.root / "kg.toml", "^title = .*$", 'title = "Another"'),
    "the registry": lambda project: (project.data / "registry" / "more.yaml").write_text("# nothing\n"),
}


@pytest.mark.parametrize("what", TOUCHES)
def test_whatever_is_touched_is_read(settled: Project, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    read = reading(monkeypatch)
    TOUCHES[what](settled)
    with suppress(BuildError):
        build(load_project(settled.root))
    assert read == ["read"]


def test_a_text_outside_the_data_is_looked_at_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    withhold(project)
    for _ in range(3):
        build(project)
        time.sleep(2 * GRAIN / 1e9)
    read, text = reading(monkeypatch), project.root / "texts" / "harbour.txt"
    build(project)
    assert read == []
    text.write_text(text.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    build(project)
    assert read == ["read"]


def test_files_that_were_changed_a_moment_ago_are_read_again(settled: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second change could have the same time as the first."""
    read = reading(monkeypatch)
    monkeypatch.setattr("kg.pipeline.file_states.GRAIN", 10**18)
    remark(article(settled, "ten-harbours"), random.Random(1))
    for _ in range(2):
        build(settled)
    assert read == ["read", "read"]


def test_a_rollback_is_not_taken_for_the_last_build(settled: Project) -> None:
    edit(article(settled, "exchange-talks"), r"^curation: \{curator: \w+", "curation: {curator: somebody")
    last = build(settled).manifest
    rollback(settled.build)
    assert build(settled).manifest.graphs == last.graphs


# -------- what a query reads


@pytest.mark.parametrize(
    ("where", "reads"),
    [
        ("?s <a:p> ?o", {"<a:p>"}),
        ("?s a <a:T>", {"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "<a:T>"}),
        ("?s a:p/^a:q+ ?o", {"<a:p>", "<a:q>"}),
        ("FILTER (?x > 1) ?s a:p ?o", {"<a:p>"}),
        ("FILTER (!BOUND(?s) && ?s != a:o)", {"<a:o>"}),
        ("?s a:p ?o # ?s ?p ?o", {"<a:p>"}),
        ('?s a:p "?s ?p ?o"', {"<a:p>"}),
        ("{ SELECT ?s ?o { ?s a:p ?o } GROUP BY ?s ?o }", {"<a:p>"}),
        ("VALUES (?x ?y) { (1 2) } ?x a:p ?y", {"<a:p>"}),
        ("VALUES (?p ?x) { (a:p 1) } ?s ?p ?o", {"<a:p>"}),
        ("?s ?p ?o", None),
        ("?s ?p a:o", None),
        ("a:s ?p ?o", None),
        ("?s a:p ?o ; ?q ?r", None),
        ("?s a:p ?o ; ?q a:r", None),
        ("?s !a:p ?o", None),
        ("?s !(a:p|a:q) ?o", None),
        ("?s !^a:p ?o", None),
        ("[] ?p ?o", None),
        ("[ a:p 1 ] ?p ?o", None),
        ("(1 2) ?p ?o .", None),
        ("?s a:p ?o BIND (NOW() AS ?now)", None),
    ],
)
def test_what_a_query_reads(where: str, reads: set[Term] | None) -> None:
    found = predicates_read(f"PREFIX a: <a:> SELECT ?s ?o WHERE {{ GRAPH ?g {{ {where} }} }} ORDER BY ?s ?o")
    assert found == reads


def test_a_hidden_graph_is_as_if_it_were_not_there() -> None:
    both = memory_store(["<a:s> <a:p> <a:o> <a:g> .", "<a:s> <a:p> <a:o> <a:h> ."])
    query = 'SELECT ?g { GRAPH ?g { ?s ?p ?o } FILTER NOT EXISTS { GRAPH ?h { ?s ?p ?o } FILTER (?h != ?g) } } # "{"'
    assert both.select(query).rows == ()
    assert both.select(without_graphs(query, ["<a:h>"])).rows == (("<a:g>",),)


# -------- rules that concern articles


def test_the_rules_that_concern_articles_derive_the_same_as_written(project: Project) -> None:
    generation = current(project.build)
    assert generation
    with generation, generation.store() as store:
        for file in ordered_rules(project.ontology):
            rule = read_rule(file, project.base, project.ontology)
            if rule.concern:
                lines = {each.line for each in rule.applied(store, "<a:g>")}
                plain = DerivationRule(rule.name, rule.text, rule.reads, None)
                assert lines == {each.line for each in plain.applied(store, "<a:g>")}


LINKS = "sameEventAs|sameAgreementAs|continues|correctsFact|supersedes|source|publisher|sourceArticle|sameReportAs"
PARTS = (
    "subOrganization|parentOrganization|innerPlace|onBehalfOf|about|occurrence|stage|reportedAs|whenFrom|organization"
)
LINES = int(os.environ.get("KG_CHANGES", "6")) * 2


def test_whichever_line_goes_or_comes_the_rules_derive_what_they_derive_from_nothing(project: Project) -> None:
    chance = random.Random(3)
    generation = current(project.build)
    assert generation
    with generation:
        graphs = generation.graph_lines()
    articles = f"<{project.base}article/"
    stated = {
        line for graph, lines in graphs.items() if not graph.endswith(("/derived>", "/dataset>")) for line in lines
    }
    linked = re.compile(rf"#(?:{LINKS}|{PARTS})> <")
    some = sorted(line for line in stated if line.startswith(articles) and linked.search(line))
    rules = [read_rule(file, project.base, project.ontology) for file in ordered_rules(project.ontology)]
    everything, lines = memory_store(stated), stated
    outputs, derived = derive(everything, rules, project.base)
    for _ in range(LINES):
        line = chance.choice(some)
        lines = lines ^ {line}
        (everything.add_lines if line in lines else everything.remove_lines)([line])
        changes = Changes(project.base)
        changes.add([line])
        work = Rederivation(everything, Outputs(outputs.pieces()), changes)
        work.run(rules)
        derived = sorted({*derived, *work.come} - work.gone)
        expected, from_nothing = derive(memory_store(lines), rules, project.base)
        assert derived == from_nothing, line
        assert work.outputs.pieces() == expected.pieces(), line
        outputs = work.outputs


def test_a_line_is_derived_until_nothing_derives_it() -> None:
    one, other = (OutputLine("a", f"<a:{name}>", "<a:s> <a:p> <a:o> <a:g> .") for name in ("one", "other"))
    store = memory_store([one.line])
    outputs = Outputs(outputs_of(map(str, [one, other]))[0].pieces())
    assert outputs.pieces()[SHARED] == [f"2 {one.line}"]
    assert outputs.exchange([one], [], store) == (set(), set())
    assert outputs.exchange([other], [], store) == ({one.line}, set())
    assert outputs.pieces() == {}
    assert outputs.exchange([], [one, other], memory_store([])) == (set(), {one.line})
    assert outputs.pieces() == outputs_of(map(str, [one, other]))[0].pieces()


def test_a_change_affects_articles_along_links_and_all_where_a_term_matters_everywhere() -> None:
    base, story = "https://example.org/kg/", cq("sameStoryAs")
    articles = [f"<{base}article/{name}>" for name in ("one", "two", "three", "four")]
    facts = [f"{article[:-1]}/fact>" for article in articles]
    typed = [f"{fact} <a:p> <a:o> {article} ." for fact, article in zip(facts, articles, strict=True)]
    chain = [f"{facts[k]} {story} {facts[k + 1]} <a:derived> ." for k in range(2)]
    changes, store = Changes(base), memory_store([*typed, *chain])
    changes.add([f"{facts[0]} <a:p> <a:q> {articles[0]} ."])
    concern = ArticleConcern(("?article",), frozenset([story]), frozenset(["<a:q>"]))
    assert replace(concern, everywhere=frozenset()).affected(changes, store) == frozenset(articles[:3])
    assert ArticleConcern(("?article",)).affected(changes, store) == frozenset(articles[:1])
    assert concern.affected(changes, store) is None


@pytest.mark.parametrize("lost", ["come", "gone", "else"])
def test_a_draft_that_does_not_hold_what_was_brought_is_not_published(
    project: Project, tmp_path: Path, lost: str
) -> None:
    generation = current(project.build)
    assert generation
    with generation:
        old = generation.manifest.graphs
        graph = next(name for name in old if name.endswith("/exchange-talks>"))
        lines, new = set(generation.objects.lines(old[graph].sha256)), f"{graph} <a:p> <a:o> {graph} ."
        kept, gone = sorted(lines)[:2]
        changed = generation.objects.kept({*lines, new} - {gone})
        draft = Draft(tmp_path / "store", generation.store_path, old)
        stored = {name: StoredLines(generation.objects, summary) for name, summary in old.items()}
        draft.bring(generation.objects, {**stored, graph: changed})
        if lost == "gone":
            draft.store.add_lines([gone])
        else:
            draft.store.remove_lines([new if lost == "come" else kept])
        draft.close()
        assert draft.problem() == f"its store has different quads in {graph}"
