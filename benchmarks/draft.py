"""How much of what curators wrote does `kg draft` propose? Recall and precision against the curated graph, by kind.

    python -m benchmarks.draft [--details]

Each article of the projects is drafted as if it had no facts, once with the project's registry and once with an empty
one, and compared with what its curated facts say: who is named, dates, amounts, posts. A proposal counts as right if
the curated facts have the same; what is true and was not curated counts as wrong. The rules were written with some of
the articles in view (TUNED); the faults that they had in the others were looked at later, and their causes mended.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kg.bench.desk import Desk, open_desk
from kg.bench.draft import draftable
from kg.bench.drafting import Drafting
from kg.bench.in_text import InText
from kg.bench.proposal import FACT
from kg.core.terms import cq
from kg.core.values import lexical
from kg.mapping.blocks import language_of
from kg.mapping.read import Table, read_yaml
from kg.mapping.tables import value_of
from kg.ontology.cues import cues_in
from kg.pipeline.compile import compile_project
from kg.project.settings import load_project
from kg.words.draft_words import draft_words
from kg.words.names import letters

ROOT = Path(__file__).parent.parent
PROJECTS = (ROOT, ROOT / "tests" / "fiction", ROOT / "tests" / "genre")
TUNED = ("cas-sse-meeting", "shanghai-hkex-meeting", "harbour-study", "ten-harbours", "station-opens", "exchange-talks")
KINDS = ("entities", "dates", "amounts", "posts")
AIM_RECALL, AIM_PRECISION = 0.95, 0.9

Facts = Mapping[str, frozenset[object]]
"""Kind -> what is said of that kind, so that it can be compared."""


@dataclass(frozen=True, slots=True)
class Score:
    """How many there are, how many are proposed, and how many of these are right."""

    curated: int = 0
    proposed: int = 0
    right: int = 0

    def plus(self, curated: frozenset[object], proposed: frozenset[object]) -> Score:
        """Return the score with those of one more article."""
        right = len(curated & proposed)
        return Score(self.curated + len(curated), self.proposed + len(proposed), self.right + right)

    @property
    def recall(self) -> float:
        """Share of the curated that is proposed."""
        return self.right / self.curated if self.curated else 1.0

    @property
    def precision(self) -> float:
        """Share of the proposed that is right."""
        return self.right / self.proposed if self.proposed else 1.0


@dataclass(frozen=True)
class Case:
    """One article: what its curator wrote, and what is proposed with and without the registry."""

    name: str
    curated: Facts
    known: Facts
    curated_names: Facts
    unknown: Facts


def cases() -> Iterator[Case]:
    """Yield the articles whose text is at hand and in English."""
    for root in PROJECTS:
        desk = open_desk(load_project(root))
        graph = curated(desk)
        for source in desk.sources.articles:
            tree, _ = read_yaml(source.text, source.path)
            block = value_of(tree, "article") if isinstance(tree, Table) else None
            if not isinstance(block, Table) or value_of(block, "text") is None or language_of(block) != "en":
                continue
            empty = replace(desk, scope=replace(desk.scope, registry={}))
            said = said_in(graph[source.stem], desk)
            known, unknown = (proposed(each, source.stem, said["own dates"]) for each in (desk, empty))
            yield Case(source.stem, said, known, by_name(said, desk), unknown)


# -------- what curators wrote


def curated(desk: Desk) -> Mapping[str, Sequence[tuple[str, str, str]]]:
    """Return article -> the triples of its graph."""
    compiled = compile_project(desk.project, desk.sources)
    return {
        Path(record.path).stem: [tuple(line.rsplit(" ", 2)[0].split(" ", 2)) for line in record.lines]  # type: ignore[misc]
        for record in compiled.articles
    }


def said_in(triples: Sequence[tuple[str, str, str]], desk: Desk) -> Facts:
    """Return what an article's graph says: who is named, dates and amounts by their values, posts."""
    nodes: dict[str, dict[str, list[str]]] = {}
    for subject, predicate, value in triples:
        nodes.setdefault(subject, {}).setdefault(predicate, []).append(value)
    ids = {target.term: name for name, target in desk.scope.registry.items()}
    article = min(nodes, key=len)
    facts = {term: node for term, node in nodes.items() if term != article and "/curation" not in term}
    named = {ids[value] for node in facts.values() for values in node.values() for value in values if value in ids}
    return {
        "entities": frozenset(name for name in named if desk.scope.name_kind(desk.scope.registry[name])),
        "dates": frozenset(
            lexical(node[cq("edtf")][0]) for node in facts.values() if cq("edtf") in node and _is_stated(node)
        ),
        "own dates": frozenset(lexical(node[cq("edtf")][0]) for node in nodes.values() if cq("edtf") in node),
        "amounts": frozenset(_amount(node) for node in facts.values() if cq("comparator") in node),
        "posts": frozenset(
            (ids.get(node[cq("holder")][0], ""), _title(title), _body(node, ids))
            for node in facts.values()
            if cq("holder") in node and cq("title") in node
            for title in node[cq("title")]
        ),
    }


