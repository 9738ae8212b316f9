"""The bench without a browser: steps on a mapping, undo, forms from the vocabulary, who may call it."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from kg.bench.draft import draft_of, text_contents
from kg.cli import cli
from kg.core.errors import EndpointError, InputError, KgError, NotFoundError, UsageError
from kg.core.model import Span
from kg.curate.app import application
from kg.curate.bench import Bench, Tried
from kg.curate.differing import changes_between
from kg.curate.edit import ConflictError, Edit, edited, table_at
from kg.curate.forms import vocabulary_forms
from kg.curate.kept import MOST_STEPS, BenchFolder, History, Step
from kg.curate.reviewing import decide, review
from kg.curate.suggestions import begun, likely_kinds
from kg.mapping.edits import changed
from kg.mapping.yaml_nodes import Data
from kg.project.bench_files import bench_file
from tests.benches import fiction_in, mapping_of

MAPPING = """\
# of the harbour
article: {title: T}
facts:
  # -------- who
  rector:   # seen twice
    type: Tenure
    title:  Rector
    quote: 'the rector, Jonas Thorsen'
  talk:
    type: Meeting
    participation:
      - {participant: mara-lind, side: Host}
      - participant: osk-renner   # absent
        side: Guest
"""


def at(text: str, name: str) -> dict[str, Data]:
    table = table_at(text, ("facts", name))
    assert table is not None
    return dict(table)


# -------- the fewest changes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"a": "1"}, {"a": "2"}),
        ({"a": "1", "b": "2"}, {"b": "2"}),
        ({"a": ["x", "y", "z"]}, {"a": ["x", "z"]}),
        ({"a": ["x"]}, {"a": ["x", "y", "w"]}),
        ({"a": ["x", "y"]}, {"a": ["n", "x", "y"]}),
        ({"a": "x"}, {"a": ["x", "y"]}),
        ({"a": ["x", "y"]}, {"a": "x"}),
        ({"a": {"b": {"c": "1"}}}, {"a": {"b": {"d": "1"}}}),
        ({"a": [{"p": "1"}, {"p": "2", "s": "3"}]}, {"a": [{"p": "1"}, {"p": "2"}]}),
        ({"a": [{"p": "1"}]}, {"a": [{"p": "1"}, {"p": "2"}]}),
    ],
)
def test_a_table_is_changed_into_another_one(old: dict[str, Data], new: dict[str, Data]) -> None:
    text = changed("facts:\n  f: {k: v}\n", changes_between({"k": "v"}, old, ("facts", "f")))
    assert at(changed(text, changes_between(old, new, ("facts", "f"))), "f") == new


def test_only_the_value_that_changes_is_written() -> None:
    talk = at(MAPPING, "talk")
    guest = {"participant": "osk-renner", "side": "Host"}
    new = {**talk, "participation": [{"participant": "mara-lind", "side": "Host"}, guest]}
    assert edited(MAPPING, Edit("talk", talk, new), "m.yaml") == MAPPING.replace("side: Guest", "side: Host")


def test_a_fact_that_is_removed_takes_nothing_else_with_it() -> None:
    assert edited(MAPPING, Edit("talk", at(MAPPING, "talk"), None), "m.yaml") == MAPPING[: MAPPING.index("  talk:")]


def test_a_change_elsewhere_in_the_file_is_no_conflict() -> None:
    theirs = MAPPING.replace("title:  Rector", "title: President")
    made = edited(theirs, Edit("talk", at(MAPPING, "talk"), None), "m.yaml")
    assert "President" in made
    assert "talk" not in made


@pytest.mark.parametrize("theirs", [MAPPING.replace("Rector", "President"), MAPPING.replace("  rector:", "  other:")])
def test_a_fact_that_somebody_else_changed_is_never_overwritten(theirs: str) -> None:
    rector = at(MAPPING, "rector")
    with pytest.raises(ConflictError) as caught:
        edited(theirs, Edit("rector", rector, {**rector, "title": "Head"}), "m.yaml")
    assert caught.value.theirs == table_at(theirs, ("facts", "rector"))


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    rector = at(MAPPING, "rector")
    theirs = MAPPING.replace("title:  Rector", "title:  Head")
    assert edited(theirs, Edit("rector", rector, {**rector, "title": "Head"}), "m.yaml") == theirs


# -------- what is kept


def test_history_walks_back_and_forth_and_forgets_what_was_undone_once_something_else_is_done() -> None:
    one, other = (Step(Edit(name, None, {"type": "Meeting"}), "before", name) for name in ("one", "other"))
    history = History().with_step(one).with_step(other)
    assert (history.last, history.next) == (other, None)
    assert (history.moved(-1).last, history.moved(-1).next) == (one, other)
    assert history.moved(-1).with_step(other).steps == (one, other)
    for _ in range(MOST_STEPS + 5):
        history = history.with_step(one)
    assert len(history.steps) == history.done == MOST_STEPS


def test_history_is_read_as_it_was_kept_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    folder = BenchFolder(tmp_path)
    history = History().with_step(Step(Edit("f", None, {"type": "M"}, entities={"e": {"type": "P"}}), "a", "b"))
    folder.keep_history("x", history)
    assert folder.history("x") == history
    bench_file(tmp_path, "x", "history").write_text('{"steps": [{}], "done": 1}', encoding="utf-8")
    assert folder.history("x") == History()


def test_a_draft_is_kept_until_it_is_let_go(tmp_path: Path) -> None:
    folder = BenchFolder(tmp_path)
    folder.keep_draft("x", {"words": "the tides"})
    assert folder.draft("x") == {"words": "the tides"}
    assert folder.draft("y") is None
    folder.keep_draft("x", None)
    assert folder.draft("x") is None


def test_the_token_stays_and_is_private(tmp_path: Path) -> None:
    token = BenchFolder(tmp_path).token()
    assert BenchFolder(tmp_path).token() == token
    file = tmp_path / "curate" / "token"
    assert file.stat().st_mode & 0o077 == 0
    file.chmod(0o644)
    assert BenchFolder(tmp_path).token() != token  # others could have read it


def test_there_is_one_writer(tmp_path: Path) -> None:
    hold = BenchFolder(tmp_path).lock()
    with pytest.raises(EndpointError, match="another bench of this project is open"):
        BenchFolder(tmp_path).lock()
    hold.close()
    BenchFolder(tmp_path).lock().close()


# -------- on the fictional project


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(fiction_in(tmp_path_factory.mktemp("fiction")))


def test_facts_stand_with_their_words_in_one_sentence_each(bench: Bench) -> None:
    shown = bench.opened("linmouth-denial").shown
    talk, denial = shown.facts
    assert (talk.kind, talk.says, talk.status) == ("meeting", "Orre receives Holm.", "Reviewed")
    assert talk.more.startswith("10 May 2032 · Nils Orre · Greta Holm")
    assert denial.says.startswith("Linmouth Docks Company said in a denial: The company did not sign")
    assert shown.text[slice(*denial.spans[0])].startswith("The Linmouth Docks Company has denied")
    assert len(shown.sentences) == 3
    assert shown.findings == ()


def test_what_is_tried_has_its_findings_at_their_fields_and_its_dates_understood(bench: Bench) -> None:
    talk = bench.opened("linmouth-denial").shown.facts[0].tree
    before = mapping_of(bench.project, "linmouth-denial").read_bytes()
    tried = bench.tried("linmouth-denial", Edit("talk", talk, {**talk, "date": "on Tuesday"}))
    [finding] = tried.new
    assert (finding.fact, finding.path, finding.code, tried.is_barred) == ("talk", ("date",), "KG-W001", True)
    assert mapping_of(bench.project, "linmouth-denial").read_bytes() == before
    known = {each.path: each for each in bench.tried("linmouth-denial", Edit("talk", talk, talk)).understood}
    assert known["date",].means == "Monday 10 May 2032"
    assert "counted from the date of publication" in known["date",].how


def test_what_words_leave_open_is_offered_as_choices(bench: Bench) -> None:
    file = mapping_of(bench.project, "linmouth-denial")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("on Monday", "on Monday, for $18 million, in March", 1), encoding="utf-8")
    figure: dict[str, Data] = {"type": "QuotedStatistic", "about": "linmouth-docks-company", "indicator": "price"}
    figure |= {"value": "$18 million", "asOf": "in March", "quote": "for $18 million, in March"}
    tried = bench.tried("linmouth-denial", Edit("price", None, figure))
    choices = {each.path[0]: each.choices for each in tried.new}
    assert ("currency", "USD") in choices["value"]
    assert choices["asOf"] == (("edtf", "2032-03"), ("edtf", "2033-03"))
    for key, choice in (("value", "currency: USD"), ("asOf", "edtf: 2032-03")):
        name, _, value = choice.partition(": ")
        figure[key] = {"asWritten": figure[key], name: value}
    assert bench.tried("linmouth-denial", Edit("price", None, figure)).new == ()


def test_before_anything_is_published_a_review_has_every_fact(bench: Bench) -> None:
    compared = review(bench, "linmouth-denial")
    changes = compared["changes"]
    assert isinstance(changes, list)
    assert [(each["id"], each["how"], each["verdict"]) for each in changes] == [
        (fact.id, "added", None) for fact in bench.opened("linmouth-denial").shown.facts
    ]
    decide(bench, "linmouth-denial", {"id": "talk", "key": changes[0]["key"], "verdict": "accepted"})
    again = review(bench, "linmouth-denial")["changes"]
    assert isinstance(again, list)
    assert [bool(each["verdict"]) for each in again] == [each["id"] == "talk" for each in again]


def test_a_finding_in_braces_stands_at_its_own_field(bench: Bench) -> None:
    talk = dict(bench.opened("linmouth-denial").shown.facts[0].tree)
    first, second = talk["participation"]
    assert isinstance(second, dict)
    parts: list[Data] = [first, {**second, "side": "Guests"}]
    [finding] = bench.tried("linmouth-denial", Edit("talk", talk, {**talk, "participation": parts})).new
    assert (finding.path, finding.instead) == (("participation", 1, "side"), "Guest")


def test_a_step_is_saved_undone_byte_for_byte_and_done_again(bench: Bench) -> None:
    file = mapping_of(bench.project, "charter-grows")
    before = file.read_bytes()
    denial = bench.opened("charter-grows").shown.facts[2].tree
    assert not bench.save("charter-grows", Edit("no-shore-power", denial, None, label="removal")).is_barred
    after = file.read_bytes()
    assert b"  no-shore-power:" not in after
    assert bench.undo("charter-grows") == "removal"
    assert file.read_bytes() == before
    assert bench.undo("charter-grows") == ""
    assert bench.redo("charter-grows") == "removal"
    assert file.read_bytes() == after
    bench.undo("charter-grows")


def test_undo_leaves_what_others_wrote_since(bench: Bench) -> None:
    file = mapping_of(bench.project, "charter-grows")
    before = file.read_text(encoding="utf-8")
    ships = bench.opened("charter-grows").shown.facts[1].tree
    bench.save("charter-grows", Edit("ships", ships, {**ships, "indicator": "calls"}))
    file.write_text(f"# theirs\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    bench.undo("charter-grows")
    assert file.read_text(encoding="utf-8") == f"# theirs\n{before}"
    bench.redo("charter-grows")
    file.write_text(file.read_text(encoding="utf-8").replace("indicator: calls", "indicator: visits"), encoding="utf-8")
    with pytest.raises(ConflictError):
        bench.undo("charter-grows")
    file.write_text(before, encoding="utf-8")


def test_a_file_that_is_no_yaml_is_shown_with_its_line_and_not_written(bench: Bench) -> None:
    file = mapping_of(bench.project, "broken")
    text = mapping_of(bench.project, "charter-grows").read_text(encoding="utf-8")
    file.write_text(text.replace("    type: SpeechAct", "    type: [SpeechAct"), encoding="utf-8")
    before = file.read_bytes()
    shown = bench.opened("broken").shown
    assert shown.text.startswith("The Skarn Harbour Board signed")
    line = before.decode().split("type: [")[0].count("\n") + 1
    assert f"on line {line} is not closed" in shown.findings[0].message
    with pytest.raises(InputError):
        bench.save("broken", Edit("new", None, {"type": "Meeting"}))
    assert file.read_bytes() == before
    file.unlink()


def test_a_fact_that_others_name_is_not_removed(bench: Bench) -> None:
    ships = bench.opened("charter-grows").shown.facts[1].tree
    tried = bench.save("charter-grows", Edit("ships", ships, None))
    assert tried.is_barred
    assert "'ships'" in tried.new[0].message


def test_a_fact_is_renamed_wherever_it_is_named_and_undone_byte_for_byte(bench: Bench) -> None:
    files = [
        mapping_of(bench.project, name) for name in ("ferry-terminal", "ferry-terminal-correction", "linmouth-denial")
    ]
    before = [file.read_bytes() for file in files]
    bench.rename("ferry-terminal", "contract", "terminal-contract")
    own, correction, denial = (file.read_text(encoding="utf-8") for file in files)
    assert "  terminal-contract:\n" in own
    assert "aboutEntity: terminal-contract\n" in own
    assert "correctsFact: [ferry-terminal/terminal-contract, ferry-terminal-copy/contract]" in correction
    assert "denies: ferry-terminal/terminal-contract" in denial
    assert bench.undo("ferry-terminal") == "renamed contract to terminal-contract"
    assert [file.read_bytes() for file in files] == before
    bench.redo("ferry-terminal")
    assert [file.read_text(encoding="utf-8") for file in files] == [own, correction, denial]
    bench.undo("ferry-terminal")
    for new, problem in (
        ("talk", "already a fact"),
        ("Bad id", "cannot be an id"),
        ("nils-orre", "already in the registry"),
    ):
        with pytest.raises(UsageError, match=problem):
            bench.rename("ferry-terminal", "contract", new)
    with pytest.raises(NotFoundError, match="nothing is called 'treaty'"):
        bench.rename("ferry-terminal", "treaty", "pact")
    assert [file.read_bytes() for file in files] == before


class Racing(Bench):
    """A bench whose file someone else writes just before each of its first steps is."""

    others = 2

    def tried(self, article: str, edit: Edit) -> Tried:
        made = super().tried(article, edit)
        if self.others:
            self.others -= 1
            file = mapping_of(self.project, article)
            file.write_text(f"# theirs\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
        return made


def test_what_is_written_at_the_same_moment_is_merged(bench: Bench) -> None:
    file = mapping_of(bench.project, "charter-grows")
    before = file.read_text(encoding="utf-8")
    racing = Racing(bench.project)
    ships = racing.opened("charter-grows").shown.facts[1].tree
    racing.save("charter-grows", Edit("ships", ships, {**ships, "indicator": "calls"}))
    after = before.replace("ships calling in a year", "calls")
    assert file.read_text(encoding="utf-8") == f"# theirs\n# theirs\n{after}"
    file.write_text(before, encoding="utf-8")


def test_an_error_keeps_a_step_out_of_the_file(bench: Bench) -> None:
    file = mapping_of(bench.project, "charter-grows")
    before = file.read_bytes()
    assert bench.save("charter-grows", Edit("new", None, {"type": "Meeting"})).is_barred
    assert file.read_bytes() == before


def test_a_new_entity_goes_into_the_registry_with_the_fact_that_names_it(bench: Bench) -> None:
    fact: dict[str, Data] = {
        "type": "QuotedStatistic",
        "indicator": "accessions",
        "about": "corn-hall-club",
        "value": "Some 300 ships",
        "quote": "Some 300 ships a year call at Skarn.",
    }
    edit = Edit("club", None, fact, entities={"corn-hall-club": {"type": "Organization", "name": "Skarn"}})
    tried = bench.save("charter-grows", edit)
    assert not tried.is_barred, tried.new
    registry = (bench.project.data / "registry" / "organizations.yaml").read_text(encoding="utf-8")
    assert "corn-hall-club:\n  type: Organization\n  name: Skarn\n" in registry
    bench.undo("charter-grows")


def test_forms_come_from_the_vocabulary_alone(bench: Bench) -> None:
    forms = bench.forms()
    assert isinstance(forms, dict)
    vocabulary = bench.desk().vocabulary
    assert set(forms["kinds"]) == set(vocabulary.concrete["Fact"])
    for name, form in forms["classes"].items():
        keys = {key["name"]: key for key in form["keys"]}
        assert keys.keys() == vocabulary.keys[name].keys() - {"curation"}
        assert all(keys[key.name]["shown"] for key in vocabulary.keys[name].values() if key.least and key.name in keys)
        assert all(name in forms["properties"] for name in keys)
    meeting = {key["name"]: key for key in forms["classes"]["Meeting"]["keys"]}
    assert meeting["date"]["kind"] == "words"
    assert (meeting["participation"]["kind"], meeting["participation"]["braces"]) == ("part", "Participation")
    assert meeting["occurrence"]["kind"] == "code"
    sections = {each["name"] for each in forms["sections"]}
    assert all(forms["classes"][kind]["section"] in sections for kind in forms["kinds"])


def test_a_kind_that_no_fact_has_yet_shows_the_keys_of_its_like(bench: Bench) -> None:
    vocabulary = bench.desk().vocabulary
    usage = {"Meeting": Counter({"": 2, "participation": 2, "place": 1, "duration": 0})}
    forms = vocabulary_forms(vocabulary, usage)
    assert isinstance(forms, dict)
    shown = {key["name"] for key in forms["classes"]["Visit"]["keys"] if key["shown"]}
    assert {"participation", "place"} <= shown
    assert "duration" not in shown


def test_words_propose_their_kinds_and_fill_in_what_they_say(bench: Bench) -> None:
    desk = bench.desk()
    source = bench.opened_source("linmouth-denial")
    in_text, draft = text_contents(desk, source), draft_of(desk, source)
    text = in_text.article.text
    start = text.index("Orre had received")
    assert likely_kinds(in_text, draft.proposals, Span(start, len(text)))[0] in ("Meeting", "Tenure")
    statement = begun(in_text, draft.proposals, Span(0, text.index('"We met')), "SpeechAct")
    assert statement["speaker"] == "linmouth-docks-company"
    figure = begun(in_text, (), Span(start, len(text)), "Meeting")
    assert figure == {"type": "Meeting", "date": "on Monday"}


def test_the_command_names_what_hinders_it(bench: Bench) -> None:
    def refused(*arguments: str) -> KgError:
        with pytest.raises(KgError) as caught:
            cli.main(["-C", str(bench.project.root), "curate", *arguments], standalone_mode=False)
        return caught.value

    assert refused("linmouth").exit_code == 2
    hold = bench.kept.lock()
    assert refused("linmouth-denial").exit_code == 4
    hold.close()
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert "another --port" in refused("linmouth-denial", "--port", str(other.getsockname()[1])).fix


# -------- who may call

HOSTS = frozenset({"127.0.0.1"})
ADDRESS = "http://127.0.0.1"


@pytest.fixture(scope="module")
def client(bench: Bench) -> Iterator[TestClient]:
    with TestClient(application(bench, "secret", HOSTS), base_url=ADDRESS) as made:
        yield made


OWN = {"authorization": "Bearer secret"}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {}, 403),
        ("/?token=secret", {}, 200),
        ("/?token=other", {}, 403),
        ("/bench/main.js", {}, 200),
        ("/static/tokens.css", {}, 200),
        ("/api/articles", {}, 401),
        ("/api/articles?token=secret", {}, 401),
        ("/api/articles", OWN, 200),
        ("/api/articles", {**OWN, "origin": "http://evil.example"}, 403),
        ("/api/articles", {**OWN, "origin": ADDRESS}, 200),
        ("/api/articles", {**OWN, "sec-fetch-site": "cross-site"}, 403),
        ("/api/articles", {**OWN, "host": "evil.example"}, 421),
        ("/api/article/nothing", OWN, 404),
        ("/api/article/..%2F..%2Fkg", OWN, 404),
    ],
)
def test_only_its_own_page_with_its_token_is_answered(
    client: TestClient, path: str, headers: dict[str, str], status: int
) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status
    assert "script-src 'self'" in answer.headers["content-security-policy"] or status == 421


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{}", "text/plain", 415),
        ("{}", "application/x-www-form-urlencoded", 415),
        ("no JSON", "application/json", 400),
        ("[]", "application/json", 400),
        ("{}", "application/json", 400),
        ('{"edit": {"id": "a", "now": {"type": 5}}}', "application/json", 400),
        ('{"edit": {"id": "NO GOOD", "now": {"type": "Meeting"}}}', "application/json", 422),
        ('{"edit": {"id": "../a", "was": null, "now": {}}}', "application/json", 422),
        ('{"edit": {"id": "", "block": "other", "now": {}}}', "application/json", 400),
        ('{"edit": {"id": "talk", "was": {"type": "Visit"}, "now": null}}', "application/json", 409),
    ],
)
def test_a_call_that_means_nothing_is_refused(client: TestClient, body: str, kind: str, status: int) -> None:
    headers = {**OWN, "content-type": kind}
    answer = client.post("/api/article/linmouth-denial/save", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_names_are_completed_in_every_script_and_a_new_one_gets_a_free_id(client: TestClient) -> None:
    def found(**fields: str) -> SimpleNamespace:
        answer = client.get("/api/entities", params=fields, headers=OWN).json()
        sure = any(each["sure"] for each in answer["entities"])
        return SimpleNamespace(ids=[each["id"] for each in answer["entities"]], new=answer["new"], sure=sure)

    assert "mara-lind" in found(q="lind", range="Person").ids
    assert found(q="lind", range="Person").sure
    assert not found(q="Mara Lund", range="Person").sure
    assert found(q="lind", range="Place").ids == []
    assert found(q="陆云舟", range="Person").ids == ["lu-yunzhou"]
    assert found(q="ferry-terminal/tal", range="Event").ids == ["ferry-terminal/talk"]
    assert found(q="Mara Lind").new == "mara-lind-2"
