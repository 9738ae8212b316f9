"""Quads -> JSON-LD with a context of prefixes. No I/O, and one node in memory at a time.

The context has prefixes and nothing else, so that a reader loses nothing without it but the short names. Texts are
strings, and other values keep their datatype: a JSON number would round decimals.
https://www.w3.org/TR/json-ld11/
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from kg.core.model import Quad, Term
from kg.core.terms import TYPE
from kg.core.values import is_iri, lexical
from kg.store.results import term_json

NAMESPACE_ENDS = tuple(":/?#[]@")
"""A simple term can be a prefix only if its IRI ends so: https://www.w3.org/TR/json-ld11/#compact-iris"""


def json_ld(quads: Iterable[Quad], context: Mapping[str, str]) -> Iterator[str]:
    """Yield the text of a document with *quads*, in their order. The name of the default graph is "".

    Raises:
        ValueError: a term is a triple, which JSON-LD 1.1 cannot hold.
    """
    names = _ShortNames(context)
    yield f'{{"@context":{_text(dict(context))},\n"@graph":['
    yield from _listed(_graph_objects(quads, names))
    yield "]}\n"


def usable_context(prefixes: Mapping[str, str], texts: Iterable[str]) -> dict[str, str]:
    """Return the *prefixes* that a context can have for the statements in *texts*.

    A prefix that is the scheme of an IRI is left out: `doi:10.1/x` in full would be taken for a short name.
    """
    fit = {name for name, namespace in prefixes.items() if name and namespace.endswith(NAMESPACE_ENDS)}
    for text in texts:
        fit -= {name for name in fit if f"<{name}:" in text}
    return {name: prefixes[name] for name in sorted(fit)}


def _graph_objects(quads: Iterable[Quad], names: _ShortNames) -> Iterator[Iterable[str]]:
    for graph, members in groupby(quads, lambda quad: quad.graph):
        nodes = (_text(_node(node, own, names)) for node, own in groupby(members, lambda quad: quad.subject))
        if graph:
            yield _named_graph(names.short(graph), nodes)
        else:
            yield from ((node,) for node in nodes)


def _named_graph(name: str, nodes: Iterable[str]) -> Iterator[str]:
    yield f'{{"@id":{_text(name)},"@graph":['
    yield from _listed((node,) for node in nodes)
    yield "]}"


def _listed(items: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the items of an array, one per line."""
    for number, item in enumerate(items):
        yield ",\n" if number else "\n"
        yield from item


def _node(node: Term, quads: Iterable[Quad], names: _ShortNames) -> Mapping[str, object]:
    values: dict[str, list[object]] = {}
    for quad in quads:
        is_type = quad.predicate == TYPE and is_iri(quad.object)
        key = "@type" if is_type else names.short(quad.predicate)
        values.setdefault(key, []).append(names.short(quad.object) if is_type else _value(quad.object, names))
    return {"@id": names.short(node), **{key: some[0] if len(some) == 1 else some for key, some in values.items()}}


def _value(term: Term, names: _ShortNames) -> object:
    if term.startswith("<<("):
        raise ValueError("JSON-LD has no triple terms")
    if not term.startswith('"'):
        return {"@id": names.short(term)}
    parts = term_json(term)
    known = {"@language": parts.get("xml:lang"), "@direction": parts.get("its:dir")}
    if "datatype" in parts:
        known["@type"] = names.short(f"<{parts['datatype']}>")
    described = {key: value for key, value in known.items() if value}
    return {"@value": parts["value"], **described} if described else parts["value"]


class _ShortNames:
    """The names of nodes and properties in a document."""

    def __init__(self, context: Mapping[str, str]) -> None:
        self._namespaces = sorted(((space, name) for name, space in context.items()), key=lambda pair: -len(pair[0]))

    def short(self, term: Term) -> str:
        """Return an IRI with its prefix if the context has one, a blank node as it is."""
        if not is_iri(term):
            return term
        iri = lexical(term)
        for namespace, prefix in self._namespaces:
            local = iri.removeprefix(namespace)
            if local != iri and local and not local.startswith("//"):
                return f"{prefix}:{local}"
        return iri


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
