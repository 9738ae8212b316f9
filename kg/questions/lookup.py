"""What a person types (an IRI, an id, a name) -> the one thing of the graph that is meant. Reads a store.

Ids come first, then names as written, then names without regard to case and width, then without accents and
punctuation. The first of these that fits anything decides; when it fits several things, none is chosen.
https://www.unicode.org/reports/tr15/ (NFKC), https://www.w3.org/TR/sparql11-query/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.core.errors import AmbiguousError, NotFoundError, UsageError
from kg.core.likeness import nearest
from kg.core.model import Term
from kg.core.normal import bare, folded, normal
from kg.core.terms import LABEL, NAME_PROPERTIES, TYPE, cq
from kg.core.values import is_iri, language, lexical, string_literal
from kg.questions.graph import Graph

SHOWN_CHOICES = 12

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^<>\"{}|^`\\\x00-\x20]+")
_PATH = re.compile(r"[^<>\"{}|^`\\\x00-\x20]+")


@dataclass(frozen=True, slots=True)
class Thing:
    """A node of the graph as a person may call it.

    Attributes:
        iri: its term.
        id: its IRI without the project's base.
        names: all its names, the label first.
    """

    iri: Term
    id: str
    names: tuple[str, ...]

    @property
    def label(self) -> str:
        """The name to show."""
        return self.names[0] if self.names else self.id


def find(graph: Graph, typed: str, class_name: str = "") -> Term:
    """Return the thing of the class (of any, if "") that *typed* means: a full IRI, an id or a name in any script.

    Raises:
        NotFoundError: nothing fits, or what fits is of another class.
        AmbiguousError: several things fit; says which.
    """
    wanted = typed.strip()
    classes = graph.subclasses(class_name) if class_name else {}
    direct = _direct(graph, wanted)
    if direct and _is_one_of(graph, direct, classes):
        return direct
    if _is_no_id(wanted) and len(exact := _called(graph, wanted, classes)) == 1:
        return exact[0]
    names = _names(graph, class_name, classes)
    for found in names.fitting(wanted):
        if len(found) == 1:
            return found[0].iri
        if found:
            raise _several(graph, wanted, found)
    what = classes[cq(class_name)] if class_name else "thing"
    raise _nothing(graph, wanted, what, names, _strangers(graph, wanted, direct) if classes else [])


def things_of(graph: Graph, class_name: str) -> Sequence[Thing]:
    """Return all things of a class that have a name, sorted by id."""
    return _things(graph, graph.subclasses(class_name))


def _direct(graph: Graph, typed: str) -> Term | None:
    """Return the node whose full IRI, or IRI relative to the base, is *typed*, if the graph has it."""
    inner = typed[1:-1] if typed.startswith("<") and typed.endswith(">") else typed
    candidates = [f"<{inner}>"] if _IRI.fullmatch(inner) else []
    candidates += [f"<{graph.base}{inner}>"] if _PATH.fullmatch(inner) else []
    return next((iri for iri in candidates if _has(graph, iri)), None)


def _has(graph: Graph, iri: Term) -> bool:
    try:
        return graph.store.ask(f"ASK {{ GRAPH ?g {{ {iri} ?p ?o }} }}")
    except UsageError:  # the engine is stricter about characters: no IRI of the graph
        return False


def _is_one_of(graph: Graph, iri: Term, classes: Mapping[Term, str]) -> bool:
    values = " ".join(classes)
    return not classes or graph.store.ask(f"ASK {{ VALUES ?type {{ {values} }} GRAPH ?g {{ {iri} {TYPE} ?type }} }}")


def _things(graph: Graph, classes: Mapping[Term, str]) -> list[Thing]:
    """Return all named nodes of these classes, or of any, sorted by id."""
    # the nodes are found first: engines begin with all names of a graph where both are asked for at once
    kinds = f"VALUES ?type {{ {' '.join(classes)} }} GRAPH ?g {{ ?node {TYPE} ?type }}"
    of_class = f"{{ SELECT DISTINCT ?node WHERE {{ {kinds} }} }}" if classes else ""
    found = graph.store.select(
        f"SELECT DISTINCT ?node ?p ?name WHERE {{ {of_class} VALUES ?p {{ {' '.join(NAME_PROPERTIES)} }}"
        " GRAPH ?h { ?node ?p ?name } }"
    )
    names: dict[Term, list[tuple[int, str, str]]] = {}
    for node, prop, name in found.rows:
        if node and prop and name and not graph.is_part(node):
            order = NAME_PROPERTIES.index(prop)
            names.setdefault(node, []).append((order, language(name) or "", lexical(name)))
    return sorted(
        (
            Thing(node, graph.id(node), tuple(dict.fromkeys(text for _, _, text in sorted(found_names))))
            for node, found_names in names.items()
        ),
        key=lambda thing: thing.id,
    )


def _names(graph: Graph, class_name: str, classes: Mapping[Term, str]) -> _Names:
    """Return what finds the things of a class; a server makes it once."""
    return graph.once(f"names of {class_name}", lambda: _Names(_things(graph, classes)))


class _Names:
    """Things by what people call them; each index is made when it is first needed."""

    def __init__(self, things: Sequence[Thing]) -> None:
        self.things = things

    def fitting(self, typed: str) -> Iterator[Sequence[Thing]]:
        """Yield the things that fit, for each way to compare, strictest first."""
        exact = normal(typed)
        yield self._by_id.get(exact, ())
        yield self._by_name.get(exact, ())
        for index, key in ((self._by_folded, folded(typed)), (self._by_bare, bare(typed))):
            yield index.get(key, ()) if key else ()
        part = f" {bare(typed)} "
        yield self._containing(part) if part.strip() else ()

    @cached_property
    def _by_id(self) -> Mapping[str, Sequence[Thing]]:
        return _index((end, thing) for thing in self.things for end in _ends(thing.id))

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[Thing]]:
        return _index((name, thing) for thing in self.things for name in thing.names)

    @cached_property
    def _by_folded(self) -> Mapping[str, Sequence[Thing]]:
        return _index((folded(name), thing) for thing in self.things for name in thing.names)

    @cached_property
    def _by_bare(self) -> Mapping[str, Sequence[Thing]]:
        return _index((bare(name), thing) for thing in self.things for name in thing.names)

    def _containing(self, part: str) -> Sequence[Thing]:
        found = (things for key, things in self._by_bare.items() if part in f" {key} ")
        return sorted({thing.id: thing for things in found for thing in things}.values(), key=lambda thing: thing.id)

    @cached_property
    def keys(self) -> Mapping[str, Thing]:
        """Simplified name or last part of the id -> the first thing that has it."""
        by_key: dict[str, Thing] = {}
        for thing in self.things:
            for text in (*thing.names, thing.id.rpartition("/")[2]):
                by_key.setdefault(bare(text), thing)
        return by_key


def _index(pairs: Iterable[tuple[str, Thing]]) -> Mapping[str, Sequence[Thing]]:
    """Return key -> its things, each once, in their order."""
    found: dict[str, dict[str, Thing]] = {}
    for key, thing in pairs:
        found.setdefault(key, {})[thing.id] = thing
    return {key: tuple(things.values()) for key, things in found.items()}


def _ends(identifier: str) -> Iterator[str]:
    """Yield the id and what follows each of its slashes."""
    while identifier:
        yield identifier
        identifier = identifier.partition("/")[2]


def _is_no_id(typed: str) -> bool:
    """Tell whether a text cannot be the end of an id."""
    return " " in typed or typed != typed.lower()


def _called(graph: Graph, typed: str, classes: Mapping[Term, str]) -> list[Term]:
    """Return the things with exactly this name, in any language, without reading all names."""
    try:
        text = string_literal(normal(typed))
    except ValueError:
        return []
    forms = " ".join([text, *(f"{text}@{tag}" for tag in _languages(graph))])
    rows = graph.store.select(
        f"SELECT DISTINCT ?node WHERE {{ VALUES ?p {{ {' '.join(NAME_PROPERTIES)} }} VALUES ?name {{ {forms} }}"
        " GRAPH ?g { ?node ?p ?name } } ORDER BY ?node"
    ).rows
    found = (node for (node,) in rows if node and is_iri(node) and not graph.is_part(node))
    return [node for node in found if _is_one_of(graph, node, classes)]


def _languages(graph: Graph) -> Sequence[str]:
    """Return the languages that names of the registry are in."""

    def read() -> Sequence[str]:
        rows = graph.store.select(
            f"SELECT DISTINCT (LANG(?name) AS ?tag) WHERE {{ VALUES ?p {{ {' '.join(NAME_PROPERTIES)} }}"
            f" GRAPH {graph.named('registry')} {{ ?node ?p ?name }} }}"
        ).rows
        return sorted(lexical(tag) for (tag,) in rows if tag and lexical(tag))

    return graph.once("languages of names", read)


def _several(graph: Graph, typed: str, things: Sequence[Thing]) -> AmbiguousError:
    shown = things[:SHOWN_CHOICES]
    hints = _hints(graph, [thing.iri for thing in shown])
    types = graph.types(thing.iri for thing in shown)
    told = {
        thing.id: ", ".join(filter(None, (thing.label, types.get(thing.iri), hints.get(thing.iri)))) for thing in shown
    }
    lines = [f"\n      {identifier}  ({words})" for identifier, words in told.items()]
    more = f"\n      and {len(things) - len(shown)} more" if len(things) > len(shown) else ""
    return AmbiguousError(
        f"'{typed}' fits {len(things)} things", f"name one by its id:{''.join(lines)}{more}", [*told.items()]
    )


def _hints(graph: Graph, iris: Sequence[Term]) -> Mapping[Term, str]:
    """Return node -> what tells it apart: the curator's words, else one of its posts."""
    found = graph.store.select(
        f"SELECT ?node ?hint ?post WHERE {{ VALUES ?node {{ {' '.join(iris)} }}"
        f" OPTIONAL {{ GRAPH ?g {{ ?node {cq('disambiguation')} ?hint }} }}"
        f" OPTIONAL {{ GRAPH ?h {{ ?tenure {cq('holder')} ?node ; {LABEL} ?post }} }} }}"
        " ORDER BY ?node ?hint ?post"
    )
    return {node: lexical(hint or post or '""') for node, hint, post in reversed(found.rows) if node is not None}


