"""Living documentation, read first: how a contact goes through the house, told by what people outside see.

Everything here runs against the real service over HTTP and websocket. The city is the example city, open all day.
"""

from typing import cast

from tests.journeys.town import Json, Town
from tests.journeys.waiting import eventually


async def test_a_call_from_ring_to_register(town: Town) -> None:
    """A call is decided, offered with its words, accepted, ended by the resident, wrapped up, and counted."""
    resolved_before = await _resolved(town, "AVF.ÅVC")
    beate = await town.agent("beate")
    anna = await town.at_work("anna", skills={"vatten": 3})
    contact = await town.get_in_touch(
        "phone", topic="AVF.ÅVC", text="När öppnar återvinningscentralen?", person={"phone": "+46701740606"}
    )

    offer = await anna.offered(contact)
    assert offer.card["content"] == {
        "channel": "phone",
        "topic": "AVF.ÅVC",
        "text": "När öppnar återvinningscentralen?",
        "person": {"phone": "+46701740606"},
    }
    assert offer.card["queue"] == "vatten"
    accepted = await anna.accept(offer)
    assert accepted["leg_id"] == f"{contact}.l1"
    assert (await town.contact(contact))["state"] == "with_agent"

    await town.hang_up(contact)
    assert await anna.client.wait_event("leg.wrapping_up", lambda data: data["contact_id"] == contact)
    await anna.finish(contact, "answered", contact_reason="öppettider")
    assert await anna.client.wait_event("contact.closed", lambda data: data["contact_id"] == contact)

    seen = await town.until_state(contact, "closed", is_told=True)
    (leg,) = cast("list[Json]", seen["legs"])
    assert (leg["agent"], leg["state"]) == (anna.agent_id, "ended")
    assert all((leg["began_at"], leg["wrapping_at"], leg["ended_at"]))
    (outcome,) = cast("list[Json]", seen["outcomes"])
    assert (outcome["topic"], outcome["resolution"], outcome["contact_reason"]) == ("AVF.ÅVC", "answered", "öppettider")
    (made,) = cast("list[Json]", seen["offers"])
    assert (made["agent"], made["state"]) == (anna.agent_id, "accepted")
    assert beate.missed() == []

    async def counted() -> bool:
        return await _resolved(town, "AVF.ÅVC") == resolved_before + 1

    assert await eventually(counted)


async def _resolved(town: Town, topic: str) -> int:
    """What the 80 % instrument counts as resolved of a topic."""
    answer = await town.ask("GET", "/v1/goal")
    assert answer.status == 200, answer
    shares = {share["topic"]: share["resolved"] for share in cast("list[Json]", answer.body["by_topic"])}
    return cast("int", shares.get(topic, 0))


async def test_a_fault_report_goes_straight_to_the_unit(town: Town) -> None:
    """A report with a place needs no agent: the decision hands it over, the unit accepts and finishes it over REST."""
    anna = await town.at_work("anna", skills={"gata": 5})
    contact = await town.get_in_touch(
        "web", topic="GAT.HÅL", text="Ett hål i vägen", location={"lat": 59.33, "lon": 18.06}
    )
    seen = await town.until_state(contact, "handed_over")
    handover, unit, case = (str(seen[key]) for key in ("handover_id", "unit", "case_id"))
    assert handover == f"{contact}.h1"

    assert (await town.unit("accept", handover, unit))["state"] == "accepted"
    assert (await town.unit("done", handover, unit, {"status": "lagat"}))["state"] == "done"

    seen = await town.written_down(
        contact, lambda seen: seen["outcomes"] and cast("list[Json]", seen["handovers"])[0]["done_at"]
    )
    (agreed,) = cast("list[Json]", seen["handovers"])
    assert seen["state"] == "closed"
    assert all((agreed["accept_by"], agreed["accepted_at"]))
    (outcome,) = cast("list[Json]", seen["outcomes"])
    assert (outcome["topic"], outcome["resolution"]) == ("GAT.HÅL", "registered_complete")
    answer = await town.ask("GET", f"/v1/cases/{case}")
    assert (answer.body["state"], answer.body["status"]) == ("closed", "lagat")
    assert anna.missed() == ["presence.available"]


async def test_a_report_of_a_known_fault_counts_as_a_follower(town: Town) -> None:
    """The same hole reported again has its outcome at once, beside the report that has the work, and in the figures."""
    hole: Json = {"topic": "GAT.HÅL", "text": "Ett hål i vägen", "location": {"lat": 59.44, "lon": 18.16}}
    first = await town.get_in_touch("web", **hole)
    before = await followers(town)
    contact = await town.get_in_touch("web", **hole)
    seen = await town.until_state(contact, "answered", is_told=True)
    (outcome,) = cast("list[Json]", seen["outcomes"])
    assert (outcome["topic"], outcome["resolution"]) == ("GAT.HÅL", "follower")
    assert (await town.contact(first))["state"] == "handed_over"

    async def counted() -> bool:
        return await followers(town) == before + 1

    await eventually(counted)


