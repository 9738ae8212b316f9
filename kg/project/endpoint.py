"""The stores that kg.toml names -> where and how each is spoken to. No I/O, and no secret.

A preset per product says which address below the store's own takes what. Oxigraph, Virtuoso and Fuseki are tested
against real servers; the others follow their vendors' documentation and are not tested here.
https://www.w3.org/TR/sparql11-protocol/ ; https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from types import MappingProxyType
from urllib.parse import urlsplit

from kg.core.errors import InputError
from kg.core.iri import absolute_iri

EMBEDDED = "embedded"
"""The name of the project's own store, which no other store may have."""

AUTHENTICATIONS = ("none", "basic", "digest", "bearer")
_SECRETS = frozenset({"password", "passwd", "token", "secret", "apikey", "api-key", "key", "user", "username"})


@dataclass(frozen=True, slots=True)
class Kind:
    """How one product is spoken to. Paths are relative to the store's address; "" means that it has none.

    Attributes:
        name: as written in kg.toml.
        title: for people.
        query: path of the SPARQL Query endpoint.
        update: path of the SPARQL Update endpoint.
        graphs: path of the Graph Store Protocol, one named graph per request.
        graph_parameter: what names the graph there.
        quads: path that takes N-Quads of many graphs in one POST; they are added to what is there.
        quads_query: what goes with that path.
        aliases: other paths of the query endpoint, for people who name that as the store's address.
        auth: one of AUTHENTICATIONS, as far as credentials are at hand.
        gzip: whether it takes compressed bodies.
        insert_triples: most triples of one INSERT DATA.
        cuts: whether it gives no more than so many triples of a graph, without a word.
        put_replaces: whether a PUT of a graph leaves nothing of what was there. TDB2 keeps numbers whose value differs.
        tested: whether the tests run against a real server.
        example: an address.
    """

    name: str
    title: str
    query: str
    update: str
    graphs: str = ""
    graph_parameter: str = "graph"
    quads: str = ""
    quads_query: Mapping[str, str] = field(default_factory=dict)
    aliases: Sequence[str] = ()
    auth: str = "basic"
    gzip: bool = False
    insert_triples: int = 5000
    cuts: bool = False
    put_replaces: bool = True
    tested: bool = False
    example: str = ""


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind(
                "oxigraph",
                "Oxigraph server",
                "/query",
                "/update",
                "/store",
                quads="/store",
                quads_query=MappingProxyType({"no_transaction": ""}),
                gzip=True,
                tested=True,
                example="http://localhost:7878",
            ),
            Kind(
                "virtuoso",
                "OpenLink Virtuoso 7",
                "/sparql",
                "/sparql-auth",
                "/sparql-graph-crud-auth",
                graph_parameter="graph-uri",
                auth="digest",
                insert_triples=400,
                cuts=True,
                tested=True,
                example="http://localhost:8890",
            ),
            Kind(
                "fuseki",
                "Apache Jena Fuseki",
                "/sparql",
                "/update",
                "/data",
                quads="/data",
                aliases=("/query",),
                gzip=True,
                put_replaces=False,
                tested=True,
                example="http://localhost:3030/ds",
            ),
            Kind(
                "rdf4j",
                "Eclipse RDF4J",
                "",
                "/statements",
                "/rdf-graphs/service",
                quads="/statements",
                example="http://localhost:8080/rdf4j-server/repositories/kg",
            ),
            Kind(
                "graphdb",
                "Ontotext GraphDB",
                "",
                "/statements",
                "/rdf-graphs/service",
                quads="/statements",
                example="http://localhost:7200/repositories/kg",
            ),
            Kind("stardog", "Stardog", "/query", "/update", "", quads="", example="http://localhost:5820/kg"),
            Kind("qlever", "QLever", "", "", "", auth="bearer", example="http://localhost:7001"),
            Kind(
                "blazegraph",
                "Blazegraph",
                "/sparql",
                "/sparql",
                insert_triples=2000,
                example="http://localhost:9999/blazegraph/namespace/kb",
            ),
            Kind(
                "neptune",
                "Amazon Neptune",
                "/sparql",
                "/sparql",
                "/sparql/gsp/",
                auth="none",
                example="https://cluster.region.neptune.amazonaws.com:8182",
            ),
            Kind("sparql", "any SPARQL 1.1 endpoint", "", "", example="https://example.org/sparql"),
        )
    }
)
"""Name in kg.toml -> preset."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """One store as kg.toml or the command line names it.

    Attributes:
        name: in kg.toml, or "" for one that is given by its address.
        url: its address.
        kind: a name of KINDS, or "" to find out by asking it.
        query: address of its query endpoint, where it is not the preset's; so with the others.
        update: as `query`.
        graphs: as `query`.
        quads: as `query`.
        auth: one of AUTHENTICATIONS, or "" for the preset's.
        gzip: whether to compress what is sent; None for the preset's, and never on this machine.
        timeout: seconds for one answer.
    """

    name: str
    url: str
    kind: str = ""
    query: str = ""
    update: str = ""
    graphs: str = ""
    quads: str = ""
    auth: str = ""
    gzip: bool | None = None
    timeout: float = 60.0

    @property
    def shown(self) -> str:
        """What to call it in messages."""
        return f"'{self.name}' ({self.url})" if self.name else self.url


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A store whose kind is known: where each of its services is; "" where it has none.

    Attributes:
        settings: where this came from.
        kind: its preset.
        query: the SPARQL Query endpoint.
        update: the SPARQL Update endpoint.
        graphs: the Graph Store Protocol.
        quads: takes N-Quads of many graphs.
        auth: one of AUTHENTICATIONS.
        gzip: whether bodies are compressed.
    """

    settings: StoreSettings
    kind: Kind
    query: str
    update: str
    graphs: str
    quads: str
    auth: str
    gzip: bool

    @property
    def shown(self) -> str:
        """What to call it in messages."""
        return self.settings.shown


