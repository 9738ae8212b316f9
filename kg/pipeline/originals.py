"""A folder of originals + digests -> findings: which originals are missing, and how digests and originals differ.

An original is found by the SHA-256 of its bytes, as given in the digest. The name of its file is used only if the hash
finds nothing. Reads the folder, and stores nothing from it.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path, PurePosixPath

from kg.core import iri
from kg.core.english import counted
from kg.core.errors import Finding, InputError, Place, Severity, source_lines
from kg.core.terms import ARTICLE_KEY, TEXT_KEY, TEXT_KIND_KEY
from kg.mapping.digests import digest_findings
from kg.mapping.read import Scalar, Table, read_yaml
from kg.mapping.scope import Scope
from kg.mapping.tables import entry_of, first_text, value_of
from kg.project.files import MAX_BYTES, decoded_text, read_bytes, readable
from kg.project.folders import faulty
from kg.project.settings import Project
from kg.project.sources import Source

DIGEST, ORIGINAL_KEY, HASH_KEY, FILE_KEY = "Digest", "original", "sha256", "fileName"
NOT_THERE, OTHER_BYTES, TWICE, UNREAD = "KG-O001", "KG-O002", "KG-O003", "KG-O004"
MOST_SHOWN = 3


@dataclass(frozen=True)
class Folder:
    """The files below a folder.

    Attributes:
        shown: the folder's name.
        by_hash: SHA-256 in hexadecimal -> the files with these bytes, in order.
        by_name: name -> the hash of each file that has it, by path.
        unread: files that cannot be read, and why.
    """

    shown: str
    by_hash: Mapping[str, Sequence[Path]]
    by_name: Mapping[str, Mapping[Path, str]]
    unread: Mapping[Path, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result of comparing digests with their originals.

    Attributes:
        findings: what is wrong.
        compared: how many digests were compared.
        left: how many digests were not compared.
        others: how many articles are not digests.
        unread: how many mappings could not be read, so that it is unknown whether they are digests.
    """

    findings: tuple[Finding, ...] = field(repr=False)
    compared: int
    left: int
    others: int
    unread: int

    def __str__(self) -> str:
        counts = [
            (self.left, "not compared", "not compared"),
            (self.others, "article is not a digest", "articles are not digests"),
            (self.unread, "article cannot be read", "articles cannot be read"),
        ]
        compared = f"{self.compared} digests compared with their originals"
        compared = "1 digest compared with its original" if self.compared == 1 else compared
        return ", ".join([compared, *(counted(number, one, many) for number, one, many in counts if number)])


def read_folder(folder: Path) -> Folder:
    """Read the bytes of every file below *folder*, following links to files.

    Raises:
        InputError: there is no such folder, or it cannot be listed.
    """
    shown = readable(folder)
    if not folder.is_dir():
        what = f"{shown} is not a folder" if os.path.lexists(folder) else f"there is no folder {shown}"
        raise InputError(what, "name the folder that contains the originals")
    by_hash: dict[str, list[Path]] = defaultdict(list)
    by_name: dict[str, dict[Path, str]] = defaultdict(dict)
    unread: dict[Path, str] = {}
    for file in _files(folder, unread):
        try:
            digest = _hash(file)
        except OSError as error:
            unread[file] = str(error.strerror or error)
            continue
        by_hash[digest].append(file)
        by_name[file.name][file] = digest
    return Folder(shown, by_hash, by_name, unread)


def _files(folder: Path, unread: dict[Path, str]) -> Iterator[Path]:
    """Yield the regular files below a folder, in order, and note what is neither a file nor a folder."""

    def note(error: OSError) -> None:
        if Path(error.filename) == folder:
            raise InputError(f"cannot read {readable(folder)}: {error.strerror}", "check its permissions") from error
        unread[Path(error.filename)] = str(error.strerror)

    for above, folders, names in os.walk(folder, onerror=note):
        folders.sort()
        for name in sorted(names):
            file = Path(above, name)
            if fault := faulty(file):
                unread[file] = fault.problem
            else:
                yield file


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        digest = sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
        return digest.hexdigest()


# -------- finding originals


def compared(folder: Folder, project: Project, sources: Iterable[Source], scope: Scope) -> Comparison:
    """Compare each digest among *sources*, which are articles, with its original in *folder*."""
    findings = [_unread(project, file, problem) for file, problem in folder.unread.items()]
    counts = {"compared": 0, "left": 0, "others": 0, "unread": 0}
    for source in sources:
        tree, _ = read_yaml(source.text, source.path)
        article = value_of(tree, ARTICLE_KEY) if isinstance(tree, Table) else None
        if not isinstance(article, Table):
            counts["unread"] += 1
        elif first_text(value_of(article, TEXT_KIND_KEY)).strip() != DIGEST:
            counts["others"] += 1
        else:
            digest = _Digest(source, article, folder, project, scope)
            text = digest.original()
            findings += digest.findings
            findings += digest.differences(text) if text is not None else ()
            counts["left" if text is None else "compared"] += 1
    return Comparison(tuple(findings), **counts)


