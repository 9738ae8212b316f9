"""The differences between two states of the graph, as shown in all formats. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.core.english import counted, listed

ADDED, REMOVED, CHANGED, RENAMED, REWORDED = "added", "removed", "changed", "renamed", "reworded"
ORDER = (ADDED, REMOVED, CHANGED, RENAMED, REWORDED)


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A property in words, with the values that only the first or only the second state has."""

    property: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeChange:
    """A fact, an entity, a link, an article or a term that differs.

    Attributes:
        how: added, removed, changed, renamed (only its id) or reworded (only names in its sentence).
        id: its id without the base, in the second state unless it was removed.
        former_id: its id in the first state.
        caption: its caption.
        sentence: its sentence, "" if it is not a fact.
        place: file, line and column in the second state, "" if there is none or it is unknown.
        values: the values that differ.
        is_made: whether the id is generated from the content rather than chosen by an author.
    """

    how: str
    id: str
    former_id: str
    caption: str
    sentence: str = ""
    place: str = ""
    values: tuple[ValueChange, ...] = ()
    is_made: bool = False


@dataclass(frozen=True, slots=True)
class GraphChange:
    """An article, the registry or the ontology.

    Attributes:
        how: added, removed, changed or renamed.
        id: the id of the article, or else the name of the graph.
        title: the title of the article, or else a description of the graph.
        nodes: the nodes in it that differ.
    """

    how: str
    id: str
    title: str
    nodes: tuple[NodeChange, ...]


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A warning or a remark that only one state has: added or removed."""

    how: str
    message: str
    place: str


@dataclass(frozen=True, slots=True)
class TieChange:
    """A derived statement in words that only one state has: added or removed."""

    how: str
    text: str


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """A canned question with a different answer.

    Attributes:
        name: the name of the question.
        question: the question in words.
        columns: the titles of the columns.
        added: rows that only the second state has, as displayed.
        removed: rows that only the first state has.
    """

    name: str
    question: str
    columns: tuple[str, ...]
    added: tuple[tuple[str, ...], ...]
    removed: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class AnswerChanges:
    """The comparison of answers to canned questions.

    Attributes:
        changed: the questions with different answers.
        compared: the number of questions that were run in both states, or cannot have different answers.
        passed_over: names of questions that need a parameter and were not run.
        failed: name and problem of questions that one of the states cannot answer.
    """

    changed: tuple[AnswerChange, ...] = ()
    compared: int = 0
    passed_over: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class GraphDifference:
    """All differences between two states.

    Attributes:
        before: title of the first state.
        after: title of the second state.
        graphs: the articles, the registry and the ontology, as far as they differ.
        findings: warnings and remarks that were added or removed.
        derived: derived statements that were added or removed.
        answers: differences in the answers to canned questions, None if they were not run.
    """

    before: str
    after: str
    graphs: tuple[GraphChange, ...] = ()
    findings: tuple[FindingChange, ...] = ()
    derived: tuple[TieChange, ...] = ()
    answers: AnswerChanges | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there are no differences."""
        return not (self.graphs or self.findings or self.derived or (self.answers and self.answers.changed))


def totals(changes: Sequence[NodeChange | TieChange | FindingChange]) -> str:
    """Return how many there are of each kind, in words.

    >>> totals([TieChange("added", ""), TieChange("removed", ""), TieChange("added", "")])
    '2 added and 1 removed'
    """
    counts = ((sum(change.how == how for change in changes), how) for how in ORDER)
    return listed([f"{number:,} {how}" for number, how in counts if number])


def nodes_in(graphs: Iterable[GraphChange]) -> list[NodeChange]:
    """Return the changes of all graphs."""
    return [node for graph in graphs for node in graph.nodes]


def heading(difference: GraphDifference) -> str:
    """Return the whole difference in one sentence."""
    if difference.is_empty:
        return f"no difference between {difference.before} and {difference.after}"
    parts = [totals(nodes_in(difference.graphs))]
    if difference.answers and difference.answers.changed:
        parts.append(f"{counted(len(difference.answers.changed), 'answer')} changed")
    return f"{difference.before} -> {difference.after}: {'; '.join(filter(None, parts)) or 'only what follows'}"
