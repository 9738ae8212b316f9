"""Text of a valid file -> a text that nobody would write: Hypothesis draws the changes, and shrinks those that fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

WHOLE = 10_000
"""Places and lengths are fractions of a text, in ten-thousandths, so that a change fits a text of any length."""

MOST_REPEATED = 60
LONGEST = 200_000

TOKENS = (
    *("{", "}", "[", "]", "(", ")", "<", ">", ":", ": ", ",", ";", ".", "#", "#+ ", "- ", "|", "|\n  ", ">-\n", "? "),
    *("'", '"', "'''", '"""', "`", "\\", "\\u0000", "\\uD800", "\\U0011FFFF", "%zz", "%00", "&a ", "*a", "<<: *a"),
    *(
        "!!python/object:os.system ",
        "!!binary ",
        "---\n",
        "...\n",
        "%YAML 9.9\n",
        "=",
        "==",
        "@",
        "^^",
        "@en-",
        "$",
        "?",
    ),
    *(
        "\ufeff",
        "\u200b",
        "\u202e",
        "\u2028",
        "\x85",
        "\xa0",
        "\xad",
        "\u0301",
        "\x00",
        "\x07",
        "\x1b[31m",
        "\r",
        "\r\n",
    ),
    *(
        "\t",
        "\udcff",
        "\udced\udca0\udc80",
        "\uffff",
        "\U0010ffff",
        "\U0001f600",
        "国",
        "é",
        "ß",
        "İ",
        "ﬁ",
        "٣",
        "½",
        "Ⅳ",
    ),
    *("null", "~", "true", "NO", "NaN", "inf", "-0", "0x10", "1e999", "1_000", "1.5", "-1", "0", "9" * 20, "9" * 5000),
    *("2031-02-30", "0000-00-00", "-0001", "2031-13", "2031-05-02T25:61:61Z", "2031-05-02/2030", "20310502", "203X-?~"),
    *(
        "http://",
        "https://[::1",
        "urn:",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://example.org/ a",
        "a:b:c",
    ),
    *(
        "SELECT",
        "SERVICE <http://127.0.0.1:9/> {",
        "LOAD <file:///etc/passwd>",
        "FROM <http://127.0.0.1:9/>",
        "BASE <x>",
    ),
    *("GROUP BY", "ORDER BY", "VALUES ?x {", "UNDEF", "OPTIONAL {", "UNION", "MINUS {", "BIND(", "FILTER(", "EXISTS {"),
    *("a", "_:b", "<>", "<x>", "x:y", "cq:", "sh:", "owl:", "@prefix", "@base", "PREFIX", "[]", "sh:path", "rdf:nil"),
    *("owl:imports", "../../etc/passwd", "/", "..", "%2e%2e%2f", "con", ".", "", " ", "\n", "\n\n", "  ", "x" * 300),
    *(
        "text",
        "textFile",
        "textKind",
        "facts",
        "type",
        "quote",
        "name",
        "label",
        "id",
        "code",
        "title",
        "params",
        "list",
    ),
)
"""What to insert: punctuation of the languages, odd characters, odd numbers, dates and addresses, and keywords."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: what is done, where, to how much, and with what."""

    kind: str
    at: int
    length: int
    token: str
    times: int

    def applied(self, text: str) -> str:
        """Return *text* changed."""
        lines = self.kind.endswith("line")
        whole: Sequence[str] = text.splitlines(keepends=True) if lines else text
        start = self.at * len(whole) // WHOLE
        end = min(len(whole), start + max(1, self.length * len(whole) // WHOLE // (1 if lines else 8)))
        before, inside, after = ("".join(part) for part in (whole[:start], whole[start:end], whole[end:]))
        if self.kind.startswith("move"):
            half = len(after) // 2
            inside, after = after[:half], inside + after[half:]
        return (before + self._new(inside) + after)[:LONGEST]

    def _new(self, inside: str) -> str:
        match self.kind.split()[0]:
            case "remove":
                return ""
            case "insert":
                return self.token + inside
            case "replace":
                return self.token
            case "repeat":
                return inside * (self.times + 1)
            case "value":
                key, colon, _ = inside.partition(":")
                return f"{key}{colon} {self.token}\n"
            case "swapcase":
                return inside.swapcase()
            case _:
                return inside


_KINDS = (
    *("remove", "insert", "replace", "repeat", "move", "swapcase"),
    *("remove line", "insert line", "repeat line", "move line", "value line", "value line"),
)


def mutations(texts: Sequence[str]) -> st.SearchStrategy[list[Mutation]]:
    """Return some changes, whose tokens may also be pieces of *texts*."""
    pieces = sorted({piece for text in texts for piece in text.split() if len(piece) < 40})
    single = st.builds(
        Mutation,
        kind=st.sampled_from(_KINDS),
        at=st.integers(0, WHOLE),
        length=st.one_of(st.just(1), st.integers(1, WHOLE)),
        token=st.one_of(st.sampled_from(TOKENS), st.sampled_from(pieces or ["x"])),
        times=st.integers(1, MOST_REPEATED),
    )
    return st.lists(single, min_size=1, max_size=5)


def mutated(text: str, changes: Sequence[Mutation]) -> str:
    """Return *text* after all *changes*."""
    for change in changes:
        text = change.applied(text)
    return text
