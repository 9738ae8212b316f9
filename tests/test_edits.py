"""A change of a mapping is spliced into its text: it says what it should, and no other byte differs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kg.core.errors import InputError, NotFoundError
from kg.core.normal import normal
from kg.mapping.edits import CannotChangeError, changed, moved
from kg.mapping.read import read_yaml
from kg.mapping.yaml_changes import (
    AddClosingComment,
    AddEntries,
    AddEntry,
    AddItem,
    Remove,
    RenameKey,
    SetValue,
    YamlChange,
    YamlPath,
)
from kg.mapping.yaml_nodes import Data, yaml_nodes
from kg.mapping.yaml_style import YamlStyle, flow, lines_of_entry, lines_of_item, scalar

ROOT = Path(__file__).parent.parent

# -------- any data, in any style

WORDS = [
    "Mara",
    "a: b",
    "x #y",
    "#z",
    "- w",
    "{",
    "]",
    ",",
    "'",
    '"',
    "|",
    ">",
    "null",
    "~",
    "NO",
    "12:30",
    "…",
    "国",
    "é",
]
CHARS = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Co", "Cn", "Mn"], exclude_characters="\ufeff\xa0")
LINE = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join),
    st.text(CHARS, max_size=12),
    st.text("ab .", min_size=100, max_size=260),
)
TEXT = st.one_of(LINE, LINE, st.lists(LINE, min_size=1, max_size=4).map("\n".join))
KEY = st.one_of(
    st.sampled_from(["type", "quote", "name", "note", "side"]), st.text(CHARS, min_size=1, max_size=6)
).filter(lambda key: key.strip() and key != "<<")
DATA: st.SearchStrategy[Data] = st.recursive(
    TEXT, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEY, inner, max_size=4)), max_leaves=10
)
TABLE = st.dictionaries(KEY, DATA, min_size=1, max_size=4)
DECORATION = st.sampled_from(["", "", "\n", "# why: 'a' {\n", "# -------- part\n\n", "\n# one\n# two\n"])


def said(text: str) -> Data:
    node = yaml_nodes(text.removeprefix("\ufeff"))
    return node.data() if node else {}


def foreign(table: Mapping[str, Data], flow_style: bool | None, indent: int, mark: str | None) -> str:
    """Return *table* as another program writes it."""
    return yaml.safe_dump(
        table, default_flow_style=flow_style, indent=indent, allow_unicode=True, default_style=mark, sort_keys=False
    )


@st.composite
def documents(draw: st.DrawFn, prefix: str = "") -> str:
    """Return a text with comments and blank lines between its entries, written by us or by another program."""
    chunks = []
    for name, value in draw(TABLE).items():
        key = prefix + name
        if draw(st.booleans()):
            style = YamlStyle(draw(st.integers(1, 4)), draw(st.sampled_from([0, 2, 4])))
            written = "\n".join(lines_of_entry(key, value, 0, style, open_levels=draw(st.integers(0, 2)))) + "\n"
        else:
            written = foreign({key: value}, draw(st.sampled_from([None, False])), draw(st.integers(2, 5)), None)
            written = foreign({key: value}, False, 2, None) if written.startswith("{") else written
        chunks.append(draw(DECORATION) + written)
    return "".join(chunks)


def paths(data: Data, path: YamlPath = ()) -> Iterator[YamlPath]:
    if path:
        yield path
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from paths(value, (*path, key))
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from paths(value, (*path, number))


def at(data: Data, path: YamlPath) -> Data:
    for step in path:
        data = data[step]  # type: ignore[index,call-overload]
    return data


@st.composite
def changes(draw: st.DrawFn, data: Data) -> YamlChange:
    path = draw(st.sampled_from([*paths(data)]))
    around, here = at(data, path[:-1]), at(data, path)
    possible: list[YamlChange] = [SetValue(path, draw(DATA)), Remove(path)]
    key = draw(KEY)
    if isinstance(around, Mapping) and key not in around:
        possible += [
            RenameKey(path, key),
            AddEntry(path[:-1], key, draw(DATA)),
            SetValue((*path[:-1], key), draw(DATA)),
        ]
        possible += [AddEntry(path[:-1], key, draw(DATA), after=str(path[-1]))]
    if not isinstance(here, Mapping):
        possible.append(AddItem(path, draw(DATA)))
    if isinstance(here, Mapping) and key not in here:
        possible.append(AddEntry(path, key, draw(DATA)))
    return draw(st.sampled_from(possible))


ENDS = st.sampled_from(["\n", "\r\n"])


@settings(max_examples=60)
@given(st.data())
def test_what_a_changed_text_says_is_what_the_change_says(data: st.DataObject) -> None:
    text = data.draw(documents())
    assume(not read_yaml(text, "")[1])  # two keys may be equal in NFC
    change = data.draw(changes(said(text)))
    text = data.draw(st.sampled_from(["", "\ufeff"])) + text.replace("\n", data.draw(ENDS))
    if data.draw(st.booleans()) and said(text) == said(text.rstrip("\r\n")):
        text = text.removesuffix("\n").removesuffix("\r")
    expected = change.applied_to(said(text))
    result = changed(text, [change])
    assert said(result) == expected
    assert result.startswith("\ufeff") == text.startswith("\ufeff")
    if "\r\n" in text:
        assert not re.search(r"(?<!\r)\n", result)


@settings(max_examples=60)
@given(st.data())
def test_no_byte_of_another_entry_is_touched(data: st.DataObject) -> None:
    texts = [data.draw(documents(prefix)) for prefix in "xyz"]
    assume(not read_yaml("".join(texts), "")[1])
    change = data.draw(changes(said(texts[1])))
    assume(all(key[0] not in "xz" for key in change.applied_to(said(texts[1]))))
    assume(not isinstance(change, AddEntry | SetValue) or change.path[:1] in [(key,) for key in said(texts[1])])
    result = changed("".join(texts), [change])
    assert result.startswith(texts[0])
    assert result.endswith(texts[2].lstrip("\n"))


@settings(max_examples=60)
@given(TABLE, st.sampled_from([None, True, False]), st.integers(2, 6), st.sampled_from([None, '"', "'"]), st.data())
def test_what_another_program_wrote_is_changed_or_refused_but_never_wrongly(
    table: Mapping[str, Data], flow_style: bool | None, indent: int, mark: str | None, data: st.DataObject
) -> None:
    text = foreign(table, flow_style, indent, mark)
    assume(not read_yaml(text, "")[1])
    change = data.draw(changes(said(text)))
    assert said(changed(text, [change])) == change.applied_to(said(text))


@given(TEXT)
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    expected = normal(text)
    assert said(f"a: {scalar(text)}") == said(f"{{a: {flow(text)}}}") == {"a": expected}
    assert said(f"- {scalar(text)}") == said(f"[{flow(text)}]") == [expected]
    assert said("\n".join([*lines_of_entry("a", text, 0, YamlStyle()), ""])) == {"a": expected}
    assert said("\n".join([*lines_of_item(text, 0, YamlStyle()), ""])) == [expected]


# -------- as a careful person would


ARTICLE = """# yaml-language-server: $schema=x
article:
  title: Tides   # the headline
