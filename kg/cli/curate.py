"""`kg curate`: the curator's bench in the browser."""

from __future__ import annotations

import logging
import socket

import click

from kg.cli.serve import LOOPBACK, LOOPBACK_NAMES, SHUTDOWN, listening
from kg.cli.session import Session
from kg.core.errors import UsageError


@click.command("curate")
@click.argument("article", metavar="[ARTICLE]", default="")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8801, show_default=True, help="The port; 0 for any free one."
)
@click.option("--open", "opens", is_flag=True, help="Open the bench in the browser.")
@click.pass_obj
def command(session: Session, article: str, port: int, opens: bool) -> int:
    """Curate ARTICLE, an id, in the browser: select words, say what they state, review, publish.

    The bench serves this machine only, to anyone with the address that it prints, and is the one writer of its kind in
    the project. What you save goes into the mappings at once; every other byte of them stays. Without ARTICLE it lists
    all articles, and registers new ones.
    """
    try:
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise UsageError("the bench needs the extra 'serve'", "pip install 'communique-kg[serve]'") from error
    from kg.curate.app import application
    from kg.curate.bench import Bench

    bench = Bench(session.project)
    hold = bench.kept.lock()
    try:
        bench.forms()  # so that the page need not wait for what is read only once
        if article:
            bench.opened(article)
        with listening(LOOPBACK, port) as listener:
            token = bench.kept.token()
            _run(
                application(bench, token, LOOPBACK_NAMES), listener, _address(listener, article, token), session, opens
            )
    finally:
        hold.close()
    return 0


def _address(listener: socket.socket, article: str, token: str) -> str:
    from urllib.parse import urlencode

    fields = {**({"article": article} if article else {}), "token": token}
    return f"http://{LOOPBACK}:{listener.getsockname()[1]}/?{urlencode(fields)}"


def _run(app: object, listener: socket.socket, address: str, session: Session, opens: bool) -> None:
    """Serve until stopped."""
    import uvicorn

    from kg.web.connection import PatientProtocol

    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=PatientProtocol,
        ws="none",
        log_level="info" if session.verbose else "warning",
        access_log=False,  # addresses carry the token
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN,
    )
    logging.basicConfig(format="%(message)s")
    click.echo(f"the bench of {session.project.title} is at {address} (stop with Ctrl-C)", err=True)
    if opens:
        click.launch(address)
    uvicorn.Server(config).run(sockets=[listener])
