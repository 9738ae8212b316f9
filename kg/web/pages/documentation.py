"""Documentation -> pages of HTML: which there are, where each stands, and what its template is given. Pure.

A server and a folder of files show the same pages; they differ in the addresses of links and in the frame around.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from posixpath import relpath
from urllib.parse import quote

from markupsafe import Markup, escape

from kg.core.iri import path_segment
from kg.core.terms import CODE
from kg.docs.diagram import concern_svg
from kg.docs.model import Documentation
from kg.docs.terms import short
from kg.render.terminal import harmless
from kg.web.pages.frame import STATIC, environment

SECTIONS = (
    ("", "Terms"),
    ("mapping", "Writing a mapping"),
    ("codes", "Code lists"),
    ("findings", "Findings"),
    ("derivations", "Derived facts"),
    ("questions", "Questions"),
    ("prefixes", "Prefixes"),
)
"""Pages that stand alone, in the order of the links to them; the first is the entrance."""

FILES = ("ontology.ttl", "shapes.ttl")
ASSETS = ("site.css", "documentation.css", "documentation.js", "icon.svg")
ROOT = "/ontology"

GENERATOR = '<meta name="generator" content="kg docs">'
"""By this line in its index.html a folder is known to be ours."""

_ENDINGS = frozenset(Path(name).suffix for name in (*FILES, *ASSETS, "index.html"))
_NAME = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class PageKey:
    """Which page: kind and name of what it is about.

    Attributes:
        kind: "section", "concern", "class", "property", "finding", "derivation", "question" or "file".
        name: of the thing; "" for the entrance.
    """

    kind: str
    name: str = ""

    @property
    def path(self) -> str:
        """Where it is below the entrance, without ending: `class/Meeting`."""
        if self.kind in ("section", "file"):
            return self.name
        return f"{self.kind}/{path_segment(self.name)}"


Address = Callable[[PageKey], str]
"""Where a page leads to for another page."""


def served_address(place: PageKey) -> str:
    """Return the address of a page in a server."""
    return f"{ROOT}/{quote(place.path)}" if place.path else ROOT


def file_of(place: PageKey) -> str:
    """Return the path of a page in a folder of files."""
    return place.path if place.kind == "file" else f"{place.path or 'index'}.html"


def file_address(here: PageKey) -> Address:
    """Return where pages lead to from the page *here*, in a folder of files."""
    folder = file_of(here).rpartition("/")[0] or "."
    return lambda place: quote(relpath(file_of(place), folder))


@dataclass(frozen=True)
class Pages:
    """All pages of one documentation.

    Attributes:
        documentation: that they show.
    """

    documentation: Documentation

    def places(self) -> Iterator[PageKey]:
        """Yield every page, the entrance first."""
        yield from (PageKey("section", name) for name, _ in SECTIONS)
        for kind, table in self._tables.items():
            yield from (PageKey(kind, name) for name in table)

    @cached_property
    def _tables(self) -> Mapping[str, Mapping[str, object]]:
        told = self.documentation
        return {
            "concern": told.concerns,
            "class": told.classes,
            "property": told.properties,
            "finding": told.findings,
            "derivation": told.derivations,
            "question": told.questions,
        }

    @cached_property
    def _by_path(self) -> Mapping[str, PageKey]:
        return {place.path: place for place in self.places()}

    def at(self, path: str) -> PageKey | None:
        """Return the page at a path below the entrance, None when there is none."""
        return self._by_path.get(path.strip("/"))

    def template(self, place: PageKey) -> str:
        """Return the name of a page's template."""
        return f"ontology/{place.name or 'index' if place.kind == 'section' else place.kind}.html"

    def html(self, place: PageKey, address: Address, **frame: object) -> str:
        """Return the page; *frame* is what its layout needs, and `layout` itself."""
        return environment().get_template(self.template(place)).render(self.shown(place, address), **frame)

    def shown(self, place: PageKey, address: Address) -> dict[str, object]:
        """Return what the template of a page is given."""
        links = _PageLinks(self, address)
        known: dict[str, object] = {
            "doc": self.documentation,
            "place": place,
            "sections": SECTIONS,
            "files": FILES,
            "to": links.to,
            "told": links.told,
            "short": short,
            "served": False,
            "examples": (),
            "sought": "",
            "asked_at": "",
            "thing": self._tables[place.kind][place.name] if place.kind in self._tables else None,
        }
        if place.kind == "concern":
            concern = self.documentation.concerns[place.name]
            known["picture"] = Markup(concern_svg(self.documentation, concern, links.to))
        return known

    def home_of(self, name: str) -> tuple[PageKey, str] | None:
        """Return page and anchor of a term, code or finding that a text names, None for any other word."""
        told = self.documentation
        if name in told.classes:
            return PageKey("class", name), ""
        if name in told.properties:
            return PageKey("property", name), ""
        if name in told.findings:
            return PageKey("finding", name), ""
        found = self._code_homes.get(name)
        return (PageKey("class", found), name.rpartition("/")[2]) if found else None

    @cached_property
    def _code_homes(self) -> Mapping[str, str]:
        """`list/Entry` -> class of the list."""
        told = self.documentation.classes
        return {code.iri.removeprefix(CODE): doc.name for doc in told.values() for code in doc.codes}


class _PageLinks:
    """Links from one page to others."""

    def __init__(self, pages: Pages, address: Address) -> None:
        self._pages, self._address = pages, address

    def to(self, kind: str, name: str = "", anchor: str = "") -> str:
        """Return the address of a page, and of a place in it."""
        return self._address(PageKey(kind, name)) + (f"#{quote(anchor)}" if anchor else "")

    def told(self, text: str) -> Markup:
        """Return *text* with each name in backticks as code, linked to its page if it has one."""
        made, end = Markup(), 0
        for match in _NAME.finditer(text):
            made += escape(harmless(text[end : match.start()])) + self._code(match[1])
            end = match.end()
        return made + escape(harmless(text[end:]))

    def _code(self, name: str) -> Markup:
        home = self._pages.home_of(name)
        code = Markup("<code>{}</code>").format(harmless(name))
        return (
            Markup('<a href="{}">{}</a>').format(self.to(home[0].kind, home[0].name, home[1]), code) if home else code
        )


def files(documentation: Documentation) -> dict[str, bytes]:
    """Return path -> content of all pages as files that lead to one another by relative addresses."""
    pages = Pages(documentation)
    written: dict[str, bytes] = {}
    for place in pages.places():
        address = file_address(place)
        frame = {"layout": "ontology/alone.html", "static": lambda name, to=address: to(PageKey("file", name))}
        written[file_of(place)] = pages.html(place, address, **frame).encode()
    written |= {"ontology.ttl": documentation.turtle.encode(), "shapes.ttl": documentation.shapes.encode()}
    return written | {name: (STATIC / name).read_bytes() for name in ASSETS}


def is_written_by_us(folder: Path) -> bool:
    """Tell whether a folder holds what `files` gave, and nothing else that would be lost."""
    index = folder / "index.html"
    marked = index.is_file() and GENERATOR.encode() in index.read_bytes()
    return marked and all(path.suffix in _ENDINGS for path in folder.rglob("*") if not path.is_dir())
