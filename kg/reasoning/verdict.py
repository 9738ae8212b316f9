"""Contradictions found by a reasoner -> findings in plain words, with the articles involved. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from kg.core.errors import Finding, Place, Severity
from kg.core.iri import article_iri, graph_iri
from kg.core.model import Quad, Term
from kg.core.terms import LABEL, ONTOLOGY, TYPE
from kg.core.values import is_iri, lexical
from kg.reasoning.contradiction import Contradiction, Reason
from kg.reasoning.owl import Axioms

INCONSISTENT, UNSATISFIABLE = "KG-R001", "KG-R002"
MOST_FACTS_LISTED = 6
UNKNOWN = Place("ontology")


@dataclass(frozen=True, slots=True)
class Naming:
    """How to name things in a message.

    Attributes:
        axioms: with the labels of classes and properties.
        labels: node -> its label.
        places: node -> where it was written.
        base: of all IRIs of the data.
    """

    axioms: Axioms
    labels: Mapping[Term, str]
    places: Mapping[Term, Place]
    base: str

    def sentence(self, contradiction: Contradiction) -> str:
        """Return a contradiction as a sentence without a full stop."""
        reasons, clash = contradiction.reasons, contradiction.clash
        kinds = " and ".join(self._kind(reason, contradiction.node) for reason in reasons)
        name = self.name(contradiction.node)
        if len(reasons) == 1:
            why = f": it would be both {self._both(clash)}" if clash else ""
            return f"{name} would be {kinds}, but nothing can be that{why}"
        if clash and set(clash) != {reason.of for reason in reasons}:
            return f"{name} would be {kinds}, but nothing is both {self._both(clash)}"
        return f"{name} would be {kinds}, but nothing can be both"

    def name(self, node: Term) -> str:
        """Return the label of a node with its id, or the id alone."""
        short = lexical(node).removeprefix(self.base)
        return f"'{self.labels[node]}' ({short})" if node in self.labels else f"'{short}'"

    def fact(self, fact: Quad) -> str:
        """Return one fact in words, with its place."""
        if fact.predicate == TYPE:
            words = f"{self.name(fact.subject)} is of type {self._label(fact.object)}"
        else:
            value = self.name(fact.object) if is_iri(fact.object) else f"'{lexical(fact.object)}'"
            words = f"{self.name(fact.subject)} has {self._label(fact.predicate)} {value}"
        return f"{words} ({self._where(fact)})"

    def article(self, graph: Term) -> str:
        """Return the id of the article with this graph, or ""."""
        stem = f"<{article_iri(self.base, 'x')[:-1]}"
        return graph.removeprefix(stem).removesuffix(">") if graph.startswith(stem) else ""

    def articles(self, facts: Iterable[Quad]) -> str:
        """Return the ids of the articles with these *facts*, or "the registry"."""
        named = sorted({self.article(fact.graph) for fact in facts} - {""})
        return f"article{'s' * (len(named) > 1)} {' and '.join(named)}" if named else "the registry"

    def place(self, facts: Sequence[Quad]) -> Place:
        """Return the place of the last fact in an article, or of the last fact of all."""
        known = [fact for fact in facts if fact.subject in self.places]
        reported = [fact for fact in known if self.article(fact.graph)] or known
        return self.places[reported[-1].subject] if reported else UNKNOWN

    def _kind(self, reason: Reason, node: Term) -> str:
        more = f"; likewise in {self.articles(reason.others)}" if reason.others else ""
        label = self._label(reason.of)
        return f"{_article(label)} {label} ({self._because(reason, node)}, {self._where(reason.fact)}{more})"

    def _because(self, reason: Reason, node: Term) -> str:
        fact = reason.fact
        if fact.predicate == TYPE:
            return "its type"
        if reason.as_value and fact.subject != node:
            return f"{self._label(fact.predicate)} of {self._inside(fact)}"
        return f"it has {self._label(fact.predicate)}"

    def _inside(self, fact: Quad) -> str:
        """Return the label of the fact's subject, or its id inside its article."""
        inside = (
            lexical(fact.subject)
            .removeprefix(f"{lexical(fact.graph) if fact.graph else self.base}/")
            .removeprefix(self.base)
        )
        return f"'{self.labels.get(fact.subject, inside)}'"

    def _where(self, fact: Quad) -> str:
        if fact.graph == f"<{graph_iri(self.base, 'derived')}>":
            return "derived by a rule"
        article, place = self.article(fact.graph), self.places.get(fact.subject)
        parts = [f"article {article}"] * bool(article) + [f"{place.path}:{place.line}" if place else ""]
        return " at ".join(filter(None, parts)) or ("the registry" if fact.graph else "the ontology")

    def _label(self, term: Term) -> str:
        return f"'{self.axioms.label(term)}'"

    def _both(self, clash: tuple[Term, Term]) -> str:
        return f"{self._label(clash[0])} and {self._label(clash[1])}"


