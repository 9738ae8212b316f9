"""People, bodies and places with their ties -> an SVG picture in which each kind has its colour and shape. Pure.

The picture is drawn for a width, and again for narrow screens, so that no label is ever below 11 pixels. It has classes
and no colours: a page colours it, and `standalone` adds a style. Nodes and ties are links, which work without scripts.
https://www.w3.org/TR/SVG11/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from kg.core.english import counted
from kg.render.facing import InColumn, facing
from kg.render.lettering import wrapped
from kg.render.picture import linked_picture, xml_text
from kg.render.routes import number

KINDS = ("person", "body", "party", "place")
"""The kinds of nodes, each with a colour and a shape of its own: circle, square, diamond and hexagon."""

MET = ("met", "met-by-post")
"""The kinds of ties between those that face each other."""


@dataclass(frozen=True, slots=True)
class DrawnEnd:
    """A node: its identity, name, one of KINDS, and the address of its page."""

    id: str
    label: str
    kind: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class DrawnTie:
    """A tie between two nodes.

    Attributes:
        one: identity of a node.
        other: identity of a node.
        kind: "met", "met-by-post", "post" or "part".
        words: the tie in words.
        weight: how often, which decides how thick it is.
        address: where it leads, "" for nowhere.
    """

    one: str
    other: str
    kind: str
    words: str
    weight: int = 1
    address: str = ""


@dataclass(frozen=True, slots=True)
class PictureSize:
    """The measures of a picture in pixels: width, radius of a sign, size of letters, lines of a label."""

    width: float
    radius: float
    letters: float
    most_lines: int

    @property
    def columns(self) -> tuple[float, ...]:
        """The horizontal centres of the four columns."""
        return tuple(self.width * part for part in (0.13, 0.37, 0.63, 0.87))

    @property
    def step(self) -> float:
        """The height of a line of text."""
        return self.letters * 1.2


WIDE, NARROW = PictureSize(760, 12, 13.5, 3), PictureSize(320, 9, 11.5, 5)


def ties_svg(
    signs: Sequence[DrawnEnd], lines: Sequence[DrawnTie], title: str, form: PictureSize, style: str = ""
) -> str:
    """Return the picture. *lines* are among *signs*, whose order decides who comes first."""
    labels = {sign.id: wrapped(sign.label, form.width * 0.225, form.letters, form.most_lines) for sign in signs}
    height = {sign.id: form.radius * 2 + len(labels[sign.id]) * form.step + form.letters * 1.6 for sign in signs}
    met, posts = ([(k.one, k.other) for k in lines if k.kind in kinds] for kinds in (MET, ("post",)))
    places, depth = facing([sign.id for sign in signs], met, posts, height.__getitem__, form.letters * 2)
    drawn = _Drawn(places, form)
    order = ("part", "post", "met-by-post", "met").index
    content = [
        *(['<rect class="card" width="100%" height="100%"/>'] if style else []),
        *(drawn.line(line) for line in sorted(lines, key=lambda line: order(line.kind))),
        *(drawn.sign(sign, labels[sign.id]) for sign in signs),
    ]
    size = form.width, depth + form.letters * 2
    return linked_picture("ties", f"ties-{form.width:g}", size, title, style, content)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Draws signs and lines at their places."""

    places: Mapping[str, InColumn]
    form: PictureSize

    def _centre(self, end: str) -> tuple[float, float]:
        place = self.places[end]
        return self.form.columns[place.number], place.y + self.form.radius + self.form.letters * 1.2

    def line(self, line: DrawnTie) -> str:
        (x, y), (to_x, to_y) = self._centre(line.one), self._centre(line.other)
        bend = 0.0
        if x == to_x:  # in one column: round those between, away from the labels of the inner columns
            outward = -1 if self.places[line.one].number in (0, 2) else 1
            bend = outward * min(self.form.width * 0.11, 18 + abs(to_y - y) / 6)
        middle = f"{number((x + to_x) / 2 + bend)} {number((y + to_y) / 2)}"
        path = f'd="M{number(x)} {number(y)}Q{middle} {number(to_x)} {number(to_y)}"'
        thick = number(min(1.4 + 0.8 * (line.weight - 1), 6.0))
        shown = f'<path class="{line.kind}" stroke-width="{thick}" {path}/>'
        if not line.address:
            return f"<g><title>{xml_text(line.words)}</title>{shown}</g>"
        broad = f'<path class="reach" {path}/>'
        return f'<a href="{escape(line.address)}" aria-label="{xml_text(line.words)}">{broad}{shown}</a>'

    def sign(self, sign: DrawnEnd, label: Sequence[str]) -> str:
        x, y = self._centre(sign.id)
        below = y + self.form.radius + self.form.letters * 1.15
        parts = " ".join(
            f'<tspan x="{number(x)}" y="{number(below + k * self.form.step)}">{xml_text(part)}</tspan>'
            for k, part in enumerate(label)
        )
        text = f'<text class="{sign.kind}-t" font-size="{self.form.letters:g}">{parts}</text>'
        drawn = f"<title>{xml_text(sign.label)}</title>{shape(sign.kind, x, y, self.form.radius)}{text}"
        return f'<a href="{escape(sign.address)}">{drawn}</a>' if sign.address else f"<g>{drawn}</g>"


