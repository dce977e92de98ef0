"""Outcomes amended at the desk, beside a real register that reads the journal when a test says so."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from router.desk.amending import Amended, UncodedList
from router.journal import Outcome
from router.reading import Reading
from router.register import queries
from router.register.copying import copy_batch
from router.register.derive import derive_all
from router.register.engine import migrate, open_engine
from router.register.stream import JournalStream
from router.store.redis_store import Store
from tests.desk.day import done, last, refused, taken
from tests.laws.house import House
from tests.manual_clock import ManualClock

ANSWERED = [{"resolution": "answered"}]
DAY_S = 86_400


class Archive:
    """A register of the house's journal."""

    def __init__(self, engine: Engine, source: JournalStream) -> None:
        self.engine, self._source = engine, source

    async def read_on(self, house: House, *gone: str) -> None:
        """Everything is read; these contacts then leave the store."""
        await copy_batch(self.engine, self._source, 1)
        await asyncio.to_thread(derive_all, self.engine, 1)
        house.clock.advance_s(60)
        assert not await self._source.forget_contacts(gone, house.clock.now_ms())
        assert [await house.store.contact(contact) for contact in gone] == [None] * len(gone)

    def matters(self, contact: str) -> list[tuple[str, str, str]]:
        """How the contact's matters count: topic, resolution, agent."""
        found = queries.contact(self.engine, contact).outcomes
        return [(row.topic, row.resolution, row.agent) for row in found]


@pytest.fixture
async def archive(store: Store, tmp_path: Path) -> AsyncIterator[Archive]:
    """An empty register beside the store."""
    engine = open_engine(f"sqlite:///{tmp_path / 'register.db'}")
    migrate(engine)
    source = JournalStream(store.url, store.keys.prefix[3:-2])
    yield Archive(engine, source)
    await source.close()
    engine.dispose()


@pytest.fixture
async def house(store: Store, manual_clock: ManualClock, tmp_path: Path, archive: Archive) -> AsyncIterator[House]:
    """The use cases with that register."""
    reading = Reading(archive.engine)
    async with House(store, manual_clock, tmp_path / "blobs", matters=reading) as opened:
        yield opened
    await reading.close()


async def left_uncoded(house: House, agent: str = "anna") -> str:
    """A call whose wrap-up ended without a word."""
    contact = await taken(house, agent)
    await house.leave(contact)
    await done(house, agent, "wrap_up.end", contact_id=contact)
    return contact


async def listed(house: House, agent: str = "anna") -> list[tuple[str, str, int]]:
    """The agent's uncoded matters: contact, topic, how often amended."""
    found = await house.command(agent, "outcome.list")
    assert isinstance(found, UncodedList)
    assert found.total == len(found.contacts)
    return [(row.contact_id, row.topic, row.amendments) for row in found.contacts]


async def amended(house: House, agent: str, contact: str, *, role: str = "agent", **more: object) -> Amended:
    """An amendment that is taken."""
    data = {"contact_id": contact, "outcomes": ANSWERED, **more}
    answer = await house.desk.command(agent, "outcome.amend", data, role=role)
    assert isinstance(answer, Amended)
    return answer


@pytest.mark.parametrize("is_gone", [False, True])
async def test_an_agent_says_how_an_uncoded_contact_ended(house: House, archive: Archive, is_gone: bool) -> None:
    """It stands in the agent's list until it is amended, also when it has left the store; then it counts as said."""
    await house.seat("anna")
    contact = await left_uncoded(house)
    await archive.read_on(house, *([contact] if is_gone else []))
    assert archive.matters(contact) == [("KUF.BIB", "uncoded", "anna")]
    assert await listed(house) == [(contact, "KUF.BIB", 0)]
    answer = await amended(house, "anna", contact)
    assert (answer.contact_id, answer.amendments) == (contact, 1)
    entry = await last(house)
    assert (entry.command, entry.data.actor, entry.data.agent) == ("amend_outcome", "agent:anna", "anna")
    assert entry.data.outcomes == (Outcome("KUF.BIB", "answered"),)
    assert await listed(house) == [], "the register has not read it yet, the list knows"
    await archive.read_on(house)
    assert archive.matters(contact) == [("KUF.BIB", "answered", "anna")]
    assert await listed(house) == []


async def test_a_contact_just_closed_needs_no_register(house: House, archive: Archive) -> None:
    """While the store still has it, the store says whose it was."""
    await house.seat("anna")
    contact = await left_uncoded(house)
    await amended(house, "anna", contact)
    await archive.read_on(house)
    assert archive.matters(contact) == [("KUF.BIB", "answered", "anna")]


async def test_others_contacts_are_a_supervisors_to_amend_with_a_reason(house: House, archive: Archive) -> None:
    """A colleague may not; a supervisor must say why; the agent is told and stays the matter's agent."""
    await house.seat("anna")
    contact = await left_uncoded(house)
    await archive.read_on(house, contact)
    wanted: dict[str, Any] = {"contact_id": contact, "outcomes": ANSWERED}
    assert await refused(house, "berit", "outcome.amend", **wanted) == ("not-yours", "$.data.contact_id")
    problem = await refused(house, "chef", "outcome.amend", "supervisor", **wanted)
    assert problem == ("schema-mismatch", "$.data.reason")
    await amended(house, "chef", contact, role="supervisor", reason="Anna är sjuk.")
    data = (await last(house)).data
    assert (data.agent, data.also, data.actor, data.reason) == ("anna", ("chef",), "supervisor:chef", "Anna är sjuk.")
    await archive.read_on(house)
    assert archive.matters(contact) == [("KUF.BIB", "answered", "anna")]
    assert await listed(house) == []


