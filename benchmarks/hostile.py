"""How long does `kg check` take for files that nobody wrote by hand? `python -m benchmarks.hostile [--most N]`.

Each file is large in one way. Its time is the CPU time of the whole process, less that of an empty project; a file of
less than 1 MB has the time of 1 MB. What SHACL needs for thousands of valid nodes is a matter of its engine, and shown
apart.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from benchmarks.corpus import ROOT

KG = str(Path(sys.executable).with_name("kg"))
MOST = 1.0
"""Seconds for each MB."""

Files: TypeAlias = Mapping[str, str]
"""Path in the folder data/ -> text."""

ARTICLE = """article:
  title: {{en: A title}}
  publisher: aldenburg-harbour-authority
  published: 2031-05-02
  language: en
  url: https://example.org/x
  textKind: Full
  text: |
{text}
curation: {{curator: somebody, date: 2031-05-03}}
facts:
{facts}
"""
FACT = "  f{number}: {{type: Meeting, quote: {quote}}}"
_UNSEEN = "\u200b\u200d\u202e\u2066\U0001f600\U00020000\xad"
_ODD = "\x01\x85\u2028\u200b\u200d\u202e\u2066\u0301\u0323\U0001f600\U00020000\ufeff\xad"


def article(text: str = "A text.", facts: str = "", name: str = "x") -> Files:
    """Return a project with one article."""
    indented = "\n".join(f"    {line}" for line in text.split("\n"))
    return {f"articles/{name}.yaml": ARTICLE.format(text=indented, facts=facts)}


def facts(number: int, keys: str, text: str = "A text.") -> Files:
    """Return an article with *number* facts; `{n}` in their *keys* is the number of each."""
    return article(text, "\n".join(f"  f{n}: {{{keys.replace('{n}', str(n))}}}" for n in range(number)))


def words(number: int, seed: int = 20310502) -> list[str]:
    """Return words of two to nine letters, the same for the same *seed*."""
    dice = random.Random(seed)
    known = ["".join(dice.choices("abcdefghijklmnop", k=dice.randint(2, 9))) for _ in range(3000)]
    return dice.choices(known, k=number)


def prose(size: int, seed: int = 20310502) -> str:
    """Return *size* code points in sentences of twelve words."""
    some = words(size // 4, seed)
    return "\n".join(" ".join(some[k : k + 12]) + "." for k in range(0, len(some), 12))[:size].strip()


def quoted(text: str, *quotes: str) -> Files:
    """Return an article with one fact for each of *quotes*."""
    return article(text, "\n".join(FACT.format(number=n, quote=f"'{quote}'") for n, quote in enumerate(quotes)))


def _odd(size: int, characters: str = _ODD) -> str:
    return "".join(random.Random(1).choices(characters, k=size))


def _keys(number: int, indent: int) -> str:
    return "".join(f"{' ' * indent}k{n}: v\n" for n in range(number))


def _fact_with(key: str, items: Iterable[str]) -> str:
    return f"  f:\n    type: Meeting\n    {key}:\n" + "".join(f"      - {item}\n" for item in items)


def _absent(number: int, seed: int = 7) -> list[str]:
    some = words(6 * number, seed)
    return [" ".join(some[6 * k : 6 * k + 6]) for k in range(number)]


def _entities(number: int, kind: str = "Person") -> str:
    return "".join(f"p{n}: {{type: {kind}, name: Name {n}}}\n" for n in range(number))


CASES: Mapping[str, Callable[[int], Files]] = MappingProxyType(
    {
        "one-word sentences": lambda n: quoted(" ".join(f"W{k}." for k in range(n // 6)), "W5. W6."),
        "a quote that is not in the text": lambda n: quoted(prose(n), " ".join(words(30, 3))),
        "the same in a text that repeats itself": lambda n: quoted(
            "the harbour " * (n // 12), "the harbour " * 40 + "z"
        ),
        "odd characters": lambda n: quoted(_odd(n // 3), "a"),
        "combining marks": lambda n: quoted("a" + "\u0301\u0323" * (n // 4), "a"),
        "zero-width and astral characters": lambda n: quoted(_odd(n // 3, _UNSEEN), "a"),
        "unknown blocks": lambda n: {"articles/x.yaml": _keys(n // 10, 0)},
        "unknown keys": lambda n: article(facts="  f:\n    type: Meeting\n" + _keys(n // 12, 4)),
        "one key again and again": lambda n: article(facts="  f:\n" + "    title: x\n" * (n // 13)),
        "items of a list": lambda n: article(facts=_fact_with("after", (f"t{k}" for k in range(n // 14)))),
        "empty quotes": lambda n: article(facts=_fact_with("quote", ["''"] * (n // 11))),
        "faults: types": lambda n: facts(n // 40, "type: Meetin, quote: text"),
        "faults: keys": lambda n: facts(n // 50, "type: Meeting, titel: x, quote: text"),
        "faults: codes": lambda n: facts(n // 60, "type: Meeting, occurrence: Occured{n}, quote: text"),
        "faults: ids": lambda n: article(facts="\n".join(f"  F_{k}: {{type: Meeting}}" for k in range(n // 27))),
        "faults: anchors": lambda n: facts(n // 30, "type: &a Meeting"),
        "faults: syntax": lambda n: article(facts="".join(f"  f{k}: a: b\n" for k in range(n // 14))),
        "names that are almost right": lambda n: {
            **facts(n // 100, "type: Meeting, place: aldenburgh{n}, quote: text"),
            "registry/r.yaml": "".join(
                f"aldenburg{k}: {{type: Settlement, name: Name {k}}}\n" for k in range(n // 200)
            ),
        },
        "quotes that are not in the text": lambda n: quoted(prose(n // 4), *_absent(n // 80)),
        "a quote that is almost the text": lambda n: quoted(prose(n // 2), " ".join(prose(n // 3).split()) + " zz"),
        "a quote of half the text": lambda n: quoted(prose(n // 2), " ".join(prose(n // 2).split()[5 : n // 20])),
        "a long line": lambda n: article(facts=f"  f: {{{', '.join(f'x{k}: 1' for k in range(n // 11))}}}"),
        "a long value": lambda n: article(facts=f"  f: {{type: Meeting, quote: text, name: '{'word ' * (n // 5)}'}}"),
        "a long name": lambda n: article(facts=f"  f: {{type: Meeting, quote: text, place: {'a' * n}}}"),
        "blanks": lambda n: quoted("a" + "  b" * (n // 3), "b b b"),
        "full stops": lambda n: quoted("." * n, "a"),
        "brackets": lambda n: {"articles/x.yaml": "[" * n},
        "nested blocks": lambda n: {"articles/x.yaml": "".join(" " * k + "k:\n" for k in range(int((2 * n) ** 0.5)))},
        "tabs": lambda n: {"articles/x.yaml": "\tk: v\n" * (n // 6)},
        "colons": lambda n: article(facts="  f: " + "a: " * (n // 3)),
        "nested nodes": lambda n: article(
            facts=_fact_with("participation", (f"{{participant: p{k}}}" for k in range(n // 30)))
        ),
        "files": lambda n: {f"articles/a{k}.yaml": "article: x\n" for k in range(n // 400)},
        "equal ids in files of the registry": lambda n: {
            f"registry/r{k}.yaml": _entities(n // 2000, "Peron") for k in range(50)
        },
    }
)
"""What is large -> about that many bytes of it."""

ENGINE: Mapping[str, Callable[[int], Files]] = MappingProxyType(
    {
        "valid facts": lambda n: facts(n // 40, "type: Meeting, quote: text"),
        "valid entities": lambda n: {"registry/r.yaml": _entities(n // 40)},
    }
)
"""The same, where nearly all of the time is that of SHACL."""


def write_project(folder: Path, files: Files) -> Path:
    """Write a project with *files* and return it."""
    for name, text in {"articles/.keep": "", "registry/.keep": "", **files}.items():
        file = folder / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
    settings = f'base = "https://example.org/h/"\nontology = ["{ROOT}/ontology"]\nqueries = ["{ROOT}/queries"]\n'
    (folder / "kg.toml").write_text(settings, encoding="utf-8")
    return folder


def checked_seconds(project: Path) -> float:
    """Return the CPU seconds of `kg check`, which may find what it likes.

    Raises:
        RuntimeError: it failed in another way than by findings.
    """
    command = [KG, "-C", str(project), "check"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    complaint = process.stderr.read() if process.stderr else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"exit {process.returncode}\n{complaint.decode()}")
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    """Print one line for each kind of file; 1 if one takes too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=800_000, help="bytes of each, more or less")
    parser.add_argument("--most", type=float, default=MOST, help="seconds for each MB")
    parser.add_argument("--engine", action="store_true", help="measure also what SHACL takes the time for")
    options = parser.parse_args()
    slow = 0
    with tempfile.TemporaryDirectory() as folder:
        empty = checked_seconds(
            write_project(Path(folder) / "empty", article(facts=FACT.format(number=1, quote="text")))
        )
        print(f"an article with one fact: {empty:.2f} s\n{'what is large':42} {'MB':>5} {'s':>6} {'s/MB':>6}")
        for number, (name, files) in enumerate({**CASES, **(ENGINE if options.engine else {})}.items()):
            written = files(options.size)
            project = write_project(Path(folder) / str(number), written)
            megabytes = sum(len(text.encode()) for text in written.values()) / 1e6
            seconds = max(checked_seconds(project) - empty, 0.0)
            rate = seconds / max(megabytes, 1.0)
            slow += name in CASES and rate > options.most
            print(
                f"{name:42} {megabytes:5.2f} {seconds:6.2f} {rate:6.2f}{' too slow' * (rate > options.most)}",
                flush=True,
            )
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
