"""Law 2: at most one owner leg is live, an offer is accepted at most once, commands are idempotent and fenced."""

import asyncio

import msgspec
import pytest

from router.desk.commands import AcceptOffer
from router.dispatch import Dispatcher
from router.errors import NotYours, OfferGone, StaleRevision, StateError
from tests.faults.evidence import broken
from tests.laws.house import House


async def offered(house: House) -> tuple[str, str, int]:
    """A contact on offer to anna: its id, the offer's, its revision."""
    await house.seat("anna")
    contact = await house.receive()
    await house.dispatch()
    seen = await house.contact(contact)
    assert (seen.state, seen.agent) == ("offered", "anna")
    return contact, seen.offer, seen.rev


async def test_twenty_accepts_make_one_leg(house: House) -> None:
    """However often the button is pressed, the contact is accepted once and everybody gets the same answer."""
    contact, offer, rev = await offered(house)
    wanted = AcceptOffer(offer, rev)
    answers = await asyncio.gather(
        *(house.desk.command("anna", "offer.accept", msgspec.to_builtins(wanted)) for _ in range(20))
    )
    assert {str(msgspec.to_builtins(answer)["leg_id"]) for answer in answers} == {f"{contact}.l1"}
    entries = await house.journal()
    assert [entry.command for entry in entries].count("accept_offer") == 1
    assert broken(entries) == []


async def test_another_agent_can_not_take_the_offer(house: House) -> None:
    """Two who press at once: only the one it was offered to gets the contact."""
    contact, offer, rev = await offered(house)
    await house.seat("beate")
    accepts = [
        house.desk.command(agent, "offer.accept", msgspec.to_builtins(AcceptOffer(offer, rev)))
        for agent in ("beate", "anna", "beate")
    ]
    results = await asyncio.gather(*accepts, return_exceptions=True)
    assert [type(result) for result in results if isinstance(result, Exception)] == [NotYours, NotYours]
    assert (await house.contact(contact)).agent == "anna"


async def test_an_offer_that_has_moved_on_is_gone(house: House) -> None:
    """Accepting what has expired, or with an old revision, is refused and changes nothing."""
    contact, offer, rev = await offered(house)
    with pytest.raises(StaleRevision):
        await house.desk.command("anna", "offer.accept", msgspec.to_builtins(AcceptOffer(offer, rev - 1)))
    await house.pass_time(25)
    before = await house.store.position()
    with pytest.raises(OfferGone):
        await house.desk.command("anna", "offer.accept", msgspec.to_builtins(AcceptOffer(offer, rev)))
    assert await house.store.position() == before
    assert (await house.contact(contact)).state == "queued"


async def test_two_planners_make_one_offer(house: House) -> None:
    """Correctness never depends on the lease: two dispatchers that plan the same pair issue one offer."""
    await house.seat("anna")
    contact = await house.receive()
    other = Dispatcher(house.store, house.city, house.metrics)
    for planner in (house.dispatcher, other):
        await planner.load()
        planner._round()
    await asyncio.gather(*house.dispatcher._sent, *other._sent)
    moves = [move.event for entry in await house.journal() for move in entry.transitions if move.machine == "offer"]
    assert moves == ["issue"]
    assert (await house.contact(contact)).state == "offered"


async def test_finish_and_hang_up_together_close_once(house: House) -> None:
    """The agent finishes while the resident hangs up: in either order there is one end, and no error of ours."""
    for _ in range(5):
        contact, offer, rev = await offered(house)
        await house.desk.command("anna", "offer.accept", msgspec.to_builtins(AcceptOffer(offer, rev)))
        finish = house.command("anna", "work.finish", contact_id=contact, outcomes=[{"resolution": "answered"}])
        results = await asyncio.gather(house.leave(contact), finish, return_exceptions=True)
        assert not [
            result for result in results if isinstance(result, Exception) and not isinstance(result, StateError)
        ]
        assert (await house.contact(contact)).state == "closed"
    assert broken(await house.journal()) == []
