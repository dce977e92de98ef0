"""The city in fast motion: the same rules and people, every duration divided, an eternal forenoon."""

import tomllib
from pathlib import Path

import pytest

from router.config import example_city
from router.demo.fast_city import emit, write_fast_city
from rules.city import City, load_city
from rules.decide import decide

NIGHT_MS = 1_760_335_200_000 - 5 * 3_600_000
"""Monday 13 October 2025, 03:00 in Stockholm."""
FACTS: dict[str, str | int | bool | None] = {
    "point": "received", "channel": "phone", "medium": "voice", "topic": "BYG.LOV", "topic_confidence": 100,
}  # fmt: skip


@pytest.fixture
def fast(tmp_path: Path) -> City:
    """The example city sixty times as fast, written at night."""
    write_fast_city(example_city(), tmp_path / "city", 60, NIGHT_MS)
    return load_city(tmp_path / "city")


def test_it_is_always_forenoon(fast: City) -> None:
    """What is open in the forenoon is open at night and on Sunday; what is closed then stays closed."""
    for at_ms in (NIGHT_MS, NIGHT_MS + 12 * 3_600_000, NIGHT_MS - 24 * 3_600_000):
        states = fast.calendar_states(at_ms)
        assert states["servicecenter"] == states["infrastruktur"] == "open"
        assert states["socialjour"] == states["va_jour"] == "closed"


def test_durations_are_divided(fast: City) -> None:
    """Agreements and queues keep the city's times, sixty times as fast; what people click keeps a human minimum."""
    slow = load_city(example_city())
    for agreement, was in zip(fast.agreements, slow.agreements, strict=True):
        assert agreement.finish_s == max(1, round(was.finish_s / 60))
    for queue in fast.queues.values():
        assert queue.max_wait_s == round(slow.queues[queue.id].max_wait_s / 60)
        assert queue.target_for("voice") == max(1, round(slow.queues[queue.id].target_for("voice") / 60))
        assert min(queue.offer_timeout_s.values()) == 2
        assert queue.wrap_up_s >= 3


def test_floor_rules_keep_pace(fast: City) -> None:
    """A rule that starts after ten minutes and lasts ten starts after ten seconds and lasts ten; shares stay."""
    rules = {rule.id: rule for rule in fast.strategy.strategy.floor_rules}
    assert rules["K42"].min_s == 10
    assert [row.get("wait_estimate_s") for row in rules["K42"].start] == [None, ">10"]
    assert rules["K42"].start[0]["abandon_15m_pct"] == ">10"
    assert rules["K42B"].stop[0]["wait_estimate_s"] == ("<2", "unknown")


def test_a_copy_whose_waits_are_nobodys_has_no_floor_rules(tmp_path: Path) -> None:
    """Nothing stops work for ten minutes where people live ten thousand times as fast."""
    write_fast_city(example_city(), tmp_path / "city", 1, NIGHT_MS, has_floor_rules=False)
    assert load_city(tmp_path / "city").strategy.strategy.floor_rules == ()


def test_decisions_are_the_citys_own(fast: City) -> None:
    """The same facts go the same way in both cities, by the same rules."""
    slow = load_city(example_city())
    facts = FACTS | dict(fast.calendar_facts(NIGHT_MS))
    here, there = decide(fast.strategy, facts), decide(slow.strategy, facts)
    assert here.trace.hits == there.trace.hits
    assert (here.kind, here.queue, here.require) == (there.kind, there.queue, there.require)


def test_at_normal_speed_only_the_calendars_change(tmp_path: Path) -> None:
    """With speed 1 every queue keeps its own times."""
    write_fast_city(example_city(), tmp_path / "city", 1, NIGHT_MS)
    copied, slow = load_city(tmp_path / "city"), load_city(example_city())
    assert copied.agreements == slow.agreements
    assert {queue.max_wait_s for queue in copied.queues.values()} == {
        queue.max_wait_s for queue in slow.queues.values()
    }


def test_what_is_written_is_read_again() -> None:
    """Tables, lists, quotes, letters and keys of all sorts survive writing."""
    document: dict[str, object] = {
        "city": {"name": 'Ekeby "stad" å 🏙', "open": True, "hours": ["a", ["b"]], "odd key": {"x.y": 1.5}},
        "rule": [{"then": {"route": [{"at_s": 1}]}}, {}],
    }
    assert tomllib.loads(emit(document)) == document
