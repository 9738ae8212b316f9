"""Names in somebody's table -> entities of the registry: the reconciliation service. Reads a store.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.core.errors import UsageError
from kg.core.model import Term
from kg.core.normal import bare
from kg.core.terms import CQ, ENTITY_CLASS
from kg.core.values import XSD, datatype, is_iri, lexical, local_name, string_literal
from kg.project.settings import Project
from kg.questions.graph import Graph
from kg.questions.lookup import entity_names
from kg.questions.names import SURE, Match, NameIndex, Thing
from kg.web.errors import HttpError
from kg.web.properties import having, known_properties, properties_of, property_id, property_term, values_of
from kg.web.snapshot import Snapshot

Json = dict[str, object]

BATCH = 50
"""Queries in one batch."""

MOST_IDS = 500
MOST_PROPERTIES = 100
MOST_CANDIDATES = 50
SUGGESTED = 20
_NAME_WEIGHT = 0.7  # of the score, where properties are compared too
_NUMBERS = {"integer": int, "decimal": float, "double": float}


@dataclass(frozen=True, slots=True)
class Service:
    """What the service answers from.

    Attributes:
        graph: to ask.
        names: those of the registry's entities.
        classes: local name of each class of entities -> its label.
        properties: those of entities -> their labels.
    """

    graph: Graph
    names: NameIndex
    classes: Mapping[str, str]
    properties: Mapping[Term, str]

    def below(self, names: Iterable[str]) -> frozenset[Term]:
        """Return the classes of entities with these local names or IRIs, and all below them."""
        known = [name for each in names if (name := local_name(f"<{each}>")) in self.classes]
        return frozenset(kind for name in known for kind in self.graph.subclasses(name))


def service(snapshot: Snapshot) -> Service:
    """Return the service for a graph; its index is made once."""
    graph = snapshot.graph
    classes = {local_name(iri): label for iri, label in graph.subclasses(ENTITY_CLASS).items()}
    return Service(graph, entity_names(graph), classes, snapshot.remembered("properties of entities", known_properties))


def manifest(asked: Service, project: Project, address: str, version: str) -> Json:
    """Return what the service at *address* can do."""
    entry = {"service_url": address, "flyout_service_url": address}
    return {
        "versions": ["0.2"],
        "name": project.title,
        "identifierSpace": project.base,
        "schemaSpace": CQ,
        "serviceVersion": version,
        "documentation": f"{address}/ontology",
        "batchSize": BATCH,
        "view": {"url": f"{address}/reconcile/view?id={{{{id}}}}"},
        "defaultTypes": [type_json(asked, name) for name in sorted(asked.classes) if name != ENTITY_CLASS],
        "preview": {"url": f"{address}/reconcile/preview?id={{{{id}}}}", "width": 420, "height": 200},
        "suggest": {
            kind: {
                **entry,
                "service_path": f"/reconcile/suggest/{kind}",
                "flyout_service_path": f"/reconcile/flyout/{kind}?id=${{id}}",
            }
            for kind in ("entity", "type", "property")
        },
        "extend": {"propose_properties": {"service_url": address, "service_path": "/reconcile/properties"}},
    }


# -------- queries


def results(asked: Service, text: str) -> Json:
    """Return the result of a batch of queries, given as JSON.

    Raises:
        HttpError: 400: no batch; 413: more than BATCH queries.
    """
    batch = _json_object(text, "queries")
    if len(batch) > BATCH:
        raise HttpError(413, f"a batch of {len(batch)} queries", f"send at most {BATCH} at once")
    return {key: {"result": _result(asked, key, query)} for key, query in batch.items()}


def _result(asked: Service, key: str, query: object) -> list[Json]:
    if not isinstance(query, dict):
        raise _malformed(key, "a query is an object")
    query = {name: value for name, value in query.items() if value is not None}
    text, limit, kinds = query.get("query", ""), query.get("limit", 10), query.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    properties = query.get("properties", [])
    if not isinstance(text, str) or not ("query" in query or properties):
        raise _malformed(key, "'query' is no text, or there is neither 'query' nor 'properties'")
    if not isinstance(limit, int | float) or isinstance(limit, bool) or limit < 1:
        raise _malformed(key, "'limit' is no positive number")
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise _malformed(key, "'type' is neither a type nor a list of types")
    wanted = _wanted(asked, key, properties)
    found = _candidates(asked, text, kinds, wanted)
    scored = [_scored(asked, candidate, matched) for candidate, matched in _matched(asked, found, wanted)]
    scored.sort(key=lambda item: (-item[0], str(item[1]["id"])))
    sure = [item for score, item in scored if score >= 100 * SURE]
    return [{**item, "match": len(sure) == 1 and item is sure[0]} for _, item in scored][
        : int(min(limit, MOST_CANDIDATES))
    ]


def _candidates(
    asked: Service, text: str, kinds: Sequence[str], wanted: Sequence[tuple[Term | None, Sequence[str]]]
) -> list[Match]:
    """Return whom the name may mean; without a name, who has the values of the first property; for neither, nobody."""
    allowed = asked.below(kinds)

    def fits(thing: Thing) -> bool:
        return not kinds or thing.type in allowed

    if text.strip():
        return asked.names.like(text, MOST_CANDIDATES, fits)
    if not wanted:
        return []
    prop, values = wanted[0]
    meant = {term for value in values for term in _meant(asked, value)}
    nodes = set(having(asked.graph, prop, meant, 10 * MOST_CANDIDATES)) if prop and meant else set()
    found = (thing for thing in asked.names.things if thing.term in nodes and fits(thing))
    return [Match(thing, thing.label) for thing in found][:MOST_CANDIDATES]


def _meant(asked: Service, value: str) -> list[Term]:
    """Return the terms that a value may stand for: entities of that name or id, and the text itself."""
    named = [match.thing.term for match in asked.names.like(value, 5) if match.likeness >= SURE]
    try:
        return [*named, string_literal(value)]
    except ValueError:
        return named


def _wanted(asked: Service, key: str, properties: object) -> list[tuple[Term | None, list[str]]]:
    """Return the properties of a query with the texts of their values; None for one that no entity has."""
    if not isinstance(properties, list) or len(properties) > MOST_PROPERTIES:
        raise _malformed(key, f"'properties' is no list, or has more than {MOST_PROPERTIES}")
    found = []
    for item in properties:
        if not isinstance(item, dict) or not isinstance(item.get("pid"), str) or "v" not in item:
            raise _malformed(key, "a property has 'pid' and 'v'")
        values = item["v"] if isinstance(item["v"], list) else [item["v"]]
        found.append((property_term(item["pid"], asked.properties), [_value_text(value) for value in values]))
    return found


def _value_text(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("id", value.get("name", ""))
    return value if isinstance(value, str) else json.dumps(value)


def _matched(
    asked: Service, found: Sequence[Match], wanted: Sequence[tuple[Term | None, Sequence[str]]]
) -> list[tuple[Match, list[bool]]]:
    """Return each candidate with whether each property has one of the values that are wanted."""
    values = values_of(asked.graph, [each.thing.term for each in found], [prop for prop, _ in wanted])

    def has(thing: Thing, prop: Term | None, texts: Sequence[str]) -> bool:
        held = values.get((thing.term, prop), ())
        known = {name for _, name in held} | {asked.graph.id(term) for term, _ in held if is_iri(term)}
        return not ({*map(bare, known)} - {""}).isdisjoint(map(bare, texts))

    return [(each, [has(each.thing, prop, texts) for prop, texts in wanted]) for each in found]


def _scored(asked: Service, candidate: Match, matched: Sequence[bool]) -> tuple[float, Json]:
    score = 100 * candidate.likeness
    if matched:
        score = _NAME_WEIGHT * score + (1 - _NAME_WEIGHT) * 100 * sum(matched) / len(matched)
    features = [{"id": "name", "value": round(candidate.likeness, 4)}]
    features += [{"id": f"property-{k}", "value": fits} for k, fits in enumerate(matched, start=1)]
    told = entity_json(asked, candidate.thing)
    kinds = told.pop("notable")
    return score, {**told, "type": kinds, "score": round(score, 2), "features": features}


# -------- suggestions, extension


def suggested(asked: Service, kind: str, prefix: str, cursor: int) -> Json:
    """Return entities, types or properties whose names begin so, after the first *cursor* ones."""
    key = bare(prefix)
    if kind == "entity":
        matches = asked.names.fitting(prefix, cursor + SUGGESTED)
        found = [entity_json(asked, match.thing) for match in matches]
    else:
        known = asked.classes if kind == "type" else _by_id(asked.properties)
        found = [{"id": i, "name": n} for i, n in sorted(known.items()) if _begins(key, prefix, i, n)]
    return {"result": found[cursor : cursor + SUGGESTED]}


def _by_id(properties: Mapping[Term, str]) -> dict[str, str]:
    return {property_id(prop): label for prop, label in properties.items()}


def _begins(key: str, prefix: str, identifier: str, name: str) -> bool:
    return f" {bare(name)}".find(f" {key}") >= 0 or identifier.lower().startswith(prefix.strip().lower())


def proposed(asked: Service, kind: str, limit: int | None) -> Json:
    """Return the properties that things of a type have."""
    kinds = asked.below([kind])
    props = properties_of(asked.graph, [thing.term for thing in asked.names.things if thing.type in kinds])[:limit]
    told: Json = {
        "properties": [{"id": property_id(p), "name": asked.properties.get(p, property_id(p))} for p in props]
    }
    return {**told, "type": kind, **({} if limit is None else {"limit": limit})}


def extended(asked: Service, text: str) -> Json:
    """Return the values of properties of entities, as a data extension query in JSON asks for them.

    Raises:
        HttpError: 400: no such query; 413: more than MOST_IDS entities.
    """
    ids, names = _extension(text)
    props = {name: property_term(name, asked.properties) for name in names}
    nodes = {i: thing.term for i in ids if (thing := entity(asked, i))}
    values = values_of(asked.graph, nodes.values(), props.values())

    def cells(identifier: str, name: str) -> list[Json]:
        return [_value(asked, *value) for value in values.get((nodes.get(identifier), props[name]), ())]

    meta = [{"id": name, "name": asked.properties.get(props[name] or "", name)} for name in names]
    return {"meta": meta, "rows": {i: {name: cells(i, name) for name in names} for i in ids}}


def _extension(text: str) -> tuple[list[str], list[str]]:
    """Return the ids of entities, and of properties, in a data extension query."""
    query = _json_object(text, "extend")
    ids, props = query.get("ids"), query.get("properties")
    if not isinstance(ids, list) or not isinstance(props, list) or not all(isinstance(i, str) for i in ids):
        raise HttpError(400, "extend: 'ids' and 'properties' are lists, the ids texts", "see the specification")
    if not all(isinstance(item, dict) and isinstance(item.get("id"), str) for item in props):
        raise HttpError(400, "extend: a property is an object with an 'id'", "see the specification")
    if len(ids) > MOST_IDS or len(props) > MOST_PROPERTIES:
        problem = f"{len(ids)} entities with {len(props)} properties at once"
        raise HttpError(413, problem, f"send at most {MOST_IDS} entities and {MOST_PROPERTIES} properties")
    return ids, [item["id"] for item in props]


def _value(asked: Service, term: Term, name: str) -> Json:
    if is_iri(term):
        return {"id": asked.graph.id(term), "name": name}
    kind, text = (datatype(term) or "").removeprefix(XSD), lexical(term)
    if kind == "date" and len(text) == 10:
        return {"date": f"{text}T00:00:00"}
    if kind in _NUMBERS:
        return {"int": int(text)} if kind == "integer" else {"float": float(text)}
    return {"str": text}


# -------- shared


def entity(asked: Service, identifier: str) -> Thing | None:
    """Return the entity of that id or IRI, or with that end of its id where no other one has it."""
    found = asked.names.with_id(identifier)
    return found[0] if len(found) == 1 else None


def entity_json(asked: Service, thing: Thing) -> Json:
    """Return an entity with its name, its class and what tells it apart."""
    hint: Json = {"description": thing.hint} if thing.hint else {}
    return {"id": thing.id, "name": thing.label, **hint, "notable": [type_json(asked, local_name(thing.type))]}


def type_json(asked: Service, name: str) -> Json:
    """Return a class with its label."""
    return {"id": name, "name": asked.classes.get(name, name)}


def _json_object(text: str, name: str) -> dict[str, object]:
    try:
        found = json.loads(text, parse_constant=_no_json)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise HttpError(400, f"{name}: this is no JSON: {error}"[:300], "see the specification") from error
    if not isinstance(found, dict):
        raise HttpError(400, f"{name}: this is no JSON object", "see the specification")
    return found


def _no_json(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _malformed(key: str, problem: str) -> UsageError:
    return HttpError(400, f"query '{key[:50]}': {problem}", "see the specification of the Reconciliation API 0.2")
