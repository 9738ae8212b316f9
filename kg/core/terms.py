"""The terms that Python itself names; all others are defined in `ontology/` alone. No I/O."""

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
SCHEMA = "https://schema.org/"
SCHEMA_NAMESPACES = (SCHEMA, "http://schema.org/")
"""Of which data uses either one."""
FOAF = "http://xmlns.com/foaf/0.1/"
SD = "http://www.w3.org/ns/sparql-service-description#"
W3C_FORMATS = "http://www.w3.org/ns/formats/"
SEMAPV = "https://w3id.org/semapv/vocab/"
GEO = "http://www.w3.org/2003/01/geo/wgs84_pos#"

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
DRAFTED_BY_KEY = "draftedBy"
REMARK_KEYS = (ACCEPT_KEY, INFERRED_KEY, READING_KEY, STATUS_KEY, DRAFTED_BY_KEY)
"""Keys about the mapping, not about the article. They never affect the identity of a nested node."""
WORDS_KEY = "asWritten"

# the classes of files and blocks
ARTICLE_CLASS = "Article"
FACT_CLASS = "Fact"
ENTITY_CLASS = "Entity"
INFERENCE_CLASS = "Inference"

# keys of an article whose values the compiler reads
TEXT_KEY = "text"
TEXT_FILE_KEY = "textFile"
TEXT_KIND_KEY = "textKind"
LANGUAGE_KEY = "language"
WITHHELD = "Withheld"

# the review status of an article whose facts are no longer in the graph
RETRACTED = f"<{CODE}reviewStatus/Retracted>"
REPORTED, ATTRIBUTED = f"<{CODE}reportedAs/Reported>", f"<{CODE}reportedAs/Attributed>"
THROUGHOUT, ATTESTED = (f"<{CODE}extent/{name}>" for name in ("Throughout", "Attested"))


@cache
def cq(name: str) -> str:
    """Return the term of our vocabulary with this local name."""
    return f"<{CQ}{name}>"


DERIVATION = frozenset(map(cq, ("derivedSubject", "derivedObject", "derivedPredicate")))
"""What a derivation is about: shown on its own page, never as a mention of a thing, as there may be thousands."""

NAME_PROPERTIES = (
    LABEL,
    f"<{SKOS}prefLabel>",
    cq("name"),
    cq("alternativeName"),
    cq("curatorName"),
    cq("title"),
)
"""Properties that hold names of a thing, the label first."""
NAMED, NAME_TEXT = cq("named"), cq("nameText")
"""The name that an article uses for somebody."""

KNOWN = frozenset(
    # annotations, which say what the compiler does with a class, a property or a code
    "abstract calledAs calledInWords compactForm computed contentKey countsAhead countsBack countsDates cue datedBy"
    " datedFrom datedUntil filledIn givesDating givesReportedAs identifiedBy ifLeftOut inBraces isPart labelRank"
    " labelTemplate leavesOpen lowerBoundOf nameCue onTimeline PageSection pageSection passedOn pointsAt remedy"
    " replacedBy sectionRank segment stageRank summaryTemplate upperBoundOf"
    # what names and describes a thing, an article, its text and its recording
    " Article ArticleText Evidence alternativeName corrects correctsFact coveredSentenceCount curation"
    " curatorName disambiguation evidence fileName hasText name nameText named original published publisher reading"
    " reason retractionReason sentence sentenceCount sha256Hex status supersedes text textFile textKind textLength"
    " textSha256 title inferredProperty acknowledges fileLocation"
    # dates and figures, which words give
    " Currency TimeExpression asWritten comparator currency earliest edtf latest lowerAmount method unit"
    " upperAmount"
    # what the compiler and the rules say of a fact for its readers
    " accordingTo after alsoGivenAs attributedTo comparableWith datedThrough derivedObject derivedPredicate"
    " derivedSubject disagreesOn disagreesWith displacedBy latestReport latestStage objectSays occurrence reportedAs"
    " sameStoryAs stage story subjectSays summary"
    " whenDating whenEarliest whenExtent whenFrom whenLatest whenOf whenText whenWritten within"
    # links to other registries, and between facts
    " Link distinctFrom justification linkAuthor linkComment linkDate linkObject linkPredicate linkSubject notMatchedTo"
    " sameAgreementAs sameEventAs sameReportAs"
    # what some pages and proposals are about
    " PartyBody SpeechAct broaderTopic containedIn eventTopic heldPostIn holder latitude longitude metWith"
    " metWithByPost onBehalfOf participation party place represented subOrganizationOf articleTopic datelinePlace"
    " modality proposes".split()
)
"""Local names of all terms that Python names; `tests/test_terms.py` finds any other. The rest is data alone."""
