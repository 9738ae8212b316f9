"""Text of an SSSOM/TSV file -> its metadata and rows, with the place of each cell; the terms of the standard. No I/O.

Cells may be quoted as in CSV, even across several lines. The libraries for SSSOM depend on pandas or pydantic and give
no places. Python's csv module gives none either, and reads to the end of the file if a quotation mark is not closed.
https://mapping-commons.github.io/sssom/spec-formats-tsv/ ; terms of version 1.1:
https://github.com/mapping-commons/sssom/blob/master/src/sssom_schema/schema/sssom_schema.yaml ;
justifications: https://w3id.org/semapv/vocab/
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from kg.core.errors import LINE_END, Place

REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification")
NOT = "Not"
"""The only modifier of a relation."""

_BOTH = frozenset(
    "creator_id creator_label license subject_type subject_source subject_source_version object_type object_source "
    "object_source_version predicate_type mapping_provider cardinality_scope mapping_tool mapping_tool_id "
    "mapping_tool_version mapping_date publication_date subject_match_field object_match_field subject_preprocessing "
    "object_preprocessing similarity_measure curation_rule curation_rule_text see_also other comment".split()
)
COLUMNS = _BOTH | frozenset(
    "record_id subject_id subject_label subject_category predicate_id predicate_label predicate_modifier object_id "
    "object_label object_category mapping_justification author_id author_label reviewer_id reviewer_label "
    "mapping_source mapping_cardinality review_date confidence match_string similarity_score issue_tracker_item".split()
)
"""The columns of a row."""

METADATA = _BOTH | frozenset(
    "sssom_version curie_map mapping_set_id mapping_set_version mapping_set_source mapping_set_title "
    "mapping_set_description mapping_set_confidence issue_tracker extension_definitions".split()
)
"""The metadata of the whole file."""

DATES = frozenset({"mapping_date", "publication_date", "review_date"})
SCORES = frozenset({"confidence", "similarity_score", "mapping_set_confidence"})
CARDINALITIES = ("1:1", "1:n", "n:1", "n:n", "1:0", "0:1", "0:0")
JUSTIFICATIONS = (
    *("ManualMappingCuration", "MappingReview", "LexicalMatching", "LexicalSimilarityThresholdMatching"),
    *("SemanticSimilarityThresholdMatching", "StructuralMatching", "InstanceBasedMatching"),
    *("BackgroundKnowledgeBasedMatching", "LogicalReasoning", "CompositeMatching", "MappingChaining"),
    *("MappingInversion", "UnspecifiedMatching"),
)
"""Local names of the methods by which a mapping is found or confirmed."""

_CELL = re.compile(
    r"""(?:(?<![^\r\n])(?P<comment>\#[^\r\n]*)  # a whole line
    |(?P<start>[ ]*)(?:"(?P<quoted>(?:[^"]|"")*)"[ ]*|(?P<plain>[^\t\r\n]*)))
    (?P<end>\t|\r\n|\n|\r|\Z)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class TsvCell:
    """One cell.

    Attributes:
        text: the content without surrounding white space and quotation marks.
        place: where it is written. If it spans several lines, the place ends with the first.
        torn: whether it begins with a quotation mark but is not a quoted cell, so that parsers disagree.
    """

    text: str
    place: Place
    torn: bool = False


Row = tuple[TsvCell, ...]


def metadata_text(text: str) -> str:
    """Return the first lines, which begin with '#', as YAML. Each character keeps its position in the file."""
    lines = []
    for line in LINE_END.split(text):
        if not line.startswith("#"):
            break
        lines.append(" " + line[1:])
    return "\n".join(lines)


def rows(text: str, path: str) -> Iterator[Row]:
    """Yield the rows, starting with the head. Lines that are empty or begin with '#' are skipped."""
    starts = [0, *(end.end() for end in LINE_END.finditer(text))]
    row: list[TsvCell] = []
    for match in _CELL.finditer(text):
        if match["comment"] is None:
            line = bisect_right(starts, match.start())
            row.append(_cell(match, Place(path, line, match.start() - starts[line - 1] + 1)))
        if match["end"] != "\t":
            if any(cell.text or cell.torn for cell in row):
                yield tuple(row)
            row = []


def _cell(match: re.Match[str], start: Place) -> TsvCell:
    plain = match["plain"]
    lead = len(match["start"]) + (len(plain) - len(plain.lstrip()) if plain is not None else 0)
    written = LINE_END.split(match[0][: len(match[0]) - len(match["end"])])[0].strip()
    place = Place(start.path, start.line, start.column + lead, max(len(written), 1))
    if plain is not None:
        return TsvCell(plain.strip(), place, torn=plain.startswith('"'))
    return TsvCell(match["quoted"].replace('""', '"').strip(), place)
