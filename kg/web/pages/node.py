"""What no other page is about, such as a graph, a derivation or words of an article -> its page. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.terms import LABEL, TYPE
from kg.core.values import is_iri, language, lexical
from kg.web.pages.fact_lines import Detail, Mention, local
from kg.web.pages.lexicon import Lexicon, lexicon
from kg.web.pages.page_queries import statements_of
from kg.web.snapshot import Snapshot

MOST = 200
"""Statements on the page."""


@dataclass(frozen=True, slots=True)
class NodePage:
    """What the page of a node shows.

    Attributes:
        term: the node.
        label: what it is called.
        kind: its class in words.
        details: what is said of it.
        cut: whether there is more.
        size: quads of the graph that it names, None if it names none.
    """

    term: Term
    label: str
    kind: str
    details: tuple[Detail, ...]
    cut: bool
    size: int | None


def node_shown(snapshot: Snapshot, node: Term) -> NodePage | None:
    """Return the page of a node, None if the graph does not know it."""
    graph, words = snapshot.graph, lexicon(snapshot)
    said = statements_of(graph, node, MOST + 1)
    size = snapshot.sizes().get(node)
    if not said and size is None:
        return None
    kinds = [words.label(o) for p, o in said if p == TYPE]
    names = [lexical(o) for p, o in said if p == LABEL]
    return NodePage(
        node,
        min(names, default=graph.id(node)),
        ", ".join(kinds) or ("named graph" if size is not None else "node"),
        _details(words, said[:MOST], graph.labels([o for _, o in said if is_iri(o)])),
        len(said) > MOST,
        size,
    )


def _details(words: Lexicon, said: Sequence[tuple[Term, Term]], names: Mapping[Term, str]) -> tuple[Detail, ...]:
    groups: dict[Term, list[Mention]] = {}
    for prop, value in said:
        if prop not in (TYPE, LABEL):
            text = names.get(value) or words.labels.get(value) or local(value) if is_iri(value) else lexical(value)
            mention = Mention(text, value) if is_iri(value) else Mention(text, "", language(value) or "")
            groups.setdefault(prop, []).append(mention)
    told = [Detail(words.label(prop), tuple(values)) for prop, values in groups.items()]
    return tuple(sorted(told, key=lambda detail: detail.label))
