"""What an editor shows while somebody writes: `kg lsp`, over its protocol, on the fictional project."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from tests.editor import TestEditor, editor

HERE = Path(__file__).parent
FICTION, ONTOLOGY, QUERIES = HERE / "fiction", HERE.parent / "ontology", HERE.parent / "queries"


def copied(folder: Path, ontology: Path = ONTOLOGY) -> Path:
    """Return a copy of the fictional project."""
    shutil.copytree(FICTION, folder, ignore=shutil.ignore_patterns("build"))
    settings = (FICTION / "kg.toml").read_text(encoding="utf-8")
    settings = settings.replace("../../ontology", str(ontology)).replace("../../queries", str(QUERIES))
    (folder / "kg.toml").write_text(settings, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("lsp") / "Ald é 𝔸 news; two")


@pytest.fixture(scope="module")
def server(project: Path) -> Iterator[TestEditor]:
    with editor(project) as started:
        yield started


@pytest.fixture
def file(server: TestEditor, project: Path) -> Iterator[Path]:
    """An article that is open, in which a letter beyond the first plane stands before much of what is looked at."""
    article = project / "data" / "articles" / "ferry-terminal.yaml"
    text = article.read_text(encoding="utf-8")
    server.open(article, text.replace("{participant: nils-orre", "{note: 𝔸𝔹, participant: nils-orre"))
    yield article
    server.close(article)


def labels(items: list[lsp.CompletionItem]) -> list[str]:
    return [each.label for each in items]


# -------- findings


def test_a_finding_is_shown_while_typing_with_its_remedy_and_its_page(server: TestEditor, file: Path) -> None:
    server.replace(file, "𝔸𝔹, participant: nils-orre", "𝔸𝔹, participant: nils-orr")
    server.wait(lambda: "KG-M007" in server.codes(file))
    found = next(each for each in server.diagnostics(file) if each.code == "KG-M007")
    assert server.words(file, found.range) == "nils-orr"
    assert found.severity is lsp.DiagnosticSeverity.Error
    assert found.message == "no entity called 'nils-orr'\nhelp: did you mean 'nils-orre' (Nils Orre)?"
    assert found.source == "kg"
    assert found.code_description
    page = Path(found.code_description.href.removeprefix("file://"))
    assert page.read_text(encoding="utf-8").startswith("KG-M007: ")
    server.replace(file, "participant: nils-orr,", "participant: nils-orre,")
    server.wait(lambda: "KG-M007" not in server.codes(file))


def test_shapes_and_words_are_checked_while_typing(server: TestEditor, file: Path) -> None:
    server.replace(file, "value: EUR 12 million", "value: EUR 13 million")
    server.wait(lambda: any(code.startswith("KG-W") for code in server.codes(file)))
    server.replace(file, "value: EUR 13 million", "value: EUR 12 million")
    server.replace(file, "    stage: Signed\n", "")
    server.wait(lambda: any(code.startswith("KG-S") for code in server.codes(file)))
    assert not any(code.startswith("KG-W") for code in server.codes(file))


def test_a_file_that_is_no_yaml_has_its_finding_and_others_stay_usable(server: TestEditor, file: Path) -> None:
    server.replace(file, "    stage: Signed\n", "    stage: [Signed\n")
    server.wait(lambda: "KG-Y001" in server.codes(file))
    server.replace(file, "stage: [Signed", "stage: Signed")
    server.wait(lambda: "KG-Y001" not in server.codes(file))


def test_what_is_known_of_closed_files_is_shown_and_follows_the_disk(server: TestEditor, project: Path) -> None:
    other = project / "data" / "articles" / "tide-workshop.yaml"
    text = other.read_text(encoding="utf-8")
    other.write_text(text.replace("type: Meeting", "type: Meting", 1), encoding="utf-8")
    try:
        server.wait(lambda: "KG-M005" in server.codes(other))
    finally:
        other.write_text(text, encoding="utf-8")
    server.wait(lambda: "KG-M005" not in server.codes(other))


def test_an_entity_in_an_open_registry_file_is_known_before_it_is_saved(
    server: TestEditor, project: Path, file: Path
) -> None:
    people = project / "data" / "registry" / "people.yaml"
    server.open(people)
    server.replace(file, "holder: nils-orre", "holder: nila-orre")
    server.wait(lambda: "KG-M007" in server.codes(file))
    server.write(people, server.texts[people] + "nila-orre:\n  type: Person\n  name: {en: Nils Orre}\n")
    server.wait(lambda: "KG-M007" not in server.codes(file))
    server.close(people)
    server.wait(lambda: "KG-M007" in server.codes(file))


def test_a_new_file_is_checked_before_it_is_saved(server: TestEditor, project: Path) -> None:
    new = project / "data" / "articles" / "new.yaml"
    server.open(new, "article:\n  title: A\n  lang: en\ncuration: {curator: mk, on: 2032-05-12, status: Draft}\n")
    server.wait(lambda: "KG-M003" in server.codes(new))
    server.close(new)
    server.wait(lambda: not server.codes(new))


# -------- completion

WRITTEN = """\
article:
  title: 𝔸 ferry
  language: en
  text: |
    Greta Holm 𝔸 met Nils Orre in Skarholm. "It is a start," she said.
  §0
