"""Text of a `.rq` file -> a Query with typed parameters, and everything that is wrong with the file. No I/O.

Header lines begin with `#+` and are YAML. Whatever a file leaves out is supplied (`kg.questions.columns`), so the text
of the Query is complete and runs unchanged in any SPARQL editor. Binding replaces only the marked places
(`kg.questions.marks`). Every question that leaves out displaced facts has the parameter `include`, which removes the
line that does so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from kg.core.errors import Finding, Place, Severity
from kg.core.likeness import proposal
from kg.mapping.read import Entry, Listing, Node, Scalar, Table, read_yaml
from kg.planning.guard import QueryToken, tokens
from kg.questions.columns import Short, completed, is_date, owner, way_to_bind
from kg.questions.marks import GRAPH, PARAM, UNLESS, marks, slots
from kg.questions.question import COLUMN_TYPES, INCLUDE, INCLUSION, PLAIN_TYPES, Chart, Param, Query, Slot
from kg.questions.sparql import FORMS, bound_variables, columns, is_data, keyword, query_form, subselects, where_group

KEYS = ("title", "question", "description", "tags", "params", "fact", "columns", "evidence", "hide", "chart")
PARAM_KEYS = ("type", "label", "many", "required", "list", "default")
CHART_KEYS = ("network", "group", "notes")
RESERVED = frozenset(
    {INCLUDE, "help", "list", "show", "explain", "evidence", "output", "format", "limit", "ids", "tag", "endpoint"}
)
"""Names of options of `kg query` and of parameters of its HTTP address."""

_LABEL = "Label"
_NO_TOKEN = QueryToken("other", "", 0)
_NAME = re.compile(r"[a-z][A-Za-z0-9]*")
_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*")


def read_query(
    name: str, text: str, path: str, prefixes: Mapping[str, str] = MappingProxyType({})
) -> tuple[Query | None, tuple[Finding, ...]]:
    """Return the complete query, or None if anything is wrong, and all findings about its file, by line.

    A file need not declare *prefixes*. Results are cached, because a server, a watch and a check read the same text
    again.
    """
    return _read(name, text, path, tuple(prefixes.items()))


@lru_cache(maxsize=256)
def _read(
    name: str, text: str, path: str, prefixes: tuple[tuple[str, str], ...]
) -> tuple[Query | None, tuple[Finding, ...]]:
    header, findings = header_of(text, path)
    reading = _QueryReader(path, text, tuple(tokens(text)), list(findings))
    short = reading.short(header) if header is not None else None
    problems = tuple(sorted(reading.findings, key=lambda finding: finding.sort_key))
    if problems or header is None or short is None:
        return None, problems
    whole = completed(short, dict(prefixes))
    return _QueryReader(path, whole, tuple(tokens(whole)), []).query(name, header, text), ()


@lru_cache(maxsize=512)
def header_of(text: str, path: str) -> tuple[Table | None, tuple[Finding, ...]]:
    """Return the header of a query, rule or check as YAML, each line at its place in the file, and its findings.

    Results are cached, because callers look for one key at a time.
    """
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
    """Return the parameter that removes the lines in *slots*, empty if there are none."""
    label = "Include facts that were corrected or replaced"
    return (Param(INCLUDE, "code", label, False, False, INCLUSION, "UNDEF", tuple(slots)),) if slots else ()


@dataclass(slots=True)
class _QueryReader:
    """A file being read, with its findings so far."""

    path: str
    text: str
    pieces: tuple[QueryToken, ...]
    findings: list[Finding]
    unusable: set[str] = field(default_factory=set)  # names in marks that cannot be used

    def report(self, place: Place, code: str, message: str, fix: str = "") -> None:
        self.findings.append(Finding(place, Severity.ERROR, code, message, fix))

    def place(self, offset: int, length: int = 1) -> Place:
        before = self.text[:offset]
        return Place(self.path, before.count("\n") + 1, offset - before.rfind("\n"), max(length, 1))

    def short(self, header: Table) -> Short:
        """Return the short question of the file, and report everything that is wrong with it."""
        query = self.query("", header, self.text)
        defaults = {param.name: param.default for param in query.params if not param.slots}
        values = {entry.key.text: entry.value for entry in header.entries}
        fact = self.fact(values.get("fact"), query.form)
        marked = [slot for param in query.params if param.name == INCLUDE for slot in param.slots]
        named = any(re.search(rf"[?$]{fact}\b", self.text[slot.start : slot.end]) for slot in marked)
        short = Short(self.text, fact, defaults, named)
        if query.form == "SELECT":
            self.refuse_unbound(short)
        if short.is_completed and where_group(self.pieces) is None:
            self.refuse_no_group()
        return short

    def fact(self, node: Node | None, form: str) -> str:
        """Return the variable of the header's fact, "" if there is none."""
        if node is None:
            return ""
        name = node.text.removeprefix("?") if isinstance(node, Scalar) else ""
        if form != "SELECT" or not name:
            self.report(node.place, "KG-Q003", "'fact' must be a variable of a SELECT query", "for example fact: event")
        elif name not in bound_variables(self.pieces).all:
            fix = f"bind ?{name} outside subselects, or correct the name"
            self.report(node.place, "KG-Q011", f"the fact '{name}' is not in the query", fix)
        return name

    def refuse_unbound(self, short: Short) -> None:
        """Report each column that no pattern binds and that has no owner."""
        for token in short.unbound:
            name = token.text[1:]
            if owner(name, short.fact, short.known) is None:
                message = f"nothing binds the column '{name}'"
                self.report(self.place(token.start, len(token.text)), "KG-Q012", message, way_to_bind(name))

    def refuse_no_group(self) -> None:
        """Report a query without a group that lines can be added to."""
        form = next((token for token in self.pieces if keyword(token) in FORMS), _NO_TOKEN)
        message = "the query has no '{ … }' that lines can be added to, or its brackets do not match"
        fix = "write SELECT … WHERE { … } or CONSTRUCT { … } WHERE { … }, and close each bracket"
        self.report(self.place(form.start, len(form.text)), "KG-Q009", message, fix)

    def query(self, name: str, header: Table, source: str) -> Query:
        values = self.table(header, KEYS, "the header")
        question = self.words(values, "question")
        if not question and not isinstance(values.get("question"), Table | Listing):
            self.report(header.place, "KG-Q003", "the header has no question", "add a line '#+ question: …?'")
        marked = tuple(marks(self.text, self.pieces))
        for mark in marked:
            if mark.message:
                self.report(self.place(mark.start, mark.length), "KG-Q005", mark.message, mark.fix)
                self.unusable.add(mark.name)
        params = self.params(values.get("params"), slots(marked, PARAM))
        params += _include(slots(marked, UNLESS))
        given = columns(self.pieces)
        evidence = self.evidence(values, given)
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
            hide=self.hidden(values, given, evidence),
            chart=self.chart(values.get("chart"), given),
            form=query_form(self.pieces),
            columns=given,
            types=self.types(values.get("columns"), given),
            graphs=slots(marked, GRAPH),
            text=self.text,
            source=source,
        )

    def table(self, node: Table, known: Sequence[str], what: str) -> dict[str, Node]:
        for entry in node.entries:
            if entry.key.text not in known:
                message = f"unknown key '{entry.key.text}' in {what}"
                fix = proposal(entry.key.text, known, f"known keys are {', '.join(known)}", most=1)
                self.report(entry.key.place, "KG-Q002", message, fix)
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
        """Return a list of texts. A single text counts as a list of one."""
        items = node.items if isinstance(node, Listing) else () if node is None else (node,)
        for item in items:
            if not isinstance(item, Scalar):
                self.report(item.place, "KG-Q003", "a list of words is expected here", "for example [one, two]")
        return tuple(item for item in items if isinstance(item, Scalar))

    def column_names(self, node: Node | None, given: Sequence[str]) -> tuple[str, ...]:
        for scalar in self.scalars(node):
            if given and scalar.text not in given:
                message = f"the query has no column '{scalar.text}'"
                self.report(scalar.place, "KG-Q007", message, f"it has {', '.join(given)}")
        return self.texts(node)

    def evidence(self, values: Mapping[str, Node], given: Sequence[str]) -> tuple[str, ...]:
        """Return the columns with a row's evidence: by default the fact of the header, if it is a column."""
        if "evidence" in values:
            return self.column_names(values["evidence"], given)
        fact = values.get("fact")
        name = fact.text.removeprefix("?") if isinstance(fact, Scalar) else ""
        return (name,) if name in given else ()

    def hidden(self, values: Mapping[str, Node], given: Sequence[str], evidence: Sequence[str]) -> tuple[str, ...]:
        """Return the hidden columns: by default those of the evidence without a label column."""
        if "hide" in values:
            return self.column_names(values["hide"], given)
        return tuple(name for name in evidence if name in given and f"{name}{_LABEL}" not in given)

    def types(self, node: Node | None, given: Sequence[str]) -> Mapping[str, str]:
        """Return the type of each column: from the header, else date for supplied dates, else text."""
        declared: dict[str, str] = {}
        if node is not None and not isinstance(node, Table):
            self.report(node.place, "KG-Q003", "'columns' must be like {meetings: integer}")
        for entry in node.entries if isinstance(node, Table) else ():
            kind = entry.value.text if isinstance(entry.value, Scalar) else ""
            if kind not in COLUMN_TYPES:
                message = f"column '{entry.key.text}' has an unknown type '{kind}'"
                self.report(entry.value.place, "KG-Q003", message, f"write {', '.join(COLUMN_TYPES)}")
            declared |= dict.fromkeys(self.column_names(entry.key, given), kind)
        return {name: declared.get(name) or ("date" if is_date(name) else "text") for name in given}

    def chart(self, node: Node | None, given: Sequence[str]) -> Chart | None:
        if node is None:
            return None
        if not isinstance(node, Table):
            self.report(node.place, "KG-Q003", "'chart' must be like {network: [one, other, weight]}")
            return None
        values = self.table(node, CHART_KEYS, "the chart")
        network, group, notes = (self.column_names(values.get(key), given) for key in CHART_KEYS)
        if len(network) not in (2, 3) or len(group) > 1 or len(notes) not in (0, 2):
            message = "a chart needs two or three columns as network, at most one as group, and none or two as notes"
            self.report(node.place, "KG-Q003", message)
            return None
        return Chart(network, group[0] if group else "", notes)

    def params(self, node: Node | None, slots: Sequence[Slot]) -> tuple[Param, ...]:
        if node is not None and not isinstance(node, Table):
            self.report(node.place, "KG-Q003", "'params' must be like {name: {type: Person}}")
            return ()
        entries = node.entries if isinstance(node, Table) else ()
        declared = {entry.key.text for entry in entries}
        for slot in slots:
            if slot.name not in declared:
                fix = f"add it to the header: params: {{{slot.name}: {{type: …}}}}"
                self.report(self.place(slot.start), "KG-Q005", f"the header lacks the parameter '{slot.name}'", fix)
        params = [self.param(entry, [slot for slot in slots if slot.name == entry.key.text]) for entry in entries]
        return tuple(param for param in params if param is not None)

    def param(self, entry: Entry, slots: Sequence[Slot]) -> Param | None:
        name, node = entry.key.text, entry.value
        values = self.table(node, PARAM_KEYS, f"parameter '{name}'") if isinstance(node, Table) else {}
        kind, codes = self.words(values, "type"), self.words(values, "list")
        self.check_param(entry.key, kind, codes)
        many, required = self.flag(values, "many"), self.flag(values, "required")
        defaults = [self.text[slot.start : slot.end].strip() for slot in slots]
        default = self.default(entry.key, values, defaults)
        for slot, default in zip(slots, defaults, strict=True):
            if default != defaults[0]:
                message = f"this default of '{name}' differs from the first, {defaults[0]}"
                self.report(self.place(slot.start), "KG-Q005", message, "write the same one in all its VALUES lines")
        label = self.words(values, "label") or name
        return Param(name, kind, label, many, required, codes, default, tuple(slots))

    def default(self, key: Scalar, values: Mapping[str, Node], lines: Sequence[str]) -> str:
        """Return the default of a parameter as SPARQL: from its *lines* in the query, else from the header."""
        name, given = key.text, self.words(values, "default")
        if lines:
            if given not in lines[0]:
                message = f"parameter '{name}' has a different default in its VALUES line, {lines[0]}"
                self.report(values["default"].place, "KG-Q005", message, "keep one of the two")
            return lines[0]
        if given and not is_data(given):
            fix = "write SPARQL terms, for example <https://example.org/kg/person/mara-lind>, side:Host or 5"
            self.report(values["default"].place, "KG-Q003", f"'{given}' cannot be the default of '{name}'", fix)
        if name not in self.unusable and not any(piece.text[1:] == name for piece in self.variables()):
            fix = f"write ?{name} where its value belongs, or remove the parameter"
            self.report(key.place, "KG-Q004", f"the query does not use the parameter '{name}'", fix)
        return given or "UNDEF"

    def variables(self) -> Iterator[QueryToken]:
        return (piece for piece in self.pieces if piece.kind == "variable")

    def check_param(self, key: Scalar, kind: str, codes: str) -> None:
        """Report an invalid name or type."""
        name = key.text
        if not _NAME.fullmatch(name):
            fix = "begin it with a lower-case letter and use only letters and digits"
            self.report(key.place, "KG-Q003", f"'{name}' cannot be the name of a parameter", fix)
        if kind not in PLAIN_TYPES and not _CLASS.fullmatch(kind):
            message = (
                f"parameter '{name}' has no type" if not kind else f"parameter '{name}' has an unknown type '{kind}'"
            )
            self.report(key.place, "KG-Q003", message, f"write {', '.join(PLAIN_TYPES)}, or a class such as Person")
        if (kind == "code") != bool(codes):
            message = f"parameter '{name}': a parameter of type code, and no other, names its code list as 'list'"
            self.report(key.place, "KG-Q003", message, "for example {type: code, list: side}")
        if name in RESERVED:
            self.report(key.place, "KG-Q008", f"'{name}' is an option of kg query", "choose another name")

    def refuse_subselects(self, params: Sequence[Param]) -> None:
        """Report each parameter in a subselect, where engines disagree about the scope of its value."""
        spans = subselects(self.pieces)
        names = {param.name for param in params}
        for piece in self.pieces:
            inside = any(start < piece.start < end for start, end in spans)
            if inside and piece.kind == "variable" and piece.text[1:] in names:
                message = f"parameter '{piece.text[1:]}' is inside a subselect"
                fix = "engines differ there: keep the parameter and its variable in the outer query"
                self.report(self.place(piece.start, len(piece.text)), "KG-Q006", message, fix)
