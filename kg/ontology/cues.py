"""The cues of classes, in the ontology + the words of a language -> patterns over the tokens of a sentence. No I/O.

The syntax is described where the annotation is declared, `cq:cue` in ontology/core.ttl, and patterns in
`kg.words.patterns`. A class that a project adds is drafted in the same way as the shipped ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from kg.core.errors import InputError
from kg.core.likeness import proposal
from kg.core.terms import CQ, ENTITY_CLASS
from kg.ontology.triples import Index, local, ontology_triples
from kg.ontology.versions import once_per_version
from kg.ontology.vocabulary import Kind, Vocabulary
from kg.words.draft_words import DraftWords
from kg.words.patterns import Grammar, grammar
from kg.words.tokens import WordTable

CUE, NAME_CUE = CQ + "cue", CQ + "nameCue"
DATE, FIGURE, REST, BEFORE, ANY = "date", "figure", "rest", "before", "any"
"""Kinds of words that every language has. The rest of the sentence, and the part before, may be a text."""
ONLY_DATE = "@date"
TITLE, VERB, ABBREVIATION, FOREIGN = "title", "verb", "abbreviation", "foreign"
WORD_KINDS = (TITLE, VERB, ABBREVIATION, FOREIGN, REST, BEFORE)
"""Kinds of words that a text may be, besides the kinds of phrases of a language."""

MOST_IN_GAP = 8
MOST_IN_LIST = 10
USUAL_SCORE = 0.8

PLAIN = WordTable({})
"""Splits patterns and sentences in the same way."""

_FIELD = re.compile(r"\{(?P<paths>[\w.|]*)(?::(?P<kind>\w+))?(?P<codes>(?:\s+\w+=\w+)*)\}")
_LINE = re.compile(
    r"(?:(?P<score>[01](?:\.\d+)?)\s+)?(?P<pattern>.+?)(?:\s+:\s+(?P<codes>[\w.]+=\S+(?:\s+[\w.]+=\S+)*))?"
)

Path_ = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CueField:
    """A place in a pattern that becomes a value.

    Attributes:
        kinds: what is allowed there -> the path of keys that it goes under.
        codes: key -> code, for the node that is made for it.
    """

    kinds: Mapping[str, Path_]
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cue:
    """One pattern for facts of a class.

    Attributes:
        class_name: the class.
        line: as written, without score and codes.
        score: how sure a match is.
        group: the name of the pattern in the grammar.
        fields: name of a group of the grammar -> the value that it becomes.
        codes: path of keys -> code, or ONLY_DATE.
        phrases: kinds of phrases that it has.
        words: its words, in lower case.
    """

    class_name: str
    line: str
    score: float
    group: str
    fields: Mapping[str, CueField]
    codes: Mapping[Path_, str]
    phrases: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True)
class Cues:
    """All cues in one language.

    Attributes:
        cues: class by class, first those of facts that may take part in others.
        grammar: their patterns.
        names: words of names -> local name of the class that they indicate, the longest first.
    """

    cues: tuple[Cue, ...]
    grammar: Grammar
    names: Mapping[str, str] = field(default_factory=dict)


@once_per_version
def cue_texts(folders: Sequence[Path]) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return annotation -> language -> local name of a class -> its text.

    Raises:
        InputError: the ontology cannot be read.
    """
    index = Index(ontology_triples(folders))
    texts: dict[str, dict[str, dict[str, str]]] = {CUE: {}, NAME_CUE: {}}
    for subject, predicate in index.predicates():
        for value in index.values(subject, predicate) if predicate in texts else ():
            if isinstance(value, ox.Literal):
                own = texts[predicate].setdefault((value.language or "").lower(), {})
                name = local(subject.value)
                own[name] = f"{own[name]}\n{value.value}" if name in own else value.value
    return texts


def cues_in(folders: Sequence[Path], vocabulary: Vocabulary, language: str, words: DraftWords) -> Cues:
    """Return the cues of all classes in a language, none if the ontology has none in it.

    Raises:
        InputError: a cue, or a pattern of the language, is faulty. `kg check` reports cues.
    """
    texts = cue_texts(folders)
    by_class = texts[CUE].get(language, {})
    order = sorted(by_class, key=lambda name: (not vocabulary.is_a(name, "Actor"), name))
    reader = CueReader(vocabulary, words)
    try:
        cues = tuple(reader.cue(name, number, line) for name in order for number, line in cue_lines(by_class[name]))
    except ValueError as error:
        raise InputError(f"a cue cannot be read: {error}", "run 'kg check', which lists all that are faulty") from error
    pairs = [
        (word.strip(), name) for name, text in texts[NAME_CUE].get(language, {}).items() for word in text.split(",")
    ]
    names = dict(sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0])))
    return Cues(cues, grammar(reader.groups, PLAIN, _refused), names)


def _refused(name: str, why: str) -> InputError:
    return InputError(f"a cue or a pattern for drafts cannot be read ({name}): {why}", "see cq:cue in the ontology")


