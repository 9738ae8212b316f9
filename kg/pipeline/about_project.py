"""kg.toml and the headers of rules and checks -> the findings about the project itself. Reads these files.

A header whose names are misspelt would not fail, but make a build after a change publish a wrong graph. So it is an
error, also for a build.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.core.errors import Finding, Place, Severity
from kg.core.likeness import proposal
from kg.ontology.vocabulary import Vocabulary
from kg.pipeline.concerns import HEADER_LINE, NAME, VARIABLE
from kg.pipeline.language_version import language_findings
from kg.project.layout import check_files, rule_files
from kg.project.settings import Project
from kg.project.state import text_in

UNKNOWN = "KG-Q013"


def project_findings(project: Project, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield the findings about the language version, and those about the headers of rules and checks."""
    yield from language_findings(project, vocabulary)
    both = ((project.ontology, rule_files(project.ontology)), (project.queries, check_files(project)))
    for folders, files in both:
        for file in files.values():
            shown = project.shown(file)
            yield from header_findings(text_in(folders, file, shown), shown, vocabulary)


def header_findings(text: str, path: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield the names in the header of a rule or check that are not in the vocabulary, or not in its query."""
    terms = {*vocabulary.properties, *vocabulary.classes}
    variables = set(re.findall(VARIABLE, "".join(line for line in text.splitlines() if not line.startswith("#"))))
    for line in HEADER_LINE.finditer(text):
        pattern, known, where = (
            (VARIABLE, variables, "the query") if line[1] == "concerns" else (NAME, terms, "the ontology")
        )
        for name in re.finditer(pattern, line[2]):
            if name[0] not in known:
                column = line.start(2) - line.start() + name.start() + 1
                place = Place(path, text.count("\n", 0, line.start()) + 1, column, len(name[0]))
                message = f"'{line[1]}' has a name that is not in {where}: {name[0]}"
                yield Finding(place, Severity.ERROR, UNKNOWN, message, proposal(name[0], known, "correct the name"))
