"""One text in place of a nested node -> the node's keys. No I/O.

Which class takes which form is the ontology's choice (cq:compactForm). The words of the article stay words here; what
they say is computed where the whole article is known.
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
"""cq:compactForm -> text to keys and values; the function raises InvalidValueError with what is expected."""
