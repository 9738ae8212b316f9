"""Does kg keep its promises on odd inputs? `python -m benchmarks.fuzz [--inputs N] [--seed N] [KIND…]`.

Hypothesis draws a valid file of each kind, and changes to it. What breaks a promise is shrunk to few changes of a short
file and printed; the search goes on for others. One in six inputs is a request to the server, in this process.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from benchmarks.fuzz_targets import SEEDS, SHARES, Targets
from benchmarks.mutation import mutated, mutations

MOST_FAULTS = 20
"""After so many different faults the search ends."""

PART = 1000
"""How many inputs are drawn with one seed: Hypothesis remembers all of them until its search ends."""


@st.composite
def inputs(draw: st.DrawFn, kinds: Sequence[str]) -> tuple[str, str]:
    """Return a kind of input, and a mutated text of that kind."""
    kind = draw(st.sampled_from([each for each in kinds for _ in range(SHARES[each])]))
    text = draw(st.sampled_from(SEEDS[kind]))
    return kind, mutated(text, draw(mutations(SEEDS[kind])))


@dataclass
class Fuzzing:
    """A search for inputs that break a promise: how many were tried, and the known faults."""

    targets: Targets
    counts: Counter[str] = field(default_factory=Counter)
    seconds: Counter[str] = field(default_factory=Counter)
    known: set[str] = field(default_factory=set)

    def tried(self, kind: str, text: str) -> None:
        """Try one input. A fault that is known is no reason to stop."""
        start = time.process_time()
        try:
            self.targets.tried(kind, text)
        except (Exception, RecursionError) as error:
            if fault_name(kind, error) not in self.known:
                raise
        finally:
            self.counts[kind] += 1
            self.seconds[kind] += time.process_time() - start

    def faults(self, kinds: Sequence[str], number: int, first_seed: int) -> Iterator[str]:
        """Yield a description of each fault in *number* inputs, shrunk."""
        rounds = 0
        while (left := number - self.counts.total()) > 0 and len(self.known) < MOST_FAULTS:
            if fault := self._first_fault(kinds, min(left, PART), first_seed + rounds):
                yield fault
            rounds += 1

    def _first_fault(self, kinds: Sequence[str], number: int, first_seed: int) -> str:
        last: list[tuple[str, str]] = []

        @seed(first_seed)
        @settings(
            max_examples=number,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(inputs(kinds))
        def search(drawn: tuple[str, str]) -> None:
            last[:] = [drawn]
            self.tried(*drawn)

        try:
            search()
        except Exception as error:
            kind, text = last[0]
            name = fault_name(kind, error)
            self.known.add(name)
            trace = "".join(traceback.format_exception(error)[-6:])
            return f"== {name} (seed {first_seed})\n{text[:3000]!r}\n{trace}"
        return ""


def fault_name(kind: str, error: BaseException) -> str:
    """Return what makes two faults one: the kind of input and of error, and the line of kg that raised it."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/kg/" in frame.filename]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else str(error)[:60]
    return f"{kind}: {type(error).__name__} at {where}"


def fuzzing(folder: Path, client: TestClient) -> Fuzzing:
    """Return a search in *folder*, whose requests go to *client*."""

    def asked(method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str, bytes]:
        try:
            request = client.build_request(method, f"http://testserver{target}", headers=dict(headers), content=body)
        except (httpx2.InvalidURL, ValueError, UnicodeError, httpx2.HTTPError):
            return 0, "", b""  # no client can send it
        answer = client.send(request)
        return answer.status_code, answer.headers.get("content-type", ""), answer.content

    return Fuzzing(Targets(folder, asked))


def main() -> int:
    """Try inputs, print faults and costs, and return 1 if there are faults."""
    from tests.serving import built_fiction, client_of

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("kinds", nargs="*", choices=[*SEEDS, []], default=[], metavar="KIND")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.inputs:,} inputs", flush=True)
    with TemporaryDirectory() as name, client_of(built_fiction(Path(name) / "served")) as client:
        search = fuzzing(Path(name), client)
        for fault in search.faults(options.kinds or list(SEEDS), options.inputs, options.seed):
            print(fault, flush=True)
    for kind, count in sorted(search.counts.items()):
        print(f"{kind:10} {count:7,} inputs {1000 * search.seconds[kind] / count:7.1f} ms each")
    print(f"{len(search.known)} faults")
    return 1 if search.known else 0


if __name__ == "__main__":
    sys.exit(main())
