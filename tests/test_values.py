"""Text -> literals: each row takes what it says, refuses the rest, and comes back from every engine unchanged."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import product

import pyoxigraph
import pytest
import rdflib

from kg.core.errors import InvalidValueError
from kg.core.values import (
    EDTF,
    LANG_STRING,
    SHA256,
    XSD,
    datatype,
    date_bounds,
    escape,
    iri_term,
    is_iri,
    lang_literal,
    language,
    lexical,
    literal,
    string_literal,
)

DIGEST = "0123456789abcdef" * 4

# datatype -> what is accepted and how it is written
ACCEPTED = {
    XSD + "string": {"": "", "a": "a", " a\n\tb\r": " a\n\tb\r", "名 𝒳": "名 𝒳", '"\\': '"\\', "e\u0301": "e\u0301"},
    XSD + "boolean": {"true": "true", "false": "false"},
    XSD + "integer": {
        "0": "0",
        "-0": "0",
        "-5": "-5",
        "2100": "2100",
        "9223372036854775807": "9223372036854775807",
        "-9223372036854775808": "-9223372036854775808",
    },
    XSD + "nonNegativeInteger": {"0": "0", "-0": "0", "7": "7"},
    XSD + "positiveInteger": {"1": "1", "21": "21"},
    XSD + "decimal": {
        "0": "0",
        "-0.0": "0",
        "1.50": "1.5",
        "21600000000": "21600000000",
        "21600000000.0": "21600000000",
        "-3.5": "-3.5",
        "0.000000000000000001": "0.000000000000000001",
        "99999999999999999999": "99999999999999999999",
    },
    XSD + "date": {text: text for text in ("2017-02-09", "0001-01-01", "9999-12-31", "2024-02-29")},
    XSD + "gYear": {"2017": "2017", "0001": "0001"},
    XSD + "dateTime": {
        "2017-02-09T10:00:00Z": "2017-02-09T10:00:00Z",
        "2017-02-09T10:00:00+08:00": "2017-02-09T10:00:00+08:00",
        "2017-02-09T10:00:00-00:00": "2017-02-09T10:00:00Z",
        "2017-02-09T10:00:00.500Z": "2017-02-09T10:00:00.5Z",
        "2017-02-09T10:00:00.000+14:00": "2017-02-09T10:00:00+14:00",
    },
    XSD + "anyURI": {text: text for text in ("https://example.org/名?a=b#c", "urn:isbn:9780000000002")},
    XSD + "language": {"en": "en", "zh-Hans": "zh-hans", "sl-rozaj-biske-1994": "sl-rozaj-biske-1994"},
    SHA256: {DIGEST: DIGEST},
    EDTF: {
        text: text
        for text in ("2017", "2017-02~", "XXXX-02-09", "201X", "2031-21", "2031-33", "2020/..", "[2020..2021]")
    },
}
REFUSED = {
    XSD + "string": ["\0", "a\x07", "\x7f", "\x1b[31m", "\ud800", "\ufffe", "\uffff"],
    XSD + "boolean": ["", "1", "0", "yes", "True", "TRUE", " true", "true\n"],
    XSD + "integer": [
        "",
        "+5",
        "007",
        "5.0",
        "1e3",
        "2,100",
        "٣",
        "5\n",
        "9223372036854775808",
        "-9223372036854775809",
    ],
    XSD + "nonNegativeInteger": ["-1", "x"],
    XSD + "positiveInteger": ["0", "-0", "-1", "01"],
    XSD + "decimal": [
        "",
        "+1",
        "007",
        "01.5",
        ".5",
        "5.",
        "1e3",
        "1E-2",
        "2,100",
        "INF",
        "NaN",
        "1.5\n",
        "1" + "0" * 20,
        "0." + "0" * 18 + "1",
        "½",
    ],
    XSD + "date": [
        "2017-02-30",
        "2023-02-29",
        "2017-2-9",
        "20170209",
        "2017-02-09Z",
        "0000-01-01",
        "-0044-01-01",
        "12017-01-01",
        "2017-13-01",
        "2017-02",
        "2017-W01-1",
        "٢٠١٧-٠٢-٠٩",
        "2017-02-09\n",
    ],
    XSD + "gYear": ["0000", "17", "02017", "-0044", "2017Z", "2017\n"],
    XSD + "dateTime": [
        "2017-02-09T10:00:00",
        "2017-02-09T24:00:00Z",
        "2017-02-09T23:59:60Z",
        "2017-02-30T10:00:00Z",
        "2017-02-09 10:00:00Z",
        "2017-02-09T10:00Z",
        "2017-02-09T10:00:00+15:00",
        "2017-02-09T10:00:00.0000000001Z",
    ],
    XSD + "anyURI": ["", "a b", "/a", "example.org", "mailto:a@example.org", "javascript:alert(1)", "https://a b/"],
    XSD + "language": ["", "zh_CN", "english", "e", "en-", "en--gb", "en-a", "de-1994-1994", "en-a-bb-a-cc", "日本"],
    SHA256: ["", DIGEST.upper(), DIGEST[:-1], DIGEST + "0", "sha256:" + DIGEST, DIGEST + "\n"],
    EDTF: ["", "yesterday", "2017-02-30"],
}
WRITTEN_AS_INTEGER = (XSD + "nonNegativeInteger", XSD + "positiveInteger")


def cases(table: dict[str, dict[str, str]] | dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(text, name) for name, texts in table.items() for text in texts]


def every_term() -> list[str]:
    """Terms of every kind, among them each character that needs care."""
    literals = [literal(text, name) for text, name in cases(ACCEPTED)]
    careful = "\t\n\r\"\\'\x80\x85\x9f\xa0\u00ad\u2028\u2029\ufeff\ufffd\ue000𝒳\U000e0001\U0010fffd"
    strings = [string_literal(f"a{char}b{char}") for char in careful] + [string_literal(careful)]
    tagged = [lang_literal('名 "x"', tag) for tag in ("en", "zh-Hans", "pt-BR", "x-own", "de-CH-1996", "sl-IT-nedis")]
    iris = [iri_term(iri) for iri in ("https://example.org/名?a=b#c", "urn:a:b", "https://example.org/%E5%90%8D")]
    return literals + strings + tagged + iris


def quads(terms: list[str]) -> list[str]:
    return [
        f"<https://example.org/s{n}> <https://example.org/p> {term} <https://example.org/g> ."
        for n, term in enumerate(terms)
    ]


def test_both_tables_have_a_row_for_every_datatype() -> None:
    assert set(ACCEPTED) == set(REFUSED)


@pytest.mark.parametrize(("text", "name"), cases(ACCEPTED))
def test_a_value_is_written_in_its_canonical_form(text: str, name: str) -> None:
    term = literal(text, name)
    assert lexical(term) == ACCEPTED[name][text]
    assert datatype(term) == (XSD + "integer" if name in WRITTEN_AS_INTEGER else name)
    assert literal(lexical(term), name) == term


@pytest.mark.parametrize(("text", "name"), cases(REFUSED))
def test_anything_else_is_refused_in_words(text: str, name: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        literal(text, name)


def test_a_datatype_without_a_row_is_refused() -> None:
    with pytest.raises(ValueError, match="XMLSchema#float"):
        literal("1.5", XSD + "float")


def test_oxigraph_gives_back_every_term_as_it_was_written() -> None:
    written = quads(every_term())
    store = pyoxigraph.Store()
    store.load("\n".join(written).encode(), format=pyoxigraph.RdfFormat.N_QUADS)
    dumped = store.dump(format=pyoxigraph.RdfFormat.N_QUADS)
    assert dumped is not None
    assert sorted(dumped.decode().strip("\n").split("\n")) == sorted(written)


@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")  # rdflib warns about its own calls
def test_rdflib_reads_every_term_as_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    terms = every_term()
    dataset = rdflib.Dataset()
    dataset.parse(data="\n".join(quads(terms)), format="nquads")
    read = {str(subject): node for subject, _, node, _ in dataset.quads()}
    assert len(read) == len(terms)
    for number, term in enumerate(terms):
        node = read[f"https://example.org/s{number}"]
        assert str(node) == lexical(term)
        if isinstance(node, rdflib.Literal):
            assert node.language == language(term)
            assert str(node.datatype or (LANG_STRING if node.language else XSD + "string")) == datatype(term)


def test_a_term_is_read_back_as_what_it_was_made_of() -> None:
    tagged, text, number = lang_literal('say "hi"\n', "en-GB"), string_literal("a@en"), literal("5", XSD + "integer")
    iri = iri_term("https://example.org/a")
    assert [lexical(term) for term in (tagged, text, number, iri)] == [
        'say "hi"\n',
        "a@en",
        "5",
        "https://example.org/a",
    ]
    assert [language(term) for term in (tagged, text, number, iri)] == ["en-gb", None, None, None]
    assert [datatype(term) for term in (tagged, text, number, iri)] == [
        LANG_STRING,
        XSD + "string",
        XSD + "integer",
        None,
    ]
    assert [is_iri(term) for term in (tagged, text, number, iri)] == [False, False, False, True]


def test_escaping_is_that_of_canonical_n_triples_and_is_undone() -> None:
    every = "".join(chr(code) for code in [*range(0x100), 0xFFFE, 0xFFFF, 0x1F642])
    escaped = escape(every)
    assert set(re.findall(r"\\(?:u....|.)", escaped)) == {
        *(f"\\u{code:04X}" for code in [*range(8), 0xB, *range(0xE, 0x20), 0x7F, 0xFFFE, 0xFFFF]),
        *("\\b", "\\t", "\\n", "\\f", "\\r", '\\"', "\\\\"),
    }
    assert lexical(f'"{escaped}"') == every


@pytest.mark.parametrize("escaped", [r"\u00e9", r"\U0001F642", r"\'", r"\\n"])
def test_escapes_of_other_writers_are_understood(escaped: str) -> None:
    term = pyoxigraph.parse(f'<a:s> <a:p> "{escaped}" .', format=pyoxigraph.RdfFormat.N_TRIPLES)
    assert lexical(f'"{escaped}"') == next(iter(term)).object.value


@pytest.mark.parametrize("tag", ["zh_CN", "", "de_DE", "x", "en gb", "a-b", "en-x", "i-unknown"])
def test_a_language_tag_that_is_not_well_formed_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="is not a language tag"):
        lang_literal("a", tag)


@pytest.mark.parametrize(
    "tag", ["en", "zh-Hant-TW", "zh-cmn-Hans-CN", "de-CH-1901", "en-US-u-islamcal", "i-klingon", "x-a-b"]
)
def test_well_formed_language_tags_are_written_in_lower_case(tag: str) -> None:
    assert lang_literal("a", tag) == f'"a"@{tag.lower()}'


BOUNDS = {
    "2017": ("2017-01-01", "2017-12-31"),
    "2017-02": ("2017-02-01", "2017-02-28"),
    "2024-02": ("2024-02-01", "2024-02-29"),
    "2017-02-09": ("2017-02-09", "2017-02-09"),
    "2017-02-09?": ("2017-02-09", "2017-02-09"),
    "2017-02~": ("2017-02-01", "2017-02-28"),
    "2017%": ("2017-01-01", "2017-12-31"),
    "201X": ("2010-01-01", "2019-12-31"),
    "20XX": ("2000-01-01", "2099-12-31"),
    "000X": ("0001-01-01", "0009-12-31"),
    "2017-XX": ("2017-01-01", "2017-12-31"),
    "2017-02-XX": ("2017-02-01", "2017-02-28"),
    "2017-XX-31": ("2017-01-31", "2017-12-31"),
    "2023-XX-30": ("2023-01-30", "2023-12-30"),
    "201X-02-29": ("2012-02-29", "2016-02-29"),
    "156X-12-25": ("1560-12-25", "1569-12-25"),
    "2031-21": ("2031-03-01", "2031-05-31"),
    "2031-22": ("2031-06-01", "2031-08-31"),
    "2031-23": ("2031-09-01", "2031-11-30"),
    "2031-24": ("2031-12-01", "2032-02-29"),
    "2031-33": ("2031-01-01", "2031-03-31"),
    "2031-36": ("2031-10-01", "2031-12-31"),
    "2031-40": ("2031-01-01", "2031-06-30"),
    "2031-41": ("2031-07-01", "2031-12-31"),
    "[2024-05..2024-08]": ("2024-05-01", "2024-08-31"),
    "[2031-04-28..2031-05-01]": ("2031-04-28", "2031-05-01"),
    "2031-05-01/2031-05-03": ("2031-05-01", "2031-05-03"),
    "2031-05/2032": ("2031-05-01", "2032-12-31"),
    "2031-06/2031": ("2031-06-01", "2031-12-31"),
    "2031-21/2031-22": ("2031-03-01", "2031-08-31"),
    "2017-02-09T10:00:00Z": ("2017-02-09", "2017-02-09"),
    "2017-02-09T10:00:00+08:00": ("2017-02-09", "2017-02-09"),
    "9999-12-31": ("9999-12-31", "9999-12-31"),
}
UNBOUND = [
    "XXXX-02-09",
    "XXXX-02-29",
    "XXXX-02",
    "XXXX",
    "2020/..",
    "../2020",
    "2020/",
    "/2020",
    "XXXX-02-09/XXXX-02-11",
]
NOT_EDTF = {
    "": "is not a date",
    "9 February": "is not a date",
    "2017-02-30": "does not exist",
    "2023-02-29": "does not exist",
    "XXXX-02-30": "does not exist",
    "XXXX-04-31": "does not exist",
    "20XX-02-30": "does not exist",
    "2021-02-29/2022": "does not exist",
    "2017-02-31?": "does not exist",
    "2017-02-30T10:00:00Z": "does not exist",
    "2017-13": "does not exist",
    "2017-00": "does not exist",
    "2017-02-00": "does not exist",
    "2017/2016": "ends before it begins",
    "-0044": "outside 0001 to 9999",
    "Y12017": "outside 0001 to 9999",
    "12017": "outside 0001 to 9999",
    "0000": "outside 0001 to 9999",
    "0000-21": "outside 0001 to 9999",
    "9999-24": "out of range",
    "2017-2-9": "write two",
    "{2017,2018}": "a set of dates",
    "[2017,2019]": "a set of dates",
    "[2017..]": "a set of dates",
    "[2019..2017]": "ends before it begins",
    "[2017..2019": "a set of dates",
    "2017-?02": "is not a date",
    "2017-1X": "is not a date",
    "201u": "is not a date",
    "2031-25": "does not exist",
    "2017-02-09T25:00:00Z": "is not a date",
    "2017-02-09 ": "is not a date",
    "2017-02-09\n": "is not a date",
    "٢٠١٧": "is not a date",
    "../..": "is not an interval",
    "/": "is not an interval",
    "2017/2018/2019": "is not an interval",
    "2" * 10_000: "too long",
}


@pytest.mark.parametrize("edtf", BOUNDS)
def test_a_date_has_an_earliest_and_a_latest_day(edtf: str) -> None:
    bounds = date_bounds(edtf)
    assert bounds is not None
    assert tuple(day.isoformat() for day in bounds) == BOUNDS[edtf]
    assert lexical(literal(edtf, EDTF)) == edtf


@pytest.mark.parametrize("edtf", UNBOUND)
def test_a_year_or_an_end_that_is_not_given_leaves_the_date_open(edtf: str) -> None:
    assert date_bounds(edtf) is None


@pytest.mark.parametrize("edtf", NOT_EDTF, ids=lambda text: ascii(text[:30]))
def test_what_is_no_date_is_refused_with_the_reason(edtf: str) -> None:
    with pytest.raises(ValueError, match=NOT_EDTF[edtf]):
        date_bounds(edtf)


def days_of(edtf: str) -> Iterator[date]:
    """All days that a date with unspecified digits may mean, one by one."""
    fits = re.compile(edtf.replace("X", "[0-9]"))
    for ordinal in range(date(2000, 1, 1).toordinal(), date(2030, 1, 1).toordinal()):
        if fits.fullmatch(date.fromordinal(ordinal).isoformat()):
            yield date.fromordinal(ordinal)


@pytest.mark.parametrize(
    "edtf",
    ["-".join(parts) for parts in product(("2019", "2020", "201X"), ("02", "04", "XX"), ("01", "29", "31", "XX"))],
)
def test_bounds_are_the_first_and_the_last_of_all_days_that_fit(edtf: str) -> None:
    days = list(days_of(edtf))
    if days:
        assert date_bounds(edtf) == (days[0], days[-1])
    else:
        with pytest.raises(ValueError, match="does not exist"):
            date_bounds(edtf)


@pytest.mark.filterwarnings("ignore")
def test_the_edtf_library_accepts_what_we_accept_and_finds_the_same_bounds() -> None:
    import edtf as library

    ends_on_leap_days = {"201X-02-29", "2031-24"}  # the library reads 2010-02-29, and winter as December
    for text, (earliest, latest) in BOUNDS.items():
        parsed = library.parse_edtf(text)
        if text not in ends_on_leap_days and text != "000X":
            assert date(*parsed.lower_strict()[:3]).isoformat() == earliest
            assert date(*parsed.upper_strict()[:3]).isoformat() == latest
    for text in UNBOUND:
        assert library.parse_edtf(text)


@pytest.mark.parametrize("seed", range(100))
def test_random_text_is_read_or_refused_but_never_breaks(seed: int) -> None:
    chance = random.Random(seed)
    alphabet = '0123456789.,-/X~? TZ:+%¥亿billion to over USD\n\0\\"名\ud800'
    readers = [date_bounds, iri_term, *(partial(literal, datatype=name) for name in ACCEPTED)]
    refusals = []
    for _ in range(50):
        text = "".join(chance.choice(alphabet) for _ in range(chance.randint(0, 12)))
        for read in readers:
            try:
                read(text)
            except ValueError as refusal:
                refusals.append(str(refusal))
    assert all(refusals)


@pytest.mark.parametrize(
    ("text", "datatype", "message", "fix"),
    [
        ("-1", XSD + "nonNegativeInteger", "'-1' is negative", "write 0 or more"),
        ("2017-2-9", EDTF, "'2017-2-9' has a month or a day of one digit", "write two digits, such as 2017-02-09"),
        ("a; b", XSD + "boolean", "'a; b' is neither true nor false", ""),
        ("ftp://h", XSD + "anyURI", "'ftp://h' begins with 'ftp:'", "use one of"),
    ],
)
def test_what_is_wrong_and_what_to_write_are_two_texts(text: str, datatype: str, message: str, fix: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        literal(text, datatype)
    assert caught.value.message == message
    assert caught.value.fix.startswith(fix)
    assert bool(caught.value.fix) is bool(fix)
