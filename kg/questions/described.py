"""Nodes -> the statements about them and their nested nodes, in words. Reads a store.

Only the sets below know anything about properties. All others are shown by their labels. A date or a quantity is
shown in one line.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.core.model import Term
from kg.core.periods import period
from kg.core.relations import grouped
from kg.core.terms import CODE, CQ, OA, PROV, TYPE, XSD, cq
from kg.core.typed import amounts_in_words
from kg.core.values import datatype, is_iri, language, lexical
from kg.questions.captions import Captions, captions
from kg.questions.graph import AT_ONCE, Graph
from kg.questions.reading import PROPERTIES as READING
from kg.questions.reading import FactReading, readings
from kg.questions.stories import PROPERTIES as STORY
from kg.questions.when import PROPERTIES as DATES

MACHINERY = frozenset({f"<{OA}hasSource>", f"<{OA}hasSelector>", cq("hasText"), cq("within")})
"""Properties for programs only. Each step of *within* is also given, with evidence, as contained in, part of etc."""

SHOWN_BESIDE = frozenset({TYPE, cq("evidence"), f"<{PROV}wasDerivedFrom>", *READING, *DATES})
"""What every view shows separately from the properties: class, evidence, origins, and the reading of a fact."""

PARTS_OF_PAGES = STORY | frozenset(map(cq, ("stage", "occurrence", "text", "textKind", "curation", "original")))
"""What pages show in separate places."""

DERIVED_ELSEWHERE = STORY | MACHINERY | {cq("comparableWith"), cq("disagreesWith")}
"""Derived relations without their own line: each step of *within* is shown as the relation that it is, and the reports
of a story, corrections and disagreements at its head."""

OWN_PAGE_ONLY = frozenset(map(cq, ("note", "name", "accordingTo")))
"""What only the page of a fact shows, not lines about it elsewhere."""

DEEPEST = 5
"""Levels of nesting, including the nodes themselves."""

PROPOSES, DENIED = cq("proposes"), f"<{CODE}modality/Denied>"
EQUAL, BETWEEN = (f"<{CODE}comparator/{name}>" for name in ("EqualTo", "Between"))


@dataclass(frozen=True, slots=True)
class Mention:
    """A node or a literal as shown.

    Attributes:
        text: the caption of a node, the text of a literal, or a date or quantity in words.
        term: its term in the graph.
        in_full: whether the text gives everything about a nested node.
        inside: the statements about a nested node.
    """

    text: str
    term: Term
    in_full: bool = False
    inside: tuple[Statement, ...] = ()

    @property
    def link(self) -> Term:
        """The node to link to, "" if there is nothing beyond the text."""
        return self.term if is_iri(self.term) and not self.in_full else ""

    @property
    def language(self) -> str:
        """The language of a literal, or ""."""
        return "" if is_iri(self.term) else language(self.term) or ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A property and its values, sorted by text. *code* is whether they are entries of code lists."""

    property: Term
    label: str
    values: tuple[Mention, ...]
    code: bool = False


Properties = Sequence[tuple[Term, Term]]
"""Pairs of property and value."""


@dataclass(frozen=True, slots=True)
class Described:
    """What was read about several nodes at once.

    Attributes:
        graph: where they are.
        triples: node -> its properties and values, including nested nodes.
        readings: the readings of the facts among them.
        captions: of the nodes, their properties and values.
    """

    graph: Graph
    triples: Mapping[Term, Properties]
    readings: Mapping[Term, FactReading]
    captions: Captions

    def statements(self, node: Term, hidden: Container[Term] = (), reasons: bool = True) -> tuple[Statement, ...]:
        """Return the statements about a node, sorted by label, without *hidden* properties. Dates include the curator's
        reason if *reasons*."""
        made = by_property(
            (
                (prop, self._mention(node, value, hidden, reasons))
                for prop, value in self.triples.get(node, ())
                if prop not in hidden
            ),
            self.captions,
        )
        return tuple(replace(each, label=self.label_of(node, each.property)) for each in made)

    def label_of(self, node: Term, prop: Term) -> str:
        """Return what a property of a node says: what a denial is about, it denies and does not propose."""
        is_denial = prop == PROPOSES and (cq("modality"), DENIED) in self.triples.get(node, ())
        return "denies" if is_denial else self.captions.of(prop)

    def types(self, node: Term) -> tuple[Mention, ...]:
        """Return the classes of a node, those of our vocabulary first."""
        types = (self.mention(value) for prop, value in self.triples.get(node, ()) if prop == TYPE)
        return tuple(sorted(types, key=lambda kind: (not kind.term.startswith(f"<{CQ}"), kind.text)))

    def mention(self, node: Term) -> Mention:
        """Return a mention of a node by its caption."""
        return Mention(self.captions.of(node), node)

    def _mention(self, node: Term, value: Term, hidden: Container[Term], reasons: bool) -> Mention:
        if not is_iri(value):
            text = lexical(value)
            return Mention(period(text, text) if datatype(value) == f"{XSD}date" else text, value)
        if not is_nested(value, node) or value not in self.triples:
            here = self.graph.article_of(node)
            return Mention(self.captions.with_article(value, here) if here else self.captions.of(value), value)
        text = self._in_one_line(value, reasons)
        return Mention(text or self.captions.of(value), value, bool(text), self.statements(value, hidden, reasons))

    def _in_one_line(self, node: Term, reasons: bool) -> str:
        """Return a date or a quantity in words, with the article's words, or "" for any other node.

        A date includes the curator's reason if *reasons*.
        """
        values = dict(self.triples[node])
        written = text_of_key(values, "asWritten")
        quoted = f"“{written}”" if written else ""
        if cq("edtf") in values:
            reason = text_of_key(values, "reason")
            days = period(text_of_key(values, "earliest"), text_of_key(values, "latest"))
            days += " (inferred)" if days and reason else ""
            return _beside(days, quoted) + (f": {reason}" if reasons and reason else "")
        if cq("comparator") in values:
            return ", ".join((_beside(self._quantity(values), quoted), *self._also_given(values, reasons)))
        return written

    def _also_given(self, values: Mapping[Term, Term], reasons: bool) -> Iterator[str]:
        """Yield the same quantity in another unit or currency, if the article gives one."""
        prop = cq("alsoGivenAs")
        if values.get(prop, "") in self.triples:
            yield f"{self.captions.of(prop)} {self._in_one_line(values[prop], reasons)}"

    def _quantity(self, values: Mapping[Term, Term]) -> str:
        """Return the comparator, the amounts, the unit and the currency of a quantity."""
        amounts = filter(None, (text_of_key(values, name) for name in ("amount", "lowerAmount", "upperAmount")))
        words = amounts_in_words(amounts, between=values.get(cq("comparator")) == BETWEEN)
        comparator, currency = (
            self.captions.of(values[cq(name)]) if values.get(cq(name), EQUAL) != EQUAL else ""
            for name in ("comparator", "currency")
        )
        parts = (comparator, words, text_of_key(values, "unit"), currency)
        return " ".join(filter(None, parts))


