"""A random walk over a real store: agents come and go, contacts take every way there is; a seed makes it repeatable."""

import random
from collections.abc import Awaitable, Callable, Mapping

from router.errors import ServicecenterError
from router.journal import AgentRecord, EntryData
from router.model import OpenContact, SideLeg
from router.store.leg_commands import SideTimes
from tests.store.commands import BUILDERS, own_place, prepare
from tests.store.scene import CAPACITY, MINUTE_MS, ROUTER, Scene, asks_of, place_fields, place_of

AGENTS = ("anna", "berit", "cecilia")
BY_EVENT = {"record_message", "record_progress", "reopen_by_message"}
LIKELY = {
    "queued": ["issue_offer"] * 20 + ["pull", "pull", "promise_slot", "promise_place", "place", "cancel", "strand"],
    "offered": ["accept_offer"] * 20 + ["decline_offer", "revoke_offer", "expire_offer", "place", "promise_place"],
    "with_agent": [
        *("end_contact", "finish_work", "release_contact", "hand_over_contact", "hold_leg", "interrupt_leg"),
        *("resume_leg", "resume_leg", "park_contact", "park_contact", "transfer_contact", "transfer_out", "place"),
        *("consult",) * 5,
        *("answer",) * 5,
        *("pass_on",) * 5,
        *("join", "end_side", "end_side", "extend_side", "missed", "promise_place"),
    ],
    "parked": ["resume_contact", "resume_contact", "release_parked", "undo", "attach", "place"],
    "callback": ["fall_due", "fall_due", "cancel"],
    "closed": ["undo", "end_side"],
    "handed_over": ["accept_handover", "finish_handover", "return_handover", "undo"],
}
"""What most often happens to a contact in a state."""
Move = Callable[[Scene, OpenContact, random.Random], Awaitable[object]]


def said(contact: OpenContact, agent: str) -> EntryData:
    """What the entry says, with the channel, as the desk's own entries do."""
    return EntryData(contact=contact.id, agent=agent, channel=contact.channel, medium=contact.medium)


