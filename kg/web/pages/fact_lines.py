"""Facts -> lines to read: what, when, in which article, on which words, and how a thing takes part. Reads a store.

What a fact is called, when it was and how it stands is its reading. What else there is to say the ontology decides: a
property is shown by its label, whatever it is. What is nested in a fact and has words of its own (a participation, an
outcome) is a part with a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.core.model import Term
from kg.core.periods import period
from kg.core.terms import CODE, OA, PROV, TYPE, XSD, cq
from kg.core.values import LANG_STRING, datatype, is_iri, language, lexical
from kg.questions.graph import Graph
from kg.questions.reading import PROPERTIES as READING
from kg.questions.reading import Reading, readings
from kg.questions.stories import PROPERTIES as STORY
from kg.questions.when import PROPERTIES as DATES
from kg.questions.words import Words, words_behind
from kg.render.cells import grouped
from kg.web.pages.lexicon import Lexicon
from kg.web.pages.page_queries import said_of

SHOWN_OTHERWISE = frozenset(
    {
        *(TYPE, cq("evidence"), cq("hasText"), cq("text"), cq("textKind"), cq("curation"), cq("original")),
        *(f"<{PROV}wasDerivedFrom>", f"<{OA}hasSource>", f"<{OA}hasSelector>"),
        *(cq("derivedSubject"), cq("derivedObject"), cq("derivedPredicate")),
        *(cq("stage"), cq("occurrence")),
        *READING,
        *DATES,
        *STORY,
    }
)
"""Properties that are no details: machinery, and what the reading of a fact says."""

ONLY_ON_ITS_PAGE = frozenset(map(cq, ("note", "name", "accordingTo")))
TEXTS = (f"{XSD}string", LANG_STRING)
EQUAL = f"<{CODE}comparator/EqualTo>"
DEEPEST = 3
UNSPECIFIED = "/Unspecified>"
"""How codes end that say nothing."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Something named in a line.

    Attributes:
        text: what it is called, or the text of a literal.
        term: the node, "" for a literal.
        language: of a literal, or "".
    """

    text: str
    term: Term = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Detail:
    """A property with its values; *code* if they are entries of code lists."""

    label: str
    values: tuple[Mention, ...]
    code: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """How a thing takes part in a fact: by which property, in one sentence if there is one, and what else is said."""

    label: str
    summary: str = ""
    details: tuple[Detail, ...] = ()
    title: Mention | None = None
    words: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One fact.

    Attributes:
        reading: what it is called, when it was, how it stands.
        kind: its class in words.
        progress: how far the undertaking has come by all articles, in words; "" if that is what this fact says.
        displaced_by: what displaces it, none if it stands.
        parts: how the thing that the page is about takes part.
        details: what else is said of the fact.
        words: what it rests on.
        article: term of the article that reports it.
    """

    reading: Reading
    kind: str
    progress: str = ""
    displaced_by: tuple[Mention, ...] = ()
    parts: tuple[Part, ...] = ()
    details: tuple[Detail, ...] = ()
    words: tuple[Words, ...] = ()
    article: Term = ""


@dataclass(frozen=True, slots=True)
class Pointing:
    """A fact, and the node in it (itself or a nested one) that names a thing by a property."""

    fact: Term
    node: Term
    property: Term


