"""The shape of a draft: proposals that a person accepts one by one. No I/O.

A proposal by rules and one by a model have one form, so that whatever makes them, the same compiler judges them and the
same commands show and apply them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Span
from kg.mapping.yaml_nodes import Data

ENTITY, FACT, DATE, FIGURE = "entity", "fact", "date", "figure"
"""What a proposal is: an entry of the registry, a fact, or a date or a figure for which no fact is proposed."""

RULES = "rules"
"""The source of what is drafted without a model."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something that an article may say.

    Attributes:
        id: by which it is applied, and called in the file: of the fact or the entity.
        kind: entity, fact, date or figure.
        tree: its keys and values, as they would be written; of a date or figure the words and what they mean.
        quote: the shortest words that occur once in the text and that it rests on; "" for an entity.
        span: where these stand in the text.
        score: how sure it is, from 0 to 1.
        reason: why it is proposed, in words.
        source: what proposes it: the rules, or the name of a model.
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
    """What is proposed for one article.

    Attributes:
        article: its id.
        proposals: in the order of the text.
        dropped: what was not proposed though its words are there: each with the reason.
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

        def add(identifier: str) -> None:
            if identifier in by_id and identifier not in chosen:
                for needed in by_id[identifier].needs:
                    add(needed)
                chosen[identifier] = by_id[identifier]

        for identifier in ids:
            add(identifier)
        return tuple(chosen.values())
