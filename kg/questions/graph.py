"""A store with the base of its IRIs, and what all its readers need: labels, types, classes. Reads a store.

https://www.w3.org/TR/sparql11-query/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import TypeVar

from kg.core.errors import InputError, UsageError
from kg.core.iri import GRAPH_PREFIX, graph_iri, graph_space
from kg.core.model import Term
from kg.core.relations import grouped
from kg.core.terms import LABEL, SUBCLASS_OF, TYPE, cq
from kg.core.values import is_iri, labels_to_show, lexical, local_name
from kg.ontology.versions import made_key, once_per_version
from kg.project.kept_texts import kept_text
from kg.project.settings import Project
from kg.questions.memo import Memo
from kg.store.generations import Generation, current
from kg.store.protocol import Store

_T = TypeVar("_T")

AT_ONCE = 400
"""How many nodes to name in one query."""

UNIONS = 20
"""How many patterns to unite in one query."""

_LABELS = "all labels"


@dataclass(frozen=True, slots=True)
class Graph:
    """A store and the base of its IRIs.

    Attributes:
        store: to query.
        base: of the project's IRIs.
        memo: a server's cache, only for a store that does not change.
    """

    store: Store
    base: str
    memo: Memo | None = None

    @property
    def ontology(self) -> Term:
        """The named graph of the ontology."""
        return self.named("ontology")

    def named(self, name: str) -> Term:
        """Return the term of one of the project's graphs that hold no article."""
        return named_graph(self.base, name)

    def id(self, iri: Term) -> str:
        """Return the IRI without the base, or all of it if it does not begin with the base."""
        return lexical(iri).removeprefix(self.base) or lexical(iri)

    def article_of(self, node: Term) -> Term:
        """Return the article that a node belongs to, judging by its IRI, or ""."""
        start = f"<{self.base}article/"
        if not node.startswith(start):
            return ""
        end = node.find("/", len(start))
        return node if end < 0 else f"{node[:end]}>"

    def fact_of(self, node: Term) -> Term:
        """Return the fact that a node is or is nested in, "" for a node outside articles."""
        start = f"<{self.base}article/"
        begin = node.find("/", len(start)) if node.startswith(start) else -1
        end = node.find("/", begin + 1)
        if begin < 0 or begin + 2 == len(node):
            return ""
        return node if end < 0 else f"{node[:end]}>"

    def is_part(self, node: Term) -> bool:
        """Return whether a node is nested in a fact, judging by its IRI, and so is found and explained with it."""
        return self.fact_of(node) not in ("", node)

    def subclasses(self, name: str) -> Mapping[Term, str]:
        """Return the class with that local name and all its subclasses, each with its label.

        Raises:
            UsageError: the ontology has no such class.
        """
        return self.once(f"classes below {name}", lambda: self._subclasses(name))

    def once(self, key: str, make: Callable[[], _T]) -> _T:
        """Return the result of *make*, which a server computes only once for each key."""
        return make() if self.memo is None else self.memo.value(key, make)

    def each(
        self, kind: str, nodes: Iterable[Term], find: Callable[[list[Term]], Mapping[Term, _T]]
    ) -> Mapping[Term, _T]:
        """Return the values of one kind that *find* returns for *nodes*, which a server caches."""
        return find(list(nodes)) if self.memo is None else self.memo.each(kind, nodes, find)

    def some_of_each(self, patterns: Mapping[Term, str], most: int) -> list[tuple[Term, Term]]:
        """Return pairs of a key and a `?value` in the pattern of that key, at most *most* per key, unordered."""
        pairs: list[tuple[Term, Term]] = []
        keys = list(patterns)
        for k in range(0, len(keys), UNIONS):
            parts = " UNION ".join(
                f"{{ {{ SELECT ?value WHERE {{ {patterns[key]} }} LIMIT {most} }} BIND ({key} AS ?key) }}"
                for key in keys[k : k + UNIONS]
            )
            rows = self.store.select(f"SELECT ?key ?value WHERE {{ {parts} }}").rows
            pairs += [(key, value) for key, value in rows if key and value]
        return pairs

    def _subclasses(self, name: str) -> Mapping[Term, str]:
        rows = self.store.select(
            f"SELECT DISTINCT ?class ?label WHERE {{ GRAPH {self.ontology} {{"
            f" ?class {SUBCLASS_OF}* {cq(name)} . OPTIONAL {{ ?class {LABEL} ?label }} }} }}"
        ).rows
        labels = {iri: lexical(label) for iri, label in rows if iri}
        if not any(labels.values()):
            raise UsageError(f"the ontology has no class '{name}'", "build again, or correct the header of the query")
        return {iri: label or local_name(iri) for iri, label in labels.items()}

    def types(self, iris: Iterable[Term]) -> Mapping[Term, str]:
        """Return node -> the label of its type, preferring a type that the ontology labels."""
        ranked: dict[Term, tuple[bool, str]] = {}
        for some in portions(iris):
            rows = self.store.select(
                f"SELECT DISTINCT ?node ?type ?label WHERE {{ VALUES ?node {{ {some} }}"
                f" GRAPH ?g {{ ?node {TYPE} ?type }} OPTIONAL {{ GRAPH {self.ontology} {{ ?type {LABEL} ?label }} }} }}"
            ).rows
            for node, kind, label in rows:
                if node and kind:
                    rank = (label is None, lexical(label) if label else local_name(kind))
                    ranked[node] = min(ranked.get(node, rank), rank)
        return {node: text for node, (_, text) in ranked.items()}

    def every_value(self, prop: Term) -> Iterator[tuple[Term, Term]]:
        """Yield node and value of everything with a property, in no order. Reads all graphs."""
        rows = self.store.select(f"SELECT ?node ?value WHERE {{ GRAPH ?g {{ ?node {prop} ?value }} }}").rows
        return ((intern(node), value) for node, value in rows if node and value)

    def all_labels(self) -> Mapping[Term, Sequence[Term]]:
        """Return node -> its labels, for all nodes. A server keeps them until `forget_labels`."""

        return self.once(_LABELS, lambda: grouped(self.every_value(LABEL)))

    def forget_labels(self) -> None:
        """Release all labels."""
        if self.memo is not None:
            self.memo.forget(_LABELS)

    def labels(self, iris: Iterable[Term]) -> Mapping[Term, str]:
        """Return node -> its label, preferably English. Nodes without one are left out."""
        return self.each("label", iris, self._labels)

    def _labels(self, iris: Iterable[Term]) -> Mapping[Term, str]:
        select = "SELECT DISTINCT ?node ?label WHERE {{ VALUES ?node {{ {} }} GRAPH ?g {{ ?node {} ?label }} }}"
        parts = (self.store.select(select.format(some, LABEL)).rows for some in portions(iris))
        return labels_to_show((node, label) for rows in parts for node, label in rows if node and label)


