"""The pages as people meet them: with a mouse, with keys alone, on a small screen, without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from kg.web.pages.frame import vendored
from tests.browser.opened import SMALL, opened, too_wide

pytestmark = pytest.mark.browser

SHARED = (
    "/",
    "/questions",
    "/network",
    "/network?kind=all",
    "/map",
    "/saved",
    "/timeline",
    "/sparql",
    "/articles",
    "/search?q=a",
)
REAL = (
    *SHARED,
    "/person/gong-zheng",
    "/compare?one=person/bai-chunli&other=person/deng-maicun",
    "/organization/shanghai-stock-exchange",
    "/place/shanghai",
    "/facility/guolian-shanghai-financial-operations-center",
    "/topic/finance",
    "/article/cas-sse-meeting",
    "/article/guolian-north-bund-conference",
    "/article/shanghai-hkex-meeting",
    "/article/shanghai-hkex-meeting/meeting",
    "/article/cas-sse-meeting/cas-sse-partnership",
    "/person/gong-zheng.html?section=statements",
    "/questions/who-took-part",
    "/questions/who-met-whom",
    "/questions/figures",
    "/questions/what-an-institution-did",
    "/questions/statements?speaker=Wu+Qing&modality=Willing",
)
FICTION = (
    "/",
    "/network?kind=all",
    "/timeline",
    "/search?q=a",
    "/person/mara-lind",
    "/organization/aldenburg-harbour-authority",
    "/article/harbour-study",
    "/article/tide-workshop",
    "/article/tide-workshop-correction",
    "/article/ten-harbours",
    "/article/harbour-study/meeting",
    "/questions/who-took-part",
    "/questions/agreements-by-stage",
)


def settled(page: Page) -> None:
    """Wait until pictures and editors that scripts put into the page are there."""
    for selector in ("figure[data-timeline]",):
        if page.locator(f"{selector} data").count() > 1 and vendored("vis-timeline.js"):
            page.locator(f"{selector}.drawn").first.wait_for()


def faults(page: Page, axe: str) -> list[str]:
    """Return the serious and critical faults that axe finds."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{some['id']}: {node['html'][:160]}"
        for some in found["violations"]
        if some["impact"] in ("serious", "critical")
        for node in some["nodes"][:3]
    ]


@pytest.mark.parametrize("path", REAL)
def test_a_page_of_the_three_articles_is_sound(browser: Browser, real: str, axe: str, path: str) -> None:
    with opened(browser, real + path) as page:
        settled(page)
        expect(page.locator("h1")).to_have_count(1)
        assert faults(page, axe) == []
        page.set_viewport_size(SMALL)
        assert not too_wide(page)


@pytest.mark.parametrize("path", FICTION)
def test_a_page_of_the_invented_articles_is_sound(browser: Browser, fiction: str, axe: str, path: str) -> None:
    with opened(browser, fiction + path, color_scheme="dark") as page:
        settled(page)
        expect(page.locator("h1")).to_have_count(1)
        assert faults(page, axe) == []
        page.set_viewport_size(SMALL)
        assert not too_wide(page)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/person/gong-zheng",
        "/article/cas-sse-meeting",
        "/network",
        "/timeline",
        "/sparql",
        "/questions/who-met-whom",
    ],
)
def test_a_page_reads_without_javascript(browser: Browser, real: str, path: str) -> None:
    with opened(browser, real + path, java_script_enabled=False, viewport=SMALL) as page:
        expect(page.locator("h1")).to_be_visible()
        assert page.locator("main a:visible, main button:visible").count()
        assert page.locator("[hidden]:visible").count() == 0


@pytest.mark.parametrize(
    "path", ["/person/mara-lind", "/article/harbour-study", "/network", "/timeline", "/search?q=mara"]
)
def test_hostile_names_run_nothing(browser: Browser, hostile: str, path: str) -> None:
    with opened(browser, hostile + path) as page:
        settled(page)
        page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
        expect(page.get_by_text("<script>document.title").first).to_be_attached()
        assert page.title() != "taken"
        page.get_by_role("combobox", name="Search names").fill("mara")
        expect(page.get_by_role("option").first).to_contain_text("<script>")
        assert page.locator("img[src=x]").count() == 0


def test_a_retracted_article_says_so(browser: Browser, fiction: str) -> None:
    with opened(browser, f"{fiction}/article/exchange-merger-rumour", allowed="410") as page:
        expect(page.get_by_text("Retracted.")).to_be_visible()
        expect(page.get_by_text("both exchanges deny it").first).to_be_visible()
        expect(page.locator(".span")).to_have_count(0)


