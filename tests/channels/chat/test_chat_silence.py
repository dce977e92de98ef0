"""Silence: who is asked whether they are still there, whose chat ends, and who is never hurried."""

from tests.channels.chat.chat_house import ChatHouse


async def test_a_resident_who_says_nothing_is_asked_and_then_let_go(house: ChatHouse) -> None:
    """Five minutes after the agent's last words the page asks, after ten the chat ends and the inbox is told."""
    page = await house.started()
    await house.agent_takes(page.contact)
    await house.agent_writes(page.contact, "Vilken adress?")
    await house.pass_s(299)
    await house.pass_s(2)
    assert (await page.event("chat.reminder"))["ends_in_s"] == 300
    await house.pass_s(298)
    assert house.inbox.ends == []
    await house.pass_s(2)

    assert (await page.event("chat.ended"))["why"] == "idle"
    assert [(contact, end.reason) for contact, end in house.inbox.ends] == [(page.contact, "left")]


async def test_whoever_answers_or_reads_is_there(house: ChatHouse) -> None:
    """Words, or a mark that the last ones were read, begin the time anew; the page is asked again later."""
    page = await house.started()
    await house.agent_takes(page.contact)
    number = await house.agent_writes(page.contact, "Vilken adress?")
    await house.pass_s(301)
    await page.event("chat.reminder")
    await page.done("read", {"n": number})
    await house.pass_s(301)
    await page.event("chat.reminder")
    await page.done("message.send", {"text": "Storgatan 1"})
    await house.pass_s(3_600)

    assert house.inbox.ends == []


async def test_who_waits_is_never_idle(house: ChatHouse) -> None:
    """In the queue, and while the agent thinks, silence is not the resident's."""
    page = await house.started()
    await house.pass_s(7_200)
    await house.agent_takes(page.contact)
    await page.event("agent.joined")
    await house.pass_s(7_200)

    assert house.inbox.ends == []
    await page.done("message.send", {"text": "Hallå?"})


async def test_pages_without_a_chat_are_closed_after_a_while(house: ChatHouse) -> None:
    """A socket in which nothing is said, or all is said, costs the router half an hour at most: 4010."""
    silent, over = await house.ready(), await house.started()
    await over.done("chat.end")
    await house.pass_s(1_799)
    assert not silent.socket.closed
    await house.pass_s(2)

    assert await silent.closed() == 4010
    assert await over.closed() == 4010
    await house.pass_s(1_801)
    assert house.chat.chats.all() == []


async def test_the_end_is_told_once(house: ChatHouse) -> None:
    """A resident who ends the chat, the agent who finishes then, and the sweep, end it once."""
    page = await house.started()
    await house.agent_takes(page.contact)
    await page.say(t="cmd", id="end", name="chat.end", data={})
    await page.event("chat.ended")
    await page.done("chat.end")
    await house.chat.end(page.contact, "closed")
    await house.pass_s(700)

    assert [(contact, end.reason) for contact, end in house.inbox.ends] == [(page.contact, "left")]
    await house.pass_s(1_801)
    while (frame := await page.next())["t"] != "closed":
        assert frame.get("type") != "chat.ended"
