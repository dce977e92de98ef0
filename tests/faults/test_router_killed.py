"""A router that is killed at any moment loses nothing that it has accepted."""

import asyncio
from typing import cast

from tests.faults.evidence import broken, journal, standing
from tests.journeys.service_process import ServiceProcess
from tests.journeys.town import Json, Town

NOBODY = "naringsliv"
"""A skill that no agent of this test has."""


async def test_contacts_in_every_state_outlive_a_killed_router(service: ServiceProcess, town: Town) -> None:
    """Queued, offered, on the phone, on hold, in wrap-up and handed over: all are there again, and work goes on."""
    anna, beate, cecilia, doris = [await town.at_work(name) for name in ("anna", "beate", "cecilia", "doris")]
    talking = await town.call()
    await anna.take(talking)
    held = await town.call()
    await beate.take(held)
    await beate.client.command("work.hold", {"contact_id": held})
    wrapped = await town.call()
    await cecilia.take(wrapped)
    await town.hang_up(wrapped)
    await cecilia.client.wait_event("leg.wrapping_up")
    offered = await town.call()
    await doris.offered(offered)
    queued = await town.call("NÄR.TIL")
    reported = await town.get_in_touch("web", topic="GAT.HÅL", text="Hål", location={"lat": 59.3, "lon": 18.1})
    before = {each: await town.contact(each) for each in (talking, held, wrapped, offered, queued, reported)}

    await asyncio.to_thread(service.kill)
    await asyncio.to_thread(service.start)
    for contact, was in before.items():
        seen = await town.contact(contact)
        assert (seen["state"], seen["received_at"]) == (was["state"], was["received_at"])

    for gone, contact, state in (
        (anna, talking, "connected"),
        (beate, held, "on_hold"),
        (cecilia, wrapped, "wrapping_up"),
    ):
        back = await town.sit_down(gone.agent_id)
        (card,) = cast("list[Json]", back.client.snapshot["work"])
        assert (card["contact_id"], card["leg_state"]) == (contact, state)
        await back.presence("away", reason="paus")
        await back.finish(contact)
        await town.until_state(contact, "closed")

    await town.until_state(offered, "queued")
    erika = await town.at_work("erika", skills={NOBODY: 3})
    for contact in (offered, queued):
        await erika.take(contact)
        await erika.finish(contact)
    handover = str(before[reported]["handover_id"])
    await town.unit("accept", handover, str(before[reported]["unit"]))
    assert broken(await journal(service.store_url)) == []
    assert await standing(service.store_url) == []
