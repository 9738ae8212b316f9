"""Linked data: the address of a thing -> the document about it, as a page or as RDF. Reads a store.

A thing in the graph is a person, a body or an event, not a file: its address redirects (303) to a document about it,
whose address is the same with `.html`, `.ttl`, `.rdf` or another ending of DOCUMENTS. An article as this project
records it, the data set, its graphs and the ontology are documents themselves and are served (200). A retracted article
is gone (410), and so is everything below it.
https://www.w3.org/TR/cooluris/#r303gendocument ; https://www.rfc-editor.org/rfc/rfc8288
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from kg.core.errors import UsageError
from kg.core.model import Quad, Term
from kg.core.terms import LABEL, ONTOLOGY, RETRACTED, cq
from kg.core.values import is_iri, lexical
from kg.questions.graph import Graph, portions
from kg.render.formats import DOCUMENTS
from kg.store.protocol import Triple

MOST = 1000
"""Most statements about a thing in its document, and most statements of others that name it."""

DEEPEST = 4
"""Levels of nested nodes that are described with the thing they belong to."""

ENDINGS = tuple(each.name for each in DOCUMENTS)
"""The endings of documents' addresses."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What an address identifies.

    Attributes:
        iri: the thing.
        ending: that of the requested document, "" if the thing itself is requested.
        document: whether the thing is itself a document.
        retracted: whether the article that it is or belongs to was retracted.
        known: whether the graph has statements about it.
    """

    iri: Term
    ending: str
    document: bool
    retracted: bool
    known: bool


@dataclass(frozen=True, slots=True)
class About:
    """The content of the document about a thing.

    Attributes:
        quads: sorted.
        cut: whether the graph has more statements about it than the document.
    """

    quads: tuple[Quad, ...]
    cut: bool = False

    @property
    def triples(self) -> list[Triple]:
        """The statements of all graphs, each once, sorted."""
        return sorted({Triple(*quad[:3]) for quad in self.quads})


def resource(graph: Graph, term: Term) -> Resource:
    """Return what the term of an address identifies. A thing whose own name ends like a document's comes first."""
    if _is_known(graph, term):
        return _described(graph, term, "", True)
    path, dot, ending = lexical(term).rpartition(".")
    if dot and ending in ENDINGS:
        thing = f"<{path}>"
        return _described(graph, thing, ending, _is_known(graph, thing))
    return _described(graph, term, "", False)


def about(graph: Graph, iri: Term) -> About:
    """Return what the graph says about a thing: all statements of a document that is a named graph; for another thing,
    the statements about it and its nested nodes, those that refer to it, and the names of everything mentioned.
    """
    if is_document(graph, iri):
        name = _graphs_of_their_own(graph).get(iri, iri)
        triples = graph.store.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {name} {{ ?s ?p ?o }} }}")
        return About(tuple(Quad(*triple, name) for triple in triples))
    own = _own(graph, iri)
    others = _quads(graph, f"VALUES ?o {{ {iri} }} GRAPH ?g {{ ?s ?p ?o }}", MOST + 1)
    quads = {*own.quads, *others[:MOST]}
    mentioned = {term for quad in quads for term in quad[:3] if is_iri(term)}
    return About(tuple(sorted({*quads, *_labels(graph, mentioned)})), own.cut or len(others) > MOST)


def _own(graph: Graph, iri: Term) -> About:
    """Return the statements about a thing and its nested nodes, whose IRIs begin with its own."""
    registry = graph.named("registry")
    quads = set(_quads(graph, f"VALUES ?g {{ {registry} }} VALUES ?s {{ {iri} }} GRAPH ?g {{ ?s ?p ?o }}"))
    seen: set[Term] = set()
    new = {iri}
    for _ in range(DEEPEST):
        for some in portions(sorted(new)):
            nested = _quads(graph, f"VALUES ?s {{ {some} }} GRAPH ?g {{ ?s ?p ?o }}", MOST + 1)
            quads.update(nested[:MOST])
            if len(nested) > MOST:
                return About(tuple(quads), cut=True)
        seen |= new
        new = {quad.object for quad in quads if quad.object.startswith(f"{iri[:-1]}/")} - seen
        if not new:
            break
    return About(tuple(quads))


def _quads(graph: Graph, pattern: str, most: int | None = None) -> list[Quad]:
    """Return the quads ?s ?p ?o ?g that match a pattern, sorted."""
    limit = f" LIMIT {most}" if most else ""
    rows = graph.store.select(f"SELECT DISTINCT ?s ?p ?o ?g WHERE {{ {pattern} }}{limit}").rows
    return sorted(Quad(s, p, o, g) for s, p, o, g in rows if s and p and o and g)


def is_document(graph: Graph, iri: Term) -> bool:
    """Return whether a thing is a document: an article, a named graph, the data set or the ontology."""
    return iri in _graphs_of_their_own(graph) or graph.store.ask(f"ASK {{ GRAPH {iri} {{ ?s ?p ?o }} }}")


def address(graph: Graph, iri: Term, ending: str = "") -> str:
    """Return the path of a thing on this server, or of the document about it with that ending."""
    path = quote(lexical(iri).removeprefix(graph.base), safe="/%:@!$&'()*+,;=~")
    return f"/{path}.{ending}" if ending else f"/{path}"


def _described(graph: Graph, iri: Term, ending: str, known: bool) -> Resource:
    document = known and is_document(graph, iri)
    return Resource(iri, ending, document, is_retracted(graph, iri), known)


def _is_known(graph: Graph, iri: Term) -> bool:
    try:
        return graph.store.ask(f"ASK {{ GRAPH ?g {{ {iri} ?p ?o }} }}") or is_document(graph, iri)
    except UsageError:  # the engine has a stricter notion of an IRI
        return False


def is_retracted(graph: Graph, iri: Term) -> bool:
    """Return whether *iri* is a retracted article or below one."""
    kind, _, rest = lexical(iri).removeprefix(graph.base).partition("/")
    article = f"<{graph.base}article/{rest.partition('/')[0]}>"
    if kind != "article" or not rest:
        return False
    try:
        return graph.store.ask(f"ASK {{ GRAPH ?g {{ {article} {cq('curation')}/{cq('status')} {RETRACTED} }} }}")
    except UsageError:
        return False


def dataset_iri(graph: Graph) -> Term:
    """Return the data set that a graph belongs to."""
    return f"<{graph.base}dataset>"


def _graphs_of_their_own(graph: Graph) -> dict[Term, Term]:
    """Return the documents whose graph has another name -> that graph."""
    return {dataset_iri(graph): graph.named("dataset"), f"<{ONTOLOGY}>": graph.ontology}


def _labels(graph: Graph, nodes: Iterable[Term]) -> Iterable[Quad]:
    for some in portions(sorted(nodes)):
        yield from _quads(graph, f"VALUES ?s {{ {some} }} GRAPH ?g {{ ?s {LABEL} ?o }} BIND ({LABEL} AS ?p)")
