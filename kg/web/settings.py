"""The settings of a server, each with a safe default. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field

from kg.store.isolation import Limits
from kg.web.access import Access
from kg.web.public import Network, PublicUrl

WORKERS = 4
CANNED = 8


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a server.

    Attributes:
        limits: those of one untrusted query.
        workers: how many untrusted queries run at once; twice as many may wait.
        canned: how many answers for programs are made at once; four times as many may wait.
        patience: seconds that a query may wait for its turn.
        cors: the origin whose pages may read the answers, `*` for all, "" for none.
        hosts: the names under which this server may be requested, None for any.
        public: the address under which clients reach this server, None for the one in each request.
        proxies: networks whose X-Forwarded headers and request ids are trusted.
        access: who may read.
        alone: whether the process does nothing else, so that garbage collection may skip permanent objects.
        ahead: whether what pages need of a whole graph is made in the background, before a reader asks for it.
    """

    limits: Limits = field(default_factory=Limits)
    workers: int = WORKERS
    canned: int = CANNED
    patience: float = 5.0
    cors: str = ""
    hosts: frozenset[str] | None = None
    public: PublicUrl | None = None
    proxies: tuple[Network, ...] = ()
    access: Access = field(default_factory=Access)
    alone: bool = False
    ahead: bool = True
