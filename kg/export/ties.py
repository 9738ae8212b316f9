"""N-Quads lines -> people, bodies and places, and the derived ties between them. No I/O.

A tie stands for all derivations of one relation between the same two that no other fact displaced. Several reports of
one story count once. Facts, derivations and evidence are not nodes: a tie has the IRIs of the facts that it rests on.
The ties are in memory, the lines are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from kg.core.model import Term
from kg.core.relations import closure
from kg.core.terms import LABEL, OWL, PROV, SUBCLASS_OF, TYPE, cq
from kg.core.values import labels_to_show, lexical, local_name
from kg.store.lines import line_quad

ENDS = ("Person", "Organization", "Place")
"""The classes of what ties join."""

_PARTS = (cq("derivedSubject"), cq("derivedPredicate"), cq("derivedObject"))
_FROM, _DISPLACED, _STORY = f"<{PROV}wasDerivedFrom>", cq("displacedBy"), cq("story")
_EARLIEST, _LATEST = cq("whenEarliest"), cq("whenLatest")
_OF_TIES = frozenset({*_PARTS, _FROM, _DISPLACED, _STORY, _EARLIEST, _LATEST, TYPE})
_OF_NAMES = frozenset({LABEL, TYPE, SUBCLASS_OF})
_SYMMETRIC = f"<{OWL}SymmetricProperty>"

_Statements: TypeAlias = Mapping[Term, Mapping[Term, Sequence[Term]]]  # property -> subject -> values


@dataclass(frozen=True, slots=True)
class TieEnd:
    """A person, body or place. *family* is one of ENDS, *kind* the name of its class."""

    iri: Term
    label: str
    family: str
    kind: str


@dataclass(frozen=True, slots=True)
class WeightedTie:
    """A relation between two nodes.

    Attributes:
        one: a node.
        other: a node.
        relation: name of the property.
        weight: how many stories it rests on, or facts if they are in none.
        earliest: first possible day of all its facts, "" if none has a date.
        latest: last possible day of those facts that have one, or "".
        mutual: whether it holds in both directions. It is there once.
        facts: that it is derived from.
    """

    one: Term
    other: Term
    relation: str
    weight: int
    earliest: str = ""
    latest: str = ""
    mutual: bool = False
    facts: tuple[Term, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class TieGraph:
    """Nodes and ties, sorted."""

    nodes: tuple[TieEnd, ...]
    ties: tuple[WeightedTie, ...]


def tie_graph(lines: Iterable[str], described: Iterable[str]) -> TieGraph:
    """Return the ties in *lines*, and the people, bodies and places in it. *described* has the labels and classes."""
    given, known = _statements(lines, _OF_TIES), _statements(described, _OF_NAMES)
    nodes = _nodes(known)
    ties = [tie for tie in _ties(given, known) if tie.one in nodes and tie.other in nodes]
    shown = {*given[TYPE], *(end for tie in ties for end in (tie.one, tie.other))} & nodes.keys()
    return TieGraph(tuple(nodes[node] for node in sorted(shown)), tuple(ties))


def _statements(lines: Iterable[str], properties: frozenset[Term]) -> _Statements:
    held: dict[Term, dict[Term, list[Term]]] = {prop: {} for prop in properties}
    for line in lines:
        if line.split(" ", 2)[1] in properties:
            subject, predicate, value, _ = line_quad(line)
            held[predicate].setdefault(subject, []).append(value)
    return held


def _nodes(known: _Statements) -> dict[Term, TieEnd]:
    families: dict[Term, str] = {}
    below: dict[Term, list[Term]] = {}
    for narrow, broad in known[SUBCLASS_OF].items():
        for each in broad:
            below.setdefault(each, []).append(narrow)
    for name in ENDS:
        families |= dict.fromkeys(closure([cq(name)], lambda kind: below.get(kind, ())), name)
    kinds = {node: min((k for k in some if k in families), default="") for node, some in known[TYPE].items()}
    labels = labels_to_show((node, text) for node in kinds for text in known[LABEL].get(node, ()))
    return {
        node: TieEnd(node, labels.get(node, local_name(node)), families[kind], local_name(kind))
        for node, kind in kinds.items()
        if kind
    }


def _ties(given: _Statements, known: _Statements) -> list[WeightedTie]:
    symmetric = {prop for prop, kinds in known[TYPE].items() if _SYMMETRIC in kinds}
    support: dict[tuple[Term, Term, Term], set[Term]] = {}
    for derivation in given[_FROM].keys() - given[_DISPLACED].keys():
        parts = [given[prop].get(derivation, [""])[0] for prop in _PARTS]
        one, relation, other = parts
        if all(parts) and (relation not in symmetric or one < other):
            support.setdefault((one, relation, other), set()).update(given[_FROM][derivation])
    return [_tie(key, sorted(facts), given, key[1] in symmetric) for key, facts in sorted(support.items())]


def _tie(key: tuple[Term, Term, Term], facts: Sequence[Term], given: _Statements, mutual: bool) -> WeightedTie:
    stories = {story for fact in facts for story in given[_STORY].get(fact, ())}
    first = sorted(lexical(day) for fact in facts for day in given[_EARLIEST].get(fact, ()))
    last = sorted(lexical(day) for fact in facts for day in given[_LATEST].get(fact, ()))
    one, relation, other = key
    days = ("".join(first[:1]), "".join(last[-1:]))
    return WeightedTie(one, other, local_name(relation), len(stories or facts), *days, mutual, tuple(facts))
