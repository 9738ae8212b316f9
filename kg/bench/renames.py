"""The statements of two states -> the nodes that are the same, but have another IRI in the second state. Pure.

Two nodes are the same if all statements about them and about their nested nodes are the same except for their own IRIs.
A node whose IRI is generated from its content is matched with the most similar node of its class.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.terms import LABEL, OA, TYPE, cq
from kg.core.values import is_iri
from kg.questions.described import MACHINERY
from kg.questions.reading import PROPERTIES as READING
from kg.questions.when import PROPERTIES as DATES
from kg.store.lines import line_quad

EVIDENCE = cq("evidence")
EXACT = f"<{OA}exact>"
_MADE = re.compile(r"(?:[-./]|^)[0-9a-f]{12}>$")
_ROUNDS = 5
"""The maximum length of a chain of renamed nodes that refer to one another."""

_SIMILAR = 0.5
"""The least share of common statements at which nodes with generated IRIs are matched."""

Pairs = frozenset[tuple[Term, Term]]
Nodes = Mapping[Term, Pairs]
"""Node -> its properties and values. Evidence is represented by its words, or by its IRI if they are unknown."""


def nodes_of(lines: Iterable[str]) -> Nodes:
    """Return the nodes of the graph of an article or the registry, without evidence."""
    quads = [line_quad(line) for line in lines]
    words = {quad.subject.rpartition("/")[0] + ">": quad.object for quad in quads if quad.predicate == EXACT}
    nodes: dict[Term, set[tuple[Term, Term]]] = defaultdict(set)
    for quad in quads:
        if "/evidence/" not in quad.subject:
            value = words.get(quad.object, quad.object) if quad.predicate == EVIDENCE else quad.object
            nodes[quad.subject].add((quad.predicate, value))
    return {node: frozenset(pairs) for node, pairs in nodes.items()}


@dataclass(frozen=True, slots=True)
class Owners:
    """The owners of nodes: articles, facts, entities and links.

    Attributes:
        base: base of the project's IRIs.
        facts: nodes with a summary, in both states.
    """

    base: str
    facts: frozenset[Term]

    def of(self, node: Term) -> Term:
        """Return the owner of a node, which may be the node itself.

        A statement in braces, such as that of a figure, belongs to the fact that it was written in.
        """
        first, second, *rest = [*node[1 + len(self.base) : -1].split("/"), ""]
        top = f"<{self.base}{first}/{second}>"
        if first != "article" or not rest or not rest[0]:
            return top
        fact = f"{top[:-1]}/{rest[0]}>"
        outer = f"{top[:-1]}/{rest[0].partition('.')[0]}>"
        return outer if outer in self.facts else fact if fact in self.facts else top


def owners_of(base: str, *states: Nodes) -> Owners:
    """Return the owners of the nodes of two states."""
    summary = cq("summary")
    return Owners(base, frozenset(n for nodes in states for n, pairs in nodes.items() if summary in dict(pairs)))


def is_made(node: Term) -> bool:
    """Return whether an IRI is generated from the node's content rather than chosen by an author.

    >>> is_made("<https://example.org/article/a/Tenure-d545ac9c5f55>"), is_made("<https://example.org/article/a/rector>")
    (True, False)
    """
    return bool(_MADE.search(node))


@dataclass(frozen=True, slots=True)
class Renames:
    """Old IRIs -> new ones. The IRIs of nested nodes follow from those of the nodes that contain them."""

    pairs: Mapping[Term, Term]

    def new(self, term: Term) -> Term:
        """Return a term of the first state with its IRI in the second."""
        if not self.pairs or not is_iri(term):
            return term
        near, rest = term, ""
        while "/" in near[1:]:
            if near in self.pairs:
                return f"{self.pairs[near][:-1]}{rest}>"
            near, _, last = near[:-1].rpartition("/")
            near, rest = f"{near}>", f"/{last}{rest}"
        return term

    def nodes(self, nodes: Nodes) -> Nodes:
        """Return the nodes of the first state with their IRIs in the second."""
        if not self.pairs:
            return nodes
        return {self.new(n): frozenset((p, self.new(o)) for p, o in pairs) for n, pairs in nodes.items()}


def renames(base: str, before: Nodes, after: Nodes) -> Renames:
    """Return the nodes that are the same, but have another IRI."""
    known = Renames({})
    for same in (_same_content, _same_words, _similar):
        for _ in range(_ROUNDS):
            now = known.nodes(before)
            owners = owners_of(base, now, after)
            new = dict(same(_groups(owners, now, after), _groups(owners, after, now)))
            if not new:
                break
            back = {known.new(old): old for old in before}
            known = Renames({**known.pairs, **{back.get(old, old): node for old, node in new.items()}})
    return known


Group = Mapping[str, Pairs]
"""The statements about a node and its nested nodes, by the rest of each IRI."""

Sketch = tuple[Term, Pairs]


def _groups(owners: Owners, nodes: Nodes, others: Nodes) -> Mapping[Term, Group]:
    """Return top -> all nodes in it, of articles, facts, entities, links and nested nodes that only one state has."""
    gone = nodes.keys() - others.keys()
    groups: dict[Term, dict[str, Pairs]] = defaultdict(dict)
    for node in nodes:
        above, rest = node, ""
        while above.count("/") > owners.base.count("/"):
            if above in gone:
                groups[above][rest] = nodes[node]
            above, _, last = above[:-1].rpartition("/")
            above, rest = f"{above}>", f"/{last}{rest}"
    return groups


def _content(top: Term, group: Group) -> Pairs:
    """Return all statements of a group, without the IRI of its top node."""
    start = f"{top[:-1]}/"

    def inner(term: Term) -> Term:
        return f"</{term[len(start) :]}" if term.startswith(start) else "<>" if term == top else term

    return frozenset((f"{place} {prop}", inner(value)) for place, pairs in group.items() for prop, value in pairs)


def _same_content(before: Mapping[Term, Group], after: Mapping[Term, Group]) -> Iterator[tuple[Term, Term]]:
    yield from _unique(_contents(before), _contents(after))


def _contents(groups: Mapping[Term, Group]) -> Mapping[Term, object]:
    return {top: (_place(top), _content(top, group)) for top, group in groups.items()}


def _place(node: Term) -> str:
    """Return the node that contains a node: ids can be renamed, but not moved."""
    return node.rpartition("/")[0]


def _same_words(before: Mapping[Term, Group], after: Mapping[Term, Group]) -> Iterator[tuple[Term, Term]]:
    """Yield articles with the same text."""
    yield from _unique(_texts(before), _texts(after))


def _texts(groups: Mapping[Term, Group]) -> Mapping[Term, object]:
    digests = {top: dict(group.get("/text", ())).get(cq("textSha256")) for top, group in groups.items()}
    return {top: digest for top, digest in digests.items() if digest}


def _unique(before: Mapping[Term, object], after: Mapping[Term, object]) -> Iterator[tuple[Term, Term]]:
    """Yield pairs of nodes with the same content, if it is unique in each state."""
    counts = Counter(before.values()), Counter(after.values())
    new = {content: node for node, content in after.items()}
    for node, content in before.items():
        if counts[0][content] == counts[1][content] == 1:
            yield node, new[content]


def _similar(before: Mapping[Term, Group], after: Mapping[Term, Group]) -> Iterator[tuple[Term, Term]]:
    """Yield nodes with generated IRIs, each with the most similar node in the same place."""
    sketches: dict[str, dict[Term, Sketch]] = defaultdict(dict)
    for top in filter(is_made, after):
        sketches[_place(top)][top] = _sketch(after[top])
    scored: list[tuple[float, Term, Term]] = []
    for old in filter(is_made, before):
        one = _sketch(before[old])
        scores = ((_likeness(one, other), new) for new, other in sketches[_place(old)].items())
        scored += [(-score, old, new) for score, new in scores if score >= _SIMILAR]
    taken: set[Term] = set()
    for _, old, new in sorted(scored):
        if old not in taken and new not in taken:
            taken |= {old, new}
            yield old, new


def _sketch(group: Group) -> Sketch:
    """Return the class of the top node, and the statements that an author wrote about it."""
    own = group.get("", frozenset())
    written = frozenset((p, o) for p, o in own if p not in READING | DATES | MACHINERY | {TYPE, LABEL})
    return dict(own).get(TYPE, ""), written


def _likeness(one: Sketch, other: Sketch) -> float:
    """Return the share of common statements, 0 if the classes differ."""
    if one[0] != other[0]:
        return 0.0
    return len(one[1] & other[1]) / max(len(one[1]), len(other[1]), 1)
