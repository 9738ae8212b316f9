"""One figure as written, and its words -> the completed figure, or findings. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from kg.core import values
from kg.core.model import Node, Value
from kg.core.terms import WORDS_KEY, XSD, cq
from kg.mapping.written import AMBIGUOUS, Article, Written, missing_words, stands_in
from kg.words.figures import (
    Figure,
    UnclearFigureError,
    codes_of,
    currencies_in,
    figures,
    figures_in,
    plain,
)
from kg.words.measures import figure_words
from kg.words.tokens import comparable

AMOUNTS = ("amount", "lowerAmount", "upperAmount")
COMPUTED = ("comparator", *AMOUNTS, "currency", "unit")
WITH_A_REASON = "if these words leave the number open, write it out and add a reason"


def with_figure(written: Written, article: Article) -> Node:
    """Return the node of a figure with what its words say. What they do not say is noted."""
    words = written.text(WORDS_KEY)
    if not words:
        return written.node
    if written.quoted and not stands_in(words, written.quoted):
        missing_words(written, article, _alike(written, article))
        return _damaged(written, article)
    if "reason" in written.given:
        return written.node
    try:
        alternatives = figures(words, article.language)
    except UnclearFigureError as error:
        message = f"no figure can be computed from the words '{words}': {error}"
        fix = "write the number with its comparator and its unit or currency, and no other words"
        article.error(written.given[WORDS_KEY].place, "KG-W004", message, f"{fix}; {WITH_A_REASON}")
        return _damaged(written, article)
    return _agreeing(written, article, alternatives)


def _alike(written: Written, article: Article) -> list[str]:
    """Return the words in the quote for the written amount, or for other figures if there are none."""
    phrases = [
        (quote[span.start : span.end], each)
        for quote in written.quoted
        for span, each in figures_in(quote, article.language)
    ]
    try:
        meant = {figure.lower for figure in figures(written.text(WORDS_KEY), article.language)}
    except UnclearFigureError:
        meant = set()
    fitting = [words for words, each in phrases if not meant.isdisjoint(figure.lower for figure in each)]
    return list(dict.fromkeys(fitting or [words for words, _ in phrases]))


def _damaged(written: Written, article: Article) -> Node:
    """Return the node, noting that what it lacks already has a finding."""
    article.notes.damage(written.node.term, map(cq, COMPUTED))
    return written.node


def _agreeing(written: Written, article: Article, alternatives: Sequence[Figure]) -> Node:
    """Return the node with the figure that its words give, if it is the written one or none is written."""
    readings = [reading for figure in alternatives for reading in _forms(figure)]
    compared = [(list(_differences(written, article, each)), each) for each in readings]
    faults, figure = min(compared, key=lambda pair: len(pair[0]))
    if not faults and len(alternatives) > 1 and not any(name in written.given for name in AMOUNTS):
        meant = " or ".join(f"{each.lower:f} {each.unit}".strip() for each in alternatives)
        message = f"the words '{written.text('asWritten')}' may mean {meant}"
        article.error(written.given[WORDS_KEY].place, AMBIGUOUS, message, "write amount and unit next to asWritten")
        return _damaged(written, article)
    for key, code, message, fix in faults:
        place = written.given[key if key in written.given else WORDS_KEY].place
        choices = _possible_currencies(figure, article) if code == AMBIGUOUS else ()
        article.error(place, code, message, fix, choices=choices)
    return _damaged(written, article) if faults else _filled(written, article, figure)


def _forms(figure: Figure) -> Iterator[Figure]:
    """Yield a figure and, for a fraction, the fraction itself as well as its percentage."""
    yield figure
    if figure.is_share:
        yield replace(figure, lower=plain(figure.lower / 100), unit="", measure="", is_share=False)


Fault = tuple[str, str, str, str]
"""Key, code of the finding, message and fix."""


def _differences(written: Written, article: Article, figure: Figure) -> Iterator[Fault]:
    words = written.text(WORDS_KEY)
    yield from _other_amounts(written, figure, words)
    comparator = written.text("comparator")
    if comparator and comparator not in figure.comparators:
        message = f"the words '{words}' imply the comparator {' or '.join(figure.comparators)}, not {comparator}"
        yield "comparator", "KG-W011", message, f"write comparator: {figure.comparators[0]}"
    yield from _other_currency(written, article, figure, words)
    yield from _other_unit(written, article, figure, words)


def _other_amounts(written: Written, figure: Figure, words: str) -> Iterator[Fault]:
    computed = _amounts(figure)
    for name in AMOUNTS:
        text = written.text(name)
        if text and name not in computed:
            meant = " and ".join(f"{key}: {amount:f}" for key, amount in computed.items())
            yield name, "KG-W010", f"the words '{words}' give no {name}, but {meant}", f"write {meant}"
        elif text and Decimal(text) != computed[name]:
            meant = f"{computed[name]:f}"
            yield name, "KG-W010", f"the words '{words}' say {meant}, not {text}", f"write {name}: {meant}"


def _amounts(figure: Figure) -> dict[str, Decimal]:
    if figure.upper is None:
        return {"amount": figure.lower}
    return {"lowerAmount": figure.lower, "upperAmount": figure.upper}


def _other_currency(written: Written, article: Article, figure: Figure, words: str) -> Iterator[Fault]:
    code = written.text("currency")
    if figure.currencies is None:
        named = (code in money for quote in written.quoted for money in currencies_in(quote, article.language))
        if code and not written.has_gap and not any(named):
            message = f"neither the words '{words}' nor the quote name a currency that may be {code}"
            yield "currency", "KG-W012", message, "remove currency, or quote the words that name it"
    elif code and code not in figure.currencies:
        meant = codes_of(figure.currencies)
        message = f"the words '{words}' may mean {meant}, not {code}"
        yield "currency", "KG-W012", message, f"write currency: {' or '.join(meant.split(', '))}"
    elif not code and (chosen := _chosen(figure.currencies, article)):
        if not article.code("Quantity", "currency", chosen):
            message = f"the words '{words}' mean {chosen}, which is not in the ontology's list of currencies"
            yield WORDS_KEY, "KG-W012", message, "add it to the list cq:Currency in your own ontology folder"
    elif not code:
        message = f"the words '{words}' may mean several currencies: {codes_of(figure.currencies)}"
        fix = f"write {{asWritten: {words}, currency: …}} with one of these, or name it under currencies in kg.toml"
        yield WORDS_KEY, AMBIGUOUS, message, fix


def _possible_currencies(figure: Figure, article: Article) -> tuple[tuple[str, str], ...]:
    """Return the codes of the ontology that a word for money may mean, each as the key that settles it."""
    codes = (code for code in sorted(figure.currencies or ()) if article.code("Quantity", "currency", code))
    return tuple(("currency", code) for code in codes)


def _chosen(money: frozenset[str], article: Article) -> str:
    """Return the currency that is meant, "" if it is ambiguous."""
    preferred = money & set(article.currencies)
    return next(iter(money if len(money) == 1 else preferred)) if 1 in (len(money), len(preferred)) else ""


def _other_unit(written: Written, article: Article, figure: Figure, words: str) -> Iterator[Fault]:
    unit = written.text("unit")
    if not unit:
        return
    if figure.currencies is not None:
        yield "unit", "KG-W013", f"the words '{words}' name money, not the unit '{unit}'", "remove unit"
    elif figure.unit and not _same_unit(unit, figure, article):
        yield "unit", "KG-W013", f"the words '{words}' count {figure.unit}, not {unit}", f"write unit: {figure.unit}"
    elif not figure.unit and not _named(unit, written.quoted, article):
        message = f"neither the words '{words}' nor the quote name a unit '{unit}'"
        yield "unit", "KG-W013", message, "remove unit, or quote the words that name it"


def _same_unit(unit: str, figure: Figure, article: Article) -> bool:
    """Return whether a unit is that of the words, or its words are among them: "tonnes" of "tonnes of gas"."""
    names = figure_words(article.language)
    if names.unit(unit) in (figure.unit, names.unit(figure.measure)) or comparable(unit) == comparable(figure.measure):
        return True
    measure = iter(comparable(figure.measure).split())
    return all(word in measure for word in comparable(unit).split())


def _named(unit: str, quoted: Sequence[str], article: Article) -> bool:
    """Return whether the quote names a unit, by any of its words. Without a quote the unit is accepted."""
    words = figure_words(article.language)
    forms = {unit, *(form for form, name in words.units.items() if name == words.unit(unit))}
    texts = [comparable(quote) for quote in quoted]
    return not quoted or any(stands_in(comparable(form), texts) for form in forms)


def _filled(written: Written, article: Article, figure: Figure) -> Node:
    """Return the node with all that its words say and that is not written."""
    place = written.given[WORDS_KEY].place
    added: list[Value] = []
    try:
        for name, amount in _amounts(figure).items():
            added.append(Value(cq(name), values.literal(f"{amount:f}", XSD + "decimal"), place))
    except ValueError as error:
        article.error(place, "KG-W004", f"the figure cannot be written: {error}", WITH_A_REASON)
        return _damaged(written, article)
    added.append(Value(cq("comparator"), article.code("Quantity", "comparator", figure.comparators[0]), place))
    if figure.currencies is not None:
        code = article.code("Quantity", "currency", written.text("currency") or _chosen(figure.currencies, article))
        added.append(Value(cq("currency"), code, place))
    elif figure.unit and "currency" not in written.given:
        added.append(Value(cq("unit"), values.string_literal(figure.unit), place))
    new = (value for value in added if value.predicate[1:-1].rpartition("#")[2] not in written.given)
    return written.node._replace(values=article.labels.bounded([*written.node.values, *new]))