def shape(kind: str, x: float, y: float, radius: float) -> str:
    """Return the sign of a kind around a point."""
    if kind == "person":
        return f'<circle class="person" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'
    parts = {
        "party": ((0, -1.1), (1.1, 0), (0, 1.1), (-1.1, 0)),
        "place": ((-1.1, 0), (-0.55, -0.95), (0.55, -0.95), (1.1, 0), (0.55, 0.95), (-0.55, 0.95)),
    }.get(kind, ((-0.92, -0.92), (0.92, -0.92), (0.92, 0.92), (-0.92, 0.92)))
    points = "L".join(f"{number(x + dx * radius)} {number(y + dy * radius)}" for dx, dy in parts)
    return f'<path class="{kind}" d="M{points}Z"/>'


def network_in_numbers(signs: Sequence[DrawnEnd], lines: Sequence[DrawnTie]) -> str:
    """Return what a picture shows, in numbers."""
    people = sum(sign.kind == "person" for sign in signs)
    counts = [
        counted(people, "person", "people") if people else "",
        counted(len(signs) - people, "body or place", "bodies and places") if len(signs) > people else "",
        counted(sum(line.kind in MET for line in lines), "pair that met", "pairs that met"),
    ]
    return ", ".join(filter(None, counts))


# -------- the style of a picture outside a page

_LIGHT = ("#ffffff", "#1b2229", "#56616b", "#0f5c8a")  # paper, ink, posts, meetings
_LIGHT_KINDS = (("#0f5c8a", "#dcebf5"), ("#2c6e5b", "#ddeee7"), ("#a0442e", "#f8e4dd"), ("#7d6100", "#f6ecc9"))
_DARK = ("#1a2027", "#e8ecef", "#a3aeb8", "#7dbfec")
_DARK_KINDS = (("#7dbfec", "#1d3444"), ("#83d0b6", "#1c3831"), ("#f0a48f", "#42261f"), ("#e0c162", "#3c3416"))


def standalone() -> str:
    """Return the style of a picture that is a file of its own, in light and dark."""
    shared = (
        "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans CJK SC',Arial,sans-serif;"
        "text-anchor:middle;paint-order:stroke;stroke-width:4px;stroke-linejoin:round}.person-t{font-weight:600}"
        "path{fill:none}.met-by-post{stroke-dasharray:7 4}.part{stroke-dasharray:1.5 4}.reach{stroke:none}"
    )
    dark = _coloured(_DARK, _DARK_KINDS)
    return f"{shared}{_coloured(_LIGHT, _LIGHT_KINDS)}@media (prefers-color-scheme:dark){{{dark}}}"


def _coloured(surface: tuple[str, str, str, str], kinds: Sequence[tuple[str, str]]) -> str:
    paper, ink, post, met = surface
    shapes = "".join(
        f".{kind}{{stroke:{edge};fill:{inner};stroke-width:1.8px}}"
        for kind, (edge, inner) in zip(KINDS, kinds, strict=True)
    )
    lines = f".met,.met-by-post{{stroke:{met}}}.post,.part{{stroke:{post}}}"
    return f".card{{fill:{paper}}}text{{fill:{ink};stroke:{paper}}}{lines}{shapes}"
