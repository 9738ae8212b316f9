"""Links between people or bodies -> a network as a self-contained SVG picture. Pure: same links, same bytes.

The picture has its own background, light or dark by the reader's preference, so it is legible on any page. Text
remains text, which can be selected, searched and read aloud.
https://www.w3.org/TR/SVG11/  https://www.w3.org/TR/graphics-aria-1.0/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from kg.core.english import counted
from kg.core.relations import grouped
from kg.render.layout import Drawing, Point, Size, arrange
from kg.render.lettering import text_width, wrapped
from kg.render.routes import number, route

WIDTH = 920.0
MARGIN = 36.0
MOST_BOXES = 60
NAME_SIZE, NOTE_SIZE, LEGEND_SIZE, TITLE_SIZE = 15.0, 12.0, 13.0, 20.0
NAME_WIDTH, NOTE_WIDTH = 210.0, 220.0
# Colours that any colour vision can distinguish, by group: on the light card, on the dark card.
COLOURS = (
    ("#1769b5", "#62b5f5"),
    ("#c4540f", "#f2a45c"),
    ("#0b7f5a", "#46d1a0"),
    ("#a3417f", "#e79ac8"),
    ("#5b4fb3", "#a9a0f5"),
    ("#8a6a00", "#e0c341"),
)
OTHER_COLOUR = ("#5d6875", "#9aa7b5")


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the network.

    Attributes:
        one: identity of one end.
        other: identity of the other end.
        weight: strength, above 0, shown if above 1.
        group: the meeting or the like that the link belongs to, which decides the colour, or "".
    """

    one: str
    other: str
    weight: float = 1.0
    group: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """One end of links, with its text split into lines that fit."""

    name: tuple[str, ...]
    note: tuple[str, ...]
    size: Size


def network_svg(
    links: Sequence[Link],
    title: str,
    labels: Mapping[str, str] | None = None,
    notes: Mapping[str, str] | None = None,
) -> str:
    """Return the picture. If there are more than MOST_BOXES boxes, it shows those with the strongest links and says so.

    Args:
        links: in order of importance. Equal pairs in one group should come once.
        title: shown above the network and read aloud.
        labels: identity -> name to show, by default the identity.
        notes: identity -> a line below the name, such as an organization.
    """
    shown, left_out = _strongest(links)
    labels, notes = labels or {}, notes or {}
    boxes = {name: _box(labels.get(name, name), notes.get(name, "")) for name in _ends(shown)}
    drawing = arrange(
        {name: box.size for name, box in boxes.items()}, [(k.one, k.other) for k in shown], WIDTH - 2 * MARGIN
    )
    styles = _group_styles(shown)
    top = MARGIN + TITLE_SIZE + 24
    key, key_height = _key(styles, top + drawing.size[1] + 44, drawing.size[0], left_out)
    width, height = drawing.size[0] + 2 * MARGIN, top + drawing.size[1] + (34 if key else 0) + key_height + MARGIN - 6
    spoken = _links_in_words(shown, labels)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" '
            f'viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}" height="{number(height)}">',
            f'<title id="title">{xml_text(title)}</title>',
            f'<desc id="desc">{xml_text(spoken)}</desc>',
            f"<style>{_style(len(styles))}</style>",
            f'<rect class="card" x="0.5" y="0.5" width="{number(width - 1)}" height="{number(height - 1)}" rx="14"/>',
            f'<text class="title" x="{number(MARGIN)}" y="{number(MARGIN + TITLE_SIZE - 4)}">{xml_text(title)}</text>',
            f'<g transform="translate({number(MARGIN)} {number(top)})">',
            *_lines(shown, drawing, styles, labels),
            *(_drawn_box(name, box, drawing, shown) for name, box in boxes.items()),
            "</g>",
            *key,
            "</svg>",
            "",
        ]
    )


