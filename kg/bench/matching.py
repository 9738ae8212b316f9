"""Tokens of a sentence + cues -> candidates for facts: keys and values, and the words that they rest on. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from kg.bench.mention import TextMention
from kg.core.english import capitalized
from kg.core.model import Span
from kg.mapping.yaml_nodes import Data
from kg.ontology.cues import ANY, BEFORE, ONLY_DATE, REST, TITLE, Cue, CueField, Cues
from kg.ontology.vocabulary import Kind, Vocabulary
from kg.words.comparing import DateFound, FigureFound
from kg.words.patterns import Fields
from kg.words.reading import EXPLICIT
from kg.words.tokens import Token

LONGEST_NAME = 90
_ENDS = " ,.;:\"”’'"


@dataclass(frozen=True, slots=True)
class FactCandidate:
    """A fact that words may state.

    Attributes:
        cue: that found it.
        tree: its keys and values, without type and quote.
        span: the words that it rests on.
        mentions: of the entities that it names.
        places: of its texts and figures. Two candidates with the same place are rivals.
        used: the spans of its dates and figures.
        length: of the match, in tokens.
        score: how sure it is.
        also: other words that it rests on.
    """

    cue: Cue
    tree: Mapping[str, Data]
    span: Span
    mentions: tuple[TextMention, ...]
    places: frozenset[int]
    used: frozenset[Span]
    length: int
    score: float
    also: tuple[Span, ...] = ()


@dataclass(frozen=True)
class CutSentence:
    """One sentence, cut into tokens.

    Attributes:
        text: of the whole article.
        span: its position in that text.
        plain: its tokens.
        phrased: its tokens with phrases as one token each.
        dates: the dates in it.
    """

    text: str
    span: Span
    plain: Sequence[Token]
    phrased: Sequence[Token]
    dates: Sequence[DateFound]


def fact_candidates(sentence: CutSentence, cues: Cues, vocabulary: Vocabulary) -> Iterator[FactCandidate]:
    """Yield what cues find in a sentence, rivals included."""
    for cue in cues.cues:
        tokens = sentence.phrased if cue.phrases else sentence.plain
        for start in range(len(tokens)):
            for end, fields in cues.grammar.matches(cue.group, tokens, start):
                if candidate := _candidate(sentence, tokens[start:end], cue, fields, vocabulary):
                    yield candidate


def _candidate(
    sentence: CutSentence, tokens: Sequence[Token], cue: Cue, fields: Fields, vocabulary: Vocabulary
) -> FactCandidate | None:
    fact = _PartialFact(sentence, tokens, cue, vocabulary)
    matched = (
        (place, fields.get(name)) for name, place in cue.fields.items() if name in fields or BEFORE in place.kinds
    )
    if not all(fact.put(place, group) for place, group in matched) or fact.names_an_entity_twice:
        return None
    fact.put_codes()
    fact.put_dates()
    fact.put_name()
    return fact.candidate()


@dataclass
class _PartialFact:
    """One candidate while its keys are filled."""

    sentence: CutSentence
    tokens: Sequence[Token]
    cue: Cue
    vocabulary: Vocabulary
    tree: dict[str, Data] = field(default_factory=dict)
    mentions: list[TextMention] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    used: list[Span] = field(default_factory=list)
    dates: list[tuple[Sequence[str], DateFound]] = field(default_factory=list)
    span: Span = field(init=False)

    def __post_init__(self) -> None:
        self.span = Span(self.tokens[0].start, self.tokens[-1].end)

    @property
    def names_an_entity_twice(self) -> bool:
        """Whether two of its mentions are of the same entity."""
        return len({mention.id for mention in self.mentions}) < len(self.mentions)

    def candidate(self) -> FactCandidate:
        """Return it as it is now."""
        words = self.sentence.text[self.span.start : self.span.end].rstrip(" ,;:")
        return FactCandidate(
            self.cue,
            self.tree,
            Span(self.span.start, self.span.start + len(words)),
            tuple(self.mentions),
            frozenset(self.places),
            frozenset(self.used),
            len(self.tokens),
            prod((mention.certainty for mention in self.mentions), start=self.cue.score),
        )

    # -------- values

    def put(self, place: CueField, group: object) -> bool:
        """Put the match for one place of a pattern under its keys, and return whether that is possible."""
        if BEFORE in place.kinds:
            return self._put_words(place.kinds[BEFORE], Span(self.sentence.span.start, self.tokens[0].start))
        for kind, path in place.kinds.items():
            values = list(_values(group, ANY if kind == REST else kind))
            if kind in self.vocabulary.classes:
                is_put = self._put_mentions(path, [each for each in values if isinstance(each, TextMention)], place)
            else:
                is_put = bool(values) and self._put_text(path, kind, values[0])
            if is_put:
                return True
        return False

    def _put_mentions(self, path: Sequence[str], mentions: Sequence[TextMention], place: CueField) -> bool:
        key = self.vocabulary.keys[self.cue.class_name][path[0]]
        if not mentions or (len(mentions) > 1 and key.most == 1):
            return False
        self.mentions += mentions
        ids = [mention.id for mention in mentions]
        before = self.tree.get(path[0], [])
        kept = before if isinstance(before, list) else [before]
        if len(path) > 1:
            self.tree[path[0]] = [*kept, *({path[1]: each, **place.codes} for each in ids)]
        else:
            all_ids = [*kept, *ids]
            self.tree[path[0]] = all_ids[0] if len(all_ids) == 1 else all_ids
        return True

    def _put_text(self, path: Sequence[str], kind: str, value: object) -> bool:
        match value:
            case DateFound():
                self.dates.append((path, value))
            case FigureFound():
                self.tree[path[0]] = " ".join(value.words.split())
                self.used.append(value.span)
                self.places.append(value.span.start)
            case (int() as start, str() | dict() as words):
                self.tree[path[0]] = words
                self.places.append(start)
            case int() if kind == REST:
                return self._put_words(path, Span(value, self.sentence.span.end))
        return True

    def _put_words(self, path: Sequence[str], span: Span) -> bool:
        """Put the words of a span under a key; False if there are none."""
        words = " ".join(self.sentence.text[span.start : span.end].split()).strip(_ENDS)
        self.tree[path[0]] = words
        self._include(span)
        return bool(words)

    def _include(self, span: Span) -> None:
        self.span = Span(min(self.span.start, span.start), max(self.span.end, span.end))

    def put_codes(self) -> None:
        """Put the codes of the cue under their keys, and the only date of the sentence where the cue takes it."""
        dates = self.sentence.dates
        for path, value in self.cue.codes.items():
            if value != ONLY_DATE:
                self._put_at(path, value)
            elif len(dates) == 1 and len(dates[0].readings) == 1:
                self.dates.append((path, dates[0]))
                self._include(dates[0].span)

    def _put_at(self, path: Sequence[str], value: Data) -> None:
        """Put a value under a key, or under a key of its table."""
        self.tree[path[0]] = value if len(path) == 1 else {**self._table(path), path[-1]: value}

    def _table(self, path: Sequence[str]) -> Mapping[str, Data]:
        """Return the table that the last key of a path is in."""
        inner = self.tree.get(path[0])
        return self.tree if len(path) == 1 else inner if isinstance(inner, Mapping) else {}

    def put_dates(self) -> None:
        """Put dates under their keys: only the words, or also the meaning if nothing says which way they count."""
        for path, date in self.dates:
            words, reading = " ".join(date.words.split()), date.readings[0]
            is_clear = reading.method == EXPLICIT or self._counts_dates(path)
            self._put_at(path, words if is_clear else {"asWritten": words, "edtf": reading.edtf})
            self.used.append(date.span)

    def _counts_dates(self, path: Sequence[str]) -> bool:
        """Return whether a key, or a code beside it, says in which direction dates count."""
        texts = [value for value in self._table(path).values() if isinstance(value, str)]
        given = [codes[text] for text in texts for codes in self.vocabulary.codes.values() if text in codes]
        return bool(self.vocabulary.properties[path[-1]].counts_dates) or any(
            code.counts_dates or path[-1] in (*code.counts_back, *code.counts_ahead) for code in given
        )

    # -------- names

    def put_name(self) -> None:
        """Put words of the match under keys that need a text and have none: full names and words of the cue.

        If the cue has no words, as in "{about} … {value}", these are the words of the text between.
        """
        for key in self.vocabulary.keys[self.cue.class_name].values():
            if key.kind is Kind.TEXT and key.name not in self.tree and self.vocabulary.is_required(key):
                labels = {id(mention): mention.label for mention in self.mentions}
                shown = [word for token in self.tokens if (word := self._shown(token, labels))]
                listed = " ".join(_listed(shown, frozenset(labels.values())))
                self.tree[key.name] = capitalized(_short(listed)) or self.cue.class_name

    def _shown(self, token: Token, labels: Mapping[int, str]) -> str:
        """Return the part of a token that goes into a name, "" for most."""
        words = self.sentence.text[token.start : token.end] if token.text.isalpha() else ""
        if self.cue.words:
            meant = (labels.get(id(value)) for values in token.meanings.values() for value in values)
            return next(filter(None, meant), words if token.text in self.cue.words else "")
        return "" if set(token.meanings) - {ANY, TITLE} else words


def _values(group: object, kind: str) -> Iterator[object]:
    """Yield the matches for a place, in order, except those that belong to posts of people."""
    if isinstance(group, Mapping):
        for name, inner in group.items():
            if name == kind:
                yield inner
            elif name.startswith(("np_", "m")) and isinstance(inner, Mapping):
                yield from _values(inner, kind)


def _listed(shown: Sequence[str], labels: frozenset[str]) -> Iterator[str]:
    """Yield words, with a comma between two labels."""
    for number, word in enumerate(shown):
        yield f"{word}," if word in labels and shown[number + 1 : number + 2] and shown[number + 1] in labels else word


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_NAME else words[:LONGEST_NAME].rpartition(" ")[0]


# -------- rivals


def without_rivals(rivals: Iterable[FactCandidate]) -> list[FactCandidate]:
    """Return the best of candidates that exclude one another: of one class, by the same title, figure or words."""
    kept: list[FactCandidate] = []
    ordered = sorted(rivals, key=lambda each: (-round(each.score, 6), -len(each.tree), -each.length, each.span))
    for each in ordered:
        if not any(_are_rivals(each, other) for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda each: each.span)


def _are_rivals(one: FactCandidate, other: FactCandidate) -> bool:
    if one.cue.class_name != other.cue.class_name:
        return False
    if one.places or other.places:
        return bool(one.places & other.places)
    return one.span.touches(other.span)
