"""Two states -> the canned questions with different answers, and the rows that differ. Reads two stores.

The questions of the second state are used for both, so that answers differ only if the graphs do. Rows are compared as
displayed: a row that shows the same thing under another id is the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from kg.bench.diff_sides import GraphState
from kg.bench.difference import AnswerChange, AnswerChanges
from kg.bench.renames import Renames
from kg.core.errors import KgError, NotFoundError
from kg.core.likeness import proposal
from kg.core.model import Term
from kg.planning.rows import Rows
from kg.questions.graph import Graph, project_prefixes
from kg.questions.query import all_queries, bound_text, default_text, run_text, shown
from kg.questions.question import Query
from kg.questions.reads import predicates_read
from kg.render.cells import Look, cell, columns_to_read

ShownRow = tuple[str, ...]


def answer_changes(
    before: GraphState, after: GraphState, same: Renames, predicates: Collection[Term], names: Sequence[str] = ()
) -> AnswerChanges:
    """Return the questions with different answers.

    Args:
        before: the first state.
        after: the second state.
        same: the nodes of the first state that have another IRI in the second.
        predicates: the predicates of all triples that only one state has. Questions that read none of them are not run.
        names: the questions to run, with default parameters. Empty for all that need no parameter.

    Raises:
        NotFoundError: a question does not exist.
    """
    queries = _chosen(all_queries(after.project)[0], names)
    suitable = [query for query in queries if names or all(param.optional for param in query.params)]
    look = Look(after.graph.base, project_prefixes(after.project))
    changed, failed = [], []
    for query in suitable:
        read = predicates_read(default_text(query, after.graph.base))
        if read is not None and read.isdisjoint(predicates):
            continue
        try:
            texts = (bound_text(graph, query, {}) for graph in (before.graph, after.graph))
            change = answer_change((before.graph, after.graph), same, query, look, *texts)
        except KgError as error:
            failed.append((query.name, error.message))
        else:
            changed += [change] if change else []
    left = tuple(query.name for query in queries if query not in suitable)
    return AnswerChanges(tuple(changed), len(suitable) - len(failed), left, tuple(failed))


def _chosen(queries: Sequence[Query], names: Sequence[str]) -> Sequence[Query]:
    known = {query.name: query for query in queries}
    for name in names:
        if name not in known:
            fix = proposal(name, list(known), "list them with 'kg query --list'", least=0.5)
            raise NotFoundError(f"there is no query '{name}'", fix)
    return [known[name] for name in dict.fromkeys(names)] if names else queries


def answer_change(
    graphs: tuple[Graph, Graph], same: Renames, query: Query, look: Look, *texts: str
) -> AnswerChange | None:
    """Return how the answer to a question differs, None if it does not. *texts* are its SPARQL for each graph."""
    old, new = (shown(query, run_text(graph, query, text)) for graph, text in zip(graphs, texts, strict=True))
    renamed = Rows(old.variables, tuple(tuple(same.new(term) if term else None for term in row) for row in old.rows))
    columns, one = _texts(renamed, look)
    _, two = _texts(new, look)
    if one == two:
        return None
    return AnswerChange(query.name, query.question, columns, _sorted(two - one), _sorted(one - two))


def _texts(rows: Rows, look: Look) -> tuple[ShownRow, Counter[ShownRow]]:
    columns = columns_to_read(rows, look)
    texts = Counter(tuple(cell(row, column, look) for column in columns) for row in rows.rows)
    return tuple(column.title for column in columns), texts


def _sorted(rows: Counter[ShownRow]) -> tuple[ShownRow, ...]:
    every: Iterable[ShownRow] = rows.elements()
    return tuple(sorted(every))