def test_a_question_is_asked_and_a_row_followed_to_its_sentence(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/") as page:
        page.get_by_role("link", name="Who took part in a meeting").click()
        field = page.get_by_label("The meeting or any other event")
        field.fill("gong zheng")
        page.get_by_role("option", name=re.compile("Meeting of Gong Zheng")).click()
        page.get_by_role("button", name="Ask").click()
        expect(page).to_have_url(re.compile("meeting=article%2Fshanghai-hkex-meeting%2Fmeeting"))
        expect(field).to_have_value(re.compile("^Meeting of Gong Zheng"))
        row = page.locator("table.answer tbody", has_text="Shih May-lung").first
        row.locator("summary").click()
        expect(row.locator("mark").first).to_contain_text("Shih May-lung")
        row.locator(".source a").first.click()
        expect(page).to_have_url(re.compile(r"/article/shanghai-hkex-meeting(\.html)?#fact-"))
        expect(page.locator(".span.lit").first).to_be_visible()
        expect(page.locator(".cards > li.lit")).to_be_visible()


def test_search_completes_in_any_script_and_with_keys_alone(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/") as page:
        field = page.get_by_role("combobox", name="Search names")
        field.focus()
        page.keyboard.type("上海")
        expect(page.get_by_role("option").first).to_be_visible()
        expect(field).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("ArrowDown")
        active = field.get_attribute("aria-activedescendant")
        assert active
        expect(page.locator(f"#{active}")).to_have_attribute("aria-selected", "true")
        page.keyboard.press("Escape")
        expect(page.get_by_role("listbox")).to_be_hidden()
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("option").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/(place|organization)/shanghai"))
        expect(page.locator("h1")).to_contain_text("Shanghai")


def test_whoever_does_not_wait_for_the_names_that_fit_is_answered_all_the_same(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/questions/who-took-part") as page:
        page.route("**/search.json?*", lambda _: None)  # they never come
        field = page.get_by_label("The meeting or any other event")
        with page.expect_request("**/search.json?*"):
            field.press_sequentially("Bai Chunli of CAS")
        page.keyboard.press("Enter")
        expect(page.locator("table.answer")).to_be_visible()


def test_words_show_on_hover_on_focus_and_on_tap(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/person/gong-zheng") as page:
        line = page.locator("li.line").first
        card = line.locator(".card")
        expect(card).to_be_hidden()
        line.locator("summary").hover()
        expect(card).to_be_visible()
        expect(card.locator("mark")).to_contain_text("Shanghai Mayor")
        page.mouse.move(5, 5)
        expect(card).to_be_hidden()
        line.locator(".what > a").focus()
        page.keyboard.press("Tab")
        expect(card).to_be_visible()
        page.keyboard.press("Tab")
        expect(card.locator(".source a").first).to_be_focused()
        page.keyboard.press("Escape")
        expect(card).to_be_hidden()
    with opened(browser, f"{real}/person/gong-zheng", has_touch=True, viewport=SMALL) as page:
        line = page.locator("li.line").first
        line.locator("summary").tap()
        expect(line.locator(".card")).to_be_visible()
        assert not too_wide(page)
        page.locator("h1").tap()
        expect(line.locator(".card")).to_be_hidden()


def test_a_span_shows_its_facts_and_a_fact_its_span_by_keys_too(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/article/shanghai-hkex-meeting") as page:
        span = page.locator("a.span[data-facts~=fact-gong-mayor]").first
        span.focus()
        keys = (span.get_attribute("data-facts") or "").split()
        for key in keys:
            expect(page.locator(f"#{key}")).to_have_class(re.compile("lit"))
        page.keyboard.press("Enter")
        expect(page.locator(f"#{keys[0]}")).to_be_focused()
        page.locator(f"#{keys[0]} a.back").focus()
        page.keyboard.press("Enter")
        expect(page.locator("a.span.lit").first).to_be_focused()


def test_a_sentence_that_carries_no_fact_is_marked(browser: Browser, fiction: str) -> None:
    with opened(browser, f"{fiction}/article/tide-workshop-correction") as page:
        expect(page.locator(".running .uncovered").first).to_be_visible()


def test_a_wrong_value_is_told_at_its_field_with_a_proposal(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/questions/statements?speaker=Wu+Qng", allowed="400") as page:
        field = page.get_by_label("Only statements by this person or body or on its behalf")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f"#{field.get_attribute('aria-describedby')}")).to_contain_text("did you mean 'Wu Qing'")


def test_an_answer_is_sorted_and_downloaded_by_links(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/questions/who-met-whom") as page:
        page.get_by_role("columnheader", name="other").get_by_role("link").click()
        page.get_by_role("columnheader", name="other").get_by_role("link").click()
        expect(page.get_by_role("columnheader", name="other")).to_have_attribute("aria-sort", "descending")
        others = page.locator("table.answer tbody tr:first-child td:nth-child(3)").all_inner_texts()
        assert others == sorted(others, key=str.casefold, reverse=True)
        for kind in ("CSV", "JSON", "XLSX"):
            with page.expect_download() as download:
                page.get_by_role("link", name=kind, exact=True).click()
            assert download.value.suggested_filename == f"who-met-whom.{kind.lower()}"


@pytest.mark.parametrize("name", ["who-met-whom", "statements", "posts-of-person", "figures"])
def test_tables_fit_into_any_window(browser: Browser, real: str, name: str) -> None:
    with opened(browser, f"{real}/questions/{name}") as page:
        for width in (360, 768, 1440):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.locator(".scroll").evaluate("(table) => table.scrollWidth - table.clientWidth") <= 0, width
        page.set_viewport_size(SMALL)
        page.get_by_role("link", name="article" if name != "who-met-whom" else "other").first.click()
        expect(page).to_have_url(re.compile("sort="))


def test_a_line_of_the_network_leads_to_its_meetings_and_the_picture_can_be_saved(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/network") as page:
        row = page.locator("#pair-1")
        expect(row).to_contain_text("Meeting of Bai Chunli of CAS with Wu Qing")
        row.locator("summary").click()
        expect(row.locator("mark").first).to_be_visible()
        page.locator(".ties-figure .wide a[href='#pair-2']").focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("#pair-2$"))
        with page.expect_download() as download:
            page.get_by_role("link", name="PNG", exact=True).click()
        assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")
        page.get_by_label("Until").fill("2018-01-01")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_text("Gong Zheng")).to_have_count(0)


@pytest.mark.skipif(not vendored("yasgui.js"), reason="the package was built without JavaScript packages")
def test_a_query_is_run_in_the_editor(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/sparql") as page:
        page.locator(".yasqe_queryButton").click()
        expect(page.locator(".yasr table").first).to_contain_text("SpeechAct")


def test_a_query_is_run_without_the_editor(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/sparql", allowed="failed: .*/sparql", java_script_enabled=False) as page:
        with page.expect_download() as download:
            page.get_by_role("button", name="Run").click()
        text = download.value.path().read_text(encoding="utf-8")
        assert text.startswith("kind,facts")


def test_what_is_asked_about_the_example_is_told(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/questions/meetings-between?one=person/gong-zheng") as page:
        expect(page.locator("p.notice")).to_have_text(
            "The second of the two: nothing was chosen, so this answer is for the question's example, CAS."
        )
    with opened(browser, f"{real}/questions/meetings-between?one=person/gong-zheng&other=HKEX") as page:
        expect(page.locator("p.notice")).to_have_count(0)


def test_a_name_that_fits_several_is_chosen_by_a_link(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/questions/agreements-of?body=Guolian", allowed="400") as page:
        page.get_by_role("link", name="Guolian Group").click()
        expect(page.get_by_label("The body, place or person")).to_have_value("Guolian Group")
        expect(page.locator("table.answer")).to_be_visible()


def test_uncertain_days_are_drawn_dashed(browser: Browser, fiction: str) -> None:
    with opened(browser, f"{fiction}/timeline") as page:
        settled(page)
        expect(page.locator(".vis-item.sometime.vis-range").first).to_be_visible()
        expect(page.locator(".vis-item").filter(has_text="Lind receives Lu Yunzhou").first).to_be_visible()


def test_keys_alone_reach_everything_from_the_skip_link_on(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/questions/who-took-part") as page:
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.locator("main :focus")).to_have_count(1)
        page.get_by_label("The meeting or any other event").focus()
        page.keyboard.type("Bai Chunli of CAS")
        page.keyboard.press("Enter")
        expect(page.locator("table.answer")).to_be_visible()
        page.locator("table.answer summary").first.focus()
        page.keyboard.press("Enter")
        expect(page.locator("table.answer blockquote").first).to_be_visible()


def test_print_shows_the_evidence_of_each_line(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/network") as page:
        evidence = page.locator("#pair-1 mark").first
        expect(evidence).to_be_hidden()
        page.emulate_media(media="print", color_scheme="dark")
        expect(evidence).to_be_visible()
        expect(evidence).to_have_css("background-color", "rgb(255, 240, 189)")  # paper is light
        page.goto(f"{real}/person/wu-qing")
        expect(page.locator("details.evidence mark").first).to_be_visible()


@pytest.mark.skipif(not vendored("yasgui.js"), reason="the package was built without JavaScript packages")
def test_the_editor_is_dark_in_the_dark(browser: Browser, real: str, axe: str) -> None:
    with opened(browser, f"{real}/sparql") as page:
        page.emulate_media(color_scheme="dark")
        page.locator(".yasqe_queryButton").first.click()
        page.locator(".yasr table").first.wait_for()
        colours = page.evaluate(
            "[...document.querySelectorAll('#yasgui .CodeMirror, #yasgui .yasr table td')].map("
            "(part) => getComputedStyle(part).backgroundColor)"
        )
        assert set(colours) == {"rgb(26, 32, 39)"}
        assert faults(page, axe) == []
