"""A store -> the credentials for it, from the environment or else from a netrc file. Reads nothing else.

Credentials are never taken from kg.toml, an option or a URL, which end up in histories, process lists and repositories.
https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from netrc import NetrcParseError, netrc
from pathlib import Path
from urllib.parse import urlsplit

from kg.core.errors import InputError
from kg.project.endpoint import StoreSettings, variable_part
from kg.project.files import readable

_TOKEN = re.compile("[!-~]+")


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password, or a token, which takes precedence. All are "" for anonymous access. Never printed."""

    user: str = ""
    password: str = ""
    token: str = ""

    def __bool__(self) -> bool:
        return bool(self.user or self.token)

    def __repr__(self) -> str:
        return f"Credentials({'known' if self else 'none'})"


def credentials(settings: StoreSettings, environment: Mapping[str, str] = os.environ) -> Credentials:
    """Return the credentials for a store.

    These are KG_STORE_<NAME>_USER and KG_STORE_<NAME>_PASSWORD, or KG_STORE_<NAME>_TOKEN. A store that is given by its
    address has the same variables without the name. If they are not set, the entry for its host in the file named by
    NETRC, or in ~/.netrc, is used.

    Raises:
        InputError: the netrc file cannot be read, or the credentials contain characters that HTTP does not allow.
    """
    prefix = f"KG_STORE_{variable_part(settings.name)}_" if settings.name else "KG_STORE_"
    user, password, token = (environment.get(prefix + part, "") for part in ("USER", "PASSWORD", "TOKEN"))
    if token and not _TOKEN.fullmatch(token):
        raise InputError(
            f"{prefix}TOKEN contains a character that a token cannot have",
            "letters, digits and ASCII marks, in one line",
        )
    if not (user + password).isprintable():
        raise InputError(f"{prefix}USER or {prefix}PASSWORD contains a line end or another control character")
    if token or user:
        return Credentials(user, password, token)
    return _from_netrc(urlsplit(settings.url).hostname or "", environment)


def _from_netrc(host: str, environment: Mapping[str, str]) -> Credentials:
    named = environment.get("NETRC", "")
    file = Path(named) if named else Path(environment.get("HOME", "~")).expanduser() / ".netrc"
    if not named and not file.is_file():
        return Credentials()
    try:
        entry = netrc(file).authenticators(host)
    except NetrcParseError as error:
        problem = f"{file}, line {error.lineno}: {error.msg}"
        raise InputError(problem, "a line is 'machine HOST login USER password PASSWORD'; mode 600") from error
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot read {readable(file)}: {getattr(error, 'strerror', None) or error}"
        raise InputError(problem, "correct NETRC, or leave it out" if named else "check its permissions") from error
    return Credentials(entry[0], entry[2] or "") if entry else Credentials()
