"""The fictional project, copied many times over: a project of any size, for measurements."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parent.parent
FICTION = ROOT / "tests" / "fiction"


def make_corpus(target: Path, articles: int) -> Path:
    """Write a project with *articles* articles to *target* and return it; each a fictional one, renamed."""
    shutil.copytree(FICTION / "data" / "registry", target / "data" / "registry")
    (target / "data" / "articles").mkdir()
    settings = f'title = "A corpus"\nontology = ["{ROOT}/ontology"]\nqueries = ["{ROOT}/queries"]\n'
    (target / "kg.toml").write_text(settings)
    originals = [file for file in sorted((FICTION / "data" / "articles").glob("*.yaml")) if _stands_alone(file)]
    for number in range(articles):
        original = originals[number % len(originals)]
        (target / "data" / "articles" / f"{original.stem}-{number}.yaml").write_text(original.read_text())
    return target


def _stands_alone(file: Path) -> bool:
    """Whether the article names no other one, so that a copy of it is valid beside the others."""
    return not re.search(r"(?:corrects|supersedes): |: [a-z0-9-]+/[a-z0-9-]+", file.read_text())
