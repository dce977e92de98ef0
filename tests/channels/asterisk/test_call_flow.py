"""One call at a time, over real sockets: what Asterisk is asked for and what the service is told."""

import pytest

from channels.base import Connection, Outgoing, Sent
from router.errors import StoreUnavailable
from tests.channels.asterisk.desk import SOURCE, desk, settled

CALLER = "+46701740605"


async def test_a_caller_is_on_disk_before_the_call_is_answered() -> None:
    """Handed in once, with number and source, then answered into music."""
    async with desk() as it:
        it.inbox.failure = StoreUnavailable()
        caller = await it.pbx.call_in(CALLER)
        await it.pbx.asked_for("POST", f"/channels/{caller}/ring")
        assert not [path for _, path, _ in it.pbx.asked if caller in path]
        it.inbox.failure = None
        await it.pbx.asked_for("POST", f"/channels/{caller}/answer")
        await it.pbx.asked_for("POST", f"/channels/{caller}/moh")
        (contact,) = it.inbox.contacts
        found = it.inbox.contacts[contact]
        assert (found.channel, found.person.phone, found.person.anonymous) == ("phone", CALLER, False)
        assert found.fields == {"dialled": "1800"}
        seen = it.inbox.seen[contact]
        assert (seen.source, seen.subject) == (SOURCE, caller)


@pytest.mark.parametrize("number", ["anonymous", "", "Restricted", "12", "<script>"])
async def test_a_hidden_number_is_nobodys(number: str) -> None:
    """Hidden and impossible numbers are anonymous, never an error."""
    async with desk() as it:
        _, contact = await it.taken(number)
        person = it.inbox.contacts[contact].person
        assert (person.phone, person.anonymous) == ("", True)


async def test_agent_and_caller_are_brought_together() -> None:
    """The agent's phone rings under the leg's own name; when it is answered, both are in one bridge."""
    async with desk() as it:
        caller, contact = await it.taken()
        await it.channel.connect(Connection(contact, f"{contact}.l1", "6001", SOURCE, caller))
        wanted = await it.pbx.asked_for("POST", f"/channels/sc.{contact}.l1")
        assert wanted["endpoint"] == "PJSIP/6001"
        assert wanted["appArgs"] == f"agent,{contact}.l1"
        assert wanted["callerId"] == CALLER
        await it.pbx.pick_up(f"sc.{contact}.l1")
        await it.until_told((f"{contact}.l1", "connected"))
        assert it.pbx.bridges == {f"sc.{contact}": [caller, f"sc.{contact}.l1"]}


async def test_told_twice_it_rings_once() -> None:
    """The same attempt again is the same attempt, before and after the agent answers."""
    async with desk() as it:
        caller, contact = await it.taken()
        phone = await it.ringing(caller, contact)
        await it.channel.connect(Connection(contact, phone[3:], "6001", SOURCE, caller))
        await it.pbx.pick_up(phone)
        await it.until_told((phone[3:], "connected"))
        await it.channel.connect(Connection(contact, phone[3:], "6001", SOURCE, caller))
        await settled(lambda: len(it.inbox.setups) == 2)
        assert [each for each in it.pbx.asked if each[1] == f"/channels/{phone}"] == []


async def test_another_agent_while_the_first_is_still_rung() -> None:
    """The first one's phone stops ringing; picked up in the same moment, it is hung up: one agent has the call."""
    async with desk() as it:
        caller, contact = await it.taken()
        first = await it.ringing(caller, contact)
        second = await it.ringing(caller, contact, 2, "6002")
        await it.pbx.until(lambda: first not in it.pbx.channels)
        await it.pbx.pick_up(second)
        await it.until_told((second[3:], "connected"))
        late = it.pbx.channels[first] = it.pbx.channels[second] | {"id": first, "is_ours": True}
        await it.pbx.tell("StasisStart", args=["agent", first[3:]], channel=late)
        await it.pbx.until(lambda: first not in it.pbx.channels)
        assert it.inbox.setups == [(second[3:], "connected")]
        assert it.pbx.bridges[f"sc.{contact}"] == [caller, second]


@pytest.mark.parametrize("cause", [17, 19, 21])
async def test_a_phone_that_is_not_answered_fails_the_attempt(cause: int) -> None:
    """Busy, no answer, rejected: the caller waits on in music, the next agent's phone rings."""
    async with desk() as it:
        caller, contact = await it.taken()
        phone = await it.ringing(caller, contact)
        await it.pbx.hang_up(phone, cause)
        await it.until_told((phone[3:], "agent_unreachable"))
        assert caller in it.pbx.channels
        again = await it.ringing(caller, contact, 2, "6002")
        await it.pbx.pick_up(again)
        await it.until_told((again[3:], "connected"))


