"""A template and its context -> an HTML answer. Reads the templates of this package.

Escaping is always on. Characters that change the reading direction or are invisible are replaced in every expression
before it is escaped. Only `Markup`, made by templates, is left as it is.
https://jinja.palletsprojects.com/en/stable/api/#autoescaping
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from kg.core.english import counted
from kg.core.model import Term
from kg.core.periods import period as days
from kg.core.terms import CQ, RULE
from kg.core.values import is_iri, lexical
from kg.questions.words import OUR_SUMMARY, Passage
from kg.render.terminal import harmless
from kg.web.pages.marking import by_sentence
from kg.web.site import Site

STATIC = Path(__file__).parent.parent / "static"
NAVIGATION = (
    ("/browse", "Browse", ("/articles",)),
    ("/questions", "Questions", ()),
    ("/timeline", "Timeline", ()),
    ("/network", "Network", ()),
    ("/map", "Map", ()),
    ("/data", "Data", ("/sparql", "/ontology", "/quality")),
)
"""Addresses and names of the links in the head of each page, and the other pages that they lead to."""

PICTURE_POLICY = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""Headers of a picture that is a file: it needs its own style and nothing else."""

_ONTOLOGY_TERM = re.compile(f"{re.escape(CQ)}([A-Za-z][A-Za-z0-9]*)")
_QUOTED_NAME = re.compile("'([a-z][a-z0-9-]*)'")
_NEEDLESS = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+|%(?:2[DEde]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])")
"""Percent-encodings that an IRI does not need: of non-ASCII and of unreserved characters (RFC 3986, 6.2.2.2)."""


def page(site: Site, request: Request, template: str, *, status: int = 200, **shown: object) -> HTMLResponse:
    """Return *template* filled with *shown*. It may extend `layout.html`, which needs nothing else.

    Templates also have `site`, `root` (what stands before each path, see kg/web/public.py), `here` (the path of the
    address without it), `navigation`, `path` (a term's address on this server), `feed` (that of the feed about a
    term, "" if there are no feeds), `static` (a file's address) and `vendored` (whether a file of a JavaScript package
    is there).
    """
    root = root_of(request)

    def rooted(path_here: str) -> str:
        return path_here and root + path_here

    known = {
        "site": site,
        "root": root,
        "here": request.url.path.removeprefix(root),
        "navigation": NAVIGATION,
        "path": lambda term: rooted(path(site, term)),
        "static": lambda name: rooted(static(name)),
        "anchor": anchor,
        "feed": lambda term: rooted(f"/feed/about{path(site, term)}") if site.has_generations else "",
        "with_titles": lambda text: with_titles(site, text, root),
    }
    return HTMLResponse(environment().get_template(template).render(known | shown), status)


def root_of(request: Request) -> str:
    """Return what stands before each path of this server in the addresses that its clients use, "" if nothing."""
    return str(request.scope.get("root_path", ""))


