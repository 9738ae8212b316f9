"""An endpoint -> its service description, and what the description of the data set says about this server. Pure.

Every node has an IRI below that of the endpoint.
https://www.w3.org/TR/sparql11-service-description/ ; https://www.w3.org/TR/void/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.core.model import Quad, Term
from kg.core.terms import DCTERMS, SD, TYPE, VOID, W3C_FORMATS, XSD
from kg.render.format_types import Offered
from kg.render.formats import offered
from kg.store.protocol import Triple


def service_triples(endpoint: str, base: str, graphs: Mapping[Term, int], limits: Mapping[str, str]) -> list[Triple]:
    """Return the description of the SPARQL service at *endpoint*.

    Args:
        endpoint: its IRI.
        base: of the project's IRIs.
        graphs: named graph -> its number of triples.
        limits: language tag -> text about the limits of a query.
    """
    return list(_service(f"<{endpoint}>", base, graphs, limits))


def access_quads(dataset: Term, graph: Term, endpoint: str, dumps: Iterable[str]) -> Iterator[Quad]:
    """Yield the addresses at which the data set is served: its endpoint, and the file of each named graph.

    They are not in the graph itself, which may be served elsewhere.
    """
    yield Quad(dataset, f"<{VOID}sparqlEndpoint>", f"<{endpoint}>", graph)
    yield from (Quad(dataset, f"<{VOID}dataDump>", f"<{file}>", graph) for file in dumps)


def _service(service: Term, base: str, graphs: Mapping[Term, int], limits: Mapping[str, str]) -> Iterator[Triple]:
    dataset, default = f"{service[:-1]}#dataset>", f"{service[:-1]}#default-graph>"
    yield Triple(service, TYPE, _sd("Service"))
    yield Triple(service, _sd("endpoint"), service)
    yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    for form in offered(Offered.ENDPOINT):
        yield Triple(service, _sd("resultFormat"), f"<{W3C_FORMATS}{form.w3c}>")
    for language, text in limits.items():
        yield Triple(service, f"<{DCTERMS}description>", f'"{text}"@{language}')
    yield Triple(service, _sd("defaultDataset"), dataset)
    yield Triple(service, _sd("availableGraphs"), dataset)
    yield Triple(dataset, TYPE, _sd("Dataset"))
    yield Triple(dataset, TYPE, _sd("GraphCollection"))
    yield Triple(dataset, f"<{DCTERMS}isVersionOf>", f"<{base}dataset>")
    yield Triple(dataset, _sd("defaultGraph"), default)
    yield from _graph(default, 0)
    for number, (name, triples) in enumerate(sorted(graphs.items()), start=1):
        node, graph = f"{service[:-1]}#named-graph-{number}>", f"{service[:-1]}#graph-{number}>"
        yield Triple(dataset, _sd("namedGraph"), node)
        yield Triple(node, TYPE, _sd("NamedGraph"))
        yield Triple(node, _sd("name"), name)
        yield Triple(node, _sd("graph"), graph)
        yield from _graph(graph, triples)


def _graph(node: Term, triples: int) -> Iterator[Triple]:
    yield Triple(node, TYPE, _sd("Graph"))
    yield Triple(node, f"<{VOID}triples>", f'"{triples}"^^<{XSD}integer>')


def _sd(name: str) -> Term:
    return f"<{SD}{name}>"
