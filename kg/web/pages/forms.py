"""A question's header and the arguments in an address -> a form: fields, choices and faults. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from urllib.parse import urlencode

from starlette.requests import Request

from kg.core.errors import AmbiguousError, UsageError
from kg.core.model import Term
from kg.core.values import is_iri, local_name
from kg.questions.graph import Graph
from kg.questions.query import default_terms
from kg.questions.question import Param, Query
from kg.web.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class FormChoice:
    """A code of a list."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form.

    Attributes:
        name: the name of the parameter.
        label: its label for people.
        kind: entity, code, date, number or text.
        type: the class of things that an entity field takes.
        many: whether it takes several values.
        required: whether it must have a value.
        values: the values as typed.
        meant: for each value of an entity field, the name of the entity, "" if unknown.
        choices: the codes of a code field.
        default: the default in words, "" for no restriction.
        fault: what is wrong with the value, or "".
        fix: how to fix it, or "".
        proposals: things that the value may mean: the name, and the address of the question about it.
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

    @property
    def in_words(self) -> tuple[str, ...]:
        """The values as people read them: things by name, codes by label."""
        labels = {choice.value: choice.label for choice in self.choices}
        pairs = zip_longest(self.values, self.meant, fillvalue="")
        return tuple(meant or labels.get(value, value) for value, meant in pairs if value)


def arguments_in(request: Request, query: Query) -> dict[str, list[str]]:
    """Return parameter -> its values in the address, without empty ones and other fields."""
    known = {param.name for param in query.params}
    arguments: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        if name in known and value.strip():
            arguments.setdefault(name, []).append(value.strip())
    return arguments


def form_of(
    snapshot: Snapshot, query: Query, arguments: Mapping[str, Sequence[str]], error: UsageError | None
) -> tuple[FormField, ...]:
    """Return the fields of a question. *error* is shown at the field that it is about."""
    defaults = {param.name: default_terms(query, param) for param in query.params}
    terms = [term for some in defaults.values() for term in some]
    given = [_iri(snapshot.graph, value) for values in arguments.values() for value in values]
    names = snapshot.graph.labels([*terms, *(iri for iri in given if iri)])
    return tuple(
        _field(snapshot, param, arguments, names, ", ".join(filter(None, map(names.get, defaults[param.name]))), error)
        for param in query.params
    )


def is_about(error: UsageError, param: str) -> bool:
    """Return whether an error is about the value of one parameter."""
    return error.message.startswith(f"{param}: ")


def _field(
    snapshot: Snapshot,
    param: Param,
    arguments: Mapping[str, Sequence[str]],
    names: Mapping[Term, str],
    default: str,
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
        meant=tuple(names.get(_iri(snapshot.graph, value), "") if param.is_entity else "" for value in values),
        choices=_choices(snapshot, param.codes),
        default=default,
        fault=error.message.removeprefix(f"{param.name}: ") if wrong and error else "",
        fix=error.fix if wrong and error and not choices else "",
        proposals=tuple((name, _address(arguments, param, identifier)) for identifier, name in choices),
    )


def _address(arguments: Mapping[str, Sequence[str]], param: Param, value: str) -> str:
    """Return the address, relative to the question's, with another value of one parameter."""
    return f"?{urlencode({**arguments, param.name: [value]}, doseq=True)}"


def _iri(graph: Graph, value: str) -> Term:
    term = f"<{value if value.startswith(graph.base) else graph.base + value}>"
    return term if is_iri(term) and not set(value) & set(' <>"{}|^`\\') else ""


def _choices(snapshot: Snapshot, name: str) -> tuple[FormChoice, ...]:
    """Return the codes of a list, none if it has no name."""
    entries = snapshot.codes(name) if name else {}
    return tuple(FormChoice(local_name(code), label) for code, label in entries.items())
