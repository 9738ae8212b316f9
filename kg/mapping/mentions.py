"""The facts of one article + its text -> whom they name though their words do not call him. No I/O.

Classes say in the ontology what their things are called as (cq:calledAs). A key under which such a thing may stand
leads to entities that the words of the fact call by a name, unless the ontology says that it need not
(cq:calledInWords); `kg.words` knows what is a name in a text. Where the quote has a pronoun or a title, the name
stands earlier in the text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

from kg.errors import Finding, Severity
from kg.mapping.notes import Notes
from kg.mapping.quads import every
from kg.mapping.scope import SURNAME, Scope, Target
from kg.model import Node, Span, Term, Text, Value
from kg.ontology.vocabulary import Kind
from kg.terms import CQ, INFERENCE_CLASS, NAME_TEXT, NAMED, cq
from kg.values import lexical
from kg.words.calls import NamedText, calls, calls_by_surname, calls_itself, calls_otherwise, named_text
from kg.words.names import NameKind, name_words, surnames, words_of

INFERENCE, INFERRED_PROPERTY = cq(INFERENCE_CLASS), cq("inferredProperty")
NOT_CALLED, ANOTHER_CALLED = "KG-W020", "KG-W021"

MOST_PROPOSALS = 100
"""An article with more references to people whom it does not call is about something else than its text."""

MOST_COMPARED = 200
"""Entities of an article that a quote is compared with when it does not call the one that is named."""

MOST_SHOWN = 3
SHOWN = 20
"""Code points of the text that are shown before a name and after it, up to the next blank."""


@dataclass(frozen=True, slots=True)
class _Reference:
    """A value that leads to an entity whose name the words must have.

    Attributes:
        key: under which it stands.
        value: the value.
        node: that has it.
        fact: term of the fact that the node is, or is nested in.
        own: the quotes of the node.
        quotes: those of the nodes that it is nested in, too.
    """

    key: str
    target: Target
    value: Value
    node: Node
    fact: Term
    own: tuple[Span, ...]
    quotes: tuple[Span, ...]


def check_mentions(nodes: Sequence[Node], text: Text | None, language: str, scope: Scope, notes: Notes) -> None:
    """Note the references of facts to entities that the text does not call before the end of the fact's last quote.

    *nodes* are the article's and those of its facts; *language* is that of the text. A text that is not at hand is
    passed over.
    """
    if text is None or text.pinned is not None:
        return
    references = tuple(_references(nodes, scope))
    if not references:
        return
    calls_of = _Calls(named_text(text.value, name_words(scope.languages.language(language))), scope, _reported(nodes))
    check = _Check(calls_of, text.sentences, notes, _own_bodies(nodes, scope), references)
    for reference in references:
        check.look_at(reference)


def _references(nodes: Iterable[Node], scope: Scope) -> Iterator[_Reference]:
    for node in nodes:
        if scope.vocabulary.is_fact(node.type):
            yield from _references_of(node, scope, node.term, ())


def _references_of(node: Node, scope: Scope, fact: Term, outer: tuple[Span, ...]) -> Iterator[_Reference]:
    own = tuple(span for span, _ in node.evidence)
    inferred = _inferred(node)
    for value in node.values if own else ():
        prop = scope.vocabulary.properties.get(value.predicate[1:-1].removeprefix(CQ))
        if not prop or not prop.in_words or value.is_filled or value.predicate in inferred:
            continue
        if target := scope.entity(value.object):
            yield _Reference(prop.name, target, value, node, fact, own, (*own, *outer))
    for inner in node.nested:
        yield from _references_of(inner, scope, fact, (*own, *outer))


def _inferred(node: Node) -> frozenset[Term]:
    """Return the properties of which the curator says why their values are certain without the words."""
    values = (value for inner in node.nested if inner.type == INFERENCE for value in inner.values)
    return frozenset(value.object for value in values if value.predicate == INFERRED_PROPERTY)


def _reported(nodes: Iterable[Node]) -> Mapping[Term, tuple[tuple[str, Term], ...]]:
    """Return entity -> the names that the article reports of it, each with the node that does."""
    found: dict[Term, list[tuple[str, Term]]] = {}
    for node in every(nodes):
        texts = [(lexical(value.object), node.term) for value in node.values if value.predicate == NAME_TEXT]
        for value in node.values:
            if value.predicate == NAMED and texts:
                found.setdefault(value.object, []).extend(texts)
    return {term: tuple(names) for term, names in found.items()}


def _own_bodies(nodes: Iterable[Node], scope: Scope) -> frozenset[Term]:
    """Return whom the article itself names beside its facts: who published it, and where it is from."""
    is_fact = scope.vocabulary.is_fact
    return frozenset(value.object for node in nodes if not is_fact(node.type) for value in node.values)


# -------- where the text calls whom


@dataclass
class _Calls:
    """Where the text of one article calls the entities of the registry; what has been looked for is kept."""

    text: NamedText
    scope: Scope
    reported: Mapping[Term, tuple[tuple[str, Term], ...]]
    _found: dict[tuple[Term, Term, bool], tuple[Span, ...]] = field(default_factory=dict)
    _alone: dict[Term, tuple[tuple[str, Span], ...]] = field(default_factory=dict)

    def places(self, target: Target, node: Term, *, otherwise: bool = False) -> tuple[Span, ...]:
        """Return where an entity is called by its names, or by what else it may be called; in order.

        What *node* itself reports to be a name does not count.
        """
        reported = self.reported.get(target.term, ())
        key = (target.term, node if reported else "", otherwise)
        if key not in self._found:
            names = (*target.names, *(name for name, reporter in reported if reporter != node))
            look = calls_otherwise if otherwise else calls
            self._found[key] = tuple(sorted(set(look(self.text, names, self.scope.name_kind(target)))))
        return self._found[key]

    def alone(self, target: Target) -> tuple[tuple[str, Span], ...]:
        """Return where a person is called by a surname, or another end of the name; each with its letters."""
        if target.term not in self._alone:
            words = (
                sorted({word for name in target.names for word in surnames(name)}) if self._is_person(target) else ()
            )
            found = ((word, span) for word in words for span in calls_by_surname(self.text, word))
            self._alone[target.term] = tuple(found)
        return self._alone[target.term]

    def within(self, target: Target, node: Term, quotes: Sequence[Span]) -> bool:
        """Tell whether one of *quotes* calls an entity, were it by a surname that others have, too."""
        return (
            any(_within(span, quotes) for span in self.places(target, node))
            or any(_within(span, quotes) for _, span in self.alone(target))
            or any(_within(span, quotes) for span in self.places(target, node, otherwise=True))
        )

    def _is_person(self, target: Target) -> bool:
        return self.scope.name_kind(target) is NameKind.PERSON


def _within(span: Span, quotes: Iterable[Span]) -> bool:
    return any(quote.start <= span.start and span.end <= quote.end for quote in quotes)


# -------- the check


@dataclass
class _Check:
    calls_of: _Calls
    sentences: Sequence[Span]
    notes: Notes
    own_bodies: frozenset[Term]
    references: Sequence[_Reference]
    proposed: int = 0

    @property
    def scope(self) -> Scope:
        return self.calls_of.scope

    @cached_property
    def _named(self) -> Mapping[Term, frozenset[Term]]:
        """Fact -> all whom it names."""
        named: dict[Term, set[Term]] = {}
        for each in self.references:
            named.setdefault(each.fact, set()).add(each.target.term)
        return {fact: frozenset(terms) for fact, terms in named.items()}

    @cached_property
    def _targets(self) -> Sequence[Target]:
        """All whom the article names."""
        return tuple({each.target.term: each.target for each in self.references}.values())

    def look_at(self, reference: _Reference) -> None:
        """Note what is wrong with a reference."""
        end = self._end(reference)
        if self._is_called(reference, end) or self._by_surname(reference, end):
            self._not_another(reference)
        elif not self._itself(reference):
            self.notes.error(reference.value.place, NOT_CALLED, *self._missing(reference, end))

    def _end(self, reference: _Reference) -> int:
        """Return where the last sentence ends that a quote of the fact touches; what follows does not name anybody."""
        end = max(span.end for span in reference.quotes)
        number = bisect_left(self.sentences, end, key=lambda sentence: sentence.end)
        return max(end, self.sentences[number].end) if number < len(self.sentences) else end

    def _is_called(self, reference: _Reference, end: int) -> bool:
        return any(
            span.end <= end
            for otherwise in (False, True)
            for span in self.calls_of.places(reference.target, reference.node.term, otherwise=otherwise)
        )

    def _by_surname(self, reference: _Reference, end: int) -> bool:
        """Tell whether a surname that nobody else has stands before *end*; the article then rests on that."""
        return any(len(owners) == 1 for _, owners in self._surnames(reference, end))

    def _surnames(self, reference: _Reference, end: int) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield the words of a person's name that stand alone before *end*, each with all who have it."""
        for word, span in self.calls_of.alone(reference.target):
            if span.end <= end:
                self.notes.references.add(SURNAME + word)
                yield self.calls_of.text.value[span.start : span.end], self.scope.surnames[word]

    def _itself(self, reference: _Reference) -> bool:
        """Tell whether the article's publisher or source speaks of itself: this newspaper, we."""
        if reference.target.term not in self.own_bodies:
            return False
        found = calls_itself(self.calls_of.text, reference.target.names)
        return any(_within(span, reference.quotes) for span in found)

    def _not_another(self, reference: _Reference) -> None:
        """Note a reference whose quote calls no one but another entity of the class, whom the fact does not name."""
        target, node, own = reference.target, reference.node.term, reference.own
        if self.calls_of.within(target, node, own):
            return
        named = self._named[reference.fact]
        alike = (
            each for each in self._candidates(own) if each.class_name == target.class_name and each.term not in named
        )
        other = next((each for each in alike if self.calls_of.within(each, node, own)), None)
        if other:
            message = f"'{reference.key}': the quote calls {other.label}, and not {target.label}"
            fix = f"name {other.label}, or quote words that call {target.label}, too"
            found = Finding(reference.value.place, Severity.WARNING, ANOTHER_CALLED, message, fix, lexical(node))
            self.notes.findings.append(found)

    def _candidates(self, quotes: Sequence[Span]) -> Iterator[Target]:
        """Yield whom *quotes* may call: all whom the article names, and whose labels begin with a word of theirs."""
        yield from self._targets[:MOST_COMPARED]
        for word in sorted(
            {word for span in quotes for word in words_of(self.calls_of.text.value[span.start : span.end])}
        ):
            yield from self.scope.by_first_word.get(word, ())

    # -------- what is said

    def _missing(self, reference: _Reference, end: int) -> tuple[str, str]:
        """Return what is wrong with a reference to somebody who is not called, and how to mend it."""
        target, key = reference.target, reference.key
        why = f"say why {target.label} is meant: inferred: {{{key}: reason}}"
        if later := self.calls_of.places(target, reference.node.term):
            message = f"'{key}': neither this sentence nor the text before it calls {target.label}"
            return message, f"the text does so later, in '{self._around(later[0])}'; quote that, too, or {why}"
        if shared := next(self._surnames(reference, end), None):
            word, owners = shared
            message = f"'{key}': the text has '{word}' alone, which may stand for {' or '.join(owners[:MOST_SHOWN])}"
            return message, f"name the one that is meant, and say why: inferred: {{{key}: reason}}"
        near = " and ".join(self._called_in_quotes(reference))
        instead = (
            f"the quote calls {near}; name the one that it means" if near else "name the one that these words mean"
        )
        other_name = f"add the name by which the article calls {target.label} to the registry, as alternativeName"
        return f"'{key}': nothing in the text calls {target.label}", f"{instead}; or {other_name}; or {why}"

    def _called_in_quotes(self, reference: _Reference) -> list[str]:
        """Return entities that fit the key and that the quotes call, but not the fact, each with its label."""
        self.proposed += 1
        if self.proposed > MOST_PROPOSALS:
            return []
        text = self.calls_of.text
        parts = [text.value[span.start : span.end] for span in reference.own]
        quoted = replace(self.calls_of, text=named_text("\n\n".join(parts), text.known), _found={}, _alone={})
        fitting = (
            (name, target) for name, target in sorted(self.scope.registry.items()) if self._fits(target, reference)
        )
        found = (f"'{name}' ({each.label})" for name, each in fitting if quoted.places(each, reference.node.term))
        return list(islice(found, MOST_SHOWN))

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
