"""The kinds of stores -> how each is addressed, recognized and loaded. No I/O.

This is the only list: the presets of kg.toml, the probing of an address, `kg export --for` and the help texts use it.
Oxigraph, Virtuoso and Fuseki are tested against real servers. The others follow the products' documentation and are
not tested here.
https://www.w3.org/TR/sparql11-protocol/ ; https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

AUTHENTICATIONS = ("none", "basic", "digest", "bearer")


@dataclass(frozen=True, slots=True)
class BulkLoader:
    """How to run a product's own loader on a file of N-Quads.

    Attributes:
        name: in `kg export --for`.
        title: of the loader, for people.
        command: for a shell. {file}, {folder} and {name} stand for the file's place, words in capitals for values that
            only the user knows.
        note: further information, or "".
    """

    name: str
    title: str
    command: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class StoreKind:
    """How one product is addressed. Paths are relative to the store's address; None if it has no such service.

    Attributes:
        name: as written in kg.toml.
        title: for people.
        query: path of the SPARQL Query endpoint.
        update: path of the SPARQL Update endpoint.
        graphs: path of the Graph Store Protocol, one named graph per request.
        graph_parameter: the name of the parameter for the graph there.
        quads: path that accepts N-Quads of many graphs in one POST, which adds them.
        quads_query: query parameters for that path.
        aliases: other paths of the query endpoint, for users who give one as the store's address.
        auth: one of AUTHENTICATIONS, used if there are credentials.
        gzip: whether it accepts compressed bodies.
        insert_triples: the largest number of triples in one INSERT DATA.
        cuts: whether it silently truncates the triples of a graph.
        put_replaces: whether a PUT of a graph replaces it entirely. TDB2 keeps numbers whose value differs.
        plain_queries: whether queries are rewritten to avoid wrong answers, see kg/store/virtuoso.py.
        sign: a header of its answers and its content by which it is recognized, or None.
        loader: its bulk loader, if it has one.
        tested: whether the tests run against a real server.
        example: an address.
    """

    name: str
    title: str
    query: str
    update: str | None = None
    graphs: str | None = None
    graph_parameter: str = "graph"
    quads: str | None = None
    quads_query: Mapping[str, str] = field(default_factory=dict)
    aliases: Sequence[str] = ()
    auth: str = "basic"
    gzip: bool = False
    insert_triples: int = 5000
    cuts: bool = False
    put_replaces: bool = True
    plain_queries: bool = False
    sign: tuple[str, str] | None = None
    loader: BulkLoader | None = None
    tested: bool = False
    example: str = ""


PRESETS: tuple[StoreKind, ...] = (
    StoreKind(
        "oxigraph",
        "Oxigraph server",
        query="/query",
        update="/update",
        graphs="/store",
        quads="/store",
        quads_query=MappingProxyType({"no_transaction": ""}),
        gzip=True,
        sign=("server", "oxigraph"),
        loader=BulkLoader(
            "oxigraph",
            "Oxigraph",
            "oxigraph load --location STORE --file {file}",
            "stop the server first",
        ),
        tested=True,
        example="http://localhost:7878",
    ),
    StoreKind(
        "virtuoso",
        "OpenLink Virtuoso 7",
        query="/sparql",
        update="/sparql-auth",
        graphs="/sparql-graph-crud-auth",
        graph_parameter="graph-uri",
        auth="digest",
        insert_triples=400,
        cuts=True,
        plain_queries=True,
        sign=("server", "virtuoso"),
        loader=BulkLoader(
            "virtuoso",
            "Virtuoso",
            "isql 1111 dba PASSWORD exec=\"ld_dir('{folder}', '{name}', ''); rdf_loader_run(); checkpoint;\"",
            "DirsAllowed in virtuoso.ini must name {folder}; 'select * from DB.DBA.load_list' shows errors",
        ),
        tested=True,
        example="http://localhost:8890",
    ),
    StoreKind(
        "fuseki",
        "Apache Jena Fuseki, TDB2",
        query="/sparql",
        update="/update",
        graphs="/data",
        quads="/data",
        aliases=("/query",),
        gzip=True,
        put_replaces=False,
        sign=("fuseki-request-id", ""),
        loader=BulkLoader(
            "jena",
            "Apache Jena TDB2",
            "tdb2.tdbloader --loc STORE {file}",
            "stop Fuseki on STORE first",
        ),
        tested=True,
        example="http://localhost:3030/ds",
    ),
    StoreKind(
        "rdf4j",
        "Eclipse RDF4J",
        query="",
        update="/statements",
        graphs="/rdf-graphs/service",
        quads="/statements",
        example="http://localhost:8080/rdf4j-server/repositories/kg",
    ),
    StoreKind(
        "graphdb",
        "Ontotext GraphDB",
        query="",
        update="/statements",
        graphs="/rdf-graphs/service",
        quads="/statements",
        loader=BulkLoader(
            "graphdb",
            "GraphDB",
            "importrdf load -f -i REPOSITORY -m parallel {file}",
            "stop GraphDB first",
        ),
        example="http://localhost:7200/repositories/kg",
    ),
    StoreKind(
        "stardog",
        "Stardog",
        query="/query",
        update="/update",
        graphs="",
        example="http://localhost:5820/kg",
    ),
    StoreKind(
        "qlever",
        "QLever",
        query="",
        update="",
        graphs="",
        auth="bearer",
        loader=BulkLoader(
            "qlever",
            "QLever",
            "cd {folder} && qlever-index -i kg -F nq -f <(zcat -f {name})",
            "then 'qlever-server -i kg -p 7001', or set INPUT_FILES = {name} in a Qleverfile and run 'qlever index'",
        ),
        example="http://localhost:7001",
    ),
    StoreKind(
        "blazegraph",
        "Blazegraph",
        query="/sparql",
        update="/sparql",
        insert_triples=2000,
        example="http://localhost:9999/blazegraph/namespace/kb",
    ),
    StoreKind(
        "neptune",
        "Amazon Neptune, without signed requests",
        query="/sparql",
        update="/sparql",
        graphs="/sparql/gsp/",
        auth="none",
        example="https://cluster.region.neptune.amazonaws.com:8182",
    ),
    StoreKind(
        "sparql",
        "any SPARQL 1.1 endpoint",
        query="",
        example="https://example.org/sparql",
    ),
)
"""In the order in which they are listed. A store is of the first kind whose sign it shows."""

KINDS: Mapping[str, StoreKind] = MappingProxyType({kind.name: kind for kind in PRESETS})
"""Name in kg.toml -> kind."""

OXIGRAPH, ANY = KINDS["oxigraph"], KINDS["sparql"]
"""The kind in examples, and the kind of a store if it is neither set nor recognized."""

LOADERS: Mapping[str, BulkLoader] = MappingProxyType(
    {kind.loader.name: kind.loader for kind in KINDS.values() if kind.loader}
)
"""Name in `kg export --for` -> bulk loader."""


def recognized(headers: Mapping[str, str]) -> StoreKind:
    """Return the kind recognized by the headers of an answer (names in lower case), ANY if there is none.

    >>> recognized({"server": "Virtuoso/07.20"}).name
    'virtuoso'
    """
    for kind in KINDS.values():
        header, sign = kind.sign or ("", "")
        if header in headers and sign in headers[header].lower():
            return kind
    return ANY
