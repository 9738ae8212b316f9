"""A text in a language whose capitals indicate names -> names that the registry lacks, with likely classes. No I/O.

The name of a body shows its class by one of its words (cq:nameCue), a person by a title, a prefix, or a part of the
name used alone later, a place by the word before it. Names without such evidence are not guessed at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.bench.tokens import Chunk
from kg.core.model import Span
from kg.mapping.abbreviations import WORDS, union
from kg.words.draft_words import DraftWords

PERSON_CLASS, PLACE_CLASS, BODY_CLASS = "Person", "Place", "Organization"
LONGEST_NAME = 14
"""In words."""

NEAR = 60
"""Code points within which a title may follow a name."""

_CAPITAL = r"[^\W\d_a-zß-öø-ÿ][\w’'&-]*(?:\.(?=\w))?[\w]*"
_OPENERS = union(words.openers for words in WORDS.values())
_LINKS = re.compile(r"\s+(and|of)\s+(?:the\s+)?")
_AFTER_CAPITAL = re.compile(r"(?<![.!?]\s)(?<!\n)\b[A-Z][\w-]*\s+\Z")
_POSSESSIVE = re.compile(r"['’]s?(?!\w)")
_WORD = re.compile(r"[^\W\d_][\w’'&-]*")


@dataclass(frozen=True, slots=True)
class NewName:
    """A name that the registry lacks.

    Attributes:
        span: of its first occurrence.
        name: the name.
        class_name: local name of its likely class.
        score: how certain that is.
        reason: why.
    """

    span: Span
    name: str
    class_name: str
    score: float
    reason: str


@dataclass(frozen=True)
class NewNames:
    """Finds new names in one text.

    Attributes:
        text: of the article.
        sentences: the spans of its sentences.
        words: that drafts use.
        cues: word of a name -> class, the longest first.
        covered: spans that are known already: names, dates, figures.
        titles: of posts.
    """

    text: str
    sentences: Sequence[Span]
    words: DraftWords
    cues: Mapping[str, str]
    covered: Sequence[Span]
    titles: Sequence[Chunk]

    def new_names(self) -> tuple[NewName, ...]:
        """Return the names, each once, in order."""
        names: dict[str, NewName] = {}
        for span in self._stretches():
            if (new := self._judged(span)) and (new.name not in names or names[new.name].score < new.score):
                names[new.name] = new
        return tuple(sorted(names.values(), key=lambda each: each.span))

    def _stretches(self) -> Iterator[Span]:
        """Yield spans of capitalised words, with the small words between them that names have."""
        inside = "|".join(map(re.escape, self.words.lists["inside"])) or "(?!)"
        pattern = re.compile(rf"{_CAPITAL}(?:\s+(?:(?:{inside})\s+){{0,2}}{_CAPITAL})*")
        for sentence in self.sentences:
            for match in pattern.finditer(self.text, sentence.start, sentence.end):
                for span in self._uncovered(Span(*match.span())):
                    for part in self._parts(span):
                        yield from self._trimmed(part, sentence)

    def _uncovered(self, span: Span) -> Iterator[Span]:
        """Yield the parts of a span outside known names, dates and titles, cut at possessives ('s)."""
        cuts = [*self.covered, *(chunk.span for chunk in self.titles)]
        cuts += [Span(*match.span()) for match in _POSSESSIVE.finditer(self.text, *span)]
        at = span.start
        for cut in sorted(each for each in cuts if span.touches(each)):
            if cut.start > at:
                yield Span(at, cut.start)
            at = max(at, cut.end)
        if at < span.end:
            yield Span(at, span.end)

    def _parts(self, span: Span) -> Iterator[Span]:
        """Yield the names in a span: "and" separates two after the full name of a body, "of" if there is none."""
        at = span.start
        for link in _LINKS.finditer(self.text, *span):
            before = self.text[at : link.start()]
            is_body = any(re.search(rf"(?<!\w){re.escape(cue)}\Z", before.rstrip()) for cue in self.cues)
            has_cue = any(re.search(rf"(?<!\w){re.escape(cue)}(?!\w)", before) for cue in self.cues)
            if is_body if link[1] == "and" else not has_cue:
                yield Span(at, link.start())
                at = link.end()
        yield Span(at, span.end)

    def _trimmed(self, span: Span, sentence: Span) -> Iterator[Span]:
        """Yield a name without the small words, prefixes and sentence openers around it."""
        words = list(re.finditer(r"\S+", self.text[span.start : span.end]))
        links = {*self.words.lists["inside"], *self.words.lists["definite"]}
        prefixes = {*self.words.lists["prefixes"]}
        while words and (
            words[0][0] in links | prefixes
            or (span.start + words[0].start() == sentence.start and words[0][0] in _OPENERS)
        ):
            words.pop(0)
        while words and words[-1][0] in links:
            words.pop()
        if words and words[0][0][0].isupper() and len(words) <= LONGEST_NAME:
            yield Span(span.start + words[0].start(), span.start + words[-1].end())

    # -------- the class of a name

    def _judged(self, span: Span) -> NewName | None:
        name = " ".join(self.text[span.start : span.end].split())
        if cue := self._cue(name):
            return NewName(span, name, self.cues[cue], 0.85, f"'{cue}' in its name")
        words = name.split()
        is_plain = all(word[0].isupper() for word in words) and not name.isupper()
        if name.isupper() and len(name) > 1 and self._before_title(span):
            return NewName(span, name, BODY_CLASS, 0.7, "a title after it")
        if is_plain and len(words) <= 3 and self._after_title(span):
            return NewName(span, name, PLACE_CLASS, 0.7, "a post in it")
        if is_plain and 2 <= len(words) <= 4 and (why := self._person(span, words)):
            return NewName(span, name, PERSON_CLASS, why[0], why[1])
        before = self.text[max(span.start - 8, 0) : span.start].split()
        if is_plain and len(words) <= 2 and before and before[-1] in self.words.lists["locatives"]:
            return NewName(span, name, PLACE_CLASS, 0.6, f"'{before[-1]}' before it")
        return None

    def _cue(self, name: str) -> str:
        """Return the word of a name that shows its class: the last one before "of", else any."""
        head = re.split(r"\s(?:of|for|in)\s", name)[0]
        if len(name.split()) < 2:
            return ""
        for part in (head, name):
            for cue in self.cues:
                if re.search(rf"(?<!\w){re.escape(cue)}\Z", part):
                    return cue
        return ""

    def _person(self, span: Span, words: Sequence[str]) -> tuple[float, str] | None:
        before, after = self.text[: span.start].rstrip(), self.text[span.end :]
        if any(before.endswith(prefix) for prefix in self.words.lists["prefixes"]):
            return 0.95, "a prefix before it"
        starts, ends = self._title_edges
        if len(before) in ends:
            return 0.9, "a title before it"
        lead = re.match(r",?\s+(?:the\s+|then\s+|who\s+is\s+(?:also\s+)?|formerly\s+)?", after)
        if lead and span.end + lead.end() in starts:
            return 0.9, "a title after it"
        following = self.text[span.end : span.end + NEAR]
        if following.startswith(",") and any(0 < start - span.end < NEAR for start in starts):
            return 0.75, "a post after it"
        if before.endswith(",") and self._has_title(before):
            return 0.85, "a post before it"
        later = [word for word in (words[0], words[-1]) if self._alone(word, span)]
        return (0.7, f"'{later[0]}' alone later") if later else None

    def _before_title(self, span: Span) -> bool:
        return span.end + 1 in self._title_edges[0]

    def _after_title(self, span: Span) -> bool:
        """Return whether a title and "of" come before a name: "mayor of Aldenburg"."""
        before = self.text[: span.start].rstrip()
        link = before.rpartition(" ")[2]
        return link == "of" and len(before[: -len(link)].rstrip()) in self._title_edges[1]

    @cached_property
    def _title_edges(self) -> tuple[frozenset[int], frozenset[int]]:
        spans = [chunk.span for chunk in self.titles]
        return frozenset(span.start for span in spans), frozenset(span.end for span in spans)

    def _has_title(self, before: str) -> bool:
        """Return whether there is a title between a comma and the comma or the start of the sentence before it."""
        first = max(before[:-1].rfind(","), before[:-1].rfind(". "), before[:-1].rfind("\n\n"), 0)
        return any(first <= chunk.span.start < len(before) for chunk in self.titles)

    def _alone(self, word: str, span: Span) -> bool:
        """Return whether a part of a name occurs alone after it, with no other capitalised word next to it."""
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])(?!\s+[A-Z])")
        places = pattern.finditer(self.text, span.end)
        return len(word) > 1 and any(not _AFTER_CAPITAL.search(self.text[: each.start()][-NEAR:]) for each in places)
