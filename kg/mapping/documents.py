"""One file -> its compiled Document: an article, or a file of the registry. No I/O."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

from kg.core import iri
from kg.core.errors import Finding, Place, Severity
from kg.core.model import Document, Node, Pins, Term, Triple
from kg.core.terms import (
    ARTICLE_CLASS,
    ARTICLE_KEY,
    CURATION_KEY,
    ENTITY_CLASS,
    FACT_CLASS,
    FACTS_KEY,
    QUOTE_KEY,
    TEXT_KEY,
    TYPE_KEY,
    cq,
)
from kg.mapping.attribution import with_attribution
from kg.mapping.blocks import (
    DEFAULT_LANGUAGE,
    NO_TABLE,
    NOTHING_OUTSIDE,
    Blocks,
    Outside,
    blocks_of,
    language_of,
    text_of,
)
from kg.mapping.build import Builder
from kg.mapping.captions import with_captions
from kg.mapping.dating import with_dates
from kg.mapping.hedging import refuse_hedged
from kg.mapping.mentions import check_mentions
from kg.mapping.notes import EVERYTHING, Notes
from kg.mapping.outline import RESERVED_IDS, is_usable_id, outline, text_file
from kg.mapping.quotes import Quotes
from kg.mapping.read import Entry, Scalar, Table
from kg.mapping.read import Node as Yaml
from kg.mapping.references import Names
from kg.mapping.remarks import with_status
from kg.mapping.scope import Scope
from kg.mapping.tables import entry_of, value_of, without
from kg.mapping.targets import fact_targets
from kg.mapping.texts import normal_form
from kg.mapping.triples import article_triples, node_triples, source_map
from kg.mapping.wording import with_words
from kg.words.hedges import hedges_of

YAML_FINDINGS = "KG-Y"


# -------- registry


def compile_registry(tree: Yaml | None, path: str, yaml_findings: Iterable[Finding], scope: Scope) -> Document:
    """Compile one file of the registry, a table from ids to entities. *yaml_findings* come from reading it."""
    notes = Notes(list(yaml_findings))
    builder = Builder(scope.vocabulary, DEFAULT_LANGUAGE, Names(scope, {}, notes), Quotes(None, notes), notes)
    written = tuple(_entities(builder, tree))
    nodes = with_words(written, scope, DEFAULT_LANGUAGE, builder.quotes, notes)
    graph = f"<{iri.graph_iri(scope.base, 'registry')}>"
    return _document(builder, path, graph, nodes, node_triples(nodes, graph))


def _entities(builder: Builder, tree: Yaml | None) -> Iterator[Node]:
    if not isinstance(tree, Table):
        if tree is not None:
            fix = "write 'id:' at the start of a line, and the entity's keys below it"
            builder.notes.error(tree.place, "KG-M001", "a registry file must be a table from ids to entities", fix)
        return
    for entry, table in _identified(builder, tree, ENTITY_CLASS):
        class_name = _type(builder, entry, table, ENTITY_CLASS)
        if class_name:
            _refuse_quote(builder, table, "an entity", "move what the article says into the article's facts")
            segment = builder.vocabulary.classes[class_name].segment
            address = iri.entity_iri(builder.scope.base, segment, entry.key.text)
            yield builder.node(without(table, QUOTE_KEY), class_name, address, entry.key.place)


def _refuse_quote(builder: Builder, table: Table, what: str, fix: str) -> None:
    quote = entry_of(table, QUOTE_KEY)
    if quote is not None:
        builder.notes.error(quote.key.place, "KG-E005", f"{what} cannot have a quote", fix)


def _identified(builder: Builder, table: Table, kind: str) -> Iterator[tuple[Entry, Table]]:
    """Yield the entries whose key is an id and whose value is a table."""
    what = "a fact" if kind == FACT_CLASS else "an entity"
    for entry in table.entries:
        name = entry.key.text
        if not is_usable_id(name):
            builder.notes.error(entry.key.place, "KG-M015", f"'{name}' cannot be the id of {what}", _better_id(name))
        elif not isinstance(entry.value, Table):
            place = entry.value.place if isinstance(entry.value, Scalar) and entry.value.text else entry.key.place
            fix = "write its keys on lines of their own, indented, starting with type"
            builder.notes.error(place, "KG-M006", f"{what} must be a table of keys", fix)
        else:
            yield entry, entry.value


def _better_id(name: str) -> str:
    """Return a better id: *name* in lower case and with hyphens, if that makes an id."""
    if name in RESERVED_IDS:
        return "choose another one, because the compiler uses this one itself"
    better = re.sub(r"[\W_]+", "-", name.lower()).strip("-")
    if is_usable_id(better) and better != name:
        return f"call it '{better}': lower-case letters and digits, joined by single hyphens"
    return "use lower-case letters and digits, joined by single hyphens, as in mara-lind"


def _type(builder: Builder, entry: Entry, table: Table, kind: str) -> str | None:
    typed = value_of(table, TYPE_KEY)
    choices = builder.vocabulary.concrete[kind]
    if typed is None or (isinstance(typed, Scalar) and not typed.text.strip()):
        fix = f"add type: one of {', '.join(choices)}"
        builder.notes.error(entry.key.place, "KG-M004", f"'{entry.key.text}' has no type", fix)
        return None
    return builder.types.named(typed, choices)


# -------- articles


def compile_article(
    tree: Yaml | None,
    article_id: str,
    path: str,
    yaml_findings: Iterable[Finding],
    scope: Scope,
    outside: Outside = NOTHING_OUTSIDE,
) -> Document:
    """Compile one article.

    Args:
        tree: the file's content.
        article_id: from the file's name. A bad one is reported.
        path: as the user would type it.
        yaml_findings: from reading the file.
        scope: what its names may refer to.
        outside: what belongs to it and is not in the mapping.
    """
    notes = Notes(list(yaml_findings))
    if not iri.is_id(article_id):
        message = f"the name of this file, '{article_id}', cannot be the id of an article"
        notes.error(Place(path), "KG-M015", message, _better_id(article_id))
        article_id = "unnamed"
    address = iri.article_iri(scope.base, article_id)
    blocks = blocks_of(notes, tree, path, f"<{address}>")
    article = blocks.get(ARTICLE_KEY, (Place(path), NO_TABLE))[1]
    local = fact_targets(outline(tree, article=True), article_id, scope.base, scope.vocabulary)
    quotes = _quotes(notes, tree, article, f"<{address}>", outside)
    names = Names(scope, local, notes, quotes.text.value if quotes.text else "")
    builder = Builder(scope.vocabulary, language_of(article), names, quotes, notes)
    named = (*_article_node(builder, blocks, address), *_facts(builder, blocks, article_id))
    builder.apart.refuse_repeated(named)
    written = (*named, *builder.apart.nodes)
    worded = with_words(with_status(written, scope.vocabulary, notes), scope, builder.language, quotes, notes)
    attributed = with_attribution(worded, scope.vocabulary)
    hedges = hedges_of(scope.languages.language(builder.language))
    refuse_hedged(attributed, builder.quotes.text, hedges, scope.vocabulary, notes)
    check_mentions(attributed, quotes.text, builder.language, scope, notes)
    dated = with_dates(attributed, scope.vocabulary)
    nodes = with_captions(dated, scope)
    return _document(builder, path, f"<{address}>", nodes, article_triples(nodes, f"<{address}>", builder.quotes.text))


def _quotes(notes: Notes, tree: Yaml | None, article: Table, term: Term, outside: Outside) -> Quotes:
    """Return the finder of the article's quotes, and note why its text cannot be used."""
    text, named = text_of(article, outside), text_file(tree)
    why = None
    if named and outside.problem:
        notes.error(named.place, "KG-E007", outside.problem, outside.fix)
        notes.damage(term, [cq(TEXT_KEY)])
    elif named:
        message = "the text is not available here, and no build has recorded where its quotes are"
        fix = f"put its file at {named.text}, and run 'kg build' there"
        why = Finding(named.place, Severity.ERROR, "KG-E006", message, fix)
    return Quotes(text, notes, term, why, is_reported=not article.entries or bool(outside.problem))


