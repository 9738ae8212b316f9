"""A date or a figure as it is written, and what its words are read with. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import ascii_letters, digits

from kg.core import values
from kg.core.errors import Place
from kg.core.likeness import likeness
from kg.core.model import Node, Span, Term, Value
from kg.core.terms import WORDS_KEY
from kg.mapping.gaps import parts_of, whole_words
from kg.mapping.labels import Labels
from kg.mapping.notes import Notes
from kg.mapping.quotes import Quotes
from kg.mapping.texts import folded
from kg.ontology.vocabulary import Vocabulary
from kg.words.dates import Today
from kg.words.language import Language
from kg.words.reading import Way

MOST_PROPOSED = 3
ONE_SPELLING = 0.8
"""Words for a value that are less like are others, not another spelling."""

_IN_A_NUMBER, _IN_A_WORD = frozenset(digits), frozenset(ascii_letters)


@dataclass(frozen=True)
class Article:
    """What the words of one article are read with.

    Attributes:
        vocabulary: what may be said.
        language: whose words they are.
        today: the day from which they count.
        is_damaged: whether the day of publication is missing because it has a finding already.
        currencies: codes that are meant where a word for money leaves open which.
        quotes: where its quotes stand.
        notes: what is wrong.
        labels: what the vocabulary says of bounds.
    """

    vocabulary: Vocabulary
    language: Language
    today: Today
    is_damaged: bool
    currencies: tuple[str, ...]
    quotes: Quotes
    notes: Notes
    labels: Labels

    def has_damage(self, node: Node | None) -> bool:
        """Tell whether something of a node could not be read, and has a finding already."""
        return node is not None and any(subject == node.term for subject, _ in self.notes.damaged)

    def error(self, place: Place, code: str, message: str, fix: str, *, instead: str = "") -> None:
        """Note an error, as `Notes.error`."""
        self.notes.error(place, code, message, fix, instead=instead)

    def code(self, class_name: str, key: str, name: str) -> Term:
        """Return the term of a code that a key takes, "" if the ontology has none of that name."""
        found = self.vocabulary.codes.get(self.vocabulary.keys[class_name][key].range, {}).get(name)
        return f"<{found.iri}>" if found else ""


@dataclass(frozen=True)
class Written:
    """One date or figure as it was written.

    Attributes:
        node: its node.
        parent: the node that has it, None for one that stands alone.
        key: local name of the property that it is the value of.
        quoted: the words that the fact rests on; none where its text is not known.
        in_fact: whether it belongs to a fact, and not to the article itself or to the registry.
        has_gap: whether some of the words that the fact rests on are not at hand, and *quoted* is empty for that.
    """

    node: Node
    parent: Node | None
    key: str
    quoted: tuple[str, ...]
    in_fact: bool
    has_gap: bool = False

    @cached_property
    def said(self) -> Mapping[str, Value]:
        """Local name of a property -> its first value."""
        return {value.predicate[1:-1].rpartition("#")[2]: value for value in reversed(self.node.values)}

    def text(self, name: str) -> str:
        """Return the text of a value, or the local name of a code; "" if there is none."""
        value = self.said.get(name)
        lexical = values.lexical(value.object) if value else ""
        return lexical.rpartition("/")[2] if value and values.is_iri(value.object) else lexical


def quoted(quotes: Quotes, node: Node) -> Iterator[str]:
    """Yield the words that a node rests on, white space folded; where the text is not at hand, its quotes."""
    text = quotes.text
    if text is None:
        return
    pinned: Mapping[Span, str] = {span: words for words, span in (text.pinned or {}).items()}
    for span, _ in node.evidence:
        words = pinned.get(span, "") if text.pinned is not None else text.value[span.start : span.end]
        if words:
            yield folded(words)


def written_with(quotes: Quotes, node: Node, parent: Node | None, key: str, *, in_fact: bool) -> Written:
    """Return a date or a figure with the words that it rests on.

    Where a text is not at hand nobody knows what the gap of a quote leaves out; it was read where the quote was found.
    """
    words = tuple(quoted(quotes, node))
    is_pinned = quotes.text is not None and quotes.text.pinned is not None
    has_gap = is_pinned and any(len(parts_of(each)) > 1 for each in words)
    return Written(node, parent, key, () if has_gap else words, in_fact, has_gap)


def stands_in(words: str, texts: Sequence[str]) -> bool:
    """Tell whether *words* stand in one of *texts* as words of their own: "5" is not in "15"."""
    pattern = whole_words(folded(words))
    return any(pattern.search(text) for text in texts)


def way(written: Written, vocabulary: Vocabulary) -> Way:
    """Return which way a date is counted from the publication: as its property says, or a code of its fact."""
    prop = vocabulary.properties.get(written.key)
    if prop and prop.counts_dates:
        return Way(prop.counts_dates)
    given = written.parent.values if written.parent else ()
    codes = [code for value in given if (code := vocabulary.code_terms.get(value.object))]
    ways = {Way.BACK for code in codes if written.key in code.counts_back}
    ways |= {Way.AHEAD for code in codes if written.key in code.counts_ahead}
    if len(ways) == 1:
        return ways.pop()
    return next((Way(code.counts_dates) for code in codes if code.counts_dates), Way.EITHER)


def missing_words(written: Written, article: Article, found: Sequence[str]) -> None:
    """Note that the words of a value are not in the quote; *found* are others of its kind that are."""
    value = written.said[WORDS_KEY]
    proposed = " or ".join(f"'{words}'" for words in dict.fromkeys(found[:MOST_PROPOSED]))
    fix = f"the quote has {proposed}; write it letter by letter" if proposed else "write the very words of the quote"
    words = values.lexical(value.object)
    message, only = f"the words '{words}' are not in the quote", [*dict.fromkeys(found)]
    instead = only[0] if len(only) == 1 and _are_spellings(words, only[0]) else ""
    article.error(value.place, "KG-W001", message, f"{fix}, or quote the words too", instead=instead)


def _are_spellings(one: str, other: str) -> bool:
    """Tell whether two words for a value differ in their spelling alone, and not in a digit."""
    return re.findall(r"\d", one) == re.findall(r"\d", other) and likeness(one, other) >= ONE_SPELLING
