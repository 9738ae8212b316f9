"""The page for SPARQL: an editor with prefixes and the questions as examples, or a plain form without scripts."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kg.core.terms import CQ
from kg.questions.query import default_text
from kg.render.formats import RESULTS
from kg.web.pages.frame import page
from kg.web.pages.home import by_tag
from kg.web.site import Site

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The editor writes style elements into the page, so inline styles, and nothing else, are allowed here."""

FIRST = f"""\
PREFIX cq: <{CQ}>
SELECT ?kind (COUNT(DISTINCT ?fact) AS ?facts) WHERE {{
  GRAPH ?article {{ ?fact a ?kind ; cq:evidence ?words }}
}}
GROUP BY ?kind
ORDER BY DESC(?facts)
LIMIT 50
"""


def sparql_page(site: Site, request: Request) -> Response:
    """Return the page for queries, with the query in the address, if any."""
    given = request.query_params.get("query", "")
    with site.snapshot() as snapshot:
        examples = {
            tag: [(query, default_text(query, snapshot.graph.base)) for query in queries]
            for tag, queries in by_tag(site.queries).items()
        }
    response = page(
        site, request, "sparql.html", query=given or FIRST, given=bool(given), examples=examples, formats=RESULTS
    )
    response.headers["content-security-policy"] = POLICY
    return response
