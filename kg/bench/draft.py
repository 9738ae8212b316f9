"""An article of a project -> a draft of its facts, which the compiler has accepted. Reads the project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kg.bench.desk import Desk
from kg.bench.drafting import Drafting
from kg.bench.in_text import Draftable, InText
from kg.bench.judge import judged, unwritten
from kg.bench.model_checks import ModelKeys
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
"""The number of code points of a text that are drafted, which is more than any article has and takes some minutes."""


def draft_of(desk: Desk, source: Source) -> ArticleDraft:
    """Return the proposals for an article, without the facts that it already has.

    Raises:
        InputError: the article cannot be read, or its text is not available.
    """
    tree = article_tree(source)
    article, left = drafted_part(draftable(desk, source, tree))
    in_text = _in_text(desk, article)
    facts = value_of(tree, FACTS_KEY)
    proposed = Drafting(in_text).proposals()
    new = unwritten(proposed, facts, ModelKeys(desk.vocabulary).references)
    judgement = judged(new, source, desk)
    remarks = [*left, *_language_remarks(article.language, in_text.cues), *known(len(proposed) - len(new))]
    return ArticleDraft(source.stem, judgement.accepted, judgement.dropped, tuple(remarks))


def article_tree(source: Source) -> Table:
    """Return the content of an article's file.

    Raises:
        InputError: it cannot be read.
    """
    tree, findings = read_yaml(source.text, source.path)
    if source.problem or not isinstance(tree, Table) or findings:
        problem = source.problem or (findings[0].message if findings else "it is not a mapping")
        raise InputError(
            f"{source.path} cannot be read: {problem}", source.fix or "correct what 'kg check' finds in it"
        )
    return tree


def drafted_part(whole: Draftable) -> tuple[Draftable, Sequence[str]]:
    """Return an article with the sentences that are drafted, and a remark if these are not all."""
    article = replace(whole, sentences=[each for each in whole.sentences if each.end <= MOST_DRAFTED])
    left = len(whole.sentences) - len(article.sentences)
    return article, [f"the text is long; its last {left} sentences were not read"] if left else []


def text_contents(desk: Desk, source: Source) -> InText:
    """Return the contents of an article's text: its names, dates and figures, and the cues of its language.

    Raises:
        InputError: see `draft_of`.
    """
    return _in_text(desk, drafted_part(draftable(desk, source, article_tree(source)))[0])


def _in_text(desk: Desk, article: Draftable) -> InText:
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
    return Draftable(text.value, text.sentences, language, today_of(article, language), taken)


def _language_remarks(language: Language, cues: Cues) -> Sequence[str]:
    if cues.cues:
        return ()
    if not language.is_known:
        return ("no words of its language are known: only names of the registry and plain figures are read",)
    return (f"there are no cues in '{language.tag}' (cq:cue in the ontology): only names, dates and figures are read",)


def known(count: int) -> Sequence[str]:
    """Return a remark on proposals that the article has already, none if there are none."""
    return (f"{count} {'proposal is' if count == 1 else 'proposals are'} already in the article",) if count else ()
