"""`kg serve` behind a real nginx, configured as docs/how-to/run-a-server.md says: TLS, a prefix, gzip, limits."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import trustme

from kg.project.settings import Project
from tests.servers import free_port
from tests.serving import ROOT, server_of

pytestmark = pytest.mark.servers

MANUAL = ROOT / "docs" / "how-to" / "run-a-server.md"
NAME = "kg.example.org"


@pytest.fixture(scope="module")
def proxied(fiction: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    """Give a client of the server at https://kg.example.org/base/, which is a port of this machine."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    with server_of(fiction, "--public-url", f"https://{NAME}:{port}/base/", "--proxy", "127.0.0.1") as address:
        authority = trustme.CA()
        _configure(folder, port, address, authority.issue_cert(NAME))
        command = [nginx, "-p", str(folder), "-c", "nginx.conf", "-e", str(folder / "errors")]
        process = subprocess.Popen(command)
        try:
            context = ssl.create_default_context()
            authority.configure_trust(context)
            with httpx2.Client(base_url=f"https://127.0.0.1:{port}", verify=context) as client:
                client.headers["host"] = f"{NAME}:{port}"
                _wait(client, process, folder)
                yield client
        finally:
            process.terminate()
            process.wait(timeout=20)


def _configure(folder: Path, port: int, address: str, certificate: trustme.LeafCert) -> None:
    """Write the configuration of the manual, with this machine's port, files and certificate."""
    server = re.findall(r"```nginx\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)[0]
    certificate.cert_chain_pems[0].write_to_path(folder / "kg.pem")
    certificate.private_key_pem.write_to_path(folder / "kg.key")
    for found, put in (
        ("listen 443 ssl;", f"listen 127.0.0.1:{port} ssl http2;"),
        ("    http2 on;\n", ""),
        ("/etc/ssl/", f"{folder}/"),
        ("http://127.0.0.1:8800", address),
    ):
        assert found in server
        server = server.replace(found, put)
    files = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; events {{}}\nhttp {{ access_log off;\n{files}{server}}}\n", encoding="utf-8"
    )


def _wait(client: httpx2.Client, process: subprocess.Popen[bytes], folder: Path) -> None:
    for _ in range(100):
        try:
            client.get("/base/healthz", extensions=_SNI)
        except httpx2.ConnectError:
            assert process.poll() is None, (folder / "errors").read_text()
            time.sleep(0.05)
        else:
            return
    pytest.fail((folder / "errors").read_text())


_SNI = {"sni_hostname": NAME}


def test_pages_are_found_below_the_prefix_over_tls(proxied: httpx2.Client) -> None:
    answer = proxied.get("/base/", extensions=_SNI)
    assert answer.status_code == 200
    assert 'href="/base/questions"' in answer.text
    style = re.search(r'href="(/base/static/site\.css[^"]*)"', answer.text)
    assert style
    assert proxied.get(style[1], extensions=_SNI).headers["content-type"].startswith("text/css")


def test_redirects_and_descriptions_name_the_public_address(proxied: httpx2.Client) -> None:
    public = f"https://{proxied.headers['host']}/base"
    see_other = proxied.get("/base/person/mara-lind", headers={"accept": "text/turtle"}, extensions=_SNI)
    assert (see_other.status_code, see_other.headers["location"]) == (303, "/base/person/mara-lind.ttl")
    assert proxied.get("/base/person/mara-lind.ttl", extensions=_SNI).status_code == 200
    assert proxied.get("/base/api/openapi.json", extensions=_SNI).json()["servers"] == [{"url": public}]
    assert proxied.get("/base/ontology/", extensions=_SNI).headers["location"] == "/base/ontology"


def test_a_query_is_answered_and_compressed(proxied: httpx2.Client) -> None:
    query = "SELECT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } } LIMIT 500"
    answer = proxied.post("/base/sparql", data={"query": query}, extensions=_SNI)
    assert len(answer.json()["results"]["bindings"]) == 500
    assert answer.headers["content-encoding"] == "gzip"
    page = proxied.get("/base/questions", extensions=_SNI)
    again = proxied.get("/base/questions", headers={"if-none-match": page.headers["etag"]}, extensions=_SNI)
    assert again.status_code == 304


def test_limits_hold_and_numbers_stay_inside(proxied: httpx2.Client) -> None:
    assert proxied.post("/base/sparql", content=b"x" * (3 << 20), extensions=_SNI).status_code == 413
    assert proxied.get("/base/metrics", extensions=_SNI).status_code == 404
    assert re.fullmatch("[0-9a-f]{32}", proxied.get("/base/healthz", extensions=_SNI).headers["x-request-id"])
    assert proxied.get("/base/", headers={"host": "evil.example"}, extensions=_SNI).status_code == 421
