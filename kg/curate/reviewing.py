"""What changed in an article since it was published, what a reviewer decides on it, and publishing. Reads and writes.

What was decided is kept with what it was decided on: a change that is changed again is undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from hashlib import sha256

from kg.bench.diff import difference
from kg.bench.diff_sides import CURRENT, TREE, StateError
from kg.bench.difference import ADDED, GraphDifference, NodeChange
from kg.core.errors import Severity
from kg.core.terms import CURATION_KEY, FACTS_KEY, STATUS_KEY
from kg.curate.bench import Bench
from kg.curate.edit import Edit, Table, table_at
from kg.curate.facts import ShownFact
from kg.curate.opening import article_json
from kg.curate.received import Body, text_in
from kg.mapping.yaml_nodes import Data
from kg.pipeline.steps import BuildError, build
from kg.store.folder import current_number
from kg.web.errors import HttpError

ACCEPTED, BACK = "accepted", "back"
DRAFT, REVIEWED = "Draft", "Reviewed"
NOTE_KEY = "note"
MOST_ROWS = 20


def review(bench: Bench, article: str) -> dict[str, object]:
    """Return what differs from the published graph, in this article and in the answers, with what was decided.

    Raises:
        NotFoundError: there is no such article.
    """
    source = bench.opened_source(article)
    verdicts = bench.kept.decisions(article).verdicts
    if current_number(bench.project.build) is None:
        facts = bench.opened(article).shown.facts
        return {
            "changes": [_new(fact, verdicts) for fact in facts],
            "answers": [],
            "compared": 0,
            "first": True,
            "problem": "",
            "path": source.path,
        }
    try:
        compared = difference(bench.project, CURRENT, TREE)
    except StateError as error:
        worst = error.report.findings[0]
        return {"changes": [], "answers": [], "first": False, "problem": f"{worst.place}: {worst.message}"}
    changes = [_change(each, article, verdicts) for each in _of_article(compared, article)]
    return {
        "changes": [each for each in changes if each["id"]],
        "answers": _answers(compared),
        "compared": compared.answers.compared if compared.answers else 0,
        "first": False,
        "problem": "",
        "path": source.path,
    }


def _new(fact: ShownFact, verdicts: Mapping[str, object]) -> dict[str, object]:
    """Return a fact of a project that has published nothing, as an addition."""
    says = [(key, value) for key, value in fact.tree.items() if key not in (STATUS_KEY, NOTE_KEY)]
    key = _digest((ADDED, fact.id, says))
    verdict = verdicts.get(key)
    return {"id": fact.id, "key": key, "how": ADDED, "says": fact.says, "values": [], "verdict": verdict}


def _of_article(compared: GraphDifference, article: str) -> list[NodeChange]:
    return [node for graph in compared.graphs if graph.id.removeprefix("article/") == article for node in graph.nodes]


def _change(node: NodeChange, article: str, verdicts: Mapping[str, object]) -> dict[str, object]:
    verdict = verdicts.get(_key(node))
    return {
        "id": node.id.removeprefix(f"article/{article}").lstrip("/"),
        "key": _key(node),
        "how": node.how,
        "says": node.sentence or node.caption,
        "values": [asdict(value) for value in node.values],
        "verdict": verdict,
    }


def _key(node: NodeChange) -> str:
    return _digest((node.how, node.id, node.sentence, node.values))


def _digest(change: tuple[object, ...]) -> str:
    return sha256(repr(change).encode()).hexdigest()[:16]


def _answers(compared: GraphDifference) -> list[dict[str, object]]:
    changed = compared.answers.changed if compared.answers else ()
    return [
        {
            "name": each.name,
            "question": each.question,
            "added": [_row(row) for row in each.added[:MOST_ROWS]],
            "removed": [_row(row) for row in each.removed[:MOST_ROWS]],
            "more": max(0, len(each.added) - MOST_ROWS) + max(0, len(each.removed) - MOST_ROWS),
        }
        for each in changed
    ]


def _row(cells: Iterable[str]) -> str:
    return ", ".join(filter(None, cells))


# -------- decisions


def decide(bench: Bench, article: str, body: Body) -> dict[str, object]:
    """Note a verdict on a change: "accepted", "back" with a reason, or "" to take it back.

    A fact that is sent back becomes a draft with the reason as its note; one that is accepted is a draft no longer.

    Raises:
        HttpError: 422: it is sent back without a reason.
    """
    key, verdict, reason = text_in(body, "key"), text_in(body, "verdict"), text_in(body, "reason").strip()
    if verdict == BACK and not reason:
        raise HttpError(422, "sending back needs a reason", "say what is to be mended")
    with bench.lock:
        fact = text_in(body, "id").partition("/")[0]
        tree = table_at(bench.opened_source(article).text, (FACTS_KEY, fact)) if fact else None
        if tree is not None and verdict and (now := _marked(tree, verdict, reason)) != tree:
            bench.save(article, Edit(fact, tree, now, label=f"verdict on {fact}"))
        decisions = bench.kept.decisions(article)
        verdicts = {name: value for name, value in decisions.verdicts.items() if name != key}
        if verdict:
            verdicts[key] = (verdict, reason)
        bench.kept.keep_decisions(article, replace(decisions, verdicts=verdicts))
    return {"article": article_json(bench, article)}


def _marked(tree: Table, verdict: str, reason: str) -> Table:
    """Return a fact as a verdict leaves it."""
    rest: dict[str, Data] = {key: value for key, value in tree.items() if key != STATUS_KEY}
    return {**rest, STATUS_KEY: DRAFT, NOTE_KEY: reason} if verdict == BACK else rest


def publish(bench: Bench, body: Body) -> dict[str, object]:
    """Note in the mapping of the `article` who reviewed it, build and publish the project.

    Returns the number of the generation, or what hinders it.

    Raises:
        HttpError: 422: the `reviewer` has no name.
    """
    article, reviewer = text_in(body, "article"), text_in(body, "reviewer").strip()
    if not reviewer:
        raise HttpError(422, "there is no reviewer", "give a name")
    with bench.lock:
        curation = table_at(bench.opened_source(article).text, (CURATION_KEY,)) or {}
        now: dict[str, Data] = {**curation, STATUS_KEY: REVIEWED, "reviewer": reviewer}
        tried = bench.save(article, Edit("", curation, now, CURATION_KEY, label="reviewed"))
        if tried.is_barred:
            return {"generation": None, "problems": [each.message for each in tried.new][:MOST_ROWS]}
        try:
            result = build(bench.project, built=datetime.now(UTC).isoformat(timespec="seconds"))
        except BuildError as error:
            errors = [each for each in error.report.findings if each.severity is Severity.ERROR]
            return {"generation": None, "problems": [f"{each.place}: {each.message}" for each in errors][:MOST_ROWS]}
    return {"generation": result.manifest.number, "changed": result.changed, "problems": []}
