"""Short forms of the mapping language say what the long ones say.

A case is a folder of tests/short: one article in a long form and in a short one, for the registry of tests/messages.
The two give the same graph, but for where words stand and what nodes are called.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
import yaml
from rdflib import BNode, Graph, URIRef
from rdflib.compare import to_isomorphic
from rdflib.term import Node

from kg.core.errors import InputError
from kg.core.terms import CQ
from kg.mapping.gaps import parts_of, stretches
from kg.mapping.record import Record
from kg.pipeline.compile import compile_project
from kg.pipeline.steps import build
from kg.project.settings import load_project
from kg.project.sources import read_sources
from tests.test_messages import copy_of_base
from tests.test_vocabulary_driven import PREFIXES

CASES = sorted(path for path in (Path(__file__).parent / "short").iterdir())
OF_WORDS = frozenset(URIRef(CQ + name) for name in ("sentenceCount", "coveredSentenceCount", "evidence"))
BASE_LINE = 'base = "https://example.org/messages/"\n'


def compiled(folder: Path, case: Path, ontology: str = "") -> Record:
    """Return the record of one article in a new project with the registry of tests/messages, and with more terms."""
    project = copy_of_base(folder / f"{case.parent.name}-{case.stem}")
    shutil.copy(case, project / "data" / "articles" / "case.yaml")
    if ontology:
        (project / "ontology").mkdir()
        (project / "ontology" / "more.ttl").write_text(PREFIXES + ontology, encoding="utf-8")
        (project / "kg.toml").write_text(f"{BASE_LINE}ontology = ['@kg', 'ontology']\n", encoding="utf-8")
    loaded = load_project(project)
    [record] = compile_project(loaded, read_sources(loaded), only=frozenset({"data/articles/case.yaml"})).articles
    return record


def facts(record: Record) -> Graph:
    """Return what an article says, its own nodes without their names, and without the positions of its words."""
    graph, own = Graph(), f"{record.graph[1:-1]}/"
    of_words = tuple(f"{own}{part}" for part in ("evidence/", "text"))

    def nameless(term: Node) -> Node:
        return BNode(sha256(term.encode()).hexdigest()) if isinstance(term, URIRef) and term.startswith(own) else term

    for triple in Graph().parse(data="\n".join(f"{line.rsplit(' ', 2)[0]} ." for line in record.lines), format="nt"):
        is_of_words = any(str(term).startswith(of_words) for term in triple)
        if not is_of_words and triple[1] not in OF_WORDS:
            subject, predicate, value = triple
            graph.add((nameless(subject), predicate, nameless(value)))
    return graph


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_forms_say_the_same(case: Path, tmp_path: Path) -> None:
    short, long = (compiled(tmp_path, case / f"{form}.yaml") for form in ("short", "long"))
    assert short.findings == long.findings == ()
    assert len(facts(long)) > 10
    assert to_isomorphic(facts(short)) == to_isomorphic(facts(long))
    assert (case / "short.yaml").stat().st_size < (case / "long.yaml").stat().st_size


def test_what_is_filled_in_is_composed_of_texts_of_a_region_too(tmp_path: Path) -> None:
    cases = [tmp_path / f"{form}.yaml" for form in ("short", "long")]
    for case in cases:
        written = (CASES[0].parent / "signing" / case.name).read_text(encoding="utf-8")
        case.write_text(written.replace("language: en", "language: en-GB").replace("{en:", "{en-GB:"), encoding="utf-8")
    short, long = (compiled(tmp_path, case) for case in cases)
    assert short.findings == long.findings == ()
    assert to_isomorphic(facts(short)) == to_isomorphic(facts(long))


def test_weekdays_count_from_a_day_of_publication_that_is_written_in_words(tmp_path: Path) -> None:
    written = (CASES[0].parent / "signing" / "short.yaml").read_text(encoding="utf-8")
    words = tmp_path / "words.yaml"
    words.write_text(written.replace("published: 2031-05-02", "published: 2 May 2031"), encoding="utf-8")
    record = compiled(tmp_path, words)
    assert record.findings == ()
    assert any('"2031-04-28"' in line for line in record.lines)  # the Monday before


def test_the_comparison_tells_other_facts_apart(tmp_path: Path) -> None:
    case = tmp_path / "other.yaml"
    written = (CASES[0] / "long.yaml").read_text(encoding="utf-8")
    case.write_text(written.replace("side: Guest", "side: Host"), encoding="utf-8")
    same, other = (facts(compiled(tmp_path, file)) for file in (CASES[0] / "long.yaml", case))
    assert to_isomorphic(same) != to_isomorphic(other)


def test_every_case_is_a_pair() -> None:
    assert CASES
    assert all({file.name for file in case.iterdir()} == {"short.yaml", "long.yaml"} for case in CASES)


# -------- the articles of this project

ROOT = Path(__file__).parent.parent
ARTICLES = sorted((ROOT / "data" / "articles").glob("*.yaml"))
Tree = dict[str, Any]


def each(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def whole(quote: str, text: str) -> str:
    """Return a quote without gaps: the shortest stretch of the text that has its parts in order."""
    parts = ".*?".join(re.escape(" ".join(part.split())) for part in quote.split("…"))
    return min((found[1] for found in re.finditer(f"(?=({parts}))", text)), key=len) if "…" in quote else quote


def at_length(article: Tree) -> Tree:
    """Return an article with its sides, whole quotes, and with ids for the posts and signings that stand in braces."""
    text, added = " ".join(article["article"]["text"].split()), Tree()

    def with_id(braces: object, owner: Tree, **follows: object) -> object:
        if not isinstance(braces, dict):
            return braces
        passed_on = {key: owner[key] for key in ("accordingTo", "quote") if key in owner}
        added[name := f"in-braces-{len(added)}"] = {**passed_on, **follows, **braces}
        return name

    for fact in article["facts"].values():
        if "speakerCapacity" in fact:
            post = {"type": "Tenure", "holder": fact["speaker"]}
            post |= {"attestedAt": fact["occasion"]} if "occasion" in fact else {}
            fact["speakerCapacity"] = [with_id(braces, fact, **post) for braces in each(fact["speakerCapacity"])]
        if "signedAt" in fact:
            parts = [{"participant": party, "function": "Signed"} for party in each(fact["party"])]
            signing = {"type": "Signing", "occurrence": "Occurred", "participation": parts}
            fact["signedAt"] = with_id(fact["signedAt"], fact, **signing)
    article["facts"] |= added
    for node in nodes(article["facts"]):
        if "participant" in node:
            node.setdefault("side", "Unspecified")
        if "quote" in node:
            node["quote"] = [whole(quote, text) for quote in each(node["quote"])]
    return article


def nodes(tree: object) -> Iterator[Tree]:
    """Yield the tables of a tree, outermost first."""
    if isinstance(tree, dict):
        yield tree
    for child in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from nodes(child)


def words(record: Record) -> set[str]:
    """Return the words that the facts of an article rest on."""
    return {line.split(" ", 2)[2].rsplit(" ", 2)[0] for line in record.lines if line.split(" ")[1].endswith("#exact>")}


def test_the_articles_of_this_project_say_the_same_at_length(tmp_path: Path) -> None:
    for form in ("short", "long"):
        shutil.copytree(ROOT / "data", tmp_path / form / "data")
        (tmp_path / form / "kg.toml").touch()
    for file in ARTICLES:
        written = file.read_text(encoding="utf-8")
        article = yaml.load(written, yaml.BaseLoader)  # texts only: `on` is no truth
        long = yaml.safe_dump(at_length(article), allow_unicode=True, sort_keys=False)
        (tmp_path / "long" / "data" / "articles" / file.name).write_text(long, encoding="utf-8")
        assert ("…" in written, "…" in long) == (True, False)
    projects = [load_project(tmp_path / form) for form in ("short", "long")]
    short, at_full = (compile_project(project, read_sources(project)).articles for project in projects)
    assert len(short) == len(at_full) == len(ARTICLES) == 3
    for one, other in zip(short, at_full, strict=True):
        assert to_isomorphic(facts(one)) == to_isomorphic(facts(other))
        assert words(one) == words(other) != set()


# -------- keys left out

OBSERVED = """
cq:observer a owl:ObjectProperty ; rdfs:label "observer"@en ; skos:definition "Whether anybody watched."@en ;
    cq:ifLeftOut side:Unspecified .