def _article_node(builder: Builder, blocks: Blocks, address: str) -> Iterator[Node]:
    if ARTICLE_KEY not in blocks:
        return
    place, article = blocks[ARTICLE_KEY]
    _refuse_quote(builder, article, "an article", "put quotes in its facts")
    entries = [_with_normal_text(builder, entry) for entry in article.entries if _belongs_here(builder, entry)]
    if CURATION_KEY in blocks:
        where, curation = blocks[CURATION_KEY]
        _refuse_quote(builder, curation, "a curation", "put quotes in the article's facts")
        own = Table(without(curation, QUOTE_KEY).entries, where)
        entries.append(Entry(Scalar(CURATION_KEY, where, True), own))
    yield builder.node(Table(tuple(entries), article.place), ARTICLE_CLASS, address, place)


def _belongs_here(builder: Builder, entry: Entry) -> bool:
    """Return whether the compiler reads *entry* in the article's block, and note what is in the wrong place."""
    if entry.key.text == CURATION_KEY:
        fix = "move it out of article, to the start of a line"
        builder.notes.error(entry.key.place, "KG-M003", f"'{CURATION_KEY}' is a separate block", fix)
    elif entry.key.text == TYPE_KEY:
        builder.notes.error(entry.key.place, "KG-M003", "the block 'article' has no type", "remove it")
    return entry.key.text not in (CURATION_KEY, TYPE_KEY, QUOTE_KEY)


