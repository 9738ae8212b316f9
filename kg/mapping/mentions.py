"""The facts of one article + its text -> findings on entities that they name and their words do not mention. No I/O.

The ontology says how the instances of a class are referred to (cq:calledAs). The words of a fact must mention by name
the entities under keys that take such instances, unless the ontology exempts the key (cq:calledInWords). `kg.words`
knows what counts as a name in a text. If the quote has a pronoun or a title, the name occurs earlier in the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from kg.core.errors import Finding, Severity
from kg.core.model import Node, Span, Term, Text, Value
from kg.core.relations import grouped, grouped_sets
from kg.core.terms import INFERENCE_CLASS, NAME_TEXT, NAMED, cq
from kg.core.values import lexical
from kg.mapping.called import Calls, is_within
from kg.mapping.notes import Notes
from kg.mapping.scope import SURNAME, WITHIN, Scope, Target
from kg.mapping.triples import every
from kg.ontology.vocabulary import Kind
from kg.words.calls import calls_itself, named_text
from kg.words.names import WORD, content, letters, name_words, words_of

INFERENCE, INFERRED_PROPERTY = cq(INFERENCE_CLASS), cq("inferredProperty")
NOT_CALLED, ANOTHER_CALLED, LONGER_CALLED = "KG-W020", "KG-W021", "KG-W022"

MOST_PROPOSALS = 100
"""With more references to people who are not mentioned, the mapping is about another text."""

MOST_COMPARED = 200
"""Entities of an article that a quote is compared with if it does not mention the one that the fact names."""

MOST_SHOWN = 3
SHOWN = 20
"""Code points of the text that are shown before and after a name, up to the next space."""


class _Reference(NamedTuple):
    """A value that refers to an entity whose name the words must contain.

    Attributes:
        key: that it is under.
        value: the value.
        node: that has it.
        fact: term of the fact that the node is, or is nested in.
        own: the quotes of the node.
        quotes: these, and those of the nodes that it is nested in.
    """

    key: str
    target: Target
    value: Value
    node: Node
    fact: Term
    own: tuple[Span, ...]
    quotes: tuple[Span, ...]


def check_mentions(nodes: Sequence[Node], text: Text | None, language: str, scope: Scope, notes: Notes) -> None:
    """Note references of facts to entities not mentioned in the text before the end of the fact's last quote.

    *nodes* are the article's own and those of its facts, *language* is that of the text. Nothing is checked if the text
    is not available.
    """
    if text is None or text.pinned is not None:
        return
    references = tuple(_references(nodes, scope))
    if not references:
        return
    calls_of = Calls(named_text(text.value, name_words(scope.languages.language(language))), scope, _reported(nodes))
    check = _MentionCheck(calls_of, text.sentences, notes, nodes, references)
    for reference in references:
        check.look_at(reference)


def _references(nodes: Iterable[Node], scope: Scope) -> Iterator[_Reference]:
    for node in nodes:
        if scope.vocabulary.is_fact(node.type):
            yield from _references_of(node, scope, node.term, ())


def _references_of(node: Node, scope: Scope, fact: Term, outer: tuple[Span, ...]) -> Iterator[_Reference]:
    own = tuple(span for span, _ in node.evidence)
    keys = scope.vocabulary.keys_of_names
    named = [value for value in node.values if value.predicate in keys and not value.is_filled] if own else []
    inferred = _inferred(node) if named else ()
    for value in named:
        if value.predicate not in inferred and (target := scope.entity(value.object)):
            yield _Reference(keys[value.predicate], target, value, node, fact, own, (*own, *outer))
    for inner in node.nested:
        yield from _references_of(inner, scope, fact, (*own, *outer))


def _inferred(node: Node) -> frozenset[Term]:
    """Return the properties for which the curator gives a reason why their values are certain without the words."""
    values = (value for inner in node.nested if inner.type == INFERENCE for value in inner.values)
    return frozenset(value.object for value in values if value.predicate == INFERRED_PROPERTY)


def _reported(nodes: Iterable[Node]) -> Mapping[Term, tuple[tuple[str, Term], ...]]:
    """Return entity -> the names that the article reports for it, each with the node that does."""
    names_of: dict[Term, list[tuple[str, Term]]] = {}
    for node in every(nodes):
        for named in [value.object for value in node.values if value.predicate == NAMED]:
            texts = (lexical(value.object) for value in node.values if value.predicate == NAME_TEXT)
            names_of.setdefault(named, []).extend((text, node.term) for text in texts)
    return {term: tuple(names) for term, names in names_of.items()}


def _own_bodies(nodes: Iterable[Node], scope: Scope) -> frozenset[Term]:
    """Return what the article itself names outside its facts: who published it, and where it is from."""
    is_fact = scope.vocabulary.is_fact
    return frozenset(value.object for node in nodes if not is_fact(node.type) for value in node.values)


# -------- the check


@dataclass
class _MentionCheck:
    calls_of: Calls
    sentences: Sequence[Span]
    notes: Notes
    nodes: Sequence[Node]
    references: Sequence[_Reference]
    proposed: int = 0
    _alone: dict[Term, int] = field(default_factory=dict)
    _begun: dict[tuple[Span, ...], Sequence[Target]] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        return self.calls_of.scope

    @cached_property
    def _named(self) -> Mapping[Term, frozenset[Term]]:
        """Fact -> all entities that it names."""
        named = grouped_sets((each.fact, each.target.term) for each in self.references)
        return {fact: frozenset(terms) for fact, terms in named.items()}

    @cached_property
    def _of_class(self) -> Mapping[str, Sequence[Target]]:
        """Local name of a class -> its instances that the article names."""
        return grouped(
            (target.class_name, target)
            for target in islice({each.target.term: each.target for each in self.references}.values(), MOST_COMPARED)
        )

    def look_at(self, reference: _Reference) -> None:
        """Note what is wrong with a reference. Entities without a name have a finding in the registry."""
        if not reference.target.label.strip():
            return
        end = self._end(reference)
        if self._alone.get(reference.target.term, end + 1) <= end:
            self._not_another(reference)
        elif self._is_called(reference, end) or self._by_surname(reference, end):
            if not self._not_longer(reference, end):
                self._not_another(reference)
        elif not self._itself(reference):
            self.notes.error(reference.value.place, NOT_CALLED, *self._missing(reference, end))

    def _end(self, reference: _Reference) -> int:
        """Return the end of the last sentence that a quote of the fact touches. Later mentions do not count."""
        end = max(span.end for span in reference.quotes)
        number = bisect_left(self._ends, end)
        return max(end, self._ends[number]) if number < len(self._ends) else end

    @cached_property
    def _ends(self) -> Sequence[int]:
        """The ends of the sentences."""
        return [sentence.end for sentence in self.sentences]

    def _is_called(self, reference: _Reference, end: int) -> bool:
        return any(
            span.end <= end
            for otherwise in (False, True)
            for span in self.calls_of.places(reference.target, reference.node.term, otherwise=otherwise)
        )

    def _by_surname(self, reference: _Reference, end: int) -> bool:
        """Return whether a surname that no one else has occurs before *end*. The article then depends on that."""
        return any(len(owners) == 1 for _, owners in self._surnames(reference, end))

    def _surnames(self, reference: _Reference, end: int) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield the words of a person's name that occur alone before *end*, each with the ids of all who have it."""
        for word, span in self.calls_of.alone(reference.target):
            if span.end <= end:
                self.notes.references.add(SURNAME + word)
                yield self.calls_of.text.value[span.start : span.end], self.scope.surnames[word]

    def _itself(self, reference: _Reference) -> bool:
        """Return whether the article's publisher or source refers to itself: this newspaper, we."""
        if reference.target.term not in _own_bodies(self.nodes, self.scope):
            return False
        places = calls_itself(self.calls_of.text, reference.target.names)
        return any(is_within(span, reference.quotes) for span in places)

    def _not_longer(self, reference: _Reference, end: int) -> bool:
        """Note a reference to an entity mentioned only within the name of another, which the fact does not name."""
        target, key = reference.target, reference.key
        around = self._around_names(reference, end)
        named = self._named[reference.fact]
        if not around or any(other.term in named for _, other in around) or self._has_a_word_of(reference, around):
            return False
        other = around[0][1]
        message = f"'{key}': the text mentions {target.label} only as part of the name of {other.label}"
        fix = f"name {other.label}, or say why {target.label} is meant: inferred: {{{key}: reason}}"
        finding = Finding(
            reference.value.place, Severity.WARNING, LONGER_CALLED, message, fix, lexical(reference.node.term)
        )
        self.notes.findings.append(finding)
        return True

    def _around_names(self, reference: _Reference, end: int) -> Sequence[tuple[Span, Target]]:
        """Return the longer names that contain a reference's name wherever it occurs, none if it ever occurs alone.

        The first place where it occurs alone is kept, and counts for all that follows.
        """
        text, enclosing = self.calls_of.text.value, []
        for span in self.calls_of.everywhere(reference.target, reference.node.term):
            if span.end > end:
                continue
            word = letters(next(words_of(text[span.start : span.end])))
            self.notes.references.add(WITHIN + word)
            longer = (pair for pair in self.calls_of.longer(word) if pair[1].term != reference.target.term)
            around = next((pair for pair in longer if span != pair[0] and is_within(span, [pair[0]])), None)
            if around is None:
                if reference.target.term not in self.calls_of.reported:
                    self._alone.setdefault(reference.target.term, span.end)
                return ()
            enclosing.append(around)
        return enclosing

    def _has_a_word_of(self, reference: _Reference, around: Sequence[tuple[Span, Target]]) -> bool:
        """Return whether the quotes have one word of the entity's name: "the harbour" for Aldenburg harbour."""
        text, others = self.calls_of.text, [span for span, _ in around]
        names = (content(name, text.known) for name in reference.target.names)
        words = {letters(word) for parts in names if len(parts) > 1 for word in parts}
        places = (Span(*text.words[number]) for word in words for number in text.numbers.get(word, ()))
        return any(is_within(place, reference.quotes) and not is_within(place, others) for place in places)

    def _not_another(self, reference: _Reference) -> None:
        """Note a reference whose quote mentions another entity of the class instead, which the fact does not name."""
        target, node, own = reference.target, reference.node.term, reference.own
        if self.calls_of.within(target, node, own):
            return
        named = self._named[reference.fact]
        alike = (each for each in self._candidates(own, target.class_name) if each.term not in named)
        other = next((each for each in alike if self.calls_of.within(each, node, own)), None)
        if other:
            message = f"'{reference.key}': the quote mentions {other.label}, not {target.label}"
            fix = f"name {other.label}, or also quote words that mention {target.label}"
            finding = Finding(reference.value.place, Severity.WARNING, ANOTHER_CALLED, message, fix, lexical(node))
            self.notes.findings.append(finding)

    def _candidates(self, quotes: tuple[Span, ...], class_name: str) -> Iterator[Target]:
        """Yield instances of a class that *quotes* may mention: named by the article, or beginning with their words."""
        yield from self._of_class.get(class_name, ())
        yield from (each for each in self._begun_in(quotes) if each.class_name == class_name)

    def _begun_in(self, quotes: tuple[Span, ...]) -> Sequence[Target]:
        """Return the entities whose labels begin with a word of *quotes*, which the references of a fact share."""
        if quotes not in self._begun:
            text, known = self.calls_of.text.value, self.scope.by_first_word
            words = {word for span in quotes for word in WORD.findall(text, span.start, span.end)}
            self._begun[quotes] = [each for word in sorted(words & known.keys()) for each in known[word]]
        return self._begun[quotes]

    # -------- messages

    def _missing(self, reference: _Reference, end: int) -> tuple[str, str]:
        """Return message and fix for a reference to an entity that is not mentioned."""
        target, key = reference.target, reference.key
        why = f"say why {target.label} is meant: inferred: {{{key}: reason}}"
        if later := self.calls_of.places(target, reference.node.term):
            message = f"'{key}': neither this sentence nor the text before it mentions {target.label}"
            return message, f"the text does so later, in '{self._around(later[0])}'; quote that too, or {why}"
        if shared := next(self._surnames(reference, end), None):
            word, owners = shared
            message = f"'{key}': the text has '{word}' on its own, which may mean {' or '.join(owners[:MOST_SHOWN])}"
            return message, f"name the one that is meant, and say why: inferred: {{{key}: reason}}"
        near = " and ".join(self._called_in_quotes(reference))
        instead = (
            f"the quote mentions {near}; name the one that it means" if near else "name the one that these words mean"
        )
        other_name = f"add the article's name for {target.label} to the registry, as alternativeName"
        return f"'{key}': the text does not mention {target.label}", f"{instead}; or {other_name}; or {why}"

    def _called_in_quotes(self, reference: _Reference) -> list[str]:
        """Return entities that fit the key and that the quotes, but not the fact, mention, each with its label."""
        self.proposed += 1
        if self.proposed > MOST_PROPOSALS:
            return []
        text = self.calls_of.text
        parts = [text.value[span.start : span.end] for span in reference.own]
        quoted = replace(self.calls_of, text=named_text("\n\n".join(parts), text.known), _places={}, _alone={})
        fitting = (
            (name, target) for name, target in sorted(self.scope.registry.items()) if self._fits(target, reference)
        )
        labels = (f"'{name}' ({each.label})" for name, each in fitting if quoted.places(each, reference.node.term))
        return list(islice(labels, MOST_SHOWN))

    def _fits(self, target: Target, reference: _Reference) -> bool:
        if not target.term or target.term in self._named[reference.fact]:
            return False
        vocabulary = self.scope.vocabulary
        key = vocabulary.keys[vocabulary.class_of(reference.node.type).name][reference.key]
        return vocabulary.is_a(target.class_name, key.range if key.kind is Kind.NODE else reference.target.class_name)

    def _around(self, span: Span) -> str:
        """Return the words of the text around a name."""
        text = self.calls_of.text.value
        start = text.rfind(" ", 0, max(span.start - SHOWN, 0)) + 1
        end = text.find(" ", span.end + SHOWN)
        return " ".join(text[start : end if end >= 0 else None].split())
