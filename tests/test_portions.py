"""What rules derive from portions of the articles is what they derive from all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from itertools import chain
from pathlib import Path

import pytest

from benchmarks.corpus import make_corpus
from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.terms import cq
from kg.pipeline.check import check
from kg.pipeline.derive import all_rules, derive, derived_graph
from kg.pipeline.portion_rules import derive_in_portions
from kg.pipeline.portions import Portions, portions_of
from kg.pipeline.proposals import ACCOUNTS_READ, accounts
from kg.pipeline.rule import DerivationRule
from kg.pipeline.stages import everywhere, stages
from kg.pipeline.steps import build
from kg.project.settings import Project, load_project
from kg.store.embedded import EmbeddedStore, memory_store
from kg.store.generations import current
from kg.store.lines import line_graph
from tests.test_checks import FILES, graph_lines, read

BASE = "https://example.org/kg/"
DERIVED = f"<{BASE}graph/derived>"


def portions(stated: Mapping[Term, Sequence[str]], rules: Sequence[DerivationRule], base: str = BASE) -> Portions:
    divided = portions_of(stated, base, everywhere(rules))
    assert divided
    return divided


@pytest.fixture(autouse=True)
def _one_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many portions as there can be."""
    monkeypatch.setattr("kg.pipeline.portions.PORTION", 1)


# -------- the rules that ship


