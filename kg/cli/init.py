"""`kg init`: a new project with one worked example."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.output import notice
from kg.core.errors import UsageError
from kg.project.files import readable


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
def command(folder: Path) -> int:
    """Make a new project in DIR, which must be empty or new: settings, a registry, one worked article."""
    from importlib.resources import as_file, files

    if readable(folder) != str(folder):
        raise UsageError(f"the folder's name is not Unicode text: {readable(folder)}", "name another one")
    taken = sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []
    if taken:
        raise UsageError(f"{folder} is not empty: it contains {taken[0]}", "name a new folder")
    with as_file(files("kg") / "template") as template:
        for file in sorted(template.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                target = folder / file.relative_to(template)
                target = target.with_name(".gitignore") if target.name == "gitignore" else target
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read_bytes())
    notice(f"made {folder}; next: cd {folder} && kg check && kg build")
    return 0
