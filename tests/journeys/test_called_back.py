"""Residents who are called back, who leave a chat, who have something else open, as agents see it on their sockets."""

from typing import cast

from tests.journeys.town import Json, Town

PHONE = "+46701740612"
MAIL = "boende@example.se"


async def test_a_resident_is_called_back_in_their_turn(town: Town) -> None:
    """Promised at its place, offered again, dialled by the agent, missed at first by nobody, kept at the end."""
    anna = await town.at_work("anna")
    contact = await town.get_in_touch("phone", topic="KUF.BIB", person={"phone": PHONE})
    first = await anna.take(contact)
    promised = await anna.client.command(
        "callback.schedule", {"contact_id": contact, "keep_place": True, "by": "me", "note": "vill veta när"}
    )
    assert promised["contact_id"] == contact
    told = await anna.client.wait_event("contact.callback", lambda each: each["contact_id"] == contact)
    assert told["callback_id"] == f"{contact}.b1"
    assert cast("list[str]", told["moves"])[-2:] == ["callback.due", "contact.queued"]

    await town.hang_up(contact)
    second = await anna.take(contact)
    assert second.offer != first.offer
    assert second.card["received_at"] == first.card["received_at"]
    assert "vill veta när" in str(second.card["messages"])
    await anna.client.command("callback.result", {"contact_id": contact, "result": "connected"})
    assert await anna.client.wait_event("leg.connected", lambda each: each["contact_id"] == contact)
    await anna.finish(contact)
    await town.until_state(contact, "closed", is_told=True)


async def test_a_resident_who_does_not_answer_is_called_again(town: Town) -> None:
    """The agent is free at once, and told until when the resident is left alone."""
    anna = await town.at_work("anna")
    contact = await town.get_in_touch("phone", topic="KUF.BIB", person={"phone": PHONE})
    await anna.take(contact)
    await anna.client.command("callback.schedule", {"contact_id": contact, "keep_place": True})
    await anna.take(contact)
    await anna.client.command("callback.result", {"contact_id": contact, "result": "no_answer"})
    told = await anna.client.wait_event("contact.callback", lambda each: each["contact_id"] == contact)
    assert cast("int", told["until"]) >= cast("int", told["at"]) + 600_000
    assert (await town.contact(contact))["state"] == "callback"

    again = await town.get_in_touch("phone", topic="KUF.BIB", person={"phone": PHONE})
    assert (await anna.take(again)).contact == again
    await town.until_state(contact, "closed")
    await anna.finish(again)


async def test_a_chat_that_was_left_is_answered_in_writing(town: Town) -> None:
    """With words and an address nobody is lost by closing a window."""
    contact = await town.get_in_touch("chat", topic="KUF.BIB", person={"email": MAIL}, text="När öppnar badet?")
    await town.hang_up(contact)
    anna = await town.agent("anna")
    await anna.client.command("presence.form", {"form": "written"})
    await anna.presence("available")
    offer = await anna.take(contact)
    assert (offer.card["channel"], offer.card["medium"]) == ("email", "written")
    assert cast("Json", offer.card["content"])["text"] == "När öppnar badet?"
    await anna.finish(contact)
    await town.until_state(contact, "closed", is_told=True)


async def test_two_contacts_of_one_matter_are_answered_as_one(town: Town) -> None:
    """The offer names the mail that waits; attached, it is a follower of the call."""
    mail = await town.get_in_touch("email", topic="KUF.BIB", person={"phone": PHONE, "email": MAIL}, text="Se bilden")
    anna = await town.agent("anna")
    await anna.client.command("presence.form", {"form": "live"})
    await anna.presence("available")
    call = await town.get_in_touch("phone", topic="KUF.BIB", person={"phone": PHONE})
    offer = await anna.take(call)
    (other,) = cast("list[Json]", offer.card["others"])
    assert (other["contact_id"], other["state"]) == (mail, "queued")
    assert "Se bilden" not in str(offer.card)
    await anna.client.command("contact.attach", {"contact_id": mail, "to": call})
    told = await anna.client.wait_event("contact.closed", lambda each: each["contact_id"] == mail)
    assert told["to_contact"] == call
    await anna.finish(call)
    seen = await town.until_state(mail, "closed", is_told=True)
    assert [each["resolution"] for each in cast("list[Json]", seen["outcomes"])] == ["follower"]
