"""What buckets ask for leaves the store when nobody needs it, and not a moment before."""

import pytest

from router.bucket_care import LEAST, BucketCare
from router.floor import NO_RAMP, FloorState
from router.floor_loading import load_floor
from router.journal import EntryData
from router.store.redis_store import Store
from tests.manual_clock import ManualClock
from tests.store.scene import Scene


@pytest.fixture
async def scene(store: Store, manual_clock: ManualClock) -> Scene:
    """A floor with one agent."""
    scene = Scene(store, manual_clock)
    await scene.desk("anna")
    return scene


async def known(scene: Scene) -> set[str]:
    """The buckets whose asks the store holds."""
    return {bucket.decode() for bucket in await scene.store.runner.read_hash(scene.store.keys.buckets)}


async def over(scene: Scene, queue: str) -> str:
    """A bucket from which the only contact has left the store."""
    contact = await scene.receive(queue=queue)
    seen = await scene.contact(contact)
    await scene.store.contacts.end_contact(
        contact, "", seen.bucket, seen.rev, EntryData(contact=contact), wrap_until=scene.now
    )
    scene.clock.advance_s(60)
    assert await scene.store.contacts.forget_contact(contact)
    return seen.bucket


async def test_a_bucket_that_nobody_needs_is_forgotten(scene: Scene) -> None:
    """Once its last contact has left the store; one that is waited in, offered from or open elsewhere stays."""
    gone = await over(scene, "gone")
    needed = {
        (await scene.contact(contact)).bucket
        for contact in (await scene.receive(queue="waiting"), await scene.offered(channel="chat"))
    }
    assert await known(scene) == {gone, *needed}

    assert await BucketCare(scene.store).look(least=1) == 1
    assert await known(scene) == needed
    assert await BucketCare(scene.store).look(least=1) == 0


async def test_an_offer_that_comes_back_finds_its_bucket(scene: Scene) -> None:
    """The bucket of an offered contact is empty and stays known: whoever loads the floor later sees who waits in it."""
    contact = await scene.offered()
    assert await BucketCare(scene.store).look(least=1) == 0
    seen = await scene.contact(contact)
    await scene.store.contacts.revoke_offer(
        contact, "anna", seen.offer, seen.bucket, EntryData(contact=contact, agent="anna")
    )
    floor = FloorState({})
    await load_floor(scene.store, floor, NO_RAMP)
    assert contact in floor.places


async def test_what_happens_meanwhile_is_looked_at_first(scene: Scene) -> None:
    """Who came after the look and was offered at once is not forgotten: the command refuses, and says when to look."""
    bucket = await over(scene, "gone")
    looked_at = await scene.store.position()
    await scene.desk("berit")
    assert await scene.store.queued.forget_bucket(bucket, looked_at) is None
    assert await known(scene) == {bucket}

    contact = await scene.receive(queue="gone")
    assert await scene.store.queued.forget_bucket(bucket, await scene.store.position()) is False
    await scene.offer(contact)
    care = BucketCare(scene.store)
    assert await care._forget({bucket}, looked_at) == 0
    assert await known(scene) == {bucket}


async def test_forgetting_twice_is_forgetting_once(scene: Scene) -> None:
    """A command that is sent again finds nothing to do, and writes no entry."""
    bucket = await over(scene, "gone")
    position = await scene.store.position()
    replies = [await scene.store.queued.forget_bucket(bucket, position) for _ in range(2)]
    assert replies == [True, False]
    assert await scene.store.position() == position


async def test_a_few_buckets_are_left_alone(scene: Scene) -> None:
    """Below so many the contacts are not gone through."""
    bucket = await over(scene, "gone")
    assert await BucketCare(scene.store).look() == 0
    assert await known(scene) == {bucket}
    assert LEAST > 1
