"""A router that starts knows the service level of its day: the register tells the same as following the journal."""

import asyncio
import random
from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from router.errors import RegisterUnavailable
from router.journal import EntryData
from router.measures.service_level import ServiceMeter
from router.register.copying import copy_batch
from router.register.derive import derive_all
from router.register.service import ServiceDay, read_service
from router.service_counting import PATIENCE, ServiceCounting
from rules.calendars import day_span
from tests.register.register_journals import START_MS, Journal

TZ = "Europe/Stockholm"
SHORT_MS = 5_000
HOUR_MS = 3_600_000


def day_of_calls(seed: int, contacts: int = 60) -> Journal:
    """A morning of contacts that end in every way, some of them received the day before."""
    dice = random.Random(seed)  # noqa: S311 # a drawn morning, no secret
    journal = Journal(day_span(START_MS, TZ)[0] - 2 * HOUR_MS)
    endings: dict[str, Callable[[str], object]] = {
        "answer": lambda c: (journal.offer(c), journal.accept(c)),
        "life": lambda c: (journal.offer(c), journal.accept(c), journal.finish(c)),
        "abandon": lambda c: journal.write("end_contact", [("contact", c, "abandon")], EntryData(contact=c)),
        "promise": lambda c: journal.write(
            "promise_callback",
            [("contact", c, "call_back"), ("callback", f"{c}.b1", "promise")],
            EntryData(contact=c, callback=f"{c}.b1"),
        ),
        "cancel": lambda c: journal.write("cancel_contact", [("contact", c, "cancel")], EntryData(contact=c)),
        "offer": journal.offer,
        "wait": lambda _: None,
    }
    for number in range(contacts):
        journal.receive(f"c{number}", dice.choice(["queue", "queue", "queue", "answer", "observe"]))
        journal.at += dice.choice([100, 4_999, 30_000, 60_000, 200_000])
        if journal.state("contact", f"c{number}") == "queued":
            endings[dice.choice(list(endings))](f"c{number}")
    return journal


def project(engine: Engine, journal: Journal) -> None:
    """The journal as the register has it."""
    asyncio.run(_copy(engine, journal))
    derive_all(engine, 1)


async def _copy(engine: Engine, journal: Journal) -> None:
    while (await copy_batch(engine, journal, 0)).taken:
        pass


def meter_of() -> ServiceMeter:
    """A meter with the city's days."""
    return ServiceMeter(lambda at: day_span(at, TZ)[1], SHORT_MS)


@pytest.mark.parametrize("seed", range(5))
def test_the_register_tells_the_day_as_the_journal_does(engine: Engine, seed: int) -> None:
    """Counts of the day and of the last 15 minutes are those of a router that has followed from the beginning."""
    journal = day_of_calls(seed)
    followed, loaded = meter_of(), meter_of()
    for entry in journal.entries:
        followed.follow(entry)
    project(engine, journal)
    now = journal.at

    day = read_service(engine, day_span(now, TZ)[0], now, SHORT_MS)
    loaded.load(day.happened, day.waiters)

    assert day.position == len(journal.entries)
    assert loaded.today(now) == followed.today(now)
    assert loaded.recent(now) == followed.recent(now)
    assert loaded._waiters == followed._waiters


class Register:
    """Answers with what it is given; says no while there is nothing."""

    def __init__(self, *days: ServiceDay) -> None:
        self.days = list(days)

    async def ask(self, *_: object) -> ServiceDay:
        """The next day, the last one again and again."""
        if not self.days:
            raise RegisterUnavailable
        return self.days.pop(0) if len(self.days) > 1 else self.days[0]


def counting_of(register: Register, journal: Journal) -> ServiceCounting:
    """A counting that reads this register."""
    return ServiceCounting(register, TZ, SHORT_MS, now_ms=lambda: journal.at)  # pyright: ignore[reportArgumentType] # one method of it


async def test_no_entry_is_lost_or_counted_twice_at_the_start() -> None:
    """The register is waited for until it has come to the tail; what it holds of the tail is not counted again."""
    journal = Journal()
    for number in range(4):
        journal.life(f"c{number}")
    per_life = len(journal.entries) // 4
    early, late = (_day(journal, lives * per_life) for lives in (1, 3))
    counting = counting_of(Register(early, late), journal)
    counting.begin(2 * per_life)
    for entry in journal.entries[2 * per_life :]:
        counting.follow(entry)

    assert counting.meter is None
    await counting.catch_up()
    assert counting.meter is None, "the register had not come to the tail"
    await counting.catch_up()

    assert counting.meter is not None
    assert counting.meter.today(journal.at)[("general", "voice")].answered == 4
    assert counting.counted_from == 0


async def test_without_a_register_counting_begins_in_the_end_and_says_since_when() -> None:
    """A register that is away for long does not keep the figures away; they say from when they count."""
    journal = Journal()
    counting = counting_of(Register(), journal)
    counting.begin(0)
    journal.life("c1")
    for entry in journal.entries:
        counting.follow(entry)
    for _ in range(PATIENCE):
        await counting.catch_up()

    assert counting.counted_from == journal.at
    assert counting.meter is not None
    assert counting.meter.today(journal.at)[("general", "voice")].answered == 1


def _day(journal: Journal, position: int) -> ServiceDay:
    """The day as a register that has come so far tells it."""
    meter = meter_of()
    happened = [each for entry in journal.entries[:position] for each in meter._read(entry)]
    return ServiceDay(position, tuple(happened), tuple(meter._waiters.items()))
