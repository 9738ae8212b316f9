"""Placed boxes -> paths for the links between them. Pure.

https://www.w3.org/TR/SVG11/paths.html
"""

from __future__ import annotations

from kg.render.layout import Drawing, Point

BENDS = (0, 18, -18, 36, -36, 54, -54, 80, -80, 110, -110)
"""How far a link may bend to avoid a box, in pixels, in the order to try."""

ROOM = 18.0
"""How far a bend may reach beyond the boxes."""


def number(value: float) -> str:
    """Return a coordinate with at most one decimal."""
    return f"{round(value, 1) + 0.0:.10g}"


def _at(x: float, y: float) -> str:
    return f"{number(x)} {number(y)}"


def route(one: str, other: str, drawing: Drawing, offset: float) -> tuple[str, Point]:
    """Return the path between two boxes as SVG path data, and the middle of its visible part.

    Between columns it is a horizontal curve, otherwise a line that bends round other boxes. *offset* separates the
    links of one pair.
    """
    if (other, one) in drawing.columns:
        one, other = other, one
    (x, y), (ox, oy) = drawing.centres[one], drawing.centres[other]
    if (one, other) in drawing.columns:
        x, ox = x + drawing.boxes[one][0] / 2, ox - drawing.boxes[other][0] / 2
        y, oy = y + offset, oy + offset
        bend = (x + ox) / 2
        return f"M{_at(x, y)}C{_at(bend, y)} {_at(bend, oy)} {_at(ox, oy)}", (bend, (y + oy) / 2)
    points = _clear_curve(one, other, drawing, offset)
    inside = [p for p in points if not (_within(p, one, drawing, 0) or _within(p, other, drawing, 0))] or points
    (sx, sy), (ex, ey) = points[0], points[-1]
    (mx, my) = points[len(points) // 2]
    control = (2 * mx - (sx + ex) / 2, 2 * my - (sy + ey) / 2)
    return f"M{_at(sx, sy)}Q{_at(*control)} {_at(ex, ey)}", inside[len(inside) // 2]


def _clear_curve(one: str, other: str, drawing: Drawing, offset: float) -> list[Point]:
    """Return points along the flattest curve between two boxes that passes behind no other, if there is one."""
    others = [name for name in drawing.boxes if name not in (one, other)]
    curves = [_curve(drawing.centres[one], drawing.centres[other], offset + bend) for bend in BENDS]
    hidden = [
        sum(_off_card(point, drawing) or any(_within(point, name, drawing, 5) for name in others) for point in curve)
        for curve in curves
    ]
    return curves[hidden.index(min(hidden))]


def _curve(start: Point, end: Point, bend: float) -> list[Point]:
    """Return points along the quadratic curve whose middle is *bend* pixels off the straight line."""
    (x, y), (ox, oy) = start, end
    length = max(((ox - x) ** 2 + (oy - y) ** 2) ** 0.5, 1.0)
    cx, cy = (x + ox) / 2 - (oy - y) / length * 2 * bend, (y + oy) / 2 + (ox - x) / length * 2 * bend
    steps = [k / 24 for k in range(25)]
    return [
        ((1 - t) ** 2 * x + 2 * t * (1 - t) * cx + t * t * ox, (1 - t) ** 2 * y + 2 * t * (1 - t) * cy + t * t * oy)
        for t in steps
    ]


def _off_card(point: Point, drawing: Drawing) -> bool:
    return not (-ROOM < point[0] < drawing.size[0] + ROOM and -8 < point[1] < drawing.size[1] + 20)


def _within(point: Point, name: str, drawing: Drawing, margin: float) -> bool:
    (x, y), (width, height) = drawing.centres[name], drawing.boxes[name]
    return abs(point[0] - x) < width / 2 + margin and abs(point[1] - y) < height / 2 + margin