def described(
    graph: Graph,
    nodes: Iterable[Term],
    hidden: Container[Term] = (),
    named: Iterable[Term] = (),
    everywhere: bool = False,
    most: int | None = None,
) -> Described:
    """Return what the graph says about nodes, and about nodes nested in them by properties not *hidden*.

    Reads as `triples_of` does. Captions include those of *named*.
    """
    triples = _with_nested(graph, list(dict.fromkeys(nodes)), hidden, everywhere, most)
    known = readings(graph, triples)
    pairs = [pair for some in triples.values() for pair in some if pair[0] not in hidden or pair[0] == TYPE]
    mentioned = (term for pair in pairs for term in pair if is_iri(term))
    reported = (term for reading in known.values() for term in _reported(reading))
    return Described(graph, triples, known, captions(graph, [*triples, *named, *mentioned, *reported]))


def _reported(reading: FactReading) -> Sequence[Term]:
    """Return the nodes that are mentioned where a fact is shown."""
    stage = (reading.latest_stage,) if reading.latest_stage else ()
    return (reading.type, *stage, *reading.other_reports, *reading.displaced_by)


def _with_nested(
    graph: Graph, nodes: Sequence[Term], hidden: Container[Term], everywhere: bool, most: int | None
) -> Mapping[Term, Properties]:
    triples: dict[Term, list[tuple[Term, Term]]] = {}
    for _ in range(DEEPEST):
        if not nodes:
            break
        for s, p, o in triples_of(graph, nodes, everywhere=everywhere, most=most):
            triples.setdefault(s, []).append((p, o))
        shown = ((s, o) for s in nodes for p, o in triples.get(s, ()) if p not in hidden)
        nodes = [o for s, o in shown if is_nested(o, s) and o not in triples]
    return triples


def triples_of(
    graph: Graph, nodes: Iterable[Term], prop: Term = "?p", everywhere: bool = False, most: int | None = None
) -> list[tuple[Term, Term, Term]]:
    """Return the triples of nodes, sorted, with one property or all, except those from a node to itself.

    They are read from the graph of a node's article or the registry, or from all graphs if *everywhere*. If *most* is
    given, at most that many are read for AT_ONCE nodes.
    """
    limit = "" if most is None else f" LIMIT {most}"
    bound = f"BIND ({prop} AS ?p)" if prop != "?p" else ""
    every = list(dict.fromkeys(nodes))
    triples: set[tuple[Term, Term, Term]] = set()
    for k in range(0, len(every), AT_ONCE):
        values = _values(graph, every[k : k + AT_ONCE], everywhere)
        query = f"SELECT DISTINCT ?s ?p ?o WHERE {{ {values} GRAPH ?g {{ ?s {prop} ?o }} {bound} }}{limit}"
        rows = graph.store.select(query).rows
        triples |= {(s, p, o) for s, p, o in rows if s and p and o and s != o}
    return sorted(triples)


def _values(graph: Graph, nodes: Sequence[Term], everywhere: bool) -> str:
    if everywhere:
        return f"VALUES ?s {{ {' '.join(nodes)} }}"
    registry = graph.named("registry")
    return f"VALUES (?s ?g) {{ {' '.join(f'({node} {graph.article_of(node) or registry})' for node in nodes)} }}"


def by_property(pairs: Iterable[tuple[Term, Mention]], names: Captions) -> tuple[Statement, ...]:
    """Return properties with their values, by label."""
    groups = grouped((prop, value) for prop, value in pairs)
    made = (
        Statement(
            prop,
            names.of(prop),
            tuple(sorted(values, key=lambda value: (value.text, value.term))),
            all(value.term.startswith(f"<{CODE}") for value in values),
        )
        for prop, values in groups.items()
    )
    return tuple(sorted(made, key=lambda statement: (statement.label, statement.property)))


def is_nested(node: Term, outer: Term) -> bool:
    """Return whether a node is nested in another, judging by its IRI."""
    return node.startswith(f"{outer[:-1]}/")


def text_of_key(values: Mapping[Term, Term], name: str) -> str:
    """Return the text of a key of a node, or ""."""
    return lexical(values[cq(name)]) if cq(name) in values else ""


def _beside(shown: str, quoted: str) -> str:
    """Return the text with the article's words in brackets, or the words alone."""
    return f"{shown} ({quoted})" if shown and quoted else shown or quoted
