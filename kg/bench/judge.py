"""Proposals -> those that the compiler accepts, together with the article's own facts. No I/O but the shapes'.

Applied proposals must pass `kg check`, so each proposal is checked before it is shown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from kg.bench.desk import Desk
from kg.bench.proposal import ENTITY, FACT, RULES, ArticleDraft, Proposal
from kg.core.errors import Finding, Place, Severity
from kg.core.terms import FACTS_KEY, QUOTE_KEY
from kg.mapping.edits import changed
from kg.mapping.outline import outline
from kg.mapping.read import Listing, Node, Scalar, Table, read_yaml
from kg.mapping.scope import Scope
from kg.mapping.tables import value_of
from kg.mapping.targets import entity_targets, with_lines
from kg.mapping.yaml_changes import AddEntries
from kg.mapping.yaml_nodes import Data
from kg.pipeline.one_file import Workshop, compile_file, project_cache
from kg.project.sources import Source

MOST_ROUNDS = 6
DOUBTS = ("KG-E", "KG-H", "KG-W")
"""Families of findings about words."""

REGISTRY = "data/registry/draft.yaml"
"""The name under which new entities are compiled. No such file is written."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on proposals: those accepted, and why others were dropped."""

    accepted: tuple[Proposal, ...]
    dropped: tuple[str, ...]


def judged(proposals: Sequence[Proposal], source: Source, desk: Desk) -> Judgement:
    """Return the proposals in which the compiler finds no error, compiled with the article's own facts.

    Of facts that a model proposes, warnings about words (DOUBTS) count as errors.
    """
    workshop = Workshop(desk.project, desk.vocabulary, project_cache(desk.project))
    left, dropped = list(proposals), list[str]()
    for _ in range(MOST_ROUNDS):
        scope, errors = _registered(left, workshop, desk.scope)
        errors |= _of_facts(left, source, workshop, scope)
        if not errors:
            break
        for each in [each for each in left if each.id in errors]:
            dropped.append(
                f"{each.id} ({each.type}, '{each.quote or each.tree.get('name')}'): {errors[each.id].message}"
            )
        left = _without(left, errors)
    else:
        dropped += [
            f"{each.id}: the compiler does not reach a stable result for it" for each in left if each.kind == FACT
        ]
        left = [each for each in left if each.kind != FACT]
    harmful = _harmful(left, source, workshop, desk.scope)
    dropped += [f"{name}: it would make an error elsewhere in the article: {each}" for name, each in harmful.items()]
    return Judgement(tuple(_without(left, harmful)), tuple(dropped))


def _without(proposals: Iterable[Proposal], errors: Container[str]) -> list[Proposal]:
    """Return the proposals that have no errors and do not need one that has."""
    left = [each for each in proposals if each.id not in errors]
    while missing := {each.id for each in left if set(each.needs) - {other.id for other in left}}:
        left = [each for each in left if each.id not in missing]
    return left


def trees(proposals: Iterable[Proposal], kind: str) -> dict[str, Data]:
    """Return id -> tree of the proposals of a kind."""
    return {each.id: each.tree for each in proposals if each.kind == kind}


def _registered(proposals: Sequence[Proposal], workshop: Workshop, scope: Scope) -> tuple[Scope, dict[str, Finding]]:
    """Return the scope with the new entities, and their errors."""
    entries = trees(proposals, ENTITY)
    if not entries:
        return scope, {}
    text = changed("", [AddEntries((), entries)], REGISTRY)
    alone = replace(scope, facts={}, articles={})
    record = compile_file(workshop, alone, Source(REGISTRY, "draft", text), article=False)
    new = entity_targets(outline(read_yaml(text, REGISTRY)[0], article=False), scope.base, scope.vocabulary)
    known = replace(scope, registry={**scope.registry, **with_lines(new, [record])})
    return known, _by_proposal(record.findings, text, "")


def _of_facts(proposals: Sequence[Proposal], source: Source, workshop: Workshop, scope: Scope) -> dict[str, Finding]:
    facts = trees(proposals, FACT)
    if not facts:
        return {}
    text = changed(source.text, [AddEntries((FACTS_KEY,), facts)], source.path)
    record = compile_file(workshop, scope, source.with_text(text), article=True)
    doubts = [replace(each, severity=Severity.ERROR) for each in record.findings if each.code.startswith(DOUBTS)]
    by_model = {each.id for each in proposals if each.source != RULES}
    doubted = {name: each for name, each in _by_proposal(doubts, text, FACTS_KEY).items() if name in by_model}
    errors = doubted | _by_proposal(record.findings, text, FACTS_KEY)
    return {name: each for name, each in errors.items() if name in facts}


