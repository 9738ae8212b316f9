"""A server for chat completions that answers as a test wishes, over real connections on this machine."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass
class Model:
    """What the server got, and how it answers.

    Attributes:
        answer: called with a handler, for each request for a completion.
        requests: path, headers and body of each request.
    """

    answer: Callable[[BaseHTTPRequestHandler], None]
    requests: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    names: tuple[str, ...] = ("tide-7b", "tide-70b")
    url: str = ""
    ended: Event = field(default_factory=Event)

    @property
    def paths(self) -> list[str]:
        return [path for path, _, _ in self.requests]


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"content-type": "application/json", "content-length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def completion(words: str, finish: str = "stop") -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": words}, "finish_reason": finish}
    return json.dumps({"object": "chat.completion", "choices": [choice]}).encode()


def answering(content: object, finish: str = "stop") -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer with *content*: JSON, or a text as it is."""
    words = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    return lambda handler: send(handler, completion(words, finish))


def slowly(body: bytes, pause: float, *, head: bool = False) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answer one byte at a time, with pauses: the body, or already the head."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if not head:
            handler.send_response(200)
            handler.send_header("content-length", str(len(body)))
            handler.end_headers()
        for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"x" * 1000 if head else body:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(pause)

    return answer


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[Model]:
    """Serve a model until the end of the block."""
    model = Model(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._keep()
            send(self, json.dumps({"data": [{"id": name} for name in model.names]}).encode())

        def do_POST(self) -> None:
            self._keep()
            try:
                model.answer(self)
            except OSError:  # the client has given up
                self.close_connection = True

        def _keep(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            model.requests.append((self.path, headers, body))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield model
    finally:
        model.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
