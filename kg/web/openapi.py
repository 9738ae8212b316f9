"""The headers of the questions -> a description of the HTTP interface. Reads a store for codes and defaults.

https://spec.openapis.org/oas/v3.1.1
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib.metadata import version

from kg.core.values import local_name
from kg.questions.graph import Graph
from kg.questions.query import default_things
from kg.questions.question import Param, Query
from kg.render.formats import JSON, formats_of
from kg.store.results import TERM_TYPES
from kg.web.site import Site
from kg.web.snapshot import Snapshot

Json = dict[str, object]

MOST_ROWS = 999_999_999
_TEXT = "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F\\uFFFE\\uFFFF]*$"
_NUMBER = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?$"


def openapi(site: Site, snapshot: Snapshot, address: str) -> Json:
    """Return the description of the interface of the server at *address*, for the graph as it is now."""
    names = [query.name for query in site.queries]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": site.project.title,
            "description": "Questions to a knowledge graph, each with parameters. Read only.",
            "version": version("communique-kg"),
        },
        "servers": [{"url": address}],
        "paths": {
            "/api/queries": _plain("queries", "All questions, with their parameters", "#/components/schemas/Queries"),
            "/api/queries.ttl": {"get": _turtle("executables", "All questions as SHACL executables", [])},
            "/api/queries/{name}.ttl": {
                "get": _turtle("executable", "A question as a SHACL executable", [_name(names)])
            },
            "/api/openapi.json": _plain("openapi", "This description", ""),
            **{f"/api/queries/{query.name}": {"get": _question(query, snapshot)} for query in site.queries},
        },
        "components": {"schemas": SCHEMAS, "responses": RESPONSES},
    }


def query_json(query: Query, snapshot: Snapshot) -> Json:
    """Return a question and its parameters, for lists."""
    return {
        "name": query.name,
        "title": query.title,
        "question": query.question,
        "description": query.description,
        "tags": list(query.tags),
        "parameters": [_param_json(param, query, snapshot) for param in query.params],
        "columns": [name for name in query.columns if name not in query.hide],
        "evidence": bool(query.evidence),
        "formats": [each.name for each in formats_of(query)],
    }


def code_names(snapshot: Snapshot, param: Param) -> list[str]:
    """Return the local names of the codes that the parameter takes."""
    return [local_name(code) for code in snapshot.codes(param.codes)]


def defaults_of(param: Param, query: Query, snapshot: Snapshot) -> list[str]:
    """Return the default of a parameter in this graph: ids of things, codes or text."""
    if param.required or param.optional:
        return []
    written = param.default.strip()
    if not param.is_entity and param.type != "code":
        return [written.strip('"') if param.type == "text" else written.strip('"').partition('"^^')[0]]
    if param.type == "code":
        return [code.rpartition(":")[2] for code in written.split()]
    return [
        known
        for iri in default_things(query, param)
        if (known := snapshot.remembered(f"default {iri}", partial(_id_of_known, iri=iri)))
    ]


def _id_of_known(graph: Graph, iri: str) -> str:
    """Return the id of a thing, "" if the graph does not have it."""
    return graph.id(iri) if graph.store.ask(f"ASK {{ GRAPH ?g {{ {iri} ?p ?o }} }}") else ""


def _must(param: Param, query: Query, snapshot: Snapshot) -> bool:
    """Return whether a parameter must be given: it has no default, or this graph does not contain it."""
    return param.required or (param.is_entity and not param.optional and not defaults_of(param, query, snapshot))


def _param_json(param: Param, query: Query, snapshot: Snapshot) -> Json:
    common: Json = {
        "name": param.name,
        "type": param.type,
        "label": param.label,
        "many": param.many,
        "required": _must(param, query, snapshot),
    }
    defaults = defaults_of(param, query, snapshot)
    listed = {"codes": code_names(snapshot, param)} if param.codes else {}
    return {**common, **({"default": defaults if param.many else defaults[0]} if defaults else {}), **listed}


# -------- operations


def _question(query: Query, snapshot: Snapshot) -> Json:
    text = query.question + (f"\n\n{query.description}" if query.description else "")
    return {
        "operationId": query.name,
        "summary": query.title,
        "description": text,
        "tags": list(query.tags),
        "parameters": [*(_parameter(param, query, snapshot) for param in query.params), *_options(query)],
        "responses": {
            "200": {"description": "The answer", "headers": {"ETag": _ETAG}, "content": _contents(query)},
            "304": {"description": "The client already has the answer: its If-None-Match has the ETag"},
            **{code: {"$ref": f"#/components/responses/{code}"} for code in RESPONSES},
        },
    }


def _contents(query: Query) -> Json:
    answer = {"schema": {"$ref": "#/components/schemas/Answer"}}
    return {each.media: answer if each is JSON else {} for each in formats_of(query)}


def _parameter(param: Param, query: Query, snapshot: Snapshot) -> Json:
    single = _schema(param, snapshot)
    defaults = defaults_of(param, query, snapshot)
    if defaults and not param.many:
        single = {**single, "default": defaults[0]}
    schema: Json = {"type": "array", "items": single, "minItems": 1} if param.many else single
    common = {"name": param.name, "in": "query", "required": _must(param, query, snapshot), "description": param.label}
    repeated: Json = {"style": "form", "explode": True} if param.many else {}
    example: Json = {"example": defaults if param.many else defaults[0]} if defaults else {}
    return {**common, **repeated, "schema": schema, **example}


def _schema(param: Param, snapshot: Snapshot) -> Json:
    match param.type:
        case "code":
            return {"type": "string", "enum": code_names(snapshot, param)}
        case "date":
            return {"type": "string", "format": "date"}
        case "number":
            return {"type": "string", "pattern": _NUMBER}
        case "text":
            return {"type": "string", "minLength": 1, "pattern": _TEXT}
    what = f"The IRI, the id or a name of a thing of class {param.type}"
    return {"type": "string", "minLength": 1, "description": what}


def _options(query: Query) -> list[Json]:
    formats = [each.name for each in formats_of(query)]
    options: list[Json] = [
        {"name": "format", "in": "query", "description": "Instead of an Accept header", "schema": {"enum": formats}},
        {
            "name": "limit",
            "in": "query",
            "description": "Return at most this many rows",
            "schema": {"type": "integer", "minimum": 0, "maximum": MOST_ROWS},
        },
    ]
    if query.evidence:
        what = "Include the evidence for each row"
        options.append({"name": "evidence", "in": "query", "description": what, "schema": {"type": "boolean"}})
    return options


def _plain(name: str, summary: str, schema: str) -> Json:
    content: Json = {"application/json": {"schema": {"$ref": schema} if schema else {"type": "object"}}}
    answered = {"description": summary, "headers": {"ETag": _ETAG}, "content": content}
    return {
        "get": {"operationId": f"about-{name}", "summary": summary, "responses": {"200": answered, **_not_accepted()}}
    }


def _turtle(name: str, summary: str, parameters: list[Json]) -> Json:
    missing: Json = {"404": {"$ref": "#/components/responses/404"}} if parameters else {}
    answered: Json = {"200": {"description": summary, "content": {"text/turtle": {}}}}
    return {
        "operationId": f"about-{name}",
        "summary": summary,
        "parameters": parameters,
        "responses": {**answered, **missing, **_not_accepted()},
    }


def _not_accepted() -> Json:
    return {"406": {"$ref": "#/components/responses/406"}}


def _name(names: list[str]) -> Json:
    return {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "enum": names}}


# -------- schemas of answers

_ETAG = {
    "description": "Send it as If-None-Match to learn whether the answer is unchanged",
    "schema": {"type": "string"},
}


def _object(required: Mapping[str, object], optional: Mapping[str, object] | None = None) -> Json:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


_STRING: Json = {"type": "string"}
_TRUTH: Json = {"type": "boolean"}


def _list(item: object) -> Json:
    return {"type": "array", "items": item}


_NODE = _object({"value": _STRING, "id": _STRING})
_TYPES: Json = {"enum": list(TERM_TYPES)}
_CELL = {
    "description": "A term as in the SPARQL results format, with its id below the project's base and its label",
    **_object(
        {"type": _TYPES, "value": _STRING}, {"id": _STRING, "label": _STRING, "datatype": _STRING, "xml:lang": _STRING}
    ),
}
_ARTICLE = _object({"value": _STRING, "id": _STRING, "title": _STRING, "publisher": _STRING, "published": _STRING})

SCHEMAS: Json = {
    "Answer": _object(
        {
            "query": _STRING,
            "title": _STRING,
            "question": _STRING,
            "columns": _list(_object({"name": _STRING, "title": _STRING})),
            "total": {"type": "integer", "minimum": 0, "description": "Rows of the whole answer"},
            "rows": _list({"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Cell"}}),
        },
        {
            "evidence": {
                "description": "For each row, its evidence",
                **_list(_list({"$ref": "#/components/schemas/Words"})),
            }
        },
    ),
    "Cell": {"oneOf": [{"type": "null"}, _CELL]},
    "Words": _object({"fact": _NODE, "sentence": _STRING, "quote": _STRING, "ownWords": _TRUTH, "article": _ARTICLE}),
    "Queries": _object({"queries": _list({"$ref": "#/components/schemas/Query"})}),
    "Query": _object(
        {
            "name": _STRING,
            "title": _STRING,
            "question": _STRING,
            "description": _STRING,
            "tags": _list(_STRING),
            "parameters": _list({"$ref": "#/components/schemas/Parameter"}),
            "columns": _list(_STRING),
            "evidence": {"type": "boolean", "description": "Whether its rows have evidence"},
            "formats": _list(_STRING),
        }
    ),
    "Parameter": _object(
        {"name": _STRING, "type": _STRING, "label": _STRING, "many": _TRUTH, "required": _TRUTH},
        {"default": {"anyOf": [_STRING, _list(_STRING)]}, "codes": _list(_STRING)},
    ),
    "Problem": {
        "description": "RFC 9457 problem details, with what to do about it as `fix`",
        **_object(
            {"type": _STRING, "title": _STRING, "status": {"type": "integer"}, "detail": _STRING}, {"fix": _STRING}
        ),
    },
}


def _problem(description: str) -> Json:
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


RESPONSES: Json = {
    "400": _problem("A parameter is unknown, missing, given too often, or has an invalid value"),
    "404": _problem("There is no such question, or nothing in the graph has the given name"),
    "406": _problem("None of the accepted types is available"),
    "409": _problem("Several things in the graph have the given name; the fix lists them"),
    "414": _problem("The address is too long"),
    "421": _problem("The request is for another host"),
    "422": _problem("The answer would exceed the limits of this server"),
    "502": _problem("The server that holds the graph does not answer"),
    "503": _problem("The server is busy, or the graph is not available"),
    "504": _problem("The question took too long"),
}