def _with_normal_text(builder: Builder, entry: Entry) -> Entry:
    value, text = entry.value, builder.quotes.text
    if entry.key.text != TEXT_KEY or not isinstance(value, Scalar) or text is None or not value.text.strip():
        return entry
    return Entry(entry.key, Scalar(normal_form(value.text), value.place, True))


def _facts(builder: Builder, blocks: Blocks, article_id: str) -> Iterator[Node]:
    taken = builder.vocabulary.keys[ARTICLE_CLASS]
    _, facts = blocks.get(FACTS_KEY, (None, NO_TABLE))
    for entry, table in _identified(builder, facts, FACT_CLASS):
        if entry.key.text in taken:
            message = f"'{entry.key.text}' cannot be the id of a fact: it is a key of the article"
            builder.notes.error(entry.key.place, "KG-M015", message, "choose another id")
            continue
        class_name = _type(builder, entry, table, FACT_CLASS)
        if class_name:
            address = iri.fact_iri(builder.scope.base, article_id, entry.key.text)
            yield builder.node(table, class_name, address, entry.key.place)


# -------- the result


def _document(builder: Builder, path: str, graph: Term, nodes: tuple[Node, ...], triples: Iterable[Triple]) -> Document:
    notes = builder.notes
    damaged = frozenset({*notes.damaged, *_refused(nodes, notes.findings, builder.apart.around)})
    return Document(
        path=path,
        graph=graph,
        triples=tuple(sorted(dict.fromkeys(triples))),  # almost in order, which sorting makes use of
        source=source_map(nodes, graph, damaged),
        findings=tuple(dict.fromkeys(notes.findings)),
        references=frozenset(notes.references),
        pins=_pins(builder.quotes),
        accepted=tuple(builder.accepted),
    )


def _refused(
    nodes: tuple[Node, ...], findings: Iterable[Finding], around: Mapping[Term, Iterable[Term]]
) -> Iterator[tuple[Term, Term]]:
    """Yield the nodes in which YAML was refused: what they lack may have been there.

    A refused stretch belongs to the last node that begins before it, or to one whose braces contain that node. *around*
    has these for facts that are set apart.
    """
    places = [finding.place for finding in findings if finding.code.startswith(YAML_FINDINGS)]
    if not places:
        return
    starts = sorted(
        ((node.place.line, node.place.column), terms)
        for outermost in nodes
        for node, terms in _with_outer([outermost], tuple(around.get(outermost.term, ())))
    )
    for place in places:
        before = bisect_right(starts, (place.line, place.column), key=lambda pair: pair[0])
        yield from ((term, EVERYTHING) for _, terms in starts[max(before - 1, 0) : before] for term in terms)


def _with_outer(nodes: Iterable[Node], outer: tuple[Term, ...] = ()) -> Iterator[tuple[Node, tuple[Term, ...]]]:
    """Yield each node with its own term and those of the nodes that it is nested in."""
    for node in nodes:
        yield node, (*outer, node.term)
        yield from _with_outer(node.nested, (*outer, node.term))


def _pins(quotes: Quotes) -> Pins | None:
    """Return what to record of a withheld text, None for one that is shown."""
    text = quotes.text
    return Pins(text.sha256, text.length, quotes.spans, text.sentences) if text and not text.shown else None
