"""The shape of a draft: proposals that a person accepts one by one. No I/O.

Proposals by rules and by a model have the same form, so that the same compiler judges them and the same commands show
and apply them, whatever made them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
