"""A thing of the registry -> its other names, each with what it is, and what to call it in other registries. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.terms import LABEL, NAME_PROPERTIES, cq
from kg.core.values import language, lexical
from kg.web.pages.lexicon import Lexicon

LANGUAGES = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "id": "Indonesian",
    "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ru": "Russian", "sv": "Swedish", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian",
    "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""Languages by their tags (BCP 47), in English. Others are shown by their tag."""

REGISTRIES = {
    "Wikidata": ("http://www.wikidata.org/entity/", "https://www.wikidata.org/wiki/"),
    "GeoNames": ("https://sws.geonames.org/", "http://sws.geonames.org/"),
    "DBpedia": ("http://dbpedia.org/resource/",),
    "VIAF": ("http://viaf.org/viaf/", "https://viaf.org/viaf/"),
    "GND": ("https://d-nb.info/gnd/",),
    "ROR": ("https://ror.org/",),
    "ISNI": ("https://isni.org/isni/",),
    "ORCID": ("https://orcid.org/",),
}
"""Registries that links lead to -> how the IRIs of their things begin."""


@dataclass(frozen=True, slots=True)
class Name:
    """One of the names of a thing, its language, and what it is, such as "Chinese name, added by the editor"."""

    text: str
    language: str
    kind: str


def known_as(iri: str) -> str:
    """Return what to call a thing of another registry: the registry and the thing's number there, else its IRI.

    >>> known_as("http://www.wikidata.org/entity/Q15031"), known_as("https://example.org/body/7")
    ('Wikidata Q15031', 'https://example.org/body/7')
    """
    known = ((name, start) for name, starts in REGISTRIES.items() for start in starts if iri.startswith(start))
    return next((f"{name} {iri.removeprefix(start).strip('/')}" for name, start in known), iri)


def names_of(words: Lexicon, values: Sequence[tuple[Term, Term]], label: str) -> tuple[Name, ...]:
    """Return the names of a thing with these properties and values, except the one that is its *label*."""
    ranked = [
        (NAME_PROPERTIES.index(p), Name(lexical(o), language(o) or "", _kind_of_name(words, p, language(o) or "")))
        for p, o in values
        if p in NAME_PROPERTIES and p != LABEL
    ]
    names = {name.text: name for _, name in sorted(ranked, key=lambda pair: (pair[0], pair[1].language, pair[1].text))}
    return tuple(name for name in names.values() if name.text != label)


def _kind_of_name(words: Lexicon, prop: Term, tag: str) -> str:
    name = f"{LANGUAGES.get(tag.partition('-')[0].lower(), tag)} name" if tag else words.label(prop)
    return f"{name}, added by the editor" if prop == cq("curatorName") else name
