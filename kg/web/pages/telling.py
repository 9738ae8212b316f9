"""Facts -> lines to read: what, when, in which article, on which words, and how a thing takes part. Reads a store.

The ontology decides what there is to say: a property is told by its label, whatever it is. What is nested in a fact
and has words of its own (a participation, an outcome) is a part with a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.model import Term
from kg.periods import period
from kg.questions.graph import Graph
from kg.questions.stories import Story, displacing, stories_of
from kg.questions.when import PROPERTIES, When, dates_of
from kg.questions.words import Words, words_behind
from kg.render.cells import grouped
from kg.terms import CODE, LABEL, OA, PROV, REPORTED, TYPE, XSD, cq
from kg.values import datatype, is_iri, language, lexical
from kg.web.pages.asked import article_of, fact_of, said_of
from kg.web.pages.lexicon import Lexicon

MACHINERY = frozenset(
    {
        *(TYPE, LABEL, cq("evidence"), cq("hasText"), cq("text"), cq("textKind"), cq("curation"), cq("original")),
        *(f"<{PROV}wasDerivedFrom>", f"<{OA}hasSource>", f"<{OA}hasSelector>"),
        *(cq("derivedSubject"), cq("derivedObject"), cq("derivedPredicate")),
        *(cq("summary"), cq("attributedTo")),
        *PROPERTIES,
    }
)
"""Properties that are told in another way."""

_NAMING = frozenset({cq("name"), cq("title"), cq("paraphrase"), cq("outcomeText")})


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
    """How a thing takes part in a fact: by which property, and what is said of that."""

    label: str
    details: tuple[Detail, ...] = ()
    title: Mention | None = None
    words: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One fact.

    Attributes:
        fact: its term.
        title: what it is called.
        kind: its class in words.
        type: its class.
        when: the time in words, or "".
        first: the first day of it for sorting, or "".
        parts: how the thing that the page is about takes part.
        details: what else is said of the fact.
        words: what it rests on.
        article: term of the article that reports it.
    """

    fact: Term
    title: Mention
    kind: str
    type: Term
    when: str = ""
    first: str = ""
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
class Telling:
    """What was read of some facts at once: triples, names, days, stories and words."""

    graph: Graph
    lexicon: Lexicon
    triples: dict[Term, list[tuple[Term, Term]]] = field(default_factory=dict)
    names: dict[Term, str] = field(default_factory=dict)
    dates: Mapping[Term, When] = field(default_factory=dict)
    stories: Mapping[Term, Story] = field(default_factory=dict)
    displaced: Mapping[Term, tuple[Term, ...]] = field(default_factory=dict)
    words: Mapping[Term, tuple[Words, ...]] = field(default_factory=dict)

    def line(self, fact: Term, pointings: Sequence[Pointing] = (), about: Term = "") -> Line:
        """Return the line of a fact, as told on the page about the thing *about*."""
        kind = next((o for p, o in self.triples.get(fact, ()) if p == TYPE), "")
        when = self.dates.get(fact)
        nodes = dict.fromkeys(pointing.node for pointing in pointings if pointing.node != fact)
        words = [*self.words.get(fact, ()), *(w for node in nodes for w in self.words.get(node, ()))]
        return Line(
            fact=fact,
            title=self.title(fact),
            kind=self.lexicon.label(kind) if kind else "",
            type=kind,
            when=when.text if when else "",
            first=when.order if when else "",
            parts=tuple(self._part(pointing, about) for pointing in _each_node(pointings)),
            details=self.details(fact, about),
            words=tuple(dict.fromkeys(words)),
            article=article_of(self.graph, fact),
        )

    def title(self, node: Term) -> Mention:
        """Return what a node is called: its label, or what it says of itself in a few words."""
        if node in self.names:
            return Mention(self.names[node], node)
        told = [value.text for detail in self.details(node, "") for value in detail.values if value.term]
        kind = next((self.lexicon.label(o) for p, o in self.triples.get(node, ()) if p == TYPE), "")
        return Mention(": ".join(filter(None, (kind, " – ".join(told[:2])))) or local(node), node)

    def details(self, node: Term, about: Term, apart: bool = False) -> tuple[Detail, ...]:
        """Return what is said of a node, entries of code lists first; *apart* tells its names and notes too."""
        groups: dict[Term, list[Mention]] = {}
        own = self.names.get(node, "")
        for prop, value in self.triples.get(node, ()):
            if (
                prop in MACHINERY
                or value in (about, REPORTED)  # what an article reports in its own voice needs no mark
                or (prop in _NAMING and not apart and lexical(value) == own)
            ):
                continue
            mention = self._mention(node, value, apart)
            if mention is not None and (apart or prop not in (cq("note"), cq("name"))):
                groups.setdefault(prop, []).append(mention)
        groups |= self._story(node, apart)
        made = [
            Detail(
                self.lexicon.label(prop),
                tuple(sorted(values, key=lambda value: (value.text, value.term))),
                all(value.term.startswith(f"<{CODE}") for value in values),
            )
            for prop, values in groups.items()
        ]
        return tuple(sorted(made, key=lambda detail: (not detail.code, detail.label)))

    def _story(self, node: Term, apart: bool) -> dict[Term, list[Mention]]:
        """Return what displaces a fact, and the latest stage of an agreement where it is not the reported one; *apart*
        that always, and the other reports."""
        story, found = self.stories.get(node), {}
        if story and story.latest_stage and (apart or (node, story.latest_stage) not in self._stages(node)):
            found[cq("latestStage")] = [Mention(self.lexicon.label(story.latest_stage), story.latest_stage)]
        if story and apart and (others := [report for report in story.reports if report != node]):
            found[cq("sameStoryAs")] = [Mention(self._report(report), report) for report in others]
        if node in self.displaced:
            found[cq("displacedBy")] = [Mention(self._report(by), by) for by in self.displaced[node]]
        return found

    def _stages(self, node: Term) -> list[tuple[Term, Term]]:
        return [(node, o) for p, o in self.triples.get(node, ()) if p == cq("stage")]

    def _report(self, report: Term) -> str:
        """Return what a report is called, and its article; of an article its title."""
        article = article_of(self.graph, report)
        if article == report:
            return self.names.get(article) or local(article)
        return f"{self.names.get(report) or local(report)} ({self.names.get(article) or local(article)})"

    def parts(self, fact: Term) -> tuple[Part, ...]:
        """Return what is nested in a fact and has words of its own or more than one thing to say."""
        found, naming = [], {self.lexicon.label(name) for name in _NAMING}
        for prop, node in self.triples.get(fact, ()):
            if prop in MACHINERY or not node.startswith(f"{fact[:-1]}/") or self._compact(node) is not None:
                continue
            details = self.details(node, "", apart=True)
            named = (v for d in details for v in d.values if v.term and local(v.term) == local(node))
            said = (detail.values[0] for detail in details if detail.label in naming)
            title = next(named, None) or next(said, None)
            rest = tuple(detail for detail in details if title not in detail.values)
            if details:
                found.append(Part(self.lexicon.label(prop), rest, title, self.words.get(node, ())))
        return tuple(sorted(found, key=lambda part: (part.label, part.title.text if part.title else "")))

    def _part(self, pointing: Pointing, about: Term) -> Part:
        label = self.lexicon.label(pointing.property)
        if pointing.node == pointing.fact:
            return Part(label)
        return Part(label, self.details(pointing.node, about))

    def _mention(self, node: Term, value: Term, apart: bool = False) -> Mention | None:
        """Return how a value is told, *apart* with the curator's reason; None for what is nested and has no short
        form."""
        if not is_iri(value):
            text = lexical(value)
            return Mention(period(text, text) if datatype(value) == f"{XSD}date" else text, "", language(value) or "")
        if value.startswith(f"{node[:-1]}/"):
            return self._compact(value, apart)
        if value in self.names:
            return Mention(self.names[value], value)
        return Mention(self.lexicon.labels.get(value) or local(value), value)

    def _compact(self, node: Term, apart: bool = False) -> Mention | None:
        """Return a date or a quantity as one text, *apart* with the curator's reason; None for anything else."""
        values = dict(self.triples.get(node, ()))
        written = lexical(values[cq("asWritten")]) if cq("asWritten") in values else ""
        if cq("edtf") in values:
            told = period(*(lexical(values.get(cq(name), '""')) for name in ("earliest", "latest")))
            told += " (inferred)" if told and cq("reason") in values else ""
            reason = f": {lexical(values[cq('reason')])}" if apart and cq("reason") in values else ""
            quoted = f"“{written}”" if written else ""
            return Mention((f"{told} ({quoted})" if told and quoted else told or quoted) + reason)
        if cq("comparator") not in values:
            return Mention(written) if written else None
        amounts = [lexical(values[cq(name)]) for name in ("amount", "lowerAmount", "upperAmount") if cq(name) in values]
        unit = [lexical(values[cq("unit")])] if cq("unit") in values else []
        currency = [self.lexicon.label(values[cq("currency")])] if cq("currency") in values else []
        comparator = self.lexicon.label(values[cq("comparator")])
        number = " ".join([comparator, "–".join(map(grouped, amounts)), *unit, *currency])
        return Mention(f"{number} (“{written}”)" if written else number)


