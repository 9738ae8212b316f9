"""A project -> the documentation of its ontology, rules, findings and questions. Reads its folders, not its graph."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from kg.core.relations import grouped
from kg.core.terms import (
    ACCEPT_KEY,
    ARTICLE_KEY,
    CQ,
    CURATION_KEY,
    DCTERMS,
    FACTS_KEY,
    INFERRED_KEY,
    ONTOLOGY,
    OWL,
    QUOTE_KEY,
    TYPE_KEY,
)
from kg.docs.findings import Rules, examples_folder, finding_docs
from kg.docs.model import Concern, DerivationDoc, Documentation, PropertyDoc, QuestionDoc, RuleDoc
from kg.docs.samples import samples
from kg.docs.snippets import FORMS
from kg.docs.terms import Terms, declared_in
from kg.export.authored import ontology_turtle, shapes_turtle
from kg.ontology.load import OUR_TERMS, load_vocabulary
from kg.ontology.triples import Index, ontology_triples
from kg.ontology.vocabulary import Vocabulary
from kg.pipeline.derive import ordered_rules
from kg.project.files import BOM, read_bytes, read_text, readable
from kg.project.folders import name_of
from kg.project.layout import ontology_files
from kg.project.settings import SHIPPED, Project, shipped
from kg.questions.query import all_queries

KEYWORDS: Mapping[str, str] = MappingProxyType(
    {
        ARTICLE_KEY: "The article itself: title, publisher, date, and its text.",
        CURATION_KEY: "Who recorded it, when, and whether it has been reviewed.",
        FACTS_KEY: "What the article reports: an id of your choice for each fact, with its keys below.",
        TYPE_KEY: "The class of a fact or an entity.",
        QUOTE_KEY: "The words of the text that support a fact: one passage or several, each unique in the text.",
        ACCEPT_KEY: "Warnings and remarks that you accept, each by its code with a reason. Errors are never accepted.",
        INFERRED_KEY: "Keys of a fact whose values its words leave open, each with the reason why they are certain.",
    }
)
"""The keywords of a mapping, which are not terms of the ontology."""

ARTICLE = """\
article:
  title: Harbour authority receives the university
  publisher: gazette
  published: 2031-05-02
  language: en
  textKind: Full
  text: The director of the Harbour Authority, Mara Lind, received Jonas Thorsen on Thursday.
curation: {curator: jd, on: 2031-05-03, status: Draft}
facts:
  director:
    type: Tenure
    holder: mara-lind
    title: Director
    organization: harbour-authority
    quote: The director of the Harbour Authority, Mara Lind
  meeting:
    type: Meeting
    name: Harbour authority receives the university
    date: on Thursday
    occurrence: Occurred
    participation:
      - {participant: mara-lind, side: Host, capacity: director}
      - {participant: jonas-thorsen, side: Guest}
    quote: received Jonas Thorsen on Thursday
"""
"""A complete mapping, as small as possible. Its ids are those of a registry."""


def documentation(project: Project) -> Documentation:
    """Return the documentation of a project's ontology.

    Raises:
        InputError: an ontology, a rule, a check or a question that cannot be used.
    """
    folders, vocabulary = project.ontology, load_vocabulary(project.ontology)
    files = {file: _triples(file) for file in ontology_files(folders)}
    by_concern = _by_concern(folders, files)
    declared = declared_in(by_concern)
    triples = ontology_triples(folders)
    index = Index(triples)
    rules = Rules(index, triples, vocabulary, declared, examples_folder()).docs()
    derivations = {name_of(file): _derivation(file, vocabulary) for file in ordered_rules(folders)}
    questions = {query.name: QuestionDoc(query, _terms_in(query.text, vocabulary)) for query in all_queries(project)[0]}
    terms = Terms(
        index,
        vocabulary,
        declared,
        rules,
        samples(project),
        grouped((doc.derives, doc.name) for doc in derivations.values()),
        grouped((term, doc.query.name) for doc in questions.values() for term in doc.terms),
    )
    node, properties = ox.NamedNode(ONTOLOGY), terms.properties()
    return Documentation(
        iri=ONTOLOGY,
        title=index.text(node, DCTERMS + "title", project.title),
        description=index.text(node, DCTERMS + "description"),
        version=index.text(node, OWL + "versionInfo"),
        licence=index.text(node, DCTERMS + "license"),
        concerns=_concerns(project, by_concern, list(files), vocabulary, properties, rules),
        classes=terms.classes(),
        properties=properties,
        replaced=frozenset(
            node.value.removeprefix(CQ)
            for node, predicate in index.predicates()
            if predicate == CQ + "replacedBy" and isinstance(node, ox.NamedNode)
        ),
        findings=finding_docs(project, rules),
        derivations=derivations,
        questions=questions,
        prefixes=vocabulary.prefixes,
        keywords=KEYWORDS,
        forms=FORMS,
        article=ARTICLE,
        turtle=ontology_turtle(folders),
        shapes=shapes_turtle(folders),
    )


def _terms_in(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return our terms that a query names, except those that only describe the language."""
    named = set(OUR_TERMS.findall(text))
    return tuple(sorted(named & (vocabulary.classes.keys() | vocabulary.properties.keys())))


