"""One concern of an ontology -> its classes and their relations, as an SVG picture with links. Pure.

Each class with its own keys is a card. Classes without any are lines in the card of their superclass. A key whose
values are nodes points to their class, one column to the right. If that class is further left or in another concern,
its name is in the row. The picture has no style of its own and takes that of the page around it.
https://www.w3.org/TR/SVG11/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from kg.core.terms import XSD
from kg.docs.model import ClassDoc, Concern, Documentation, KeyUse
from kg.ontology.vocabulary import Kind
from kg.render.lettering import text_width, wrapped
from kg.render.terminal import harmless

Address = Callable[[str, str], str]
"""("class" or "property", local name) -> the address of its page, "" if it has none."""

CARD, BOX, GAP, BETWEEN, LINE, PAD = 300.0, 190.0, 84.0, 18.0, 21.0, 12.0
HEAD, RULE = 38.0, 8.0
SIZE, SMALL = 13.0, 12.0


@dataclass(frozen=True, slots=True)
class CardRow:
    """One line of a card: a key, the class it points to, and the text at its right."""

    use: KeyUse
    target: str
    text: str


@dataclass(slots=True)
class Card:
    """One class, or a class of another concern that rows point to.

    Attributes:
        doc: of the class.
        column: from 0 at the left.
        own: whether the concern declares it.
        lines: subclasses without their own keys, each with its depth.
        rows: its keys.
        top: its upper edge.
    """

    doc: ClassDoc
    column: int
    own: bool
    lines: list[tuple[int, ClassDoc]] = field(default_factory=list)
    rows: list[CardRow] = field(default_factory=list)
    top: float = 0.0

    @property
    def height(self) -> float:
        """In pixels."""
        lines, rows = len(self.lines), len(self.rows)
        return HEAD + (lines + rows) * LINE + (RULE if lines and rows else 0) + (PAD if lines or rows else 0)

    @property
    def width(self) -> float:
        """In pixels."""
        return CARD if self.own else BOX


def concern_svg(documentation: Documentation, concern: Concern, address: Address) -> str:
    """Return the picture of a concern, "" if it has no class to show."""
    cards = _cards(documentation, concern)
    if not cards:
        return ""
    _columns(cards)
    drawn = [*cards.values(), *_elsewhere(documentation, cards)]
    _stack(drawn)
    lefts = _lefts(drawn)
    width = max(lefts[card.column] + card.width for card in drawn) + 2
    height = max(card.top + card.height for card in drawn) + 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" role="group" aria-label="{_safe(concern.title)}"'
        f' viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}">'
    ]
    parts += _edges(drawn, lefts)
    parts += [_drawn(card, lefts[card.column], address, documentation) for card in drawn]
    return "".join([*parts, "</svg>"])


# -------- content


def _cards(documentation: Documentation, concern: Concern) -> dict[str, Card]:
    classes = documentation.classes
    docs = [classes[name] for name in concern.classes]
    cards = {doc.name: Card(doc, 0, own=True) for doc in docs if doc.keys or not _holder(doc, concern)}
    for doc in docs:
        holder, depth = _holder(doc, concern), 0
        while doc.name not in cards and holder and holder not in cards:
            holder, depth = _holder(classes[holder], concern), depth + 1
        if doc.name not in cards and holder:
            cards[holder].lines.append((depth, doc))
    for card in cards.values():
        card.rows = [_row(use, documentation) for use in card.doc.keys]
    return cards


def _holder(doc: ClassDoc, concern: Concern) -> str:
    """Return the superclass that the concern declares too, or ""."""
    return next((name for name in doc.parents if name in concern.classes), "")


def _row(use: KeyUse, documentation: Documentation) -> CardRow:
    key = use.key
    match key.kind:
        case Kind.NODE:
            return CardRow(use, key.range, documentation.classes[key.range].label)
        case Kind.CODE:
            return CardRow(use, "", documentation.classes[key.range].label)
        case Kind.TEXT:
            return CardRow(use, "", "text")
        case Kind.ANY:
            return CardRow(use, "", "anything with an id")
        case _:
            return CardRow(use, "", key.range.removeprefix(XSD).rpartition("/")[2].rpartition("#")[2])


def _columns(cards: Mapping[str, Card]) -> None:
    """Put each card one column to the right of the first that points to it."""
    leads = {
        name: [r.target for r in card.rows if r.target in cards and r.target != name] for name, card in cards.items()
    }
    entered = {target for targets in leads.values() for target in targets}
    seen = {name: 0 for name in cards if name not in entered} or {next(iter(cards)): 0}
    queue = list(seen)
    for name in queue:
        for target in leads[name]:
            if target not in seen:
                seen[target] = seen[name] + 1
                queue.append(target)
    for name, card in cards.items():
        card.column = seen.get(name, 0)


def _elsewhere(documentation: Documentation, cards: Mapping[str, Card]) -> Iterator[Card]:
    """Yield a box for each class of another concern, beside each column with rows that point to it."""
    targets = {
        (card.column + 1, row.target): None
        for card in cards.values()
        for row in card.rows
        if row.target and row.target not in cards
    }
    yield from (Card(documentation.classes[name], column, own=False) for column, name in targets)


# -------- layout


def _stack(cards: Sequence[Card]) -> None:
    """Stack the cards of each column, each as close as possible to the rows that point to it."""
    for column in range(max(card.column for card in cards) + 1):
        here = [card for card in cards if card.column == column]
        wish = {id(card): _wish(card, cards) for card in here}
        bottom = 1.0
        for card in sorted(here, key=lambda card: wish[id(card)]):
            card.top = max(bottom, wish[id(card)] - HEAD / 2) if column else bottom
            bottom = card.top + card.height + BETWEEN


def _wish(card: Card, cards: Sequence[Card]) -> float:
    ports = [y for source, y in _sources(card, cards)]
    return min(ports, default=0.0)


def _sources(card: Card, cards: Sequence[Card]) -> Iterator[tuple[Card, float]]:
    """Yield each card in the previous column with a row that points to *card*, with the middle of the row."""
    for source in cards:
        if source.column == card.column - 1:
            for k, row in enumerate(source.rows):
                if row.target == card.doc.name:
                    yield source, source.top + HEAD + (k + 0.5) * LINE


def _lefts(cards: Sequence[Card]) -> dict[int, float]:
    lefts, x = {}, 1.0
    for column in range(max(card.column for card in cards) + 1):
        lefts[column] = x
        x += max((card.width for card in cards if card.column == column), default=0.0) + GAP
    return lefts


# -------- drawing


def _edges(cards: Sequence[Card], lefts: Mapping[int, float]) -> Iterator[str]:
    for card in cards:
        x, y = lefts[card.column], card.top + HEAD / 2
        for source, port in _sources(card, cards):
            start = lefts[source.column] + source.width
            bend = (x - start) / 2
            curve = f"M{start:g} {port:g}C{start + bend:g} {port:g} {x - bend:g} {y:g} {x - 7:g} {y:g}"
            yield f'<path class="edge" d="{curve}"/><path class="tip" d="M{x:g} {y:g}l-8 -4v8z"/>'


def _drawn(card: Card, x: float, address: Address, documentation: Documentation) -> str:
    style = "card" if card.own else "card elsewhere"
    parts = [_rect(style, x, card.top, card.width, card.height)]
    name = "title abstract" if card.doc.abstract else "title"
    parts.append(_text(name, x + PAD, card.top + 24, card.doc.label, address("class", card.doc.name), card.width - 24))
    if card.own and card.doc.parents:
        above = documentation.classes[card.doc.parents[0]]
        free = card.width - 2 * PAD - text_width(card.doc.label, SIZE + 1)
        if free > text_width(f"a kind of {above.label}", SMALL):
            parts.append(_text("aside end", x + card.width - PAD, card.top + 24, f"a kind of {above.label}"))
    y = card.top + HEAD
    for row in card.rows:
        key = "key needed" if row.use.required else "key"
        parts.append(_text(key, x + PAD, y + 15, row.use.key.name, address("property", row.use.key.name)))
        bounds = f" {how_many(row.use)}"
        space = card.width - 2 * PAD - text_width(row.use.key.name, SIZE) - text_width(bounds, SMALL)
        text = wrapped(row.text, max(space, 40.0), SMALL, most=1)[0]
        parts.append(_text("aside end", x + card.width - PAD, y + 15, text + bounds))
        y += LINE
    if card.rows and card.lines:
        parts.append(f'<path class="rule" d="M{x + PAD:g} {y + 3:g}h{card.width - 2 * PAD:g}"/>')
        y += RULE
    for depth, doc in card.lines:
        parts.append(_text("kind", x + PAD + 14 * depth, y + 15, doc.label, address("class", doc.name)))
        y += LINE
    return "".join(parts)


def how_many(use: KeyUse) -> str:
    """Return the number of values in the usual notation: `1`, `0..1`, `*`, `1..*`."""
    least, most = use.key.least, use.key.most
    if most is None:
        return "*" if least == 0 else f"{least}..*"
    return f"{least}" if least == most else f"{least}..{most}"


def _rect(style: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{style}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="7"/>'


def _text(style: str, x: float, y: float, text: str, link: str = "", room: float = CARD) -> str:
    cut = wrapped(text, max(room, 40.0), SMALL if "aside" in style else SIZE, most=1)[0]
    drawn = f'<text class="{style}" x="{x:g}" y="{y:g}">{_safe(cut)}</text>'
    return f'<a href="{_safe(link)}">{drawn}</a>' if link else drawn


def _safe(text: str) -> str:
    return escape(harmless(text))