rule:KG-S8101 a sh:PropertyShape ; sh:path cq:observer ; sh:class cq:Side ; sh:minCount 1 ; sh:maxCount 1 ;
    sh:message "Say who watched"@en .
cq:ObservedShape a sh:NodeShape ; sh:targetClass cq:Meeting ; sh:property rule:KG-S8101 .
"""


def test_a_key_of_ones_own_may_have_a_code_where_it_is_left_out(tmp_path: Path) -> None:
    record = compiled(tmp_path, CASES[0] / "short.yaml", OBSERVED)
    observed = [line for line in record.lines if "#observer>" in line]
    assert record.findings == ()
    assert [line.split()[2] for line in observed] == ["<https://w3id.org/communique/code/side/Unspecified>"]


def test_a_misspelt_code_is_not_replaced_by_the_one_for_a_key_left_out(tmp_path: Path) -> None:
    case = tmp_path / "misspelt.yaml"
    written = (CASES[0] / "short.yaml").read_text(encoding="utf-8")
    case.write_text(written.replace("side: Guest", "side: Gest"), encoding="utf-8")
    record = compiled(tmp_path, case)
    assert [finding.code for finding in record.findings] == ["KG-M010"]


@pytest.mark.parametrize("given", ["cq:Side", "occurrence:Occurred", '"Unspecified"', "side:Host, side:Guest"])
def test_what_stands_for_a_key_left_out_is_a_code_that_the_key_takes(tmp_path: Path, given: str) -> None:
    with pytest.raises(InputError, match="cq:ifLeftOut takes one entry of the code list that the property takes"):
        compiled(tmp_path, CASES[0] / "short.yaml", OBSERVED.replace("side:Unspecified", given))


# -------- quotes that leave out their middle


def by_trial(text: str, parts: Sequence[str]) -> list[tuple[int, int]]:
    """Return the shortest stretches of one-letter parts, found by looking at all of them."""
    places = [[k for k, letter in enumerate(text) if letter == part] for part in parts]
    chains = [chain for chain in product(*places) if all(a < b for a, b in pairwise(chain))]
    ends = {(chain[0], chain[-1] + 1) for chain in chains}
    return sorted(one for one in ends if not any(one != two and one[0] <= two[0] and two[1] <= one[1] for two in ends))


def test_the_stretches_of_a_quote_with_gaps_are_all_the_shortest_ones() -> None:
    chance = random.Random(3)
    some = 0
    for _ in range(2000):
        text = "".join(chance.choices("甲乙丙丁", k=chance.randint(0, 12)))
        parts = chance.choices("甲乙丙", k=chance.randint(2, 3))
        assert stretches(text, parts) == by_trial(text, parts)
        some += len(by_trial(text, parts)) > 1
    assert some > 100


@pytest.mark.parametrize("gap", ["…", "...", "[…]", "[...]", "(…)", "(...)", "……", "...."])
@pytest.mark.parametrize("blank", ["", " ", "\n  "])
def test_a_gap_is_written_with_three_dots(gap: str, blank: str) -> None:
    assert parts_of(f"The director{blank}{gap}{blank}on Thursday") == ("The director", "on Thursday")


GAPS = """\
article:
  title: {title}
  published: 2031-05-02
  language: en
  textKind: Withheld
  textFile: text.txt
