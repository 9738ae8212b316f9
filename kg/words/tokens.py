"""A text -> its tokens, each with all its meanings in a lexicon. No I/O.

Numbers are read with the language's own separators ("4,00,000", "1.234,5"). Otherwise the longest phrase in the lexicon
is a token, which works for languages without spaces too. Anything else is a token without a meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from kg.words.phrases import WIDE, Phrases, phrases

NUMBER, ORDINAL = "number", "ordinal"
_LIKE = str.maketrans("０１２３４５６７８９–—−‐‑’‘／，．：％＄￥（）", "0123456789-----''/,.:%$¥()")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a sign or a number.

    Attributes:
        text: in comparable form: lower case, plain digits and hyphens.
        start: where it begins.
        end: where it ends, excluded.
        meanings: kind -> possible values.
    """

    text: str
    start: int
    end: int
    meanings: Mapping[str, tuple[object, ...]]


@dataclass(frozen=True)
class WordTable:
    """The words of a language that have a meaning.

    Attributes:
        phrases: phrase in comparable form -> kind -> values.
        point: the decimal separator.
        grouping: the signs allowed between groups of digits.
        ordinal: suffixes of an ordinal in digits, such as "th".
        before_ordinal: prefixes of one, such as "第".
    """

    phrases: Mapping[str, Mapping[str, tuple[object, ...]]]
    point: str = "."
    grouping: str = ","
    ordinal: tuple[str, ...] = ()
    before_ordinal: tuple[str, ...] = ()
    _finder: Phrases = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_finder", phrases(self.phrases))

    def tokens(self, text: str) -> tuple[Token, ...]:
        """Return the tokens of *text*, which has its white space folded."""
        return tuple(self._tokens(comparable(text)))

    def _tokens(self, text: str) -> Iterator[Token]:
        position = 0
        while position < len(text):
            if text[position].isspace():
                position += 1
                continue
            token = self._phrase(text, position) or self._number(text, position) or _unknown(text, position)
            yield token
            position = token.end

    def _phrase(self, text: str, start: int) -> Token | None:
        phrase = next(self._finder.at(text, start), None)
        return Token(phrase, start, start + len(phrase), self.phrases[phrase]) if phrase else None

    def _number(self, text: str, start: int) -> Token | None:
        match = self._digits.match(text, start)
        if match is None:
            return None
        digits, end = match["digits"], match.end()
        if match["before"] or match["after"]:
            meanings: dict[str, tuple[object, ...]] = {ORDINAL: (int(digits),), "day": (int(digits),)}
            return Token(text[start:end], start, end, meanings)
        return Token(text[start:end], start, end, _meanings(digits, self._amount(digits)))

    def _amount(self, digits: str) -> Decimal:
        return Decimal("".join(char for char in digits if char not in self._separators).replace(self.point, "."))

    @cached_property
    def _separators(self) -> str:
        return self.grouping + "   "

    @cached_property
    def _digits(self) -> re.Pattern[str]:
        signs = f"[{re.escape(self._separators)}]"
        grouped = rf"[0-9]{{1,3}}(?P<sign>{signs})[0-9]{{2,3}}(?:(?P=sign)[0-9]{{2,3}})*(?<=[0-9]{{3}})(?![0-9])"
        before, after = _either(self.before_ordinal), _either(self.ordinal)
        return re.compile(
            rf"(?P<before>{before})?(?P<digits>(?:{grouped}|[0-9]+)(?:{re.escape(self.point)}[0-9]+)?)"
            rf"(?P<after>(?:{after})(?![^\W\d_]))?"
        )


def comparable(text: str) -> str:
    """Return *text* in comparable form, of the same length: lower case, plain digits, hyphens and apostrophes.

    >>> comparable("Mid–２０２４")
    'mid-2024'
    """
    folded = text.translate(_LIKE)
    lowered = folded.lower()
    return lowered if len(lowered) == len(folded) else "".join(c.lower() if len(c.lower()) == 1 else c for c in folded)


def lexicon_phrases(
    entries: Iterable[tuple[str, str, object]],
) -> Mapping[str, Mapping[str, tuple[object, ...]]]:
    """Return phrase -> kind -> values for the entries of a lexicon, each a kind, a phrase and a value."""
    table: dict[str, dict[str, tuple[object, ...]]] = {}
    for kind, phrase, value in entries:
        meanings = table.setdefault(comparable(" ".join(phrase.split())), {})
        if value not in meanings.get(kind, ()):
            meanings[kind] = (*meanings.get(kind, ()), value)
    return table


def _meanings(digits: str, amount: Decimal) -> Mapping[str, tuple[object, ...]]:
    meanings: dict[str, tuple[object, ...]] = {NUMBER: (amount,)}
    if digits.isdecimal() and len(digits) <= 4:
        number = int(digits)
        if len(digits) == 4 and number:
            meanings["year"] = (number,)
        if len(digits) <= 2 and 1 <= number <= 31:
            meanings["day"] = (number,)
        if len(digits) <= 2 and 1 <= number <= 12:
            meanings["month_number"] = (number,)
    return meanings


def _unknown(text: str, start: int) -> Token:
    word = None if WIDE.match(text, start) else _WORD.match(text, start)
    end = word.end() if word else start + 1
    return Token(text[start:end], start, end, {})


def _either(phrases: tuple[str, ...]) -> str:
    return "|".join(map(re.escape, phrases)) or r"(?!)"
