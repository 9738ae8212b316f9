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
from operator import itemgetter
from threading import Lock
from weakref import finalize

from kg.core.model import Term
from kg.core.normal import bare
from kg.core.terms import CODE, cq
from kg.core.values import lexical
from kg.mapping.sentences import sentences
from kg.questions.graph import Graph

MOST_RANKED = 45_000
"""Most occurrences of words that are weighed to find the best sentences, 0.7 microseconds each. A word of which there
are more, such as "the" in thousands of articles, makes no sentence better than others."""

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
    """An index. It is in a temporary file without a name, which SQLite removes; several threads may use it.

    Sentences are numbered by kind and term, so that equally good ones are in order without a look at their terms, and
    those of one kind are counted without a look at any.
    """

    def __init__(self, rows: Iterable[tuple[Found, Term, str]]) -> None:
        self._lock = Lock()
        self._index = sqlite3.connect("", check_same_thread=False)
        finalize(self, self._index.close)
        self._index.execute("CREATE VIRTUAL TABLE entry USING fts5(words, content='')")
        self._index.execute("CREATE TABLE sentence (number INTEGER PRIMARY KEY, term TEXT, text TEXT)")
        self._numbers: dict[Found, tuple[int, int]] = {}  # of the first and the last sentence of each kind
        for kind, some in groupby(enumerate(sorted(rows, key=itemgetter(0, 1))), key=lambda pair: pair[1][0]):
            filled = [(number, term, text) for number, (_, term, text) in some]
            self._numbers[kind] = (filled[0][0], filled[-1][0])
            self._index.executemany("INSERT INTO sentence VALUES (?, ?, ?)", filled)
            words = ((number, _to_index(text)) for number, _, text in filled)
            self._index.executemany("INSERT INTO entry (rowid, words) VALUES (?, ?)", words)
        self._index.commit()

    def search(self, typed: str, kind: Found, most: int, begin: int = 0) -> Hits:
        """Return the sentences with all the words, the best first, from number *begin* on.

        The last letters of a word may be missing. `"…"` is a phrase. Beyond MOST_RANKED they are in the order of
        their terms.
        """
        phrases = _phrases(typed)
        if not phrases or kind not in self._numbers:
            return Hits()
        matching = "FROM entry WHERE entry MATCH ? AND rowid BETWEEN ? AND ?"
        given = (" AND ".join(f'"{" ".join(phrase)}" *' for phrase in phrases), *self._numbers[kind])
        with self._lock:
            (total,) = self._index.execute(f"SELECT count(*) {matching}", given).fetchone()
            order = "rowid" if total * len(phrases) > MOST_RANKED else "rank, rowid"
            best = f"SELECT rowid {matching} ORDER BY {order} LIMIT ? OFFSET ?"
            numbers = self._index.execute(best, (*given, most, begin)).fetchall()
            read = "SELECT term, text FROM sentence WHERE number = ?"
            rows = [self._index.execute(read, number).fetchone() for number in numbers]
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
    """Yield what is searched. The rows of one fact or article are in order; any other order says nothing."""
    labels = graph.all_labels()
    for fact, summary in graph.every_value(cq("summary")):
        names = sorted(set(labels.get(fact, ())))
        yield from ((Found.FACT, fact, _together(lexical(label), lexical(summary))) for label in names)
    shown = f"?article {cq('text')} ?text . FILTER NOT EXISTS {{ ?article {cq('textKind')} {_WITHHELD} }}"
    for article, text in graph.store.select(f"SELECT ?article ?text WHERE {{ GRAPH ?g {{ {shown} }} }}").rows:
        if article and text:
            written = lexical(text)
            yield from ((Found.TEXT, article, " ".join(written[a.start : a.end].split())) for a in sentences(written))


def _together(label: str, summary: str) -> str:
    """Return what names a fact and what it says, without the name if the sentence has it."""
    return summary if label.casefold() in summary.casefold() else f"{label}: {summary}"


def _words(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    simple = bare(text)
    return simple.split() if simple.isascii() else _WORD.findall(simple)


def _to_index(text: str) -> str:
    """Return a text in which SQLite finds the words of `_words`, as it does in ASCII by itself."""
    return text if text.isascii() else " ".join(_words(text))


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
