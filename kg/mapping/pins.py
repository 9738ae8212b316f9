"""Where the quotes and the sentences of a withheld text stand in it: Pins <-> JSON. No I/O.

A text kept outside version control is at hand on some machines only. There, `kg build` writes the positions of its
quotes and sentences beside the article, pinned to the text's hash; everywhere else they stand in for the text.
"""

from __future__ import annotations

import json

from kg.model import Pins, Span


def pins_text(pins: Pins) -> str:
    """Return *pins* as JSON, one quote a line."""
    spans = {quote: (span.start, span.end) for quote, span in sorted(pins.spans.items())}
    lines = ",\n".join(f"  {json.dumps(quote, ensure_ascii=False)}: {list(span)}" for quote, span in spans.items())
    sentences = json.dumps([(span.start, span.end) for span in pins.sentences])
    head = f'"sha256": "{pins.sha256}", "length": {pins.length},\n "sentences": {sentences}'
    return f'{{{head},\n "spans": {{\n{lines}\n}}}}\n'


def read_pins(text: str) -> Pins | None:
    """Return what `pins_text` wrote, None for anything else."""
    try:
        kept = json.loads(text)
        spans = {str(quote): Span(int(start), int(end)) for quote, (start, end) in kept["spans"].items()}
        sentences = tuple(Span(int(start), int(end)) for start, end in kept.get("sentences", ()))
        return Pins(str(kept["sha256"]), int(kept["length"]), spans, sentences)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
