"""Stage 2: tables from entries, exactly once; what can't be applied stalls it, visibly, and nothing else."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from router.journal import EntryData, Outcome
from router.register import schema
from router.register.copying import copy_batch
from router.register.derive import derive, derive_all, rebuild
from router.register.engine import open_engine, using
from router.register.positions import read_position, read_stall
from tests.register.register_journals import START_MS, Journal
from tests.register.register_walks import STEPS, Step, walk


async def store(engine: Engine, journal: Journal) -> None:
    """Bring a journal through stage 1."""
    while (await copy_batch(engine, journal, START_MS)).taken:
        pass


def dump(engine: Engine) -> dict[str, list[Any]]:
    """Every derived table, sorted."""
    with using(engine) as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(*table.c))), key=repr)
            for table in schema.DERIVED
        }


def overwrite(engine: Engine, n: int, entry: bytes) -> None:
    """Put other bytes in an entry's place, as a damaged disk might."""
    with using(engine) as connection:
        connection.execute(update(schema.journal).where(schema.journal.c.n == n).values(entry=entry))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, batches=st.lists(st.integers(1, 7), min_size=1, max_size=8))
def test_rebuilt_tables_equal_those_that_grew(migrated: Path, steps: list[Step], batches: list[int]) -> None:
    """However the journal was cut into batches, replaying it whole gives the same rows."""
    journal = walk(steps)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(migrated, Path(folder) / "register.db")
        engine = open_engine(f"sqlite:///{folder}/register.db")
        asyncio.run(store(engine, journal))
        turn = 0
        while (step := derive(engine, START_MS, batches[turn % len(batches)])).taken:
            turn += 1
        assert step.stall is None
        assert step.n == len(journal.entries)
        grown = dump(engine)
        assert rebuild(engine, START_MS).n == len(journal.entries)
        assert dump(engine) == grown
        engine.dispose()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_state_column_is_the_journals_last_state(migrated: Path, steps: list[Step]) -> None:
    """Contacts, legs, offers, handovers, cases and agents stand where their transitions left them."""
    journal = walk(steps)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(migrated, Path(folder) / "register.db")
        engine = open_engine(f"sqlite:///{folder}/register.db")
        asyncio.run(store(engine, journal))
        derive_all(engine, START_MS)
        found: dict[tuple[str, str], tuple[str, int]] = {}
        with using(engine) as connection:
            for machine in ("contact", "leg", "offer", "handover", "case"):
                table = schema.metadata.tables[f"{machine}s"]
                found |= {
                    (machine, row.id): (row.state, row.rev) for row in connection.execute(select(*table.c)) if row.rev
                }
            for row in connection.execute(select(*schema.agents.c)):
                found |= {("presence", row.id): (row.presence, row.presence_rev)} if row.presence_rev else {}
                found |= {("lease", row.id): (row.lease, row.lease_rev)} if row.lease_rev else {}
        assert found == journal.states
        engine.dispose()


async def test_a_whole_life_is_told_with_its_times(engine: Engine) -> None:
    """Waiting, talking, holding and wrapping up stand in the rows as they were."""
    journal = Journal()
    journal.receive("c1", keys=("p1", "k1"))
    journal.at += 1_000
    journal.offer("c1")
    journal.at += 2_000
    journal.accept("c1")
    for event, later_ms in (("hold", 10_000), ("resume", 5_000), ("wrap_up", 20_000)):
        journal.at += later_ms
        journal.write(f"{event}_leg", [("leg", "c1.l1", event)], EntryData(contact="c1", agent="a1"))
    journal.at += 7_000
    journal.finish("c1", Outcome("BAR.FSK", "answered"))
    await store(engine, journal)
    derive_all(engine, START_MS)
    with using(engine) as connection:
        contact = connection.execute(select(schema.contacts)).one()
        leg = connection.execute(select(schema.legs)).one()
    times = (contact.received_at, contact.offered_at, contact.accepted_at, contact.ended_at, contact.closed_at)
    assert [at - START_MS for at in times] == [0, 1_000, 3_000, 38_000, 45_000]
    assert (leg.agent, leg.hold_ms, leg.wrapping_at - START_MS, leg.ended_at - START_MS) == (
        "a1",
        5_000,
        38_000,
        45_000,
    )
    assert (contact.state, contact.agent, contact.queue, contact.matters) == ("closed", "a1", "general", 1)


