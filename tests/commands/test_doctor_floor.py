import pytest

from router.commands.doctor import floor
from router.commands.doctor.findings import Finding
from router.config import FloorConfig
from tests.store.scene import ROUTER, Scene
from tests.store.stages import STAGES

QUICK = FloorConfig(leader_lease_s=0.1)


async def broken(scene: Scene) -> dict[str, Finding]:
    """What the look at places finds wrong, by check."""
    return {each.name: each for each in await floor.places(scene.store) if each.status != "ok"}


async def test_a_floor_at_work_is_fine(scene: Scene) -> None:
    """Contacts in every kind of place, and nothing to complain of."""
    for agent in ("anna", "bo", "cecilia"):
        await scene.desk(agent)
    await scene.receive()
    await scene.offered("anna")
    await scene.taken("bo", channel="email")
    await scene.wrapped("cecilia")
    await scene.receive_handed_over()
    await scene.receive_answered()
    assert not await broken(scene)


@pytest.mark.parametrize("stage", STAGES)
async def test_every_stage_of_a_contact_is_fine(scene: Scene, stage: str) -> None:
    """Promised calls, parked work, consults: whatever the service itself makes is no finding."""
    for agent in ("anna", "berit", "cecilia"):
        await scene.desk(agent)
    await STAGES[stage](scene)
    assert not await broken(scene)


async def test_a_waiting_contact_outside_its_bucket_is_found(scene: Scene) -> None:
    """Nobody would ever be offered it."""
    contact = await scene.receive()
    bucket = (await scene.contact(contact)).bucket
    await scene.store.runner.write("ZREM", scene.store.keys.bucket(bucket), contact)
    found = await broken(scene)
    assert set(found) == {"buckets"}
    assert contact in found["buckets"].found


async def test_a_bucket_that_names_what_does_not_wait_is_found(scene: Scene) -> None:
    """It would be planned again and again, and refused."""
    await scene.desk()
    taken = await scene.taken()
    waiting = await scene.receive()
    bucket = (await scene.contact(waiting)).bucket
    await scene.store.runner.write("ZADD", scene.store.keys.bucket(bucket), 1, taken, 1, "c-gone")
    found = await broken(scene)
    assert set(found) == {"buckets"}
    assert taken in found["buckets"].found
    assert "c-gone" in found["buckets"].found


async def test_a_contact_without_deadline_is_found(scene: Scene) -> None:
    """It would wait for ever."""
    contact = await scene.receive()
    await scene.store.runner.write("ZREM", scene.store.keys.deadlines, f"contact:{contact}")
    found = await broken(scene)
    assert set(found) == {"contacts without deadline"}
    assert contact in found["contacts without deadline"].found


async def test_work_of_an_agent_who_is_gone_without_a_deadline_is_found(scene: Scene) -> None:
    """A lease keeps work; without a lease a deadline must."""
    await scene.desk()
    contact = await scene.taken(channel="email")
    assert not await broken(scene)
    await scene.lose()
    assert not await broken(scene)
    await scene.store.runner.write("ZREM", scene.store.keys.deadlines, f"orphan:{contact}")
    assert set(await broken(scene)) == {"contacts without deadline"}


async def test_work_that_is_no_longer_the_agents_is_found(scene: Scene) -> None:
    """An agent who holds what is over has no room for what comes."""
    await scene.desk()
    await scene.store.runner.write("HSET", scene.store.keys.work("anna"), "c-gone", "phone:voice:leg")
    found = await broken(scene)
    assert set(found) == {"work"}
    assert "c-gone" in found["work"].found


async def test_a_deadline_that_nobody_acted_on_is_found(scene: Scene) -> None:
    """With a leader that is broken; without one the next start does it."""
    await scene.receive()
    assert (await floor.deadlines(scene.store, is_led=True)).status == "ok"
    scene.clock.advance_s(120)
    finding = await floor.deadlines(scene.store, is_led=True)
    assert finding.status == "error"
    assert "contact:" in finding.found
    assert (await floor.deadlines(scene.store, is_led=False)).status == "warning"


async def test_a_silent_router_that_the_leader_overlooks_is_an_error(scene: Scene) -> None:
    """Its agents would keep offers that they can't see."""
    await scene.store.beat(ROUTER)
    scene.clock.advance_s(60)
    await scene.store.beat("router-2")
    await scene.store.take_lease("leader", "router-2", 60_000)
    seen = await floor.routers(scene.store, QUICK)
    assert (seen.leader, seen.alive, seen.silent) == ("router-2", ["router-2"], [ROUTER])
    leader, others = floor.leadership(seen)
    assert (leader.status, others.status) == ("ok", "error")
    assert ROUTER in others.found


async def test_a_floor_where_nothing_runs_is_no_error(scene: Scene) -> None:
    """A router that ended is cared for at the next start."""
    await scene.store.beat(ROUTER)
    scene.clock.advance_s(60)
    findings = floor.leadership(await floor.routers(scene.store, QUICK))
    assert [finding.status for finding in findings] == ["ok", "ok"]


def test_routers_without_a_leader_are_an_error() -> None:
    """Nothing is offered and nothing swept."""
    leader, _ = floor.leadership(floor.Routers("", ["router-1"], []))
    assert leader.status == "error"
    assert "router-1" in leader.found
