"""The rows of everything that can happen on the floor, from entries as the store itself writes them."""

from collections.abc import Sequence
from typing import Any, cast

import pytest
from sqlalchemy import Engine, Table, select

from router.journal import EntryData
from router.register import queries, schema
from router.register.copying import copy_batch
from router.register.derive import derive_all
from router.register.documents import LegDocument
from router.register.engine import using
from router.register.stream import Raw, Wanted
from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.commands import lasting
from tests.store.keyspace import dump
from tests.store.scene import Scene
from tests.store.stages import STAGES, after


class Told:
    """A store's journal as it stands, for stage 1; it refers to no content."""

    def __init__(self, raws: list[Raw]) -> None:
        self._raws = raws

    async def read(self, start: int, count: int) -> list[Raw]:
        """Entries from number `start` on."""
        return self._raws[start - 1 : start - 1 + count]

    async def records(self, wanted: Sequence[Wanted]) -> list[bytes | None]:
        """Content records."""
        return [None for _ in wanted]

    async def barrier(self) -> None:
        """Nothing to wait for."""


@pytest.fixture
async def scene(store: Store, manual_clock: ManualClock) -> Scene:
    """A floor with three agents at their desks."""
    scene = Scene(store, manual_clock)
    for agent in ("anna", "berit", "cecilia"):
        await scene.desk(agent)
    return scene


async def project(scene: Scene, engine: Engine) -> None:
    """Bring the store's journal through both stages, byte for byte."""
    _, held = (await dump(scene.store))["journal"]
    raws = [Raw(int(key.partition(b"-")[0]), row[1]) for key, row in cast("list[tuple[bytes, list[bytes]]]", held)]
    step = await copy_batch(engine, Told(raws), scene.now)
    assert step.taken
    assert derive_all(engine, scene.now).stall is None


def things(engine: Engine, table: Table, contact: str) -> list[tuple[Any, ...]]:
    """Id without the contact, state and reason of a contact's callbacks or notices."""
    query = select(table.c.id, table.c.state, table.c.reason).where(table.c.contact == contact).order_by(table.c.id)
    with using(engine) as connection:
        return [(row[0].removeprefix(contact), *row[1:]) for row in connection.execute(query)]


def parts(legs: Sequence[LegDocument]) -> list[tuple[str, str, str]]:
    """Agent, role and state of each leg."""
    return [(leg.agent, leg.role, leg.state) for leg in sorted(legs, key=lambda leg: leg.id)]


def open_promises(engine: Engine, contact: str) -> int:
    """Handovers that stand."""
    with using(engine) as connection:
        return connection.scalars(select(schema.contacts.c.open_promises).where(schema.contacts.c.id == contact)).one()


# Legs ------------------------------------------------------------------------------------------------------------


async def test_a_warm_transfer_gives_each_their_part(scene: Scene, engine: Engine) -> None:
    """The first owns a leg through its wrap-up, the consult is over, the second owns the contact."""
    contact = await STAGES["consulted"](scene)
    await after(scene, contact, "transfer_leg")
    await project(scene, engine)
    found = queries.contact(engine, contact)
    assert parts(found.legs) == [
        ("anna", "owner", "wrapping_up"),
        ("cecilia", "consult", "ended"),
        ("cecilia", "owner", "connected"),
    ]
    assert (found.agent, found.state) == ("cecilia", "with_agent")


async def test_who_passed_a_contact_on_is_no_longer_its_agent(scene: Scene, engine: Engine) -> None:
    """Queued again it is nobody's, while the leg of the first is still an owner's, in wrap-up."""
    contact = await STAGES["just_passed_on"](scene)
    await project(scene, engine)
    found = queries.contact(engine, contact)
    assert parts(found.legs) == [("anna", "owner", "wrapping_up")]
    assert (found.agent, found.state) == ("", "queued")


async def test_handling_time_is_summed_over_owners_and_consults(scene: Scene, engine: Engine) -> None:
    """Anna 60 s, her wrap-up 20 s, the consult 30 s of it, cecilia's own part 40 s; berit, who listened, nothing."""
    contact = await scene.taken()
    scene.clock.advance_s(30)
    await after(scene, contact, "begin_side_leg", "connect_side_leg")
    beside = await scene.store.legs.begin_side_leg(
        contact, "berit", "anna", "supervisor", lasting(scene), EntryData(contact=contact, agent="anna")
    )
    scene.clock.advance_s(30)
    await after(scene, contact, "transfer_leg")
    scene.clock.advance_s(20)
    await scene.store.legs.end_side_leg(f"{contact}.l1", "anna", EntryData(contact=contact))
    scene.clock.advance_s(20)
    await scene.finish(contact, "cecilia")
    await scene.store.legs.end_side_leg(f"{contact}.l{beside.number}", "berit", EntryData(contact=contact))
    await project(scene, engine)
    found = queries.contact(engine, contact)
    assert ("berit", "supervisor", "ended") in parts(found.legs)
    assert found.handling_ms == (60 + 20 + 30 + 40) * 1000


