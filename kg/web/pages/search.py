"""A search text -> the things it may mean and the sentences that contain it, as a page; and choices for a field.

Reads a store. If no name matches, the things of the registry with the most similar names are proposed. What several
articles report in the same words is one result, with the other articles beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.core.relations import grouped
from kg.questions.fulltext import Found, FullText, Hit, full_text
from kg.questions.graph import Graph
from kg.questions.lookup import all_names, entity_names
from kg.questions.matches import notes_on
from kg.questions.names import Fits, Match
from kg.questions.reading import FactReading, readings
from kg.questions.words import CitedArticle, citations
from kg.render.terminal import harmless
from kg.web.pages.frame import number_in, page, path, root_of
from kg.web.pages.lexicon import lexicon
from kg.web.pages.paging import Paging
from kg.web.site import Site
from kg.web.snapshot import Snapshot

CHOICES = 10
MOST = 100
LONGEST = 200
"""Most characters of a search text. The rest is ignored."""

PROPOSED = 5
FEW, MANY = 5, 50
"""Results in sentences of a kind beside other results, and sentences on a page of their own."""

AHEAD = 4
"""Sentences to read for each result beside others, as several may be alike."""

Pieces = tuple[tuple[bool, str], ...]
"""A sentence in pieces, each with whether it was searched for."""


@dataclass(frozen=True, slots=True)
class OtherReport:
    """Another fact with the same sentence or name, and its article."""

    reading: FactReading
    article: CitedArticle


@dataclass(frozen=True, slots=True)
class NameHit:
    """A thing with a matching name, and the other reports of the same event or agreement under that name."""

    match: Match
    others: tuple[OtherReport, ...] = ()


@dataclass(frozen=True, slots=True)
class FactHit:
    """A fact whose sentence contains the words: its reading, that sentence, and the other facts with it."""

    reading: FactReading
    pieces: Pieces
    others: tuple[OtherReport, ...] = ()


@dataclass(frozen=True, slots=True)
class TextHit:
    """A sentence of a text that contains the words, its article, and the other articles that have it."""

    article: CitedArticle
    pieces: Pieces
    others: tuple[CitedArticle, ...] = ()


@dataclass(frozen=True, slots=True)
class InSentences:
    """The results in sentences of one kind, a page of them.

    Attributes:
        kind: of the sentences.
        hits: those of this page.
        paging: their place among all, those that are alike counted one by one.
    """

    kind: Found
    hits: tuple[FactHit | TextHit, ...]
    paging: Paging


def search_page(site: Site, request: Request) -> Response:
    """Return the page of everything that matches the search text, or of more sentences of the kind in `within`."""
    typed = request.query_params.get("q", "")[:LONGEST]
    within = next((kind for kind in Found if kind == request.query_params.get("within")), None)
    with site.snapshot() as snapshot:
        matches, near = _matches(snapshot, typed, MOST) if within is None else ([], [])
        notes = notes_on(snapshot.graph, matches)
        index = full_text(snapshot.graph)
        begin = None if within is None else number_in(request, "from")
        kinds = Found if within is None else (within,)
        named = frozenset(match.thing.term for match in matches)
        sentences = [_in_sentences(snapshot.graph, index, typed, kind, begin, named) for kind in kinds] if index else []
        names = _names(snapshot.graph, matches)
    return page(
        site, request, "search.html", typed=typed, names=names, name_count=len(matches), notes=notes, most=MOST,
        near=[NameHit(match) for match in near], within=within,
        sentences=[some for some in sentences if some.hits], searches_texts=index is not None,
    )  # fmt: skip


def _in_sentences(
    graph: Graph, index: FullText, typed: str, kind: Found, begin: int | None, named: Container[Term]
) -> InSentences:
    """Return results in sentences: a page of them from number *begin* on, or if None the first few.

    These leave out facts that are *named* on the page already, if the sentence says no more.
    """
    hits = index.search(typed, kind, MANY if begin is not None else FEW * AHEAD, begin or 0)
    alike = grouped(("".join(text for _, text in hit.pieces), hit) for hit in hits.best)
    hits_of = _text_hits if kind is Found.TEXT else _fact_hits
    made = hits_of(graph, list(alike.values()))
    if begin is not None:
        return InSentences(kind, made, Paging.of(begin, hits.total, MANY))
    new = [hit for hit in made if isinstance(hit, TextHit) or hit.reading.fact not in named or hit.reading.beyond_name]
    total = hits.total - _count(made) + _count(new)
    return InSentences(kind, tuple(new[:FEW]), Paging(0, _count(new[:FEW]), total, FEW))


def _count(results: Sequence[FactHit | TextHit]) -> int:
    """Return how many sentences the results stand for."""
    return sum(1 + len(result.others) for result in results)


def _text_hits(graph: Graph, groups: Sequence[Sequence[Hit]]) -> tuple[TextHit, ...]:
    articles = citations(graph, [hit.term for group in groups for hit in group])
    terms = [list(dict.fromkeys(hit.term for hit in group)) for group in groups]
    return tuple(
        TextHit(articles[first], group[0].pieces, tuple(articles[other] for other in others))
        for group, (first, *others) in zip(groups, terms, strict=True)
    )


def _fact_hits(graph: Graph, groups: Sequence[Sequence[Hit]]) -> tuple[FactHit, ...]:
    """Return a result for each group of facts with the same sentence, by one that still stands if there is any."""
    facts = readings(graph, [hit.term for group in groups for hit in group])
    known = [sorted((facts[hit.term] for hit in group if hit.term in facts), key=_is_gone) for group in groups]
    others = _other_reports(graph, known)
    return tuple(
        FactHit(some[0], group[0].pieces, others[some[0].fact])
        for group, some in zip(groups, known, strict=True)
        if some
    )


def _names(graph: Graph, matches: Sequence[Match]) -> list[NameHit]:
    """Return a result for each match, the reports of one event or agreement together if they have the same name."""
    terms = [match.thing.term for match in matches]
    facts = readings(graph, terms)
    story = {term: fact.story.report for term, fact in facts.items() if fact.story}
    alike = list(grouped(((story.get(m.thing.term, m.thing.term), m.name, m.thing.label), m) for m in matches).values())
    known = [sorted((facts[m.thing.term] for m in some if m.thing.term in facts), key=_is_gone) for some in alike]
    others = _other_reports(graph, known)
    first = [
        next((match for match in some if reports and match.thing.term == reports[0].fact), some[0])
        for some, reports in zip(alike, known, strict=True)
    ]
    return [NameHit(match, others.get(match.thing.term, ())) for match in first]


def _is_gone(reading: FactReading) -> bool:
    return bool(reading.displaced_by)


def _other_reports(graph: Graph, groups: Sequence[Sequence[FactReading]]) -> Mapping[Term, tuple[OtherReport, ...]]:
    """Return the first fact of each group -> the others."""
    articles = citations(graph, sorted({graph.article_of(each.fact) for group in groups for each in group[1:]}))
    return {
        group[0].fact: tuple(OtherReport(each, articles[graph.article_of(each.fact)]) for each in group[1:])
        for group in groups
        if group
    }


def search_choices(site: Site, request: Request) -> Response:
    """Return the best choices for the search text as JSON. `type` restricts them to a class."""
    typed = request.query_params.get("q", "")[:LONGEST]
    with site.snapshot() as snapshot:
        matches, near = _matches(snapshot, typed, CHOICES, request.query_params.get("type", ""))
        notes = {**notes_on(snapshot.graph, matches), **_notes_on_namesakes(snapshot.graph, matches)}
    root = root_of(request)
    return JSONResponse({"results": [_choice(site, some, notes, root) for some in matches or near], "near": bool(near)})


def _matches(snapshot: Snapshot, typed: str, most: int, class_name: str = "") -> tuple[list[Match], list[Match]]:
    """Return the matches, of a class if one is given, and, if there are none, entities with similar names."""
    fits = _of_class(snapshot, class_name)
    matches = all_names(snapshot.graph).fitting(typed, most, fits)
    return matches, [] if matches else entity_names(snapshot.graph).nearest(typed, PROPOSED, fits)


def _of_class(snapshot: Snapshot, name: str) -> Fits:
    classes = set(lexicon(snapshot).below(name))
    if name and not classes:
        raise UsageError(f"the ontology has no class '{name}'")
    return lambda thing: not name or thing.type in classes


def _notes_on_namesakes(graph: Graph, matches: Sequence[Match]) -> Mapping[Term, str]:
    """Return fact -> its notes with its article, for those of *matches* that share their name with another one."""
    names = Counter(match.thing.label for match in matches)
    alike = [match for match in matches if names[match.thing.label] > 1 and graph.fact_of(match.thing.term)]
    articles = citations(graph, sorted({graph.article_of(match.thing.term) for match in alike}))
    return {
        term: " · ".join(filter(None, (note, f"in {articles[graph.article_of(term)].title}")))
        for term, note in notes_on(graph, alike).items()
    }


def _choice(site: Site, match: Match, notes: Mapping[Term, str], root: str) -> dict[str, str]:
    thing = match.thing
    taken_back = " (taken back)" if match.name in thing.taken_back else ""
    hint = notes.get(thing.term, thing.hint)
    shown = {"label": thing.label, "kind": thing.kind, "hint": hint, "name": f"{match.name}{taken_back}"}
    return {
        **{key: harmless(text) for key, text in shown.items()},
        "id": thing.id,
        "at": root + path(site, thing.term),
    }
