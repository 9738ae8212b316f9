"""What the names in a mapping may stand for: registry entities, facts of other articles, articles. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches

from kg.model import Term
from kg.ontology.vocabulary import Vocabulary

MOST_NAMES_COMPARED = 20_000
LEAST_LIKENESS = 0.6
LIKENESS_MARGIN = 0.15
"""A word that is less like than the best one by more than this is not worth proposing."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a reference points at.

    Attributes:
        term: its IRI; "" for what is defined but has a finding there, so that it cannot be used.
        class_name: local name of its class.
        label: for messages, or "".
        fingerprint: changes when what others may rely on changes.
        lines: its N-Quads, where it is validated together with what names it.
    """

    term: Term
    class_name: str
    label: str = ""
    fingerprint: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """All that a mapping can refer to, beside its own facts.

    Attributes:
        base: every IRI of the data begins with it.
        vocabulary: what may be said.
        registry: registry id -> entity.
        facts: `article-id/fact-id` -> fact.
        articles: article id -> article.
        unread: ids of articles whose files cannot be read, so that nobody knows their facts.
        registry_unread: whether a file of the registry cannot be read, so that an unknown name may stand in it.
    """

    base: str
    vocabulary: Vocabulary
    registry: Mapping[str, Target]
    facts: Mapping[str, Target]
    articles: Mapping[str, Target]
    unread: frozenset[str] = frozenset()
    registry_unread: bool = False

    def fingerprint(self, reference: str) -> str:
        """Return what *reference* rests on today; "" when it points nowhere."""
        found = self.registry.get(reference) or self.facts.get(reference) or self.articles.get(reference)
        if found:
            return found.fingerprint
        return "unread" if self.registry_unread or reference.partition("/")[0] in self.unread else ""


def nearest(word: str, known: Iterable[str], most: int = 3, least: float = LEAST_LIKENESS) -> tuple[str, ...]:
    """Return the *known* words most like *word*, best first; none when the list is too long to compare."""
    words = list(known)
    if len(words) > MOST_NAMES_COMPARED:
        words = [known_word for known_word in words if known_word[:2] == word[:2]][:MOST_NAMES_COMPARED]
    folded: dict[str, str] = {}
    for known_word in words:
        folded.setdefault(known_word.casefold(), known_word)
    matches = get_close_matches(word.casefold(), folded, n=most, cutoff=least)
    best = max((_likeness(word, match) for match in matches), default=0.0)
    return tuple(folded[match] for match in matches if _likeness(word, match) >= best - LIKENESS_MARGIN)


def _likeness(word: str, other: str) -> float:
    return SequenceMatcher(None, other, word.casefold()).ratio()


def proposal(word: str, known: Iterable[str], otherwise: str, least: float = LEAST_LIKENESS) -> str:
    """Return "did you mean …?" for the nearest known words, or *otherwise*."""
    near = nearest(word, known, least=least)
    return f"did you mean {' or '.join(repr(name) for name in near)}?" if near else otherwise
