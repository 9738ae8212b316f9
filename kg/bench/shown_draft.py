"""A draft -> commented YAML for a person, or JSON for a tool. No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from kg.bench.paragraphs import broken, commented
from kg.bench.proposal import DATE, ENTITY, FACT, FIGURE, ArticleDraft, Proposal
from kg.mapping.yaml_style import WIDTH, YamlStyle, lines_of_entry

_MARGIN = 4
"""The indentation of a draft in a file. Facts are indented, and the comment mark takes two columns."""

HEADINGS = {
    ENTITY: "new in the registry",
    FACT: "facts",
    DATE: "dates that no proposed fact uses",
    FIGURE: "figures that no proposed fact uses",
}


def draft_yaml(draft: ArticleDraft) -> str:
    """Return a draft as comments, so that it asserts nothing wherever it is inserted."""
    return "\n".join(commented(_lines(draft))) + "\n"


def draft_json(draft: ArticleDraft) -> str:
    """Return a draft as JSON."""
    content = {
        "article": draft.article,
        "proposals": [proposal_json(each) for each in draft.proposals],
        "dropped": draft.dropped,
        "remarks": draft.remarks,
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def proposal_json(proposal: Proposal) -> dict[str, object]:
    """Return a proposal as a JSON value."""
    fields = asdict(proposal)
    start, end = fields.pop("span")
    return {**fields, "start": start, "end": end}


def _lines(draft: ArticleDraft) -> Iterator[str]:
    count = len(draft.proposals)
    many = "1 proposal" if count == 1 else f"{count} proposals"
    yield f"Draft of {draft.article}: {many}. None is asserted. To write one as a fact:"
    yield f"kg draft {draft.article} --apply ID"
    for kind, heading in HEADINGS.items():
        proposals = [each for each in draft.proposals if each.kind == kind]
        if proposals:
            yield ""
            yield f"-------- {heading}"
            for each in proposals:
                yield ""
                yield from proposal_lines(each)


def proposal_lines(proposal: Proposal) -> Iterator[str]:
    """Yield a proposal in the form of a mapping, below its reason."""
    needs = f"; needs {', '.join(proposal.needs)}" if proposal.needs else ""
    reason = f"{proposal.score:.2f} by {proposal.source}: {proposal.reason}{needs}"
    yield from commented(broken(reason, WIDTH - _MARGIN - len("# ")))
    yield from _entry(proposal)


def _entry(proposal: Proposal) -> Sequence[str]:
    is_written = proposal.kind in (ENTITY, FACT)
    return lines_of_entry(proposal.id, proposal.tree, _MARGIN, YamlStyle(), open_levels=1 if is_written else 0)


def examples(draft: ArticleDraft) -> Sequence[str]:
    """Return the lines of the best proposal of each class, for a mapping that has no facts yet."""
    best: dict[str, Proposal] = {}
    for each in draft.proposals:
        if each.kind == FACT and (each.type not in best or best[each.type].score < each.score):
            best[each.type] = each
    shown: list[str] = []
    for each in best.values():
        shown += [*_entry(each), ""]
    more = len([each for each in draft.proposals if each.kind == FACT])
    head = f"Examples of what the sentences seem to need; 'kg draft {draft.article}' proposes {more}:"
    return [head, "", *shown[:-1]] if shown else []
