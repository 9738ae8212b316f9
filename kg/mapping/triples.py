"""Model nodes -> triples, provenance and source map. No I/O.

Evidence follows the Web Annotation Data Model: a specific resource, whose source is the article's text, with a text
position and, if the text may be shown, a text quote. https://www.w3.org/TR/annotation-model/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from kg.core.errors import Place
from kg.core.model import Node, SourceMap, Span, Term, Text, Triple
from kg.core.terms import LABEL, OA, TYPE, cq
from kg.core.values import SHA256, count_literal, literal, string_literal
from kg.mapping.texts import sentences_around, touched

CONTEXT = 32
"""Code points in the prefix and suffix of a text quote."""

EVIDENCE, EVIDENCE_CLASS, SENTENCE = cq("evidence"), cq("Evidence"), cq("sentence")
HAS_SOURCE, HAS_SELECTOR = f"<{OA}hasSource>", f"<{OA}hasSelector>"
POSITION_SELECTOR, START, END = f"<{OA}TextPositionSelector>", f"<{OA}start>", f"<{OA}end>"
QUOTE_SELECTOR, EXACT, PREFIX, SUFFIX = (f"<{OA}{name}>" for name in ("TextQuoteSelector", "exact", "prefix", "suffix"))


def node_triples(nodes: Iterable[Node], graph: Term) -> Iterator[Triple]:
    """Yield the triples of *nodes* and of all nodes nested in them."""
    for node in every(nodes):
        yield node.term, TYPE, node.type
        if node.label:
            yield node.term, LABEL, string_literal(node.label)
        for value in node.values:
            yield node.term, value.predicate, value.object
        for span, _ in node.evidence:
            yield node.term, EVIDENCE, evidence_term(graph, span)


def article_triples(nodes: Sequence[Node], graph: Term, text: Text | None) -> Iterator[Triple]:
    """Yield the triples of an article: its nodes, the description of its text, and the evidence."""
    yield from node_triples(nodes, graph)
    if text is None:
        return
    source = inside(graph, "text")
    yield graph, cq("hasText"), source
    yield source, TYPE, cq("ArticleText")
    yield source, cq("textSha256"), literal(text.sha256, SHA256)
    yield source, cq("textLength"), count_literal(text.length)
    spans = sorted({span for node in every(nodes) for span, _ in node.evidence})
    if text.sentences:
        covered = sum(is_touched for _, is_touched in touched(text.sentences, spans))
        yield source, cq("sentenceCount"), count_literal(len(text.sentences))
        yield source, cq("coveredSentenceCount"), count_literal(covered)
    for span in spans:
        yield from _evidence_triples(span, source, graph, text)


def _evidence_triples(span: Span, source: Term, graph: Term, text: Text) -> Iterator[Triple]:
    evidence = evidence_term(graph, span)
    position = inside(evidence, "position")
    yield evidence, TYPE, EVIDENCE_CLASS
    yield evidence, HAS_SOURCE, source
    yield evidence, HAS_SELECTOR, position
    yield position, TYPE, POSITION_SELECTOR
    yield position, START, count_literal(span.start)
    yield position, END, count_literal(span.end)
    if text.shown:
        yield from _quote_triples(span, evidence, text.value)
        if around := sentences_around(text, span):
            yield evidence, SENTENCE, string_literal(around)


def _quote_triples(span: Span, evidence: Term, text: str) -> Iterator[Triple]:
    start, end = span
    quote = inside(evidence, "quote")
    yield evidence, HAS_SELECTOR, quote
    yield quote, TYPE, QUOTE_SELECTOR
    yield quote, EXACT, string_literal(text[start:end])
    yield quote, PREFIX, string_literal(text[max(start - CONTEXT, 0) : start])
    yield quote, SUFFIX, string_literal(text[end : end + CONTEXT])


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


def _value_places(nodes: Iterable[Node], graph: Term) -> Mapping[Triple, Place]:
    values: dict[Triple, Place] = {}
    for node in every(nodes):
        for value in node.values:
            values.setdefault((node.term, value.predicate, value.object), value.place)
        for span, place in node.evidence:
            values[node.term, EVIDENCE, evidence_term(graph, span)] = place
    return values
