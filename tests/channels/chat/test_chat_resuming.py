"""Coming back: after a lost network, a reload, another tab, another router, a long time. Nothing is lost or doubled."""

from channels.chat.settings import ChatSettings
from channels.chat.tokens import Ticket, read_token, resume_token
from router.errors import StoreUnavailable
from tests.channels.chat.chat_house import ChatHouse, opened


async def test_a_lost_network_resumes_where_it_broke(house: ChatHouse) -> None:
    """The page that comes back gets what it missed, numbered on, and nothing that it had."""
    page = await house.started()
    await house.agent_takes(page.contact)
    await page.event("agent.joined")
    await page.vanish(house.chat)
    number = await house.agent_writes(page.contact, "Är du där?")
    again = await house.page(page.token, resume={"sid": page.sid, "seq": page.seq})
    again.seq = page.seq

    assert (await again.next())["t"] == "resumed"
    message = await again.next()
    assert (message["type"], message["data"]["n"]) == ("message", number)
    await house.agent_writes(page.contact, "Hallå?")
    assert (await again.next())["seq"] == message["seq"] + 1


async def test_a_reload_gets_everything_that_was_said(house: ChatHouse) -> None:
    """A page that has just been loaded gets all that was said, with its own names of its words, and who is there."""
    page = await house.started("Hej")
    await house.agent_takes(page.contact)
    await page.done("message.send", {"text": "En sak till"}, "mine")
    number = await house.agent_writes(page.contact, "Ja?")
    snapshot = (await house.ready(page.token)).snapshot

    assert [(each["n"], each["by"], each["text"]) for each in snapshot["messages"]] == [
        (1, "resident", "Hej"),
        (2, "resident", "En sak till"),
        (number, "agent", "Ja?"),
    ]
    assert snapshot["messages"][1]["id"] == "mine"
    assert (snapshot["phase"], snapshot["agent"]) == ("agent", "Anna")


async def test_words_of_a_snapshot_are_not_shown_again(house: ChatHouse) -> None:
    """What a snapshot holds arrives with it, and no heartbeat or repeated call brings it a second time."""
    page = await house.started()
    await house.agent_takes(page.contact)
    await page.vanish(house.chat)
    message = house.inbox.answer_with(page.contact, "Missat")
    again = await house.ready(page.token)
    await again.say(t="ack", seq=again.seq)
    await house.chat.send(message)
    await again.say(t="hb", seq=again.seq)

    assert (await again.next())["t"] == "hb_ack"
    number = await house.agent_writes(page.contact, "Nytt")
    assert (await again.next())["data"]["n"] == number
    assert (page.contact, "delivered", message.number) in house.inbox.signals


async def test_a_second_tab_takes_over(house: ChatHouse) -> None:
    """One socket for a chat: the newer one has it, the older is closed with 4009 and no longer heard."""
    page = await house.started()
    other = await house.ready(page.token)

    assert await page.closed() == 4009
    await other.done("message.send", {"text": "Härifrån"})
    assert [message.text for _, message in house.inbox.messages] == ["Härifrån"]


async def test_another_router_goes_on(house: ChatHouse) -> None:
    """A page that comes to another router begins anew, gets everything, and goes on; the first router lets go of it."""
    page = await house.started("Hej")
    await house.agent_takes(page.contact)
    await page.vanish(house.chat)
    other = await house.router()
    again = await house.page(page.token, router=other, resume={"sid": page.sid, "seq": page.seq})
    assert await again.frame("reset") == {"t": "reset", "why": "expired"}
    await again.frame("ready")
    assert [each["text"] for each in again.snapshot["messages"]] == ["Hej"]
    number = await house.agent_writes(page.contact, "Välkommen tillbaka")
    assert (await again.event("message"))["n"] == number
    await again.done("message.send", {"text": "Tack"})

    await house.pass_s(1_801)
    assert house.inbox.ends == []  # the first router has heard that they came back
    assert house.chat.chats.all() == []
    await again.done("message.send", {"text": "Hej då"})


async def test_who_does_not_come_back_has_left(house: ChatHouse) -> None:
    """After the time to come back the inbox is told, once; who comes even later gets a new chat."""
    page = await house.started()
    await page.vanish(house.chat)
    await house.pass_s(1_799)
    assert house.inbox.ends == []
    await house.pass_s(2)
    assert [(contact, end.reason) for contact, end in house.inbox.ends] == [(page.contact, "left")]
    late = await house.page(page.token)

    assert await late.frame("reset") == {"t": "reset", "why": "expired"}
    await late.frame("ready")
    assert late.snapshot["phase"] == "none"


