"""A prompt -> the words of a language model, from any endpoint for OpenAI-compatible chat completions.

One request, over the client of kg/store/client.py: no redirect is followed, so that the key and the text go to no other
host; certificates are checked; a reply has limits of time and size. The package `openai` would bring eleven others for
these two requests. https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from queue import Empty, Queue
from threading import Thread
from typing import TypeVar
from urllib.parse import urlsplit

from kg.core.errors import Failure, InputError, RemoteError, UsageError
from kg.project.endpoint import Endpoint, StoreSettings, address_settings
from kg.project.store_kinds import ANY
from kg.store.client import Client, Request
from kg.store.credentials import Credentials
from kg.store.replies import Reply, problem

KEY_VARIABLE = "KG_MODEL_KEY"
MOST_BYTES = 4 << 20
"""Of an answer, decompressed. A draft of a long article has some 50 kB."""

SECONDS = 300.0
_KEY = re.compile("[!-~]+")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99}")
_PATH = "/chat/completions"
_FIXES = {
    Failure.UNAUTHORIZED: f"set {KEY_VARIABLE} to the key of this endpoint",
    Failure.FORBIDDEN: f"check what the key in {KEY_VARIABLE} allows",
    Failure.NOT_FOUND: "give the address before /chat/completions, such as http://localhost:11434/v1, and the name of "
    "a model that it has, as --model-name",
    Failure.REDIRECTED: "give that address itself, if you trust it: neither the text nor the key follows a redirect",
    Failure.TIMEOUT: "allow more --seconds, or choose a faster model",
    Failure.TRUNCATED: "choose another model",
    Failure.TOO_LARGE: "choose a model that takes longer texts",
    Failure.BUSY: "try again later",
    Failure.CUT: "run the same command again",
    Failure.REFUSED: "read the server's message; the model may not take a text of this length",
}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation: its role (system, user) and its words."""

    role: str
    content: str


