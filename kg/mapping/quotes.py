"""Quotes in a mapping + the article's text -> their spans, and findings on them. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from kg.core.errors import Finding, Place, Severity
from kg.core.model import Evidence, Span, Term, Text
from kg.core.terms import TEXT_KEY, cq
from kg.mapping.gaps import parts_of
from kg.mapping.notes import Notes
from kg.mapping.read import Listing, Scalar, Table
from kg.mapping.read import Node as Yaml
from kg.mapping.texts import MOST_OCCURRENCES, Searchable, folded

SHOWN = 100
"""Code points of the text that a proposal shows."""

MOST_PROPOSALS = 100
"""With more quotes that are not in the text, it is the wrong text, and nothing more is proposed."""

QUOTE_MORE = "quote the words that support the fact"


@dataclass
class Quotes:
    """Finds the quotes of one file.

    Attributes:
        text: the text in which they must occur, None if there is none or it is not available.
        notes: collects the findings on them.
        article: term of the article, which has a finding if it has no text.
        why: the finding for a quote without a text, None if the article has no text.
        is_reported: whether a finding already reports that, here or elsewhere.
        spans: quote, white space folded -> its span.
        proposed: how often words of the text have been proposed.
    """

    text: Text | None
    notes: Notes
    article: Term = ""
    why: Finding | None = None
    is_reported: bool = False
    spans: dict[str, Span] = field(default_factory=dict)
    proposed: int = 0

    def evidence(self, subject: Term, quote: Yaml) -> Evidence:
        """Return the spans of the quotes of *subject*, each with the place where it is written."""
        quotes = quote.items if isinstance(quote, Listing) else (quote,)
        if not quotes:
            self.notes.error(quote.place, "KG-E004", "the quote is empty", QUOTE_MORE)
        pairs = [pair for item in quotes for pair in self._placed(item)]
        if len(pairs) < max(len(quotes), 1):
            self.notes.damage(subject, [cq("evidence")])
        return tuple(pairs)

    def _placed(self, item: Yaml) -> Iterator[tuple[Span, Place]]:
        if isinstance(item, Table | Listing):
            fix = "put the words in quotation marks if they contain ': ', '[' or '{'"
            self.notes.error(item.place, "KG-M006", "a quote must be a text or a list of texts", fix)
        elif not item.text.strip():
            self.notes.error(item.place, "KG-E004", "the quote is empty", QUOTE_MORE)
        elif self.text is None:
            self._no_text(item.place)
        else:
            yield from self._in_text(self.text, item)

    def _no_text(self, place: Place) -> None:
        """Note once that the article has no text, since every other quote fails for the same reason."""
        if not self.is_reported:
            fix = "write the text under article: text, or name its file there as textFile"
            none = Finding(place, Severity.ERROR, "KG-E003", "there is no text to quote from", fix)
            self.notes.findings.append(self.why or none)
            self.notes.damage(self.article, [cq(TEXT_KEY)])
            self.is_reported = True

    def _in_text(self, text: Text, item: Scalar) -> Iterator[tuple[Span, Place]]:
        quote = folded(item.text)
        spans = (self.spans[quote],) if quote in self.spans else self._spans(text, quote)
        if len(spans) == 1:
            self.spans[quote] = spans[0]
            yield spans[0], item.place
        elif text.pinned is not None:
            fix = "put the file at the path under textFile, and run 'kg build' there"
            message = "the text is not available here, and no build has recorded where this quote is"
            self.notes.error(item.place, "KG-E006", message, fix)
        elif len(parts := parts_of(quote)) > 1 and not self._searchable.occurrences(quote):
            problem = self._gap_problem(parts, spans)
            self.notes.error(item.place, *problem, instead=self._as_in_text(text, parts) if not spans else "")
        elif spans:
            message = f"the quoted words occur {_times(spans)} in the text"
            self.notes.error(item.place, "KG-E002", message, "quote more words, so that they occur once")
        else:
            message, fix = "the quoted words are not in the text", self._proposal(item.text)
            self.notes.error(item.place, "KG-E001", message, fix, instead=self._as_in_text(text, parts))

    def _spans(self, text: Text, quote: str) -> tuple[Span, ...]:
        """Return where a folded *quote* occurs, according to the text, or to its pins if the text is not available.

        A quote that does not occur literally may leave out its middle, within one paragraph.
        """
        if text.pinned is not None:
            span = text.pinned.get(quote)
            return (span,) if span else ()
        literal = self._searchable.occurrences(quote)
        parts = () if literal else parts_of(quote)
        if len(parts) < 2 or not all(parts):
            return literal
        passages = self._searchable.stretches(parts)
        return tuple(span for span in passages if not self._searchable.has_paragraphs(span))

    def _gap_problem(self, parts: Sequence[str], spans: Sequence[Span]) -> tuple[str, str, str]:
        """Return code, message and fix for a quote with a gap that matches no passage, or several."""
        stretches = self._searchable.stretches
        if not all(parts):
            where = "before" if not parts[0] else "after" if not parts[-1] else "between"
            fix = "write the words on both sides of what is left out, or quote without the dots"
            return "KG-E008", f"there are no words {where} the dots of this quote", fix
        first, last = _short(parts[0]), _short(parts[-1])
        if spans:
            message = f"a passage from '{first}' to '{last}' occurs {_times(spans)} in the text"
            return "KG-E002", message, "quote more words on either side of the gap, so that it occurs once"
        missing = next((part for part in parts if not stretches([part])), None)
        if missing:
            return "KG-E001", f"the quoted words '{_short(missing)}' are not in the text", self._proposal(missing)
        if stretches(parts):
            message = f"a paragraph ends between '{first}' and '{last}'"
            return "KG-E008", message, "split it into a list of two quotes, each with words that occur once"
        listed = ", ".join(f"'{_short(part)}'" for part in parts)
        message = f"the text does not have these words in this order: {listed}"
        return "KG-E008", message, "quote in the order of the text"

    def _proposal(self, quote: str) -> str:
        self.proposed += 1
        alike = self._searchable.most_alike(quote) if self.proposed <= MOST_PROPOSALS else ""
        return f"the text has '{_short(alike)}'; quote it exactly" if alike else "quote words from the text"

    def _as_in_text(self, text: Text, parts: Sequence[str]) -> str:
        """Return the quote as the text has it if they differ only in white space and quotation marks, else ""."""
        if self.proposed > MOST_PROPOSALS:
            return ""
        stands = [part if self._searchable.stretches([part]) else self._searchable.written_as(part) for part in parts]
        quote = " … ".join(stands)
        return quote if all(stands) and len(self._spans(text, quote)) == 1 else ""

    @cached_property
    def _searchable(self) -> Searchable:
        return Searchable(self.text.value if self.text else "")


def _times(spans: Sequence[Span]) -> str:
    return f"{len(spans)} times" + (" or more" if len(spans) == MOST_OCCURRENCES else "")


def _short(text: str) -> str:
    """Return the text, or its beginning and end, so that it can be quoted as shown."""
    if len(text) <= SHOWN:
        return text
    begun, ended = text[: SHOWN // 2].rpartition(" ")[0], text[-SHOWN // 2 :].partition(" ")[2]
    return f"{begun or text[: SHOWN // 2]} … {ended or text[-SHOWN // 2 :]}"
