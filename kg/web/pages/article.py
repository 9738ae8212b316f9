"""An article of the graph -> its page: text, facts, curation, findings, corrections. Reads a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.terms import CODE, RETRACTED, cq
from kg.core.values import lexical, local_name
from kg.questions.captions import captions
from kg.questions.described import Mention, Statement, text_of_key
from kg.questions.evidence_and_findings import evidence_in, findings_of
from kg.questions.graph import Graph
from kg.questions.spans import Sentence, Stretch, paragraphs
from kg.questions.words import Original, citations
from kg.web.pages.article_index import article_index
from kg.web.pages.fact_lines import FactLines, Line, fact_lines
from kg.web.pages.lexicon import lexicon
from kg.web.pages.page_queries import changes_of, severity_word
from kg.web.snapshot import Snapshot

WITHHELD = f"<{CODE}textKind/Withheld>"


@dataclass(frozen=True, slots=True)
class FactGroup:
    """The facts of one class, in the order of the text."""

    kind: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ArticleFinding:
    """A finding of the last build: its rule, severity, message and node."""

    rule: Mention
    severity: str
    message: str
    node: Mention


@dataclass(frozen=True, slots=True)
class Change:
    """How another article changes this one, or this one another: the relation and that article."""

    relation: str
    other: Mention


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """The content of the page of an article.

    Attributes:
        term: the article.
        title: its title.
        language: the language of its text, or "".
        caption: the caption of its picture, or "".
        kind: the kind of text in words, or "".
        withheld: whether the text may not be shown.
        paragraphs: the text in pieces, empty if it is not in the graph.
        sentences: the number of sentences, as counted by the build, 0 if the text was not available.
        covered: how many of them support a fact.
        details: publisher, date, topics and other details of the article.
        original: details of the article that it restates.
        restated: how to cite that, None if the text is the article's own.
        curation: who recorded it, when, and its state.
        retracted: the reason for its retraction, None if it was not retracted.
        facts: facts by class; nested ones, such as participations, are shown with the fact that they belong to.
        fact_count: the number of facts, including nested ones.
        findings: findings of the last build.
        changes: corrections and replacements.
    """

    term: Term
    title: Mention
    language: str
    caption: str
    kind: str
    withheld: bool
    paragraphs: tuple[tuple[Sentence, ...], ...]
    sentences: int
    covered: int
    details: tuple[Statement, ...]
    original: tuple[Statement, ...]
    restated: Original | None
    curation: tuple[Statement, ...]
    retracted: str | None
    facts: tuple[FactGroup, ...]
    fact_count: int
    findings: tuple[ArticleFinding, ...]
    changes: tuple[Change, ...]


def article_shown(snapshot: Snapshot, article: Term) -> ArticlePage | None:
    """Return the page of an article, None if the graph has no article with that IRI."""
    graph, words = snapshot.graph, lexicon(snapshot)
    if article not in article_index(snapshot):
        return None
    places = [(n, int(lexical(a)), int(lexical(b))) for n, _, a, b in evidence_in(graph, article) if n and a and b]
    facts = list(dict.fromkeys(fact for node, _, _ in places if (fact := graph.fact_of(node))))
    lines = fact_lines(graph, [article, *_nested(article), *facts])
    described = lines.described
    values = dict(described.triples[article])
    text = lexical(values[cq("text")]) if cq("text") in values else ""
    withheld = values.get(cq("textKind")) == WITHHELD
    pieces = paragraphs(text, [Stretch(a, b, graph.fact_of(n)) for n, a, b in places]) if text and not withheld else ()
    curation = dict(described.triples.get(values.get(cq("curation"), ""), ()))
    counted = dict(described.triples.get(values.get(cq("hasText"), ""), ()))
    return ArticlePage(
        term=article,
        title=described.mention(article),
        language=text_of_key(values, "language"),
        caption=text_of_key(values, "caption"),
        kind=words.label(values[cq("textKind")]) if cq("textKind") in values else "",
        withheld=withheld,
        paragraphs=pieces,
        sentences=int(text_of_key(counted, "sentenceCount") or 0),
        covered=int(text_of_key(counted, "coveredSentenceCount") or 0),
        details=_without(lines.details(article, apart=True), "title", "language", "caption"),
        original=lines.details(values.get(cq("original"), ""), apart=True),
        restated=citations(graph, [article])[article].original,
        curation=lines.details(values.get(cq("curation"), ""), apart=True),
        retracted=text_of_key(curation, "retractionReason") if curation.get(cq("status")) == RETRACTED else None,
        facts=_groups(lines, facts),
        fact_count=len(described.readings.keys() & {node for node, _, _ in places}),
        findings=_findings(graph, article),
        changes=_changes(graph, article),
    )


def _nested(article: Term) -> list[Term]:
    return [f"{article[:-1]}/{name}>" for name in ("curation", "original", "text")]


def _without(details: Sequence[Statement], *names: str) -> tuple[Statement, ...]:
    return tuple(detail for detail in details if detail.property not in set(map(cq, names)))


def _groups(lines: FactLines, facts: Sequence[Term]) -> tuple[FactGroup, ...]:
    groups: dict[str, list[Line]] = {}
    for fact in facts:
        if fact in lines.described.readings:
            line = lines.line(fact)
            groups.setdefault(line.kind, []).append(line)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return tuple(FactGroup(kind, tuple(some)) for kind, some in ordered)


def _findings(graph: Graph, article: Term) -> tuple[ArticleFinding, ...]:
    rows = findings_of(graph, article)
    names = captions(graph, [term for rule, _, _, node in rows for term in (rule, node) if term])
    return tuple(
        ArticleFinding(
            Mention(local_name(rule), rule),
            severity_word(severity),
            lexical(message) if message else names.of(rule),
            Mention(names.of(node), node),
        )
        for rule, severity, message, node in rows
        if rule and severity and node
    )


def _changes(graph: Graph, article: Term) -> tuple[Change, ...]:
    rows = [(one, p, other) for one, p, other in changes_of(graph, article) if one and p and other]
    names = captions(graph, [node for one, _, other in rows for node in (one, other)])
    made = []
    for one, prop, other in rows:
        corrects = prop == cq("corrects")
        if one == article:
            relation, node = ("This article corrects" if corrects else "This article supersedes"), other
        else:
            relation, node = ("Corrected by" if corrects else "Superseded by"), one
        made.append(Change(relation, Mention(names.of(node), node)))
    return tuple(made)
