"""One file of ontology/rules -> a rule that can be applied to a store, or to some of its articles. Reads the file.

A rule is a SPARQL CONSTRUCT that yields the derived statement and a cq:Derivation, which names the nodes it came from.
Its header may declare which articles each solution is about, see kg/pipeline/concerns.py. Such a rule is applied again
only to articles that a change can affect.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from kg.core.errors import InputError, KgError
from kg.core.model import Term
from kg.core.terms import TYPE
from kg.pipeline.concerns import ArticleConcern, read_concern, restricted
from kg.pipeline.outputs import OutputLine, about
from kg.project.folders import name_of
from kg.project.settings import DEFAULT_BASE
from kg.project.state import text_in
from kg.questions.reads import predicates_read
from kg.store.canonical import canonical_term
from kg.store.embedded import EmbeddedStore

_PARTS = re.compile(r"\A(.*?)\bCONSTRUCT\s*\{([^{}]*)\}\s*WHERE\s*\{(.*)\Z", re.DOTALL)
_TOKEN = re.compile(r'<[^<>\s]*>|"[^"\\\n]*"|\?\w+|[A-Za-z][\w-]*:[\w-]*|\ba\b|[;,.]')

Pattern = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class DerivationRule:
    """One rule.

    Attributes:
        name: the name of its file.
        text: the SPARQL query, with the graphs of the project.
        reads: the predicates that its answer depends on, None for all.
        concern: the articles that its solutions are about, None if they are about no particular ones.
        needs: the names of the rules whose output it reads.
        writes: the terms of what it derives, None for any.
    """

    name: str
    text: str
    reads: frozenset[Term] | None
    concern: ArticleConcern | None
    needs: frozenset[str] = frozenset()
    writes: frozenset[Term] | None = None

    def may_derive(self, terms: Collection[Term]) -> bool:
        """Return whether it may derive a line with one of *terms* as its predicate or object."""
        return bool(terms) and (self.writes is None or not self.writes.isdisjoint(terms))

    def applied(
        self, store: EmbeddedStore, graph: Term, articles: Collection[Term] | None = None
    ) -> Iterator[OutputLine]:
        """Yield the lines of *graph* that the rule derives from *store*, some of them twice.

        *store* must not change until all are read. A rule with a concern can be limited to *articles*.

        Raises:
            InputError: the rule is not a CONSTRUCT query, or a solution has no article.
        """
        try:
            if self.concern:
                yield from self._by_article(store, graph, self.concern, articles)
            else:
                for triple in store.each_triple(self.text):
                    terms = (canonical_term(term) for term in triple if term)
                    yield OutputLine(self.name, about(()), f"{' '.join(terms)} {graph} .")
        except KgError as error:
            raise InputError(f"rule {self.name}.rq: {error.message}", error.fix) from error

    def _by_article(
        self, store: EmbeddedStore, graph: Term, concern: ArticleConcern, articles: Collection[Term] | None
    ) -> Iterator[OutputLine]:
        parts = _PARTS.match(self.text)
        if not parts:
            raise InputError("a rule with 'concerns' must be CONSTRUCT { … } WHERE { … }", "remove 'concerns'")
        head, template, where = parts.groups()
        patterns = _patterns(template, dict(re.findall(r"PREFIX\s+([\w-]*:)\s*<([^>]*)>", head)))
        terms = {term for pattern in patterns for term in pattern}
        constants = {term: term for term in terms if not term.startswith("?")}
        variables = sorted({*concern.variables, *(terms - constants.keys())})
        insides = [where] if articles is None else [restricted(where, each, articles) for each in concern.variables]
        queries = (f"{head}SELECT DISTINCT {' '.join(variables)} WHERE {{ {inside}" for inside in insides)
        for row in chain.from_iterable(map(store.each_row, queries)):
            known = {name: canonical_term(term) for name, term in zip(variables, row, strict=True) if term}
            named = about(_articles(concern, known))
            for line in _instances(patterns, constants | known, graph):
                yield OutputLine(self.name, named, line)


def read_rule(file: Path, base: str, folders: Sequence[Path]) -> DerivationRule:
    """Read a rule of the ontology *folders* and replace the graphs of the default project by those of *base*.

    Raises:
        InputError: it cannot be read.
    """
    text = text_in(folders, file, file.name).replace(f"<{DEFAULT_BASE}graph/", f"<{base}graph/")
    plain = "".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("#"))
    parts = _PARTS.match(plain)
    reads = predicates_read(f"{parts[1]} ASK {{{parts[3]}" if parts else plain)
    writes = predicates_read(f"{parts[1]} ASK {{{parts[2]}}}") if parts else None
    return DerivationRule(name_of(file), plain, reads, read_concern(text, file.name), needs_of(text), writes)


def needs_of(text: str) -> frozenset[str]:
    """Return the names of the rules that the header of a rule says it needs."""
    header = next((line for line in text.splitlines() if line.startswith("#+ needs:")), "")
    return frozenset(re.findall(r"[a-z][a-z0-9-]*", header.removeprefix("#+ needs:")))


def _articles(concern: ArticleConcern, known: Mapping[str, Term]) -> Sequence[Term]:
    """Return the articles that a solution is about.

    Raises:
        InputError: it does not name them.
    """
    for each in concern.variables:
        if each not in known:
            raise InputError(f"a solution has no {each}", "bind it everywhere, or remove 'concerns'")
    return [known[each] for each in concern.variables]


def _patterns(template: str, prefixes: dict[str, str]) -> Sequence[Pattern]:
    """Return the triples of a template without nested nodes."""
    if _TOKEN.sub("", template).strip():
        raise InputError("its template contains more than names, variables and short texts", "remove 'concerns'")
    patterns: list[Pattern] = []
    subject = predicate = ""
    for token in _TOKEN.findall(template):
        if token in (".", ";", ","):
            subject, predicate = ("" if token == "." else subject), (predicate if token == "," else "")
        elif not subject:
            subject = _term(token, prefixes)
        elif not predicate:
            predicate = _term(token, prefixes)
        else:
            patterns.append((subject, predicate, _term(token, prefixes)))
    return patterns


def _term(token: str, prefixes: dict[str, str]) -> str:
    if token == "a":
        return TYPE
    if token[0] in '<"?':
        return token
    prefix, _, local = token.partition(":")
    return f"<{prefixes[f'{prefix}:']}{local}>"


def _instances(patterns: Sequence[Pattern], known: Mapping[str, Term], graph: Term) -> Iterator[str]:
    for pattern in patterns:
        subject, predicate, value = (known.get(term, "") for term in pattern)
        if value and subject.startswith("<") and predicate.startswith("<"):
            yield f"{subject} {predicate} {value} {graph} ."
