"""An article of a project -> a draft of its facts, which the compiler has accepted. Reads the project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kg.bench.desk import Desk
from kg.bench.drafting import Drafting
from kg.bench.in_text import Draftable, InText
from kg.bench.judge import is_new, judged
from kg.bench.proposal import ArticleDraft
from kg.core.errors import InputError
from kg.core.terms import ARTICLE_KEY, FACTS_KEY, TEXT_FILE_KEY
from kg.mapping.blocks import NO_TABLE, Outside, language_of, text_of
from kg.mapping.digests import today_of
from kg.mapping.read import Table, read_yaml
from kg.mapping.tables import first_text, value_of
from kg.ontology.cues import Cues, cues_in
from kg.project.sources import Source, outside_text
from kg.words.draft_words import draft_words
from kg.words.language import Language

MOST_DRAFTED = 200_000
"""Code points of a text that are drafted: more than any article has, taking some minutes."""


def draft_of(desk: Desk, source: Source) -> ArticleDraft:
    """Return the proposals for an article, without what it already says.

    Raises:
        InputError: the article cannot be read, or its text is not available.
    """
    tree = _mapping(source)
    whole = draftable(desk, source, tree)
    in_text = _in_text(desk, whole)
    article, cues = in_text.article, in_text.cues
    facts = value_of(tree, FACTS_KEY)
    proposed = Drafting(in_text).proposals()
    new = [each for each in proposed if is_new(each, facts if isinstance(facts, Table) else None)]
    judgement = judged(new, source, desk)
    left = len(whole.sentences) - len(article.sentences)
    remarks = [f"the text is long; its last {left} sentences were not read"] if left else []
    remarks += [*_language_remarks(article.language, cues), *_known(len(proposed) - len(new))]
    return ArticleDraft(source.stem, judgement.accepted, judgement.dropped, tuple(remarks))


def text_contents(desk: Desk, source: Source) -> InText:
    """Return what stands in the text of an article: its names, dates, figures, and the cues of its language.

    Raises:
        InputError: as `draft_of`.
    """
    return _in_text(desk, draftable(desk, source, _mapping(source)))


def _mapping(source: Source) -> Table:
    tree, findings = read_yaml(source.text, source.path)
    if source.problem or not isinstance(tree, Table) or findings:
        problem = source.problem or (findings[0].message if findings else "it is not a mapping")
        raise InputError(
            f"{source.path} cannot be read: {problem}", source.fix or "correct what 'kg check' finds in it"
        )
    return tree


def _in_text(desk: Desk, whole: Draftable) -> InText:
    article = replace(whole, sentences=[each for each in whole.sentences if each.end <= MOST_DRAFTED])
    words = draft_words(article.language)
    cues = cues_in(desk.project.ontology, desk.vocabulary, article.language.tag, words)
    return InText(article, desk.scope, cues, words)


def draftable(desk: Desk, source: Source, tree: Table) -> Draftable:
    """Return an article in the form that is drafted.

    Raises:
        InputError: its text is not available.
    """
    block = value_of(tree, ARTICLE_KEY)
    article = block if isinstance(block, Table) else NO_TABLE
    named = first_text(value_of(article, TEXT_FILE_KEY))
    text = text_of(article, Outside(outside_text(desk.project, named) if named else None))
    if text is None or not text.value:
        raise InputError(f"{source.path}: there is no text to draft from", f"put it at {named or 'article: text'}")
    facts = value_of(tree, FACTS_KEY)
    taken = frozenset(entry.key.text for entry in facts.entries) if isinstance(facts, Table) else frozenset()
    language = desk.scope.languages.language(language_of(article))
    return Draftable(text.value, text.sentences, language, today_of(article), taken)


def _language_remarks(language: Language, cues: Cues) -> Sequence[str]:
    if cues.cues:
        return ()
    if not language.is_known:
        return ("no words of its language are known: only names of the registry and plain figures are read",)
    return (f"there are no cues in '{language.tag}' (cq:cue in the ontology): only names, dates and figures are read",)


def _known(count: int) -> Sequence[str]:
    return (f"{count} {'proposal is' if count == 1 else 'proposals are'} already in the article",) if count else ()
