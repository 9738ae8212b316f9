"""Vocabulary + registry ids -> JSON Schemas of mappings and registry files, for editors to complete and check. No I/O.

An editor reads `5` as a number and `true` as a Boolean where the compiler reads text, so scalars of those types are
accepted. Only `kg check` knows whether a quote is in the text, whether the id of a fact exists and of which type it is,
whether two nested nodes are one, calendars and figures in words, lower-case letters of other scripts than Latin in ids,
and every rule beyond the number of values.
https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from kg.core.errors import Severity
from kg.core.terms import (
    ACCEPT_KEY,
    ARTICLE_CLASS,
    ARTICLE_KEY,
    CURATION_KEY,
    ENTITY_CLASS,
    FACT_CLASS,
    FACTS_KEY,
    INFERRED_KEY,
    QUOTE_KEY,
    TYPE_KEY,
    WORDS_KEY,
    XSD,
)
from kg.core.values import EDTF, SHA256
from kg.mapping.outline import RESERVED_IDS
from kg.mapping.scope import Target
from kg.ontology.vocabulary import Key, Kind, Vocabulary

Json: TypeAlias = dict[str, object]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ID = r"(?:[a-z0-9]|[^\x00-\x7f])+(?:-(?:[a-z0-9]|[^\x00-\x7f])+)*"
TAG = r"^(?:[A-Za-z]{2,3}|[xXiI])(?:-[A-Za-z0-9]{1,8})*$"
OTHER_CODE = r"^KG-[A-RT-Z]+[0-9]+$"
ACCEPTED = "Accepted warnings and remarks: the code of each, with the reason. Errors cannot be accepted."
QUOTED = "The words of the text that support it. A long quote may leave out its middle: The director … on Thursday."
INFERRED = "Keys of this fact whose values its words leave open, each with the reason why the value is certain."
MAX_ID = 80
SCALAR = ("string", "number", "boolean")


def _row(types: Sequence[str], pattern: str, **more: object) -> Json:
    return {"type": list(types), "pattern": pattern, **more}


DATATYPES: Mapping[str, Json] = {
    XSD + "boolean": {"enum": [True, False, "true", "false"]},
    XSD + "integer": _row(("integer", "string"), r"^-?(0|[1-9][0-9]*)$"),
    XSD + "nonNegativeInteger": _row(("integer", "string"), r"^(0|[1-9][0-9]*)$", minimum=0),
    XSD + "positiveInteger": _row(("integer", "string"), r"^[1-9][0-9]*$", minimum=1),
    XSD + "decimal": _row(("number", "string"), r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"),
    XSD + "date": _row(("string",), r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    XSD + "gYear": _row(("integer", "string"), r"^[0-9]{4}$"),
    XSD + "dateTime": _row(("string",), r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)$"),
    XSD + "anyURI": _row(("string",), r"^([Hh][Tt][Tt][Pp][Ss]?://|[Uu][Rr][Nn]:)\S+$"),
    XSD + "language": _row(("string",), TAG),
    SHA256: _row(("string",), r"^[0-9a-f]{64}$"),
    EDTF: _row(("string", "integer"), r"^[0-9XTZ/.:+?~%\[\]-]+$", maxLength=60),
}
"""Datatype -> the form of its values. Any other datatype accepts everything that is not blank."""


def article_schema(vocabulary: Vocabulary, entities: Mapping[str, Target]) -> Json:
    """Return the schema of a mapping. *entities* maps the registry's ids to what they refer to."""
    writer = _Writer(vocabulary, entities, quotes=True)
    article = writer.class_schema(ARTICLE_CLASS, without=(CURATION_KEY, TYPE_KEY, QUOTE_KEY))
    curation = writer.class_schema(vocabulary.keys[ARTICLE_CLASS][CURATION_KEY].range, without=(QUOTE_KEY,))
    taken = sorted({*RESERVED_IDS, *vocabulary.keys[ARTICLE_CLASS]})
    schema: Json = {
        "type": "object",
        "required": [ARTICLE_KEY, CURATION_KEY],
        "additionalProperties": False,
        "properties": {
            ARTICLE_KEY: article,
            CURATION_KEY: curation,
            FACTS_KEY: {
                "description": "What the article reports: an id of your choice for each fact, and its keys below it.",
                "type": ["object", "null"],
                "propertyNames": {"$ref": "#/$defs/id", "not": {"enum": taken}},
                "additionalProperties": writer.typed(vocabulary.concrete[FACT_CLASS], required=_needed(vocabulary)),
            },
        },
    }
    return _document("Mapping of one article", schema, writer.definitions)