curation: {{curator: jd, on: 2031-05-03, status: Reviewed}}
facts:
  meeting:
    type: Meeting
    name: Lind receives Thorsen
    date: {date}
    occurrence: Occurred
    participation: [{{participant: mara-lind}}, {{participant: jonas-thorsen}}]
    quote: Mara Lind … Thorsen.
  guests:
    type: QuotedStatistic
    indicator: guests
    about: meeting
    value: {{asWritten: "over 2,100", unit: guests}}
    quote: Mara Lind … Thorsen.
"""
TEXT = "Mara Lind received, on 2031-05-01, before over 2,100 guests, Jonas Thorsen. It rained."


@pytest.mark.parametrize("date", ["2031-05-01", "on 2031-05-01", "{asWritten: on 2031-05-01, edtf: 2031-05-01}"])
def test_what_a_gap_leaves_out_of_a_withheld_text_is_believed_where_only_its_pins_are(
    tmp_path: Path, date: str
) -> None:
    root = copy_of_base(tmp_path / "project")
    written = root / "data" / "articles" / "case.yaml"
    written.write_text(GAPS.format(title="Guests", date=date), encoding="utf-8")
    (root / "text.txt").write_text(TEXT, encoding="utf-8")
    build(load_project(root))
    lines = []
    for is_at_hand in (True, False):
        if not is_at_hand:
            (root / "text.txt").unlink()
        loaded = load_project(root)
        [record] = [r for r in compile_project(loaded, read_sources(loaded), full=True).articles if "case" in r.path]
        assert record.findings == ()
        lines.append([*record.lines])
    assert lines[0] == lines[1]
    pins = (root / "data" / "articles" / "case.pins.json").read_text(encoding="utf-8")
    assert "2031" not in pins  # what is left out is not given away
    assert any("#start>" in line for line in lines[0])


def test_the_evidence_of_a_quote_with_a_gap_is_the_whole_stretch(tmp_path: Path) -> None:
    shown = GAPS.format(title="Guests", date="on 2031-05-01").replace("Withheld", "Full")
    case = tmp_path / "shown.yaml"
    case.write_text(shown.replace("textFile: text.txt", f"text: {TEXT}"), encoding="utf-8")
    exact = [line for line in compiled(tmp_path, case).lines if "oa#exact>" in line]
    assert [line.split('"')[1] for line in exact] == [TEXT.removesuffix(" It rained.")]
    case.write_text(case.read_text(encoding="utf-8").replace("on 2031-05-01\n", "on 2031-05-02\n"), encoding="utf-8")
    assert [finding.code for finding in compiled(tmp_path / "other", case).findings] == ["KG-W001"]


# -------- facts where they are used

RULINGS = """
cq:Ruling a owl:Class ; rdfs:subClassOf cq:Fact ; rdfs:label "ruling"@en ; skos:definition "A court decides."@en ;
    cq:datedBy "ruledAt" ; cq:labelTemplate "Ruling on {ruledOn}"@en .