async def test_own_words_do_not_keep_a_chat_alive(house: ChatHouse) -> None:
    """Whoever wrote here, and then left, has left."""
    page = await house.started()
    await page.done("message.send", {"text": "En"})
    await page.done("message.send", {"text": "Två"})
    await page.vanish(house.chat)
    await house.pass_s(1_801)

    assert [contact for contact, _ in house.inbox.ends] == [page.contact]


async def test_the_token_is_renewed_while_the_page_lives(house: ChatHouse) -> None:
    """A page that has been open for hours can still come back: its token is never old."""
    page = await house.started()
    first = page.token
    for _ in range(10):
        house.clock.advance_s(600)
        await page.say(t="hb", seq=page.seq)
        await page.frame("token")
    assert page.token != first

    assert (await house.ready(page.token)).snapshot["phase"] == "waiting"


async def test_a_forged_token_opens_nothing(house: ChatHouse) -> None:
    """A token with a changed part, or of another's making, gets a new chat and not a word of another one."""
    page = await house.started("Hemligt")
    parts = page.token.split(".")
    forged = [
        ".".join([*parts[:1], "c99", *parts[2:]]),
        ".".join([*parts[:4], "a" * 16]),
        "....",
        "x" * 200,
        "ö.ö.ö.ö.ö",
    ]
    for token in forged:
        stranger = await house.page(token)
        await stranger.frame("reset")
        await stranger.frame("ready")
        assert (stranger.snapshot["phase"], stranger.snapshot.get("messages")) == ("none", None)


async def test_a_gap_begins_anew() -> None:
    """A page that missed more than the ring holds is told so, and gets a snapshot."""
    async with opened(ChatSettings(ring_bytes=600)) as house:
        page = await house.started()
        await house.agent_takes(page.contact)
        await page.event("agent.joined")
        await page.vanish(house.chat)
        for _ in range(9):
            await house.agent_writes(page.contact, "x" * 100)
        again = await house.page(page.token, resume={"sid": page.sid, "seq": page.seq})

        assert await again.frame("reset") == {"t": "reset", "why": "gap"}
        await again.frame("ready")
        assert len(again.snapshot["messages"]) == 10


async def test_a_store_that_is_away_is_tried_again(house: ChatHouse) -> None:
    """While nothing can be promised a command answers 503, a page that comes back 1013; then all goes on as it was."""
    page = await house.started()
    house.inbox.failure = StoreUnavailable()
    answer = await page.ask("message.send", {"text": "Hej"}, "same")
    assert answer["problem"]["status"] == 503
    assert house.chat.health().state == "degraded"
    other = await house.router()
    lost = await house.page(page.token, router=other)
    assert await lost.closed() == 1013
    house.inbox.failure = None

    await page.done("message.send", {"text": "Hej"}, "same")
    assert house.chat.health().state == "up"
    assert (await house.ready(page.token, router=other)).snapshot["phase"] == "waiting"


async def test_going_down_sends_pages_away_in_peace(house: ChatHouse) -> None:
    """A router that stops says goodbye, closes with 1012 and takes nobody new; their chats go on elsewhere."""
    page = await house.started()
    other = await house.router()
    await house.chat.stop()

    assert (await page.frame("bye"))["why"] == "drain"
    assert await page.closed() == 1012
    assert house.inbox.ends == []
    assert (await house.http.get(f"{house.url}/v1/chat")).status == 503
    assert (await house.ready(page.token, router=other)).snapshot["phase"] == "waiting"


def test_tokens_say_what_was_written_into_them() -> None:
    """A token read with the same key is what it was made of; with another key, or too late, it is nothing."""
    ticket = Ticket("chat", "", 1_000, "router")
    token = resume_token(_sign, ticket)

    assert read_token(_sign, token, 2_000, 1_000) == ticket
    assert read_token(_sign, token, 2_001, 1_000) is None
    assert read_token(lambda *_: "other", token, 2_000, 1_000) is None


def _sign(*parts: str) -> str:
    return str(len("-".join(parts)))
