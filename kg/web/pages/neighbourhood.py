"""What was derived about a thing -> a picture of the people, bodies and places around it. Reads a store."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from kg.core.model import Term
from kg.core.terms import cq
from kg.questions.lookup import entities
from kg.questions.names import Thing
from kg.render.terminal import harmless
from kg.render.ties_picture import NARROW, DrawnEnd, DrawnTie, ties_svg
from kg.web.pages.derived import Derived
from kg.web.pages.frame import path
from kg.web.pages.network import PARTS, POSTS
from kg.web.pages.network_page import sign_classes, sign_kind
from kg.web.pages.thing import ThingPage
from kg.web.site import Site
from kg.web.snapshot import Snapshot

DRAWN_AS = {
    cq("metWith"): "met",
    cq("metWithByPost"): "met-by-post",
    **dict.fromkeys(POSTS, "post"),
    **dict.fromkeys(PARTS, "part"),
}
"""Relations that are drawn -> how."""


def neighbourhood(site: Site, snapshot: Snapshot, shown: ThingPage, root: str) -> Markup:
    """Return the picture, with links below *root*; empty if nothing that was derived can be drawn."""
    drawn = [each for each in shown.derived if each.property in DRAWN_AS]
    things = entities(snapshot.graph, (end for each in drawn for end in (each.one.term, each.other.term)))
    drawn = [each for each in drawn if each.one.term in things and each.other.term in things]
    if not drawn:
        return Markup()
    kinds = sign_classes(snapshot.graph)
    ends = dict.fromkeys([shown.term, *(end for each in drawn for end in (each.one.term, each.other.term))])
    signs = [
        DrawnEnd(thing.id, harmless(thing.label), sign_kind(thing, kinds), root + path(site, thing.term))
        for end in ends
        if (thing := things.get(end))
    ]
    title = harmless(f"{shown.label.text} and those around; the list says the same in words")
    return Markup(ties_svg(signs, [_tie(each, things) for each in drawn], title, NARROW))


def _tie(derived: Derived, things: Mapping[Term, Thing]) -> DrawnTie:
    one, other = things[derived.one.term], things[derived.other.term]
    words = harmless(f"{derived.one.text} {derived.relation} {derived.other.text}")
    return DrawnTie(one.id, other.id, DRAWN_AS[derived.property], words)
