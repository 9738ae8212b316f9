"""What hedges govern, in sentences and in all articles: no true fact is refused, and nearly every false one is.

`tests/words/hedges.LANGUAGE.tsv` has a sentence a line, with what it does and does not say. The second half of the
English ones was written without a look at the tables: at first 59 of 61 false ones were refused, and one of 28 true
ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kg.core.errors import InputError
from kg.core.model import Node, Text
from kg.core.terms import ATTRIBUTED, CODE, CQ, READING_KEY, cq
from kg.core.values import lexical
from kg.mapping import documents
from kg.mapping.hedging import refuse_hedged
from kg.mapping.notes import Notes
from kg.ontology.load import load_vocabulary
from kg.ontology.vocabulary import Vocabulary
from kg.pipeline.check import check
from kg.project.settings import Project, load_project
from kg.words.clauses import Quoted
from kg.words.hedges import REACHES, SECTION, Hedges, hedges_of
from kg.words.language import languages
from kg.words.load import load_languages
from kg.words.tables import WordFile

ROOT = Path(__file__).parent.parent
SENTENCES = Path(__file__).parent / "words"
SHOWN = load_project(ROOT)
VOCABULARY = load_vocabulary(SHOWN.ontology)

# -------- sentences


@dataclass(frozen=True)
class ReadSentence:
    """A sentence, what a fact of a class says by it, and whether it does say so."""

    class_name: str
    code: str
    is_true: bool
    quoted: Quoted

    def is_refused(self, hedges: Hedges) -> bool:
        return hedges.refusal([self.quoted], VOCABULARY.classes[self.class_name].ancestors, self.code) is not None


def sentences(language: str) -> Sequence[ReadSentence]:
    lines = (SENTENCES / f"hedges.{language}.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return [_sentence(*line.split("\t")) for line in lines]


def _sentence(class_name: str, code: str, verdict: str, text: str) -> ReadSentence:
    assert verdict in ("yes", "no")
    before, bracket, rest = text.partition("[")
    inside, _, after = rest.partition("]")
    part = (len(before), len(before) + len(inside)) if bracket else (0, len(text))
    return ReadSentence(class_name, code, verdict == "yes", Quoted(before + inside + after, (part,)))


@pytest.fixture(scope="module", params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def hedges(language: str) -> Hedges:
    return hedges_of(load_languages(SHOWN).language(language))


def test_no_true_sentence_is_refused(language: str) -> None:
    true = [each for each in sentences(language) if each.is_true]
    assert len(true) >= 10
    assert [each.quoted.sentence for each in true if each.is_refused(hedges(language))] == []


def test_nearly_all_hedged_sentences_are_refused(language: str) -> None:
    false = [each for each in sentences(language) if not each.is_true]
    passed = [each.quoted.sentence for each in false if not each.is_refused(hedges(language))]
    assert len(false) >= 20
    assert len(passed) <= 0.05 * len(false), passed


def test_a_hedge_outside_of_the_quote_counts_and_one_in_another_clause_does_not() -> None:
    text = "They hope to sign a pact, which will create jobs; the port signed the lease."
    pact, lease = ((text.index(words), text.index(words) + len(words)) for words in ("sign a pact", "signed the lease"))
    agreement = ("Agreement", "Fact")
    refused = hedges("en").refusal([Quoted(text, (pact,))], agreement, "stage/Signed")
    assert refused is not None
    assert refused.words == "hope to sign"
    assert hedges("en").refusal([Quoted(text, (lease,))], agreement, "stage/Signed") is None


def test_an_adverb_inside_a_hedge_leaves_it_the_same_hedge() -> None:
    table, marks = load_languages(SHOWN).language("en").section(SECTION), hedges("en").marks
    groups = [words for reach in REACHES for words in table.section(reach).groups().values()]
    phrases = [words for group in groups for words in group if " " in words]
    assert len(phrases) > 100
    for words in phrases:
        first, rest = words.split(" ", 1)
        assert [marks.get(f"{first} {each} {rest}") for each in ("also", "reportedly")] == [marks[words]] * 2, words


def test_a_hedge_with_an_adverb_inside_is_quoted_whole() -> None:
    text = "Both sides are also expected to do more."
    refused = hedges("en").refusal([Quoted(text, ((0, len(text)),))], ("SpeechAct",), "modality/Stated")
    assert refused is not None
    assert refused.words == "are also expected"


def test_a_language_without_words_refuses_nothing() -> None:
    text = "Sie wollen sich treffen."
    assert hedges("de").refusal([Quoted(text, ((0, len(text)),))], ("Meeting",), "occurrence/Occurred") is None


def test_a_language_is_added_by_a_file() -> None:
    german = WordFile("de.hedges.toml", '[hedges.verbs]\nfuture = ["wollen"]\n[hedges.forms]\nMeeting = ["treffen"]\n')
    mul = WordFile("mul.hedges.toml", '[hedges.excludes]\nfuture = ["occurrence/Occurred"]\n')
    added = hedges_of(languages([mul, german]).language("de-AT"))
    text = "Sie wollen sich treffen."
    assert added.refusal([Quoted(text, ((0, len(text)),))], ("Meeting",), "occurrence/Occurred") is not None


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ('[hedges.verbs]\nfuturre = ["will"]\n', "en.mine.toml:2: 'futurre' of [hedges.verbs] is not a kind of hedge"),
        ('[hedges]\nstop = [";"]\n', "en.mine.toml:2: 'stop' of [hedges] is not a known key"),
        ('[hedges.forms]\nMeating = ["meat"]\n', "en.mine.toml:2: 'Meating' of [hedges.forms] is not a class"),
        (
            '[hedges.excludes]\nfuture = ["stage/Singed"]\n',
            "en.mine.toml:2: 'future' of [hedges.excludes] has stage/Singed, which is not a code",
        ),
    ],
)
def test_a_table_that_nobody_could_read_is_refused_at_its_line(tables: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.mine.toml").write_text(tables, encoding="utf-8")
    project = replace(SHOWN, words=(*SHOWN.words, tmp_path / "words"), build=tmp_path / "build")
    with pytest.raises(InputError) as error:
        check(project)
    assert message in error.value.message


# -------- articles

EXCLUDED = {
    "occurrence": ({"Planned", "Cancelled"}, ("Occurred",)),
    "stage": ({"Proposed", "Intended", "UnderNegotiation", "Announced", "Denied"}, ("Signed", "InForce")),
    "modality": ({"Hoped", "Willing", "Expected", "Proposed", "Aimed", "Urged"}, ("Stated", "Introduced", "Reported")),
}
"""Property -> the codes that only hedging words say, and codes that such words exclude."""


@dataclass(frozen=True)
class Article:
    """What the check of hedges gets of an article."""

    nodes: tuple[Node, ...]
    text: Text
    hedges: Hedges
    vocabulary: Vocabulary

    def refused(self, node: Node) -> bool:
        notes = Notes()
        refuse_hedged([node], self.text, self.hedges, self.vocabulary, notes)
        return bool(notes.findings)


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Article]:
    """The articles of both projects, as they are compiled."""
    found = []

    def seen(nodes: tuple[Node, ...], text: Text, hedges: Hedges, vocabulary: Vocabulary, notes: Notes) -> None:
        found.append(Article(nodes, text, hedges, vocabulary))
        refuse_hedged(nodes, text, hedges, vocabulary, notes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(documents, "refuse_hedged", seen)
        for project in (SHOWN, load_project(ROOT / "tests" / "fiction")):
            report = check(replace(project, build=tmp_path_factory.mktemp("build")))
            assert [finding for finding in report.findings if finding.code == "KG-H001"] == []
    assert len(found) >= 10
    return found


def test_no_fact_of_our_articles_needs_a_reading(articles: Sequence[Article]) -> None:
    """One is given, to show what it looks like; without it nothing is refused either."""
    bare = [
        (article, node._replace(values=tuple(v for v in node.values if _key(v) != READING_KEY)))
        for article in articles
        for node in article.nodes
    ]
    assert [node.term for article, node in bare if article.refused(node)] == []


def mutants(article: Article) -> Iterator[Node]:
    """Yield each fact whose words hedge with each code that these exclude, as if the article asserted it."""
    for node in article.nodes:
        for value in node.values:
            hedging, excluded = EXCLUDED.get(_key(value), (set(), ()))
            if lexical(value.object).rpartition("/")[2] in hedging:
                yield from (_with(node, _key(value), code) for code in excluded)


def _key(value: object) -> str:
    return lexical(getattr(value, "predicate", "")).removeprefix(CQ)


def _with(node: Node, key: str, code: str) -> Node:
    new = {cq(key): f"<{CODE}{key}/{code}>", cq("reportedAs"): ATTRIBUTED}
    return node._replace(values=tuple(v._replace(object=new.get(v.predicate, v.object)) for v in node.values))


def test_nearly_all_facts_that_say_more_than_their_words_are_refused(articles: Sequence[Article]) -> None:
    made = [(article, mutant) for article in articles for mutant in mutants(article)]
    passed = [mutant.term for article, mutant in made if not article.refused(mutant)]
    assert len(made) >= 80
    assert len(passed) <= 0.05 * len(made), passed


# -------- reading


def test_a_reading_stands_for_the_words_of_its_fact(articles: Sequence[Article]) -> None:
    article, mutant = next((article, mutant) for article in articles for mutant in mutants(article))
    assert article.refused(mutant)
    reading = mutant.values[0]._replace(predicate=cq(READING_KEY), object='"it was held all the same"@en')
    assert not article.refused(mutant._replace(values=(*mutant.values, reading)))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    from tests.test_messages import copy_of_base

    return load_project(copy_of_base(tmp_path / "project"))


HEDGED = """\
article:
  title: Harbours to merge
  publisher: gazette
  published: 2031-05-02
  language: en
  textKind: Full
  text: Mara Lind said that she hopes to meet Jonas Thorsen.
curation: {{curator: jd, on: 2031-05-03, status: Draft}}
facts:
  hope:
    type: SpeechAct
    speaker: mara-lind
    modality: Hoped
    paraphrase: A meeting would be good.
    quote: she hopes to meet
  meeting:
    type: Meeting
    name: Harbour authority and university
    occurrence: Occurred
    participation:
      - {{participant: mara-lind, side: Host}}
      - {{participant: jonas-thorsen, side: Guest}}
    quote: hopes to meet Jonas Thorsen
    {more}
"""


@pytest.mark.parametrize(
    ("more", "codes"),
    [
        ("", ["KG-H001"]),
        ("reading: the gazette wrote it after the meeting", []),
        pytest.param("accordingTo: hope", [], id="what is hoped for is not asserted"),
    ],
)
def test_what_was_hoped_for_is_said_to_be_so(more: str, codes: list[str], project: Project) -> None:
    (project.root / "data/articles/hope.yaml").write_text(HEDGED.format(more=more), encoding="utf-8")
    assert [finding.code for finding in check(project).findings] == codes
