"""A phone that is put down while the caller is on hold: the caller is not cut off for it."""

import pytest

from channels.base import Connection
from router.bench.pbx import Pbx
from tests.channels.asterisk.desk import SOURCE, Desk, connected, desk
from tests.channels.recording_inbox import RecordingInbox


async def held(it: Desk) -> tuple[str, str, str]:
    """A caller on hold: their channel, the contact, the agent's channel."""
    caller, contact, phone = await it.talking()
    await it.channel.hold(contact, phone[3:])
    await it.pbx.until(lambda: it.pbx.bridges[f"sc.{contact}"] == [phone])
    it.stand(contact, "with_agent", phone[3:], "on_hold", "6001")
    return caller, contact, phone


async def rings_again(it: Desk, phone: str, times: int = 1) -> str:
    """The phone put down rings once more; its new channel."""
    await it.pbx.hang_up(phone)
    again = f"sc.{phone[3:].partition('.a')[0]}.a{times}"
    wanted = await it.pbx.asked_for("POST", f"/channels/{again}")
    assert wanted["endpoint"].endswith("6001")
    return again


async def test_the_phone_rings_again_and_the_talk_goes_on() -> None:
    """As often as it is put down; the caller stays in music until the agent takes them back."""
    async with desk() as it:
        caller, contact, phone = await held(it)
        for times in (1, 2):
            phone = await rings_again(it, phone, times)
            await it.pbx.pick_up(phone)
            await it.pbx.until(lambda phone=phone: it.pbx.bridges[f"sc.{contact}"] == [phone])
        await it.channel.resume(contact, f"{contact}.l1")
        await it.pbx.until(lambda: set(it.pbx.bridges[f"sc.{contact}"]) == {phone, caller})
        assert it.inbox.ends == []
        await it.pbx.hang_up(phone)
        assert await it.until_ended(contact) == ""
        await it.pbx.until(lambda: not it.pbx.channels and not it.pbx.bridges)


async def test_taken_back_while_the_phone_still_rings() -> None:
    """Music until the agent is there: nobody sits alone in a silent bridge."""
    async with desk() as it:
        caller, contact, phone = await held(it)
        again = await rings_again(it, phone)
        it.pbx.asked.clear()
        await it.channel.resume(contact, f"{contact}.l1")
        assert not [path for method, path, _ in it.pbx.asked if (method, path) == ("DELETE", f"/channels/{caller}/moh")]
        await it.pbx.pick_up(again)
        await it.pbx.asked_for("DELETE", f"/channels/{caller}/moh")
        await it.pbx.until(lambda: set(it.pbx.bridges[f"sc.{contact}"]) == {again, caller})


@pytest.mark.parametrize("is_taken_back", [False, True])
async def test_not_answered_it_is_the_next_agents(*, is_taken_back: bool) -> None:
    """The service is told that the agent is out of reach; the caller waits in music, and another agent is rung."""
    async with desk() as it:
        caller, contact, phone = await held(it)
        again = await rings_again(it, phone)
        if is_taken_back:
            await it.channel.resume(contact, f"{contact}.l1")
        await it.pbx.hang_up(again)
        await it.until_told((f"{contact}.l1", "agent_unreachable"))
        assert set(it.pbx.channels) == {caller}
        it.stand(contact, "queued")
        await it.channel.wait(it.inbox.seen[contact])
        other = await it.ringing(caller, contact, 2, "6002")
        await it.pbx.pick_up(other)
        await it.until_told((f"{contact}.l2", "connected"))
        assert it.inbox.ends == []


@pytest.mark.parametrize("is_given", [False, True])
async def test_who_is_consulted_stays_meanwhile(*, is_given: bool) -> None:
    """The consulted agent is there when the first is back, and may be given the call while their phone rings."""
    async with desk() as it:
        caller, contact, phone = await held(it)
        second = f"sc.{contact}.l2"
        await it.channel.join(contact, second[3:], "6002", speaks=True)
        await it.pbx.asked_for("POST", f"/channels/{second}")
        await it.pbx.pick_up(second)
        again = await rings_again(it, phone)
        assert it.pbx.bridges[f"sc.{contact}"] == [second]
        if is_given:
            await it.channel.connect(Connection(contact, f"{contact}.l3", "6002", SOURCE, caller))
            await it.pbx.until(lambda: set(it.pbx.bridges[f"sc.{contact}"]) == {second, caller})
            assert again not in it.pbx.channels
        else:
            await it.pbx.pick_up(again)
            await it.pbx.until(lambda: set(it.pbx.bridges[f"sc.{contact}"]) == {second, again})
        assert it.inbox.ends == []


async def test_the_caller_hangs_up_meanwhile() -> None:
    """The phone stops ringing, the end is told once."""
    async with desk() as it:
        caller, contact, phone = await held(it)
        await rings_again(it, phone)
        await it.pbx.hang_up(caller)
        assert await it.until_ended(contact) == "hung_up"
        await it.pbx.until(lambda: not it.pbx.channels and not it.pbx.bridges)
        assert it.inbox.setups == [(phone[3:], "connected")]


@pytest.mark.parametrize("state", ["down", "rings", "up"])
async def test_the_next_router_rings_too(state: str) -> None:
    """A phone put down while no router listened rings again; one that rings or was picked up again is known."""
    async with Pbx() as pbx:
        inbox = RecordingInbox()
        async with connected(pbx, inbox) as first:
            caller, contact, phone = await held(first)
            again = await rings_again(first, phone) if state != "down" else f"{phone}.a1"
            if state == "up":
                await pbx.pick_up(again)
                await pbx.until(lambda: pbx.bridges[f"sc.{contact}"] == [again])
        if state == "down":
            del pbx.channels[phone]
            pbx.bridges[f"sc.{contact}"].remove(phone)
        async with connected(pbx, inbox) as second:
            if state != "up":
                await pbx.asked_for("POST", f"/channels/{again}")
                await pbx.pick_up(again)
            await pbx.until(lambda: pbx.bridges[f"sc.{contact}"] == [again])
            await second.channel.resume(contact, f"{contact}.l1")
            await pbx.until(lambda: set(pbx.bridges[f"sc.{contact}"]) == {again, caller})
            assert inbox.ends == []
