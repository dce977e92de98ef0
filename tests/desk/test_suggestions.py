"""Decisions made again about a contact in hand: the law takes and masks, everything else waits for the agent's word."""

import msgspec

from router.cards import Card
from router.decisions import standing
from router.effects import Suggestion
from router.model import OpenContact
from tests.desk.day import done, kinds, last, refused, taken, where
from tests.laws.house import House

_suggestion = msgspec.json.Decoder(Suggestion)
PROTECTED = "protected_registration"
PERSON = {"phone": "070-174 06 05", "email": "siv@example.se"}


def suggested(contact: OpenContact) -> Suggestion:
    """What waits for the agent's word."""
    return _suggestion.decode(contact.suggested)


async def agreeing(house: House, agent: str, contact: str) -> tuple[str, str]:
    """Slug and field of the problem that an agent hears who agrees to the second decision."""
    return await refused(house, agent, "suggestion.answer", contact_id=contact, generation=2, consent=True)


async def letter(house: House) -> str:
    """A mail with anna, while somebody else is idle for calls."""
    await house.seat("anna")
    await house.seat("reserve")
    return await taken(house, channel="email", person=PERSON)


async def wanting_bygg(house: House, channel: str = "phone") -> OpenContact:
    """A contact with anna that turns out to be about a building permit."""
    await house.seat("anna")
    contact = await taken(house, channel=channel)
    await done(house, "anna", "topic.set", contact_id=contact, topic="BYG.LOV")
    return await house.contact(contact)


async def test_another_queue_is_only_suggested(house: House) -> None:
    """The contact stays with its agent; the suggestion names what, why and which generation, and the advice is new."""
    seen = await wanting_bygg(house)
    assert where(seen) == ("with_agent", "anna")
    assert suggested(seen) == Suggestion(2, "queue", queue="bygg", rules=("E-BYG", "K29"))
    entry = await last(house)
    assert (entry.command, entry.data.status, entry.data.to) == ("decide_contact", "suggested", "bygg")
    assert (entry.data.generation, entry.data.reason, seen.generation) == (2, "topic_set", 2)
    stands = standing(seen)
    assert (stands.queue, "checklist:bygglov" in stands.suggestions) == ("generalist", True)


async def test_consent_carries_it_out_at_the_kept_place(house: House) -> None:
    """The call waits for somebody who knows, since when it has waited; who agreed wraps up beside it."""
    seen = await wanting_bygg(house)
    await done(house, "anna", "suggestion.answer", contact_id=seen.id, generation=2, consent=True)
    moved, entry = await house.contact(seen.id), await last(house)
    assert (moved.state, moved.queue, moved.ready_at, moved.suggested) == ("queued", "bygg", seen.ready_at, "")
    assert (entry.command, entry.data.reason, entry.data.status) == ("transfer_contact", "suggestion", "agreed")
    assert (entry.data.generation, moved.generation, standing(moved).queue) == (2, 2, "bygg")
    assert list((await kinds(house, "anna")).values()) == ["wrap"]
    await house.seat("bo", {"bygg": 3})
    await house.dispatch()
    assert where(await house.contact(seen.id)) == ("offered", "bo")
    assert await house.broken() == []


async def test_a_refusal_is_recorded_and_nothing_moves(house: House) -> None:
    """No is an answer; the same suggestion does not come back while nothing new is known."""
    seen = await wanting_bygg(house)
    await done(house, "anna", "suggestion.answer", contact_id=seen.id, generation=2, consent=False)
    entry = await last(house)
    assert (entry.command, entry.data.status, entry.data.reason) == ("decide_contact", "refused", "suggestion")
    position = len(await house.journal())
    await done(house, "anna", "topic.set", contact_id=seen.id, topic="BYG.LOV")
    told = (await house.journal())[position:]
    assert [each.command for each in told] == ["set_topic"]
    assert where(await house.contact(seen.id)) == ("with_agent", "anna")


async def test_an_older_suggestion_is_refused(house: House) -> None:
    """Who answers what has been replaced hears so; so does who answers what nobody asked."""
    seen = await wanting_bygg(house)
    await done(house, "anna", "topic.set", contact_id=seen.id, topic="BAR.SKV")
    assert suggested(await house.contact(seen.id)).queue == "barn"
    assert await agreeing(house, "anna", seen.id) == ("stale-revision", "$.data.generation")
    await done(house, "anna", "topic.set", contact_id=seen.id, topic="KUF.BIB")
    assert (await house.contact(seen.id)).suggested == ""
    assert await agreeing(house, "anna", seen.id) == ("not-found", "$.data.contact_id")
    assert await agreeing(house, "beate", seen.id) == ("forbidden", "$.data.contact_id")


async def test_a_unit_is_only_suggested_and_then_asked(house: House) -> None:
    """A mail that turns out to be another unit's goes there when the agent agrees, with the unit's clock started."""
    contact = await letter(house)
    await done(house, "anna", "topic.set", contact_id=contact, topic="BYG.PLN")
    seen = await house.contact(contact)
    assert (where(seen), suggested(seen).kind) == (("with_agent", "anna"), "hand_over")
    answer = await done(house, "anna", "suggestion.answer", contact_id=contact, generation=2, consent=True)
    handed, entry = await house.contact(contact), await last(house)
    assert (handed.state, handed.unit) == ("handed_over", suggested(seen).unit)
    assert answer.handover_id == handed.handover
    assert (entry.command, entry.data.status, entry.data.generation) == ("hand_over_contact", "agreed", 2)
    assert await house.broken() == []


