"""The terms that the compiler itself writes or reads; every other one is known from `ontology/` alone. No I/O."""

from __future__ import annotations

from functools import cache

CQ = "https://w3id.org/communique/ontology#"
CODE = "https://w3id.org/communique/code/"
RULE = "https://w3id.org/communique/rule/"
ONTOLOGY = "https://w3id.org/communique/ontology"

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
OA = "http://www.w3.org/ns/oa#"
PROV = "http://www.w3.org/ns/prov#"
XSD = "http://www.w3.org/2001/XMLSchema#"
DCTERMS = "http://purl.org/dc/terms/"
DCAT = "http://www.w3.org/ns/dcat#"
VOID = "http://rdfs.org/ns/void#"

TYPE = f"<{RDF}type>"
LABEL = f"<{RDFS}label>"
SUBCLASS_OF = f"<{RDFS}subClassOf>"

# keywords of the mapping language
ARTICLE_KEY = "article"
CURATION_KEY = "curation"
FACTS_KEY = "facts"
TYPE_KEY = "type"
QUOTE_KEY = "quote"
ACCEPT_KEY = "accept"
INFERRED_KEY = "inferred"
READING_KEY = "reading"
STATUS_KEY = "status"
REMARK_KEYS = (ACCEPT_KEY, INFERRED_KEY, READING_KEY, STATUS_KEY)
"""What a curator says of the mapping, not of the article: it never decides which node a nested one is."""
WORDS_KEY = "asWritten"

# classes that a file or a block stands for
ARTICLE_CLASS = "Article"
FACT_CLASS = "Fact"
ENTITY_CLASS = "Entity"
INFERENCE_CLASS = "Inference"

# keys of an article that the compiler looks into
TEXT_KEY = "text"
TEXT_FILE_KEY = "textFile"
TEXT_KIND_KEY = "textKind"
LANGUAGE_KEY = "language"
WITHHELD = "Withheld"

# the review status of an article whose facts are no longer in the graph
RETRACTED = f"<{CODE}reviewStatus/Retracted>"
REPORTED, ATTRIBUTED = f"<{CODE}reportedAs/Reported>", f"<{CODE}reportedAs/Attributed>"
THROUGHOUT = f"<{CODE}extent/Throughout>"


@cache
def cq(name: str) -> str:
    """Return the term of our vocabulary with this local name."""
    return f"<{CQ}{name}>"


NAME_PROPERTIES = (
    LABEL,
    f"<{SKOS}prefLabel>",
    cq("name"),
    cq("alternativeName"),
    cq("curatorName"),
    cq("title"),
)
"""What people may call a thing by, the label first."""
NAMED, NAME_TEXT = cq("named"), cq("nameText")
"""What an article says that somebody is called."""
