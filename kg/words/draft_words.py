"""The words of a language -> those that drafts use: titles, prefixes, pronouns, nouns of agreements. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from kg.words.language import Language

SECTION = "drafts"
LISTS = (
    *("ahead", "doubt", "prefixes", "persons", "bodies", "definite", "inside", "locatives"),
    *("ours", "reports", "whether", "states", "when", "rhythms", "successors", "succeeds", "follows"),
)
TABLES = ("titles", "verbs", "patterns", "phrases", "scripts")
FOLLOW, BEGIN, STOP = "follow", "begin", "stop"


@dataclass(frozen=True, eq=False)
class DraftWords:
    """The words that drafts use in one language.

    Attributes:
        lists: name of a list -> its words, as written.
        title: finds the title of a post, None if the language has none.
        verbs: words that imply a post, in lower case -> its title.
        patterns: groups of patterns that cues may name.
        nouns: kind of phrase -> its nouns, in lower case.
        follow: words after a noun with which more of its phrase begins.
        begin: words with which a phrase begins.
        stop: words before which it ends.
        scripts: script, as named in Unicode character names -> language.
    """

    lists: Mapping[str, tuple[str, ...]]
    title: re.Pattern[str] | None
    verbs: Mapping[str, str]
    patterns: Mapping[str, tuple[str, ...]]
    nouns: Mapping[str, frozenset[str]]
    follow: frozenset[str]
    begin: frozenset[str]
    stop: frozenset[str]
    scripts: Mapping[str, str]


@cache
def draft_words(language: Language) -> DraftWords:
    """Return the words that drafts use in a language.

    Raises:
        InputError: its files have something else under [drafts].
    """
    section = language.section(SECTION)
    section.refuse_others(*LISTS, *TABLES)
    titles = section.section("titles")
    titles.refuse_others("before", "heads", "after", "offices")
    phrases = section.section("phrases").groups()
    scripts = section.section("scripts").groups()
    return DraftWords(
        lists={name: section.words(name) for name in LISTS},
        title=_title(*(titles.words(name) for name in ("before", "heads", "after", "offices"))),
        verbs={word: title for title, words in section.section("verbs").groups().items() for word in words},
        patterns=section.section("patterns").groups(),
        nouns={kind: frozenset(words) for kind, words in phrases.items() if kind not in (FOLLOW, BEGIN, STOP)},
        follow=frozenset(phrases.get(FOLLOW, ())),
        begin=frozenset(phrases.get(BEGIN, ())),
        stop=frozenset(phrases.get(STOP, ())),
        scripts={script: tag for tag, names in scripts.items() for script in names},
    )


def _title(
    before: Sequence[str], heads: Sequence[str], after: Sequence[str], offices: Sequence[str]
) -> re.Pattern[str] | None:
    """Return a pattern for titles: words before, a head, words after; or an office with what it is for."""
    if not heads:
        return None
    first, head, last, office = map(_either, (before, heads, after, offices))
    of = r"(?:of|for)[ \n](?:[A-Z]\w+)(?:(?:,[ \n]|[ \n]and[ \n])[A-Z]\w+)*"
    return re.compile(
        rf"(?<![\w-])(?:(?i:{first})[ \n-])*(?:(?i:{office})[ \n]{of}|(?i:{head})(?:[ \n-](?i:{last}))*)(?![\w-])"
    )


def _either(words: Sequence[str]) -> str:
    longest = sorted(words, key=len, reverse=True)
    return "|".join(r"[ \n]".join(map(re.escape, word.split())) for word in longest) or r"(?!)"
