"""Two states of some graphs -> the facts, entities and links that differ, described in words. Reads two stores."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.bench.diff_sides import GraphState
from kg.bench.diff_values import value_changes
from kg.bench.difference import ADDED, CHANGED, REMOVED, RENAMED, REWORDED, GraphChange, NodeChange, ValueChange
from kg.bench.renames import EVIDENCE, Nodes, Owners, Renames, is_made, owners_of
from kg.core.english import capitalized
from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.terms import LABEL, PROV, TYPE, cq
from kg.core.values import is_iri, lexical
from kg.ontology.templates import TemplateField, parsed
from kg.questions.captions import Captions
from kg.questions.described import MACHINERY, Described, described
from kg.questions.when import PROPERTIES as DATES

_FOLLOWS = frozenset({LABEL, cq("summary"), cq("attributedTo")})
"""Properties of a fact that the compiler derives from the names of other things."""

_HIDDEN = MACHINERY | DATES | _FOLLOWS | {TYPE, EVIDENCE, f"<{PROV}wasDerivedFrom>"}
_COUNTS = ("sentenceCount", "coveredSentenceCount", "textLength", "textSha256")


@dataclass(frozen=True, slots=True)
class ReadState:
    """One state of the graphs that differ.

    Attributes:
        state: the state, for labels and sentences.
        nodes: the nodes of these graphs, with the IRIs of the second state.
        own: node -> its IRI in this state.
    """

    state: GraphState
    nodes: Nodes
    own: Mapping[Term, Term]

    def called(self, node: Term) -> Term:
        """Return the IRI of a node in this state."""
        return self.own.get(node, node)


def graph_changes(
    before: GraphState, after: GraphState, nodes: tuple[Nodes, Nodes], same: Renames, thing: Term = ""
) -> tuple[GraphChange, ...]:
    """Return the differences in articles and registry. *nodes* are those of the graphs that differ.

    If *thing* is given, as the second state calls it, return only those of the thing itself, of what it is the article
    of, and of what names it in either state.
    """
    old = ReadState(before, same.nodes(nodes[0]), {same.new(node): node for node in nodes[0]})
    new = ReadState(after, nodes[1], {})
    owners = owners_of(after.graph.base, old.nodes, new.nodes)
    changed = _changed(owners, old, new, same)
    if thing:
        changed = {
            owner: groups
            for owner, groups in changed.items()
            if thing in (owner, after.graph.article_of(owner)) or _names_thing(groups, thing)
        }
    words = _Words(old, new, same, _described(old, changed), _described(new, changed), _subjects(new, old))
    made = [(owner, change) for owner in changed if (change := words.change(owner, changed[owner]))]
    groups = grouped(
        (after.graph.article_of(owner), (owner, change))
        for owner, change in sorted(made, key=lambda pair: _order(words, *pair))
    )
    articles = (words.article(article, groups[article]) for article in sorted(groups) if article)
    registry = tuple(change for _, change in groups.get("", ()))
    return (*articles, *([GraphChange(CHANGED, "registry", "Registry", registry)] if registry else []))


def _order(words: _Words, owner: Term, change: NodeChange) -> tuple[object, ...]:
    place = words.new.state.place(words.new.called(owner)) if change.how != REMOVED else None
    return (place is None, place.path if place else "", place.line if place else 0, change.id)


Changed = Mapping[Term, tuple[Nodes, Nodes]]
"""Owner -> its nodes that differ, in the first and in the second state."""


def _changed(owners: Owners, old: ReadState, new: ReadState, same: Renames) -> Changed:
    groups: dict[Term, tuple[dict[Term, frozenset[tuple[Term, Term]]], ...]] = defaultdict(lambda: ({}, {}))
    for which, read in enumerate((old, new)):
        for node, pairs in read.nodes.items():
            groups[owners.of(node)][which][node] = pairs
    renamed = {node for old_node, node in same.pairs.items() if owners.of(node) == node and not is_made(old_node)}
    return {owner: (one, two) for owner, (one, two) in groups.items() if one != two or owner in renamed}


def _names_thing(groups: Iterable[Nodes], thing: Term) -> bool:
    return any(o == thing for group in groups for pairs in group.values() for _, o in pairs)


def _described(read: ReadState, changed: Changed) -> Described:
    nodes = [read.called(owner) for owner in changed if owner in read.nodes]
    more = [read.called(n) for groups in changed.values() for group in groups for n in group if n in read.nodes]
    return described(read.state.graph, nodes, MACHINERY, more)


def _subjects(*reads: ReadState) -> Mapping[Term, Term]:
    """Return class -> the property with the subject of its facts, according to the template of their sentence."""
    subjects: dict[Term, Term] = {}
    for read in reads:
        graph = read.state.graph
        rows = graph.store.select(
            f"SELECT ?class ?text {{ GRAPH {graph.ontology} {{ ?class {cq('summaryTemplate')} ?text }} }}"
        ).rows
        subjects |= {kind: prop for kind, text in rows if kind and text and (prop := _subject(lexical(text)))}
    return subjects


def _subject(template: str) -> Term:
    """Return the first property in a template, "" if it belongs to a nested node."""
    fields = (part for part in parsed(template)[-1].parts if isinstance(part, TemplateField) and not part.code)
    first = next(fields, None)
    return cq(first.paths[0][0]) if first and len(first.paths) == len(first.paths[0]) == 1 else ""


@dataclass(frozen=True, slots=True)
class _Words:
    """Describes differences in the words of both states."""

    old: ReadState
    new: ReadState
    same: Renames
    before: Described
    after: Described
    subjects: Mapping[Term, Term]

    def article(self, article: Term, changes: Sequence[tuple[Term, NodeChange]]) -> GraphChange:
        """Return the changes of an article, its own first."""
        own = [change for owner, change in changes if owner == article]
        how = own[0].how if own and own[0].how in (ADDED, REMOVED, RENAMED) else CHANGED
        read = self.old if how == REMOVED else self.new
        title = read.state.graph.labels([read.called(article)]).get(read.called(article), "")
        return GraphChange(
            how,
            self.new.state.graph.id(article).removeprefix("article/"),
            title,
            (*own, *(change for owner, change in changes if owner != article)),
        )

    def change(self, owner: Term, groups: tuple[Nodes, Nodes]) -> NodeChange | None:
        """Return the change of a fact, entity, link or article, None if only values derived from its text differ."""
        if owner not in self.old.nodes or owner not in self.new.nodes:
            gone = owner in self.old.nodes
            read, words = (self.old, self.before) if gone else (self.new, self.after)
            return self._named(owner, REMOVED if gone else ADDED, read, words)
        values = tuple(self._values(owner, groups))
        renamed = self.old.called(owner) != owner and not is_made(self.old.called(owner))
        if not values and not renamed and not _reworded(groups):
            return None
        how = CHANGED if values else RENAMED if renamed else REWORDED
        return replace(self._named(owner, how, self.new, self.after), values=values)

    def _named(self, owner: Term, how: str, read: ReadState, words: Described) -> NodeChange:
        node = read.called(owner)
        reading = words.readings.get(node)
        place = self.new.state.place(owner) if how != REMOVED else None
        graph = read.state.graph
        return NodeChange(
            how,
            graph.id(node if how == REMOVED else owner),
            "" if how == ADDED else graph.id(self.old.called(owner)),
            self._caption(node, words),
            reading.summary if reading else "",
            str(place) if place else "",
            is_made=is_made(node),
        )

    def _caption(self, node: Term, words: Described) -> str:
        """Return the class and the name of a node, or the class and the subject of a fact."""
        values = dict(words.triples.get(node, ()))
        kind = values.get(TYPE, "")
        about = values.get(self.subjects.get(kind, ""), "")
        label = capitalized(words.captions.plain(kind)) if kind else "Node"
        if is_iri(about):
            return f"{label} of {words.captions.plain(about)}"
        if cq("linkSubject") in values:
            ends = (words.captions.plain(values[cq(name)]) for name in ("linkSubject", "linkPredicate"))
            return f"{label} of {' '.join(ends)} {lexical(values[cq('linkObject')])}"
        return f"{label} “{words.captions.plain(node)}”"

    def _values(self, owner: Term, groups: tuple[Nodes, Nodes]) -> Iterator[ValueChange]:
        kinds = [_names(names, group[owner], TYPE) for names, group in self._both(groups)]
        if kinds[0] != kinds[1]:
            yield ValueChange("type", kinds[0], kinds[1])
        before = self.before.statements(self.old.called(owner), _HIDDEN)
        yield from (stated := list(value_changes(before, self.after.statements(owner, _HIDDEN), self.same.new)))
        quotes = [frozenset(o for pairs in group.values() for p, o in pairs if p == EVIDENCE) for group in groups]
        if quotes[0] != quotes[1]:
            yield ValueChange("words", _quotes(quotes[0] - quotes[1]), _quotes(quotes[1] - quotes[0]))
        dates = [_date(words, read.called(owner)) for words, read in ((self.before, self.old), (self.after, self.new))]
        if dates[0] != dates[1] and not stated:
            yield ValueChange("when", *((date,) if date else () for date in dates))

    def _both(self, groups: tuple[Nodes, Nodes]) -> Iterable[tuple[Captions, Nodes]]:
        return zip((self.before.captions, self.after.captions), groups, strict=True)


def _names(captions: Captions, pairs: Iterable[tuple[Term, Term]], prop: Term) -> tuple[str, ...]:
    return tuple(sorted(captions.plain(value) for p, value in pairs if p == prop))


def _quotes(terms: Iterable[Term]) -> tuple[str, ...]:
    """Return the quoted words. For a withheld text, only their positions are known."""
    return tuple(
        sorted(
            f"characters {term[1:-1].rpartition('/')[2]}" if is_iri(term) else f"“{' '.join(lexical(term).split())}”"
            for term in terms
        )
    )


def _date(words: Described, fact: Term) -> str:
    reading = words.readings.get(fact)
    return reading.date if reading else ""


def _reworded(groups: tuple[Nodes, Nodes]) -> bool:
    """Return whether the name or sentence of a fact differs, rather than only figures about an article's text."""
    figures = set(map(cq, _COUNTS))
    one, two = (
        {(node, p, o) for node, pairs in group.items() for p, o in pairs if p not in figures} for group in groups
    )
    return one != two
