"""A text -> the sentences that report something, its dateline, and which words for a season are a date. No I/O.

What a medium says of its own reports ("We wrote that 410 people came") takes back or repeats what another article said.
The dateline says where and when the article was written. Neither is about what happened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.core.model import Span
from kg.words.comparing import DateFound
from kg.words.draft_words import DraftWords
from kg.words.phrases import Phrases, phrases
from kg.words.reading import EXPLICIT

LONGEST_PLACE = 60
"""Code points before the date of a dateline."""

_PLACE = re.compile(r"\s*(?:[A-Z][\w.'’/-]*,?\s+)+")
_DATELINE_END = re.compile(r"\s*(?:\([^()\n]{1,60}\)\s*)?(?:[–—:.]|--?\s)")
_QUOTED = re.compile(r"[\"“„«][^\"”“»]*[\"”“»]")
_SEASON = re.compile(r"\d{4}-2[1-4]")


def reporting_sentences(text: str, sentences: Sequence[Span], words: DraftWords) -> tuple[Span, ...]:
    """Return the sentences, except those in which a medium speaks of its own reports."""
    finders = [phrases(words.lists[name]) for name in ("ours", "reports")]
    return tuple(span for span in sentences if not _is_on_own_reports(text[span.start : span.end], finders))


def _is_on_own_reports(sentence: str, finders: Sequence[Phrases]) -> bool:
    """Return whether each of *finders*, of "we" and of words for a report, finds one outside quotation marks."""
    plain = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), " ".join(sentence.lower().split()))
    return all(finder.all_in(plain) for finder in finders)


def is_in_dateline(date: DateFound, text: str) -> bool:
    """Return whether a date stands in the dateline: "VELDKIRK, June 13 –" at the head of the text."""
    before, after = text[: date.span.start], text[date.span.end :]
    is_at_head = len(before) <= LONGEST_PLACE and bool(_PLACE.fullmatch(before)) and before.rstrip().endswith(",")
    return is_at_head and not date.words[0].islower() and bool(_DATELINE_END.match(after))


def is_a_time(date: DateFound, words: DraftWords) -> bool:
    """Return whether words that were read as a date say when: "in the autumn", but not "a summer school" or "2-1"."""
    first = date.readings[0]
    if first.method == EXPLICIT:
        return True
    if not any(char.isalpha() for char in date.words):
        return False
    when = words.lists["when"]
    return not when or not _SEASON.fullmatch(first.edtf) or date.words.split()[0].lower() in when
