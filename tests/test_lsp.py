"""What an editor shows while someone writes: `kg lsp`, over its protocol, on the fictional project."""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types as lsp

from kg.cli.lsp import command
from kg.core.errors import UsageError
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
    assert found.message == "there is no entity called 'nils-orr'\nhelp: did you mean 'nils-orre' (Nils Orre)?"
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
  earlier: {type: Meeting}
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
        others = "Meeting" if each == 3 else ""
        text = text.replace(f"§{each}", f"{written}§" if each == number else others)
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
        (7, "ear", "earlier"),
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
    server.replace(
        file, "  first-ferries:\n", "  other:\n    type: Meeting\n    place: skarholm\n    \n  first-ferries:\n"
    )
    keys = labels(server.completion(file, server.position(file, "    place: skarholm\n    \n", 24)))
    assert keys[:3] == ["name", "occurrence", "quote"]
    assert not {"type", "place"} & {*keys}


def test_a_key_takes_only_ids_and_codes_that_fit_it(server: TestEditor, article: Path) -> None:
    assert {"skarholm", "president"}.isdisjoint(labels(at_mark(server, article, 2, "")))
    assert "Signed" not in labels(at_mark(server, article, 1, ""))


def test_a_sentence_is_proposed_so_that_it_is_yaml(server: TestEditor, article: Path) -> None:
    items = at_mark(server, article, 8, '"start')
    assert isinstance(items[0].text_edit, lsp.TextEdit)
    assert server.words(article, items[0].text_edit.range) == '"start'
    assert items[0].text_edit.new_text == "'\"It is a start,\" she said.'"


def test_nothing_is_proposed_inside_a_text_or_a_comment(server: TestEditor, file: Path) -> None:
    assert (
        server.completion(file, server.position(file, "Orre said that the first ferries would leave in 2034.\ncur", 10))
        == []
    )
    server.replace(file, "    stage: Signed\n", "    stage: Signed  # st\n")
    assert server.completion(file, server.position(file, "# st")) == []


# -------- what something means, and where it is


def test_an_entity_a_term_and_a_code_are_explained(server: TestEditor, file: Path) -> None:
    entity = server.hover(file, server.position(file, "holder: nils-orre", 10))
    assert entity == "**Nils Orre** (person)\n\n`nils-orre`"
    assert "Something that parties have" in server.hover(file, server.position(file, "type: Agreement", 8))
    key = server.hover(file, server.position(file, "agreementPlace", 3))
    assert key.startswith("**agreementPlace**: ")
    assert "may be left out" in key
    assert server.hover(file, server.position(file, "stage: Signed", 9)).startswith("**Signed**: ")
    assert "support it" in server.hover(file, server.position(file, "    quote: Orre said", 6))


def test_what_tells_an_entity_apart_and_its_other_names_are_shown(server: TestEditor, file: Path) -> None:
    server.replace(file, "holder: nils-orre", "holder: jan-vester-pilot")
    shown = server.hover(file, server.position(file, "jan-vester-pilot"))
    assert "pilot, chairman of Ald Estuary Pilots" in shown
    server.replace(file, "holder: jan-vester-pilot", "holder: jonas-thorsen")
    assert "Also: Jonas Thorssen" in server.hover(file, server.position(file, "holder: jonas-thorsen", 12))


def test_a_date_and_an_amount_are_shown_as_they_were_understood(server: TestEditor, file: Path) -> None:
    server.replace(
        file, "name: Holm receives Orre\n    date: on Monday", "name: Holm receives Orre\n    date: on Monday  #"
    )
    date = server.hover(file, server.position(file, "on Monday  #", 3))
    assert date.startswith("**on Monday**: understood as ")
    assert date.count("2032-05-10") >= 3
    amount = server.hover(file, server.position(file, "EUR 12 million\n    quote", 5))
    assert "12000000" in amount


def test_an_id_leads_to_the_registry_and_to_facts(server: TestEditor, project: Path, file: Path) -> None:
    (found,) = server.definition(file, server.position(file, "𝔸𝔹, participant: nils-orre", 22))
    people = project / "data" / "registry" / "people.yaml"
    assert found.uri == people.as_uri()
    assert server.words(people, found.range) == "nils-orre"
    (fact,) = server.definition(file, server.position(file, "capacity: president", 12))
    assert (fact.uri, server.words(file, fact.range)) == (file.as_uri(), "president")


