"""Stated facts + ontology/rules/*.rq -> the graph of derived facts, in full or where a change can affect it.

A rule runs after the rules that it needs, and sees what they derived. It must not read what later rules derive. The
outputs of rules are kept from build to build, by article, so that only those run again that a change can affect, each
on the articles that it can affect. kg/pipeline/concerns.py and reads.py determine which these are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from pathlib import Path

from kg.core import iri
from kg.core.errors import InputError
from kg.core.model import Term
from kg.core.processes import return_memory
from kg.pipeline.changes import Changes
from kg.pipeline.outputs import SORTED_AT_ONCE, Keep, OutputLine, Outputs, in_memory, line_in, outputs_of
from kg.pipeline.portions import Portions, has_term, lines_with
from kg.pipeline.rule import DerivationRule, needs_of, read_rule
from kg.pipeline.stages import Stage, merged, stages
from kg.project.layout import rule_files
from kg.project.state import text_in
from kg.store.embedded import EmbeddedStore, memory_store
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
    store: EmbeddedStore,
    rules: Sequence[DerivationRule],
    base: str,
    keep: Keep = in_memory,
    portions: Portions | None = None,
) -> tuple[Outputs, Sequence[str]]:
    """Run all rules on *store*, add what they derive to it, and return that, with the lines of the derived graph.

    Few lines are in memory at once if *keep* stores them elsewhere. Rules that can be applied to *portions* of the
    articles in *store* are. Raises the same errors as `DerivationRule.applied`.
    """
    graph, ordered = derived_graph(base), list(stages(rules))
    if portions:
        return outputs_of(_InPortions(store, portions, graph, keep).each_derived(ordered), keep)
    return outputs_of(_each_derived(store, merged(ordered).rules, graph), keep)


def _each_derived(store: EmbeddedStore, rules: Sequence[DerivationRule], graph: Term) -> Iterator[str]:
    """Yield the texts of the output of each rule, after it has been added to *store*."""
    for rule in rules:
        with OrderedLines(map(str, rule.applied(store, graph)), SORTED_AT_ONCE) as output:
            store.add_lines(map(line_in, output))
            yield from output


@dataclass(slots=True)
class _InPortions:
    """Applies rules to portions where that is possible.

    Attributes:
        whole: a store with everything.
        portions: all articles.
        graph: the derived graph.
        keep: stores lines.
        shared: derived lines that every portion needs, in parts.
        own: number of a portion -> the lines derived from its articles.
    """

    whole: EmbeddedStore
    portions: Portions
    graph: Term
    keep: Keep
    shared: list[Sequence[str]] = field(default_factory=list)
    own: dict[int, list[Sequence[str]]] = field(default_factory=lambda: defaultdict(list))

    def each_derived(self, ordered: Sequence[Stage]) -> Iterator[str]:
        """Yield the texts of the output of each rule, after it has been added to the whole."""
        for number, stage in enumerate(ordered):
            later = merged(each for each in ordered[number + 1 :] if each.is_local)
            if stage.is_local:
                yield from self._local(stage, later)
            else:
                with OrderedLines(_each_derived(self.whole, stage.rules, self.graph), SORTED_AT_ONCE) as output:
                    self.shared.append(self.keep(lines_with(map(line_in, output), later.reads)))
                    yield from output

    def _local(self, stage: Stage, later: Stage) -> Iterator[str]:
        known = self.keep(chain.from_iterable(self.shared))  # many articles derive the same
        self.shared = [known]
        for number in range(len(self.portions)):
            derived = lines_with(chain(known, *self.own[number]), stage.reads)
            with memory_store(chain(self.portions.lines(number, stage.reads), derived)) as store:
                output = list(self._each_derived(store, stage))
            return_memory()
            lines = list(map(line_in, output))
            self.whole.add_lines(lines)
            self.own[number].append(self.keep(lines_with(lines, later.reads)))
            self.shared.append(self.keep(lines_with(_of_nodes_with(later.everywhere, lines), later.reads)))
            yield from output

    def _each_derived(self, store: EmbeddedStore, stage: Stage) -> Iterator[str]:
        """Yield the texts of the output of each rule, after what later ones of the stage read was added to *store*."""
        for number, rule in enumerate(stage.rules, 1):
            output = sorted(set(map(str, rule.applied(store, self.graph))))
            rest = Stage(stage.rules[number:], is_local=True)
            store.add_lines(lines_with(map(line_in, output), rest.reads))
            yield from output


def _of_nodes_with(terms: frozenset[Term], lines: Sequence[str]) -> Iterator[str]:
    """Yield all lines of each node that has a line with one of *terms*."""
    nodes = {line.partition(" ")[0] for line in lines if has_term(line, terms)} if terms else ()
    return (line for line in lines if line.partition(" ")[0] in nodes)


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
