"""A graph -> an index of its sentences: those of the articles' texts, and the one that says what each fact is.

SQLite's FTS5 does the searching. Case, width and accents do not count, in any script (`kg.core.normal.bare`). Scripts
that are written without spaces are searched by character, since their words cannot be told apart without a dictionary.
Texts that may not be shown are not in it.
https://www.sqlite.org/fts5.html
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from threading import Lock
from weakref import finalize

from kg.core.model import Term
from kg.core.normal import bare
from kg.core.terms import CODE, LABEL, cq
from kg.core.values import lexical
from kg.mapping.sentences import sentences
from kg.questions.graph import Graph

MOST_PHRASES = 20
"""Most words and phrases of a search text. The rest is ignored."""

_WITHHELD = f"<{CODE}textKind/Withheld>"
_UNSPACED = "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
"""A character of Thai, Lao, Burmese, Khmer, Japanese or Chinese."""

_WORD = re.compile(rf"{_UNSPACED}|(?:(?!{_UNSPACED})\w)+")
_TYPED = re.compile(r'"([^"]*)"|(\S+)')


class Found(StrEnum):
    """What a sentence belongs to."""

    FACT = "fact"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Hit:
    """A sentence that contains the words.

    Attributes:
        term: the fact that it describes, or the article that it stands in.
        pieces: the sentence in pieces, each with whether it was searched for.
    """

    term: Term
    pieces: tuple[tuple[bool, str], ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """The best sentences of one kind, and the number of all."""

    best: tuple[Hit, ...] = ()
    total: int = 0


class FullText:
    """An index. It is in a temporary file without a name, which SQLite removes; several threads may use it."""

    def __init__(self, rows: Iterable[tuple[Found, Term, str]]) -> None:
        self._lock = Lock()
        self._index = sqlite3.connect("", check_same_thread=False)
        finalize(self, self._index.close)
        columns = "kind UNINDEXED, term UNINDEXED, text UNINDEXED, words"
        self._index.execute(f"CREATE VIRTUAL TABLE sentence USING fts5({columns})")
        filled = ((kind, term, text, " ".join(_words(text))) for kind, term, text in rows)
        self._index.executemany("INSERT INTO sentence VALUES (?, ?, ?, ?)", filled)
        self._index.commit()

    def search(self, typed: str, kind: Found, most: int, begin: int = 0) -> Hits:
        """Return the sentences with all the words, the best first, from number *begin* on.

        The last letters of a word may be missing. `"…"` is a phrase.
        """
        phrases = _phrases(typed)
        if not phrases:
            return Hits()
        expression = " AND ".join(f'"{" ".join(phrase)}" *' for phrase in phrases)
        matching = "FROM sentence WHERE sentence MATCH ? AND kind = ?"
        with self._lock:
            (total,) = self._index.execute(f"SELECT count(*) {matching}", (expression, kind)).fetchone()
            rows = self._index.execute(
                f"SELECT term, text {matching} ORDER BY rank, term, rowid LIMIT ? OFFSET ?",
                (expression, kind, most, begin),
            ).fetchall()
        return Hits(tuple(Hit(term, tuple(_marked(text, phrases))) for term, text in rows), total)


def full_text(graph: Graph) -> FullText | None:
    """Return the index of a graph, which a server makes once; None if this Python's SQLite has no FTS5."""

    def made() -> FullText | None:
        return FullText(_rows(graph)) if has_fts5() else None

    return graph.once("full text", made)


def has_fts5() -> bool:
    """Return whether SQLite can search texts here."""
    with closing(sqlite3.connect(":memory:")) as database:
        return bool(database.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0])


def _rows(graph: Graph) -> Iterator[tuple[Found, Term, str]]:
    facts = f"SELECT ?fact ?label ?summary WHERE {{ GRAPH ?g {{ ?fact {cq('summary')} ?summary ; {LABEL} ?label }} }}"
    for fact, label, summary in graph.store.select(f"{facts} ORDER BY ?fact ?label").rows:
        if fact and label and summary:
            yield Found.FACT, fact, _together(lexical(label), lexical(summary))
    shown = f"?article {cq('text')} ?text . FILTER NOT EXISTS {{ ?article {cq('textKind')} {_WITHHELD} }}"
    texts = f"SELECT ?article ?text WHERE {{ GRAPH ?g {{ {shown} }} }} ORDER BY ?article"
    for article, text in graph.store.select(texts).rows:
        if article and text:
            written = lexical(text)
            yield from ((Found.TEXT, article, " ".join(written[a.start : a.end].split())) for a in sentences(written))


def _together(label: str, summary: str) -> str:
    """Return what names a fact and what it says, without the name if the sentence has it."""
    return summary if label.casefold() in summary.casefold() else f"{label}: {summary}"


def _words(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return _WORD.findall(bare(text))


def _phrases(typed: str) -> list[list[str]]:
    """Return the phrases in a search text, each as its words. A word alone is a phrase too.

    >>> _phrases('Mayor "21.6 bill"')
    [['mayor'], ['21', '6', 'bill']]
    """
    parts = [_words(phrase or word) for phrase, word in _TYPED.findall(typed)]
    return [part for part in parts if part][:MOST_PHRASES]


def _marked(text: str, phrases: Sequence[Sequence[str]]) -> Iterator[tuple[bool, str]]:
    """Yield the pieces of a text, each with whether it belongs to a phrase."""
    words = [(word, match.start(), match.end()) for match in _WORD.finditer(text) for word in _words(match[0])]
    marks = [False] * len(text)
    for phrase in phrases:
        for k in range(len(words) - len(phrase) + 1):
            *before, last = words[k : k + len(phrase)]
            if [word for word, _, _ in before] == phrase[:-1] and last[0].startswith(phrase[-1]):
                begin, end = words[k][1], last[2]
                marks[begin:end] = [True] * (end - begin)
    for is_marked, places in groupby(range(len(text)), marks.__getitem__):
        yield is_marked, "".join(text[k] for k in places)
