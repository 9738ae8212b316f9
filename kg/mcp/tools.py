"""What an assistant asks -> JSON that fits into a conversation. Reads the project; writes nothing.

Answers to questions come from the processes and within the limits of `kg serve`; each says how many rows were left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from kg.core.aside import AsideLimits
from kg.core.errors import NotFoundError, UsageError
from kg.core.likeness import proposal
from kg.mapping.schema import Json, article_schema
from kg.mcp.aside import CHECK, checked_aside
from kg.ontology.load import project_vocabulary
from kg.project.settings import Project
from kg.questions.explain import explain
from kg.questions.graph import full_iri
from kg.questions.lookup import all_names, entity_names, find
from kg.questions.matches import notes_on
from kg.questions.names import Thing
from kg.questions.query import bound_text, evidence, shown
from kg.render.answer_json import answer_json
from kg.render.cells import Look
from kg.render.explanation import explanation_json
from kg.store.isolation import Limits
from kg.web.canned import QUESTIONS
from kg.web.openapi import query_json
from kg.web.site import Site, open_site
from kg.web.slots import Slots
from kg.web.snapshot import Snapshot

ROWS, MOST_ROWS = 50, 1000
"""Rows of an answer if nothing is said, and at most."""

MOST_MATCHES = 50
MOST_ANSWER = 200_000
"""Code points of an answer: some 50,000 tokens."""

LONGEST_NAME = 200
MOST_MAPPING = 2 << 20
"""Bytes of a mapping to check, as of a body that `kg serve` takes."""

AT_ONCE, PATIENCE = 4, 5.0

LISTS = ("words", "incoming", "facts", "statements", "derivedFrom")
"""The parts of an explanation that grow with the graph, in the order in which they are shortened."""


@dataclass
class AssistantTools:
    """What an assistant may ask of one project.

    Attributes:
        project: with its settings.
        limits: of one canned question.
        check_limits: of one check.
    """

    project: Project
    limits: Limits = QUESTIONS
    check_limits: AsideLimits = CHECK
    _site: Site | None = None
    _lock: Lock = field(default_factory=Lock)
    _slots: Slots = field(default_factory=lambda: Slots(AT_ONCE, 4 * AT_ONCE, PATIENCE))

    def close(self) -> None:
        """End the processes and release the graph. A second call does nothing."""
        if self._site:
            self._site.close()

    def questions(self, text: str = "") -> str:
        """Return the questions, or those that have a text in their name, title, question, description or tags.

        Raises:
            InputError: nothing has been built yet.
        """
        with self._opened() as (site, snapshot):
            every = [query_json(query, snapshot) for query in site.queries]
        sought = text.casefold().split()
        chosen = [
            each for each in every if all(word in json.dumps(each, ensure_ascii=False).casefold() for word in sought)
        ]
        kept = ("name", "question", "description", "parameters", "tags")
        return _dumped({"questions": [{name: each[name] for name in kept} for each in chosen], "of": len(every)})

    def answer(self, name: str, arguments: Mapping[str, Sequence[str]], rows: int, with_evidence: bool) -> str:
        """Return the answer to a question.

        Raises:
            UsageError: an unknown question or parameter, or a value that matches nothing or several things.
            EndpointError: a limit stopped it, or too many are being answered.
        """
        if not 1 <= rows <= MOST_ROWS:
            raise UsageError(f"rows: {rows} is not from 1 to {MOST_ROWS}")
        with self._opened() as (site, snapshot):
            query = site.query(name)
            graph = snapshot.graph
            if with_evidence and not query.evidence:
                raise UsageError(f"the rows of '{name}' have no evidence", "ask without evidence")
            page = site.canned.page(snapshot, query, bound_text(graph, query, arguments), 0, rows)
            part = page.part(0, rows)
            with self._slots.one():
                words = evidence(graph, query, part) if with_evidence else None
                look = Look(site.project.base, site.prefixes, query.form)
                document = json.loads(answer_json(query, shown(query, part), look, words, page.total))
        return _with_fewer_rows(document)

    def matches(self, typed: str, class_name: str, most: int) -> str:
        """Return the things that a name may mean, best first; entities with similar names if there are none.

        Raises:
            UsageError: there is no such class, or nothing to search for.
        """
        if not typed.strip() or not 1 <= most <= MOST_MATCHES:
            raise UsageError("give a name to search for, and a number of results up to 50")
        with self._opened() as (_, snapshot), self._slots.one():
            graph = snapshot.graph
            classes = graph.subclasses(class_name) if class_name else None

            def fits(thing: Thing) -> bool:
                return classes is None or thing.type in classes

            some = all_names(graph).fitting(typed[:LONGEST_NAME], most + 1, fits)
            near = [] if some else entity_names(graph).nearest(typed[:LONGEST_NAME], most, fits)
            notes = notes_on(graph, [*some, *near])
        results = [
            {"id": each.thing.id, "name": each.name, "label": each.thing.label, "kind": each.thing.kind}
            | ({"note": notes[each.thing.term]} if notes.get(each.thing.term) else {})
            for each in (some or near)[:most]
        ]
        more = {"note": f"there are more than these {most}: search for more of the name"} if len(some) > most else {}
        return _dumped({"matches": results, "only_similar": bool(near), **more})

    def explanation(self, thing: str) -> str:
        """Return all that the graph says about a thing, with its evidence.

        Raises:
            UsageError: nothing has that name, or several things do.
        """
        with self._opened() as (site, snapshot), self._slots.one():
            graph = snapshot.graph
            explanation = explain(graph, find(graph, full_iri(thing[: 4 * LONGEST_NAME], site.prefixes)))
        return _with_shorter_lists(json.loads(explanation_json(explanation)))

    def check(self, mapping: str) -> str:
        """Return the findings on a mapping, which is not written anywhere.

        Raises:
            UsageError: it is too large.
            InputError: the project cannot be read.
            EndpointError: the check took too long or too much memory.
        """
        if len(mapping.encode("utf-8", "replace")) > MOST_MAPPING:
            raise UsageError(f"the mapping has more than {MOST_MAPPING} bytes", "check one article at a time")
        with self._slots.one():
            document = json.loads(checked_aside(self.project.root, mapping, self.check_limits))
        document["ok"] = not document["summary"]["error"]
        return _with_shorter_list(document, "findings")

    def schema(self, class_name: str) -> str:
        """Return the JSON Schema of the facts of a class, or the classes of facts if none is named.

        Raises:
            NotFoundError: there is no such class.
        """
        vocabulary = project_vocabulary(self.project)
        definitions = article_schema(vocabulary, {})["$defs"]
        assert isinstance(definitions, Mapping)
        names = {name.removeprefix("class."): each for name, each in definitions.items() if name.startswith("class.")}
        if not class_name:
            classes = {name: vocabulary.classes[name].definition for name in names}
            rule = "A mapping has three blocks: article, curation and facts. Under facts, an id for each, and its keys."
            return _dumped({"about": rule, "classes": classes})
        if class_name not in names:
            fix = proposal(class_name, names, "ask without a class for the list")
            raise NotFoundError(f"there is no class '{class_name[:100]}'", fix)
        return _dumped(_schema_of(class_name, definitions))

    @contextmanager
    def _opened(self) -> Iterator[tuple[Site, Snapshot]]:
        """Yield the site and its current graph; it is opened when it is needed first, since a check needs none."""
        with self._lock:
            if self._site is None:
                self._site = open_site(self.project, limits=self.limits)
        with self._site.snapshot() as snapshot:
            yield self._site, snapshot


def _schema_of(class_name: str, definitions: Mapping[str, object]) -> Json:
    """Return the schema of a class with what it refers to, but for other classes, which can be asked for."""
    needed: dict[str, object] = {}
    waiting = [f"class.{class_name}"]
    while waiting:
        name = waiting.pop()
        if name not in needed and (name == f"class.{class_name}" or not name.startswith("class.")):
            needed[name] = definitions[name]
            waiting += _references(definitions[name])
    about = "Where a fact or a node of another class may stand, ask for the schema of that class."
    return {"$ref": f"#/$defs/class.{class_name}", "description": about, "$defs": dict(sorted(needed.items()))}


def _references(schema: object) -> Iterator[str]:
    """Yield the names of definitions that a schema refers to, but not those within the choice of a fact's class."""
    if isinstance(schema, Mapping):
        if isinstance(name := schema.get("$ref"), str):
            yield name.removeprefix("#/$defs/")
        for key, each in schema.items():
            if key != "allOf":
                yield from _references(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _references(each)


# -------- what does not fit


def _dumped(content: object) -> str:
    return json.dumps(content, ensure_ascii=False)


def _with_fewer_rows(document: dict[str, object]) -> str:
    """Return an answer with as many of its rows as fit, and a note if these are not all."""
    rows, words = document["rows"], document.get("evidence")
    assert isinstance(rows, list)
    number = len(rows)
    while True:
        document["rows"], document["shown"] = rows[:number], number
        if isinstance(words, list):
            document["evidence"] = words[:number]
        if number != document["total"]:
            document["note"] = f"{number} of {document['total']} rows: ask for more, or for less by the parameters"
        text = _dumped(document)
        if len(text) <= MOST_ANSWER or number <= 1:
            return text
        number = max(1, min(number - 1, int(number * MOST_ANSWER / len(text) * 0.9)))


def _with_shorter_lists(document: dict[str, object]) -> str:
    text = _dumped(document)
    for name in LISTS:
        if len(text) > MOST_ANSWER:
            text = _with_shorter_list(document, name)
    return text


def _with_shorter_list(document: dict[str, object], name: str) -> str:
    """Return a document, with as many items of a list as fit, and a note if these are not all."""
    items = document[name]
    assert isinstance(items, list)
    number = len(items)
    while len(text := _dumped(document)) > MOST_ANSWER and number:
        number //= 2
        document[name] = items[:number]
        document["note"] = f"{document.get('note', '')} {number} of {len(items)} {name} are shown".strip()
    return text
