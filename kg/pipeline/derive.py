"""Stated facts + ontology/rules/*.rq -> the graph of derived facts, in full or where a change can affect it.

A rule runs after the rules that it needs, and sees what they derived. It must not read what later rules derive. The
output of each rule is kept from build to build, so that rules that a change cannot affect need not run again.
kg/pipeline/rule.py and reads.py determine what a change can affect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from kg.core import iri
from kg.core.errors import InputError
from kg.core.model import Term
from kg.core.terms import TYPE, cq
from kg.pipeline.changes import Changes
from kg.pipeline.rule import DerivationRule, article_of, line_of, read_rule
from kg.project.layout import rule_files
from kg.project.state import text_in
from kg.store.embedded import EmbeddedStore

MOST_DERIVED = 20_000
"""The number of derived lines up to which rules that are not about single articles run on the store of the last
generation. There, they also see what later rules derived, which takes minutes for 200,000 lines. In memory, all rules
take seconds."""

Outputs = Mapping[str, Sequence[str]]
"""Rule -> the lines that it derives, sorted, each preceded by its article."""


def ordered_rules(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Return the rule files of the ontology *folders*, each after those that its header names under `needs`.

    Raises:
        InputError: a rule needs one that does not exist, or needs itself through others.
    """
    files = rule_files(folders)
    needs = {name: _needs(text_in(folders, file, file.name)) for name, file in files.items()}
    for name, needed in needs.items():
        for missing in needed - files.keys():
            raise InputError(
                f"rule {name} needs a rule that does not exist: {missing}", "correct 'needs' in its header"
            )
    try:
        return tuple(files[name] for name in TopologicalSorter(dict(sorted(needs.items()))).static_order())
    except CycleError as error:
        raise InputError(f"rules need one another: {', '.join(error.args[1])}", "correct 'needs'") from error


def _needs(text: str) -> set[str]:
    header = next((line for line in text.splitlines() if line.startswith("#+ needs:")), "")
    return set(re.findall(r"[a-z][a-z0-9-]*", header.removeprefix("#+ needs:")))


def derived_graph(base: str) -> Term:
    """Return the graph of derived facts."""
    return f"<{iri.graph_iri(base, 'derived')}>"


def derived_lines(store: EmbeddedStore, files: Sequence[Path], base: str) -> list[str]:
    """Run the rules on *store*, add the derived graph to it, and return the sorted lines of that graph.

    Raises:
        InputError: a rule is not a SPARQL CONSTRUCT query.
    """
    return plain_lines(derive(store, [read_rule(file, base) for file in files], base))


def plain_lines(outputs: Outputs) -> list[str]:
    """Return the lines of the derived graph, sorted."""
    return sorted({line_of(each) for output in outputs.values() for each in output})


def derive(
    store: EmbeddedStore,
    rules: Sequence[DerivationRule],
    base: str,
    kept: Callable[[Iterable[str]], Sequence[str]] = lambda lines: sorted(set(lines)),
) -> Outputs:
    """Run all rules on *store* and add what they derive to it. Raises the same errors as `DerivationRule.applied`.

    What a rule derives is *kept*, sorted, before the next one runs.
    """
    outputs: dict[str, Sequence[str]] = {}
    for rule in rules:
        outputs[rule.name] = kept(rule.applied(store, derived_graph(base)))
        store.add_lines(map(line_of, outputs[rule.name]))
    return outputs


@dataclass(slots=True)
class Rederivation:
    """Updates derived facts after a change.

    Attributes:
        store: the facts stated now, and those derived before.
        outputs: the outputs of the last build, and after `run` those of this build.
        changes: the changes to stated facts, and during `run` also those to derived facts.
        gone: lines that are no longer derived.
        come: lines that are newly derived.
    """

    store: EmbeddedStore
    outputs: dict[str, Sequence[str]]
    changes: Changes
    gone: set[str] = field(default_factory=set)
    come: set[str] = field(default_factory=set)

    def run(self, rules: Sequence[DerivationRule]) -> bool:
        """Run the rules that the change can affect, each on the articles concerned.

        Return whether that is complete. It is not if one rule would have to run in full on a store so large that
        running all rules in memory is faster. Raises the same errors as `DerivationRule.applied`.
        """
        large = sum(map(len, self.outputs.values())) > MOST_DERIVED
        for rule in rules:
            if self.changes.touches(rule.reads):
                if large and not rule.concerns:
                    return False
                self._run(rule)
        return True

    def patched(self, lines: Sequence[str]) -> Sequence[str]:
        """Return the sorted *lines* of the derived graph with the changes applied."""
        if not self.gone and not self.come:
            return lines
        return sorted(self.come.union(lines) - self.gone)

    def _run(self, rule: DerivationRule) -> None:
        graph, before = derived_graph(self.changes.base), list(self.outputs[rule.name])
        old = {line_of(each) for each in before}
        if rule.concerns and not self.changes.everywhere:
            articles = self.changes.articles(self.store)
            after = {each for each in before if article_of(each) not in articles}
            after.update(rule.applied(self.store, graph, articles))
        else:
            self._retract(rule, old)
            after = set(rule.applied(self.store, graph))
        new = {line_of(each) for each in after}
        gone = self._unsupported(rule, old - new)
        self.store.remove_lines(gone)
        self.store.add_lines(new)
        self.outputs[rule.name] = sorted(after)
        self._note(gone, new - old)

    def _retract(self, rule: DerivationRule, old: set[str]) -> None:
        """Remove the output of a rule that reads its own predicates, so that it does not see its own conclusions."""
        own = {line.split(" ", 2)[1] for line in old}
        if rule.reads is None or not own.isdisjoint(rule.reads):
            self.store.remove_lines(self._unsupported(rule, old))

    def _unsupported(self, rule: DerivationRule, lines: set[str]) -> set[str]:
        """Return those of *lines* that no other rule derives. The IRI of a derivation belongs to only one rule."""
        marker = f" {cq('byRule')} "
        own = {line.partition(" ")[0] for line in lines if marker in line or f" {TYPE} {cq('Derivation')} " in line}
        shared = {line for line in lines if line.partition(" ")[0] not in own}
        if shared:
            for name, output in self.outputs.items():
                if name != rule.name:
                    shared.difference_update(map(line_of, output))
        return {line for line in lines if line.partition(" ")[0] in own} | shared

    def _note(self, gone: set[str], come: set[str]) -> None:
        self.changes.add(gone)
        self.changes.add(come)
        self.gone = (self.gone - come) | (gone - self.come)
        self.come = (self.come - gone) | (come - self.gone)
