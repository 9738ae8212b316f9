"""kg.toml -> Project: where a project's files are and how its IRIs begin. Reads only kg.toml.

A project is a folder. Every setting has a default, so an empty kg.toml is valid.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kg.core.errors import InputError, UsageError
from kg.core.iri import absolute_iri
from kg.project.endpoint import EMBEDDED, StoreSettings, address_settings, store_settings
from kg.project.files import read_text, readable

SETTINGS_FILE = "kg.toml"
DEFAULT_BASE = "https://w3id.org/communique/"
SHIPPED = "@kg"
MOST_GENERATIONS = 1000
PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Project:
    """The settings of a project. All paths are absolute.

    Attributes:
        root: the folder with kg.toml.
        base: the beginning of every IRI of the project's data, ends in "/".
        ontology: folders read in this order as one vocabulary.
        queries: folders of questions. A later one overrides an earlier one by name.
        data: has registry/, articles/ and links.sssom.tsv.
        build: output, may be removed at any time.
        title: of the data set, for its description.
        description: of the data set.
        licence: IRI of the data's licence.
        stores: name -> another triplestore.
        store: the default store to query, "" for the project's own.
        currencies: ISO 4217 codes to use where a word for money is ambiguous.
        words: folders with the words of languages. Later ones add to earlier ones.
        language: the version of the mapping language that its files are written in, "" for the current one.
        generations: how many generations stay in the build folder.
    """

    root: Path
    base: str
    ontology: tuple[Path, ...]
    queries: tuple[Path, ...]
    data: Path
    build: Path
    title: str
    description: str
    licence: str
    stores: Mapping[str, StoreSettings] = field(default_factory=dict)
    store: str = ""
    words: tuple[Path, ...] = ()
    currencies: tuple[str, ...] = ()
    language: str = ""
    generations: int = 5

    def store_named(self, name: str) -> StoreSettings | None:
        """Return the store with this name or address, None for the project's own.

        Raises:
            UsageError: there is none with that name.
            InputError: it looks like an address but is not one.
        """
        name = name or self.store or EMBEDDED
        if name == EMBEDDED:
            return None
        if "://" in name:
            return address_settings(name)
        if name not in self.stores:
            known = ", ".join(self.stores) or "none"
            raise UsageError(
                f"there is no store '{name}'", f"give an address, or add [stores.{name}] to kg.toml; known: {known}"
            )
        return self.stores[name]

    def shown(self, path: Path) -> str:
        """Return *path* as a user would type it in the project's folder, with bytes that are not Unicode as escapes."""
        text, root = path.as_posix(), self.root.as_posix().rstrip("/")
        return readable((text[len(root) + 1 :] or ".") if f"{text}/".startswith(f"{root}/") else text)


def load_project(start: Path) -> Project:
    """Return the project in *start* or in the nearest parent folder with a kg.toml.

    Raises:
        InputError: there is no kg.toml, or it is not valid.
    """
    root = _project_root(start.resolve())
    if readable(root) != str(root):
        shown = readable(root)
        raise InputError(f"the name of the project's folder is not Unicode text: {shown}", "rename the folder")
    settings = _settings(root / SETTINGS_FILE)
    base = _text(settings, "base", DEFAULT_BASE)
    if not base.startswith(("http://", "https://", "urn:")) or not base.endswith("/") or not _is_iri(base):
        problem, fix = f"base is not an IRI that ends in '/': {base}", "for example https://example.org/kg/"
        raise InputError(f"{_place(root, 'base')}: {problem}", fix)
    licence = _text(settings, "licence", "")
    if licence and not _is_iri(licence):
        problem, fix = f"licence is not an IRI: {licence}", "for example https://creativecommons.org/licenses/by/4.0/"
        raise InputError(f"{_place(root, 'licence')}: {problem}", fix)
    return Project(
        root=root,
        base=base,
        ontology=_folders(root, settings, "ontology"),
        queries=_folders(root, settings, "queries"),
        data=_folder(root, "data", _text(settings, "data", "data")),
        build=_folder(root, "build", _text(settings, "build", "build")),
        title=_text(settings, "title", root.name),
        description=_text(settings, "description", ""),
        licence=licence,
        stores=_stores(settings),
        store=_default_store(settings),
        words=_folders(root, settings, "words"),
        currencies=_currencies(root, settings),
        language=_text(settings, "language", ""),
        generations=_generations(root, settings),
    )


def _is_iri(text: str) -> bool:
    try:
        absolute_iri(text)
    except ValueError:
        return False
    return True


