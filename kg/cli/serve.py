"""`kg serve`: serve the explorer and the SPARQL endpoint, read-only."""

from __future__ import annotations

import os
import signal
import socket
import sys
from dataclasses import replace
from ipaddress import ip_address
from threading import Thread
from typing import TYPE_CHECKING

import click

from kg.cli.output import named_store
from kg.cli.session import Session
from kg.core.errors import EndpointError, UsageError

if TYPE_CHECKING:
    from types import FrameType

    from kg.project.settings import Project
    from kg.web.access import Access
    from kg.web.elsewhere import Elsewhere
    from kg.web.public import PublicUrl
    from kg.web.settings import Settings
    from kg.web.site import Site

LOOPBACK = "127.0.0.1"
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
MOST_CONNECTIONS = 512
MOST_HEAD = 64 << 10
"""Most bytes of a request's first line and headers."""

SHUTDOWN = 2
"""Seconds that running requests get to finish when the server stops."""


@click.command("serve")
@click.option("--host", default=LOOPBACK, show_default=True, help="The address to listen on; 0.0.0.0 for all.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8800, show_default=True, help="The port; 0 for any free one."
)
@click.option("--cors", default="", metavar="ORIGIN|*", help="Let pages of this origin, or of any, read the answers.")
@click.option(
    "--timeout", type=click.FloatRange(0, 3600, min_open=True), default=10.0, show_default=True,
    help="Time limit in seconds for a query at /sparql.",
)  # fmt: skip
@click.option(
    "--question-timeout", type=click.FloatRange(0, 3600, min_open=True), default=60.0, show_default=True,
    help="Time limit in seconds for a canned question.",
)  # fmt: skip
@click.option(
    "--rows", type=click.IntRange(1), default=10_000, show_default=True, help="Most rows of an answer at /sparql."
)
@click.option(
    "--workers", type=click.IntRange(1, 64), default=4, show_default=True, help="Most queries at /sparql at once."
)
@click.option(
    "--endpoint",
    metavar="NAME|URL",
    callback=named_store,
    help="Serve the graph in this store from kg.toml, or in the one at this URL.",
)
@click.option(
    "--public-url", default="", metavar="URL",
    help="The address under which clients reach this server, if a proxy is in front: https://kg.example.org/base/.",
)  # fmt: skip
@click.option(
    "--proxy", "proxies", multiple=True, metavar="ADDRESS",
    help="Trust the X-Forwarded headers of proxies at this address or network. May be repeated.",
)  # fmt: skip
@click.option(
    "--log", "log_format", type=click.Choice(("text", "json")), default="text", show_default=True,
    help="Write logs as text, or as JSON with a line for each request.",
)  # fmt: skip
@click.option("--open", "opens", is_flag=True, help="Open the home page in the browser.")
@click.pass_obj
def command(
    session: Session,
    host: str,
    port: int,
    cors: str,
    timeout: float,
    question_timeout: float,
    rows: int,
    workers: int,
    endpoint: str | None,
    public_url: str,
    proxies: tuple[str, ...],
    log_format: str,
    opens: bool,
) -> int:
    """Serve pages, a SPARQL endpoint and linked data from the current generation, and follow new ones automatically.

    With KG_SERVE_TOKEN in the environment, requests need that bearer token; with KG_SERVE_LOGIN, `name:password`.
    """
    try:
        import jinja2  # noqa: F401
        import prometheus_client  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise UsageError("serving needs the extra 'serve'", "pip install 'communique-kg[serve]'") from error
    from kg.store.isolation import Limits
    from kg.web.access import Access
    from kg.web.logs import start_logging
    from kg.web.public import public_url as public_address
    from kg.web.public import trusted_networks
    from kg.web.settings import Settings

    public = public_address(public_url) if public_url else None
    settings = Settings(
        Limits(seconds=timeout, rows=rows),
        workers,
        cors=checked_origin(cors),
        hosts=_hosts(host, public),
        public=public,
        proxies=trusted_networks(proxies),
        access=Access(os.environ.get("KG_SERVE_TOKEN", ""), os.environ.get("KG_SERVE_LOGIN", "")),
        alone=True,
    )
    with listening(host, port) as listener:
        address = f"http://{_bracketed(host)}:{listener.getsockname()[1]}/"
        if not _is_loopback(host):
            _warn(host, settings.access)
        start_logging(log_format, session.verbose)
        site = _site(session.project, endpoint or "", timeout, question_timeout)
        _run(site, settings, listener, address, opens)
    return 0


