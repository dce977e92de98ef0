"""Handling time from the times of legs alone."""

import msgspec
import pytest

from router.measures.handling import handling_ms
from router.register.rows import LegRow

TALKED = LegRow("c1.l1", role="owner", connected_at=1_000, wrapping_at=61_000, ended_at=81_000, hold_ms=20_000)


def test_conversation_hold_and_wrap_up_count() -> None:
    """From the first word to the end of wrap-up, the time on hold among it."""
    assert handling_ms([TALKED]) == 80_000


def test_legs_are_summed() -> None:
    """Two owners and a consult have worked; each counts for itself, also at the same time."""
    consult = msgspec.structs.replace(TALKED, id="c1.l2", role="consult", connected_at=41_000)
    assert handling_ms([TALKED, consult, TALKED]) == 80_000 + 40_000 + 80_000


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"role": "supervisor"}, 0),
        ({"interrupted_ms": 30_000}, 50_000),
        ({"ended_at": None}, 0),
        ({"connected_at": None, "wrapping_at": None}, 0),
        ({"connected_at": None}, 20_000),
    ],
)
def test_what_is_no_work_takes_no_handling_time(change: dict[str, object], expected: int) -> None:
    """Listening, standing still, ringing; and a leg that runs counts once it is over."""
    assert handling_ms([msgspec.structs.replace(TALKED, **change)]) == expected


def test_nobody_has_handled_what_nobody_took() -> None:
    """Without a leg there is no handling."""
    assert handling_ms([]) == 0
