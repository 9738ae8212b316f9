"""How fast are answers over HTTP, beside Oxigraph's own server? `python -m benchmarks.serving [--articles N]`.

Both serve the same store in the same run and are asked the same canned questions about one article after the other, in
turn: requests a second, the time within which 95 of 100 were answered, and the CPU that a request took with all its
processes, which other work on the machine disturbs least. Then the pages and documents. Needs Linux and the `oxigraph`
command (`pip install oxigraph`); everything stays on this machine.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

from benchmarks.corpus import corpus_in
from kg.core.errors import UsageError
from kg.project.settings import Project
from kg.questions.graph import built, open_graph
from kg.questions.query import all_queries, bound_text, find_query, run

KG = str(Path(sys.executable).with_name("kg"))
QUESTIONS: Mapping[str, tuple[str, str]] = {
    "facts-by-kind": ("article", "article/{}"),
    "words-behind": ("fact", "article/{}/meeting"),
    "who-did-what": ("event", "article/{}/meeting"),
    "sources": ("article", "article/{}"),
    "agreement-parties": ("agreement", "article/{}/research-vessel"),
    "agreement-history": ("agreement", "article/{}/data-sharing"),
    "who-took-part": ("meeting", "article/{}/meeting"),
}
"""Canned questions and their argument: both servers are sent the same SPARQL, and answer it in 1 to 100 ms of CPU."""

COPY = re.compile(r"article/(harbour-study-(\d+))>")
"""The graph of a copy of the article that the questions are about."""

MOST, FEW, ROUNDS = 40, 100, 3
"""Requests of one round; of the measurement in which each is a process of its own; and rounds."""

_TICKS = os.sysconf("SC_CLK_TCK")

PEOPLE = ("mara-lind", "ida-brandt", "jonas-thorsen", "lu-yunzhou", "eleni-tharaki")
BODIES = ("aldenburg-harbour-authority", "noordhaven-university", "yunting-ocean-institute")
SOME = 5
"""Articles whose pages are asked for."""

PAGES: Mapping[str, Sequence[str]] = {
    "home": ["/"],
    "a person's page": [f"/person/{key}.html" for key in PEOPLE],
    "a body's page": [f"/organization/{key}.html" for key in BODIES],
    "an article's page": ["/article/{}.html"],
    "a meeting's page": ["/article/{}/meeting.html"],
    "a place's page": ["/place/aldenburg.html", "/place/grey-mole.html"],
    "the network": ["/network", "/network?kind=all"],
    "the timeline": ["/timeline", "/timeline?kind=post", "/timeline?from=600"],
    "search": [f"/search?q={text}" for text in ("Mara", "Noord", "harbour", "Jan", "tide")],
    "questions": ["/questions"],
    "a question's page": ["/questions/who-took-part?meeting=article/{}/meeting"],
    "SPARQL": ["/sparql"],
    "ontology": ["/ontology", "/ontology/class/Meeting", "/ontology/property/evidence", "/ontology/class/Fact"],
    "quality": ["/quality", "/questions/term-usage", "/questions/coverage", "/questions/findings"],
    "a person as Turtle": [f"/person/{key}.ttl" for key in PEOPLE],
    "an article as JSON-LD": ["/article/{}.jsonld"],
    "lists to browse": ["/browse", "/browse/events", "/browse/people", "/browse/events?year=2017", "/articles"],
    "a name reconciled": [
        f"/reconcile?queries=%7B%22q%22:%7B%22query%22:%22{n}%22%7D%7D" for n in ("Lynd", "Brand", "Tide")
    ],
}

"""Addresses by kind. `{}` stands for the articles that are asked for, one after the other."""

SOON = 100.0
"""Milliseconds in which any page should come."""

ACCEPT = {"Accept": "application/sparql-results+json, application/json"}


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests a second, the 95th percentile of their times and the CPU of one, in milliseconds."""

    rate: float
    p95: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Served:
    """A server: its port and its process."""

    port: int
    process: int

    def cpu(self) -> float:
        """Return the CPU seconds of the process and its children, running or ended."""
        times = {int(each.name): _times(each) for each in Path("/proc").iterdir() if each.name.isdecimal()}
        own = times[self.process]
        return own[1] + own[2] + sum(used for parent, used, _ in times.values() if parent == self.process)


