"""The TOML of a language's words -> sections with typed entries. No I/O.

A section holds words, groups of words by meaning, and texts. Each module here reads its own sections and declares with
`Section` what it expects. Errors are reported with file and line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kg.core.errors import InputError

_NONE: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class WordFile:
    """One word file: its path as the user would type it, and its content."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a language, from all files that have it.

    Attributes:
        name: as in the brackets, such as `dates` or `dates.months`.
        parts: file -> its entries, in reading order.
    """

    name: str
    parts: tuple[tuple[WordFile, Mapping[str, object]], ...] = field(default=())

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of words, those of all files together, empty if there is none.

        Raises:
            InputError: it is not a list of texts.
        """
        return tuple(word for file, entries in self._having(key) for word in self._list(file, key, entries[key]))

    def text(self, key: str, default: str = "") -> str:
        """Return a text, that of the last file that has it.

        Raises:
            InputError: it is not a text.
        """
        value: object = default
        for file, entries in self._having(key):
            value = entries[key]
            if not isinstance(value, str):
                raise self.refused(key, "takes a text in quotes", file)
        return str(value)

    def groups(self) -> Mapping[str, tuple[str, ...]]:
        """Return the entries of the section itself: meaning -> its words, a single one or a list.

        Raises:
            InputError: one of them is neither a text nor a list of texts.
        """
        groups: dict[str, tuple[str, ...]] = {}
        for file, entries in self.parts:
            for key, value in entries.items():
                groups[key] = (*groups.get(key, ()), *self._list(file, key, value))
        return groups

    def section(self, key: str) -> Section:
        """Return a section inside this one, empty if there is none.

        Raises:
            InputError: it is not a table.
        """
        parts = []
        for file, entries in self._having(key):
            inner = entries[key]
            if not isinstance(inner, Mapping):
                raise self.refused(key, f"takes a table, [{self.name}.{key}]", file)
            parts.append((file, inner))
        return Section(f"{self.name}.{key}", tuple(parts))

    def refuse_others(self, *known: str) -> None:
        """Refuse unknown keys in the section.

        Raises:
            InputError: it has a key that is not in *known*.
        """
        self.refuse_keys_but(known, f"is not a known key; known keys are {', '.join(known)}")

    def refuse_keys_but(self, known: Container[str], problem: str) -> None:
        """Refuse the section if it has a key that is not in *known*. *problem* explains why.

        Raises:
            InputError: it has one.
        """
        for file, key in ((file, key) for file, entries in self.parts for key in entries if key not in known):
            raise self.refused(key, problem, file)

    def refuse_words_but(self, known: Container[str], problem: str) -> None:
        """Refuse the section if a group in it has a word that is not in *known*. *problem* explains why.

        Raises:
            InputError: a group has one, or is not a list of texts.
        """
        for file, entries in self.parts:
            for key, value in entries.items():
                unknown = [word for word in self._list(file, key, value) if word not in known]
                if unknown:
                    raise self.refused(key, f"has {unknown[0]}, which {problem}", file)

    def refused(self, key: str, problem: str, file: WordFile | None = None) -> InputError:
        """Return an error about the entry *key*, with its file and line."""
        place = next((part[0] for part in self.parts if part[0] is file or (file is None and key in part[1])), None)
        where = f"{place.path}:{_line(place.text, self.name, key)}: " if place else ""
        return InputError(
            f"{where}'{key}' of [{self.name}] {problem}", "see docs/reference/words.md for the tables of a language"
        )

    def _having(self, key: str) -> Iterator[tuple[WordFile, Mapping[str, object]]]:
        return ((file, entries) for file, entries in self.parts if key in entries)

    def _list(self, file: WordFile, key: str, value: object) -> tuple[str, ...]:
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) and item.strip() for item in items):
            raise self.refused(key, "takes a word in quotes, or a list of words", file)
        return tuple(str(item) for item in items)


def read_sections(files: tuple[WordFile, ...]) -> Mapping[str, Section]:
    """Return name -> section for the top-level tables of *files*.

    Raises:
        InputError: a file is not TOML, or has a top-level entry that is not a table.
    """
    parts: dict[str, list[tuple[WordFile, Mapping[str, object]]]] = {}
    for file in files:
        for name, entries in _parsed(file).items():
            if not isinstance(entries, Mapping):
                raise InputError(f"{file.path}: '{name}' is not in a table", "write it below a line such as [dates]")
            parts.setdefault(name, []).append((file, entries))
    return {name: Section(name, tuple(entries)) for name, entries in parts.items()}


def _parsed(file: WordFile) -> Mapping[str, object]:
    try:
        return tomllib.loads(file.text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file.path}: {error}", "see https://toml.io for the syntax") from error
    except RecursionError as error:
        raise InputError(
            f"{file.path}: its values are nested too deeply", "write lists of words, not of lists"
        ) from error


def _line(text: str, section: str, key: str) -> int:
    """Return the line of *key* in [*section*], else that of the section, else 1."""
    header, assignment = (
        re.compile(rf"\s*\[\s*{re.escape(section)}\s*\]"),
        re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*="),
    )
    inside, best = "." not in section and f"[{section}]" not in text, 1
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            inside = bool(header.match(line))
            best = number if inside else best
        elif inside and assignment.match(line):
            return number
    return best