async def test_a_phone_that_does_not_exist_fails_the_attempt() -> None:
    """Asterisk's refusal is the agent's phone being out of reach."""
    async with desk() as it:
        caller, contact = await it.taken()
        await it.ringing(caller, contact, agent="nobody")
        await it.until_told((f"{contact}.l1", "agent_unreachable"))


async def test_the_caller_hangs_up_while_waiting() -> None:
    """Told once."""
    async with desk() as it:
        caller, contact = await it.taken()
        await it.pbx.hang_up(caller)
        assert await it.until_ended(contact) == "hung_up"


async def test_the_caller_hangs_up_while_the_agents_phone_rings() -> None:
    """The phone stops ringing."""
    async with desk() as it:
        caller, contact = await it.taken()
        phone = await it.ringing(caller, contact)
        await it.pbx.hang_up(caller)
        assert await it.until_ended(contact) == "hung_up"
        await it.pbx.asked_for("DELETE", f"/channels/{phone}")
        await it.pbx.until(lambda: not it.pbx.channels)
        assert it.inbox.setups == []


async def test_either_hangs_up_and_the_call_is_over() -> None:
    """The other end is let go, the bridge is gone, the end is told once."""
    for is_agent in (False, True):
        async with desk() as it:
            caller, contact, phone = await it.talking()
            await it.pbx.hang_up(phone if is_agent else caller)
            assert await it.until_ended(contact) == ("" if is_agent else "hung_up")
            await it.pbx.until(lambda it=it: not it.pbx.channels and not it.pbx.bridges)


async def test_our_side_ends_it() -> None:
    """Both hang up; who ended it need not be told."""
    async with desk() as it:
        _, contact, _ = await it.talking()
        await it.channel.end(contact, "finished")
        await it.channel.end(contact, "finished")
        await it.pbx.until(lambda: not it.pbx.channels and not it.pbx.bridges)
        await it.taken()
        assert it.inbox.ends == []


async def test_hold_and_resume() -> None:
    """On hold the resident hears music outside the bridge, then is back in it."""
    async with desk() as it:
        caller, contact, phone = await it.talking()
        it.pbx.asked.clear()
        await it.channel.hold(contact, phone[3:])
        await it.channel.hold(contact, phone[3:])
        await it.pbx.asked_for("POST", f"/channels/{caller}/moh")
        assert it.pbx.bridges[f"sc.{contact}"] == [phone]
        await it.channel.resume(contact, phone[3:])
        await it.pbx.asked_for("DELETE", f"/channels/{caller}/moh")
        await it.pbx.until(lambda: caller in it.pbx.bridges[f"sc.{contact}"])


async def test_a_supervisor_listens_muted() -> None:
    """Whoever listens is a muted participant; speaking is a change of the same phone."""
    async with desk() as it:
        _, contact, _ = await it.talking()
        await it.channel.join(contact, f"{contact}.l2", "6009", speaks=False)
        await it.pbx.asked_for("POST", f"/channels/sc.{contact}.l2")
        await it.pbx.pick_up(f"sc.{contact}.l2")
        assert (await it.pbx.asked_for("POST", f"/channels/sc.{contact}.l2/mute"))["direction"] == "in"
        await it.pbx.until(lambda: len(it.pbx.bridges[f"sc.{contact}"]) == 3)
        await it.channel.join(contact, f"{contact}.l2", "6009", speaks=True)
        await it.pbx.asked_for("DELETE", f"/channels/sc.{contact}.l2/mute")
        await it.channel.leave(contact, f"{contact}.l2")
        await it.pbx.until(lambda: len(it.pbx.bridges[f"sc.{contact}"]) == 2)
        assert it.inbox.ends == []


async def test_a_warm_transfer_keeps_the_consulted_phone() -> None:
    """The consulted agent's leg becomes the owner's: their phone stays in the bridge, the first agent's is let go."""
    async with desk() as it:
        caller, contact, phone = await it.talking()
        second = f"{contact}.l2"
        await it.channel.hold(contact, phone[3:])
        await it.channel.join(contact, second, "6002", speaks=True)
        await it.pbx.asked_for("POST", f"/channels/sc.{second}")
        await it.pbx.pick_up(f"sc.{second}")
        await it.pbx.until(lambda: it.pbx.bridges[f"sc.{contact}"] == [phone, f"sc.{second}"])
        third = f"{contact}.l3"
        it.stand(contact, "with_agent", third, "connected", "6002")
        await it.channel.leave(contact, second)
        await it.channel.connect(Connection(contact, third, "6002", SOURCE, caller))
        await it.until_told((third, "connected"))
        await it.pbx.until(lambda: set(it.pbx.bridges[f"sc.{contact}"]) == {f"sc.{second}", caller})
        await it.pbx.until(lambda: phone not in it.pbx.channels)
        assert it.inbox.ends == []
        await it.pbx.hang_up(f"sc.{second}")
        assert await it.until_ended(contact) == ""
        await it.pbx.until(lambda: not it.pbx.channels)


