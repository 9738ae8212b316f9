"""Stated facts + ontology/rules/*.rq -> the graph of derived facts, in full or where a change can affect it.

A rule runs after the rules that it needs, and sees what they derived. It must not read what later rules derive. The
outputs of rules are kept from build to build, by article, so that only those run again that a change can affect, each
on the articles that it can affect. kg/pipeline/concerns.py and reads.py determine which these are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from kg.core import iri
from kg.core.errors import InputError
from kg.core.model import Term
from kg.pipeline.changes import Changes
from kg.pipeline.outputs import SORTED_AT_ONCE, Keep, OutputLine, Outputs, in_memory, line_in, outputs_of
from kg.pipeline.rule import DerivationRule, needs_of, read_rule
from kg.pipeline.stages import merged, stages
from kg.project.layout import rule_files
from kg.project.state import text_in
from kg.store.embedded import EmbeddedStore
from kg.store.ordered import OrderedLines

MOST_DERIVED = 500_000
"""The number of output lines up to which a rule about articles is applied again to all of them on the store of the last
generation, with its output before and after in memory. Where there are more, all rules run in full, which needs little
memory."""


def ordered_rules(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Return the rule files of the ontology *folders*, each after those that its header names under `needs`.

    Raises:
        InputError: a rule needs one that does not exist, or needs itself through others.
    """
    files = rule_files(folders)
    needs = {name: needs_of(text_in(folders, file, file.name)) for name, file in files.items()}
    for name, needed in needs.items():
        for missing in needed - files.keys():
            raise InputError(
                f"rule {name} needs a rule that does not exist: {missing}", "correct 'needs' in its header"
            )
    try:
        return tuple(files[name] for name in TopologicalSorter(dict(sorted(needs.items()))).static_order())
    except CycleError as error:
        raise InputError(f"rules need one another: {', '.join(error.args[1])}", "correct 'needs'") from error


def derived_graph(base: str) -> Term:
    """Return the graph of derived facts."""
    return f"<{iri.graph_iri(base, 'derived')}>"


def all_rules(base: str, folders: Sequence[Path]) -> Sequence[DerivationRule]:
    """Return the rules of the ontology *folders* in order. Raises the errors of `ordered_rules` and `read_rule`."""
    return [read_rule(file, base, folders) for file in ordered_rules(folders)]


def derived_lines(store: EmbeddedStore, files: Sequence[Path], base: str, folders: Sequence[Path]) -> Sequence[str]:
    """Run the rules on *store*, add the derived graph to it, and return the sorted lines of that graph.

    Raises:
        InputError: a rule is not a SPARQL CONSTRUCT query.
    """
    return derive(store, [read_rule(file, base, folders) for file in files], base)[1]


def derive(
    store: EmbeddedStore, rules: Sequence[DerivationRule], base: str, keep: Keep = in_memory
) -> tuple[Outputs, Sequence[str]]:
    """Run all rules on *store*, add what they derive to it, and return that, with the lines of the derived graph.

    Few lines are in memory at once if *keep* stores them elsewhere. Raises the same errors as `DerivationRule.applied`.
    """
    return outputs_of(each_derived(store, merged(stages(rules)).rules, derived_graph(base)), keep)


def each_derived(store: EmbeddedStore, rules: Sequence[DerivationRule], graph: Term) -> Iterator[str]:
    """Yield the texts of the output of each rule, after it has been added to *store*."""
    for rule in rules:
        with OrderedLines(map(str, rule.applied(store, graph)), SORTED_AT_ONCE) as output:
            store.add_lines(map(line_in, output))
            yield from output


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
    outputs: Outputs
    changes: Changes
    gone: set[str] = field(default_factory=set)
    come: set[str] = field(default_factory=set)

    def run(self, rules: Sequence[DerivationRule]) -> bool:
        """Run the rules that the change can affect, each on the articles that it can affect.

        Return whether that is complete. It is not if a rule about articles would have to run on all of them, and there
        are many outputs. Raises the same errors as `DerivationRule.applied`.
        """
        are_many = len(self.outputs) > MOST_DERIVED
        for rule in rules:
            if self.changes.touches(rule.reads):
                articles = rule.concern.affected(self.changes, self.store) if rule.concern else None
                if are_many and rule.concern and articles is None:
                    return False
                self._run(rule, articles)
        return True

    def _run(self, rule: DerivationRule, articles: Collection[Term] | None) -> None:
        before = self.outputs.of_articles(rule.name, articles) if rule.concern else self.outputs.of(rule.name)
        hidden = self._retract(rule, before)
        after = set(rule.applied(self.store, derived_graph(self.changes.base), articles))
        self.store.add_lines(hidden)
        gone, come = self.outputs.exchange(before, after, self.store)
        self.store.remove_lines(gone)
        self.store.add_lines(come)
        self.changes.add(gone | come)
        self.gone, self.come = (self.gone - come) | (gone - self.come), (self.come - gone) | (come - self.gone)

    def _retract(self, rule: DerivationRule, before: Collection[OutputLine]) -> set[str]:
        """Remove the output of a rule that reads its own predicates, so that it does not see its own conclusions.

        Return the lines that were removed.
        """
        own = {each.line.split(" ", 2)[1] for each in before}
        if rule.reads is not None and own.isdisjoint(rule.reads):
            return set()
        lines = self.outputs.unsupported(before)
        self.store.remove_lines(lines)
        return lines