@dataclass(slots=True)
class Described:
    """What was read of some nodes at once: triples, readings of those that are facts, names and words."""

    graph: Graph
    lexicon: Lexicon
    triples: dict[Term, list[tuple[Term, Term]]] = field(default_factory=dict)
    readings: Mapping[Term, Reading] = field(default_factory=dict)
    names: Mapping[Term, str] = field(default_factory=dict)
    words: Mapping[Term, tuple[Words, ...]] = field(default_factory=dict)

    def line(self, fact: Term, pointings: Sequence[Pointing] = (), about: Term = "") -> Line:
        """Return the line of a fact, as shown on the page about the thing *about*."""
        reading = self.readings[fact]
        nodes = dict.fromkeys(pointing.node for pointing in pointings if pointing.node != fact)
        words = [*self.words.get(fact, ()), *(w for node in nodes for w in self.words.get(node, ()))]
        return Line(
            reading=reading,
            kind=self.lexicon.label(reading.type),
            progress=self.progress(reading),
            displaced_by=self.reports(reading.displaced_by),
            parts=tuple(self._part(pointing, about) for pointing in _each_node(pointings)),
            details=self.details(fact, about),
            words=tuple(dict.fromkeys(words)),
            article=self.graph.article_of(fact),
        )

    def progress(self, reading: Reading) -> str:
        """Return the latest stage of an undertaking in words, "" where the fact reports it itself."""
        return self.lexicon.label(reading.latest_stage) if reading.latest_stage else ""

    def reports(self, facts: Iterable[Term]) -> tuple[Mention, ...]:
        """Return facts with the titles of their articles, and articles, as mentions."""
        return tuple(Mention(self._report(fact), fact) for fact in facts)

    def title(self, node: Term) -> Mention:
        """Return what a node is called, or the last part of its IRI."""
        return Mention(self.names.get(node) or local(node), node)

    def details(self, node: Term, about: Term, apart: bool = False) -> tuple[Detail, ...]:
        """Return what is said of a node, entries of code lists first; *apart* shows its notes too."""
        groups: dict[Term, list[Mention]] = {}
        for prop, value in self.triples.get(node, ()):
            if prop in SHOWN_OTHERWISE or value == about or (not apart and prop in ONLY_ON_ITS_PAGE):
                continue
            if self._says_nothing_new(node, value, apart):
                continue
            mention = self._mention(node, value, apart)
            if mention is not None:
                groups.setdefault(prop, []).append(mention)
        made = [
            Detail(
                self.lexicon.label(prop),
                tuple(sorted(values, key=lambda value: (value.text, value.term))),
                all(value.term.startswith(f"<{CODE}") for value in values),
            )
            for prop, values in groups.items()
        ]
        return tuple(sorted(made, key=lambda detail: (not detail.code, detail.label)))

    def _says_nothing_new(self, node: Term, value: Term, apart: bool) -> bool:
        """Tell whether a value stands in the name of a node, or is its date; *apart* a date with a reason is none."""
        if value.endswith(UNSPECIFIED):
            return True
        if not is_iri(value):
            return datatype(value) in TEXTS and lexical(value) in self.names.get(node, "")
        reading = self.readings.get(node)
        is_date = value.startswith(f"{node[:-1]}/") and reading and reading.when and reading.when.source == value
        return bool(is_date) and not (apart and cq("reason") in dict(self.triples.get(value, ())))

    def _report(self, report: Term) -> str:
        """Return what a report is called, and its article; of an article its title."""
        article = self.graph.article_of(report)
        name = self.title(report).text
        return name if article == report else f"{name} ({self.title(article).text})"

    def parts(self, fact: Term) -> tuple[Part, ...]:
        """Return what is nested in a fact and has words of its own or more than one thing to say."""
        found = []
        for prop, node in self.triples.get(fact, ()):
            if prop in SHOWN_OTHERWISE or not node.startswith(f"{fact[:-1]}/") or self._compact(node) is not None:
                continue
            details = self.details(node, "", apart=True)
            named = (v for d in details for v in d.values if v.term and local(v.term) == local(node))
            title = next(named, None) or (Mention(self.names[node], node) if node in self.names else None)
            rest = self._beside(node, details)
            found.append(Part(self.lexicon.label(prop), self._summary(node), rest, title, self.words.get(node, ())))
        return tuple(sorted(found, key=lambda part: (part.label, part.title.text if part.title else "")))

    def _part(self, pointing: Pointing, about: Term) -> Part:
        label, node = self.lexicon.label(pointing.property), pointing.node
        if node == pointing.fact:
            return Part(label)
        return Part(label, self._summary(node), self._beside(node, self.details(node, about)))

    def _summary(self, node: Term) -> str:
        return self.readings[node].summary if node in self.readings else ""

    def _beside(self, node: Term, details: Sequence[Detail]) -> tuple[Detail, ...]:
        """Return the details that the sentence about a node does not give."""
        summary = self._summary(node)
        return tuple(d for d in details if not all(value.text and value.text in summary for value in d.values))

    def _mention(self, node: Term, value: Term, apart: bool = False) -> Mention | None:
        """Return how a value is shown, *apart* with the curator's reason; None for what is nested and has no short
        form."""
        if not is_iri(value):
            text = lexical(value)
            return Mention(period(text, text) if datatype(value) == f"{XSD}date" else text, "", language(value) or "")
        if value.startswith(f"{node[:-1]}/"):
            return self._compact(value, apart)
        if value in self.names:
            return Mention(self._named(node, value), value)
        return Mention(self.lexicon.labels.get(value) or local(value), value)

    def _named(self, node: Term, value: Term) -> str:
        """Return what a value is called, with its article if that is another than the node's."""
        elsewhere = self.graph.article_of(value)
        return self._report(value) if elsewhere and elsewhere != self.graph.article_of(node) else self.names[value]

    def _compact(self, node: Term, apart: bool = False) -> Mention | None:
        """Return a date or a quantity as one text, *apart* with the curator's reason; None for anything else."""
        values = dict(self.triples.get(node, ()))
        written = _text(values, "asWritten")
        quoted = f"“{written}”" if written else ""
        if cq("edtf") in values:
            reason = _text(values, "reason")
            days = period(_text(values, "earliest"), _text(values, "latest"))
            days += " (inferred)" if days and reason else ""
            return Mention(_beside(days, quoted) + (f": {reason}" if apart and reason else ""))
        if cq("comparator") in values:
            return Mention(_beside(self._figure(values), quoted))
        return Mention(written) if written else None

    def _figure(self, values: Mapping[Term, Term]) -> str:
        """Return the comparator, the amounts, the unit and the currency of a quantity."""
        amounts = filter(None, (_text(values, name) for name in ("amount", "lowerAmount", "upperAmount")))
        comparator, currency = (
            self.lexicon.label(values[cq(name)]) if values.get(cq(name), EQUAL) != EQUAL else ""
            for name in ("comparator", "currency")
        )
        parts = (comparator, "–".join(map(grouped, amounts)), _text(values, "unit"), currency)
        return " ".join(filter(None, parts))