async def test_a_supervisor_who_takes_the_call_is_heard() -> None:
    """The muted phone of whoever takes over is not muted any more, and no other phone of theirs rings."""
    async with desk() as it:
        caller, contact, phone = await it.talking()
        await it.channel.join(contact, f"{contact}.l2", "6009", speaks=False)
        await it.pbx.asked_for("POST", f"/channels/sc.{contact}.l2")
        await it.pbx.pick_up(f"sc.{contact}.l2")
        await it.pbx.until(lambda: len(it.pbx.bridges[f"sc.{contact}"]) == 3)
        await it.channel.connect(Connection(contact, f"{contact}.l3", "6009", SOURCE, caller))
        await it.pbx.asked_for("DELETE", f"/channels/sc.{contact}.l2/mute")
        await it.until_told((f"{contact}.l3", "connected"))
        await it.pbx.until(lambda: phone not in it.pbx.channels)
        assert set(it.pbx.channels) == {caller, f"sc.{contact}.l2"}


async def test_a_call_that_goes_back_to_a_queue_waits_in_music() -> None:
    """A cold transfer to a queue: the agent's phone is let go, the caller is not."""
    async with desk() as it:
        caller, contact, phone = await it.talking()
        it.stand(contact, "queued")
        await it.channel.wait(it.inbox.seen[contact])
        await it.pbx.until(lambda: phone not in it.pbx.channels)
        await it.pbx.until(lambda: caller not in it.pbx.bridges[f"sc.{contact}"])
        again = await it.ringing(caller, contact, 2, "6002")
        await it.pbx.pick_up(again)
        await it.until_told((again[3:], "connected"))
        assert it.inbox.ends == []


async def test_a_word_that_is_overtaken_changes_nothing() -> None:
    """`wait` for a contact that an agent has by now leaves their call alone."""
    async with desk() as it:
        caller, contact, phone = await it.talking()
        await it.channel.wait(it.inbox.seen[contact])
        await it.pbx.press(caller, "1")
        other, _ = await it.taken("+46701740606")
        assert {caller, phone, other} == set(it.pbx.channels)


async def test_a_transfer_to_a_number() -> None:
    """The number rings while the resident hears music; then they talk without us, until either hangs up."""
    async with desk() as it:
        caller, contact, phone = await it.talking()
        await it.channel.transfer(contact, phone[3:], "+46701740690")
        wanted = await it.pbx.asked_for("POST", f"/channels/{phone}.t")
        assert wanted["endpoint"] == "PJSIP/+46701740690@trunk"
        await it.channel.end(contact, "closed")
        await it.pbx.pick_up(f"{phone}.t")
        await it.pbx.until(lambda: it.pbx.bridges[f"sc.{contact}"] == [caller, f"{phone}.t"])
        await it.pbx.hang_up(f"{phone}.t")
        await it.pbx.until(lambda: not it.pbx.channels and not it.pbx.bridges)
        assert it.inbox.ends == []


async def test_a_transfer_by_the_phone_itself_is_followed() -> None:
    """Who takes the agent's place talks on with the resident; our part is over, nobody is cut off."""
    async with desk() as it:
        caller, contact, phone = await it.talking()
        local = {"id": "pbx-9.50", "name": "Local/6002@agents-out;1", "state": "Down"}
        await it.pbx.tell("StasisStart", args=[], channel=local, replace_channel={"id": phone})
        assert await it.until_ended(contact) == ""
        await it.pbx.hang_up(phone)
        await it.taken("+46701740606")
        assert caller in it.pbx.channels
        await it.pbx.tell("StasisEnd", channel=local)
        await it.pbx.until(lambda: caller not in it.pbx.channels)


async def test_words_are_not_for_calls() -> None:
    """A message for a caller fails at once, by name."""
    async with desk() as it:
        assert await it.channel.send(Outgoing("c01", 1, "Hej")) == Sent("failed", "no-text")
