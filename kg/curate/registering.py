"""What a curator pastes, uploads or names -> a new article of the project. Writes its files; may fetch one page."""

from __future__ import annotations

from datetime import date

from kg.bench.fetch import checked_address, fetched
from kg.bench.material import Material, found_article
from kg.bench.metadata import LANGUAGE, PUBLISHED, PUBLISHER, TITLE, from_pairs
from kg.bench.new import RegistrationChoices, with_examples, write_registered
from kg.curate.bench import Bench
from kg.curate.received import Body, text_in
from kg.web.errors import HttpError

FIELDS = (TITLE, PUBLISHER, PUBLISHED, LANGUAGE)
_PAGES = (".html", ".htm", ".xhtml")


def register(bench: Bench, body: Body) -> dict[str, object]:
    """Register an article from its `text`, the content of the file `name`, or the page at the `address`.

    Raises:
        HttpError: 400: there is neither.
        KgError: as `found_article`, `fetched`, `with_examples` and `write_registered`.
    """
    given = from_pairs(((name, text_in(body, name)) for name in FIELDS if text_in(body, name)), "the form")
    with bench.lock:
        desk = bench.desk()
        article = found_article(_material(body), desk.scope.languages, given)
        choices = RegistrationChoices(text_in(body, "id"), text_in(body, "curator") or "me", "", date.today())
        made = with_examples(article, desk, choices)
        write_registered(made, desk.project)
    return {"id": made.id, "files": [desk.project.shown(file) for file in made.files], "remarks": list(made.remarks)}


def _material(body: Body) -> Material:
    if address := text_in(body, "address").strip():
        page = fetched(checked_address(address))
        return Material(page.content, address, page.is_page, page.encoding, page.url)
    text, name = text_in(body, "text"), text_in(body, "name")
    if not text.strip():
        raise HttpError(422, "there is no text yet", "paste the article, choose its file, or give its address")
    is_page = True if name.lower().endswith(_PAGES) else None
    return Material(text.encode(), name or "the pasted text", is_page)
