"""A folder under git -> the files that differ from a revision, or the files of a revision. Runs git read-only.

A revision is written to a separate folder with a separate index. The working tree and its index are not changed.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from kg.core.errors import InputError, UsageError


def changed_files(folder: Path, revision: str = "HEAD") -> frozenset[Path]:
    """Return the files below *folder* that differ from *revision*, new ones and deleted ones included.

    Raises:
        UsageError: the folder is not in a git repository, or the repository has no such revision.
        InputError: git is not installed.
    """
    if not is_repository(folder):
        raise UsageError("this is not a git repository", "name the files to check, or leave out --changed")
    commit = commit_of(folder, revision)
    if not commit:
        raise UsageError(f"there is no git revision '{revision}'", "name a branch, a tag or a commit: --changed=main")
    listed = (
        _git(folder, "diff", "--name-only", "-z", "--no-renames", "--relative", commit, "--", "."),
        _git(folder, "ls-files", "--others", "--exclude-standard", "-z", "--", "."),
    )
    return frozenset(folder / os.fsdecode(name) for each in listed for name in each.stdout.split(b"\0") if name)


def is_repository(folder: Path) -> bool:
    """Return whether *folder* is in the working tree of a git repository.

    Raises:
        InputError: git is not installed.
    """
    return _git(folder, "rev-parse", "--is-inside-work-tree").returncode == 0


def commit_of(folder: Path, revision: str) -> str:
    """Return the full hash of the commit that *revision* names, "" if there is none. Raises as `is_repository`."""
    parsed = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return parsed.stdout.decode().strip() if parsed.returncode == 0 else ""


def write_revision(folder: Path, commit: str, target: Path) -> Path:
    """Write the files of *commit* below *target*, which is empty, and return the counterpart of *folder* there.

    Raises:
        InputError: git fails.
    """
    prefix = os.fsdecode(_git(folder, "rev-parse", "--show-prefix").stdout.removesuffix(b"\n"))
    top = Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel").stdout.removesuffix(b"\n")))
    own_index = {"GIT_INDEX_FILE": str(target / "index")}
    for arguments in (["read-tree", commit], ["checkout-index", "--all", "--quiet", f"--prefix={target}/files/"]):
        done = _git(top, *arguments, variables=own_index)
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip().split("\n")[0]
            raise InputError(f"git cannot write the files of {commit[:12]}: {reason}", "check the repository: git fsck")
    return target / "files" / prefix


def place_in_repository(folder: Path) -> str:
    """Return the path of *folder* from the top of its repository, with a slash at its end; "" at the top, or in none.

    Whether there is a repository is seen from its `.git`, so git need not be installed.
    """
    tops = (each for each in (folder, *folder.parents) if (each / ".git").exists())
    top = next(tops, folder)
    return "" if top == folder else f"{folder.relative_to(top).as_posix()}/"


def _git(
    folder: Path, *arguments: str, variables: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[bytes]:
    command, environment = ["git", "-C", str(folder), *arguments], {**os.environ, **variables}
    try:
        return subprocess.run(command, capture_output=True, check=False, env=environment)
    except OSError as error:
        raise InputError(f"cannot run git: {error.strerror}", "install git, or name the files to check") from error
