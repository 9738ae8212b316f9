"""`kg load`: the graph into another triplestore, with a receipt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from kg.cli.output import remark
from kg.cli.progress import progress
from kg.cli.session import Session
from kg.errors import EndpointError, UsageError

if TYPE_CHECKING:
    from kg.endpoint import StoreSettings
    from kg.project import Project
    from kg.transfer.load import Source
    from kg.transfer.plan import Delta
    from kg.transfer.receipt import Receipt

WAYS = ("quads", "graphs", "update")


@click.command("load")
@click.argument("target", metavar="[NAME|URL]", required=False, default="")
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@click.option("--verify", is_flag=True, help="Read every graph back, also those that the store's ledger knows.")
@click.option("--strict", is_flag=True, help="A literal that comes back in another form of the same value is an error.")
@click.option("--from", "dump", type=click.Path(exists=True, dir_okay=False), help="Load this dump (.nq, .trig, .gz).")
@click.option("--way", type=click.Choice(WAYS), help="How graphs travel; default: the fastest that the store offers.")
@click.option("--receipt", type=click.Path(dir_okay=False), help="Default: build/receipts/STORE.json.")
@click.pass_obj
def command(
    session: Session,
    target: str,
    dry_run: bool,
    verify: bool,
    strict: bool,
    dump: str | None,
    way: str | None,
    receipt: str | None,
) -> int:
    """Load the current generation into a triplestore: a name in kg.toml or an address.

    Only what the store lacks travels. Each graph is read back and compared; the receipt says what the store holds and
    how we know. Graphs that are not of this project are not touched. A load that was broken off goes on where it ended.
    """
    from kg.files import write_whole
    from kg.store.probe import probed
    from kg.store.remote import RemoteStore
    from kg.transfer.ledger import Ledger
    from kg.transfer.load import load, plan
    from kg.transfer.receipt import Outcome, Receipt, receipt_json
    from kg.transfer.ways import way_to

    project = session.project
    settings = project.store_named(target)
    if settings is None:
        raise UsageError("the project's own store is filled by 'kg build'", "name another store, or its address")
    endpoint, told = probed(settings)
    with _source(project, dump) as (source, about), RemoteStore(endpoint) as store:
        ledger = Ledger(store, project.base)
        todo = plan(source, ledger, verify=verify)
        chosen = way_to(store, way or "")
        described = {
            "name": settings.name,
            "url": settings.url,
            "kind": endpoint.kind.name,
            "product": told.product,
        }
        begun = Receipt(
            described,
            project.base,
            about,
            chosen.name,
            datetime.now(UTC).isoformat(timespec="seconds"),
            Outcome.PLANNED,
        )
        _announce(todo, source, settings, session.verbose or int(dry_run))
        if dry_run:
            return 0
        with progress("loading", "quads") as tick:
            done = load(source, store, ledger, todo, chosen, begun, tick, strict=strict)
    file = Path(receipt) if receipt else _receipt_file(project, settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, receipt_json(done))
    _conclude(done, project.shown(file.resolve()))
    return 0


def _conclude(receipt: Receipt, file: str) -> None:
    """Say how it ended.

    Raises:
        RemoteError: it was broken off.
        EndpointError: graphs came back otherwise than they were sent.
    """
    from kg.errors import Failure, RemoteError
    from kg.transfer.receipt import Outcome

    what = ", ".join(f"{count} {done}" for done, count in sorted(receipt.done.items())) or "nothing to do"
    graphs = len(receipt.graphs)
    rate = f", {receipt.sent / receipt.seconds:,.0f} quads/s" if receipt.sent and receipt.seconds else ""
    remark(f"{receipt.quads} quads in {graphs} graphs compared ({what}); {receipt.sent} sent{rate}; receipt: {file}")
    for reason, count in receipt.rewritten.items():
        remark(f"{reason} ({count} times); the values are the same")
    if receipt.error:
        raise RemoteError(Failure(receipt.error["failure"]), receipt.error["message"], receipt.error["fix"])
    if receipt.outcome is Outcome.DIFFERS:
        told = "".join(
            f"\n    {graph[1:-1]}: {'; '.join(f'{reason} ({count})' for reason, count in found.reasons.items())}"
            for graph, found in list(receipt.differences.items())[:10]
        )
        count = len(receipt.differences)
        raise EndpointError(
            f"{count} {'graph' if count == 1 else 'graphs'} came back otherwise than sent:{told}",
            "the receipt has examples; these graphs are marked as incomplete in the store",
        )


def _announce(todo: Delta, source: Source, settings: StoreSettings, verbose: int) -> None:
    """Say what is to be done; with names if wanted."""
    groups = {
        "to add": todo.new,
        "to replace": todo.changed,
        "to remove": todo.gone,
        "to compare": todo.doubted,
        "to leave": todo.same,
    }
    sizes: Mapping[str, int] = {graph: summary.quads for graph, summary in source.summaries.items()}
    parts = []
    for name, graphs in groups.items():
        quads = sum(sizes.get(graph, 0) for graph in graphs)
        parts += [f"{len(graphs)} {name}{f' ({quads} quads)' if quads else ''}"] if graphs else []
    remark(f"store {settings.shown}: {', '.join(parts) or 'no graphs'}")
    if verbose:
        for name, graphs in list(groups.items())[:3]:
            for graph in graphs:
                remark(f"  {name}: {graph[1:-1]}")


@contextmanager
def _source(project: Project, dump: str | None) -> Iterator[tuple[Source, Mapping[str, str | int]]]:
    """Open what is loaded, and say what it is."""
    from kg.questions.graph import built
    from kg.store.folder import file_digest
    from kg.transfer.source import DumpSource, GenerationSource

    if dump is not None:
        with TemporaryDirectory(prefix="kg-load-") as work:
            yield DumpSource(Path(dump), project.base, Path(work)), {"file": dump, "sha256": file_digest(Path(dump))}
        return
    with built(project) as generation:
        source = GenerationSource(generation, project.build)
        try:
            yield source, {"generation": generation.manifest.number, "sha256": generation.manifest.sha256}
        finally:
            source.close()


def _receipt_file(project: Project, settings: StoreSettings) -> Path:
    place = urlsplit(settings.url)
    name = settings.name or f"{place.hostname}-{place.port or place.scheme}"
    return project.build / "receipts" / f"{name}.json"
