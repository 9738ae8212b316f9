"""Compiled and published articles -> pairs of things that may be the same, as findings (info). Reads stores, no files.

A proposal gives the line to add. Only a curator merges things. Pairs that are declared different (distinctFrom) are not
proposed again. In record linkage, such pairs are called candidates: https://en.wikipedia.org/wiki/Record_linkage
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter

from kg.core.errors import Finding, Place, Severity
from kg.core.model import Term
from kg.core.terms import ATTRIBUTED, CQ, LABEL, REPORTED, TYPE, cq
from kg.core.values import lexical, local_name
from kg.ontology.vocabulary import Vocabulary
from kg.pipeline.accounts import Account, Joined, account, candidates
from kg.pipeline.copies import copies
from kg.planning.rows import Row
from kg.store.embedded import EmbeddedStore

DAYS_BETWEEN_COPIES = 14
"""Days between an article and one of the last generation that may be its copy."""

JOINING = ("sameEventAs", "sameAgreementAs", "continues", "renews", "realizes", "correctsFact", "story")
JOINING_ARTICLES = ("sameReportAs", "corrects", "supersedes")
DISTINCT = ("distinctFrom",)

_PARTIES = "|".join((cq("party"), *(f"{cq('participation')}/{cq(key)}" for key in ("participant", "onBehalfOf"))))
ACCOUNTS_READ = frozenset(
    {TYPE, LABEL}
    | {cq(name) for name in ("occurrence", "stage", "reportedAs", "published", "earliest", "displacedBy", "supersedes")}
    | {cq(name) for name in ("party", "participation", "participant", "onBehalfOf", "whenEarliest", "whenLatest")}
)
"""The predicates that the query for accounts reads."""

FACTS_READ = ACCOUNTS_READ | {cq(name) for name in (*JOINING, *DISTINCT)}
TEXTS_READ = frozenset(cq(name) for name in (*JOINING_ARTICLES, *DISTINCT, "published", "earliest", "text"))
"""The predicates that the queries for facts and for texts read."""

SOME_FACTS = 1_000
"""The number of facts up to which only their links are queried. For more, all links are."""

_ASSERTED = f"{REPORTED}, {ATTRIBUTED}"
_STANDS = (
    f"FILTER NOT EXISTS {{ GRAPH ?newer {{ ?newer {cq('supersedes')} ?article }} }}"
    f" FILTER NOT EXISTS {{ GRAPH ?derived {{ ?fact {cq('displacedBy')} ?displacing }} }}"
)


def proposals(
    store: EmbeddedStore,
    places: Mapping[Term, Place],
    vocabulary: Vocabulary,
    of: frozenset[Term],
    published: EmbeddedStore,
    reports: Iterable[Account],
) -> Iterator[Finding]:
    """Yield proposals for facts and articles that may be the same as others, but are not declared to be.

    Args:
        store: the articles that are checked.
        places: the places of their nodes.
        vocabulary: the vocabulary, which relates classes.
        of: terms of the articles that are checked. The others are in *published*.
        published: the last generation.
        reports: the reports of all articles in it.
    """
    known = list(accounts(store))
    parties = frozenset().union(*(account.parties for account in known))
    known += (each for each in reports if each.article not in of and not parties.isdisjoint(each.parties))
    yield from same_facts([store, published], known, places, vocabulary, of)
    yield from same_texts(store, places, of, published)


# -------- events and agreements


def same_facts(
    stores: Sequence[EmbeddedStore],
    known: Sequence[Account],
    places: Mapping[Term, Place],
    vocabulary: Vocabulary,
    of: frozenset[Term] | None = None,
) -> Iterator[Finding]:
    """Yield proposals for *known* reports that may be of the same thing; of the articles *of* only, None for all."""
    linked = Joined(_links(stores, JOINING, known), _links(stores, DISTINCT, known))
    for one, other in candidates(known, of, linked, _relation(vocabulary)):
        yield _same_thing(one, other, places)


def accounts(store: EmbeddedStore, articles: Collection[Term] | None = None) -> Sequence[Account]:
    """Return the reports of events and agreements in *articles*, None for all."""
    if articles is None:
        return _accounts(store)
    return _accounts(store, f"VALUES ?article {{ {' '.join(sorted(articles))} }}") if articles else ()


def _accounts(store: EmbeddedStore, where: str = "") -> list[Account]:
    rows = store.each_row(
        "SELECT DISTINCT ?fact ?article ?published ?kind ?state ?label ?first ?last ?party {"
        f" {where} GRAPH ?article {{ ?article {TYPE} {cq('Article')} . ?fact {cq('occurrence')}|{cq('stage')} ?state ;"
        f" {TYPE} ?kind ; {LABEL} ?label ; {cq('reportedAs')} ?word ; {_PARTIES} ?party ."
        f" FILTER (?word IN ({_ASSERTED}))"
        f" OPTIONAL {{ ?article {cq('published')}/{cq('earliest')} ?published }} }} {_STANDS}"
        f" OPTIONAL {{ GRAPH ?dated {{ ?fact {cq('whenEarliest')} ?first ; {cq('whenLatest')} ?last }} }}"
        " } ORDER BY ?fact ?party"
    )
    reports = (_account(list(group)) for _, group in groupby(rows, key=itemgetter(0)))
    return [each for each in reports if each.parties]


def _account(rows: Sequence[Row]) -> Account:
    """Return the report that *rows* are about, one for each party."""
    fact, article, published, kind, state, label, first, last, _ = (term or "" for term in rows[-1])
    parties = (party or "" for *_, party in rows)
    # a group defined in the article cannot occur elsewhere
    others = (party for party in parties if not party.startswith(f"{article[:-1]}/"))
    return account(fact, (article, lexical(published), kind, state, *map(lexical, (label, first, last))), others)


def _links(
    stores: Sequence[EmbeddedStore], names: Sequence[str], known: Sequence[Account]
) -> Iterator[tuple[Term, Term]]:
    """Yield the pairs linked by one of the named properties that include one of *known*."""
    facts, path = {account.fact for account in known}, "|".join(map(cq, names))
    if len(facts) > SOME_FACTS:
        where = f"GRAPH ?graph {{ ?one {path} ?other }}"
    else:
        where = (
            f"VALUES ?known {{ {' '.join(sorted(facts))} }}"
            f" {{ GRAPH ?graph {{ ?known {path} ?other }} BIND (?known AS ?one) }} UNION"
            f" {{ GRAPH ?graph {{ ?one {path} ?known }} BIND (?known AS ?other) }}"
        )
    for store in stores if facts else ():
        rows = store.select(f"SELECT DISTINCT ?one ?other {{ {where} }} ORDER BY ?one ?other").rows
        yield from ((one, other) for one, other in rows if one and other and (one in facts or other in facts))


def _relation(vocabulary: Vocabulary) -> Callable[[Term, Term], bool]:
    def related(one: Term, other: Term) -> bool:
        names = [term[1:-1].removeprefix(CQ) for term in (one, other)]
        return vocabulary.is_a(*names) or vocabulary.is_a(*reversed(names))

    return related


def _same_thing(one: Account, other: Account, places: Mapping[Term, Place]) -> Finding:
    what, key = ("agreement", "sameAgreementAs") if one.is_agreement else ("event", "sameEventAs")
    common = sorted(map(_id, one.parties & other.parties))
    shown = " and ".join(filter(None, [", ".join(common[:-1]), common[-1]]))
    when = f", {other.first}" if other.first else ""
    message = f"'{_id(one.fact)}' may be the same {what} as '{_name(other.fact)}' ({other.label}{when}), with {shown}"
    return _finding(one.fact, places, "KG-C040", message, f"{key}: {_name(other.fact)}", _name(other.fact))


def _finding(node: Term, places: Mapping[Term, Place], code: str, message: str, line: str, other: str) -> Finding:
    place = places.get(node, Place("kg.toml"))
    fix = f"if so, add '{line}' here; if not, 'distinctFrom: {other}'"
    return Finding(place, Severity.INFO, code, message, fix, lexical(node))


def _name(node: Term) -> str:
    """Return the reference of a mapping to an article or to a fact of another article."""
    return lexical(node).rpartition("/article/")[2]


def _id(node: Term) -> str:
    return local_name(node)


# -------- articles


def same_texts(
    store: EmbeddedStore,
    places: Mapping[Term, Place],
    of: frozenset[Term] | None = None,
    published: EmbeddedStore | None = None,
) -> Iterator[Finding]:
    """Yield proposals for articles that may be copies: those *of* and all in both stores, None for all in *store*."""
    texts = Texts(store)
    if published is not None and of:
        days = list(filter(None, texts.days.values()))
        texts = Texts(store, others=Texts(published, days)) if days else texts
    stores = [store] if published is None else [store, published]
    linked = Joined(_article_links(stores, JOINING_ARTICLES), _article_links(stores, DISTINCT))
    for copy in copies(texts, of):
        pair = sorted(
            (copy.one, copy.other), key=lambda article: (of is not None and article in of, texts.days[article], article)
        )
        if not linked.settled(*pair):
            first, later = pair
            message = f"the text is that of '{_name(first)}': {copy.share:.0%} of the words of the shorter one"
            yield _finding(later, places, "KG-C041", message, f"sameReportAs: {_name(first)}", _name(first))


class Texts(Mapping[Term, str]):
    """Article -> its text, read when it is needed and not kept.

    Attributes:
        days: article -> its day of publication, "" if unknown.
    """

    def __init__(self, store: EmbeddedStore, near: Sequence[str] = (), others: Texts | None = None) -> None:
        """Find the texts in *store*, restricted to those published near the days *near* if given, and *others*."""
        self._store, self._others = store, others
        self._own = _days(store, near)
        self.days: Mapping[Term, str] = {**others.days, **self._own} if others else self._own

    def __len__(self) -> int:
        return len(self.days)

    def __iter__(self) -> Iterator[Term]:
        return iter(self.days)

    def __getitem__(self, article: Term) -> str:
        if self._others and article not in self._own:
            return self._others[article]
        rows = self._store.select(f"SELECT ?text {{ GRAPH {article} {{ {article} {cq('text')} ?text }} }}").rows
        return lexical(rows[-1][0] or "")


def _days(store: EmbeddedStore, near: Sequence[str] = ()) -> dict[Term, str]:
    """Return each article with a text -> its day of publication, restricted to those published near *near* if given."""
    between = ""
    if near:
        around = timedelta(days=DAYS_BETWEEN_COPIES)
        first, last = date.fromisoformat(min(near)) - around, date.fromisoformat(max(near)) + around
        between = f'FILTER (BOUND(?day) && STR(?day) >= "{first}" && STR(?day) <= "{last}")'
    rows = store.select(
        f"SELECT ?article ?day {{ GRAPH ?article {{ ?article {cq('text')} ?text ."
        f" OPTIONAL {{ ?article {cq('published')}/{cq('earliest')} ?day }} {between} }} }} ORDER BY ?article"
    ).rows
    return {article: lexical(day or "") for article, day in rows if article}


def _article_links(stores: Sequence[EmbeddedStore], names: Sequence[str]) -> Iterator[tuple[Term, Term]]:
    path = "|".join(map(cq, names))
    for store in stores:
        rows = store.select(f"SELECT ?one ?other {{ GRAPH ?one {{ ?one {path} ?other }} }} ORDER BY ?one ?other").rows
        yield from ((one, other) for one, other in rows if one and other)
