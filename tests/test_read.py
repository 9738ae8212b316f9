"""YAML -> nodes with positions: what is refused, and where each text stands."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.core.errors import Finding, InputError, Place
from kg.mapping.read import YAML_CODES, Entry, Listing, Node, Scalar, Table, read_yaml
from kg.project.files import read_text
from kg.render.findings import render_findings

CASES = Path(__file__).parent / "read" / "invalid"


def invalid_files() -> list[Path]:
    files = sorted(CASES.glob("*.yaml"))
    assert files, f"no case in {CASES}"
    return files


def rendered(findings: tuple[Finding, ...], text: str) -> str:
    return render_findings(findings, "text", lambda _: text)


def scalars(node: Node) -> Iterator[Scalar]:
    match node:
        case Scalar():
            yield node
        case Table(entries):
            for entry in entries:
                yield entry.key
                yield from scalars(entry.value)
        case Listing(items):
            for item in items:
                yield from scalars(item)


def plain(node: Node) -> object:
    match node:
        case Scalar(text):
            return text
        case Table(entries):
            return {entry.key.text: plain(entry.value) for entry in entries}
        case Listing(items):
            return [plain(item) for item in items]


def node_of(text: str) -> Node:
    node, findings = read_yaml(text, "a.yaml")
    assert findings == ()
    assert node is not None
    return node


def value_of(text: str) -> object:
    return plain(node_of(text))


def places(text: str) -> list[str]:
    return [str(finding.place) for finding in read_yaml(text, "a.yaml")[1]]


@pytest.mark.parametrize("file", invalid_files(), ids=lambda file: file.stem)
def test_an_invalid_file_is_refused_with_exactly_this_message(file: Path) -> None:
    text = file.read_bytes().decode()
    _, findings = read_yaml(text, file.name)
    assert rendered(findings, text) == file.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_expected_message_has_its_case() -> None:
    assert {file.stem for file in CASES.glob("*.txt")} == {file.stem for file in invalid_files()}


def test_every_yaml_code_has_a_case_and_every_case_a_code() -> None:
    in_files = {code for file in CASES.glob("*.txt") for code in re.findall(r"KG-Y\d{3}", file.read_text("utf-8"))}
    assert in_files | {"KG-Y012", "KG-Y013"} == set(YAML_CODES)


@pytest.mark.parametrize(
    "text", ["NO", "null-like", "nUll", "0476", "12:30", "1e3", "~~", "2017-02-09", "0x1F", "on", ".inf", "1_000"]
)
def test_a_scalar_stays_what_was_typed(text: str) -> None:
    assert value_of(f"a: {text}\n") == {"a": text}


@pytest.mark.parametrize("null", ["null", "Null", "NULL", "~"])
def test_a_null_is_an_empty_value_and_as_a_key_or_in_quotes_a_word(null: str) -> None:
    assert value_of(f"a: {null}\nb: ['{null}', {null}]\n") == {"a": "", "b": [null, ""]}
    assert value_of(f"{null}: x\n") == {null: "x"}
    node = node_of(f"a: {null}\n")
    assert isinstance(node, Table)
    assert node.entries[0].value == Scalar("", Place("a.yaml", 1, 4, len(null)), plain=True, null=null)


def test_structure_is_kept_in_order() -> None:
    text = "b: [x, {c: d}]\na:\n  - y\n  -\n    e: f\n"
    assert value_of(text) == {"b": ["x", {"c": "d"}], "a": ["y", {"e": "f"}]}


def test_a_value_that_is_not_there_is_an_empty_text_behind_its_key() -> None:
    node = node_of("a:\nb: x\n")
    assert isinstance(node, Table)
    assert node.entries[0].value == Scalar("", Place("a.yaml", 1, 3, 1), plain=True)


def test_an_empty_text_in_quotes_is_not_plain() -> None:
    node = node_of("a: ''\n")
    assert isinstance(node, Table)
    assert node.entries[0] == Entry(
        Scalar("a", Place("a.yaml", 1, 1, 1), plain=True), Scalar("", Place("a.yaml", 1, 4, 2), plain=False)
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("start", ["", "\ufeff", "# 注\n", "---\n"], ids=["plain", "mark", "comment", "dashes"])
def test_positions_count_code_points_in_every_script(start: str, line_end: str) -> None:
    text = (start + "名: 你好\n𝒳𝒴: [𝒵a, '引 用', b]\nkey: {名 x: \"𝒳\"}\n").replace("\n", line_end)
    lines = re.split("\r\n|\n|\r", text.removeprefix("\ufeff"))
    for scalar in scalars(node_of(text)):
        line = lines[scalar.place.line - 1]
        written = line[scalar.place.column - 1 : scalar.place.column - 1 + scalar.place.length]
        assert written.strip("'\"") == scalar.text
        assert scalar.plain == (written == scalar.text)


def test_a_text_of_several_lines_is_marked_to_the_end_of_its_first_line() -> None:
    node = node_of("a: one two\n  three\nb: |\n  four\n")
    assert isinstance(node, Table)
    values = [entry.value for entry in node.entries]
    assert values == [
        Scalar("one two three", Place("a.yaml", 1, 4, 7), plain=True),
        Scalar("four\n", Place("a.yaml", 3, 4, 1), plain=False),
    ]


def test_a_mapping_and_a_sequence_have_the_place_where_they_begin() -> None:
    node = node_of("a:\n  - {b: c}\n  - [d]\n")
    assert isinstance(node, Table)
    listing = node.entries[0].value
    assert isinstance(listing, Listing)
    assert [node.place, listing.place, *(item.place for item in listing.items)] == [
        Place("a.yaml", 1, 1, 2),
        Place("a.yaml", 2, 3, 8),
        Place("a.yaml", 2, 5, 6),
        Place("a.yaml", 3, 5, 3),
    ]


def test_text_is_normalised_to_nfc_while_places_count_what_is_written() -> None:
    node = node_of("Jose\u0301: Zoe\u0308\n")
    assert isinstance(node, Table)
    entry = node.entries[0]
    assert (entry.key.text, entry.value) == ("José", Scalar("Zoë", Place("a.yaml", 1, 8, 4), plain=True))
    assert unicodedata.is_normalized("NFC", entry.key.text)


def test_what_is_refused_is_left_out_and_the_rest_is_kept() -> None:
    node, findings = read_yaml("a: 1\na: 2\n<<: {b: c}\n? [d]\n: e\nf: &x g\nh: *x\ni: !t j\n", "a.yaml")
    assert node is not None
    assert plain(node) == {"a": "1", "f": "g", "h": "g", "i": "j"}
    assert [finding.code for finding in findings] == [
        "KG-Y003",
        "KG-Y010",
        "KG-Y007",
        "KG-Y004",
        "KG-Y004",
        "KG-Y005",
    ]


def test_an_alias_of_a_collection_is_never_expanded() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 20))
    node, findings = read_yaml(bomb, "a.yaml")
    assert node is not None
    assert len(list(scalars(node))) == 22
    assert len(findings) == 58


@pytest.mark.parametrize("levels", [64, 65])
def test_sixty_four_levels_are_the_most(levels: int) -> None:
    _, findings = read_yaml("[" * levels + "]" * levels, "a.yaml")
    assert [finding.code for finding in findings] == ["KG-Y006"] * (levels - 64)


@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", "? ", "[{a: ", "[]: "])
def test_hostile_nesting_is_a_finding_and_takes_no_time(unit: str) -> None:
    _, findings = read_yaml("a:\n  " + unit * 100_000, "a.yaml")
    assert findings


def test_reading_goes_on_below_what_is_nested_too_deep() -> None:
    node, findings = read_yaml("a: " + "[" * 70 + "]" * 70 + "\nb: c\nb: d\n", "a.yaml")
    assert node is not None
    assert plain(node)["b"] == "c"  # type: ignore[index]
    assert [finding.code for finding in findings] == ["KG-Y006", "KG-Y003"]


def test_a_fault_does_not_hide_the_next_one() -> None:
    text = "a: b: c\nd:\n  e: 'f\n  g: h\ni: [j\nk: l\nm: n: o\n"
    assert places(text) == ["a.yaml:1:5", "a.yaml:3:6", "a.yaml:6:2", "a.yaml:7:5"]


def test_nothing_is_given_back_after_a_syntax_error() -> None:
    assert read_yaml("a: b\nc: d: e\n", "a.yaml")[0] is None


def test_a_file_full_of_problems_shows_the_first_hundred() -> None:
    _, findings = read_yaml("a: b\n" * 500, "a.yaml")
    assert len(findings) == 101
    assert [finding.code for finding in findings].count("KG-Y013") == 1
    assert findings[-1].code == "KG-Y013"


def test_a_document_that_is_too_large_is_refused() -> None:
    node, findings = read_yaml("a: " + "b" * 8 * 1024 * 1024, "a.yaml")
    assert node is None
    assert [finding.code for finding in findings] == ["KG-Y012"]


SAMPLE = """\
article:
  title: {en: "A 'visit'", zh-Hans: 访问}
  text: |
    One line.
      Another: line.
