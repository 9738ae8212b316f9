"""The graph as a whole -> what the first page shows of it. Reads a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.terms import cq
from kg.core.values import lexical
from kg.questions.curated import findings_of
from kg.questions.question import Query
from kg.web.pages.article_index import IndexedArticle, article_index
from kg.web.pages.lexicon import Lexicon, lexicon
from kg.web.pages.page_queries import counts_by_class, severity_word
from kg.web.pages.stories import StoryEntry, stories
from kg.web.pages.timeline import TimelineEntry, entries_shown
from kg.web.snapshot import Snapshot

COUNTED = (
    ("articles", "Article"),
    ("people", "Person"),
    ("organizations", "Organization"),
    ("places", "Place"),
    ("facilities", "Facility"),
    ("events", "Event"),
    ("agreements", "Agreement"),
    ("statements", "SpeechAct"),
    ("figures", "QuotedStatistic"),
    ("posts", "Tenure"),
)
"""What is counted, and the class of it."""

RECENT = 12
SEVERITIES = ("error", "warning", "remark")


@dataclass(frozen=True, slots=True)
class Home:
    """What the first page shows.

    Attributes:
        counts: what and how many, without what there is none of.
        period: years of the dated events, in words; "" if none has a date.
        recent: the last events that took place, the newest first.
        articles: the newest articles.
        article_count: how many there are.
        findings: word for a severity, gravest first, and how many findings of it the last build had.
        generation: number of the last build, None if unknown.
        quads: of that build, 0 if unknown.
    """

    counts: tuple[tuple[str, int], ...]
    period: str
    recent: tuple[TimelineEntry, ...]
    articles: tuple[IndexedArticle, ...]
    article_count: int
    findings: Mapping[str, int]
    generation: int | None
    quads: int


def home(snapshot: Snapshot) -> Home:
    """Return what the first page shows of this generation; made once."""
    happened = [entry for entry in stories(snapshot).entries if entry.occurred and entry.order]
    words, sources = lexicon(snapshot), article_index(snapshot)
    return snapshot.remembered(
        "home",
        lambda graph: Home(
            counts=_counts(counts_by_class(graph), words),
            period=_period(happened),
            recent=entries_shown(snapshot, happened[: -RECENT - 1 : -1]),
            articles=tuple(sources.values())[:6],
            article_count=len(sources),
            findings=_findings(findings_of(graph)),
            generation=snapshot.manifest.number if snapshot.manifest else None,
            quads=snapshot.manifest.quads if snapshot.manifest else 0,
        ),
    )


def by_tag(queries: Sequence[Query]) -> Mapping[str, Sequence[Query]]:
    """Return tag -> its questions, both sorted; a question stands under its first tag alone."""
    groups: dict[str, list[Query]] = {}
    for query in queries:
        groups.setdefault(query.tags[0] if query.tags else "other", []).append(query)
    return {tag: sorted(groups[tag], key=lambda query: query.title) for tag in sorted(groups)}


def _counts(rows: Sequence[tuple[Term | None, ...]], words: Lexicon) -> tuple[tuple[str, int], ...]:
    numbers = {kind: int(lexical(n)) for kind, n in rows if kind and n}
    found = [
        (title, sum(n for kind, n in numbers.items() if kind == cq(name) or words.is_a(kind, name)))
        for title, name in COUNTED
    ]
    return tuple((title, n) for title, n in found if n)


def _period(happened: Sequence[StoryEntry]) -> str:
    days = [day for entry in happened if entry.when for day in (entry.when.earliest, entry.when.latest)]
    years = [day[:4] for day in days if day]
    first, last = min(years, default=""), max(years, default="")
    return first if first == last else f"{first} to {last}"


def _findings(rows: Sequence[tuple[Term | None, ...]]) -> Mapping[str, int]:
    counted = Counter(severity_word(severity) for _, severity, _, _ in rows if severity)
    return {word: counted[word] for word in SEVERITIES if counted[word]}