@dataclass(frozen=True)
class ChatEndpoint:
    """An endpoint for chat completions.

    Attributes:
        url: its address, before /chat/completions.
        key: that proves who we are, "" for none. It is never shown.
        seconds: for each answer.
    """

    url: str
    key: str = ""
    seconds: float = SECONDS

    def __repr__(self) -> str:
        return f"ChatEndpoint({self.url!r}, key {'known' if self.key else 'none'})"

    @property
    def host(self) -> str:
        """Where requests go: host, and port if it is given."""
        return urlsplit(self.url).netloc

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody else can read what is sent."""
        return self.url.lower().startswith("https:")

    def first_model(self) -> str:
        """Return the name of the first model that the endpoint lists.

        Raises:
            RemoteError: it lists none, or does not answer.
        """
        reply = self._reply(Request("GET", f"{self.url}/models", "list of models", {}, {"Accept": "application/json"}))
        models = _member(_json(reply, self.url), "data")
        first = models[0] if isinstance(models, list) and models else None
        name = _member(first, "id")
        if not isinstance(name, str) or not is_model_name(name):
            raise _malformed(self.url, "it lists no model", "name one, as --model-name")
        return name

    def completed(self, model: str, messages: Sequence[Message]) -> str:
        """Return what a model answers to a conversation.

        Raises:
            RemoteError: there is no whole answer.
        """
        body = request_body(model, messages)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        reply = self._reply(Request("POST", self.url + _PATH, "chat completion", {}, headers, body))
        choices = _member(_json(reply, self.url), "choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if _member(choice, "finish_reason") == "length":
            message = f"model {self.url}: the answer was cut where the model's limit of tokens is"
            raise RemoteError(Failure.TRUNCATED, message, "choose a model with a higher limit, or a shorter article")
        words = _words(_member(_member(choice, "message"), "content"))
        if not words.strip():
            raise _malformed(self.url, "the answer has no words of a model", "check that it is a chat-completions API")
        return words

    def _reply(self, request: Request) -> Reply:
        """Return the successful reply to a request that is sent once, since each may cost money."""
        sized = Request(
            request.method,
            request.url,
            request.what,
            request.parameters,
            request.headers,
            request.body,
            seconds=self.seconds,
            most=MOST_BYTES,
        )
        endpoint = Endpoint(StoreSettings("", self.url), ANY, "", "", "", "", "", gzip=False)
        try:
            with Client(endpoint, Credentials(token=self.key), role="model") as client:
                reply = _within(self.seconds + 1, lambda: client.exchange(sized))
        except TimeoutError:
            message = f"model {self.url}, {request.what}: no complete answer within {self.seconds:.3g} s"
            raise RemoteError(Failure.TIMEOUT, message, _FIXES[Failure.TIMEOUT]) from None
        except RemoteError as error:
            raise RemoteError(error.failure, error.message, _FIXES.get(error.failure, error.fix)) from error
        if 200 <= reply.status < 300:
            return reply
        refused = problem(reply, f"model {self.url}, {request.what}", writing=False)
        raise RemoteError(refused.failure, self._without_key(refused.message), _FIXES.get(refused.failure, refused.fix))

    def _without_key(self, message: str) -> str:
        """Return a message without the key, which some servers repeat."""
        return message.replace(self.key, "…") if self.key else message


def chat_endpoint(url: str, seconds: float = SECONDS, environment: Mapping[str, str] = os.environ) -> ChatEndpoint:
    """Return the endpoint at an address, with the key in the environment.

    Raises:
        UsageError: it is no address of an endpoint, or the key would go to another host unencrypted.
        InputError: the key has characters that no key has.
    """
    root = url.rstrip("/").removesuffix(_PATH)
    parts = urlsplit(_checked(root))
    key = environment.get(KEY_VARIABLE, "")
    if key and not _KEY.fullmatch(key):
        raise InputError(f"{KEY_VARIABLE} contains a character that a key cannot have", "ASCII, in one line")
    if key and parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise UsageError(f"the key in {KEY_VARIABLE} would go to {parts.netloc} unencrypted", "use https, or unset it")
    return ChatEndpoint(root, key, seconds)


def _checked(url: str) -> str:
    """Return an address that has nothing but scheme, host, port and path.

    Raises:
        UsageError: it has more, or is none.
    """
    fix = "for example http://localhost:11434/v1"
    if set("@?#") & set(url):
        raise UsageError("the address of a model has no name, password or query", fix)
    try:
        address_settings(url)
    except InputError:
        raise UsageError(f"{url[:200]!r} is not the address of a model", fix) from None
    return url


def is_model_name(name: str) -> bool:
    """Return whether a name can be that of a model: it becomes part of the graph.

    >>> is_model_name("org/model-7b:latest"), is_model_name("a model\\n")
    (True, False)
    """
    return bool(_MODEL.fullmatch(name))


def request_body(model: str, messages: Sequence[Message]) -> bytes:
    """Return the whole body of a request for a completion."""
    content = {
        "model": model,
        "messages": [{"role": each.role, "content": each.content} for each in messages],
        "stream": False,
    }
    return json.dumps(content, ensure_ascii=False).encode()


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _within(seconds: float, call: Callable[[], _T]) -> _T:
    """Return what a call returns. Sockets limit the time between two bytes only, so it is given up from outside.

    Raises:
        TimeoutError: it has not ended in time; its thread ends with the process.
    """
    results: Queue[_T | Exception] = Queue()

    def run() -> None:
        try:
            results.put(call())
        except Exception as error:  # handed over whole
            results.put(error)

    Thread(target=run, daemon=True).start()
    try:
        result = results.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(result, Exception):
        raise result
    return result


def _json(reply: Reply, url: str) -> object:
    try:
        return json.loads(reply.body.decode("utf-8"))
    except UnicodeDecodeError:
        raise _malformed(url, "the answer is not UTF-8", "check that it is a chat-completions API") from None
    except (ValueError, RecursionError) as error:
        raise _malformed(url, f"the answer is not JSON: {error}", "check that it is a chat-completions API") from None


def _member(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else None


def _words(content: object) -> str:
    """Return the words of a message: a text, or a list of parts with texts."""
    if isinstance(content, list):
        return "".join(_words(_member(part, "text")) for part in content)
    return content if isinstance(content, str) else ""


def _malformed(url: str, what: str, fix: str) -> RemoteError:
    return RemoteError(Failure.MALFORMED, f"model {url}: {what}", fix)
