"""Validation results in our own types, independent of the engine. No I/O.

https://www.w3.org/TR/shacl/#validation-report
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.core.errors import InputError
from kg.core.model import Term

FIX = "correct the shape, or remove it"


class ShapesError(InputError):
    """An engine cannot apply the shapes, which are at fault, never the data. The message is the engine's."""

    def __init__(self, problem: object) -> None:
        super().__init__(" ".join(str(problem).split()) or type(problem).__name__, FIX)


@dataclass(frozen=True, slots=True)
class Result:
    """One validation result.

    Attributes:
        focus: the node that does not conform.
        path: the path in SPARQL syntax, "" if there is none. A single property is its IRI.
        value: the value that does not conform, "" if there is none.
        shape: IRI of the shape, or the label of its blank node.
        component: local name of the constraint component, or the IRI of a custom one.
        severity: local name of the severity, or the IRI of a custom one.
        message: the first message, "" if there is none.
    """

    focus: Term
    path: str
    value: Term
    shape: str
    component: str
    severity: str
    message: str

    @property
    def property(self) -> Term:
        """The property that the result is about, "" if there is none or the path is more than a property."""
        return self.path if re.fullmatch("<[^>]*>", self.path) else ""