cq:Session a owl:Class ; rdfs:subClassOf cq:Event ; rdfs:label "session"@en ; skos:definition "A court sits."@en .
cq:ruledOn a owl:ObjectProperty ; rdfs:label "ruled on"@en ; skos:definition "Whom it is about."@en .
cq:judge a owl:ObjectProperty ; rdfs:label "judge"@en ; skos:definition "Who decides."@en .
cq:seat a owl:ObjectProperty ; rdfs:label "seat"@en ; skos:definition "The post of the judge."@en ;
    cq:filledIn "holder = judge" .
cq:ruledAt a owl:ObjectProperty ; rdfs:label "ruled at"@en ; skos:definition "The session."@en ;
    cq:inBraces cq:Session ;
    cq:filledIn "occurrence = Occurred"@en ;
    cq:filledIn \"\"\"participation/participant = judge
        participation/function = Presided\"\"\" .
cq:RulingShape a sh:NodeShape ; sh:targetClass cq:Ruling ;
    sh:property rule:KG-S8201, rule:KG-S8202, rule:KG-S8203, rule:KG-S8204 .
rule:KG-S8201 a sh:PropertyShape ; sh:path cq:ruledOn ; sh:class cq:Organization ; sh:message "Whom?"@en .
rule:KG-S8202 a sh:PropertyShape ; sh:path cq:judge ; sh:class cq:Person ; sh:maxCount 1 ; sh:message "Who?"@en .
rule:KG-S8203 a sh:PropertyShape ; sh:path cq:seat ; sh:class cq:Tenure ; sh:message "In which post?"@en .
rule:KG-S8204 a sh:PropertyShape ; sh:path cq:ruledAt ; sh:class cq:Event ; sh:maxCount 1 ; sh:message "When?"@en .
"""
RULING = """\
article:
  title: A ruling
  published: 2031-05-02
  language: en
  textKind: Full
  text: Mara Lind, President of Noordhaven University, ruled on Thursday on the Aldenburg Harbour Authority.
