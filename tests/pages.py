"""HTML as a checker reads it: its elements, ids, links and headings, and what a page must keep to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from posixpath import dirname, join, normpath
from urllib.parse import unquote, urlsplit

VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
MAY_STAY_OPEN = frozenset({"li", "dt", "dd", "p", "td", "th", "tr", "option"})


@dataclass
class Html(HTMLParser):
    """One page, parsed strictly: every element that is opened is closed in its turn."""

    text: str
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.text)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if len({name for name, _ in attrs}) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:] or 'nothing'} at {self.getpos()}")
        else:
            self.open.pop()

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of each element of this name."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def ids(self) -> set[str]:
        return {attributes["id"] for _, attributes in self.elements if "id" in attributes}

    def links(self) -> Iterator[str]:
        """Yield every address that a reader or a browser may follow from the page."""
        for _, attributes in self.elements:
            yield from (attributes[name] for name in ("href", "src", "action") if name in attributes)


def faults(page: Html) -> list[str]:
    """Return what is wrong with a page: nesting, ids, headings, names, and what a strict policy forbids."""
    found = list(page.faults)
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
    found += [f"the id {name!r} stands {times} times" for name, times in ids.items() if times > 1]
    if len(page.all("h1")) != 1:
        found.append(f"{len(page.all('h1'))} h1")
    if not page.all("html")[0].get("lang") or not page.all("title"):
        found.append("no language or no title")
    for tag, attributes in page.elements:
        if tag == "style" or (tag == "script" and "src" not in attributes):
            found.append(f"<{tag}> in the page")
        found += [f"{tag} {name}" for name in attributes if name == "style" or name.startswith("on")]
        if tag == "img" and "alt" not in attributes:
            found.append("an image without words")
    found += [f"foreign {address}" for address in _loaded(page) if urlsplit(address).netloc]
    return found


def _loaded(page: Html) -> Iterator[str]:
    yield from (a["src"] for tag, a in page.elements if "src" in a and tag != "a")
    yield from (a["href"] for a in page.all("link") if a.get("rel") in ("stylesheet", "icon", "preload"))


def target(here: str, address: str) -> tuple[str, str] | None:
    """Return the file and the anchor that a relative *address* in the file *here* leads to; None when it leads away."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    file = normpath(join(dirname(here), unquote(parts.path))) if parts.path else here
    return file, unquote(parts.fragment)
