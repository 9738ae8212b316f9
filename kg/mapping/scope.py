"""What the names in a mapping may stand for: registry entities, facts of other articles, articles. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.model import Term
from kg.ontology.vocabulary import Vocabulary
from kg.words.language import Languages


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
        languages: whose words are known.
        currencies: codes that are meant where a word for money leaves open which.
        unread: ids of articles whose files cannot be read, so that nobody knows their facts.
        registry_unread: whether a file of the registry cannot be read, so that an unknown name may stand in it.
    """

    base: str
    vocabulary: Vocabulary
    registry: Mapping[str, Target]
    facts: Mapping[str, Target]
    articles: Mapping[str, Target]
    languages: Languages
    currencies: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()
    registry_unread: bool = False

    def fingerprint(self, reference: str) -> str:
        """Return what *reference* rests on today; "" when it points nowhere."""
        found = self.registry.get(reference) or self.facts.get(reference) or self.articles.get(reference)
        if found:
            return found.fingerprint
        return "unread" if self.registry_unread or reference.partition("/")[0] in self.unread else ""
