"""Positions of the quotes and sentences of a withheld text: Pins <-> JSON. No I/O.

A text kept outside version control is available on some machines only. There, `kg build` writes the positions of its
quotes and sentences next to the article, pinned to the text's hash. Everywhere else they stand in for the text.
"""

from __future__ import annotations

import json

from kg.core.model import Pins, Span
from kg.project.intact import sealed_json, unsealed_json


def pins_text(pins: Pins) -> str:
    """Return *pins* as sealed JSON, one quote per line."""
    spans = {quote: (span.start, span.end) for quote, span in sorted(pins.spans.items())}
    lines = ",\n".join(f"  {json.dumps(quote, ensure_ascii=False)}: {list(span)}" for quote, span in spans.items())
    sentences = json.dumps([(span.start, span.end) for span in pins.sentences])
    head = f'"sha256": "{pins.sha256}", "length": {pins.length},\n "sentences": {sentences}'
    body = f'{{{head},\n "spans": {{\n{lines}\n}}'
    return sealed_json(body, "}")


def read_pins(text: str) -> Pins | None:
    """Return what `pins_text` wrote, None for an empty text.

    Raises:
        ValueError: it is something else, or has been changed.
    """
    if not text:
        return None
    kept = unsealed_json(f"{text.rstrip()}\n", "}")
    spans = {quote: Span(start, end) for quote, (start, end) in kept["spans"].items()}
    return Pins(kept["sha256"], kept["length"], spans, tuple(Span(start, end) for start, end in kept["sentences"]))
