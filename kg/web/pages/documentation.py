"""Documentation -> pages of HTML: the list of pages, their addresses, and the context of their templates. Pure.

A server and a folder of files show the same pages. They differ in the addresses of links and in the layout.
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
"""Pages that are not about one thing, in the order of navigation. The first is the entrance."""

FILES = ("ontology.ttl", "shapes.ttl")
ASSETS = ("tokens.css", "site.css", "documentation.css", "documentation.js", "icon.svg")
ROOT = "/ontology"

GENERATOR = '<meta name="generator" content="kg docs">'
"""The line in index.html that marks a folder as ours."""

_ENDINGS = frozenset(Path(name).suffix for name in (*FILES, *ASSETS, "index.html"))
_NAME = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class PageKey:
    """The key of a page: the kind and name of its subject.

    Attributes:
        kind: "section", "concern", "class", "property", "finding", "derivation", "question" or "file".
        name: the name of the subject, "" for the entrance.
    """

    kind: str
    name: str = ""

    @property
    def path(self) -> str:
        """Its path below the entrance, without extension: `class/Meeting`."""
        if self.kind in ("section", "file"):
            return self.name
        return f"{self.kind}/{path_segment(self.name)}"


Address = Callable[[PageKey], str]
"""Returns the address of another page, as a page links to it."""


def served_address(root: str = "") -> Address:
    """Return the addresses of pages on a server, below *root*."""
    return lambda place: f"{root}{ROOT}/{quote(place.path)}" if place.path else root + ROOT


def file_of(place: PageKey) -> str:
    """Return the path of a page in a folder of files."""
    return place.path if place.kind == "file" else f"{place.path or 'index'}.html"


def file_address(here: PageKey) -> Address:
    """Return the addresses of other pages relative to the page *here*, in a folder of files."""
    folder = file_of(here).rpartition("/")[0] or "."
    return lambda place: quote(relpath(file_of(place), folder))


@dataclass(frozen=True)
class Pages:
    """All pages of one documentation.

    Attributes:
        documentation: their content.
    """

    documentation: Documentation

    def places(self) -> Iterator[PageKey]:
        """Yield every page, starting with the entrance."""
        yield from (PageKey("section", name) for name, _ in SECTIONS)
        for kind, table in self._tables.items():
            yield from (PageKey(kind, name) for name in table)

    @cached_property
    def _tables(self) -> Mapping[str, Mapping[str, object]]:
        doc = self.documentation
        return {
            "concern": doc.concerns,
            "class": doc.classes,
            "property": doc.properties,
            "finding": doc.findings,
            "derivation": doc.derivations,
            "question": doc.questions,
        }

    @cached_property
    def _by_path(self) -> Mapping[str, PageKey]:
        return {place.path: place for place in self.places()}

    def at(self, path: str) -> PageKey | None:
        """Return the page at a path below the entrance, None if there is none."""
        return self._by_path.get(path.strip("/"))

    def template(self, place: PageKey) -> str:
        """Return the name of a page's template."""
        return f"ontology/{place.name or 'index' if place.kind == 'section' else place.kind}.html"

    def html(self, place: PageKey, address: Address, **frame: object) -> str:
        """Return the page. *frame* is the context of its layout, and `layout` itself."""
        return environment().get_template(self.template(place)).render(self.shown(place, address), **frame)

    def shown(self, place: PageKey, address: Address) -> dict[str, object]:
        """Return the context of a page's template."""
        links = _PageLinks(self, address)
        known: dict[str, object] = {
            "doc": self.documentation,
            "place": place,
            "sections": SECTIONS,
            "files": FILES,
            "to": links.to,
            "linked": links.linked,
            "short": short,
            "served": False,
            "examples": (),
            "sought": "",
            "form_action": "",
            "thing": self._tables[place.kind][place.name] if place.kind in self._tables else None,
        }
        if place.kind == "concern":
            concern = self.documentation.concerns[place.name]
            known["picture"] = Markup(concern_svg(self.documentation, concern, links.to))
        return known

    def home_of(self, name: str) -> tuple[PageKey, str] | None:
        """Return the page and anchor of a term, code or finding with that name, None for any other word."""
        doc = self.documentation
        if name in doc.classes:
            return PageKey("class", name), ""
        if name in doc.properties:
            return PageKey("property", name), ""
        if name in doc.findings:
            return PageKey("finding", name), ""
        list_class = self._code_homes.get(name)
        return (PageKey("class", list_class), name.rpartition("/")[2]) if list_class else None

    @cached_property
    def _code_homes(self) -> Mapping[str, str]:
        """`list/Entry` -> class of the list."""
        classes = self.documentation.classes
        return {code.iri.removeprefix(CODE): doc.name for doc in classes.values() for code in doc.codes}


class _PageLinks:
    """Links from one page to others."""

    def __init__(self, pages: Pages, address: Address) -> None:
        self._pages, self._address = pages, address

    def to(self, kind: str, name: str = "", anchor: str = "") -> str:
        """Return the address of a page, or of an anchor in it."""
        return self._address(PageKey(kind, name)) + (f"#{quote(anchor)}" if anchor else "")

    def linked(self, text: str) -> Markup:
        """Return *text* with each name in backticks as code, linked to its page if there is one."""
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
    """Return path -> content of all pages as files with relative links."""
    pages = Pages(documentation)
    written: dict[str, bytes] = {}
    for place in pages.places():
        address = file_address(place)
        frame = {"layout": "ontology/alone.html", "static": lambda name, to=address: to(PageKey("file", name))}
        written[file_of(place)] = pages.html(place, address, **frame).encode()
    written |= {"ontology.ttl": documentation.turtle.encode(), "shapes.ttl": documentation.shapes.encode()}
    return written | {name: (STATIC / name).read_bytes() for name in ASSETS}


def is_written_by_us(folder: Path) -> bool:
    """Return whether a folder holds the output of `files`, and nothing else that would be lost."""
    index = folder / "index.html"
    marked = index.is_file() and GENERATOR.encode() in index.read_bytes()
    return marked and all(path.suffix in _ENDINGS for path in folder.rglob("*") if not path.is_dir())
