"""Word files -> the natural languages whose words are known. No I/O. Each language is read when first needed.

These are not versions of the mapping language, see `kg.pipeline.language_version`.

`en.toml` and every `en.SOMETHING.toml` hold the words of English. Those in `mul.toml` apply to every language (signs,
codes). Each module here types its own tables and caches them: `cache` on a function of a `Language`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath

from kg.words.tables import Section, WordFile, read_sections

EVERY = "mul"
"""The tag of words that apply to every language: https://www.loc.gov/standards/iso639-2/faq.html#23"""


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language. Two with the same digest are equal, so what is derived from one can be cached.

    Attributes:
        tag: a BCP 47 tag in lower case, such as `en` or `zh-hant`, or "mul" if no words of the language are known.
        digest: of its files.
        sections: name -> section, including those of `mul`.
    """

    tag: str
    digest: str
    sections: Mapping[str, Section] = field(compare=False, repr=False)

    @property
    def is_known(self) -> bool:
        """Whether there are words of this language, not only those that apply to all."""
        return self.tag != EVERY

    def section(self, name: str) -> Section:
        """Return a section, empty if no file has it."""
        return self.sections.get(name, Section(name))


@dataclass(frozen=True)
class Languages:
    """All languages whose words are known.

    Attributes:
        files: tag -> files, in reading order.
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
            InputError: its files are not valid.
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
    """Return the languages of *files*. The first part of a file's name is the tag.

    Files of one language are merged. If two give the same text, the later one applies.
    """
    by_tag: dict[str, tuple[WordFile, ...]] = {}
    for file in files:
        tag = PurePosixPath(file.path).name.partition(".")[0].lower()
        by_tag[tag] = (*by_tag.get(tag, ()), file)
    return Languages(by_tag)


def _digest(files: Iterable[WordFile]) -> str:
    digest = sha256()
    for file in files:
        digest.update(file.text.encode())
        digest.update(b"\0")
    return digest.hexdigest()
