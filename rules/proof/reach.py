"""Reach: rules and rows that no contact ever hits, because their cells exclude each other or others come before them.

Exact: every rule is witnessed by a contact, or proven unreachable, or (where the search is given up) not spoken of.
"""

from collections.abc import Iterator, Sequence

from rules.columns import TOPIC, TOPIC_FLAG
from rules.proof.boxes import Box, UndecidedError, meet
from rules.proof.findings import Example, Found
from rules.proof.space import Lane, Space
from rules.strategy import CALENDAR, DEFAULT_TIER
from rules.words import Argument


def witness(space: Space, rule: int) -> Example | None:
    """A contact that the rule speaks to; None when there is none.

    Raises:
        UndecidedError: the search took too long.
    """
    before = space.before(rule)
    for lane in space.of_rule[rule]:
        found = _reached(space, lane, before)
        if found is not None:
            return space.example(found, space.named(rule))
    return None


def _reached(space: Space, lane: Lane, before: Sequence[Lane]) -> Box | None:
    for box in (lane.true, lane.speaks):
        found = None if box is None else space.free(box, before)
        if found is not None:
            return found
    return None


def unreached(space: Space) -> Iterator[Found]:
    """Every rule that no contact reaches, and every row of the others."""
    for number in space.of_rule:
        try:
            yield from _of_rule(space, number)
        except UndecidedError:
            continue


def _of_rule(space: Space, number: int) -> Iterator[Found]:
    lanes, before = space.of_rule[number], space.before(number)
    dead = [lane for lane in lanes if _reached(space, lane, before) is None]
    if len(dead) < len(lanes):
        yield from (_dead(space, lane, before, "row") for lane in dead)
        return
    if _is_net(space, number):
        return
    possible = next((lane for lane in dead if lane.speaks is not None), dead[0])
    yield _dead(space, possible, before, "rule")


def _is_net(space: Space, number: int) -> bool:
    """Whether it is what catches all that no rule thought of; that everything is thought of is no mistake."""
    rule = space.rules[number]
    before = [lane for lane in space.lanes if lane.rule < number and space.rules[lane.rule].tier == DEFAULT_TIER]
    stops = [lane for lane in before if space.rules[lane.rule].then.stop]
    return rule.tier == DEFAULT_TIER and not rule.when and space.free({}, stops) is not None


def _dead(space: Space, lane: Lane, before: Sequence[Lane], part: str) -> Found:
    rule = space.rules[lane.rule].id
    box = lane.true or lane.speaks
    if box is None:
        blamed, example = _excluded(space, lane)
        return Found(f"unreachable_{part}", rule, {"rule": rule, "row": lane.row + 1, "facts": blamed}, example)
    by = [space.rules[each].id for each in covering(space, box, before)]
    arguments: dict[str, Argument] = {"rule": rule, "row": lane.row + 1, "by": ", ".join(by), "count": len(by)}
    first = next(each for each in before if each.hits is not None and meet(box, each.hits) is not None)
    shared = meet(box, first.hits or {})
    return Found(f"shadowed_{part}", rule, arguments, space.example(shared or box, space.named(lane.rule)))


def covering(space: Space, box: Box, before: Sequence[Lane]) -> list[int]:
    """The fewest rules that cover the box, as far as leaving one out after the other tells."""
    needed = sorted({lane.rule for lane in before if lane.hits is not None and meet(box, lane.hits) is not None})
    for alone in needed:
        if space.free(box, [lane for lane in before if lane.rule == alone]) is None:
            return [alone]
    for rule in reversed(tuple(needed)):
        fewer = [each for each in needed if each != rule]
        if space.free(box, [lane for lane in before if lane.rule in fewer]) is None:
            needed = fewer
    return needed


def _excluded(space: Space, lane: Lane) -> tuple[str, Example]:
    """The cells that can't hold together, and a contact that one of them keeps from hitting."""
    row = [each for each in space.compiled.rows if each.rule == lane.rule][lane.row]
    for cell in row.cells:
        rest = space.box_of([each for each in row.cells if each is not cell])
        if rest is not None:
            clashing = {each.fact for each in row.cells if _same_axis(each.fact, cell.fact)}
            return ", ".join(sorted(clashing)), space.example(rest, space.named(lane.rule))
    return ", ".join(sorted({cell.fact for cell in row.cells})), space.example({})


def _same_axis(one: str, other: str) -> bool:
    calendars = one.startswith(CALENDAR) and other.startswith(CALENDAR)
    return one == other or calendars or {one, other} in ({TOPIC, TOPIC_FLAG}, {"channel", "medium"})
