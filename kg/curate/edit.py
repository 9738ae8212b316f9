"""What a curator decided in one step -> the file with it, beside what others wrote meanwhile. No I/O.

A step knows what its fact said when it began. Where the file says something else by now, it is refused with that, and
a person decides; what changed elsewhere in the file is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.core.errors import InputError
from kg.core.terms import ARTICLE_KEY, CURATION_KEY, FACTS_KEY
from kg.curate.differing import changes_between
from kg.mapping.edits import changed
from kg.mapping.yaml_changes import AddEntries, Remove, YamlChange, YamlPath
from kg.mapping.yaml_nodes import Data
from kg.mapping.yaml_places import YamlText

Table = Mapping[str, Data]
BLOCKS = (ARTICLE_KEY, CURATION_KEY, FACTS_KEY)


@dataclass(frozen=True, slots=True)
class Edit:
    """One step: a fact, or the head of the article, as it was and as it is to be.

    Attributes:
        id: of the fact, "" for the block itself.
        block: of the mapping.
        was: what it said when the curator began, None if it was not there.
        now: what it is to say, None for that it goes.
        entities: id -> new entries of the registry that it needs.
        label: the step in words, for undo.
        to: another id that it gets, wherever it is named; it says the same then. "" for none.
    """

    id: str
    was: Table | None
    now: Table | None
    block: str = FACTS_KEY
    entities: Mapping[str, Data] = field(default_factory=dict)
    label: str = ""
    to: str = ""

    @property
    def path(self) -> YamlPath:
        """Where it stands in the mapping."""
        return (self.block, self.id) if self.id else (self.block,)

    @property
    def undone(self) -> Edit:
        """The step back. New entities stay in the registry, where others may name them by now."""
        if self.to:
            return Edit(self.to, None, None, self.block, {}, self.label, self.id)
        return Edit(self.id, self.now, self.was, self.block, {}, self.label)


class ConflictError(InputError):
    """The fact has been changed by someone else. Nothing has been written.

    Attributes:
        theirs: what it says now, None if it is gone.
    """

    def __init__(self, edit: Edit, theirs: Table | None) -> None:
        what = "was removed" if theirs is None else "was written" if edit.was is None else "was changed"
        super().__init__(f"'{edit.id or edit.block}' {what} by someone else", "keep yours, or take theirs")
        self.theirs = theirs


def table_at(text: str, path: YamlPath) -> Table | None:
    """Return what the mapping *text* says at *path*, None if there is no table.

    Raises:
        InputError: it cannot be read as YAML.
    """
    node = YamlText(text.removeprefix("\ufeff")).find(path)
    data = node.data() if node else None
    return data if isinstance(data, Mapping) else None


def edited(text: str, edit: Edit, shown: str) -> str:
    """Return the mapping *text* with a step taken.

    Raises:
        ConflictError: the fact no longer says what it said when the curator began.
        InputError: the text cannot be read as YAML, or not be changed there.
    """
    theirs = table_at(text, edit.path)
    if theirs == edit.now:
        return text
    if theirs != edit.was:
        raise ConflictError(edit, theirs)
    return changed(text, _changes(edit), shown)


def _changes(edit: Edit) -> list[YamlChange]:
    if edit.now is None:
        return [Remove(edit.path)]
    if edit.was is None:
        return [AddEntries((edit.block,), {edit.id: edit.now})]
    return changes_between(edit.was, edit.now, edit.path)
