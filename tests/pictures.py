"""The fictional project in a browser -> the pictures of the manual in docs/pictures: `python -m tests.pictures`.

It needs Chromium, as tests/browser does.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.benches import bench_of, fiction_in
from tests.browser.program import CHROMIUM
from tests.serving import ROOT, built_fiction, server_of

FOLDER = ROOT / "docs" / "pictures"
PAGES = {
    "home": ("/", 760),
    "person": ("/person/mara-lind.html", 760),
    "article": ("/article/harbour-study.html", 680),
}
"""Name of the picture -> address, and height in pixels."""

WIDTH = 1200


def main() -> int:
    """Write all pictures."""
    with TemporaryDirectory() as work, server_of(built_fiction(Path(work))) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name, (path, height) in PAGES.items():
            page = browser.new_page(viewport={"width": WIDTH, "height": height})
            page.goto(address + path, wait_until="networkidle")
            page.screenshot(path=FOLDER / f"{name}.png")
        with bench_of(fiction_in(Path(work) / "bench"), "harbour-study") as bench:
            page = browser.new_page(viewport={"width": WIDTH, "height": 620})
            page.goto(bench.of("harbour-study"))
            page.locator('sup[data-number="4"]').click()
            page.locator("#keys .kinds button").nth(2).wait_for()  # the likely kinds are there
            page.screenshot(path=FOLDER / "bench.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