@cache
def environment() -> Environment:
    """Return the environment of all templates."""
    made = Environment(
        loader=PackageLoader("kg.web"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finished,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"static": static, "vendored": vendored, "days": days, "our_summary": OUR_SUMMARY}
    made.filters |= {"count": counted, "fragment": fragment, "by_sentence": by_sentence, "tag": tag_shown}
    made.filters["literal"] = lexical
    return made


@cache
def compile_templates() -> None:
    """Compile all templates, so that no page has to wait for that."""
    for name in environment().list_templates(["html"]):
        environment().get_template(name)


def path(site: Site, term: Term | str) -> str:
    """Return where this server shows a thing of the project, a class or property of our ontology, or a rule, "" for
    anything else."""
    iri = lexical(term) if term.startswith("<") else term
    term_of_ours = _ONTOLOGY_TERM.fullmatch(iri)
    if term_of_ours:
        name = term_of_ours[1]
        return f"/ontology/{'class' if name[0].isupper() else 'property'}/{name}"
    if iri.startswith(RULE):
        return f"/ontology/finding/{quote(iri.removeprefix(RULE))}"
    base = site.project.base
    return f"/{quote(iri.removeprefix(base), safe='/%')}" if iri.startswith(base) and iri != base else ""


def tag_shown(tag: str) -> str:
    """Return a language tag in its usual case.

    >>> tag_shown("zh-hans"), tag_shown("de-ch"), tag_shown("el")
    ('zh-Hans', 'de-CH', 'el')
    """
    first, *others = tag.lower().split("-")
    return "-".join([first, *({4: str.title, 2: str.upper}.get(len(part), str)(part) for part in others)])


def with_titles(site: Site, text: str, root: str) -> Markup:
    """Return a text in which quoted names of questions are links, below *root*, with their titles."""
    titles = {query.name: query.title for query in site.queries}
    pieces = _QUOTED_NAME.split(text)
    linked = [
        Markup('“<a href="{}/questions/{}">{}</a>”').format(root, piece, titles[piece]) if k % 2 and piece in titles
        else escape(harmless(f"'{piece}'" if k % 2 else piece))
        for k, piece in enumerate(pieces)
    ]  # fmt: skip
    return Markup("").join(linked)


def fragment(term: Term) -> str:
    """Return the fragment of a fact on the page of its article.

    >>> fragment("<https://example.org/article/harbour-study/meeting/participation/mara-lind>")
    'fact-meeting'
    """
    rest = lexical(term).partition("/article/")[2].split("/")
    return f"fact-{rest[1]}" if len(rest) > 1 else "text"


def anchor(words: Passage) -> str:
    """Return the fragment, on the page of an article, of the fact that these words support."""
    return f"#{quote(fragment(words.fact))}"


def term_at(site: Site, request: Request, below: str = "") -> Term:
    """Return the term at the address of the request, even if the graph does not have it, "" if it cannot be one.

    *below* is the beginning of addresses at which something else about the term is shown.
    """
    raw = request.scope.get("raw_path") or quote(request.url.path.removeprefix(root_of(request))).encode()
    written = _NEEDLESS.sub(_decoded, raw.decode("ascii", "replace").partition("?")[0]).removeprefix(below)
    term = f"<{site.project.base}{written.removeprefix('/')}>"
    return term if is_iri(term) and not set(written) & set(' <>"{}|^`\\\x7f') else ""


def includes_displaced(request: Request) -> bool:
    """Return whether the address includes what no longer stands, as in questions: `include=displaced`."""
    return request.query_params.get("include", "").lower() == "displaced"


def state_of(request: Request, *names: str) -> str:
    """Return those parameters of the address that have a value, for links to the same in another form."""
    return urlencode({name: request.query_params[name] for name in names if request.query_params.get(name)})


def number_in(request: Request, name: str) -> int:
    """Return the number that the address gives for *name*, 0 if there is none or it is not valid."""
    given = request.query_params.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0


@dataclass(frozen=True, slots=True)
class Period:
    """The period in an address: days as year-month-day, "" for open, and what is wrong with it, or ""."""

    since: str
    until: str
    fault: str = ""


def period_in(request: Request) -> Period:
    """Return the period that the address gives as `since` and `until`. Invalid days are left out and reported."""
    given = {name: request.query_params.get(name, "").strip() for name in ("since", "until")}
    days = {name: _day(text) for name, text in given.items()}
    wrong = [text for name, text in given.items() if text and not days[name]]
    if wrong:
        names = " and ".join(f"“{text[:40]}”" for text in wrong)
        return Period(days["since"], days["until"], f"{names}: write a day as year-month-day, such as 2017-02-09.")
    reversed_ = days["since"] and days["until"] and days["until"] < days["since"]
    return Period(days["since"], days["until"], "The period ends before it begins." if reversed_ else "")


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


@cache
def static(name: str) -> str:
    """Return the address of a file below static/, which changes when the file does."""
    file = STATIC / name
    seal = sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"
    return f"/static/{quote(name)}?v={seal}"


def vendored(name: str) -> bool:
    """Return whether a file of a JavaScript package was put below static/vendor/ when this package was built."""
    return (STATIC / "vendor" / name).is_file()


def _finished(value: object) -> object:
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _decoded(match: re.Match[str]) -> str:
    try:
        return bytes.fromhex(match[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return match[0]
