"""Words that a curator selects -> the kinds of fact that they may state, and how their form begins. No I/O.

Only what stands in the words is filled in: dates and amounts as they are written, and whom they name. What a draft
proposes for the same words comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kg.bench.in_text import InText
from kg.bench.mention import BY_SURNAME
from kg.bench.proposal import FACT, Proposal
from kg.core.model import Span
from kg.core.terms import FACT_CLASS, TYPE_KEY
from kg.mapping.yaml_nodes import Data
from kg.ontology.vocabulary import Key, Kind, Vocabulary

MOST_KINDS = 4
_WORD = re.compile(r"[^\W\d_]+")
_TRIED = ("edtf", "quantity")


def likely_kinds(in_text: InText, proposals: Iterable[Proposal], span: Span) -> tuple[str, ...]:
    """Return the classes of facts that the words at *span* may state, the likeliest first."""
    drafted = [each.type for each in overlapping(proposals, span)]
    words = {word.lower() for word in _WORD.findall(in_text.article.text[span.start : span.end])}
    vocabulary, scores = in_text.scope.vocabulary, dict[str, float]()
    for cue in in_text.cues.cues:
        shared = cue.words & words
        if shared and vocabulary.is_a(cue.class_name, FACT_CLASS):
            score = cue.score * len(shared) / len(cue.words)
            scores[cue.class_name] = max(score, scores.get(cue.class_name, 0.0))
    ranked = sorted(scores, key=lambda name: (-scores[name], name))
    return tuple(dict.fromkeys((*drafted, *ranked)))[:MOST_KINDS]


def overlapping(proposals: Iterable[Proposal], span: Span) -> Iterator[Proposal]:
    """Yield the proposed facts whose words overlap *span*, those that share most words with it first."""
    facts = [each for each in proposals if each.kind == FACT and _shared(each.span, span) > 0]
    yield from sorted(facts, key=lambda each: (-_shared(each.span, span), -each.score))


def _shared(one: Span, other: Span) -> int:
    return min(one.end, other.end) - max(one.start, other.start)


def begun(in_text: InText, proposals: Iterable[Proposal], span: Span, name: str) -> dict[str, Data]:
    """Return the keys and values with which a fact of the class *name* begins, without its quote."""
    vocabulary = in_text.scope.vocabulary
    for each in overlapping(proposals, span):
        if each.type == name and not each.needs:
            return {key: value for key, value in each.tree.items() if key != "quote"}
    return {TYPE_KEY: name, **dict(_InWords(in_text, span).values(vocabulary, name))}


class _InWords:
    def __init__(self, in_text: InText, span: Span) -> None:
        inside = [each for each in in_text.mentions if _is_in(each.span, span)]
        self._mentions = [each for each in inside if each.certainty >= BY_SURNAME and each.id not in in_text.new_ids]
        self._words = {
            "edtf": [each.words for each in in_text.dates if _is_in(each.span, span)],
            "quantity": [each.words for each in in_text.figures if _is_in(each.span, span)],
        }

    def values(self, vocabulary: Vocabulary, name: str) -> Iterator[tuple[str, Data]]:
        """Yield the keys of a class that the words give: its date, its amount, whom it must name."""
        term, keys = vocabulary.classes[name], vocabulary.keys[name]
        used: set[str] = set()
        for key in keys.values():
            form = vocabulary.classes[key.range].compact_form if key.range in vocabulary.classes else ""
            is_own = vocabulary.is_required(key) or key.name in term.dated_by
            if form in _TRIED and is_own and self._words[form] and form not in used:
                used.add(form)
                yield key.name, " ".join(self._words[form][0].split())
            elif key.kind is Kind.NODE and not form and vocabulary.is_required(key):
                yield from self._named(vocabulary, key, used)

    def _named(self, vocabulary: Vocabulary, key: Key, used: set[str]) -> Iterator[tuple[str, Data]]:
        fitting = [each.id for each in self._mentions if vocabulary.is_a(each.class_name, key.range)]
        for identifier in (each for each in fitting if each not in used):
            used.add(identifier)
            yield key.name, identifier
            return


def _is_in(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
