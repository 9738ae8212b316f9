"""Canned questions: find one, bind user input to its parameters, run it, find the evidence for its rows.

Reads query files and a store. Only the content of a marked VALUES block is replaced, with serialized terms. The engine
parses the result afresh.
https://www.w3.org/TR/sparql11-query/#inline-data
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from unicodedata import normalize

from kg.core.errors import AmbiguousError, Finding, InputError, NotFoundError, Place, Severity, UsageError
from kg.core.likeness import proposal
from kg.core.model import Term
from kg.core.normal import bare
from kg.core.terms import CODE, LABEL, SKOS
from kg.core.values import XSD, lexical, literal, string_literal
from kg.planning.guard import tokens
from kg.planning.rows import AnswerPage, Rows
from kg.project.files import read_text
from kg.project.folders import name_of
from kg.project.layout import check_files, question_files, rule_files
from kg.project.settings import Project
from kg.project.state import text_in
from kg.questions.graph import Graph, full_iri, named_graph, project_prefixes
from kg.questions.queryfile import read_query
from kg.questions.question import INCLUDE, Param, Query, Slot
from kg.questions.sparql import declared_prefixes, with_prefixes
from kg.questions.words import Passage, words_behind
from kg.store.protocol import Triple

if TYPE_CHECKING:
    from kg.ontology.vocabulary import Vocabulary

Arguments = Mapping[str, str | Sequence[str]]
"""Parameter -> user input: one value or several. A parameter without a restriction is left out."""

TRIPLE = ("subject", "predicate", "object")
"""The columns of the answer to a CONSTRUCT or DESCRIBE query."""

_TERM = re.compile(r'<[^<>"{}|^`\\\x00-\x20]+>|"(?:[^"\\\r\n]|\\.)*"(?:@[a-z0-9-]+|\^\^<[^<>"{}|^`\\\x00-\x20]+>)?')


def find_query(project: Project, name: str) -> Query:
    """Return the question with that name.

    Raises:
        NotFoundError: there is none. The fix proposes the nearest.
        InputError: its file is not valid. The text lists everything that is wrong with it.
    """
    files = question_files(project)
    name = normalize("NFC", name).removesuffix(".rq")
    if name not in files:
        fix = proposal(name, files, "list them with 'kg query --list'", least=0.5)
        raise NotFoundError(f"there is no query '{name}'", fix)
    return load_query(files[name], project.shown(files[name]), project_prefixes(project))


def load_query(file: Path, shown: str, prefixes: Mapping[str, str] = MappingProxyType({})) -> Query:
    """Return the question in *file*, called *shown* in messages. It need not declare *prefixes*.

    Raises:
        InputError: unreadable, or its header has findings. The text lists them all.
    """
    query, findings = read_query(name_of(file), read_text(file, shown), shown, prefixes)
    if query is None:
        report = "\n  ".join(_in_one_line(finding) for finding in findings)
        raise InputError(report, "correct the lines that begin with '#+'" if len(findings) > 1 else findings[0].fix)
    return query


def all_queries(project: Project) -> tuple[tuple[Query, ...], tuple[Finding, ...]]:
    """Return the usable questions, sorted by name, and the findings about the others."""
    queries: list[Query] = []
    findings: list[Finding] = []
    prefixes = project_prefixes(project)
    for name, file in question_files(project).items():
        shown = project.shown(file)
        try:
            query, new = read_query(name, read_text(file, shown), shown, prefixes)
        except InputError as error:
            query, new = None, (Finding(Place(shown), Severity.ERROR, "KG-Y000", error.message, error.fix),)
        findings += new
        if query is not None:
            queries.append(query)
    return tuple(queries), tuple(findings)


def query_findings(project: Project, vocabulary: Vocabulary) -> tuple[Finding, ...]:
    """Return the findings about question files: headers, SPARQL that does not parse, replaced terms.

    Includes checks across articles and rules that name a replaced term, which run but find nothing.
    """
    queries, findings = all_queries(project)
    texts = {query.path: query.text for query in queries}
    others = ((project.queries, check_files(project)), (project.ontology, rule_files(project.ontology)))
    files = ((folders, file, project.shown(file)) for folders, some in others for file in some.values())
    texts |= {shown: text_in(folders, file, shown) for folders, file, shown in files}
    return (
        *findings,
        *(finding for query in queries for finding in _syntax(query)),
        *(finding for path, text in texts.items() for finding in _replaced(path, text, vocabulary)),
    )


def _replaced(path: str, text: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield the names of terms that were replaced."""
    from kg.mapping.replaced import replaced_texts

    old = {each.iri: each for each in vocabulary.replacements if each.name in text}
    for token in tokens(text) if old else ():
        namespace = vocabulary.prefixes.get(token.prefix, "") if token.kind == "name" else ""
        if replaced := old.get(namespace + token.text.partition(":")[2]) if namespace else None:
            before = text[: token.start]
            place = Place(path, before.count("\n") + 1, token.start - before.rfind("\n"), len(token.text))
            message, fix, instead = replaced_texts(replaced)
            instead = f"{token.prefix}:{instead}" if instead else ""
            yield Finding(place, Severity.ERROR, "KG-Q010", message, fix, instead=instead)


