"""Every supervisor's command as the socket's description shows it, given to a real service: it is done."""

from datetime import UTC, datetime
from typing import cast

import pytest

from router.http.asyncapi import asyncapi
from router.http.description_supervisor import COMMANDS
from tests.desktop_client import DesktopClient
from tests.http.service_client import Json, ServiceClient, check_frame, hold_against
from tests.http.test_described_commands import filled

WAITS = {"contact.priority", "contact.cancel"}
"""Commands on a contact that nobody has in hand."""


@pytest.mark.parametrize("name", sorted(COMMANDS))
async def test_every_supervisor_example_is_done(service: ServiceClient, name: str) -> None:
    """The described data with the ids of a real contact and a time to come; the answer has the described shape."""
    agent = f"ex-{name.replace('.', '-')}"
    profile: Json = {"name": "Berit Exempel", "skills": {"finska": 2}}
    await service.call("PUT", "/v1/agents/berit", role="supervisor", body=profile)
    boss = await DesktopClient.connect(service.url, service.token("supervisor", f"boss-{agent}"), check_frame)
    async with boss, service.desktop(agent) as desk:
        data = dict(COMMANDS[name].example)
        if "until" in data:
            data["until"] = datetime.fromtimestamp(service.run.store.clock.now_ms() / 1000 + 600, UTC).isoformat()
        if name == "disturbance.end":
            declared = dict(COMMANDS["disturbance.declare"].example)
            until = datetime.fromtimestamp(service.run.store.clock.now_ms() / 1000 + 600, UTC).isoformat()
            order = await boss.command("disturbance.declare", declared | {"until": until})
            data["id"] = cast("Json", order["disturbance"])["id"]
        if {"contact_id", "offer_id", "leg_id"} & data.keys():
            data = await staged(service, boss, desk, name, data)
        answer = await boss.answer(name, data)
        assert answer["ok"], answer
        messages = cast("Json", cast("Json", asyncapi()["components"])["messages"])
        hold_against(asyncapi, messages[f"res.{name}"]["payload"], answer)
        await service.event("contact.ended", {}, subject=agent)
        for queue in ("gata",) if name.startswith("queue.") else ():
            await boss.command("queue.open", {"queue": queue, "reason": "Slut."})
        if name == "crisis.on":
            await boss.command("crisis.off", {"reason": "Slut."})
    await service.go_home(agent)


async def staged(service: ServiceClient, boss: DesktopClient, desk: DesktopClient, name: str, data: Json) -> Json:
    """A contact in the state that the command needs, and the example with its names."""
    agent = f"ex-{name.replace('.', '-')}"
    if name in WAITS:
        contact = await service.receive("phone", agent)
        rev = (await service.state(contact, "queued"))["rev"]
        return filled(data, {"contact_id": contact, "offer_id": "", "rev": rev})
    await desk.command("presence.set", {"state": "available"})
    offer = await service.offered(desk, subject=agent)
    if name == "offer.revoke":
        return filled(data, offer)
    await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    if name == "leg.leave":
        joined = {"contact_id": offer["contact_id"], "mode": "listen", "reason": "Ny i arbetet."}
        return {"leg_id": (await boss.command("leg.join", joined))["leg_id"]}
    return filled(data, {**offer, "rev": (await service.state(str(offer["contact_id"]), "with_agent"))["rev"]})
