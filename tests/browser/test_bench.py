"""The bench as curators meet it: an article from its words to its graph, conflicts, crashes, size, keys, screens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from kg.bench.kept_draft import KeptDraft, keep
from kg.bench.proposal import FACT, ArticleDraft, Proposal
from kg.core.model import Span
from kg.pipeline.steps import build
from kg.project.settings import Project
from tests.benches import BenchProcess, bench_of, copy_of, fiction_in, graph_of, mapping_of
from tests.browser.opened import SMALL, opened, too_wide
from tests.browser.test_browser import faults

pytestmark = pytest.mark.browser

WIDE = {"width": 1440, "height": 1000}


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the fictional project, built, which no test changes."""
    project = fiction_in(tmp_path_factory.mktemp("pristine"))
    build(project)
    return project


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, pristine: Project) -> Project:
    return copy_of(pristine, tmp_path_factory.mktemp("bench"))


@pytest.fixture(scope="module")
def bench(project: Project) -> Iterator[BenchProcess]:
    with bench_of(project) as started:
        yield started


def pick(page: Page | Locator, label: str, typed: str, shown: str | re.Pattern[str]) -> None:
    """Type a name into the field with this label, and take the first choice once it is the one expected."""
    field = page.get_by_role("combobox", name=label, exact=True).last
    field.fill(typed)
    expect(page.get_by_role("listbox").get_by_role("option").first).to_contain_text(shown)
    field.press("Enter")


def words(page: Page, first: str, last: str) -> None:
    """Select words of the text with the mouse, from *first* to *last*."""
    page.evaluate(
        """([first, last]) => {
          const walker = document.createTreeWalker(document.querySelector(".running"), NodeFilter.SHOW_TEXT);
          const range = document.createRange();
          let begun = false;
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = begun ? -1 : node.data.indexOf(first);
            if (at >= 0) { range.setStart(node, at); begun = true; }
            const end = begun ? node.data.lastIndexOf(last) : -1;
            if (end >= 0) { range.setEnd(node, end + last.length); break; }
          }
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }""",
        [first, last],
    )
    page.locator("#text").dispatch_event("mouseup")
    expect(page.locator(".chosen").first).to_be_visible()


def choose_kind(page: Page, kind: str) -> None:
    page.locator("#text").focus()
    page.keyboard.press("Enter")
    page.get_by_role("combobox", name="Search the kinds of fact").fill(kind)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=kind, exact=True)).to_be_visible()


