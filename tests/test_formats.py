"""A format is described in one place, and everything that offers formats follows."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

import kg.render.formats
from kg.cli.export import command as export_command
from kg.cli.formats import format_of_file
from kg.cli.sparql import command as sparql_command
from kg.core.errors import UsageError
from kg.planning.rows import Rows
from kg.questions.query import find_query
from kg.render.cells import Look
from kg.render.format_types import AnswerFormat, ExportFormat, Format, Holds, Offered, Presentation
from kg.render.formats import FORMATS, answer_document, answer_format, answer_formats, export_formats, offered
from tests import harbour

MODULE = Path(kg.render.formats.__file__)
NEW_FORMAT = """
    AnswerFormat(
        "cheer", "a cheer", "text/x-cheer", TABULAR, _COMMANDS | Offered.API, endings=(".hooray",),
        write=lambda given: "hooray " * len(given.visible.rows),
    ),
"""
FOLLOWERS = """
import json, sys, types
module = types.ModuleType("kg.render.formats")
sys.modules[module.__name__] = module
exec(compile(sys.stdin.read(), "formats.py", "exec"), module.__dict__)

import kg.web.openapi as openapi
from kg.cli.formats import chosen_format
from kg.cli.query import answer_options
from kg.cli.sparql import command
from kg.notebook.answer import Answer
from kg.render.cells import Look
from kg.render.format_types import Offered
from kg.planning.rows import Rows
from kg.questions.query import find_query
from kg.web.negotiation import accepted, named
from tests import harbour

query = find_query(harbour.project(), "who-met-whom")
formats = module.formats_of(query)
choices = [option.type.choices for option in (*answer_options(), *command.params) if option.name == "kind"]
print(json.dumps({
    "choices": ["cheer" in each for each in choices],
    "ending": chosen_format(None, "answer.hooray", Offered.QUERY).name,
    "named": named("cheer", formats).name,
    "accepted": accepted("text/x-cheer", formats).name,
    "described": "text/x-cheer" in openapi._contents(query),
    "downloads": [each.name for each in formats],
    "notebook": Answer(Rows(("x",), (('"a"',),)), Look("")).text("cheer"),
}))
"""


def test_a_new_format_is_written_in_one_file_and_everything_follows() -> None:
    source = MODULE.read_text(encoding="utf-8")
    changed = source.replace("FORMATS: tuple[Format, ...] = (", f"FORMATS: tuple[Format, ...] = ({NEW_FORMAT}", 1)
    assert changed != source
    done = subprocess.run([sys.executable, "-c", FOLLOWERS], input=changed, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["choices"] == [True, True]
    assert [found[each] for each in ("ending", "named", "accepted")] == ["cheer"] * 3
    assert found["described"]
    assert "cheer" in found["downloads"]
    assert found["notebook"] == "hooray "


def choices(command: click.Command, name: str) -> list[str]:
    (kind,) = [param.type for param in command.params if param.name == name]
    assert isinstance(kind, click.Choice)
    return list(kind.choices)


def test_commands_offer_what_the_list_has() -> None:
    assert choices(sparql_command, "kind") == ["table", "csv", "tsv", "json", "md", "html", "xlsx", "ttl"]
    rdf = ["nq", "trig", "ttl", "jsonld", "rdfxml", "nt"]
    assert choices(export_command, "form") == [*rdf, "graphml", "graphml-links", "csv"]
    assert [each.name for each in answer_formats(Offered.QUERY)] == [*choices(sparql_command, "kind"), "svg"]


@pytest.mark.parametrize("where", Offered, ids=lambda where: where.name)
def test_a_name_and_a_media_type_mean_one_format_in_one_place(where: Offered) -> None:
    for holds in Holds:
        formats = [each for each in offered(where, holds) if not isinstance(each, ExportFormat)]
        for names in ([each.name for each in formats], [each.media for each in formats]):
            assert len(names) == len(set(names))


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: f"{form.name}-{form.offered}")
def test_every_format_is_offered_holds_something_and_has_a_writer(form: Format) -> None:
    import pyoxigraph as ox

    assert form.offered
    assert form.holds
    assert "/" in form.media
    if not isinstance(form, AnswerFormat | ExportFormat):
        engine = ox.RdfFormat if form.holds & (Holds.TRIPLES | Holds.QUADS) else ox.QueryResultsFormat
        assert engine.from_media_type(form.media) is not None
        assert form.w3c


@pytest.mark.parametrize(
    ("file", "name"), [("a.json", "jsonld"), ("a.RDF", "rdfxml"), ("a.owl", "rdfxml"), ("a.b.nq", "nq"), ("a.nt", "nt")]
)
def test_the_ending_of_a_file_tells_its_format(file: str, name: str) -> None:
    assert format_of_file(file, tuple(export_formats().values())).name == name


def test_an_unknown_ending_lists_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        format_of_file("answer.pdf", answer_formats(Offered.SPARQL))
    assert caught.value.fix == "end it in .csv, .tsv, .json, .srj, .md, .html, .xlsx, .ttl, or give --format"


@pytest.mark.parametrize("name", ["svg", "ttl"])
def test_a_format_that_does_not_fit_the_answer_says_so(name: str) -> None:
    rows = Rows(("x",), (('"a"',),))
    with pytest.raises(UsageError):
        answer_document(Presentation(rows, Look("")), answer_format(name, Offered.QUERY))


def test_columns_that_a_question_hides_are_hidden_but_beside_the_words_in_tables_for_programs() -> None:
    query = find_query(harbour.project(), "who-took-part")
    hidden = query.hide[0]
    rows = Rows((hidden, "other"), (('"h"', '"o"'),))
    for evidence, name, visible in ((None, "csv", False), ([()], "csv", True), ([()], "md", False)):
        content = answer_document(Presentation(rows, Look(""), evidence, query), answer_format(name, Offered.QUERY))
        assert (hidden in str(content)) is visible


def test_no_other_module_lists_formats() -> None:
    """Two or more names of formats in one tuple, list or table are a list of formats."""
    names = {each.name for each in FORMATS} - {"table", "json", "html"}
    lists = [
        f"{file}:{node.lineno}"
        for file in sorted(MODULE.parent.parent.rglob("*.py"))
        if file != MODULE
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict)
        for texts in [[each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]]
        if len(names.intersection(text for text in texts if isinstance(text, str))) > 1
    ]
    assert lists == []
