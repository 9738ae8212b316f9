"""The problems found while one file is built. No I/O.

A finding never stops the build. What it is about is noted as damaged, so that validation does not report the same
problem again in other words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kg.core.errors import Finding, Place, Severity
from kg.core.model import Term
from kg.mapping.compose import Scalar

EVERYTHING = ""
"""In place of a predicate: the whole node is damaged."""

MOST_REFUSED = 100
"""Unknown keys of one table that have a finding each."""


@dataclass(slots=True)
class Notes:
    """Collects problems while a file is built.

    Attributes:
        findings: what is wrong.
        damaged: (subject, predicate) that have a finding; the predicate is EVERYTHING for a whole node.
        references: every name that was looked up, so that a change of its meaning is noticed.
    """

    findings: list[Finding] = field(default_factory=list)
    damaged: set[tuple[Term, Term]] = field(default_factory=set)
    references: set[str] = field(default_factory=set)

    def error(
        self,
        place: Place,
        code: str,
        message: str,
        fix: str = "",
        *,
        instead: str = "",
        choices: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Note an error. *instead* is the replacement if there is only one, *choices* if there are several."""
        self.findings.append(Finding(place, Severity.ERROR, code, message, fix, "", instead, tuple(choices)))

    def rest_refused(self, keys: Sequence[Scalar], code: str, lacks: str, fix: str) -> None:
        """Note the unknown keys after the first MOST_REFUSED with one error.

        Args:
            keys: all of them.
            code: of the finding.
            lacks: what has no such keys, such as "a post has no key".
            fix: how to correct it.
        """
        if more := keys[MOST_REFUSED:]:
            message = f"{lacks} '{more[0].text}', nor the {len(more) - 1:,} that follow"
            self.error(more[0].place, code, message, fix)

    def damage(self, subject: Term, predicates: Iterable[Term]) -> None:
        """Note that these properties of *subject* already have a finding."""
        self.damaged |= {(subject, predicate) for predicate in predicates}


def with_article(label: str) -> str:
    """Return *label* with "a" or "an" before it.

    >>> with_article("agreement"), with_article("university")
    ('an agreement', 'a university')
    """
    vowel = label[:1].lower() in "aeiou" and not label.lower().startswith(("uni", "eu", "one"))
    return f"{'an' if vowel else 'a'} {label}"