def save(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    expect(page.locator("#form")).to_have_count(0)


def test_an_article_is_curated_from_its_text_by_clicks_and_keys_to_the_same_graph(
    browser: Browser, bench: BenchProcess, project: Project
) -> None:
    mapping, before = mapping_of(project, "linmouth-denial"), graph_of(project, "linmouth-denial")
    whole = mapping.read_text(encoding="utf-8")
    mapping.write_text(whole[: whole.index("facts:")], encoding="utf-8")
    with opened(browser, bench.of("linmouth-denial"), viewport=WIDE) as page:
        expect(page.get_by_text("No facts yet.")).to_be_visible()
        page.locator('sup[data-number="2"]').click()
        choose_kind(page, "Meeting")
        expect(page.get_by_text("Monday 10 May 2032")).to_be_visible()  # the words were read
        page.get_by_label("Name", exact=True).fill("Orre receives Holm")
        page.get_by_label("Id", exact=True).fill("talk")
        page.get_by_role("button", name="Place", exact=True).click()
        pick(page, "Place", "linmou", "Linmouth")
        page.get_by_role("button", name="Same event as", exact=True).click()
        pick(page, "Same event as", "ferry-terminal/talk", "ferry-terminal/talk")
        for part, body, title in (
            (0, "Linmouth Docks Company", "Chairman"),
            (1, "Skarholm Port Authority", "Director"),
        ):
            fields = page.locator("details.part").nth(part)
            pick(fields, "On behalf of", body.lower(), body)
            fields.get_by_role("button", name="Capacity", exact=True).click()
            fields.get_by_role("group", name="Capacity").get_by_role("button", name="Describe it here").click()
            post = fields.get_by_role("group", name="Capacity")
            post.get_by_label("Title", exact=True).fill(title)
            pick(post, "Organization", body.lower(), body)
            if part == 0:
                post.get_by_role("button", name="Words", exact=True).click()
                post.get_by_label("Words", exact=True).fill("The Linmouth Docks Company … its chairman, Nils Orre")
        save(page)
        page.locator('sup[data-number="0"]').click()
        choose_kind(page, "Statement")
        pick(page, "Speaker", "linmouth docks", "Linmouth Docks Company")
        page.get_by_label("Type of statement", exact=True).select_option("Denied")
        page.get_by_label("Paraphrase", exact=True).fill("The company did not sign a contract for the ferry terminal")
        page.get_by_role("button", name="Denies", exact=True).click()
        pick(page, "Denies", "ferry-terminal/contract", "ferry-terminal/contract")
        pick(page, "Topic of the statement", "harb", "harbours")
        page.get_by_label("Id", exact=True).fill("denial")
        save(page)
        expect(page.get_by_text("3 of 3 sentences")).to_be_visible()
    assert graph_of(project, "linmouth-denial") == before


def test_words_chosen_by_mouse_are_whole_and_a_new_entity_is_registered_where_it_is_named(
    browser: Browser, bench: BenchProcess, project: Project
) -> None:
    with opened(browser, bench.of("charter-grows"), viewport=WIDE) as page:
        expect(page.locator("[data-fact]").first).to_be_visible()
        words(page, "ome 300 shi", "ar call at Ska")
        expect(page.get_by_text("8 words")).to_be_visible()
        choose_kind(page, "Figure")
        expect(page.locator("blockquote")).to_contain_text("“Some 300 ships a year call at Skarn”")
        page.get_by_label("Indicator", exact=True).fill("calls")
        page.get_by_role("combobox", name="About", exact=True).fill("Skarn")
        page.get_by_role("option", name=re.compile("^New “Skarn”")).click()
        page.get_by_label("Kind of the new entity").select_option("Place")
        page.get_by_label("Id of the new entity").fill("skarn-town")
        page.get_by_role("button", name="Take it").click()
        page.get_by_label("Id", exact=True).fill("calls")
        save(page)
        expect(page.locator('[data-fact="calls"]')).to_contain_text("Skarn: calls")
    registry = (project.data / "registry" / "places.yaml").read_text(encoding="utf-8")
    assert "skarn-town:\n  type: Place\n  name: Skarn\n" in registry


CRANES = """\
article:
  title: Cranes
  published: 2032-05-14
  language: en
  textKind: Full
  text: |
    The Linmouth Docks Company bought two cranes for $18 million. Nils Orre praised the cranes.
curation: {curator: jd, on: 2032-05-15, status: Draft}
facts: {}
"""


def test_a_form_is_filled_in_by_keys_without_a_trap(browser: Browser, bench: BenchProcess, project: Project) -> None:
    mapping = mapping_of(project, "cranes")
    mapping.write_text(CRANES, encoding="utf-8")
    with opened(browser, bench.of("cranes"), viewport=WIDE) as page:
        expect(page.get_by_text("No facts yet.")).to_be_visible()
        page.locator('sup[data-number="0"]').click()
        choose_kind(page, "Agreement")
        page.get_by_label("Name", exact=True).fill("Purchase of two cranes")
        page.get_by_label("Stage", exact=True).select_option("Announced")
        page.get_by_role("button", name=re.compile(r"^\d+ more$")).click()
        page.get_by_role("button", name="Value", exact=True).click()
        page.keyboard.type("$18 million")
        expect(page.locator("#keys")).to_contain_text("Not complete yet: Value")
        page.keyboard.press("Tab")
        page.get_by_role(
            "button", name="United States dollar", exact=True
        ).click()  # what the words leave open, a person settles
        expect(page.locator(".finding:not(.mild)")).to_have_count(0)
        field = page.get_by_role("combobox", name="Party", exact=True)
        field.fill("Linmuth Docks Company")  # only similar to an entity: Enter takes no other one
        expect(page.get_by_role("listbox").get_by_role("option").first).to_contain_text("New “Linmuth Docks Company”")
        field.fill("Linmouth Docks Company")
        expect(page.get_by_role("listbox").get_by_role("option").first).to_contain_text("Linmouth Docks Company")
        field.press("Enter")
        save(page)
        assert "value: {asWritten: $18 million, currency: USD}" in mapping.read_text(encoding="utf-8")
        page.locator('sup[data-number="1"]').click()
        choose_kind(page, "Statement")
        page.get_by_label("Type of statement", exact=True).focus()
        page.keyboard.type("pra", delay=30)  # a list is searched by more than one letter
        expect(page.get_by_label("Type of statement", exact=True)).to_have_value("Praised")
        page.get_by_label("Paraphrase", exact=True).fill("The cranes are good.")
        save(page)
        page.locator('sup[data-number="0"]').click()
        choose_kind(page, "Figure")
        page.get_by_role("combobox", name="About", exact=True).fill(
            "Linmouth Docks"
        )  # also in the agreement's sentence
        choices = page.get_by_role("listbox").get_by_role("option")
        expect(choices.nth(1)).to_contain_text("Agreement of this article")
        expect(choices.first).to_contain_text("Company")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Discard").click()
        page.locator('sup[data-number="0"]').click()
        choose_kind(page, "Meeting")
        page.get_by_label("Date", exact=True).fill("two cranes")
        page.keyboard.press("F8")
        page.get_by_role("note").get_by_role("button", name="Inferred date").click()  # the finding names it
        expect(page.get_by_label("Inferred date", exact=True)).to_be_focused()
        page.get_by_role("button", name="Another participation").or_(
            page.get_by_role("button", name="Add participation")
        ).click()
        expect(page.get_by_role("combobox", name="Participant", exact=True).last).to_be_focused()
        page.get_by_role("button", name="Another participation").click()
        expect(page.get_by_role("combobox", name="Participant", exact=True).last).to_be_focused()
        page.get_by_role("button", name="Discard").click()
        before = mapping.read_text(encoding="utf-8")
        page.get_by_role("button", name="Article", exact=True).click()
        page.get_by_label("Title", exact=True).fill("Two cranes")
        save(page)
        assert mapping.read_text(encoding="utf-8") == before.replace("title: Cranes", "title: Two cranes")
        mapping.write_text(CRANES.replace("on: 2032-05-15", "on: 2031-05-15"), encoding="utf-8")
        page.reload()
        finding = page.get_by_role("note").filter(has_text="curated before it was published")
        finding.get_by_role("button", name="Change").click()
        page.get_by_label("On", exact=True).fill("2032-05-16")
        save(page)
        expect(finding).to_have_count(0)
    assert "{curator: jd, on: 2032-05-16, status: Draft}" in mapping.read_text(encoding="utf-8")
    mapping.unlink()


def edited(page: Page, fact: str) -> None:
    """Open the form of a fact."""
    page.locator(f'[data-fact="{fact}"]').click()
    page.keyboard.press("c")
    expect(page.locator("#form")).to_be_visible()


def test_two_changes_of_one_fact_are_both_shown_and_none_is_overwritten(
    browser: Browser, bench: BenchProcess, project: Project
) -> None:
    mapping = mapping_of(project, "charter-grows")
    with opened(browser, bench.of("charter-grows"), viewport=WIDE, allowed="409") as page:
        edited(page, "ships")
        page.get_by_label("Indicator", exact=True).fill("ships that call in a year")
        text = mapping.read_text(encoding="utf-8")
        text = text.replace("ships calling in a year", "ships per year").replace("A new party of", "One more party of")
        mapping.write_text(text, encoding="utf-8")
        expect(page.get_by_role("heading", name="Someone else changed this fact")).to_be_visible()
        expect(page.locator("#conflict tr", has_text="indicator")).to_contain_text(
            "ships that call in a yearships per year"
        )
        assert mapping.read_text(encoding="utf-8") == text
        page.get_by_role("button", name="Keep yours").click()
        expect(page.locator('[data-fact="ships"]')).to_contain_text("ships that call in a year")
    assert mapping.read_text(encoding="utf-8") == text.replace("ships per year", "ships that call in a year")


def test_a_change_elsewhere_in_the_file_is_merged_and_undo_takes_back_only_ones_own(
    browser: Browser, bench: BenchProcess, project: Project
) -> None:
    mapping = mapping_of(project, "ferry-terminal-correction")
    with opened(browser, bench.of("ferry-terminal-correction"), viewport=WIDE) as page:
        before = mapping.read_text(encoding="utf-8")
        fact = page.locator("[data-fact]").first.get_attribute("data-fact")
        assert fact
        page.locator("[data-fact]").first.click()
        page.keyboard.press("x")
        expect(page.get_by_text(f"'{fact}' was removed.")).to_be_visible()
        mapping.write_text("# seen by mk\n" + mapping.read_text(encoding="utf-8"), encoding="utf-8")
        expect(page.get_by_text("was changed outside this bench")).to_be_visible()
        page.keyboard.press("Control+z")
        expect(page.locator(f'[data-fact="{fact}"]')).to_be_visible()
        assert mapping.read_text(encoding="utf-8").startswith("# seen by mk\n")
        assert f"  {fact}:" in before
        page.keyboard.press("Control+Shift+z")
        expect(page.locator(f'[data-fact="{fact}"]')).to_have_count(0)


def test_what_was_typed_outlives_a_kill_of_the_server_and_of_the_browser(
    browser: Browser, pristine: Project, tmp_path: Path
) -> None:
    project = copy_of(pristine, tmp_path)
    gone = "ERR_CONNECTION_REFUSED|failed:|Failed to load"
    with ExitStack() as stack:
        first = stack.enter_context(bench_of(project))
        with opened(browser, first.of("ferry-terminal"), viewport=WIDE) as page:
            edited(page, "talk")
            with page.expect_response(re.compile("/draft$")):
                page.get_by_label("Name", exact=True).fill("Holm meets Orre")
        page = stack.enter_context(opened(browser, first.of("charter-grows"), viewport=WIDE, allowed=gone))
        edited(page, "ships")
        page.get_by_label("Indicator", exact=True).fill("ships that call")
        first.kill()
        page.keyboard.press("Control+Enter")
        expect(page.locator("#saved")).to_contain_text("No server since")
        expect(page.get_by_label("Indicator", exact=True)).to_have_value("ships that call")
        second = stack.enter_context(bench_of(project, port=first.port))
        # the page that was open saves by itself, and another browser takes up what was never saved
        expect(page.locator("#form")).to_have_count(0)
        expect(page.locator('[data-fact="ships"]')).to_contain_text("ships that call")
        with opened(browser, second.of("ferry-terminal"), viewport=WIDE) as other:
            expect(other.get_by_text("A meeting that you began")).to_be_visible()
            other.get_by_role("button", name="Go on").click()
            expect(other.get_by_label("Name", exact=True)).to_have_value("Holm meets Orre")
            save(other)
    assert "indicator: ships that call\n" in mapping_of(project, "charter-grows").read_text(encoding="utf-8")
    assert "name: Holm meets Orre\n" in mapping_of(project, "ferry-terminal").read_text(encoding="utf-8")


def thousand_facts(project: Project) -> None:
    """Write an article with a thousand facts."""
    text = " ".join(f"Station {number} measured {number + 20} tonnes of sand." for number in range(1000))
    head = "article:\n  title: A thousand\n  publisher: estuary-wire\n  published: 2032-05-13\n  language: en\n"
    facts = "".join(
        f"  sand-{n}:\n    type: QuotedStatistic\n    indicator: sand at station {n}\n    about: skarholm\n"
        f"    value: {n + 20} tonnes\n    quote: Station {n} measured {n + 20} tonnes of sand.\n"
        for n in range(1000)
    )
    whole = (
        f"{head}  textKind: Full\n  text: {text}\ncuration: {{curator: mk, on: 2032-05-14, status: Draft}}\nfacts:\n"
    )
    mapping_of(project, "a-thousand").write_text(whole + facts, encoding="utf-8")


WATCH = """
  window.keys = [];
  new PerformanceObserver((list) => { for (const each of list.getEntries())
    if (/^(key|input)/.test(each.name)) window.keys.push(each.processingEnd - each.processingStart); })
    .observe({ type: "event", durationThreshold: 16 });
"""


def test_a_thousand_facts_stay_fluid(browser: Browser, pristine: Project, tmp_path: Path) -> None:
    project = copy_of(pristine, tmp_path)
    thousand_facts(project)
    with (
        bench_of(project, "a-thousand") as bench,
        opened(browser, bench.of("a-thousand"), viewport=WIDE, allowed="ERR_ABORTED") as page,
    ):
        expect(page.get_by_text("1,000 sentences")).to_be_visible()
        paints = []
        for _ in range(3):  # what others do on this machine is no property of the page
            page.reload(wait_until="load")
            expect(page.get_by_text("1,000 sentences")).to_be_visible()
            paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        edited(page, "sand-3")
        field = page.get_by_label("Indicator", exact=True)
        field.press("End")
        page.evaluate(WATCH)
        page.keyboard.type(" in the year", delay=30)
        expect(field).to_have_value("sand at station 3 in the year")
        page.wait_for_timeout(200)
        slow = [each for each in page.evaluate("window.keys") if each >= 50]
        page.get_by_role("button", name="Discard").click()
        assert min(paints) < 1000
        assert len(slow) <= 4  # of twelve keys: now and then another process has the processor


def test_proposals_are_accepted_one_by_one_or_refused(browser: Browser, bench: BenchProcess, project: Project) -> None:
    mapping = mapping_of(project, "ferry-terminal-copy")
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text[: text.index("facts:")], encoding="utf-8")
    with opened(browser, bench.of("ferry-terminal-copy"), viewport=WIDE) as page:
        page.get_by_role("button", name="Propose facts").click()
        first = page.locator(".item.now")
        name = first.get_attribute("data-proposal")
        first.get_by_role("button", name="Refuse").click()
        expect(page.locator(f'[data-proposal="{name}"]')).to_have_count(0)
        accepted = page.locator(".item.now").get_attribute("data-proposal")
        page.locator(".item.now").focus()
        page.keyboard.press("a")
        expect(page.get_by_text("Accepted as a draft").first).to_be_visible()
        written = mapping.read_text(encoding="utf-8")
        assert f"  {accepted}:" in written
        assert f"  {name}:" not in written
        assert "status: Draft" in written[written.index("facts:") :]


