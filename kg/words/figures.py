"""The words of a figure, by the tables of their language -> comparator, amount, currencies or unit. No I/O.

"over 21.6 billion yuan" is not 21600000000: the words around the number are kept, and only words that a table marks as
ignored are skipped. A sign or word for money stands for a set of currencies. Decimals are exact, never floats.
Scales are short (a billion is 10^9), and currency codes are those of ISO 4217.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext

from kg.core.model import Span
from kg.words.language import Language
from kg.words.measures import FigureWords, figure_words
from kg.words.numerals import PRECISION, amounts
from kg.words.tokens import NUMBER, Token

BETWEEN, MAGNITUDE = "Between", "Magnitude"
EXACT = ("EqualTo",)
PERCENT = "percent"
MOST_CHARACTERS = 200
NO_NUMBER = "no table of words for its language reads them as a number"


_NAMES_NOTHING = (
    "scale",
    "magnitude",
    "numeral",
    "fraction",
    "article",
    "joiner",
    "currency",
    "after",
    "to",
    "and",
    "ignored",
)
"""Kinds of words that cannot begin the name of a counted thing."""


class UnclearFigureError(ValueError):
    """Words cannot be read as a figure. The text says why."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that words may mean.

    Attributes:
        comparators: local names of the matching codes, the one to write first.
        lower: the amount, or the lower end of a range, in full.
        upper: the upper end of a range, else None.
        currencies: ISO 4217 codes that the words may stand for, None if they name no money.
        unit: what is counted or measured, by its name in the table, else in its own words, or "".
        measure: the words for the unit.
        is_share: whether the words are a fraction, given here in per cent.
    """

    comparators: tuple[str, ...]
    lower: Decimal
    upper: Decimal | None = None
    currencies: frozenset[str] | None = None
    unit: str = ""
    measure: str = ""
    is_share: bool = False


# -------- reading


def figures(text: str, language: Language) -> tuple[Figure, ...]:
    """Return what *text* may mean: one figure, or several if its words are ambiguous ("400m").

    Args:
        text: the words of a figure and nothing else.
        language: of the words.

    Raises:
        UnclearFigureError: they cannot be read as a figure. The text says why.
        InputError: as `figure_words`.
    """
    if len(text) > MOST_CHARACTERS:
        raise UnclearFigureError("they are too long for a figure")
    words = figure_words(language)
    tokens = words.lexicon.tokens(text)
    complete = [figure for end, figure in _Reader(words, text, tokens).figures(0) if end == len(tokens)]
    if not complete:
        raise UnclearFigureError(NO_NUMBER)
    return tuple(dict.fromkeys(complete))


def figures_in(text: str, language: Language, most_words: int = 2) -> Iterator[tuple[Span, tuple[Figure, ...]]]:
    """Yield the places of figures in *text*, in order, each with what it may mean.

    At most *most_words* unknown words after a number are taken as the name of what is counted.
    """
    words = figure_words(language)
    tokens = words.lexicon.tokens(text)
    reader, at = _Reader(words, text, tokens, most_words), 0
    while at < len(tokens):
        matches = [] if "ignored" in tokens[at].meanings else list(reader.figures(at))
        if matches:
            end = max(each for each, _ in matches)
            yield Span(tokens[at].start, tokens[end - 1].end), tuple(figure for each, figure in matches if each == end)
            at = end
        else:
            at += 1


def currencies_in(text: str, language: Language) -> Iterator[frozenset[str]]:
    """Yield the currencies that each word for money in *text* may stand for."""
    for token in figure_words(language).lexicon.tokens(text):
        yield from _sets(token)


def _sets(token: Token) -> Iterator[frozenset[str]]:
    for value in token.meanings.get("currency", ()):
        assert isinstance(value, frozenset)  # by `_currencies`
        yield value


@dataclass
class _Reader:
    """Reads figures among the tokens of one text."""

    words: FigureWords
    text: str
    tokens: Sequence[Token]
    most_words: int = MOST_CHARACTERS
    _memo: dict[int, list[tuple[int, Decimal, bool]]] = field(default_factory=dict)

    def figures(self, start: int) -> Iterator[tuple[int, Figure]]:
        """Yield the figures that begin at a token, each with its end."""
        at, comparators = self._before(start)
        opened = self._is(at, "from") and not self._is(at, NUMBER)
        currency, number = self._currency(at + opened)
        for end, lower, is_share in self._amounts(number):
            yield from self._range(end, comparators, lower, currency, "and" if opened else "to")
            if not opened:
                yield from self._single(end, comparators, lower, is_share, currency)
        if set(comparators) <= {"EqualTo"} and not opened:
            yield from self._magnitudes(number, currency)

    def _before(self, at: int) -> tuple[int, tuple[str, ...]]:
        """Return where the words for a comparator end, and its codes; of two comparators, the more specific."""
        comparators: tuple[str, ...] = ()
        while at < len(self.tokens):
            codes = self._codes(at, "before")
            if not codes and not self._is(at, "ignored"):
                break
            comparators = codes if codes and codes != EXACT else comparators or codes
            at += 1
        return at, comparators

    def _single(
        self, end: int, comparators: tuple[str, ...], amount: Decimal, is_share: bool, currency: frozenset[str] | None
    ) -> Iterator[tuple[int, Figure]]:
        for number, behind in self._after(end, comparators):
            after, value = self._times(number, amount) if number > end else (number, amount)
            for last, money, unit, measure in self._measures(after, currency):
                as_percent = is_share and not unit and money is None
                for done, codes in self._after(last, behind):
                    single = Figure(codes, plain(value), None, money, unit, measure)
                    yield done, _percent(single) if as_percent else single

    def _magnitudes(self, at: int, currency: frozenset[str] | None) -> Iterator[tuple[int, Figure]]:
        """Yield the orders of magnitude that begin at a token: hundreds of millions of euros."""
        for least in self.tokens[at].meanings.get("magnitude", ()) if at < len(self.tokens) else ():
            after, lower = self._times(at + 1, Decimal(str(least)))
            after += self._is(after, "ignored")
            for last, money, unit, measure in self._measures(after, currency):
                yield last, Figure((MAGNITUDE,), plain(lower), plain(lower * 10), money, unit, measure)

    def _times(self, at: int, amount: Decimal) -> tuple[int, Decimal]:
        """Return the amount multiplied by the scales that follow a comparator: 1000多亿 is over 100 billion."""
        with localcontext(prec=PRECISION):
            while self._is(at, "scale"):
                amount *= Decimal(str(self.tokens[at].meanings["scale"][0]))
                at += 1
        return at, amount

    def _range(
        self, end: int, comparators: tuple[str, ...], lower: Decimal, currency: frozenset[str] | None, joined: str
    ) -> Iterator[tuple[int, Figure]]:
        """Yield ranges whose first number ends at *end*. A scale given once applies to both numbers.

        "from … to" may omit its first word, "between … and" may not.
        """
        first_money, to = (currency, end) if currency else self._currency(end)
        if not self._is(to, "to") and not self._is(to, joined):
            return
        second_money, number = self._currency(to + 1)
        money = _common(first_money, second_money)
        for after, upper, _ in self._amounts(number):
            for last, both_money, unit, measure in self._measures(after, money):
                least = self._scaled(lower, upper, end, number)
                if least < upper and set(comparators) <= {"EqualTo", "About"}:
                    yield last, Figure((BETWEEN,), plain(least), plain(upper), both_money, unit, measure)

    def _scaled(self, lower: Decimal, upper: Decimal, end: int, number: int) -> Decimal:
        """Return the lower end. "7 to 9 billion" begins with seven billion."""
        plain = NUMBER in self.tokens[end - 1].meanings or "numeral" in self.tokens[end - 1].meanings
        [digits, *_] = [value for at, value, _ in self._amounts(number) if at == number + 1] or [upper]
        if not plain or digits in (upper, 0):
            return lower
        with localcontext(prec=PRECISION):
            return lower * (upper / digits)

    def _measures(
        self, at: int, currency: frozenset[str] | None
    ) -> Iterator[tuple[int, frozenset[str] | None, str, str]]:
        """Yield the possible ends of the counted thing, each with its currencies or its unit and the words for it."""
        if currency is None and self._is(at, "ignored") and self._is(at + 1, "currency"):
            at += 1  # 5 crores of rupees
        if currency is not None:
            money, end = self._currency(at)
            yield at, currency, "", ""
            if money and currency & money:
                yield end, currency & money, "", ""
            return
        money, end = self._currency(at)
        if money:
            yield end, money, "", ""
        if self._is(at, "unit"):
            for name in self.tokens[at].meanings["unit"]:
                yield at + 1, None, str(name), self._between(at, at + 1)
        yield at, None, "", ""
        for end in range(at + 1, self._free(at) + 1):
            measure = self._between(at, end)
            if end > at + 1 or not self._is(at, "unit"):
                yield end, None, self.words.unit(measure), measure

    def _free(self, at: int) -> int:
        """Return the end of the words that may name what is counted, which have no other meaning."""
        end = at
        most = min(len(self.tokens), at + self.most_words)
        while end < most and self._may_name(self.tokens[end], first=end == at):
            end += 1
        return end

    def _may_name(self, token: Token, *, first: bool) -> bool:
        if first and any(kind in token.meanings for kind in _NAMES_NOTHING):
            return False
        if any(kind in token.meanings for kind in ("unclear", "after", NUMBER)):
            return False
        return any(char.isalnum() for char in token.text) or token.text in ("°‰℃" if first else "-'/")

    def _after(self, at: int, before: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield where a comparator ends, and what it and those *before* allow together; and that there is none."""
        codes = self._codes(at, "after")
        if codes and (both := _joined(before, codes)):
            yield at + 1, both
        yield at, before or EXACT

    def _currency(self, at: int) -> tuple[frozenset[str] | None, int]:
        """Return the currencies of the word for money at a token, and where it ends."""
        if not self._is(at, "currency"):
            return None, at
        return frozenset().union(*_sets(self.tokens[at])), at + 1

    def _amounts(self, at: int) -> list[tuple[int, Decimal, bool]]:
        if at not in self._memo:
            sign = -1 if self._is(at, "minus") else 1
            numbers = amounts(self.tokens, at + (sign < 0))
            self._memo[at] = [(each.end, each.value * sign, each.is_share) for each in numbers]
        return self._memo[at]

    def _codes(self, at: int, kind: str) -> tuple[str, ...]:
        codes = self.tokens[at].meanings.get(kind, ((),))[0] if at < len(self.tokens) else ()
        assert isinstance(codes, tuple)  # by `_comparators`
        return codes

    def _is(self, at: int, kind: str) -> bool:
        return at < len(self.tokens) and kind in self.tokens[at].meanings

    def _between(self, start: int, end: int) -> str:
        return self.text[self.tokens[start].start : self.tokens[end - 1].end]


def _joined(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Return the comparators that two places allow together, none if none fits; "exactly this" allows any other."""
    if one in ((), EXACT):
        return other
    return one if other == EXACT else tuple(code for code in one if code in other)


def _percent(share: Figure) -> Figure:
    with localcontext(prec=PRECISION):
        return replace(share, lower=plain(share.lower * 100), unit=PERCENT, measure="", is_share=True)


def _common(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return one or other
    return one & other or one | other


def plain(amount: Decimal) -> Decimal:
    """Return an amount without an exponent and without trailing zeros.

    >>> str(plain(Decimal("2.160E+10"))), str(plain(Decimal("20.0")))
    ('21600000000', '20')
    """
    digits = f"{amount:f}"
    return Decimal((digits.rstrip("0").rstrip(".") if "." in digits else digits) or "0")


def codes_of(money: Iterable[str]) -> str:
    """Return currency codes in alphabetical order, for a message."""
    return ", ".join(sorted(money))
