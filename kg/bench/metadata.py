"""What is written next to or above an article -> its title, publisher, dates, language, authors. No I/O.

Next to it: a JSON object. Above it: front matter in YAML (between `---`) or TOML (between `+++`). In a page: JSON-LD of
a schema.org article, and the meta elements that sites write for search engines. Each field keeps its origin. The first
value counts, and names that are not used are listed.
https://schema.org/NewsArticle, https://ogp.me/, https://gohugo.io/content-management/front-matter/
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kg.core.errors import InputError
from kg.mapping.read import Listing, Scalar, Table, read_yaml
from kg.mapping.read import Node as Yaml

TITLE, PUBLISHER, PUBLISHED, UPDATED = "title", "publisher", "published", "updated"
LANGUAGE, AUTHOR, EDITOR, SECTION = "language", "author", "editor", "section"
URL, TEXT = "url", "text"

NAMES: Mapping[str, tuple[str, ...]] = {
    TITLE: ("title", "headline", "og:title", "dc.title", "dcterms.title"),
    PUBLISHER: ("publisher", "sitename", "site_name", "site", "og:site_name", "source", "dc.publisher"),
    PUBLISHED: (
        *("published", "datepublished", "date_published", "date", "pubdate", "publish_date", "publication_date"),
        *("article:published_time", "dc.date", "dcterms.created", "parsely-pub-date"),
    ),
    UPDATED: ("updated", "datemodified", "date_modified", "modified", "lastmod", "article:modified_time"),
    LANGUAGE: ("language", "lang", "inlanguage", "dc.language"),
    AUTHOR: ("author", "authors", "byline", "creator", "dc.creator", "parsely-author"),
    EDITOR: ("editor",),
    SECTION: ("section", "articlesection", "article:section", "category"),
    URL: ("url", "link", "canonical", "permalink", "og:url", "mainentityofpage"),
    TEXT: ("text", "body", "content", "articlebody"),
}
"""Field -> the names that it has elsewhere, in lower case."""

_FIELDS = {name: field for field, names in NAMES.items() for name in names}
_ARTICLES = ("article", "newsarticle", "reportagenewsarticle", "blogposting", "webpage")
"""Types of schema.org for objects about the page, in lower case. An article takes precedence over its page."""

MOST_DEEP = 16

Value: TypeAlias = "str | Sequence[Value] | Mapping[str, Value] | None"
"""What JSON, YAML and TOML have in common, with numbers and dates as written."""


@dataclass(frozen=True, slots=True)
class Known:
    """A field: its values (only authors have more than one) and their origin."""

    values: tuple[str, ...]
    origin: str

    @property
    def value(self) -> str:
        """The first value."""
        return self.values[0]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about an article.

    Attributes:
        fields: field -> what is known.
        unread: names that were found and have no meaning here.
    """

    fields: Mapping[str, Known]
    unread: tuple[str, ...] = ()

    def or_else(self, other: Metadata) -> Metadata:
        """Return this metadata, with what it lacks from the other."""
        return Metadata({**other.fields, **self.fields}, (*self.unread, *other.unread))


NOTHING = Metadata({})


def from_pairs(pairs: Iterable[tuple[str, Value]], origin: str, *, quiet: bool = False) -> Metadata:
    """Return the metadata in names and values. The first value of a field counts. *quiet* ignores unknown names."""
    fields: dict[str, Known] = {}
    unread: list[str] = []
    for name, value in pairs:
        field = _FIELDS.get(name.lower())
        texts = tuple(_texts(value, field or ""))
        if field and texts:
            fields.setdefault(field, Known(texts if field == AUTHOR else texts[:1], origin))
        elif not field and not quiet:
            unread.append(name)
    return Metadata(fields, tuple(unread))


def _texts(value: Value, field: str) -> Iterator[str]:
    """Yield the texts of a value; for an object, its name."""
    if isinstance(value, str):
        folded = value.strip() if field == TEXT else " ".join(value.split())
        yield from filter(None, [folded])
    elif isinstance(value, Mapping):
        named = (value.get(key) for key in ("name", "@id", "url"))
        yield from _texts(next(filter(None, named), None), field)
    elif isinstance(value, Sequence):
        for each in value:
            yield from _texts(each, field)


