"""The cursor + the vocabulary and names of the project -> completions. Reads text files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lsprotocol.types import CompletionItem, CompletionItemKind, MarkupContent, MarkupKind, TextEdit

from kg.core.errors import InputError
from kg.core.normal import bare
from kg.core.terms import (
    ACCEPT_KEY,
    ARTICLE_CLASS,
    ARTICLE_KEY,
    CURATION_KEY,
    FACT_CLASS,
    INFERRED_KEY,
    QUOTE_KEY,
    TEXT_KEY,
    TYPE_KEY,
)
from kg.lsp.cursor import Cursor, cursors
from kg.lsp.meaning import ValueSlot, slot_of
from kg.lsp.opened import KnownNames
from kg.lsp.positions import LspText
from kg.mapping.outline import outline, text_file
from kg.mapping.read import Node, Table
from kg.mapping.schema import ACCEPTED, DATATYPES, INFERRED, QUOTED
from kg.mapping.scope import Target
from kg.mapping.sentences import sentences
from kg.mapping.tables import first_text, value_of
from kg.mapping.texts import folded, normal_form
from kg.mapping.yaml_style import scalar
from kg.ontology.vocabulary import Key, Kind
from kg.project.sources import outside_text
from kg.questions.names import Fits, Thing

MOST = 200
"""The number of entities or facts proposed at once. Typing on narrows the list."""

KEYWORDS: Mapping[str, str] = MappingProxyType(
    {
        TYPE_KEY: "The class.",
        QUOTE_KEY: QUOTED,
        ACCEPT_KEY: ACCEPTED,
        INFERRED_KEY: INFERRED,
    }
)
"""Keyword of the mapping language -> what it is for."""


@dataclass(frozen=True, slots=True)
class Completion:
    """Something that may be written at the cursor.

    Attributes:
        text: the text to insert.
        shown: the text in the list, if different.
        detail: a detail shown next to it.
        definition: the full definition.
        kind: the kind of item, which decides the icon.
    """

    text: str
    kind: CompletionItemKind
    detail: str = ""
    definition: str = ""
    shown: str = ""


def completions(names: KnownNames, path: str, text: LspText, offset: int, *, article: bool) -> list[CompletionItem]:
    """Return what may be written at *offset* in the file at *path*, most likely first."""
    items: list[CompletionItem] = []
    for cursor in cursors(text.text, offset):
        slot = slot_of(cursor.spot, names.desk.vocabulary, article=article)
        if slot:
            proposals = _Completions(names, path, cursor, slot, article=article).every()
            items += _items(proposals, cursor, text, len(items))
    return items


def _items(proposals: Iterable[Completion], cursor: Cursor, text: LspText, before: int) -> Iterator[CompletionItem]:
    """Yield the items of the list. They are already filtered, by all names, so the editor should show them all."""
    typed = text.text[cursor.start : cursor.end]
    for number, each in enumerate(proposals, before):
        yield CompletionItem(
            label=each.shown or each.text,
            kind=each.kind,
            detail=each.detail or None,
            documentation=MarkupContent(MarkupKind.PlainText, each.definition) if each.definition else None,
            sort_text=f"{number:05}",
            filter_text=typed or each.text,
            text_edit=TextEdit(text.range(cursor.start, cursor.end), each.text),
        )


@dataclass(frozen=True, slots=True)
class _Completions:
    names: KnownNames
    path: str
    cursor: Cursor
    slot: ValueSlot
    article: bool

    def every(self) -> Iterator[Completion]:
        if self.cursor.spot.is_key:
            yield from self._matching(self._keys())
        elif self.slot.keyword == TYPE_KEY:
            yield from self._matching(self._types())
        elif self.slot.keyword == QUOTE_KEY:
            yield from self._quotes()
        elif self.slot.key:
            yield from self._values(self.slot.key)

    def _matching(self, proposals: Iterable[Completion]) -> Iterator[Completion]:
        """Yield the proposals that match the typed text: those that begin with it, then those that contain it."""
        typed = bare(self.cursor.typed)
        every = list(proposals)
        if not typed:
            yield from every
            return
        first = [each for each in every if bare(each.text).startswith(typed)]
        yield from first
        yield from (each for each in every if each not in first and typed in bare(f"{each.text} {each.detail}"))

    # -------- keys

    def _keys(self) -> Iterator[Completion]:
        """Yield the keys that the table may still get: its type, the required ones, and the others."""
        present = {entry.key.text for entry in self.cursor.spot.around[-1].entries}
        after = "" if self.cursor.has_colon else ": "
        for name, detail, definition in self._named_keys():
            if name not in present:
                yield Completion(name + after, CompletionItemKind.Property, detail, definition, name)

    def _named_keys(self) -> Iterator[tuple[str, str, str]]:
        vocabulary, slot = self.names.desk.vocabulary, self.slot
        yield from ((name, "block", "") for name in slot.blocks)
        if not slot.holder:
            return
        if len(slot.choices) > 1:
            yield TYPE_KEY, "keyword", KEYWORDS[TYPE_KEY]
        keys = [key for key in vocabulary.keys.get(slot.holder, {}).values() if key.name != CURATION_KEY]
        known = vocabulary.properties
        required = [key for key in keys if vocabulary.is_required(key)]
        yield from ((key.name, f"required, {known[key.name].label}", known[key.name].definition) for key in required)
        if self.article and slot.choices:
            need = "required, keyword" if len(slot.choices) > 1 else "keyword"  # parts have the words of their fact
            yield QUOTE_KEY, need, KEYWORDS[QUOTE_KEY]
        yield from (
            (key.name, known[key.name].label, known[key.name].definition) for key in keys if key not in required
        )
        if vocabulary.is_a(slot.holder, FACT_CLASS):
            yield INFERRED_KEY, "keyword", KEYWORDS[INFERRED_KEY]
        yield ACCEPT_KEY, "keyword", KEYWORDS[ACCEPT_KEY]

    # -------- values

    def _types(self) -> Iterator[Completion]:
        classes = self.names.desk.vocabulary.classes
        for name in self.slot.choices:
            yield Completion(name, CompletionItemKind.Class, classes[name].label, classes[name].definition)

    def _values(self, key: Key) -> Iterator[Completion]:
        match key.kind:
            case Kind.CODE:
                codes = self.names.desk.vocabulary.codes.get(key.range, {}).values()
                written = (Completion(c.name, CompletionItemKind.EnumMember, c.label, c.definition) for c in codes)
                yield from self._matching(written)
            case Kind.NODE | Kind.ANY:
                yield from self._things(key)
            case Kind.LITERAL:
                choices = DATATYPES.get(key.range, {}).get("enum", ())
                words = [each for each in choices if isinstance(each, str)] if isinstance(choices, list) else []
                yield from self._matching(Completion(each, CompletionItemKind.Value) for each in words)
            case _:
                return

    def _things(self, key: Key) -> Iterator[Completion]:
        """Yield what a key may refer to: facts of this article, entities by any name, articles and their facts."""
        vocabulary, scope = self.names.desk.vocabulary, self.names.desk.scope

        def fits(class_name: str) -> bool:
            return key.kind is Kind.ANY or vocabulary.is_a(class_name, key.range)

        if vocabulary.is_a(key.range, ARTICLE_CLASS):
            yield from self._matching(_named(scope.articles, "article"))
            return
        if self.article:
            yield from self._matching(self._facts(fits))
        yield from self._entities(lambda thing: fits(thing.type))
        if "/" in self.cursor.typed:
            others = {name: target for name, target in scope.facts.items() if target.term and fits(target.class_name)}
            typed = self.cursor.typed
            near = {name: target for name, target in others.items() if name.startswith(typed)}
            yield from _named(dict(list(near.items())[:MOST]), "fact of another article")

    def _facts(self, fits: Callable[[str], bool]) -> Iterator[Completion]:
        own = outline(self.cursor.tree, article=True)
        around = self.cursor.spot.path[1] if len(self.cursor.spot.path) > 1 else ""
        for name, class_name in own.classes.items():
            if class_name and name != around and fits(class_name):
                label = own.labels.get(name, "")
                detail = f"{label} ({class_name})" if label else class_name
                yield Completion(name, CompletionItemKind.Reference, detail)

    def _entities(self, fits: Fits) -> Iterator[Completion]:
        index, typed = self.names.desk.names, self.cursor.typed
        if bare(typed):
            things = [match.thing for match in index.fitting(typed, MOST, fits)]
            by_id = [each for each in index.things if fits(each) and typed.lower() in each.id and each not in things]
            yield from map(self._entity, [*things, *by_id][:MOST])
        else:
            yield from map(self._entity, [each for each in index.things if fits(each)][:MOST])

    def _entity(self, thing: Thing) -> Completion:
        label = self.names.desk.vocabulary.classes[thing.type].label
        detail = f"{thing.label} ({label})"
        return Completion(thing.id, CompletionItemKind.Constant, detail, "\n".join(thing.names))

    # -------- quotes

    def _quotes(self) -> Iterator[Completion]:
        """Yield the sentences of the article's text that contain all typed words."""
        words = bare(self.cursor.typed).split()
        for sentence in self._sentences():
            known = bare(sentence)
            if all(word in known for word in words):
                written = scalar(sentence, in_flow=_is_in_flow(self.cursor))
                yield Completion(written, CompletionItemKind.Text, shown=sentence)

    def _sentences(self) -> Iterator[str]:
        text = normal_form(self._text(self.cursor.tree))
        yield from (folded(text[span.start : span.end]) for span in sentences(text))

    def _text(self, tree: Node | None) -> str:
        article = value_of(tree, ARTICLE_KEY) if isinstance(tree, Table) else None
        own = first_text(value_of(article, TEXT_KEY)) if isinstance(article, Table) else ""
        named = text_file(tree)
        if own or named is None:
            return own
        try:
            return outside_text(self.names.desk.project, named.text) or ""
        except InputError:
            return ""


def _is_in_flow(cursor: Cursor) -> bool:
    """Return whether the value is in braces or brackets, where some characters need quotation marks."""
    place, around = cursor.spot.scalar.place, cursor.spot.around[-1].place
    return place.line == around.line and len(cursor.spot.around) > 1


def _named(targets: Mapping[str, Target], kind: str) -> Iterator[Completion]:
    for name, target in targets.items():
        detail = f"{target.label} ({target.class_name})" if target.label else target.class_name or kind
        yield Completion(name, CompletionItemKind.Reference, detail)