def linked_picture(
    kind: str, name: str, size: tuple[float, float], title: str, style: str, drawn: Iterable[str]
) -> str:
    """Return an SVG document with links in it.

    *kind* is its class, *name* the id of its title, *style* "" for a picture in a page.
    """
    width, height = map(number, size)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" role="group" aria-labelledby="{name}"'
            f' viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
            f'<title id="{name}">{xml_text(title)}</title>',
            *([f"<style>{style}</style>"] if style else []),
            *drawn,
            "</svg>\n",
        ]
    )


def _strongest(links: Sequence[Link]) -> tuple[list[Link], int]:
    """Return the links between the most strongly linked boxes, in order, and how many boxes are left out."""
    strength: dict[str, float] = {}
    for link in links:
        for name in (link.one, link.other):
            strength[name] = strength.get(name, 0.0) + link.weight
    kept = set(sorted(strength, key=lambda name: -strength[name])[:MOST_BOXES])
    shown = [link for link in links if link.one in kept and link.other in kept and link.one != link.other]
    return shown, len(strength) - len(_ends(shown))


def _ends(links: Sequence[Link]) -> list[str]:
    return list(dict.fromkeys(name for link in links for name in (link.one, link.other)))


def _links_in_words(links: Sequence[Link], labels: Mapping[str, str]) -> str:
    def name(key: str) -> str:
        return labels.get(key, key)

    return (
        "; ".join(f"{name(k.one)} – {name(k.other)}" + (f" ({k.group})" if k.group else "") for k in links)
        or "No links."
    )


def _box(name: str, note: str) -> Box:
    names = wrapped(name, NAME_WIDTH, NAME_SIZE * 1.05, most=3)
    notes = wrapped(note, NOTE_WIDTH, NOTE_SIZE, most=2) if note else ()
    inner = max(
        [text_width(line, NAME_SIZE * 1.05) for line in names] + [text_width(line, NOTE_SIZE) for line in notes]
    )
    height = len(names) * (NAME_SIZE + 4) + len(notes) * (NOTE_SIZE + 4) + 18
    return Box(names, notes, (max(inner + 30, 90.0), height))


def _group_styles(links: Sequence[Link]) -> dict[str, int]:
    """Return group -> number of its colour. The largest groups have their own, the others share the last."""
    count: dict[str, int] = {}
    for link in links:
        count[link.group] = count.get(link.group, 0) + 1
    if len(count) <= len(COLOURS):
        return {group: k for k, group in enumerate(count)}
    largest = sorted(count, key=lambda group: -count[group])[: len(COLOURS) - 1]
    kept = [group for group in count if group in largest]
    return {group: kept.index(group) if group in kept else len(COLOURS) for group in count}


def _lines(links: Sequence[Link], drawing: Drawing, styles: Mapping[str, int], labels: Mapping[str, str]) -> list[str]:
    strongest = max((link.weight for link in links), default=1.0)
    beside = grouped((frozenset((link.one, link.other)), link) for link in links)
    drawn = []
    chips = []
    for link in links:
        row = beside[frozenset((link.one, link.other))]
        offset = (row.index(link) - (len(row) - 1) / 2) * 9
        path, middle = route(link.one, link.other, drawing, offset)
        tooltip = f"{labels.get(link.one, link.one)} – {labels.get(link.other, link.other)}"
        tooltip += f": {link.group}" if link.group else ""
        thick = 2.0 + 4.0 * (link.weight - 1) / max(strongest - 1, 1)
        style = f'class="link c{styles[link.group]}" stroke-width="{number(thick)}"'
        drawn.append(f'<path {style} d="{path}"><title>{xml_text(tooltip)}</title></path>')
        if link.weight > 1:
            chips.append(_chip(middle, f"{link.weight:g}×", styles[link.group]))
    return drawn + chips


def _chip(middle: Point, text: str, style: int) -> str:
    x, y = middle
    rect = _rect(f"chip s{style}", middle, (text_width(text, 11.5) + 10, 18), 9)
    return rect + _line_of_text(f"weight t{style}", x, y + 4, text)


def _rect(style: str, centre: Point, size: Size, corner: float) -> str:
    (x, y), (width, height) = centre, size
    return (
        f'<rect class="{style}" x="{number(x - width / 2)}" y="{number(y - height / 2)}"'
        f' width="{number(width)}" height="{number(height)}" rx="{number(corner)}"/>'
    )


