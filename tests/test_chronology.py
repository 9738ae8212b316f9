"""Times across articles: what another article's event says of an agreement that was signed at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.pipeline.check import check
from kg.project.settings import Project, load_project
from tests.test_messages import copy_of_base

HEAD = """\
article:
  title: {title}
  publisher: gazette
  published: {published}
  language: en
  textKind: Full
  text: {text}
curation: {{curator: jd, on: 2031-06-03, status: Draft}}
facts:
"""
SIGNING = """\
  signing:
    type: Signing
    name: Signing
    occurrence: {occurrence}
    date: {{asWritten: on 1 May 2031, edtf: 2031-05-01, method: Explicit}}
    participation:
      - {{participant: harbour-authority, side: Unspecified}}
      - {{participant: tide-university, side: Unspecified}}
    quote: {quote}
"""
PACT = """\
  pact:
    type: Agreement
    name: Pact
    stage: Signed
    party: [harbour-authority, tide-university]
    signedAt: first/signing
    quote: the pact that was signed
  last-year-pact:
    type: Agreement
    name: Pact of last year
    stage: Announced
    quote: a pact of last year
"""
HELD = "The Harbour Authority and Noordhaven University signed a pact on 1 May 2031."
TO_BE_HELD = "The Harbour Authority and Noordhaven University will sign a pact on 1 May 2031."


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return load_project(copy_of_base(tmp_path / "project"))


def write(project: Project, name: str, text: str) -> None:
    (project.root / "data" / "articles" / f"{name}.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "occurrence", "published", "codes"),
    [
        pytest.param(HELD, "Occurred", "2031-05-02", [], id="it occurred there"),
        pytest.param(TO_BE_HELD, "Planned", "2031-04-02", ["KG-C033"], id="it was only planned there"),
    ],
)
def test_an_agreement_is_signed_at_an_event_of_another_article(
    text: str, occurrence: str, published: str, codes: list[str], project: Project
) -> None:
    first = HEAD.format(title="First", published=published, text=text)
    write(project, "first", first + SIGNING.format(occurrence=occurrence, quote=text.rstrip(".")))
    second = HEAD.format(
        title="Second",
        published="2031-06-02",
        text="To Harbour Authority and Noordhaven University it is the pact that was signed, a pact of last year.",
    )
    write(project, "second", second + PACT)
    assert [f.code for f in check(project).findings if f.severity == "error"] == codes
