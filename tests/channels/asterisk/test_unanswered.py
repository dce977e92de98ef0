"""Phones that nobody answers, beside the first agent's: what the service is told, and that the caller goes on."""

import pytest

from channels.base import Connection
from tests.channels.asterisk.desk import SOURCE, Desk, desk, settled


async def joining(it: Desk, contact: str, number: int, agent: str, *, speaks: bool = True) -> str:
    """Somebody else's phone rings beside; its channel."""
    leg = f"{contact}.l{number}"
    await it.channel.join(contact, leg, agent, speaks=speaks)
    await it.pbx.asked_for("POST", f"/channels/sc.{leg}")
    return f"sc.{leg}"


@pytest.mark.parametrize("speaks", [True, False])
@pytest.mark.parametrize("cause", [17, 19, 21])
async def test_a_phone_beside_that_is_not_answered_is_told(cause: int, *, speaks: bool) -> None:
    """Consulted or listening in: the service hears of it, resident and agent talk on."""
    async with desk() as it:
        caller, contact, phone = await it.talking()
        second = await joining(it, contact, 2, "6002", speaks=speaks)
        await it.pbx.hang_up(second, cause)
        await it.until_told((second[3:], "agent_unreachable"))
        assert set(it.pbx.bridges[f"sc.{contact}"]) == {caller, phone}
        assert it.inbox.ends == []


async def test_a_phone_beside_that_is_put_down_is_told() -> None:
    """Whoever took part has left; not when it was us who let them go."""
    async with desk() as it:
        _, contact, _ = await it.talking()
        second = await joining(it, contact, 2, "6002")
        await it.pbx.pick_up(second)
        await it.pbx.until(lambda: second in it.pbx.bridges[f"sc.{contact}"])
        await it.pbx.hang_up(second)
        await it.until_told((second[3:], "left"))
        third = await joining(it, contact, 3, "6002")
        await it.pbx.pick_up(third)
        await it.pbx.until(lambda: third in it.pbx.bridges[f"sc.{contact}"])
        await it.channel.leave(contact, third[3:])
        await it.pbx.until(lambda: third not in it.pbx.channels)
        assert (third[3:], "left") not in it.inbox.setups


async def test_a_warm_transfer_to_a_phone_that_nobody_answers() -> None:
    """The caller hears music; the service is told of the new owner's leg, and the first agent's phone rings again."""
    async with desk() as it:
        caller, contact, phone = await it.talking()
        second, third, fourth = await joining(it, contact, 2, "6002"), f"{contact}.l3", f"{contact}.l4"
        it.stand(contact, "with_agent", third, "connecting", "6002")
        await it.channel.leave(contact, second[3:])
        await it.channel.connect(Connection(contact, third, "6002", SOURCE, caller))
        await it.pbx.until(lambda: phone not in it.pbx.channels)
        await it.pbx.asked_for("POST", f"/channels/{caller}/moh")
        await it.pbx.hang_up(second, 19)
        await it.until_told((third, "agent_unreachable"))
        it.stand(contact, "with_agent", fourth, "connecting", "6001")
        await it.channel.connect(Connection(contact, fourth, "6001", SOURCE, caller))
        await it.pbx.asked_for("POST", f"/channels/sc.{fourth}")
        await it.pbx.pick_up(f"sc.{fourth}")
        await it.until_told((fourth, "connected"))
        assert set(it.pbx.bridges[f"sc.{contact}"]) == {caller, f"sc.{fourth}"}


async def test_who_listens_stays_when_the_call_comes_back() -> None:
    """A supervisor's phone is not let go because another agent has the call."""
    async with desk() as it:
        caller, contact, _ = await it.talking()
        listening = await joining(it, contact, 2, "6009", speaks=False)
        await it.pbx.pick_up(listening)
        await it.pbx.until(lambda: listening in it.pbx.bridges[f"sc.{contact}"])
        phone = await it.ringing(caller, contact, 3, "6002")
        await it.pbx.pick_up(phone)
        await it.until_told((phone[3:], "connected"))
        assert set(it.pbx.bridges[f"sc.{contact}"]) == {caller, phone, listening}