def _text(values: Mapping[Term, Term], name: str) -> str:
    return lexical(values[cq(name)]) if cq(name) in values else ""


def _beside(shown: str, quoted: str) -> str:
    """Return what is shown with the article's words in brackets, or the words alone."""
    return f"{shown} ({quoted})" if shown and quoted else shown or quoted


def read(graph: Graph, lexicon: Lexicon, nodes: Iterable[Term], about: Iterable[Term] = ()) -> Described:
    """Return what there is to say of *nodes* and what is nested in them; *about* are named too."""
    wanted = list(dict.fromkeys(nodes))
    found = Described(graph, lexicon, _with_nested(graph, wanted))
    found.readings = readings(graph, found.triples)
    reports = [
        report for reading in found.readings.values() for report in (*reading.other_reports, *reading.displaced_by)
    ]
    mentioned = [o for pairs in found.triples.values() for p, o in pairs if is_iri(o) and p != TYPE]
    reported = (article for node in (*reports, *mentioned) if (article := graph.article_of(node)))
    named = [*found.triples, *about, *reports, *reported, *mentioned]
    found.names = graph.labels(node for node in named if node not in lexicon.labels)
    found.words = words_behind(graph, [*wanted, *(node for node in found.triples if _has_words(found, node))])
    return found


def _with_nested(graph: Graph, nodes: Sequence[Term]) -> dict[Term, list[tuple[Term, Term]]]:
    """Return node -> properties and values, of nodes and of what is nested in them, DEEPEST levels in all."""
    triples: dict[Term, list[tuple[Term, Term]]] = {}
    for _ in range(DEEPEST):
        for s, p, o in said_of(graph, nodes) if nodes else ():
            triples.setdefault(s, []).append((p, o))
        details = ((s, o) for s in nodes for p, o in triples.get(s, ()) if p not in SHOWN_OTHERWISE)
        nodes = [o for s, o in details if o.startswith(f"{s[:-1]}/") and o not in triples]
    return triples


def local(node: Term) -> str:
    """Return the last part of a node's IRI, to call it by when it has no label."""
    return lexical(node).rstrip("/").rpartition("/")[2]


def _has_words(found: Described, node: Term) -> bool:
    return any(p == cq("evidence") for p, _ in found.triples[node])


def _each_node(pointings: Sequence[Pointing]) -> list[Pointing]:
    """Return one pointing for each node and property, those that say more first."""
    return sorted(dict.fromkeys(pointings), key=lambda pointing: (pointing.node == pointing.fact, pointing.node))
