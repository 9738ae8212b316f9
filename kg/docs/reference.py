"""Documentation -> the reference of the mapping language, one page of Markdown. No I/O.

Keys that a class inherits are linked, not repeated. The lines of "How to write it" have all keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set

from kg.core.terms import ARTICLE_CLASS, ENTITY_CLASS, FACT_CLASS, XSD
from kg.docs.diagram import how_many
from kg.docs.model import ClassDoc, Documentation, KeyUse
from kg.docs.terms import short
from kg.ontology.vocabulary import Kind

OPENING = """\
# The mapping language

Every type with its keys, and every code. One YAML file holds what one article reports. A key is a property of the
ontology, a type is a class, and a code is an entry of a code list. `kg docs --page mapping` writes this page for the
ontology of a project, including its own classes. `kg docs` also writes pages with the rules, their examples and the
findings."""

VALUES = """\
## Values

- A **reference** is the id of an entity in the registry or of a fact in the same file. A fact in another article is
  `article-id/fact-id`.
- A **value in braces** is a separate node, `{participant: mara-lind, side: Host}`. Its class follows from the key. A
  fact may be written like this where it is used, `capacity: {title: Director, organization: harbour-authority}`: the
  keys that are filled in (holder, event, words) need not be written.
- A key with an **"if left out"** has that value if it is not written, such as `Unspecified` for `side`.
- **Several values** are a list: `[one, other]`.
- **Text in several languages** is `{en: …, zh-Hans: …}`. Without a language it is in that of the article.
- Every value is read as text, and the ontology decides its type: `NO`, `12:30` and `0123` remain as typed.
- A **quote** occurs exactly once in the text, ignoring white space. A long quote may leave out its middle within one
  paragraph: `The director … on Thursday`. A node inside a fact has the fact's words as its evidence, unless it has its
  own quote."""

READING = """\
In the lines under a type, everything but the comments is required, and ids such as `some-person` stand for your own
ids. The tables list a type's own keys. The last line of its section names the types from which it inherits others.
"How many" gives the least and the greatest number of values, and `*` means any number."""

_GROUPS: Sequence[tuple[str, str, Callable[[ClassDoc], bool]]] = (
    ("The article", "Under `article` and `curation`.", lambda doc: doc.name in (ARTICLE_CLASS, "Curation")),
    (
        "Wider types",
        "No mapping uses these. A key that takes one takes all types below it.",
        lambda doc: doc.abstract,
    ),
    (
        "Facts",
        "Under `facts`, each with an id of your choice, or inside another fact.",
        lambda doc: FACT_CLASS in doc.lineage,
    ),
    ("Entities", "In the files of `data/registry/`, each with its id.", lambda doc: ENTITY_CLASS in doc.lineage),
    ("Inside others", "Written where they are used, as the value of a key.", lambda _: True),
)
"""Title, introduction, and which classes belong there unless they are in an earlier group."""


def mapping_reference(doc: Documentation) -> str:
    """Return the page, which depends only on the ontology."""
    groups = dict(_grouped(doc))
    parts = [OPENING, *_contents(doc, groups), *_language(doc), VALUES, f"## Types\n\n{READING}"]
    for title, introduction, _ in _GROUPS:
        parts += [f"## {title}\n\n{introduction}", *(_section(doc, each) for each in groups[title])]
    parts += ["## Code lists", *(_codes(each) for each in doc.lists())]
    return "\n\n".join(parts) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown.

    >>> print(table(["code", "meaning"], [["A|B", "one"]]))
    | code | meaning |
    | --- | --- |
    | A\\|B | one |
    """
    cells = [[cell.replace("|", r"\|").replace("\n", " ") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *cells))


def _grouped(doc: Documentation) -> Iterator[tuple[str, list[ClassDoc]]]:
    taken = {use.key.range for each in doc.classes.values() for use in each.keys}
    left = sorted((each for each in doc.classes.values() if _is_shown(doc, each, taken)), key=lambda each: each.name)
    for title, _, belongs in _GROUPS:
        yield title, [each for each in left if belongs(each)]
        left = [each for each in left if not belongs(each)]


def _is_shown(doc: Documentation, each: ClassDoc, taken: Set[str]) -> bool:
    """Return whether a mapping has nodes of the class, its keys, or keys that take it."""
    used = each.snippet or each.keys or each.name in taken
    return bool(used) and not each.is_code_list and each.name not in doc.replaced


def _contents(doc: Documentation, groups: dict[str, list[ClassDoc]]) -> Iterator[str]:
    """Yield links to all types, group by group, and to the code lists."""
    names = {title: [each.name for each in docs] for title, docs in groups.items()}
    names["Code lists"] = [each.name for each in doc.lists()]
    for title, listed in names.items():
        yield f"**{title}**: {', '.join(map(_link, listed))}."


def _language(doc: Documentation) -> Iterator[str]:
    yield f"## A complete mapping\n\n```yaml\n{doc.article}```"
    yield "## Keywords"
    yield table(["key", "meaning"], ((f"`{key}`", meaning) for key, meaning in doc.keywords.items()))
    yield "## Short forms"
    kinds = {form: [c.name for c in doc.classes.values() if c.compact_form == form] for form in doc.forms}
    rows = ((f"`{example}`", what, _links(kinds[form])) for form, (what, example) in doc.forms.items())
    yield table(["write", "which is", "for"], rows)


def _section(doc: Documentation, each: ClassDoc) -> str:
    parts = [f"### {each.name}", " ".join([each.definition, *each.notes])]
    if each.snippet:
        parts.append(f"```yaml\n{each.snippet}\n```")
    if each.abstract:
        parts.append(f"It stands for {_links(_below(doc, each))}.")
    if each.keys:
        parts.append(table(["key", "takes", "how many", "meaning"], (_row(doc, use) for use in each.keys)))
    above = list(dict.fromkeys(use.at for use in each.inherited))
    if above:
        parts.append(f"Other keys: those of {_links(above)}.")
    return "\n\n".join(parts)


def _below(doc: Documentation, wider: ClassDoc) -> list[str]:
    """Return the types below a class that a mapping may use."""
    return sorted(each.name for each in doc.classes.values() if wider.name in each.lineage and each.snippet)


def _row(doc: Documentation, use: KeyUse) -> tuple[str, str, str, str]:
    known = doc.properties[use.key.name]
    return f"`{use.key.name}`", _taken(doc, use), how_many(use), " ".join([known.definition, *known.notes])


def _taken(doc: Documentation, use: KeyUse) -> str:
    """Return what a key takes: a type or a code list with a link, or a kind of value."""
    match use.key.kind:
        case Kind.TEXT:
            return "text, in several languages" if use.key.one_per_language else "text"
        case Kind.LITERAL:
            return "text" if use.key.range == XSD + "string" else short(use.key.range, doc.prefixes)
        case Kind.ANY:
            return "an entity or a fact"
        case Kind.CODE:
            return f"a code from {_link(use.key.range)}"
        case _:
            return _link(use.key.range)


def _codes(each: ClassDoc) -> str:
    rows = ((f"`{code.name}`", code.definition or code.label) for code in each.codes)
    return f"### {each.name}\n\n{each.definition}\n\n{table(['code', 'meaning'], rows)}"


def _links(names: Iterable[str]) -> str:
    return ", ".join(map(_link, names))


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"