def test_what_a_model_proposed_is_accepted_beside_the_rules_and_names_the_model(
    browser: Browser, bench: BenchProcess, project: Project
) -> None:
    mapping = mapping_of(project, "ferry-terminal-copy")
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text[: text.index("facts:")], encoding="utf-8")
    quote = "The terminal is worth EUR 12 million."
    tree = {"type": "Project", "name": "New ferry terminal", "value": "EUR 12 million", "quote": quote}
    attributed = {**tree, "status": "Draft", "draftedBy": "tide-7b"}
    proposal = Proposal(
        "new-terminal", FACT, attributed, quote, Span(0, 0), 0.5, "its words are in the text", "tide-7b"
    )
    keep(KeptDraft(ArticleDraft("ferry-terminal-copy", (proposal,)), "tide-7b", "localhost", "2032-05-12"), project)
    with opened(browser, bench.of("ferry-terminal-copy"), viewport=WIDE) as page:
        page.get_by_role("button", name="Propose facts").click()
        expect(page.get_by_text("by the model tide-7b")).to_be_visible()
        item = page.locator('[data-proposal="new-terminal"]')
        expect(item).to_contain_text("model tide-7b: its words are in the text")
        item.click()
        page.locator('[data-proposal="new-terminal"]').get_by_role("button", name="Accept").click()
        expect(page.locator('[data-proposal="new-terminal"]')).to_contain_text("Accepted as a draft")
    written = mapping.read_text(encoding="utf-8")
    assert "    status: Draft\n    draftedBy: tide-7b\n" in written[written.index("  new-terminal:") :]


