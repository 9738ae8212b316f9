"""One file -> its compiled Document: an article, or a part of the registry. No I/O.

Two steps, so that files may name each other: `outline` tells what a file defines; `compile_article` and
`compile_registry` build it, given what all the others define.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg import iri
from kg.build import Builder, value_of, without
from kg.errors import Finding, Place
from kg.model import Document, Node, Pins, Quad, Term, Text
from kg.quads import article_quads, node_quads, source_map
from kg.read import Entry, Scalar, Table
from kg.read import Node as Yaml
from kg.scope import Scope, Target, proposal
from kg.terms import (
    ARTICLE_CLASS,
    ARTICLE_KEY,
    CURATION_KEY,
    ENTITY_CLASS,
    FACT_CLASS,
    FACTS_KEY,
    LANGUAGE_KEY,
    QUOTE_KEY,
    TEXT_FILE_KEY,
    TEXT_KEY,
    TEXT_KIND_KEY,
    TYPE_KEY,
    WITHHELD,
)
from kg.texts import normal_text
from kg.values import lang_literal

DEFAULT_LANGUAGE = "en"
RESERVED_IDS = frozenset({"text", "evidence"})
BLOCKS = (ARTICLE_KEY, CURATION_KEY, FACTS_KEY)


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file defines, before it is compiled: id -> local name of its class (or "") and a label."""

    classes: Mapping[str, str]
    labels: Mapping[str, str]


def outline(tree: Yaml | None, *, article: bool) -> Outline:
    """Return what the file defines: an article's facts, or registry entities."""
    block = value_of(tree, FACTS_KEY) if article and isinstance(tree, Table) else tree
    tables = {
        entry.key.text: entry.value
        for entry in (block.entries if isinstance(block, Table) else ())
        if isinstance(entry.value, Table) and iri.is_id(entry.key.text)
    }
    return Outline(
        {name: _scalar_text(value_of(table, TYPE_KEY)) for name, table in tables.items()},
        {name: _scalar_text(value_of(table, "name")) for name, table in tables.items()},
    )


def _scalar_text(node: Yaml | None) -> str:
    match node:
        case Scalar():
            return node.text
        case Table():
            return next((entry.value.text for entry in node.entries if isinstance(entry.value, Scalar)), "")
        case _:
            return ""


def text_file(tree: Yaml | None) -> Scalar | None:
    """Return the name of the file that holds the article's text, where the mapping names one."""
    article = value_of(tree, ARTICLE_KEY) if isinstance(tree, Table) else None
    name = value_of(article, TEXT_FILE_KEY) if isinstance(article, Table) else None
    return name if isinstance(name, Scalar) and name.text.strip() else None


# -------- registry


def compile_registry(tree: Yaml | None, path: str, found: Iterable[Finding], scope: Scope) -> Document:
    """Compile one file of the registry: a table from ids to entities. *found* are the findings of reading it."""
    builder = Builder(scope, DEFAULT_LANGUAGE, None, findings=list(found))
    nodes = tuple(_entities(builder, tree))
    graph = f"<{iri.graph_iri(scope.base, 'registry')}>"
    return _document(builder, path, graph, nodes, node_quads(nodes, graph))


def _entities(builder: Builder, tree: Yaml | None) -> Iterator[Node]:
    if not isinstance(tree, Table):
        if tree is not None:
            builder.add(tree.place, "KG-M001", "a registry file is a table from ids to entities", "write 'id:' lines")
        return
    for entry, table in _identified(builder, tree, ENTITY_CLASS):
        class_name = _type(builder, entry, table, ENTITY_CLASS)
        known = builder.scope.registry.get(entry.key.text)
        if class_name and known and known.term:
            if value_of(table, QUOTE_KEY) is not None:
                builder.add(entry.key.place, "KG-E005", "an entity has no quote", "put claims into an article's facts")
            segment = builder.scope.vocabulary.classes[class_name].segment
            address = iri.entity_iri(builder.scope.base, segment, entry.key.text)
            yield builder.node(without(table, QUOTE_KEY), class_name, address, entry.key.place)


