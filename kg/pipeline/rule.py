"""One file of ontology/rules -> a rule that can be applied to a store, or to some articles of it. Reads the file.

A rule is a SPARQL CONSTRUCT that yields the derived statement and a cq:Derivation, which names the nodes it came from.
Its header may say which articles each solution is about, see kg/pipeline/concerns.py. Such a rule is applied again only
to articles that a change can affect.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.core.errors import InputError, KgError
from kg.core.model import Quad, Term
from kg.core.terms import TYPE
from kg.pipeline.concerns import ArticleConcern, read_concern, restricted
from kg.pipeline.outputs import OutputLine, about
from kg.pipeline.reads import predicates_read
from kg.project.files import read_text
from kg.project.folders import name_of
from kg.project.settings import DEFAULT_BASE
from kg.store.canonical import canonical_term
from kg.store.embedded import EmbeddedStore

_PARTS = re.compile(r"\A(.*?)\bCONSTRUCT\s*\{([^{}]*)\}\s*WHERE\s*\{(.*)\Z", re.DOTALL)
_TOKEN = re.compile(r'<[^<>\s]*>|"[^"\\\n]*"|\?\w+|[A-Za-z][\w-]*:[\w-]*|\ba\b|[;,.]')

Pattern = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class DerivationRule:
    """One rule.

    Attributes:
        name: of its file.
        text: SPARQL, its graphs those of the project.
        reads: predicates that its answer depends on, None for all.
        concern: which articles its solutions are about, None if they are about no particular ones.
    """

    name: str
    text: str
    reads: frozenset[Term] | None
    concern: ArticleConcern | None

    def applied(self, store: EmbeddedStore, graph: Term, articles: Collection[Term] | None = None) -> set[OutputLine]:
        """Return what it derives from *store* in *graph*; of a rule that concerns articles, from some of them.

        Raises:
            InputError: it is no CONSTRUCT query, or a solution has no article.
        """
        try:
            if self.concern:
                return set(self._by_article(store, graph, self.concern, articles))
            triples = store.construct(self.text)
            return {OutputLine(self.name, about(()), str(Quad(*triple, graph))) for triple in triples}
        except KgError as error:
            raise InputError(f"rule {self.name}.rq: {error.message}", error.fix) from error

    def _by_article(
        self, store: EmbeddedStore, graph: Term, concern: ArticleConcern, articles: Collection[Term] | None
    ) -> Iterator[OutputLine]:
        found = _PARTS.match(self.text)
        if not found:
            raise InputError("a rule with 'concerns' must be CONSTRUCT { … } WHERE { … }", "remove 'concerns'")
        head, template, where = found.groups()
        patterns = _patterns(template, dict(re.findall(r"PREFIX\s+([\w-]*:)\s*<([^>]*)>", head)))
        terms = {term for pattern in patterns for term in pattern}
        variables = sorted({*concern.variables, *(term for term in terms if term.startswith("?"))})
        insides = [where] if articles is None else [restricted(where, each, articles) for each in concern.variables]
        for inside in insides:
            for row in store.select(f"{head}SELECT DISTINCT {' '.join(variables)} WHERE {{ {inside}").rows:
                known = {name: canonical_term(term) for name, term in zip(variables, row, strict=True) if term}
                if missing := [each for each in concern.variables if each not in known]:
                    raise InputError(f"a solution has no {missing[0]}", "bind it everywhere, or remove 'concerns'")
                named = about(known[each] for each in concern.variables)
                yield from (OutputLine(self.name, named, line) for line in _instances(patterns, known, graph))


def read_rule(file: Path, base: str) -> DerivationRule:
    """Read a rule, with the graphs of *base* in place of those of the default project.

    Raises:
        InputError: it cannot be read.
    """
    text = read_text(file, file.name).replace(f"<{DEFAULT_BASE}graph/", f"<{base}graph/")
    plain = "".join(line for line in text.splitlines(keepends=True) if not line.lstrip().startswith("#"))
    parts = _PARTS.match(plain)
    reads = predicates_read(f"{parts[1]} ASK {{{parts[3]}" if parts else plain)
    return DerivationRule(name_of(file), plain, reads, read_concern(text))


def _patterns(template: str, prefixes: dict[str, str]) -> Sequence[Pattern]:
    """Return the triples of a template without nested nodes."""
    if _TOKEN.sub("", template).strip():
        raise InputError("its template has more than names, variables and short texts", "remove 'concerns'")
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


def _instances(patterns: Sequence[Pattern], known: dict[str, Term], graph: Term) -> Iterator[str]:
    for pattern in patterns:
        subject, predicate, value = (known.get(term, "") if term[0] == "?" else term for term in pattern)
        if value and subject.startswith("<") and predicate.startswith("<"):
            yield f"{subject} {predicate} {value} {graph} ."
