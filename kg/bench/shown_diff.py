"""The differences between two states -> text for a terminal, Markdown for a pull request, or JSON. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

from kg.bench.difference import (
    ADDED,
    CHANGED,
    REMOVED,
    RENAMED,
    REWORDED,
    AnswerChange,
    AnswerChanges,
    GraphChange,
    GraphDifference,
    NodeChange,
    ValueChange,
    heading,
    totals,
)
from kg.core.english import counted
from kg.render.terminal import one_line

MARKS = {ADDED: "+", REMOVED: "-", CHANGED: "~", RENAMED: "=", REWORDED: "~"}
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~@&])")


def diff_json(difference: GraphDifference) -> str:
    """Return everything as JSON, with all rows of answers."""
    return json.dumps(asdict(difference), ensure_ascii=False, indent=2) + "\n"


def diff_text(difference: GraphDifference, most: int, verbose: bool) -> str:
    """Return text with at most *most* rows per answer. Changes that follow from others are shown only if *verbose*."""
    return "\n".join(map(one_line_indented, _text(difference, most, verbose))) + "\n"


def one_line_indented(line: str) -> str:
    """Return a line without terminal control characters, with its indentation."""
    return " " * (len(line) - len(line.lstrip(" "))) + one_line(line.lstrip(" "))


def _text(difference: GraphDifference, most: int, verbose: bool) -> Iterator[str]:
    yield heading(difference)
    for graph in difference.graphs:
        yield ""
        yield _title(graph)
        for node in _shown(graph, verbose):
            yield f"  {MARKS[node.how]} {node_words(node)}{f'  ({node.place})' if node.place else ''}"
            yield from (f"      {change_words(value)}" for value in node_details(node))
        if hidden := hidden_words(graph, verbose):
            yield f"  {hidden} (-v lists them)"
    if difference.findings:
        yield from ("", f"Findings: {totals(difference.findings)}")
        yield from (
            f"  {MARKS[each.how]} {each.message}{f'  ({each.place})' if each.place else ''}"
            for each in difference.findings
        )
    if difference.derived:
        more = "" if verbose else " (-v lists them)"
        yield from ("", f"Derived statements: {totals(difference.derived)}{more}")
        yield from (f"  {MARKS[tie.how]} {tie.text}" for tie in difference.derived if verbose)
    if difference.answers:
        yield from _answers_text(difference.answers, most, verbose)


def _answers_text(answers: AnswerChanges, most: int, verbose: bool) -> Iterator[str]:
    yield ""
    yield answers_words(answers)
    for answer in answers.changed:
        yield f"  {answer.name}: {answer.question}"
        for mark, rows in (("+", answer.added), ("-", answer.removed)):
            yield from (f"    {mark} {' | '.join(row)}" for row in rows[:most])
            yield from ([f"    {mark} and {len(rows) - most:,} more"] if len(rows) > most else [])
    yield from (f"  {name} could not be run: {problem}" for name, problem in answers.failed)
    if verbose and answers.passed_over:
        yield f"  not run, because they need a parameter: {', '.join(answers.passed_over)}"


def diff_markdown(difference: GraphDifference, most: int, verbose: bool) -> str:
    """Return Markdown for a comment on a pull request, limited like `diff_text`."""
    return "\n".join(_markdown(difference, most, verbose)) + "\n"


def _markdown(difference: GraphDifference, most: int, verbose: bool) -> Iterator[str]:
    yield f"**{plain_markdown(heading(difference))}**"
    for graph in difference.graphs:
        yield from ("", f"### {plain_markdown(_title(graph))}", "")
        for node in _shown(graph, verbose):
            place = f" (`{node.place}`)" if node.place else ""
            yield f"- {node.how}: {plain_markdown(node_words(node))}{place}"
            yield from (f"  - {plain_markdown(change_words(value))}" for value in node_details(node))
        if hidden := hidden_words(graph, verbose):
            yield f"- {hidden}"
    if difference.findings:
        yield from ("", f"### Findings: {totals(difference.findings)}", "")
        yield from (
            f"- {each.how}: {plain_markdown(each.message)}{f' (`{each.place}`)' if each.place else ''}"
            for each in difference.findings
        )
    if difference.derived:
        yield from ("", f"### Derived statements: {totals(difference.derived)}", "")
        yield from (f"- {tie.how}: {plain_markdown(tie.text)}" for tie in difference.derived if verbose)
    if difference.answers:
        yield from _answers_markdown(difference.answers, most)


def _answers_markdown(answers: AnswerChanges, most: int) -> Iterator[str]:
    yield from ("", f"### {plain_markdown(answers_words(answers))}")
    for answer in answers.changed:
        yield from ("", f"**{plain_markdown(answer.name)}**: {plain_markdown(answer.question)}", "")
        yield from _table(answer, most)
    if answers.failed:
        yield ""
    for name, problem in answers.failed:
        yield f"- {plain_markdown(name)} could not be run: {plain_markdown(problem)}"


def _table(answer: AnswerChange, most: int) -> Iterator[str]:
    def line(cells: Sequence[str], shown: Callable[[str], str] = str) -> str:
        return f"| {' | '.join(map(shown, cells))} |"

    yield line(["", *map(plain_markdown, answer.columns)])
    yield line(["---"] * (len(answer.columns) + 1))
    for mark, rows in (("+", answer.added), ("−", answer.removed)):
        yield from (line([mark, *row], plain_markdown) for row in rows[:most])
        if len(rows) > most:
            yield line([mark, f"and {len(rows) - most:,} more", *[""] * (len(answer.columns) - 1)])


# -------- words


def _title(graph: GraphChange) -> str:
    how = "" if graph.how == CHANGED else f" – {graph.how}"
    return f"{graph.title} ({graph.id}){how}" if graph.title and graph.title.lower() != graph.id else graph.title + how


def node_words(node: NodeChange) -> str:
    """Describe a change in one line, which includes the value if only one differs.

    >>> change = NodeChange("changed", "article/a/chief", "article/a/chief", "Post of Mara Lind")
    >>> node_words(change)
    'Post of Mara Lind [chief]'
    """
    short = node.id.rpartition("/")[2] if node.id.startswith("article/") else node.id
    named = node.caption if node.is_made or not short else f"{node.caption} [{short}]"
    if node.how == RENAMED:
        return f"{node.caption}: {_id(node.former_id)} is now {_id(node.id)}"
    if node.how in (ADDED, REMOVED):
        return f"{named}: {node.sentence}" if node.sentence else named
    if node.how == REWORDED:
        return f"{named}: only names in it differ"
    was = f", formerly {_id(node.former_id)}" if node.former_id != node.id and not node.is_made else ""
    only = f": {change_words(node.values[0])}" if len(node.values) == 1 else ""
    return f"{named}{was}{only}"


def _id(text: str) -> str:
    return text.removeprefix("article/")


def node_details(node: NodeChange) -> Sequence[ValueChange]:
    """Return the values of a change that `node_words` does not include."""
    return node.values if len(node.values) > 1 else ()


def change_words(change: ValueChange) -> str:
    """Describe the change of a property.

    >>> change_words(ValueChange("title", ("Director",), ("Director General",)))
    'title Director -> Director General'
    """
    before, after = ("; ".join(values) for values in (change.before, change.after))
    if before and after:
        return f"{change.property} {before} -> {after}"
    return f"{change.property}: {'no longer ' if before else ''}{before or after}"


def _shown(graph: GraphChange, verbose: bool) -> list[NodeChange]:
    return [node for node in graph.nodes if verbose or node.how != REWORDED]


def hidden_words(graph: GraphChange, verbose: bool) -> str:
    """Return the number of facts in whose sentence only a name differs, "" if there are none or they are listed."""
    number = sum(node.how == REWORDED for node in graph.nodes)
    return f"{counted(number, 'fact')} only with other names in the sentence" if number and not verbose else ""


def answers_words(answers: AnswerChanges) -> str:
    """Return the number of answers that differ, and the total."""
    left = f"; {len(answers.passed_over)} need a parameter" if answers.passed_over else ""
    return f"Answers: {len(answers.changed)} of {counted(answers.compared, 'question')} changed{left}"


def plain_markdown(text: str) -> str:
    """Return a text escaped for Markdown, in one line, which cannot mention users."""
    return _MARKDOWN.sub(r"\\\1", one_line(text)).replace("\\@", "@\u200b")