def test_a_fact_is_renamed_in_its_form(browser: Browser, bench: BenchProcess, project: Project) -> None:
    with opened(browser, bench.of("ferry-terminal"), viewport=WIDE, allowed="rename|400") as page:
        edited(page, "contract")
        page.get_by_label("Id", exact=True).fill("talk")
        page.get_by_role("button", name="Rename it everywhere").click()
        expect(
            page.get_by_text("'talk' is already a fact of the article 'ferry-terminal'; choose another id")
        ).to_be_visible()
        page.get_by_label("Id", exact=True).fill("terminal-contract")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Renamed, wherever it is named.")).to_be_visible()
        page.get_by_role("button", name="Discard").click()
        expect(page.locator('[data-fact="terminal-contract"]')).to_be_visible()
    assert "ferry-terminal/terminal-contract" in mapping_of(project, "linmouth-denial").read_text(encoding="utf-8")


def test_a_text_that_is_pasted_becomes_an_article(browser: Browser, bench: BenchProcess, project: Project) -> None:
    with opened(browser, bench.of(""), viewport=WIDE) as page:
        expect(page.get_by_role("link", name="Linmouth docks deny ferry contract")).to_be_visible()
        page.get_by_label("Text", exact=True).fill(
            "Pilots strike in Veldkirk\n\nSource: Veldkirk Echo\n\nThe pilots of Veldkirk began a strike on Monday."
        )
        page.get_by_label("Published").fill("2032-06-01")
        page.get_by_label("Language").fill("en")
        page.get_by_role("button", name="Register").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Pilots strike in Veldkirk")
        expect(page.get_by_text("No facts yet.")).to_be_visible()
        expect(page.get_by_text("publisher left out until the registry has it: Veldkirk Echo")).to_be_visible()
    assert "began a strike" in mapping_of(project, "pilots-strike-veldkirk").read_text(encoding="utf-8")