def test_a_type_a_key_and_a_code_lead_to_the_ontology(server: TestEditor, file: Path) -> None:
    for words, into, name in (
        ("type: Agreement", 8, "agreement.ttl"),
        ("agreementPlace", 3, "agreement.ttl"),
        ("stage: Signed", 9, "stage.ttl"),
    ):
        found = server.definition(file, server.position(file, words, into))
        assert [each.uri.rpartition("/")[2] for each in found] == [name]


def test_the_places_that_name_a_thing_are_found(server: TestEditor, file: Path) -> None:
    found = server.references(file, server.position(file, "holder: nils-orre", 10))
    names = {each.uri.rpartition("/")[2] for each in found}
    assert {"people.yaml", "ferry-terminal.yaml"} <= names
    own = [each for each in found if each.uri == file.as_uri()]
    assert len(own) == 3
    assert {server.words(file, each.range) for each in own} == {"nils-orre"}
    assert len(server.references(file, server.position(file, "  president:\n", 4))) == 4


# -------- changes


def test_an_entity_is_renamed_in_the_registry_in_articles_and_in_links(
    server: TestEditor, project: Path, file: Path
) -> None:
    data = project / "data"
    server.replace(file, "holder: nils-orre", "holder: jan-vester-banker")
    edit = server.rename(file, server.position(file, "jan-vester-banker", 4), "jan-vester-senior")
    done = server.edited(edit)
    assert "\njan-vester-senior:\n" in done["people.yaml"]
    assert "distinctFrom: jan-vester-senior\n" in done["people.yaml"]
    assert "kg:person/jan-vester-senior\t" in done["links.sssom.tsv"]
    assert done["ferry-terminal.yaml"] == server.texts[file].replace("jan-vester-banker", "jan-vester-senior")
    for name, text in done.items():
        assert "jan-vester-banker" not in text, name
    before = (data / "registry" / "people.yaml").read_text(encoding="utf-8")
    assert done["people.yaml"] == before.replace("jan-vester-banker", "jan-vester-senior")


def test_a_fact_is_renamed_where_it_is_defined_and_named(server: TestEditor, file: Path) -> None:
    done = server.edited(server.rename(file, server.position(file, "capacity: president", 12), "head-of-docks"))
    expected = server.texts[file].replace("\n  president:", "\n  head-of-docks:")
    for key in ("capacity", "speakerCapacity"):
        expected = expected.replace(f"{key}: president", f"{key}: head-of-docks")
    assert done.keys() == {"ferry-terminal.yaml", "ferry-terminal-correction.yaml"}
    assert done["ferry-terminal.yaml"] == expected
    assert "ferry-terminal/head-of-docks" in done["ferry-terminal-correction.yaml"]
    assert "ferry-terminal/president" not in done["ferry-terminal-correction.yaml"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("Nils Orre", "cannot be an id"), ("greta-holm", "already in the registry"), ("signing", "already a fact")],
)
def test_a_name_that_cannot_be_taken_is_refused(server: TestEditor, file: Path, name: str, reason: str) -> None:
    with pytest.raises(Exception, match=reason):
        server.rename(file, server.position(file, "holder: nils-orre", 10), name)


def test_nothing_is_renamed_while_a_file_that_may_name_it_is_no_yaml(server: TestEditor, file: Path) -> None:
    server.replace(file, "    stage: Signed\n", "    stage: [Signed\n")
    with pytest.raises(Exception, match="but is not YAML"):
        server.rename(file, server.position(file, "holder: nils-orre", 10), "nils-o")


def test_what_has_one_remedy_is_mended(server: TestEditor, file: Path) -> None:
    server.replace(file, "holder: nils-orre", "holder: nils-orr")
    server.replace(file, "𝔸𝔹, participant: nils-orre", "𝔸𝔹, participant: nils-orr")
    server.wait(lambda: server.codes(file).count("KG-M007") == 2)
    found = [each for each in server.diagnostics(file) if each.code == "KG-M007"]
    (quick,) = server.actions(file, found[1].range, ["quickfix"])
    assert quick.title == "Write 'nils-orre' (KG-M007)"
    assert quick.edit
    mended = server.texts[file].replace("𝔸𝔹, participant: nils-orr,", "𝔸𝔹, participant: nils-orre,")
    assert server.edited(quick.edit) == {"ferry-terminal.yaml": mended}
    (everything,) = server.actions(file, found[1].range, ["source.fixAll"])
    assert everything.edit
    assert server.edited(everything.edit)["ferry-terminal.yaml"].count("nils-orr,") == 0


