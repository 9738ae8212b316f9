"""The facts of one article + its text -> findings where the words hedge what a fact says. No I/O.

Facts that rest only on a hope, expectation or denial are left alone: what they say is what was hoped for or denied. So
are facts for which the curator gives a reading.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from kg.core.model import Node, Span, Text, Value
from kg.core.terms import ATTRIBUTED, CQ, READING_KEY, REPORTED, cq
from kg.core.values import lexical
from kg.mapping.notes import Notes
from kg.mapping.texts import touched_by
from kg.ontology.vocabulary import Vocabulary
from kg.words.clauses import Quoted
from kg.words.hedges import GROUPS, SECTION, Hedges
from kg.words.language import Languages

_REPORTED_AS, _READING = cq("reportedAs"), cq(READING_KEY)

MOST_SHOWN = 60
"""Code points of hedging words that a message shows."""


def refuse_hedged(
    nodes: Iterable[Node], text: Text | None, hedges: Hedges, vocabulary: Vocabulary, notes: Notes
) -> None:
    """Note the codes of facts that their own words exclude; nothing if the text is not available."""
    if text is None or text.pinned is not None:
        return
    for node in _unread(nodes):
        for value in node.values:
            code = vocabulary.code_names.get(value.object)
            if code in hedges.codes:
                _refuse(node, value, code, text, hedges, vocabulary, notes)


def refuse_unknown_words(languages: Languages, vocabulary: Vocabulary) -> None:
    """Refuse classes and codes in the tables of hedges that the ontology does not have.

    Raises:
        InputError: there is one.
    """
    codes = frozenset(vocabulary.code_names.values())
    for section in (languages.language(tag).section(SECTION) for tag in languages.files):
        section.section("excludes").refuse_words_but(codes, "is not a code of the ontology")
        for group in GROUPS:
            section.section(group).refuse_keys_but(vocabulary.classes, "is not a class of the ontology")


def _unread(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield facts that the article asserts and that have no reading by the curator, outer ones first."""
    for node in nodes:
        words = [value.object for value in node.values if value.predicate == _REPORTED_AS]
        if words and not any(value.predicate == _READING for value in node.values):
            if words[-1] in (REPORTED, ATTRIBUTED):
                yield node
            yield from _unread(node.nested)


def _refuse(
    node: Node, value: Value, code: str, text: Text, hedges: Hedges, vocabulary: Vocabulary, notes: Notes
) -> None:
    quoted = tuple(_quoted(text, [span for span, _ in node.evidence]))
    hedged = hedges.refusal(quoted, vocabulary.class_of(node.type).ancestors, code) if quoted else None
    if hedged is None:
        return
    key, words = lexical(value.predicate).removeprefix(CQ), _short(hedged.words)
    message = f"the words '{words}' do not support {code.partition('/')[2]}"
    change = f"write '{key}' here" if value.is_filled else f"correct '{key}'"
    fix = f"quote words that do, or {change}; if these do, say why under 'reading'"
    notes.error(value.place, "KG-H001", message, fix)


def _quoted(text: Text, spans: Iterable[Span]) -> Iterator[Quoted]:
    """Yield the sentences that *spans* touch, each with the parts that they cover."""
    parts: dict[Span, list[tuple[int, int]]] = defaultdict(list)
    for span in spans:
        for sentence in touched_by(text.sentences, span):
            start, end = max(span.start, sentence.start), min(span.end, sentence.end)
            parts[sentence].append((start - sentence.start, end - sentence.start))
    for sentence, inside in sorted(parts.items()):
        yield Quoted(text.value[sentence.start : sentence.end], tuple(inside))


def _short(words: str) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= MOST_SHOWN else f"{plain[: MOST_SHOWN // 2]} … {plain[-MOST_SHOWN // 2 :]}"