async def test_a_poison_entry_stalls_stage_2_only_and_says_where(engine: Engine) -> None:
    """What came before it is derived, stage 1 goes on, and the reason can be read."""
    journal = Journal()
    journal.life("c1")
    journal.receive("c2")
    journal.receive("c4")
    spoilt = msgspec.json.decode(journal.raws()[4].entry)
    spoilt["transitions"][0][2] = 7
    await store(engine, journal)
    overwrite(engine, 5, msgspec.json.encode(spoilt))
    stalled = derive_all(engine, START_MS)
    assert (stalled.n, stalled.taken) == (4, 4)
    with using(engine) as connection:
        told = read_stall(connection, schema.DERIVATION)
    assert told == stalled.stall
    assert told is not None
    assert (told.state, told.n, told.reason) == ("poison", 5, "contact c2: revision 7 from '', expected 1 from ''")
    journal.life("c3")
    await store(engine, journal)
    with using(engine) as connection:
        assert read_position(connection, schema.JOURNAL) == len(journal.entries)
    overwrite(engine, 5, journal.raws()[4].entry)
    assert derive_all(engine, START_MS).n == len(journal.entries)
    with using(engine) as connection:
        assert read_stall(connection, schema.DERIVATION) is None


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"v": 2}, "unknown_version"),
        ({"v": 2, "transitions": {"new": "form"}}, "unknown_version"),
        ({"n": 99}, "poison"),
        ({"transitions": [["unheard", "x", 1, "", "begin", "begun"]]}, "poison"),
        ({"transitions": [["contact", "c1", 7, "queued", "offer", "offered"]]}, "poison"),
        ({"at": 2**70}, "poison"),
        ({"data": {"contact": "c1", "agent": "a\x00b", "form": "live"}}, "poison"),
    ],
    ids=["version", "new-form", "number", "machine", "state", "too-large", "nul"],
)
async def test_an_entry_that_can_not_be_applied_is_named(engine: Engine, change: dict[str, object], state: str) -> None:
    """Whatever is wrong with an entry, the one entry is named and all before it are derived."""
    journal = Journal()
    journal.life("c1")
    journal.write("set_presence", [("presence", "a1", "go_available")], EntryData(agent="a1"))
    for number in range(2, 6):
        journal.life(f"c{number}")
    await store(engine, journal)
    spoilt = {**msgspec.json.decode(journal.raws()[4].entry), **change}
    overwrite(engine, 5, msgspec.json.encode(spoilt))
    stalled = derive_all(engine, START_MS).stall
    if engine.dialect.name == "sqlite" and "data" in change:
        assert stalled is None, "SQLite keeps any text"
        return
    assert stalled is not None
    assert (stalled.state, stalled.n) == (state, 5)


async def test_two_projectors_derive_every_entry_once(engine: Engine, register_url: str) -> None:
    """Counts would show an entry that was applied twice."""
    journal = Journal()
    for number in range(40):
        journal.life(f"c{number}")
    await store(engine, journal)
    other = open_engine(register_url)
    n = 0
    while n < len(journal.entries):
        first, second = await asyncio.gather(
            *(asyncio.to_thread(derive, each, START_MS, 9) for each in (engine, other)), return_exceptions=False
        )
        n = max(first.n, second.n)
    with using(engine) as connection:
        counted = connection.execute(select(schema.goal_hours.c.name, schema.goal_hours.c["count"])).all()
    assert dict(counted) == {"closed": 40, "answered": 40}
    other.dispose()


async def test_an_event_keeps_its_first_contact(engine: Engine) -> None:
    """The same event accepted again, long after the store forgot it, does not replace the first."""
    journal = Journal()
    journal.receive("c1")
    journal.receive("c2")
    again = msgspec.json.decode(journal.raws()[1].entry)
    again["data"]["received"]["event_id"] = "e-c1"
    await store(engine, journal)
    overwrite(engine, 2, msgspec.json.encode(again))
    derive_all(engine, START_MS)
    with using(engine) as connection:
        assert connection.execute(select(schema.events)).all() == [("test", "test", "e-c1", "c1")]


async def test_an_agents_day_is_told_in_intervals(engine: Engine) -> None:
    """Each change of state, reason or form ends one interval and begins the next at the same moment."""
    journal = Journal()
    steps = (("go_offline", ""), ("go_available", ""), ("go_away", "lunch"), ("go_away", "lunch"), ("go_available", ""))
    for event, reason in steps:
        journal.write("set_presence", [("presence", "a1", event)], EntryData(agent="a1", reason=reason))
        journal.at += 1_000
    journal.write("set_form", (), EntryData(agent="a1", form="live"))
    await store(engine, journal)
    derive_all(engine, START_MS)
    with using(engine) as connection:
        rows = connection.execute(select(schema.agent_states).order_by(schema.agent_states.c.n)).all()
    assert [(row.state, row.reason, row.form, row.from_at - START_MS) for row in rows] == [
        ("offline", "", "", 0),
        ("available", "", "", 1_000),
        ("away", "lunch", "", 2_000),
        ("available", "", "", 4_000),
        ("available", "", "live", 5_000),
    ]
    assert [row.to_at for row in rows] == [*(row.from_at for row in rows[1:]), None]
