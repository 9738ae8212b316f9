"""A project -> its articles, and its entities by any name, as JSON. Reads the project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from kg.bench.desk import Desk
from kg.bench.identifier import free_id, readable_id
from kg.core.normal import bare
from kg.core.terms import ARTICLE_KEY, CURATION_KEY, STATUS_KEY
from kg.curate.bench import Bench
from kg.mapping.read import Table, read_yaml
from kg.mapping.tables import first_text, value_of
from kg.project.sources import Source
from kg.questions.names import Thing

MOST_LISTED = 500
MOST_NAMED = 12


def article_list(bench: Bench) -> dict[str, object]:
    """Return the project's articles, the latest first: id, title, day of publication, status."""
    rows = [_row(source) for source in bench.desk().sources.articles]
    rows.sort(key=lambda row: (row["published"], row["title"]), reverse=True)
    return {"project": bench.project.title, "articles": rows[:MOST_LISTED], "more": max(0, len(rows) - MOST_LISTED)}


def _row(source: Source) -> dict[str, str]:
    tree, _ = read_yaml(source.text, source.path)
    blocks = [value_of(tree, name) if isinstance(tree, Table) else None for name in (ARTICLE_KEY, CURATION_KEY)]
    article, curation = (block if isinstance(block, Table) else None for block in blocks)
    return {
        "id": source.stem,
        "title": (first_text(value_of(article, "title")) if article else "") or source.stem,
        "published": first_text(value_of(article, "published")) if article else "",
        "status": first_text(value_of(curation, STATUS_KEY)) if curation else "",
        "problem": source.problem,
    }


def entities_named(bench: Bench, fields: Mapping[str, str]) -> dict[str, object]:
    """Return the entities of a class, "" for any, that words may name in any script, and an id for a new one.

    An entity is sure if its name has all the words, and not if it is only similar.
    """
    desk, typed, kind = bench.desk(), fields.get("q", ""), fields.get("range", "")

    def fits(thing: Thing) -> bool:
        return not kind or desk.vocabulary.is_a(thing.type, kind)

    index, classes = desk.names, desk.vocabulary.classes
    matches = [(thing, thing.label, True) for thing in index.things if fits(thing)][:MOST_NAMED]
    if bare(typed):
        matches = [(match.thing, match.name, True) for match in index.fitting(typed, MOST_NAMED, fits)]
        near = index.nearest(typed, MOST_NAMED, fits) if not matches else ()
        matches += [(match.thing, match.name, False) for match in near]
    return {
        "entities": [
            *(
                {"id": thing.id, "label": thing.label, "kind": classes[thing.type].label, "by": name, "sure": sure}
                for thing, name, sure in matches
            ),
            *elsewhere(desk, typed, kind),
        ],
        "new": free_id(readable_id(typed, most_words=8), desk.scope.registry, "entity"),
    }


def elsewhere(desk: Desk, typed: str, kind: str) -> Iterator[dict[str, str | bool]]:
    """Yield the articles and the facts of other articles whose id begins with what is *typed*."""
    vocabulary, places = desk.vocabulary, (desk.scope.articles, desk.scope.facts if "/" in typed else {})
    near = ((name, each) for place in places for name, each in place.items() if typed and name.startswith(typed))
    fitting = ((name, each) for name, each in near if not kind or vocabulary.is_a(each.class_name, kind))
    for name, target in islice(fitting, MOST_NAMED):
        label = vocabulary.classes[target.class_name].label if target.class_name in vocabulary.classes else "article"
        yield {"id": name, "label": name, "kind": f"{label} elsewhere: {target.label}", "by": "", "sure": True}
