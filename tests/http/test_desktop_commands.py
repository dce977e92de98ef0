"""Every command of the desktop: what it does, what it answers, what it refuses."""

import pytest

from router.desk.commands import CLICKED, NEEDS_EVIDENCE
from tests.desktop_client import DesktopClient, Refused
from tests.http.service_client import Json, ServiceClient

NOBODY = "c00000000000000000000"
ANSWERED: list[Json] = [{"resolution": "answered"}]


async def refused(desk: DesktopClient, name: str, data: Json) -> tuple[str, str]:
    """Slug and field of the refusal."""
    with pytest.raises(Refused) as told:
        await desk.command(name, data)
    assert told.value.problem["instance"] == name
    return told.value.slug, str(told.value.problem.get("field", ""))


async def test_presence_is_set_and_told(desk: DesktopClient) -> None:
    """Away and back; each is answered and told."""
    assert await desk.command("presence.set", {"state": "away", "reason": "lunch"}) == {"presence": "away"}
    assert (await desk.wait_event("presence.away"))["reason"] == "lunch"
    assert await desk.command("presence.set", {"state": "available"}) == {"presence": "available"}
    await desk.wait_event("presence.available")


async def test_leaving_takes_the_open_offer_back(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """Who goes away keeps no offer; the contact is queued again."""
    offer = await service.offered(desk, subject=name)
    await desk.command("presence.set", {"state": "away"})
    assert (await desk.wait_event("offer.revoked"))["offer_id"] == offer["offer_id"]
    await service.event("contact.ended", {"reason": "left"}, subject=name)


async def test_draining_ends_with_the_work_in_hand(service: ServiceClient, desk: DesktopClient) -> None:
    """`after_current` waits for the conversation, then the wanted presence comes by itself."""
    contact = await service.in_hand(desk)
    answer = await desk.command("presence.set", {"state": "away", "reason": "lunch", "when": "after_current"})
    assert answer == {"presence": "draining"}
    await desk.command("work.finish", {"contact_id": contact, "outcomes": ANSWERED})
    assert (await desk.wait_event("presence.away"))["state"] == "away"


async def test_the_form_keeps_other_work_away(service: ServiceClient, desk: DesktopClient) -> None:
    """An agent of the written form is offered the mail, not the call that came before it."""
    assert await desk.command("presence.form", {"form": "written"}) == {"form": "written"}
    assert (await desk.wait_event("form.set"))["form"] == "written"
    call = await service.event("contact.received", {"channel": "phone"}, subject="form-call")
    offer = await service.offered(desk, "email", text="Hej")
    assert offer["contact_id"] != call.contact
    await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})
    await service.event("contact.ended", {"reason": "hung_up"}, subject="form-call")
    await desk.command("presence.form", {"form": "both"})


async def test_an_offer_carries_the_contact(service: ServiceClient, desk: DesktopClient) -> None:
    """The card has the words and what the agent must know."""
    offer = await service.offered(desk, "chat", text="Hej!", person={"phone": "+46701740610"})
    card: Json = offer["contact"]
    assert card["content"] == {"channel": "chat", "text": "Hej!", "person": {"phone": "+46701740610"}}
    assert (card["rev"], card["offer_id"], card["state"]) == (offer["rev"], offer["offer_id"], "offered")
    assert offer["expires_at"] > offer["at"]
    await desk.command("offer.accept", {"offer_id": offer["offer_id"], "rev": offer["rev"]})