curation: {curator: jd, on: 2031-05-03, status: Reviewed}
facts:
  ruling:
    type: Ruling
    ruledOn: harbour-authority
    judge: mara-lind
    seat: {title: President, organization: tide-university}
    ruledAt: {date: on Thursday, name: Session}
    quote: Mara Lind, President of Noordhaven University, ruled on Thursday on the Aldenburg Harbour Authority.
"""


def test_terms_of_ones_own_take_facts_in_braces_without_code(tmp_path: Path) -> None:
    case = tmp_path / "ruling.yaml"
    case.write_text(RULING, encoding="utf-8")
    record = compiled(tmp_path, case, RULINGS)
    assert record.findings == ()
    said = {(s.rsplit("/", 1)[-1], p.rsplit("#", 1)[-1]): o for s, p, o in Graph().parse(data=triples(record))}
    assert said["ruling.ruledAt", "type"].endswith("#Session")
    assert said["ruling.ruledAt", "occurrence"].endswith("/Occurred")
    assert said["mara-lind", "function"].endswith("/Presided")
    [holder] = [o for (s, p), o in said.items() if p == "holder"]
    assert holder.endswith("/person/mara-lind")
    assert str(said["ruling", "whenEarliest"]) == "2031-05-01"


def triples(record: Record) -> str:
    return "\n".join(f"{line.rsplit(' ', 2)[0]} ." for line in record.lines)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("holder = judge", "holder = jugde", "cq:filledIn names a property that is not declared: jugde"),
        ("holder = judge", "holder: judge", "cq:filledIn: 'holder: judge' is not 'key = source'"),
        ("holder = judge", "{stage=Sined}holder = judge", "asks for a code that 'stage' does not take: Sined"),
        ('"holder = judge"', '"title = The {judge}"', "is a template, so the text needs a language tag"),
        ("occurrence = Occurred", "occurrence = Occured", "names a property that is not declared: Occured"),
        ("cq:inBraces cq:Session", "cq:inBraces cq:Tenure", "names a class that the property does not take: cq:Tenure"),
        ("cq:inBraces cq:Session", "cq:inBraces cq:Sesion", "cq:inBraces names a class that is not declared"),
    ],
)
def test_a_faulty_annotation_of_braces_is_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    case = tmp_path / "ruling.yaml"
    case.write_text(RULING, encoding="utf-8")
    with pytest.raises(InputError) as error:
        compiled(tmp_path, case, RULINGS.replace(old, new))
    assert problem in error.value.message


def test_a_fact_in_braces_keeps_its_name_whatever_stands_around_it(tmp_path: Path) -> None:
    written = (Path(__file__).parent / "short" / "posts" / "short.yaml").read_text(encoding="utf-8")
    changes = [
        ("facts:\n", "facts:\n  guests:\n    type: Group\n    description: Some\n    quote: the two\n"),
        ("{title: Rector, organization: tide-university}", "{organization: tide-university, title: Rector}"),
        (
            "- {title: Rector, organization: tide-university}",
            "- {title: Rector, organization: tide-university, note: As ever., quote: rector of Noordhaven University}",
        ),
        (
            "capacity: {title: Director, organization: harbour-authority}\n",
            "\\g<0>        onBehalfOf: harbour-authority\n",
        ),
    ]
    names = []
    for number, (old, new) in enumerate([("facts:", "facts:"), *changes]):
        case = tmp_path / f"changed-{number}.yaml"
        case.write_text(written.replace(old, new.replace("\\g<0>", old)), encoding="utf-8")
        record = compiled(tmp_path, case)
        assert [finding.code for finding in record.findings if finding.code != "KG-W021"] == []
        names.append({line.split()[0] for line in record.lines if line.split()[2].endswith("#Tenure>")})
    assert len(names[0]) == 7
    assert all(each == names[0] for each in names)


def test_one_post_in_braces_in_several_places_is_one_fact(tmp_path: Path) -> None:
    written = (Path(__file__).parent / "short" / "posts" / "short.yaml").read_text(encoding="utf-8")
    case = tmp_path / "same.yaml"
    same = "{title: Director, organization: harbour-authority, quote: said that}"
    case.write_text(written.replace("{title: Chief, jurisdiction: aldenburg, endStatus: Continuing}", same), "utf-8")
    record = compiled(tmp_path, case)
    [director] = {line.split()[0] for line in record.lines if '#label> "Director, Aldenburg Harbour Auth' in line}
    own = [line for line in record.lines if line.startswith(director)]
    assert len([line for line in own if "#evidence>" in line]) == 2
    assert len([line for line in own if "#attestedAt>" in line]) == 1
    assert len([line for line in record.lines if f" {director} " in line]) == 2


EXAMPLE = """\
article:
  title: Study of the tides
  published: 2031-05-02
  language: en
  textKind: Full
  text: |
    The director of the Harbour Authority, Mara Lind, received Jonas Thorsen of Noordhaven University on Thursday.
    The authority and the university signed an agreement on a joint study of the tides in Aldenburg on Wednesday.