def _identified(builder: Builder, table: Table, kind: str) -> Iterator[tuple[Entry, Table]]:
    what = "a fact" if kind == FACT_CLASS else "an entity"
    for entry in table.entries:
        if not iri.is_id(entry.key.text) or entry.key.text in RESERVED_IDS:
            message = f"'{entry.key.text}' cannot be the id of {what}"
            builder.add(
                entry.key.place, "KG-M015", message, "use small letters, digits and single hyphens, as in mara-lind"
            )
        elif not isinstance(entry.value, Table):
            builder.add(
                entry.value.place,
                "KG-M006",
                f"{what} is a table of keys",
                f"begin with type: …, for example type: {kind}",
            )
        else:
            yield entry, entry.value


def _type(builder: Builder, entry: Entry, table: Table, kind: str) -> str | None:
    typed = value_of(table, TYPE_KEY)
    choices = builder.scope.vocabulary.concrete[kind]
    if typed is None:
        builder.add(
            entry.key.place, "KG-M004", f"'{entry.key.text}' has no type", f"add type: one of {', '.join(choices)}"
        )
        return None
    return builder.type_name(typed, choices)


# -------- articles


def compile_article(
    tree: Yaml | None, article_id: str, path: str, found: Iterable[Finding], scope: Scope, outside_text: str | None,
    pins: Pins | None = None
) -> Document:
    """Compile one article.

    Args:
        tree: the file's content.
        article_id: from the file's name; a bad one is reported.
        path: as the user would type it.
        found: the findings of reading the file.
        scope: what its names may stand for.
        outside_text: the content of its textFile where there is one at hand, else None.
        pins: where its quotes stand in a text that is not at hand, if that is known.
    """
    blocks = _blocks(tree)
    builder = Builder(scope, _language(blocks), _text(blocks, outside_text, pins), findings=list(found))
    _check_blocks(builder, tree, path)
    if not iri.is_id(article_id):
        fix = "name the file in small letters, digits and single hyphens, as in harbour-study.yaml"
        builder.add(Place(path), "KG-M015", f"'{article_id}' cannot be the id of an article", fix)
        article_id = "unnamed"
    facts = blocks.get(FACTS_KEY)
    builder.local = _local_targets(outline(tree, article=True), article_id, scope)
    graph = f"<{iri.article_iri(scope.base, article_id)}>"
    nodes = (*_article_node(builder, blocks, article_id), *_facts(builder, facts, article_id))
    return _document(builder, path, graph, nodes, article_quads(nodes, graph, builder.text))


def _blocks(tree: Yaml | None) -> dict[str, Table]:
    entries = tree.entries if isinstance(tree, Table) else ()
    return {entry.key.text: entry.value for entry in entries if isinstance(entry.value, Table)}


def _check_blocks(builder: Builder, tree: Yaml | None, path: str) -> None:
    if not isinstance(tree, Table):
        if tree is not None:
            builder.add(
                tree.place, "KG-M001", "a mapping is a table with article, curation and facts", "begin with 'article:'"
            )
        return
    for entry in tree.entries:
        if entry.key.text not in BLOCKS:
            fix = proposal(entry.key.text, BLOCKS, f"the blocks of a mapping are: {', '.join(BLOCKS)}")
            builder.add(entry.key.place, "KG-M001", f"a mapping has no block '{entry.key.text}'", fix)
        elif isinstance(entry.value, Scalar) and not entry.value.text and entry.key.text == FACTS_KEY:
            continue
        elif not isinstance(entry.value, Table):
            builder.add(
                entry.value.place, "KG-M006", f"'{entry.key.text}' is a table of keys", "indent its keys below it"
            )
    present = {entry.key.text for entry in tree.entries}
    for block in (ARTICLE_KEY, CURATION_KEY):
        if block not in present:
            builder.add(
                Place(path), "KG-M002", f"the block '{block}' is missing", f"add '{block}:' at the start of a line"
            )


