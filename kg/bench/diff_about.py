"""Two generations -> what differs about one thing, or in one answer; and what these were before. Reads two stores.

Of the articles that differ, only those that name the thing are compared. The registry is compared as a whole, because
only that shows that an id is another name of the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kg.bench.diff import OWN_GRAPHS, Lines, changed_lines, changed_predicates, tie_changes, two_states
from kg.bench.diff_answers import answer_change
from kg.bench.diff_facts import graph_changes
from kg.bench.diff_sides import StateName
from kg.bench.difference import AnswerChange, GraphChange, TieChange
from kg.bench.renames import Renames, nodes_of, renames
from kg.core.model import Term
from kg.project.settings import Project
from kg.questions.graph import project_prefixes
from kg.questions.question import Query
from kg.questions.reads import predicates_read
from kg.render.cells import Look

_IRI = re.compile(r'<[^<>"{}|^`\\\x00-\x20]+>')


@dataclass(frozen=True, slots=True)
class ThingChanges:
    """What differs about a thing.

    Attributes:
        graphs: the articles, and the registry, with what differs in them.
        ties: derived statements that were added or removed.
        thing: the IRI of the thing in the later generation.
        former: its IRI in the earlier one.
    """

    graphs: tuple[GraphChange, ...]
    ties: tuple[TieChange, ...]
    thing: Term
    former: Term


@dataclass(frozen=True, slots=True)
class OneAnswerChange:
    """How an answer differs: None if it does not, and the SPARQL of the question for the earlier generation."""

    answer: AnswerChange | None
    former: str


def changes_about(project: Project, before: int, after: int, thing: Term) -> ThingChanges:
    """Return what differs about a thing between two generations. *thing* is its IRI in one of them.

    Raises:
        UsageError: the bases of the generations differ, or one does not exist.
        InputError: one of them is damaged.
    """
    with two_states(project, _state(before), _state(after)) as (one, two):
        old, new = changed_lines(one, two)
        base = two.graph.base
        own = [two.graph.named(name) for name in OWN_GRAPHS]
        registry = two.graph.named("registry")
        names = _names_of(base, thing, old.get(registry, ()), new.get(registry, ()))
        moved = {*old} ^ {*new} if two.graph.article_of(thing) else set()  # a renamed article is in another graph
        kept = [
            graph
            for graph in {*old, *new} - {*own}
            if graph in (registry, *names, *moved) or any(_has(lines.get(graph, ()), names) for lines in (old, new))
        ]
        nodes = nodes_of(_of(old, kept)), nodes_of(_of(new, kept))
        same = renames(base, *nodes)
        later = thing if thing in nodes[1] else same.new(thing)
        former = _former(same, nodes[0]).get(later, thing)
        gone, come = (_whole_nodes(lines.get(two.graph.named("derived"), ()), {later, former}) for lines in (old, new))
        graphs = graph_changes(one, two, nodes, same, later)
        return ThingChanges(graphs, tie_changes(gone, come, one.graph, two.graph, same), later, former)


def changes_of_answer(project: Project, before: int, after: int, query: Query, text: str) -> OneAnswerChange:
    """Return how the answer to a question differs between two generations. *text* is its SPARQL for the later one.

    For the earlier one, the things that *text* names are replaced by what they were called before. Raises the same
    errors as `changes_about`, and those of the engine.
    """
    with two_states(project, _state(before), _state(after)) as (one, two):
        old, new = changed_lines(one, two)
        read = predicates_read(text)
        if read is not None and read.isdisjoint(frozenset(changed_predicates(old, new))):
            return OneAnswerChange(None, text)
        kept = {*old, *new} - {two.graph.named(name) for name in OWN_GRAPHS}
        nodes = nodes_of(_of(old, kept)), nodes_of(_of(new, kept))
        same = renames(two.graph.base, *nodes)
        back = _former(same, nodes[0])
        former = _IRI.sub(lambda match: back.get(match[0], match[0]), text) if back else text
        look = Look(two.graph.base, project_prefixes(project))
        return OneAnswerChange(answer_change((one.graph, two.graph), same, query, look, former, text), former)


def _state(number: int) -> StateName:
    return StateName(f"generation {number}", number)


def _names_of(base: str, thing: Term, old: Sequence[str], new: Sequence[str]) -> Collection[Term]:
    """Return the IRIs of a thing in two generations, given the lines of their registries if these differ."""
    begin = f"{thing} "
    if any(line.startswith(begin) for line in new) == any(line.startswith(begin) for line in old):
        return {thing}
    nodes = nodes_of(old)
    same = renames(base, nodes, nodes_of(new))
    return {thing, same.new(thing), _former(same, nodes).get(thing, thing)}


def _former(same: Renames, before: Collection[Term]) -> Mapping[Term, Term]:
    """Return the nodes that were called something else before -> what they were called."""
    return {new: node for node in before if (new := same.new(node)) != node} if same.pairs else {}


def _has(lines: Sequence[str], names: Collection[Term]) -> bool:
    return any(name in line for name in names for line in lines)


def _whole_nodes(lines: Sequence[str], names: Collection[Term]) -> list[str]:
    """Return the lines of the nodes that name one of *names*."""
    nodes = {line.partition(" ")[0] for line in lines if any(name in line for name in names)}
    return [line for line in lines if line.partition(" ")[0] in nodes]


def _of(lines: Lines, graphs: Collection[Term]) -> Iterator[str]:
    return (line for graph in graphs for line in lines.get(graph, ()))
