"""An article's text + the registry -> its contents: mentions, new names, dates, figures. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from kg.bench.identifier import free_id, readable_id
from kg.bench.mention import BY_PRONOUN, MentionFinder, TextMention
from kg.bench.new_names import NewName, NewNames
from kg.bench.reporting import is_a_time, is_in_dateline, reporting_sentences
from kg.bench.tokens import title_chunks
from kg.core.iri import entity_iri
from kg.core.model import Span
from kg.mapping.scope import Scope, Target
from kg.ontology.cues import Cues
from kg.words.clauses import plain_text
from kg.words.comparing import DateFound, FigureFound, dates_of, figures_of
from kg.words.date_words import SECTION as DATES
from kg.words.dates import Today
from kg.words.draft_words import DraftWords
from kg.words.figures import figures
from kg.words.hedges import Hedges, hedges_of
from kg.words.language import Language
from kg.words.names import letters
from kg.words.phrases import Phrases, phrases
from kg.words.reading import Way

MOST_WORDS_OF_AN_ID = 6

_TIME = re.compile(r"\s([^\W\d_]+)(?![\w-])")


@dataclass(frozen=True)
class Draftable:
    """An article to draft facts for.

    Attributes:
        text: in normal form.
        sentences: the spans of its sentences.
        language: of the text.
        today: the day from which its dates count.
        taken: ids of its facts.
    """

    text: str
    sentences: Sequence[Span]
    language: Language
    today: Today
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True)
class InText:
    """The contents of the text of one article.

    Attributes:
        article: the article.
        known: what names of the registry refer to.
        cues: in the language of the article.
        words: that drafts use in this language.
    """

    article: Draftable
    known: Scope
    cues: Cues
    words: DraftWords

    @cached_property
    def dates(self) -> Sequence[DateFound]:
        """The dates in the text that say when something was or will be, in order."""
        return tuple(
            each
            for each in self._clear_dates
            if not is_in_dateline(each, self.article.text) and is_a_time(each, self.words)
        )

    @cached_property
    def _clear_dates(self) -> Sequence[DateFound]:
        """The dates that are no part of a figure or a name."""
        figures = [each.span for each in self._all_figures]
        names = [each.span for each in self.mentions if each.certainty > BY_PRONOUN]
        return tuple(
            each
            for each in self._all_dates
            if not any(span != each.span and span.contains(each.span) for span in figures)
            and not any(span.touches(each.span) for span in names)
        )

    @cached_property
    def sentences(self) -> Sequence[Span]:
        """The sentences that report something: all but those on the medium's own reports."""
        return reporting_sentences(self.article.text, self.article.sentences, self.words)

    @cached_property
    def _all_dates(self) -> Sequence[DateFound]:
        """The dates, counted back, or ahead where a sentence is about the future."""
        each, dates = self.article, []
        for span in self.sentences:
            back, ahead = (
                {date.span: date for date in dates_of(each.text, [span], each.language, each.today, way)}
                for way in (Way.BACK, Way.AHEAD)
            )
            first = self._ahead_from(span)
            for place in sorted(back.keys() | ahead.keys()):
                one, other = (ahead, back) if place.start >= first else (back, ahead)
                dates.append(_trimmed(one.get(place) or other[place]))
        return dates

    def _ahead_from(self, sentence: Span) -> int:
        """Return where a sentence begins to be about the future, its end if it does not."""
        return self._hedged_from(sentence, self.words.lists["ahead"])

    def doubt_from(self, sentence: Span) -> int:
        """Return where a sentence begins to leave open, or to deny, what follows; its end if it does not."""
        text = plain_text(self.article.text[sentence.start : sentence.end])
        open_from = (each.start + sentence.start for each in phrases(self.words.lists["whether"]).all_in(text))
        return min(next(open_from, sentence.end), self._hedged_from(sentence, self.words.lists["doubt"]))

    def _hedged_from(self, sentence: Span, kinds: Sequence[str]) -> int:
        """Return where the first hedge of some kinds is in a sentence, its end if there is none."""
        text = self.article.text[sentence.start : sentence.end]
        for each in self._finder.all_in(plain_text(text)):
            is_one = self._hedges.marks[each.phrase][0] in kinds
            if is_one and text[each.start : each.end] not in self._hedges.names:
                return sentence.start + each.start
        return sentence.end

    @cached_property
    def _finder(self) -> Phrases:
        return phrases(self._hedges.marks)

    @cached_property
    def _all_figures(self) -> Sequence[FigureFound]:
        each = self.article
        return tuple(figures_of(each.text, self.sentences, each.language, bytearray(len(each.text))))

    @cached_property
    def _hedges(self) -> Hedges:
        return hedges_of(self.article.language)

    @cached_property
    def new_names(self) -> Sequence[NewName]:
        """The names that the registry lacks, if they show what they are."""
        mentions = MentionFinder(
            self.article.text, self.article.sentences, self.article.language, self.known, self.words
        )
        if not mentions.has_capitals:
            return ()
        text, sentences = self.article.text, self.article.sentences
        dates = dates_of(text, sentences, self.article.language, self.article.today)
        covered = sorted([*(each.span for each in mentions.known()), *(each.span for each in dates)])
        titles = [chunk for span in sentences for chunk in title_chunks(text, span, self.words)]
        new = NewNames(text, sentences, self.words, self.cues.names, covered, titles).new_names()
        own = {letters(name) for target in self.known.registry.values() for name in target.names}
        classes = self.known.vocabulary.classes
        return tuple(each for each in new if each.class_name in classes and letters(each.name) not in own)

    @cached_property
    def new_ids(self) -> Mapping[str, NewName]:
        """Id -> new name."""
        taken: dict[str, NewName] = {}
        for each in self.new_names:
            wished = readable_id(each.name, most_words=MOST_WORDS_OF_AN_ID)
            taken[free_id(wished, {*self.known.registry, *taken}, "unnamed")] = each
        return taken

    @cached_property
    def scope(self) -> Scope:
        """What names refer to once the new ones are in the registry."""
        new = {}
        for identifier, each in self.new_ids.items():
            segment = self.known.vocabulary.classes[each.class_name].segment
            term = f"<{entity_iri(self.known.base, segment, identifier)}>"
            new[identifier] = Target(term, each.class_name, each.name, each.name)
        return replace(self.known, registry={**self.known.registry, **new})

    @cached_property
    def mentions(self) -> Sequence[TextMention]:
        """The mentions in the text: by name, by common noun, by pronoun."""
        finder = MentionFinder(self.article.text, self.article.sentences, self.article.language, self.scope, self.words)
        known = finder.known()
        nouns = tuple(finder.nouns(known))
        named = [each for each in known if not any(noun.span.contains(each.span) for noun in nouns)]
        return (*named, *nouns, *finder.pronouns(tuple(sorted([*named, *nouns], key=lambda each: each.span))))

    @cached_property
    def figures(self) -> Sequence[FigureFound]:
        """The figures in the text that are not mere counts, in order, except those in names and dates."""
        marked = bytearray(len(self.article.text))
        for span in (*(each.span for each in self.mentions), *(each.span for each in self._clear_dates)):
            marked[span.start : span.end] = b"\1" * (span.end - span.start)
        each = self.article
        figures = figures_of(each.text, self.sentences, each.language, marked)
        return tuple(measure for figure in figures if _is_measure(measure := self._with_time(figure)))

    def _with_time(self, figure: FigureFound) -> FigureFound:
        """Return a bare number with the unit of time after it: "for three days". A rhythm, "every two years", stays."""
        first, text = figure.figures[0], self.article.text
        unit = _TIME.match(text, figure.span.end)
        if first.unit or first.currencies or unit is None or unit[1].lower() not in self._units_of_time:
            return figure
        if text[: figure.span.start].lower().split()[-1:] in [[word] for word in self.words.lists["rhythms"]]:
            return figure
        words = text[figure.span.start : unit.end()]
        read = figures(" ".join(words.split()), self.article.language)
        return FigureFound(Span(figure.span.start, unit.end()), words, read)

    @cached_property
    def _units_of_time(self) -> frozenset[str]:
        units = self.article.language.section(DATES).section("units").groups()
        return frozenset(word for words in units.values() for word in words)


def _trimmed(date: DateFound) -> DateFound:
    """Return a date without the comma that some patterns include at the end."""
    words = date.words.rstrip(" ,")
    return replace(date, span=Span(date.span.start, date.span.end - len(date.words) + len(words)), words=words)


def _is_measure(figure: FigureFound) -> bool:
    """Return whether a figure measures or compares something. A bare small number is only a count in passing."""
    first = figure.figures[0]
    is_more = bool(first.unit or first.currencies or first.upper) or first.comparators != ("EqualTo",)
    return is_more or (first.lower >= 10 and any(char.isdecimal() for char in figure.words))