def _syntax(query: Query) -> Iterator[Finding]:
    if refusal := _refusal(query.source, query.text):
        place = re.search(r"line (\d+), column (\d+)", refusal)
        line, column = _within(query.source, int(place[1]), int(place[2])) if place else (1, 1)
        message, fix = "the query is not valid SPARQL here", "look at this line and the one before it"
        yield Finding(Place(query.path, line, column), Severity.ERROR, "KG-Q009", message, fix)


@lru_cache(maxsize=256)
def _refusal(source: str, text: str) -> str:
    """Return why an engine rejects *source* with the prefixes of the whole *text*, "" if it does not."""
    from kg.store.embedded import memory_store

    try:
        memory_store(()).answer(with_prefixes(source, declared_prefixes(tuple(tokens(text)))))
    except UsageError as error:
        return error.message
    return ""


def _within(text: str, line: int, column: int) -> tuple[int, int]:
    """Return the place, or the last line with text before it, because the engine may point past the end."""
    lines = text.split("\n")
    while line > 1 and (line > len(lines) or not lines[line - 1].strip()):
        line, column = line - 1, 1
    return line, column


def bound_text(graph: Graph, query: Query, arguments: Arguments) -> str:
    """Return the text of *query* with the arguments and the project's graphs in place of its defaults.

    Raises:
        UsageError: an unknown parameter, a missing required one, too many values, or an empty or unsuitable value.
    """
    fillings = [*_graph_fillings(query, graph.base)]
    known = {param.name: param for param in query.params}
    for name in arguments:
        if name not in known:
            raise _unknown_param(query, name)
    for param in query.params:
        if param.name in arguments:
            terms = _terms(graph, param, arguments[param.name])
            fillings += [(slot, () if param.name == INCLUDE else terms) for slot in param.slots]
        else:
            _check_default(graph, query, param)
    return filled(query.text, fillings)


def default_things(query: Query, param: Param) -> list[Term]:
    """Return the default things of a parameter, empty if it does not need a thing."""
    return default_terms(query, param) if param.is_entity and not param.required else []


def default_terms(query: Query, param: Param) -> list[Term]:
    """Return the things or codes of a parameter's default; for a required parameter, its example.

    Empty for a parameter that takes texts, numbers or dates, or is optional.
    """
    if param.optional or not (param.is_entity or param.codes):
        return []
    declared = declared_prefixes(tuple(tokens(query.text)))
    return [f"<{word[1:-1] if word.startswith('<') else full_iri(word, declared)}>" for word in param.default.split()]


def default_text(query: Query, base: str) -> str:
    """Return the text of *query* with the graphs of the project with that base, and the defaults of its parameters."""
    return filled(query.text, _graph_fillings(query, base))


def _graph_fillings(query: Query, base: str) -> Iterator[tuple[Slot, Sequence[Term]]]:
    return ((slot, [named_graph(base, slot.name)]) for slot in query.graphs)


def filled(text: str, fillings: Iterable[tuple[Slot, Sequence[Term]]]) -> str:
    """Return *text* with the content of each slot replaced by terms.

    Raises:
        ValueError: a term is not in canonical N-Triples syntax, which is a bug in the caller.
    """
    for slot, terms in sorted(fillings, key=lambda filling: filling[0].start, reverse=True):
        for term in terms:
            if not _TERM.fullmatch(term):
                raise ValueError(f"not a term: {term}")
        gap = " " if text[slot.start].isspace() else ""
        text = f"{text[: slot.start]}{gap}{' '.join(terms)}{gap}{text[slot.end :]}"
    return text


def run(graph: Graph, query: Query, arguments: Arguments) -> Rows:
    """Return the rows: of an ASK a single row with a boolean, of a CONSTRUCT or DESCRIBE its triples.

    Raises:
        UsageError: as `bound_text`, or the file's query does not parse.
        EndpointError: the store failed.
    """
    return run_text(graph, query, bound_text(graph, query, arguments))


def run_text(graph: Graph, query: Query, text: str) -> Rows:
    """Return the rows of a question whose parameters are already bound in *text*."""
    if query.form == "ASK":
        return as_rows(graph.store.ask(text))
    if query.form in ("CONSTRUCT", "DESCRIBE"):
        return as_rows(graph.store.construct(text))
    return graph.store.select(text)


def run_page(graph: Graph, query: Query, text: str, start: int, most: int) -> AnswerPage:
    """Return at least *most* rows from number *start* on, or all if that is no more work. *text* as in `run_text`."""
    from kg.store.embedded import EmbeddedStore

    if query.form == "SELECT" and isinstance(graph.store, EmbeddedStore):
        page = graph.store.page(text, start, most)
        if page is not None:
            return page
    return AnswerPage.of_all(run_text(graph, query, text))


def as_rows(value: Rows | bool | tuple[Triple, ...]) -> Rows:
    """Return the answer to a query of any form as rows."""
    if isinstance(value, bool):
        return Rows(("answer",), ((f'"{str(value).lower()}"^^<{XSD}boolean>',),))
    return value if isinstance(value, Rows) else Rows(TRIPLE, tuple(tuple(triple) for triple in value))


