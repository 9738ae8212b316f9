"""Rows -> a self-contained HTML page, without scripts and with no addresses but those of the things. Pure.

https://html.spec.whatwg.org/multipage/tables.html
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from kg.core.english import counted
from kg.core.model import Term
from kg.core.values import is_iri, lexical
from kg.planning.rows import Rows
from kg.questions.words import Passage
from kg.render.cells import Column, Look, cell, columns_to_read, language_of, text_of
from kg.render.terminal import harmless

STYLE = """
:root { color-scheme: light dark; --line: #8886; --faint: light-dark(#5a5f66, #a9b0b8); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; padding: 0 1rem; max-width: 75rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin-top: 1rem; width: 100%; }
caption { text-align: left; color: var(--faint); padding-bottom: .5rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line); }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; }
tr:has(+ tr.words) td { border-bottom: 0; padding-bottom: 0; }
tr.words td { padding-left: 1.5rem; color: var(--faint); }
a { color: inherit; text-decoration-color: var(--line); text-underline-offset: .2em; }
blockquote { margin: 0; }
"""


def page(rows: Rows, look: Look, evidence: Sequence[Sequence[Passage]] | None) -> str:
    """Return the page, with the *evidence* below each row if given."""
    title = escape(harmless(look.title or "Answer"))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f'<div class="wide">\n{html_table(rows, look, evidence)}</div>\n</body>\n</html>\n'
    )


def html_table(rows: Rows, look: Look, evidence: Sequence[Sequence[Passage]] | None = None) -> str:
    """Return the rows as an HTML table with the question as its caption."""
    columns = columns_to_read(rows, look)
    count = counted(len(rows.rows), "row")
    caption = " · ".join(filter(None, (harmless(look.question), count)))
    heads = "".join(f'<th scope="col"{_flush(column)}>{escape(harmless(column.title))}</th>' for column in columns)
    lines = [f"<table>\n<caption>{escape(caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"]
    for k, row in enumerate(rows.rows):
        lines.append(f"<tr>{''.join(_td(row, column, look) for column in columns)}</tr>\n")
        lines += [_words_row(words, len(columns), look) for words in (evidence[k] if evidence is not None else ())]
    return "".join([*lines, "</tbody>\n</table>\n"])


def _td(row: Sequence[Term | None], column: Column, look: Look) -> str:
    term = row[column.text]
    thing = row[column.link] if column.link is not None else term
    text = escape(harmless(cell(tuple(row), column, look)))
    tag = language_of(term)
    spoken = f' lang="{escape(tag)}"' if tag else ""
    return f'<td{_flush(column)}{spoken} dir="auto">{_link(thing, text)}</td>'


def _flush(column: Column) -> str:
    return ' class="number"' if column.numeric else ""


def _link(thing: Term | None, text: str) -> str:
    """Return *text* as a link to the thing if it has a web address."""
    if thing is None or not is_iri(thing) or not lexical(thing).startswith(("http://", "https://")):
        return text
    return f'<a href="{escape(lexical(thing))}">{text}</a>'


def _words_row(words: Passage, span: int, look: Look) -> str:
    quote = f'<blockquote dir="auto">{escape(harmless(words.text))}</blockquote>'
    title = _link(words.article.iri, escape(harmless(words.article.citation)))
    fact = _link(words.fact, escape(text_of(words.fact, look)))
    place = f"{title} · {fact}"
    return f'<tr class="words"><td colspan="{span}">{quote}{place}</td></tr>\n'
