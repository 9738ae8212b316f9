"""Posts that sentences state + who succeeds whom -> posts completed from each other. No I/O.

"Oost's successor, Eleni Tharaki" holds the post that the text gives Oost, and of "Brandt followed Mara Lind, director
since 2024" the director was that of the body whose director Brandt became.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kg.bench.matching import FactCandidate
from kg.bench.mention import TextMention
from kg.core.model import Span
from kg.mapping.yaml_nodes import Data
from kg.ontology.cues import TITLE
from kg.words.draft_words import DraftWords

HOLDER = "holder"
BODIES = ("organization", "jurisdiction")
SURE = 0.8
"""How sure a post is that only its predecessor's shows."""


@dataclass(frozen=True, slots=True)
class Succession:
    """Someone who follows someone else in a post.

    Attributes:
        new: who follows.
        old: who is followed.
        span: the words that say so.
        is_of_a_post: whether they can say nothing else, as "followed" can.
    """

    new: TextMention
    old: TextMention
    span: Span
    is_of_a_post: bool = True


def successions(text: str, sentence: Span, people: Sequence[TextMention], words: DraftWords) -> Iterator[Succession]:
    """Yield who follows whom in a sentence: "A's successor, B" and "B [, …,] succeeded A"."""
    noun, verb, follows = (_either(words.lists[name]) for name in ("successors", "succeeds", "follows"))
    here = [each for each in people if sentence.contains(each.span)]
    for first, second in pairwise(here):
        between = text[first.span.end : second.span.start]
        if first.id == second.id:
            continue
        if re.fullmatch(rf"['’]s?\s+{noun}(?:\s[^,.;]*)?,\s+", between):
            yield Succession(second, first, Span(first.span.start, second.span.end))
        elif verbs := re.search(rf"(?:\A|,)\s+(?:who\s+)?(?:has\s+|had\s+)?(?:({verb})|{follows})\s+\Z", between):
            yield Succession(first, second, Span(first.span.start, second.span.end), verbs[1] is not None)


def _either(listed: Sequence[str]) -> str:
    return "(?:" + ("|".join(r"\s+".join(map(re.escape, each.split())) for each in listed) or r"(?!)") + ")"


def with_successors(posts: Sequence[FactCandidate], who_follows: Sequence[Succession]) -> Iterator[FactCandidate]:
    """Yield candidates, posts among them completed, and then the posts that only successions show."""
    held = [each for each in posts if HOLDER in each.tree and TITLE in each.tree]
    pairs = [(each.new.id, each.old.id) for each in who_follows]
    for each in posts:
        yield _completed(each, held, pairs) if each in held and not _body(each.tree) else each
    yield from _only_by_succession(held, who_follows)


def _only_by_succession(held: Sequence[FactCandidate], who_follows: Sequence[Succession]) -> Iterator[FactCandidate]:
    """Yield the posts of those who hold none here, but follow someone who holds one."""
    holders = {each.tree[HOLDER] for each in held}
    for succession in who_follows:
        before = [each for each in held if each.tree[HOLDER] == succession.old.id and _body(each.tree)]
        if succession.is_of_a_post and len(before) == 1 and succession.new.id not in holders:
            yield _inherited(before[0], succession)


def _body(tree: Mapping[str, Data]) -> Mapping[str, Data]:
    return {key: tree[key] for key in BODIES if key in tree}


def _completed(post: FactCandidate, held: Sequence[FactCandidate], pairs: Sequence[tuple[str, str]]) -> FactCandidate:
    """Return a post without its body with that of the one post of the same title in a succession with its holder."""
    holder = post.tree[HOLDER]
    others = {new if old == holder else old for new, old in pairs if holder in (new, old)}
    same = [
        each
        for each in held
        if each.tree[HOLDER] in others and each.tree[TITLE] == post.tree[TITLE] and _body(each.tree)
    ]
    if len(same) != 1:
        return post
    own = tuple(each for each in same[0].mentions if each.id != same[0].tree[HOLDER])
    return replace(
        post,
        tree={**post.tree, **_body(same[0].tree)},
        mentions=(*post.mentions, *own),
        also=(same[0].span,),
        score=min(post.score, SURE),
    )


def _inherited(before: FactCandidate, succession: Succession) -> FactCandidate:
    how = f"{succession.new.label} succeeds {succession.old.label}"
    own = tuple(each for each in before.mentions if each.id != succession.old.id)
    return replace(
        before,
        tree={**_body(before.tree), HOLDER: succession.new.id, TITLE: before.tree[TITLE]},
        span=succession.span,
        also=(before.span,),
        mentions=(replace(succession.new, how=how), *own),
        places=frozenset(),
        used=frozenset(),
        score=min(before.score, SURE),
    )
