"""The contents of an article + cues -> proposals, before the compiler has judged them. No I/O.

Only rules are used: what the words show is proposed with a reason, and everything else is left to a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kg.bench.evidence import shortest_quote
from kg.bench.identifier import free_id, readable_id
from kg.bench.in_text import InText
from kg.bench.matching import CutSentence, FactCandidate, fact_candidates, without_rivals
from kg.bench.mention import TextMention
from kg.bench.new_names import PERSON_CLASS, NewName
from kg.bench.proposal import DATE, ENTITY, FACT, FIGURE, Proposal
from kg.bench.succession import Succession, successions, with_successors
from kg.bench.tokens import (
    MOST_TOKENS,
    Chunk,
    bracket_chunks,
    mention_chunks,
    phrase_chunks,
    title_chunks,
    tokens_of,
    when_and_how_much,
)
from kg.core.model import Span
from kg.core.terms import QUOTE_KEY, TYPE_KEY
from kg.mapping.texts import Searchable
from kg.mapping.yaml_nodes import Data
from kg.ontology.cues import TITLE, Cues

MOST_WORDS_OF_AN_ID = 6


@dataclass(frozen=True)
class Drafting:
    """One article while it is drafted from the contents of its text."""

    in_text: InText

    def _sentence(self, span: Span, made: Sequence[Chunk]) -> CutSentence | None:
        text = self.in_text.article.text
        dates = [each for each in self.in_text.dates if span.start <= each.span.start < span.end]
        figures = [each for each in self.in_text.figures if span.start <= each.span.start < span.end]
        mentions = [each for each in self.in_text.mentions if span.start <= each.span.start < span.end]
        chunks = [
            *(chunk for chunk in made if span.start <= chunk.span.start < span.end),
            *bracket_chunks(text, span, self.in_text.words),
            *mention_chunks(text, mentions, self.in_text.scope.vocabulary, self.in_text.words),
            *when_and_how_much(dates, figures),
            *title_chunks(text, span, self.in_text.words, [each.span for each in mentions]),
        ]
        plain = tokens_of(text, span, chunks)
        phrases = phrase_chunks(text, span, self.in_text.words, [each.span for each in dates])
        if len(plain) > MOST_TOKENS:
            return None
        return CutSentence(text, span, plain, tokens_of(text, span, [*phrases, *chunks]), dates)

    def candidates(self) -> Iterator[FactCandidate]:
        """Yield facts that sentences may state, and only the best of rival ones."""
        first, others = self._in_turns
        for span in self.in_text.sentences:
            made: list[Chunk] = []
            for cues in (first, others):
                sentence = self._sentence(span, made)
                facts = self._facts(sentence, cues) if sentence else []
                yield from facts
                made += [self._as_chunk(each) for each in facts]

    def _facts(self, sentence: CutSentence, cues: Cues) -> Sequence[FactCandidate]:
        """Return what a sentence may state, without what it puts in doubt by "whether", "if" or a denial before it."""
        candidates = fact_candidates(sentence, cues, self.in_text.scope.vocabulary)
        doubt = self.in_text.doubt_from(sentence.span)
        states = frozenset(self.in_text.words.lists["states"])
        return without_rivals(each for each in candidates if each.span.start < doubt or not each.cue.words & states)

    def _successions(self) -> Iterator[Succession]:
        is_a = self.in_text.scope.vocabulary.is_a
        people = sorted(
            (each for each in self.in_text.mentions if is_a(each.class_name, PERSON_CLASS)), key=lambda each: each.span
        )
        for span in self.in_text.sentences:
            yield from successions(self.in_text.article.text, span, people, self.in_text.words)

    @property
    def _in_turns(self) -> tuple[Cues, Cues]:
        """Return the cues for facts that may take part in others, and the others."""
        actors = tuple(
            cue for cue in self.in_text.cues.cues if self.in_text.scope.vocabulary.is_a(cue.class_name, "Actor")
        )
        others = tuple(cue for cue in self.in_text.cues.cues if cue not in actors)
        return replace(self.in_text.cues, cues=actors), replace(self.in_text.cues, cues=others)

    def _as_chunk(self, candidate: FactCandidate) -> Chunk:
        """Return a fact that may take part in others as something that the sentence mentions."""
        label = str(candidate.tree.get("description", candidate.cue.class_name))
        label = label[:1].lower() + label[1:]
        line = self.in_text.scope.vocabulary.classes[candidate.cue.class_name].ancestors
        mention = TextMention(
            candidate.span, self._fact_id(candidate), candidate.cue.class_name, label, candidate.score
        )
        return Chunk(candidate.span, dict.fromkeys(line, (mention,)))

    def _fact_id(self, candidate: FactCandidate) -> str:
        """Return the id that a fact would have if it were free."""
        vocabulary, cue = self.in_text.scope.vocabulary, candidate.cue
        keys = [
            path[0]
            for place in cue.fields.values()
            for kind, path in place.kinds.items()
            if kind in self.in_text.words.nouns
        ]
        texts = [value for key in keys if isinstance(value := candidate.tree.get(key), str)]
        label = vocabulary.classes[cue.class_name].label
        if not texts and not vocabulary.is_a(cue.class_name, "Event"):
            people_first = sorted(
                candidate.mentions, key=lambda each: not vocabulary.is_a(each.class_name, PERSON_CLASS)
            )
            title = candidate.tree.get(TITLE)
            texts = [*(each.id for each in people_first[:1]), title if isinstance(title, str) else label]
        return readable_id(" ".join(texts) or label, self._common, 9) or "fact"

    @cached_property
    def _common(self) -> frozenset[str]:
        return frozenset(word.lower() for word in self.in_text.words.lists["inside"]) | {"a", "an"}

    # -------- proposals

    def proposals(self) -> tuple[Proposal, ...]:
        """Return all proposals, in text order, with entities before the facts that name them."""
        taken = set(self.in_text.article.taken)
        facts: list[Proposal] = []
        local: dict[str, str] = {}
        used: set[Span] = set()
        for candidate in with_successors(list(self.candidates()), list(self._successions())):
            wished = self._fact_id(candidate)
            identifier = free_id(wished, {*taken, *self.in_text.scope.registry}, "fact")
            if proposal := self._fact(candidate, identifier, local):
                local[wished] = identifier
                taken.add(identifier)
                facts.append(proposal)
                used |= candidate.used
        loose = [*self._loose_dates(used), *self._loose_figures(used)]
        entities = [self._entity(identifier, each) for identifier, each in self.in_text.new_ids.items()]
        return (*entities, *sorted([*facts, *loose], key=lambda each: each.span))

    def _entity(self, identifier: str, new: NewName) -> Proposal:
        name: Data = (
            new.name if self.in_text.article.language.tag == "en" else {self.in_text.article.language.tag: new.name}
        )
        tree: dict[str, Data] = {TYPE_KEY: new.class_name, "name": name}
        reason = f"the registry has no '{new.name}'; {new.reason}"
        return Proposal(identifier, ENTITY, tree, "", new.span, round(new.score, 2), reason)

    def _fact(self, candidate: FactCandidate, identifier: str, local: Mapping[str, str]) -> Proposal | None:
        quotes = [
            shortest_quote(self._searchable, span, self.in_text.article.sentences)
            for span in (candidate.span, *candidate.also)
        ]
        quote = quotes[0]
        if quote is None:
            return None
        words: list[Data] = [each[0] for each in quotes if each is not None]
        evidence: Data = words if len(words) > 1 else quote[0]
        tree: dict[str, Data] = {TYPE_KEY: candidate.cue.class_name, **candidate.tree, QUOTE_KEY: evidence}
        ids = [local.get(mention.id, mention.id) for mention in candidate.mentions]
        needs = [each for each in ids if each in self.in_text.new_ids or each in local.values()]
        how = [each.how for each in candidate.mentions if each.how]
        reason = "; ".join([candidate.cue.line, *dict.fromkeys(how)])
        return Proposal(
            identifier,
            FACT,
            tree,
            quote[0],
            quote[1],
            round(candidate.score, 2),
            reason,
            needs=tuple(dict.fromkeys(needs)),
        )

    def _loose_dates(self, used: set[Span]) -> Iterator[Proposal]:
        for number, each in enumerate(self.in_text.dates, 1):
            if each.span not in used:
                readings = " or ".join(dict.fromkeys(reading.edtf for reading in each.readings))
                tree: dict[str, Data] = {"asWritten": " ".join(each.words.split()), "edtf": readings}
                tree["method"] = each.readings[0].method
                yield Proposal(
                    f"date-{number}", DATE, tree, each.words, each.span, 0.9, "a date that no proposed fact uses"
                )

    def _loose_figures(self, used: set[Span]) -> Iterator[Proposal]:
        for number, each in enumerate(self.in_text.figures, 1):
            if each.span not in used:
                words = " ".join(each.words.split())
                tree: dict[str, Data] = {"value": words}
                yield Proposal(
                    f"figure-{number}", FIGURE, tree, words, each.span, 0.9, "a figure that no proposed fact uses"
                )

    @cached_property
    def _searchable(self) -> Searchable:
        return Searchable(self.in_text.article.text)
