"""YAML text and a path in it -> where to splice: lines, columns, comments and blank lines around a node. No I/O.

A comment belongs to what is below it, from the last blank line or heading on. One that is indented further belongs to
what is above it. The comment at the start of a file, and a heading (`# -------- people`), belong to nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

from kg.core.errors import NotFoundError
from kg.mapping.splices import Splice
from kg.mapping.yaml_nodes import YamlNode, every_scalar, yaml_nodes
from kg.mapping.yaml_style import YamlStyle

LINE_END = re.compile("\r\n|\n|\r")
_HEADING = re.compile(r"\s*#\s*[-=#*_─]{3,}")

_Path = tuple[str | int, ...]


class YamlText:
    """A text without byte order mark, its nodes, and the places of changes to it.

    Raises:
        InputError: it cannot be read.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = yaml_nodes(text)
        first = LINE_END.search(text)
        self.newline = first[0] if first else "\n"

    @cached_property
    def style(self) -> YamlStyle:
        """How the file is indented, by the first table and the first list in it."""
        steps: dict[bool, int] = {}
        stack = [self.root] if self.root else []
        while stack and len(steps) < 2:
            node = stack.pop()
            for key, value in node.entries or ():
                if value.is_collection and not value.style and self._line_start(value.start) > key.end:
                    steps.setdefault(value.items is not None, self.column(value.start) - self.column(key.start))
            stack += [value for _, value in reversed(node.entries or ())] + [*reversed(node.items or ())]
        step = steps.get(False, 2)
        return YamlStyle(step, steps.get(True, step))

    # -------- nodes

    def find(self, path: _Path) -> YamlNode | None:
        """Return the node at *path*, None if there is none."""
        node = self.root
        for step in path:
            if node is None:
                return None
            if isinstance(step, int):
                items = node.items or ()
                node = items[step] if 0 <= step < len(items) else None
            else:
                node = node.value(step)
        return node

    def node(self, path: _Path) -> YamlNode:
        """Return the node at *path*.

        Raises:
            NotFoundError: there is none.
        """
        node = self.find(path)
        if node is None:
            raise NotFoundError(f"there is no '{'/'.join(map(str, path))}' in the file")
        return node

    def key(self, path: _Path) -> YamlNode:
        """Return the key of the entry at *path*.

        Raises:
            NotFoundError: there is none.
        """
        self.node(path)
        return next(key for key, _ in self.node(path[:-1]).entries or () if key.text == path[-1])

    def is_in_flow(self, path: _Path) -> bool:
        """Return whether the node at *path* is in braces or brackets."""
        around = (self.find(path[:number]) for number in range(len(path)))
        return any(node is not None and node.style in ("{", "[") for node in around)

    # -------- columns and lines

    def column(self, offset: int) -> int:
        """Return the column of a character, from 0."""
        return offset - self._line_start(offset)

    def columns(self, path: _Path) -> tuple[int, int]:
        """Return the column of the key or the dash of the node at *path*, and the one where its value would begin."""
        if isinstance(path[-1], int):
            column = self.column(self.node(path[:-1]).start)
            return column, column + 2
        key = self.key(path)
        return self.column(key.start), self.column(key.start) + key.end - key.start + 2

    def _line_start(self, offset: int) -> int:
        before = max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset))
        return before + 1

    def _line_end(self, offset: int) -> int:
        match = LINE_END.search(self.text, offset)
        return match.start() if match else len(self.text)

    def _next_line(self, offset: int) -> int:
        match = LINE_END.search(self.text, offset)
        return match.end() if match else len(self.text)

    def _line(self, start: int) -> str:
        return self.text[start : self._line_end(start)]

    # -------- members of a collection: entries, or items with their dashes

    def _members(self, node: YamlNode) -> list[tuple[int, int]]:
        """Return where each member of a block begins and ends."""
        if node.entries is not None:
            return [(key.start, value.end) for key, value in node.entries]
        column, last = self.column(node.start), node.start
        members: list[tuple[int, int]] = []
        dash = re.compile(rf"(?m)^ {{{column}}}(-)(?=\s|\Z)")
        for item in node.items or ():
            match = dash.search(self.text, last, item.start + 1) if members else None
            members.append((match.start(1) if match else node.start, item.end))
            last = item.end
        return members

    def _leading(self, start: int, after: int) -> int:
        """Return where the comments of what begins at *start* begin, never before *after*."""
        line = first = self._line_start(start)
        if self.text[line:start].strip():
            return start
        while line > after:
            above = self._line_start(max(line - (2 if self.text[line - 2 : line] == "\r\n" else 1), 0))
            written = self._line(above)
            is_ours = written.lstrip(" ").startswith("#") and len(written) - len(written.lstrip(" ")) == self.column(
                start
            )
            if above < after or not is_ours or _HEADING.match(written):
                break
            line = above
        return first if line == 0 else line

    def _beginning(self, members: Sequence[tuple[int, int]], number: int) -> int:
        """Return where a member begins with its comments."""
        after = self._next_line(members[number - 1][1]) if number else 0
        return self._leading(members[number][0], after)

    def _behind(self, end: int, least: int) -> int:
        """Return the first line after *end* and after the comments right below it that are indented by *least*."""
        line = self._next_line(end)
        while line < len(self.text):
            written = self._line(line)
            if not written.lstrip(" ").startswith("#") or len(written) - len(written.lstrip(" ")) < least:
                break
            line = self._next_line(line)
        return line

    def _are_apart(self, members: Sequence[tuple[int, int]]) -> bool:
        """Return whether most members are separated by blank lines."""
        gaps = [self.text[self._next_line(before[1]) : after[0]] for before, after in pairwise(members)]
        lines = [LINE_END.split(gap)[:-1] for gap in gaps]
        plain = [each for each in lines if not any(map(_HEADING.match, each))]
        return 2 * len([each for each in plain if any(not line.strip() for line in each)]) > len(plain)

    def comments(self, path: _Path) -> list[str]:
        """Return the comments that belong to an entry, above it and in it, each with its `#`."""
        members, node = self._members(self.node(path[:-1])), self.node(path)
        number = next(number for number, member in enumerate(members) if member[0] == self.key(path).start)
        start, end = self._beginning(members, number), self._line_end(members[number][1])
        stretch = [*self.text[start:end]]
        for scalar in (self.key(path), *(each for each, _ in every_scalar(node))):
            stretch[scalar.start - start : scalar.end - start] = "x" * (scalar.end - scalar.start)
        return [match[1].rstrip() for match in re.finditer(r"(?:^|[ \t\r\n])(#[^\r\n]*)", "".join(stretch))]

    # -------- splices

    def insertion(self, node: YamlNode, number: int, new: Sequence[Sequence[str]]) -> Splice:
        """Return how *new* members, each the lines of one, come before member *number* of a block."""
        members, column = self._members(node), self.column(node.start)
        gap = [""] if self._are_apart(members) else []
        if number:
            lines = self._indented([line for each in new for line in (*gap, *each)], column)
            least = column + 1 if number < len(members) or not column else column
            return self._lines_at(self._behind(members[number - 1][1], least), lines)
        lines = self._indented([line for each in new for line in (*each, *gap)], column)
        if self.text[self._line_start(node.start) : node.start].strip():  # behind a dash
            written = self.newline.join([*lines, " " * column])
            return Splice(node.start, node.start, written.lstrip(" "))
        return self._lines_at(self._beginning(members, 0), lines)

    def below(self, path: _Path, lines: Sequence[str], *, apart: bool = False) -> Splice:
        """Return how *lines* are put below a key without a value, behind the comments there, maybe *apart*."""
        key = self.key(path)
        first, behind = self._next_line(key.end), self._behind(key.end, self.column(key.start) + 1)
        gap = [""] if apart and behind > first else []
        return self._lines_at(behind, self._indented([*gap, *lines], self.column(key.start) + self.style.step))

    def _lines_at(self, position: int, lines: Sequence[str]) -> Splice:
        written = self.newline.join(lines)
        if position == len(self.text) and self.text and self.text[-1] not in "\r\n":
            return Splice(position, position, self.newline + written)
        return Splice(position, position, written + self.newline)

    def first_lines(self, lines: Sequence[str]) -> list[Splice]:
        """Return how *lines* become the content of a file that is empty, or has only `{}`."""
        where = self._lines_at(len(self.text), lines)
        if self.root is None:
            return [where]
        start, end = self.root.start, self.root.end
        if start == end or not self.text[start:end].strip():
            return [where]
        return [Splice(start, end, self.newline.join(lines))]

    def _indented(self, lines: Sequence[str], column: int) -> list[str]:
        return [" " * column + line if line else line for line in lines]

    def in_place(self, path: _Path, written: str) -> Splice:
        """Return how a value in braces or brackets is replaced."""
        node = self.node(path)
        if node.end > node.start:
            return Splice(node.start, node.end, written)
        return Splice(self.key(path).end, node.end, f": {written}")

    def in_flow(self, node: YamlNode, starts: Sequence[int], number: int, written: str) -> Splice:
        """Return how a member is put into braces or brackets before member *number*."""
        if not starts:
            return Splice(node.start + 1, node.end - 1, written)
        if number < len(starts):
            return Splice(starts[number], starts[number], f"{written}, ")
        last = node.entries[-1][1].end if node.entries else (node.items or ())[-1].end
        if node.entries and (key := node.entries[-1][0]) and node.entries[-1][1].start == last:  # no value
            last = max(key.end, len(self.text[:last].rstrip()))
        return Splice(last, last, f", {written}")

    def replacement(self, path: _Path, head: str, body: Sequence[str]) -> Splice:
        """Return how the value of a block's member is replaced: *head* on the line of its key or dash, *body* below.

        A comment on the line stays there.
        """
        node, (column, _) = self.node(path), self.columns(path)
        start, lead = self._value_start(path)
        line_end = self._line_end(start)
        rest, below = self.text[start:line_end], []
        if node.start <= line_end:
            rest = self.text[node.end : self._line_end(node.end)] if not self._is_block(node) else ""
            if node.style in ("|", ">"):
                rest = self.text[node.start : line_end].lstrip("|>-+0123456789")
        else:
            comments = self.text[self._next_line(start) : self._line_start(node.start)]
            below = [line for line in LINE_END.split(comments) if line.strip()]
            if not self._is_block(node) and not rest.strip():
                rest = self.text[node.end : self._line_end(node.end)]
        first = (f"{lead}{head}" if head else "") + rest.rstrip()
        lines = [first, *below, *self._indented(body, column)]
        return Splice(start, self._line_end(node.end), self.newline.join(lines))

    def _is_block(self, node: YamlNode) -> bool:
        return node.is_collection and not node.style

    def _value_start(self, path: _Path) -> tuple[int, str]:
        """Return where the colon or the dash before a value ends, and what comes before the value on that line."""
        if isinstance(path[-1], int):
            dash = self._members(self.node(path[:-1]))[path[-1]][0]
            return dash + 1, " "
        return self.text.index(":", self.key(path).end) + 1, " "

    def removal(self, path: _Path) -> list[Splice]:
        """Return how a member is removed with its comments. Of two blank lines around it one stays."""
        self.node(path)
        around, last = self.node(path[:-1]), path[-1]
        names = [key.text for key, _ in around.entries or ()]
        number = last if isinstance(last, int) else names.index(last)
        count = len(around.items if around.items is not None else names)
        if count == 1:
            return self._emptied(path[:-1], around)
        if around.style:
            return [self._removal_in_flow(around, number)]
        members = self._members(around)
        start, end = self._beginning(members, number), self._next_line(members[number][1])
        if start == members[number][0] and self.text[self._line_start(start) : start].strip():  # after a dash
            following = members[number + 1][0]
            return [Splice(start, end if "#" in self.text[end:following] else following, "")]
        return [self._removal_of_lines(start, end)]

    def comment(self, path: _Path, lines: Sequence[str]) -> Splice:
        """Return how comments are put above an entry of a block, below existing ones."""
        start = self.key(path).start
        return self._lines_at(self._line_start(start), self._indented(lines, self.column(start)))

    def _emptied(self, path: _Path, around: YamlNode) -> list[Splice]:
        nothing = "{}" if around.entries is not None else "[]"
        if around.style:
            return [Splice(around.start, around.end, nothing)]
        if path:
            return [self.replacement(path, nothing, [])]
        return [Splice(self._beginning(self._members(around), 0), self._line_end(around.end), nothing)]

    def _removal_in_flow(self, around: YamlNode, number: int) -> Splice:
        entries = [(key.start, max(key.end, value.end)) for key, value in around.entries or ()]
        members = entries or [(item.start, item.end) for item in around.items or ()]
        if number + 1 < len(members):
            return Splice(members[number][0], members[number + 1][0], "")
        return Splice(members[number - 1][1], members[number][1], "")

    def _removal_of_lines(self, start: int, end: int) -> Splice:
        above_is_blank = not self._line(self._line_start(max(start - 1, 0))).strip() if start else True
        while above_is_blank and end < len(self.text) and not self._line(end).strip():
            end = self._next_line(end)
        if end == len(self.text):
            kept = len(self.text[:start].rstrip(" \r\n"))
            start = self._next_line(kept) if self.text[-1] in "\r\n" else kept
        return Splice(start, end, "")

    def lines_of_entry(self, path: _Path) -> list[str]:
        """Return the lines of an entry with its comments, without their indentation; none if it shares a line."""
        if self.is_in_flow(path):
            return []
        around = self.node(path[:-1])
        members = self._members(around)
        number = next(number for number, (key, _) in enumerate(around.entries or ()) if key.text == path[-1])
        start = self._beginning(members, number)
        if self.text[self._line_start(start) : start].strip():
            return []
        column = self.column(members[number][0])
        lines = LINE_END.split(self.text[start : self._line_end(members[number][1])])
        return [line[min(column, len(line) - len(line.lstrip(" "))) :] for line in lines]