async def test_somebody_who_has_hung_up_is_not_moved(house: House) -> None:
    """In the wrap-up of a call another queue is no suggestion any more, and one from before can't be carried out."""
    seen = await wanting_bygg(house)
    await house.leave(seen.id)
    assert (await agreeing(house, "anna", seen.id))[0] == "transition-refused"
    await done(house, "anna", "topic.set", contact_id=seen.id, topic="BAR.SKV")
    after = await house.contact(seen.id)
    assert (after.suggested, after.generation) == ("", 3)


# Law -------------------------------------------------------------------------------------------------------------


async def test_a_protection_found_in_the_call_takes_it_from_who_may_not_have_it(house: House) -> None:
    """Masked at once, in the protected queue at its place, never again offered to the agent who had it."""
    await house.seat("anna")
    contact = await taken(house, person=PERSON)
    before = await house.contact(contact)
    await house.command("anna", "person.identify", contact_id=contact, phone="070-174 06 05", protection=PROTECTED)
    seen, entry = await house.contact(contact), await last(house)
    assert (where(seen), seen.queue, seen.restricted) == (("queued", ""), "skyddad", 1)
    assert (seen.ready_at, seen.protection) == (before.ready_at, PROTECTED)
    assert (entry.command, entry.data.reason, entry.data.agent) == ("place_contact", "law", "anna")
    await house.dispatch()
    assert (await house.contact(contact)).state == "queued"
    assert (await refused(house, "anna", "contact.read", contact_id=contact, reason="quality"))[0] == "forbidden"
    await house.seat("gun", {"skyddad_id": 1})
    await house.dispatch()
    assert where(await house.contact(contact)) == ("offered", "gun")
    card = await house.command("gun", "contact.read", contact_id=contact, reason="quality")
    assert isinstance(card, Card)
    assert (card.is_masked, card.content.get("person")) == (True, None)
    assert await house.broken() == []


async def test_who_may_have_it_keeps_it_masked(house: House) -> None:
    """The holder of the restricted skill goes on with the call; the card hides the person from now on."""
    await house.seat("gun", {"skyddad_id": 1})
    contact = await taken(house, "gun", person=PERSON)
    await house.command("gun", "person.identify", contact_id=contact, phone="070-174 06 05", protection=PROTECTED)
    seen, entry = await house.contact(contact), await last(house)
    assert (where(seen), seen.restricted, standing(seen).mask) == (("with_agent", "gun"), 1, True)
    assert (entry.command, entry.data.generation, entry.data.reason) == ("decide_contact", 2, "fact_changed")


async def test_whoever_is_consulted_loses_it_as_well(house: House) -> None:
    """The law empties the room: no leg beside the owner's is left."""
    await house.seat("anna")
    contact = await taken(house, person=PERSON)
    await house.seat("beate")
    asked = await done(house, "anna", "consult.start", contact_id=contact, to={"agent": "beate"})
    await house.command("beate", "consult.answer", leg_id=asked.leg_id)
    await house.command("anna", "person.identify", contact_id=contact, phone="070-174 06 05", protection=PROTECTED)
    assert await house.store.sides(contact) == {}
    assert await kinds(house, "beate") == {}


async def test_parked_work_is_taken_by_law_too(house: House) -> None:
    """It would show on the desktop of who parked it."""
    contact = await letter(house)
    await done(house, "anna", "work.park", contact_id=contact, reply=True)
    await house.command("anna", "person.identify", contact_id=contact, phone="070-174 06 05", protection=PROTECTED)
    after = await house.contact(contact)
    assert (where(after), after.queue) == (("queued", ""), "skyddad")
    assert await kinds(house, "anna") == {}


async def test_a_letter_of_concern_goes_to_its_unit_at_once(house: House) -> None:
    """The agent reads no further: a letter has nobody at the other end whom one could cut off."""
    contact = await letter(house)
    await done(house, "anna", "topic.set", contact_id=contact, topic="SOC.ORB")
    seen, entry = await house.contact(contact), await last(house)
    assert (seen.state, seen.unit, seen.restricted) == ("handed_over", "socialtjanst_mottagning", 1)
    assert (entry.data.reason, entry.data.agent) == ("law", "anna")
    assert (await refused(house, "anna", "work.undo", contact_id=contact))[0] == "transition-refused"
    assert await house.broken() == []


async def test_an_offer_is_taken_back_by_law(house: House) -> None:
    """Words of danger arrive while it rings: the offer goes, and the contact is placed as what it is now."""
    await house.seat("anna")
    contact = await house.receive("chat", text="Hej")
    await house.dispatch()
    assert where(await house.contact(contact)) == ("offered", "anna")
    await house.write(contact, "Det är livsfara här")
    seen, entry = await house.contact(contact), await last(house)
    assert (seen.state, seen.queue, seen.generation) == ("queued", "generalist", 2)
    assert (standing(seen).emergency, entry.command, entry.data.agent) == (True, "place_contact", "anna")
    assert await house.broken() == []


async def test_words_that_change_nothing_are_only_kept(house: House) -> None:
    """An ordinary message is one entry, and the decision is the first one still."""
    await house.seat("anna")
    contact = await taken(house, channel="chat")
    await house.write(contact, "Tack, det var allt")
    assert (await last(house)).command == "record_message"
    assert (await house.contact(contact)).generation == 1
