"""Rows of a question -> the JSON of the HTTP interface. Pure.

A label with its own column is put with the thing that it names. kg/web/openapi.py describes the structure.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache

from kg.core.model import Term
from kg.core.values import is_iri, lexical
from kg.planning.rows import Rows
from kg.questions.question import Query
from kg.questions.words import Passage
from kg.render.cells import LABEL_SUFFIX, Look, in_words, text_of
from kg.store.results import JsonTerm, term_json


def answer_json(
    query: Query, rows: Rows, look: Look, words: Sequence[Sequence[Passage]] | None, total: int | None
) -> str:
    """Return the answer as JSON, one line for each row.

    Args:
        query: the question.
        rows: to return, without hidden columns.
        look: how to show them.
        words: the evidence for each row, None if not requested.
        total: how many rows the answer has, None if these are all.
    """
    columns = [name for name in rows.variables if not _is_label(name, rows.variables)]
    lines = _row_lines(rows, columns, look)
    head = {
        "query": query.name,
        "title": query.title,
        "question": query.question,
        "columns": [{"name": name, "title": in_words(name)} for name in columns],
        "total": len(rows.rows) if total is None else total,
    }
    parts = [json.dumps(head, ensure_ascii=False)[1:-1], f'"rows": {_list(lines)}']
    if words is not None:
        passages = [[_words(w, look) for w in some] for some in words]
        parts.append(f'"evidence": {_list([json.dumps(some, ensure_ascii=False) for some in passages])}')
    return "{" + ",\n".join(parts) + "}\n"


def _is_label(name: str, names: Sequence[str]) -> bool:
    return name.endswith(LABEL_SUFFIX) and name.removesuffix(LABEL_SUFFIX) in names


def _list(lines: Sequence[str]) -> str:
    return "[\n" + ",\n".join(lines) + "\n]" if lines else "[]"


def _row_lines(rows: Rows, columns: Sequence[str], look: Look) -> list[str]:
    """Return each row as JSON. Most cells of an answer occur in many rows, and are written once."""

    @cache
    def cell(term: Term | None, label: Term | None) -> str:
        return json.dumps(_cell(term, label, look), ensure_ascii=False)

    names = rows.variables
    heads = [f"{json.dumps(name, ensure_ascii=False)}: " for name in columns]
    terms = [names.index(name) for name in columns]
    labels = [names.index(label) if (label := f"{name}{LABEL_SUFFIX}") in names else -1 for name in columns]
    places = list(zip(heads, terms, labels, strict=True))
    padded = ((*row, None) for row in rows.rows)  # whose last cell is the label of a column without one
    return [f"{{{', '.join(head + cell(row[k], row[label]) for head, k, label in places)}}}" for row in padded]


def _cell(term: Term | None, label: Term | None, look: Look) -> JsonTerm | None:
    """Return a term as in SPARQL JSON, with its id and its label."""
    named: JsonTerm = {"label": text_of(label, look)} if label else {}
    if term is None:
        return {"type": "literal", "value": named["label"]} if named else None
    identified: JsonTerm = {"id": text_of(term, look)} if is_iri(term) else {}
    return {**term_json(term), **identified, **named}


def _words(words: Passage, look: Look) -> dict[str, object]:
    article = words.article
    return {
        "fact": {"value": lexical(words.fact), "id": text_of(words.fact, look)},
        "sentence": words.sentence,
        "quote": words.quote,
        "ownWords": article.original is None,
        "article": {
            "value": lexical(article.iri),
            "id": text_of(article.iri, look),
            "title": article.title,
            "publisher": article.publisher,
            "published": article.published,
        },
    }