async def followers(town: Town) -> int:
    """How many matters the 80 % figure knows that only followed another."""
    matters = cast("Json", (await town.ask("GET", "/v1/goal")).body["matters"])
    return cast("dict[str, int]", matters["by_resolution"]).get("follower", 0)


async def test_a_returned_handover_keeps_its_first_place(town: Town) -> None:
    """What a unit sends back is queued where it first stood, before those who came later, and another agent ends it."""
    anna = await town.at_work("anna")
    contact = await town.call()
    await anna.take(contact)
    received_at = (await town.contact(contact))["received_at"]
    made = await anna.client.command(
        "handover.create", {"contact_id": contact, "unit": "kultur_fritid", "note": "Er fråga"}
    )
    await anna.presence("away", reason="lunch")
    later = await town.call()

    await town.unit("return", str(made["handover_id"]), "kultur_fritid", {"reason": "inte vår sak"})
    seen = await town.until_state(contact, "queued")
    assert seen["received_at"] == received_at
    beate = await town.at_work("beate")
    await beate.take(contact)
    await beate.finish(contact)
    await beate.take(later)
    await beate.finish(later)

    seen = await town.written_down(contact, lambda seen: "answered" in str(seen["outcomes"]))
    (agreed,) = cast("list[Json]", seen["handovers"])
    assert (agreed["state"], agreed["reason"]) == ("returned", "inte vår sak")
    assert [leg["agent"] for leg in cast("list[Json]", seen["legs"])] == [anna.agent_id, beate.agent_id]
    assert [outcome["resolution"] for outcome in cast("list[Json]", seen["outcomes"])] == ["answered"]


async def test_every_decision_can_be_explained(town: Town) -> None:
    """Facts, strategy version, rules hit, the winner and those passed over with reasons are kept and can be asked."""
    busy, anna = await town.at_work("busy"), await town.at_work("anna", skills={"barn": 3})
    novice = await town.at_work("novice")
    await busy.take(await town.call())
    contact = await town.call("BAR.SKV")
    await anna.take(contact)
    await anna.finish(contact)
    await town.until_state(contact, "closed", is_told=True)

    why = (await town.ask("GET", f"/v1/contacts/{contact}/decision")).body
    (generation,) = cast("list[Json]", why["decisions"])
    record = cast("Json", generation["decision"])
    assert cast("Json", record["facts"])["topic"] == "BAR.SKV"
    decision = cast("Json", record["decision"])
    trace = cast("Json", decision["trace"])
    assert (decision["queue"], trace["strategy_version"]) == ("barn", "2026.1")
    assert "E-BAR" in str(trace)
    (offer,) = cast("list[Json]", why["offers"])
    chosen = cast("Json", offer["chosen"])
    assert chosen["agent"] == anna.agent_id
    assert cast("Json", chosen["losers"]) == {"ring_not_open": 1, "busy": 1}
    assert novice.missed() == ["presence.available"]


async def test_an_event_sent_twice_is_one_contact(town: Town) -> None:
    """The same event again gets the same id; another body under the same name is refused and names the problem."""
    body = {"channel": "phone", "topic": "KUF.BIB"}
    first = await town.post("contact.received", body, event_id="same-event")
    again = await town.post("contact.received", body, event_id="same-event")
    other = await town.post("contact.received", {**body, "topic": "KUF.BAD"}, event_id="same-event")
    assert (first.status, again.status, other.status) == (202, 202, 422)
    assert first.body["ids"] == again.body["ids"]
    assert str(other.body["type"]).endswith("event-conflict")
    await town.hang_up(cast("list[str]", first.body["ids"])[0])


async def test_a_caller_who_gives_up_is_counted_as_abandoned(town: Town) -> None:
    """Who hangs up while waiting leaves the queue, and nobody is offered the empty line."""
    contact = await town.call()
    await town.hang_up(contact)
    await town.until_state(contact, "abandoned")
    anna = await town.at_work("anna")
    other = await town.call()
    await anna.take(other)
    await anna.finish(other)


async def test_a_further_message_reaches_the_agent(town: Town) -> None:
    """What the resident writes on is shown to the agent who has the contact, with the words."""
    anna = await town.at_work("anna")
    contact = await town.get_in_touch("chat", topic="KUF.BIB", text="Hej")
    await anna.take(contact)
    sent = await town.post("contact.message", {"contact": contact, "text": "Är ni kvar?"})
    assert sent.status == 202
    data = await anna.client.wait_event("message.recorded", lambda data: data["contact_id"] == contact)
    assert "Är ni kvar?" in str(data)
    await anna.client.command("message.send", {"contact_id": contact, "text": "Ja!"})
    await anna.finish(contact)
