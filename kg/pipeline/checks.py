"""Compiled articles + queries/checks/*.rq -> findings across articles. Reads the check files.

A check is a SELECT that must return no rows. Its first column is the node to correct. Its header has `code`,
`severity`, `message` and `fix`, in which `{name}` refers to the row's columns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import chain
from pathlib import Path

from kg.core.errors import Finding, InputError, KgError, Place, Severity
from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.values import lexical
from kg.links.links import Links
from kg.mapping.node_places import NodePlaces
from kg.mapping.read import Scalar
from kg.mapping.record import Parts
from kg.pipeline.accounts import Account
from kg.pipeline.compile import Compiled
from kg.pipeline.concerns import ArticleConcern, query_about, read_concern, whole_header
from kg.pipeline.namesakes import NAMES_READ, namesakes
from kg.pipeline.ontology_graph import ontology_graph
from kg.pipeline.proposals import FACTS_READ, TEXTS_READ, accounts, same_facts, same_texts
from kg.project.folders import name_of
from kg.project.layout import check_files
from kg.project.settings import Project
from kg.project.state import text_in
from kg.questions.reads import predicates_read
from kg.store.embedded import EmbeddedStore, memory_store

UNKNOWN_PLACE = Place("kg.toml")
"""The place of a finding whose node is in no file."""


@dataclass(frozen=True, slots=True)
class Check:
    """One rule across articles: the `severity` of its findings, and the texts of its header."""

    name: str
    path: str
    code: str
    severity: Severity
    message: str
    fix: str
    text: str
    title: str = ""

    @property
    def reads(self) -> frozenset[Term] | None:
        """The predicates that its answer depends on, None for all."""
        return predicates_read(self.text)

    @property
    def concern(self) -> ArticleConcern | None:
        """The articles that its findings are about, None if they are about no particular ones."""
        return read_concern(self.text, self.path)

    def about(self, articles: Collection[Term] | None) -> str:
        """Return its query for some articles only, for all if it concerns no particular ones."""
        return query_about(self.text, self.concern.variables[0], articles) if self.concern and articles else self.text


def read_check(file: Path, shown: str, folders: Sequence[Path]) -> Check:
    """Read one check of the query *folders*.

    Raises:
        InputError: its header lacks a required key.
    """
    text = text_in(folders, file, shown)
    header, _ = whole_header(text, shown)
    entries = header.entries if header else ()
    keys = {entry.key.text: entry.value.text for entry in entries if isinstance(entry.value, Scalar)}
    missing = [key for key in ("code", "severity", "message") if not keys.get(key)]
    if missing or keys["severity"] not in list(Severity):
        wrong = f"lacks {missing[0]}" if missing else f"has an unknown severity: {keys['severity']}"
        raise InputError(
            f"{shown}: the header {wrong}", "a check begins with '#+ code:', '#+ severity:', '#+ message:'"
        )
    severity, message = Severity(keys["severity"]), keys["message"]
    fix, title = keys.get("fix", ""), keys.get("title", message)
    return Check(name_of(file), shown, keys["code"], severity, message, fix, text, title)


@dataclass(frozen=True, slots=True)
class CrossSearch:
    """One search for findings across articles.

    Attributes:
        name: the name of the check, or a name in parentheses for the others.
        reads: the predicates that it reads, None if it may read any.
        find: the function that runs it, on the given articles if it has a concern, or on all.
        concern: the articles that its findings are about, None if they are about no particular ones.
    """

    name: str
    reads: frozenset[Term] | None
    find: Callable[[Collection[Term] | None], Iterable[Finding]]
    concern: ArticleConcern | None = None


def cross_searches(
    project: Project, compiled: Compiled, store: EmbeddedStore, reports: Callable[[], Iterable[Account]]
) -> Iterator[CrossSearch]:
    """Yield all searches on *store*, which contains the compiled files: every check, namesakes, and proposals.

    *reports* returns the reports of events and agreements in it.

    Raises:
        InputError: a check cannot be read.
    """
    places = places_of(compiled)
    for file in check_files(project).values():
        check = read_check(file, project.shown(file), project.queries)
        yield CrossSearch(check.name, check.reads, partial(check_findings, check, store, places), check.concern)
    yield CrossSearch("(namesakes)", NAMES_READ, lambda _: namesakes(store, places))
    yield CrossSearch("(facts)", FACTS_READ, lambda _: same_facts([store], [*reports()], places, compiled.vocabulary))
    yield CrossSearch("(texts)", TEXTS_READ, lambda _: same_texts(store, places))


def cross_findings(project: Project, compiled: Compiled, store: EmbeddedStore) -> tuple[Finding, ...]:
    """Return the findings of all searches on *store*.

    Raises:
        InputError: a check cannot be read or run.
    """
    searches = cross_searches(project, compiled, store, partial(accounts, store))
    return tuple(finding for search in searches for finding in search.find(None))


def places_of(compiled: Compiled) -> Mapping[Term, Place]:
    """Return node -> its place, for all files."""
    return _Places(compiled)


class _Places(Mapping[Term, Place]):
    """Node -> its place, which is looked up in the record of its article, or else in those of the registry."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        self._registry = [record.parts for record in compiled.registry]

    @cached_property
    def _articles(self) -> Mapping[Term, Sequence[Parts]]:
        return grouped((record.graph, record.parts) for record in self._compiled.articles)

    def __len__(self) -> int:
        return sum(map(len, self._files()))

    def __iter__(self) -> Iterator[Term]:
        return chain.from_iterable(self._files())

    def __getitem__(self, node: Term) -> Place:
        for parts in reversed(self._articles.get(_article(node), self._registry)):
            if place := parts.read().places.get(node):
                return place
        raise KeyError(node)

    def _files(self) -> Iterator[NodePlaces]:
        return (parts.read().places for parts in chain(self._registry, *self._articles.values()))