def evidence(graph: Graph, query: Query, rows: Rows, most: int | None = None) -> tuple[tuple[Passage, ...], ...]:
    """Return the evidence for each row, from the columns that the query's header names as evidence.

    With *most*, at most that many origins of a derived node are followed at each step: see `words_behind`.
    """
    places = [rows.variables.index(name) for name in query.evidence if name in rows.variables]
    nodes = [tuple(dict.fromkeys(row[k] for k in places if row[k])) for row in rows.rows]
    behind = words_behind(graph, [node for row in nodes for node in row if node], most)
    return tuple(tuple(dict.fromkeys(words for node in row if node for words in behind.get(node, ()))) for row in nodes)


def shown(query: Query, rows: Rows) -> Rows:
    """Return the rows without the columns that the header hides."""
    kept = [k for k, name in enumerate(rows.variables) if name not in query.hide]
    return Rows(tuple(rows.variables[k] for k in kept), tuple(tuple(row[k] for k in kept) for row in rows.rows))


def codes(graph: Graph, name: str) -> Mapping[Term, str]:
    """Return the entries of a code list, sorted, each with its label."""
    entries = graph.store.select(
        f"SELECT DISTINCT ?code ?label WHERE {{ GRAPH {graph.ontology} {{"
        f" ?code <{SKOS}inScheme> <{CODE}{name}> . OPTIONAL {{ ?code {LABEL} ?label }} }} }}"
    )
    return {code: lexical(label) for code, label in sorted(entries.rows, key=str) if code}


def _terms(graph: Graph, param: Param, typed: str | Sequence[str]) -> list[Term]:
    values = [typed] if isinstance(typed, str) else list(typed)
    if not values or not all(value.strip() for value in values):
        raise UsageError(f"{param.name}: the value is missing", "leave the parameter out, or give it a value")
    if len(values) > 1 and not param.many:
        raise UsageError(f"{param.name}: takes one value, not {len(values)}", "run the question once for each")
    return [_term(graph, param, value) for value in values]


def _term(graph: Graph, param: Param, typed: str) -> Term:
    try:
        match param.type:
            case "date":
                return literal(typed, f"{XSD}date")
            case "number":
                return literal(typed, f"{XSD}{'decimal' if '.' in typed else 'integer'}")
            case "text":
                return string_literal(typed)
            case "code":
                return _code(graph, param, typed)
            case _:
                from kg.questions.lookup import find  # only an argument needs the names of all things

                return find(graph, typed, param.type)
    except AmbiguousError as error:
        raise AmbiguousError(f"{param.name}: {error.message}", error.fix, error.choices) from error
    except UsageError as error:
        raise type(error)(f"{param.name}: {error.message}", error.fix) from error
    except ValueError as error:
        fixes = {"date": "write a full date, year-month-day, such as 2017-02-09", "number": "for example 2100 or 21.6"}
        raise UsageError(f"{param.name}: '{typed}' is not a {param.type}", fixes.get(param.type, str(error))) from error


def _code(graph: Graph, param: Param, typed: str) -> Term:
    """Return the entry of the parameter's code list whose IRI, local name or label is *typed*."""
    entries = codes(graph, param.codes)
    names = {code: (bare(lexical(code).rpartition("/")[2]), bare(label)) for code, label in entries.items()}
    for code in entries:
        prefix, _, name = typed.rpartition(":")
        if typed == lexical(code) or (bare(name) in names[code] and " " not in prefix and prefix in ("", param.codes)):
            return code
    local = [lexical(code).rpartition("/")[2] for code in entries]
    hint = proposal(typed, local, f"known entries are {', '.join(local)}", most=1)
    raise UsageError(f"the list '{param.codes}' has no entry '{typed}'", hint)


def _check_default(graph: Graph, query: Query, param: Param) -> None:
    """Refuse to run with a default thing that is not in this graph: an empty answer would mislead."""
    if param.required:
        raise UsageError(f"'{query.name}' needs a value for '{param.name}' ({param.label})", _example(param))
    things = " ".join(default_things(query, param))
    if things and not graph.store.ask(f"ASK {{ VALUES ?thing {{ {things} }} GRAPH ?g {{ ?thing ?p ?o }} }}"):
        message = f"'{query.name}' needs a value for '{param.name}' ({param.label}): its example is not in this graph"
        raise UsageError(message, _example(param))


def _unknown_param(query: Query, name: str) -> UsageError:
    known = [param.name for param in query.params]
    has = f"it has {', '.join(known)}" if known else "it has none"
    return UsageError(f"'{query.name}' has no parameter '{name}'", proposal(name, known, has, most=1, least=0.5))


def _example(param: Param) -> str:
    what = f"something of type {param.type}, by id or name" if param.is_entity else f"a {param.type}"
    return f"name {what}; on the command line with --{param.name}"


def _in_one_line(finding: Finding) -> str:
    return f"{finding.place}: {finding.message} [{finding.code}]"