def test_a_review_shows_what_changed_and_publishes_what_was_decided(
    browser: Browser, pristine: Project, tmp_path: Path
) -> None:
    project = copy_of(pristine, tmp_path)
    mapping = mapping_of(project, "charter-grows")
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text.replace("ships calling in a year", "ships per year"), encoding="utf-8")
    with bench_of(project) as bench, opened(browser, bench.of("charter-grows"), viewport=WIDE) as page:
        page.get_by_role("button", name="Review").click()
        change = page.locator('[data-change="ships"]')
        expect(change.locator("del")).to_have_text("ships calling in a year", timeout=30000)
        expect(change.locator("ins")).to_have_text("ships per year")
        expect(page.get_by_role("heading", name=re.compile("Answers that will change"))).to_be_visible()
        page.locator(".item.now").focus()
        page.keyboard.press("b")
        page.get_by_label("What is to be mended").fill("The report says calling.")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Sent back")).to_be_visible()
        assert "note: The report says calling." in mapping.read_text(encoding="utf-8")
        page.get_by_role("button", name="undo", exact=True).click()
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_text("0 of 1")).to_be_visible()
        page.get_by_role("button", name="Build and publish", exact=True).click()
        page.get_by_label("Your name or initials as the reviewer").fill("ro")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Published as generation 2.")).to_be_visible(timeout=60000)
    assert "reviewer: ro" in mapping.read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_can_be_read_by_everybody_on_every_screen(
    browser: Browser, bench: BenchProcess, axe: str, scheme: str
) -> None:
    with opened(browser, bench.of("harbour-study"), viewport=WIDE, color_scheme=scheme, bypass_csp=True) as page:

        def is_sound() -> None:
            assert faults(page, axe) == []
            page.set_viewport_size(SMALL)
            assert not too_wide(page)
            assert faults(page, axe) == []
            page.set_viewport_size(WIDE)

        expect(page.locator("[data-fact]").first).to_be_visible()
        is_sound()
        page.locator('sup[data-number="7"]').click()
        is_sound()
        page.locator("#text").focus()
        page.keyboard.press("Enter")
        is_sound()
        page.get_by_role("button", name=re.compile("^Let go")).click()
        edited(page, "meeting")
        is_sound()
        page.get_by_role("button", name="Discard").click()
        page.get_by_role("button", name="Proposals").click()
        expect(page.locator(".lead-in", has_text="None of this is in the graph")).to_be_visible(timeout=30000)
        is_sound()
        page.keyboard.press("?")
        is_sound()


