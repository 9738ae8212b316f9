"""What a page shows -> how to cite it, in one line and as BibTeX. Pure.

A citation names what is cited in our words, the article that it rests on, the graph with its version, and an address.
https://www.bibtex.org/Format/
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SPECIAL = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


@dataclass(frozen=True, slots=True)
class Citation:
    """What to cite.

    Attributes:
        words: what it is, in our words.
        source: the article that it rests on (title, publisher, date), or "".
        graph: the title of the graph.
        version: of the graph, or "".
        address: its IRI, or the address of the page.
    """

    words: str
    source: str
    graph: str
    version: str
    address: str

    @property
    def text(self) -> str:
        """The citation in one line.

        >>> Citation("Mara Lind met Ida Brandt", "A meeting, Courier, 1 May 2031", "News", "generation 3", "https://a.example/m").text
        'Mara Lind met Ida Brandt. According to: A meeting, Courier, 1 May 2031. In: News, generation 3. https://a.example/m'
        """
        source = f"According to: {self.source}" if self.source else ""
        parts = (self.words, source, f"In: {', '.join(filter(None, (self.graph, self.version)))}")
        return " ".join([*(f"{part.rstrip('. ')}." for part in parts if part), self.address])

    @property
    def bibtex(self) -> str:
        """The citation as an entry of a bibliography."""
        fields = {
            "title": self.words,
            "howpublished": ", ".join(filter(None, (self.graph, self.version))),
            "note": f"According to: {self.source}" if self.source else "",
        }
        lines = [f"  {name} = {{{_escaped(value)}}}," for name, value in fields.items() if value]
        return "\n".join([f"@misc{{{_key(self.address)},", *lines, f"  url = {{{_address(self.address)}}}", "}"])


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in " ".join(text.split()))


def _address(address: str) -> str:
    """Return an address without what would end the field."""
    return address.replace("{", "%7B").replace("}", "%7D").replace("\\", "%5C")


def _key(address: str) -> str:
    """Return a key made of the last parts of an address.

    >>> _key("https://a.example/article/harbour-study/meeting"), _key("https://a.example/")
    ('harbour-study-meeting', 'a-example')
    """
    parts = [part for part in re.split("[^A-Za-z0-9-]+", address.partition("://")[2]) if part]
    return "-".join(parts[-2:]) or "page"
