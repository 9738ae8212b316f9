"""Findings -> text, JSON, SARIF, GitHub workflow commands or JUnit XML. No I/O.

Every format is complete and valid, even without findings and whatever characters they contain.
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

from kg.core.errors import Finding, Severity, source_lines
from kg.render.snippet import findings_text
from kg.render.terminal import showable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

FINDING_FORMATS = ("text", "json", "sarif", "github", "junit")

MOST_SHOWN, MOST_OF_A_FILE = 500, 200
"""How many findings are shown to people, in total and per file."""

Sources: TypeAlias = Callable[[str], str | None]
Json: TypeAlias = dict[str, object]

_NO_TITLES: Mapping[str, str] = MappingProxyType({})
_SARIF_LEVELS = MappingProxyType({Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"})
OF_REPOSITORIES = ("github", "sarif")
"""The formats that a service shows at lines of a repository, so that paths begin at its top."""

_GITHUB_COMMANDS = MappingProxyType({Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"})


def render_findings(
    findings: Sequence[Finding],
    format: str,  # noqa: A002 - the word of the option
    sources: Sources,
    *,
    colour: bool = False,
    titles: Mapping[str, str] = _NO_TITLES,
    every: bool = False,
) -> str:
    """Return *findings*, sorted and without duplicates, as one of `FINDING_FORMATS`.

    *sources* returns the text of a path, or None if it is not available. *titles* maps codes to titles, for SARIF.
    *colour* and *every* affect only text: unless *every* is true, a very long list is cut to the most serious findings
    of each file and the number of the others. The formats for machines always contain all.

    Raises:
        ValueError: there is no such format.
    """
    ordered = sorted(set(findings), key=_order)
    if format == "text":
        part = ordered if every else foremost(ordered)
        return findings_text([_clean(finding) for finding in part], sources, colour=colour, counted=ordered)
    ordered = [_clean(finding) for finding in ordered]
    match format:
        case "json":
            return _json(ordered)
        case "sarif":
            return _sarif(ordered, sources, titles)
        case "github":
            return "".join(f"{_workflow_command(finding)}\n" for finding in ordered)
        case "junit":
            return _junit(ordered)
    raise ValueError(f"no format {format!r} for findings; there are {', '.join(FINDING_FORMATS)}")


def foremost(findings: Sequence[Finding]) -> list[Finding]:
    """Return the *findings* to show if there are too many, in their order: the most serious, then the first."""
    by_severity = sorted(findings, key=lambda finding: finding.severity.rank)  # a stable sort
    of_file: Counter[str] = Counter()
    kept = set()
    for finding in by_severity:
        of_file[finding.place.path] += 1
        if of_file[finding.place.path] <= MOST_OF_A_FILE:
            kept.add(finding)
        if len(kept) == MOST_SHOWN:
            break
    return [finding for finding in findings if finding in kept]


def _order(finding: Finding) -> tuple[object, ...]:
    """Return a sort key: the order of reports, made independent of the order of arrival."""
    place = finding.place
    return (
        *(place.path, place.line, place.column, finding.code, finding.message),
        *(finding.severity.rank, place.length, finding.fix, finding.focus),
    )


def _clean(finding: Finding) -> Finding:
    """Return *finding* without characters that are unsafe in files or terminals."""
    place = finding.place._replace(path=showable(finding.place.path))
    return replace(finding, place=place, message=showable(finding.message), fix=showable(finding.fix))


def _dumped(document: Json) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _json(findings: Sequence[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    return _dumped(
        {
            "version": 1,
            "summary": {severity.value: counts[severity] for severity in Severity},
            "findings": [_json_finding(finding) for finding in findings],
        }
    )


def _json_finding(finding: Finding) -> Json:
    place = finding.place
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "length": place.length,
        "severity": finding.severity.value,
        "code": finding.code,
        "message": finding.message,
        "fix": finding.fix,
        "focus": finding.focus,
    }


def _sarif(findings: Sequence[Finding], sources: Sources, titles: Mapping[str, str]) -> str:
    codes = sorted({finding.code for finding in findings})
    prints = _fingerprints(findings, sources)
    results = [
        _sarif_result(each, codes.index(each.code), print_) for each, print_ in zip(findings, prints, strict=True)
    ]
    rules = [{"id": code, "shortDescription": {"text": titles.get(code, code)}} for code in codes]
    run: Json = {
        "tool": {"driver": {"name": "kg", "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return _dumped({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _sarif_result(finding: Finding, rule: int, fingerprint: str) -> Json:
    place = finding.place
    location: Json = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(place.path)},
            "region": {
                "startLine": place.line,
                "startColumn": place.column,
                "endColumn": place.column + place.length,
            },
        }
    }
    if finding.focus:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.focus}]
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": _with_help(finding)},
        "locations": [location],
        "partialFingerprints": {"findingHash/v1": fingerprint},
    }


def _fingerprints(findings: Sequence[Finding], sources: Sources) -> list[str]:
    """Return a digest of each finding's path, code, message and line, which survives lines being added above it."""
    lines = {path: source_lines(sources(path)) for path in {finding.place.path for finding in findings}}
    seen: Counter[str] = Counter()
    digests = []
    for finding in findings:
        place = finding.place
        line = "".join(lines[place.path][place.line - 1 : place.line]).strip()
        parts = "\0".join((place.path, finding.code, finding.message, line))
        seen[parts] += 1
        digests.append(sha256(f"{parts}\0{seen[parts]}".encode("utf-8", "replace")).hexdigest())
    return digests


def _with_help(finding: Finding) -> str:
    return f"{finding.message}\nhelp: {finding.fix}" if finding.fix else finding.message


def _workflow_command(finding: Finding) -> str:
    place = finding.place
    properties = {
        "file": place.path,
        "line": str(place.line),
        "endLine": str(place.line),
        "col": str(place.column),
        "endColumn": str(place.column + place.length),
        "title": finding.code,
    }
    written = ",".join(f"{name}={_escaped_property(value)}" for name, value in properties.items())
    return f"::{_GITHUB_COMMANDS[finding.severity]} {written}::{_escaped_data(_with_help(finding))}"


def _escaped_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped_data(text).replace(":", "%3A").replace(",", "%2C")


def _junit(findings: Sequence[Finding]) -> str:
    """Return one suite per file with one case per finding. Only errors are failures."""
    from xml.etree import ElementTree  # only this format needs it

    root = ElementTree.Element("testsuites", _junit_counts("kg check", findings))
    for path, of_file in groupby(findings, key=lambda finding: finding.place.path):
        in_file = list(of_file)
        suite = ElementTree.SubElement(root, "testsuite", _junit_counts(path, in_file))
        for finding in in_file:
            _add_junit_case(suite, finding)
    ElementTree.indent(root)
    written = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}\n'


def _junit_counts(name: str, findings: Iterable[Finding]) -> dict[str, str]:
    severities = [finding.severity for finding in findings]
    failures = severities.count(Severity.ERROR)
    return {"name": name, "tests": str(len(severities)), "failures": str(failures), "errors": "0"}


def _add_junit_case(suite: Element, finding: Finding) -> None:
    from xml.etree import ElementTree

    place = finding.place
    name = f"{finding.code} at {place.line}:{place.column}"
    case = ElementTree.SubElement(suite, "testcase", {"name": name, "classname": place.path})
    detail = f"{place}: {finding.severity}[{finding.code}]: {_with_help(finding)}"
    if finding.severity is Severity.ERROR:
        failure = ElementTree.SubElement(case, "failure", {"message": finding.message, "type": finding.code})
        failure.text = detail
    else:
        ElementTree.SubElement(case, "system-out").text = detail