def test_the_rules_derive_the_same_in_portions_and_each_from_the_same_articles(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    stated = stated_lines(project)
    rests: list[EmbeddedStore] = []
    monkeypatch.setattr(EmbeddedStore, "rest", lambda store: rests.append(store))
    rules = all_rules(project.base, project.ontology)
    outputs, derived = derive(memory_store(chain.from_iterable(stated.values())), rules, project.base)
    divided = portions(stated, rules, project.base)
    assert len(divided) > 4
    whole = memory_store(chain.from_iterable(stated.values()))
    again, derived_again = derive_in_portions(divided, lambda: whole, rules, project.base)
    assert derived_again == derived
    assert again.pieces() == outputs.pieces()
    assert rests == [whole] * 2, "while portions are in memory, parts of its tables are not"
    added = list(whole.graph_lines(derived_graph(project.base)))
    assert added
    assert set(added) < set(derived), "the rules on the whole read some of it"


def test_all_but_six_rules_run_in_portions_which_are_loaded_twice(project: Project) -> None:
    staged = list(stages(all_rules(project.base, project.ontology)))
    assert [stage.is_local for stage in staged] == [True, False, True]
    assert {rule.name for rule in staged[1].rules} == {
        "acts-for-by-post-through",
        "acts-for-through",
        "contained-in-through",
        "disagrees-on-figure",
        "sub-organization-of-through",
        "within",
    }


def stated_lines(project: Project) -> Mapping[Term, Sequence[str]]:
    generation = current(project.build)
    assert generation
    with generation:
        graphs = generation.graph_lines()
    return {
        graph: lines
        for graph, lines in graphs.items()
        if not graph.endswith(("/derived>", "/validation>", "/dataset>"))
    }


LOCAL = [file for file in FILES if (concern := read(file).concern) and not concern.everywhere]


@pytest.mark.parametrize("file", LOCAL, ids=lambda file: file.stem)
def test_a_check_finds_the_same_in_portions(file: Path) -> None:
    check = read(file)
    assert check.reads is not None
    lines = [text for line in graph_lines(file) for text in (line, line.replace("/article/", "/article/other-"))]
    stated = grouped((line_graph(line), line) for line in lines)
    divided = portions(stated, ())
    assert len(divided) > 1
    stores = [memory_store(divided.lines(number, check.reads)) for number in range(len(divided))]
    rows = [row for store in stores for row in store.select(check.text).rows]
    assert sorted(map(str, rows)) == sorted(map(str, memory_store(lines).select(check.text).rows)) != []


def test_reports_are_the_same_in_portions(project: Project) -> None:
    stated = stated_lines(project)
    divided = portions(stated, (), project.base)
    stores = [memory_store(divided.lines(number, ACCOUNTS_READ)) for number in range(len(divided))]
    reports = [report for store in stores for report in accounts(store)]
    whole = accounts(memory_store(chain.from_iterable(stated.values())))
    assert sorted(map(astuple, reports)) == sorted(map(astuple, whole)) != []


def test_too_many_articles_for_memory_are_checked_as_a_build_does_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = load_project(make_corpus(tmp_path / "corpus", 40))
    build(project)
    most = sum(map(len, stated_lines(project).values()))
    in_memory = quads_in_memory(monkeypatch)
    expected = check(project)
    assert {finding.code for finding in expected.across or ()} >= {"KG-C040", "KG-C041"}
    assert max(in_memory) >= most
    in_memory.clear()
    monkeypatch.setattr("kg.pipeline.across.MOST_IN_MEMORY", 0)
    monkeypatch.setattr("kg.pipeline.across_aside.MOST_IN_MEMORY", 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    before = files_below(project.build)
    report = check(project)
    assert max(in_memory) < most / 2
    assert (report.findings, report.acknowledged) == (expected.findings, expected.acknowledged)
    assert report.across == expected.across
    assert not list((tmp_path / "temporary").iterdir())
    assert files_below(project.build) == before


def files_below(folder: Path) -> set[Path]:
    return {*folder.rglob("*")}


def quads_in_memory(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the sizes that stores in memory have from now on, when lines are added."""
    sizes: list[int] = []
    add_lines = EmbeddedStore.add_lines

    def added(store: EmbeddedStore, lines: Iterable[str]) -> None:
        add_lines(store, lines)
        sizes.append(0 if store.path else len(store))

    monkeypatch.setattr(EmbeddedStore, "add_lines", added)
    return sizes


# -------- what a header says

ARTICLES = [f"<{BASE}article/{name}>" for name in ("one", "two", "three")]
ONE, TWO, THREE = (f"{article[:-1]}/fact>" for article in ARTICLES)
STATED = grouped(
    (line.rsplit(" ", 2)[1], line)
    for line in (
        f"{ONE} <a:at> <r:town> {ARTICLES[0]} .",
        f"{ONE} <a:like> {TWO} {ARTICLES[0]} .",
        f"{TWO} <a:at> <r:harbour> {ARTICLES[1]} .",
        f"{THREE} <a:in> <r:town> {ARTICLES[2]} .",
        f"{THREE} <a:of> <r:land> {ARTICLES[2]} .",
        f"<r:town> <a:kind> <r:place> <{BASE}graph/registry> .",
        f"<r:harbour> <a:kind> <r:place> <{BASE}graph/registry> .",
    )
)
CONTAINED = (
    "#+ concerns: ?g",
    f"CONSTRUCT {{ ?part {cq('containedIn')} ?whole . ?d <a:part> ?part }}"
    " WHERE { GRAPH ?g { ?f <a:in> ?part ; <a:of> ?whole } BIND (IRI(CONCAT(STR(?f), '/derived')) AS ?d) }",
)
WITHIN = (
    "#+ needs: [contained]",
    "#+ concerns: ?g",
    "#+ everywhere: [containedIn]",
    "CONSTRUCT { ?f <a:within> ?whole }"
    f" WHERE {{ GRAPH ?g {{ ?f <a:at> ?part }} GRAPH {DERIVED} {{ ?part {cq('containedIn')} ?whole }} }}",
)
LIKE = (
    "#+ concerns: ?g",
    f"CONSTRUCT {{ ?f {cq('sameStoryAs')} ?other }} WHERE {{ GRAPH ?g {{ ?f <a:like> ?other }} }}",
)
ALONG = (
    "#+ needs: [like]",
    "#+ concerns: ?g",
    "#+ along: [sameStoryAs]",
    "CONSTRUCT { ?f <a:with> ?place } WHERE { GRAPH ?g { ?f <a:at> ?own }"
    f" GRAPH {DERIVED} {{ ?f {cq('sameStoryAs')}|^{cq('sameStoryAs')} ?o }} GRAPH ?h {{ ?o <a:at> ?place }} }}",
)
FAR = (
    f"CONSTRUCT {{ ?f {cq('sameStoryAs')} ?other }}",
    "WHERE { GRAPH ?g { ?f <a:at> ?p } GRAPH ?h { ?other <a:in> ?p } }",
)


def rules_of(folder: Path, **texts: Sequence[str]) -> Sequence[DerivationRule]:
    (folder / "rules").mkdir(parents=True)
    for name, lines in texts.items():
        (folder / "rules" / f"{name}.rq").write_text("\n".join(lines), encoding="utf-8")
    return all_rules(BASE, [folder])


def derived(rules: Sequence[DerivationRule], *, in_portions: bool) -> Sequence[str]:
    store = memory_store(chain.from_iterable(STATED.values()))
    if in_portions:
        return derive_in_portions(portions(STATED, rules), lambda: store, rules, BASE)[1]
    return derive(store, rules, BASE)[1]


def test_articles_that_name_one_another_are_in_one_portion() -> None:
    assert sorted(map(sorted, portions(STATED, ()).articles)) == [sorted(ARTICLES[:2]), [ARTICLES[2]]]
    graph = f"<{BASE}graph/links>"
    linked = STATED | {graph: [f"{ONE} <a:b> {THREE} {graph} ."]}
    assert list(map(sorted, portions(linked, ()).articles)) == [sorted(ARTICLES)]


def test_what_does_not_fit_in_a_portion_is_not_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.pipeline.portions.MOST_IN_A_PORTION", 3)
    assert len(portions(STATED, ())) == 2
    monkeypatch.setattr("kg.pipeline.portions.PORTION", 5)
    assert len(portions(STATED, ())) == 1
    monkeypatch.setattr("kg.pipeline.portions.MOST_IN_A_PORTION", 2)
    assert portions_of(STATED, BASE, frozenset()) is None


def test_a_portion_has_the_lines_that_are_read() -> None:
    divided = portions_of(STATED, BASE, frozenset(["<a:in>", "<r:land>"]))
    assert divided
    number = divided.articles.index([ARTICLES[2]])
    lines = {*divided.lines(1 - number, {"<a:at>", "<a:in>", "<a:kind>"})}
    assert lines == {line for line in chain.from_iterable(STATED.values()) if "<a:at>" in line or "<a:kind>" in line}
    assert list(divided.everywhere) == STATED[ARTICLES[2]]


def test_nothing_is_derived_of_an_article_from_lines_that_matter_everywhere(tmp_path: Path) -> None:
    stated = STATED | {ARTICLES[0]: [*STATED[ARTICLES[0]], f"{ONE} {cq('source')} <r:town> {ARTICLES[0]} ."]}
    named = ("#+ concerns: ?g", "#+ everywhere: [source]", "CONSTRUCT { ?f <a:named> ?place }")
    where = f"WHERE {{ GRAPH ?g {{ ?f <a:in> ?place }} GRAPH ?h {{ ?o {cq('source')} ?place }} }}"
    alone = f"GRAPH ?g {{ ?f {cq('source')} ?place FILTER NOT EXISTS {{ ?f <a:like> ?other }} }}"
    alone_rule = ("#+ concerns: ?g", "CONSTRUCT { ?f <a:alone> ?place }", f"WHERE {{ {alone} }}")
    rules = rules_of(tmp_path, named=(*named, where), alone=alone_rule)
    whole = memory_store(chain.from_iterable(stated.values()))
    lines = derive_in_portions(portions(stated, rules), lambda: whole, rules, BASE)[1]
    assert lines == [f"{THREE} <a:named> <r:town> {DERIVED} ."]
    assert lines == derive(memory_store(chain.from_iterable(stated.values())), rules, BASE)[1]


def test_what_matters_everywhere_is_seen_in_every_portion(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, contained=CONTAINED, within=WITHIN)
    assert [[rule.name for rule in stage.rules] for stage in stages(rules)] == [["contained"], ["within"]]
    assert f"{ONE} <a:within> <r:land> {DERIVED} ." in derived(rules, in_portions=True)
    assert derived(rules, in_portions=True) == derived(rules, in_portions=False)


STEPS = (
    "#+ concerns: ?g",
    f"CONSTRUCT {{ ?part {cq('containedIn')} ?whole . ?d {cq('derivedSubject')} ?part ; <a:from> ?f }}"
    " WHERE { GRAPH ?g { ?f <a:in> ?part ; <a:of> ?whole } BIND (IRI(CONCAT(STR(?f), '/derived')) AS ?d) }",
)
REASONS = (
    "#+ needs: [contained]",
    "#+ concerns: ?g",
    "#+ everywhere: [containedIn]",
    "CONSTRUCT { ?f <a:because> ?why }",
    f"WHERE {{ GRAPH ?g {{ ?f <a:at> ?part }} GRAPH {DERIVED} {{"
    f" ?part {cq('containedIn')} ?whole . ?d {cq('derivedSubject')} ?part ; <a:from> ?why }} }}",
)
KNOWN = (
    "#+ needs: [reasons]",
    "#+ concerns: ?g",
    "CONSTRUCT { ?f <a:known> ?why }",
    f"WHERE {{ GRAPH ?g {{ ?f <a:at> ?part }} GRAPH {DERIVED} {{ ?f <a:because> ?why }} }}",
)


def test_a_rule_that_looks_up_derivations_of_what_matters_everywhere_runs_on_everything(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, contained=STEPS, reasons=REASONS, known=KNOWN)
    assert [[rule.name for rule in stage.rules] for stage in stages(rules)] == [["contained"], ["reasons"], ["known"]]
    assert [stage.is_local for stage in stages(rules)] == [True, False, True]
    assert f"{ONE} <a:known> {THREE} {DERIVED} ." in derived(rules, in_portions=True)
    assert derived(rules, in_portions=True) == derived(rules, in_portions=False)


def test_a_rule_that_runs_on_everything_may_be_about_graphs_of_no_article(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = f"<{BASE}graph/registry>"
    stated = STATED | {registry: [*STATED[registry], f"<r:ferry> <a:at> <r:town> {registry} ."]}
    monkeypatch.setattr("tests.test_portions.STATED", stated)
    rules = rules_of(tmp_path, contained=STEPS, reasons=REASONS, known=KNOWN)
    assert f"<r:ferry> <a:known> {THREE} {DERIVED} ." in derived(rules, in_portions=True)
    assert derived(rules, in_portions=True) == derived(rules, in_portions=False)


def test_of_what_is_derived_about_others_a_portion_has_only_what_matters_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    within = [line.replace("[contained]", "[reasons]") for line in WITHIN]
    rules = rules_of(tmp_path, contained=STEPS, reasons=REASONS, known=KNOWN, within=within)
    loaded: list[set[str]] = []

    def store_of(lines: Iterable[str]) -> EmbeddedStore:
        loaded.append({*lines})
        return memory_store(loaded[-1])

    monkeypatch.setattr("kg.pipeline.portion_rules.memory_store", store_of)
    derived(rules, in_portions=True)
    _, _, *last = loaded
    other, own = sorted(({line for line in lines if f" {DERIVED} " in line} for lines in last), key=len)
    assert other == {f"<r:town> {cq('containedIn')} <r:land> {DERIVED} ."}
    assert own == other | {f"{ONE} <a:because> {THREE} {DERIVED} ."}


def test_a_header_that_says_too_little_shows_where_portions_are_compared_with_the_whole(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, contained=CONTAINED, within=[line for line in WITHIN if "everywhere" not in line])
    assert derived(rules, in_portions=True) != derived(rules, in_portions=False)


def test_a_rule_goes_along_what_rules_derive_in_its_portion(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, like=LIKE, along=ALONG)
    assert [stage.is_local for stage in stages(rules)] == [True]
    assert f"{ONE} <a:with> <r:harbour> {DERIVED} ." in derived(rules, in_portions=True)
    assert derived(rules, in_portions=True) == derived(rules, in_portions=False)


def test_a_rule_that_goes_along_links_between_portions_runs_on_everything(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, like=LIKE, far=FAR, along=(ALONG[0].replace("like", "like, far"), *ALONG[1:]))
    assert [[rule.name for rule in stage.rules] for stage in stages(rules)] == [["like"], ["far", "along"]]
    assert derived(rules, in_portions=True) == derived(rules, in_portions=False)
