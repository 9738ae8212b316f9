"""Abbreviations that end in a full stop, and words that begin a sentence: a table per language. Data only.

The words of all languages count in every text, because an English text may name a French firm. A new language is a new
entry.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """The words of one language, without their last full stop, in the capitals that they have in a text.

    Args:
        inside: a sentence never ends after them ("Mr. Li", "e.g. steel").
        before_a_number: no sentence ends after them if a number follows ("No. 5", "Feb. 9").
        either: a sentence ends after them only if the next word is an opener ("Acme Inc. The", not "Acme Inc. China").
        times_of_day: a sentence ends after them, unless the next word belongs to the time ("5 p.m. Monday").
        of_a_time: the words that belong to a time of day.
        openers: words that begin a sentence and hardly ever go on with a name.
    """

    inside: frozenset[str]
    before_a_number: frozenset[str]
    either: frozenset[str]
    times_of_day: frozenset[str]
    of_a_time: frozenset[str]
    openers: frozenset[str]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


WORDS = {
    "en": Abbreviations(
        inside=_set("""
            Mr Mrs Ms Mx Messrs Dr Prof Gen Lt Maj Col Capt Cdr Adm Sgt Cpl Gov Sen Rep Reps Sens Rev Hon Pres Supt Amb
            vs v e.g i.e cf viz approx incl excl sq
        """),
        before_a_number=_set("""
            No Nos no nos Vol vol Fig Figs fig Art Arts Sec Secs Para para Ch p pp c ca est Est tel Tel ext Reg
            Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thurs Fri
        """),
        either=_set("""
            Co Cos Ltd Inc Corp Bros Assn Dept Univ Inst Intl Jr Sr Esq St Ste Mt Ft Ave Blvd Rd
            Ph.D M.D B.A M.A M.Sc B.Sc LL.D LL.B D.Phil et al
        """),
        times_of_day=_set("a.m p.m A.M P.M"),
        of_a_time=_set("""
            Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon Tue Wed Thu Fri Sat Sun
            GMT UTC BST CET CEST EST EDT CST CDT PST PDT JST HKT SGT IST
        """),
        openers=_set("""
            The A An This That These Those It Its He His Him She Her They Their Them We Our You Your I
            In On At By For From With Without Under Over After Before Since Until During Among Between Through Within
            When While Where Who What Why How Which If As Although Though Because Once Whether Despite Besides Following
            And But Or So Yet However Moreover Furthermore Meanwhile Also Therefore Thus Then Now Here There
            Today Yesterday Tomorrow Earlier Later Currently Recently Last Next According To Not No
            Both Each Every Some Many Most Several Other Others Another All Such Two Three Four Five
        """),
    ),
}


def union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return the words that any of *sets* holds."""
    return frozenset().union(*sets)