def _article(label: str) -> str:
    """Return the indefinite article before a label.

    >>> _article("'event'"), _article("'university'")
    ('an', 'a')
    """
    word = label.strip("'").lower()
    return "an" if word[:1] in "aeiou" and not word.startswith(("uni", "eu", "use")) else "a"


def node_labels(facts: Iterable[Quad]) -> dict[Term, str]:
    """Return node -> its display label."""
    return {fact.subject: lexical(fact.object) for fact in facts if fact.predicate == LABEL}


# -------- findings


def contradiction_finding(contradiction: Contradiction, words: Naming) -> Finding:
    """Return the finding for a contradiction, preferably at a fact of an article."""
    facts = [reason.fact for reason in contradiction.reasons]
    fix = "correct one of them" if len(facts) > 1 else "give it another type, or correct the ontology"
    message, focus = words.sentence(contradiction), lexical(contradiction.node)
    return Finding(words.place(facts), Severity.ERROR, INCONSISTENT, message, fix, focus=focus)


def facts_finding(facts: Sequence[Quad], fewest: bool, words: Naming) -> Finding:
    """Return the finding for *facts* whose contradiction only the reasoner can explain.

    Args:
        facts: in file order.
        fewest: whether all of them are needed for the contradiction.
        words: names for the message.
    """
    if fewest:
        listed = "; ".join(map(words.fact, facts[:MOST_FACTS_LISTED]))
        rest = f"; and {len(facts) - MOST_FACTS_LISTED} more" if len(facts) > MOST_FACTS_LISTED else ""
        message = (
            f"{'these facts cannot all be true' if len(facts) > 1 else 'this fact cannot be true'}: {listed}{rest}"
        )
        fix = "correct one of them, or the axiom that they break"
    else:
        message = f"the facts of {words.articles(facts)} contradict the ontology or each other"
        fix = "there was no time to find out which: name fewer articles, or allow more time with --timeout"
    return Finding(words.place(facts), Severity.ERROR, INCONSISTENT, message, fix, focus=lexical(facts[0].subject))


def ontology_finding(words: Naming) -> Finding:
    """Return the finding for an ontology with a contradiction of its own that cannot be explained further."""
    message = "the ontology contradicts itself, without any article"
    place = words.places.get(f"<{ONTOLOGY}>", UNKNOWN)
    return Finding(place, Severity.ERROR, INCONSISTENT, message, "undo the last change to it")


def class_findings(impossible: Set[Term], words: Naming) -> Iterator[Finding]:
    """Yield a finding for each unsatisfiable class, with the reason."""
    for term in sorted(impossible):
        axioms, name = words.axioms, words.axioms.label(term)
        above = [other for other in axioms.over(term)[1:] if other in impossible]
        if above:
            why = f"because it is a kind of '{axioms.label(above[0])}', which nothing can be"
        elif clash := axioms.clash(term, term):
            why = f"because it would be both '{axioms.label(clash[0])}' and '{axioms.label(clash[1])}'"
        else:
            why = "because the axioms about it contradict each other"
        message = f"nothing can be of the class '{name}', {why}"
        fix = "correct its superclasses or the disjointness axioms"
        yield Finding(words.places.get(term, UNKNOWN), Severity.ERROR, UNSATISFIABLE, message, fix, focus=lexical(term))
