"""What others read in the same words: dateparser, babel and text2num over many generated forms.

Where one of them differs from us, the difference is listed with its reason; a new one is a failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest

from tests.wording import dates_of, figures_of, shipped_languages

PUBLISHED = [date(2031, 1, 1) + timedelta(days=29 * k) for k in range(14)]
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
DAY_FORMS = (
    "d MMMM",
    "MMMM d",
    "MMM d",
    "d MMM",
    "d MMMM y",
    "MMMM d, y",
    "MMM d, y",
    "EEEE, d MMMM y",
    "EEEE, MMMM d, y",
)
CHINESE_FORMS = ("y年M月d日", "M月d日", "y年M月d日EEEE")


def ours(words: str, published: date, way: str, language: str = "en") -> list[str]:
    return [found.edtf for found in dates_of(words, language, published.isoformat(), way)]


# -------- dates


def dateparser_day(words: str, published: date, way: str) -> str:
    import dateparser

    settings = {
        "RELATIVE_BASE": datetime(published.year, published.month, published.day),
        "PREFER_DATES_FROM": {"back": "past", "ahead": "future"}[way],
    }
    found = dateparser.parse(words, languages=["en"], settings=settings)
    return found.date().isoformat() if found else ""


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", ["back", "ahead"])
def test_dateparser_counts_weekdays_and_relative_days_to_the_same_day(way: str) -> None:
    """It differs on the day of publication itself: "on Friday" is then today for us, and a week off for it."""
    compared = 0
    for published in PUBLISHED:
        for words in (*WEEKDAYS, "yesterday", "today", "tomorrow", "three days ago"):
            theirs, [mine] = dateparser_day(words, published, way), ours(words, published, way)
            if words in WEEKDAYS and WEEKDAYS.index(words) == published.weekday():
                assert mine == published.isoformat()
                assert abs(date.fromisoformat(theirs) - published) == timedelta(days=7)
            else:
                assert mine == theirs, (words, published)
                compared += 1
    assert compared > 120


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", ["d MMMM", "MMM d", "EEEE, d MMMM y", "MMMM d, y"])
def test_dateparser_reads_the_dates_that_babel_writes_as_we_do(form: str) -> None:
    from babel.dates import format_date

    compared = 0
    for published in PUBLISHED[::3]:
        for distance in range(1, 360, 23):
            day = published - timedelta(days=distance)
            words = format_date(day, form, locale="en")
            mine = ours(words, published, "back")
            assert mine == [day.isoformat()], (words, published)
            theirs = dateparser_day(words, published, "back")
            assert theirs == mine[0], (words, published)
            compared += 1
    assert compared >= 75


@pytest.mark.parametrize("way", ["back", "ahead"])
@pytest.mark.parametrize(
    ("language", "locale", "form"),
    [*(("en", "en", form) for form in DAY_FORMS), *(("zh", "zh_Hans", form) for form in CHINESE_FORMS)],
)
def test_every_date_that_babel_writes_is_read_back(language: str, locale: str, form: str, way: str) -> None:
    from babel.dates import format_date

    for published in PUBLISHED[::2]:
        for distance in range(0, 364, 7):
            day = published + timedelta(days=distance if way == "ahead" else -distance)
            assert ours(format_date(day, form, locale=locale), published, way, language) == [day.isoformat()]


def test_every_month_and_quarter_that_babel_writes_is_read_back() -> None:
    from babel.dates import format_date

    for number in range(1, 13):
        day = date(2030, number, 15)
        assert ours(format_date(day, "MMMM y", locale="en"), PUBLISHED[0], "back") == [f"2030-{number:02}"]
        assert ours(format_date(day, "y年M月", locale="zh"), PUBLISHED[0], "back", "zh") == [f"2030-{number:02}"]
        quarter = f"2030-{33 + (number - 1) // 3}"
        assert ours(format_date(day, "QQQQ y", locale="en"), PUBLISHED[0], "back") == [quarter]
        assert ours(format_date(day, "QQQ y", locale="en"), PUBLISHED[0], "back") == [quarter]


# -------- numbers


def numbers() -> Iterator[int]:
    yield from range(1, 130)
    yield from (k * 37 + 11 for k in range(4, 400, 7))
    yield from (10**power * factor for power in range(2, 10) for factor in (1, 3, 12, 45, 250))


TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SMALL = "one two three four five six seven eight nine ten eleven twelve".split()
SMALL += "thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()


def in_words(number: int) -> str:
    """Return a number as English news writes it out."""
    for scale, name in (
        (10**12, "trillion"),
        (10**9, "billion"),
        (10**6, "million"),
        (1000, "thousand"),
        (100, "hundred"),
    ):
        if number >= scale:
            rest = number % scale
            joint = " and " if rest and rest < 100 else " "
            return f"{in_words(number // scale)} {name}{joint + in_words(rest) if rest else ''}"
    if number < 20:
        return SMALL[number - 1]
    tens = TENS[number // 10 - 2]
    return tens if number % 10 == 0 else f"{tens}-{SMALL[number % 10 - 1]}"


def test_text2num_reads_numbers_in_words_as_we_do() -> None:
    from text_to_num import text2num

    compared = 0
    for number in numbers():
        words = in_words(number)
        [figure] = figures_of(words)
        assert figure.lower == number, words
        assert text2num(words, "en") == number, words
        compared += 1
    assert compared > 200


@pytest.mark.parametrize(("locale", "language"), [("en", "en"), ("en_IN", "en"), ("zh_Hans", "zh")])
def test_every_number_and_percentage_that_babel_writes_is_read_back(locale: str, language: str) -> None:
    from babel.numbers import format_decimal, format_percent

    for number in numbers():
        for amount in (Decimal(number), Decimal(number) / 8):
            words = format_decimal(amount, locale=locale)
            written = Decimal(words.replace(",", ""))
            assert [figure.lower for figure in figures_of(words, language)] == [written]
        [share] = figures_of(format_percent(Decimal(number) / 100, locale=locale), language)
        assert (share.lower, share.unit) == (number, "percent")


@pytest.mark.parametrize("form", ["long", "short"])
def test_every_large_number_that_babel_writes_shortly_is_read_back(form: str) -> None:
    """Its short forms are 21.6B and 400M; "400M" may be metres in our tables."""
    from babel.numbers import format_compact_decimal

    for power in (3, 6, 9, 12):
        for factor in (1, 7, 21, 400):
            words = format_compact_decimal(factor * 10**power, format_type=form, locale="en")
            if words.endswith("T"):
                continue  # tonnes, by our tables; news writes tn
            assert factor * 10**power in [figure.lower for figure in figures_of(words)], words


WITH_SIGN = "USD EUR GBP CNY JPY INR HKD AUD CAD BRL KRW VND NZD".split()
"""Currencies that news writes with a sign; of the others, babel has the code, or signs such as FCFA."""


@pytest.mark.parametrize("locale", ["en", "zh_Hans"])
def test_every_amount_of_money_that_babel_writes_may_be_of_its_currency(locale: str) -> None:
    from babel.numbers import format_currency

    language = locale[:2]
    codes = shipped_languages().language(language).section("figures").words("currency_codes")
    for code, amount in product(codes, (1, 12, 2100, 21_600_000_000)):
        texts = [format_currency(amount, code, locale=locale, format_type="name", currency_digits=False)]
        if code in WITH_SIGN:
            texts.append(format_currency(amount, code, format="¤#,##0", locale=locale, currency_digits=False))
        for words in texts:
            found = figures_of(words, language)
            assert any(figure.lower == amount and code in (figure.currencies or ()) for figure in found), words
