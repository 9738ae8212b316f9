"""Everything to browse, by section, with what it can be filtered by. Made once for each generation. Reads a store.

Nothing here knows a class or a property: classes name their sections (cq:pageSection), and a filter is made of each
property of a section's facts and things whose values are codes or things of the registry, besides kind, year, article
and standing.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from kg.core.model import Term
from kg.core.relations import closure, grouped, grouped_sets
from kg.core.terms import ENTITY_CLASS, cq
from kg.core.values import lexical, local_name, string_literal
from kg.questions.graph import Graph
from kg.questions.lookup import entity_names
from kg.questions.standing import stage_reached
from kg.web.pages.lexicon import Lexicon, PageSection, lexicon
from kg.web.pages.page_queries import broader_topics, domains, nodes_by_value, ranges, stage_ranks
from kg.web.pages.reported import ReportedFacts, reported_facts
from kg.web.snapshot import Snapshot

KIND, YEAR, ARTICLE, STANDING = "kind", "year", "article", "standing"
STAGE = "stage"
STANDS, GONE, UNDATED = (string_literal(text) for text in ("stands", "displaced", "none"))
UNSPECIFIED = "/Unspecified>"
_NUMBER = "I"
"""Typecode of the places of members: four bytes."""


@dataclass(frozen=True, slots=True)
class Facet:
    """What the members of a section can be filtered by.

    Attributes:
        key: its name in addresses.
        title: its title.
        values: value -> the places of the members that have it, ascending; in the order in which groups are shown.
        divides: whether no member has two of the values.
        things: whether the values are things of the registry.
    """

    key: str
    title: str
    values: Mapping[Term, Sequence[int]]
    divides: bool
    things: bool = False


@dataclass(frozen=True, slots=True)
class BrowseList:
    """A section with its members, those with the latest date first, or by name.

    Attributes:
        section: the section.
        members: facts, or things of the registry.
        facets: what they can be filtered by, by key.
        grouped_by: key of the facet that groups them at first, or "".
        reports: whether its members are facts.
        naming: thing -> the places of the members that name it, ascending.
        gone: the places of the members that no longer stand, ascending.
    """

    section: PageSection
    members: tuple[Term, ...]
    facets: Mapping[str, Facet]
    grouped_by: str
    reports: bool
    naming: Mapping[Term, Sequence[int]]
    gone: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Member:
    """A fact or thing of a list: its number there, its article, "" if it has none, and what all of the list have."""

    number: int
    article: Term
    counted: _Counted


class _Counted:
    """Key of a facet -> value -> the numbers of the members that have it, in any order and maybe more than once; and
    the same for things that members name.

    Four bytes for each, as there may be millions.
    """

    def __init__(self) -> None:
        self.by_key: defaultdict[str, defaultdict[Term, array[int]]] = defaultdict(lambda: defaultdict(_numbers))
        self.naming: defaultdict[Term, array[int]] = defaultdict(_numbers)

    def add(self, key: str, value: Term, number: int) -> None:
        """Note that a member has a value."""
        self.by_key[key][value].append(number)


def catalogue(snapshot: Snapshot) -> Mapping[str, BrowseList]:
    """Return key -> its collection, for all sections that have members, in order."""

    def made(graph: Graph) -> Mapping[str, BrowseList]:
        return _ListReader(graph, lexicon(snapshot), reported_facts(snapshot)).lists()

    return snapshot.remembered("catalogue", made)


class _ListReader:
    """Reads one property after the other, and notes the values of all members."""

    def __init__(self, graph: Graph, words: Lexicon, facts: ReportedFacts) -> None:
        things = {thing.term: thing for thing in entity_names(graph).things}
        self._graph, self._words, self._facts = graph, words, facts
        self._names = {term: (thing.label.casefold(), term) for term, thing in things.items()}
        self._classes = {**facts.classes, **{term: thing.type for term, thing in things.items()}}
        self._in_section = self._by_section()
        self._members: dict[Term, _Member] = {}
        self._counted: dict[str, _Counted] = {}
        for key, nodes in self._in_section.items():
            counted = self._counted[key] = _Counted()
            members = (_Member(k, graph.article_of(node), counted) for k, node in enumerate(nodes))
            self._members |= zip(nodes, members, strict=True)

    def lists(self) -> Mapping[str, BrowseList]:
        """Return key -> its list, for all sections with members."""
        titles, of_things = self._count_properties()
        titles = {KIND: "Kind", **titles, YEAR: "Year", ARTICLE: "Article", STANDING: "Standing"}
        self._count_others()
        order = _order_of_codes(self._graph, self._words)
        return {
            section.key: self._list(section, _Facets(titles, of_things, order))
            for section in self._words.sections
            if section.key in self._in_section
        }

    def _by_section(self) -> Mapping[str, list[Term]]:
        """Return section -> its members, those with the latest date first, or by name."""
        keys = {kind: section.key for kind in set(self._classes.values()) if (section := self._words.section(kind))}
        members = grouped((keys[kind], node) for node, kind in self._classes.items() if kind in keys)
        days = self._facts.days
        for nodes in members.values():
            nodes.sort(key=lambda node: self._names.get(node, ("", node)))
            nodes.sort(key=lambda node: days[node].order if node in days else "", reverse=True)
        return members

    def _count_properties(self) -> tuple[Mapping[str, str], frozenset[str]]:
        """Note all values of properties. Return key -> title of those that are used, codes before things, and the keys
        whose values are things."""
        codes, things, others = _properties(self._graph, self._words)
        codes = codes - _of_others(self._graph, self._words, set(self._classes.values()))
        used = [prop for prop in sorted(codes) if self._count_codes(prop)]
        used.sort(key=lambda prop: prop != cq(STAGE))
        above = self._broader()
        used += [prop for prop in sorted(things) if self._count_things(prop, above)]
        for prop in sorted(others):
            self._note_naming(prop)
        titles = {local_name(prop): self._words.label(prop).capitalize() for prop in used}
        return titles, frozenset(map(local_name, things))

    def _count_codes(self, prop: Term) -> bool:
        """Note the codes that members themselves have. Return whether there are any."""
        key, used = local_name(prop), False
        for value, nodes in self._by_code(prop):
            own = [node for node in nodes if node in self._classes]
            used = used or bool(own)
            reached = grouped((self._reached(node, value), node) for node in own) if key == STAGE else {value: own}
            for code, some in reached.items():
                self._add_all(filter(None, map(self._members.get, some)), key, code)
        return used

    def _by_code(self, prop: Term) -> Iterable[tuple[Term, Iterable[Term]]]:
        """Yield the codes of a property with the nodes that have them."""
        facts = self._facts
        if prop == cq("reportedAs"):
            return grouped((facts.how_reported(fact), fact) for fact in facts.classes).items()
        if prop == cq("occurrence"):
            return grouped((code, node) for node, code in facts.occurrence.items()).items()
        return nodes_by_value(self._graph, prop, lambda value: not value.endswith(UNSPECIFIED))

    def _reached(self, fact: Term, stage: Term) -> Term:
        """Return the stage that an undertaking has reached according to its report."""
        return stage_reached(stage, self._facts.how_reported(fact))

    def _count_things(self, prop: Term, above: Mapping[Term, Sequence[Term]]) -> bool:
        """Note the things that members or their parts name, and the articles that name a thing. Return whether any."""
        key, used = local_name(prop), False
        for value, members, articles in self._note_naming(prop):
            used = used or bool(articles or members)
            for thing in above.get(value, (value,)):
                self._add_all(members, key, thing)
                for article in articles:
                    self._add(thing, ARTICLE, article)
        return used

    def _note_naming(self, prop: Term) -> Sequence[tuple[Term, Sequence[_Member], AbstractSet[Term]]]:
        """Note the things of the registry that members, or their parts, name with a property.

        Return each with these members and the articles that name it.
        """
        noted = []
        for value, nodes in nodes_by_value(self._graph, prop, self._is_registered):
            members, articles = list[_Member](), set[Term]()
            for owner in filter(None, map(self._owner, nodes)):
                member = self._members.get(owner)
                articles.add(member.article if member else self._graph.article_of(owner))
                members += (member,) if member else ()
            for member in members:
                member.counted.naming[value].append(member.number)
            noted.append((value, members, articles - {""}))
        return noted

    def _owner(self, node: Term) -> Term:
        """Return the fact or thing that a node is or is a part of, "" if it is no part of any."""
        if node in self._classes:
            return node
        fact = self._graph.fact_of(node)
        return fact if fact in self._classes else ""

    def _is_registered(self, value: Term) -> bool:
        return value in self._names and not self._graph.article_of(value)

    def _broader(self) -> Mapping[Term, Sequence[Term]]:
        """Return topic -> itself and its broader topics, as which it counts too."""
        above = grouped_sets((topic, wider) for topic, wider in broader_topics(self._graph) if topic and wider)
        return {topic: closure([topic], lambda each: above.get(each, ())) for topic in above}

    def _count_others(self) -> None:
        """Note what does not depend on properties: class, article, standing and year."""
        for node, member in self._members.items():
            member.counted.add(KIND, self._classes[node], member.number)
            if member.article:
                when = self._facts.days.get(node)
                member.counted.add(ARTICLE, member.article, member.number)
                member.counted.add(STANDING, GONE if node in self._facts.displaced else STANDS, member.number)
                member.counted.add(YEAR, string_literal(when.order[:4]) if when else UNDATED, member.number)

    @staticmethod
    def _add_all(members: Iterable[_Member], key: str, value: Term) -> None:
        """Note that members have a value."""
        for counted, numbers in grouped((member.counted, member.number) for member in members).items():
            counted.by_key[key][value].extend(numbers)

    def _add(self, node: Term, key: str, value: Term) -> None:
        member = self._members.get(node)
        if member:
            member.counted.add(key, value, member.number)

    def _list(self, section: PageSection, made: _Facets) -> BrowseList:
        members = tuple(self._in_section[section.key])
        counted = self._counted[section.key]
        facets, naming = made.of(counted, len(members)), {thing: _once(some) for thing, some in counted.naming.items()}
        gone = _once(counted.by_key[STANDING].get(GONE, ())) if STANDING in counted.by_key else _numbers()
        reports = members[0] in self._facts.classes
        first = [STAGE, YEAR] if section.on_timeline else [KIND, *facets] if reports else []
        complete = (k for k in first if k in facets and facets[k].divides and _covers(facets[k], len(members)))
        return BrowseList(section, members, facets, next(complete, ""), reports, naming, gone)


@dataclass(frozen=True, slots=True)
class _Facets:
    """What facets have in common: key -> title, the keys whose values are things, and the order of codes."""

    titles: Mapping[str, str]
    of_things: frozenset[str]
    order: Mapping[Term, tuple[int, str]]

    def of(self, counted: _Counted, members: int) -> Mapping[str, Facet]:
        """Return key -> facet, for those in which not all members have all values."""
        facets = {key: self._facet(key, counted.by_key[key]) for key in self.titles if key in counted.by_key}
        return {k: facet for k, facet in facets.items() if any(len(some) < members for some in facet.values.values())}

    def _facet(self, key: str, counted: Mapping[Term, Iterable[int]]) -> Facet:
        numbers = {value: _once(some) for value, some in counted.items()}
        last = (0, "")
        ranked = sorted(numbers, key=lambda value: (self.order.get(value, last), -len(numbers[value]), value))
        if key == YEAR:
            ranked = sorted(numbers, key=lambda value: (value != UNDATED, value), reverse=True)
        divides = sum(map(len, numbers.values())) == len(set().union(*numbers.values()))
        values = {value: numbers[value] for value in ranked}
        return Facet(key, self.titles[key], values, divides, key in self.of_things)


def _numbers() -> array[int]:
    return array(_NUMBER)


def _once(numbers: Iterable[int]) -> array[int]:
    """Return numbers in order, each once."""
    return array(_NUMBER, sorted(set(numbers)))


def _covers(facet: Facet, members: int) -> bool:
    return sum(map(len, facet.values.values())) == members


def _order_of_codes(graph: Graph, words: Lexicon) -> Mapping[Term, tuple[int, str]]:
    """Return stage -> its place among stages: what has gone furthest first."""
    return {code: (-int(lexical(rank)), words.label(code)) for code, rank in stage_ranks(graph) if code and rank}


def _of_others(graph: Graph, words: Lexicon, kinds: AbstractSet[Term]) -> AbstractSet[Term]:
    """Return the properties that only nodes of other classes have, such as parts of facts, judging by the ontology."""
    domains_of = grouped((p, kind) for p, kind in domains(graph) if p and kind)
    above = {upper for kind in kinds for upper in words.above.get(kind, ())}
    return {
        prop
        for prop, classes in domains_of.items()
        if not any(each in above or words.above.get(each, frozenset()) & kinds for each in classes)
    }


def _properties(graph: Graph, words: Lexicon) -> tuple[AbstractSet[Term], AbstractSet[Term], AbstractSet[Term]]:
    """Return the properties whose values are codes, those whose values may be things of the registry, and those whose
    values the ontology does not restrict."""
    entities = words.below(ENTITY_CLASS)
    above = {kind for entity in entities for kind in words.above[entity]}
    pairs = [(p, kind) for p, kind in ranges(graph) if p in words.relations and p and kind]
    codes, things = {p for p, kind in pairs if words.is_a(kind, "Code")}, {p for p, kind in pairs if kind in above}
    return codes, things, set(words.relations) - {p for p, _ in pairs}
