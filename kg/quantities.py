"""A figure as the article has it -> comparator, amount, currency or unit. No I/O; exact decimals, no floats.

"over 21.6 billion CNY" is not 21600000000: the comparator stays beside the amount, and the words beside both.
Scales are the short ones (a billion is 10^9); currency codes are those of ISO 4217.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, localcontext
from types import MappingProxyType

_EXAMPLES = "write it like 'over 21.6 billion CNY', '7 to 9 billion USD', 'about 50' or '2,100 institutions'"
_MAX_LENGTH = 200
_PRECISION = 300  # digits: more than _MAX_LENGTH characters can hold, so nothing is ever rounded

_COMPARATORS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("more than", "over", "above", "exceeding", "greater than", ">", "超过", "逾"), "MoreThan"),
        **dict.fromkeys(("at least", "no less than", "not less than", "no fewer than", "≥", ">=", "至少"), "AtLeast"),
        **dict.fromkeys(("less than", "fewer than", "under", "below", "<", "不到", "不足"), "LessThan"),
        **dict.fromkeys(("at most", "up to", "no more than", "not more than", "≤", "<=", "最多", "至多"), "AtMost"),
        **dict.fromkeys(
            ("about", "around", "approximately", "roughly", "some", "circa", "~", "≈", "约", "大约"), "About"
        ),
        **dict.fromkeys(("exactly", "="), "EqualTo"),
    }
)
_SCALES: Mapping[str, Decimal] = MappingProxyType(
    {
        name: Decimal(10) ** power
        for power, names in {
            2: ("hundred", "百"),
            3: ("thousand", "千"),
            4: ("万", "萬"),
            5: ("lakh", "十万"),
            6: ("million", "百万"),
            7: ("crore", "千万"),
            8: ("亿", "億"),
            9: ("billion", "十亿"),
            10: ("百亿",),
            11: ("千亿",),
            12: ("trillion", "万亿", "萬億"),
        }.items()
        for name in names
    }
)
_UNCLEAR: Mapping[str, str] = MappingProxyType(
    {
        "兆": "is 10^6 in mainland China and 10^12 in Taiwan and Japan; write million or trillion",
        "m": "may be million or metres; write the word",
        "k": "may be thousand or kelvin; write the word",
        **dict.fromkeys(
            ("bn", "mn", "mln", "mld", "tn", "trn", "mio", "mrd"),
            "is a short form; write million, billion, ...",
        ),
        "$": "is the sign of many dollars; write USD, HKD, ...",
        "us$": "is not an ISO 4217 code; write USD",
        **dict.fromkeys(("¥", "￥"), "is yuan or yen; write CNY or JPY"),
        "€": "is not an ISO 4217 code; write EUR",
        "£": "is the sign of many pounds; write GBP, EGP, ...",
        "₹": "is not an ISO 4217 code; write INR",
        **dict.fromkeys(("rmb", "yuan", "renminbi", "元", "人民币"), "is not an ISO 4217 code; write CNY"),
        **dict.fromkeys(("dollar", "dollars", "美元"), "is not an ISO 4217 code; write USD, HKD, ..."),
        **dict.fromkeys(("euro", "euros", "欧元"), "is not an ISO 4217 code; write EUR"),
        **dict.fromkeys(("yen", "日元"), "is not an ISO 4217 code; write JPY"),
        **dict.fromkeys(("rupee", "rupees", "rs"), "is not an ISO 4217 code; write INR, PKR, ..."),
        **dict.fromkeys(("pound", "pounds"), "may be money or weight; write GBP, ... or lb"),
        **dict.fromkeys(("nearly", "almost", "close"), "is not one of the comparators; write 'about' or 'less than'"),
        **dict.fromkeys(("余", "多", "来", "+", "plus"), "after a figure; write 'over' or 'at least' before it"),
    }
)
_CURRENCIES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT "
    "LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR "
    "NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP "
    "STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XAG XAU "
    "XCD XDR XOF XPD XPF XPT YER ZAR ZMW ZWG"
)
"""The codes of ISO 4217 in use: currencies, metals and drawing rights."""
_NUMBER = r"[-−]?(?:[1-9][0-9]{0,2}(?:,[0-9]{3})+|0|[1-9][0-9]*)(?:\.[0-9]+)?"
_SCALE_WORD = (
    "(?:(?:hundred|thousand|lakh|crore|million|billion|trillion)(?![A-Za-z])"
    "|十万|百万|千万|十亿|百亿|千亿|万亿|萬億|百|千|万|萬|亿|億)"
)
_TIMES = rf"(?:\s*{_SCALE_WORD})*"
_FIGURE = re.compile(
    rf"(?P<opening>(?:between|from)\s+)?(?P<first>{_NUMBER})(?P<first_scale>{_TIMES})"
    rf"(?:\s*(?:-|–|—|至|到|\bto\b|\band\b)\s*(?P<second>{_NUMBER})(?P<second_scale>{_TIMES}))?",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[A-Za-z]")
_TRAILING_COMPARATOR = re.compile(r"\b(?:or (?:more|less|fewer|so|above|over)|at (?:least|most))\b", re.IGNORECASE)
_NO_UNIT_BEGINS_WITH = ("to", "and", "or", "of", "half", "over", "up", "million", "millions", "billions")


def quantity(text: str) -> Mapping[str, str]:
    """Return what a figure says, by key.

    The keys are asWritten, comparator, amount (or lowerAmount and upperAmount), and currency or unit if it is
    given. Amounts are canonical xsd:decimal; a comparator is the local name of its code: EqualTo, MoreThan,
    AtLeast, LessThan, AtMost, About, Between.

    >>> quantity("over 21.6 billion CNY")["amount"]
    '21600000000'

    Raises:
        ValueError: no figure, an unclear word (¥, bn, yuan), or words that would be lost; says what to write.
    """
    written = text.strip()
    if len(written) > _MAX_LENGTH:
        raise ValueError(f"a figure of {len(written)} characters is too long; {_EXAMPLES}")
    comparator, rest = _comparator(written)
    currency, rest = _currency_before(rest)
    figure = _FIGURE.match(rest)
    if figure is None:
        raise ValueError(_why_no_figure(written, rest))
    measure = _measure(written, currency, rest[figure.end() :])
    amounts = _range(written, figure) if figure["second"] else _single(written, figure)
    if comparator and figure["second"]:
        raise ValueError(f"{written!r} has a comparator and a range; leave one of them out")
    implied = "Between" if figure["second"] else "EqualTo"
    return {"asWritten": written, "comparator": comparator or implied, **amounts, **measure}


def _comparator(text: str) -> tuple[str, str]:
    """Return the comparator at the start, "" if there is none, and what follows it."""
    for phrase in sorted(_COMPARATORS, key=len, reverse=True):
        rest = text[len(phrase) :]
        if text.lower().startswith(phrase) and not (_LETTER.match(phrase) and _LETTER.match(rest)):
            return _COMPARATORS[phrase], rest.strip()
    return "", text


def _is_currency(word: str) -> bool:
    return len(word) == 3 and word in _CURRENCIES.split()


def _currency_before(text: str) -> tuple[str, str]:
    code, rest = text[:3], text[3:]
    return (code, rest.lstrip()) if _is_currency(code) and not _LETTER.match(rest) else ("", text)


def _single(written: str, figure: re.Match[str]) -> dict[str, str]:
    if figure["opening"]:
        raise ValueError(f"{written!r} has only one figure; write 'between 7 and 9 billion USD'")
    return {"amount": _plain(_scaled(figure["first"], figure["first_scale"]))}


def _range(written: str, figure: re.Match[str]) -> dict[str, str]:
    """Return both ends; a scale written once, after the second figure, goes for both."""
    lower = _scaled(figure["first"], figure["first_scale"] or figure["second_scale"])
    upper = _scaled(figure["second"], figure["second_scale"])
    if lower >= upper:
        raise ValueError(f"the range {written!r} does not rise; write both in full: '500 million to 1 billion'")
    return {"lowerAmount": _plain(lower), "upperAmount": _plain(upper)}


def _scaled(digits: str, scale: str) -> Decimal:
    with localcontext(prec=_PRECISION):
        amount = Decimal(digits.replace(",", "").replace("−", "-"))
        for word in re.findall(_SCALE_WORD, scale, re.IGNORECASE):
            amount *= _SCALES[word.lower()]
        return amount


def _plain(amount: Decimal) -> str:
    """Return the canonical xsd:decimal form: no exponent, no trailing zeros, no minus zero."""
    digits = f"{amount:f}"
    shortened = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return "0" if shortened == "-0" else shortened


def _measure(written: str, currency: str, tail: str) -> dict[str, str]:
    """Return what is counted: the currency, the unit, or nothing."""
    rest = tail.strip()
    codes = [word for word in (currency, *rest.split()) if _is_currency(word)]
    if codes:
        if rest not in ("", codes[0]) or len(codes) > 1:
            raise ValueError(f"{written!r} has other words beside the currency {codes[0]}; leave them out")
        return {"currency": codes[0]}
    if not rest:
        return {}
    if problem := _unit_problem(rest):
        raise ValueError(f"{problem}, in {written!r}")
    return {"unit": rest}


def _unit_problem(unit: str) -> str:
    """Return why *unit* cannot be the name of what is counted, or ""."""
    words = unit.lower().split()
    unclear = _unclear(words)
    if unclear:
        return unclear
    if _TRAILING_COMPARATOR.search(unit):
        return "the comparator goes before the figure: 'at least 50', 'at most 50'"
    if len(words) == 1 and _is_currency(unit.upper()):
        return f"a currency is written in capitals: {words[0].upper()}"
    if words[0] in _NO_UNIT_BEGINS_WITH or not re.match(r"[^\W\d_]|[%‰°]", unit) or re.search("[0-9]", unit):
        return f"cannot read {unit!r} after the figure; {_EXAMPLES}"
    return ""


def _why_no_figure(written: str, rest: str) -> str:
    head = re.split("[0-9]", rest.lower(), maxsplit=1)[0].split()
    unclear = _unclear(head)
    return (
        f"{unclear}, in {written!r}"
        if unclear
        else f"there is no figure where one is expected in {written!r}; {_EXAMPLES}"
    )


def _unclear(words: list[str]) -> str:
    """Return what is wrong with the first unclear word; a sign such as ¥ may stand before another word."""
    signs = [word[0] for word in words if not _LETTER.match(word)]
    words = words + signs
    return next((f"{word!r} {_UNCLEAR[word]}" for word in words if word in _UNCLEAR), "")
