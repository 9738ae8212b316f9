"""Numbers in words and digits, by the tables of a language -> Decimal. No I/O.

A run of numerals is read by its largest scale: the numerals before it are multiplied, those after it are added.
This works for "two hundred and fifty thousand", "1 lakh crore" and "三亿五千万" alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext
from fractions import Fraction
from functools import lru_cache

from kg.words.language import Language
from kg.words.tables import Section
from kg.words.tokens import NUMBER, ORDINAL, Token, WordTable, lexicon_phrases

PRECISION = 300
"""Digits of precision: more than any text read here has, so nothing is ever rounded."""

SECTION = "numerals"
KEYS = (
    *("point", "grouping", "after_ordinals", "before_ordinals", "joiners", "articles", "bare_scales"),
    *("words", "scales", "fractions", "ordinals"),
)
_MOST_TOKENS = 40


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a text.

    Attributes:
        end: index of the token after it.
        value: exact.
        is_share: whether it is a fraction of something, such as "a fifth".
    """

    end: int
    value: Decimal
    is_share: bool = False


def entries(section: Section) -> Iterator[tuple[str, str, object]]:
    """Yield kind, phrase and value of each word for a number.

    Raises:
        InputError: an entry is not a number.
    """
    section.refuse_others(*KEYS)
    for kind, key in (("numeral", "words"), ("scale", "scales"), ("fraction", "fractions"), (ORDINAL, "ordinals")):
        for value, words in section.section(key).groups().items():
            number = _number(section, key, value)
            yield from ((kind, word, int(number) if kind == ORDINAL else number) for word in words)
    if (bare := section.text("bare_scales", "yes")) not in ("yes", "no"):
        raise section.refused("bare_scales", "must be 'yes' or 'no'")
    scales = section.section("scales").groups().values() if bare == "no" else ()
    yield from (("counted", word, True) for words in scales for word in words)
    yield from (("joiner", word, True) for word in section.words("joiners"))
    yield from (("article", word, Decimal(1)) for word in section.words("articles"))


def lexicon(section: Section, others: Sequence[tuple[str, str, object]] = ()) -> WordTable:
    """Return a lexicon of the numerals of a language and *others*, each a kind, a phrase and a value."""
    return WordTable(
        lexicon_phrases((*entries(section), *others)),
        point=section.text("point", "."),
        grouping="".join(section.words("grouping")),
        ordinal=section.words("after_ordinals"),
        before_ordinal=section.words("before_ordinals"),
    )


def _number(section: Section, key: str, text: str) -> Decimal | Fraction:
    try:
        return Fraction(text) if key == "fractions" else Decimal(text)
    except (InvalidOperation, ValueError) as error:
        raise section.section(key).refused(text, "is not a number") from error


@lru_cache(maxsize=16)
def _ordinals(language: Language) -> WordTable:
    return lexicon(language.section(SECTION))


def ordinal(text: str, language: Language) -> int | None:
    """Return the number of an ordinal ("18th", "twelfth", "第三"), None if *text* is not one.

    "twenty-first" is read as 20 and the ordinal 1.
    """
    tokens = _ordinals(language).tokens(text)
    for amount in (*amounts(tokens), Amount(0, Decimal(0))):
        rest = [token for token in tokens[amount.end :] if "joiner" not in token.meanings]
        values = rest[0].meanings.get(ORDINAL, ()) if len(rest) == 1 else ()
        if values and (amount.value % 10 == 0 or amount.end == 0):
            return int(amount.value) + int(str(values[0]))
    return None


def amounts(tokens: Sequence[Token], start: int = 0) -> Iterator[Amount]:
    """Yield the numbers that begin at a token, the longest first."""
    run = _run(tokens, start)
    for end in range(run, start, -1):
        if "joiner" not in tokens[end - 1].meanings and "article" not in tokens[end - 1].meanings:
            yield from _amount(tokens[start:end], end)


def _run(tokens: Sequence[Token], start: int) -> int:
    """Return the end of the numerals that begin at *start*."""
    end = start
    while end < min(len(tokens), start + _MOST_TOKENS) and _is_numeral(tokens[end].meanings):
        end += 1
    return end


def _is_numeral(meanings: Mapping[str, tuple[object, ...]]) -> bool:
    return any(kind in meanings for kind in (NUMBER, "numeral", "scale", "fraction", "joiner", "article"))


def _amount(tokens: Sequence[Token], end: int) -> Iterator[Amount]:
    """Yield the amount if the tokens are one number or a fraction of one."""
    parts = [token for token in tokens if "joiner" not in token.meanings]
    if "joiner" in tokens[0].meanings or not parts:
        return
    fractions = parts[0].meanings.get("fraction", ())
    with localcontext(prec=PRECISION):
        whole = _value(parts)
        if whole is not None:
            yield Amount(end, whole)
        elif fractions and isinstance(fractions[0], Fraction):
            share = fractions[0]
            rest = _value(parts[1:]) if len(parts) > 1 else Decimal(1)
            if rest is not None and _is_exact(share):
                value = rest * share.numerator / share.denominator
                yield Amount(end, value, is_share=len(parts) == 1)


def _is_exact(share: Fraction) -> bool:
    """Return whether a decimal can represent it."""
    return 10**9 % share.denominator == 0


def _value(tokens: Sequence[Token]) -> Decimal | None:
    """Return the number that numerals form, None if they form none."""
    if not tokens:
        return None
    scales = [(_one(token, "scale"), at) for at, token in enumerate(tokens) if "scale" in token.meanings]
    if not scales:
        return _small(tokens)
    largest, at = max(scales)
    before, behind = tokens[:at], tokens[at + 1 :]
    if not before and "counted" in tokens[at].meanings:  # "million" alone is not a number, "millions" an unknown one
        return None
    times = _times(before)
    added = _value(behind) if behind else Decimal(0)
    if times is None or added is None or added >= largest:
        return None
    return times * largest + added


def _times(tokens: Sequence[Token]) -> Decimal | None:
    """Return the factor before a scale: "a hundred", "half a million", "one and a half million", 百."""
    if not tokens:
        return Decimal(1)
    if "article" in tokens[-1].meanings:
        return Decimal(1) if len(tokens) == 1 else None
    if "fraction" in tokens[-1].meanings:
        share = tokens[-1].meanings["fraction"][0]
        front = _value(tokens[:-1]) if len(tokens) > 1 else Decimal(0)
        if not isinstance(share, Fraction) or front is None or not _is_exact(share):
            return None
        return front + Decimal(share.numerator) / share.denominator
    return _value(tokens)


def _small(tokens: Sequence[Token]) -> Decimal | None:
    """Return a number without a scale: digits, or words such as "twenty" and "one"."""
    if len(tokens) == 1:
        return _one(tokens[0], NUMBER) if NUMBER in tokens[0].meanings else _word(tokens[0])
    words = [_word(token) for token in tokens]
    if len(words) == 2 and words[0] is not None and words[1] is not None:
        tens, ones = words[0], words[1]
        return tens + ones if 20 <= tens < 100 and tens % 10 == 0 and 1 <= ones <= 9 else None
    return None


def _word(token: Token) -> Decimal | None:
    return _one(token, "numeral") if "numeral" in token.meanings else None


def _one(token: Token, kind: str) -> Decimal:
    value = token.meanings[kind][0]
    assert isinstance(value, Decimal)  # by `entries`
    return value
