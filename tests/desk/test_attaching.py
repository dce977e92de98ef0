"""What else a person has open: listed for the agent, answered as one; nothing of it for whom it is none of theirs."""

from typing import cast

import pytest

from router.cards import Card
from tests.desk.day import done, last, moves, refused, taken, where
from tests.laws.house import House

PERSON = {"phone": "070-174 06 05", "email": "resident@example.se"}
OTHER = {"phone": "070-174 06 06"}


async def card(house: House, agent: str, contact: str) -> Card:
    """The contact as its agent may read it."""
    seen = await house.command(agent, "contact.read", contact_id=contact, reason="resident_asks")
    return cast("Card", seen)


async def a_mail_and_a_call(house: House) -> tuple[str, str]:
    """A mail that waits, and a call of the same person that anna has."""
    letter = await house.receive("email", person=PERSON, text="Lampan är trasig")
    await house.seat("anna")
    await house.command("anna", "presence.form", form="live")
    return letter, await taken(house, person=PERSON)


async def test_a_card_lists_what_else_the_person_has_open(house: House) -> None:
    """By id, channel, topic and state, without a word of it."""
    letter, call = await a_mail_and_a_call(house)
    (other,) = (await card(house, "anna", call)).others
    assert (other.contact_id, other.channel, other.topic, other.state) == (letter, "email", "KUF.BIB", "queued")
    assert "Lampan" not in repr(other)


async def test_nobody_known_has_nothing_open(house: House) -> None:
    """Whoever hides their number, and whoever turns out to be somebody else, is shown nobody's contacts."""
    _, call = await a_mail_and_a_call(house)
    await house.command("anna", "person.detach", contact_id=call)
    assert (await card(house, "anna", call)).others == ()
    await done(house, "anna", "work.finish", contact_id=call, outcomes=[{"resolution": "answered"}])
    hidden = await taken(house, person={"anonymous": True})
    assert (await card(house, "anna", hidden)).others == ()


async def test_who_says_who_they_are_is_shown_what_they_have_open(house: House) -> None:
    """The index follows what the agent learns, and they can be called back from then on."""
    letter = await house.receive("email", person=PERSON, text="Lampan är trasig")
    await house.seat("anna")
    await house.command("anna", "presence.form", form="live")
    chat = await taken(house, channel="chat")
    assert (await refused(house, "anna", "callback.schedule", contact_id=chat, keep_place=True))[0] == "schema-mismatch"
    await house.command("anna", "person.identify", contact_id=chat, phone=PERSON["phone"])
    again = await house.receive("email", person={"phone": PERSON["phone"]}, text="En sak till")
    assert {each.contact_id for each in (await card(house, "anna", chat)).others} == {letter, again}
    await done(house, "anna", "callback.schedule", contact_id=chat, keep_place=True)
    assert (await house.contact(chat)).callback_state == "due"


async def test_a_protected_contact_is_listed_without_its_name(house: House) -> None:
    """That there is one may be said, not which; and it is not attached to one that anybody may have."""
    await house.seat("anna")
    await house.command("anna", "presence.form", form="live")
    call = await taken(house, person=PERSON)
    letter = await house.receive("email", person={**PERSON, "protection": "marked"}, text="Lampan är trasig")
    (other,) = (await card(house, "anna", call)).others
    assert (other.is_sealed, other.contact_id, other.topic) == (True, "", "")
    assert (await refused(house, "anna", "contact.attach", contact_id=letter, to=call))[0] == "forbidden"


async def test_an_attached_contact_is_answered_as_one(house: House) -> None:
    """It leaves its queue as a follower, and its words stand beside those of the contact in hand."""
    letter, call = await a_mail_and_a_call(house)
    await house.write(letter, "Den vid nummer 4")
    await done(house, "anna", "contact.attach", contact_id=letter, to=call)
    entry = await last(house)
    assert moves(entry)[letter] == "closed"
    assert [each.resolution for each in entry.data.outcomes] == ["follower"]
    assert (await house.contact(letter)).attached_to == call
    seen = await card(house, "anna", call)
    (attached,) = seen.attached
    assert (attached.contact_id, attached.content["text"]) == (letter, "Lampan är trasig")
    assert [each["number"] for each in attached.messages] == [2]
    assert (seen.others, seen.messages) == ((), ())
    house.clock.advance_s(16)
    assert await house.store.contacts.forget_contact(letter)
    assert (await card(house, "anna", call)).attached == seen.attached
    assert await house.broken() == []


