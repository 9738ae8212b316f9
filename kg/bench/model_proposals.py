"""The trees in a model's answer -> proposals in the form of those by rules, before the compiler judges them. No I/O.

The answer is material, whatever its text made the model write. Ids are ours, since they become part of addresses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.bench.desk import Desk
from kg.bench.identifier import free_id, readable_id
from kg.bench.in_text import MOST_WORDS_OF_AN_ID, Draftable
from kg.bench.model_answer import ModelAnswer, shown
from kg.bench.model_checks import ModelChecks, ModelKeys
from kg.bench.proposal import ENTITY, FACT, Proposal, with_ids
from kg.core.model import Span
from kg.core.terms import ENTITY_CLASS, FACT_CLASS, QUOTE_KEY, TYPE_KEY
from kg.mapping.gaps import parts_of
from kg.mapping.texts import Searchable
from kg.mapping.yaml_nodes import Data

NAME_KEY = "name"
SCORE = 0.5
"""Of a proposal by a model, which cannot know how often it is right."""


@dataclass(frozen=True)
class Proposing:
    """Makes proposals for one article from what a model answered.

    Attributes:
        desk: the project.
        article: its text, and the ids of its facts.
        model: the name of the model.
    """

    desk: Desk
    article: Draftable
    model: str

    def proposals(self, answer: ModelAnswer) -> tuple[tuple[Proposal, ...], tuple[str, ...]]:
        """Return the proposals, entities first, then facts in the order of the text; and why others were dropped."""
        dropped = list(answer.dropped)
        ids: dict[str, str] = {}  # the model's -> ours
        entities = [each for item in answer.entities.items() if (each := self._entity(*item, ids, dropped))]
        facts = {name: tree for name, tree in answer.facts.items() if isinstance(tree, Mapping)}
        for name, tree in facts.items():
            ids[name] = self._fact_id(tree, ids)
        made = [self._fact(ids[name], tree, ids) for name, tree in facts.items()]
        return (*entities, *sorted(made, key=lambda each: each.span)), tuple(dropped)

    def checked(self, proposals: Sequence[Proposal]) -> tuple[tuple[Proposal, ...], tuple[str, ...]]:
        """Return the proposals that a model may make, and why the others are dropped."""
        names = {each.id: str(each.tree.get(NAME_KEY, "")) for each in proposals if each.kind == ENTITY}
        checks = ModelChecks(self.article, self.desk.scope, names)
        ids = {each.id for each in proposals}
        problems = {
            each.id: self._entity_problem(each.tree) if each.kind == ENTITY else checks.problem(each.tree, ids)
            for each in proposals
        }
        dropped = [
            f"{each.id} ({shown(each.type)}, '{shown(each.quote or names.get(each.id, ''))}'): {problems[each.id]}"
            for each in proposals
            if problems[each.id]
        ]
        return tuple(each for each in proposals if not problems[each.id]), tuple(dropped)

    # -------- entities

    def _entity(self, name: str, tree: Data, ids: dict[str, str], dropped: list[str]) -> Proposal | None:
        """Return the proposal of a new entity, None if it is dropped, or the registry has it."""
        assert isinstance(tree, Mapping)
        if problem := self._entity_problem(tree):
            dropped.append(f"{shown(name)}: {problem}")
            return None
        called, language = _name(tree)
        class_name = str(tree[TYPE_KEY])
        if known := self.desk.means(called, class_name):
            ids[name] = known.id
            return None
        wished = readable_id(called, most_words=MOST_WORDS_OF_AN_ID)
        ids[name] = free_id(wished, {*self._taken, *ids.values()}, class_name.lower())
        span = self._searchable.stretches([called])[0]
        tag = language or self.article.language.tag
        written: dict[str, Data] = {TYPE_KEY: class_name, NAME_KEY: called if tag == "en" else {tag: called}}
        reason = "the registry has nothing of this name, which the text has"
        return Proposal(ids[name], ENTITY, written, "", span, SCORE, reason, self.model)

    def _entity_problem(self, tree: Mapping[str, Data]) -> str:
        """Return why an entity cannot be proposed, "" if it can: a person adds more than a class and a name."""
        class_name, more = tree.get(TYPE_KEY, ""), set(tree) - {TYPE_KEY, NAME_KEY}
        if class_name not in self.desk.vocabulary.concrete[ENTITY_CLASS]:
            return f"'{shown(str(class_name))}' is no class of entities"
        if more:
            return f"it has '{shown(min(more))}': a model may propose the type and the name of an entity, nothing else"
        name, _ = _name(tree)
        return "" if name and self._searchable.stretches([name]) else f"the text does not have the name '{shown(name)}'"

    # -------- facts

    def _fact_id(self, tree: Mapping[str, Data], ids: Mapping[str, str]) -> str:
        """Return an id from the class of a fact and the first entity that it names."""
        class_name = str(tree.get(TYPE_KEY, ""))
        is_fact = class_name in self.desk.vocabulary.concrete[FACT_CLASS]
        label = self.desk.vocabulary.classes[class_name].label if is_fact else "fact"
        known = {*self.desk.scope.registry, *ids.values()}
        named = (ids.get(value, value) for _, value in self._keys.leaves(tree, self._keys.references))
        first = next((each for each in named if each in known), "")
        wished = readable_id(f"{label} {first}", most_words=MOST_WORDS_OF_AN_ID + 2)
        return free_id(wished, {*self._taken, *ids.values()}, "fact")

    def _fact(self, identifier: str, tree: Mapping[str, Data], ids: Mapping[str, str]) -> Proposal:
        written = {name: with_ids(value, ids, self._keys.references, name) for name, value in tree.items()}
        quote = _first_quote(written)
        own = set(ids.values()) - set(self.desk.scope.registry) - {identifier}
        needs = [value for _, value in self._keys.leaves(written, self._keys.references) if value in own]
        reason = "its words are in the text, and the compiler finds nothing against it"
        span = self._span(quote)
        return Proposal(identifier, FACT, written, quote, span, SCORE, reason, self.model, tuple(dict.fromkeys(needs)))

    def _span(self, quote: str) -> Span:
        spans = self._searchable.stretches(parts_of(quote)) if quote else ()
        return spans[0] if spans else Span(0, 0)

    @cached_property
    def _keys(self) -> ModelKeys:
        return ModelKeys(self.desk.vocabulary)

    @cached_property
    def _searchable(self) -> Searchable:
        return Searchable(self.article.text)

    @cached_property
    def _taken(self) -> frozenset[str]:
        scope = self.desk.scope
        return frozenset({*self.article.taken, *scope.registry, *scope.articles})


def _name(tree: Mapping[str, Data]) -> tuple[str, str]:
    """Return the name of an entity and its language, "" for that of the text."""
    name, language = tree.get(NAME_KEY, ""), ""
    if isinstance(name, Mapping) and len(name) == 1:
        [(language, name)] = name.items()
    return (name, language) if isinstance(name, str) else ("", "")


def _first_quote(tree: Mapping[str, Data]) -> str:
    quote = tree.get(QUOTE_KEY, "")
    first = next(iter(quote), "") if isinstance(quote, list) else quote
    return first if isinstance(first, str) else ""
