"""Model nodes -> quads, provenance and source map. No I/O.

Evidence follows the Web Annotation Data Model: a specific resource, whose source is the article's text, with a text
position and, if the text may be shown, a text quote. https://www.w3.org/TR/annotation-model/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from kg.core.errors import Place
from kg.core.model import Node, Quad, SourceMap, Span, Term, Text
from kg.core.terms import LABEL, OA, TYPE, cq
from kg.core.values import SHA256, count_literal, literal, string_literal
from kg.mapping.texts import sentences_around, touched

CONTEXT = 32
"""Code points in the prefix and suffix of a text quote."""

EVIDENCE, EVIDENCE_CLASS, SENTENCE = cq("evidence"), cq("Evidence"), cq("sentence")
HAS_SOURCE, HAS_SELECTOR = f"<{OA}hasSource>", f"<{OA}hasSelector>"
POSITION_SELECTOR, START, END = f"<{OA}TextPositionSelector>", f"<{OA}start>", f"<{OA}end>"
QUOTE_SELECTOR, EXACT, PREFIX, SUFFIX = (f"<{OA}{name}>" for name in ("TextQuoteSelector", "exact", "prefix", "suffix"))


def node_quads(nodes: Iterable[Node], graph: Term) -> Iterator[Quad]:
    """Yield the quads of *nodes* and of all nodes nested in them."""
    for node in every(nodes):
        yield Quad(node.term, TYPE, node.type, graph)
        if node.label:
            yield Quad(node.term, LABEL, string_literal(node.label), graph)
        for value in node.values:
            yield Quad(node.term, value.predicate, value.object, graph)
        for span, _ in node.evidence:
            yield Quad(node.term, EVIDENCE, evidence_term(graph, span), graph)


def article_quads(nodes: Sequence[Node], graph: Term, text: Text | None) -> Iterator[Quad]:
    """Yield the quads of an article: its nodes, the description of its text, and the evidence."""
    yield from node_quads(nodes, graph)
    if text is None:
        return
    source = inside(graph, "text")
    yield Quad(graph, cq("hasText"), source, graph)
    yield Quad(source, TYPE, cq("ArticleText"), graph)
    yield Quad(source, cq("textSha256"), literal(text.sha256, SHA256), graph)
    yield Quad(source, cq("textLength"), count_literal(text.length), graph)
    spans = sorted({span for node in every(nodes) for span, _ in node.evidence})
    if text.sentences:
        covered = sum(is_touched for _, is_touched in touched(text.sentences, spans))
        yield Quad(source, cq("sentenceCount"), count_literal(len(text.sentences)), graph)
        yield Quad(source, cq("coveredSentenceCount"), count_literal(covered), graph)
    for span in spans:
        yield from _evidence_quads(span, source, graph, text)


def _evidence_quads(span: Span, source: Term, graph: Term, text: Text) -> Iterator[Quad]:
    evidence = evidence_term(graph, span)
    position = inside(evidence, "position")
    yield Quad(evidence, TYPE, EVIDENCE_CLASS, graph)
    yield Quad(evidence, HAS_SOURCE, source, graph)
    yield Quad(evidence, HAS_SELECTOR, position, graph)
    yield Quad(position, TYPE, POSITION_SELECTOR, graph)
    yield Quad(position, START, count_literal(span.start), graph)
    yield Quad(position, END, count_literal(span.end), graph)
    if text.shown:
        yield from _quote_quads(span, evidence, graph, text.value)
        if around := sentences_around(text, span):
            yield Quad(evidence, SENTENCE, string_literal(around), graph)


def _quote_quads(span: Span, evidence: Term, graph: Term, text: str) -> Iterator[Quad]:
    start, end = span
    quote = inside(evidence, "quote")
    yield Quad(evidence, HAS_SELECTOR, quote, graph)
    yield Quad(quote, TYPE, QUOTE_SELECTOR, graph)
    yield Quad(quote, EXACT, string_literal(text[start:end]), graph)
    yield Quad(quote, PREFIX, string_literal(text[max(start - CONTEXT, 0) : start]), graph)
    yield Quad(quote, SUFFIX, string_literal(text[end : end + CONTEXT]), graph)


def evidence_term(graph: Term, span: Span) -> Term:
    """Return the IRI of the evidence at *span* of an article's text."""
    return inside(graph, f"evidence/{span.start}-{span.end}")


def inside(term: Term, segment: str) -> Term:
    """Return the IRI of *segment* below *term*."""
    return f"{term[:-1]}/{segment}>"


def every(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield *nodes* and all nodes nested in them, outer ones first."""
    for node in nodes:
        yield node
        yield from every(node.nested)


def source_map(nodes: Sequence[Node], graph: Term, damaged: frozenset[tuple[Term, Term]]) -> SourceMap:
    """Return where each node and each value was written."""
    return SourceMap({node.term: node.place for node in every(nodes)}, damaged, partial(_value_places, nodes, graph))


def _value_places(nodes: Iterable[Node], graph: Term) -> Mapping[tuple[Term, Term, Term], Place]:
    values: dict[tuple[Term, Term, Term], Place] = {}
    for node in every(nodes):
        for value in node.values:
            values.setdefault((node.term, value.predicate, value.object), value.place)
        for span, place in node.evidence:
            values[node.term, EVIDENCE, evidence_term(graph, span)] = place
    return values