def stated_store(project: Project, compiled: Compiled, links: Links) -> EmbeddedStore:
    """Return a store in memory with all stated facts: the compiled files, the links and the ontology."""
    _, ontology = ontology_graph(project)
    return memory_store(chain((line for r in compiled.records for line in r.lines), map(str, links.quads), ontology))


def elsewhere(findings: Iterable[Finding], articles: Collection[Term]) -> list[Finding]:
    """Return the findings that are not on nodes of *articles*."""
    if not articles:
        return [*findings]
    return [each for each in findings if _article(f"<{each.focus}>") not in articles]


def placed(
    findings: Iterable[Finding], places: Mapping[Term, Place], moved: Collection[str] | None
) -> Iterator[Finding]:
    """Yield findings of an earlier build with the current places of their nodes.

    *moved* are the files that have changed since, None if nodes may also be in other files than before.
    """
    for finding in findings:
        if moved is not None and finding.place.path not in moved and finding.place != UNKNOWN_PLACE:
            yield finding
            continue
        yield replace(finding, place=_place(f"<{finding.focus}>" if finding.focus else "", places))


def check_findings(
    check: Check, store: EmbeddedStore, places: Mapping[Term, Place], articles: Collection[Term] | None = None
) -> Iterator[Finding]:
    """Run one check, on the given *articles* if it concerns articles.

    Raises:
        InputError: it is not a SELECT query.
    """
    try:
        rows = store.select(check.about(articles))
    except KgError as error:
        raise InputError(f"{check.path}: {error.message}", error.fix) from error
    for row in rows.rows:
        values = {name: _word(term) for name, term in zip(rows.variables, row, strict=True)}
        node = row[0] or ""
        place = _place(node, places)
        message, fix = _filled(check.message, values), _filled(check.fix, values)
        yield Finding(place, check.severity, check.code, message, fix, lexical(node))


def _place(node: Term, places: Mapping[Term, Place]) -> Place:
    return places.get(node) or places.get(_article(node)) or UNKNOWN_PLACE


def _word(term: Term | None) -> str:
    if term is None:
        return ""
    return lexical(term).rsplit("/", 1)[-1] if term.startswith("<") else lexical(term)


def _article(node: Term) -> Term:
    """Return the article that a node is in, or something that is none."""
    head, _, rest = node.partition("/article/")
    return f"{head}/article/{rest.rstrip('>').partition('/')[0]}>"


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, word in values.items():
        text = text.replace(f"{{{name}}}", word)
    return text
