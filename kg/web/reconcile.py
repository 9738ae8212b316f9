"""Names in a table -> entities of the registry: the reconciliation service. Reads a store.

https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.core.errors import UsageError
from kg.core.likeness import proposal
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
"""Most queries in one batch."""

MOST_IDS = 500
MOST_PROPERTIES = 100
MOST_CANDIDATES = 50
SUGGESTED = 20
_NAME_WEIGHT = 0.7  # of the score, if properties are compared too
_NUMBERS = {"integer": int, "decimal": float, "double": float}


@dataclass(frozen=True, slots=True)
class Service:
    """The data of the service.

    Attributes:
        graph: the graph to query.
        names: the names of the registry's entities.
        classes: local name of each class of entities -> its label.
        properties: properties of entities -> their labels.
    """

    graph: Graph
    names: NameIndex
    classes: Mapping[str, str]
    properties: Mapping[Term, str]

    def below(self, names: Iterable[str]) -> frozenset[Term]:
        """Return the classes of entities with these local names or IRIs, and their subclasses."""
        known = [name for each in names if (name := local_name(f"<{each}>")) in self.classes]
        return frozenset(kind for name in known for kind in self.graph.subclasses(name))


def service(snapshot: Snapshot) -> Service:
    """Return the service for a graph. Its index is made once."""
    graph = snapshot.graph
    classes = {local_name(iri): label for iri, label in graph.subclasses(ENTITY_CLASS).items()}
    return Service(graph, entity_names(graph), classes, snapshot.remembered("properties of entities", known_properties))


def manifest(registry: Service, project: Project, address: str, version: str) -> Json:
    """Return the manifest of the service at *address*."""
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
        "defaultTypes": [type_json(registry, name) for name in sorted(registry.classes) if name != ENTITY_CLASS],
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


def results(registry: Service, text: str) -> Json:
    """Return the results of a batch of queries, given as JSON.

    Raises:
        HttpError: 400: it is not a batch; 413: it has more than BATCH queries.
    """
    batch = _json_object(text, "queries")
    if len(batch) > BATCH:
        raise HttpError(413, f"the batch has {len(batch)} queries", f"send at most {BATCH} at a time")
    return {key: {"result": _result(registry, key, query)} for key, query in batch.items()}


def _result(registry: Service, key: str, query: object) -> list[Json]:
    if not isinstance(query, dict):
        raise _malformed(key, "a query must be an object")
    query = {name: value for name, value in query.items() if value is not None}
    text, limit, kinds = query.get("query", ""), query.get("limit", 10), query.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    properties = query.get("properties", [])
    if not isinstance(text, str) or not ("query" in query or properties):
        raise _malformed(key, "'query' is not a string, or there is neither 'query' nor 'properties'")
    if not isinstance(limit, int | float) or isinstance(limit, bool) or limit < 1:
        raise _malformed(key, "'limit' is not a positive number")
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise _malformed(key, "'type' is neither a type nor a list of types")
    conditions = _conditions(registry, key, properties)
    candidates = _candidates(registry, text, kinds, conditions)
    scored = [_scored(registry, each, matched) for each, matched in _matched(registry, candidates, conditions)]
    scored.sort(key=lambda item: (-item[0], str(item[1]["id"])))
    sure = [item for score, item in scored if score >= 100 * SURE]
    return [{**item, "match": len(sure) == 1 and item is sure[0]} for _, item in scored][
        : int(min(limit, MOST_CANDIDATES))
    ]


def _candidates(
    registry: Service, text: str, kinds: Sequence[str], conditions: Sequence[tuple[Term, Sequence[str]]]
) -> list[Match]:
    """Return the entities that the name may mean, or, without a name, those with the values of the first condition."""
    allowed = registry.below(kinds)

    def fits(thing: Thing) -> bool:
        return not kinds or thing.type in allowed

    if text.strip():
        return registry.names.like(text, MOST_CANDIDATES, fits)
    if not conditions:
        return []
    prop, values = conditions[0]
    meant = {term for value in values for term in _meant(registry, value)}
    nodes = set(having(registry.graph, prop, meant, 10 * MOST_CANDIDATES)) if meant else set()
    things = (thing for thing in registry.names.things if thing.term in nodes and fits(thing))
    return [Match(thing, thing.label) for thing in things][:MOST_CANDIDATES]


def _meant(registry: Service, value: str) -> list[Term]:
    """Return the terms that a value may mean: entities with that name or id, and the text itself."""
    named = [match.thing.term for match in registry.names.like(value, 5) if match.likeness >= SURE]
    try:
        return [*named, string_literal(value)]
    except ValueError:
        return named


def _conditions(registry: Service, key: str, properties: object) -> list[tuple[Term, list[str]]]:
    """Return the properties of a query with the texts of their values."""
    if not isinstance(properties, list) or len(properties) > MOST_PROPERTIES:
        raise _malformed(key, f"'properties' is not a list, or has more than {MOST_PROPERTIES}")
    conditions = []
    for item in properties:
        if not isinstance(item, dict) or not isinstance(item.get("pid"), str) or "v" not in item:
            raise _malformed(key, "a property needs 'pid' and 'v'")
        values = item["v"] if isinstance(item["v"], list) else [item["v"]]
        conditions.append((_property(registry, item["pid"]), [_value_text(value) for value in values]))
    return conditions


def _property(registry: Service, identifier: str) -> Term:
    term = property_term(registry.graph, identifier, registry.properties)
    if term is None:
        fix = proposal(identifier, _by_id(registry.properties), "/reconcile/properties has those of a type", least=0.5)
        raise HttpError(400, f"there is no property '{identifier[:100]}'", fix)
    return term


def _value_text(value: object) -> str:
    if isinstance(value, dict):
        value = value.get("id", value.get("name", ""))
    return value if isinstance(value, str) else json.dumps(value)


def _matched(
    registry: Service, candidates: Sequence[Match], conditions: Sequence[tuple[Term, Sequence[str]]]
) -> list[tuple[Match, list[bool]]]:
    """Return each candidate with whether it meets each condition."""
    values = values_of(registry.graph, [each.thing.term for each in candidates], [prop for prop, _ in conditions])

    def has(thing: Thing, prop: Term, texts: Sequence[str]) -> bool:
        held = values.get((thing.term, prop), ())
        known = {name for _, name in held} | {registry.graph.id(term) for term, _ in held if is_iri(term)}
        return not ({*map(bare, known)} - {""}).isdisjoint(map(bare, texts))

    return [(each, [has(each.thing, prop, texts) for prop, texts in conditions]) for each in candidates]


def _scored(registry: Service, candidate: Match, matched: Sequence[bool]) -> tuple[float, Json]:
    score = 100 * candidate.likeness
    if matched:
        score = _NAME_WEIGHT * score + (1 - _NAME_WEIGHT) * 100 * sum(matched) / len(matched)
    features = [{"id": "name", "value": round(candidate.likeness, 4)}]
    features += [{"id": f"property-{k}", "value": fits} for k, fits in enumerate(matched, start=1)]
    described = entity_json(registry, candidate.thing)
    kinds = described.pop("notable")
    return score, {**described, "type": kinds, "score": round(score, 2), "features": features}


# -------- suggestions, extension


def suggested(registry: Service, kind: str, prefix: str, cursor: int) -> Json:
    """Return entities, types or properties whose names begin with *prefix*, after the first *cursor* ones."""
    key = bare(prefix)
    if kind == "entity":
        matches = registry.names.fitting(prefix, cursor + SUGGESTED)
        suggestions = [entity_json(registry, match.thing) for match in matches]
    else:
        known = registry.classes if kind == "type" else _by_id(registry.properties)
        suggestions = [{"id": i, "name": n} for i, n in sorted(known.items()) if _begins(key, prefix, i, n)]
    return {"result": suggestions[cursor : cursor + SUGGESTED]}


def _by_id(properties: Mapping[Term, str]) -> dict[str, str]:
    return {property_id(prop): label for prop, label in properties.items()}


def _begins(key: str, prefix: str, identifier: str, name: str) -> bool:
    return f" {bare(name)}".find(f" {key}") >= 0 or identifier.lower().startswith(prefix.strip().lower())


def proposed(registry: Service, kind: str, limit: int | None) -> Json:
    """Return the properties that things of a type have."""
    kinds = registry.below([kind])
    props = properties_of(registry.graph, [thing.term for thing in registry.names.things if thing.type in kinds])[
        :limit
    ]
    listed: Json = {
        "properties": [{"id": property_id(p), "name": registry.properties.get(p, property_id(p))} for p in props]
    }
    return {**listed, "type": kind, **({} if limit is None else {"limit": limit})}


def extended(registry: Service, text: str) -> Json:
    """Return the values of properties of entities for a data extension query in JSON.

    Raises:
        HttpError: 400: it is not such a query, or names an unknown property; 413: it has more than MOST_IDS entities.
    """
    ids, names = _extension(text)
    props = {name: _property(registry, name) for name in names}
    nodes = {i: thing.term for i in ids if (thing := entity(registry, i))}
    values = values_of(registry.graph, nodes.values(), props.values())

    def cells(identifier: str, name: str) -> list[Json]:
        return [_value(registry, *value) for value in values.get((nodes.get(identifier, ""), props[name]), ())]

    meta = [{"id": name, "name": registry.properties.get(props[name], name)} for name in names]
    return {"meta": meta, "rows": {i: {name: cells(i, name) for name in names} for i in ids}}


def _extension(text: str) -> tuple[list[str], list[str]]:
    """Return the ids of entities, and of properties, in a data extension query."""
    query = _json_object(text, "extend")
    ids, props = query.get("ids"), query.get("properties")
    if not isinstance(ids, list) or not isinstance(props, list) or not all(isinstance(i, str) for i in ids):
        problem = "extend: 'ids' must be a list of strings, and 'properties' a list"
        raise HttpError(400, problem, "see the specification")
    if not all(isinstance(item, dict) and isinstance(item.get("id"), str) for item in props):
        raise HttpError(400, "extend: a property must be an object with an 'id'", "see the specification")
    if len(ids) > MOST_IDS or len(props) > MOST_PROPERTIES:
        problem = f"there are {len(ids)} entities with {len(props)} properties"
        raise HttpError(413, problem, f"send at most {MOST_IDS} entities and {MOST_PROPERTIES} properties")
    return ids, [item["id"] for item in props]


def _value(registry: Service, term: Term, name: str) -> Json:
    if is_iri(term):
        return {"id": registry.graph.id(term), "name": name}
    kind, text = (datatype(term) or "").removeprefix(XSD), lexical(term)
    if kind == "date" and len(text) == 10:
        return {"date": f"{text}T00:00:00"}
    if kind in _NUMBERS:
        return {"int": int(text)} if kind == "integer" else {"float": float(text)}
    return {"str": text}


# -------- shared


def entity(registry: Service, identifier: str) -> Thing | None:
    """Return the entity with that id or IRI, or whose id alone ends in it, else None."""
    things = registry.names.with_id(identifier)
    return things[0] if len(things) == 1 else None


def entity_json(registry: Service, thing: Thing) -> Json:
    """Return an entity with its name, class and disambiguation."""
    hint: Json = {"description": thing.hint} if thing.hint else {}
    return {"id": thing.id, "name": thing.label, **hint, "notable": [type_json(registry, local_name(thing.type))]}


def type_json(registry: Service, name: str) -> Json:
    """Return a class with its label."""
    return {"id": name, "name": registry.classes.get(name, name)}


def _json_object(text: str, name: str) -> dict[str, object]:
    try:
        value = json.loads(text, parse_constant=_no_json)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is not text
    except (ValueError, RecursionError) as error:
        raise HttpError(400, f"{name}: this is not JSON: {error}"[:300], "see the specification") from error
    if not isinstance(value, dict):
        raise HttpError(400, f"{name}: this is not a JSON object", "see the specification")
    return value


def _no_json(name: str) -> object:
    raise ValueError(f"{name} is not a number")


def _malformed(key: str, problem: str) -> UsageError:
    return HttpError(400, f"query '{key[:50]}': {problem}", "see the specification of the Reconciliation API 0.2")
