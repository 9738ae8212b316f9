"""A review -> text for a terminal, Markdown, JSON. No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from kg.bench.review import Review, ReviewedFact, ReviewedSentence
from kg.bench.shown_diff import one_line_indented, plain_markdown

BARE = "(bare)"
_NO_TEXT = "The text is not in the graph, so its sentences cannot be shown; the facts are in its order."


def review_json(review: Review) -> str:
    """Return everything as JSON."""
    return json.dumps(asdict(review), ensure_ascii=False, indent=2) + "\n"


def review_text(review: Review, bare: bool) -> str:
    """Return text: sentences with the words of facts in ⟨ ⟩, or only the *bare* sentences."""
    lines = _bare(review) if bare else _lines(review, "")
    return "\n".join(map(one_line_indented, lines)) + "\n"


def review_markdown(review: Review, bare: bool) -> str:
    """Return the same as Markdown."""
    lines = _bare(review) if bare else _lines(review, "## ")
    return (
        "\n".join(line if line.startswith("## ") or not line else f"- {plain_markdown(line)}" for line in lines) + "\n"
    )


def heading(review: Review) -> str:
    """Return title, state and coverage in one line."""
    share = f"{review.covered} of {review.count} sentences carry facts" if review.count else "no sentences known"
    return f"{review.title} ({review.article}): {review.status or 'no status'}; {share}"


def _bare(review: Review) -> Iterator[str]:
    if not review.sentences and review.covered < review.count:
        yield f"{_NO_TEXT} Bare are {review.count - review.covered} of {review.count}."
    if review.count and review.covered == review.count:
        yield "Every sentence carries a fact."
    yield from (f"{each.number}. {_marked(each)}" for each in review.sentences if not each.facts)


def _lines(review: Review, mark: str) -> Iterator[str]:
    yield mark + heading(review)
    by_id = {fact.id: fact for fact in review.facts}
    shown: set[str] = set()
    if not review.sentences:
        yield _NO_TEXT
    for each in review.sentences:
        yield ""
        yield f"{each.number}. {'' if each.facts else f'{BARE} '}{_marked(each)}"
        for name in each.facts:
            yield f"   {_fact_words(by_id[name])}" if name in by_id and name not in shown else f"   {name}"
            shown.add(name)
    rest = [fact for fact in review.facts if fact.id not in shown]
    yield from (f"   {_fact_words(fact)}" for fact in rest)
    if review.decide:
        yield from ("", f"{mark}To decide")
        yield from (f"{kind} {text}" for kind, text in review.decide)


def _fact_words(fact: ReviewedFact) -> str:
    return " ".join(filter(None, (f"{fact.id}: {fact.sentence}", fact.when, fact.place and f"({fact.place})")))


def _marked(sentence: ReviewedSentence) -> str:
    pieces = (f"⟨{text}⟩" if marked else text for marked, text in sentence.pieces)
    return " ".join("".join(pieces).replace("⟩⟨", "").split())