# -------- concerns


def concern_of(folder: Path, file: Path) -> str:
    """Return the concern of a file: its stem, or the name of its subfolder of *folder*."""
    inner = file.relative_to(folder)
    return inner.parts[0] if len(inner.parts) > 1 else file.stem


def _by_concern(folders: Sequence[Path], files: Mapping[Path, Sequence[ox.Triple]]) -> dict[str, list[ox.Triple]]:
    concerns = {file: _concern(folders, file) for file in files}
    return grouped((concerns[file], triple) for file, triples in files.items() for triple in triples)


def _concern(folders: Sequence[Path], file: Path) -> str:
    return concern_of(next(folder for folder in folders if file.is_relative_to(folder)), file)


def _triples(file: Path) -> list[ox.Triple]:
    content = read_bytes(file, readable(file)).removeprefix(BOM)
    return [quad.triple for quad in ox.parse(content, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)]


def _concerns(
    project: Project,
    by_concern: Mapping[str, Sequence[ox.Triple]],
    files: Sequence[Path],
    vocabulary: Vocabulary,
    properties: Mapping[str, PropertyDoc],
    rules: Mapping[str, RuleDoc],
) -> dict[str, Concern]:
    """Return name -> concern, for all that declare anything."""
    own_files = grouped((_concern(project.ontology, file), file) for file in files)
    own_rules = grouped((doc.concern, rule) for rule, doc in rules.items())
    classes = vocabulary.classes.keys() - vocabulary.codes.keys()
    concerns = []
    for name, triples in by_concern.items():
        named = (triple.subject.value for triple in triples if isinstance(triple.subject, ox.NamedNode))
        here = list(dict.fromkeys(iri.removeprefix(CQ) for iri in named))
        concern = Concern(
            name=name,
            files=tuple(_shown(project, file) for file in own_files[name]),
            title=_title(own_files[name], name),
            classes=tuple(each for each in here if each in classes),
            lists=tuple(each for each in here if each in vocabulary.codes),
            properties=tuple(each for each in here if each in properties),
            rules=tuple(own_rules.get(name, ())),
        )
        concerns.append(concern)
    return {each.name: each for each in concerns if each.classes or each.lists or each.properties or each.rules}


def _shown(project: Project, file: Path) -> str:
    """Return the name of a file as in kg.toml, the same on every machine."""
    ours = shipped("ontology")
    if file.is_relative_to(project.root):
        return project.shown(file)
    return f"{SHIPPED}/{file.relative_to(ours).as_posix()}" if file.is_relative_to(ours) else file.name


def _title(files: Sequence[Path], name: str) -> str:
    """Return the first comment of the only file, or the name in words."""
    if len(files) == 1:
        first = files[0].read_text(encoding="utf-8-sig").partition("\n")[0]
        if first.startswith("# ") and first.strip("# -"):
            return first.lstrip("# ").strip().rstrip(".")
    return "Code lists" if name == "codes" else re.sub(r"[-_]+", " ", name).capitalize()


# -------- derivation rules


def _derivation(file: Path, vocabulary: Vocabulary) -> DerivationDoc:
    lines = read_text(file, file.name).splitlines()
    header = [line.removeprefix("#+").strip().partition(":") for line in lines if line.startswith("#+")]
    values = {key.strip(): value.strip() for key, _, value in header}
    text = "\n".join(line for line in lines if not line.startswith("#+")).strip()
    return DerivationDoc(
        name=name_of(file),
        title=values.get("title", file.stem.replace("-", " ").capitalize()),
        derives=values.get("derives", ""),
        needs=tuple(sorted(re.findall(r"[a-z][a-z0-9-]*", values.get("needs", "")))),
        reads=_terms_in(text, vocabulary),
        text=text,
    )
