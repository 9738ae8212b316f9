"""What a canned question is: its words, its parameters, what its rows rest on and how to draw them. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PLAIN_TYPES = ("date", "number", "text", "code")
"""Types of parameters that are no class of the ontology."""

COLUMN_TYPES = ("text", "integer", "decimal", "boolean", "date")
"""What a column may hold; things, codes and texts are all text."""

INCLUDE, INCLUSION = "include", "inclusion"
"""The parameter that takes away what leaves out the displaced, and the code list of its values."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What is marked in a query, to be replaced.

    Attributes:
        name: of the parameter or the graph, "" for the beginning that all graphs of the project share.
        start: offset of its first character.
        end: offset of what follows it.
    """

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter.

    Attributes:
        name: as in the query's variable.
        type: date, number, text, code, or the local name of a class.
        label: what it is, for people.
        many: whether several values may be given.
        required: whether it must be given.
        codes: name of the code list, for type code.
        default: the content of its VALUES block as written; UNDEF means no restriction.
        slots: where a value goes.
    """

    name: str
    type: str
    label: str
    many: bool
    required: bool
    codes: str
    default: str
    slots: tuple[Slot, ...]

    @property
    def is_entity(self) -> bool:
        """Whether its values are things of a class."""
        return self.type not in PLAIN_TYPES

    @property
    def optional(self) -> bool:
        """Whether the default is no restriction."""
        return self.default.strip().upper() == "UNDEF"


@dataclass(frozen=True, slots=True)
class Chart:
    """How to draw the rows as a network.

    Attributes:
        network: columns of one end, the other end, and the weight if there is one.
        group: column of what a link belongs to, or "".
        notes: columns of a line below each end, or none.
    """

    network: tuple[str, ...]
    group: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """One canned question.

    Attributes:
        name: the file's name without `.rq`.
        path: of the file, as shown.
        title: a few words.
        question: in full, for people.
        description: what to know about the answer, or "".
        tags: what it is about, to group the list.
        params: in the order of the header.
        evidence: columns of nodes that a row rests on; by default the fact of the header.
        hide: columns that are not shown unless asked for; by default those of the evidence without a label.
        chart: how to draw the rows, or None.
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        columns: projected variables; none for `SELECT *`.
        types: column -> one of COLUMN_TYPES.
        graphs: where the names of the project's graphs go.
        text: of the whole query, its header included; plain SPARQL 1.1.
        source: the text of the file, which may leave out what `kg.questions.columns` supplies.
    """

    name: str
    path: str
    title: str
    question: str
    description: str
    tags: tuple[str, ...]
    params: tuple[Param, ...]
    evidence: tuple[str, ...]
    hide: tuple[str, ...]
    chart: Chart | None
    form: str
    columns: tuple[str, ...]
    types: Mapping[str, str]
    graphs: tuple[Slot, ...]
    text: str
    source: str = ""
