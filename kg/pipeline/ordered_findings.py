"""Findings -> the same in the order of reports, each once: in memory if they are few, else in a temporary file.

A finding takes 740 bytes in memory, and there may be several for each of 100,000 articles.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import overload
from weakref import finalize

from kg.core.errors import Finding
from kg.mapping.record import kept_finding, parsed_finding
from kg.pipeline.outputs import SORTED_AT_ONCE
from kg.store.ordered import OrderedLines

MOST_IN_MEMORY = 100_000
"""The number of findings up to which they stay in memory."""

_END = "\0"  # which sorts before everything else


class FindingGroups(Iterable[Finding]):
    """The findings of several groups, one after the other, which can be read several times if each group can."""

    def __init__(self, groups: Collection[Iterable[Finding]]) -> None:
        self._groups = groups

    def __iter__(self) -> Iterator[Finding]:
        return chain.from_iterable(self._groups)


def in_order(findings: Iterable[Finding]) -> Sequence[Finding]:
    """Return *findings* in the order of reports, each once.

    Raises:
        EndpointError: there is no room for the temporary file.
    """
    rest = iter(findings)
    first = set(islice(rest, MOST_IN_MEMORY))
    following = next(rest, None)
    if following is None:
        return tuple(sorted(first, key=lambda finding: finding.sort_key))
    return FindingsOnDisk(chain(first, [following], rest))


class FindingsOnDisk(Sequence[Finding]):
    """Findings in the order of reports, each once, which are read from a file without a name, one reader at a time."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._lines = OrderedLines(map(_line, findings), SORTED_AT_ONCE)
        finalize(self, self._lines.close)
        self._number = sum(1 for _ in self._lines)

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[Finding]:
        return (parsed_finding(json.loads(line.rpartition(_END)[2])) for line in self._lines)

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        return tuple(self)[index]


def _line(finding: Finding) -> str:
    """Return a finding as JSON, after a text by which it is sorted as by its `sort_key`."""
    path, line, column, code, message = finding.sort_key
    key = _END.join([path, f"{line:09}", f"{column:09}", code, message, ""])
    return key.replace("\n", "\t").encode(errors="backslashreplace").decode() + json.dumps(kept_finding(finding))
