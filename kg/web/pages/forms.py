"""A question's header and what an address gives for it -> a form: fields, choices and faults. Reads a store."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from kg.core.errors import AmbiguousError, UsageError
from kg.core.model import Term
from kg.core.terms import CODE
from kg.core.values import is_iri, lexical, local_name
from kg.questions.graph import Graph
from kg.questions.question import Param, Query
from kg.questions.sparql import declared_prefixes
from kg.store.guard import tokens
from kg.web.pages.page_queries import code_lists
from kg.web.snapshot import Snapshot

_FULL = re.compile(r"<([^<>\s]*)>")


@dataclass(frozen=True, slots=True)
class FormChoice:
    """An entry of a code list."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.

    Attributes:
        name: of the parameter.
        label: what it is, for people.
        kind: entity, code, date, number or text.
        type: class of the things that an entity field takes.
        many: whether it takes several values.
        required: whether it must have one.
        values: as typed.
        meant: for each value of an entity field the name of what it means, "" if that is not known.
        choices: for a code field.
        default: what is asked about when it is empty, in words; "" for no restriction.
        fault: what is wrong with the value, or "".
        fix: how to mend it, or "".
        proposals: what the value may mean: in words, and the address that asks about it.
    """

    name: str
    label: str
    kind: str
    type: str
    many: bool
    required: bool
    values: tuple[str, ...]
    meant: tuple[str, ...]
    choices: tuple[FormChoice, ...]
    default: str
    fault: str = ""
    fix: str = ""
    proposals: tuple[tuple[str, str], ...] = ()


def arguments_in(request: Request, query: Query) -> dict[str, list[str]]:
    """Return parameter -> the values that the address gives; empty ones, and other fields, are left out."""
    known = {param.name for param in query.params}
    found: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name in known and value.strip():
            found.setdefault(name, []).append(value.strip())
    return found


def form_of(
    snapshot: Snapshot, query: Query, arguments: Mapping[str, Sequence[str]], error: UsageError | None
) -> tuple[FormField, ...]:
    """Return the fields of a question; *error* is put to the field that it is about."""
    lists = snapshot.remembered("codes", _code_lists)
    defaults = {param.name: _default_term(query, param) for param in query.params if not param.optional}
    terms = [term for term in defaults.values() if term]
    given = [_iri(snapshot.graph, value) for values in arguments.values() for value in values]
    names = snapshot.graph.labels([*terms, *(iri for iri in given if iri)])
    return tuple(
        _field(snapshot.graph, param, arguments, lists, names, defaults.get(param.name, ""), error)
        for param in query.params
    )


def is_about(error: UsageError, param: str) -> bool:
    """Tell whether an error is about the value of one parameter."""
    return error.message.startswith(f"{param}: ")


def _field(
    graph: Graph,
    param: Param,
    arguments: Mapping[str, Sequence[str]],
    lists: Mapping[str, tuple[FormChoice, ...]],
    names: Mapping[Term, str],
    default: Term,
    error: UsageError | None,
) -> FormField:
    values, wrong = arguments.get(param.name, ()), error is not None and is_about(error, param.name)
    choices = error.choices if wrong and isinstance(error, AmbiguousError) else ()
    return FormField(
        name=param.name,
        label=param.label or param.name,
        kind="entity" if param.is_entity else param.type,
        type=param.type if param.is_entity else "",
        many=param.many,
        required=param.required,
        values=tuple(values),
        meant=tuple(names.get(_iri(graph, value), "") if param.is_entity else "" for value in values),
        choices=lists.get(param.codes, ()),
        default=names.get(default, ""),
        fault=error.message.removeprefix(f"{param.name}: ") if wrong and error else "",
        fix=error.fix if wrong and error and not choices else "",
        proposals=tuple((told, _address(arguments, param, identifier)) for identifier, told in choices),
    )


def _address(arguments: Mapping[str, Sequence[str]], param: Param, value: str) -> str:
    """Return the address, relative to the question's, that asks the same with another value of one parameter."""
    return f"?{urlencode({**arguments, param.name: [value]}, doseq=True)}"


def _iri(graph: Graph, value: str) -> Term:
    term = f"<{value if value.startswith(graph.base) else graph.base + value}>"
    return term if is_iri(term) and not set(value) & set(' <>"{}|^`\\') else ""


def _default_term(query: Query, param: Param) -> Term:
    """Return the first thing of a default, "" if it is none."""
    match = _FULL.search(param.default)
    if match:
        return match[0]
    prefix, _, local = param.default.strip().split(" ")[0].partition(":")
    namespace = declared_prefixes(tuple(tokens(query.text))).get(prefix)
    return f"<{namespace}{local}>" if namespace else ""


def _code_lists(graph: Graph) -> Mapping[str, tuple[FormChoice, ...]]:
    found: dict[str, list[FormChoice]] = {}
    for scheme, code, label in code_lists(graph):
        if scheme and code and label:
            name = lexical(scheme).removeprefix(CODE)
            found.setdefault(name, []).append(FormChoice(local_name(code), lexical(label)))
    return {name: tuple(choices) for name, choices in found.items()}
