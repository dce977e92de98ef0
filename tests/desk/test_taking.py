"""Work that an agent takes without being offered it: pulled from a queue, or taken elsewhere and registered."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from router.config import example_city
from router.desk.taking import Taken
from router.store.redis_store import Store
from rules.city import load_city
from tests.desk.day import kinds, last, refused, where
from tests.laws.house import House
from tests.manual_clock import ManualClock


@pytest.fixture
async def house(store: Store, manual_clock: ManualClock, tmp_path: Path) -> AsyncIterator[House]:
    """The house of a city where written work may be pulled."""
    city = load_city(example_city())
    queues = {name: msgspec.structs.replace(queue, flows={"written": "both"}) for name, queue in city.queues.items()}
    async with House(store, manual_clock, tmp_path / "blobs", msgspec.structs.replace(city, queues=queues)) as opened:
        yield opened


async def took(house: House, agent: str, name: str, **data: object) -> Taken:
    """A command by which the agent has a contact now."""
    answer = await house.command(agent, name, **data)
    assert isinstance(answer, Taken)
    return answer


async def test_an_agent_takes_a_waiting_contact(house: House) -> None:
    """The one that was chosen, with its card; it is theirs at once, without an offer."""
    await house.seat("anna")
    contact = await house.receive("email", text="Hej")
    answer = await took(house, "anna", "work.pull", contact_id=contact)
    assert (answer.contact_id, answer.leg_id) == (contact, f"{contact}.l1")
    assert answer.contact
    assert answer.contact.content["text"] == "Hej"
    seen = await house.contact(contact)
    assert (where(seen), seen.leg_state, await kinds(house, "anna")) == (
        ("with_agent", "anna"),
        "connected",
        {contact: "leg"},
    )
    assert (await last(house)).command == "pull_contact"
    assert await house.broken() == []
    assert (await refused(house, "anna", "work.pull", contact_id=contact))[0] == "transition-refused"


async def test_the_first_of_a_queue_that_the_agent_may_take(house: House) -> None:
    """The mail that came first; one that needs another skill is passed over, and in the end nothing is left."""
    await house.seat("anna")
    await house.receive("email", person={"protection": "protected_registration"})
    house.clock.advance_s(1)
    first = await house.receive("email")
    house.clock.advance_s(1)
    second = await house.receive("web")
    queue = (await house.contact(first)).queue
    assert (await took(house, "anna", "work.pull", queue=queue)).contact_id == first
    assert (await took(house, "anna", "work.pull", queue=queue)).contact_id == second
    assert (await refused(house, "anna", "work.pull", queue=queue)) == ("not-found", "$.data.queue")


async def test_pulling_without_right_or_room_is_refused(house: House) -> None:
    """Calls are offered, restricted contacts need the skill, a second mail does not fit, nobody pulls from home."""
    await house.seat("anna")
    call, mail, more = [await house.receive(channel) for channel in ("phone", "email", "web")]
    protected = await house.receive("email", person={"protection": "protected_registration"})
    assert (await refused(house, "anna", "work.pull", contact_id=call)) == ("forbidden", "$.data.contact_id")
    assert (await refused(house, "anna", "work.pull", contact_id=protected))[0] == "forbidden"
    assert (await refused(house, "anna", "work.pull"))[0] == "schema-mismatch"
    assert (await refused(house, "anna", "work.pull", queue="nowhere"))[0] == "unknown-queue"
    await took(house, "anna", "work.pull", contact_id=mail)
    again = await house.receive("email")
    assert (await refused(house, "anna", "work.pull", contact_id=again))[0] == "no-capacity"
    await took(house, "anna", "work.pull", contact_id=more)
    await house.command("anna", "presence.set", state="offline")
    assert (await refused(house, "anna", "work.pull", contact_id=again))[0] == "no-capacity"


# Taken elsewhere -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["visit", "letter", "phone"])
async def test_what_was_taken_elsewhere_is_registered_and_in_hand(house: House, channel: str) -> None:
    """Decided and recorded like any other contact, and with the agent at once; nobody else is offered it."""
    await house.seat("anna")
    anna = await house.store.agent("anna")
    assert anna
    capacity = {**anna.record().capacity, "visit": 1, "letter": 1}
    record = msgspec.structs.replace(anna.record(), capacity=capacity)
    await house.store.agents.put_agent("anna", "Anna", record, capacity, "cli")
    person = {"phone": "+46701740605"}
    answer = await took(house, "anna", "work.create", channel=channel, topic="KUF.BIB", text="Sökte bok", person=person)
    seen = await house.contact(answer.contact_id)
    assert (where(seen), seen.channel, seen.topic) == (("with_agent", "anna"), channel, "KUF.BIB")
    received = next(entry for entry in await house.journal() if entry.command == "receive_contact")
    assert received.data.received
    assert bytes(received.data.decision)
    assert "0605" not in str(received.data)
    await house.command("anna", "work.finish", contact_id=seen.id, outcomes=[{"resolution": "answered"}])


async def test_what_the_strategy_would_hand_over_is_in_hand_all_the_same(house: House) -> None:
    """The agent has the resident before them: whatever the rules say, the contact is with the agent."""
    await house.seat("anna")
    for topic in house.city.topics.codes():
        answer = await took(house, "anna", "work.create", channel="phone", topic=topic)
        assert where(await house.contact(answer.contact_id)) == ("with_agent", "anna")
        await house.command("anna", "work.finish", contact_id=answer.contact_id, outcomes=[{"resolution": "answered"}])


async def test_created_work_may_be_for_others(house: House) -> None:
    """With `direct: false` it is routed like any other."""
    await house.seat("anna")
    answer = await house.command("anna", "work.create", channel="phone", topic="KUF.BIB", direct=False)
    contact = getattr(answer, "contact_id", "")
    assert (await house.contact(contact)).state == "queued"


async def test_nothing_is_registered_that_can_not_be_in_hand(house: House) -> None:
    """A second call at once, an unknown channel or topic: refused before anything is kept."""
    await house.seat("anna")
    await took(house, "anna", "work.create", channel="phone", topic="KUF.BIB")
    position = await house.store.position()
    assert (await refused(house, "anna", "work.create", channel="phone"))[0] == "no-capacity"
    assert (await refused(house, "anna", "work.create", channel="pigeon")) == ("unknown-channel", "$.data.channel")
    assert (await refused(house, "berit", "work.create", channel="phone"))[0] == "no-capacity"
    assert await house.store.position() == position
