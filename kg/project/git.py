"""A folder under git -> the files in it that differ from a revision. Runs git, which changes nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from kg.core.errors import InputError, UsageError


def changed_files(folder: Path, revision: str = "HEAD") -> frozenset[Path]:
    """Return the files below *folder* that differ from *revision*, new ones and deleted ones included.

    Raises:
        UsageError: the folder is in no git repository, or the repository has no such revision.
        InputError: git is not installed.
    """
    if _git(folder, "rev-parse", "--is-inside-work-tree").returncode:
        raise UsageError("this is no git repository", "name the files to check, or leave out --changed")
    parsed = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if parsed.returncode:
        raise UsageError(f"git knows no revision '{revision}'", "name a branch, a tag or a commit: --changed=main")
    commit = parsed.stdout.decode().strip()
    listed = (
        _git(folder, "diff", "--name-only", "-z", "--no-renames", "--relative", commit, "--", "."),
        _git(folder, "ls-files", "--others", "--exclude-standard", "-z", "--", "."),
    )
    return frozenset(folder / os.fsdecode(name) for each in listed for name in each.stdout.split(b"\0") if name)


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except OSError as error:
        raise InputError(f"cannot run git: {error.strerror}", "install git, or name the files to check") from error
