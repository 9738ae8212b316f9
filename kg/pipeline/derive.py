"""Stated facts + ontology/rules/*.rq -> the graph of derived facts, in full or where a change can affect it.

A rule runs after those that it needs, and sees what they derived; it must not read what those derive that come later.
What each rule has derived is kept apart from build to build, so that a rule that a change cannot affect does not run.
See kg/pipeline/rule.py and reads.py for what that is.
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
from kg.project.files import read_text
from kg.project.layout import rule_files
from kg.store.embedded import EmbeddedStore

MOST_DERIVED = 20_000
"""Lines up to which rules that concern no single article run on the store of the last generation. In it they meet what
later rules derived, which takes minutes for 200,000 lines; in memory all rules take seconds."""

Outputs = Mapping[str, Sequence[str]]
"""Rule -> what it derives, each line behind its article, sorted."""


def ordered_rules(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return the rule files of the ontology *folders*, each after those that its header says it needs.

    Raises:
        InputError: a rule needs one that does not exist, or needs itself through others.
    """
    files = rule_files(folders)
    needs = {name: _needs(file) for name, file in files.items()}
    for name, wanted in needs.items():
        for missing in wanted - files.keys():
            raise InputError(
                f"rule {name} needs a rule that does not exist: {missing}", "correct 'needs' in its header"
            )
    try:
        return tuple(files[name] for name in TopologicalSorter(dict(sorted(needs.items()))).static_order())
    except CycleError as error:
        raise InputError(f"rules need one another: {', '.join(error.args[1])}", "correct 'needs'") from error


def _needs(file: Path) -> set[str]:
    header = next((line for line in read_text(file, file.name).splitlines() if line.startswith("#+ needs:")), "")
    return set(re.findall(r"[a-z][a-z0-9-]*", header.removeprefix("#+ needs:")))


def derived_graph(base: str) -> Term:
    """Return the graph of derived facts."""
    return f"<{iri.graph_iri(base, 'derived')}>"


def derived_lines(store: EmbeddedStore, files: Sequence[Path], base: str) -> list[str]:
    """Run the rules on *store* and return the lines of the derived graph, sorted; *store* holds them afterwards.

    Raises:
        InputError: a rule that is not a SPARQL CONSTRUCT query.
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
    """Run all rules on *store*, which holds what they derive afterwards. Raises as `DerivationRule.applied`.

    What a rule derives is *kept*, sorted, before the next one runs.
    """
    outputs: dict[str, Sequence[str]] = {}
    for rule in rules:
        outputs[rule.name] = kept(rule.applied(store, derived_graph(base)))
        store.add_lines(map(line_of, outputs[rule.name]))
    return outputs


@dataclass(slots=True)
class Rederivation:
    """Derived facts that are brought up to date.

    Attributes:
        store: what is stated now, and what was derived before.
        outputs: of the last build; of this one when `run` is done.
        changes: what has changed among stated facts; then also among derived ones.
        gone: lines that are derived no more.
        come: lines that are derived anew.
    """

    store: EmbeddedStore
    outputs: dict[str, Sequence[str]]
    changes: Changes
    gone: set[str] = field(default_factory=set)
    come: set[str] = field(default_factory=set)

    def run(self, rules: Sequence[DerivationRule]) -> bool:
        """Run the rules that the change can affect, each on what it can affect. Raises as `DerivationRule.applied`.

        Returns whether all are done; not if one must run in full on so large a store that all are quicker in memory.
        """
        large = sum(map(len, self.outputs.values())) > MOST_DERIVED
        for rule in rules:
            if self.changes.touches(rule.reads):
                if large and not rule.concerns:
                    return False
                self._run(rule)
        return True

    def patched(self, lines: Sequence[str]) -> Sequence[str]:
        """Return the sorted lines of the derived graph, as they were or with what has changed."""
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
        """Remove what a rule derived that reads what it derives: it must not find its own conclusions."""
        own = {line.split(" ", 2)[1] for line in old}
        if rule.reads is None or not own.isdisjoint(rule.reads):
            self.store.remove_lines(self._unsupported(rule, old))

    def _unsupported(self, rule: DerivationRule, lines: set[str]) -> set[str]:
        """Return those of *lines* that no other rule derives. The IRIs of derivations are of one rule each."""
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