curation: {curator: jd, on: 2031-05-03, status: Reviewed}
"""


def test_the_example_of_the_documentation_is_right(tmp_path: Path) -> None:
    written = (Path(__file__).parent.parent / "docs/how-to/short-forms.md").read_text(encoding="utf-8")
    case = tmp_path / "example.yaml"
    case.write_text(EXAMPLE + written.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    record = compiled(tmp_path, case)
    assert record.findings == ()
    assert len([line for line in record.lines if "/code/function/Signed>" in line]) == 2


def test_an_acceptance_holds_for_facts_in_the_braces_of_its_fact(tmp_path: Path) -> None:
    case = tmp_path / "accepting.yaml"
    written = RULING.replace("seat: {title: President, organization: tide-university}", "seat: {title: President}")
    case.write_text(f"{written}    accept: {{KG-S0320: the article names no body}}\n", encoding="utf-8")
    record = compiled(tmp_path, case, RULINGS)
    [finding] = record.findings
    [accepted] = record.accepted
    assert (finding.code, f"<{finding.focus}>" in accepted.nodes) == ("KG-S0320", True)


def test_a_fault_of_yaml_after_braces_is_not_told_as_something_that_the_fact_around_lacks(tmp_path: Path) -> None:
    case = tmp_path / "faulty.yaml"
    written = (Path(__file__).parent / "short" / "signing" / "short.yaml").read_text(encoding="utf-8")
    old = "    name: Joint study of the tides\n    stage: Signed\n"
    assert old in written
    new = written.replace(old, "    name: Joint study of the tides\n").replace(
        "place: aldenburg}\n", "place: aldenburg}\n    stage: *signed\n"
    )
    case.write_text(new, encoding="utf-8")
    assert {finding.code for finding in compiled(tmp_path, case).findings} == {"KG-Y004"}


def test_a_fact_in_braces_stands_on_the_word_and_has_the_status_of_the_one_around_it(tmp_path: Path) -> None:
    case = tmp_path / "status.yaml"
    written = (Path(__file__).parent / "short" / "statement" / "short.yaml").read_text(encoding="utf-8")
    case.write_text(written.replace("    type: Meeting\n", "    type: Meeting\n    status: Draft\n"), encoding="utf-8")
    record = compiled(tmp_path, case)
    assert record.findings == ()
    posts = {line.split()[0] for line in record.lines if line.split()[2].endswith("#Tenure>")}
    said = [line.split()[1:3] for line in record.lines if line.split()[0] in posts]
    assert [f"<{CQ}status>", "<https://w3id.org/communique/code/reviewStatus/Draft>"] in said
    assert [f"<{CQ}reportedAs>", "<https://w3id.org/communique/code/reportedAs/Attributed>"] in said


def test_what_is_wrong_with_what_is_passed_on_is_found_once_where_it_is_written(tmp_path: Path) -> None:
    case = tmp_path / "passed.yaml"
    case.write_text(RULING.replace("    quote:", "    status: Retracted\n    quote:"), encoding="utf-8")
    [finding] = compiled(tmp_path, case, RULINGS).findings
    assert finding.code == "KG-S1151"
    assert finding.focus.endswith("/article/case/ruling")
