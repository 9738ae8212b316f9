"""A date or a figure as written, and what is needed to read its words. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kg.core import values
from kg.core.errors import Place
from kg.core.likeness import likeness
from kg.core.model import Node, Span, Term, Value
from kg.core.terms import WORDS_KEY
from kg.mapping.gaps import parts_of, whole_places
from kg.mapping.labels import Labels
from kg.mapping.notes import Notes
from kg.mapping.quotes import Quotes
from kg.mapping.texts import folded
from kg.ontology.vocabulary import Vocabulary
from kg.words.dates import Today
from kg.words.language import Language
from kg.words.reading import Way

MOST_PROPOSED = 3
AMBIGUOUS = "KG-W005"
ONE_SPELLING = 0.8
"""Words for a value with less likeness are different words, not another spelling."""


@dataclass(frozen=True)
class Article:
    """What is needed to read the words of one article.

    Attributes:
        vocabulary: what may be said.
        language: whose words they are.
        today: the day from which they count.
        is_damaged: whether the day of publication is missing because it already has a finding.
        currencies: codes that are preferred where a word for money is ambiguous.
        quotes: the positions of its quotes.
        notes: collects the findings.
        labels: what the vocabulary says about bounds.
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
        """Return whether a part of a node could not be read and already has a finding."""
        return node is not None and any(subject == node.term for subject, _ in self.notes.damaged)

    def error(
        self,
        place: Place,
        code: str,
        message: str,
        fix: str,
        *,
        instead: str = "",
        choices: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Note an error, like `Notes.error`."""
        self.notes.error(place, code, message, fix, instead=instead, choices=choices)

    def code(self, class_name: str, key: str, name: str) -> Term:
        """Return the term of a code for a key, "" if the ontology has none of that name."""
        code = self.vocabulary.codes.get(self.vocabulary.keys[class_name][key].range, {}).get(name)
        return f"<{code.iri}>" if code else ""


@dataclass(frozen=True)
class Written:
    """One date or figure as written.

    Attributes:
        node: its node.
        parent: the node that has it, None if there is none.
        key: local name of the property that it is the value of.
        quoted: the words that the fact rests on, none if its text is not known.
        in_fact: whether it belongs to a fact, not to the article itself or the registry.
        has_gap: whether *quoted* is empty because some of the words that the fact rests on are not available.
    """

    node: Node
    parent: Node | None
    key: str
    quoted: tuple[str, ...]
    in_fact: bool
    has_gap: bool = False

    @cached_property
    def given(self) -> Mapping[str, Value]:
        """Local name of a property -> its first value."""
        return {value.predicate[1:-1].rpartition("#")[2]: value for value in reversed(self.node.values)}

    def text(self, name: str) -> str:
        """Return the text of a value, or the local name of a code; "" if there is none."""
        value = self.given.get(name)
        lexical = values.lexical(value.object) if value else ""
        return lexical.rpartition("/")[2] if value and values.is_iri(value.object) else lexical


def quoted(quotes: Quotes, node: Node) -> Iterator[str]:
    """Yield the words that a node rests on, white space folded, or its quotes if the text is not available."""
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

    If a text is not available, what the gap of a quote leaves out is unknown. It was read where the quote was found.
    """
    words = tuple(quoted(quotes, node))
    is_pinned = quotes.text is not None and quotes.text.pinned is not None
    has_gap = is_pinned and any(len(parts_of(each)) > 1 for each in words)
    return Written(node, parent, key, () if has_gap else words, in_fact, has_gap)


def stands_in(words: str, texts: Sequence[str]) -> bool:
    """Return whether *words* occur in one of *texts* as whole words: "5" is not in "15"."""
    sought = folded(words)
    return any(True for text in texts for _ in whole_places(text, sought))


def way(written: Written, vocabulary: Vocabulary) -> Way:
    """Return the direction in which a date counts from publication, given by its property or a code of its fact."""
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


def missing_words(written: Written, article: Article, others: Sequence[str]) -> None:
    """Note that the words of a value are not in the quote. *others* are words of its kind that are."""
    value = written.given[WORDS_KEY]
    proposed = " or ".join(f"'{words}'" for words in dict.fromkeys(others[:MOST_PROPOSED]))
    fix = f"the quote has {proposed}; write it exactly" if proposed else "write the exact words of the quote"
    words = values.lexical(value.object)
    message, only = f"the words '{words}' are not in the quote", [*dict.fromkeys(others)]
    instead = only[0] if len(only) == 1 and _are_spellings(words, only[0]) else ""
    article.error(value.place, "KG-W001", message, f"{fix}, or quote the words too", instead=instead)


def _are_spellings(one: str, other: str) -> bool:
    """Return whether two words for a value differ only in spelling, not in a digit."""
    return re.findall(r"\d", one) == re.findall(r"\d", other) and likeness(one, other) >= ONE_SPELLING
