"""The floor read from the store: agents with their work, contacts at their places, who has declined what.

What changes while it is read is put right by the journal's entries from before the reading on. Never reads content.
"""

import msgspec

from router.floor import FloorState, Ramp
from router.journal import Placement
from router.model import Agent, read_asks, read_declined
from router.seating import Seat
from router.store.redis_store import Store
from router.waiting_room import Place, place_of

_placement = msgspec.json.Decoder(Placement)


async def load_floor(store: Store, floor: FloorState, ramp: Ramp) -> None:
    """Read everything into an empty floor."""
    agents = await store.agents_all()
    works = await store.read_works([agent.id for agent in agents])
    offered: list[str] = []
    for agent, work in zip(agents, works, strict=True):
        floor.seat(agent.id, seat_of(agent, work, ramp), agent.record())
        offered += [contact for contact, (_, _, kind) in work.items() if kind == "offer"]
    for bucket, text in (await store.runner.read_hash(store.keys.buckets)).items():
        floor.asks[bucket.decode()] = read_asks(text)
    await _load_waiting(store, floor)
    for contact, (declined,) in zip(offered, await store.read_fields(offered, "declined"), strict=True):
        _note_declined(floor, contact, declined)


async def load_agent(store: Store, floor: FloorState, agent_id: str, ramp: Ramp) -> None:
    """Read one agent anew: the floor was wrong about them."""
    agent = await store.agent(agent_id)
    if agent is not None:
        floor.seat(agent_id, seat_of(agent, await store.work(agent_id), ramp), agent.record())


def seat_of(agent: Agent, work: dict[str, tuple[str, str, str]], ramp: Ramp) -> Seat:
    """The agent's seat. How long an absence was is not kept: whoever is back for a moment comes back slowly."""
    return Seat(
        profile_n=agent.profile_n,
        presence=agent.presence,
        is_alive=agent.lease == "alive",
        is_connected=agent.connected == 1,
        form=agent.form,
        idle_since=agent.idle_since,
        work=work,
        cooling={"written": agent.cool_written} if agent.cool_written else {},
        since=agent.since,
        ramp_until=agent.since + ramp.up_ms if ramp.up_ms and agent.presence == "available" else 0,
    )


async def _load_waiting(store: Store, floor: FloorState) -> None:
    """All buckets together: there are more of them every day, and nobody is offered anything before all are read."""
    waiting = await store.waiting_in(list(floor.asks))
    rows = await store.read_fields([contact for _, contact, _ in waiting], "rev", "placed", "declined")
    for (bucket, contact, score), (rev, placed, declined) in zip(waiting, rows, strict=True):
        number = int(rev or 0)
        since = place_of(_placement.decode(placed), number).waits_from if placed else score
        floor.put(contact, Place(bucket, score, number, since))
        _note_declined(floor, contact, declined)


def _note_declined(floor: FloorState, contact: str, text: bytes | None) -> None:
    for agent, until in read_declined(text or b"").items():
        floor.decline(contact, agent, until)