def _text(blocks: Mapping[str, Table], outside: str | None, pins: Pins | None) -> Text | None:
    article = blocks.get(ARTICLE_KEY, Table((), Place("")))
    shown = _scalar_text(value_of(article, TEXT_KIND_KEY)) != WITHHELD
    raw = outside if outside is not None else _scalar_text(value_of(article, TEXT_KEY))
    if raw.strip():
        return normal_text(raw, shown=shown)
    return Text("", pins.sha256, pins.length, False, pins.spans) if pins and not shown else None


def _language(blocks: Mapping[str, Table]) -> str:
    article = blocks.get(ARTICLE_KEY, Table((), Place("")))
    language = _scalar_text(value_of(article, LANGUAGE_KEY))
    try:
        lang_literal("", language)
    except ValueError:
        return DEFAULT_LANGUAGE  # the key itself is checked as a value
    return language


def _local_targets(found: Outline, article_id: str, scope: Scope) -> dict[str, Target]:
    return {
        name: Target(f"<{iri.fact_iri(scope.base, article_id, name)}>", class_name, found.labels[name])
        for name, class_name in found.classes.items()
    }


def _article_node(builder: Builder, blocks: Mapping[str, Table], article_id: str) -> Iterator[Node]:
    article = blocks.get(ARTICLE_KEY)
    if article is None:
        return
    entries = [_with_normal_text(builder, entry) for entry in article.entries]
    curation = blocks.get(CURATION_KEY)
    if curation is not None:
        entries.append(Entry(Scalar(CURATION_KEY, curation.place, True), curation))
    address = iri.article_iri(builder.scope.base, article_id)
    table = Table(tuple(entries), article.place)
    if value_of(table, QUOTE_KEY) is not None:
        builder.add(article.place, "KG-E005", "an article has no quote", "put quotes into its facts")
    yield builder.node(without(table, QUOTE_KEY), ARTICLE_CLASS, address, article.place)


def _with_normal_text(builder: Builder, entry: Entry) -> Entry:
    if entry.key.text == TEXT_KEY and isinstance(entry.value, Scalar) and builder.text and entry.value.text.strip():
        return Entry(entry.key, Scalar(normal_text(entry.value.text, shown=True).value, entry.value.place, True))
    return entry


def _facts(builder: Builder, facts: Table | None, article_id: str) -> Iterator[Node]:
    taken = builder.scope.vocabulary.keys[ARTICLE_CLASS]
    for entry, table in _identified(builder, facts, FACT_CLASS) if facts else ():
        if entry.key.text in taken:
            message = f"'{entry.key.text}' cannot be the id of a fact: it is a key of the article"
            builder.add(entry.key.place, "KG-M015", message, "choose another id")
            continue
        class_name = _type(builder, entry, table, FACT_CLASS)
        if class_name:
            address = iri.fact_iri(builder.scope.base, article_id, entry.key.text)
            yield builder.node(table, class_name, address, entry.key.place)


# -------- the result


def _document(builder: Builder, path: str, graph: Term, nodes: Iterable[Node], quads: Iterable[Quad]) -> Document:
    return Document(
        path=path,
        graph=graph,
        quads=tuple(sorted(set(quads))),
        source=source_map(nodes, graph, frozenset(builder.damaged)),
        findings=tuple(sorted(set(builder.findings), key=lambda finding: finding.sort_key)),
        references=frozenset(builder.references),
        pins=_pins(builder),
    )


def _pins(builder: Builder) -> Pins | None:
    """Return what to write down of a withheld text; nothing of one that is shown."""
    text = builder.text
    return Pins(text.sha256, text.length, builder.spans) if text and not text.shown else None
