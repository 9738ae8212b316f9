"""A distribution -> its version, by the name of its metadata folder. Lists the folders of sys.path, opens nothing.

importlib.metadata says the same and takes 10 ms to import, which every check would pay.
https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress


def installed_version(distribution: str) -> str:
    """Return the version that is installed, "" if none is, or if it was not installed as a wheel is.

    >>> installed_version("click").split(".")[0]
    '8'
    """
    prefix, suffix = f"{distribution.replace('-', '_')}-", ".dist-info"
    names = (name for folder in sys.path for name in _listed(folder or "."))
    installed = (name for name in names if name.lower().startswith(prefix) and name.endswith(suffix))
    return next((name[len(prefix) : -len(suffix)] for name in installed), "")


def _listed(folder: str) -> Iterator[str]:
    with suppress(OSError):
        yield from os.listdir(folder)  # noqa: PTH208 - names alone, of hundreds of files