async def test_interrupted_work_takes_no_handling_time(scene: Scene, engine: Engine) -> None:
    """A mail that stood still for a minute was worked on before and after."""
    contact = await scene.taken(channel="email")
    scene.clock.advance_s(10)
    await after(scene, contact, "interrupt_leg")
    scene.clock.advance_s(60)
    await after(scene, contact, "resume_leg")
    scene.clock.advance_s(5)
    await scene.finish(contact)
    await project(scene, engine)
    found = queries.contact(engine, contact)
    assert (found.handling_ms, found.legs[0].interrupted_ms) == (15_000, 60_000)


# Ends, and ends taken back ---------------------------------------------------------------------------------------


async def test_what_was_undone_has_neither_end_nor_outcome(scene: Scene, engine: Engine) -> None:
    """The contact is its agent's again, as if it had not been finished."""
    contact = await STAGES["closed"](scene)
    await after(scene, contact, "undo_work")
    await project(scene, engine)
    found = queries.contact(engine, contact)
    assert (found.state, found.agent, found.closed_at, found.ended_at, found.outcomes) == (
        "with_agent",
        "anna",
        None,
        None,
        [],
    )
    assert parts(found.legs) == [("anna", "owner", "ended"), ("anna", "owner", "connected")]


async def test_a_handover_taken_back_is_no_promise(scene: Scene, engine: Engine) -> None:
    """The unit owes nothing any more, and the matter is not counted as handed over."""
    contact = await scene.handed_over()
    await project(scene, engine)
    assert open_promises(engine, contact) == 1
    await after(scene, contact, "undo_work")
    await project(scene, engine)
    found = queries.contact(engine, contact)
    assert open_promises(engine, contact) == 0
    assert ([handover.state for handover in found.handovers], found.outcomes) == (["withdrawn"], [])
    assert found.case
    assert found.case.state == "closed"


async def test_an_attached_contact_follows_another(scene: Scene, engine: Engine) -> None:
    """It is closed, and its matter counts as a follower."""
    contact = await STAGES["attached"](scene)
    await project(scene, engine)
    found = queries.contact(engine, contact)
    assert (found.state, found.reason, found.closed_at) == ("closed", "attached", scene.now)
    assert [matter.resolution for matter in found.outcomes] == ["follower"]


async def test_a_cancelled_contact_ends_without_an_outcome(scene: Scene, engine: Engine) -> None:
    """Nobody did anything about it."""
    contact = await STAGES["cancelled"](scene)
    await project(scene, engine)
    found = queries.contact(engine, contact)
    assert (found.state, found.closed_at, found.agent, found.outcomes) == ("cancelled", scene.now, "", [])


# Callbacks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "then", "state"),
    [
        ("callback_promised", (), "promised"),
        ("callback_promised", ("fall_due_callback",), "due"),
        ("callback_promised", ("attach_contact",), "superseded"),
        ("callback_promised", ("cancel_contact",), "given_up"),
        ("callback_due", (), "due"),
        ("callback_due", ("promise_callback",), "promised"),
        ("callback_due", ("hand_over_contact",), "superseded"),
        ("callback_dialling", (), "dialling"),
        ("callback_connected", (), "connected"),
        ("callback_missed", (), "no_answer"),
        ("callback_missed", ("fall_due_callback",), "due"),
        ("callback_given_up", (), "given_up"),
    ],
)
async def test_a_callback_stands_where_the_store_left_it(
    scene: Scene, engine: Engine, stage: str, then: tuple[str, ...], state: str
) -> None:
    """One row for each callback, with its state."""
    contact = await STAGES[stage](scene)
    await after(scene, contact, *then, agent="")
    await project(scene, engine)
    assert [row[:2] for row in things(engine, schema.callbacks, contact)] == [(".b1", state)]


@pytest.mark.parametrize("name", ["finish_work", "hand_over_contact"])
async def test_a_callback_is_kept_by_what_ends_the_call(scene: Scene, engine: Engine, name: str) -> None:
    """The resident was reached, whoever goes on with the matter."""
    contact = await STAGES["callback_connected"](scene)
    await after(scene, contact, name)
    await project(scene, engine)
    assert [row[:2] for row in things(engine, schema.callbacks, contact)] == [(".b1", "kept")]


async def test_a_second_promise_is_a_callback_of_its_own(scene: Scene, engine: Engine) -> None:
    """The first one was kept when the resident answered; the next has its own attempts."""
    contact = await STAGES["callback_connected"](scene)
    await after(scene, contact, "promise_callback")
    await project(scene, engine)
    assert [row[:2] for row in things(engine, schema.callbacks, contact)] == [(".b1", "kept"), (".b2", "promised")]
    assert (await scene.contact(contact)).attempts == 0


async def test_a_callback_given_up_is_owed_in_writing(scene: Scene, engine: Engine) -> None:
    """The contact is closed as unresolved on the resident's side, and a notice is owed."""
    contact = await STAGES["callback_given_up"](scene)
    await project(scene, engine)
    found = queries.contact(engine, contact)
    assert (found.state, found.closed_at) == ("closed", scene.now)
    assert [(matter.resolution, matter.cause, matter.evidence) for matter in found.outcomes] == [
        ("unresolved", "resident", "no_answer")
    ]
    assert [row[:2] for row in things(engine, schema.closure_notices, contact)] == [(".n1", "owed"), (".n2", "owed")]
    assert found.handling_ms == 0, "nobody was reached"
