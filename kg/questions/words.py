"""Nodes -> the sentences that support them and their articles. Reads a store.

A derived node is supported by the words of the nodes it was derived from.
https://www.w3.org/TR/annotation-model/#selectors, https://www.w3.org/TR/prov-o/#wasDerivedFrom
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from kg.core.model import Term
from kg.core.periods import day_in_words
from kg.core.relations import grouped_sets
from kg.core.terms import CODE, LABEL, OA, PROV, cq
from kg.core.values import lexical
from kg.questions.graph import Graph, optional, portions

DEEPEST = 8
"""How many steps a derived fact may be away from a reported one."""


CHOICE = 50
"""How many origins to read if only the first are followed. Sorting them makes the choice independent of the store."""

DERIVED_PART = "/derived/"
"""A part of the IRI of every derived node."""


DIGEST = f"<{CODE}textKind/Digest>"
OUR_SUMMARY = "Our summary, not the article's words"
"""What stands before a passage of a digest wherever it is shown. Only an article's own words are in quotation marks."""

NOT_SHOWN = "(the text may not be shown)"


@dataclass(frozen=True, slots=True)
class Publication:
    """What a citation needs to know.

    Attributes:
        title: its title.
        publisher: label of who published it, or "".
        published: the date as written or as EDTF, or "".
    """

    title: str
    publisher: str = ""
    published: str = ""

    @property
    def day(self) -> str:
        """When it was published, in words, or ""."""
        return day_in_words(self.published)


@dataclass(frozen=True, slots=True)
class Original(Publication):
    """What a digest restates, and how to check that: the article to fetch, and the hash of the file that was read.

    Attributes:
        url: its address, or "".
        sha256: of the file, in hexadecimal, or "".
    """

    url: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class CitedArticle(Publication):
    """The article that words come from. Its title is its own, or that of its original, or its label.

    Attributes:
        iri: its term.
        first: the first day on which it may have been published, "" if unknown.
        last: the last such day.
        original: what it restates if its text is a digest, None if the text is the article's own.
    """

    iri: Term = field(kw_only=True)
    first: str = ""
    last: str = ""
    original: Original | None = None

    @property
    def citation(self) -> str:
        """How to cite it in one line: title, publisher and date, and for a digest the title of the original."""
        title = f"{self.title}, after “{self.original.title}”" if self.original and self.original.title else self.title
        return ", ".join(filter(None, (title, self.publisher, self.day)))


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of an article that supports a node.

    Attributes:
        fact: the node with this evidence: the requested node, or one it was derived from.
        sentence: the whole sentence, "" if the text may not be shown.
        quote: the supporting words in it, "" if the text may not be shown.
        article: where they come from.
    """

    fact: Term
    sentence: str
    quote: str
    article: CitedArticle

    @property
    def text(self) -> str:
        """The sentence as it may be shown: in quotation marks, or marked as our summary, or the reason why not."""
        words = self.sentence or self.quote
        if not words:
            return NOT_SHOWN
        return f"{OUR_SUMMARY}: {words}" if self.article.original else self.in_marks(words)

    def in_marks(self, words: str) -> str:
        """Return some words of the passage, in quotation marks if they are the article's own."""
        return words if self.article.original else f"“{words}”"


def words_behind(graph: Graph, nodes: Iterable[Term], most: int | None = None) -> Mapping[Term, tuple[Passage, ...]]:
    """Return node -> its evidence, by article and place in the text, without entries for nodes that have none.

    A derived node may have evidence in any number of articles: with *most*, at most that many origins are followed at
    each step.
    """
    origins = _origins(graph, list(dict.fromkeys(nodes)), most)
    evidence = _evidence(graph, list(dict.fromkeys(fact for facts in origins.values() for fact in facts)))
    behind = {}
    for node, facts in origins.items():
        entries = {entry for fact in facts for entry in evidence.get(fact, ())}
        placed = sorted(
            entries, key=lambda entry: (entry[0], entry[1].fact)
        )  # several facts may rest on the same words
        behind[node] = tuple({(words.sentence, words.quote, words.article.iri): words for _, words in placed}.values())
    return {node: words for node, words in behind.items() if words}


def derived_from(graph: Graph, nodes: Sequence[Term]) -> Mapping[Term, tuple[Term, ...]]:
    """Return derived node -> the nodes it was derived from directly, sorted."""
    origins_of: dict[Term, list[Term]] = {}
    for some in portions(nodes):
        rows = graph.store.select(
            f"SELECT DISTINCT ?node ?origin WHERE {{ VALUES ?node {{ {some} }}"
            f" GRAPH ?g {{ ?node <{PROV}wasDerivedFrom> ?origin }} }} ORDER BY ?node ?origin"
        ).rows
        for node, origin in rows:
            if node and origin:
                origins_of.setdefault(node, []).append(origin)
    return {node: tuple(origins) for node, origins in origins_of.items()}


def _some_origins(graph: Graph, nodes: Sequence[Term], most: int) -> Mapping[Term, tuple[Term, ...]]:
    """Return derived node -> at most *most* of the nodes it was derived from directly, sorted."""
    patterns = {node: f"GRAPH ?g {{ {node} <{PROV}wasDerivedFrom> ?value }}" for node in nodes if DERIVED_PART in node}
    origins_of = grouped_sets((node, origin) for node, origin in graph.some_of_each(patterns, CHOICE))
    return {node: tuple(sorted(origins)[:most]) for node, origins in origins_of.items()}