def _place(root: Path, key: str) -> str:
    """Return file and line of a setting."""
    return f"{SETTINGS_FILE}:{setting_line((root / SETTINGS_FILE).read_text(encoding='utf-8-sig'), key)}"


def setting_line(settings: str, key: str) -> int:
    """Return the line of the setting *key* in the text of a kg.toml, from 1, and 1 if it is missing.

    >>> setting_line('title = "Tides"\\nbase = "https://example.org/"', "base")
    2
    """
    lines = settings.split("\n")
    return next((n for n, line in enumerate(lines, 1) if line.partition("=")[0].strip(" \t\"'") == key), 1)


def shipped(kind: str) -> Path:
    """Return the folder of the ontology, the queries or the words that come with the package.

    In a wheel they are inside the package. In a checkout the ontology and the queries are beside it.
    """
    if kind == "words":
        return PACKAGE / "words" / "languages"
    inside = PACKAGE / "_shipped" / kind
    return inside if inside.is_dir() else PACKAGE.parent / kind


def _project_root(start: Path) -> Path:
    for folder in (start, *start.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    raise InputError(
        f"no {SETTINGS_FILE} in {start} or above it",
        "go to a project's folder, name one with -C, or create one with 'kg init DIR'",
    )


KNOWN = frozenset(
    "base ontology queries data build title description licence stores store words currencies language"
    " generations".split()
)


def _settings(path: Path) -> Mapping[str, object]:
    try:
        settings = tomllib.loads(read_text(path, path.name))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path.name}: {error}", "see https://toml.io for the syntax") from error
    except RecursionError as error:
        raise InputError(f"{path.name}: its values are nested too deeply", "no setting is a list of lists") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    unknown = sorted(set(settings) - KNOWN)
    if unknown:
        known = ", ".join(sorted(KNOWN))
        raise InputError(f"{path.name}: unknown setting '{unknown[0]}'", f"known settings are {known}")
    return settings


def _stores(settings: Mapping[str, object]) -> Mapping[str, StoreSettings]:
    tables = settings.get("stores", {})
    if not isinstance(tables, Mapping):
        raise InputError(f"{SETTINGS_FILE}: stores must be tables", "for example [stores.company]")
    return {str(name): store_settings(str(name), table) for name, table in tables.items()}


def _default_store(settings: Mapping[str, object]) -> str:
    name = _text(settings, "store", "")
    if name and name != EMBEDDED and name not in _stores(settings):
        raise InputError(f"{SETTINGS_FILE}: there is no store '{name}'", f"add [stores.{name}], or leave it out")
    return name


def _currencies(root: Path, settings: Mapping[str, object]) -> tuple[str, ...]:
    codes = settings.get("currencies", [])
    if not isinstance(codes, list) or not all(
        isinstance(code, str) and re.fullmatch("[A-Z]{3}", code) for code in codes
    ):
        problem, fix = "currencies must be a list of codes of three capital letters", 'for example currencies = ["USD"]'
        raise InputError(f"{_place(root, 'currencies')}: {problem}", fix)
    return tuple(codes)


def _generations(root: Path, settings: Mapping[str, object]) -> int:
    number = settings.get("generations", 5)
    if type(number) is not int or not 2 <= number <= MOST_GENERATIONS:
        problem, fix = f"generations is not a number from 2 to {MOST_GENERATIONS:,}", "for example generations = 50"
        raise InputError(f"{_place(root, 'generations')}: {problem}", fix)
    return number


def _text(settings: Mapping[str, object], key: str, default: str) -> str:
    value = settings.get(key, default)
    if not isinstance(value, str):
        raise InputError(f"{SETTINGS_FILE}: {key} must be text")
    return value


def _folder(root: Path, key: str, name: str) -> Path:
    """Return the folder of that name. An empty name is refused, because it would mean the whole project."""
    if not name.strip() or "\0" in name:
        problem = f"{key} is empty" if not name.strip() else f"{key} contains a NUL"
        raise InputError(f"{_place(root, key)}: {problem}", f'name a folder, for example "{key}"')
    return root / name


def _folders(root: Path, settings: Mapping[str, object], key: str) -> tuple[Path, ...]:
    names = settings.get(key, [SHIPPED])
    if not isinstance(names, Sequence) or isinstance(names, str) or not all(isinstance(n, str) for n in names):
        raise InputError(f"{SETTINGS_FILE}: {key} must be a list of folders", f'for example {key} = ["@kg", "{key}"]')
    folders = tuple(shipped(key) if name == SHIPPED else _folder(root, key, str(name)) for name in names)
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"{SETTINGS_FILE}: {key} names a folder that does not exist: {folder}")
    return folders
