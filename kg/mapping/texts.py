"""An article's text: normal form, where a quote stands in it, and the sentences around. No I/O.

Positions count code points, as in the Web Annotation Data Model: https://www.w3.org/TR/annotation-model/#text-position-selector
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from hashlib import sha256

from kg.mapping.sentences import sentences
from kg.model import Span, Text

MOST_WORDS_COMPARED = 200


def normal_text(raw: str, *, shown: bool) -> Text:
    """Return *raw* in normal form: NFC, line ends as `\\n`, no blanks at line ends, none before or after."""
    lines = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    value = "\n".join(line.rstrip() for line in lines).strip()
    return Text(value, sha256(value.encode()).hexdigest(), len(value), shown, sentences(value))


def found(text: Text, quote: str) -> tuple[Span, ...]:
    """Return where *quote* stands: by the text, or by its pins where the text is not at hand."""
    if text.pinned is None:
        return occurrences(text.value, quote)
    span = text.pinned.get(folded(quote))
    return (span,) if span else ()


def folded(quote: str) -> str:
    """Return *quote* with single spaces between its words, in NFC."""
    return " ".join(unicodedata.normalize("NFC", quote).split())


def occurrences(text: str, quote: str) -> tuple[Span, ...]:
    """Return where *quote* stands in *text*, with any white space for white space; overlaps are counted.

    >>> occurrences("one two\\n one  two", "one two")
    (Span(start=0, end=7), Span(start=9, end=17))
    """
    words = unicodedata.normalize("NFC", quote).split()
    if not words:
        return ()
    pattern = re.compile("(?=(" + r"\s+".join(map(re.escape, words)) + "))")
    return tuple(Span(*match.span(1)) for match in pattern.finditer(text))


def touched(parts: Iterable[Span], spans: Iterable[Span]) -> tuple[tuple[Span, bool], ...]:
    """Return each of *parts*, and whether one of *spans* touches it.

    >>> [is_touched for _, is_touched in touched(sentences("One. Two."), [Span(5, 8)])]
    [False, True]
    """
    ordered = tuple(spans)
    return tuple((part, any(s.start < part.end and part.start < s.end for s in ordered)) for part in parts)


def sentences_around(text: Text, span: Span) -> str:
    """Return the sentences of *text* that *span* touches, white space folded."""
    around = [part for part, is_touched in touched(text.sentences, [span]) if is_touched]
    return " ".join(text.value[around[0].start : around[-1].end].split()) if around else ""


def most_alike(text: str, quote: str) -> str:
    """Return the stretch of *text* that stands where *quote* should, as far as they share words; "" when they do not.

    It has as many words as the quote, so that what differs can be seen.

    >>> most_alike("They met on a cold Friday in May.", "met on a Friday")
    'met on a cold'
    """
    words, wanted = text.split(), unicodedata.normalize("NFC", quote).split()[:MOST_WORDS_COMPARED]
    shared = SequenceMatcher(None, words, wanted, autojunk=False).find_longest_match()
    if shared.size < 2 and not any(len(word) > 4 for word in wanted[shared.b : shared.b + shared.size]):
        return ""
    start = max(shared.a - shared.b, 0)
    return " ".join(words[start : shared.a - shared.b + len(wanted)])
