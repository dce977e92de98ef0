import random
from collections.abc import Iterator

import pytest

from router.measures.staffing import Offered, erlang_a, erlang_c
from router.simulation.bank_city import bank_city, skill_of, topic_of
from router.simulation.day import Coming, Day, Duty, busy_ms, waits_s
from router.simulation.monday import Monday, share_answered
from rules.city import City
from rules.decide import decide

ZERO = 1_788_739_200_000
DAYS_MS = 60 * 86_400_000


@pytest.fixture(scope="module")
def city() -> City:
    """One queue, two kinds of call."""
    return bank_city(["PS", "IN"])


def coming(city: City, number: int, at_s: float, work_s: float, **more: object) -> Coming:
    """A call; `patience_s`, `kind`, `severity` and `channel` besides."""
    patience = more.get("patience_s")
    channel = str(more.get("channel", "phone"))
    facts = {
        "channel": channel,
        "medium": "voice" if channel == "phone" else "written",
        "topic": topic_of(str(more.get("kind", "PS"))),
        "severity": str(more.get("severity", "P3")),
    }
    return Coming(
        at_ms=ZERO + round(at_s * 1000),
        contact=f"c{number}",
        channel=channel,
        decision=decide(city.strategy, facts),
        patience_ms=None if patience is None else round(float(str(patience)) * 1000),
        service_ms=round(work_s * 1000),
    )


def duty(agent: str, *kinds: str, begins_s: int = 0, ends_s: int = 10_000, **more: object) -> Duty:
    """An agent's day."""
    skills = {skill_of(kind): 1 for kind in kinds or ("PS",)}
    made = Duty(agent, ZERO + begins_s * 1000, ZERO + ends_s * 1000, skills)
    pauses = tuple((ZERO + at * 1000, length * 1000) for at, length in more.get("pauses", ()))  # type: ignore[union-attr] # pyright: ignore
    return Duty(**{**made.__struct_fields_dict__(), "pauses": pauses})  # pyright: ignore
