"""What drafts by rules and by a model propose for an article, and for words that a curator selects, as JSON. Reads the
project.

Drafting an article takes a second or more, so that its result is kept as long as the mapping says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Lock

from kg.bench.beside import beside
from kg.bench.desk import Desk
from kg.bench.draft import draft_of, text_contents
from kg.bench.evidence import shortest_quote
from kg.bench.identifier import free_id, readable_id
from kg.bench.in_text import InText
from kg.bench.model_checks import ModelKeys
from kg.bench.model_draft import model_draft
from kg.bench.proposal import ENTITY, FACT, ArticleDraft, Proposal
from kg.bench.shown_draft import proposal_json
from kg.core.errors import KgError
from kg.curate.bench import Bench, source_named
from kg.curate.opening import names_in
from kg.curate.received import Body, span_in, text_in
from kg.curate.suggestions import begun, likely_kinds
from kg.mapping.texts import Searchable
from kg.mapping.yaml_nodes import Data
from kg.project.files import read_text
from kg.project.layout import draft_file
from kg.project.sources import Source


@dataclass(frozen=True, slots=True)
class _Drafted:
    """The draft by rules of an article, and the one with what a model proposed beside it."""

    key: str
    in_text: InText
    by_rules: ArticleDraft
    draft: ArticleDraft


class Drafts:
    """The drafts of one bench's articles."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._last: dict[str, _Drafted] = {}
        self._lock = Lock()

    def _drafted(self, article: str) -> _Drafted:
        desk = self._bench.desk()
        source = source_named(desk.sources, article)
        file = draft_file(desk.project, article)
        kept = read_text(file, desk.project.shown(file)) if file.is_file() else ""
        texts = (kept, *(each.text for each in (source, *desk.sources.registry)))
        key = sha256("\0".join(texts).encode()).hexdigest()
        with self._lock:
            known = self._last.get(article)
            if known is None or known.key != key:
                by_rules = draft_of(desk, source)
                draft = _with_model(by_rules, desk, source) if kept else by_rules
                known = _Drafted(key, text_contents(desk, source), by_rules, draft)
                self._last = {article: known}
            return known

    def proposals(self, article: str) -> dict[str, object]:
        """Return the proposed facts that nobody refused, each with the new entities that it needs.

        Raises:
            InputError: the article cannot be read, or has no text.
        """
        drafted = self._drafted(article)
        draft = drafted.draft
        refused = self._bench.kept.decisions(article).refused
        by_id = {each.id: each for each in draft.proposals}
        return {
            "names": names_in(*(each.tree for each in draft.proposals), names=drafted.in_text.known),
            "proposals": [
                _shown(each, [by_id[name] for name in each.needs if name in by_id])
                for each in draft.proposals
                if each.kind == FACT and digest(each) not in refused
            ],
            "dropped": list(draft.dropped),
            "remarks": list(draft.remarks),
        }

    def refuse(self, article: str, identifier: str) -> dict[str, object]:
        """Note that a proposal is refused, so that it is not shown again. Without an id, all are shown again."""
        kept = self._bench.kept
        decisions = kept.decisions(article)
        refused = {*decisions.refused} if identifier else set()
        refused |= {digest(each) for each in self._drafted(article).draft.proposals if each.id == identifier}
        kept.keep_decisions(article, replace(decisions, refused=tuple(sorted(refused))))
        return self.proposals(article)

    def words(self, article: str, body: Body) -> dict[str, object]:
        """Return what selected words may state: likely kinds, how a fact of a kind begins, and a quote that is unique.

        Raises:
            InputError: as `proposals`.
            HttpError: 400: the body names no range of the text.
        """
        known = self._drafted(article)
        text, kind = known.in_text.article.text, text_in(body, "kind")
        span, searchable = span_in(body, len(text)), Searchable(text)
        words = " ".join(text[span.start : span.end].split())
        times = len(searchable.occurrences(words))
        unique = shortest_quote(searchable, span, known.in_text.article.sentences)
        answer: dict[str, object] = {
            "words": words,
            "times": times,
            "unique": {"words": unique[0], "start": unique[1].start, "end": unique[1].end} if unique else None,
            "kinds": list(likely_kinds(known.in_text, known.by_rules.proposals, span)),
        }
        if kind in known.in_text.scope.vocabulary.classes:
            tree = begun(known.in_text, known.by_rules.proposals, span, kind)
            answer["tree"] = tree
            answer["names"] = names_in(tree, names=known.in_text.known)
            answer["id"] = self._id(known, tree, kind)
        return answer

    def _id(self, known: _Drafted, tree: dict[str, Data], kind: str) -> str:
        """Return an id for a new fact, from its name or its kind."""
        label = known.in_text.scope.vocabulary.classes[kind].label
        name = next((value for key in ("name", "title") if isinstance(value := tree.get(key), str)), label)
        taken = {*known.in_text.article.taken, *known.in_text.scope.registry}
        return free_id(readable_id(name) or readable_id(label), taken, "fact")


def _with_model(by_rules: ArticleDraft, desk: Desk, source: Source) -> ArticleDraft:
    """Return a draft with what a model proposed beside it; why not, if that cannot be read."""
    try:
        by_model = model_draft(desk, source)
    except KgError as error:
        return replace(by_rules, remarks=(*by_rules.remarks, f"{error.message}; {error.fix}"))
    return beside(by_rules, by_model, ModelKeys(desk.vocabulary).references)


def _shown(proposal: Proposal, needs: Sequence[Proposal]) -> dict[str, object]:
    """Return a proposal with its class, the new entities that it needs, and the facts that must be accepted before."""
    return {
        **proposal_json(proposal),
        "type": proposal.type,
        "entities": {each.id: each.tree for each in needs if each.kind == ENTITY},
        "after": [each.id for each in needs if each.kind == FACT],
    }


def digest(proposal: Proposal) -> str:
    """Return a name for what a proposal says, by which it is known again in another draft."""
    return sha256(f"{proposal.type}\0{proposal.quote}\0{sorted(proposal.tree.items(), key=str)}".encode()).hexdigest()[
        :16
    ]
