"""A span of a text -> the shortest words around it that occur once, so that they can be a quote. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kg.core.model import Span
from kg.mapping.texts import Searchable


def shortest_quote(text: Searchable, span: Span, sentences: Sequence[Span]) -> tuple[str, Span] | None:
    """Return the shortest words around a span that occur once in the text, None if its sentence has none."""
    sentence = next((each for each in sentences if each.start <= span.start < each.end), span)
    for start, end in _wider(text.value, span, sentence):
        words = " ".join(text.value[start:end].split())
        if len(text.occurrences(words)) == 1:
            return words, Span(start, end)
    return None


def _wider(text: str, span: Span, sentence: Span) -> Iterator[Span]:
    """Yield a span, then with one more word after or before it each time, up to its sentence."""
    start, end = span
    yield span
    while start > sentence.start or end < sentence.end:
        if end < sentence.end:
            rest = text[end : sentence.end]
            end += len(rest) - len(rest.lstrip()) + len((rest.split() or [""])[0])
        else:
            before = text[sentence.start : start].rstrip()
            start = sentence.start + len(before) - len((before.split() or [""])[-1])
        yield Span(start, end)
