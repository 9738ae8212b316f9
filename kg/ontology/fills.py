"""The values that the ontology fills in for a fact in braces (cq:filledIn). No I/O.

One line for each key that may be left out: `key = source`. The source is a property of the enclosing fact
(`holder = participant`), `^property` for the fact that has the enclosing one under the property (`attestedAt =
^participation`), a code (`occurrence = Occurred`), or a template (`name = Signing: {name}`).
`participation/participant = party` creates a node for each party. `{occurrence=Occurred}` before a line is its
condition: a code of the enclosing fact, or of the one around that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(
    r"(?:\{(?P<asks>[A-Za-z]\w*)=(?P<code>[A-Za-z]\w*)\})?"
    r"(?P<key>[A-Za-z]\w*)(?:/(?P<inner>[A-Za-z]\w*))? = (?P<source>\S.*)"
)
_NAME = re.compile(r"\^?[A-Za-z]\w*")


@dataclass(frozen=True, slots=True)
class Fill:
    """One key that may be left out in braces, and its value in that case.

    Attributes:
        key: its local name.
        inner: local name of a key of the nodes created under *key*, "" if *key* has the values itself.
        source: where the values come from.
        language: of a template, "" for another source.
        asks: local name of the property in the condition, "" for no condition.
        code: local name of the code that the property must have.
    """

    key: str
    inner: str
    source: str
    language: str
    asks: str
    code: str

    @property
    def target(self) -> str:
        """Local name of the property that has the values."""
        return self.inner or self.key

    @property
    def is_text(self) -> bool:
        """Whether the source is a template."""
        return bool(self.language)

    @property
    def from_outside(self) -> bool:
        """Whether the value is the fact that has the enclosing one under a property."""
        return self.source.startswith("^")


def parsed_fills(text: str, language: str) -> tuple[Fill, ...]:
    """Return the lines of *text*. *language* is that of its templates.

    >>> [(fill.key, fill.source) for fill in parsed_fills("holder = participant", "en")]
    [('holder', 'participant')]

    Raises:
        ValueError: a line is not valid.
    """
    return tuple(_parsed(line.strip(), language) for line in text.strip().split("\n"))


def _parsed(line: str, language: str) -> Fill:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"'{line}' is not 'key = source'")
    source, is_template = match["source"], "{" in match["source"]
    if not is_template and not _NAME.fullmatch(source):
        raise ValueError(f"'{source}' is not a property, ^property, code or template")
    if is_template and not language:
        raise ValueError(f"'{source}' is a template, so the text needs a language tag")
    tag = language if is_template else ""
    return Fill(match["key"], match["inner"] or "", source, tag, match["asks"] or "", match["code"] or "")
