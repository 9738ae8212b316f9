"""The catalogue of codes, the shapes and their examples -> the documentation of each code. Reads the examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from kg.core.relations import grouped
from kg.core.terms import SH
from kg.docs.examples import example
from kg.docs.model import Example, FindingDoc, RuleDoc
from kg.docs.words import ShapeDescriber
from kg.export.nested import nested_turtle
from kg.ontology.triples import Index, Resource, local
from kg.ontology.vocabulary import Rule, Vocabulary
from kg.pipeline.catalogue import all_pages, families
from kg.pipeline.checks import read_check
from kg.project.layout import check_files
from kg.project.settings import Project

OTHER_FAMILY = "Others"


def finding_docs(project: Project, rules: Mapping[str, RuleDoc]) -> dict[str, FindingDoc]:
    """Return code -> its documentation, sorted by family, then by code.

    Raises:
        InputError: an ontology or a check that cannot be used.
    """
    pages = all_pages(project)
    files = check_files(project).values()
    checks = {check.code: check for file in files for check in [read_check(file, project.shown(file), project.queries)]}
    order = list(families().values())

    def place(code: str) -> tuple[int, str]:
        family = family_of(code)
        return (order.index(family) if family in order else len(order), code)

    return {
        code: FindingDoc(
            page=pages[code],
            family=family_of(code),
            severity=rules[code].severity if code in rules else str(checks[code].severity) if code in checks else "",
            rule=rules.get(code),
            check=_query(checks[code].text) if code in checks else "",
        )
        for code in sorted(pages, key=place)
    }


def family_of(code: str) -> str:
    """Return the family of a code.

    >>> family_of("KG-S0106")
    'Rules of the ontology'
    """
    return families().get(code.removeprefix("KG-")[:1], OTHER_FAMILY)


def examples_folder() -> Path:
    """Return the folder of the rules' examples that come with the package.

    In a wheel it is inside the package. In a checkout it is the folder of test cases.
    """
    inside = Path(__file__).parent.parent / "_shipped" / "shapes"
    return inside if inside.is_dir() else Path(__file__).parent.parent.parent / "tests" / "shapes"


@dataclass(frozen=True)
class Rules:
    """Writes the documentation of shapes.

    Attributes:
        index: of the ontology.
        triples: of the ontology, in file order.
        vocabulary: of the ontology.
        concerns: IRI of a term -> stem of the file that declares it.
        examples: folder with a folder for each rule.
    """

    index: Index
    triples: Sequence[ox.Triple]
    vocabulary: Vocabulary
    concerns: Mapping[str, str]
    examples: Path

    def docs(self) -> dict[str, RuleDoc]:
        """Return id -> rule, sorted."""
        return {rule.id: self._doc(rule) for rule in sorted(self.vocabulary.rules.values(), key=lambda rule: rule.id)}

    def _doc(self, rule: Rule) -> RuleDoc:
        node = ox.NamedNode(rule.iri)
        targets = tuple(sorted({name for shape in self._holders(node) for name in self._targets(shape)}))
        named = {rule.path, rule.points_at, *rule.reads} - {""}
        return RuleDoc(
            iri=rule.iri,
            severity=str(rule.severity),
            message=rule.text,
            concern=self.concerns.get(rule.iri, ""),
            targets=targets,
            aims=tuple(dict.fromkeys(aim for shape in self._holders(node) for aim in self._describer.aims(shape))),
            checks=self._describer.checks(node),
            turtle=_without_prefixes(nested_turtle(self._statements(node), self.vocabulary.prefixes)),
            classes=tuple(sorted(named & self.vocabulary.classes.keys())),
            properties=tuple(sorted(named & self.vocabulary.properties.keys())),
            broken=self._example(rule.id, "invalid", targets),
            kept=self._example(rule.id, "valid", targets),
        )

    @cached_property
    def _describer(self) -> ShapeDescriber:
        return ShapeDescriber(self.index, self.vocabulary.prefixes)

    def _holders(self, shape: ox.NamedNode) -> list[Resource]:
        """Return the shape itself and those that contain it."""
        return [shape, *self.index.subjects(SH + "property", shape.value)]

    def _targets(self, shape: Resource) -> Iterator[str]:
        names = (local(aim.value) for aim in self.index.resources(shape, SH + "targetClass"))
        return (name for name in names if name)

    @cached_property
    def _by_subject(self) -> Mapping[object, list[ox.Triple]]:
        return grouped((triple.subject, triple) for triple in self.triples)

    def _statements(self, node: Resource) -> list[ox.Triple]:
        """Return the triples of a shape and of the blank nodes below it."""
        triples = list(self._by_subject.get(node, ()))
        for triple in triples:
            if isinstance(triple.object, ox.BlankNode):
                triples += self._by_subject.get(triple.object, ())
        return triples

    def _example(self, rule: str, kind: str, about: Sequence[str]) -> Example | None:
        file = self.examples / rule / f"{kind}.ttl"
        if not rule.isprintable() or "/" in rule or not file.is_file():
            return None
        return example(file.read_text(encoding="utf-8"), self.vocabulary, about)


def _without_prefixes(turtle: str) -> str:
    return "\n".join(line for line in turtle.split("\n") if not line.startswith("@prefix")).strip()


def _query(text: str) -> str:
    """Return a query without its header."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("#+")).strip()
