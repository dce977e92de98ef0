"""Commands on those who wait, and on what is decided about them: said once, numbered once, looked at in time."""

import pytest

from router.errors import StaleRevision
from router.journal import EntryData
from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.commands import prepare
from tests.store.scene import MINUTE_MS, Scene, asks_of, place_fields, place_of
from tests.store.stages import STAGES


@pytest.fixture
async def scene(store: Store, manual_clock: ManualClock) -> Scene:
    """A floor with two agents at their desks."""
    scene = Scene(store, manual_clock)
    await scene.desk("anna")
    await scene.desk("cecilia")
    return scene


async def strand(scene: Scene, contact: str, since: int = 0) -> int:
    """Say that nobody can ever take it; the entry's number, 0 when it was said already."""
    seen = await scene.contact(contact)
    done = await scene.store.queued.no_one_possible(
        contact, seen.bucket, seen.rev, EntryData(contact=contact), since=since
    )
    return done.n


async def test_that_nobody_can_take_it_is_said_until_somebody_could(scene: Scene) -> None:
    """Once; again after a moment at which it was possible; and again after an offer."""
    contact = await scene.receive()
    assert await strand(scene, contact)
    assert not await strand(scene, contact)
    assert (await scene.contact(contact)).stranded_at == scene.now
    scene.clock.advance_s(5)
    assert not await strand(scene, contact, since=scene.now - 6_000)
    assert await strand(scene, contact, since=scene.now - 1)
    await scene.offer(contact)
    assert (await scene.contact(contact)).stranded_at == 0


async def test_who_waits_is_looked_at_again_without_an_entry(scene: Scene) -> None:
    """Deadline and place agree on the moment, and an offer that returns keeps it."""
    contact = await scene.receive()
    position = await scene.store.position()
    at = scene.now + 5 * MINUTE_MS
    assert await scene.store.queued.look_again(contact, at)
    assert await scene.store.due(at, 9) == [(f"contact:{contact}", at)]
    assert (await scene.contact(contact)).wait_until == at
    assert await scene.store.position() == position
    await scene.offer(contact)
    await (await prepare(scene, "revoke_offer", contact))()
    assert (f"contact:{contact}", at) in await scene.store.due(at, 9)


@pytest.mark.parametrize("stage", sorted({"offered", "connected", "closed", "handed_over", "callback_promised"}))
async def test_who_does_not_wait_gets_no_deadline(scene: Scene, stage: str) -> None:
    """A sweep that comes too late leaves no trace."""
    contact = await STAGES[stage](scene)
    before = await scene.contact(contact)
    assert not await scene.store.queued.look_again(contact, scene.now + 1)
    assert await scene.contact(contact) == before
    assert not await scene.store.queued.look_again("c-nowhere", scene.now + 1)


async def test_two_who_decide_at_once_make_two_generations(scene: Scene) -> None:
    """The second is refused, whatever it wanted to do with the decision, and decides again."""
    contact = await scene.receive()
    seen = await scene.contact(contact)
    data, fields = EntryData(contact=contact, generation=2), {"generation": 2}
    await scene.store.queued.decide_contact(contact, seen.rev, data, fields)
    place = place_of(asks_of("phone", queue="wider"), scene.now, scene.now + MINUTE_MS)
    with pytest.raises(StaleRevision):
        await scene.store.queued.decide_contact(contact, seen.rev, data, fields)
    with pytest.raises(StaleRevision):
        await scene.store.queued.place_contact(
            contact, "", seen.bucket, seen.rev, place, data, {**place_fields(place), **fields}
        )
    with pytest.raises(StaleRevision):
        await scene.store.handovers.hand_over_contact(
            contact, "", "roads", scene.now, data, expected=seen.rev, terms=b"{}", bucket=seen.bucket, fields=fields
        )
    assert (await scene.contact(contact)).state == "queued"


async def test_what_a_decision_has_handed_over_no_click_takes_back(scene: Scene) -> None:
    """The decision stands on the contact with the handover, and there is nothing of the agent's to undo."""
    contact = await scene.taken()
    seen = await scene.contact(contact)
    done = await scene.store.handovers.hand_over_contact(
        contact,
        "anna",
        "roads",
        scene.now + MINUTE_MS,
        EntryData(contact=contact, agent="anna", generation=2),
        expected=seen.rev,
        terms=b"{}",
        bucket=seen.bucket,
        fields={"generation": 2, "restricted": 1, "suggested": ""},
    )
    after = await scene.contact(contact)
    assert (after.state, after.generation, after.restricted, after.undo) == ("handed_over", 2, 1, "")
    assert (await scene.journal())[-1].n == done.n
