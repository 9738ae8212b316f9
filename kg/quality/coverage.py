"""An article's text and its evidence -> which of its sentences rest nothing. Reads an article's file and a store.

The graph has no text but that of evidence, so the sentences come from the mapping; it must still be the text that was
built, which its hash tells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg.core.errors import InputError
from kg.core.iri import is_id
from kg.core.model import Span, Term, Text
from kg.core.terms import ARTICLE_KEY, cq
from kg.core.values import lexical
from kg.mapping.blocks import Outside, text_of
from kg.mapping.outline import text_file
from kg.mapping.read import Table, read_yaml
from kg.mapping.tables import value_of
from kg.mapping.texts import touched
from kg.project.files import read_text
from kg.project.layout import article_file
from kg.project.settings import Project
from kg.project.sources import outside_text
from kg.questions.graph import Graph

_SPAN = re.compile(r"/evidence/(\d+)-(\d+)>$")


@dataclass(frozen=True, slots=True)
class CoveredSentence:
    """One sentence: its text, white space folded, and whether a fact rests on words of it."""

    text: str
    covered: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of an article's text carries facts.

    Attributes:
        sentences: of the text, in order; their texts are "" where the text may not be shown.
        shown: whether the text may be shown.
        why: why there are none, "" when there are.
    """

    sentences: tuple[CoveredSentence, ...]
    shown: bool = True
    why: str = ""

    @property
    def covered(self) -> int:
        """How many sentences carry evidence."""
        return sum(sentence.covered for sentence in self.sentences)

    @property
    def share(self) -> float | None:
        """Covered sentences of all, 0 to 1; None when there are none."""
        return self.covered / len(self.sentences) if self.sentences else None


def coverage(project: Project, graph: Graph, article: Term) -> Coverage:
    """Return the coverage of an article, by its text as it was when the graph was built."""
    built = _hash(graph, article)
    if not built:
        return Coverage((), why="it has no text")
    name = graph.id(article).removeprefix("article/")
    text = _text(project, name) if is_id(name) else None
    if text is None or not text.value:
        return Coverage((), why="its text is not at hand")
    if text.sha256 != built:
        return Coverage((), why="its text has changed since the last build")
    found = touched(text.sentences, _spans(graph, article))
    told = tuple(CoveredSentence(_folded(text.value, span) if text.shown else "", covered) for span, covered in found)
    return Coverage(told, text.shown)


def _text(project: Project, name: str) -> Text | None:
    """Return the text of an article, None when there is none or it cannot be read."""
    file = article_file(project, name)
    if file is None:
        return None
    try:
        tree, _ = read_yaml(read_text(file, project.shown(file)), project.shown(file))
        block = value_of(tree, ARTICLE_KEY) if isinstance(tree, Table) else None
        outside = text_file(tree)
        raw = outside_text(project, outside.text) if outside else None
    except InputError:
        return None
    return text_of(block, Outside(raw)) if isinstance(block, Table) else None


def _hash(graph: Graph, article: Term) -> str:
    rows = graph.store.select(
        f"SELECT ?hash WHERE {{ GRAPH {article} {{ {article} {cq('hasText')}/{cq('textSha256')} ?hash }} }}"
    ).rows
    return next((lexical(row[0]) for row in rows if row[0]), "")


def _spans(graph: Graph, article: Term) -> Sequence[Span]:
    rows = graph.store.select(
        f"SELECT DISTINCT ?words WHERE {{ GRAPH {article} {{ ?fact {cq('evidence')} ?words }} }}"
    ).rows
    matches = (_SPAN.search(row[0]) for row in rows if row[0])
    return [Span(int(match[1]), int(match[2])) for match in matches if match]


def _folded(text: str, span: Span) -> str:
    return " ".join(text[span.start : span.end].split())