def _is_stated(node: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a date is read from words of the article; one that the curator alone gives cannot be drafted."""
    return cq("asWritten") in node and not node.get(cq("method"), ("",))[0].endswith("/Curator>")


def _title(title: str) -> str:
    return letters(lexical(title))


def _body(node: Mapping[str, Sequence[str]], ids: Mapping[str, str]) -> str:
    bodies = [*node.get(cq("organization"), ()), *node.get(cq("jurisdiction"), ())]
    return ids.get(bodies[0], "") if bodies else ""


def _amount(node: Mapping[str, Sequence[str]]) -> object:
    """Return the numbers of a quantity; the comparator counts, for "over 2,100" is not 2,100."""
    numbers = [*node.get(cq("amount"), ()), *node.get(cq("lowerAmount"), ()), *node.get(cq("upperAmount"), ())]
    comparator = node[cq("comparator")][0].rstrip(">").rpartition("/")[2]
    return comparator, *sorted(float(lexical(number)) for number in numbers)


# -------- what is proposed


def proposed(desk: Desk, name: str, curated_dates: frozenset[object]) -> Facts:
    """Return what is proposed for an article, in the same form.

    Of the forms of one date that mean the same to the compiler ("since 2030": 2030 or 2030/..) the curated one counts.
    """
    source = next(each for each in desk.sources.articles if each.stem == name)
    tree, _ = read_yaml(source.text, source.path)
    assert isinstance(tree, Table)
    article = replace(draftable(desk, source, tree), taken=frozenset())
    words = draft_words(article.language)
    found = InText(article, desk.scope, cues_in(desk.project.ontology, desk.vocabulary, "en", words), words)
    posts = [each.tree for each in Drafting(found).proposals() if each.kind == FACT and each.type == "Tenure"]
    called = {mention.id for mention in found.mentions}
    called |= {str(value) for post in posts for key, value in post.items() if key in ("holder", "organization")}
    labels = {each: letters(found.scope.registry[each].label) for each in called}
    is_known = bool(desk.scope.registry)
    return {
        "entities": frozenset(called if is_known else labels.values()),
        "dates": frozenset(
            next((form for form, _ in reading.accepted if form in curated_dates), reading.edtf)
            for each in found.dates
            for reading in each.readings[:1]
        ),
        "amounts": frozenset(
            (
                each.figures[0].comparators[0],
                *sorted(float(n) for n in (each.figures[0].lower, each.figures[0].upper) if n is not None),
            )
            for each in found.figures
        ),
        "posts": frozenset(
            tuple(
                (labels.get(str(value), "") if not is_known else str(value)) if key != "title" else letters(str(value))
                for key, value in (
                    ("holder", post["holder"]),
                    ("title", post["title"]),
                    ("body", post.get("organization", post.get("jurisdiction", ""))),
                )
            )
            for post in posts
        ),
    }


def by_name(facts: Facts, desk: Desk) -> Facts:
    """Return curated facts with names instead of ids, for drafts that have no registry."""

    def label(identifier: object) -> str:
        target = desk.scope.registry.get(str(identifier))
        return letters(target.label) if target else ""

    posts = [each for each in facts["posts"] if isinstance(each, tuple)]
    return {
        **facts,
        "entities": frozenset(map(label, facts["entities"])),
        "posts": frozenset((label(holder), title, label(body)) for holder, title, body in posts),
    }


# -------- the table


def table(scores: Mapping[tuple[str, str, str], Score]) -> Iterator[str]:
    """Yield the lines of the table, in Markdown."""
    yield "| registry | articles | kind | curated | proposed | recall | precision |"
    yield "| --- | --- | --- | ---: | ---: | ---: | ---: |"
    for (registry, articles, kind), score in scores.items():
        shares = f"{score.recall:.2f} | {score.precision:.2f}"
        yield f"| {registry} | {articles} | {kind} | {score.curated} | {score.proposed} | {shares} |"


def scored(found: Sequence[Case]) -> Mapping[tuple[str, str, str], Score]:
    """Return registry, articles and kind -> score."""
    scores: dict[tuple[str, str, str], Score] = {}
    for registry in ("known", "empty"):
        for articles in ("in view", "looked at later"):
            for kind in KINDS if registry == "known" else ("entities", "posts"):
                chosen = [case for case in found if (case.name in TUNED) == (articles == "in view")]
                score = Score()
                for case in chosen:
                    pair = (case.curated, case.known) if registry == "known" else (case.curated_names, case.unknown)
                    if kind == "dates":  # the day at the head of the text stands in the article's own block
                        own = (case.curated["own dates"] - case.curated[kind]) & case.known[kind]
                        pair = ({kind: case.curated[kind] | own}, case.known)
                    score = score.plus(pair[0][kind], pair[1][kind])
                scores[registry, f"{articles} ({len(chosen)})", kind] = score
    return scores


def main() -> int:
    """Print the table; with --details, what is missed and what is proposed beside."""
    found = list(cases())
    for case in found if "--details" in sys.argv else ():
        if "--all" in sys.argv or case.name in TUNED:
            for kind in KINDS:
                print(case.name, kind, "missed", sorted(map(str, case.curated[kind] - case.known[kind])))
                print(case.name, kind, "beside", sorted(map(str, case.known[kind] - case.curated[kind])))
            for kind in ("entities", "posts"):
                print(case.name, kind, "EMPTY missed", sorted(map(str, case.curated_names[kind] - case.unknown[kind])))
                print(case.name, kind, "EMPTY beside", sorted(map(str, case.unknown[kind] - case.curated_names[kind])))
    print("\n".join(table(scored(found))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
