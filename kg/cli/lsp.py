"""`kg lsp`: a language server, which an editor starts."""

from __future__ import annotations

import click

from kg.core.errors import UsageError
from kg.store.scratch import scratch_folder


@click.command("lsp")
def command() -> int:
    """Serve an editor by the Language Server Protocol, over standard input and output.

    It shows all findings of 'kg check' while you write, completes types, keys, codes, ids and quotes, explains what is
    at the cursor, finds and renames ids, and applies the corrections of 'kg check --fix'. Each file belongs to the
    project of its folder; -C is not needed.
    """
    try:
        from kg.lsp.features import add_features
        from kg.lsp.server import CommuniqueServer, follow_texts
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError("the language server needs the extra 'lsp'", "pip install 'communique-kg[lsp]'") from error
    with scratch_folder() as pages:
        server = CommuniqueServer(pages)
        follow_texts(server)
        add_features(server)
        server.start_io()
    return 0
