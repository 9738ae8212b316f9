"""`kg serve`: the explorer and the endpoint, read-only."""

from __future__ import annotations

import click

from kg.cli.session import Session
from kg.errors import UsageError

LOOPBACK = "127.0.0.1"


@click.command("serve")
@click.option("--host", default=LOOPBACK, show_default=True, help="The address to listen at; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8800, show_default=True, help="0 for any free one.")
@click.pass_obj
def command(session: Session, host: str, port: int) -> int:
    """Serve pages, a SPARQL endpoint and linked data from the current generation; a new one is picked up by itself."""
    try:
        import uvicorn

        from kg.web.app import application
    except ImportError as error:
        raise UsageError("serving needs the extra 'serve'", "pip install 'communique-kg[serve]'") from error
    from kg.web.site import open_site

    site = open_site(session.project)
    config = uvicorn.Config(application(site), host=host, port=port, log_level="warning", server_header=False)
    click.echo(f"serving {session.project.title} at http://{host}:{port}/ (stop with Ctrl-C)", err=True)
    try:
        uvicorn.Server(config).run()
    finally:
        site.source.close()
    return 0
