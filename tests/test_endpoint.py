"""A store's settings, from kg.toml to the addresses of its services, and who we are to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.core.errors import InputError, UsageError
from kg.project.endpoint import StoreSettings, address_settings, endpoint, store_settings
from kg.project.settings import load_project
from kg.project.store_kinds import KINDS
from kg.store.credentials import Credentials, credentials
from kg.store.probe import description
from kg.store.replies import Reply


def project_with(folder: Path, toml: str) -> Path:
    (folder / "kg.toml").write_text(toml, encoding="utf-8")
    return folder


SERVICES = {
    "oxigraph": ("http://h:7878", "", "/query", "/update", "/store"),
    "virtuoso": ("http://h:8890", "/sparql", "/sparql", "/sparql-auth", "/sparql-graph-crud-auth"),
    "fuseki": ("http://h:3030/ds", "/", "/sparql", "/update", "/data"),
    "graphdb": ("http://h:7200/repositories/kg", "", "", "/statements", "/rdf-graphs/service"),
    "rdf4j": ("http://h/rdf4j-server/repositories/kg", "", "", "/statements", "/rdf-graphs/service"),
    "stardog": ("http://h:5820/kg", "", "/query", "/update", ""),
    "qlever": ("http://h:7001", "", "", "", ""),
    "blazegraph": ("http://h:9999/blazegraph/namespace/kb", "", "/sparql", "/sparql", None),
    "neptune": ("https://h:8182", "", "/sparql", "/sparql", "/sparql/gsp/"),
    "sparql": ("https://h/anything", "", "", None, None),
}
"""Kind -> address, what a user may write behind it, and the paths of its services; None for one that it has not."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_preset_knows_where_the_services_of_a_store_are(kind: str) -> None:
    root, behind, *paths = SERVICES[kind]
    found = endpoint(StoreSettings("s", f"{root}{behind}"), KINDS[kind])
    assert [found.query, found.update, found.graphs] == ["" if path is None else f"{root}{path}" for path in paths]
    assert KINDS[kind].example.startswith("http")


def test_an_address_of_its_own_goes_before_the_preset() -> None:
    said = {"url": "http://h:7878", "update": "http://writer:1/u", "auth": "bearer", "gzip": True, "timeout": 5}
    found = endpoint(store_settings("s", said), KINDS["oxigraph"])
    assert (found.query, found.update, found.auth, found.gzip) == (
        "http://h:7878/query",
        "http://writer:1/u",
        "bearer",
        True,
    )
    assert found.settings.timeout == 5.0


@pytest.mark.parametrize("url", ["http://[::1]:7878", "https://[2001:db8::1]/sparql", "http://[::1]"])
def test_an_ipv6_address_is_an_address(url: str) -> None:
    assert endpoint(address_settings(url), KINDS["oxigraph"]).query == f"{url}/query"


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://[zz]", "http://h:99999", "http://h:0", "http://h:x", "http://[::1]:1/a b"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="the store's address is not an address: "):
        address_settings(url)


def test_bodies_are_compressed_for_far_stores_that_take_it_only() -> None:
    assert endpoint(StoreSettings("s", "http://far.example:7878"), KINDS["oxigraph"]).gzip
    assert not endpoint(StoreSettings("s", "http://localhost:7878"), KINDS["oxigraph"]).gzip
    assert not endpoint(StoreSettings("s", "http://far.example:8890"), KINDS["virtuoso"]).gzip


BAD = {
    'url = "ftp://h"': "url is not an address: 'ftp://h' begins with neither http:// nor https://",
    'url = "http://me:pw@h"': (
        "url is not an address: 'http://me:pw@h' has no host after http://, or has a user name or a second '#'"
    ),
    'kind = "oxigraf"\nurl = "http://h"': "unknown kind 'oxigraf'",
    'kind = "oxigraph"': "has no url",
    'url = "http://h"\npassword = "x"': "'password' does not belong in a file",
    'url = "http://h"\nToken = "x"': "'Token' does not belong in a file",
    'url = "http://h"\ntimeout = -1': "timeout must be a number of seconds above 0",
    'url = "http://h"\ngzip = "yes"': "gzip must be true or false",
    'url = "http://h"\nquery = 5': "query must be text",
    'url = "http://h"\nports = 5': "unknown setting 'ports'",
}


