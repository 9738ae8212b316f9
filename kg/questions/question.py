"""A canned question: its wording, its parameters, the evidence for its rows and how to draw them. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PLAIN_TYPES = ("date", "number", "text", "code")
"""Types of parameters other than classes of the ontology."""

COLUMN_TYPES = ("text", "integer", "decimal", "boolean", "date")
"""Types of columns. Things, codes and texts are all text."""

INCLUDE, INCLUSION = "include", "inclusion"
"""The parameter that includes displaced facts, and the code list of its values."""

QUERY_CODES: Mapping[str, str] = MappingProxyType(
    {
        "KG-Q001": "A query file without a header",
        "KG-Q002": "An unknown key in the header of a query, rule or check",
        "KG-Q003": "An invalid value in the header of a query",
        "KG-Q004": "A parameter that the query does not use",
        "KG-Q005": "A marked line that cannot be used",
        "KG-Q006": "A parameter inside a subselect",
        "KG-Q007": "A column that the query does not return",
        "KG-Q008": "A parameter with the name of an option of kg query",
        "KG-Q009": "A query that is not SPARQL",
        "KG-Q012": "A column that nothing binds",
        "KG-Q011": "The fact of a query is not in it",
    }
)
"""Code -> its title."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A marked place in a query that is replaced.

    Attributes:
        name: of the parameter or the graph, "" for the common namespace of the project's graphs.
        start: offset of its first character.
        end: offset after its last character.
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
        label: a description for people.
        many: whether several values may be given.
        required: whether it must be given.
        codes: name of the code list, for type code.
        default: the content of its VALUES block as written; UNDEF means no restriction.
        slots: where to put a value.
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
        """Whether there is no restriction by default."""
        return self.default.strip().upper() == "UNDEF"


@dataclass(frozen=True, slots=True)
class Chart:
    """How to draw the rows as a network.

    Attributes:
        network: columns with one end, the other end, and the weight if there is one.
        group: column with the group of a link, or "".
        notes: columns with a line below each end, or none.
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
        description: notes on the answer, or "".
        tags: topics, to group the list.
        params: in the order of the header.
        evidence: columns with the nodes that support a row, by default the fact of the header.
        hide: columns shown only on request, by default those of the evidence without a label.
        chart: how to draw the rows, or None.
        form: SELECT, ASK, CONSTRUCT or DESCRIBE.
        columns: projected variables, empty for `SELECT *`.
        types: column -> one of COLUMN_TYPES.
        graphs: where to put the names of the project's graphs.
        text: the complete query including its header, in plain SPARQL 1.1.
        source: the text of the file, without what `kg.questions.columns` supplies.
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
