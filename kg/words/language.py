"""Files with words -> the natural languages whose words are known. No I/O; one is read when it is first needed.

That a project is written in a version of the mapping language is another matter: `kg.pipeline.language_version`.

`en.toml` and every `en.SOMETHING.toml` hold the words of English; those of `mul.toml` count in every language (signs,
codes). A part of this package gives its own tables a type, and keeps it: `cache` on a function of a `Language`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath

from kg.words.tables import Section, WordFile, read_sections

EVERY = "mul"
"""The tag of what counts in every language: https://www.loc.gov/standards/iso639-2/faq.html#23"""


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language; two with one digest are equal, so that what is made from one can be cached.

    Attributes:
        tag: of BCP 47, in lower case, such as `en` or `zh-hant`; "mul" where no words of the language are known.
        digest: of its files.
        sections: name -> section, those of every language included.
    """

    tag: str
    digest: str
    sections: Mapping[str, Section] = field(compare=False, repr=False)

    def section(self, name: str) -> Section:
        """Return a section, empty if no file has it."""
        return self.sections.get(name, Section(name))


@dataclass(frozen=True)
class Languages:
    """All languages whose words are known.

    Attributes:
        files: tag -> files, in the order in which they are read.
    """

    files: Mapping[str, tuple[WordFile, ...]]
    _read: dict[str, Language] = field(default_factory=dict, compare=False, repr=False)

    @property
    def digest(self) -> str:
        """A digest of all words."""
        return _digest(file for tag in sorted(self.files) for file in self.files[tag])

    def language(self, tag: str) -> Language:
        """Return the words for a text in *tag*: of `zh-Hant-TW`, those of `zh-hant` if there are any, else of `zh`.

        Raises:
            InputError: its files are not what they must be.
        """
        known = self._nearest(tag.lower())
        if known not in self._read:
            files = (*self.files.get(EVERY, ()), *(self.files.get(known, ()) if known != EVERY else ()))
            self._read[known] = Language(known, _digest(files), read_sections(files))
        return self._read[known]

    def _nearest(self, tag: str) -> str:
        while tag and tag not in self.files:
            tag = tag.rpartition("-")[0]
        return tag or EVERY


def languages(files: Iterable[WordFile]) -> Languages:
    """Return the languages of *files*, each named by the first part of its name.

    Files of one language add to one another; where two give a text, the later one counts.
    """
    found: dict[str, tuple[WordFile, ...]] = {}
    for file in files:
        tag = PurePosixPath(file.path).name.partition(".")[0].lower()
        found[tag] = (*found.get(tag, ()), file)
    return Languages(found)


def _digest(files: Iterable[WordFile]) -> str:
    digest = sha256()
    for file in files:
        digest.update(file.text.encode())
        digest.update(b"\0")
    return digest.hexdigest()
