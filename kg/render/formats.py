"""The formats of answers and graphs: the name, content, requirements and writer of each.

This is the only list. Command options, file extensions, content negotiation, downloads, OpenAPI, the service
description and the notebook are derived from it. A format without a writer is written by the RDF engine.
Media types: https://www.iana.org/assignments/media-types ; W3C's names: https://www.w3.org/ns/formats/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import IO

from kg.core.errors import UsageError
from kg.planning.rows import Rows
from kg.project.files import Files
from kg.questions.query import shown
from kg.questions.question import Query
from kg.render.answer_json import answer_json
from kg.render.cells import Look
from kg.render.format_types import (
    ANYTHING,
    HELD,
    TABULAR,
    AnswerFormat,
    Exported,
    ExportFormat,
    Format,
    Holds,
    Offered,
    Presentation,
)
from kg.render.rows import (
    Evidence,
    csv_text,
    markdown_table,
    results_json,
    terminal_table,
    tsv_text,
    turtle_text,
    with_words,
)

_COMMANDS = Offered.QUERY | Offered.SPARQL


# -------- the writers


def _rows(write: Callable[[Rows, Look], str | bytes]) -> Callable[[Presentation], str | bytes]:
    """Return a writer of tables with all columns of the question, and the evidence for a row in further columns."""

    def writer(given: Presentation) -> str | bytes:
        if given.evidence is None:
            return write(given.visible, given.look)
        return write(with_words(given.rows, given.evidence), given.look)

    return writer


def _sheet(write: Callable[[Rows, Look, Evidence | None], str]) -> Callable[[Presentation], str]:
    """Return a writer of tables for people, with the evidence below or beside a row."""
    return lambda given: write(given.visible, given.look, given.evidence)


def _answer_json(given: Presentation) -> str:
    if given.query is None:
        raise ValueError("only answers to questions can be written in this format")
    return answer_json(given.query, shown(given.query, given.rows), given.look, given.evidence, given.total)


def _chart(given: Presentation) -> str:
    if given.query is None:
        raise UsageError("only a question has a chart", "choose csv, json or another")
    from kg.render.chart import chart_svg

    return chart_svg(given.query, given.rows, given.look)


def _page(rows: Rows, look: Look, evidence: Evidence | None) -> str:
    from kg.render.page import page

    return page(rows, look, evidence)


def _workbook(rows: Rows, look: Look) -> bytes:
    from kg.render.workbook import workbook

    return workbook(rows, look)


def _rdf(media: str, exported: Exported, out: IO[bytes]) -> None:
    from kg.export.rdf import write_rdf

    write_rdf(exported.lines, media, exported.prefixes, out)


def _ties(exported: Exported, out: IO[bytes]) -> None:
    from kg.export.graphml import write_ties
    from kg.export.ties import tie_graph

    write_ties(tie_graph(exported.lines, exported.described), out)


def _links(exported: Exported, out: IO[bytes]) -> None:
    from kg.export.graphml import write_links

    write_links(exported.lines, exported.described, exported.prefixes, out)


def _tables(exported: Exported) -> Files:
    from kg.export.tables import tables

    return tables(exported.lines, exported.described, exported.prefixes)


def _exported_rdf(
    name: str, title: str, media: str, holds: Holds, *, compressed: bool = False, endings: tuple[str, ...] = ()
) -> ExportFormat:
    write = partial(_rdf, media)
    return ExportFormat(name, title, media, holds, Offered.EXPORT, endings=endings, write=write, compressed=compressed)


# -------- the list

FORMATS: tuple[Format, ...] = (
    AnswerFormat(
        "table", "a table for the terminal", "text/plain", TABULAR, _COMMANDS, filed=False, write=_sheet(terminal_table)
    ),
    AnswerFormat("json", "JSON", "application/json", TABULAR, Offered.API, write=_answer_json),
    AnswerFormat("csv", "CSV", "text/csv", TABULAR, _COMMANDS | Offered.API, write=_rows(csv_text)),
    AnswerFormat(
        "tsv", "TSV", "text/tab-separated-values", TABULAR, _COMMANDS | Offered.API, write=_rows(tsv_text)
    ),
    AnswerFormat(
        "json", "SPARQL results in JSON", "application/sparql-results+json", TABULAR, _COMMANDS,
        endings=(".srj",), write=_rows(results_json),
    ),
    AnswerFormat(
        "md", "Markdown", "text/markdown", TABULAR, _COMMANDS | Offered.API, write=_sheet(markdown_table)
    ),
    AnswerFormat(
        "html", "a page", "text/html", TABULAR, _COMMANDS | Offered.DOCUMENT,
        also=("application/xhtml+xml",), write=_sheet(_page),
    ),
    AnswerFormat(
        "xlsx", "Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", TABULAR,
        _COMMANDS | Offered.API, extra="xlsx", write=_rows(_workbook),
    ),
    AnswerFormat(
        "ttl", "Turtle", "text/turtle", Holds.TRIPLES, _COMMANDS | Offered.API, write=_rows(turtle_text)
    ),
    AnswerFormat(
        "svg", "a picture", "image/svg+xml", Holds.ROWS, Offered.QUERY | Offered.API, write=_chart, charted=True
    ),
    Format(
        "json", "JSON", "application/sparql-results+json", Holds.ROWS | Holds.TRUTH, Offered.ENDPOINT,
        also=("application/json", "text/json", "srj"), w3c="SPARQL_Results_JSON",
    ),
    Format(
        "xml", "XML", "application/sparql-results+xml", Holds.ROWS | Holds.TRUTH, Offered.ENDPOINT,
        also=("text/xml", "srx"), w3c="SPARQL_Results_XML",  # browsers like application/xml before all that we have
    ),
    Format(
        "csv", "CSV", "text/csv", Holds.ROWS | Holds.TRUTH, Offered.ENDPOINT, w3c="SPARQL_Results_CSV"
    ),
    Format(
        "tsv", "TSV", "text/tab-separated-values", Holds.ROWS | Holds.TRUTH, Offered.ENDPOINT,
        also=("text/tsv",), w3c="SPARQL_Results_TSV",
    ),
    Format(
        "ttl", "Turtle", "text/turtle", Holds.TRIPLES, Offered.ENDPOINT | Offered.DOCUMENT,
        also=("turtle", "application/x-turtle", "text/n3", "n3"), w3c="Turtle",
    ),
    Format(
        "jsonld", "JSON-LD", "application/ld+json", Holds.TRIPLES, Offered.ENDPOINT | Offered.DOCUMENT,
        also=("json-ld", "application/json", "json"), w3c="JSON-LD",
    ),
    Format(
        "nt", "N-Triples", "application/n-triples", Holds.TRIPLES, Offered.ENDPOINT | Offered.DOCUMENT,
        also=("ntriples", "n-triples", "text/plain"), w3c="N-Triples",
    ),
    Format(
        "rdfxml", "RDF/XML", "application/rdf+xml", Holds.TRIPLES, Offered.ENDPOINT,
        also=("rdf", "xml", "rdf+xml", "rdf-xml", "text/xml"), w3c="RDF_XML",
    ),
    Format(
        "rdf", "RDF/XML", "application/rdf+xml", Holds.TRIPLES, Offered.DOCUMENT, also=("text/xml",), w3c="RDF_XML"
    ),
    Format("trig", "TriG", "application/trig", Holds.QUADS, Offered.DOCUMENT, w3c="TriG"),
    Format("nq", "N-Quads", "application/n-quads", Holds.QUADS, Offered.DOCUMENT, w3c="N-Quads"),
    _exported_rdf("nq", "N-Quads", "application/n-quads", Holds.QUADS, compressed=True),
    _exported_rdf("trig", "TriG", "application/trig", Holds.QUADS, compressed=True),
    _exported_rdf("ttl", "Turtle", "text/turtle", Holds.TRIPLES, compressed=True),
    _exported_rdf("jsonld", "JSON-LD", "application/ld+json", Holds.QUADS, endings=(".json",)),
    _exported_rdf("rdfxml", "RDF/XML", "application/rdf+xml", Holds.TRIPLES, endings=(".rdf", ".xml", ".owl")),
    _exported_rdf("nt", "N-Triples", "application/n-triples", Holds.TRIPLES, compressed=True),
    ExportFormat(
        "graphml", "a network of people, bodies and places", "application/graphml+xml", Holds.TRIPLES, Offered.EXPORT,
        write=_ties, facts=True,
    ),
    ExportFormat(
        "graphml-links", "a network of all links", "application/graphml+xml",
        Holds.TRIPLES, Offered.EXPORT, filed=False, write=_links, facts=True,
    ),
    ExportFormat(
        "csv", "a folder of tables, one per class", "text/csv", Holds.TRIPLES, Offered.EXPORT,
        filed=False, files=_tables, facts=True,
    ),
)  # fmt: skip
"""In the order in which they are offered. The first is sent to clients that accept any."""


# -------- access by use


def offered(where: Offered, holds: Holds = ANYTHING) -> tuple[Format, ...]:
    """Return the formats offered there that can hold at least one of *holds*."""
    return tuple(each for each in FORMATS if each.offered & where and each.holds & holds)


def answer_formats(where: Offered) -> tuple[AnswerFormat, ...]:
    """Return the formats for answers that are offered there."""
    return tuple(each for each in offered(where) if isinstance(each, AnswerFormat))


def formats_of(query: Query) -> tuple[AnswerFormat, ...]:
    """Return the formats for the answer to a question over HTTP."""
    return _formats_of(query.form, bool(query.chart))


@cache
def _formats_of(form: str, has_chart: bool) -> tuple[AnswerFormat, ...]:
    fitting = [each for each in answer_formats(Offered.API) if each.holds & HELD[form]]
    return tuple(each for each in fitting if has_chart or not each.charted)


def export_formats() -> Mapping[str, ExportFormat]:
    """Return name -> format for exported graphs."""
    return {each.name: each for each in FORMATS if isinstance(each, ExportFormat)}


def answer_format(name: str, where: Offered) -> AnswerFormat:
    """Return the format for answers with this name there.

    Raises:
        UsageError: there is none.
    """
    known = {each.name: each for each in answer_formats(where)}
    if name not in known:
        raise UsageError(f"there is no format '{name}'", f"choose one of {', '.join(known)}")
    return known[name]


def answer_document(given: Presentation, form: AnswerFormat) -> str | bytes:
    """Return the answer in a format.

    Raises:
        UsageError: the format cannot hold the answer, or needs an extra that is not installed.
    """
    if not form.holds & HELD[given.look.form]:
        held, this = ("graphs", "a table") if Holds.TRIPLES in form.holds else ("tables", "none")
        raise UsageError(
            f"{form.name} is a format for {held}, and this answer is {this}", "choose csv, json or another"
        )
    return form.write(given)


def one(name: str, where: Offered) -> Format:
    """Return the format with this name there. Raises KeyError if there is none, which is a bug in the caller."""
    return {each.name: each for each in offered(where)}[name]


JSON, TURTLE, HTML = one("json", Offered.API), one("ttl", Offered.ENDPOINT), one("html", Offered.DOCUMENT)
RESULTS = offered(Offered.ENDPOINT, Holds.ROWS)
"""Formats for a SELECT or an ASK."""

GRAPHS = offered(Offered.ENDPOINT, Holds.TRIPLES)
"""Formats for a CONSTRUCT or a DESCRIBE."""

DOCUMENTS = offered(Offered.DOCUMENT)
"""Formats for documents about things. A page is the default."""

ONTOLOGIES = (HTML, *(each for each in offered(Offered.DOCUMENT, Holds.TRIPLES) if each is not HTML))
"""Formats for the ontology, which is in no named graph as authored. A page is the default."""
