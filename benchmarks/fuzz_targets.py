"""A mutated input -> what kg makes of it, within its time and memory. Each kind of input has a function here.

What must hold: no exception but a KgError that names who must act; a finding stands inside its file and has a code that
the catalogue knows; an answer over HTTP is no fault of the server, and is valid in its own type.
"""

from __future__ import annotations

import json
import resource
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn
from xml.etree import ElementTree

from benchmarks.corpus import ROOT
from kg.core.errors import Finding, KgError, source_lines
from kg.ontology.load import load_vocabulary, project_vocabulary
from kg.pipeline.catalogue import all_pages
from kg.pipeline.check import check
from kg.pipeline.checks import read_check
from kg.pipeline.report import Report
from kg.project.settings import Project, load_project
from kg.project.sources import read_sources
from kg.questions.query import query_findings
from kg.render.findings import render_findings
from kg.validation.validate import project_shapes
from kg.words.load import load_languages

MOST_SECONDS = 8.0
"""CPU time that one input may take."""

MOST_MIB = 300
"""By how much one input may raise the peak of the process's memory."""

BY_DESIGN = (503, 504)
"""Statuses above 500 that a request may lead to: the server is busy, or the query took too long."""


class BrokenPromiseError(AssertionError):
    """An input made kg do what it promises not to do."""


# -------- the seeds


def _files(*patterns: str) -> tuple[str, ...]:
    files = sorted({file for pattern in patterns for file in ROOT.glob(pattern)})
    return tuple(file.read_text(encoding="utf-8", errors="surrogateescape") for file in files)


REQUESTS = (
    "GET /",
    "GET /articles?page=2",
    "GET /search?q=lind&kind=Person",
    "GET /search.json?q=lind",
    "GET /network?depth=1&from=2031-01-01",
    "GET /network.svg",
    "GET /timeline?from=2031-01&to=2032&page=1",
    "GET /questions",
    "GET /questions/who-met-whom?person=mara-lind&format=csv",
    "GET /quality?page=2",
    "GET /sparql",
    "GET /ontology/class/Meeting",
    "GET /ontology/finding/KG-S0320",
    "GET /person/mara-lind.html",
    "GET /person/mara-lind.ttl",
    "GET /article/harbour-study\naccept: application/ld+json;q=0.9, text/html;q=0.1",
    "GET /feed/about/person/mara-lind",
    'GET /feed/question/posts-of-person?person=mara-lind\nif-none-match: "x"',
    "GET /healthz",
    "GET /metrics",
    "GET /.well-known/void\naccept: text/turtle",
    "GET /api/queries?tag=people&page=1",
    "GET /api/queries/who-met-whom?person=mara-lind&limit=5&offset=1&format=json",
    "GET /api/queries/agreements-by-stage?stage=Signed&include=corrected",
    'GET /api/openapi.json\nif-none-match: W/"x", *',
    "GET /sparql?query=SELECT%20*%20%7B%20GRAPH%20%3Fg%20%7B%3Fs%20%3Fp%20%3Fo%7D%7D%20LIMIT%203&format=csv",
    "GET /sparql?query=ASK%7B%7D&default-graph-uri=https%3A%2F%2Fexample.org%2Ffiction%2Fg&named-graph-uri=x",
    "POST /sparql\ncontent-type: application/sparql-query\naccept: text/csv\n\n"
    "PREFIX cq: <https://w3id.org/communique/ontology#> SELECT (COUNT(*) AS ?n) (STR(?t) AS ?u)"
    " WHERE { GRAPH ?g { ?s a ?t . OPTIONAL { ?s cq:name ?l FILTER(LANG(?l) = 'en') } } } GROUP BY ?t LIMIT 9",
    "POST /sparql\ncontent-type: application/sparql-query\naccept: text/turtle\n\nCONSTRUCT { <s> <p> 1 } WHERE {}",
    "POST /sparql\ncontent-type: application/x-www-form-urlencoded\n\nquery=DESCRIBE%20%3Fs%20%7B%3Fs%20a%20%3Ft%7D",
    'POST /reconcile\ncontent-type: application/x-www-form-urlencoded\n\nqueries={"q0":{"query":"Lind","type":"Person",'
    '"limit":3,"properties":[{"pid":"name","v":"x"}]}}',
    'POST /reconcile\ncontent-type: application/x-www-form-urlencoded\n\nextend={"ids":["person/mara-lind"],'
    '"properties":[{"id":"name"}]}',
    "GET /reconcile?callback=x",
    "GET /reconcile/suggest/entity?prefix=Li&cursor=1",
    "GET /reconcile/flyout/entity?id=person%2Fmara-lind",
    "GET /reconcile/preview?id=person%2Fmara-lind",
    "GET /static/%2e%2e/%2e%2e/etc/passwd\nhost: testserver\nrange: bytes=0-5",
    "GET /\nhost: testserver\nx-forwarded-host: evil.example\nx-forwarded-prefix: /..//x\nx-forwarded-proto: gopher",
)
"""A method and a target, headers, an empty line and a body."""