async def test_two_who_amend_the_same_hear_of_each_other(house: House, archive: Archive) -> None:
    """The second names what it saw, and is told how often it has been amended."""
    await house.seat("anna")
    contact = await left_uncoded(house)
    await archive.read_on(house, contact)
    await amended(house, "anna", contact, amendments=0)
    wanted: dict[str, Any] = {"contact_id": contact, "outcomes": ANSWERED, "amendments": 0, "reason": "Granskning."}
    problem = await refused(house, "chef", "outcome.amend", "supervisor", **wanted)
    assert problem == ("stale-revision", "$.data.amendments")
    wanted["amendments"] = 1
    assert (await amended(house, "chef", contact, role="supervisor", **wanted)).amendments == 2


async def test_after_the_freeze_the_figure_stands(house: House, archive: Archive) -> None:
    """Seven days after the month the amendment is refused, and the list lets go."""
    await house.seat("anna")
    contact = await left_uncoded(house)
    await archive.read_on(house, contact)
    until = (await amended(house, "anna", contact, outcomes=[{"resolution": "unresolved", "cause": "law"}])).freezes_at
    other = await left_uncoded(house)
    await archive.read_on(house, other)
    house.clock.advance_s((until - house.clock.now_ms()) / 1000 - 1)
    assert await listed(house) == [(other, "KUF.BIB", 0)]
    house.clock.advance_s(1)
    assert await listed(house) == []
    for each in (contact, other):
        problem = await refused(house, "anna", "outcome.amend", contact_id=each, outcomes=ANSWERED)
        assert problem == ("outcome-frozen", "$.data.contact_id")


async def test_what_is_not_finished_can_not_be_amended(house: House, archive: Archive) -> None:
    """In hand, waiting, left before anybody answered, never heard of: each is said plainly."""
    wanted: dict[str, Any] = {"outcomes": ANSWERED}
    await house.seat("anna")
    waiting = await house.receive(topic="KUF.BIB")
    assert (await refused(house, "anna", "outcome.amend", contact_id=waiting, **wanted))[0] == "transition-refused"
    await house.leave(waiting)
    await archive.read_on(house, waiting)
    assert (await refused(house, "anna", "outcome.amend", contact_id=waiting, **wanted))[0] == "transition-refused"
    in_hand = await taken(house)
    assert (await refused(house, "anna", "outcome.amend", contact_id=in_hand, **wanted))[0] == "transition-refused"
    assert (await refused(house, "anna", "outcome.amend", contact_id="c0", **wanted))[0] == "not-found"


async def test_a_register_that_is_behind_is_waited_for(house: House, archive: Archive) -> None:
    """The contact is gone from the store and the register has not derived its end: try again, nothing is guessed."""
    await house.seat("anna")
    contact = await taken(house)
    await archive.read_on(house)
    await house.leave(contact)
    await done(house, "anna", "wrap_up.end", contact_id=contact)
    house.clock.advance_s(60)
    assert not await archive._source.forget_contacts([contact], house.clock.now_ms())
    problem = await refused(house, "anna", "outcome.amend", contact_id=contact, outcomes=ANSWERED)
    assert problem == ("register-unavailable", "$.data.contact_id")


async def test_beside_a_handover_another_matter_may_be_told(house: House, archive: Archive) -> None:
    """What the unit has stays the unit's; the agent adds what was answered in the same call."""
    await house.seat("anna")
    contact = await taken(house)
    await done(house, "anna", "handover.create", contact_id=contact, unit="gata", topic="GAT.HÅL")
    await archive.read_on(house)
    await amended(house, "anna", contact, outcomes=[{"topic": "GAT.HÅL", "resolution": "answered"}])
    await archive.read_on(house)
    assert archive.matters(contact) == [("GAT.HÅL", "handed_over", "anna"), ("GAT.HÅL", "answered", "anna")]


@pytest.mark.parametrize(
    ("outcome", "slug", "field"),
    [
        ({"resolution": "unresolved"}, "unknown-outcome", "$.data.outcomes[0].cause"),
        ({"resolution": "booked"}, "unknown-outcome", "$.data.outcomes[0].evidence"),
        ({"resolution": "answered", "topic": "NO.SUCH"}, "unknown-topic", "$.data.outcomes[0].topic"),
    ],
)
async def test_an_amendment_says_as_much_as_the_first_word(
    house: House, outcome: dict[str, str], slug: str, field: str
) -> None:
    """Causes, evidence and topics are asked for as when work is finished."""
    await house.seat("anna")
    contact = await left_uncoded(house)
    assert await refused(house, "anna", "outcome.amend", contact_id=contact, outcomes=[outcome]) == (slug, field)


async def test_undone_work_is_finished_before_it_is_amended(house: House) -> None:
    """An amendment does not reach into work that its agent has taken back."""
    await house.seat("anna")
    contact = await left_uncoded(house)
    await amended(house, "anna", contact)
    await done(house, "anna", "work.undo", contact_id=contact)
    assert (await refused(house, "anna", "outcome.amend", contact_id=contact, outcomes=ANSWERED))[0] == (
        "transition-refused"
    )