async def test_what_was_written_before_follows_a_resident_who_calls(house: House) -> None:
    """The words of the callback that the new call makes needless are on the new card."""
    await house.seat("anna")
    first = await taken(house, channel="chat", person=PERSON)
    await house.write(first, "Ring mig om lampan")
    await done(house, "anna", "callback.schedule", contact_id=first, keep_place=True, note="vill veta när")
    await house.command("anna", "presence.set", state="away", reason="lunch")
    call = await house.receive("phone", person=PERSON)
    assert (await house.contact(first)).attached_to == call
    await house.command("anna", "presence.set", state="available")
    await house.dispatch()
    await house.accept(call)
    (attached,) = (await card(house, "anna", call)).attached
    assert attached.contact_id == first
    assert "vill veta när" in repr(attached.messages)


async def test_a_call_takes_the_place_of_a_callback_that_is_being_offered(house: House) -> None:
    """The offer is taken back without blame, and the agent is free for the resident who is there."""
    await house.seat("anna")
    first = await taken(house, person=PERSON)
    await done(house, "anna", "callback.schedule", contact_id=first, keep_place=True)
    await house.dispatch()
    assert (await house.contact(first)).state == "offered"
    call = await house.receive("phone", person=PERSON)
    old = await house.contact(first)
    assert (old.state, old.callback_state, old.attached_to) == ("closed", "superseded", call)
    await house.dispatch()
    assert where(await house.contact(call)) == ("offered", "anna")
    assert await house.broken() == []


async def test_a_call_does_not_break_off_the_call_to_its_resident(house: House) -> None:
    """Whom somebody dials already is not taken from them: rather both than none."""
    await house.seat("anna")
    first = await taken(house, person=PERSON)
    await done(house, "anna", "callback.schedule", contact_id=first, keep_place=True)
    await house.dispatch()
    await house.accept(first)
    call = await house.receive("phone", person=PERSON)
    assert where(await house.contact(first)) == ("with_agent", "anna")
    assert (await house.contact(call)).state == "queued"


async def test_parked_work_is_attached_by_its_own_agent(house: House) -> None:
    """Not by another one, who may be in the middle of the matter."""
    await house.seat("anna")
    await house.command("anna", "presence.form", form="written")
    mail = await taken(house, channel="email", person=PERSON)
    await done(house, "anna", "work.park", contact_id=mail, reply=True)
    await house.command("anna", "presence.form", form="live")
    await house.command("anna", "presence.set", state="away", reason="lunch")
    await house.seat("beate")
    call = await taken(house, "beate", person=PERSON)
    assert (await refused(house, "beate", "contact.attach", contact_id=mail, to=call))[0] == "forbidden"
    await done(house, "beate", "work.finish", contact_id=call, outcomes=[{"resolution": "answered"}])
    await house.command("beate", "presence.set", state="away", reason="lunch")
    await house.command("anna", "presence.set", state="available")
    again = await taken(house, person=PERSON)
    await done(house, "anna", "contact.attach", contact_id=mail, to=again)
    assert mail not in await house.store.work("anna")
    assert await house.broken() == []


@pytest.mark.parametrize(("to_self", "slug"), [(True, "transition-refused"), (False, "forbidden")])
async def test_only_what_waits_and_is_the_same_persons_is_attached(house: House, to_self: bool, slug: str) -> None:
    """A contact is no follower of itself, and nobody's matter is answered with a stranger's."""
    strangers = await house.receive("email", person=OTHER, text="Hej")
    _, call = await a_mail_and_a_call(house)
    wanted = call if to_self else strangers
    assert (await refused(house, "anna", "contact.attach", contact_id=wanted, to=call))[0] == slug
