"""What a format is, what it can hold, where it is offered, and what its writer is given. Pure.

The formats themselves are in kg/render/formats.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from enum import Flag, auto
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from kg.questions.query import shown
from kg.questions.question import Query
from kg.render.cells import Look
from kg.render.rows import Evidence
from kg.store.protocol import Rows

if TYPE_CHECKING:
    from kg.export.names import DisplayNames


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
    API = auto()  # answers to questions over HTTP, and what the page of a question gives to download
    ENDPOINT = auto()  # the SPARQL protocol
    DOCUMENT = auto()  # documents about things
    EXPORT = auto()  # kg export


TABULAR = Holds.ROWS | Holds.TRUTH | Holds.TRIPLES
"""Whatever an answer is, as a table."""

ANYTHING = TABULAR | Holds.QUADS

HELD: Mapping[str, Holds] = MappingProxyType(
    {"SELECT": Holds.ROWS, "ASK": Holds.TRUTH, "CONSTRUCT": Holds.TRIPLES, "DESCRIBE": Holds.TRIPLES}
)
"""Form of a query -> what its answer is."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """An answer that is to be written.

    Attributes:
        rows: with the columns that the question hides.
        look: how to show them.
        evidence: for each row what it rests on; None if that is not asked for.
        query: the question, None for a query of one's own.
        limit: how many rows to give, None for all.
    """

    rows: Rows
    look: Look
    evidence: Evidence | None = None
    query: Query | None = None
    limit: int | None = None

    @property
    def limited(self) -> Rows:
        """The rows that are given, with all columns."""
        return Rows(self.rows.variables, self.rows.rows[: self.limit])

    @property
    def visible(self) -> Rows:
        """The rows that are given, without the columns that the question hides."""
        return shown(self.query, self.limited) if self.query else self.limited


@dataclass(frozen=True, slots=True)
class Exported:
    """Graphs that are to be exported.

    Attributes:
        lines: N-Quads.
        prefixes: prefix -> namespace.
        names: gives what things are called.
    """

    lines: Sequence[str]
    prefixes: Mapping[str, str]
    names: Callable[[], DisplayNames]


Files: TypeAlias = Mapping[str, bytes]
"""Name -> content of the files of a folder."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of documents, written by the RDF engine if it is none of the kinds below.

    Attributes:
        name: as `--format` and `format=` have it.
        title: for people.
        media: its media type, without parameters.
        holds: what it can hold.
        offered: where.
        also: other names and media types that mean it.
        endings: of its files, besides its name; none at all if *filed* is false.
        filed: whether files of this format are told by their ending.
        extra: what must be installed beside the package: communique-kg[extra]; "" for nothing.
        w3c: its name among those of the W3C, "" if it has none.
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
        """How the names of its files end."""
        return (f".{self.name}", *self.endings) if self.filed else ()


@dataclass(frozen=True, slots=True)
class AnswerFormat(Format):
    """A format of the answer to a question or a query.

    Attributes:
        write: returns an answer in it.
        charted: whether it is only for questions whose header has a chart.
    """

    write: Callable[[Presentation], str | bytes]
    charted: bool = False


@dataclass(frozen=True, slots=True)
class ExportFormat(Format):
    """A format of exported graphs.

    Attributes:
        write: returns the content of the file, or the files of a folder.
        compressed: whether its files may be compressed.
        facts: whether it leaves out the graphs that are not about the world, unless they are named.
        folder: whether it is a folder.
    """

    write: Callable[[Exported], bytes | Files]
    compressed: bool = False
    facts: bool = False
    folder: bool = False
