"""A concern about a child, from somebody with protected data: where nobody may take it, social services get it."""

from router.decisions import standing
from tests.desk.day import done
from tests.laws.house import House

PROTECTED = {"phone": "+46701740611", "protection": "protected_registration"}


async def test_a_concern_that_nobody_here_may_take_goes_to_social_services(house: House) -> None:
    """The only one who may see protected data hears of a child and goes home: nobody must have two skills."""
    await house.seat("gun", {"skyddad_id": 1})
    await house.seat("anna", {"soc_mottagning": 1})
    contact = await house.receive("phone", "KUF.BIB", person=PROTECTED)
    await house.dispatch()
    assert (await house.accept(contact)).agent == "gun"
    await done(house, "gun", "topic.set", contact_id=contact, topic="SOC.ORB")
    await house.command("gun", "presence.set", state="offline")
    seen = await house.contact(contact)
    assert (seen.state, standing(seen).restricted) == ("queued", True)
    for _ in range(4):
        await house.dispatch()
        await house.waiting.look(house.dispatcher.floor)
        await house.pass_time(60)
    after = await house.contact(contact)
    assert (after.state, after.unit) == ("handed_over", "socialtjanst_mottagning")
