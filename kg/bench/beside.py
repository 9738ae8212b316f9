"""The drafts of one article by rules and by a model -> one draft, in which each fact is proposed once. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace

from kg.bench.identifier import free_id
from kg.bench.proposal import ENTITY, FACT, ArticleDraft, Proposal
from kg.core.terms import DRAFTED_BY_KEY, QUOTE_KEY, STATUS_KEY
from kg.mapping.yaml_nodes import Data


def beside(by_rules: ArticleDraft, by_model: ArticleDraft, references: Set[str]) -> ArticleDraft:
    """Return both drafts as one, in the order of the text.

    What both propose is that by rules, and says so. A proposal of the model whose id the other draft uses for
    something else gets another one, also where others of its draft refer to it under one of the keys *references*.
    """
    same = {each.id: other for each in by_model.proposals if (other := _same(each, by_rules))}
    ids = _ids(by_rules, by_model, same)
    known = {each.id for each in by_rules.proposals}
    models = {same[each.id].id: each.source for each in by_model.proposals if each.id in same}
    rules = (_also(each, models.get(each.id, "")) for each in by_rules.proposals)
    others = (each.with_ids(ids, references) for each in by_model.proposals if ids[each.id] not in known)
    return ArticleDraft(
        by_rules.article,
        tuple(sorted([*rules, *others], key=lambda each: (each.kind != ENTITY, each.span))),
        (*by_rules.dropped, *by_model.dropped),
        (*by_rules.remarks, *by_model.remarks),
    )


def _ids(by_rules: ArticleDraft, by_model: ArticleDraft, same: Mapping[str, Proposal]) -> Mapping[str, str]:
    """Return the id of each proposal of a model -> its id beside those by rules."""
    kinds = {each.id: each.kind for each in by_rules.proposals}
    taken = {*kinds, *(each.id for each in by_model.proposals)}
    ids: dict[str, str] = {}
    for each in by_model.proposals:
        is_its_own = each.id not in kinds or each.kind == kinds[each.id] == ENTITY
        beside_it = each.id if is_its_own else free_id(each.id, taken, "fact")
        ids[each.id] = same[each.id].id if each.id in same else beside_it
        taken.add(ids[each.id])
    return ids


def _same(proposal: Proposal, draft: ArticleDraft) -> Proposal | None:
    """Return the fact of a draft that says what a proposal says, None if there is none."""
    facts = (each for each in draft.proposals if each.kind == proposal.kind == FACT)
    return next((each for each in facts if _says(each) == _says(proposal)), None)


def _says(proposal: Proposal) -> Mapping[str, Data]:
    """Return what a fact says, without its evidence and who drafted it."""
    without = (QUOTE_KEY, STATUS_KEY, DRAFTED_BY_KEY)
    return {key: value for key, value in proposal.tree.items() if key not in without}


def _also(proposal: Proposal, model: str) -> Proposal:
    return replace(proposal, reason=f"{proposal.reason}; also proposed by {model}") if model else proposal
