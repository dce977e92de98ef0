"""Legs beside the owner's, parking, interruption: what the tables of the commands do not tell."""

import pytest

from router.errors import NoCapacity, NotFound, NotYours, TransitionRefused
from router.journal import EntryData
from router.model import SideLeg
from router.store.leg_commands import SideTimes
from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.commands import prepare
from tests.store.keyspace import dump
from tests.store.scene import ROUTER, Scene
from tests.store.stages import STAGES


@pytest.fixture
async def scene(store: Store, manual_clock: ManualClock) -> Scene:
    """A floor with three agents at their desks."""
    scene = Scene(store, manual_clock)
    for agent in ("anna", "berit", "cecilia"):
        await scene.desk(agent)
    return scene


async def kinds(scene: Scene, agent: str = "anna") -> dict[str, str]:
    """What an agent has in hand: contact or leg -> kind."""
    return {item: kind for item, (_, _, kind) in (await scene.store.work(agent)).items()}


async def deadline(scene: Scene, member: str) -> int | None:
    """When a deadline is due; None when there is none."""
    found = await scene.store.runner.read("ZSCORE", scene.store.keys.deadlines, member)
    return None if found is None else int(float(str(found, "ascii") if isinstance(found, bytes) else str(found)))


async def run(scene: Scene, name: str, contact: str, agent: str = "anna") -> None:
    """One command of the tables."""
    await (await prepare(scene, name, contact, agent=agent))()


# Interruption ----------------------------------------------------------------------------------------------------


async def test_interrupted_work_lets_live_work_in_and_comes_back(scene: Scene) -> None:
    """A call fits beside a mail that stands still; afterwards the mail goes on as the same leg."""
    mail = await scene.taken(channel="email")
    call = await scene.receive()
    with pytest.raises(NoCapacity):
        await scene.offer(call)
    await run(scene, "interrupt_leg", mail)
    await scene.offer(call)
    await scene.accept(call)
    assert await kinds(scene) == {mail: "interrupted", call: "leg"}
    await scene.finish(call)
    await run(scene, "resume_leg", mail)
    assert await kinds(scene) == {mail: "leg"}
    assert (await scene.contact(mail)).leg == f"{mail}.l1"
    moved = [move.event for entry in await scene.journal() for move in entry.transitions if move.machine == "leg"]
    assert moved == ["connect", "connected", "interrupt", "connect", "connected", "end", "resume"]


async def test_live_work_is_never_interrupted(scene: Scene) -> None:
    """Only a mail can wait for a call."""
    call = await scene.taken()
    with pytest.raises(TransitionRefused):
        await run(scene, "interrupt_leg", call)


# Leases ----------------------------------------------------------------------------------------------------------


async def test_who_is_lost_takes_part_no_more(scene: Scene) -> None:
    """A consult is due at once; the wrap-up of who passed a contact on has its own limit."""
    contact = await STAGES["consulted"](scene)
    await scene.lose("cecilia")
    assert await deadline(scene, f"side:{contact}.l2") == scene.now
    await run(scene, "transfer_contact", contact)
    await scene.lose("anna")
    assert await deadline(scene, f"side:{contact}.l1") == scene.now + 60_000
    assert await deadline(scene, f"orphan:{contact}.l1") is None


async def test_parked_work_of_somebody_lost_stays_as_long_as_written_work(scene: Scene) -> None:
    """Then a sweep returns it; who comes back in time keeps it."""
    contact = await STAGES["parked"](scene)
    await scene.lose("anna")
    assert await deadline(scene, f"orphan:{contact}") == scene.grace().written_until
    await scene.store.agents.open_session("anna", ROUTER, f"{ROUTER}/anna")
    assert await deadline(scene, f"orphan:{contact}") is None


# Beside the owner --------------------------------------------------------------------------------------------------


async def test_a_side_leg_names_its_agent_whatever_the_name(scene: Scene) -> None:
    """An agent's id may hold spaces."""
    await scene.desk("eva maria")
    contact = await scene.taken()
    times = SideTimes(scene.now + 60_000, scene.now + 30_000)
    await scene.store.legs.begin_side_leg(contact, "eva maria", "anna", "consult", times, EntryData(contact=contact))
    assert await scene.store.sides(contact) == {
        f"{contact}.l2": SideLeg("connecting", 1, "consult", "eva maria", times.ends_at)
    }
    await scene.store.legs.end_side_leg(f"{contact}.l2", "eva maria", EntryData(contact=contact))
    assert await scene.store.sides(contact) == {}


