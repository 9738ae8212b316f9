"""A page in a browser, and what may not go wrong in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, Request

PATIENCE = 30_000
"""Milliseconds that a page may take, on a machine that is busy with something else."""

WIDE, SMALL = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


FOR_THE_MOMENT = ("/static/icon.svg", "/search.json?", "/draft")
"""What nobody waits for who leaves a page: its icon, names that fit what was typed, and the second copy of a draft."""


def left_early(request: Request) -> bool:
    """Whether a page was left, by a click or a key, while what is only FOR_THE_MOMENT was still on the way."""
    return request.failure == "net::ERR_ABORTED" and any(part in request.url for part in FOR_THE_MOMENT)


@contextmanager
def opened(browser: Browser, address: str, *, allowed: str = "", **options: Any) -> Iterator[Page]:
    """Open a page and, at the end, refuse what went wrong in it: errors, failed requests, requests to other hosts.

    *allowed* is a pattern of messages that the test expects.
    """
    context = browser.new_context(viewport=options.pop("viewport", WIDE), **options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    wrong: list[str] = []
    host = re.match(r"\w+://[^/]*", address)
    assert host
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda r: None if left_early(r) else wrong.append(f"failed: {r.url}: {r.failure}"))
    page.on(
        "request",
        lambda r: None if r.url.startswith((host[0], "data:", "blob:")) else wrong.append(f"foreign: {r.url}"),
    )
    page.on("response", lambda r: wrong.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
    page.goto(address, wait_until="load")
    yield page
    page.wait_for_timeout(50)
    faults = [some for some in wrong if not (allowed and re.search(allowed, some))]
    context.close()  # ends requests that are under way, which is no fault
    assert not faults, "\n".join(faults)


def too_wide(page: Page) -> bool:
    """Whether a page runs over the right edge of its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
