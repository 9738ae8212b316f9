"""Text of a `.rq` file -> a Query with typed parameters, and all that is wrong with its header. No I/O.

Header lines begin with `#+` and are YAML. A parameter is one line `VALUES ?name { default }  #+ param name`: the
file runs unchanged in any SPARQL editor, and binding replaces nothing but what stands between the braces. A line
`VALUES ?name { <graph> }  #+ graph registry` is filled with the graph of that name in the project at hand. A line
`FILTER NOT EXISTS { … }  #+ unless displaced` leaves out what was corrected or replaced; the parameter `include`, which
every question with such a line has, takes the line away.
https://www.w3.org/TR/sparql11-query/#inline-data
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from kg.errors import Finding, Place, Severity
from kg.mapping.read import Entry, Listing, Node, Scalar, Table, read_yaml
from kg.questions.question import INCLUDE, INCLUSION, PLAIN_TYPES, Chart, Param, Query, Slot
from kg.questions.sparql import columns, comments, is_data, query_form, subselects
from kg.store.guard import Token, tokens

QUERY_CODES: Mapping[str, str] = MappingProxyType(
    {
        "KG-Q001": "A query file without a header",
        "KG-Q002": "A key that the header of a query does not know",
        "KG-Q003": "A value of the wrong form in the header of a query",
        "KG-Q004": "A parameter without its VALUES line",
        "KG-Q005": "A marked VALUES line that cannot be used",
        "KG-Q006": "A parameter inside a subselect",
        "KG-Q007": "A column that the query does not give",
        "KG-Q008": "A parameter with the name of an option of kg query",
    }
)
"""Code -> what it is about."""

KEYS = ("title", "question", "description", "tags", "params", "evidence", "hide", "chart")
PARAM_KEYS = ("type", "label", "many", "required", "list", "default")
CHART_KEYS = ("network", "group", "notes")
RESERVED = frozenset(
    {INCLUDE, "help", "list", "show", "explain", "evidence", "output", "format", "limit", "ids", "tag", "endpoint"}
)
"""Names of options of `kg query`, and of its address in the HTTP interface."""

_MARK = re.compile(r"#\+\s*(param|graph|unless)\s+(\S+)\s*")
_UNLESS = re.compile(r"^\s*(?P<content>FILTER\s+NOT\s+EXISTS\s*\{.*\})\s*$", re.IGNORECASE)
_VALUES = re.compile(r"(?:^|[\s{}.])VALUES\s+[?$](?P<name>\w+)\s*\{(?P<content>[^{}]*)\}\s*$", re.IGNORECASE)
_NAME = re.compile(r"[a-z][A-Za-z0-9]*")
_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*")


def read_query(name: str, text: str, path: str) -> tuple[Query | None, tuple[Finding, ...]]:
    """Return the query, and everything that is wrong with its header and its marked lines, in the order of the lines.

    None when anything is wrong.
    """
    header, findings = _header(text, path)
    reading = _Reading(path, text, tuple(tokens(text)), list(findings))
    query = reading.query(name, header) if header is not None else None
    found = tuple(sorted(reading.findings, key=lambda finding: finding.sort_key))
    return (None if found else query), found


def _header(text: str, path: str) -> tuple[Table | None, tuple[Finding, ...]]:
    """Return the header as YAML, each line where it stands in the file."""
    lines = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            break
        lines.append("  " + line[2:] if line.startswith("#+") else "")
    if not any(line.strip() for line in lines):
        missing = "no header: the first lines of a query file begin with '#+' and hold at least 'question: …'"
        return None, (Finding(Place(path), Severity.ERROR, "KG-Q001", missing),)
    node, findings = read_yaml("\n".join(lines), path)
    if node is None or isinstance(node, Table):
        return node, findings
    return None, (*findings, Finding(node.place, Severity.ERROR, "KG-Q001", "the header is not 'key: value' lines"))


def _include(slots: Sequence[Slot]) -> tuple[Param, ...]:
    """Return the parameter that takes the lines in *slots* away, none if there are no such lines."""
    label = "Also what was corrected or replaced"
    return (Param(INCLUDE, "code", label, False, False, INCLUSION, "UNDEF", tuple(slots)),) if slots else ()


@dataclass(slots=True)
class _Reading:
    """One file being read; findings gather here."""

    path: str
    text: str
    pieces: tuple[Token, ...]
    findings: list[Finding]
    unusable: set[str] = field(default_factory=set)  # names in marks that cannot be used

    def report(self, place: Place, code: str, message: str, fix: str = "") -> None:
        self.findings.append(Finding(place, Severity.ERROR, code, message, fix))

    def place(self, offset: int, length: int = 1) -> Place:
        before = self.text[:offset]
        return Place(self.path, before.count("\n") + 1, offset - before.rfind("\n"), max(length, 1))

    def query(self, name: str, header: Table) -> Query:
        values = self.table(header, KEYS, "header")
        question = self.words(values, "question")
        if not question and not isinstance(values.get("question"), Table | Listing):
            self.report(header.place, "KG-Q003", "the header has no question", "add a line '#+ question: …?'")
        slots = self.slots()
        params = self.params(values.get("params"), [slot for kind, slot in slots if kind == "param"])
        params += _include([slot for kind, slot in slots if kind == "unless"])
        given = columns(self.pieces)
        evidence, hide = (self.column_names(values.get(key), given) for key in ("evidence", "hide"))
        self.refuse_subselects(params)
        return Query(
            name=name,
            path=self.path,
            title=self.words(values, "title") or name.replace("-", " ").capitalize(),
            question=question,
            description=self.words(values, "description"),
            tags=self.texts(values.get("tags")),
            params=params,
            evidence=evidence,
            hide=hide,
            chart=self.chart(values.get("chart"), given),
            form=query_form(self.pieces),
            columns=given,
            graphs=tuple(slot for kind, slot in slots if kind == "graph"),
            text=self.text,
        )

    def table(self, node: Table, known: Sequence[str], what: str) -> dict[str, Node]:
        for entry in node.entries:
            if entry.key.text not in known:
                message = f"the {what} does not know the key '{entry.key.text}'"
                self.report(entry.key.place, "KG-Q002", message, f"known are {', '.join(known)}")
        return {entry.key.text: entry.value for entry in node.entries}

    def words(self, values: Mapping[str, Node], key: str) -> str:
        node = values.get(key)
        if node is None:
            return ""
        if not isinstance(node, Scalar):
            self.report(node.place, "KG-Q003", f"'{key}' must be text")
            return ""
        return node.text.strip()

    def flag(self, values: Mapping[str, Node], key: str) -> bool:
        text = self.words(values, key)
        if text not in ("", "true", "false"):
            self.report(values[key].place, "KG-Q003", f"'{key}' must be true or false")
        return text == "true"

    def texts(self, node: Node | None) -> tuple[str, ...]:
        return tuple(scalar.text for scalar in self.scalars(node))

    def scalars(self, node: Node | None) -> tuple[Scalar, ...]:
        """Return a list of texts; one text stands for a list of one."""
        items = node.items if isinstance(node, Listing) else () if node is None else (node,)
        for item in items:
            if not isinstance(item, Scalar):
                self.report(item.place, "KG-Q003", "here a list of words is expected", "for example [one, two]")
        return tuple(item for item in items if isinstance(item, Scalar))

    def column_names(self, node: Node | None, given: Sequence[str]) -> tuple[str, ...]:
        for scalar in self.scalars(node):
            if given and scalar.text not in given:
                message = f"the query gives no column '{scalar.text}'"
                self.report(scalar.place, "KG-Q007", message, f"it gives {', '.join(given)}")
        return self.texts(node)

    def chart(self, node: Node | None, given: Sequence[str]) -> Chart | None:
        if node is None:
            return None
        if not isinstance(node, Table):
            self.report(node.place, "KG-Q003", "'chart' must be like {network: [one, other, weight]}")
            return None
        values = self.table(node, CHART_KEYS, "chart")
        network, group, notes = (self.column_names(values.get(key), given) for key in CHART_KEYS)
        if len(network) not in (2, 3) or len(group) > 1 or len(notes) not in (0, 2):
            message = "a chart names two or three columns as network, at most one as group, and none or two as notes"
            self.report(node.place, "KG-Q003", message)
            return None
        return Chart(network, group[0] if group else "", notes)

    def slots(self) -> list[tuple[str, Slot]]:
        """Return each marked VALUES block, as (param or graph, slot)."""
        found = []
        for offset, comment in comments(self.text, self.pieces):
            mark = _MARK.fullmatch(comment)
            if mark is None:
                continue
            start = self.text.rfind("\n", 0, offset) + 1
            kind, name = mark[1], mark[2]
            if kind == "unless":
                found += self.unless(name, start, offset, len(comment))
                continue
            line = _VALUES.search(self.text[start:offset])
            if line is None or not is_data(line["content"]) or (kind == "param" and line["name"] != name):
                message = f"the line marked '{kind} {name}' is not a VALUES line that can be filled"
                variable = name if kind == "param" else "graph"
                fix = f"write it on one line: VALUES ?{variable} {{ … }}  #+ {kind} {name}"
                self.report(self.place(offset, len(comment)), "KG-Q005", message, fix)
                self.unusable.add(name)
            else:
                found.append((kind, Slot(name, start + line.start("content"), start + line.end("content"))))
        return found

    def unless(self, name: str, start: int, offset: int, length: int) -> list[tuple[str, Slot]]:
        """Return the line before the comment as a slot; none, with a finding, if it is no such line."""
        line = _UNLESS.match(self.text[start:offset])
        if line is None or name != "displaced":
            message = f"the line marked 'unless {name}' is not a FILTER that can be taken away"
            fix = "write it on one line: FILTER NOT EXISTS { … }  #+ unless displaced"
            self.report(self.place(offset, length), "KG-Q005", message, fix)
            return []
        return [("unless", Slot(name, start + line.start("content"), start + line.end("content")))]

    def params(self, node: Node | None, slots: Sequence[Slot]) -> tuple[Param, ...]:
        if node is not None and not isinstance(node, Table):
            self.report(node.place, "KG-Q003", "'params' must be like {name: {type: Person}}")
            return ()
        entries = node.entries if isinstance(node, Table) else ()
        declared = {entry.key.text for entry in entries}
        for slot in slots:
            if slot.name not in declared:
                fix = f"add it to the header: params: {{{slot.name}: {{type: …}}}}"
                self.report(self.place(slot.start), "KG-Q005", f"the header declares no parameter '{slot.name}'", fix)
        found = [self.param(entry, [slot for slot in slots if slot.name == entry.key.text]) for entry in entries]
        return tuple(param for param in found if param is not None)

    def param(self, entry: Entry, slots: Sequence[Slot]) -> Param | None:
        name, node = entry.key.text, entry.value
        values = self.table(node, PARAM_KEYS, f"parameter '{name}'") if isinstance(node, Table) else {}
        kind, codes = self.words(values, "type"), self.words(values, "list")
        self.check_param(entry.key, kind, codes)
        many, required = self.flag(values, "many"), self.flag(values, "required")
        defaults = [self.text[slot.start : slot.end].strip() for slot in slots]
        if not slots:
            if name not in self.unusable:
                fix = f"add a line: VALUES ?{name} {{ … }}  #+ param {name}"
                self.report(entry.key.place, "KG-Q004", f"parameter '{name}' has no VALUES line", fix)
            return None
        for slot, default in zip(slots, defaults, strict=True):
            if default != defaults[0]:
                message = f"this default of '{name}' differs from its first one, {defaults[0]}"
                self.report(self.place(slot.start), "KG-Q005", message, "write the same in all its VALUES lines")
        label = self.words(values, "label") or name
        return Param(name, kind, label, many, required, codes, defaults[0], tuple(slots))

    def check_param(self, key: Scalar, kind: str, codes: str) -> None:
        """Report a name or a type that cannot be used."""
        name = key.text
        if not _NAME.fullmatch(name):
            fix = "begin it with a small letter and use only letters and digits"
            self.report(key.place, "KG-Q003", f"'{name}' cannot be the name of a parameter", fix)
        if kind not in PLAIN_TYPES and not _CLASS.fullmatch(kind):
            message = (
                f"parameter '{name}' has no type" if not kind else f"parameter '{name}' has an unknown type '{kind}'"
            )
            self.report(key.place, "KG-Q003", message, f"write {', '.join(PLAIN_TYPES)}, or a class such as Person")
        if (kind == "code") != bool(codes):
            message = f"parameter '{name}': a parameter of type code, and only that, names its code list as 'list'"
            self.report(key.place, "KG-Q003", message, "for example {type: code, list: side}")
        if name in RESERVED:
            self.report(key.place, "KG-Q008", f"'{name}' is an option of kg query", "choose another name")

    def refuse_subselects(self, params: Sequence[Param]) -> None:
        """Report each parameter in a subselect, where engines disagree about what its value reaches."""
        spans = subselects(self.pieces)
        names = {param.name for param in params}
        for piece in self.pieces:
            inside = any(start < piece.start < end for start, end in spans)
            if inside and piece.kind == "variable" and piece.text[1:] in names:
                message = f"parameter '{piece.text[1:]}' stands inside a subselect"
                fix = "engines differ there: keep the parameter and its variable in the outer query"
                self.report(self.place(piece.start, len(piece.text)), "KG-Q006", message, fix)