def _harmful(proposals: Sequence[Proposal], source: Source, workshop: Workshop, scope: Scope) -> dict[str, str]:
    """Return those facts that make an error where the article has none now, each with the error."""
    facts = [each for each in proposals if each.kind == FACT]
    before = _messages((), source, workshop, scope)
    together = _messages(proposals, source, workshop, scope) - before if facts else set()
    if not together:
        return {}
    whole = ArticleDraft(source.stem, tuple(proposals))
    alone = {each.id: _messages(whole.chosen([each.id]), source, workshop, scope) - before for each in facts}
    harmful = {name: min(messages) for name, messages in alone.items() if messages}
    return harmful or {each.id: min(together) for each in facts if each.source != RULES}


def _messages(proposals: Sequence[Proposal], source: Source, workshop: Workshop, scope: Scope) -> set[str]:
    """Return the messages of all errors of an article with proposals that have none themselves."""
    known, _ = _registered(proposals, workshop, scope)
    facts = trees(proposals, FACT)
    text = changed(source.text, [AddEntries((FACTS_KEY,), facts)], source.path) if facts else source.text
    record = compile_file(workshop, known, source.with_text(text), article=True)
    return {each.message for each in record.findings if each.severity is Severity.ERROR}


def _by_proposal(findings: Iterable[Finding], text: str, block: str) -> dict[str, Finding]:
    """Return id of an entry of a block, or of the whole text if *block* is "", -> the first error on its lines."""
    tree, _ = read_yaml(text, "")
    entries = value_of(tree, block) if block and isinstance(tree, Table) else tree
    names = dict.fromkeys(_starts(tree), "") | _starts(entries)
    starts = sorted(names)
    errors: dict[str, Finding] = {}
    for finding in findings:
        number = bisect_right(starts, _point(finding.place)) - 1
        if finding.severity is Severity.ERROR and number >= 0 and (name := names[starts[number]]):
            errors.setdefault(name, finding)
    return errors


def _starts(node: Node | None) -> dict[tuple[int, int], str]:
    """Return where each entry of a table begins -> its key."""
    return {_point(entry.key.place): entry.key.text for entry in node.entries} if isinstance(node, Table) else {}


def _point(place: Place) -> tuple[int, int]:
    return place.line, place.column


def unwritten(proposals: Sequence[Proposal], facts: Node | None, references: Set[str]) -> list[Proposal]:
    """Return the proposals that the article has not, and refer to its own facts in place of those that it has.

    It has one if a fact of it has the type, all references and all texts. *references* are names of keys.
    """
    entries = facts.entries if isinstance(facts, Table) else ()
    written = [(entry.key.text, _written(entry.value)) for entry in entries if isinstance(entry.value, Table)]
    ids: dict[str, str] = {}
    for each in proposals:
        own = _references_and_texts(each.tree)
        if each.kind == FACT and (known := next((name for name, texts in written if own <= texts), "")):
            ids[each.id] = known
    left = (each.with_ids(ids, references) for each in proposals if each.id not in ids)
    return [replace(each, needs=tuple(name for name in each.needs if name not in ids.values())) for each in left]


_OWN_WORDS = frozenset({QUOTE_KEY, "name", "description", "indicator", "paraphrase"})


def _references_and_texts(tree: Mapping[str, Data]) -> set[str]:
    texts: set[str] = set()
    for key, value in tree.items():
        if key not in _OWN_WORDS:
            texts |= _texts(value)
    return texts


def _texts(value: Data) -> set[str]:
    if isinstance(value, str):
        return {value.casefold()}
    if isinstance(value, Mapping):
        return {text for each in value.values() for text in _texts(each)}
    return {text for each in value for text in _texts(each)}


def _written(node: object) -> set[str]:
    match node:
        case Scalar():
            return {" ".join(node.text.split()).casefold()}
        case Table():
            return {text for entry in node.entries for text in _written(entry.value)}
        case Listing():
            return {text for item in node.items for text in _written(item)}
    return set()
