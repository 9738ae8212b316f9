"""The shape of a draft: proposals that a person accepts one by one. No I/O.

Proposals by rules and by a model have the same form, so that the same compiler judges them and the same commands show
and apply them, whatever made them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from kg.core.model import Span
from kg.mapping.yaml_nodes import Data

ENTITY, FACT, DATE, FIGURE = "entity", "fact", "date", "figure"
"""Kinds of proposals: a registry entry, a fact, or a date or figure that no proposed fact uses."""

RULES = "rules"
"""The source of what is drafted without a model."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that an article may say.

    Attributes:
        id: with which it is applied, and that the fact or entity has in the file.
        kind: entity, fact, date or figure.
        tree: its keys and values as they would be written; for a date or figure the words and their meaning.
        quote: the shortest words that support it and occur once in the text, "" for an entity.
        span: of these words in the text.
        score: how certain it is, from 0 to 1.
        reason: why it is proposed, in words.
        source: "rules", or the name of a model.
        needs: ids of proposals without which it cannot be applied.
    """

    id: str
    kind: str
    tree: Mapping[str, Data]
    quote: str
    span: Span
    score: float
    reason: str
    source: str = RULES
    needs: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """The class of what is proposed, "" for a date or a figure."""
        name = self.tree.get("type", "")
        return name if isinstance(name, str) else ""

    def with_ids(self, ids: Mapping[str, str], references: Set[str]) -> Proposal:
        """Return the proposal with other ids, its own and those that its *references*, names of keys, have."""
        tree = {key: with_ids(value, ids, references, key) for key, value in self.tree.items()}
        needs = tuple(ids.get(each, each) for each in self.needs)
        return replace(self, id=ids.get(self.id, self.id), tree=tree, needs=needs)


def with_ids(tree: Data, ids: Mapping[str, str], references: Set[str], key: str) -> Data:
    """Return what stands under a key with other ids in place of those that its *references* name."""
    if isinstance(tree, Mapping):
        return {name: with_ids(value, ids, references, name) for name, value in tree.items()}
    if isinstance(tree, str):
        return ids.get(tree, tree) if key in references else tree
    return [with_ids(value, ids, references, key) for value in tree]


@dataclass(frozen=True, slots=True)
class ArticleDraft:
    """The proposals for one article.

    Attributes:
        article: its id.
        proposals: in the order of the text.
        dropped: what was not proposed although its words are there, each with the reason.
        remarks: what else a curator should know.
    """

    article: str
    proposals: tuple[Proposal, ...]
    dropped: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def chosen(self, ids: Sequence[str]) -> tuple[Proposal, ...]:
        """Return the proposals with these ids, and before each those that it needs."""
        by_id = {each.id: each for each in self.proposals}
        chosen: dict[str, Proposal] = {}
        begun: set[str] = set()  # two proposals of a model may need each other

        def add(identifier: str) -> None:
            if identifier in by_id and identifier not in begun:
                begun.add(identifier)
                for needed in by_id[identifier].needs:
                    add(needed)
                chosen[identifier] = by_id[identifier]

        for identifier in ids:
            add(identifier)
        return tuple(chosen.values())
