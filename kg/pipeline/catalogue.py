"""A finding's code -> its page: its meaning and remedy. Reads codes.toml, and the project's rules and checks.

A code is described where it is defined: kg's own in codes.toml, a rule's in the ontology, and a check's in its file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import indent, wrap

from kg.core.english import capitalized
from kg.core.errors import UsageError
from kg.core.likeness import nearest
from kg.ontology.load import project_vocabulary
from kg.ontology.vocabulary import Rule, Vocabulary
from kg.pipeline.acceptance import Codes
from kg.pipeline.checks import Check, read_check
from kg.project.layout import check_files
from kg.project.settings import Project

WIDTH = 88
FAMILIES = "families"
"""The table in codes.toml that is not about a code."""

OF_DIGESTS = "KG-O"
"""Prefix of the codes of findings from comparing digests with their originals."""


@dataclass(frozen=True, slots=True)
class Page:
    """The explanation of one code.

    Attributes:
        code: the code, such as KG-M007.
        title: the finding in a few words.
        meaning: what the finding says, and why it matters.
        remedy: what to do.
        example: lines of YAML or SPARQL, or "".
    """

    code: str
    title: str
    meaning: str
    remedy: str
    example: str = ""


def own_pages() -> Mapping[str, Page]:
    """Return the pages of the codes that the program itself raises."""
    return {code: Page(code=code, **texts) for code, texts in _codes().items() if code != FAMILIES}


def families() -> Mapping[str, str]:
    """Return letter of a code -> its family, in the order of the steps of a build."""
    return _codes()[FAMILIES]


@cache
def _codes() -> Mapping[str, Mapping[str, str]]:
    """Return the content of codes.toml: code, or FAMILIES -> its texts."""
    return tomllib.loads((Path(__file__).parent / "codes.toml").read_text(encoding="utf-8"))


def all_pages(project: Project) -> Mapping[str, Page]:
    """Return the pages of all codes, the project's rules and checks included.

    Raises:
        InputError: the ontology or a check cannot be used.
    """
    vocabulary = project_vocabulary(project)
    rules = {rule.id: _rule_page(rule, vocabulary) for rule in vocabulary.rules.values()}
    return {**own_pages(), **rules, **{page.code: page for page in _check_pages(project)}}


def known_codes(project: Project, vocabulary: Vocabulary, *, across: bool, compared: bool) -> Codes:
    """Return the codes of all possible findings.

    *across* says whether checks across articles are applied, *compared* whether digests are compared with their
    originals.

    Raises:
        InputError: a check cannot be used.
    """
    checks = {check.code: check.severity for check in _checks(project)}
    rules = {rule.id: rule.severity for rule in vocabulary.rules.values()}
    own = own_pages()
    waiting = {
        *(() if across else checks),
        *(() if compared else (code for code in own if code.startswith(OF_DIGESTS))),
    }
    return Codes({**dict.fromkeys(own), **rules, **checks}, frozenset(waiting))


def page_of(code: str, project: Callable[[], Project]) -> Page:
    """Return the page of *code*, in upper or lower case.

    *project* is called if the code may belong to a rule or a check of the project.

    Raises:
        UsageError: there is no such code. The fix proposes the nearest.
        InputError: as `all_pages`.
    """
    requested = code.strip().upper()
    own = own_pages()
    pages = own if requested in own else all_pages(project())
    if requested not in pages:
        near = nearest(requested, pages)
        fix = f"did you mean {' or '.join(near)}?" if near else "codes look like KG-M007"
        raise UsageError(f"there is no finding with the code '{code}'", fix)
    return pages[requested]


def titles(codes: Iterable[str], project: Project) -> Mapping[str, str]:
    """Return code -> title.

    Raises:
        InputError: as `all_pages`.
    """
    requested, own = set(codes), own_pages()
    pages = own if requested <= own.keys() else all_pages(project)
    return {code: pages[code].title for code in sorted(requested) if code in pages}


def page_text(page: Page) -> str:
    """Return *page* for reading on a terminal."""
    parts = [f"{page.code}: {page.title}", _wrapped(page.meaning)]
    if page.example:
        parts.append(f"Example\n{indent(page.example.strip(), '    ')}")
    return "\n\n".join([*parts, f"What to do\n{indent(_wrapped(page.remedy), '    ')}"]) + "\n"


def _wrapped(text: str) -> str:
    return "\n".join(wrap(text, WIDTH))


def _rule_page(rule: Rule, vocabulary: Vocabulary) -> Page:
    message = rule.message.rstrip(".")
    about = vocabulary.properties.get(rule.path or rule.points_at)
    on = f" It is about '{about.name}': {about.definition}" if about else ""
    meaning = f"A rule of the ontology ({rule.severity}).{on} Its IRI is {rule.iri}."
    return Page(rule.id, message, meaning, capitalized(rule.remedy or message))


def _checks(project: Project) -> Iterator[Check]:
    return (read_check(file, project.shown(file), project.queries) for file in check_files(project).values())


def _check_pages(project: Project) -> Iterator[Page]:
    for check in _checks(project):
        meaning = f"A check across articles ({check.severity}): queries/checks/{check.name}.rq returns a row for each."
        yield Page(check.code, check.title, meaning, capitalized(check.fix or check.message))