SEEDS: Mapping[str, tuple[str, ...]] = {
    "article": _files("tests/fiction/data/articles/*.yaml", "tests/genre/data/articles/*.yaml"),
    "registry": _files("tests/fiction/data/registry/*.yaml", "kg/template/data/registry/*.yaml"),
    "settings": (
        *_files("kg/template/kg.toml", "tests/fiction/kg.toml", "kg.toml"),
        'base = "https://example.org/"\ntitle = "A"\nlicence = "https://example.org/l"\ncurrencies = ["USD"]\n'
        'generations = 9\nstore = "a"\n[stores.a]\nkind = "fuseki"\nurl = "http://127.0.0.1:3030/ds"\n'
        '[stores.b]\nkind = "virtuoso"\nurl = "http://[::1]"\n',
    ),
    "question": _files("queries/*.rq"),
    "check": _files("queries/checks/*.rq"),
    "links": _files("tests/messages/*/links.sssom.tsv"),
    "pins": _files("tests/messages/*/pins.json", "tests/fiction/data/articles/*.pins.json"),
    "ontology": _files("ontology/*.ttl", "ontology/codes/*.ttl", "kg/template/ontology/*.ttl", "tests/shacl/*.ttl"),
    "words": _files("kg/words/languages/*.toml"),
    "request": REQUESTS,
}  # fmt: skip
"""Kind of input -> valid ones, and invalid ones of the tests of messages."""

SHARES: Mapping[str, int] = {
    **dict.fromkeys(SEEDS, 4),
    "article": 6,
    "settings": 6,
    "request": 8,
    "words": 2,
    "ontology": 1,
}
"""Kind -> its share of all inputs, by its cost and by how much there is to get wrong."""


# -------- what must hold of findings


def refuse_broken(findings: Iterable[Finding], texts: Mapping[str, str], codes: Iterable[str]) -> None:
    """Raise a BrokenPromiseError for a finding with an unknown code, or a place outside its file."""
    known = frozenset(codes)
    for finding in findings:
        place = finding.place
        lines = source_lines(texts.get(place.path, ""))
        if finding.code not in known:
            raise BrokenPromiseError(f"the catalogue does not know {finding.code}")
        if not finding.message:
            raise BrokenPromiseError(f"no message: {finding}")
        if not 1 <= place.line <= len(lines):
            raise BrokenPromiseError(f"{finding.code} outside of the file: {place}, which has {len(lines)} lines")
        if not 1 <= place.column <= len(lines[place.line - 1]) + 1:
            raise BrokenPromiseError(f"{finding.code} outside of its line: {place}")


def refuse_unhelpful(error: KgError, file: str = "") -> None:
    """Raise a BrokenPromiseError for an error that stands for a bug, or does not name its *file*."""
    if error.exit_code == 5:
        raise BrokenPromiseError(f"exit code 5: {error.message}")
    if not error.message or file not in error.message:
        raise BrokenPromiseError(f"an error that does not name {file}: {error.message}")


# -------- bounds


def _too_long(_number: int, _frame: FrameType | None) -> NoReturn:
    raise BrokenPromiseError(f"more than {MOST_SECONDS:.0f} s")


