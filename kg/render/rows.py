"""Rows -> text in the simpler formats. kg/render/formats.py lists all formats. Pure.

CSV (RFC 4180 but with line feeds) marks a text that a spreadsheet would run as a formula, see
kg/core/spreadsheets.py. Numbers are never marked. TSV has the values unchanged except for line ends and tabs, which
become spaces. Both shorten IRIs, as tables do. JSON (https://www.w3.org/TR/sparql11-results-json/) has full terms.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence

from kg.core.model import Term
from kg.core.spreadsheets import safe_cell
from kg.core.terms import TYPE
from kg.core.values import XSD, string_literal
from kg.planning.rows import Rows
from kg.questions.words import NOT_SHOWN, Passage
from kg.render.cells import Look, cell, columns_to_read, is_number, text_of
from kg.render.table import TerminalSheet, table
from kg.render.terminal import one_line
from kg.store.documents import engine_triples, triples_document
from kg.store.protocol import Triple
from kg.store.results import binding_json, boolean_json, rows_json

Evidence = Sequence[Sequence[Passage]]
"""The passages that support each row."""

EVIDENCE_COLUMNS = ("row", "sentence", "ownWords", "articleTitle", "article", "fact")
"""Columns of evidence. `ownWords` says whether the sentence is the article's, or our summary of it."""

_BREAKS = re.compile("\r\n|[\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#~])")


def with_words(rows: Rows, evidence: Evidence) -> Rows:
    """Return one row for each row and each of its passages, in order, beginning with the number of the row.

    A row without evidence comes once.
    """
    extended: list[tuple[Term | None, ...]] = []
    for number, (row, words) in enumerate(zip(rows.rows, evidence, strict=True), start=1):
        counted = f'"{number}"^^<{XSD}integer>'
        for entry in words:
            own = f'"{str(entry.article.original is None).lower()}"^^<{XSD}boolean>'
            sentence = string_literal(entry.sentence or entry.quote or NOT_SHOWN)
            title = string_literal(entry.article.title)
            extended.append((counted, *row, sentence, own, title, entry.article.iri, entry.fact))
        if not words:
            extended.append((counted, *row, None, None, None, None, None))
    names = [name if name not in rows.variables else f"evidence{name.capitalize()}" for name in EVIDENCE_COLUMNS]
    return Rows((names[0], *rows.variables, *names[1:]), tuple(extended))


def passage_text(words: Passage, look: Look) -> str:
    """Return a passage and its article on one line."""
    return f"{words.text} — {words.article.citation} · {text_of(words.fact, look)}"


def terminal_table(rows: Rows, look: Look, evidence: Evidence | None) -> str:
    """Return a table of the rows as wide as the terminal, with the evidence below each row."""
    columns = columns_to_read(rows, look)
    texts = [[cell(row, column, look) for column in columns] for row in rows.rows]
    notes = [[passage_text(words, look) for words in entry] for entry in evidence] if evidence is not None else []
    titles, numeric = [column.title for column in columns], [column.numeric for column in columns]
    return table(TerminalSheet(titles, texts, numeric, notes), look.width, look.colour)


def csv_text(rows: Rows, look: Look) -> str:
    """Return rows as CSV: see above."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(rows.variables)
    writer.writerows([_not_a_formula(term, text_of(term, look)) for term in row] for row in rows.rows)
    return out.getvalue()


def _not_a_formula(term: Term | None, text: str) -> str:
    marked = safe_cell(text, number=is_number(term))
    return marked.replace("\r\n", "\n").replace("\r", "\n")  # the csv module would not quote a lone \r


def tsv_text(rows: Rows, look: Look) -> str:
    """Return rows as tab-separated values: see above."""
    lines = [rows.variables, *([_BREAKS.sub(" ", text_of(term, look)) for term in row] for row in rows.rows)]
    return "".join("\t".join(line) + "\n" for line in lines)


def results_json(rows: Rows, look: Look) -> str:
    """Return rows, or a boolean, in the SPARQL results format."""
    if look.form == "ASK":
        return boolean_json(rows.rows[0][0] == f'"true"^^<{XSD}boolean>')
    bindings = (json.dumps(binding_json(rows.variables, row), ensure_ascii=False) for row in rows.rows)
    return rows_json(rows.variables, bindings)


def markdown_table(rows: Rows, look: Look, evidence: Evidence | None) -> str:
    """Return rows as a table in Markdown, with the evidence in its own column."""
    columns = columns_to_read(rows, look)
    titles = [column.title for column in columns] + (["evidence"] if evidence is not None else [])
    marks = ["---:" if column.numeric else "---" for column in columns] + (["---"] if evidence is not None else [])
    lines = [titles, marks]
    for k, row in enumerate(rows.rows):
        words = (
            ["<br>".join(_markdown_text(passage_text(w, look)) for w in evidence[k])] if evidence is not None else []
        )
        lines.append([*(_markdown_text(cell(row, column, look)) for column in columns), *words])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _markdown_text(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", one_line(text))


def turtle_text(rows: Rows, look: Look) -> str:
    """Return the triples of a graph as Turtle, sorted, the class of each thing first."""
    triples = {Triple(str(s), str(p), str(o)) for s, p, o in rows.rows}
    ordered = sorted(triples, key=lambda triple: (triple[0], triple[1] != TYPE, triple))
    return triples_document(engine_triples(ordered), "text/turtle", look.prefixes).decode()
