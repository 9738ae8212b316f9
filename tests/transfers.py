"""Small projects whose graphs go to a triplestore, for the tests of loading."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner, Result

from kg.cli import cli
from kg.core.errors import KgError
from kg.core.model import Term
from kg.core.values import DATATYPES, EDTF, LANG_STRING, SHA256, XSD, lang_literal, literal
from kg.project.settings import Project, load_project
from kg.store.manifest import GenerationDetails, Manifest
from kg.store.publish import publish
from tests.servers import Server

Graphs = Mapping[str, Sequence[str]]
"""Path below the base -> triples as N-Triples without the dot; `{base}` stands for the base."""

LITERALS = (
    '"plain"',
    '""',
    '"two\\nlines, a \\"quote\\", a \\\\ and a\\ttab"',
    '"上海证券交易所"@zh-hans',
    '"Ελένη Θαράκη"@el',
    '"colour"@en-gb',
    '"😀 beyond the basic plane"',
    f'"2100"^^<{XSD}integer>',
    f'"-7"^^<{XSD}integer>',
    f'"21.6"^^<{XSD}decimal>',
    f'"0.000000000001"^^<{XSD}decimal>',
    f'"true"^^<{XSD}boolean>',
    f'"2017-02-09"^^<{XSD}date>',
    f'"2031"^^<{XSD}gYear>',
    f'"2031-05-02T12:30:00Z"^^<{XSD}dateTime>',
    f'"https://example.org/a?b=c#d"^^<{XSD}anyURI>',
    '"2017-02-XX"^^<http://id.loc.gov/datatypes/edtf/EDTF>',
    '"' + "long " * 3000 + '"',
    '"' + "长" * 5000 + '"@zh',
)


CHANGING: Mapping[str, tuple[str, str, str]] = {
    "string": ("one", "two", ""),
    "boolean": ("true", "false", "true"),
    "integer": ("8", "9", "-5000000000"),
    "nonNegativeInteger": ("0", "1", "2"),
    "positiveInteger": ("1", "2", "8000000000000"),
    "decimal": ("8", "9", "9.5"),
    "date": ("2017-02-09", "2017-02-10", "0476-09-04"),
    "gYear": ("2031", "2032", "0476"),
    "dateTime": ("2031-05-02T12:30:00Z", "2031-05-02T12:30:00+08:00", "2031-05-02T12:30:00.125Z"),
    "anyURI": ("https://example.org/a", "https://example.org/b?c=d#e", "urn:isbn:1"),
    "language": ("en", "zh-hans", "el"),
}
"""Datatype of XML Schema -> a value that it has first, then, and at last."""

OTHERS: Mapping[str, tuple[str, str, str]] = {
    SHA256: ("0" * 64, "1" * 64, "a" * 64),
    EDTF: ("2017-02-XX", "2017?", "2017-02-09/2018"),
}
"""The same for the other datatypes."""

DECIMALS = ("0.000000000001", "8000000000000", "9000000000000", "-21.6", "123456789.123456", "1")


def changing(step: int, padding: int = 0) -> Graphs:
    """Return an article in which values of each datatype, texts and IRIs differ from step to step; 0, 1 and 2.

    Some triples stay, some go, some come; numbers of one property lose and gain values. *padding* triples stay.
    """
    values = {f"{XSD}{name}": values for name, values in CHANGING.items()} | OTHERS
    assert set(values) | {LANG_STRING} == DATATYPES
    changed = [literal(each[step], kind) for kind, each in values.items()]
    changed += [lang_literal(("harbour", "Hafen", "λιμάνι")[step], ("en", "de", "el")[step]), f"<{{base}}x{step}>"]
    changed += ['"8"', f"<{{base}}x{(step + 1) % 3}>"][: 1 + step % 2]
    several = [literal(value, f"{XSD}decimal") for value in DECIMALS[step : step + 4]]
    thing = "<{base}article/a/thing>"
    triples = [f"{thing} <https://example.org/p{k}> {value}" for k, value in enumerate(changed)]
    triples += [f"{thing} <https://example.org/several> {value}" for value in several]
    triples += [f"{thing} <https://example.org/same> {value}" for value in LITERALS]
    triples += [f'<{{base}}pad{k}> <https://example.org/p> "{k}"' for k in range(padding)]
    return {"article/a": triples, f"article/b{step}": triples[:3]}


def articles(count: int, first: int = 0, word: str = "first") -> dict[str, list[str]]:
    """Return graphs of made-up articles, each with every kind of literal that we emit."""
    return {f"article/a{n}": article(n, word) for n in range(first, first + count)}


def article(number: int, word: str = "first") -> list[str]:
    """Return the triples of one."""
    thing = f"<{{base}}article/a{number}/fact>"
    said = [f"{thing} <https://example.org/p{k}> {literal}" for k, literal in enumerate(LITERALS)]
    return [
        *said,
        f'{thing} <https://example.org/version> "{word} {number}"',
        f"{thing} <https://example.org/of> <{{base}}x>",
    ]


@dataclass(frozen=True)
class Loading:
    """A project with a store called `store`.

    Attributes:
        folder: of the project.
        base: of its IRIs.
        environment: with credentials.
    """

    folder: Path
    base: str
    environment: Mapping[str, str]

    @property
    def project(self) -> Project:
        return load_project(self.folder)

    def publish(self, graphs: Graphs) -> Manifest:
        """Publish graphs as the next generation."""
        return publish(self.folder / "build", dict(self.lines(graphs)), GenerationDetails({}, {}))

    def lines(self, graphs: Graphs) -> Iterator[tuple[Term, list[str]]]:
        """Yield each graph with its N-Quads lines."""
        for path, triples in graphs.items():
            graph = f"<{self.base}{path}>"
            yield graph, sorted(f"{triple.replace('{base}', self.base)} {graph} ." for triple in triples)

    def kg(self, *arguments: str, given: bytes | str = "") -> Result:
        """Run `kg` with something on standard input; the exit code is that of the error if one is raised."""
        command = ["-C", str(self.folder), *arguments]
        with patch.dict(os.environ, self.environment):
            result = CliRunner().invoke(cli, command, input=given, standalone_mode=False)
        if isinstance(result.exception, KgError):
            result.exit_code = result.exception.exit_code
        elif result.exception:
            raise result.exception
        elif isinstance(result.return_value, int):
            result.exit_code = result.return_value
        return result

    def load(self, *options: str) -> dict[str, Any]:
        """Load and return the receipt; it must end well."""
        result = self.kg("load", "store", *options)
        assert result.exit_code == 0, result.exception
        return self.receipt()

    def receipt(self) -> dict[str, Any]:
        """Return the last receipt."""
        said: dict[str, Any] = json.loads((self.folder / "build" / "receipts" / "store.json").read_text("utf-8"))
        return said


def loading(folder: Path, server: Server, name: str, settings: str = "", url: str = "") -> Loading:
    """Return a new project called *name* whose store is *server*, with more *settings* of the store."""
    folder.mkdir(parents=True, exist_ok=True)
    base = f"https://example.org/{name}/"
    store = f'[stores.store]\nurl = "{url or server.url}"\n{settings}\n'
    (folder / "kg.toml").write_text(f'base = "{base}"\nontology = []\nqueries = []\n{store}', encoding="utf-8")
    return Loading(folder, base, server.environment)


@contextmanager
def cleared(*names: str) -> Iterator[None]:
    """Run without these environment variables."""
    with patch.dict(os.environ):
        for name in names:
            os.environ.pop(name, None)
        yield