def _unread(project: Project, file: Path, problem: str) -> Finding:
    message = f"this cannot be read, and may be an original: {problem}"
    return Finding(Place(project.shown(file)), Severity.WARNING, UNREAD, message, "make it readable, or move it away")


@dataclass
class _Digest:
    """One digest, and the findings from the search for its original."""

    source: Source
    article: Table
    folder: Folder
    project: Project
    scope: Scope
    findings: list[Finding] = field(default_factory=list)

    @property
    def _focus(self) -> str:
        return iri.article_iri(self.scope.base, self.source.stem) if iri.is_id(self.source.stem) else ""

    def original(self) -> str | None:
        """Return the text of the original, None if it is missing or cannot be read. The findings say why."""
        if not first_text(value_of(self.article, TEXT_KEY)).strip():
            self._note(self._place(TEXT_KEY), NOT_THERE, "the digest has no text to compare", "write it under text")
            return None
        file = self._by_hash() or self._by_name()
        if file is None:
            return None
        shown = self.project.shown(file)
        try:
            return decoded_text(read_bytes(file, shown, MAX_BYTES + 1), shown)
        except InputError as error:
            message = f"the original cannot be compared: {error.message}"
            self._note(self._place(HASH_KEY), UNREAD, message, "compare it by hand")
            return None

    def differences(self, original: str) -> Iterator[Finding]:
        """Yield the differences between the digest and its original."""
        lines = source_lines(self.source.text)
        yield from digest_findings(self.article, original, lines, self._focus, self.scope)

    def _by_hash(self) -> Path | None:
        files = self.folder.by_hash.get(self._text(HASH_KEY).lower(), ())
        if len(files) > 1:
            shown = " and ".join(map(self.project.shown, files[:MOST_SHOWN]))
            message = f"{len(files)} files have the bytes of this original: {shown}"
            self._note(self._place(HASH_KEY), TWICE, message, "keep one of them", Severity.INFO)
        return files[0] if files else None

    def _by_name(self) -> Path | None:
        """Return the file with the original's name if no hash rules it out, and record the problem."""
        expected, name = self._text(HASH_KEY), PurePosixPath(self._text(FILE_KEY)).name
        named = self.folder.by_name.get(name, {}) if name else {}
        files = " and ".join(self.project.shown(file) for file in list(named)[:MOST_SHOWN])
        if expected and named:
            message = f"{files} has the original's name, but other bytes"
            fix = "restore the file that the digest was made from, or check it against this one and write its sha256"
            self._note(
                self._place(HASH_KEY), OTHER_BYTES, message, f"{fix}: {next(iter(named.values()))}", Severity.ERROR
            )
        elif len(named) == 1:
            [(file, digest)] = named.items()
            message = f"no sha256 identifies the original; compared with {files}, which has its name"
            self._note(self._place(FILE_KEY), NOT_THERE, message, f"if that is the one, write sha256: {digest}")
            return file
        elif named:
            message = f"no sha256 identifies the original, and several have its name: {files}"
            self._note(self._place(FILE_KEY), NOT_THERE, message, "write the sha256 of the right one under original")
        else:
            self._not_there(expected, name)
        return None

    def _not_there(self, expected: str, name: str) -> None:
        sought = " or ".join([*(["this sha256"] if expected else []), *([f"the name {name}"] if name else [])])
        message = f"the original is missing: no file below {self.folder.shown} has {sought}"
        fix = "put it there, or name the folder that has it"
        if not sought:
            message = "neither sha256 nor fileName identifies the original"
            fix = "write the sha256 of its bytes under original"
        self._note(self._place(HASH_KEY), NOT_THERE, message, fix)

    def _text(self, key: str) -> str:
        original = value_of(self.article, ORIGINAL_KEY)
        return first_text(value_of(original, key)).strip() if isinstance(original, Table) else ""

    def _place(self, key: str) -> Place:
        """Return the place of a value of the original, or of the nearest key."""
        original = value_of(self.article, ORIGINAL_KEY)
        value = value_of(original, key) if isinstance(original, Table) else None
        if isinstance(value, Scalar) and value.text:
            return value.place
        entry = entry_of(self.article, ORIGINAL_KEY) or entry_of(self.article, TEXT_KIND_KEY)
        return entry.key.place if entry else self.article.place

    def _note(self, place: Place, code: str, message: str, fix: str, severity: Severity = Severity.WARNING) -> None:
        self.findings.append(Finding(place, severity, code, message, fix, self._focus))