async def test_a_protected_person_is_masked(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """Only an agent with the skill is offered the contact, and even there the person's particulars are left out."""
    profile = {"name": "Robin Exempel", "skills": {"skyddad_id": 1}}
    await service.call("PUT", f"/v1/agents/{name}", role="supervisor", body=profile)
    await desk.wait_event("profile.put")
    person = {"phone": "+46701740611", "name": "Kim Exempel", "protection": "protected_registration"}
    card: Json = (await service.offered(desk, "chat", name, text="Hej", person=person))["contact"]
    assert card["is_masked"] is True
    assert "person" not in card["content"]
    assert "740611" not in str(card)
    await service.event("contact.ended", {"reason": "left"}, subject=name)


async def test_accepting_takes_the_contact(service: ServiceClient, desk: DesktopClient) -> None:
    """The answer names leg and revision; a second accept gives the same leg."""
    offer = await service.offered(desk)
    data = {"offer_id": offer["offer_id"], "rev": offer["rev"]}
    answer = await desk.command("offer.accept", data)
    assert answer == {"contact_id": offer["contact_id"], "rev": offer["rev"] + 1, "leg_id": f"{offer['contact_id']}.l1"}
    assert (await desk.command("offer.accept", data))["leg_id"] == answer["leg_id"]
    assert (await desk.wait_event("offer.accepted"))["leg_id"] == answer["leg_id"]


async def test_accepting_what_has_moved_on(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """A stale revision, a foreign offer, one that is gone and one that never was."""
    offer = await service.offered(desk, subject=name)
    stale = {"offer_id": offer["offer_id"], "rev": offer["rev"] - 1}
    assert (await refused(desk, "offer.accept", stale))[0] == "stale-revision"
    async with service.desktop(f"{name}-2") as other:
        data = {"offer_id": offer["offer_id"], "rev": offer["rev"]}
        assert (await refused(other, "offer.accept", data))[0] == "not-yours"
        assert (await refused(other, "offer.decline", data | {"reason": "x"}))[0] == "not-yours"
    await service.event("contact.ended", {"reason": "hung_up"}, subject=name)
    assert (await refused(desk, "offer.accept", data))[0] in {"offer-gone", "stale-revision"}
    assert (await refused(desk, "offer.accept", {"offer_id": f"{NOBODY}.o1", "rev": 1}))[0] == "offer-gone"


async def test_declining_gives_it_back(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """The contact returns to its place and goes to somebody else."""
    offer = await service.offered(desk, subject=name)
    async with service.desktop(f"{name}-2") as other:
        await other.command("presence.set", {"state": "available"})
        data = {"offer_id": offer["offer_id"], "rev": offer["rev"], "reason": "wrong_skill"}
        assert (await desk.command("offer.decline", data))["contact_id"] == offer["contact_id"]
        assert (await desk.wait_event("offer.declined"))["reason"] == "wrong_skill"
        again = await other.wait_event("offer.issued")
        assert again["contact_id"] == offer["contact_id"]
        assert (await refused(desk, "offer.decline", data))[0] == "offer-gone"
        await service.event("contact.ended", {"reason": "hung_up"}, subject=name)
        await other.command("presence.set", {"state": "offline"})
    assert (await refused(desk, "offer.decline", data | {"offer_id": f"{NOBODY}.o1"}))[0] == "not-found"


async def test_notes_messages_and_topic(service: ServiceClient, desk: DesktopClient) -> None:
    """Words are kept beside the contact; the topic is told and shown over REST."""
    contact = await service.in_hand(desk, "chat")
    for command in ("note.add", "message.send"):
        assert (await desk.command(command, {"contact_id": contact, "text": "Hej på dig"}))["contact_id"] == contact
    assert len(await service.run.store.content(contact)) == 3
    await desk.command("topic.set", {"contact_id": contact, "topic": "KUF.BAD"})
    assert (await desk.wait_event("topic.set"))["topic"] == "KUF.BAD"
    assert (await service.get(f"/v1/contacts/{contact}")).body["topic"] == "KUF.BAD"
    assert await refused(desk, "topic.set", {"contact_id": contact, "topic": "NO.SUCH"}) == (
        "unknown-topic",
        "$.data.topic",
    )
    assert (await refused(desk, "note.add", {"contact_id": contact, "text": ""}))[1] == "$.data.text"
    assert (await refused(desk, "note.add", {"contact_id": contact, "text": "a\0b"}))[0] == "malformed-body"


async def test_who_the_resident_is(service: ServiceClient, desk: DesktopClient) -> None:
    """A verified person has a history; a person whom nobody knows has none."""
    contact = await service.in_hand(desk, person={"anonymous": True})
    assert await desk.command("history.get", {"contact_id": contact}) == {"identity": "none", "contacts": []}
    answer = await desk.command("person.identify", {"contact_id": contact, "party_id": "kund-7", "loa": 3})
    assert answer["identity"] == "verified"
    assert (await desk.command("history.get", {"contact_id": contact}))["identity"] == "verified"
    assert (await refused(desk, "person.identify", {"contact_id": contact, "loa": 5}))[1] == "$.data.loa"


async def test_hold_and_resume(service: ServiceClient, desk: DesktopClient) -> None:
    """The resident waits and comes back; twice on hold is refused."""
    contact = await service.in_hand(desk)
    await desk.command("work.hold", {"contact_id": contact})
    await desk.wait_event("leg.on_hold")
    assert (await refused(desk, "work.hold", {"contact_id": contact}))[0] == "transition-refused"
    await desk.command("work.resume", {"contact_id": contact})
    await desk.wait_event("leg.connected")
    assert (await refused(desk, "work.resume", {"contact_id": contact}))[0] == "transition-refused"


async def test_wrap_up(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """When the resident has gone there is time to finish, more of it when asked, and an end without outcome."""
    contact = await service.in_hand(desk, subject=name)
    for command in ("wrap_up.extend", "wrap_up.end"):
        assert (await refused(desk, command, {"contact_id": contact}))[0] == "transition-refused"
    await service.event("contact.ended", {"reason": "hung_up"}, subject=name)
    first = await desk.wait_event("leg.wrapping_up")
    await desk.command("wrap_up.extend", {"contact_id": contact, "seconds": 600})
    assert int(str((await desk.wait_event("leg.wrapping_up"))["until"])) > int(str(first["until"]))
    assert (await refused(desk, "wrap_up.extend", {"contact_id": contact, "seconds": 9}))[1] == "$.data.seconds"
    await desk.command("wrap_up.end", {"contact_id": contact})
    await desk.wait_event("contact.closed")
    assert await service.resolutions(contact) == ["uncoded"]


@pytest.mark.parametrize("resolution", CLICKED)
async def test_every_resolution_ends_the_work(service: ServiceClient, desk: DesktopClient, resolution: str) -> None:
    """Each word closes the contact; those that need a cause or evidence are refused without."""
    contact = await service.in_hand(desk)
    outcome: Json = {"resolution": resolution, "topic": "BYG.LOV"}
    missing = "cause" if resolution == "unresolved" else "evidence" if resolution in NEEDS_EVIDENCE else ""
    if missing:
        data = {"contact_id": contact, "outcomes": [outcome]}
        assert await refused(desk, "work.finish", data) == ("unknown-outcome", f"$.data.outcomes[0].{missing}")
        outcome[missing] = "knowledge" if missing == "cause" else "delegation 4.2"
    await desk.command("work.finish", {"contact_id": contact, "outcomes": [outcome]})
    await desk.wait_event("contact.closed")
    assert await service.resolutions(contact) == [resolution]


async def test_finishing_is_checked(service: ServiceClient, desk: DesktopClient, name: str) -> None:
    """Outcomes, topic, revision and owner are looked at before anything ends."""
    contact = await service.in_hand(desk)
    wrong: list[list[Json]] = [[], [*ANSWERED] * 11, [{"resolution": "solved"}], [{}]]
    for outcomes in wrong:
        slug, field = await refused(desk, "work.finish", {"contact_id": contact, "outcomes": outcomes})
        assert (slug, field.startswith("$.data.outcomes")) == ("schema-mismatch", True)
    unknown = [{"resolution": "answered", "topic": "NO.SUCH"}]
    told = await refused(desk, "work.finish", {"contact_id": contact, "outcomes": unknown})
    assert told == ("unknown-topic", "$.data.outcomes[0].topic")
    stale = {"contact_id": contact, "outcomes": ANSWERED, "rev": 1}
    assert (await refused(desk, "work.finish", stale))[0] == "stale-revision"
    async with service.desktop(f"{name}-2") as other:
        for command in ("work.finish", "work.hold", "work.resume", "wrap_up.end", "wrap_up.extend"):
            data = {"contact_id": contact} | ({"outcomes": ANSWERED} if command == "work.finish" else {})
            assert (await refused(other, command, data))[0] == "not-yours"
            assert (await refused(other, command, data | {"contact_id": NOBODY}))[0] == "not-found"
        for command in ("note.add", "message.send"):
            assert (await refused(other, command, {"contact_id": contact, "text": "x"}))[0] == "not-yours"
        assert (await refused(other, "topic.set", {"contact_id": contact, "topic": "BYG.LOV"}))[0] == "not-yours"
        assert (await refused(other, "person.identify", {"contact_id": contact}))[0] == "not-yours"
        assert (await refused(other, "history.get", {"contact_id": contact}))[0] == "forbidden"
        assert (await refused(other, "handover.create", {"contact_id": contact, "unit": "gata"}))[0] == "forbidden"


async def test_handing_over(service: ServiceClient, desk: DesktopClient) -> None:
    """The preview shows the terms and changes nothing; the hand-over ends the agent's part."""
    contact = await service.in_hand(desk)
    data = {"contact_id": contact, "unit": "gata", "topic": "GAT.HÅL"}
    terms = await desk.command("handover.preview", data)
    assert terms["unit"] == "gata"
    assert int(str(terms["accept_by"])) <= int(str(terms["finish_by"]))
    assert (await refused(desk, "handover.create", data | {"unit": "moon"}))[0] == "unknown-unit"
    assert (await refused(desk, "handover.create", data | {"topic": "NO.SUCH"}))[0] == "unknown-topic"
    answer = await desk.command("handover.create", data | {"note": "Vid övergångsstället."})
    assert answer["handover_id"] == f"{contact}.h1"
    assert (await desk.wait_event("contact.handed_over"))["handover_id"] == answer["handover_id"]
    assert (await service.get(f"/v1/contacts/{contact}")).body["state"] == "handed_over"


async def test_commands_that_are_none(desk: DesktopClient) -> None:
    """An unknown name, missing and unknown fields, data of another kind."""
    assert await refused(desk, "coffee.make", {}) == ("unknown-command", "$.name")
    assert await refused(desk, "presence.set", {}) == ("schema-mismatch", "$.data")
    assert await refused(desk, "presence.set", {"state": "available", "mood": "fine"}) == ("schema-mismatch", "$.data")
    assert await refused(desk, "presence.set", {"state": "asleep"}) == ("schema-mismatch", "$.data.state")
    assert await refused(desk, "queue.list", {"queue": "bygg"}) == ("schema-mismatch", "$.data")
    assert (await desk.command("queue.list"))["queues"] is not None
