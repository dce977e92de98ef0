"""A conversation over the residents' socket: what is said reaches the inbox, what is answered reaches the page."""

import msgspec
import pytest

from channels.chat.settings import ChatSettings
from tests.channels.chat.chat_house import ChatHouse, opened


async def test_a_conversation(house: ChatHouse) -> None:
    """A resident writes, waits with a band, meets an agent by first name, is answered, says more and is done."""
    page = await house.ready()
    assert page.snapshot["phase"] == "none"
    answer = await page.done("chat.start", {"text": " Hej! ", "language": "sv", "phone": "+46701740605"})
    contact = answer["contact"]
    assert (answer["phase"], answer["wait"]) == ("waiting", [0, 2])
    assert house.inbox.contacts[contact].text == "Hej!"
    assert house.inbox.contacts[contact].person.phone == "+46701740605"

    await house.agent_takes(contact)
    assert (await page.event("agent.joined"))["name"] == "Anna"
    assert house.inbox.setups == [(f"{contact}.l1", "connected")]
    number = await house.agent_writes(contact, "Klockan tio.")
    message = await page.event("message")
    assert (message["n"], message["by"], message["text"]) == (number, "agent", "Klockan tio.")
    await page.done("message.send", {"text": "Tack!"})
    assert [message.text for _, message in house.inbox.messages] == ["Tack!"]

    await house.chat.end(contact, "closed")
    assert (await page.event("chat.ended"))["why"] == "agent"
    assert (await page.refused("message.send", {"text": "Du?"}))[0] == "transition-refused"


async def test_the_same_command_happens_once(house: ChatHouse) -> None:
    """A command sent again under its id is answered again and done once, whichever router it comes to."""
    page = await house.ready()
    first = await page.done("chat.start", {"text": "Hej", "language": "sv"}, "a")
    assert (await page.done("chat.start", {"text": "Hej", "language": "sv"}, "a"))["contact"] == first["contact"]
    await page.done("message.send", {"text": "Ett till"}, "b")
    other = await house.router()
    moved = await house.ready(first["token"], router=other)
    await moved.done("message.send", {"text": "Ett till"}, "b")

    assert len(house.inbox.contacts) == 1
    assert [m.text for _, m in house.inbox.messages if not m.is_automatic] == ["Ett till"]


async def test_who_starts_twice_on_two_routers_has_one_contact(house: ChatHouse) -> None:
    """The answer to the first words was lost with the router: the page says them again elsewhere, and is known."""
    page = await house.ready()
    token = page.token
    contact = await page.begin("Hej")
    await page.vanish(house.chat)
    again = await house.ready(token, router=await house.router())

    assert await again.begin("Hej") == contact
    assert len(house.inbox.contacts) == 1


async def test_typing_and_marks_are_signals(house: ChatHouse) -> None:
    """Typing goes both ways; the agent hears that words arrived, and were read, without any of it being kept."""
    page = await house.started()
    await page.done("typing", {"is_typing": True})
    assert house.inbox.signals == []  # nobody is there yet
    await house.agent_takes(page.contact)
    await page.done("typing", {"is_typing": True})
    await page.done("typing", {"is_typing": False})
    await house.chat.typing(page.contact, is_typing=True)
    assert (await page.frame("typing"))["is_typing"] is True
    number = await house.agent_writes(page.contact, "Hej!")
    await page.event("message")
    await page.say(t="ack", seq=page.seq)
    await page.done("read", {"n": number})

    assert house.inbox.signals == [
        (page.contact, "typing", 0),
        (page.contact, "paused", 0),
        (page.contact, "delivered", number),
        (page.contact, "read", number),
    ]


async def test_what_waits_is_told_once(house: ChatHouse) -> None:
    """A page hears of a change of its wait, in bands; a wait within the same band is no news."""
    page = await house.started()
    seen = house.inbox.seen[page.contact]
    await house.chat.wait(msgspec.structs.replace(seen, wait_s=100))
    await house.chat.wait(msgspec.structs.replace(seen, wait_s=400))

    assert (await page.event("chat.waiting"))["wait"] == [5, 10]


async def test_a_heartbeat_finds_what_no_call_told(house: ChatHouse) -> None:
    """Words and agents of which this router was not told are found within a heartbeat, and shown once."""
    page = await house.started()
    house.inbox.seen[page.contact] = msgspec.structs.replace(
        house.inbox.seen[page.contact], state="with_agent", leg="l", leg_state="connected"
    )
    missed = house.inbox.answer_with(page.contact, "Hallå?")
    await page.say(t="hb", seq=page.seq)
    await page.frame("hb_ack")
    await page.event("agent.joined")
    assert (await page.event("message"))["n"] == missed.number
    await house.chat.send(missed)
    number = await house.agent_writes(page.contact, "Är du kvar?")

    assert (await page.event("message"))["n"] == number


