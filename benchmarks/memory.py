"""How much memory do a build and the exports take at each size? `python -m benchmarks.memory [--articles N …]`.

One line for each command: MiB at its peak, and CPU seconds. Memory that grows with the size shows in the columns.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.corpus import make_corpus
from benchmarks.timing import Times, times
from kg.render.formats import export_formats

KG = str(Path(sys.executable).with_name("kg"))


def main() -> None:
    """Print one line for each command, with a pair of columns for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[100, 1000], help="sizes of the project")
    sizes: Sequence[int] = parser.parse_args().articles
    print(f"{'command':28}" + "".join(f" {f'{size:,}: MiB':>13} {'CPU s':>7}" for size in sizes))
    with tempfile.TemporaryDirectory() as folder:
        columns = [dict(_measured(Path(folder), size)) for size in sizes]
    for command in columns[0]:
        cells = (column[command] for column in columns)
        print(f"{command:28}" + "".join(f" {cell.peak:13.0f} {cell.cpu:7.1f}" for cell in cells))


def _measured(folder: Path, articles: int) -> Iterator[tuple[str, Times]]:
    project = folder / str(articles)
    project.mkdir()
    make_corpus(project, articles)
    yield "kg build --full", times([KG, "build", "--full", "--jobs", "1"], project, runs=1, warm_up=False)
    for name in export_formats():
        target = folder / f"{articles}-{name}"
        yield f"kg export --format {name}", times([KG, "export", "--format", name, "-o", str(target)], project, runs=1)


if __name__ == "__main__":
    main()
