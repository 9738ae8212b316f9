"""Portions of articles -> what rules derive: in a store of each portion in memory, or of everything where they must.

What is derived from a portion is stored, for the rules of later stages and for the store of everything, so that few
lines are in memory at once, and that store may still be loaded while portions are searched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from kg.core.model import Term
from kg.core.processes import return_memory
from kg.pipeline.derive import derived_graph, each_derived
from kg.pipeline.outputs import SORTED_AT_ONCE, Keep, Outputs, in_memory, line_in, outputs_of
from kg.pipeline.portions import Portions, has_term, lines_with
from kg.pipeline.rule import DerivationRule
from kg.pipeline.stages import Stage, merged, stages
from kg.store.embedded import EmbeddedStore, memory_store
from kg.store.ordered import OrderedLines


def derive_in_portions(
    portions: Portions,
    whole: Callable[[], EmbeddedStore],
    rules: Sequence[DerivationRule],
    base: str,
    keep: Keep = in_memory,
) -> tuple[Outputs, Sequence[str]]:
    """Run all rules on *portions* or on the *whole*, a store with all of them, add to it what they derive, and return
    that, with the lines of the derived graph.

    *whole* is called when its store is needed. Raises the same errors as `DerivationRule.applied`.
    """
    return outputs_of(_InPortions(portions, whole, derived_graph(base), keep).each_derived(list(stages(rules))), keep)


@dataclass(slots=True)
class _InPortions:
    """Applies rules stage by stage.

    Attributes:
        portions: all articles.
        whole: returns the store with everything.
        graph: the derived graph.
        keep: stores lines.
        own: number of a portion -> what each stage derived from it.
        shared: what was derived that every portion needs, in parts.
    """

    portions: Portions
    whole: Callable[[], EmbeddedStore]
    graph: Term
    keep: Keep
    own: dict[int, list[Sequence[str]]] = field(default_factory=lambda: defaultdict(list))
    shared: list[Sequence[str]] = field(default_factory=list)

    def each_derived(self, ordered: Sequence[Stage]) -> Iterator[str]:
        """Yield the texts of the output of each rule, and add them to the whole."""
        for number, stage in enumerate(ordered):
            later = merged(each for each in ordered[number + 1 :] if each.is_local)
            if stage.is_local:
                yield from self._in_portions(stage, later)
            else:
                with OrderedLines(each_derived(self.whole(), stage.rules, self.graph), SORTED_AT_ONCE) as output:
                    self.shared.append(self.keep(lines_with(map(line_in, output), later.reads)))
                    yield from output

    def _in_portions(self, stage: Stage, later: Stage) -> Iterator[str]:
        known = self.keep(chain.from_iterable(self.shared))  # many articles derive the same
        self.shared = [known]
        for number in range(len(self.portions)):
            others = lines_with(chain(self.portions.everywhere, known, *self.own[number]), stage.reads)
            with memory_store(chain(self.portions.lines(number, stage.reads), others)) as store:
                output = list(self._applied(store, stage, self.portions.elsewhere(number)))
            return_memory()
            derived = list(map(line_in, output))
            self.own[number].append(self.keep(derived))
            self.shared.append(self.keep(lines_with(_of_nodes_with(later.everywhere, derived), later.reads)))
            yield from output
        for stored in self.own.values():
            self.whole().add_lines(stored[-1])

    def _applied(self, store: EmbeddedStore, stage: Stage, elsewhere: Collection[Term]) -> Iterator[str]:
        """Yield the texts of the output of each rule, after what later ones of the stage read was added to *store*.

        Of articles *elsewhere* the store has a few lines, from which nothing is derived of them.
        """
        for number, rule in enumerate(stage.rules, 1):
            entries = (each for each in rule.applied(store, self.graph) if each.about not in elsewhere)
            output = sorted(set(map(str, entries)))
            rest = Stage(stage.rules[number:], is_local=True)
            store.add_lines(lines_with(map(line_in, output), rest.reads))
            yield from output


def _of_nodes_with(terms: frozenset[Term], lines: Sequence[str]) -> Iterator[str]:
    """Yield all lines of each node that has a line with one of *terms*."""
    nodes = {line.partition(" ")[0] for line in lines if has_term(line, terms)} if terms else ()
    return (line for line in lines if line.partition(" ")[0] in nodes)
