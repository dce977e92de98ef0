"""Histories and drafts for the tests of replays: made up, and small enough to count by hand."""

import random
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from rules.calendars import local_ms
from rules.city import City, load_city
from rules.decide import FactValue
from rules.replay.guards import Limits
from rules.replay.history import Gaps, Matter, Recorded
from rules.replay.passing import Passed
from rules.replay.report import Asked, Report, report
from tests.rules.spoiled_city import EXAMPLE, copy_city, spoil

MONDAY_NOON = local_ms("2026-09-07 12:00")
SHARED = Path(__file__).parents[3] / "shared/data/municipal_311/boston_311_2015.csv.gz"
NEW_RULE = """
[[rule]]
id = "NEW"
tier = "E"
title = "Klotter: direkt till park"
when = [{ topic = "PRK.KLO" }]
then = { hand_over = { unit = "responsible", reason = "graffiti" } }

[[rule]]
id = "K29"
"""


def draft_city(folder: Path, *changes: tuple[str, str, str]) -> City:
    """The example city with some words of its files replaced."""
    path = copy_city(folder)
    for file, old, new in changes:
        spoil(path, file, old, new)
    return load_city(path)


def graffiti(folder: Path) -> City:
    """A draft that hands graffiti over whatever the channel."""
    return draft_city(folder, ("strategy.toml", '\n[[rule]]\nid = "K29"\n', NEW_RULE))


def contact(
    number: int,
    topic: str | None = "PRK.KLO",
    *,
    at_ms: int = MONDAY_NOON,
    matters: tuple[Matter, ...] = (),
    person: str = "",
    **facts: FactValue,
) -> Recorded:
    """One contact by phone about a topic."""
    known: dict[str, FactValue] = {
        "point": "received",
        "channel": "phone",
        "medium": "voice",
        "topic": topic,
        "topic_confidence": 100,
        "protection": "none",
        "identity": "none",
    }
    return Recorded(f"c{number}", at_ms, {**known, **facts}, matters, person)


def replayed(
    baseline: City, draft: City, history: Iterable[Recorded], *, seed: int = 1, limits: Limits | None = None
) -> Report:
    """The report of a history."""
    return report(Passed(baseline, draft, seed).run(history), Asked("test", seed, limits or Limits()), Gaps())


def example() -> City:
    """The example city."""
    return load_city(EXAMPLE)


TOPICS = ("PRK.KLO", "GAT.BEL", "BYG.PLN", "BAR.FSK", "KOM.SÖK", "SOC.ORB", "INT.SUP", None)
WAYS = (("phone", "voice"), ("web", "written"), ("app", "written"), ("email", "written"), ("visit", "in_person"))
ENDS = ("answered", "handed_over", "registered_complete", "uncoded", "spam")


def made_up_line(dice: random.Random, number: int) -> Mapping[str, object]:
    """One contact of a made-up September, as a line of a file."""
    channel, medium = dice.choice(WAYS)
    at_ms = local_ms("2026-09-01 00:00") + dice.randrange(30 * 86_400_000)
    topic = dice.choice(TOPICS)
    facts: dict[str, FactValue] = {
        "point": "received",
        "channel": channel,
        "medium": medium,
        "topic": topic,
        "topic_confidence": dice.choice((40, 60, 80, 100)),
        "severity": dice.choice((None, None, None, "P1", "life")),
        "protection": dice.choice(("none", "none", "none", "marked", None)),
        "identity": dice.choice(("none", "likely", "verified")),
        "loa": dice.choice((0, 1, 3)),
        "has_location": dice.choice((True, False)),
        "language": dice.choice((None, "sv", "fi")),
        "district": dice.choice(("Norr", "Söder")),
    }
    line: dict[str, object] = {"id": f"h{number}", "received_at": at_ms, "facts": facts}
    if dice.random() < 0.5:
        line["matters"] = [{"topic": topic or "", "resolution": dice.choice(ENDS)}]
    if dice.random() < 0.1:
        line["observed"] = True
    return line


def made_up_file(path: Path, contacts: int = 400) -> Path:
    """A made-up history as JSON lines."""
    dice = random.Random(7)  # noqa: S311 # repeatable, no secret
    lines = [msgspec.json.encode(made_up_line(dice, number)) for number in range(contacts)]
    _ = path.write_bytes(b"\n".join(lines) + b"\n")
    return path
