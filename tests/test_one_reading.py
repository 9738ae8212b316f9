"""One reading of each fact: every surface gives the name, the sentence, the date and the standing that the graph has.

Shown of all facts of both projects, on all surfaces.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from html import unescape
from xml.etree import ElementTree

import pytest

from kg.core.errors import AmbiguousError
from kg.core.model import Term
from kg.core.terms import CODE, ENTITY_CLASS, FACT_CLASS, LABEL, TYPE, cq
from kg.core.values import lexical, local_name
from kg.export.graphml import write_links
from kg.export.tables import tables
from kg.project import settings
from kg.questions.disagreements import contradicting
from kg.questions.explain import explain
from kg.questions.graph import Graph, built
from kg.questions.lookup import all_names, entity_names, find
from kg.questions.matches import notes_on
from kg.questions.query import run
from kg.questions.reading import FactReading, readings
from kg.questions.standing import HOPED_FOR, PROPOSED
from kg.questions.when import FactTime, dates_of
from kg.render.cells import Look
from kg.render.explanation import explanation_json, explanation_text
from kg.web.pages.article import article_shown
from kg.web.pages.article_index import article_index
from kg.web.pages.home import home
from kg.web.pages.lexicon import lexicon
from kg.web.pages.network import NetworkFilter, network_shown
from kg.web.pages.thing import thing_shown
from kg.web.pages.timeline import TimelineEntry, TimelineFilter, timeline_shown
from kg.web.reconcile import Service, results, service
from kg.web.site import Site, open_site
from kg.web.snapshot import Snapshot
from tests.questions import NAMES, PROJECTS, case, has_case, question
from tests.serving import app_of

STANDING = (cq("reportedAs"), cq("stage"), cq("occurrence"))
SILENT = {f"<{CODE}{code}>" for code in ("reportedAs/Reported", "reportedAs/Attributed", "occurrence/Occurred")}
"""Codes that need no word."""

Shown = tuple[str, str, FactTime | None, str, str]
"""Label, summary, date, standing, according to whom."""


@dataclass(frozen=True)
class Project:
    """A project as it is served, and what the triples of its graph say of each fact."""

    kind: str
    site: Site
    snapshot: Snapshot
    known: Mapping[Term, Shown]
    displaced: frozenset[Term]

    @property
    def graph(self) -> Graph:
        return self.snapshot.graph

    def tells(self, reading: FactReading | None) -> bool:
        """Whether a reading says what the triples say, and that the fact is displaced if it is."""
        return reading is not None and (
            shown(reading) == self.known[reading.fact]
            and bool(reading.displaced_by) == (reading.fact in self.displaced)
        )


@pytest.fixture(scope="module", params=sorted(PROJECTS))
def project(request: pytest.FixtureRequest, built_project: Callable[[str], settings.Project]) -> Iterator[Project]:
    site = open_site(built_project(request.param))
    with site.snapshot() as snapshot:
        displaced = frozenset(values(snapshot.graph, cq("displacedBy")))
        yield Project(request.param, site, snapshot, said(snapshot.graph), displaced)
    site.close()


def shown(reading: FactReading) -> Shown:
    return reading.label, reading.summary, reading.when, reading.standing, reading.according_to


def values(graph: Graph, prop: Term) -> dict[Term, Term]:
    """Return node -> the value of a property that has one."""
    rows = graph.store.select(f"SELECT ?s ?o {{ GRAPH ?g {{ ?s {prop} ?o }} }}").rows
    return {s: o for s, o in rows if s and o}


def standing(codes: set[Term]) -> set[Term]:
    """Return the codes that say how a fact stands; what is only hoped for or expected is not called proposed too."""
    return codes - SILENT - ({PROPOSED} if codes & {*HOPED_FOR} else set())


def said(graph: Graph) -> Mapping[Term, Shown]:
    """Return fact -> what its own triples say, each read by itself."""
    labels, summaries, sources = (values(graph, prop) for prop in (LABEL, cq("summary"), cq("attributedTo")))
    dates, codes = dates_of(graph, summaries), [values(graph, prop) for prop in STANDING]
    return {
        fact: (
            lexical(labels[fact]),
            lexical(summary),
            dates.get(fact),
            ", ".join(sorted(lexical(labels[code]) for code in standing({c[fact] for c in codes if fact in c}))),
            lexical(sources[fact]) if fact in sources else "",
        )
        for fact, summary in summaries.items()
    }


def test_every_fact_of_the_graph_is_looked_at(project: Project) -> None:
    words = lexicon(project.snapshot)
    kinds = values(project.graph, TYPE)
    assert {node for node, kind in kinds.items() if words.is_a(kind, FACT_CLASS)} == project.known.keys()
    assert len(project.known) > 100


def test_no_sentence_asserts_what_is_only_hoped_for_or_expected(project: Project) -> None:
    codes = {fact: code for prop in STANDING for fact, code in values(project.graph, prop).items() if code in HOPED_FOR}
    sentences = [project.known[fact][1] for fact, code in codes.items() if fact in values(project.graph, cq("stage"))]
    assert all(re.search(r"(expected|hoped for)(, [a-z ]+)?\.$", sentence) for sentence in sentences)
    assert project.kind != "real" or len(sentences) == 8


def test_pages_of_facts(project: Project) -> None:
    for fact in project.known:
        page = thing_shown(project.snapshot, fact)
        assert page
        assert project.tells(page.reading), fact


def test_pages_of_articles_have_each_fact_once(project: Project) -> None:
    for article in article_index(project.snapshot):
        page = article_shown(project.snapshot, article)
        assert page
        lines = [line.reading for group in page.facts for line in group.lines]
        facts = {project.graph.fact_of(fact) for fact in project.known if project.graph.article_of(fact) == article}
        assert Counter(reading.fact for reading in lines) == Counter(facts)
        assert all(map(project.tells, lines)), article


def test_pages_of_entities(project: Project) -> None:
    seen = set()
    for entity in entity_names(project.graph).things:
        lines = list(_all_lines(project.snapshot, entity.term, include=True))
        assert all(map(project.tells, lines)), entity.id
        facts = {reading.fact for reading in lines}
        if facts & project.displaced:
            left = {reading.fact for reading in _all_lines(project.snapshot, entity.term, include=False)}
            assert left == facts - project.displaced, entity.id
        seen |= facts
    assert len(seen) > 50


def _all_lines(snapshot: Snapshot, term: Term, include: bool) -> Iterator[FactReading]:
    page = thing_shown(snapshot, term, include=include)
    for section in page.sections if page else ():
        start: int | None = 0
        while start is not None:
            part = thing_shown(snapshot, term, section.key, start, include)
            assert part
            yield from (line.reading for line in part.sections[0].lines)
            start = part.sections[0].paging.after


@pytest.mark.parametrize("include", [False, True])
def test_the_timeline_has_each_fact_of_its_sections_once_and_each_story_in_one_entry(
    include: bool, project: Project
) -> None:
    words, kinds = lexicon(project.snapshot), values(project.graph, TYPE)
    sections = [section.key for section in words.sections if section.on_timeline]
    expected = {
        fact
        for fact in project.known
        if (section := words.section(kinds[fact])) and section.on_timeline and project.graph.fact_of(fact) == fact
    }
    entries = list(_entries(project.snapshot, TimelineFilter(sections, include=include)))
    reports = [reading for told in entries for reading in (told.reading, *(report.reading for report in told.others))]
    assert all(map(project.tells, reports))
    gone = frozenset() if include else project.displaced
    assert Counter(reading.fact for reading in reports) == Counter(expected - gone)
    of_story = values(project.graph, cq("story"))
    assert max(Counter(of_story.get(told.reading.fact, told.reading.fact) for told in entries).values()) == 1


def _entries(snapshot: Snapshot, chosen: TimelineFilter) -> Iterator[TimelineEntry]:
    start: int | None = 0
    while start is not None:
        part = timeline_shown(snapshot, chosen, start)
        yield from part.entries
        start = part.paging.after


def test_the_first_page_and_the_network(project: Project) -> None:
    recent = [told.reading for told in home(project.snapshot).recent]
    met = [r for pair in network_shown(project.snapshot, NetworkFilter("all")).pairs for r in pair.newest]
    assert recent
    assert met
    assert all(map(project.tells, [*recent, *met]))
    assert not project.displaced & {reading.fact for reading in (*recent, *met)}


def test_search(project: Project) -> None:
    index = all_names(project.graph)
    named = {thing.term: thing for thing in index.things if thing.term in project.known}
    assert len(named) > 20
    for fact, thing in named.items():
        label, _, when, standing, _ = project.known[fact]
        [found] = [some for some in index.fitting(label, 1000) if some.thing.term == fact]
        note = notes_on(project.snapshot.graph, [found])[fact]
        assert (thing.label, found.name) == (label, label)
        disputed = "disagreement" if contradicting(project.graph, [fact]) else ""
        assert note == " · ".join(filter(None, (when.text if when else "", standing, _gone(project, fact), disputed)))


def _gone(project: Project, fact: Term) -> str:
    return "no longer stands" if fact in project.displaced else ""


def test_explanations(project: Project) -> None:
    look = Look(project.graph.base, width=100_000)
    for fact, (label, summary, when, standing, source) in project.known.items():
        explanation = explain(project.graph, fact)
        document = json.loads(explanation_json(explanation))
        assert project.tells(explanation.reading)
        assert (document["label"], document["summary"], document["standing"]) == (label, summary, standing)
        assert (document["accordingTo"], bool(document["displacedBy"])) == (source, fact in project.displaced)
        assert (document["when"] or {}).get("text") == (when.text if when else None)
        text = explanation_text(explanation, look)
        for words in (label, summary, when.text if when else "", standing, source, _gone(project, fact)):
            assert words in text, fact


def test_the_pages_say_what_they_were_given(project: Project) -> None:
    """HTML of the timeline, of all articles and of each fact that has an id."""
    from starlette.testclient import TestClient

    facts = sorted(fact for fact in project.known if project.graph.fact_of(fact) == fact)
    with TestClient(app_of(project.site.project)) as client:
        for article in article_index(project.snapshot):
            text = unescape(client.get(f"/{project.graph.id(article)}.html").text)
            own = [fact for fact in facts if project.graph.article_of(fact) == article]
            assert [fact for fact in own if not _is_in(text, project.known[fact])] == []
        for fact in facts[::7]:
            assert _is_in(unescape(client.get(f"/{project.graph.id(fact)}.html").text), project.known[fact])


def _is_in(text: str, known: Shown) -> bool:
    label, _, when, standing, source = known
    return all(words in text for words in (label, when.text if when else "", standing, source))


def test_exports(project: Project) -> None:
    with built(project.site.project) as generation:
        lines = list(generation.lines())
    out = io.BytesIO()
    write_links(lines, lines, project.site.prefixes, out)
    nodes = {
        f"<{node.get('id')}>": {data.get("key"): data.text for data in node}
        for node in ElementTree.fromstring(out.getvalue()).iter("{http://graphml.graphdrawing.org/xmlns}node")
    }
    rows = _rows_of_tables(tables(lines, lines, project.site.prefixes))
    word = values(project.graph, cq("reportedAs"))
    for fact, (label, summary, when, _, source) in project.known.items():
        node, row = nodes[fact], rows[fact]
        assert (node["label"], node["summary"], node["reportedAs"]) == (label, summary, local_name(word[fact]))
        assert (row["label"], row["summary"], row["reportedAs"]) == (label, summary, lexical(word[fact]))
        assert (node.get("accordingTo") or "", row.get("attributedTo") or "") == (source, source)
        days = (when.earliest, when.latest) if when else ("", "")
        assert (node.get("earliest") or "", node.get("latest") or "") == days
        assert (row.get("whenEarliest") or "", row.get("whenLatest") or "") == days
        assert ("displacedBy" in node, bool(row.get("displacedBy"))) == (fact in project.displaced,) * 2
        if when:
            assert (node["dating"], row["whenDating"]) == (local_name(when.dating), lexical(when.dating))


def _rows_of_tables(files: Iterable[tuple[str, Iterable[bytes]]]) -> dict[Term, dict[str, str]]:
    """Return node -> its row, cells as they were before they were made safe for spreadsheets."""
    found = {}
    for name, pieces in files:
        content = b"".join(pieces)
        if name != "edges.csv":
            for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"))):
                found[f"<{row['iri']}>"] = {key: text.removeprefix("'") for key, text in row.items()}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_answers(name: str, project: Project) -> None:
    """What stands beside a thing as its label is its label; a row that has a fact says on whose word it stands."""
    if not has_case(name, project.kind):
        return  # the project of the genre has questions for its own terms alone
    rows = run(project.graph, question(name), case(name, project.kind).arguments)
    labels = project.graph.labels({term for row in rows.rows for term in row if term})
    words, sources = values(project.graph, cq("reportedAs")), values(project.graph, cq("attributedTo"))
    for row in rows.rows:
        cells = dict(zip(rows.variables, row, strict=True))
        for column, term in cells.items():
            label = cells.get(f"{column}Label")
            if term in labels and label:
                assert lexical(label) == labels[term], (name, column)
        facts = [term for term in row if term in project.known]
        if facts and "reportedAs" in cells:
            stands = {(words[fact], lexical(sources[fact]) if fact in sources else "") for fact in facts}
            source = cells.get("accordingTo")
            assert (cells["reportedAs"], lexical(source) if source else "") in stands, (name, facts)


def test_names_for_reconciliation_and_forms(project: Project) -> None:
    entities = entity_names(project.graph).things
    labels = project.graph.labels(entity.term for entity in entities)
    assert {entity.term: entity.names[0] for entity in entities} == labels
    assert {thing.term: thing.label for thing in all_names(project.graph).things if thing.term in labels} == labels


def test_a_name_means_the_same_for_commands_reconciliation_and_search(project: Project) -> None:
    names, asked = all_names(project.graph), service(project.snapshot)
    by_name: defaultdict[str, set[str]] = defaultdict(set)
    for thing in asked.names.things:
        for name in thing.names:
            by_name[name].add(thing.id)
    assert len(by_name) > 20
    for name, ids in by_name.items():
        for graph in (project.graph, replace(project.graph, memo=None)):
            assert _meant(graph, name) == ids, name
        scores = _scores(asked, name)
        for thing in map(asked.names.with_id, ids):
            taken_back = name in thing[0].taken_back
            assert scores[thing[0].id] == (95 if taken_back else 100), name
        assert ids <= {match.thing.id for match in names.fitting(name, 100)}, name


def _meant(graph: Graph, name: str) -> set[str]:
    try:
        return {graph.id(find(graph, name, ENTITY_CLASS))}
    except AmbiguousError as error:
        return {identifier for identifier, _ in error.choices}


def _scores(asked: Service, name: str) -> dict[str, float]:
    found = results(asked, json.dumps({"q": {"query": name}}))
    return {each["id"]: each["score"] for each in found["q"]["result"]}  # type: ignore[index]


def test_readings_are_of_facts_alone(project: Project) -> None:
    nodes = [entity.term for entity in entity_names(project.graph).things]
    assert readings(project.graph, [*nodes, *article_index(project.snapshot), "<https://nowhere.example/>"]) == {}
