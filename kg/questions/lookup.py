"""What a person types (an IRI, an id, a name) -> the one thing of the graph that is meant. Reads a store.

Ids come first, then names as written, then names without regard to case and width, then without accents and
punctuation. The first of these that fits anything decides; when it fits several things, none is chosen.
https://www.unicode.org/reports/tr15/ (NFKC), https://www.w3.org/TR/sparql11-query/
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from kg.errors import AmbiguousError, NotFoundError, UsageError
from kg.model import Term
from kg.questions.graph import Graph
from kg.terms import LABEL, SKOS, TYPE, cq
from kg.values import language, lexical

NAME_PROPERTIES = (
    LABEL,
    f"<{SKOS}prefLabel>",
    cq("name"),
    cq("alternativeName"),
    cq("curatorName"),
    cq("title"),
)
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
    things = _things(graph, classes)
    for fits in _levels(wanted):
        found = [thing for thing in things if fits(thing)]
        if len(found) == 1:
            return found[0].iri
        if found:
            raise _several(graph, wanted, found)
    what = classes[cq(class_name)] if class_name else "thing"
    raise _nothing(graph, wanted, what, things, _strangers(graph, wanted, direct) if classes else [])


def things_of(graph: Graph, class_name: str) -> Sequence[Thing]:
    """Return all things of a class that have a name, sorted by id."""
    return _things(graph, graph.subclasses(class_name))


def folded(text: str) -> str:
    """Return *text* without regard to case, width and spaces.

    >>> folded("  Ｂai  CHUNLI ")
    'bai chunli'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def bare(text: str) -> str:
    """Return *text* folded, and without accents and punctuation.

    >>> bare("Shīh May-lung")
    'shih may lung'
    """
    parts = unicodedata.normalize("NFKD", folded(text))
    kept = "".join(c if c.isalnum() else " " for c in parts if not unicodedata.combining(c))
    return " ".join(kept.split())


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
    of_class = f"VALUES ?type {{ {' '.join(classes)} }} GRAPH ?g {{ ?node {TYPE} ?type }}" if classes else ""
    found = graph.store.select(
        f"SELECT DISTINCT ?node ?p ?name WHERE {{ {of_class} VALUES ?p {{ {' '.join(NAME_PROPERTIES)} }}"
        " GRAPH ?h { ?node ?p ?name } }"
    )
    names: dict[Term, list[tuple[int, str, str]]] = {}
    for node, prop, name in found.rows:
        if node and prop and name:
            order = NAME_PROPERTIES.index(prop)
            names.setdefault(node, []).append((order, language(name) or "", lexical(name)))
    return sorted(
        (
            Thing(node, graph.id(node), tuple(dict.fromkeys(text for _, _, text in sorted(found_names))))
            for node, found_names in names.items()
        ),
        key=lambda thing: thing.id,
    )


def _levels(typed: str) -> Iterable[Callable[[Thing], bool]]:
    """Yield the ways to compare, strictest first."""
    exact = unicodedata.normalize("NFC", typed)
    yield lambda thing: thing.id == exact or thing.id.endswith(f"/{exact}")
    yield lambda thing: exact in thing.names
    for simplified in (folded, bare):
        key = simplified(typed)
        if key:
            yield lambda thing, key=key, simplified=simplified: key in map(simplified, thing.names)  # type: ignore[misc]
    part = f" {bare(typed)} "
    if part.strip():
        yield lambda thing: any(part in f" {bare(name)} " for name in thing.names)


def _several(graph: Graph, typed: str, things: Sequence[Thing]) -> AmbiguousError:
    shown = things[:SHOWN_CHOICES]
    hints = _hints(graph, [thing.iri for thing in shown])
    types = graph.types(thing.iri for thing in shown)
    lines = [
        f"\n      {thing.id}  ({', '.join(filter(None, (thing.label, types.get(thing.iri), hints.get(thing.iri))))})"
        for thing in shown
    ]
    more = f"\n      and {len(things) - len(shown)} more" if len(things) > len(shown) else ""
    return AmbiguousError(f"'{typed}' fits {len(things)} things", f"name one by its id:{''.join(lines)}{more}")


def _hints(graph: Graph, iris: Sequence[Term]) -> Mapping[Term, str]:
    """Return node -> what tells it apart: the curator's words, else one of its posts."""
    found = graph.store.select(
        f"SELECT ?node ?hint ?post WHERE {{ VALUES ?node {{ {' '.join(iris)} }}"
        f" OPTIONAL {{ GRAPH ?g {{ ?node {cq('disambiguation')} ?hint }} }}"
        f" OPTIONAL {{ GRAPH ?h {{ ?tenure {cq('holder')} ?node ; {LABEL} ?post }} }} }}"
        " ORDER BY ?node ?hint ?post"
    )
    return {node: lexical(hint or post or '""') for node, hint, post in reversed(found.rows) if node is not None}


def _strangers(graph: Graph, typed: str, direct: Term | None) -> list[Thing]:
    """Return the things of any class that *typed* fits."""
    things = _things(graph, {})
    if direct:
        return [thing for thing in things if thing.iri == direct] or [Thing(direct, graph.id(direct), ())]
    for fits in _levels(typed):
        found = [thing for thing in things if fits(thing)]
        if found:
            return found
    return []


def _nothing(graph: Graph, typed: str, what: str, things: Sequence[Thing], strangers: Sequence[Thing]) -> NotFoundError:
    near = _nearest(typed, things)
    fix = "did you mean " + " or ".join(f"'{thing.label}' ({thing.id})" for thing in near) + "?" if near else ""
    if strangers:
        other = strangers[0]
        kind = graph.types([other.iri]).get(other.iri, "thing")
        message = f"'{typed}' is no {what} but of type {kind}: {other.id}"
        return NotFoundError(message, fix or f"name one of type {what}, by id or name")
    return NotFoundError(
        f"nothing of type {what} is called '{typed}'" if what != "thing" else f"nothing is called '{typed}'", fix
    )


def _nearest(typed: str, things: Sequence[Thing]) -> list[Thing]:
    """Return up to three things whose name or id looks most like *typed*."""
    by_key: dict[str, Thing] = {}
    for thing in things:
        for text in (*thing.names, thing.id.rpartition("/")[2]):
            by_key.setdefault(bare(text), thing)
    near = get_close_matches(bare(typed), by_key, n=6, cutoff=0.6)
    return list(dict.fromkeys(by_key[key] for key in near))[:3]
