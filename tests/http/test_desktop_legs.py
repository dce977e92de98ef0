"""Two desktops on one contact, over real sockets: who is told what when somebody is consulted and takes over."""

from typing import cast

from tests.desktop_client import DesktopClient
from tests.http.service_client import Json, ServiceClient


async def test_who_is_consulted_gets_the_card_and_then_the_contact(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """The consult rings with the card; after the warm transfer the second finishes while the first wraps up."""
    offer = await service.offered(desk, subject=name)
    contact = offer["contact_id"]
    await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    async with service.desktop(f"{name}-2") as second:
        await second.command("presence.set", {"state": "available"})
        asked = await desk.command("consult.start", {"contact_id": contact, "to": {"agent": f"{name}-2"}})
        rings: Json = await second.wait_event("leg.connecting")
        assert (rings["leg_id"], rings["contact"]["contact_id"]) == (asked["leg_id"], contact)
        await second.command("consult.answer", {"leg_id": asked["leg_id"]})
        told: Json = await desk.wait_event("leg.connected")
        assert told["side"]["agent"] == f"{name}-2"
        assert "contact" not in told
        to = {"agent": f"{name}-2"}
        passed = await desk.command("work.transfer", {"contact_id": contact, "to": to, "kind": "warm"})
        moved = await second.wait_event("contact.with_agent")
        assert (moved["status"], moved["to"]) == ("warm_agent", f"{name}-2")
        given: Json = await desk.wait_event("contact.with_agent")
        assert given["side"]["role"] == "wrap"
        await second.command("work.finish", {"contact_id": contact, "outcomes": [{"resolution": "answered"}]})
        await desk.command("wrap_up.end", {"leg_id": passed["leg_id"]})
        await service.go_home(f"{name}-2")


async def test_a_new_desktop_begins_with_what_somebody_is_consulted_about(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """The snapshot's work holds the card, and the card names who takes part."""
    offer = await service.offered(desk, subject=name)
    await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    async with service.desktop(f"{name}-2") as second:
        await second.command("presence.set", {"state": "available"})
        data = {"contact_id": offer["contact_id"], "to": {"agent": f"{name}-2"}}
        leg = (await desk.command("consult.start", data))["leg_id"]
    async with service.desktop(f"{name}-2") as second:
        work = cast("list[Json]", second.snapshot["work"])
        card: Json = work[0]
        assert [(side["leg_id"], side["role"]) for side in card["sides"]] == [(leg, "consult")]
        await second.command("consult.decline", {"leg_id": leg, "reason": "knowledge"})
    await desk.wait_event("leg.ended")
    await service.event("contact.ended", {"reason": "hung_up"}, subject=name)
