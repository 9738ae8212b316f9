"""`kg new`: a page or a text becomes an article that can be checked, and everything left out or unknown is said.

A case is a file of tests/bench/new; NAME.yaml is the mapping that it becomes in the fictional project, and NAME.remarks
what is said, or what is refused and why.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result

from kg.bench import fetch, page
from kg.bench.desk import Desk, open_desk
from kg.bench.fetch import PageLimits, checked_address, fetched
from kg.bench.identifier import free_id, readable_id
from kg.bench.material import Material, found_article
from kg.bench.new import Registered, RegistrationChoices, with_examples, write_registered
from kg.bench.tidy import tidied
from kg.cli import cli
from kg.core.errors import EndpointError, InputError, KgError, UsageError
from kg.pipeline.check import check
from kg.project.settings import load_project
from tests.expected import expected

ROOT = Path(__file__).parent
CASES = ROOT / "bench" / "new"
GIVEN = sorted(file for file in CASES.iterdir() if file.suffix in (".html", ".txt", ".md"))
TODAY = date(2031, 5, 3)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return open_desk(load_project(ROOT / "fiction"))


@cache
def page_here(html: str, url: str) -> page.WebPage:
    return page.page_content(html, url)


@pytest.fixture(autouse=True)
def in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read pages here, for a process of their own takes longer than the page; one test does without."""
    if "process" not in request.node.name:
        found = lambda html, shown, url="": _refused_if_empty(page_here(html, url), shown)  # noqa: E731
        monkeypatch.setattr("kg.bench.material.read_page", found)


def _refused_if_empty(read: page.WebPage, shown: str) -> page.WebPage:
    page.refuse_empty(read, shown)
    return read


def material(file: Path) -> Material:
    beside = file.with_suffix(".json")
    return Material(
        file.read_bytes(),
        file.name,
        True if file.suffix == ".html" else None,
        beside=beside.read_text(encoding="utf-8") if beside.is_file() else None,
        beside_shown=beside.name,
    )


def made(desk: Desk, file: Path, **options: str) -> Registered:
    article = found_article(material(file), desk.scope.languages)
    choices = RegistrationChoices(options.get("id", ""), "jd", options.get("text_file", ""), TODAY)
    return with_examples(article, desk, choices)


def said(desk: Desk, file: Path) -> tuple[str, str]:
    """Return the mapping of a case, and what is said; "" and the error if it is refused."""
    try:
        found = made(desk, file)
    except KgError as error:
        return "", f"refused ({type(error).__name__}): {error.message}\n= {error.fix}\n"
    [(path, content)] = found.files.items()
    return content, "\n".join((desk.project.shown(path), *found.remarks)) + "\n"


# -------- what comes out


@pytest.mark.parametrize("file", GIVEN, ids=lambda file: file.name)
def test_a_page_or_a_text_becomes_this_mapping_with_these_remarks(desk: Desk, file: Path) -> None:
    mapping, remarks = said(desk, file)
    assert remarks == expected(file.with_suffix(".remarks"), remarks)
    if mapping:
        assert mapping == expected(file.with_suffix(".yaml"), mapping)


def test_what_is_made_passes_the_checks(desk: Desk, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "fiction" / "data", tmp_path / "data")
    (tmp_path / "kg.toml").write_text('base = "https://example.org/fiction/"\n', encoding="utf-8")
    articles = []
    for file in GIVEN:
        if mapping := said(desk, file)[0]:
            articles.append(f"data/articles/made-{file.name.replace('.', '-')}.yaml")
            (tmp_path / articles[-1]).write_text(mapping, encoding="utf-8")
    project = load_project(tmp_path)
    assert len(articles) > 8
    assert check(project, [str(tmp_path / name) for name in articles]).findings == ()


def test_scripts_frames_and_menus_never_reach_the_text(desk: Desk) -> None:
    text = "".join(said(desk, CASES / "hostile.html"))
    assert not any(word in text for word in ("alert", "never in the article", "passwd", "onload", "<b>"))
    assert "\u202e" not in text
    assert "می‌خواهم" in text  # a joiner that Persian needs


def test_a_page_that_takes_too_long_is_given_up_and_its_process_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "SECONDS", 0.05)
    html = "<html><body><article><p>" + "<span>a b</span>" * 60_000 + "</p></article>"
    with pytest.raises(InputError, match="was not read within"):
        page.read_page(html, "slow.html")


def test_a_page_is_read_in_a_process_of_its_own() -> None:
    found = page.read_page((CASES / "meta-elements.html").read_text(encoding="utf-8"), "x.html")
    assert found == page.page_content((CASES / "meta-elements.html").read_text(encoding="utf-8"), "")