async def consult(scene: Scene, contact: OpenContact, order: random.Random, role: str = "consult") -> None:
    """The owner asks another agent."""
    other = order.choice(AGENTS)
    times = SideTimes(scene.now + 2 * MINUTE_MS, scene.now + MINUTE_MS // 2)
    await scene.store.legs.begin_side_leg(contact.id, other, contact.agent, role, times, said(contact, other))


async def join(scene: Scene, contact: OpenContact, order: random.Random) -> None:
    """A supervisor listens."""
    await consult(scene, contact, order, "supervisor")


async def side_of(scene: Scene, contact: OpenContact, order: random.Random) -> tuple[str, SideLeg]:
    """Any leg beside the owner's; one that does not exist when there is none."""
    sides = await scene.store.sides(contact.id)
    leg = order.choice(sorted(sides) or [f"{contact.id}.l0"])
    return leg, sides.get(leg, SideLeg("", 0, "", "anna", 0))


async def answer(scene: Scene, contact: OpenContact, order: random.Random) -> None:
    """The one who was asked takes part."""
    leg, side = await side_of(scene, contact, order)
    times = SideTimes(scene.now + 2 * MINUTE_MS, scene.now + MINUTE_MS // 2)
    await scene.store.legs.connect_side_leg(leg, side.agent, times, said(contact, side.agent))


async def pass_on(scene: Scene, contact: OpenContact, order: random.Random) -> None:
    """Warm transfer to who takes part."""
    leg, side = await side_of(scene, contact, order)
    await scene.store.legs.transfer_leg(
        contact.id, contact.agent, side.agent, leg, said(contact, side.agent), wrap_until=scene.now + MINUTE_MS
    )


async def end_side(scene: Scene, contact: OpenContact, order: random.Random) -> None:
    """A leg beside ends."""
    leg, side = await side_of(scene, contact, order)
    await scene.store.legs.end_side_leg(leg, side.agent, said(contact, side.agent))


async def extend_side(scene: Scene, contact: OpenContact, order: random.Random) -> None:
    """A wrap-up beside takes longer."""
    leg, side = await side_of(scene, contact, order)
    await scene.store.legs.extend_side_leg(leg, side.agent, scene.now + 2 * MINUTE_MS, said(contact, side.agent))


async def pull(scene: Scene, contact: OpenContact, order: random.Random) -> None:
    """Somebody takes it unasked."""
    agent = order.choice(AGENTS)
    await scene.store.legs.pull_contact(contact.id, agent, contact.bucket, said(contact, agent))


async def undo(scene: Scene, contact: OpenContact, order: random.Random) -> None:
    """The last agent takes it back."""
    del order
    by = contact.undo.split(" ", 2)[-1]
    await scene.store.legs.undo_work(contact.id, by, contact.bucket, 0, said(contact, by))


async def place(scene: Scene, contact: OpenContact, order: random.Random) -> None:
    """A supervisor says where it waits: for everybody, or for one agent."""
    general = asks_of(contact.channel)
    where = place_of(general, contact.score, scene.now + MINUTE_MS)
    where = order.choice([where, own_place(scene, contact, order.choice(AGENTS))])
    data = said(contact, contact.agent)
    await scene.store.queued.place_contact(
        contact.id, contact.agent, contact.bucket, -1, where, data, place_fields(where)
    )


async def promise(scene: Scene, contact: OpenContact, slot_at: int) -> None:
    """A call back is promised."""
    where = place_of(asks_of(contact.channel), contact.score, scene.now + MINUTE_MS)
    await scene.store.callbacks.promise_callback(
        contact.id,
        contact.agent,
        contact.bucket,
        -1,
        where,
        said(contact, contact.agent),
        slot_at=slot_at,
        notice_kind="",
        fields=place_fields(where),
    )


async def fall_due(scene: Scene, contact: OpenContact, order: random.Random) -> None:
    """The promised time has come."""
    del order
    where = place_of(asks_of(contact.channel), scene.now, scene.now + MINUTE_MS)
    fields = place_fields(where)
    await scene.store.callbacks.fall_due_callback(contact.id, -1, where, said(contact, ""), fields=fields)


async def missed(scene: Scene, contact: OpenContact, order: random.Random) -> None:
    """The resident did not answer."""
    next_at = order.choice([0, scene.now + MINUTE_MS])
    data = said(contact, contact.agent)
    await scene.store.callbacks.miss_callback(contact.id, contact.agent, -1, data, next_at=next_at, notice_kind="")


async def attach(scene: Scene, contact: OpenContact, order: random.Random) -> None:
    """Answered as one with another."""
    del order
    data = said(contact, contact.agent)
    await scene.store.callbacks.attach_contact(contact.id, contact.agent, contact.bucket, -1, "c0", data)


MOVES: Mapping[str, Move] = {
    "consult": consult,
    "join": join,
    "answer": answer,
    "pass_on": pass_on,
    "end_side": end_side,
    "extend_side": extend_side,
    "pull": pull,
    "undo": undo,
    "place": place,
    "promise_slot": lambda s, c, _: promise(s, c, s.now + MINUTE_MS),
    "promise_place": lambda s, c, _: promise(s, c, 0),
    "fall_due": fall_due,
    "missed": missed,
    "attach": attach,
    "cancel": lambda s, c, _: s.store.callbacks.cancel_contact(c.id, c.agent, c.bucket, -1, said(c, c.agent)),
    "strand": lambda s, c, _: s.store.queued.no_one_possible(c.id, c.bucket, -1, said(c, "")),
}
"""Moves that `BUILDERS` has not, or only for one agent."""


async def walk(scene: Scene, steps: int, order: random.Random) -> None:
    """Random commands, most of them with an effect; refused ones are no matter."""
    for _ in range(steps):
        scene.clock.advance_s(order.choice([0, 1, 1, 1, 20]))
        try:
            if order.random() < 0.06:
                await scene.receive(channel=order.choice(["phone", "chat", "chat", "email"]))
            elif order.random() < 0.12:
                await one_agent(scene, order.choice(AGENTS), order)
            else:
                await one_command(scene, order)
        except ServicecenterError:
            continue


async def one_agent(scene: Scene, agent: str, order: random.Random) -> None:
    """An agent leaves, comes back, takes a pause or is described anew."""
    agents = scene.store.agents
    match order.choice(["presence", "lose", *["return"] * 5, "form", "profile"]):
        case "presence":
            event = order.choice(["go_available", "go_available", "go_available", "go_away", "drain"])
            await agents.set_presence(agent, event, bound_for="away")
        case "lose":
            await scene.lose(agent)
        case "form":
            await agents.set_form(agent, order.choice(["both", "both", "live", "written"]))
        case "profile":
            record = AgentRecord({"waste": order.randint(1, 3)}, CAPACITY, can_interrupt=order.random() < 0.5)
            await agents.put_agent(agent, agent, record, CAPACITY, "cli")
        case _:
            await agents.open_session(agent, ROUTER, f"{ROUTER}/{agent}")
            await agents.set_presence(agent, "go_available")


async def one_command(scene: Scene, order: random.Random) -> None:
    """Mostly what a recent contact's state suggests, by whose it is."""
    if not scene.received:
        return
    contact = await scene.contact(order.choice(scene.received[-6:]))
    likely = LIKELY.get(contact.state, [])
    name = order.choice(likely if likely and order.random() < 0.9 else sorted(set(BUILDERS) - BY_EVENT))
    if name in MOVES:
        await MOVES[name](scene, contact, order)
        return
    agent = contact.agent or ("" if name == "end_contact" else order.choice(AGENTS))
    await (await prepare(scene, name, contact.id, agent=agent))()