def optional(graph: str, pattern: str) -> str:
    """Return an OPTIONAL with a pattern in a graph, to stand after the block of that graph and not inside it.

    Engines find the nodes of a VALUES first only if the next block has no OPTIONAL. Otherwise they read all of them.
    """
    return f" OPTIONAL {{ GRAPH {graph} {{ {pattern} }} }}"


def named_graph(base: str, name: str) -> Term:
    """Return the term of a graph of the project with that base, or without a name their common namespace."""
    return f"<{graph_iri(base, name)}>" if name else f"<{graph_space(base)}>"


def built(project: Project) -> Generation:
    """Open the current generation of a project. The caller closes it.

    Raises:
        InputError: nothing has been built yet, or the generation is damaged.
    """
    generation = current(project.build)
    if generation is None:
        raise InputError("this project has not been built yet", "run 'kg build'")
    return generation


@contextmanager
def open_graph(project: Project, store: str = "") -> Iterator[Graph]:
    """Open the graph in a store, given by its name in kg.toml or its address. The default is the current generation.

    Raises:
        InputError: as `built`.
        UsageError: there is no store of that name.
        RemoteError: the store does not answer.
    """
    settings = project.store_named(store)
    if settings is None:
        with built(project) as generation, generation.store() as own:
            yield Graph(own, project.base)
        return
    from kg.store.probe import probed
    from kg.store.remote import RemoteStore

    with RemoteStore(probed(settings)[0]) as other:
        yield Graph(other, project.base)


def portions(nodes: Iterable[Term]) -> Iterator[str]:
    """Yield the nodes, each IRI once, as the contents of VALUES blocks of limited length."""
    iris: Sequence[Term] = [node for node in dict.fromkeys(nodes) if is_iri(node)]
    for k in range(0, len(iris), AT_ONCE):
        yield " ".join(iris[k : k + AT_ONCE])


@once_per_version
def prefix_table(folders: Sequence[Path]) -> Mapping[str, str]:
    """Return prefix -> namespace as declared with sh:declare by the ontology in *folders*, sorted.

    Raises:
        InputError: a file that is not Turtle.
    """
    from kg.ontology.load import Index, ontology_triples, prefixes

    return prefixes(Index(ontology_triples(folders)))


def project_prefixes(project: Project) -> Mapping[str, str]:
    """Return what `prefix_table` returns, from the build folder where an earlier run kept it. Raises as that does."""
    if not project.build.is_dir():
        return prefix_table(project.ontology)
    key = made_key(project.ontology, "prefixes", by=("ontology",))
    prefixes: Mapping[str, str] = json.loads(
        kept_text(project.build, key, lambda: json.dumps(dict(prefix_table(project.ontology))))
    )
    return prefixes


def query_prefixes(project: Project) -> Mapping[str, str]:
    """Return the prefixes that a query of a project need not declare: those of the ontology and `graph:`.

    Raises:
        InputError: as `prefix_table`.
    """
    return {**project_prefixes(project), GRAPH_PREFIX: graph_space(project.base)}


def full_iri(text: str, prefixes: Mapping[str, str]) -> str:
    """Return *text* with its prefix expanded if it begins with a known one, else unchanged.

    >>> full_iri("side:Host", {"side": "https://w3id.org/communique/code/side/"})
    'https://w3id.org/communique/code/side/Host'
    """
    prefix, colon, local = text.partition(":")
    return f"{prefixes[prefix]}{local}" if colon and prefix in prefixes and not local.startswith("//") else text
