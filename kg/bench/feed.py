"""What changed about a thing, or in an answer, from generation to generation -> a feed. Reads the build folder.

Words are those of `kg diff`. An entry depends only on its two generations and on what it is about, so it may be kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import quote, urlencode

from kg.bench.diff_about import changes_about, changes_of_answer
from kg.bench.difference import ADDED, REMOVED, REWORDED, AnswerChange, GraphChange, NodeChange, totals
from kg.bench.generation_steps import GenerationStep, KeptGenerations
from kg.bench.shown_diff import change_words, hidden_words, node_details, node_words
from kg.core.english import counted
from kg.core.errors import NotFoundError
from kg.core.model import Term
from kg.core.values import lexical
from kg.project.settings import Project
from kg.questions.graph import Graph
from kg.questions.query import Arguments, bound_text
from kg.questions.question import Query
from kg.render.atom import Feed, FeedEntry, FeedSection
from kg.store.generations import open_generation

MOST_STEPS = 50
"""How many steps between generations a feed looks at, the newest."""

MOST_LINES = 100
"""How many lines an entry lists."""

Lines = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class StepEntry:
    """What one step changed.

    Attributes:
        title: in a few words, "" if nothing changed.
        sections: heading, id of the article ("" if there is none), and lines with their details.
        former: the thing's IRI, or the question's SPARQL, for the steps before this one.
    """

    title: str
    sections: tuple[tuple[str, str, Lines], ...]
    former: str


@dataclass(frozen=True, slots=True)
class FeedSubject:
    """What a feed is about.

    Attributes:
        name: the label of the thing, or the title of the question.
        path: identifies the subject among all of the project, and is the end of the feed's address on a server.
        now: the thing's IRI, or the question's SPARQL, in the newest generation that knows it.
        query: the question, None for a thing.
    """

    name: str
    path: str
    now: str
    query: Query | None = None


def thing_subject(project: Project, kept: KeptGenerations, find: Callable[[Graph], Term]) -> FeedSubject:
    """Return the thing that *find* returns for the current generation, or for the newest other one that has it.

    Raises:
        NotFoundError: none has it.
        AmbiguousError: several things fit.
        InputError: a generation is damaged.
    """

    def subject(graph: Graph) -> FeedSubject:
        thing = find(graph)
        name = graph.labels([thing]).get(thing) or graph.id(thing)
        return FeedSubject(name, f"about/{quote(graph.id(thing), safe='/:')}", thing)

    return _in_newest(project, kept, subject)


def question_subject(project: Project, kept: KeptGenerations, query: Query, arguments: Arguments) -> FeedSubject:
    """Return a question with its arguments. Raises the same errors as `thing_subject`, and UsageError for arguments."""
    pairs = [(name, values) for name, values in sorted(arguments.items()) if values]
    state = urlencode(pairs, doseq=True)
    path = f"question/{quote(query.name)}{'?' if state else ''}{state}"

    def subject(graph: Graph) -> FeedSubject:
        given = ", ".join(
            f"{name} {values if isinstance(values, str) else ' and '.join(values)}" for name, values in pairs
        )
        name = f"{query.title} ({given})" if given else query.title
        return FeedSubject(name, path, bound_text(graph, query, arguments), query)

    return _in_newest(project, kept, subject)


def _in_newest(project: Project, kept: KeptGenerations, subject: Callable[[Graph], FeedSubject]) -> FeedSubject:
    """Return what *subject* returns for the current generation, or else for the newest other one that has it."""
    missing = NotFoundError("no generation that is kept has it")
    for number in kept.numbers:
        with open_generation(project.build, number) as generation, generation.store() as store:
            try:
                return subject(Graph(store, project.base))
            except NotFoundError as error:
                missing = error if number == kept.numbers[0] else missing
    raise missing


def step_entries(project: Project, subject: FeedSubject, steps: Sequence[GenerationStep]) -> Iterator[StepEntry]:
    """Yield what each of *steps* changed, which are given newest first.

    Raises:
        InputError: a generation is damaged.
        EndpointError: the engine fails.
    """
    now = subject.now
    for step in steps:
        entry = _answer_entry(project, subject.query, step, now) if subject.query else _thing_entry(project, step, now)
        yield entry
        now = entry.former


def feed_of(
    project: Project,
    kept: KeptGenerations,
    subject: FeedSubject,
    changed: Iterable[tuple[GenerationStep, StepEntry]],
    address: Callable[[str], str],
    own: str = "",
) -> Feed:
    """Return the feed of a subject.

    Args:
        project: the project.
        kept: its generations.
        subject: what the feed is about.
        changed: the steps that were looked at, newest first, with their entries.
        address: returns where an id of the project is shown.
        own: the address of the feed, "" if it is unknown.
    """
    looked_at = list(changed)
    entries = [_feed_entry(project, subject, step, entry, address) for step, entry in looked_at if entry.title]
    left = "" if len(kept.steps) <= len(looked_at) else f" Only the newest {len(looked_at)} steps are listed."
    oldest, newest = min(kept.numbers), max(kept.numbers)
    cover = f"generation {newest}" if oldest == newest else f"generations {oldest} to {newest}"
    return Feed(
        feed_id(project, subject),
        f"{subject.name}: what changed",
        f"Changes between the generations of {project.title} that are kept: {cover}.{left}",
        entries[0].updated if entries else kept.built,
        project.title,
        project.licence,
        own,
        _page(project, subject, address),
        version("communique-kg"),
        entries,
    )


def _page(project: Project, subject: FeedSubject, address: Callable[[str], str]) -> str:
    """Return the address of the page about a subject."""
    if subject.query is not None:
        return address(f"questions/{subject.path.removeprefix('question/')}")
    iri = lexical(subject.now)
    return address(subject.path.removeprefix("about/")) if iri.startswith(project.base) else iri


def feed_id(project: Project, subject: FeedSubject) -> str:
    """Return the IRI of a feed, which does not depend on where it is served."""
    return f"{project.base}feed/{subject.path}"


def _feed_entry(
    project: Project, subject: FeedSubject, step: GenerationStep, entry: StepEntry, address: Callable[[str], str]
) -> FeedEntry:
    sections = tuple(FeedSection(title, where and address(where), lines) for title, where, lines in entry.sections)
    intro = (
        f"Generation {step.after} was made current again in place of generation {step.before}, built {_time(step)}."
        if step.is_rollback
        else f"From generation {step.before} to generation {step.after}, built {_time(step)}."
    )
    title = f"{subject.name}: {entry.title}{' (rolled back)' if step.is_rollback else ''}"
    return FeedEntry(f"{feed_id(project, subject)}#{step.key}", title, step.built, intro, sections)


def _time(step: GenerationStep) -> str:
    return step.built[:16].replace("T", " ")


# -------- things


def _thing_entry(project: Project, step: GenerationStep, thing: Term) -> StepEntry:
    changes = changes_about(project, step.before, step.after, thing)
    nodes = [node for node in _nodes(changes.graphs) if node.how != REWORDED]
    if not nodes and not changes.ties:
        return StepEntry("", (), changes.former)
    ties: Lines = tuple((f"{tie.how}: {tie.text}", ()) for tie in changes.ties)
    every = [
        *((graph.title or graph.id, _article(graph), _lines(graph)) for graph in changes.graphs),
        *([("Derived statements", "", ties)] if ties else []),
    ]
    own = [node for node in nodes if _is_of(project, node, changes.thing, changes.former) and _own_words(node)]
    others = [node for node in nodes if node not in own]
    counts = _few_words(others), f"{totals(changes.ties)} by derivation" if ties else ""
    title = "; ".join(filter(None, (*map(_own_words, own), *counts)))
    return StepEntry(title, tuple(_cut(every)), changes.former)


def _nodes(graphs: Sequence[GraphChange]) -> list[NodeChange]:
    return [node for graph in graphs for node in graph.nodes]


def _is_of(project: Project, node: NodeChange, *things: Term) -> bool:
    return any(lexical(thing).removeprefix(project.base) == node.id for thing in things)


def _own_words(own: NodeChange) -> str:
    """Return what happened to the thing itself, "" if only what is known about it changed."""
    if own.how in (ADDED, REMOVED):
        return "new" if own.how == ADDED else "no longer in the graph"
    return f"has the id {own.id} now" if own.former_id != own.id else ""


def _few_words(nodes: Sequence[NodeChange]) -> str:
    return f"{nodes[0].caption} {nodes[0].how}" if len(nodes) == 1 else totals(nodes)


def _article(graph: GraphChange) -> str:
    return "" if graph.id == "registry" else f"article/{graph.id}"


def _lines(graph: GraphChange) -> Lines:
    shown = [node for node in graph.nodes if node.how != REWORDED]
    hidden = hidden_words(graph, verbose=False)
    listed = [(f"{node.how}: {node_words(node)}", tuple(map(change_words, node_details(node)))) for node in shown]
    return (*listed, *([(hidden, ())] if hidden else []))


def _cut(sections: Sequence[tuple[str, str, Lines]]) -> Iterator[tuple[str, str, Lines]]:
    """Yield sections with at most MOST_LINES in all, and say how many are left out."""
    left = MOST_LINES
    for title, article, lines in sections:
        if left > 0:
            yield title, article, lines[:left]
        left -= len(lines)
    if left < 0:
        more = counted(-left, "more line")
        yield "Not listed", "", ((f"{more}; 'kg diff' lists all that differs between two generations", ()),)


# -------- answers


def _answer_entry(project: Project, query: Query, step: GenerationStep, text: str) -> StepEntry:
    change = changes_of_answer(project, step.before, step.after, query, text)
    if change.answer is None:
        return StepEntry("", (), change.former)
    rows = {ADDED: change.answer.added, REMOVED: change.answer.removed}
    counts = [f"{counted(len(some), 'row')} {how}" for how, some in rows.items() if some]
    sections = [(f"Rows {how}", "", _rows(change.answer, some)) for how, some in rows.items() if some]
    return StepEntry(" and ".join(counts), tuple(_cut(sections)), change.former)


def _rows(answer: AnswerChange, rows: Sequence[Sequence[str]]) -> Lines:
    return tuple(
        ("; ".join(f"{column}: {cell}" for column, cell in zip(answer.columns, row, strict=True) if cell), ())
        for row in rows
    )
