"""The pages about the ontology and about quality in a real browser: nothing fails, nothing runs over the edge."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser

from kg.cli import cli
from tests.browser.opened import SMALL, WIDE, opened, too_wide
from tests.serving import ROOT

pytestmark = pytest.mark.browser

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
    "/questions/coverage",
    "/questions/findings-by-rule",
    "/questions/unused-terms",
)


def test_no_page_is_wider_than_its_window(browser: Browser, fiction: str) -> None:
    wide = []
    for path in PATHS:
        with opened(browser, fiction + path) as page:
            for size in (WIDE, SMALL):
                page.set_viewport_size(size)
                wide += [(path, size)] if too_wide(page) else []
    assert wide == []


def test_a_picture_leads_to_its_classes_by_keyboard(browser: Browser, fiction: str) -> None:
    with opened(browser, f"{fiction}/ontology/concern/event") as page:
        page.locator(".diagram a", has_text="participation").last.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/ontology/class/Participation")


def test_typing_sifts_the_terms(browser: Browser, fiction: str) -> None:
    with opened(browser, f"{fiction}/ontology") as page:
        every = page.locator(".term:visible").count()
        page.fill("#sift", "renews")
        left = page.locator(".term:visible").count()
        assert 0 < left < every / 10
        assert page.inner_text("[data-sifted]").endswith("terms" if left > 1 else "term")
        page.keyboard.press("Enter")
        page.wait_for_url("**/ontology?q=renews**")


def test_an_address_of_the_ontology_leads_to_its_term(browser: Browser, fiction: str) -> None:
    with opened(browser, f"{fiction}/ontology#Meeting") as page:
        assert page.evaluate("document.querySelector(':target').textContent.includes('People or bodies meet')")


def test_the_files_work_without_a_server(browser: Browser, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["-C", str(ROOT), "docs", "-o", str(tmp_path / "site")])
    assert done.exit_code == 0
    with opened(browser, (tmp_path / "site" / "index.html").as_uri(), viewport=SMALL) as page:
        page.fill("#sift", "signing")
        page.locator(".term:visible a", has_text="Signing").first.click()
        page.wait_for_url("**/class/Signing.html")
        assert page.inner_text("h1") == "Signing"
        assert page.evaluate("getComputedStyle(document.querySelector('.facts')).display") == "grid"
        assert not too_wide(page)
