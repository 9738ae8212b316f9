"""An article + a language model -> a draft, kept in the build folder, that the compiler has accepted.

The model is sent only what `prompt_for` returns, and its answer passes three gates: what a model may propose at all
(model_checks.py), the compiler with the article's own facts, in which a doubt about words counts as an error, and a
person, who applies each proposal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from kg.bench.chat import ChatEndpoint
from kg.bench.desk import Desk
from kg.bench.draft import article_tree, draftable, drafted_part, known
from kg.bench.in_text import Draftable
from kg.bench.judge import judged, unwritten
from kg.bench.kept_draft import KeptDraft, keep, kept_draft
from kg.bench.model_answer import answered
from kg.bench.model_checks import ModelKeys
from kg.bench.model_proposals import Proposing
from kg.bench.prompt import Prompt, prompt_for
from kg.bench.proposal import FACT, ArticleDraft, Proposal
from kg.core.errors import Failure, InvalidValueError, NotFoundError, RemoteError, UsageError
from kg.core.terms import (
    ARTICLE_KEY,
    DRAFTED_BY_KEY,
    FACTS_KEY,
    STATUS_KEY,
    TEXT_FILE_KEY,
    TEXT_KIND_KEY,
)
from kg.mapping.blocks import NO_TABLE
from kg.mapping.read import Table
from kg.mapping.tables import first_text, value_of
from kg.mapping.yaml_nodes import Data
from kg.project.sources import Source

DRAFT_STATUS = "Draft"
_SHOWN_KINDS = frozenset({"full", "digest"})


@dataclass(frozen=True, slots=True)
class ModelTask:
    """One article, ready to be sent.

    Attributes:
        source: its file.
        article: its text.
        prompt: what is sent.
        remarks: what a curator should know of it.
    """

    source: Source
    article: Draftable
    prompt: Prompt
    remarks: tuple[str, ...]


def model_task(desk: Desk, source: Source, *, send_withheld: bool) -> ModelTask:
    """Return what a model would be sent about an article. Nothing is sent.

    Raises:
        InputError: the article cannot be read, or its text is not available.
        UsageError: its text is withheld, and that it may be sent is not said.
    """
    tree = article_tree(source)
    block = value_of(tree, ARTICLE_KEY)
    head = block if isinstance(block, Table) else NO_TABLE
    if _is_withheld(head) and not send_withheld:
        raise UsageError(
            f"the text of {source.path} is withheld, and nothing of it was sent",
            "--send-withheld sends it, if you may show it to those who run the model",
        )
    article, remarks = drafted_part(draftable(desk, source, tree))
    title, published = (first_text(value_of(head, name)) for name in ("title", "published"))
    prompt = prompt_for(article, title, published, desk.scope)
    left = f"{prompt.left_out} registry entries, which the text does not seem to mention, are not sent"
    return ModelTask(source, article, prompt, (*remarks, *([left] if prompt.left_out else [])))


def _is_withheld(head: Table) -> bool:
    """Return whether an article's text may be withheld, also if its kind is not written as it should be."""
    kind = first_text(value_of(head, TEXT_KIND_KEY)).strip().casefold()
    return kind not in _SHOWN_KINDS or value_of(head, TEXT_FILE_KEY) is not None


def drafted_by_model(desk: Desk, task: ModelTask, endpoint: ChatEndpoint, model: str) -> ArticleDraft:
    """Send an article to a model, keep the draft that comes of its answer, and return it.

    Raises:
        RemoteError: the model does not answer, or its answer is no draft. An earlier draft stays.
        InputError: the draft cannot be kept.
    """
    try:
        answer = answered(endpoint.completed(model, task.prompt.messages))
    except InvalidValueError as error:
        message = f"model {endpoint.url}: {error.message}"
        raise RemoteError(Failure.MALFORMED, message, "run the command again, or choose another model") from error
    proposing = Proposing(desk, task.article, model)
    proposed, dropped = proposing.proposals(answer)
    draft = _judged(desk, task.source, proposing, proposed)
    whole = replace(draft, dropped=(*dropped, *draft.dropped), remarks=(*task.remarks, *draft.remarks))
    keep(KeptDraft(whole, model, endpoint.host, date.today().isoformat()), desk.project)
    return whole


def model_draft(desk: Desk, source: Source) -> ArticleDraft:
    """Return the draft that was kept for an article, judged by the article as it is now.

    Raises:
        NotFoundError: no draft by a model was kept.
        InputError: it, or the article, cannot be read.
    """
    kept = kept_draft(desk.project, source.stem)
    if kept is None:
        raise NotFoundError(f"no draft of {source.stem} by a model is kept", "'kg draft --model URL' makes one")
    article = draftable(desk, source, article_tree(source))
    here = {*article.taken, *desk.scope.registry}
    left = [
        replace(_unattributed(each), needs=tuple(name for name in each.needs if name not in here))
        for each in kept.draft.proposals
        if each.id not in here
    ]
    draft = _judged(desk, source, Proposing(desk, article, kept.model), left)
    applied = known(len(kept.draft.proposals) - len(left))
    made = f"by {kept.model} at {kept.host}, {kept.made}"
    return replace(draft, remarks=(made, *applied, *draft.remarks))


def _judged(desk: Desk, source: Source, proposing: Proposing, proposed: Sequence[Proposal]) -> ArticleDraft:
    """Return those proposals that a model may make, that are new, and that the compiler accepts."""
    allowed, dropped = proposing.checked(proposed)
    facts = value_of(article_tree(source), FACTS_KEY)
    new = unwritten(allowed, facts, ModelKeys(desk.vocabulary).references)
    judgement = judged([_attributed(each) for each in new], source, desk)
    accepted = ArticleDraft(source.stem, judgement.accepted)
    needed = accepted.chosen([each.id for each in accepted.proposals if each.kind == FACT])
    idle = [f"{each.id}: no fact that is left names it" for each in accepted.proposals if each not in needed]
    return ArticleDraft(
        source.stem,
        tuple(each for each in accepted.proposals if each in needed),
        (*dropped, *judgement.dropped, *idle),
        tuple(known(len(allowed) - len(new))),
    )


def _attributed(proposal: Proposal) -> Proposal:
    """Return a proposal of a fact as it would be written: a draft of its own, with the model that made it."""
    if proposal.kind != FACT:
        return proposal
    return replace(proposal, tree={**proposal.tree, **_attribution(proposal)})


def _unattributed(proposal: Proposal) -> Proposal:
    """Return a proposal without what `_attributed` adds; anything else under these keys stays, and is refused."""
    own = _attribution(proposal)
    return replace(proposal, tree={key: value for key, value in proposal.tree.items() if own.get(key) != value})


def _attribution(proposal: Proposal) -> Mapping[str, Data]:
    return {STATUS_KEY: DRAFT_STATUS, DRAFTED_BY_KEY: proposal.source}
