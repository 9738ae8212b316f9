"""A compiled article -> what the bench shows of it: text, sentences, facts with their words, findings. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg.core.errors import Finding, InputError
from kg.core.model import Span, Term, Text
from kg.core.terms import ARTICLE_KEY, CURATION_KEY, FACTS_KEY, LABEL, STATUS_KEY, TYPE, TYPE_KEY, cq
from kg.core.values import lexical, local_name
from kg.curate.edit import Table, table_at
from kg.curate.places import FieldPlace, MappingPlaces, Path
from kg.mapping.read import Node
from kg.mapping.record import Record
from kg.ontology.vocabulary import Vocabulary
from kg.store.lines import line_quad

MOST_PARTS = 8
"""Participants and other parts of a fact that its line names."""


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding at its field, in the words of `kg check`.

    Attributes:
        fact: id of the fact, "" for the head.
        path: keys and numbers of items in the fact.
        instead: the text that mends it, "" where a person must choose.
        choices: key and value, one of which settles what the words leave open.
    """

    block: str
    fact: str
    path: Path
    severity: str
    code: str
    message: str
    fix: str
    instead: str
    choices: tuple[tuple[str, str], ...]
    line: int


@dataclass(frozen=True, slots=True)
class ShownFact:
    """A fact in one line.

    Attributes:
        id: of the fact.
        type: its class as written.
        kind: its class in words.
        says: what it says in one sentence.
        more: when it was, and its parts, in words.
        status: local name of its review status.
        spans: of its words, in the order of the text.
        tree: its keys and values as written.
    """

    id: str
    type: str
    kind: str
    says: str
    more: str
    status: str
    spans: tuple[Span, ...]
    tree: Table


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """What the bench shows of an article.

    Attributes:
        text: in normal form, "" if it is not available.
        sentences: of the text.
        head: the block `article`.
        curation: the block `curation`.
        facts: in the order of the file.
        findings: at their fields.
    """

    text: str
    sentences: tuple[Span, ...]
    head: Table
    curation: Table
    facts: tuple[ShownFact, ...]
    findings: tuple[ShownFinding, ...]


def shown_findings(findings: Iterable[Finding], places: MappingPlaces) -> tuple[ShownFinding, ...]:
    """Return findings of one mapping at their fields."""
    return tuple(_shown_finding(finding, places.field(finding.place)) for finding in findings)


def _shown_finding(finding: Finding, at: FieldPlace) -> ShownFinding:
    return ShownFinding(
        at.block,
        at.fact,
        at.path,
        finding.severity.value,
        finding.code,
        finding.message,
        finding.fix,
        finding.instead,
        finding.choices,
        finding.place.line,
    )


def shown_article(
    text: str,
    tree: Node | None,
    record: Record,
    findings: Iterable[Finding],
    words: Text | None,
    vocabulary: Vocabulary,
) -> ShownArticle:
    """Return what is shown of an article.

    Args:
        text: of the mapping.
        tree: its YAML.
        record: what it compiled to.
        findings: on it.
        words: the article's text, None if it is not available.
        vocabulary: of the project.
    """
    places = MappingPlaces(tree)
    curation = _block(text, CURATION_KEY)
    shown = _Facts(_triples(record.lines), record, places, vocabulary, _text(curation.get(STATUS_KEY)))
    return ShownArticle(
        words.value if words else "",
        words.sentences if words else (),
        _block(text, ARTICLE_KEY),
        curation,
        tuple(shown.facts(_block(text, FACTS_KEY))),
        shown_findings(findings, places),
    )


def _block(text: str, name: str) -> Table:
    """Return a block of a mapping, empty if the mapping cannot be read, which its findings say."""
    try:
        return table_at(text, (name,)) or {}
    except InputError:
        return {}


Triples = Mapping[Term, Sequence[tuple[Term, Term]]]


def _triples(lines: Iterable[str]) -> Triples:
    triples: dict[Term, list[tuple[Term, Term]]] = {}
    for quad in map(line_quad, lines):
        triples.setdefault(quad.subject, []).append((quad.predicate, quad.object))
    return triples


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class _Facts:
    triples: Triples
    record: Record
    places: MappingPlaces
    vocabulary: Vocabulary
    status: str
    nodes: dict[str, list[Term]] = field(default_factory=dict)

    def facts(self, written: Table) -> Iterator[ShownFact]:
        """Yield the facts, in the order of the file."""
        for node, place in self.record.places.items():
            self.nodes.setdefault(self.places.field(place).fact, []).append(node)
        for identifier, tree in written.items():
            if isinstance(tree, Mapping):
                yield self._fact(identifier, tree)

    def _fact(self, identifier: str, tree: Table) -> ShownFact:
        own = f"{self.record.graph[:-1]}/{identifier}>"
        nodes, name = self.nodes.get(identifier, []), _text(tree.get(TYPE_KEY))
        term = self.vocabulary.classes.get(name)
        says = self._value(own, cq("summary")) or self._value(own, LABEL)
        parts = [self._value(node, LABEL) for node in nodes if node != own and self._is_fact(node)]
        more = [self._value(own, cq("whenText")), *dict.fromkeys(filter(None, parts))]
        return ShownFact(
            identifier,
            name,
            term.label if term else name or "?",
            says or _plain(tree) or identifier,
            " · ".join(filter(None, more[: MOST_PARTS + 1])),
            local_name(self._term(own, cq(STATUS_KEY))) or self.status,
            tuple(sorted({span for node in nodes for span in self._spans(node)})),
            tree,
        )

    def _term(self, node: Term, predicate: Term) -> Term:
        return next((value for name, value in self.triples.get(node, ()) if name == predicate), "")

    def _value(self, node: Term, predicate: Term) -> str:
        return lexical(self._term(node, predicate))

    def _is_fact(self, node: Term) -> bool:
        kind = self._term(node, TYPE)
        return bool(kind) and self.vocabulary.is_fact(kind)

    def _spans(self, node: Term) -> Iterator[Span]:
        for name, value in self.triples.get(node, ()):
            if name == cq("evidence"):
                start, _, end = value[:-1].rpartition("/")[2].partition("-")
                yield Span(int(start), int(end))


def _plain(tree: Table) -> str:
    """Return the texts of a fact that could not be compiled, so that people know it."""
    texts = (value for key, value in tree.items() if isinstance(value, str) and key != TYPE_KEY)
    return ", ".join(texts)[:120]