def test_an_article_is_registered_on_a_phone_too(browser: Browser, bench: BenchProcess) -> None:
    with opened(browser, bench.of(""), viewport=SMALL) as page:
        expect(page.get_by_role("link", name="Linmouth docks deny ferry contract")).to_be_visible()
        expect(page.get_by_role("button", name="Register")).to_be_visible()


def test_on_a_phone_a_sheet_says_what_a_sentence_supports(browser: Browser, bench: BenchProcess, axe: str) -> None:
    with opened(browser, bench.of("harbour-study"), viewport=SMALL, bypass_csp=True) as page:
        page.locator("#t13 [data-facts]").first.click()
        sheet = page.get_by_role("complementary", name="Sentence 13")
        expect(sheet.get_by_text("Aldenburg harbour: cargo handled, 41.2 million tonnes")).to_be_visible()
        assert faults(page, axe) == []
        assert not too_wide(page)
        sheet.get_by_role("button", name="The sentence before").click()
        expect(page.get_by_role("heading", name="Sentence 12 of 13")).to_be_visible()
        page.locator("#sheet [data-fact]").first.click()
        page.locator("#sheet").get_by_role("button", name="Change").click()
        expect(page.locator("#form")).to_be_visible()
        expect(page.locator("#sheet")).to_be_hidden()


