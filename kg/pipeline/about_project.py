"""kg.toml and the headers of rules and checks -> the findings about the project itself. Reads these files.

A header whose names are misspelt would not fail, but make a build after a change publish a wrong graph. So it is an
error, also for a build.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kg.core.errors import Finding, Severity
from kg.core.likeness import proposal
from kg.mapping.read import Table
from kg.ontology.vocabulary import Vocabulary
from kg.pipeline.concerns import KEYS, names_under, whole_header
from kg.pipeline.language_version import language_findings
from kg.project.layout import check_files, rule_files
from kg.project.settings import Project
from kg.project.state import text_in

UNKNOWN_KEY, UNKNOWN_NAME = "KG-Q002", "KG-Q013"
_RULE_KEYS = ("title", "description", "derives", "needs", *KEYS)
_CHECK_KEYS = ("title", "description", "code", "severity", "message", "fix", *KEYS)


def project_findings(project: Project, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield the findings about the language version, and those about the headers of rules and checks."""
    yield from language_findings(project, vocabulary)
    rules, checks = rule_files(project.ontology), check_files(project)
    for folders, files, keys in ((project.ontology, rules, _RULE_KEYS), (project.queries, checks, _CHECK_KEYS)):
        for file in files.values():
            shown = project.shown(file)
            yield from _header_findings(text_in(folders, file, shown), shown, keys, vocabulary)


def _header_findings(text: str, path: str, keys: Sequence[str], vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield what is wrong with the header of a rule or check, if it has one, which may have these keys."""
    if not text.startswith("#+") and "\n#+" not in text:
        return
    header, findings = whole_header(text, path)
    yield from findings
    if header:
        yield from _unknown_keys(header, keys)
        yield from _unknown_names(text, path, vocabulary)


def _unknown_keys(header: Table, known: Sequence[str]) -> Iterator[Finding]:
    for key in (entry.key for entry in header.entries if entry.key.text not in known):
        fix = proposal(key.text, known, f"known keys are {', '.join(known)}", most=1)
        yield Finding(key.place, Severity.ERROR, UNKNOWN_KEY, f"unknown key '{key.text}' in the header", fix)


def _unknown_names(text: str, path: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    query = "".join(line for line in text.splitlines() if not line.startswith("#"))
    terms, variables = {*vocabulary.properties, *vocabulary.classes}, set(re.findall(r"\?\w+", query))
    shown = f"the query has {', '.join(sorted(variables)) or 'no variable'}"
    of_terms, of_variables = (terms, "ontology", "correct the name"), (variables, "query", shown)
    for key in KEYS:
        known, where, otherwise = of_variables if key == "concerns" else of_terms
        for name, place in names_under(text, path, key):
            if name in known:
                continue
            message = f"'{key}' has a name that is not in the {where}: {name}"
            fix = proposal(name, known, otherwise)
            yield Finding(place, Severity.ERROR, UNKNOWN_NAME, message, fix)