def registry_schema(vocabulary: Vocabulary, entities: Mapping[str, Target]) -> Json:
    """Return the schema of a registry file. *entities* maps its ids to what they refer to."""
    writer = _Writer(vocabulary, entities, quotes=False)
    schema: Json = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"$ref": "#/$defs/id", "not": {"enum": sorted(RESERVED_IDS)}},
        "additionalProperties": writer.typed(vocabulary.concrete[ENTITY_CLASS], required=[TYPE_KEY]),
    }
    return _document("File of the registry", schema, writer.definitions)


def _document(title: str, schema: Json, definitions: Mapping[str, Json]) -> Json:
    known = {
        "id": {"type": "string", "pattern": f"^{ID}$", "maxLength": MAX_ID},
        "fact": {"type": list(SCALAR), "pattern": f"^{ID}(?:/{ID})?$", "description": "The id of a fact."},
        "something": {"type": list(SCALAR), "pattern": r"\S"},
        "texts": {"anyOf": [{"$ref": "#/$defs/something"}, _listed({"$ref": "#/$defs/something"}, 1, None)]},
        "text": _text(),
        **definitions,
    }
    return {"$schema": DIALECT, "title": title, **schema, "$defs": dict(sorted(known.items()))}


def _text() -> Json:
    by_language = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": TAG},
        "additionalProperties": {"$ref": "#/$defs/texts"},
    }
    return {"anyOf": [{"$ref": "#/$defs/something"}, by_language]}


def _listed(item: Json, least: int, most: int | None) -> Json:
    return {"type": "array", "items": item, "minItems": least, **({"maxItems": most} if most else {})}


def _reasons(description: str, names: Json) -> Json:
    """Return the schema of a table with a reason for each name."""
    reason: Json = {"$ref": "#/$defs/something"}
    return {"description": description, "type": "object", "minProperties": 1, **names, "additionalProperties": reason}


def _definition(vocabulary: Vocabulary, name: str) -> str:
    return vocabulary.properties[name].definition


def _required_or_words(required: Sequence[str]) -> Json:
    """Return the condition that a node has the words from which the rest is computed, or all that it needs."""
    return {"anyOf": [{"required": [WORDS_KEY]}, {"required": list(required)}]}


def _needed(vocabulary: Vocabulary) -> list[str]:
    """Return the keys that every fact needs: its type, and a quote if a rule requires evidence."""
    needs_evidence = any(
        rule.path == "evidence" and rule.severity is Severity.ERROR for rule in vocabulary.rules.values()
    )
    return [TYPE_KEY, QUOTE_KEY] if needs_evidence else [TYPE_KEY]


