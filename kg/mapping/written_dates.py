"""One date as written, and its words -> the completed date, or findings. No I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from kg.core import values
from kg.core.model import Node, Value
from kg.core.terms import WORDS_KEY, cq
from kg.mapping.written import AMBIGUOUS, MOST_PROPOSED, Article, Written, missing_words, stands_in, way
from kg.words.dates import NOT_READ, date_readings, dates_in
from kg.words.reading import EXPLICIT, NO_DAY, Reading, Readings, UnclearError

CURATOR = "Curator"


def with_date(written: Written, article: Article) -> Node:
    """Return the node of a date with what its words say. What they do not say is noted."""
    before = len(article.notes.findings)
    node = _compared(written, article)
    if len(article.notes.findings) > before:  # what is missing already has a finding
        article.notes.damage(node.term, [cq("edtf"), cq("method")])
    return node


def _keys(written: Written, article: Article) -> Collection[str]:
    """Return the keys of the node that has the date."""
    vocabulary = article.vocabulary
    return vocabulary.keys[vocabulary.class_of(written.parent.type).name] if written.parent else ()


def _is_of_curator(written: Written, article: Article) -> bool:
    """Return whether the date is under a key for what the curator infers. A rule says how it is written there."""
    base = written.key.removeprefix("inferred")
    return base != written.key and f"{base[:1].lower()}{base[1:]}" in _keys(written, article)


def _by_curator(written: Written, article: Article) -> str:
    """Return the fix for a date that is not in the words. An inferred date may have a key of its own."""
    own = f"inferred{written.key[:1].upper()}{written.key[1:]}"
    where = f" under {own}" if own in _keys(written, article) else ""
    return f"if something other than these words gives the date, write it{where} with method: Curator and a reason"


def _compared(written: Written, article: Article) -> Node:
    words, method = written.text(WORDS_KEY), written.text("method")
    if not words:
        is_stated = method in ("", EXPLICIT) and not _is_of_curator(written, article)
        if written.in_fact and written.text("edtf") and is_stated:
            return _without_words(written, article)
        return written.node
    if written.quoted and not stands_in(words, written.quoted):
        missing_words(written, article, _alike(written, article, [written.text("edtf"), *_meant(written, article)]))
        return written.node
    if method == CURATOR:
        return written.node
    try:
        readings = date_readings(words, article.language, article.today, way(written, article.vocabulary))
    except UnclearError as error:
        if article.is_damaged and str(error) == NO_DAY:
            article.notes.damage(written.node.term, [cq("edtf"), cq("method")])
        else:
            _unclear(written, article, str(error))
        return written.node
    return _agreeing(written, article, readings)


def _without_words(written: Written, article: Article) -> Node:
    """Return a date that is stated but has no words, with those of the quote if they are the same."""
    edtf = written.given["edtf"]
    text = values.lexical(edtf.object)
    if not written.quoted and not written.has_gap:
        return written.node
    if written.has_gap or stands_in(text, written.quoted):
        how = Value(cq("method"), article.code("TimeExpression", "method", EXPLICIT), edtf.place)
        words = Value(cq(WORDS_KEY), values.string_literal(text), edtf.place)
        added = [words] if "method" in written.given else [words, how]
        return written.node._replace(values=(*written.node.values, *added))
    proposed = " or ".join(f"'{words}'" for words in _alike(written, article, [text]))
    fix = f"write the words of the quote instead: {proposed}" if proposed else "quote the words that give the date"
    article.error(
        edtf.place, "KG-W006", f"the quote does not have the words '{text}'", f"{fix}; {_by_curator(written, article)}"
    )
    return written.node


def _alike(written: Written, article: Article, dates: Iterable[str]) -> list[str]:
    """Return the words for *dates* in the quote, or for other dates if there are none."""
    forms = frozenset(dates)
    phrases = [
        (
            quote[span.start : span.end],
            not forms.isdisjoint(form for reading in readings for form, _ in reading.accepted),
        )
        for quote in written.quoted
        for span, readings in dates_in(quote, article.language, article.today, way(written, article.vocabulary))
    ]
    fitting = [words for words, fits in phrases if fits]
    return list(dict.fromkeys(fitting or [words for words, _ in phrases]))[:MOST_PROPOSED]


def _meant(written: Written, article: Article) -> Iterator[str]:
    """Yield the dates meant by words that are not in the quote."""
    try:
        readings = date_readings(
            written.text(WORDS_KEY), article.language, article.today, way(written, article.vocabulary)
        )
    except UnclearError:
        return
    yield from (form for reading in readings for form, _ in reading.accepted)


_WAYS_OUT = {NO_DAY: ("add published or dateline",), NOT_READ: ("write only the words that give the date",)}
"""Why no date is computed -> what may help, besides the curator's word."""


def _unclear(written: Written, article: Article, why: str) -> None:
    value = written.given[WORDS_KEY]
    message = f"no date can be computed from the words '{values.lexical(value.object)}': {why}"
    fix = "; ".join([*_WAYS_OUT.get(why, ()), _by_curator(written, article)])
    article.error(value.place, "KG-W004", message, fix)


def _agreeing(written: Written, article: Article, readings: Readings) -> Node:
    """Return the node with the date that its words give, if it is the written one or none is written."""
    words, edtf, method = written.text(WORDS_KEY), written.given.get("edtf"), written.given.get("method")
    if edtf is None and len(readings) > 1 and article.has_damage(written.parent):
        article.notes.damage(written.node.term, [cq("edtf"), cq("method")])  # the damaged part may say which one it is
        return written.node
    if edtf is None and len(readings) > 1:
        message = f"the words '{words}' may mean {_listed(readings)}"
        fix = f"write edtf: {readings[0].edtf} or {readings[1].edtf} next to asWritten"
        choices = [("edtf", reading.edtf) for reading in readings[:MOST_PROPOSED]]
        article.error(written.given[WORDS_KEY].place, AMBIGUOUS, message, fix, choices=choices)
        return written.node
    if edtf is None:
        return _filled(written, article, readings[0].edtf, readings[0].method)
    text = values.lexical(edtf.object)
    methods = [how for each in readings for form, how in each.accepted if form == text]
    if not methods:
        message = f"the words '{words}' mean {_listed(readings)}, not {text}"
        article.error(
            edtf.place, "KG-W002", message, f"write edtf: {readings[0].edtf}; {_by_curator(written, article)}"
        )
    elif method is None:
        return _filled(written, article, text, methods[0])
    elif (chosen := written.text("method")) not in methods:
        message = f"the words '{words}' imply the method {methods[0]}, not {chosen}"
        article.error(method.place, "KG-W003", message, f"write method: {methods[0]}")
    return written.node


def _listed(readings: Sequence[Reading]) -> str:
    return " or ".join(dict.fromkeys(reading.edtf for reading in readings))


def _filled(written: Written, article: Article, edtf: str, method: str) -> Node:
    """Return the node with the date, its method and its days, as far as they are not written."""
    place = written.given[WORDS_KEY].place
    date = Value(cq("edtf"), values.literal(edtf, values.EDTF), place)
    how = Value(cq("method"), article.code("TimeExpression", "method", method), place)
    added = [value for name, value in (("edtf", date), ("method", how)) if name not in written.given]
    return written.node._replace(values=article.labels.bounded([*written.node.values, *added]))
