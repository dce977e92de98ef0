"""An agent's day: answering too late, breaks, holding the line, wrap-up that ends by itself, coming back."""

from typing import cast

from tests.journeys.town import Json, Town


async def test_an_unanswered_call_sets_the_agent_away_and_says_so(town: Town) -> None:
    """The call goes back to its place, the agent becomes away(not_responding), and the desktop is told both."""
    anna = await town.at_work("anna", skills={"miljo": 2})
    contact = await town.call("MIL.STÖ")
    await anna.offered(contact)
    expired = await anna.client.wait_event("offer.expired", lambda data: data["contact_id"] == contact)
    assert "presence.away" in cast("list[str]", expired["moves"])
    away = await anna.client.wait_event("presence.away")
    assert away["reason"] == "not_responding"
    beate = await town.at_work("beate", skills={"miljo": 2})
    await beate.take(contact)
    await beate.finish(contact)
    answer = await town.ask("GET", f"/v1/agents/{anna.agent_id}")
    assert (answer.body["presence"], answer.body["reason"]) == ("away", "not_responding")


async def test_an_unanswered_mail_only_cools_written_work_down(town: Town) -> None:
    """Who lets a mail pass stays available for calls."""
    anna = await town.at_work("anna", skills={"miljo": 2})
    mail = await town.get_in_touch("email", topic="MIL.STÖ", text="Buller")
    await anna.offered(mail)
    await anna.client.wait_event("offer.expired", lambda data: data["contact_id"] == mail)
    call = await town.call()
    await anna.take(call)
    await anna.finish(call)
    assert (await town.contact(mail))["state"] == "queued"


async def test_wrap_up_ends_by_itself_and_the_matter_stays_uncoded(town: Town) -> None:
    """Nobody can get stuck in wrap-up: it ends, the contact is closed as uncoded, the next call comes."""
    anna = await town.at_work("anna", skills={"miljo": 2})
    contact = await town.call("MIL.STÖ")
    await anna.take(contact)
    await town.hang_up(contact)
    await anna.client.wait_event("leg.wrapping_up")
    await anna.client.wait_event("contact.closed", lambda data: data["contact_id"] == contact)
    seen = await town.until_state(contact, "closed", is_told=True)
    assert [outcome["resolution"] for outcome in cast("list[Json]", seen["outcomes"])] == ["uncoded"]
    following = await town.call()
    await anna.take(following)
    await anna.finish(following)


async def test_more_time_for_wrap_up(town: Town) -> None:
    """Wrap-up can be made longer, and the outcome then counts."""
    anna = await town.at_work("anna", skills={"miljo": 2})
    contact = await town.call("MIL.STÖ")
    await anna.take(contact)
    await town.hang_up(contact)
    begun = await anna.client.wait_event("leg.wrapping_up")
    await anna.client.command("wrap_up.extend", {"contact_id": contact, "seconds": 60})
    longer = await anna.client.wait_event("leg.wrapping_up")
    assert cast("int", longer["until"]) > cast("int", begun["until"])
    await anna.finish(contact, "guided")


async def test_a_draining_agent_ends_the_work_and_then_leaves(town: Town) -> None:
    """`after_current` lets the call end, offers nothing more, and then does what was asked."""
    anna = await town.at_work("anna")
    contact = await town.call()
    await anna.take(contact)
    await anna.presence("away", reason="lunch", when="after_current")
    await anna.client.wait_event("presence.draining")
    waiting = await town.call()
    await anna.finish(contact)
    await anna.client.wait_event("presence.away")
    answer = await town.ask("GET", f"/v1/agents/{anna.agent_id}")
    assert (answer.body["presence"], answer.body["reason"]) == ("away", "lunch")
    beate = await town.at_work("beate")
    await beate.take(waiting)
    await beate.finish(waiting)
    assert "offer.issued" not in anna.missed()


async def test_holding_the_line(town: Town) -> None:
    """Hold and resume move the leg, and the register knows how long the resident listened to music."""
    anna = await town.at_work("anna")
    contact = await town.call()
    await anna.take(contact)
    await anna.client.command("work.hold", {"contact_id": contact})
    await anna.client.wait_event("leg.on_hold")
    await anna.client.command("work.resume", {"contact_id": contact})
    await anna.client.wait_event("leg.connected")
    await anna.finish(contact)
    seen = await town.until_state(contact, "closed", is_told=True)
    (leg,) = cast("list[Json]", seen["legs"])
    assert cast("int", leg["hold_ms"]) > 0


async def test_a_lost_socket_is_taken_up_where_it_broke(town: Town) -> None:
    """After a broken line the desktop resumes: what happened meanwhile is replayed, the work is still in hand."""
    anna = await town.at_work("anna")
    contact = await town.get_in_touch("chat", topic="KUF.BIB", text="Hej")
    await anna.take(contact)
    await anna.client.drop()
    await town.post("contact.message", {"contact": contact, "text": "Hallå?"})
    await anna.client.resume()
    assert [frame["t"] for frame in anna.client.other] == ["resumed"]
    assert "Hallå?" in str(await anna.client.wait_event("message.recorded"))
    await anna.finish(contact)


async def test_going_offline_gives_offers_back(town: Town) -> None:
    """An offer on the way to somebody who leaves returns at once and without blame."""
    anna = await town.at_work("anna")
    contact = await town.call()
    await anna.offered(contact)
    await anna.presence("offline")
    await anna.client.wait_event("offer.revoked", lambda data: data["contact_id"] == contact)
    beate = await town.at_work("beate")
    await beate.take(contact)
    await beate.finish(contact)