class _Writer:
    """Writes the parts of one schema, with each class, key, code list and set of ids once under $defs."""

    def __init__(self, vocabulary: Vocabulary, entities: Mapping[str, Target], *, quotes: bool) -> None:
        self.definitions: dict[str, Json] = {}
        self._vocabulary = vocabulary
        self._entities = entities
        self._ids_of: dict[str, list[str]] = defaultdict(list)
        for name in sorted(entities):
            self._ids_of[entities[name].class_name].append(name)
        self._quotes = quotes

    def typed(
        self, choices: Sequence[str], required: Sequence[str], default: str = "", given: Iterable[str] = ()
    ) -> Json:
        """Return the schema of a node of one of the classes *choices*, distinguished by its type.

        Keys that the fact around has *given* need not be written.
        """
        classes = self._vocabulary.classes
        kinds: Json = {"enum": list(choices), "enumDescriptions": [classes[name].definition for name in choices]}
        then = []
        for name in choices:
            is_meant: Json = {"properties": {TYPE_KEY: {"const": name}}}
            if name != default:
                is_meant["required"] = [TYPE_KEY]
            then.append({"if": is_meant, "then": self._class(name, given)})
        return {"type": "object", "required": list(required), "properties": {TYPE_KEY: kinds}, "allOf": then}

    def class_schema(self, name: str, without: Iterable[str] = ()) -> Json:
        """Return the schema of a node of the class *name* without some keys."""
        return {**self._keys_of(name, without), **self._required(name, without)}

    def _required(self, name: str, without: Iterable[str]) -> Json:
        """Return which keys, apart from some, a node of a class must have."""
        keys = self._vocabulary.keys[name].values()
        required = [key.name for key in keys if self._vocabulary.is_required(key) and key.name not in without]
        has_words = self._vocabulary.classes[name].compact_form
        return _required_or_words(required) if has_words else {"required": required}

    def _keys_of(self, name: str, without: Iterable[str] = ()) -> Json:
        """Return the schema of the keys of a class, none of them required."""
        term, keys = self._vocabulary.classes[name], self._vocabulary.keys[name]
        properties: Json = {TYPE_KEY: {"enum": [name]}}
        if self._quotes:
            properties[QUOTE_KEY] = {"$ref": "#/$defs/texts", "description": QUOTED}
        properties[ACCEPT_KEY] = {"$ref": f"#/$defs/{self._once('accept', self._accept)}"}
        if self._vocabulary.is_a(name, FACT_CLASS):
            properties[INFERRED_KEY] = {"$ref": f"#/$defs/{self._inferred(name, list(keys))}"}
        properties |= {key.name: {"$ref": f"#/$defs/{self._key(name, key)}"} for key in keys.values()}
        return {
            "description": term.definition,
            "type": "object",
            "additionalProperties": False,
            "properties": {key: schema for key, schema in properties.items() if key not in without},
        }

    def value(self, key: Key) -> Json:
        """Return the schema of the values of *key*: one, or a list."""
        item = self._item(key)
        one = [item] if key.least < 2 else []
        several = _listed(item, max(key.least, 1), key.most)
        if key.one_per_language:
            several |= {"contains": {"type": list(SCALAR)}, "minContains": 0, "maxContains": 1}
        return {"anyOf": [*one, several]}

    # -------- parts under $defs

    def _accept(self) -> Json:
        """Return the schema of 'accept'. The codes of rules are known, those of checks across articles are not."""
        rules = sorted(self._vocabulary.rules.values(), key=lambda rule: rule.id)
        mild = [rule for rule in rules if rule.severity is not Severity.ERROR]
        codes = {rule.id: {"$ref": "#/$defs/something", "description": f"{rule.text}."} for rule in mild}
        names = {"anyOf": [{"enum": list(codes)}, {"pattern": OTHER_CODE}]}
        return _reasons(ACCEPTED, {"properties": codes, "propertyNames": names})

    def _once(self, name: str, made: Callable[[], Json]) -> str:
        """Return *name*, the key of the definition. A class that contains itself is made once."""
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = made()
        return name

    def _inferred(self, class_name: str, keys: list[str]) -> str:
        """Return the name of the definition of reasons for *keys*, which classes with the same keys share."""
        schema = _reasons(INFERRED, {"propertyNames": {"enum": keys}})
        known = (name for name, other in self.definitions.items() if other == schema)
        return self._once(next(known, f"inferred.{class_name}"), lambda: schema)

    def _class(self, name: str, given: Iterable[str] = ()) -> Json:
        """Return the schema of a node of a class. The keys of each class are defined once for all of its places."""
        keys = self._once(f"class.{name}", lambda: self._keys_of(name))
        return {"$ref": f"#/$defs/{keys}", **self._required(name, given)}

    def _key(self, class_name: str, key: Key) -> str:
        """Return the name of the key's definition, which classes with the same constraints share."""
        schema = {"description": self._described(key), **self.value(key)}
        for name in (f"key.{key.name}", f"key.{key.name}.{class_name}"):
            if self.definitions.setdefault(name, schema) == schema:
                return name
        raise AssertionError(f"{class_name} has two keys {key.name}")

    def _described(self, key: Key) -> str:
        messages = [self._vocabulary.rules[rule].text for rule in key.rules if rule in self._vocabulary.rules]
        return " ".join([_definition(self._vocabulary, key.name), *(f"{message}." for message in messages[:1])])

    def _item(self, key: Key) -> Json:
        match key.kind:
            case Kind.TEXT:
                return {"$ref": "#/$defs/text"}
            case Kind.LITERAL:
                return dict(DATATYPES.get(key.range, {"$ref": "#/$defs/something"}))
            case Kind.CODE:
                return {"$ref": f"#/$defs/{self._codes(key.range)}"}
            case Kind.ANY:
                return {"$ref": f"#/$defs/{self._range(ENTITY_CLASS, FACT_CLASS)}"}
            case _ if self._fills(key) or self._vocabulary.properties[key.name].in_braces:
                return {"$ref": f"#/$defs/{self._once(f'value.{key.name}', lambda: self._choice((key.range,), key))}"}
            case _:
                return {"$ref": f"#/$defs/{self._range(key.range)}"}

    def _codes(self, name: str) -> str:
        codes = self._vocabulary.codes.get(name, {}).values()
        enum: Json = {"enum": [c.name for c in codes], "enumDescriptions": [c.definition or c.label for c in codes]}
        return self._once(f"codes.{name}", lambda: enum if codes else {"not": {}})

    def _range(self, *classes: str) -> str:
        """Return the name of the definition of what is allowed where a node of these classes is expected."""
        return self._once(f"value.{'-or-'.join(classes)}", lambda: self._choice(classes))

    def _choice(self, classes: Sequence[str], key: Key | None = None) -> Json:
        return {"anyOf": list(self._choices(classes, key)) or [{"not": {}}]}

    def _choices(self, classes: Sequence[str], key: Key | None) -> Iterable[Json]:
        """Yield what is allowed where nodes of *classes* are expected; give *key* if it fills in nodes in braces."""
        vocabulary = self._vocabulary
        concrete = [name for each in classes for name in vocabulary.concrete[each]]
        for name in concrete:
            if vocabulary.classes[name].segment and self._ids(name):
                yield {"$ref": f"#/$defs/{self._ids(name)}"}
        if any(vocabulary.is_a(name, FACT_CLASS) for name in concrete):
            yield {"$ref": "#/$defs/fact"}
        if ARTICLE_CLASS in concrete:
            yield {"$ref": "#/$defs/id"}
        if vocabulary.classes[classes[0]].compact_form:
            yield {"$ref": "#/$defs/something"}
        if len(classes) == 1 and vocabulary.nested_types(classes[0]):
            yield self._nested(classes[0], key)

    def _ids(self, class_name: str) -> str:
        """Return the name of the definition of the registry's ids of a class, "" if there are none."""
        known = {each: self._entities[each].label for each in self._ids_of.get(class_name, ())}
        enum: Json = {"enum": list(known), "enumDescriptions": list(known.values())}
        return self._once(f"ids.{class_name}", lambda: enum) if known else ""

    def _fills(self, key: Key) -> list[str]:
        """Return the keys that need not be written in braces under *key*."""
        return [fill.key for fill in self._vocabulary.properties[key.name].fills]

    def _nested(self, class_name: str, key: Key | None) -> Json:
        choices, given = self._vocabulary.nested_types(class_name), self._fills(key) if key else []
        if len(choices) == 1:
            return self._class(choices[0], given)
        default = self._vocabulary.class_in_braces(key) if key else class_name if class_name in choices else ""
        return self.typed(choices, required=[] if default else [TYPE_KEY], default=default, given=given)
