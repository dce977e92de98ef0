"""Guards: what blocks publishing, on the history and on contacts that the history lacks."""

from pathlib import Path

import pytest

from rules.replay.guards import Guard, Limits
from rules.replay.report import Floor, FloorSide, Report, floor_guards
from tests.replay.replay_samples import contact, draft_city, example, graffiti, replayed

RULES = "strategy.toml"


def guard(found: Report, code: str) -> Guard:
    """The guard with this code."""
    return next(each for each in found.guards if each.code == code)


def test_a_fall_of_the_strict_share_blocks(tmp_path: Path) -> None:
    """One contact of a hundred handed over is a fall of a point: over the limit, or within a wider one."""
    history = [contact(1), *(contact(10 + n, "BAR.FSK") for n in range(99))]
    draft = graffiti(tmp_path)
    found = replayed(example(), draft, history)
    fallen = guard(found, "strict_fall")
    assert (fallen.value, fallen.limit, fallen.ok, found.ok) == (1.0, 0.5, False, False)
    assert replayed(example(), draft, history, limits=Limits(strict_fall_points=1.0)).ok


def test_hand_overs_to_one_unit_may_not_grow(tmp_path: Path) -> None:
    """Growth is over at least fifty hand-overs, and the unit is named."""
    found = replayed(example(), graffiti(tmp_path), [contact(n) for n in range(10)])
    grown = guard(found, "unit_growth")
    assert (grown.value, grown.ok, grown.names) == (20.0, False, ("park +20 %",))


@pytest.mark.parametrize("number", [0, 30])
def test_an_emergency_that_is_none_any_more_blocks(tmp_path: Path, number: int) -> None:
    """A life in danger that the draft treats as ordinary blocks, also when the history has no such contact."""
    draft = draft_city(
        tmp_path,
        (RULES, 'fallback = "112"\nsuggestions = ["alert:supervisor"', 'fallback = "tib"\nsuggestions = ["x:y"'),
    )
    kept = replayed(example(), draft, [contact(1)])
    assert guard(kept, "emergency_lost").ok
    lost = draft_city(tmp_path / "lost", (RULES, 'queue = "generalist"\nemergency = true', 'queue = "generalist"'))
    history = [contact(n, severity="life") for n in range(number)] or [contact(1)]
    found = replayed(example(), lost, history)
    broken = guard(found, "emergency_lost")
    assert broken.ok is False
    assert broken.value is not None
    assert broken.value > number
    assert broken.names
    assert found.ok is False


def test_a_protected_contact_that_opens_blocks(tmp_path: Path) -> None:
    """A draft that forgets one level of protection blocks although the history has nobody protected."""
    levels = 'when = [{ protection = ["marked", "protected_registration", "assumed_identity"] }]'
    fewer = 'when = [{ protection = ["marked", "protected_registration"] }]'
    draft = draft_city(tmp_path, (RULES, levels, fewer), (RULES, levels, fewer))
    found = guard(replayed(example(), draft, [contact(1)]), "protected_opened")
    assert found.ok is False
    assert all("assumed_identity" in name for name in found.names)


def test_what_was_not_measured_is_neither_kept_nor_broken(tmp_path: Path) -> None:
    """Without a simulated floor its guards say that they were not measured."""
    found = replayed(example(), graffiti(tmp_path), [contact(1)])
    assert [guard(found, code).ok for code in ("abandonment_rise", "service_level_fall", "wait_rise")] == [None] * 3


def _side(level: float, lost: float, wait: float) -> FloorSide:
    return FloorSide(9, 9, 9, level, lost, wait, wait, wait, 0, 0, 0, 1.0, 0.5, 3, [])


@pytest.mark.parametrize(
    ("after", "broken"),
    [
        (_side(0.80, 0.05, 30), []),
        (_side(0.90, 0.01, 10), []),
        (_side(0.74, 0.05, 30), ["service_level_fall"]),
        (_side(0.80, 0.08, 30), ["abandonment_rise"]),
        (_side(0.80, 0.05, 91), ["wait_rise"]),
    ],
    ids=["same", "better", "slower", "more leave", "longer"],
)
def test_the_floors_guards(after: FloorSide, broken: list[str]) -> None:
    """Fewer answers in time, more who hang up or a longer wait than the limits allow block; better never does."""
    floor = Floor(3, "number", 60, 1, 27.0, _side(0.80, 0.05, 30), after)
    assert [each.code for each in floor_guards(floor, Limits()) if not each.ok] == broken
