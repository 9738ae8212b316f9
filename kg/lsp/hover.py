"""The term, thing, date or amount at the cursor -> a description of it. Reads texts."""

from __future__ import annotations

from collections.abc import Iterator

from kg.core.errors import Place
from kg.core.model import Document
from kg.core.terms import TYPE, TYPE_KEY, cq
from kg.core.values import lexical, local_name
from kg.lsp.at import At
from kg.lsp.completion import KEYWORDS
from kg.lsp.meaning import ValueSlot
from kg.lsp.scalars import Spot
from kg.mapping.read import read_yaml
from kg.mapping.scope import Target
from kg.ontology.vocabulary import Code, Key, Kind, Vocabulary
from kg.pipeline.document import document_of

HINT = "disambiguation"
_NOT_SHOWN = frozenset({"evidence", "asWritten"})


def hover(at: At) -> tuple[str, Place] | None:
    """Return a description in Markdown of what is there, and its place. None if there is nothing to describe."""
    spot = at.spot()
    if spot is None:
        return None
    lines = list(_lines(at, spot))
    return ("\n\n".join(filter(None, lines)), spot.scalar.place) if lines else None


def _lines(at: At, spot: Spot) -> Iterator[str]:
    slot, text = at.slot(spot), spot.scalar.text
    if at.is_id(spot):
        yield from _of_thing(at, text)
    elif slot is None:
        return
    elif spot.is_key:
        yield from _of_key(at.vocabulary, slot, text)
    elif slot.keyword == TYPE_KEY:
        yield from _of_class(at.vocabulary, text)
    elif slot.key and slot.key.kind is Kind.CODE:
        code = at.vocabulary.codes.get(slot.key.range, {}).get(text)
        yield from _of_code(code) if code else ()
    elif slot.key:
        named = list(_of_thing(at, text)) if slot.key.kind in (Kind.NODE, Kind.ANY) else []
        yield from named or _of_value(at, spot, slot.key)


# -------- terms of the vocabulary


def _of_key(vocabulary: Vocabulary, slot: ValueSlot, name: str) -> Iterator[str]:
    key = vocabulary.keys.get(slot.holder, {}).get(name)
    if key is None:
        if name in KEYWORDS:
            yield f"**{_plain(name)}**"
            yield _plain(KEYWORDS[name])
        return
    term = vocabulary.properties[name]
    yield f"**{_plain(name)}**: {_plain(term.label)} of {_plain(vocabulary.classes[slot.holder].label)}"
    yield _plain(term.definition)
    yield _plain(_bounds(vocabulary, key))
    yield from (_plain(vocabulary.rules[rule].text) for rule in key.rules[:1] if rule in vocabulary.rules)


def _bounds(vocabulary: Vocabulary, key: Key) -> str:
    need = "required" if vocabulary.is_required(key) else "may be left out"
    most = "" if key.most is None else f", at most {key.most}"
    takes = vocabulary.classes[key.range].label if key.range in vocabulary.classes else ""
    return f"Takes {takes or 'text' if key.kind is not Kind.LITERAL else local_name(f'<{key.range}>')}; {need}{most}."


def _of_class(vocabulary: Vocabulary, name: str) -> Iterator[str]:
    if term := vocabulary.classes.get(name):
        yield f"**{_plain(name)}**: {_plain(term.label)}"
        yield _plain(term.definition)


def _of_code(code: Code) -> Iterator[str]:
    yield f"**{_plain(code.name)}**: {_plain(code.label)}"
    yield _plain(code.definition)


# -------- entities, facts, articles


def _of_thing(at: At, name: str) -> Iterator[str]:
    target = at.names.target(name, at.article_id)
    if target is None or not target.class_name:
        return
    names = target.names
    kind = at.vocabulary.classes[target.class_name].label if target.class_name in at.vocabulary.classes else ""
    yield f"**{_plain(names[0] if names else name)}** ({_plain(kind)})"
    yield _plain(_hint(target))
    yield _plain(f"Also: {'; '.join(names[1:])}" if names[1:] else "")
    yield f"`{name}`"


def _hint(target: Target) -> str:
    """Return what distinguishes an entity from others of the same name, or ""."""
    predicate = f" {cq(HINT)} "
    hints = (line.split(" ", 2)[2].rsplit(" ", 2)[0] for line in target.lines if predicate in line)
    return "; ".join(map(lexical, hints))


# -------- dates and amounts


def _of_value(at: At, spot: Spot, key: Key) -> Iterator[str]:
    """Yield the compiler's interpretation of a value that is written in words."""
    document = _compiled(at)
    if document is None:
        return
    here = spot.scalar.place
    for (_, predicate, value), place in document.source.values.items():
        if (place.line, place.column) == (here.line, here.column) and predicate == cq(key.name):
            yield from _understood(at.vocabulary, document, value, spot.scalar.text)
            return


def _compiled(at: At) -> Document | None:
    source = at.names.source(at.path)
    if source is None:
        return None
    parsed = read_yaml(at.text, at.path)
    desk = at.names.desk
    return document_of(desk.project, desk.scope, source, parsed, article=at.is_article)


def _understood(vocabulary: Vocabulary, document: Document, node: str, words: str) -> Iterator[str]:
    own = [(predicate, value) for subject, predicate, value in document.triples if subject == node]
    kind = next((value for predicate, value in own if predicate == TYPE), "")
    if not kind:
        return
    yield f"**{_plain(words)}**: understood as {_plain(vocabulary.class_of(kind).label)}"
    rows = []
    for predicate, value in own:
        name = local_name(predicate)
        if (term := vocabulary.properties.get(name)) and name not in _NOT_SHOWN:
            rows.append(f"- {_plain(term.label)}: {_plain(_value(vocabulary, value))}")
    yield "\n".join(rows)


def _value(vocabulary: Vocabulary, value: str) -> str:
    code = vocabulary.code_terms.get(value)
    return code.label if code else lexical(value)


_MARKDOWN = str.maketrans({char: f"\\{char}" for char in "\\`*_{}[]<>()#+-.!|~&"})


def _plain(text: str) -> str:
    """Return *text* escaped for Markdown, in one paragraph."""
    return " ".join(text.split()).translate(_MARKDOWN)
