"""Decisions made again, over real sockets: what is suggested, agreed to, and taken by law."""

from typing import cast

from tests.desktop_client import DesktopClient
from tests.http.service_client import Json, ServiceClient
from tests.journeys.waiting import eventually

PERSON = {"phone": "070-174 06 05", "name": "Siv Kanariefågel"}
CANARY = "kanarie"


async def decisions(service: ServiceClient, contact: str, wanted: int) -> list[Json]:
    """Every generation, once the register has as many."""

    async def look() -> list[Json] | None:
        found = (await service.get(f"/v1/contacts/{contact}/decision")).body
        told = cast("list[Json]", found["decisions"])
        return told if len(told) >= wanted else None

    return await eventually(look)


async def test_a_suggestion_comes_with_what_and_why_and_waits(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """The event and the card name place and rules; consent moves the call, and every generation can be read."""
    contact = await service.in_hand(desk, subject=name, topic="KUF.BIB")
    await desk.command("topic.set", {"contact_id": contact, "topic": "BYG.LOV"})
    made: Json = await desk.wait_event("suggestion.made")
    assert (made["contact_id"], made["generation"], made["to"], made["reason"]) == (contact, 2, "bygg", "topic_set")
    card: Json = made["contact"]
    assert card["suggested"] == {"generation": 2, "kind": "queue", "queue": "bygg", "rules": ["E-BYG", "K29"]}
    assert "checklist:bygglov" in card["suggestions"]
    async with service.desktop(name) as again:
        work = cast("list[Json]", again.snapshot["work"])
        assert work[0]["suggested"] == card["suggested"]
        answer = {"contact_id": contact, "generation": 2, "consent": True}
        await again.command("suggestion.answer", answer)
        moved: Json = await again.wait_event("contact.queued")
        assert (moved["reason"], moved["status"], moved["queue"]) == ("suggestion", "agreed", "bygg")
    told = await decisions(service, contact, 2)
    assert [each["generation"] for each in told] == [1, 2]
    await service.event("contact.ended", {"reason": "hung_up"}, subject=name)


async def test_a_protection_found_in_the_call_hides_it_from_everybody_but_the_few(
    service: ServiceClient, desk: DesktopClient, name: str
) -> None:
    """The agent hears that the law took it; who may have it is offered a card without the person."""
    contact = await service.in_hand(desk, subject=name, topic="KUF.BIB", person=PERSON)
    found = {"contact_id": contact, "phone": PERSON["phone"], "protection": "protected_registration"}
    told = await desk.command("person.identify", found)
    assert told["protection"] == "protected_registration"
    taken: Json = await desk.wait_event("contact.queued")
    assert (taken["contact_id"], taken["reason"], taken["queue"]) == (contact, "law", "skyddad")
    refused = await desk.answer("contact.read", {"contact_id": contact, "reason": "quality"})
    assert refused["ok"] is False
    few = f"{name}-few"
    profile: Json = {"name": few, "skills": {"skyddad_id": 1}, "capacity": {"phone": 1}}
    await service.call("PUT", f"/v1/agents/{few}", role="supervisor", body=profile)
    async with service.desktop(few) as second:
        await second.command("presence.set", {"state": "available"})
        offer: Json = await second.wait_event("offer.issued")
        assert (offer["contact_id"], offer["contact"]["is_masked"]) == (contact, True)
        assert CANARY not in str(offer).casefold()
        await second.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
        await service.go_home(few)
    assert len(await decisions(service, contact, 2)) == 2
    again = await service.receive("chat", f"{name}-again", topic="KUF.BIB", person={"phone": PERSON["phone"]})
    assert (await service.get(f"/v1/contacts/{again}")).body["queue"] == "skyddad"
    await service.event("contact.ended", {"reason": "left"}, subject=f"{name}-again")


async def test_who_may_have_it_gets_the_masked_card_at_once(service: ServiceClient, name: str) -> None:
    """The holder of the restricted skill goes on, with a card that hides the person from now on."""
    few = f"{name}-few"
    profile: Json = {"name": few, "skills": {"skyddad_id": 1}, "capacity": {"phone": 1}}
    await service.call("PUT", f"/v1/agents/{few}", role="supervisor", body=profile)
    async with service.desktop(few) as desk:
        await desk.command("presence.set", {"state": "available"})
        person = {**PERSON, "phone": "070-174 06 17"}
        contact = await service.in_hand(desk, subject=name, topic="KUF.BIB", person=person)
        found = {"contact_id": contact, "phone": person["phone"], "protection": "marked"}
        await desk.command("person.identify", found)
        made: Json = await desk.wait_event("decision.made")
        assert (made["generation"], made["contact"]["is_masked"]) == (2, True)
        assert CANARY not in str(made).casefold()
        await service.go_home(few)
