"""A digest's mapping + the text of its original -> findings: what one has and the other lacks. No I/O.

Names of the registry, dates and figures are compared by meaning, not by spelling. What the original lacks is a warning
at the digest's own words. What the digest leaves out is a remark, because a digest is meant to leave things out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from kg.core.errors import Finding, Severity
from kg.core.model import Span
from kg.core.terms import ARTICLE_CLASS, TEXT_KEY, WORDS_KEY
from kg.mapping.blocks import language_of
from kg.mapping.contents import Contents
from kg.mapping.places import Placed
from kg.mapping.read import Scalar, Table
from kg.mapping.scope import Scope
from kg.mapping.tables import content_lines, entry_of, first_text, value_of
from kg.mapping.texts import normal_form
from kg.mapping.wording import TODAY, stated_day
from kg.ontology.vocabulary import Kind
from kg.words.comparing import Sameness
from kg.words.dates import Today
from kg.words.language import Language

_T = TypeVar("_T")

NAME, WORD, DATE, FIGURE, LEFT_OUT = "KG-O011", "KG-O012", "KG-O013", "KG-O014", "KG-O015"
MOST_SHOWN = 10
"""Names, dates or figures that a remark on omissions lists."""

MOST_PROPOSED = 3


def digest_findings(article: Table, original: str, lines: Sequence[str], focus: str, scope: Scope) -> Iterator[Finding]:
    """Yield which names, dates and figures of a digest are not in its original, and what the digest leaves out.

    Args:
        article: the article block.
        original: the text of the original.
        lines: of the mapping's file.
        focus: the IRI of the article.
        scope: what all files define.
    """
    language = scope.languages.language(language_of(article))
    today = today_of(article, language)
    whole = Contents(normal_form(original), language, today, scope)
    texts = [(scalar, Contents(text, language, today, scope)) for scalar, text in _texts(article, scope)]
    left = _left_out(article, [own for _, own in texts], whole)
    for scalar, own in texts:
        yield from _Part(own, Placed(own.text, scalar, lines), whole, left, focus).findings()
    yield from left.findings(article, focus)


def _texts(article: Table, scope: Scope) -> Iterator[tuple[Scalar, str]]:
    """Yield the digest's own texts: the article's text, and each key that takes a text in some language."""
    keys, tag = scope.vocabulary.keys[ARTICLE_CLASS], language_of(article)
    for entry in article.entries:
        key, value = keys.get(entry.key.text), entry.value
        if entry.key.text != TEXT_KEY and not (key and key.kind is Kind.TEXT):
            continue
        if isinstance(value, Table):
            value = value_of(value, tag) or value
        if isinstance(value, Scalar) and value.text.strip():
            yield value, normal_form(value.text)


def today_of(article: Table, language: Language) -> Today:
    """Return the day from which an article's dates count, if one of its keys gives it."""
    for key in TODAY:
        value = value_of(article, key)
        text = first_text(value_of(value, "edtf") or value_of(value, WORDS_KEY) if isinstance(value, Table) else value)
        if (day := stated_day(text, language)).first:
            return day
    return Today()


# -------- what the original lacks