def test_without_the_extra_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UsageError, match="an extra that is not installed") as caught:
        page.refuse_without_extra()
    assert "communique-kg[new]" in caught.value.fix


# -------- nothing is overwritten


def project_in(folder: Path) -> Path:
    assert CliRunner().invoke(cli, ["init", str(folder)]).exit_code == 0
    return folder


def run(folder: Path, *arguments: str, standard_input: bytes = b"") -> Result:
    return CliRunner().invoke(cli, ["-C", str(folder), "new", *arguments], input=standard_input)


def test_an_article_with_the_id_of_another_is_refused_and_one_with_its_title_gets_a_number(tmp_path: Path) -> None:
    folder = project_in(tmp_path / "p")
    before = (folder / "data/articles/harbour-study.yaml").read_bytes()
    refused = run(folder, str(CASES / "beside.txt"), "--id", "harbour-study")
    assert isinstance(refused.exception, UsageError)
    assert "there is already an article 'harbour-study'" in str(refused.exception)
    first, second = (run(folder, str(CASES / "beside.txt"), "--title", "Harbour study") for _ in range(2))
    assert first.stdout == "data/articles/harbour-study-2.yaml\n"
    assert second.stdout == "data/articles/harbour-study-3.yaml\n"
    assert "data/articles/harbour-study-2.yaml seems to be the same article" in second.stderr
    assert (folder / "data/articles/harbour-study.yaml").read_bytes() == before


def test_a_file_that_appears_in_the_meantime_stays_and_nothing_else_is_left(tmp_path: Path) -> None:
    project = load_project(project_in(tmp_path / "p"))
    found = made(open_desk(project), CASES / "beside.txt", text_file="texts/a.txt")
    mapping = next(iter(found.files))
    mapping.write_text("somebody else's", encoding="utf-8")
    with pytest.raises(UsageError, match="already"):
        write_registered(found, project)
    assert mapping.read_text(encoding="utf-8") == "somebody else's"
    assert not (project.root / "texts" / "a.txt").exists()


def test_a_withheld_text_goes_to_a_file_that_git_ignores(tmp_path: Path) -> None:
    folder = project_in(tmp_path / "p")
    done = run(
        folder,
        str(CASES / "lines-around.txt"),
        "--text-file",
        "texts/visit.txt",
        "--id",
        "visit",
        "--published",
        "2025-05-02",
    )
    assert done.stdout == "data/articles/visit.yaml\ntexts/visit.txt\n"
    assert "Mara Lind" not in (folder / "data/articles/visit.yaml").read_text(encoding="utf-8")
    assert (folder / ".gitignore").read_text(encoding="utf-8") == "build/\n/texts/visit.txt\n"
    assert (folder / "texts/visit.txt").read_text(encoding="utf-8").startswith("The director of the")
    assert check(load_project(folder)).findings == ()
    (folder / ".gitignore").write_text("texts/\n", encoding="utf-8")
    again = run(folder, str(CASES / "beside.txt"), "--text-file", "texts/other.txt")
    assert again.exit_code == 0
    assert (folder / ".gitignore").read_text(encoding="utf-8") == "texts/\n"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../a.txt", "outside the project"),
        ("data/a.txt", "in the data"),
        ("kg.toml", "already"),
        (".", "outside the project"),
    ],
)
def test_a_withheld_text_goes_nowhere_else(tmp_path: Path, name: str, problem: str) -> None:
    refused = run(project_in(tmp_path / "p"), str(CASES / "beside.txt"), "--text-file", name)
    assert isinstance(refused.exception, UsageError)
    assert problem in str(refused.exception)


def test_standard_input_is_read_as_what_it_is(tmp_path: Path) -> None:
    folder = project_in(tmp_path / "p")
    done = run(folder, "-", standard_input=(CASES / "meta-elements.html").read_bytes())
    assert done.stdout == "data/articles/harbour-receives-university.yaml\n"
    assert "publisher: Estuary Wire" in done.stderr


@pytest.mark.parametrize(
    ("source", "kind"), [("nothing.txt", InputError), ("data", InputError), ("https://u:p@example.org/", UsageError)]
)
def test_what_is_no_article_is_refused(tmp_path: Path, source: str, kind: type[KgError]) -> None:
    folder = project_in(tmp_path / "p")
    assert isinstance(run(folder, source if "://" in source else str(folder / source)).exception, kind)