def read(graph: Graph, lexicon: Lexicon, nodes: Iterable[Term], about: Iterable[Term] = ()) -> Telling:
    """Return what there is to tell of *nodes* and what is nested in them; *about* are named too."""
    wanted = list(dict.fromkeys(nodes))
    telling = Telling(graph, lexicon)
    new: Sequence[Term] = wanted
    for _ in range(3):
        if not new:
            break
        for s, p, o in said_of(graph, new):
            telling.triples.setdefault(s, []).append((p, o))
        new = [
            o
            for s in new
            for p, o in telling.triples.get(s, ())
            if o.startswith(f"{s[:-1]}/") and o not in telling.triples and p not in MACHINERY
        ]
    facts = [node for node in telling.triples if fact_of(graph, node) == node]
    telling.dates, telling.stories = dates_of(graph, facts), stories_of(graph, facts)
    telling.displaced = displacing(graph, facts)
    reports = [report for story in telling.stories.values() if len(story.reports) > 1 for report in story.reports]
    reports += [by for some in telling.displaced.values() for by in some]
    _name(graph, telling, [*about, *reports, *(article_of(graph, report) for report in reports)])
    telling.words = words_behind(graph, [*wanted, *(node for node in telling.triples if _has_words(telling, node))])
    return telling


def local(node: Term) -> str:
    """Return the last part of a node's IRI, to call it by when it has no label."""
    return lexical(node).rstrip("/").rpartition("/")[2]


def _name(graph: Graph, telling: Telling, about: Iterable[Term]) -> None:
    """Read the labels of all that is mentioned."""
    mentioned = dict.fromkeys(o for pairs in telling.triples.values() for p, o in pairs if is_iri(o) and p != TYPE)
    unknown = [o for o in mentioned if o not in telling.lexicon.labels and o.startswith(f"<{graph.base}")]
    for named, pairs in telling.triples.items():
        told = [o for p, o in pairs if p == LABEL]
        if told:
            telling.names[named] = lexical(min(told, key=lambda o: ((language(o) or "en") != "en", lexical(o))))
    telling.names |= graph.labels([*about, *unknown])


def _has_words(telling: Telling, node: Term) -> bool:
    return any(p == cq("evidence") for p, _ in telling.triples[node])


def _each_node(pointings: Sequence[Pointing]) -> list[Pointing]:
    """Return one pointing for each node and property, those that say more first."""
    return sorted(dict.fromkeys(pointings), key=lambda pointing: (pointing.node == pointing.fact, pointing.node))