@dataclass(frozen=True)
class _Part:
    """One text of the digest, compared with the whole original."""

    own: Contents
    placed: Placed
    whole: Contents
    left: _LeftOut
    focus: str

    def findings(self) -> Iterator[Finding]:
        """Yield its findings."""
        yield from self._names()
        yield from self._words()
        yield from self._dates()
        yield from self._figures()

    def _names(self) -> Iterator[Finding]:
        missed: dict[str, Span] = {}
        for span, target in self.own.names:
            if target.term not in missed and not self.whole.calls(target):
                missed[target.term] = span
                message = f"the original does not mention {target.label}"
                fix = "use the name that the original has, or remove it"
                yield self._finding(span, NAME, message, fix)

    def _words(self) -> Iterator[Finding]:
        for span, name in self.own.capitals:
            if not self.whole.has(name):
                message = f"the original does not have the word '{self.own.text[span.start : span.end]}'"
                fix = "spell the name as in the original, and write what is not a name in lower case"
                yield self._finding(span, WORD, message, fix)

    def _dates(self) -> Iterator[Finding]:
        for date in self.own.dates:
            match, words = _best((date.match(each), each.words) for each in self.whole.dates)
            if match is Sameness.ALIKE:
                message = f"'{date.words}' is less precise than the original, which has '{words}'"
                yield self._finding(date.span, DATE, message, "", Severity.INFO)
            elif match is Sameness.NONE:
                message = f"the original has no date that matches '{date.words}'"
                fix = _proposal(self.left.dates or [each.words for each in self.whole.dates])
                yield self._finding(date.span, DATE, message, fix)

    def _figures(self) -> Iterator[Finding]:
        for figure in self.own.figures:
            match, words = _best((figure.match(each), each.words) for each in self.whole.figures)
            message = f"the original has no figure that matches '{figure.words}'"
            if match is Sameness.ALIKE:
                message = f"the original has '{words}' where the digest has '{figure.words}'"
                fix = "use the comparator, currency and unit of the original"
                yield self._finding(figure.span, FIGURE, message, fix)
            elif match is Sameness.NONE and not figure.is_count:
                fix = _proposal(self.left.figures or [each.words for each in self.whole.figures if not each.is_count])
                yield self._finding(figure.span, FIGURE, message, fix)
            elif match is Sameness.NONE and figure.figures[0].lower != 1:
                yield self._finding(figure.span, FIGURE, message, "", Severity.INFO)

    def _finding(self, span: Span, code: str, message: str, fix: str, severity: Severity = Severity.WARNING) -> Finding:
        return Finding(self.placed.place(span), severity, code, message, fix, self.focus)


def _proposal(others: Sequence[str]) -> str:
    return f"the original has {_listed(others, MOST_PROPOSED)}, so correct the digest" if others else "remove it"


def _best(matches: Iterable[tuple[Sameness, str]]) -> tuple[Sameness, str]:
    """Return the best match, and the words of the original that match."""
    best = (Sameness.NONE, "")
    for match, words in matches:
        best = (match, words) if match > best[0] else best
        if match is Sameness.SAME:
            break
    return best


# -------- what the digest leaves out


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """What an original has and its digest lacks: labels of entities, other capitalised words, dates, figures."""

    names: Sequence[str]
    words: Sequence[str]
    dates: Sequence[str]
    figures: Sequence[str]

    def findings(self, article: Table, focus: str) -> Iterator[Finding]:
        """Yield a remark for each kind."""
        entry = entry_of(article, TEXT_KEY)
        place = entry.key.place if entry else article.place
        kinds = {"names": self.names, "capitalised words": self.words, "dates": self.dates, "figures": self.figures}
        for kind, left in kinds.items():
            if left:
                message = f"the digest leaves out {kind} in the original: {_listed(left, MOST_SHOWN)}"
                yield Finding(place, Severity.INFO, LEFT_OUT, message, "", focus)


def _left_out(article: Table, own: Sequence[Contents], whole: Contents) -> _LeftOut:
    """Return what none of the digest's texts has. What other keys of the article give is not left out."""
    written = {line.partition("=")[2] for line in content_lines(article)}
    known = {target.term for name, target in whole.scope.registry.items() if name in written}
    names = {target.term: target for _, target in whole.names if target.term not in known}
    dates = [each for each in whole.dates if each.forms.isdisjoint(written)]
    figures = [each for each in whole.figures if not each.is_count]
    capitals = _lacking(whole.capitals, own, lambda part, capital: part.has(capital[1]))
    return _LeftOut(
        [target.label for target in _lacking(names.values(), own, Contents.calls)],
        [whole.text[span.start : span.end] for span, _ in capitals],
        [each.words for each in _lacking(dates, own, Contents.has_date)],
        [each.words for each in _lacking(figures, own, Contents.has_figure)],
    )


def _lacking(whole: Iterable[_T], own: Sequence[Contents], has: Callable[[Contents, _T], bool]) -> Iterator[_T]:
    """Yield those of *whole* that none of the digest's own texts has."""
    return (each for each in whole if not any(has(part, each) for part in own))


def _listed(phrases: Iterable[str], most: int) -> str:
    shown = list(dict.fromkeys(" ".join(words.split()) for words in phrases))
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(f"'{words}'" for words in shown[:most]) + more
