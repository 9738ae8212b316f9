"""User input (an IRI, an id, a name) -> the one thing in the graph that it means; and everything with a name.

Ids come first, then names as written, then names ignoring case and width, then ignoring accents and punctuation. The
first of these with any match decides. If it matches several things, none is chosen. Reads a store.
https://www.unicode.org/reports/tr15/ (NFKC), https://www.w3.org/TR/sparql11-query/
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from sys import intern

from kg.core.errors import AmbiguousError, NotFoundError, UsageError
from kg.core.iri import is_id
from kg.core.model import Term
from kg.core.normal import normal
from kg.core.relations import grouped
from kg.core.terms import ARTICLE_CLASS, ENTITY_CLASS, LABEL, NAME_PROPERTIES, NAME_TEXT, NAMED, TYPE, cq
from kg.core.values import is_iri, label_rank, lexical, local_name, string_literal
from kg.questions.graph import Graph, portions
from kg.questions.names import Match, NameIndex, Thing
from kg.questions.stories import displacing

NAMED_FACTS = ("Event", "Agreement", "Group")
"""Classes of facts that are known by a name. Statements and figures are found by their subject."""

SHOWN_CHOICES = 12
PROPOSED = 3

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^<>\"{}|^`\\\x00-\x20]+")
_PATH = re.compile(r"[^<>\"{}|^`\\\x00-\x20]+")
_HINT = cq("disambiguation")
_NameRow = tuple[Term, Term, Term, Term]
_Rank = tuple[int, bool, str]  # of a name: its property, whether it is in another language than English, its text


def find(graph: Graph, typed: str, class_name: str = "") -> Term:
    """Return the thing of the class (any, if "") that *typed* means: a full IRI, an id or a name in any script.

    Raises:
        NotFoundError: nothing matches, or the match is of another class.
        AmbiguousError: several things match. The text lists them.
    """
    text = typed.strip()
    classes = graph.subclasses(class_name) if class_name else None
    identified = _identified(graph, text)
    for iri in identified:
        if _is_one_of(graph, iri, classes):
            return iri
    if _is_no_id(text) and len(exact := _called(graph, text, classes)) == 1:
        return exact[0]
    names = _names(graph, class_name, classes)

    def fits(thing: Thing) -> bool:
        return classes is None or thing.type in classes

    for things in names.meaning(text, fits):
        if len(things) == 1:
            return things[0].term
        if things:
            raise _several(graph, text, things)
    what = classes[cq(class_name)] if classes else "thing"
    other = next((iri for iri in identified if _is_one_of(graph, iri, None)), None)
    raise _nothing(graph, text, what, names.nearest(text, PROPOSED, fits), other)


def things_of(graph: Graph, class_name: str) -> Sequence[Thing]:
    """Return all things of a class that have a name, sorted by id."""
    return _things(graph, graph.subclasses(class_name))


def entity_names(graph: Graph) -> NameIndex:
    """Return the names of everything in the registry, which a server computes once."""
    return graph.once(f"names of {ENTITY_CLASS}", lambda: NameIndex(_things(graph, _classes(graph, ENTITY_CLASS))))


def entities(graph: Graph, terms: Iterable[Term]) -> dict[Term, Thing]:
    """Return IRI -> thing, for those of *terms* that are in the registry, in their order."""
    return _of_terms(entity_names(graph), terms)


def things_named(graph: Graph, terms: Iterable[Term]) -> dict[Term, Thing]:
    """Return IRI -> thing, for those of *terms* that people look for, in their order."""
    return _of_terms(all_names(graph), terms)


def _of_terms(known: NameIndex, terms: Iterable[Term]) -> dict[Term, Thing]:
    return {term: thing for term in terms for thing in known.with_id(lexical(term))[:1]}


def all_names(graph: Graph) -> NameIndex:
    """Return the names of everything that people look for: the registry, articles, and facts with a name."""

    def made() -> NameIndex:
        classes = _classes(graph, *NAMED_FACTS, ARTICLE_CLASS)
        return NameIndex([*entity_names(graph).things, *_described(graph, _rows_of_many(graph, classes))])

    return graph.once("names of all", made)


# -------- reading


def _classes(graph: Graph, *names: str) -> Mapping[Term, str]:
    """Return those of these classes that the ontology has, and their subclasses, with their labels."""
    classes: dict[Term, str] = {}
    for name in names:
        with suppress(UsageError):
            classes |= graph.subclasses(name)
    return classes


def _names(graph: Graph, class_name: str, classes: Mapping[Term, str] | None) -> NameIndex:
    """Return names that include those of the class. A server has those of all entities, others read only these."""
    if graph.memo is not None and classes and classes.keys() <= _classes(graph, ENTITY_CLASS).keys():
        return entity_names(graph)
    return graph.once(f"names of {class_name}", lambda: NameIndex(_things(graph, classes)))


def _name_rows(graph: Graph, classes: Mapping[Term, str] | None) -> Iterator[_NameRow]:
    """Yield node, property, name or hint, and class ("" without *classes*) of every node that is not part of a fact."""
    # a subselect finds the nodes first, because engines otherwise begin with all names of a graph
    kinds = f"VALUES ?type {{ {' '.join(classes or ())} }} GRAPH ?g {{ ?node {TYPE} ?type }}"
    of_class = f"{{ SELECT DISTINCT ?node ?type WHERE {{ {kinds} }} }}" if classes is not None else ""
    rows = graph.store.select(
        f"SELECT DISTINCT ?node ?p ?name {'?type' if of_class else ''} WHERE {{ {of_class}"
        f" VALUES ?p {{ {' '.join(NAME_PROPERTIES)} {_HINT} }} GRAPH ?h {{ ?node ?p ?name }} }}"
    ).rows
    for node, prop, name, *kind in rows:
        if node and prop and name and not graph.is_part(node):
            yield node, prop, name, (kind[0] or "") if kind else ""


def _rows_of_many(graph: Graph, classes: Iterable[Term]) -> Iterator[_NameRow]:
    """Yield what `_name_rows` does, but one property after the other, which takes less time for much of a graph."""
    kinds = _nodes_of(graph, classes)
    for prop in (*NAME_PROPERTIES, _HINT):
        names = graph.all_labels() if prop == LABEL else grouped(graph.every_value(prop))
        for node in kinds.keys() & names.keys():
            yield from ((node, prop, name, kind) for name in names[node] for kind in kinds[node])


def _nodes_of(graph: Graph, classes: Iterable[Term]) -> Mapping[Term, Sequence[Term]]:
    """Return node -> those of the classes that it has, for all that are not part of a fact."""
    query = "SELECT ?node WHERE {{ GRAPH ?g {{ ?node {} {} }} }}"
    rows = ((kind, row) for kind in classes for row in graph.store.select(query.format(TYPE, kind)).rows)
    return grouped((intern(node), kind) for kind, (node,) in rows if node and not graph.is_part(node))


def _things(graph: Graph, classes: Mapping[Term, str] | None) -> list[Thing]:
    """Return all named nodes of these classes, or with any class or none, sorted by id."""
    return _described(graph, _name_rows(graph, classes))


def _described(graph: Graph, rows: Iterable[_NameRow]) -> list[Thing]:
    """Return the things that have the names in *rows*, sorted by id."""
    names: defaultdict[Term, set[_Rank]] = defaultdict(set)
    hints: dict[Term, Term] = {}
    types: dict[Term, Term] = {}
    for node, prop, name, kind in rows:
        types[node] = min(types.get(node, kind), kind)
        if prop == _HINT:
            hints[node] = min(hints.get(node, name), name, key=label_rank)
        else:
            names[node].add((NAME_PROPERTIES.index(prop), *label_rank(name)))
    taken_back = _add_reported(graph, names)
    words = graph.labels(types.values())
    things = (
        Thing(
            node,
            graph.id(node),
            tuple(dict.fromkeys(text for _, _, text in sorted(ranked))),
            types[node],
            words.get(types[node]) or local_name(types[node] or "<>"),
            lexical(hints.get(node, '""')),
            frozenset(taken_back.get(node, ())),
        )
        for node, ranked in names.items()
    )
    return sorted(things, key=lambda thing: thing.id)


def _add_reported(graph: Graph, names: dict[Term, set[_Rank]]) -> Mapping[Term, set[str]]:
    """Add the names that articles report for things in *names*. Return thing -> those that were retracted.

    The report of a name has that name as its label. If both are in *names*, the thing is meant, not its report.
    """
    query = f"SELECT DISTINCT ?node ?name ?naming WHERE {{ GRAPH ?g {{ ?naming {NAMED} ?node ; {NAME_TEXT} ?name }} }}"
    rows = graph.once("reported names", lambda: graph.store.select(query).rows)
    reported = [(node, name, naming) for node, name, naming in rows if node and name and naming and node in names]
    displaced = displacing(graph, (naming for _, _, naming in reported))
    standing = {node: {text for _, _, text in names[node]} for node, _, _ in reported}
    for node, name, naming in reported:
        names.pop(naming, None)
        names[node].add((len(NAME_PROPERTIES), *label_rank(name)))
        if naming not in displaced:
            standing[node].add(lexical(name))
    return {node: {text for _, _, text in names[node]} - texts for node, texts in standing.items()}


def _identified(graph: Graph, typed: str) -> list[Term]:
    """Return the nodes whose IRI, full or relative to the base, may be *typed*."""
    inner = typed[1:-1] if typed.startswith("<") and typed.endswith(">") else typed
    candidates = [f"<{inner}>"] if _IRI.fullmatch(inner) else []
    return candidates + ([f"<{graph.base}{inner}>"] if _PATH.fullmatch(inner) else [])


def _is_one_of(graph: Graph, iri: Term, classes: Mapping[Term, str] | None) -> bool:
    """Return whether a node is in the graph and has one of these classes, any class or none if None."""
    try:
        if classes is None:
            return graph.store.ask(f"ASK {{ GRAPH ?g {{ {iri} ?p ?o }} }}")
        types = graph.store.select(f"SELECT DISTINCT ?type WHERE {{ GRAPH ?g {{ {iri} {TYPE} ?type }} }}").rows
    except UsageError:  # the engine is stricter about characters, so this IRI is not in the graph
        return False
    return any(kind in classes for (kind,) in types)


def _is_no_id(typed: str) -> bool:
    """Return whether a text cannot be the end of an id."""
    return not all(map(is_id, typed.split("/")))


def _called(graph: Graph, typed: str, classes: Mapping[Term, str] | None) -> list[Term]:
    """Return the things with exactly this name, in any language, without reading all names."""
    try:
        text = string_literal(normal(typed))
    except ValueError:
        return []
    forms = " ".join([text, *(f"{text}@{tag}" for tag in _languages(graph))])
    rows = graph.store.select(
        f"SELECT DISTINCT ?node WHERE {{ VALUES ?name {{ {forms} }}"
        f" {{ VALUES ?p {{ {' '.join(NAME_PROPERTIES)} }} GRAPH ?g {{ ?node ?p ?name }} }}"
        f" UNION {{ GRAPH ?h {{ ?naming {NAME_TEXT} ?name ; {NAMED} ?node }} }} }} ORDER BY ?node"
    ).rows
    nodes = (node for (node,) in rows if node and is_iri(node) and not graph.is_part(node))
    return [node for node in nodes if _is_one_of(graph, node, classes)]


def _languages(graph: Graph) -> Sequence[str]:
    """Return the languages of names in the registry."""

    def read() -> Sequence[str]:
        rows = graph.store.select(
            f"SELECT DISTINCT (LANG(?name) AS ?tag) WHERE {{ VALUES ?p {{ {' '.join(NAME_PROPERTIES)} }}"
            f" GRAPH {graph.named('registry')} {{ ?node ?p ?name }} }}"
        ).rows
        return sorted(lexical(tag) for (tag,) in rows if tag and lexical(tag))

    return graph.once("languages of names", read)


# -------- names without an answer


def _several(graph: Graph, typed: str, things: Sequence[Thing]) -> AmbiguousError:
    shown = things[:SHOWN_CHOICES]
    posts = _posts(graph, [thing.term for thing in shown if not thing.hint])
    types = graph.types(thing.term for thing in shown)
    choices = [
        (thing.id, ", ".join(filter(None, (thing.label, types.get(thing.term), thing.hint or posts.get(thing.term)))))
        for thing in shown
    ]
    lines = "".join(f"\n      {identifier}  ({words})" for identifier, words in choices)
    more = f"\n      and {len(things) - len(shown)} more" if len(things) > len(shown) else ""
    return AmbiguousError(f"'{typed}' matches {len(things)} things", f"give the id of one:{lines}{more}", choices)


def _posts(graph: Graph, things: Iterable[Term]) -> Mapping[Term, str]:
    """Return thing -> one of its posts, of those that have any."""
    posts: dict[Term, str] = {}
    for some in portions(things):
        rows = graph.store.select(
            f"SELECT ?node ?post WHERE {{ VALUES ?node {{ {some} }}"
            f" GRAPH ?g {{ ?tenure {cq('holder')} ?node ; {LABEL} ?post }} }}"
        ).rows
        posts |= {node: lexical(post) for node, post in sorted(rows, key=str, reverse=True) if node and post}
    return posts


def _nothing(graph: Graph, typed: str, what: str, near: Sequence[Match], direct: Term | None) -> NotFoundError:
    proposed = " or ".join(f"'{match.thing.label}' ({match.thing.id})" for match in near)
    fix = f"did you mean {proposed}?" if near else ""
    if what == "thing":
        return NotFoundError(f"nothing is called '{typed}'", fix)
    other = direct or next(iter(_called(graph, typed, None)), None) or _other(graph, typed)
    if other is None:
        return NotFoundError(f"nothing of type {what} is called '{typed}'", fix)
    kind = graph.types([other]).get(other, "thing")
    message = f"'{typed}' is of type {kind}, not {what}: {graph.id(other)}"
    return NotFoundError(message, fix or f"give one of type {what}, by id or name")


def _other(graph: Graph, typed: str) -> Term | None:
    """Return the meaning of a name in any class. A server looks only at entities, not at all names."""
    names = _names(graph, "", None) if graph.memo is None else entity_names(graph)
    return next((things[0].term for things in names.meaning(typed) if things), None)
