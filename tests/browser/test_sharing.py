"""Copying, sharing and saving as readers do it: by mouse and by keys, kept in the browser, and sent to nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.opened import SMALL, opened, too_wide

pytestmark = pytest.mark.browser

CLIPBOARD = ["clipboard-read", "clipboard-write"]


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_citation_and_a_permalink_are_copied(browser: Browser, real: str) -> None:
    address = f"{real}/article/shanghai-hkex-meeting/meeting.html"
    with opened(browser, address, permissions=CLIPBOARD, viewport=SMALL) as page:
        page.get_by_text("Cite and share").click()
        assert not too_wide(page)
        copies = page.locator(".cite").get_by_role("button", name="Copy")
        copies.first.click()
        expect(page.get_by_role("button", name="Copied")).to_have_count(1)
        assert clipboard(page).startswith("Meeting of Gong Zheng, Mayor of Shanghai")
        assert "after “Shanghai, Hong Kong strengthen cooperation for greater development”" in clipboard(page)
        page.locator(".cite dd").nth(2).get_by_role("button").first.click()
        page.wait_for_function("navigator.clipboard.readText().then((text) => text.endsWith('/meeting'))")
        assert clipboard(page) == "https://w3id.org/communique/article/shanghai-hkex-meeting/meeting"


def test_pages_are_kept_in_lists_of_the_browser_without_a_request(browser: Browser, real: str, tmp_path: Path) -> None:
    with opened(browser, f"{real}/person/gong-zheng.html") as page:
        expect(page.get_by_role("link", name="Saved")).to_have_count(0)
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("button", name="Saved in “Saved”")).to_have_attribute("aria-pressed", "true")
        assert sent == []
        page.get_by_role("link", name="Saved 1").click()
        expect(page.get_by_role("link", name="Gong Zheng")).to_have_attribute("href", "/person/gong-zheng")
        page.get_by_label("New list").fill("For <b>the report</b>")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="For <b>the report</b>")).to_be_visible()
        page.goto(f"{real}/questions/figures")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("button", name="Saved in “For <b>the report</b>”")).to_be_visible()
        page.goto(f"{real}/saved")
        with page.expect_download() as download:
            page.get_by_role("button", name="Export as a file").click()
        kept = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
        assert [(each["name"], [item["at"] for item in each["items"]]) for each in kept["lists"]] == [
            ("Saved", ["/person/gong-zheng"]),
            ("For <b>the report</b>", ["/questions/figures"]),
        ]
        page.get_by_role("button", name="Remove: Gong Zheng").click()
        page.get_by_role("button", name="Delete the list: Saved").click()
        expect(page.get_by_role("heading", level=2)).to_have_count(1)
        other = {"at": "/place/shanghai", "label": "Shanghai", "kind": "place"}
        outside = [
            {"at": at, "label": at, "kind": ""}
            for at in ("javascript:alert(1)", "//evil.example/", "https://evil.example/")
        ]
        (tmp_path / "lists.json").write_text(json.dumps({"lists": [{"name": "Mine", "items": [other, *outside]}]}))
        page.get_by_label("Import a file").set_input_files(tmp_path / "lists.json")
        expect(page.get_by_role("status")).to_have_text("Imported.")
        links = page.locator("#lists li a")
        expect(links).to_have_count(2)
        assert [link.get_attribute("href") for link in links.all()] == ["/questions/figures", "/place/shanghai"]
        (tmp_path / "no.json").write_text("no list")
        page.get_by_label("Import a file").set_input_files(tmp_path / "no.json")
        expect(page.get_by_role("status")).to_contain_text("is no saved list")


def test_two_people_are_compared_from_the_page_of_one(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/person/bai-chunli.html") as page:
        page.get_by_role("link", name="Compare").click()
        page.get_by_label("The other").fill("Deng M")
        page.get_by_role("option", name="Deng Maicun").click()
        page.get_by_role("button", name="Compare").click()
        expect(page.locator("h1")).to_have_text("Bai Chunli and Deng Maicun")
        page.locator(".lines .evidence summary").first.click()
        expect(page.locator(".lines .card").first).to_be_visible()


def test_a_sign_of_the_map_leads_to_its_place_in_the_list(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/map") as page:
        page.locator(".map-figure .wide a").last.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#place-1")).to_be_in_viewport()
        with page.expect_download() as download:
            page.get_by_role("link", name="PNG", exact=True).click()
        assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
