"""Quotes in a mapping + the article's text -> where they stand, and what is wrong with them. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from kg.core.errors import Finding, Place, Severity
from kg.core.model import Span, Term, Text
from kg.core.terms import TEXT_KEY, cq
from kg.mapping.notes import Notes
from kg.mapping.read import Listing, Scalar, Table
from kg.mapping.read import Node as Yaml
from kg.mapping.texts import MOST_OCCURRENCES, Searchable, folded

SHOWN = 100
"""Code points of the text that a proposal shows."""

MOST_PROPOSALS = 100
"""In a file with more quotes that are not in the text, it is the wrong text: nothing is proposed any more."""

QUOTE_MORE = "quote the words that support the fact"


@dataclass
class Quotes:
    """Finds the quotes of one file.

    Attributes:
        text: what they must occur in; None where there is none, or it is not at hand.
        notes: what is wrong with them.
        article: term of the article, which lacks a text when there is none.
        why: what to say when a quote finds no text, None for that the article has none.
        told: whether that has been said, here or elsewhere.
        spans: quote, white space folded -> where it was found.
        proposed: how often words of the text have been proposed.
    """

    text: Text | None
    notes: Notes
    article: Term = ""
    why: Finding | None = None
    told: bool = False
    spans: dict[str, Span] = field(default_factory=dict)
    proposed: int = 0

    def evidence(self, subject: Term, quote: Yaml) -> tuple[tuple[Span, Place], ...]:
        """Return where the quotes of *subject* stand, each with the place where it is written."""
        quotes = quote.items if isinstance(quote, Listing) else (quote,)
        if not quotes:
            self.notes.error(quote.place, "KG-E004", "the quote is empty", QUOTE_MORE)
        pairs = [pair for item in quotes for pair in self._found(item)]
        if len(pairs) < max(len(quotes), 1):
            self.notes.damage(subject, [cq("evidence")])
        return tuple(pairs)

    def _found(self, item: Yaml) -> Iterator[tuple[Span, Place]]:
        if isinstance(item, Table | Listing):
            fix = "put the words in quotation marks if they hold ': ', '[' or '{'"
            self.notes.error(item.place, "KG-M006", "a quote is a text, or a list of texts", fix)
        elif not item.text.strip():
            self.notes.error(item.place, "KG-E004", "the quote is empty", QUOTE_MORE)
        elif self.text is None:
            self._no_text(item.place)
        else:
            yield from self._in_text(self.text, item)

    def _no_text(self, place: Place) -> None:
        """Say once that the article has no text; every other quote lacks it for the same reason."""
        if not self.told:
            fix = "write the text under article: text, or name its file there as textFile"
            none = Finding(place, Severity.ERROR, "KG-E003", "there is no text to quote from", fix)
            self.notes.findings.append(self.why or none)
            self.notes.damage(self.article, [cq(TEXT_KEY)])
            self.told = True

    def _in_text(self, text: Text, item: Scalar) -> Iterator[tuple[Span, Place]]:
        spans = self._spans(text, item.text)
        if len(spans) == 1:
            self.spans[folded(item.text)] = spans[0]
            yield spans[0], item.place
        elif text.pinned is not None:
            fix = "put the file of the text where textFile says, and run 'kg build' there"
            message = "the text is not at hand, and this quote was never found in it"
            self.notes.error(item.place, "KG-E006", message, fix)
        elif spans:
            times = f"{len(spans)} times" + (" or more" if len(spans) == MOST_OCCURRENCES else "")
            message = f"the quoted words occur {times} in the text"
            self.notes.error(item.place, "KG-E002", message, "quote more words, so that they occur once")
        else:
            self.notes.error(item.place, "KG-E001", "the quoted words are not in the text", self._proposal(item.text))

    def _spans(self, text: Text, quote: str) -> tuple[Span, ...]:
        """Return where *quote* stands: by the text, or by its pins where the text is not at hand."""
        if text.pinned is None:
            return self._searchable.occurrences(quote)
        span = text.pinned.get(folded(quote))
        return (span,) if span else ()

    def _proposal(self, quote: str) -> str:
        self.proposed += 1
        alike = self._searchable.most_alike(quote) if self.proposed <= MOST_PROPOSALS else ""
        return f"the text has '{_short(alike)}'; quote it letter by letter" if alike else "quote words of the text"

    @cached_property
    def _searchable(self) -> Searchable:
        return Searchable(self.text.value if self.text else "")


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
