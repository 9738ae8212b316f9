"""Portions of articles -> what rules derive: in a store of each portion in memory, or of everything where they must.

What later rules read of what is derived about a portion is stored, so that few lines are in memory at once, and the
store of everything may still be loaded while portions are searched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain, groupby

from kg.core.model import Term
from kg.core.processes import return_memory
from kg.pipeline.derive import derived_graph, each_derived
from kg.pipeline.outputs import SORTED_AT_ONCE, Keep, OutputLine, Outputs, in_memory, line_in, output_line, outputs_of
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
    """Run all rules on *portions* or on the *whole*, a store with all of them, and return what they derive, with the
    lines of the derived graph. What later rules read there is added to the whole.

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
        own: number of a portion -> what each stage derived about its articles that rules of later ones read.
        shared: what was derived that every portion needs, in parts.
    """

    portions: Portions
    whole: Callable[[], EmbeddedStore]
    graph: Term
    keep: Keep
    own: dict[int, list[Sequence[str]]] = field(default_factory=lambda: defaultdict(list))
    shared: list[Sequence[str]] = field(default_factory=list)

    def each_derived(self, ordered: Sequence[Stage]) -> Iterator[str]:
        """Yield the texts of the output of each rule."""
        for number, stage in enumerate(ordered):
            after = ordered[number + 1 :]
            later, of_whole = (merged(each for each in after if each.is_local is local) for local in (True, False))
            yield from self._in_portions(stage, later, of_whole) if stage.is_local else self._in_whole(stage, later)

    def _in_portions(self, stage: Stage, later: Stage, of_whole: Stage) -> Iterator[str]:
        self.whole().rest()
        known = self.keep(chain.from_iterable(self.shared))  # many articles derive the same
        self.shared, for_whole = [known], list[Sequence[str]]()
        for number in range(len(self.portions)):
            others = lines_with(chain(self.portions.everywhere, known, *self.own[number]), stage.reads)
            derived: list[str] = []
            with memory_store(chain(self.portions.lines(number, stage.reads), others)) as store:
                for text in self._applied(store, stage, self.portions.elsewhere(number)):
                    derived.append(line_in(text))
                    yield text
            return_memory()
            self.own[number].append(self.keep(later.readable(derived)))
            for_whole.append(self.keep(of_whole.readable(derived)))
            self._share(derived, later)
        if of_whole.rules:
            self.whole().add_lines(chain.from_iterable(for_whole))
            return_memory()

    def _in_whole(self, stage: Stage, later: Stage) -> Iterator[str]:
        with OrderedLines(each_derived(self.whole(), stage.rules, self.graph), SORTED_AT_ONCE) as output:
            of_all = (each.line for each in map(output_line, output) if not self._portions_of(each))
            self.shared.append(self.keep(later.readable(of_all)))
            with OrderedLines(self._placed(output), SORTED_AT_ONCE) as placed:
                self._share((each.partition(" ")[2] for each in placed), later)
                for number, group in groupby(placed, key=lambda each: each.partition(" ")[0]):
                    lines = (each.partition(" ")[2] for each in group)
                    self.own[int(number)].append(self.keep(later.readable(lines)))
            yield from output

    def _share(self, derived: Iterable[str], later: Stage) -> None:
        """Store the lines about articles that matter to every portion."""
        terms, reads = later.everywhere, later.reads_everywhere
        self.shared.append(self.keep(lines_with((line for line in derived if has_term(line, terms)), reads)))

    def _placed(self, output: Iterable[str]) -> Iterator[str]:
        """Yield each line about articles, preceded by the number of each portion that has one of them."""
        for each in map(output_line, output):
            for number in self._portions_of(each):
                yield f"{number:09} {each.line}"

    def _portions_of(self, line: OutputLine) -> AbstractSet[int]:
        """Return the portions with the articles that a line is about, none if it is about graphs of no article."""
        return {self.portions.number_of[article] for article in line.articles if article in self.portions.number_of}

    def _applied(self, store: EmbeddedStore, stage: Stage, elsewhere: Collection[Term]) -> Iterator[str]:
        """Yield the texts of the output of each rule, after what later ones of the stage read was added to *store*.

        Of articles *elsewhere* the store has a few lines, from which nothing is derived of them.
        """
        for number, rule in enumerate(stage.rules, 1):
            entries = (each for each in rule.applied(store, self.graph) if each.about not in elsewhere)
            output = sorted(set(map(str, entries)))
            rest = Stage(stage.rules[number:], is_local=True)
            store.add_lines(rest.readable(map(line_in, output)))
            yield from output