@pytest.mark.parametrize("number", ["+46701740690", "no number"])
async def test_a_number_outside_that_nobody_answers(number: str) -> None:
    """Not answered, or it can't be called: the service is told, the caller hears music and is rung for again."""
    async with desk() as it:
        caller, contact, phone = await it.talking()
        it.stand(contact, "with_agent", phone[3:], "wrapping_up", "6001")
        await it.channel.transfer(contact, phone[3:], number)
        if number.startswith("+"):
            await it.pbx.asked_for("POST", f"/channels/{phone}.t")
            await it.pbx.hang_up(f"{phone}.t", 17)
        await it.until_told((contact, "no_answer" if number.startswith("+") else "no_way_out"))
        again = await it.ringing(caller, contact, 2, "6001")
        await it.pbx.pick_up(again)
        await it.until_told((again[3:], "connected"))
        assert set(it.pbx.bridges[f"sc.{contact}"]) == {caller, again}
        assert it.inbox.ends == []


async def test_a_number_outside_after_the_contact_is_over() -> None:
    """The agent has finished meanwhile: the caller is a new contact that answers the old, on the same line."""
    async with desk() as it:
        caller, contact, phone = await it.talking()
        await it.channel.transfer(contact, phone[3:], "+46701740690")
        await it.pbx.asked_for("POST", f"/channels/{phone}.t")
        del it.inbox.seen[contact]
        await it.channel.end(contact, "closed")
        await it.pbx.hang_up(f"{phone}.t", 19)
        await settled(lambda: len(it.inbox.contacts) == 2)
        old, new = it.inbox.contacts
        assert it.inbox.contacts[new].in_reply_to == old == contact
        assert (it.inbox.seen[new].source, it.inbox.seen[new].subject) == (SOURCE, caller)
        await it.channel.end(contact, "closed")
        second = await it.ringing(caller, new, 1, "6002")
        await it.pbx.pick_up(second)
        await it.until_told((second[3:], "connected"))
        await it.pbx.hang_up(caller)
        assert await it.until_ended(new) == "hung_up"
        await it.pbx.until(lambda: not it.pbx.channels)


async def test_a_caller_who_leaves_while_it_rings_outside() -> None:
    """Nobody is told of a transfer that failed for want of a caller."""
    async with desk() as it:
        caller, contact, phone = await it.talking()
        await it.channel.transfer(contact, phone[3:], "+46701740690")
        await it.pbx.asked_for("POST", f"/channels/{phone}.t")
        await it.pbx.hang_up(caller)
        await it.pbx.until(lambda: not it.pbx.channels)
        assert it.inbox.setups == [(phone[3:], "connected")]


@pytest.mark.parametrize("rings", [True, False])
async def test_a_process_that_comes_back_finds_who_was_sent_on(*, rings: bool) -> None:
    """It died while it rang outside: it goes on ringing, or the service is told that nobody answered."""
    async with desk() as it:
        caller, contact, phone = await it.talking()
        it.stand(contact, "with_agent", phone[3:], "wrapping_up", "6001")
        it.sent_on(contact)
        await it.channel.transfer(contact, phone[3:], "+46701740690")
        await it.pbx.asked_for("POST", f"/channels/{phone}.t")
        await it.channel.stop()
        if not rings:
            await it.pbx.hang_up(f"{phone}.t", 19)
        await it.channel.start()
        await settled(lambda: it.channel.health().state == "up")
        if rings:
            await it.pbx.pick_up(f"{phone}.t")
            await it.pbx.until(lambda: it.pbx.bridges.get(f"sc.{contact}") == [caller, f"{phone}.t"])
        else:
            await it.until_told((contact, "no_answer"))