facts:
  # the director
  director:
    type: Tenure
    holder: mara-lind
    quote: Mara Lind, Director
  # -------- events

  meeting:   # in spring
    type: Meeting
    participation:
      - {participant: mara-lind, side: Host}
      # sentence 2
      - participant: wei-chen
        side: Guest
    quote:
      - received a delegation
      - on Thursday
    note: >-
      Two lines
      of it.
    # end of the meeting
"""

LONG = " ".join(["The director received a delegation of Noordhaven University."] * 3)


def filled(text: str) -> str:
    return textwrap.indent(textwrap.fill(text, 114), "      ") + "\n"


CAREFUL: list[tuple[str, YamlChange, str, str]] = [
    (
        "a scalar keeps the comment behind it",
        SetValue(("article", "title"), "Ebb: flow"),
        "Tides   #",
        '"Ebb: flow"   #',
    ),
    ("a key keeps its value", RenameKey(("facts", "meeting"), "talks"), "meeting:   #", "talks:   #"),
    (
        "a key comes before what is said about the fact",
        AddEntry(("facts", "director"), "title", "Director"),
        "    quote: Mara",
        "    title: Director\n    quote: Mara",
    ),
    (
        "the type comes first",
        AddEntry(("article",), "type", "X"),
        "  title: Tides",
        "  type: X\n  title: Tides",
    ),
    (
        "a new fact stands behind the comments of the last one, in lines of its own",
        AddEntry(("facts",), "visit", {"quote": LONG, "type": "Visit", "name": {"en": "Visit, the"}}),
        "    # end of the meeting\n",
        "    # end of the meeting\n  visit:\n    type: Visit\n"
        + '    name: {en: "Visit, the"}\n'
        + f"    quote: >-\n{filled(LONG)}",
    ),
    (
        "behind another one",
        AddEntry(("facts",), "visit", {"type": "Visit"}, after="director"),
        "  # -------- events",
        "  visit:\n    type: Visit\n  # -------- events",
    ),
    (
        "an item as the others",
        AddItem(("facts", "meeting", "participation"), {"participant": "x", "side": "Guest"}),
        "        side: Guest\n",
        "        side: Guest\n      - {participant: x, side: Guest}\n",
    ),
    (
        "a second value makes a list",
        AddItem(("facts", "director", "quote"), "Director: Lind"),
        "quote: Mara Lind, Director\n",
        'quote: ["Mara Lind, Director", "Director: Lind"]\n',
    ),
    (
        "what is removed takes the comment above it along",
        Remove(("facts", "meeting", "participation", 1)),
        "      # sentence 2\n      - participant: wei-chen\n        side: Guest\n",
        "",
    ),
    (
        "a heading stays, and the comment of the file",
        Remove(("facts", "director")),
        "  # the director\n  director:\n    type: Tenure\n    holder: mara-lind\n    quote: Mara Lind, Director\n",
        "",
    ),
    (
        "the first of a table in a list",
        Remove(("facts", "meeting", "participation", 1, "participant")),
        "participant: wei-chen\n        ",
        "",
    ),
    ("one of braces", Remove(("facts", "meeting", "participation", 0, "side")), ", side: Host}", "}"),
    (
        "a list becomes a text",
        SetValue(("facts", "meeting", "quote"), "on Thursday"),
        "quote:\n      - received a delegation\n      - on Thursday\n",
        "quote: on Thursday\n",
    ),
    (
        "a folded text stays one",
        SetValue(("facts", "meeting", "note"), f"{LONG} {LONG}"),
        "      Two lines\n      of it.\n",
        filled(f"{LONG} {LONG}"),
    ),
]


@pytest.mark.parametrize(("change", "old", "new"), [each[1:] for each in CAREFUL], ids=[each[0] for each in CAREFUL])
def test_a_change_is_written_as_a_careful_person_would(change: YamlChange, old: str, new: str) -> None:
    assert ARTICLE.count(old) == 1
    assert changed(ARTICLE, [change]) == ARTICLE.replace(old, new)


@pytest.mark.parametrize("text", ["", "# c\n", "facts:\n", "facts: {}\n", "facts: # c\n"])
def test_the_first_fact_of_a_file_makes_its_table(text: str) -> None:
    added = changed(text, [AddEntry(("facts",), "m", {"type": "Meeting"})])
    assert added.endswith("  m:\n    type: Meeting\n")
    assert re.findall("#.*", added) == re.findall("#.*", text)


@pytest.mark.parametrize(
    "text", ["", "# c\n", "facts:\n", "facts: {}\n", "facts: # c\n  # d", "facts: {a: {}}\n", ARTICLE]
)
def test_several_entries_are_added_as_one_after_the_other_is(text: str) -> None:
    entries: dict[str, Data] = {"m": {"type": "Meeting", "quote": "x"}, "n": {"type": "Visit"}}
    one_by_one = changed(text, [AddEntry(("facts",), key, value) for key, value in entries.items()])
    assert changed(text, [AddEntries(("facts",), entries)]) == one_by_one
    assert changed(text, [AddEntries(("facts",), {})]) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "facts:\n  # one\n  #\n  # two\n"),
        ("a: b\n", "a: b\nfacts:\n  # one\n  #\n  # two\n"),
        ("facts:\na: b\n", "facts:\n  # one\n  #\n  # two\na: b\n"),
        ("facts: {} # c", "facts: {} # c\n  # one\n  #\n  # two"),
        ("facts:\n    # d\n", "facts:\n    # d\n  # one\n  #\n  # two\n"),
        ("facts:\n   m: {}\n   # d\na: b\n", "facts:\n   m: {}\n   # d\n   # one\n   #\n   # two\na: b\n"),
        (ARTICLE, ARTICLE + "  # one\n  #\n  # two\n"),
    ],
)
def test_comments_stand_behind_the_last_entry(text: str, expected: str) -> None:
    assert changed(text, [AddClosingComment(("facts",), ("# one", "#", "# two"))]) == expected


def test_a_first_entry_stands_apart_from_the_comments_below_its_table() -> None:
    text = "facts:   # mine\n  # for example\ncuration: {}\n"
    added = changed(text, [AddEntry(("facts",), "m", {"type": "Meeting"})])
    assert added == "facts:   # mine\n  # for example\n\n  m:\n    type: Meeting\ncuration: {}\n"
    assert changed(added, [Remove(("facts", "m"))]).startswith("facts: {}   # mine\n  # for example\n")


def test_a_message_names_the_file() -> None:
    with pytest.raises(CannotChangeError, match=r"a\.yaml: there is already a 'm'"):
        changed("m: {}\n", [AddEntries((), {"m": {}})], "a.yaml")


def test_entries_that_stand_apart_stay_apart() -> None:
    text = "a:\n  type: Person\n\nb:\n  type: Person\n\nc:\n  type: Person\n"
    added = changed(text, [AddEntry((), "d", {"type": "Place"})])
    assert added == text + "\nd:\n  type: Place\n"
    assert changed(added, [Remove(("d",))]) == text
    assert changed(text, [Remove(("b",))]) == "a:\n  type: Person\n\nc:\n  type: Person\n"


def test_line_ends_indentation_and_a_missing_last_line_end_stay() -> None:
    text = "\ufefffacts:\r\n    a:\r\n        type: X\t# tab\r\n        quote:\r\n        - one"
    added = changed(
        text, [AddItem(("facts", "a", "quote"), "two"), AddEntry(("facts",), "b", {"name": {"x": "y" * 120}})]
    )
    assert added == text + f"\r\n        - two\r\n    b:\r\n        name:\r\n            x: {'y' * 120}"


# -------- moving


def test_an_entry_moves_with_its_comments_and_its_style() -> None:
    lines = "# Lind\nlind:   # director\n  type: Person\n  note: |\n    # no comment\n      deep\n"
    one = f"# People\n\n{lines}wei: {{type: Person}}\n"
    here, there = moved(one, ("lind",), "facts:\r\n  wei: {type: Person}\r\n", ("facts",))
    assert here == "# People\n\nwei: {type: Person}\n"
    indented = "".join(f"  {line}\r\n" for line in lines.splitlines())
    assert there == "facts:\r\n  wei: {type: Person}\r\n" + indented


@settings(max_examples=40)
@given(documents(), documents(), st.data())
def test_what_is_moved_says_the_same_elsewhere(one: str, other: str, data: st.DataObject) -> None:
    assume(not read_yaml(one, "")[1] and not read_yaml(other, "")[1])
    mine, theirs = said(one), said(other)
    assert isinstance(mine, Mapping)
    assert isinstance(theirs, Mapping)
    key = data.draw(st.sampled_from([*mine]))
    if key in theirs:
        return
    here, there = moved(one, (key,), other)
    assert said(here) == {name: value for name, value in mine.items() if name != key}
    assert said(there) == {**theirs, key: mine[key]}


# -------- what is refused


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (SetValue(("facts", "nobody", "x"), "y"), "no 'facts/nobody'"),
        (Remove(("facts", "meeting", "participation", 7)), "no 'facts/meeting/participation/7'"),
        (RenameKey(("facts", "meeting"), "director"), "already a 'director'"),
        (AddEntry(("facts",), "meeting", {}), "already a 'meeting'"),
        (AddEntry(("facts", "meeting", "type"), "x", "y"), "is not a table"),
        (AddEntry(("facts",), "x", {}, after="nobody"), "no 'nobody' to put it after"),
    ],
)
def test_what_cannot_be_done_is_refused(change: YamlChange, problem: str) -> None:
    with pytest.raises((CannotChangeError, NotFoundError), match=problem):
        changed(ARTICLE, [change])


@pytest.mark.parametrize(
    "text", ["a: &x 1\n", "a: !!str 1\n", "a: 1\na: 2\n", "a: [\n", "a: 1\n---\nb: 2\n", "a: \u2028\n"]
)
def test_a_file_that_cannot_be_read_is_not_changed(text: str) -> None:
    with pytest.raises(InputError, match="line"):
        changed(text, [AddEntry((), "b", "1")])


def test_the_articles_and_registries_of_this_project_can_be_changed_everywhere() -> None:
    for file in (*ROOT.glob("data/*/*.yaml"), *ROOT.glob("tests/fiction/data/*/*.yaml")):
        text = file.read_text(encoding="utf-8")
        data = said(text)
        for path in [*paths(data)][:: len(text) // 100 + 1]:
            for change in (SetValue(path, "x: y"), Remove(path)):
                assert said(changed(text, [change])) == change.applied_to(data)


def test_a_new_key_of_an_article_stands_above_its_text() -> None:
    text = "article:\n  title: T\n  textKind: Full\n  text: |\n    One.\n\n    Two.\nfacts: {}\n"
    assert changed(text, [SetValue(("article", "publisher"), "gazette")]) == text.replace(
        "  text: |", "  publisher: gazette\n  text: |"
    )
