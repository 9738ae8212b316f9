"""The current file of an article -> its sentences with the facts that rest on them, and open points for a reviewer.

The project is compiled in a temporary folder. Nothing in it is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from kg.bench.diff_sides import TREE, GraphState, opened, state_name
from kg.core.errors import NotFoundError
from kg.core.iri import article_iri
from kg.core.likeness import proposal
from kg.core.model import Term
from kg.core.terms import cq
from kg.core.values import is_iri, lexical, local_name
from kg.project.settings import Project
from kg.questions.described import Described, described, text_of_key
from kg.questions.evidence_and_findings import evidence_in, findings_of
from kg.questions.spans import Sentence, Stretch, paragraphs
from kg.store.scratch import scratch_folder


@dataclass(frozen=True, slots=True)
class ReviewedFact:
    """A fact: its id in the article, its sentence, its date, how it is reported, and its place."""

    id: str
    kind: str
    sentence: str
    when: str
    standing: str
    place: str


@dataclass(frozen=True, slots=True)
class ReviewedSentence:
    """A sentence.

    Attributes:
        number: from 1.
        pieces: its text, each piece with whether a fact rests on it.
        facts: ids of the facts that rest on it, in the order of their words, none if it is bare.
    """

    number: int
    pieces: tuple[tuple[bool, str], ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """An article to be reviewed.

    Attributes:
        article: its id.
        title: its title.
        status: the status of the review, in words.
        count: the number of sentences in the text, 0 if unknown.
        covered: the number of sentences on which a fact rests.
        sentences: the sentences of the text, none if it may not be shown.
        facts: all facts, in the order of the text.
        decide: kind and text of the points that the reviewer must decide: findings, the curator's reasons, and facts
            that no longer stand.
    """

    article: str
    title: str
    status: str
    count: int
    covered: int
    sentences: tuple[ReviewedSentence, ...]
    facts: tuple[ReviewedFact, ...]
    decide: tuple[tuple[str, str], ...]

    @property
    def coverage(self) -> float | None:
        """The share of sentences on which a fact rests, None if there are no sentences."""
        return self.covered / self.count if self.count else None


def review(project: Project, article: str) -> Review:
    """Return the review of the article with this id.

    Raises:
        NotFoundError: there is no such article.
        StateError: the project has errors.
    """
    with (
        scratch_folder() as scratch,
        opened(project, state_name(project, TREE), scratch) as state,
    ):
        return _review(state, article)


def _review(state: GraphState, article: str) -> Review:
    graph, term = state.graph, f"<{article_iri(state.graph.base, article)}>"
    if term not in state.generation.manifest.graphs:
        known = [graph.id(name).removeprefix("article/") for name in state.generation.manifest.graphs]
        raise NotFoundError(f"there is no article '{article}'", proposal(article, known, "'kg new' makes one"))
    stretches = [
        Stretch(int(lexical(a)), int(lexical(b)), graph.fact_of(n))
        for n, _, a, b in evidence_in(graph, term)
        if n and a and b
    ]
    facts = list(dict.fromkeys(each.key for each in stretches))
    parts = [f"{term[:-1]}/{name}>" for name in ("curation", "text")]
    words = described(graph, [term, *parts, *facts])
    values, counts = (dict(words.triples.get(node, ())) for node in (term, parts[1]))
    text = text_of_key(values, "text")
    sentences = chain.from_iterable(paragraphs(text, stretches))
    status = dict(words.triples.get(parts[0], ())).get(cq("status"), "")
    return Review(
        article,
        words.captions.plain(term),
        words.captions.plain(status) if status else "",
        int(text_of_key(counts, "sentenceCount") or 0),
        int(text_of_key(counts, "coveredSentenceCount") or 0),
        tuple(_sentence(number, each) for number, each in enumerate(sentences, 1)),
        tuple(_fact(state, words, fact) for fact in facts if fact in words.readings),
        tuple(_to_decide(state, words, term, facts)),
    )


def _sentence(number: int, sentence: Sentence) -> ReviewedSentence:
    keys = dict.fromkeys(local_name(key) for piece in sentence.pieces for key in piece.keys)
    return ReviewedSentence(number, tuple((bool(piece.keys), piece.text) for piece in sentence.pieces), tuple(keys))


def _fact(state: GraphState, words: Described, fact: Term) -> ReviewedFact:
    reading, place = words.readings[fact], state.place(fact)
    kind = words.captions.plain(reading.type)
    return ReviewedFact(
        local_name(fact), kind, reading.summary, reading.date, reading.standing, str(place) if place else ""
    )


def _to_decide(state: GraphState, words: Described, article: Term, facts: Sequence[Term]) -> Iterator[tuple[str, str]]:
    for rule, _, message, node in findings_of(state.graph, article):
        if rule and node:
            yield "finding", f"{_short(article, node)}: {lexical(message) if message else ''} [{local_name(rule)}]"
    statements = ((node, *pair) for node in sorted(words.triples) for pair in words.triples[node])
    for node, prop, value in statements:
        if prop in (cq("reason"), cq("reading")) and not is_iri(value):
            yield local_name(prop), f"{_short(article, node)}: {lexical(value)}"
    for fact in facts:
        status = dict(words.triples.get(fact, ())).get(cq("status"))
        standing = words.readings[fact].standing if fact in words.readings else ""
        shown = {"status": words.captions.plain(status) if status else "", "standing": standing}
        yield from ((kind, f"{local_name(fact)}: {text}") for kind, text in shown.items() if text)


def _short(article: Term, node: Term) -> str:
    return node[len(article) : -1] or "article"
