"""One text in place of a nested node -> the node's keys. No I/O.

Which class takes which form is the ontology's choice (cq:compactForm).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from kg.dates import edtf_text
from kg.quantities import quantity


def _edtf(text: str) -> Mapping[str, str]:
    return {"edtf": edtf_text(text), "method": "Explicit"}


FORMS: Mapping[str, Callable[[str], Mapping[str, str]]] = MappingProxyType({"edtf": _edtf, "quantity": quantity})
"""cq:compactForm -> text to keys and values; the function raises ValueError with what is expected."""
