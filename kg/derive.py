"""Published facts + ontology/rules/*.rq -> the graph of derived facts. Reads the rule files.

A rule is a SPARQL CONSTRUCT that yields the derived statement and a cq:Derivation, which names the nodes it came from.
Rules run in the order of their names and see what earlier ones derived.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from kg import iri
from kg.errors import InputError, KgError
from kg.model import Quad
from kg.read import read_text
from kg.store.embedded import EmbeddedStore


def rule_files(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return the rule files of the ontology *folders*, in the order in which they run."""
    files = (file for folder in folders for file in (folder / "rules").glob("*.rq"))
    return tuple(sorted(files, key=lambda file: file.stem))


def derived_lines(store: EmbeddedStore, files: Sequence[Path], base: str) -> list[str]:
    """Run the rules on *store* and return the lines of the derived graph, sorted; *store* holds them afterwards.

    Raises:
        InputError: a rule that is not a SPARQL CONSTRUCT query.
    """
    graph = f"<{iri.graph_iri(base, 'derived')}>"
    lines: set[str] = set()
    for file in files:
        try:
            triples = store.construct(read_text(file, file.name))
        except KgError as error:
            raise InputError(f"rule {file.name}: {error.message}", error.fix) from error
        made = {str(Quad(*triple, graph)) for triple in triples}
        store.add_lines(made - lines)
        lines |= made
    return sorted(lines)
