"""One text in place of a nested node -> the node's keys. No I/O.

The ontology decides which class takes which form (cq:compactForm). The words of the article remain words here. Their
meaning is computed where the whole article is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from kg.core.edtf import edtf_text

_LOOKS_LIKE_EDTF = re.compile(r"[0-9XTZ/.:+?~%{}\[\]-]+")


def _date(text: str) -> Mapping[str, str]:
    """Return a date in EDTF, or the words for one."""
    if _LOOKS_LIKE_EDTF.fullmatch(text):
        return {"edtf": edtf_text(text), "method": "Explicit"}
    return {"asWritten": text}


def _figure(text: str) -> Mapping[str, str]:
    return {"asWritten": text}


FORMS: Mapping[str, Callable[[str], Mapping[str, str]]] = MappingProxyType({"edtf": _date, "quantity": _figure})
"""cq:compactForm -> function from text to keys and values. It raises InvalidValueError with the expected form."""
