"""The names of two states -> all differences between them. Reads the project, and writes only to a temporary folder.

Graphs that are the same object in both states are not read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from kg.bench.diff_answers import answer_changes
from kg.bench.diff_facts import graph_changes
from kg.bench.diff_sides import CURRENT, TREE, GraphState, StateName, opened, state_name
from kg.bench.difference import (
    ADDED,
    CHANGED,
    REMOVED,
    AnswerChanges,
    FindingChange,
    GraphChange,
    GraphDifference,
    NodeChange,
    TieChange,
    ValueChange,
)
from kg.bench.renames import Renames, nodes_of, renames
from kg.core.english import counted
from kg.core.errors import UsageError
from kg.core.model import Term
from kg.core.relations import grouped_sets
from kg.core.terms import SH, TYPE, cq
from kg.core.values import is_iri, lexical, local_name
from kg.pipeline.dataset import GENID
from kg.project.settings import Project
from kg.questions.captions import captions
from kg.questions.graph import Graph
from kg.store.lines import line_quad
from kg.store.scratch import scratch_folder

OWN_GRAPHS = ("ontology", "validation", "derived", "dataset")
"""The graphs whose lines are neither in an article nor in the registry or among links."""

_LONG = 80
_NO_LINES: tuple[str, ...] = ()
Lines = Mapping[Term, Sequence[str]]


def difference(
    project: Project, first: str = CURRENT, second: str = TREE, questions: Sequence[str] | None = ()
) -> GraphDifference:
    """Return the differences between two states, given by their names: see `kg.bench.diff_sides`.

    *questions* are the canned questions to run, empty for all that need no parameter, None for none.

    Raises:
        UsageError: a name refers to no state or to two, the bases of the states differ, or a question does not exist.
        StateError: one of them cannot be compiled.
        InputError: one of them cannot be read.
    """
    with two_states(project, state_name(project, first), state_name(project, second)) as (before, after):
        return _difference(before, after, questions)


@contextmanager
def two_states(project: Project, *names: StateName) -> Iterator[tuple[GraphState, GraphState]]:
    """Open two states. Raises the same errors as `difference`."""
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder())
        folders = scratch / "first", scratch / "second"
        for folder in folders:
            folder.mkdir()
        before, after = (
            stack.enter_context(opened(project, name, folder)) for name, folder in zip(names, folders, strict=True)
        )
        if before.graph.base != after.graph.base:
            message = f"the IRIs of the two begin differently: {before.graph.base} and {after.graph.base}"
            raise UsageError(message, "compare states with the same base in kg.toml")
        yield before, after


def _difference(before: GraphState, after: GraphState, questions: Sequence[str] | None) -> GraphDifference:
    old, new = changed_lines(before, after)
    own = [after.graph.named(name) for name in OWN_GRAPHS]
    stated = tuple(
        nodes_of(line for graph, some in lines.items() if graph not in own for line in some) for lines in (old, new)
    )
    same = renames(after.graph.base, *stated)
    graphs = graph_changes(before, after, (stated[0], stated[1]), same)
    ontology = _terms(old.get(own[0], _NO_LINES), new.get(own[0], _NO_LINES), before.graph, after.graph)
    findings = _findings(old.get(own[1], _NO_LINES), new.get(own[1], _NO_LINES), same)
    ties = tie_changes(old.get(own[2], _NO_LINES), new.get(own[2], _NO_LINES), before.graph, after.graph, same)
    answers: AnswerChanges | None = None
    if questions is not None:
        predicates = frozenset(changed_predicates(old, new))
        answers = answer_changes(before, after, same, predicates, questions)
    every = (*graphs, *([GraphChange(CHANGED, "ontology", "Ontology", ontology)] if ontology else []))
    return GraphDifference(before.title, after.title, every, findings, ties, answers)


def changed_lines(before: GraphState, after: GraphState) -> tuple[Lines, Lines]:
    """Return the lines of the graphs that differ, in each of the two states."""
    one, two = before.generation.manifest.graphs, after.generation.manifest.graphs
    names = [graph for graph in sorted({*one, *two}) if one.get(graph) != two.get(graph)]
    return (
        {graph: before.generation.objects.lines(one[graph].sha256) for graph in names if graph in one},
        {graph: after.generation.objects.lines(two[graph].sha256) for graph in names if graph in two},
    )


def changed_predicates(old: Lines, new: Lines) -> Iterator[Term]:
    """Yield the predicates of the lines that only one state has."""
    for graph in {*old, *new}:
        for line in set(old.get(graph, ())) ^ set(new.get(graph, ())):
            yield line.split(" ", 2)[1]


# -------- ontology


def _terms(old: Sequence[str], new: Sequence[str], before: Graph, after: Graph) -> tuple[NodeChange, ...]:
    """Return the classes, properties, codes and shapes that differ; nodes nested in a shape count as part of it."""
    one, two = _by_subject(old), _by_subject(new)
    differing = sorted(node for node in {*one, *two} if one.get(node) != two.get(node))
    names = [node for node in differing if not node.startswith(f"<{GENID}")]
    labels_before, labels_after = (captions(graph, names) for graph in (before, after))
    made = []
    for node in names:
        label = (labels_after if node in two else labels_before).plain(node)
        how = CHANGED if node in one and node in two else ADDED if node in two else REMOVED
        values = tuple(_value_changes(one[node] - two[node], two[node] - one[node])) if how == CHANGED else ()
        made.append(NodeChange(how, lexical(node), lexical(node), f"Term “{label}”", values=values))
    if inner := len(differing) - len(names):
        made.append(NodeChange(CHANGED, "", "", f"{counted(inner, 'node')} without a name"))
    return tuple(made)


def _by_subject(lines: Sequence[str]) -> Mapping[Term, frozenset[tuple[Term, Term]]]:
    nodes = grouped_sets((quad.subject, (quad.predicate, quad.object)) for quad in map(line_quad, lines))
    return {node: frozenset(pairs) for node, pairs in nodes.items()}


def _value_changes(gone: Collection[tuple[Term, Term]], come: Collection[tuple[Term, Term]]) -> Iterator[ValueChange]:
    for prop in sorted({prop for prop, _ in (*gone, *come)}):
        texts = (tuple(sorted(_short(o) for p, o in pairs if p == prop)) for pairs in (gone, come))
        yield ValueChange(local_name(prop), *texts)


def _short(term: Term) -> str:
    if is_iri(term):
        return "a node without a name" if term.startswith(f"<{GENID}") else local_name(term)
    text = lexical(term)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


# -------- findings and derived statements


def _findings(old: Sequence[str], new: Sequence[str], same: Renames) -> tuple[FindingChange, ...]:
    one, two = (_results(lines, renamed) for lines, renamed in ((old, same), (new, Renames({}))))
    gone = [FindingChange(REMOVED, *one[key]) for key in sorted(one.keys() - two.keys())]
    return (*(FindingChange(ADDED, *two[key]) for key in sorted(two.keys() - one.keys())), *gone)


def _results(lines: Sequence[str], same: Renames) -> Mapping[tuple[Term, str], tuple[str, str]]:
    """Return the identity of each finding -> its message and its place."""
    results = {}
    for pairs in map(dict, _by_subject(lines).values()):
        if pairs.get(TYPE) == f"<{SH}ValidationResult>":
            code = local_name(pairs[f"<{SH}sourceShape>"])
            message = f"{lexical(pairs[f'<{SH}resultMessage>'])} [{code}]"
            place = lexical(pairs[cq("fileLocation")]) if cq("fileLocation") in pairs else ""
            results[same.new(pairs[f"<{SH}focusNode>"]), message] = message, place
    return results


def tie_changes(
    old: Sequence[str], new: Sequence[str], before: Graph, after: Graph, same: Renames
) -> tuple[TieChange, ...]:
    """Return the derived statements that only one state has, given the lines of their graph in each."""
    one, two = _derivations(old), _derivations(new)
    called = {tuple(map(same.new, tie)): tie for tie in one}
    gone = [called[tie] for tie in sorted(called.keys() - two)]
    come = sorted(two - called.keys())
    return (*_in_words(come, ADDED, after), *_in_words(gone, REMOVED, before))


def _derivations(lines: Sequence[str]) -> set[tuple[Term, ...]]:
    """Return subject, predicate and object of the derived statements, without duplicates."""
    names = [cq(name) for name in ("derivedSubject", "derivedPredicate", "derivedObject")]
    nodes = map(dict, _by_subject([line for line in lines if "#derived" in line]).values())
    return {tuple(pairs[name] for name in names) for pairs in nodes if all(name in pairs for name in names)}


def _in_words(ties: Sequence[tuple[Term, ...]], how: str, graph: Graph) -> Iterator[TieChange]:
    known = captions(graph, {term for tie in ties for term in tie if is_iri(term)})
    for tie in ties:
        words = (known.with_article(term) if is_iri(term) else lexical(term) for term in tie)
        yield TieChange(how, " – ".join(words))
