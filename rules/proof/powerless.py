"""Powerless words: what a rule says and no contact ever gets, since others have always decided before or forbid it.

The rule itself is reached (`rules.proof.reach` tells of those that are not); one part of what it says never holds.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from rules.columns import TOPIC
from rules.proof.boxes import Box, UndecidedError
from rules.proof.findings import Found
from rules.proof.reach import covering
from rules.proof.space import Lane, Space
from rules.strategy import DEFAULT_TIER, DUTY, OWNER_OF_PLACE, RESPONSIBLE, Outcome

MEANT = frozenset({RESPONSIBLE, DUTY, OWNER_OF_PLACE})
"""Words for a unit that mean nobody where the topic is unknown."""


class Word(NamedTuple):
    """One thing that a rule says."""

    kind: Literal["way", "team", "capture.allow", "offers"]
    part: str

    @property
    def said(self) -> str:
        """As it is told."""
        return self.part if self.kind == "way" else f"{self.kind} {self.part}"


def powerless_words(space: Space) -> Iterator[Found]:
    """Each way, team, offer and leave to write down that no contact gets."""
    for number, rule in enumerate(space.rules):
        if rule.tier == DEFAULT_TIER:
            continue
        for word in _words(rule.then):
            try:
                found = _powerless(space, number, word)
            except UndecidedError:
                continue
            if found:
                yield found


def _words(then: Outcome) -> Iterator[Word]:
    if then.goes_somewhere:
        yield Word("way", _way(then))
    if then.team:
        yield Word("team", then.team)
    for part in then.capture.allow:
        yield Word("capture.allow", part)
    for offer in then.offers:
        yield Word("offers", offer)


def _keeping(space: Space, number: int, word: Word) -> list[Lane]:
    """The rows of other rules that keep the rule's word from holding."""
    others = (lane for lane in space.lanes if lane.rule != number and lane.hits is not None)
    return [lane for lane in others if _keeps(space, lane, number, word)]


def _keeps(space: Space, lane: Lane, number: int, word: Word) -> bool:
    rule, then = space.rules[number], space.rules[lane.rule].then
    # Only safety and law forbid what safety and law allow.
    stands = space.rules[lane.rule].protected or not rule.protected
    match word.kind:
        case "way":
            return lane.rule < number and _surely_goes(then, lane)
        case "team":
            return lane.rule < number and bool(then.team)
        case "capture.allow":
            return stands and word.part in then.capture.forbid
        case "offers":
            return stands and word.part in then.suppress


def _way(then: Outcome) -> str:
    given = then.hand_over
    if given and given.goes:
        return f"hand_over {given.unit or given.duty}"
    return f"queue {then.queue}" if then.queue else f"answer {then.answer}"


def _surely_goes(then: Outcome, lane: Lane) -> bool:
    """Whether it leads somewhere whatever is known: the topic's own unit needs a topic."""
    if not then.goes_somewhere:
        return False
    given = then.hand_over
    is_meant = given is not None and given.goes and given.unit in MEANT
    return not is_meant or not (lane.hits or {}).get(TOPIC, 1) & 1


def _powerless(space: Space, number: int, word: Word) -> Found | None:
    """Nothing where a contact gets the word, or where the rule is reached by none."""
    before = space.before(number)
    keeping = _keeping(space, number, word)
    reached: Box | None = None
    for lane in space.of_rule[number]:
        for box in (lane.true, lane.speaks):
            part = None if box is None else space.free(box, before)
            if part is None or box is None:
                continue
            if space.free(box, [*before, *keeping]) is not None:
                return None
            reached = reached or part
    if reached is None:
        return None
    rule, by = space.rules[number], covering(space, reached, keeping)
    code = "law_stands" if not rule.protected and all(space.rules[each].protected for each in by) else "never_holds"
    arguments = {"rule": rule.id, "said": word.said, "by": ", ".join(space.rules[each].id for each in by)}
    return Found(code, rule.id, {**arguments}, space.example(reached, space.named(number)))
