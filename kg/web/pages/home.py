"""The graph as a whole -> the content of the home page. Reads a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.relations import grouped
from kg.questions.evidence_and_findings import findings_of
from kg.questions.graph import Graph
from kg.questions.question import Query
from kg.web.pages.article_index import IndexedArticle, article_index, indexed
from kg.web.pages.catalogue import BrowseList, catalogue
from kg.web.pages.page_queries import severity_word
from kg.web.pages.stories import StoryEntry, stories
from kg.web.pages.timeline import TimelineEntry, entries_shown, undated_shown
from kg.web.pages.undated import UndatedGroup
from kg.web.snapshot import Snapshot

RECENT = 12
SEVERITIES = ("error", "warning", "remark")


@dataclass(frozen=True, slots=True)
class Home:
    """The content of the home page.

    Attributes:
        collections: the sections to browse.
        period: the years of the dated events in words, "" if none has a date.
        recent: the latest events that took place, newest first.
        undated: events that took place on a day that no article gives, the first of them, in groups.
        undated_entries: fact -> its entry, for these.
        undated_count: how many there are.
        articles: the newest articles.
        article_count: the number of articles.
        findings: severity in words, gravest first, and the number of its findings in the last build.
        generation: the number of the last build, None if unknown.
        quads: the quads of that build, 0 if unknown.
    """

    collections: tuple[BrowseList, ...]
    period: str
    recent: tuple[TimelineEntry, ...]
    undated: tuple[UndatedGroup, ...]
    undated_entries: Mapping[Term, TimelineEntry]
    undated_count: int
    articles: tuple[IndexedArticle, ...]
    article_count: int
    findings: Mapping[str, int]
    generation: int | None
    quads: int


def home(snapshot: Snapshot) -> Home:
    """Return the content of the home page for this generation, made once."""
    return snapshot.remembered("home", lambda graph: _home(snapshot, graph))


def _home(snapshot: Snapshot, graph: Graph) -> Home:
    occurred = [entry for entry in stories(snapshot).entries if entry.occurred]
    happened = [entry for entry in occurred if entry.order]
    undated = [entry for entry in occurred if not entry.order]
    collections, sources = catalogue(snapshot).values(), list(article_index(snapshot))
    return Home(
        collections=tuple(sorted(collections, key=lambda collection: collection.reports)),
        period=_period(happened),
        recent=entries_shown(snapshot, happened[: -RECENT - 1 : -1]),
        undated=undated_shown(snapshot, undated[:RECENT]),
        undated_entries={shown.reading.fact: shown for shown in entries_shown(snapshot, undated[:RECENT])},
        undated_count=len(undated),
        articles=indexed(snapshot, sources[:6]),
        article_count=len(sources),
        findings=_findings(findings_of(graph)),
        generation=snapshot.manifest.number if snapshot.manifest else None,
        quads=snapshot.manifest.quads if snapshot.manifest else 0,
    )


def by_tag(queries: Sequence[Query]) -> Mapping[str, Sequence[Query]]:
    """Return tag -> its questions, both sorted. A question is only listed under its first tag."""
    groups = grouped((query.tags[0] if query.tags else "other", query) for query in queries)
    return {tag: sorted(groups[tag], key=lambda query: query.title) for tag in sorted(groups)}


def _period(happened: Sequence[StoryEntry]) -> str:
    days = [day for entry in happened if entry.when for day in (entry.when.earliest, entry.when.latest)]
    years = [day[:4] for day in days if day]
    first, last = min(years, default=""), max(years, default="")
    return first if first == last else f"{first} to {last}"


def _findings(rows: Sequence[tuple[Term | None, ...]]) -> Mapping[str, int]:
    counted = Counter(severity_word(severity) for _, severity, _, _ in rows if severity)
    return {word: counted[word] for word in SEVERITIES if counted[word]}
