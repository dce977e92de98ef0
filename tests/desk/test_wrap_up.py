"""The limit of wrap-up: an agent may extend it, up to the queue's longest."""

import pytest

from router.errors import SchemaMismatch
from tests.desk.day import done, kinds, side, taken, where
from tests.laws.house import House


async def longest(house: House, contact: str) -> int:
    """The longest wrap-up of the contact's queue, in seconds."""
    return house.city.queue((await house.contact(contact)).queue).wrap_up_max_s


async def left(house: House, **wanted: object) -> tuple[str, object]:
    """The field and the seconds that are possible when more is asked for."""
    with pytest.raises(SchemaMismatch) as refused:
        await house.command("anna", "wrap_up.extend", **wanted)
    return refused.value.field, refused.value.params["possible_s"]


async def test_all_extensions_together_stay_within_the_longest_wrap_up(house: House) -> None:
    """What is left shrinks with the time that has passed since the resident left, however it was divided."""
    await house.seat("anna")
    contact = await taken(house)
    await house.leave(contact)
    most = await longest(house, contact)
    await done(house, "anna", "wrap_up.extend", contact_id=contact, seconds=300)
    await house.pass_time(290)
    await done(house, "anna", "wrap_up.extend", contact_id=contact, seconds=most - 290 - 100)
    before = await house.contact(contact)
    await house.pass_time(most - 290 - 110)
    assert await left(house, contact_id=contact, seconds=120) == ("$.data.seconds", 110)
    assert await house.contact(contact) == before
    await done(house, "anna", "wrap_up.extend", contact_id=contact, seconds=110)
    await house.pass_time(105)
    assert await left(house, contact_id=contact, seconds=10) == ("$.data.seconds", 5)
    await house.pass_time(5)
    assert where(await house.contact(contact)) == ("closed", "anna")


async def test_an_hour_on_the_phone_takes_nothing_from_the_wrap_up(house: House) -> None:
    """It counts from when the conversation was over."""
    await house.seat("anna")
    contact = await taken(house)
    await house.pass_time(3_600)
    await house.leave(contact)
    await done(house, "anna", "wrap_up.extend", contact_id=contact, seconds=await longest(house, contact))
    assert await kinds(house, "anna") == {contact: "wrap"}


async def test_who_passed_a_contact_on_has_the_same_limit(house: House) -> None:
    """It counts for the leg: since its conversation was over, also when a letter was passed on out of the wrap-up."""
    await house.seat("anna")
    await house.command("anna", "presence.form", form="written")
    contact = await taken(house, channel="email")
    await house.leave(contact)
    most = await longest(house, contact)
    await house.pass_time(60)
    leg = (await done(house, "anna", "work.transfer", contact_id=contact, to={"queue": "barn"}, kind="cold")).leg_id
    assert await left(house, leg_id=leg, seconds=most) == ("$.data.seconds", most - 60)
    await done(house, "anna", "wrap_up.extend", leg_id=leg, seconds=most - 60)
    beside = await side(house, leg)
    assert beside
    assert beside.until == house.clock.now_ms() + (most - 60) * 1000