curation: {curator: mk, on: 2032-05-12, status: §1
facts:
  president:
    type: Tenure
    holder: §2
  talk:
    type: §3
    §4
    participation:
      - {note: 𝔸, participant: §5
      - §6
    after: §7
    quote: §8
"""


def at_mark(server: TestEditor, article: Path, number: int, written: str) -> list[lsp.CompletionItem]:
    """Return what is proposed at a place of WRITTEN when *written* stands there, and nothing at the other places."""
    text = WRITTEN
    for each in range(9):
        text = text.replace(f"§{each}", f"{written}§" if each == number else "")
    before = text[: text.index("§")]
    server.write(article, text.replace("§", ""))
    last = before.rpartition("\n")[2]
    return server.completion(article, lsp.Position(before.count("\n"), len(last.encode("utf-16-le")) // 2))


@pytest.fixture
def article(server: TestEditor, project: Path) -> Iterator[Path]:
    new = project / "data" / "articles" / "half-written.yaml"
    server.open(new, "")
    yield new
    server.close(new)


@pytest.mark.parametrize(
    ("number", "written", "proposed"),
    [
        (0, "te", "textKind"),
        (0, "", "textKind"),
        (1, "Dr", "Draft"),
        (2, "orre", "nils-orre"),
        (2, "Ελένη", "eleni-tharaki"),
        (2, "thors", "jonas-thorsen"),
        (3, "Mee", "Meeting"),
        (4, "oc", "occurrence"),
        (5, "lu y", "lu-yunzhou"),
        (6, "", "participant"),
        (6, "{par", "participant"),
        (7, "pres", "president"),
        (8, "met Orre", "Greta Holm 𝔸 met Nils Orre in Skarholm."),
        (8, "start", '"It is a start," she said.'),
    ],
)
def test_what_may_be_written_is_proposed_in_half_written_yaml(
    server: TestEditor, article: Path, number: int, written: str, proposed: str
) -> None:
    items = at_mark(server, article, number, written)
    assert proposed in labels(items)[:40]
    item = items[labels(items).index(proposed)]
    assert isinstance(item.text_edit, lsp.TextEdit)
    assert server.words(article, item.text_edit.range) == written.lstrip("{")


def test_required_keys_come_first_and_none_that_is_there(server: TestEditor, file: Path) -> None:
    server.replace(file, "  first-ferries:\n", "  other:\n    type: Meeting\n    place: skarholm\n    \n  first-ferries:\n")
    keys = labels(server.completion(file, server.position(file, "    place: skarholm\n    \n", 25)))
    assert keys[:2] == ["name", "occurrence"]
    assert not {"type", "place"} & {*keys}
    assert "quote" in keys


def test_a_key_takes_only_ids_and_codes_that_fit_it(server: TestEditor, article: Path) -> None:
    assert {"skarholm", "president"}.isdisjoint(labels(at_mark(server, article, 2, "")))
    assert "Signed" not in labels(at_mark(server, article, 1, ""))


def test_a_sentence_is_proposed_so_that_it_is_yaml(server: TestEditor, article: Path) -> None:
    items = at_mark(server, article, 8, '"start')
    assert isinstance(items[0].text_edit, lsp.TextEdit)
    assert server.words(article, items[0].text_edit.range) == '"start'
    assert items[0].text_edit.new_text == "'\"It is a start,\" she said.'"


def test_nothing_is_proposed_inside_a_text_or_a_comment(server: TestEditor, file: Path) -> None:
    assert server.completion(file, server.position(file, "Orre said that the first ferries would")) == []
    server.replace(file, "    stage: Signed\n", "    stage: Signed  # st\n")
    assert server.completion(file, server.position(file, "# st")) == []
