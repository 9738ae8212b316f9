"""The cues of an ontology + the words of the project's languages -> the cues of which no draft can come. Reads both.

They are no part of the other problems of an ontology, for what a cue may name depends on words, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.core.terms import CQ, ENTITY_CLASS, FACT_CLASS
from kg.ontology.cues import CUE, NAME_CUE, PLAIN, CueReader, cue_lines, cue_texts
from kg.ontology.load import project_vocabulary
from kg.ontology.parameters import Problem
from kg.ontology.soundness import refuse
from kg.ontology.triples import ontology_triples
from kg.ontology.versions import made_key, once_per_version
from kg.ontology.vocabulary import Vocabulary
from kg.project.kept_texts import kept_text
from kg.project.settings import Project
from kg.words.draft_words import draft_words
from kg.words.language import Languages
from kg.words.patterns import grammar

_WITHOUT_LANGUAGE = "does not say of which language its words are: write it behind them, such as @en"


def refuse_faulty_cues(project: Project, languages: Languages) -> None:
    """Refuse an ontology that has faulty cues. That it has none is kept in the build folder.

    Raises:
        InputError: lists each with the file and the line of its class.
    """
    folders = project.ontology

    def check() -> str:
        faulty = cue_problems(folders, project_vocabulary(project), languages)
        refuse(faulty, folders, ontology_triples(folders))
        return ""

    kept_text(project.build, _key(folders, languages.digest), check)


@once_per_version
def _key(folders: Sequence[Path], words: str) -> str:
    return made_key(folders, "cues", words, by=("core", "words", "ontology"))


def cue_problems(folders: Sequence[Path], vocabulary: Vocabulary, languages: Languages) -> Iterator[Problem]:
    """Yield what is wrong with cues and cues of names, by their classes."""
    texts = cue_texts(folders)
    for tag, by_class in texts[CUE].items():
        reader = CueReader(vocabulary, draft_words(languages.language(tag)))
        for name, text in by_class.items():
            yield from (Problem(_node(name), f"cq:cue {fault}") for fault in _faults(reader, name, text, tag))
    for tag, by_class in texts[NAME_CUE].items():
        for name, text in by_class.items():
            yield from (
                Problem(_node(name), f"cq:nameCue {fault}") for fault in _name_faults(vocabulary, name, text, tag)
            )


def _node(name: str) -> ox.NamedNode:
    return ox.NamedNode(CQ + name)


def _faults(reader: CueReader, class_name: str, text: str, tag: str) -> Iterator[str]:
    if class_name not in reader.vocabulary.classes or not reader.vocabulary.is_a(class_name, FACT_CLASS):
        yield "stands at a class that is none of facts: move it to one"
        return
    if not tag:
        yield _WITHOUT_LANGUAGE
    for number, line in cue_lines(text):
        try:
            group = reader.cue(class_name, number, line).group
            grammar({group: reader.groups[group]}, PLAIN, lambda _, why: ValueError(why))
        except ValueError as error:
            yield f"'{line}': {error}"


def _name_faults(vocabulary: Vocabulary, class_name: str, text: str, tag: str) -> Iterator[str]:
    if class_name not in vocabulary.classes or not vocabulary.is_a(class_name, ENTITY_CLASS):
        yield "stands at a class that is none of entities: move it to one"
    if not tag:
        yield _WITHOUT_LANGUAGE
    if not all(map(str.strip, text.split(","))):
        yield f"'{text}': nothing stands between two commas, or beside one"
