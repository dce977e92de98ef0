"""Law 4: a contact never loses its original arrival time or its place, whatever happens to it."""

from collections.abc import Awaitable, Callable

import pytest

from tests.laws.house import House

Way = Callable[[House, str], Awaitable[object]]


async def declined(house: House, contact: str) -> None:
    """The agent says no."""
    await house.decline(contact)


async def expired(house: House, contact: str) -> None:
    """Nobody answers."""
    del contact
    await house.pass_time(61)


async def disconnected(house: House, contact: str) -> None:
    """The line to the agent is lost while the offer is there."""
    del contact
    await house.disconnect("anna")
    await house.pass_time(16)


async def lost_in_hand(house: House, contact: str) -> None:
    """A chat's agent does not come back."""
    await house.accept(contact)
    await house.disconnect("anna")
    await house.pass_time(16)
    await house.pass_time(121)


async def returned(house: House, contact: str) -> None:
    """A unit sends back what an agent handed over."""
    await house.accept(contact)
    await house.command("anna", "handover.create", contact_id=contact, unit="kultur_fritid")
    await house.pass_time(600)
    await house.units.give_back(f"{contact}.h1", "kultur_fritid", "unit:x", "fel enhet")


async def left(house: House, contact: str) -> None:
    """The agent goes offline."""
    del contact
    await house.command("anna", "presence.set", state="offline")


WAYS: dict[str, Way] = {way.__name__: way for way in (declined, expired, disconnected, lost_in_hand, returned, left)}


@pytest.mark.parametrize("way", WAYS)
async def test_back_at_the_same_place(house: House, way: str) -> None:
    """After this the contact waits again with its times and score, before those who came later."""
    await house.seat("anna")
    contact = await house.receive("chat")
    before = await house.contact(contact)
    await house.dispatch()
    house.clock.advance_s(1)
    later = await house.receive("chat")
    await WAYS[way](house, contact)

    after = await house.contact(contact)
    assert after.state == "queued"
    assert (after.received_at, after.ready_at, after.score) == (before.received_at, before.ready_at, before.score)
    waiting = await house.store.waiting_in([after.bucket])
    assert [each for _, each, _ in waiting] == [contact, later]


async def test_waiting_longer_widens_the_circle_at_the_same_place(house: House) -> None:
    """A step of the route changes who may take the contact, by its waiting alone: the place stays what it was."""
    contact = await house.receive("phone", "BYG.LOV")
    before = await house.contact(contact)
    await house.seat("anna")
    await house.dispatch()
    assert (await house.contact(contact)).state == "queued"
    house.clock.advance_s(house.city.queue(before.queue).max_wait_s)
    await house.dispatch()
    after = await house.contact(contact)
    assert (after.state, after.agent) == ("offered", "anna")
    assert (after.bucket, after.received_at, after.ready_at, after.score) == (
        before.bucket,
        before.received_at,
        before.ready_at,
        before.score,
    )


async def test_only_an_integration_with_the_right_may_backdate(house: House) -> None:
    """`received_at` is taken from who may say so, and is never in the future."""
    earlier = "2025-10-10T09:00:00Z"
    contact = await house.receive("email", received_at=earlier)
    assert (await house.contact(contact)).received_at == house.clock.now_ms()
