"""`kg load`: load the graph into another triplestore, with a receipt."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.output import STANDARD_OUTPUT, OutputPath, is_stream, notice, remark, write
from kg.cli.progress import progress
from kg.cli.session import Session
from kg.core.english import counted
from kg.core.errors import EndpointError, InputError, UsageError
from kg.project.files import readable, refuse_unwritable

if TYPE_CHECKING:
    from kg.core.model import Term
    from kg.project.endpoint import StoreSettings
    from kg.project.settings import Project
    from kg.transfer.plan import Delta
    from kg.transfer.receipt import Receipt
    from kg.transfer.source import LoadSource
    from kg.transfer.state import Content

WAYS = ("quads", "graphs", "update")
_SHOWN = 10  # graphs that a message names
_DUMP = click.Path(exists=True, dir_okay=False, allow_dash=True)


@click.command("load")
@click.argument("target", metavar="[NAME|URL]", required=False, default="")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--verify", is_flag=True, help="Read back and compare every graph, even those with the right count.")
@click.option("--strict", is_flag=True, help="Treat a literal that comes back in another form as an error.")
@click.option("--remove", is_flag=True, help="Remove graphs of earlier loads that no longer exist in the project.")
@click.option(
    "--from", "dump", type=_DUMP, help="Load this dump (N-Quads, TriG, or either as .gz); - is standard input."
)
@click.option("--way", type=click.Choice(WAYS), help="How to send graphs. Default: the fastest that the store offers.")
@click.option(
    "--wait", type=click.IntRange(0), default=300, show_default=True, help="Seconds to wait for another load to end."
)
@click.option(
    "--receipt",
    type=OutputPath(),
    help="Default: a file in build/receipts; - is standard output.",
)
@click.pass_obj
def command(
    session: Session,
    target: str,
    dry_run: bool,
    verify: bool,
    strict: bool,
    remove: bool,
    dump: str | None,
    way: str | None,
    wait: int,
    receipt: str | None,
) -> int:
    """Load the current generation into a triplestore: a name in kg.toml or an address.

    Only what the store lacks is sent. Each graph that was sent is read back and compared, the others are counted; the
    receipt records what the store holds and how that was checked. Graphs of other projects are not touched. An
    interrupted load continues where it stopped.
    """
    from kg.store.probe import probed
    from kg.store.remote import RemoteStore
    from kg.transfer.load import LoadTarget, load, plan
    from kg.transfer.plan import Wishes, delta
    from kg.transfer.ways import way_to

    project = session.project
    settings = project.store_named(target)
    if settings is None:
        raise UsageError("the project's own store is filled by 'kg build'", "name another store or its address")
    output = receipt or str(_receipt_file(project, settings))
    if not dry_run:
        _refuse_receipt(output)
    endpoint, description = probed(settings)
    with _source(project, dump) as (source, about), RemoteStore(endpoint) as store:
        wishes = Wishes(verify, strict)
        there, todo = plan(source, store, project.base, wishes)
        wishes = replace(wishes, remove=todo.kept if remove else ())
        todo = delta(there, source.graphs, wishes)
        chosen = way_to(store, way or "")
        _announce(there, todo, source, settings, session.verbose or int(dry_run))
        if dry_run:
            return 0
        if todo.kept and _confirmed_removal(todo.kept):
            wishes = replace(wishes, remove=todo.kept)
        begun = _begun(project, settings, endpoint.kind.name, description.product, about, chosen.name)
        with progress("loading", "quads") as tick:
            where = LoadTarget(store, project.base, chosen, wait)
            done = load(source, where, there, wishes, begun, tick, remark)
    _conclude(done, settings, _shown(project, output))
    _write_receipt(done, output)
    _raise(done)
    return 0


def _begun(
    project: Project, settings: StoreSettings, kind: str, product: str, about: Mapping[str, str | int], way: str
) -> Receipt:
    """Return what is known of the receipt before the load."""
    from kg.transfer.receipt import LoadOutcome, Receipt

    described = {"name": settings.name, "url": settings.url, "kind": kind, "product": product}
    started = datetime.now(UTC).isoformat(timespec="seconds")
    return Receipt(described, project.base, about, way, started, LoadOutcome.PLANNED)


# -------- the plan


def _announce(there: Content, todo: Delta, source: LoadSource, settings: StoreSettings, verbose: int) -> None:
    """Report what will be done, with the names of graphs if *verbose*."""
    groups = {
        "to add": todo.new,
        "to replace": (*todo.incomplete, *todo.changed),
        "to repair": todo.altered,
        "to remove": todo.gone,
        "to compare": todo.doubted,
        "to leave": todo.same,
        "to keep": todo.kept,
        "to forget": todo.forgotten,
    }
    sizes: Mapping[str, int] = {graph: summary.quads for graph, summary in source.graphs.items()}
    parts = []
    for name, graphs in groups.items():
        quads = sum(sizes.get(graph, 0) for graph in graphs)
        parts += [f"{len(graphs)} {name}{f' ({quads} quads)' if quads else ''}"] if graphs else []
    notice(f"store {settings.shown}: {', '.join(parts) or 'no graphs'}")
    for graph in todo.altered[: None if verbose else _SHOWN]:
        count, known = there.counts.get(graph, 0), there.states[graph]
        remark(
            f"  altered since the load: {graph[1:-1]}: {known.summary.quads if known else 0} triples then, {count} now"
        )
    if there.lease:
        remark(f"  another load is running, by {there.lease.holder}")
    for name, graphs in groups.items() if verbose else ():
        for graph in graphs if name not in ("to repair", "to compare", "to leave") else ():
            remark(f"  {name}: {graph[1:-1]}")


def _confirmed_removal(kept: Sequence[Term]) -> bool:
    """Return whether to remove graphs that no longer exist in the project; ask only on a terminal."""
    if not _on_terminal():
        return False
    remark(f"the store holds {_graphs(len(kept))} of earlier loads not in the project any more:{_names(kept)}")
    return click.confirm("remove from the store?", default=False, err=True)


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


@contextmanager
def _source(project: Project, dump: str | None) -> Iterator[tuple[LoadSource, Mapping[str, str | int]]]:
    """Open the source of the load, with a description of it."""
    from kg.questions.graph import built
    from kg.store.scratch import scratch_folder
    from kg.transfer.source import LoadSource, dump_source

    if dump is not None:
        name = "standard input" if dump == STANDARD_OUTPUT else dump
        with scratch_folder() as work:
            with click.open_file(dump, "rb") as stream:
                source, digest = dump_source(stream, name, project.base, work)
            yield source, {"file": dump, "sha256": digest}
        return
    with built(project) as generation:
        manifest = generation.manifest
        source = LoadSource(manifest.graphs, generation.objects)
        yield source, {"generation": manifest.number, "sha256": manifest.sha256}


# -------- the result


def _conclude(receipt: Receipt, settings: StoreSettings, file: str) -> None:
    """Report how the load ended."""
    what = ", ".join(f"{count} {done}" for done, count in sorted(receipt.done.items())) or "nothing to do"
    rate = f", {receipt.sent / receipt.seconds:,.0f} quads/s" if receipt.sent and receipt.seconds else ""
    notice(f"{receipt.quads} quads in {_evidence(receipt)} ({what}); {receipt.sent} sent{rate}; receipt: {file}")
    for reason, count in receipt.rewritten.items():
        remark(f"{reason} ({count} times); the values are the same")
    if receipt.kept:
        name = settings.name or settings.url
        remark(
            f"kept: {_graphs(len(receipt.kept))} of earlier loads not in the project any more; "
            f"'kg load {name} --remove' removes:{_names(receipt.kept)}"
        )
    if receipt.unknown:
        names = _names(receipt.unknown)
        remark(f"not touched: {_graphs(len(receipt.unknown))} with this project's base that no load has added:{names}")


def _evidence(receipt: Receipt) -> str:
    """Return how many graphs there are and how many were compared."""
    total, compared = len(receipt.graphs), receipt.compared
    if compared == total:
        return f"{_graphs(total)} compared"
    if not compared:
        return f"{_graphs(total)} counted, not compared"
    return f"{_graphs(total)}: {compared} compared, {total - compared} counted, not compared"


def _raise(receipt: Receipt) -> None:
    """Raise an error if the load ended with one.

    Raises:
        RemoteError: it was interrupted.
        EndpointError: graphs came back different from what was sent.
    """
    from kg.core.errors import Failure, RemoteError
    from kg.transfer.receipt import LoadOutcome

    if receipt.error:
        raise RemoteError(Failure(receipt.error["failure"]), receipt.error["message"], receipt.error["fix"])
    if receipt.outcome is not LoadOutcome.DIFFERS:
        return
    lines = "".join(
        f"\n    {graph[1:-1]}: {'; '.join(f'{reason} ({count})' for reason, count in difference.reasons.items())}"
        for graph, difference in list(receipt.differences.items())[:_SHOWN]
    )
    wrong = set(receipt.differences) - set(receipt.graphs)
    state = "the wrong ones are marked as incomplete in the store" if wrong else "their values are right"
    raise EndpointError(
        f"{_graphs(len(receipt.differences))} came back different from what was sent:{lines}",
        f"see the examples in the receipt; {state}",
    )


def _graphs(count: int) -> str:
    return counted(count, "graph")


def _names(graphs: Sequence[Term]) -> str:
    more = [f"and {len(graphs) - _SHOWN} more"] if len(graphs) > _SHOWN else []
    return "".join(f"\n    {name}" for name in [*(graph[1:-1] for graph in graphs[:_SHOWN]), *more])


# -------- the receipt


def _receipt_file(project: Project, settings: StoreSettings) -> Path:
    """Return where the receipt of a store goes: one file for each name, or for each full address."""
    address = settings.url.partition("://")[2].rstrip("/")
    digest = sha256(settings.url.rstrip("/").encode()).hexdigest()[:8]
    name = settings.name or f"{re.sub('[^A-Za-z0-9.]+', '-', address)[:60].strip('-.')}-{digest}"
    return project.build / "receipts" / f"{name}.json"


def _refuse_receipt(output: str) -> None:
    """Make sure that a receipt can be written, before anything is sent.

    Raises:
        InputError: it cannot be written.
    """
    if is_stream(output):
        return
    try:
        refuse_unwritable(output)
    except OSError as error:
        problem = f"the receipt cannot be written to {readable(output)}: {error.strerror}"
        raise InputError(problem, "name another file with --receipt; nothing has been sent") from error


def _write_receipt(receipt: Receipt, output: str) -> None:
    from kg.transfer.receipt import receipt_json

    write(receipt_json(receipt), output)


def _shown(project: Project, output: str) -> str:
    if output == STANDARD_OUTPUT:
        return "standard output"
    return output if is_stream(output) else project.shown(Path(os.path.realpath(output)))