# -------- ids, characters, YAML


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("The Mayor of Aldenburg's visit to a café", "mayor-aldenburg-visit-cafe"),
        ("港务局接待大学代表团", "港务局接待大学代表团"),
        ("Ελένη Θαράκη takes office", "ελένη-θαράκη-takes-office"),
        ("One two three four five six", "one-two-three-four-five"),
        ("?!", ""),
        ("x" * 200, "x" * 48),
        ("the of", "the-of"),
    ],
)
def test_ids_are_readable(title: str, expected: str) -> None:
    assert readable_id(title, {"the", "of", "to", "a"}) == expected


def test_an_id_that_is_taken_or_reserved_gets_another() -> None:
    assert free_id("visit", {"visit", "visit-2"}, "x") == "visit-3"
    assert free_id("text", (), "x") == free_id("", (), "x") == "x"


def test_tidying_takes_time_in_proportion_to_the_text() -> None:
    assert len(tidied("a\u200b\u202e b \n\n" * 100_000).text) == 5 * 100_000 - 2


# -------- from the web


class Answers(BaseHTTPRequestHandler):
    """Answers with pages, redirects and what goes wrong."""

    def do_GET(self) -> None:
        route: Callable[[], None] = getattr(self, f"on_{self.path.strip('/').replace('-', '_')}", self.on_nothing)
        route()

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def on_page(self) -> None:
        self.reply(200, "<html><p>é</p></html>".encode("latin-1"), Content_Type="text/html; charset=ISO-8859-1")

    def on_moved(self) -> None:
        self.reply(302, Location="/page")

    def on_round(self) -> None:
        self.reply(301, Location="/round")

    def on_away(self) -> None:
        self.reply(302, Location="file:///etc/passwd")

    def on_pdf(self) -> None:
        self.reply(200, b"%PDF-1.4", Content_Type="application/pdf")

    def on_large(self) -> None:
        self.reply(200, b"x" * 5000, Content_Type="text/plain")

    def on_slow(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        for _ in range(50):
            self.wfile.write(b"x")
            self.wfile.flush()
            if stopping.wait(0.05):
                return

    def on_nothing(self) -> None:
        self.reply(404)

    def log_message(self, *_: object) -> None:
        pass


class _Stopping:
    """Whether the server is to end."""

    def __init__(self) -> None:
        from threading import Event

        self.event = Event()

    def wait(self, seconds: float) -> bool:
        return self.event.wait(seconds)


stopping = _Stopping()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with _serving() as address:
        yield address


@contextmanager
def _serving() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    httpd.daemon_threads = True
    Thread(target=httpd.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
    finally:
        stopping.event.set()
        httpd.shutdown()
        httpd.server_close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def test_a_page_is_fetched_through_a_redirect(server: str) -> None:
    found = fetched(f"{server}/moved")
    assert (found.url, found.encoding, found.is_page) == (f"{server}/page", "iso-8859-1", True)
    assert found.content == "<html><p>é</p></html>".encode("latin-1")


@pytest.mark.parametrize(
    ("path", "limits", "problem"),
    [
        ("round", PageLimits(), "more than 5 redirects"),
        ("pdf", PageLimits(), "is application/pdf, neither a page nor plain text"),
        ("gone", PageLimits(), "the server answered 404"),
        ("large", PageLimits(most=1000), "larger than 0 MiB"),
        ("slow", PageLimits(seconds=0.2), "did not arrive in time"),
    ],
)
def test_what_cannot_be_had_is_said(server: str, path: str, limits: PageLimits, problem: str) -> None:
    with pytest.raises(EndpointError, match=problem):
        fetched(f"{server}/{path}", limits)


def test_a_redirect_leads_to_no_other_kind_of_address(server: str) -> None:
    with pytest.raises(UsageError, match="not the address of a page"):
        fetched(f"{server}/away")


def test_a_redirect_from_the_web_to_this_computer_is_refused(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_one", lambda *_: f"{server}/page")
    monkeypatch.setattr(fetch.socket, "getaddrinfo", _public_first())
    with pytest.raises(EndpointError, match="an address of this computer or its network"):
        fetched("http://news.example.org/")


def _public_first() -> Callable[..., list[tuple[object, ...]]]:
    def found(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", ("93.184.216.34" if host == "news.example.org" else host, 80))]

    return found


def test_a_private_address_is_refused_where_it_may_not_be_meant(server: str) -> None:
    with pytest.raises(EndpointError, match="an address of this computer"):
        fetched(f"{server}/page", private=False)


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://u:p@example.org/",
        "http:///x",
        "http://a b/",
        "http://x:99999/",
    ],
)
def test_only_addresses_of_pages_are_fetched(address: str) -> None:
    with pytest.raises(UsageError, match="not the address of a page"):
        checked_address(address)


def test_an_address_that_nobody_has_is_said() -> None:
    with pytest.raises(EndpointError):
        fetched("http://no-such-host.invalid/", PageLimits(seconds=5))