def endpoint(settings: StoreSettings, kind: Kind) -> Endpoint:
    """Return where the services of a store of that kind are.

    >>> endpoint(StoreSettings("", "http://localhost:3030/ds/query"), KINDS["fuseki"]).update
    'http://localhost:3030/ds/update'
    """
    root = settings.url.rstrip("/")
    for path in sorted({kind.query, *kind.aliases} - {""}):
        root = root.removesuffix(path)

    def address(own: str, path: str, *, at_root: bool) -> str:
        return own or (root + path if path or at_root else "")

    writes_at_root = kind.name in ("qlever",)
    return Endpoint(
        settings,
        kind,
        query=address(settings.query, kind.query, at_root=True),
        update=address(settings.update, kind.update, at_root=writes_at_root),
        graphs=address(settings.graphs, kind.graphs, at_root=writes_at_root or kind.name == "stardog"),
        quads=address(settings.quads, kind.quads, at_root=False),
        auth=settings.auth or kind.auth,
        gzip=(kind.gzip and not _on_this_machine(root)) if settings.gzip is None else settings.gzip,
    )


def store_settings(name: str, said: object) -> StoreSettings:
    """Return the settings in one table `[stores.NAME]` of kg.toml.

    Raises:
        InputError: a setting that is unknown, has another type, holds a secret, or is no address.
    """
    where = f"kg.toml: [stores.{name}]"
    if not isinstance(said, Mapping):
        raise InputError(f"{where} must be a table", f'for example [stores.{name}] and url = "http://localhost:7878"')
    if name == EMBEDDED or not name.replace("-", "").replace("_", "").isalnum():
        raise InputError(f"{where}: a store cannot be called '{name}'", "use letters, digits and hyphens")
    for key in said:
        _refuse_key(where, name, str(key))
    given = {str(key): _setting(where, str(key), value) for key, value in said.items()}
    if not given.get("url"):
        raise InputError(f"{where} has no url", f'for example url = "{KINDS["oxigraph"].example}"')
    return StoreSettings(name=name, **given)  # type: ignore[arg-type]


def address_settings(url: str) -> StoreSettings:
    """Return the settings of a store that is given by its address.

    Raises:
        InputError: it is no http or https address.
    """
    return StoreSettings("", _address("the store's address", url))


_TEXTS = ("url", "query", "update", "graphs", "quads", "kind", "auth")
_KNOWN = (*_TEXTS, "gzip", "timeout")


def _refuse_key(where: str, name: str, key: str) -> None:
    if key.lower() in _SECRETS:
        variables = f"KG_STORE_{variable_part(name)}_USER and _PASSWORD, or _TOKEN"
        raise InputError(f"{where}: '{key}' does not belong in a file", f"set {variables}, or write a netrc file")
    if key not in _KNOWN:
        raise InputError(f"{where}: unknown setting '{key}'", f"known are {', '.join(_KNOWN)}")


def _setting(where: str, key: str, value: object) -> object:
    if key == "gzip" and isinstance(value, bool):
        return value
    if key == "timeout" and isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    if key not in _TEXTS or not isinstance(value, str):
        wanted = {"gzip": "true or false", "timeout": "a number of seconds above 0"}.get(key, "text")
        raise InputError(f"{where}: {key} must be {wanted}")
    choices = {"kind": KINDS, "auth": AUTHENTICATIONS}.get(key)
    if choices is not None and value not in choices:
        raise InputError(f"{where}: unknown {key} '{value}'", f"known are {', '.join(choices)}")
    return value if choices is not None else _address(f"{where}: {key}", value)


def _address(what: str, url: str) -> str:
    """Return *url* if it is the address of a server: an IRI, or one whose host is an IPv6 address in brackets."""
    try:
        if not url.lower().startswith(("http://", "https://")):
            raise ValueError(f"{url!r} begins with neither http:// nor https://")
        place = urlsplit(url)
        if place.port is not None and not 0 < place.port < 65_536:
            raise ValueError(f"{url!r} has no port from 1 to 65535")
        host = f"[{place.hostname}]"
        if place.netloc.lower().startswith(host) and IPv6Address(place.hostname or ""):
            absolute_iri(f"http://host{url[url.index(']') + 1 :]}")
            return url
        return absolute_iri(url)
    except ValueError as error:
        raise InputError(f"{what} is no address: {error}", f"for example {KINDS['oxigraph'].example}") from error


def variable_part(name: str) -> str:
    """Return a store's name as it stands in environment variables.

    >>> variable_part("our-store")
    'OUR_STORE'
    """
    return name.replace("-", "_").upper()


def _on_this_machine(url: str) -> bool:
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return host.startswith(("localhost", "127.", "[::1]"))
