"""How pages look on a phone and on a desk: what folds, what fits, and what a finger can hit."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from kg.web.pages.frame import vendored
from tests.browser.opened import SMALL, WIDE, opened, too_wide
from tests.browser.test_browser import settled

pytestmark = pytest.mark.browser

NARROWED = {
    "/network?kind=all&since=2017-01-01": ["all", "from 2017-01-01"],
    "/map?topic=topic/finance": ["Finance"],
    "/timeline?kind=events&until=2023-12-31": ["Events", "until 2023-12-31"],
    "/browse/agreements?stage=Signed": ["Signed"],
    "/questions/statements?speaker=Wu+Qing&modality=Willing": ["Wu Qing", "willing"],
}
SMALL_PAGES = (
    "/",
    "/network?kind=all",
    "/timeline",
    "/browse/agreements",
    "/person/wu-qing",
    "/questions/statements?speaker=Wu+Qing",
    "/compare?one=organization/chinese-academy-of-sciences&other=organization/shanghai-stock-exchange",
    "/quality",
    "/ontology/class/Agreement",
    "/ontology/property/party",
)
BROKEN_WORDS = """() => {
  const broken = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const element = text.parentElement;
    if (element.closest("svg, .unseen, pre, code, script, .vis-timeline")) continue;
    if (!element.checkVisibility({visibilityProperty: true})) continue;
    for (const word of text.data.matchAll(/\\p{Script=Latin}{4,}/gu)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const tops = [...range.getClientRects()].filter((box) => box.width).map((box) => Math.round(box.top));
      if (new Set(tops).size > 1) broken.push(word[0]);
    }
  }
  return broken;
}"""
TOO_SMALL = """() => [...document.querySelectorAll("button, .button, select, input, nav a, summary, label:has(input)")]
  .filter((each) => each.checkVisibility() && !each.closest(".vis-timeline"))
  .filter((each) => !each.matches(".evidence > summary, label > input"))
  .filter((each) => each.getBoundingClientRect().height < 43.5).map((each) => each.outerHTML.slice(0, 120))"""
OVER_THE_EDGE = "[...document.querySelectorAll('.scroll')].filter((each) => each.scrollWidth > each.clientWidth).length"


def test_what_narrows_a_page_folds_behind_what_is_chosen_on_a_phone_alone(browser: Browser, real: str) -> None:
    for path, chosen in NARROWED.items():
        with opened(browser, real + path, viewport=SMALL, java_script_enabled=False) as page:
            summary, inner = page.locator(".folds > summary"), page.locator(".folds :is(form, nav)")
            assert summary.locator(".chip").all_inner_texts() == chosen
            expect(inner).to_be_hidden()
            summary.click()
            expect(inner).to_be_visible()
        with opened(browser, real + path, viewport=WIDE) as page:
            expect(page.locator(".folds > summary")).to_be_hidden()
            expect(page.locator(".folds :is(form, nav)")).to_be_visible()


def test_a_wrong_choice_is_not_folded_away(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/timeline?since=yesterday", viewport=SMALL) as page:
        expect(page.get_by_label("From")).to_be_visible()


def test_on_a_phone_no_word_is_broken_every_table_fits_and_every_control_can_be_touched(
    browser: Browser, real: str
) -> None:
    with opened(browser, f"{real}/", viewport=SMALL, has_touch=True, is_mobile=True) as page:
        for path in SMALL_PAGES:
            page.goto(real + path)
            assert page.evaluate(BROKEN_WORDS) == [], path
            assert page.evaluate(TOO_SMALL) == [], path
            assert page.evaluate(OVER_THE_EDGE) == 0, path
            assert not too_wide(page), path


@pytest.mark.skipif(not vendored("vis-timeline.js"), reason="the package was built without JavaScript packages")
def test_many_posts_of_one_day_are_one_sign_that_leads_to_them(browser: Browser, real: str) -> None:
    with opened(browser, f"{real}/timeline") as page:
        settled(page)
        page.locator(".vis-item").filter(has_text="9 posts").locator("visible=true").first.click()
        expect(page).to_have_url(re.compile("since=2017-02-09&until=2017-02-09"))
        expect(page.locator(".timeline li.posts")).to_have_count(9)
