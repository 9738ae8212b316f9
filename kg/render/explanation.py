"""An Explanation -> text for people, or JSON. Pure.

https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from kg.core.values import datatype, is_iri, lexical
from kg.questions.described import Mention, Statement
from kg.questions.explain import Explanation
from kg.questions.reading import FactReading
from kg.questions.when import FactTime
from kg.questions.words import Passage
from kg.render.cells import Look, text_of
from kg.render.table import BOLD, FAINT, PLAIN, wrapped
from kg.render.terminal import one_line

MOST_SHOWN = 12
"""How many values of one property the text shows. JSON has all."""

Json: TypeAlias = Mapping[str, object]


def explanation_text(explanation: Explanation, look: Look) -> str:
    """Return the explanation for a terminal of the look's width."""
    date = explanation.reading.date if explanation.reading else ""
    kicker = " · ".join(filter(None, (", ".join(explanation.types) or "thing", one_line(date), explanation.id)))
    lines = [_bold(one_line(explanation.label), look), _faint(kicker, look), *_reading(explanation, look)]
    lines += _section("", explanation.statements, look)
    lines += _section("Mentioned by", explanation.incoming, look)
    lines += _list("Facts", explanation.facts, look)
    lines += _list("Derived from", explanation.derived_from, look)
    title = "Evidence" if explanation.own_words else "Passages that mention it"
    lines += ["", _bold(title, look)] if explanation.words else []
    for words in explanation.words:
        lines += _words(words, look, with_quote=explanation.own_words)
    return "".join(f"{line}\n" for line in lines)


def explanation_json(explanation: Explanation) -> str:
    """Return the explanation as one JSON object."""
    document = {
        "iri": lexical(explanation.iri),
        "id": explanation.id,
        "label": explanation.label,
        "types": explanation.types,
        **_json_reading(explanation.reading),
        "graphs": [lexical(graph) for graph in explanation.graphs],
        "statements": [_json_statement(statement) for statement in explanation.statements],
        "incoming": [_json_statement(statement) for statement in explanation.incoming],
        "facts": [_json_value(value) for value in explanation.facts],
        "derivedFrom": [_json_value(value) for value in explanation.derived_from],
        "words": [_json_words(words) for words in explanation.words],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _section(title: str, statements: Sequence[Statement], look: Look) -> list[str]:
    lines = [line for statement in statements for line in _statement(statement, look, 2)]
    return ["", *([_bold(title, look)] if title else []), *lines] if lines else []


def _statement(statement: Statement, look: Look, indent: int) -> Iterator[str]:
    space = " " * indent
    yield from (space + line for line in wrapped(one_line(statement.label), look.width - indent))
    for value in statement.values[:MOST_SHOWN]:
        yield from _value(value, look, indent + 2)
    left = len(statement.values) - MOST_SHOWN
    if left > 0:
        yield _faint(f"{space}  and {left} more", look)


def _value(value: Mention, look: Look, indent: int) -> Iterator[str]:
    space = " " * indent
    if _is_short(value):
        yield from (space + line for line in wrapped(_in_words(value, look), look.width - indent))
        return
    is_flat = all(len(statement.values) == 1 and _is_short(statement.values[0]) for statement in value.inside)
    parts = (f"{statement.label}: {one_line(statement.values[0].text)}" for statement in value.inside if is_flat)
    first, *rest = wrapped("; ".join(parts) if is_flat else _in_words(value, look), look.width - indent - 2)
    yield from (f"{space}· {first}", *(f"{space}  {line}" for line in rest))
    for statement in value.inside if not is_flat else ():
        yield from _statement(statement, look, indent + 2)


def _in_words(value: Mention, look: Look) -> str:
    """Return the text of a value with its language, and the link beside it where that says more."""
    tag = f" ({value.language})" if value.language else ""
    reference = text_of(value.link, look) if value.link and not value.inside else ""
    return one_line(value.text) + tag + (f"  {reference}" if reference not in ("", value.text) else "")


def _is_short(value: Mention) -> bool:
    return value.in_full or not value.inside


def _list(title: str, values: Sequence[Mention], look: Look) -> list[str]:
    lines = [line for value in values for line in _value(value, look, 2)]
    return ["", _bold(title, look), *lines] if lines else []


def _words(words: Passage, look: Look, *, with_quote: bool) -> list[str]:
    lines = [f"  {line}" for line in wrapped(one_line(words.text), look.width - 2, most=40)]
    if with_quote and words.quote and _folded(words.quote) != _folded(words.sentence):
        quote = wrapped(f"words: {words.in_marks(one_line(words.quote))}", look.width - 4, most=40)
        lines += [f"    {line}" for line in quote]
    place = f"{words.article.citation} · {text_of(words.fact, look)}"
    return [*lines, *(_faint(f"    {line}", look) for line in wrapped(one_line(place), look.width - 4))]


def _json_statement(statement: Statement) -> Json:
    return {
        "property": lexical(statement.property),
        "label": statement.label,
        "values": [_json_value(value) for value in statement.values],
    }


def _json_value(value: Mention) -> Json:
    if is_iri(value.term):
        inside = {"statements": [_json_statement(statement) for statement in value.inside]} if value.inside else {}
        return {"iri": lexical(value.term), "label": value.text, **inside}
    tag = value.language
    return {"value": lexical(value.term), **({"language": tag} if tag else {"datatype": datatype(value.term)})}


def _reading(explanation: Explanation, look: Look) -> list[str]:
    """Return the sentence and the standing of a fact, as lines."""
    reading = explanation.reading
    if reading is None:
        return []
    source = f"according to {reading.according_to}" if reading.according_to else ""
    how = ", ".join(filter(None, (reading.standing, source)))
    gone = ", ".join(text_of(by, look) for by in reading.displaced_by)
    lines = (
        reading.summary,
        f"standing: {how}" if how else "",
        f"no longer stands, displaced by: {gone}" if gone else "",
    )
    return [line for text in filter(None, lines) for line in wrapped(one_line(text), look.width)]


def _json_reading(reading: FactReading | None) -> Json:
    """Return the reading of a fact, or for other things an empty date."""
    if reading is None:
        return {"when": None}
    return {
        "summary": reading.summary,
        "standing": reading.standing,
        "accordingTo": reading.according_to,
        "displacedBy": [lexical(by) for by in reading.displaced_by],
        "when": _json_when(reading.when),
    }


def _json_when(when: FactTime | None) -> Json | None:
    """Return a date, its days as xsd:date, or None."""
    if when is None:
        return None
    return {
        "earliest": when.earliest or None,
        "latest": when.latest or None,
        "dating": lexical(when.dating),
        "extent": lexical(when.extent) if when.extent else None,
        "text": when.text,
        "source": lexical(when.source),
    }


def _json_words(words: Passage) -> Json:
    article = words.article
    return {
        "sentence": words.sentence,
        "quote": words.quote,
        "ownWords": words.article.original is None,
        "fact": lexical(words.fact),
        "article": {
            "iri": lexical(article.iri),
            "title": article.title,
            "publisher": article.publisher,
            "published": article.published,
        },
    }


def _folded(text: str) -> str:
    return " ".join(text.split()).strip(" .,;")


def _bold(text: str, look: Look) -> str:
    return f"{BOLD}{text}{PLAIN}" if look.colour else text


def _faint(text: str, look: Look) -> str:
    return f"{FAINT}{text}{PLAIN}" if look.colour else text