def _strangers(graph: Graph, typed: str, direct: Term | None) -> Sequence[Thing]:
    """Return the things of any class that *typed* fits; a server looks for that very name alone, not at all names."""
    if direct:
        return [Thing(direct, graph.id(direct), tuple(graph.labels([direct]).values()))]
    if graph.memo is not None:
        return [Thing(node, graph.id(node), ()) for node in _called(graph, typed, {})]
    return next((found for found in _Names(_things(graph, {})).fitting(typed) if found), ())


def _nothing(graph: Graph, typed: str, what: str, names: _Names, strangers: Sequence[Thing]) -> NotFoundError:
    near = _nearest(typed, names)
    fix = "did you mean " + " or ".join(f"'{thing.label}' ({thing.id})" for thing in near) + "?" if near else ""
    if strangers:
        other = strangers[0]
        kind = graph.types([other.iri]).get(other.iri, "thing")
        message = f"'{typed}' is no {what} but of type {kind}: {other.id}"
        return NotFoundError(message, fix or f"name one of type {what}, by id or name")
    return NotFoundError(
        f"nothing of type {what} is called '{typed}'" if what != "thing" else f"nothing is called '{typed}'", fix
    )


def _nearest(typed: str, names: _Names) -> list[Thing]:
    """Return up to three things whose name or id looks most like *typed*."""
    near = nearest(bare(typed), names.keys, most=6)
    return list(dict.fromkeys(names.keys[key] for key in near))[:3]
