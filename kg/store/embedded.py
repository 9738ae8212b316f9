"""An Oxigraph store, on disk or in memory -> answers in our types. Reads the store's folder and never writes to it.

Graph names and terms are canonical N-Triples text, which is how Oxigraph prints them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from kg.core.closing import Closing
from kg.core.errors import InputError, UsageError
from kg.core.model import Quad, Term
from kg.core.processes import return_memory
from kg.planning.pages import Counts, PageReader
from kg.planning.row_by_row import HEADER, row_by_row
from kg.planning.row_order import in_order, selected, with_sort_columns, without_order
from kg.planning.rows import AnswerPage, Row, Rows
from kg.store.documents import document
from kg.store.engine_errors import first_sentence, guarded
from kg.store.lines import lines_digest, triples_digest
from kg.store.ordered import OrderedLines
from kg.store.protocol import NO_TRIPLE_TERM, StoreAnswer, Triple

if TYPE_CHECKING:
    import pyoxigraph

    from kg.store.locks import Hold

    _EngineTerm = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple

_PORTION = 50_000  # lines that are added at once
_ROWS = 1_000  # solutions that are fetched at once
BULK = 10_000
"""The number of lines from which writing new table files takes less time than adding to the table in memory."""


class EmbeddedStore(Closing):
    """An open Oxigraph store that implements the protocol `Store`. Close it, or use it in a `with` block.

    Attributes:
        path: its folder, or None for a store in memory.
    """

    def __init__(self, engine: pyoxigraph.Store | None, hold: Hold | None = None, path: Path | None = None) -> None:
        self._engine = engine
        self.path = path
        self._hold = hold  # keeps a generation's folder from being removed while we read it
        self._counts = Counts()

    def __len__(self) -> int:
        return len(self.engine)

    @property
    def engine(self) -> pyoxigraph.Store:
        """The engine itself, for the modules of kg/store/ only.

        Raises:
            ValueError: the store is closed.
        """
        if self._engine is None:
            raise ValueError("the store is closed")
        return self._engine

    def answer(self, query: str, limit: int | None = None) -> StoreAnswer:
        """Return the answer to a query of any form, with at most *limit* rows or triples.

        Raises:
            UsageError: it does not parse.
            EndpointError: the engine failed.
        """
        if HEADER in query:
            with suppress(UsageError):  # an error has to show its place in the query as it is
                answer = self._in_order(row_by_row(with_sort_columns(query)), limit)
                rows = answer.value
                return replace(answer, value=selected(rows, query)) if isinstance(rows, Rows) else answer
        return self._in_order(query, limit)

    def page(self, query: str, start: int, most: int) -> AnswerPage | None:
        """Return at most *most* rows of a canned question from number *start* on, or all if they are few.

        None if that takes as much as the whole answer. Raises as `answer`.
        """
        if HEADER in query:
            with suppress(UsageError):  # an error has to show its place in the query as it is
                return PageReader(self._in_any_order, self._counts).page_or_all(query, start, most)
        return None

    def _in_order(self, query: str, limit: int | None) -> StoreAnswer:
        simple = without_order(query)
        if simple is not None:
            unordered, conditions = simple
            answer = guarded(query, lambda: _answer(self.engine.query(unordered), limit))
            ordered = in_order(answer.value, conditions) if isinstance(answer.value, Rows) and not answer.cut else None
            if ordered is not None:
                return StoreAnswer(ordered)
        return guarded(query, lambda: _answer(self.engine.query(query), limit))

    def _in_any_order(self, query: str, limit: int | None = None) -> Rows:
        answer = guarded(query, lambda: _answer(self.engine.query(query), limit))
        return answer.value if isinstance(answer.value, Rows) else _wrong_form("SELECT")

    def document(
        self,
        query: str,
        media: str,
        prefixes: Mapping[str, str],
        limits: tuple[int, int],
        dataset: tuple[Sequence[str], Sequence[str]] | None = None,
        base: str | None = None,
    ) -> bytes:
        """Return the answer as a document of the media type *media*, see kg/store/documents.py.

        *limits* are the maximum numbers of rows and of bytes. *dataset* gives the IRIs of the default graphs and of the
        named graphs, which replace all graphs and the query's own FROM. Graphs are never fetched: unknown ones are
        empty. Relative IRIs are resolved against *base*, or refused if there is none.

        Raises:
            UsageError: it does not parse, the dataset contains an invalid IRI, or the format does not suit the query.
            EndpointError: the engine failed, or a limit is reached.
        """
        options: dict[str, Any] = {"base_iri": base, **(_dataset(*dataset) if dataset else {})}
        return guarded(query, lambda: document(self.engine.query(query, **options), media, prefixes, *limits))

    def select(self, query: str) -> Rows:
        """Return the rows of a SELECT query."""
        value = self.answer(query).value
        return value if isinstance(value, Rows) else _wrong_form("SELECT")

    def each_row(self, query: str) -> Iterator[Row]:
        """Yield the rows of a SELECT query while they are found. Raises as `answer`, also after some rows."""
        return self._each(query, "SELECT")

    def each_triple(self, query: str) -> Iterator[Row]:
        """Yield the triples of a CONSTRUCT while they are found. Constants keep the spelling of the query."""
        return self._each(query, "CONSTRUCT")

    def _each(self, query: str, form: str) -> Iterator[Row]:
        from pyoxigraph import QuerySolutions, QueryTriples

        result = guarded(query, lambda: self.engine.query(query))
        if not isinstance(result, QuerySolutions if form == "SELECT" else QueryTriples):
            _wrong_form(form)
        while solutions := guarded(query, lambda: list(islice(result, _ROWS))):
            yield from _rows(solutions)

    def ask(self, query: str) -> bool:
        """Return the answer to an ASK query."""
        value = self.answer(query).value
        return value if isinstance(value, bool) else _wrong_form("ASK")

    def construct(self, query: str) -> tuple[Triple, ...]:
        """Return the triples of a CONSTRUCT or DESCRIBE, sorted, without duplicates."""
        value = self.answer(query).value
        return value if isinstance(value, tuple) else _wrong_form("CONSTRUCT or DESCRIBE")

    def graphs(self) -> Mapping[Term, int]:
        """Return named graph -> its number of quads, sorted by name."""
        rows = self.select("SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g").rows
        return {g: int(n.split('"')[1]) for g, n in sorted((str(g), str(n)) for g, n in rows)}

    def graph_digest(self, graph: Term, quads: int) -> str:
        """Return the SHA-256 of the sorted lines of one graph, which should have as many *quads*."""
        from pyoxigraph import NamedNode, RdfFormat

        if quads <= _PORTION:  # the engine writes lines faster than we can
            text = self.engine.dump(format=RdfFormat.N_TRIPLES, from_graph=NamedNode(graph[1:-1]))
            return triples_digest(text or b"", graph)
        with OrderedLines(self.graph_lines(graph)) as lines:
            return lines_digest(lines)

    def graph_size(self, graph: Term) -> int:
        """Return the number of quads of one graph."""
        [(number,)] = self.select(f"SELECT (COUNT(*) AS ?n) {{ GRAPH {graph} {{ ?s ?p ?o }} }}").rows
        return int(str(number).split('"')[1])

    def quads(self) -> Iterator[Quad]:
        """Yield every quad of every named graph, in no particular order."""
        from pyoxigraph import DefaultGraph

        for quad in self.engine:
            if not isinstance(quad.graph_name, DefaultGraph):
                yield Quad(str(quad.subject), str(quad.predicate), str(quad.object), str(quad.graph_name))

    def graph_lines(self, graph: Term) -> Iterator[str]:
        """Yield the N-Quads lines of one graph, in no order."""
        from pyoxigraph import NamedNode

        quads = self.engine.quads_for_pattern(None, None, None, NamedNode(graph[1:-1]))
        return (f"{quad} ." for quad in quads)

    def add_lines(self, lines: Iterable[str]) -> None:
        """Add the quads of N-Quads lines to a store in memory, or to a draft.

        Raises:
            ValueError: a line is not N-Quads.
        """
        rest = iter(lines)
        while portion := "".join(f"{line}\n" for line in islice(rest, _PORTION)):
            self.add_text(portion.encode(), as_tables=self.path is not None and portion.count("\n") >= BULK)

    def add_text(self, text: bytes | IO[bytes], *, as_tables: bool = False) -> None:
        """Add the quads of an N-Quads document, which may be a file, to the table in memory, or *as_tables* on disk.

        Only a store on disk has its IRIs validated. Raises the same errors as `add_lines`, and those of the file.
        """
        import pyoxigraph

        load = self.engine.bulk_load if as_tables else self.engine.load
        try:
            load(text, format=pyoxigraph.RdfFormat.N_QUADS, lenient=self.path is None)
        except SyntaxError as error:
            raise ValueError(str(error)) from error

    def remove_lines(self, lines: Iterable[str]) -> None:
        """Remove the quads of N-Quads lines from a store in memory, or from a draft."""
        for _, quad in _parsed(lines):
            self.engine.remove(quad)

    def altered(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield those of the N-Quads *lines* that the store returns in another form, or not at all."""
        for line, quad in _parsed(lines):
            given = self.engine.quads_for_pattern(quad.subject, quad.predicate, quad.object, quad.graph_name)
            if [f"{each} ." for each in given] != [line]:
                yield line

    def present(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield those of the N-Quads *lines* whose quads the store contains."""
        return (line for line, quad in _parsed(lines) if quad in self.engine)

    def rest(self) -> None:
        """Free what the engine keeps of a draft's tables in memory, up to 300 MB, by opening the draft again.

        No rows are being read then, and a store in memory stays as it is.
        """
        import pyoxigraph

        if self.path:
            self.engine.flush()
            self._engine = None  # closes it, so that it can be opened
            self._engine = pyoxigraph.Store(str(self.path))
            return_memory()

    def close(self) -> None:
        """Close the store and allow its folder to be removed."""
        self._engine = None
        if self._hold:
            self._hold.close()


def _parsed(lines: Iterable[str]) -> Iterator[tuple[str, pyoxigraph.Quad]]:
    import pyoxigraph

    known = list(lines)
    text = "".join(f"{line}\n" for line in known).encode()
    return zip(known, pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_QUADS), strict=True)


def open_store(path: Path, hold: Hold | None = None) -> EmbeddedStore:
    """Open the store in the folder *path* for reading only.

    Raises:
        InputError: there is no store, or it is damaged.
    """
    import pyoxigraph

    try:
        return EmbeddedStore(pyoxigraph.Store.read_only(str(path)), hold, path)
    except (OSError, RuntimeError) as error:
        problem = f"cannot open the store in {path}: {first_sentence(error)}"
        raise InputError(problem, "go back with 'kg rollback', or rebuild with 'kg build --full'") from error


def memory_store(lines: Iterable[str]) -> EmbeddedStore:
    """Return a store in memory with the quads of N-Quads lines.

    Raises:
        ValueError: a line is not N-Quads.
    """
    store = memory_store_of(())
    store.add_lines(lines)
    return store


def memory_store_of(texts: Iterable[IO[bytes]]) -> EmbeddedStore:
    """Return the same for N-Quads documents."""
    import pyoxigraph

    store = EmbeddedStore(pyoxigraph.Store())
    for text in texts:
        store.add_text(text)
    return store


def _dataset(default: Sequence[str], named: Sequence[str]) -> dict[str, list[pyoxigraph.NamedNode]]:
    from pyoxigraph import NamedNode

    try:
        return {"default_graph": list(map(NamedNode, default)), "named_graphs": list(map(NamedNode, named))}
    except ValueError as error:
        raise UsageError(
            f"the name of a graph is not an IRI: {first_sentence(error)}", "write absolute IRIs"
        ) from error


def _answer(
    result: pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean | pyoxigraph.QueryTriples, limit: int | None
) -> StoreAnswer:
    import pyoxigraph

    from kg.store.canonical import canonical_term

    if isinstance(result, pyoxigraph.QueryBoolean):
        return StoreAnswer(bool(result))
    rows = _rows(islice(result, limit))
    if isinstance(result, pyoxigraph.QuerySolutions):
        variables = tuple(variable.value for variable in result.variables)
        return StoreAnswer(Rows(variables, tuple(rows)), cut=_more(result, limit))
    triples = {Triple(s, p, canonical_term(o)) for s, p, o in rows if s and p and o}  # constants are as in the query
    return StoreAnswer(tuple(sorted(triples)), cut=_more(result, limit))


def _rows(given: Iterable[Iterable[_EngineTerm | None]]) -> list[Row]:
    """Return the N-Triples forms of the terms of rows or triples, of which there may be a million.

    Raises:
        UsageError: one is a triple term.
    """
    from pyoxigraph import Triple as TripleTerm

    return [
        tuple([None if term is None else str(term) if type(term) is not TripleTerm else _refused() for term in row])
        for row in given
    ]


def _refused() -> NoReturn:
    raise UsageError(*NO_TRIPLE_TERM)


def _more(result: Iterator[object], limit: int | None) -> bool:
    return limit is not None and next(result, None) is not None


def _wrong_form(expected: str) -> NoReturn:
    raise UsageError(f"the query is not a {expected}", f"write it as {expected}")
