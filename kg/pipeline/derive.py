"""Published facts + ontology/rules/*.rq -> the graph of derived facts. Reads the rule files.

A rule is a SPARQL CONSTRUCT that yields the derived statement and a cq:Derivation, which names the nodes it came from.
A rule runs after those that it needs, and sees what they derived.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from kg.core import iri
from kg.core.errors import InputError, KgError
from kg.core.model import Quad
from kg.project.files import read_text
from kg.project.layout import rule_files
from kg.project.settings import DEFAULT_BASE
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


def derived_lines(store: EmbeddedStore, files: Sequence[Path], base: str) -> list[str]:
    """Run the rules on *store* and return the lines of the derived graph, sorted; *store* holds them afterwards.

    Raises:
        InputError: a rule that is not a SPARQL CONSTRUCT query.
    """
    graph = f"<{iri.graph_iri(base, 'derived')}>"
    lines: set[str] = set()
    for file in files:
        try:
            triples = store.construct(_rebased(read_text(file, file.name), base))
        except KgError as error:
            raise InputError(f"rule {file.name}: {error.message}", error.fix) from error
        made = {str(Quad(*triple, graph)) for triple in triples}
        store.add_lines(made - lines)
        lines |= made
    return sorted(lines)


def _rebased(text: str, base: str) -> str:
    """Return a rule whose graphs are those of *base*; rule files name them as in the default project."""
    return text.replace(f"<{DEFAULT_BASE}graph/", f"<{base}graph/")
