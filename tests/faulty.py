"""Servers that misbehave: one that answers what it is told, and a proxy that cuts connections."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Scripted:
    """A server that gives one answer after the other, the last one for ever, and remembers what it was sent.

    An answer is (status, headers, body); a status of 0 closes the connection without an answer.
    """

    url: str
    answers: list[tuple[int, Mapping[str, str], bytes]]
    heads: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@contextmanager
def scripted(
    *answers: tuple[int, Mapping[str, str], bytes], wait: float = 0.0, tls: ssl.SSLContext | None = None
) -> Iterator[Scripted]:
    """Run a scripted server; *wait* seconds pass before the second half of each body."""
    script = Scripted("", list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            script.heads.append({name.lower(): value for name, value in self.headers.items()})
            script.bodies.append(self.rfile.read(int(self.headers.get("content-length") or 0)))
            status, headers, body = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                stopped.wait(wait)
                self.wfile.write(body[len(body) // 2 :])

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - names of the base class

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    stopped = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    script.url = f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    with _served(server, stopped):
        yield script


@contextmanager
def _served(server: ThreadingHTTPServer, stopped: threading.Event) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Proxy:
    """A proxy before a server.

    Attributes:
        url: like the server's, through the proxy.
        budget: bytes that it still lets through to the server; None for all.
        cuts: how many connections it has cut.
    """

    url: str
    budget: int | None = None
    cuts: int = 0


@contextmanager
def cutting(url: str) -> Iterator[Proxy]:
    """Run a proxy before the server at *url* that cuts every connection once its budget is used up."""
    place = urlsplit(url)
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = Proxy(f"http://127.0.0.1:{listener.getsockname()[1]}{place.path}")
    done = threading.Event()
    threads: list[threading.Thread] = []
    sockets = [listener]

    def pump(source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(8192):
                if counted and proxy.budget is not None:
                    proxy.budget -= len(data)
                    if proxy.budget < 0:
                        proxy.cuts += 1
                        break
                sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        while not done.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection((place.hostname or "", place.port or 80))
            sockets.extend((client, server))
            for source, sink, counted in ((client, server, True), (server, client, False)):
                thread = threading.Thread(target=pump, args=(source, sink, counted), daemon=True)
                thread.start()
                threads.append(thread)

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield proxy
    finally:
        done.set()
        for each in sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in (acceptor, *threads):
            thread.join(5)
        for each in sockets:
            each.close()
