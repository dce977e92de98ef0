"""A resident who leaves while waiting: what they wrote is answered if it can be, and is otherwise counted as lost."""

import msgspec
import pytest

from channels.inbound import InboundEnd
from tests.desk.day import last, where
from tests.laws.house import House

MAIL = {"email": "resident@example.se"}


async def end(house: House, contact: str, reason: str) -> None:
    """The channel says that the resident has gone."""
    await house.conversation.end_contact(
        house.event(), msgspec.convert({"contact": contact, "reason": reason}, InboundEnd)
    )


@pytest.mark.parametrize("is_offered", [False, True])
async def test_a_chat_left_with_words_and_an_address_is_answered_in_writing(house: House, is_offered: bool) -> None:
    """It waits on as written work, received when it was, due by the queue's target; an offer of it is taken back."""
    contact = await house.receive("chat", person=MAIL, text="När öppnar badet?")
    before = await house.contact(contact)
    if is_offered:
        await house.seat("anna")
        await house.dispatch()
    house.clock.advance_s(40)
    await end(house, contact, "left")
    seen, entry = await house.contact(contact), await last(house)
    assert (where(seen), seen.channel, seen.medium) == (("queued", ""), "email", "written")
    assert (seen.received_at, seen.ready_at) == (before.received_at, before.ready_at)
    assert seen.due_at > house.clock.now_ms()
    assert (entry.data.reason, entry.data.status) == ("left_chat", "left")
    await house.seat("beate")
    await house.command("beate", "presence.form", form="written")
    await house.dispatch()
    taken = await house.accept(contact)
    assert (taken.state, taken.leg_state) == ("with_agent", "connected")
    assert await house.broken() == []


@pytest.mark.parametrize(("waited_s", "reason"), [(4, "left_short"), (40, "left_long")])
async def test_a_chat_left_without_a_way_is_abandoned(house: House, waited_s: int, reason: str) -> None:
    """Short or long; the channel's own word stays beside."""
    contact = await house.receive("chat", text="Hallå?")
    house.clock.advance_s(waited_s)
    await end(house, contact, "line_lost")
    entry = await last(house)
    assert (await house.contact(contact)).state == "abandoned"
    assert (entry.data.reason, entry.data.status) == (reason, "line_lost")
    assert await house.broken() == []


async def test_a_chat_left_without_words_is_abandoned(house: House) -> None:
    """There is nothing to answer, though there were an address to answer to."""
    contact = await house.receive("chat", person=MAIL)
    await house.leave(contact)
    assert (await house.contact(contact)).state == "abandoned"


async def test_a_chat_left_after_writing_on_is_answered(house: House) -> None:
    """Words that came after the first ones count as well."""
    contact = await house.receive("chat", person=MAIL)
    await house.write(contact, "Jag vill veta när badet öppnar")
    await house.leave(contact)
    assert (await house.contact(contact)).medium == "written"


async def test_a_resident_who_needs_no_answer_any_more_says_so(house: House) -> None:
    """Cancelled, not abandoned, whatever could be answered; also when it is offered, and a callback as well."""
    contact = await house.receive("chat", person=MAIL, text="När öppnar badet?")
    await house.seat("anna")
    await house.dispatch()
    await end(house, contact, "cancelled")
    seen, entry = await house.contact(contact), await last(house)
    assert (where(seen), entry.data.reason) == (("cancelled", ""), "cancelled")
    assert await house.store.work("anna") == {}
    assert await house.broken() == []