async def test_two_can_be_consulted_but_nobody_twice(scene: Scene) -> None:
    """Each has a leg of its own number."""
    contact = await STAGES["consulting"](scene)
    times = SideTimes(scene.now + 60_000, scene.now + 30_000)
    said = EntryData(contact=contact, agent="anna")
    with pytest.raises(TransitionRefused):
        await scene.store.legs.begin_side_leg(contact, "cecilia", "anna", "consult", times, said)
    done = await scene.store.legs.begin_side_leg(contact, "berit", "anna", "consult", times, said)
    assert done.number == 3
    assert await kinds(scene, "berit") == {f"{contact}.l3": "consult"}


async def test_nobody_ends_or_answers_for_another(scene: Scene) -> None:
    """The leg's own agent does; and what has ended is not found."""
    contact = await STAGES["consulting"](scene)
    leg, said = f"{contact}.l2", EntryData(contact=contact)
    times = SideTimes(scene.now + 60_000, scene.now + 30_000)
    before = await dump(scene.store)
    with pytest.raises(NotYours):
        await scene.store.legs.connect_side_leg(leg, "berit", times, said)
    with pytest.raises(NotYours):
        await scene.store.legs.end_side_leg(leg, "berit", said)
    assert await dump(scene.store) == before
    await scene.store.legs.end_side_leg(leg, "cecilia", said)
    with pytest.raises(NotFound):
        await scene.store.legs.connect_side_leg(leg, "cecilia", times, said)


async def test_a_limit_that_was_moved_is_not_enforced(scene: Scene) -> None:
    """The sweep that read the old limit comes too early: refused, and the leg keeps its deadline."""
    contact = await STAGES["passed_on"](scene)
    leg, said = f"{contact}.l1", EntryData(contact=contact)
    await run(scene, "extend_side_leg", contact)
    with pytest.raises(TransitionRefused):
        await scene.store.legs.end_side_leg(leg, "anna", said, only_after=True)
    assert await deadline(scene, f"side:{leg}") == scene.now + 120_000
    scene.clock.advance_s(120)
    await scene.store.legs.end_side_leg(leg, "anna", said, only_after=True)


async def test_looking_again_brings_no_deadline_back(scene: Scene) -> None:
    """A leg that ended between the look and the next one stays ended."""
    contact = await STAGES["consulted"](scene)
    await scene.store.legs.look_again(f"{contact}.l2", scene.now + 5)
    assert await deadline(scene, f"side:{contact}.l2") == scene.now + 5
    await run(scene, "end_side_leg", contact)
    await scene.store.legs.look_again(f"{contact}.l2", scene.now + 5)
    assert await deadline(scene, f"side:{contact}.l2") is None


async def test_a_contact_is_remembered_while_somebody_wraps_up_beside_it(scene: Scene) -> None:
    """Closed by the second, it leaves the store only when the first is done as well."""
    contact = await STAGES["consulted"](scene)
    await run(scene, "transfer_leg", contact)
    await scene.finish(contact, "cecilia")
    scene.clock.advance_s(15)
    assert not await scene.store.contacts.forget_contact(contact)
    await scene.store.legs.end_side_leg(f"{contact}.l1", "anna", EntryData(contact=contact))
    assert await scene.store.contacts.forget_contact(contact)


# Words not sent yet ------------------------------------------------------------------------------------------------


async def test_a_draft_is_no_content_record_and_leaves_with_the_contact(scene: Scene) -> None:
    """It is kept beside the records, and forgotten with them."""
    contact = await scene.taken()
    await scene.store.legs.save_draft(contact, "anna", "Hej")
    assert await scene.store.content(contact) == {1: b'{"text":"hello"}'}
    assert (await scene.store.contact_with_content(contact))[2] == "Hej"
    with pytest.raises(NotYours):
        await scene.store.legs.save_draft(contact, "berit", "Hej")
    with pytest.raises(NotFound):
        await scene.store.legs.save_draft("c-nowhere", "anna", "Hej")
    await scene.finish(contact)
    scene.clock.advance_s(15)
    assert await scene.store.contacts.forget_contact(contact)
    assert await scene.store.runner.read("EXISTS", scene.store.keys.content(contact)) == 0