facts:
  meeting:
    type: Meeting
    participation:
      - {participant: mara-lind, side: Host}
      - [𝒳, 'it''s', "\\u00e9"]
"""


@pytest.mark.parametrize("seed", range(400))
def test_no_input_raises_and_every_place_is_in_the_text(seed: int) -> None:
    chance = random.Random(seed)
    text = SAMPLE
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(text))
        noise = chance.choice(
            ["\t", "[", "]", "{", "}", "'", '"', ":", ": ", "- ", "&a ", "*a", "!", "|", ">", "%", "@", "#"]
        )
        rest = chance.choice([at, at + 1, at + chance.randint(1, 9)])
        text = (
            text[:at]
            + chance.choice([noise, "\n", "\r\n", "\0", "\u2028", "\ud800", "? ", "...\n", "---\n"])
            + text[rest:]
        )
    node, findings = read_yaml(text, "a.yaml")
    assert node is not None or findings
    lines = re.split("\r\n|\n|\r", text)
    found = [scalar.place for scalar in scalars(node)] if node else []
    for place in [*found, *(finding.place for finding in findings)]:
        assert 1 <= place.line <= len(lines)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1
        assert place.length >= 1


def refused(file: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read_text(file, "shown.yaml")
    return caught.value


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.yaml").message == "there is no file shown.yaml"


def test_a_folder_and_a_name_with_nul_cannot_be_read(tmp_path: Path) -> None:
    assert refused(tmp_path).message == "cannot read shown.yaml: Is a directory"
    assert refused(tmp_path / "a\0b").message.startswith("cannot read shown.yaml: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: b\nc: \xff\n", "shown.yaml is not UTF-8 text: wrong at byte 8, line 2"),
        (b"\xef\xbb\xbfa: \xe9t\xe9\n", "shown.yaml is not UTF-8 text: wrong at byte 6, line 1"),
        (b"a: b\n\n\0", "shown.yaml is not a text: NUL at byte 6, line 3"),
        ("a: b\n".encode("utf-16"), "shown.yaml is not a text: NUL at byte 3, line 1"),
        (b"a" * (8 * 1024 * 1024 + 1), "shown.yaml is larger than 8 MiB"),
    ],
    ids=["latin-1", "with a mark", "NUL", "UTF-16", "large"],
)
def test_what_is_not_utf8_text_is_refused_with_its_place(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(content)
    error = refused(file)
    assert error.message == message
    assert error.fix
    assert error.exit_code == 3


def test_a_byte_order_mark_is_left_out_and_line_ends_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xef\xbb\xbfa: \xe5\x90\x8d\r\n")
    assert read_text(file, "a.yaml") == "a: 名\r\n"