async def test_a_callback_takes_the_place_of_the_chat(house: ChatHouse) -> None:
    """Who would rather be called says where; the chat is over when the call is promised."""
    page = await house.started()
    assert await page.refused("callback.ask", {"phone": "ring mig"}) == ("schema-mismatch", "$.data.phone")
    await page.done("callback.ask", {"phone": "+46 70 174 06 05"})

    assert house.inbox.calls_wanted == [(page.contact, "+46701740605")]
    assert house.inbox.ends == []
    again = await house.ready(page.token)
    assert (again.snapshot["phase"], again.snapshot["why"]) == ("ended", "callback")


async def test_a_transcript_is_owed_once(house: ChatHouse) -> None:
    """The conversation goes to an address by mail: whole, in the resident's language, once for each chat."""
    page = await house.started("Hej på er")
    await house.agent_takes(page.contact)
    await house.agent_writes(page.contact, "Hej själv")
    assert await page.refused("transcript.send", {"email": "a@b.se\r\nBcc: x"}) == ("schema-mismatch", "$.data.email")
    await page.done("transcript.send", {"email": "kim@example.se"})
    await page.done("transcript.send", {"email": "kim@example.se"})

    (owed,) = house.inbox.owed
    assert (owed.kind, owed.to, owed.subject) == ("transcript", "kim@example.se", "Din chatt med Ekeby stad")
    assert "Du: Hej på er" in owed.text
    assert "Servicecenter: Hej själv" in owed.text


async def test_outside_hours_a_message_is_left() -> None:
    """A queue that lets nobody in is told to the page; what is left then is written work with a way to answer."""
    async with opened(ChatSettings(queue="general")) as house:
        house.inbox.is_open = False
        page = await house.ready()
        assert page.snapshot["is_open"] is False
        assert await page.refused("message.leave", {"text": "Hej"}) == ("schema-mismatch", "$.data.email")
        left = await page.done("message.leave", {"text": "Hej", "email": "kim@example.se"})

        contact = house.inbox.contacts[left["contact"]]
        assert (contact.channel, contact.preferred_notice, contact.person.email) == ("web", "email", "kim@example.se")
        assert (await house.ready(left["token"])).snapshot["why"] == "written"


async def test_an_answer_at_once_is_shown(house: ChatHouse) -> None:
    """What the strategy says at once, a disturbance, stands in the answer to the first words and in every snapshot."""
    house.inbox.answer = "Vattnet är avstängt till kl. 15."
    page = await house.ready()
    started = await page.done("chat.start", {"text": "Inget vatten"})
    assert started["answer"] == house.inbox.answer

    assert (await house.ready(started["token"])).snapshot["answer"] == house.inbox.answer


async def test_chat_over_elsewhere_is_told(house: ChatHouse) -> None:
    """Words for a contact that is over are refused, and the page hears that the chat has ended."""
    page = await house.started()
    del house.inbox.seen[page.contact]
    await page.say(t="cmd", id="late", name="message.send", data={"text": "Hallå?"})
    assert (await page.event("chat.ended"))["why"] == "agent"
    answer = await page.frame("res")

    assert answer["problem"]["type"].endswith("not-found")


@pytest.mark.parametrize(("names", "shown"), [("none", ""), ("first", "Anna"), ("full", "Anna Ek")])
async def test_the_city_decides_what_an_agent_is_called(names: str, shown: str) -> None:
    """Nothing, the first name or the whole name, as it is set."""
    async with opened(msgspec.convert({"agent_names": names}, ChatSettings)) as house:
        page = await house.started()
        await house.agent_takes(page.contact)

        assert (await page.event("agent.joined"))["name"] == shown


@pytest.mark.parametrize("tells", [True, False])
async def test_who_waits_hears_how_many_are_ahead_where_it_is_told(*, tells: bool) -> None:
    """In the waiting frame and in the snapshot of a page that comes back; nothing where the settings keep it."""
    async with opened(ChatSettings(tell_ahead=tells)) as house:
        page = await house.started()
        (contact,) = house.inbox.contacts
        house.inbox.seen[contact] = msgspec.structs.replace(house.inbox.seen[contact], ahead=3, wait_s=400)
        await house.chat.wait(house.inbox.seen[contact])
        assert (await page.event("chat.waiting")).get("ahead") == (3 if tells else None)
        again = await house.ready(page.token)
        assert again.snapshot.get("ahead") == (3 if tells else None)
