"""The types of formats: what one can hold, where it is offered, and the input of its writer. Pure.

The formats themselves are in kg/render/formats.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from enum import Flag, auto
from types import MappingProxyType
from typing import IO

from kg.planning.rows import Rows
from kg.project.files import Files
from kg.questions.query import shown
from kg.questions.question import Query
from kg.render.cells import Look
from kg.render.rows import Evidence


class Holds(Flag):
    """What a format can hold."""

    ROWS = auto()
    TRUTH = auto()
    TRIPLES = auto()
    QUADS = auto()


class Offered(Flag):
    """Where a format is offered."""

    QUERY = auto()  # kg query
    SPARQL = auto()  # kg sparql, and answers in Python
    API = auto()  # answers to questions over HTTP, and downloads on the page of a question
    ENDPOINT = auto()  # the SPARQL protocol
    DOCUMENT = auto()  # documents about things
    EXPORT = auto()  # kg export


TABULAR = Holds.ROWS | Holds.TRUTH | Holds.TRIPLES
"""Every kind of answer, as a table."""

ANYTHING = TABULAR | Holds.QUADS

HELD: Mapping[str, Holds] = MappingProxyType(
    {"SELECT": Holds.ROWS, "ASK": Holds.TRUTH, "CONSTRUCT": Holds.TRIPLES, "DESCRIBE": Holds.TRIPLES}
)
"""Form of a query -> the kind of its answer."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """An answer to write.

    Attributes:
        rows: to write, including the columns that the question hides.
        look: how to show them.
        evidence: the evidence for each row, None if not requested.
        query: the question, None for an ad hoc query.
        total: how many rows the answer has, None if these are all.
    """

    rows: Rows
    look: Look
    evidence: Evidence | None = None
    query: Query | None = None
    total: int | None = None

    @property
    def visible(self) -> Rows:
        """The rows to write, without the columns that the question hides."""
        return shown(self.query, self.rows) if self.query else self.rows


@dataclass(frozen=True, slots=True)
class Exported:
    """Graphs to export.

    Attributes:
        lines: N-Quads, to be read once.
        described: N-Quads with the labels, types and readings of things, to be read once.
        prefixes: prefix -> namespace.
    """

    lines: Iterable[str]
    described: Iterable[str]
    prefixes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Format:
    """A document format, written by the RDF engine unless it is one of the subclasses below.

    Attributes:
        name: in `--format` and `format=`.
        title: for people.
        media: its media type, without parameters.
        holds: what it can hold.
        offered: where.
        also: other names and media types for it.
        endings: other file extensions besides its name, none if *filed* is false.
        filed: whether files of this format are recognized by their extension.
        extra: the optional dependency that it needs, communique-kg[extra], or "".
        w3c: its name in the W3C's list, or "".
    """

    name: str
    title: str
    media: str
    holds: Holds
    offered: Offered
    _: KW_ONLY
    also: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    filed: bool = True
    extra: str = ""
    w3c: str = ""

    @property
    def content_type(self) -> str:
        """The value of Content-Type."""
        textual = self.media.startswith("text/") or self.media == "image/svg+xml"
        return f"{self.media}; charset=utf-8" if textual else self.media

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The extensions of its files."""
        return (f".{self.name}", *self.endings) if self.filed else ()


@dataclass(frozen=True, slots=True)
class AnswerFormat(Format):
    """A format for the answer to a question or a query.

    Attributes:
        write: returns an answer in this format.
        charted: whether it is only for questions whose header has a chart.
    """

    write: Callable[[Presentation], str | bytes]
    charted: bool = False


@dataclass(frozen=True, slots=True)
class ExportFormat(Format):
    """A format for exported graphs.

    Attributes:
        write: writes the content of the file; None for a folder.
        files: returns the files of a folder; None for a file.
        compressed: whether its files may be compressed.
        facts: whether it leaves out the graphs that are not about the world, unless they are requested.
    """

    write: Callable[[Exported, IO[bytes]], None] | None = None
    files: Callable[[Exported], Files] | None = None
    compressed: bool = False
    facts: bool = False