def _hosts(host: str, public: PublicUrl | None) -> frozenset[str] | None:
    """Return the names under which the server answers, None for any."""
    if public is not None:
        return LOOPBACK_NAMES | {_bracketed(host), public.host}
    return LOOPBACK_NAMES | {_bracketed(host)} if _is_loopback(host) else None


def _warn(host: str, access: Access) -> None:
    who = f"with the {access}" if str(access) else "who can reach this machine"
    click.echo(
        f"warning: {host} is not a loopback address: anyone {who} can read the graph and send queries, and nothing is"
        " encrypted; put a server with TLS in front",
        err=True,
    )


def checked_origin(text: str) -> str:
    """Return the origin for CORS as browsers send it.

    Raises:
        UsageError: *text* is not an origin.
    """
    from urllib.parse import urlsplit

    if text in ("", "*"):
        return text
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/") or parts.query:
        raise UsageError(f"--cors: '{text}' is not an origin", "write https://example.org, without a path, or *")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _site(project: Project, endpoint: str, seconds: float, question_seconds: float) -> Site:
    from kg.web.canned import QUESTIONS
    from kg.web.site import open_site

    return open_site(project, _elsewhere(project, endpoint, seconds), replace(QUESTIONS, seconds=question_seconds))


def _run(site: Site, settings: Settings, listener: socket.socket, address: str, opens: bool) -> None:
    """Serve until stopped."""
    import uvicorn

    from kg.web.app import application
    from kg.web.connection import PatientProtocol

    app = application(site, settings)

    class Server(uvicorn.Server):
        """A server that stops running queries, whose clients get an answer, before it waits for requests."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            for ends in (app.state.workers, site.canned):
                Thread(target=ends.close).start()
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=MOST_HEAD,
        timeout_graceful_shutdown=SHUTDOWN,
    )
    seen = f", for clients at {settings.public}" if settings.public else ""
    needs = f"; readers need the {settings.access}" if str(settings.access) else ""
    click.echo(f"serving {site.project.title} at {address} (stop with Ctrl-C){seen}{needs}", err=True)
    if opens:
        click.launch(address)
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: None)  # the server shuts down cleanly and raises the signal again
    try:
        Server(config).run(sockets=[listener])
    finally:
        app.state.workers.close()
        site.close()
    if app.state.poller.is_alive():  # in the middle of a long query that cannot be stopped and is not needed
        sys.stderr.flush()
        os._exit(0)


def _elsewhere(project: Project, endpoint: str, seconds: float) -> Elsewhere | None:
    """Return the graph in another store, None if it is the project's own."""
    settings = project.store_named(endpoint)
    if settings is None:
        return None
    from kg.store.probe import probed
    from kg.store.remote import RemoteStore
    from kg.web.elsewhere import Elsewhere

    return Elsewhere(project, RemoteStore(probed(settings)[0], seconds=seconds))


def listening(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        EndpointError: the port is in use, or the address is not this machine's.
    """
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)  # asyncio sets TCP_NODELAY only if the protocol is given
    except OSError as error:
        problem = f"'{host}' is not an address of this machine: {error.strerror}"
        raise EndpointError(problem, "leave out --host") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        fix = "stop the other program, or choose another --port; 0 takes any free one"
        raise EndpointError(f"cannot listen on {host}, port {port}: {error.strerror}", fix) from error
    return listener


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host.lower()
