"""Where the curator's bench keeps drafts and histories: build/curate/. Names only; reads and writes nothing.

Its files hold parts of mappings, so `kg purge` removes those of an article.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

FOLDER = "curate"
DRAFT, HISTORY, REVIEW = "draft", "history", "review"
KINDS = (DRAFT, HISTORY, REVIEW)


def bench_file(build: Path, article: str, kind: str) -> Path:
    """Return the file of an article with one of KINDS. An id may be longer than the name of a file."""
    return build / FOLDER / f"{sha256(article.encode()).hexdigest()[:24]}.{kind}.json"