def _times(process: Path) -> tuple[int, float, float]:
    """Return the parent of a process, its CPU seconds, and those of its children that have ended."""
    try:
        fields = (process / "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:  # it has ended
        return 0, 0.0, 0.0
    user, system, of_children, system_of_children = (int(field) / _TICKS for field in fields[11:15])
    return int(fields[1]), user + system, of_children + system_of_children


def main() -> None:
    """Print one line for each measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--corpus", type=Path, help="a folder to make the corpus in, or where an earlier run made it")
    parser.add_argument("--clients", type=int, default=4, help="connections at once")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = corpus_in(options.corpus or Path(folder), options.articles)
        with _kg(project) as ours:
            with built(project) as generation:
                graphs = list(generation.manifest.graphs)
            articles, copies = sum("/article/" in graph for graph in graphs), _copies(graphs)
            print(f"{articles} articles, {options.clients} connections", flush=True)
            _beside_oxigraph(project, ours, options.clients, copies)
            _pages(project, ours.port, copies[:SOME])


def _copies(graphs: Sequence[str]) -> Sequence[str]:
    """Return the copies of the article that the questions are about, by number."""
    matches = [match for graph in graphs if (match := COPY.search(graph))]
    return [match[1] for match in sorted(matches, key=lambda match: int(match[2]))]


def _beside_oxigraph(project: Project, ours: Served, clients: int, copies: Sequence[str]) -> None:
    if shutil.which("oxigraph") is None:
        print("no 'oxigraph' command: pip install oxigraph")
        return
    print(f"{'canned question':42} {'req/s':>7} {'ratio':>6} {'p95 ms':>8} {'ratio':>6} {'CPU ms':>8} {'ratio':>6}")
    with _oxigraph(project) as theirs:
        for name, (argument, value) in QUESTIONS.items():
            asked = [{argument: value.format(article)} for article in copies[: MOST * ROUNDS]]
            texts = _checked(project, name, asked)
            queries = [f"/query?{urlencode({'query': text})}" for text in texts]
            paths = [f"/api/queries/{name}?{urlencode(arguments)}" for arguments in asked]
            rounds = [slice(k, k + MOST) for k in range(0, len(asked), MOST)]
            pairs = [(_measured(theirs, queries[k], clients), _measured(ours, paths[k], clients)) for k in rounds]
            other = _median([theirs_in_round for theirs_in_round, _ in pairs])
            _print_rate(f"{name}: oxigraph serve-read-only", other, other)
            _print_rate("  kg serve, each for the first time", _median([own for _, own in pairs]), other)
            _print_rate("  kg serve, each again", _measured(ours, paths, clients), other)
            untrusted = [f"/sparql?{urlencode({'query': text})}" for text in texts[:FEW]]
            _print_rate("  kg serve /sparql, a process for each", _measured(ours, untrusted, clients), other)


def _median(rates: Sequence[Rate]) -> Rate:
    """Return the median of each figure."""
    return Rate(*(statistics.median(figures) for figures in zip(*map(astuple, rates), strict=True)))


def _print_rate(title: str, own: Rate, other: Rate) -> None:
    figures = f"{own.rate:7.0f} {own.rate / other.rate:6.2f} {own.p95:8.1f} {own.p95 / other.p95:6.2f}"
    print(f"{title:42} {figures} {own.cpu:8.2f} {other.cpu / own.cpu:6.2f}", flush=True)


def _checked(project: Project, name: str, asked: Sequence[Mapping[str, str]]) -> Sequence[str]:
    """Return the SPARQL of a question with each of the arguments, after the first was seen to have an answer."""
    query = find_query(project, name)
    with open_graph(project) as graph:
        assert run(graph, query, asked[0]).rows, f"'{name}' has no answer in this corpus"
        return [bound_text(graph, query, arguments) for arguments in asked]


def _questions(project: Project) -> Sequence[str]:
    """Return the pages of the questions that need no argument here."""
    found = []
    with open_graph(project) as graph:
        for query in all_queries(project)[0]:
            with suppress(UsageError):
                bound_text(graph, query, {})
                found.append(f"/questions/{query.name}")
    return found


def _pages(project: Project, port: int, articles: Sequence[str]) -> None:
    """Print how long pages and documents take: the first of a kind, the median of other ones, one that came before."""
    print(f"{'page':50} {'first ms':>8} {'others':>8} {'worst':>8} {'again':>8}")
    given = {kind: [path.format(each) for path in paths for each in articles] for kind, paths in PAGES.items()}
    pages = {kind: list(dict.fromkeys(paths)) for kind, paths in given.items()}
    pages["the answer to any question, nothing chosen"] = _questions(project)
    slow: dict[str, float] = {}
    failed: dict[str, int] = {}
    number = 0
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as link:
        for name, paths in pages.items():
            found = [(path, *_one(link, path, {"Accept": "text/html, */*;q=0.1"})) for path in (*paths, paths[0])]
            failed |= {path: status for path, status, _ in found if status != 200}
            times = {path: 1000 * taken for path, status, taken in found[:-1] if status == 200}
            first, *others = times.values()
            told = f"{statistics.median(others):8.1f}" if others else f"{'':8}"
            worst, again = max(times.values()), 1000 * found[-1][2]
            print(f"{name:50} {first:8.1f} {told} {worst:8.1f} {again:8.1f}", flush=True)
            number += len(times)
            slow |= {path: taken for path, taken in times.items() if taken > SOON}
    for path, status in failed.items():
        print(f"{path} has the status {status}")
    print(f"{len(slow)} of {number} took more than {SOON:.0f} ms when they were first asked for")
    for path, taken in sorted(slow.items(), key=lambda pair: -pair[1]):
        print(f"  {path:48} {taken:8.1f}")


def _measured(server: Served, paths: Sequence[str], clients: int) -> Rate:
    """Ask for each of *paths* once, on several connections at once."""
    times: list[list[float]] = [[] for _ in range(clients)]

    def ask(client: int) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as link:
            for path in paths[client::clients]:
                status, taken = _one(link, path, ACCEPT)
                if status != 200:
                    raise RuntimeError(f"status {status} for {path}")
                times[client].append(taken)

    start, used = time.monotonic(), server.cpu()
    threads = [Thread(target=ask, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = sorted(taken for some in times for taken in some)
    assert len(found) == len(paths), "a request failed"
    seconds, cpu = time.monotonic() - start, server.cpu() - used
    return Rate(len(found) / seconds, 1000 * found[int(len(found) * 0.95)], 1000 * cpu / len(found))


def _one(link: http.client.HTTPConnection, path: str, headers: Mapping[str, str]) -> tuple[int, float]:
    start = time.perf_counter()
    link.request("GET", path, headers=dict(headers))
    response = link.getresponse()
    response.read()
    return response.status, time.perf_counter() - start


# -------- servers


@contextmanager
def _kg(project: Project) -> Iterator[Served]:
    """Run `kg serve`, once it has made what pages need of the whole graph."""
    command = [KG, "-C", str(project.root), "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process, _stopped(process):
        assert process.stderr
        found = re.search(r":(\d+)/ ", process.stderr.readline())
        assert found, "kg serve did not start"
        for line in process.stderr:
            print(line.strip(), flush=True)
            if " is ready" in line:
                break
        Thread(target=process.stderr.read, daemon=True).start()  # so that nothing it says later holds it up
        yield Served(int(found[1]), process.pid)


@contextmanager
def _oxigraph(project: Project) -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    store = str((project.build / "current" / "store").resolve())
    command: Sequence[str] = ["oxigraph", "serve-read-only", "--location", store, "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process, _stopped(process):
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield Served(port, process.pid)


@contextmanager
def _stopped(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> Iterator[None]:
    """End a process after the block."""
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


if __name__ == "__main__":
    main()
