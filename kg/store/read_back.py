"""A store that was written and the graphs that it should contain -> how they differ. Reads the store's folder."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from kg.core.model import Term
from kg.store.embedded import EmbeddedStore, open_store
from kg.store.engine_errors import first_sentence
from kg.store.manifest import GraphSummary


def store_problem(path: Path, graphs: Mapping[Term, GraphSummary], quads: int, readers: int = 1) -> str:
    """Return how the store in *path* differs from a total of *quads* and from *graphs*, "" if it does not.

    *readers* threads read it; the engine needs no lock for most of the time.

    Raises:
        InputError: it cannot be opened.
    """
    with open_store(path) as store:
        try:
            if len(store) != quads:
                return f"its store has {len(store)} quads instead of {quads}"
            other = _different_graph(store, graphs, readers)
        except (OSError, RuntimeError) as error:
            return f"its store cannot be read: {first_sentence(error)}"
    return f"its store has different quads in {other}" if other else ""


def _different_graph(store: EmbeddedStore, graphs: Mapping[Term, GraphSummary], readers: int) -> Term | None:
    """Return a graph that differs in the store, None if there is none. The largest are read first."""
    from concurrent.futures import ThreadPoolExecutor  # here, because it takes milliseconds

    left = deque(sorted(graphs.items(), key=lambda each: -each[1].quads))

    def different() -> Term | None:
        with suppress(IndexError):  # none is left
            while True:
                graph, summary = left.popleft()
                if store.graph_digest(graph, summary.quads) != summary.sha256:
                    return graph
        return None

    with ThreadPoolExecutor(readers) as pool:
        others = [pool.submit(different) for _ in range(readers - 1)]
        try:
            return different() or next(filter(None, (other.result() for other in others)), None)
        finally:
            left.clear()  # so that the others end when this one found a difference or is interrupted