@contextmanager
def bounded() -> Iterator[None]:
    """Raise a BrokenPromiseError if what is done inside takes too much time or memory."""
    before = signal.signal(signal.SIGVTALRM, _too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    peak, start = _peak_mib(), time.process_time()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    if time.process_time() - start > MOST_SECONDS:
        raise BrokenPromiseError(f"more than {MOST_SECONDS:.0f} s")
    if _peak_mib() - peak > MOST_MIB:
        raise BrokenPromiseError(f"{_peak_mib() - peak:.0f} MiB more than before")


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# -------- the kinds of input

SETTINGS = """base = "https://example.org/messages/"
queries = ["queries"]
ontology = ["@kg"{ontology}]
words = ["@kg"{words}]
"""


@dataclass(frozen=True)
class Targets:
    """A project in a folder, whose files are replaced by mutated ones, and a client of a server in this process."""

    folder: Path
    asked: Callable[[str, str, Mapping[str, str], bytes], tuple[int, str, bytes]]

    def tried(self, kind: str, text: str) -> None:
        """Do with *text* what kg does with an input of its *kind*.

        Raises:
            BrokenPromiseError: kg did what it promises not to do. Any other exception is a bug, too.
        """
        with bounded():
            getattr(self, f"_{kind}")(text)

    def _project(self, name: str, ontology: str = "", words: str = "") -> Path:
        """Return the folder of the project of that name, made when it is first needed."""
        root = self.folder / name
        if not root.is_dir():
            shutil.copytree(ROOT / "tests" / "messages" / "project", root, ignore=shutil.ignore_patterns("build"))
            for inner in ("queries/checks", "ontology", "words"):
                (root / inner).mkdir(parents=True)
            (root / "kg.toml").write_text(SETTINGS.format(ontology=ontology, words=words), encoding="utf-8")
        return root

    def _checked(self, name: str, path: str, text: str) -> None:
        root = self._project(name)
        file = root / path
        _write(file, text)
        project = load_project(root)
        try:
            report = check(project, [str(file)])
        finally:
            file.unlink()
        self._refuse_broken(project, report)

    def _refuse_broken(self, project: Project, report: Report) -> None:
        refuse_broken(report.findings, report.texts, all_pages(project))
        render_findings(report.findings, "text", report.texts.get)
        json.loads(render_findings(report.findings, "json", report.texts.get))

    def _article(self, text: str) -> None:
        self._checked("articles", "data/articles/x.yaml", text)

    def _registry(self, text: str) -> None:
        self._checked("registry", "data/registry/x.yaml", text)

    def _links(self, text: str) -> None:
        self._checked("links", "data/links.sssom.tsv", text)

    def _pins(self, text: str) -> None:
        root = self._project("pins")
        article = (ROOT / "tests" / "messages" / "quote-not-pinned" / "case.yaml").read_text(encoding="utf-8")
        _write(root / "data" / "articles" / "x.pins.json", text)
        self._checked("pins", "data/articles/x.yaml", article)

    def _settings(self, text: str) -> None:
        root = self._project("settings")
        _write(root / "kg.toml", text)
        try:
            project = load_project(root)
            read_sources(project)
        except KgError as error:
            refuse_unhelpful(error, "kg.toml")

    def _question(self, text: str) -> None:
        root = self._project("questions")
        _write(root / "queries" / "x.rq", text)
        project = load_project(root)
        try:
            findings = query_findings(project, project_vocabulary(project))
        except KgError as error:
            refuse_unhelpful(error, "queries/x.rq")
        else:
            refuse_broken(findings, {"queries/x.rq": text.removeprefix("\ufeff")}, all_pages(project))

    def _check(self, text: str) -> None:
        root = self._project("checks")
        file = root / "queries" / "checks" / "x.rq"
        _write(file, text)
        try:
            read_check(file, "queries/checks/x.rq", [root / "queries"])
            report = check(load_project(root))
        except KgError as error:
            refuse_unhelpful(error, "x.rq")
        else:
            codes = {finding.code for finding in report.findings}
            refuse_broken(report.findings, {**report.texts, "queries/checks/x.rq": text}, codes)

    def _ontology(self, text: str) -> None:
        root = self._project("ontology", ontology=', "ontology"')
        _write(root / "ontology" / "x.ttl", text)
        project = load_project(root)
        try:
            load_vocabulary(project.ontology)
            project_shapes(project)
        except KgError as error:
            refuse_unhelpful(error)

    def _words(self, text: str) -> None:
        root = self._project("words", words=', "words"')
        _write(root / "words" / "en.toml", text)
        project = load_project(root)
        try:
            languages = load_languages(project)
            check(project, [str(root / "data" / "articles")])
        except KgError as error:
            refuse_unhelpful(error, "words/en.toml")
        else:
            assert languages

    def _request(self, text: str) -> None:
        head, _, body = text.partition("\n\n")
        first, *lines = head.split("\n")
        method, _, target = first.partition(" ")
        headers = dict(line.split(": ", 1) for line in lines if ": " in line)
        refuse_faulty(*self.asked(method, target, headers, body.encode("utf-8", "surrogateescape")))


def refuse_faulty(status: int, kind: str, body: bytes) -> None:
    """Raise a BrokenPromiseError for an answer that is a fault of the server, or not what it says it is."""
    if status >= 500 and status not in BY_DESIGN:
        raise BrokenPromiseError(f"status {status}: {body[:300]!r}")
    media = kind.partition(";")[0]
    if not body:
        return
    if media.endswith("json"):
        json.loads(body)
    elif media.endswith("xml"):
        ElementTree.fromstring(body)
    elif media.startswith("text/"):
        body.decode("utf-8")


def _write(file: Path, text: str) -> None:
    """Write a text, whose lone surrogates U+DC80 to U+DCFF stand for bytes that are not UTF-8."""
    file.unlink(missing_ok=True)
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