def cue_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the cues of a class, each with its number."""
    return enumerate(filter(None, map(str.strip, text.splitlines())))


# -------- reading


class CueReader:
    """Makes patterns of cues, and makes what several share once."""

    def __init__(self, vocabulary: Vocabulary, words: DraftWords) -> None:
        self.vocabulary = vocabulary
        self.words = words
        gap = ["".join(f"{{{ANY}}}" for _ in range(size)) for size in range(MOST_IN_GAP, 0, -1)]
        self.groups: dict[str, Sequence[str]] = {"gap": gap, **words.patterns}
        self.templates = self.groups.pop("mention", ("{*}",))

    def cue(self, class_name: str, number: int, line: str) -> Cue:
        """Return a cue of a class of facts; its pattern is in the groups then.

        Raises:
            ValueError: it names no key, code or kind of words.
        """
        parts = _LINE.fullmatch(line)
        assert parts is not None  # any line that is not empty has a pattern
        fields: dict[str, CueField] = {}

        def replaced(match: re.Match[str]) -> str:
            paths, kind = match["paths"], match["kind"] or ""
            if paths in self.groups and not kind:
                return match[0]
            name = f"f_{class_name}_{number}_{len(fields)}"
            fields[name] = self._field(class_name, match)
            if kind == BEFORE:
                return ""
            self.groups[name] = self._patterns(class_name, fields[name])
            return f"{{{name}}}"

        pattern = _FIELD.sub(replaced, parts["pattern"]).replace("…", "[{gap}]")
        group = f"c_{class_name}_{number}"
        self.groups[group] = [pattern]
        codes = dict(self._code(class_name, each) for each in (parts["codes"] or "").split())
        phrases = frozenset(kind for each in fields.values() for kind in each.kinds if kind in self.words.nouns)
        score = float(parts["score"] or USUAL_SCORE)
        if score > 1:
            raise ValueError(f"how sure it is goes from 0 to 1, and is not {parts['score']}")
        literals = PLAIN.tokens(re.sub(r"[<>|…\[\]]", " ", _FIELD.sub(" ", parts["pattern"])))
        words = frozenset(token.text for token in literals)
        return Cue(class_name, parts["pattern"], score, group, fields, codes, phrases, words)

    def _field(self, class_name: str, match: re.Match[str]) -> CueField:
        paths = [tuple(path.split(".")) for path in match["paths"].split("|")]
        kinds = {self._kind(class_name, path, match["kind"]): path for path in paths}
        codes = dict(pair.split("=") for pair in match["codes"].split())
        for key, code in codes.items():
            self._code(class_name, f"{'.'.join((*paths[0][:-1], key))}={code}")
        return CueField(kinds, codes)

    def _kind(self, class_name: str, path: Path_, named: str | None) -> str:
        """Return what may express a value: a class, a date, a figure, or a kind of words."""
        owner = self._owner(class_name, path)
        key = self.vocabulary.keys[owner].get(path[-1])
        if key is None:
            known = self.vocabulary.keys[owner]
            hint = proposal(path[-1], known, f"keys are {', '.join(known)}")
            raise ValueError(f"it names '{'.'.join(path)}', which is not a key of {owner}: {hint}")
        if named:
            kinds = (*WORD_KINDS, *self.words.nouns)
            if named not in kinds:
                hint = proposal(named, kinds, f"kinds are {', '.join(kinds)}")
                raise ValueError(f"it asks for words of the kind '{named}', which there is not: {hint}")
            return named
        if key.kind is Kind.NODE:
            form = self.vocabulary.classes[key.range].compact_form
            return {"edtf": DATE, "quantity": FIGURE}.get(form, key.range)
        return ENTITY_CLASS if key.kind is Kind.ANY else key.name

    def _owner(self, class_name: str, path: Path_) -> str:
        """Return the class of the node that has the last key of a path."""
        for name in path[:-1]:
            key = self.vocabulary.keys[class_name].get(name)
            inside = self.vocabulary.class_in_braces(key) if key and key.kind is Kind.NODE else ""
            if not inside:
                raise ValueError(f"it names '{'.'.join(path)}', but there are no nodes inside '{name}'")
            class_name = inside
        return class_name

    def _code(self, class_name: str, text: str) -> tuple[Path_, str]:
        """Return path and code of an assignment."""
        name, _, value = text.partition("=")
        path = tuple(name.split("."))
        owner = self._owner(class_name, path)
        key = self.vocabulary.keys[owner].get(path[-1])
        codes = self.vocabulary.codes.get(key.range, {}) if key else {}
        is_date = key is not None and value == ONLY_DATE and key.kind is Kind.NODE
        if not is_date and value not in codes:
            hint = proposal(value, codes, f"codes are {', '.join(codes)}") if codes else f"'{name}' takes no code"
            raise ValueError(f"it gives '{text}', which is not a code of {owner}: {hint}")
        return path, value

    # -------- the patterns of a field

    def _patterns(self, class_name: str, place: CueField) -> Sequence[str]:
        patterns = []
        for kind, path in place.kinds.items():
            if kind in self.vocabulary.classes:
                patterns += self._mentions(kind, several=self._takes_several(class_name, path))
            else:
                patterns.append(f"{{{ANY if kind == REST else kind}}}")
        return patterns

    def _takes_several(self, class_name: str, path: Path_) -> bool:
        return any(
            self.vocabulary.keys[self._owner(class_name, path[:n])][path[n - 1]].most != 1
            for n in range(1, len(path) + 1)
        )

    def _mentions(self, kind: str, *, several: bool) -> list[str]:
        """Return the patterns for instances of a class: one, and a list of them."""
        single = f"np_{kind}"
        if single not in self.groups:
            self.groups[single] = [template.replace("{*}", f"{{{kind}}}") for template in self.templates]
            for number in range(MOST_IN_LIST):
                self.groups[f"m{number}_{kind}"] = [f"{{{single}}}"]
        if not several or "and" not in self.groups:
            return [f"{{{single}}}"]
        items = [f"{{m{number}_{kind}}}" for number in range(MOST_IN_LIST)]
        lists = [", ".join(items[: size - 1]) + f" {{and}} {items[size - 1]}" for size in range(MOST_IN_LIST, 1, -1)]
        return [*lists, f"{{{single}}}"]
