"""Who is offered what: skills, language, protection, room for more, and who has waited longest."""

from typing import cast

from tests.journeys.town import Json, Town


async def test_the_longest_idle_agent_is_asked_first(town: Town) -> None:
    """Of two who can, the one who has been free longest gets the call, and the record names the other."""
    anna = await town.at_work("anna")
    beate = await town.at_work("beate")
    first = await town.call()
    await anna.take(first)
    await anna.finish(first)
    second = await town.call()
    await beate.take(second)
    await beate.finish(second)
    seen = await town.until_state(first, "closed", is_told=True)
    chosen = cast("Json", cast("list[Json]", seen["offers"])[0]["chosen"])
    assert (chosen["reason"], chosen["runners_up"]) == ("longest_idle", [beate.agent_id])


async def test_a_finnish_caller_gets_a_finnish_speaker(town: Town) -> None:
    """The language is a skill that nothing widens away; the idle agent without it is not asked."""
    anna = await town.at_work("anna")
    aino = await town.at_work("aino", skills={"finska": 3})
    contact = await town.get_in_touch("phone", topic="KUF.BIB", person={"language": "fi"})
    offer = await aino.take(contact)
    assert offer.card["queue"] == "finska"
    await aino.finish(contact)
    assert anna.missed() == ["presence.available"]


async def test_a_protected_person_is_met_by_few_and_masked(town: Town) -> None:
    """Only holders of `skyddad_id` are asked, and even they see neither name, number nor address."""
    anna = await town.at_work("anna", skills={"bygg": 5})
    gunilla = await town.at_work("gunilla", skills={"skyddad_id": 1, "bygg": 2})
    contact = await town.get_in_touch(
        "phone",
        topic="BYG.LOV",
        person={"phone": "+46701740607", "name": "Siv Skyddad", "protection": "protected_registration"},
        location={"lat": 59.3, "lon": 18.1, "address": "Hemliga gatan 1"},
    )
    offer = await gunilla.take(contact)
    assert offer.card["is_masked"] is True
    assert set(cast("Json", offer.card["content"])) <= {"channel", "topic", "severity", "text"}
    await gunilla.finish(contact)
    assert anna.missed() == ["presence.available"]


async def test_protection_once_known_holds_on_a_channel_that_does_not_know_it(town: Town) -> None:
    """The protected person's next call, without the flag, is masked and kept from ordinary agents all the same."""
    gunilla = await town.at_work("gunilla", skills={"skyddad_id": 1, "bygg": 2})
    known = {"phone": "+46701740609", "protection": "marked"}
    first = await town.get_in_touch("phone", topic="BYG.LOV", person=known)
    await gunilla.take(first)
    await gunilla.finish(first)
    await town.until_state(first, "closed", is_told=True)
    anna = await town.at_work("anna", skills={"bygg": 5})
    again = await town.get_in_touch("phone", topic="BYG.LOV", person={"phone": "+46701740609"})
    offer = await gunilla.take(again)
    assert (offer.card["is_masked"], offer.card["protection"]) == (True, "marked")
    await gunilla.finish(again)
    assert anna.missed() == ["presence.available"]


async def test_a_concern_report_by_mail_is_read_by_nobody_here(town: Town) -> None:
    """A worried neighbour's mail goes to social services unread; other units do not even learn that it exists."""
    anna = await town.at_work("anna", skills={"soc_mottagning": 5, "omsorg": 5})
    contact = await town.get_in_touch("email", text="Jag är orolig för ett barn i huset", subject="Orolig")
    seen = await town.until_state(contact, "handed_over")
    assert seen["unit"] == "socialtjanst_mottagning"
    why = (await town.ask("GET", f"/v1/contacts/{contact}/decision")).body
    decision = cast("Json", cast("Json", cast("list[Json]", why["decisions"])[0]["decision"])["decision"])
    assert (decision["restricted"], decision["mask"]) == (True, True)
    other = await town.ask("GET", f"/v1/contacts/{contact}", "department", name="kultur", unit="kultur")
    assert other.status == 404
    assert anna.missed() == ["presence.available"]


async def test_two_chats_at_once_and_the_third_waits(town: Town) -> None:
    """Who may hold two chats gets two; the third comes when one has ended."""
    anna = await town.at_work("anna")
    first, second, third = [await town.get_in_touch("chat", topic="KUF.BIB", text="Hej") for _ in range(3)]
    await anna.take(first)
    await anna.take(second)
    assert (await town.contact(third))["state"] == "queued"
    await anna.finish(first)
    await anna.take(third)
    await anna.finish(second)
    await anna.finish(third)


async def test_a_call_leaves_room_for_nothing(town: Town) -> None:
    """Neither chat nor mail nor another call is offered to somebody on the phone."""
    anna = await town.at_work("anna")
    call = await town.call()
    await anna.take(call)
    chat = await town.get_in_touch("chat", topic="KUF.BIB", text="Hej")
    mail = await town.get_in_touch("email", topic="KUF.BIB", text="Hej")
    other = await town.call()
    beate = await town.at_work("beate")
    for contact in (chat, other, mail):
        await beate.take(contact)
        await beate.finish(contact)
    assert "offer.issued" not in anna.missed()
    await anna.finish(call)


async def test_written_work_waits_for_the_end_of_a_chat(town: Town) -> None:
    """A mail is not offered beside a live conversation, and comes when it is over."""
    anna = await town.at_work("anna")
    chat = await town.get_in_touch("chat", topic="KUF.BIB", text="Hej")
    await anna.take(chat)
    mail = await town.get_in_touch("email", topic="KUF.BIB", text="Hej")
    second = await town.get_in_touch("chat", topic="KUF.BIB", text="Hej igen")
    await anna.take(second)
    await anna.finish(second)
    await anna.finish(chat)
    await anna.take(mail)
    await anna.finish(mail)


async def test_a_mail_on_offer_steps_back_for_a_call(town: Town) -> None:
    """Accepting the call takes the mail's offer back without blame; it comes again when the call has ended."""
    anna = await town.at_work("anna")
    mail = await town.get_in_touch("email", topic="KUF.BIB", text="Hej")
    await anna.offered(mail)
    call = await town.call()
    await anna.take(call)
    revoked = await anna.client.wait_event("offer.revoked", lambda data: data["contact_id"] == mail)
    assert revoked["reason"] == "live_accepted"
    await anna.finish(call)
    await anna.take(mail)
    await anna.finish(mail)


async def test_who_declined_is_not_asked_again_while_another_exists(town: Town) -> None:
    """A declined call waits at its place for somebody who is still busy, and the record says who declined."""
    anna = await town.at_work("anna")
    beate = await town.at_work("beate")
    busy = await town.call()
    await anna.take(busy)
    contact = await town.call()
    offer = await beate.offered(contact)
    await beate.decline(offer, "conflict_of_interest")
    await town.until_state(contact, "queued")
    await anna.finish(busy)
    await anna.take(contact)
    await anna.finish(contact)
    assert "offer.issued" not in beate.missed()
    seen = await town.until_state(contact, "closed", is_told=True)
    declined, accepted = cast("list[Json]", seen["offers"])
    assert (declined["state"], declined["reason"]) == ("declined", "conflict_of_interest")
    assert cast("Json", cast("Json", accepted["chosen"])["losers"])["declined"] == 1