def test_what_words_leave_open_is_chosen_from_what_they_may_mean(server: TestEditor, file: Path) -> None:
    for before in ("Monday. The terminal is worth ", "value: ", "- The terminal is worth "):
        server.replace(file, f"{before}EUR 12 million", f"{before}12 million crowns")
    server.wait(lambda: "KG-W005" in server.codes(file))
    [finding] = [each for each in server.diagnostics(file) if each.code == "KG-W005"]
    choices = {each.title: each for each in server.actions(file, finding.range, ["quickfix"])}
    chosen = choices["Write currency: SEK (KG-W005)"].edit
    assert chosen
    settled = server.texts[file].replace(
        "value: 12 million crowns", "value: {asWritten: 12 million crowns, currency: SEK}"
    )
    assert server.edited(chosen) == {"ferry-terminal.yaml": settled}


# -------- projects


def test_a_file_of_no_project_is_left_alone(server: TestEditor, tmp_path: Path) -> None:
    alone = tmp_path / "notes.yaml"
    server.open(alone, "type: X\n")
    assert server.completion(alone, lsp.Position(0, 7)) == []
    assert server.hover(alone, lsp.Position(0, 1)) == ""
    assert server.diagnostics(alone) == []
    server.close(alone)


def test_another_project_has_its_own_names_and_a_broken_ontology_is_said_until_it_is_mended(
    server: TestEditor, file: Path, tmp_path: Path
) -> None:
    ontology = tmp_path / "ontology"
    shutil.copytree(ONTOLOGY, ontology)
    other = copied(tmp_path / "other", ontology)
    (other / "data" / "registry" / "more.yaml").write_text("zed: {type: Person, name: Zed}\n", encoding="utf-8")
    article = other / "data" / "articles" / "ferry-terminal.yaml"
    core = ontology / "core.ttl"
    sound = core.read_text(encoding="utf-8")
    core.write_text(sound + "\ncq:Broken a", encoding="utf-8")
    server.open(article)
    server.wait(lambda: any("core.ttl" in each.message for each in server.diagnostics(article)))
    core.write_text(sound, encoding="utf-8")
    server.wait(lambda: not server.diagnostics(article))
    place = server.position(article, "holder: nils-orre", 8)
    server.write(article, server.texts[article].replace("holder: nils-orre", "holder: ze"))
    assert "zed" in labels(server.completion(article, lsp.Position(place.line, place.character + 4)))
    server.replace(file, "holder: nils-orre", "holder: ze")
    assert "zed" not in labels(server.completion(file, server.position(file, "holder: ze")))
    server.close(article)


def test_settings_that_cannot_be_read_are_said_until_they_are_mended(server: TestEditor, tmp_path: Path) -> None:
    other = copied(tmp_path / "other")
    settings = other / "kg.toml"
    sound = settings.read_text(encoding="utf-8")
    settings.write_text("base = 3\n", encoding="utf-8")
    article = other / "data" / "articles" / "ferry-terminal.yaml"
    server.open(article)
    server.wait(lambda: any("base must be text" in each.message for each in server.diagnostics(article)))
    settings.write_text(sound, encoding="utf-8")
    server.write(article, server.texts[article] + "\n")
    server.wait(lambda: not server.diagnostics(article))
    server.close(article)


def test_settings_that_break_while_a_project_is_open_are_said_and_old_ones_are_not_used(
    server: TestEditor, tmp_path: Path
) -> None:
    other = copied(tmp_path / "other")
    settings, article = other / "kg.toml", other / "data" / "articles" / "ferry-terminal.yaml"
    sound = settings.read_text(encoding="utf-8")
    server.open(article)
    server.replace(article, "holder: nils-orre", "holder: nobody-else")
    server.wait(lambda: "KG-M007" in server.codes(article))
    settings.write_text("base = 3\n", encoding="utf-8")
    server.wait(lambda: any("base must be text" in each.message for each in server.diagnostics(article)))
    server.replace(article, "holder: nobody-else", "holder: nobody-at-all")
    server.run(asyncio.sleep(0.5))
    assert "KG-M007" not in server.codes(article)
    settings.write_text(sound, encoding="utf-8")
    server.wait(lambda: "KG-M007" in server.codes(article))
    server.close(article)


def test_the_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygls", None)
    monkeypatch.delitem(sys.modules, "kg.lsp.features", raising=False)
    assert command.callback
    with pytest.raises(UsageError, match="needs the extra 'lsp'"):
        command.callback()


def test_no_request_failed_in_the_server(server: TestEditor) -> None:
    assert [each.message for each in server.client.messages if "a bug in kg" in each.message] == []