# -------- next to the article


def from_json(text: str, shown: str) -> Metadata:
    """Return the metadata in the JSON object next to an article.

    Raises:
        InputError: it is not a JSON object.
    """
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{shown} is not JSON: {error}", "correct it, or move it away") from error
    if not isinstance(value, Mapping):
        raise InputError(f"{shown} does not contain a JSON object", "write an object with title, publisher, published")
    return from_pairs(value.items(), shown)


# -------- above the text

_YAML_MATTER = re.compile(r"---[ \t]*\n(?P<inside>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML_MATTER = re.compile(r"\+\+\+[ \t]*\n(?P<inside>.*?)\n\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)


def front_matter(text: str, shown: str) -> tuple[Metadata, str]:
    """Return the front matter above a text, and the text without it.

    Raises:
        InputError: the front matter is not well-formed.
    """
    if yaml := _YAML_MATTER.match(text):
        return _from_yaml(yaml["inside"], shown), text[yaml.end() :]
    if toml := _TOML_MATTER.match(text):
        return _from_toml(toml["inside"], shown), text[toml.end() :]
    return NOTHING, text


def _from_yaml(inside: str, shown: str) -> Metadata:
    tree, findings = read_yaml(f"\n{inside}", shown)  # the line of the dashes counts
    if findings:
        first = findings[0]
        raise InputError(f"{first.place}: the front matter cannot be read: {first.message}", first.fix)
    if not isinstance(tree, Table):
        raise InputError(f"{shown}: the front matter is not a table of keys", "write lines such as 'title: …' in it")
    return from_pairs(((entry.key.text, _plain(entry.value)) for entry in tree.entries), f"front matter of {shown}")


def _plain(node: Yaml) -> Value:
    match node:
        case Scalar():
            return node.text
        case Listing():
            return [_plain(item) for item in node.items]
        case Table():
            return {entry.key.text: _plain(entry.value) for entry in node.entries}


def _from_toml(inside: str, shown: str) -> Metadata:
    try:
        value = tomllib.loads(inside, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{shown}: the front matter cannot be read: {error}", "see https://toml.io") from error
    return from_pairs(((key, _as_text(each)) for key, each in value.items()), f"front matter of {shown}")


def _as_text(value: object) -> Value:
    if isinstance(value, Mapping):
        return {str(key): _as_text(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return str(value)


# -------- in a page


def from_json_ld(blocks: Iterable[str], origin: str) -> Metadata:
    """Return the metadata in the JSON-LD of a page. What is not well-formed is skipped."""
    objects = [each for block in blocks for each in _objects(_parsed(block), 0)]
    about = [(rank, each) for each in objects if (rank := _rank(each)) is not None]
    metadata = NOTHING
    for _, each in sorted(about, key=lambda pair: pair[0]):
        metadata = metadata.or_else(from_pairs(_pairs(each), origin, quiet=True))
    return Metadata({name: known for name, known in metadata.fields.items() if name != TEXT})


def _parsed(block: str) -> Value:
    try:
        value: Value = json.loads(block, parse_int=str, parse_float=str, parse_constant=str, strict=False)
    except (ValueError, RecursionError):
        return None
    return value


def _objects(value: Value, depth: int) -> Iterator[Mapping[str, Value]]:
    if isinstance(value, Mapping):
        yield value
        yield from _objects(value.get("@graph"), depth + 1)
    elif isinstance(value, list) and depth < MOST_DEEP:
        for each in value:
            yield from _objects(each, depth + 1)


def _rank(thing: Mapping[str, Value]) -> int | None:
    kinds = {text.lower().rpartition("/")[2] for text in _texts(thing.get("@type"), "")}
    return next((rank for rank, name in enumerate(_ARTICLES) if name in kinds), None)


def _pairs(thing: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    for key, value in thing.items():
        yield ("title" if key == "name" and "headline" not in thing else key), value
