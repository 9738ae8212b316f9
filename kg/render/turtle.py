"""Triples -> Turtle, sorted and grouped by subject. Pure.

https://www.w3.org/TR/turtle/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from kg.core.iri import prefixed
from kg.core.model import Term
from kg.core.terms import TYPE
from kg.core.values import XSD, is_iri

_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_INTEGER = re.compile(r'"-?[0-9]+"')
_DATATYPE = re.compile(r'(?P<text>".*")\^\^(?P<type><[^<>]*>)', re.DOTALL)


def turtle(triples: Sequence[tuple[Term, Term, Term]], prefixes: Mapping[str, str]) -> str:
    """Return the triples with the prefixes that they use."""
    used: set[str] = set()
    ordered = sorted(set(triples), key=lambda triple: (triple[0], triple[1] != TYPE, triple[1], triple[2]))
    blocks = []
    for subject, group in groupby(ordered, key=lambda triple: triple[0]):
        lines = []
        for predicate, same in groupby(group, key=lambda triple: triple[1]):
            verb = "a" if predicate == TYPE else _short(predicate, prefixes, used)
            lines.append(f"{verb} {', '.join(_short(triple[2], prefixes, used) for triple in same)}")
        body = " ;\n    ".join(lines)
        blocks.append(f"{_short(subject, prefixes, used)} {body} .\n")
    declared = "".join(f"@prefix {prefix}: <{prefixes[prefix]}> .\n" for prefix in sorted(used))
    return "\n".join([declared, *blocks] if declared else blocks)


def _short(term: Term, prefixes: Mapping[str, str], used: set[str]) -> str:
    if not is_iri(term):
        typed = _DATATYPE.fullmatch(term)
        if typed and typed["type"] == f"<{XSD}integer>" and _INTEGER.fullmatch(typed["text"]):
            return typed["text"][1:-1]
        return f"{typed['text']}^^{_short(typed['type'], prefixes, used)}" if typed else term
    prefix, local = prefixed(term[1:-1], prefixes) or ("", "")
    if not _LOCAL.fullmatch(local):
        return term
    used.add(prefix)
    return f"{prefix}:{local}"