def _line_of_text(style: str, x: float, y: float, text: str) -> str:
    return f'<text class="{style}" x="{number(x)}" y="{number(y)}">{xml_text(text)}</text>'


def _drawn_box(name: str, box: Box, drawing: Drawing, links: Sequence[Link]) -> str:
    centre, size = drawing.centres[name], drawing.boxes[name]
    met = len({link.other if link.one == name else link.one for link in links if name in (link.one, link.other)})
    words = " ".join(box.name) + (f", {' '.join(box.note)}" if box.note else "")
    parts = [f"<g><title>{xml_text(words)}: {counted(met, 'link')}</title>"]
    parts.append(_rect("box", centre, size, 10))
    y = centre[1] - size[1] / 2 + 9
    for text, style, high in [(t, "name", NAME_SIZE) for t in box.name] + [(t, "note", NOTE_SIZE) for t in box.note]:
        y += high + 4
        parts.append(_line_of_text(style, centre[0], y - 5, text))
    return "".join(parts) + "</g>"


def _key(styles: Mapping[str, int], top: float, width: float, left_out: int) -> tuple[list[str], float]:
    """Return the colour key below the network, and its height."""
    entries = [(group, style) for group, style in styles.items() if group and style < len(COLOURS)]
    if any(style == len(COLOURS) for style in styles.values()):
        entries.append(("other groups", len(COLOURS)))
    lines = []
    y = top
    for group, style in entries:
        for k, text in enumerate(wrapped(group, width - 50, LEGEND_SIZE, most=2)):
            if k == 0:
                lines.append(f'<path class="link c{style}" d="M{number(MARGIN)} {number(y)}h26" stroke-width="4"/>')
            lines.append(_line_of_text("key", MARGIN + 36, y + 4.5, text))
            y += LEGEND_SIZE + 9
    if left_out > 0:
        lines.append(_line_of_text("key", MARGIN, y + 4.5, f"and {left_out} more with fewer links"))
        y += LEGEND_SIZE + 9
    return lines, y - top


def _style(groups: int) -> str:
    used = [*COLOURS, OTHER_COLOUR][: max(groups, 1) if groups <= len(COLOURS) else len(COLOURS) + 1]
    return (
        'text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","PingFang SC",'
        '"Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC",Arial,sans-serif}'
        f".title{{font-size:{TITLE_SIZE:g}px;font-weight:600}}.name,.note,.weight{{text-anchor:middle}}"
        f".name{{font-size:{NAME_SIZE:g}px;font-weight:600}}.note{{font-size:{NOTE_SIZE:g}px}}"
        f".weight{{font-size:11.5px;font-weight:600}}.key{{font-size:{LEGEND_SIZE:g}px}}"
        ".link{fill:none;stroke-linecap:round;stroke-opacity:.8}.box{stroke-width:1.2}.chip{stroke-width:1.2}"
        + _colours(("#ffffff", "#c9d3dd", "#f3f6f9", "#1b2733", "#526170"), [light for light, _ in used])
        + "@media (prefers-color-scheme:dark){"
        + _colours(("#16202a", "#3a4a5a", "#22303d", "#eef3f7", "#a8b6c3"), [dark for _, dark in used])
        + "}"
    )


def _colours(surface: tuple[str, str, str, str, str], groups: Sequence[str]) -> str:
    card, edge, box, ink, faint = surface
    rules = (
        f".card{{fill:{card};stroke:{edge}}}.box{{fill:{box};stroke:{edge}}}.chip{{fill:{card}}}"
        f".title,.name{{fill:{ink}}}.note,.key{{fill:{faint}}}"
    )
    return rules + "".join(f".c{k},.s{k}{{stroke:{c}}}.t{k}{{fill:{c}}}" for k, c in enumerate(groups))


def xml_text(text: str) -> str:
    """Return *text* as XML character data, with forbidden characters replaced."""
    return escape(
        "".join(
            c if c in "\t\n" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff") else "�"
            for c in text
        )
    )
