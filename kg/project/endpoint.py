"""The stores that kg.toml names -> the addresses of their services. No I/O and no secrets.

The kind of a store (see kg/project/store_kinds.py) decides the paths of its services.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from kg.core.errors import InputError
from kg.core.iri import absolute_iri
from kg.project.store_kinds import AUTHENTICATIONS, KINDS, OXIGRAPH, StoreKind

EMBEDDED = "embedded"
"""The name of the project's own store, reserved for it."""

_SECRETS = frozenset({"password", "passwd", "token", "secret", "apikey", "api-key", "key", "user", "username"})


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """One store, as named in kg.toml or on the command line.

    Attributes:
        name: in kg.toml, or "" for a store given by its address.
        url: its address.
        kind: a name in KINDS, or "" to detect it.
        query: address of its query endpoint, if different from that of its kind.
        update: as `query`.
        graphs: as `query`.
        quads: as `query`.
        auth: one of AUTHENTICATIONS, or "" for that of its kind.
        gzip: whether to compress requests. None depends on its kind, and means no on this machine.
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
        """Its name in messages."""
        return f"'{self.name}' ({self.url})" if self.name else self.url


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A store of a known kind, with the address of each service, "" if it has none.

    Attributes:
        settings: where this came from.
        kind: its product.
        query: the SPARQL Query endpoint.
        update: the SPARQL Update endpoint.
        graphs: the Graph Store Protocol endpoint.
        quads: accepts N-Quads of many graphs.
        auth: one of AUTHENTICATIONS.
        gzip: whether bodies are compressed.
    """

    settings: StoreSettings
    kind: StoreKind
    query: str
    update: str
    graphs: str
    quads: str
    auth: str
    gzip: bool

    @property
    def shown(self) -> str:
        """Its name in messages."""
        return self.settings.shown


def endpoint(settings: StoreSettings, kind: StoreKind) -> Endpoint:
    """Return the addresses of the services of a store of this kind.

    >>> endpoint(StoreSettings("", "http://localhost:3030/ds/query"), KINDS["fuseki"]).update
    'http://localhost:3030/ds/update'
    """
    root = settings.url.rstrip("/")
    for path in sorted({kind.query, *kind.aliases} - {""}):
        root = root.removesuffix(path)

    def address(own: str, path: str | None) -> str:
        return own or ("" if path is None else root + path)

    return Endpoint(
        settings,
        kind,
        query=address(settings.query, kind.query),
        update=address(settings.update, kind.update),
        graphs=address(settings.graphs, kind.graphs),
        quads=address(settings.quads, kind.quads),
        auth=settings.auth or kind.auth,
        gzip=(kind.gzip and not _on_this_machine(root)) if settings.gzip is None else settings.gzip,
    )


def store_settings(name: str, table: object) -> StoreSettings:
    """Return the settings in one table `[stores.NAME]` of kg.toml.

    Raises:
        InputError: a setting that is unknown, has the wrong type, holds a secret, or is not an address.
    """
    where = f"kg.toml: [stores.{name}]"
    if not isinstance(table, Mapping):
        raise InputError(f"{where} must be a table", f'for example [stores.{name}] and url = "http://localhost:7878"')
    if name == EMBEDDED or not name.replace("-", "").replace("_", "").isalnum():
        raise InputError(f"{where}: a store cannot be called '{name}'", "use letters, digits and hyphens")
    for key in table:
        _refuse_key(where, name, str(key))
    given = {str(key): _setting(where, str(key), value) for key, value in table.items()}
    if not given.get("url"):
        raise InputError(f"{where} has no url", f'for example url = "{OXIGRAPH.example}"')
    return StoreSettings(name=name, **given)  # type: ignore[arg-type]


def address_settings(url: str) -> StoreSettings:
    """Return the settings of a store given by its address.

    Raises:
        InputError: it is not an http or https address.
    """
    return StoreSettings("", _address("the store's address", url))


_TEXTS = ("url", "query", "update", "graphs", "quads", "kind", "auth")
_KNOWN = (*_TEXTS, "gzip", "timeout")


def _refuse_key(where: str, name: str, key: str) -> None:
    if key.lower() in _SECRETS:
        variables = f"KG_STORE_{variable_part(name)}_USER and _PASSWORD, or _TOKEN"
        raise InputError(f"{where}: '{key}' does not belong in a file", f"set {variables}, or write a netrc file")
    if key not in _KNOWN:
        raise InputError(f"{where}: unknown setting '{key}'", f"known settings are {', '.join(_KNOWN)}")


def _setting(where: str, key: str, value: object) -> object:
    if key == "gzip" and isinstance(value, bool):
        return value
    if key == "timeout" and isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        return float(value)
    if key not in _TEXTS or not isinstance(value, str):
        expected = {"gzip": "true or false", "timeout": "a number of seconds above 0"}.get(key, "text")
        raise InputError(f"{where}: {key} must be {expected}")
    choices = {"kind": KINDS, "auth": AUTHENTICATIONS}.get(key)
    if choices is not None and value not in choices:
        raise InputError(f"{where}: unknown {key} '{value}'", f"choose one of {', '.join(choices)}")
    return value if choices is not None else _address(f"{where}: {key}", value)


def _address(what: str, url: str) -> str:
    """Return *url* if it is the address of a server: an IRI, possibly with an IPv6 address in brackets as its host."""
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
        raise InputError(f"{what} is not an address: {error}", f"for example {OXIGRAPH.example}") from error


def variable_part(name: str) -> str:
    """Return a store's name as used in environment variables.

    >>> variable_part("our-store")
    'OUR_STORE'
    """
    return name.replace("-", "_").upper()


def _on_this_machine(url: str) -> bool:
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return host.startswith(("localhost", "127.", "[::1]"))
