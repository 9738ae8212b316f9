"""What the files of the registry define -> ids that two of them define. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.core.errors import Finding, Place, Severity
from kg.mapping.outline import Outline
from kg.project.sources import Source


def repeated_ids(files: Iterable[tuple[Source, Outline]]) -> Iterator[Finding]:
    """Yield a finding for each id that a second file of the registry defines again."""
    first: dict[str, str] = {}
    for source, outline in files:
        again = [name for name in outline.classes if name in first]
        lines = _first_lines(source.text) if again else {}
        for name in again:
            message = f"'{name}' is already defined in {first[name]}"
            place = Place(source.path, lines.get(name, 1), 1, len(name))
            yield Finding(place, Severity.ERROR, "KG-M016", message, "remove one, or give it another id")
        first |= dict.fromkeys(outline.classes.keys() - first.keys(), source.path)


def _first_lines(text: str) -> dict[str, int]:
    """Return key at the start of a line -> the first such line, from 1."""
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        key, colon, _ = line.partition(":")
        if colon:
            lines.setdefault(key, number)
    return lines
