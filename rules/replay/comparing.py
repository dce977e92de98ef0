"""Two decisions about the same facts: whether they differ, and which rule is the first that makes the difference."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from rules.city import City
from rules.decide import Decision
from rules.outcome import Trace
from rules.strategy import Rule

How = Literal["added", "removed", "changed", "reached", "city"]
"""A new rule, one that is gone, one that reads otherwise, one that others let through or hold up, or no rule at all."""
NO_RULE = "-"
WHERE = ("kind", "queue", "unit")
_NO_TRACE = Trace("", "")


class Compared(msgspec.Struct, frozen=True):
    """What both strategies say, and where they part."""

    before: Decision
    after: Decision
    differs: tuple[str, ...] = ()
    """The fields of the decision that are not the same."""
    rule: str = ""
    how: How | Literal[""] = ""

    @property
    def is_changed(self) -> bool:
        """Whether anything would be done otherwise."""
        return bool(self.differs)

    @property
    def is_moved(self) -> bool:
        """Whether it would go somewhere else."""
        return any(name in WHERE for name in self.differs)


class Comparison:
    """Compares decisions of one baseline and one draft; equal pairs are compared once."""

    def __init__(self, baseline: City, draft: City) -> None:
        self._old = {rule.id: rule for rule in baseline.strategy.rules}
        self._new = {rule.id: rule for rule in draft.strategy.rules}
        self._kept: dict[tuple[int, int], Compared] = {}

    def compare(self, before: Decision, after: Decision) -> Compared:
        """The pair with its differences; both decisions are kept, so that their ids stay theirs."""
        key = (id(before), id(after))
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._compared(before, after)
        return found

    def _compared(self, before: Decision, after: Decision) -> Compared:
        differs = tuple(
            name
            for name in before.__struct_fields__
            if name != "trace" and getattr(before, name) != getattr(after, name)
        )
        if not differs:
            return Compared(before, after)
        rule, how = self._parting(before.trace.hits, after.trace.hits)
        return Compared(before, after, differs, rule, how)

    def _parting(self, old: Sequence[str], new: Sequence[str]) -> tuple[str, How]:
        """The first rule, in the order of the strategies, that differs between the traces."""
        for number in range(max(len(old), len(new))):
            ours = old[number] if number < len(old) else ""
            theirs = new[number] if number < len(new) else ""
            if ours == theirs:
                if self._old[ours] != self._new[ours]:
                    return ours, "changed"
            elif theirs and theirs not in old:
                return theirs, _how(theirs, self._old, self._new, "added")
            else:
                rule = ours or theirs
                return rule, _how(rule, self._new, self._old, "removed")
        return NO_RULE, "city"

    def title(self, rule: str) -> str:
        """The rule's title, as the draft has it or else the baseline."""
        found = self._new.get(rule) or self._old.get(rule)
        return found.title if found else ""


def _how(rule: str, others: Mapping[str, Rule], own: Mapping[str, Rule], alone: How) -> How:
    if rule not in others:
        return alone
    return "reached" if own.get(rule) == others[rule] else "changed"