def _origins(graph: Graph, nodes: Sequence[Term], most: int | None) -> dict[Term, set[Term]]:
    """Return node -> itself and everything it was derived from, directly or indirectly."""
    behind = {node: {node} for node in nodes}
    known: dict[Term, tuple[Term, ...]] = {}
    for _ in range(DEEPEST):
        new = sorted({node for reached in behind.values() for node in reached} - known.keys())
        if not new:
            break
        direct = derived_from(graph, new) if most is None else _some_origins(graph, new, most)
        known |= {**dict.fromkeys(new, ()), **direct}
        behind = {node: reached | {o for r in reached for o in known.get(r, ())} for node, reached in behind.items()}
    return behind


_Placed = tuple[tuple[str, int, str], Passage]


def _evidence(graph: Graph, facts: Sequence[Term]) -> Mapping[Term, list[_Placed]]:
    """Return fact -> its evidence, each with a sort key by article and place in the text."""
    rows = [row for some in portions(facts) for row in graph.store.select(_evidence_query(some)).rows]
    iris = sorted({row[2] for row in rows if row[2]})
    articles = citations(graph, iris)
    passages: dict[Term, list[_Placed]] = {}
    for fact, evidence, article, sentence, quote, start in rows:
        if fact and evidence and article:
            key = (article, int(lexical(start)) if start else 0, evidence)
            words = Passage(fact, lexical(sentence), lexical(quote), articles[article])
            passages.setdefault(fact, []).append((key, words))
    return passages


def _evidence_query(facts: str) -> str:
    selector = f"?evidence <{OA}hasSelector>/<{OA}"
    patterns = (f"?evidence {cq('sentence')} ?sentence", f"{selector}exact> ?quote", f"{selector}start> ?start")
    further = "".join(optional("?article", pattern) for pattern in patterns)
    return (
        f"SELECT ?fact ?evidence ?article ?sentence ?quote ?start WHERE {{ VALUES ?fact {{ {facts} }}"
        f" GRAPH ?article {{ ?fact {cq('evidence')} ?evidence }}{further} }}"
    )


def _published(*keys: str) -> tuple[str, ...]:
    return tuple(f"{way}{cq('published')}/{cq(key)}" for key in keys for way in ("", f"{cq('original')}/"))


_CITED = {
    "title": (LABEL, cq("title"), f"{cq('original')}/{cq('title')}"),
    "publisher": (cq("publisher"), f"{cq('original')}/{cq('publisher')}"),
    "published": _published("asWritten", "edtf"),
    "first": _published("earliest"),
    "last": _published("latest"),
    "kind": (cq("textKind"),),
}
"""What is shown about an article, and the paths to it. Its original fills the gaps."""


_OF_ORIGINAL = tuple((key, (f"{cq('original')}/{cq(key)}",)) for key in ("title", "publisher", "url", "sha256"))


def citations(graph: Graph, iris: Sequence[Term]) -> Mapping[Term, CitedArticle]:
    """Return article -> how to cite it, which a server caches."""
    return graph.each("article", iris, partial(_articles, graph))


def _articles(graph: Graph, iris: Sequence[Term]) -> dict[Term, CitedArticle]:
    """Return article -> how to cite it."""
    values = {key: _first_values(graph, iris, paths) for key, paths in _CITED.items()}
    names = graph.labels(values["publisher"].values())
    originals = _originals(graph, [iri for iri in iris if values["kind"].get(iri) == DIGEST])
    return {
        iri: CitedArticle(
            _title(graph, iri, values["title"]),
            names.get(values["publisher"].get(iri, ""), ""),
            lexical(values["published"].get(iri)),
            lexical(values["first"].get(iri)),
            lexical(values["last"].get(iri)),
            originals.get(iri),
            iri=iri,
        )
        for iri in iris
    }


def newest_articles(graph: Graph, iris: Sequence[Term]) -> Sequence[Term]:
    """Return articles by the first day on which they may have been published, newest first, then by title."""
    titles, days = (_first_values(graph, iris, _CITED[key]) for key in ("title", "first"))
    by_title = sorted(iris, key=lambda iri: (_title(graph, iri, titles), iri))
    return sorted(by_title, key=lambda iri: lexical(days.get(iri)), reverse=True)


def _title(graph: Graph, iri: Term, titles: Mapping[Term, Term]) -> str:
    return lexical(titles.get(iri)) or graph.id(iri)


def _originals(graph: Graph, digests: Sequence[Term]) -> dict[Term, Original]:
    """Return digest -> what it restates."""
    values = {key: _first_values(graph, digests, paths) for key, paths in _OF_ORIGINAL}
    dates = _first_values(
        graph, digests, [f"{cq('original')}/{cq('published')}/{cq(key)}" for key in ("asWritten", "edtf")]
    )
    names = graph.labels(values["publisher"].values())
    return {
        iri: Original(
            lexical(values["title"].get(iri)),
            names.get(values["publisher"].get(iri, ""), ""),
            lexical(dates.get(iri)),
            lexical(values["url"].get(iri)),
            lexical(values["sha256"].get(iri)),
        )
        for iri in digests
    }


def _first_values(graph: Graph, articles: Sequence[Term], paths: Sequence[str]) -> dict[Term, Term]:
    """Return article -> the least value at the end of the first path that has any.

    Each path has its own query, because engines read whole graphs if one query has several optional paths.
    """
    values: dict[Term, Term] = {}
    for path in paths:
        here: dict[Term, Term] = {}
        for some in portions(article for article in articles if article not in values):
            here_is = f"GRAPH ?article {{ ?article {path} ?value }}"
            query = f"SELECT ?article ?value WHERE {{ VALUES ?article {{ {some} }} {here_is} }}"
            for article, value in graph.store.select(query).rows:
                if article and value:
                    here[article] = min(here.get(article, value), value)
        values |= here
    return values
