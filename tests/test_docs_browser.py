"""The pages about the ontology and about quality in a real browser: nothing fails, nothing runs over the edge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from kg.cli import cli
from tests.serving import built_fiction, server_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")

PATHS = (
    "/ontology",
    "/ontology/mapping",
    "/ontology/codes",
    "/ontology/findings",
    "/ontology/derivations",
    "/ontology/questions",
    "/ontology/prefixes",
    "/ontology/concern/event",
    "/ontology/class/Event",
    "/ontology/class/Currency",
    "/ontology/property/subOrganizationOf",
    "/ontology/finding/KG-S0142",
    "/ontology/finding/KG-C003",
    "/ontology/derivation/sub-organization-of-through",
    "/ontology/question/single-source-facts",
    "/quality",
    "/quality/findings",
    "/quality/articles",
    "/quality/articles/harbour-study",
    "/quality/terms",
)
OVER_THE_EDGE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with server_of(built_fiction(tmp_path_factory.mktemp("browser"))) as found:
        yield found.rstrip("/")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(browser: Browser, width: int) -> tuple[Page, list[str]]:
    """Return a page of that width and the list in which its complaints gather."""
    page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    complaints: list[str] = []
    page.on("console", lambda told: complaints.append(told.text) if told.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(request.url))
    page.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 400 else None)
    return page, complaints


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_complains_or_is_wider_than_its_window(browser: Browser, address: str, width: int) -> None:
    page, complaints = opened(browser, width)
    page.on("request", lambda asked: None if asked.url.startswith(address) else complaints.append(asked.url))
    wide = {}
    for path in PATHS:
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        wide[path] = page.evaluate(OVER_THE_EDGE)
    assert complaints == []
    assert {path: more for path, more in wide.items() if more > 0} == {}


def test_a_picture_leads_to_its_classes_by_keyboard(browser: Browser, address: str) -> None:
    page, complaints = opened(browser, 1280)
    page.goto(f"{address}/ontology/concern/event")
    page.locator(".diagram a", has_text="participation").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/ontology/class/Participation")
    assert complaints == []


def test_typing_sifts_the_terms(browser: Browser, address: str) -> None:
    page, complaints = opened(browser, 1280)
    page.goto(f"{address}/ontology")
    every = page.locator(".term:visible").count()
    page.fill("#sift", "renews")
    assert 0 < page.locator(".term:visible").count() < every / 10
    assert page.inner_text("[data-sifted]").endswith("terms" if page.locator(".term:visible").count() > 1 else "term")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ontology?q=renews**")
    assert complaints == []


def test_an_address_of_the_ontology_leads_to_its_term(browser: Browser, address: str) -> None:
    page, _ = opened(browser, 1280)
    page.goto(f"{address}/ontology#Meeting")
    assert page.evaluate("document.querySelector(':target').textContent.includes('People or bodies meet')")


def test_the_files_work_without_a_server(browser: Browser, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["-C", str(Path(__file__).parent.parent), "docs", "-o", str(tmp_path / "site")])
    assert done.exit_code == 0
    page, complaints = opened(browser, 360)
    page.goto((tmp_path / "site" / "index.html").as_uri())
    page.fill("#sift", "signing")
    page.locator(".term:visible a", has_text="Signing").first.click()
    page.wait_for_url("**/class/Signing.html")
    assert page.inner_text("h1") == "Signing"
    assert page.evaluate("getComputedStyle(document.querySelector('.facts')).display") == "grid"
    assert page.evaluate(OVER_THE_EDGE) <= 0
    assert complaints == []
