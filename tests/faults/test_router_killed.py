"""A router that is killed at any moment loses nothing that it has accepted."""

import asyncio
from typing import cast

from tests.faults.evidence import broken, journal, standing
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Json, Town

NOBODY = "naringsliv"
"""A skill that no agent of this test has."""


async def on_their_way(town: Town) -> dict[str, tuple[str, str]]:
    """Contacts in every state; those in an agent's hands come with the agent and the leg's state."""
    anna, beate, cecilia, doris = [await town.at_work(name) for name in ("anna", "beate", "cecilia", "doris")]
    talking = (await anna.take(await town.call())).contact
    held = (await beate.take(await town.call())).contact
    await beate.client.command("work.hold", {"contact_id": held})
    wrapped = (await cecilia.take(await town.call())).contact
    await town.hang_up(wrapped)
    await cecilia.client.wait_event("leg.wrapping_up")
    await doris.offered(await town.call())
    await town.call("NÄR.TIL")
    await town.get_in_touch("web", topic="GAT.HÅL", text="Hål", location={"lat": 59.3, "lon": 18.1})
    return {
        talking: (anna.agent_id, "connected"),
        held: (beate.agent_id, "on_hold"),
        wrapped: (cecilia.agent_id, "wrapping_up"),
    }


async def test_contacts_in_every_state_outlive_a_killed_router(service: ServiceProcess, town: Town) -> None:
    """Queued, offered, on the phone, on hold, in wrap-up and handed over: all are there again, and work goes on."""
    in_hand = await on_their_way(town)
    before = {contact: await town.contact(contact) for contact in town.contacts}
    offered, queued, reported = town.contacts[-3:]
    await asyncio.to_thread(service.kill)
    await asyncio.to_thread(service.start)
    for contact, was in before.items():
        seen = await town.contact(contact)
        assert (seen["state"], seen["received_at"]) == (was["state"], was["received_at"])

    for contact, (agent, leg_state) in in_hand.items():
        back = await town.sit_down(agent)
        (card,) = cast("list[Json]", back.client.snapshot["work"])
        assert (card["contact_id"], card["leg_state"]) == (contact, leg_state)
        await back.presence("away", reason="paus")
        await back.finish(contact)
        await town.until_state(contact, "closed")

    await town.until_state(offered, "queued")
    erika = await town.at_work("erika", skills={NOBODY: 3})
    for contact in (offered, queued):
        await erika.finish((await erika.take(contact)).contact)
    await town.unit("accept", str(before[reported]["handover_id"]), str(before[reported]["unit"]))
    assert broken(await journal(service.store_url)) == []
    assert await standing(service.store_url) == []
