"""Python knows no term of the vocabulary but those that `kg/core/terms.py` lists, and the ontology declares each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from kg.core.terms import CQ, KNOWN
from kg.ontology.triples import Index, ontology_triples
from kg.project.settings import shipped
from tests.test_layers import MODULES

OWNER = "core.terms"
NAMESPACE = re.compile(r"https?://\S+[#/]")
SPACES_OF_DATA = ("project.settings", "pipeline.dataset", "web.pages.names")
"""Modules in which an address that ends like a namespace begins names of things, and not of terms."""

ALSO_ELSEWHERE = {"changeNote"}
"""Names that another vocabulary has, too, and of which Python means that one."""

OURS = re.compile(rf"(?:\bcq:|{re.escape(CQ)})([A-Za-z]\w*)")


@cache
def declared() -> frozenset[str]:
    """Return the local names of all classes, properties and annotations of the shipped ontology."""
    index = Index(ontology_triples([shipped("ontology")]))
    return frozenset(node.value.removeprefix(CQ) for node, _ in index.predicates() if node.value.startswith(CQ))


def texts(tree: ast.AST) -> Iterator[str]:
    """Yield the texts in a module, its documentation left aside."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def names(tree: ast.AST) -> Iterator[str]:
    """Yield the local names of our vocabulary that a module names.

    `cq("party")`, `CQ + "party"`, `f"{CQ}party"`, `cq:party` in a query or a message; and, wherever it stands alone, a
    name that no other word looks like: one of the ontology with a capital inside.
    """
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name("cq"), args=[ast.Constant(str(name))]):
                yield name
            case ast.BinOp(left=ast.Name("CQ"), right=ast.Constant(str(name))):
                yield name
            case ast.JoinedStr(values):
                written = (each.value if isinstance(each, ast.Constant) else ast.unparse(each) for each in values)
                yield from re.findall(r"\{CQ\}(\w+)", "".join(map(str, written)))
    for text in texts(tree):
        yield from OURS.findall(text)
        if text in declared() - ALSO_ELSEWHERE and re.search("[a-z][A-Z]", text):
            yield text


@cache
def named() -> dict[str, set[str]]:
    """Return module -> the names of our vocabulary that it names, of all but the module that lists them."""
    trees = {module: ast.parse(file.read_text(encoding="utf-8")) for module, file in MODULES.items() if module != OWNER}
    return {module: set(names(tree)) for module, tree in trees.items()}


def test_python_names_only_the_terms_that_are_listed() -> None:
    assert {module: unknown for module, found in named().items() if (unknown := found - KNOWN)} == {}


def test_each_listed_term_is_declared_by_the_ontology() -> None:
    assert sorted(KNOWN - declared()) == []


def test_each_listed_term_is_named_somewhere() -> None:
    own = set(names(ast.parse(MODULES[OWNER].read_text(encoding="utf-8"))))
    assert sorted(KNOWN - own.union(*named().values())) == []


def test_namespaces_of_vocabularies_stand_in_one_place() -> None:
    elsewhere = {
        module: sorted(text for text in texts(ast.parse(file.read_text(encoding="utf-8"))) if NAMESPACE.fullmatch(text))
        for module, file in MODULES.items()
        if module not in (OWNER, *SPACES_OF_DATA)
    }
    assert {module: found for module, found in elsewhere.items() if found} == {}


@pytest.mark.parametrize(
    "code",
    [
        'party = cq("party")',
        'party = CQ + "party"',
        'party = f"<{CQ}party>"',
        'query = "SELECT ?a { ?a cq:party ?b }"',
        'query = f"SELECT ?a {{ ?a cq:party {value} }}"',
        'iri = "https://w3id.org/communique/ontology#party"',
    ],
)
def test_a_name_is_seen_however_it_is_written(code: str) -> None:
    assert set(names(ast.parse(code))) == {"party"}


def test_a_name_of_the_ontology_is_seen_where_it_stands_alone() -> None:
    assert set(names(ast.parse('keys = ("whenEarliest", "title", "somethingElse")'))) == {"whenEarliest"}