def test_keys_alone_reach_every_region(browser: Browser, bench: BenchProcess) -> None:
    with opened(browser, bench.of("harbour-study"), viewport=WIDE) as page:
        expect(page.locator("[data-fact]").first).to_be_visible()
        page.locator("#text").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator(".chosen").first).to_have_text("The")
        page.keyboard.press("Shift+ArrowRight")
        expect(page.locator(".chosen").first).to_have_text("The director")
        page.keyboard.press("Control+ArrowRight")
        expect(page.locator(".chosen").first).to_have_text(re.compile("^The six visitors"))
        page.keyboard.press("Escape")
        expect(page.locator(".chosen")).to_have_count(0)
        page.keyboard.press("F6")
        expect(page.locator("#facts")).to_be_focused()
        page.keyboard.press("j")
        expect(page.locator(".fact.lit")).to_have_count(1)
        page.keyboard.press("?")
        page.get_by_label("Single letters are commands").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("x")
        expect(page.locator(".fact.lit")).to_have_count(1)  # no letter removes anything now


def test_a_form_that_is_left_is_offered_again_and_more_words_are_added_to_one_that_is_open(
    browser: Browser, bench: BenchProcess
) -> None:
    with opened(browser, bench.of("tide-workshop"), viewport=WIDE) as page:
        expect(page.locator("[data-fact]").first).to_be_visible()
        page.locator('sup[data-number="1"]').click()
        choose_kind(page, "Statement")
        page.get_by_label("Paraphrase", exact=True).fill("Somebody presided")
        page.locator('sup[data-number="2"]').click()
        page.keyboard.press("m")  # no kind while a form is open
        page.keyboard.press("Alt+q")
        expect(page.locator("blockquote")).to_have_count(2)
        page.keyboard.press("Control+k")
        page.get_by_role("button", name=re.compile("^Let go")).click()
        expect(page.get_by_text("A statement that you began")).to_be_visible()
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_label("Paraphrase", exact=True)).to_have_value("Somebody presided")
        expect(page.locator("blockquote")).to_have_count(2)
        page.get_by_role("button", name="Discard").click()
        expect(page.get_by_text("A statement that you began")).to_have_count(0)


HOSTILE = "<img src=x onerror=document.title=1> <b>{{7*7}}</b>"


def test_hostile_texts_and_labels_stay_text(browser: Browser, bench: BenchProcess, project: Project) -> None:
    text = mapping_of(project, "charter-grows").read_text(encoding="utf-8")
    text = text.replace("Skarn joins shore power charter", f"'{HOSTILE}'")
    text = text.replace("Some 300 ships a year call", "Some 300 ships <img src=x onerror=alert(1)> a year call")
    text = re.sub("indicator: .*", "indicator: <script>alert(1)</script> ships", text)
    mapping_of(project, "hostile").write_text(text, encoding="utf-8")
    with opened(browser, bench.of("hostile"), viewport=WIDE) as page:
        page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
        expect(page.get_by_role("heading", level=1)).to_contain_text("<img src=x")
        expect(page.locator("#text")).to_contain_text("<img src=x onerror=alert(1)>")
        edited(page, "ships")
        expect(page.get_by_label("Indicator", exact=True)).to_have_value("<script>alert(1)</script> ships")
        page.keyboard.press("Escape")
        assert page.locator("img").count() == 0
        assert page.title() != "1"
