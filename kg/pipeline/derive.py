"""Stated facts + ontology/rules/*.rq -> the graph of derived facts, in full or where a change can affect it.

A rule runs after those that it needs, and sees what they derived; it must not read what those derive that come later.
What each rule has derived is kept apart from build to build, so that a rule that a change cannot affect does not run.
See kg/pipeline/rule.py and reads.py for what that is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from kg.core import iri
from kg.core.errors import InputError
from kg.core.model import Term
from kg.pipeline.changes import Changes
from kg.pipeline.outputs import OutputLine, Outputs, outputs_of
from kg.pipeline.rule import DerivationRule, read_rule
from kg.project.files import read_text
from kg.project.layout import rule_files
from kg.store.embedded import EmbeddedStore


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
    return derive(store, [read_rule(file, base) for file in files], base)[1]


def derive(store: EmbeddedStore, rules: Sequence[DerivationRule], base: str) -> tuple[Outputs, list[str]]:
    """Run all rules on *store*, which holds what they derive afterwards; return that, and the derived graph's lines.

    Raises as `DerivationRule.applied`.
    """
    outputs: list[OutputLine] = []
    known: set[str] = set()
    for rule in rules:
        found = rule.applied(store, derived_graph(base))
        lines = {each.line for each in found}
        store.add_lines(lines - known)
        known |= lines
        outputs += found
    return outputs_of(outputs), sorted(known)


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
    outputs: Outputs
    changes: Changes
    gone: set[str] = field(default_factory=set)
    come: set[str] = field(default_factory=set)

    def run(self, rules: Sequence[DerivationRule]) -> None:
        """Run the rules that the change can affect, each on what it can affect. Raises as `DerivationRule.applied`."""
        for rule in rules:
            if self.changes.touches(rule.reads):
                self._run(rule)

    def _run(self, rule: DerivationRule) -> None:
        articles = rule.concern.affected(self.changes, self.store) if rule.concern else None
        before = self.outputs.of_articles(rule.name, articles) if rule.concern else self.outputs.of(rule.name)
        hidden = self._retract(rule, before)
        after = rule.applied(self.store, derived_graph(self.changes.base), articles)
        self.store.add_lines(hidden)
        gone, come = self.outputs.exchange(before, after, self.store)
        self.store.remove_lines(gone)
        self.store.add_lines(come)
        self.changes.add(gone | come)
        self.gone, self.come = (self.gone - come) | (gone - self.come), (self.come - gone) | (come - self.gone)

    def _retract(self, rule: DerivationRule, before: Collection[OutputLine]) -> set[str]:
        """Remove what a rule derived that reads what it derives: it must not find its own conclusions. Return that."""
        own = {each.line.split(" ", 2)[1] for each in before}
        if rule.reads is not None and own.isdisjoint(rule.reads):
            return set()
        lines = self.outputs.unsupported(before)
        self.store.remove_lines(lines)
        return lines