@pytest.mark.parametrize("toml", BAD)
def test_a_wrong_setting_is_named(toml: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_project(project_with(tmp_path, f"[stores.company]\n{toml}\n"))
    assert caught.value.message == f"kg.toml: [stores.company]{'' if BAD[toml].startswith('has') else ':'} {BAD[toml]}"


def test_a_secret_is_sent_to_the_environment(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_project(project_with(tmp_path, '[stores.our-store]\nurl = "http://h"\npassword = "x"\n'))
    assert caught.value.fix == "set KG_STORE_OUR_STORE_USER and _PASSWORD, or _TOKEN, or write a netrc file"


def test_a_store_cannot_be_called_as_our_own(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a store cannot be called 'embedded'"):
        load_project(project_with(tmp_path, '[stores.embedded]\nurl = "http://h"\n'))


def test_the_default_store_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no store 'company'"):
        load_project(project_with(tmp_path, 'store = "company"\n'))


def test_a_store_is_named_or_given_by_its_address(tmp_path: Path) -> None:
    project = load_project(project_with(tmp_path, 'store = "a"\n[stores.a]\nurl = "http://h/a"\n'))
    assert project.store_named("") == project.stores["a"] == project.store_named("a")
    assert project.store_named("embedded") is None
    address = project.store_named("https://h/b")
    assert address
    assert (address.name, address.url) == ("", "https://h/b")
    with pytest.raises(UsageError) as caught:
        project.store_named("b")
    assert caught.value.fix == "give an address, or add [stores.b] to kg.toml; known: a"


# -------- credentials

STORE = StoreSettings("our-store", "https://triples.example.org/sparql")


def test_credentials_come_from_the_environment() -> None:
    said = {"KG_STORE_OUR_STORE_USER": "u", "KG_STORE_OUR_STORE_PASSWORD": "p", "KG_STORE_USER": "other"}
    assert credentials(STORE, said) == Credentials("u", "p")
    assert credentials(STORE, {"KG_STORE_OUR_STORE_TOKEN": "t"}) == Credentials(token="t")
    assert credentials(StoreSettings("", STORE.url), said) == Credentials("other")


def test_credentials_come_from_a_netrc_file(tmp_path: Path) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine triples.example.org login u password p\n")
    file.chmod(0o600)
    assert credentials(STORE, {"NETRC": str(file)}) == Credentials("u", "p")
    assert not credentials(StoreSettings("s", "https://elsewhere.example"), {"NETRC": str(file)})


def test_a_broken_netrc_file_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine a login u password p\nmachien b\n")
    file.chmod(0o600)
    with pytest.raises(InputError, match=r"netrc, line 2: "):
        credentials(STORE, {"NETRC": str(file)})


@pytest.mark.parametrize(
    "known", [{"TOKEN": "a\nb"}, {"TOKEN": "zł€"}, {"USER": "u\r\nX: y"}, {"USER": "u", "PASSWORD": "a\0b"}], ids=str
)
def test_credentials_that_no_request_can_carry_are_refused_by_their_variables(known: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        credentials(STORE, {f"KG_STORE_OUR_STORE_{name}": value for name, value in known.items()})
    assert "KG_STORE_OUR_STORE_" in caught.value.message
    assert not any(value in str(caught.value) for value in known.values() if len(value) > 1)


def test_a_netrc_file_that_is_named_and_cannot_be_read_is_no_silence(tmp_path: Path) -> None:
    for file in (tmp_path / "nothing", tmp_path):
        with pytest.raises(InputError, match="cannot read "):
            credentials(STORE, {"NETRC": str(file)})
    assert not credentials(STORE, {"HOME": str(tmp_path)})


def test_credentials_are_not_shown() -> None:
    assert repr(Credentials("user", "secret", "token")) == "Credentials(known)"


# -------- what a store says of itself

TURTLE = b"""@prefix sd: <http://www.w3.org/ns/sparql-service-description#> .
[] a sd:Service ; sd:feature sd:UnionDefaultGraph ; sd:supportedLanguage sd:SPARQL11Query, sd:SPARQL11Update ."""


def test_a_service_description_tells_of_updates_and_the_default_graph() -> None:
    told = description(Reply(200, {"content-type": "text/turtle", "server": "Some/1"}, TURTLE))
    assert (told.product, told.union_default, told.updates) == ("Some/1", True, True)


@pytest.mark.parametrize("body", [b"<html>", b"", b"[] a <x"])
def test_no_service_description_tells_nothing(body: bytes) -> None:
    told = description(Reply(200, {"content-type": "text/turtle"}, body))
    assert (told.union_default, told.updates) == (None, False)
