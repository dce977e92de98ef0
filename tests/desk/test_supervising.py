"""What supervisors do, each with a reason, told to whom it concerns: contacts placed, agents changed, orders given."""

from datetime import UTC, datetime

import msgspec
import pytest

from router.desk.queues import WaitingList
from router.errors import SchemaMismatch, StaleRevision
from router.journal import Placement
from tests.desk.day import last, refused, taken, where
from tests.laws.house import House


def at(house: House, seconds: float) -> str:
    """A moment so many seconds from now, as a desktop writes it."""
    return datetime.fromtimestamp(house.clock.now_ms() / 1000 + seconds, UTC).isoformat()


async def order(house: House, name: str, **data: object) -> object:
    """A supervisor's command."""
    answer = await house.desk.command("sara", name, {"reason": "för många väntar", **data}, role="supervisor")
    await house.orders.load()
    return answer


async def placed(house: House) -> Placement:
    """The place that the newest entry gives."""
    entry = await last(house)
    assert entry.placed
    return entry.placed


async def test_a_contact_taken_back_waits_at_its_place(house: House) -> None:
    """The supervisor takes it from the agent; both are told, the waiting counts on."""
    await house.seat("anna")
    contact = await taken(house)
    before = await house.contact(contact)
    await order(house, "contact.requeue", contact_id=contact, rev=before.rev)
    seen, entry = await house.contact(contact), await last(house)
    assert (where(seen), seen.ready_at) == (("queued", ""), before.ready_at)
    assert (entry.data.actor, entry.data.agent, entry.data.also) == ("supervisor:sara", "anna", ("sara",))
    assert await house.store.work("anna") == {}
    assert await house.broken() == []


async def test_an_assigned_contact_waits_for_its_agent_alone(house: House) -> None:
    """For a while; then everybody may have it, at the same place."""
    await house.seat("anna")
    contact = await taken(house)
    await house.seat("beate")
    seen = await house.contact(contact)
    await order(house, "contact.assign", contact_id=contact, rev=seen.rev, agent_id="beate", wait_s=60)
    place = await placed(house)
    assert place.asks.agent == "beate"
    await house.command("beate", "presence.set", state="away", reason="lunch")
    await house.dispatch()
    assert (await house.contact(contact)).state == "queued"
    await house.pass_time(61)
    assert ((await placed(house)).asks.agent, (await placed(house)).score) == ("", place.score)


async def test_two_supervisors_do_not_overwrite_each_other(house: House) -> None:
    """The second has seen an older contact and is told so."""
    contact = await house.receive()
    rev = (await house.contact(contact)).rev
    await order(house, "contact.priority", contact_id=contact, rev=rev, head_start_s=600)
    slug, _ = await refused(
        house, "siv", "contact.move", role="supervisor", contact_id=contact, rev=rev, queue="gata", reason="fel kö"
    )
    assert slug == "stale-revision"


async def test_a_head_start_changes_the_order_and_not_the_waiting(house: House) -> None:
    """Ten minutes ahead, with the arrival and the ready time it had."""
    contact = await house.receive()
    before = await house.contact(contact)
    await order(house, "contact.priority", contact_id=contact, rev=before.rev, head_start_s=600)
    after = await house.contact(contact)
    assert (after.score, after.ready_at, after.received_at) == (
        before.score - 600_000,
        before.ready_at,
        before.received_at,
    )


async def test_a_moved_contact_waits_in_the_other_queue(house: House) -> None:
    """Since when it has waited."""
    contact = await house.receive()
    before = await house.contact(contact)
    await order(house, "contact.move", contact_id=contact, rev=before.rev, queue="gata")
    after = await house.contact(contact)
    assert (after.queue, after.ready_at) == ("gata", before.ready_at)


async def test_a_removed_skill_takes_its_offers_back(house: House) -> None:
    """The offer that needs it returns without blame; work in hand stays."""
    await house.seat("anna", {"finska": 3})
    contact = await house.receive(person={"language": "fi"})
    await house.dispatch()
    assert (await house.contact(contact)).state == "offered"
    await order(house, "agent.skills.set", agent_id="anna", skills={})
    seen = await house.contact(contact)
    entry = await last(house)
    assert (seen.state, entry.data.reason, entry.data.actor) == ("queued", "skill_removed", "supervisor:sara")


async def test_presence_is_set_for_somebody_who_forgot(house: House) -> None:
    """Their offers return, and the journal says who did it."""
    await house.seat("anna")
    contact = await house.receive()
    await house.dispatch()
    await order(house, "agent.presence.set", agent_id="anna", state="away")
    assert (await house.contact(contact)).state == "queued"
    agent = await house.store.agent("anna")
    assert agent
    assert (agent.presence, agent.reason) == ("away", "för många väntar")


@pytest.mark.parametrize(
    ("name", "data", "slug", "field"),
    [
        ("queue.close", {"queue": "nowhere"}, "unknown-queue", "$.data.queue"),
        ("agent.presence.set", {"agent_id": "nobody", "state": "away"}, "not-found", "$.data.agent_id"),
        ("agent.skills.set", {"agent_id": "anna", "skills": {"flying": 3}}, "unknown-skill", "$.data.skills.flying"),
        ("offer.revoke", {"offer_id": "c1.o1"}, "offer-gone", "$.data.offer_id"),
    ],
)
async def test_what_is_not_there_is_named(
    house: House, name: str, data: dict[str, object], slug: str, field: str
) -> None:
    """A clear problem with the field that is wrong."""
    await house.seat("anna")
    assert await refused(house, "sara", name, role="supervisor", reason="x", **data) == (slug, field)


async def test_only_supervisors_may(house: House) -> None:
    """An agent's socket can't send a supervisor's command."""
    assert (await refused(house, "anna", "crisis.on", until=at(house, 60), reason="x"))[0] == "forbidden"


async def test_a_diverted_queue_sends_new_contacts_elsewhere(house: House) -> None:
    """While the order stands; those who wait already stay."""
    await order(house, "queue.divert", queue="generalist", to="gata", until=at(house, 600))
    contact = await house.receive(topic="")
    assert (await house.contact(contact)).queue == "gata"


async def test_a_cancelled_contact_waits_no_more(house: House) -> None:
    """Taken out with a reason, counted as cancelled."""
    contact = await house.receive()
    rev = (await house.contact(contact)).rev
    await order(house, "contact.cancel", contact_id=contact, rev=rev)
    assert (await house.contact(contact)).state == "cancelled"
    assert await house.broken() == []


async def test_who_waits_is_listed_in_the_order_of_service(house: House) -> None:
    """Calls before letters, whoever was put ahead first; with the revision that the next command must name."""
    letter = await house.receive("email")
    house.clock.advance_s(1)
    first = await house.receive()
    house.clock.advance_s(1)
    second = await house.receive()
    rev = (await house.contact(second)).rev
    await order(house, "contact.priority", contact_id=second, rev=rev, head_start_s=600)

    queue = (await house.contact(first)).queue
    found = await house.desk.command("sara", "queue.waiting", {"queue": queue}, role="supervisor")

    assert isinstance(found, WaitingList)
    assert (found.total, [row.contact_id for row in found.contacts]) == (3, [second, first, letter])
    assert [row.rev for row in found.contacts] == [(await house.contact(each)).rev for each in (second, first, letter)]
    calls = await house.desk.command(
        "sara", "queue.waiting", {"queue": queue, "medium": "voice", "limit": 1}, role="supervisor"
    )
    assert isinstance(calls, WaitingList)
    assert (calls.total, [row.contact_id for row in calls.contacts]) == (2, [second])


async def test_what_is_taken_from_somebody_goes_to_others_first(house: House) -> None:
    """An offer taken back, or a contact, is not at once with the same agent again while another one is free."""
    await house.seat("anna")
    house.clock.advance_s(60)
    await house.seat("beate")
    contact = await house.receive()
    await house.dispatch()
    offered = await house.contact(contact)
    assert offered.agent == "anna"
    await order(house, "offer.revoke", offer_id=offered.offer)
    await house.dispatch()
    assert (await house.contact(contact)).agent == "beate"
    seen = await house.accept(contact)
    house.clock.advance_s(200)
    await order(house, "contact.requeue", contact_id=contact, rev=seen.rev)
    await house.dispatch()
    assert (await house.contact(contact)).agent == "anna"


async def test_an_assigned_agent_is_told(house: House) -> None:
    """The contact waits for them from now on, also while they are busy."""
    await house.seat("beate")
    contact = await house.receive()
    rev = (await house.contact(contact)).rev
    await order(house, "contact.assign", contact_id=contact, rev=rev, agent_id="beate")
    assert set((await last(house)).data.also) == {"sara", "beate"}


async def test_what_is_ended_now_is_over_however_long_the_ending_takes(house: House) -> None:
    """A millisecond between two looks at the clock refuses nobody the end of a crisis or of a disturbance."""
    message = {"message_sv": "Vattnet är borta", "message_en": "No water"}
    area = {"polygon": [[17.99, 59.29], [18.01, 59.29], [18.0, 59.31]]}
    declared = {"id": "d1", "topics": ["VAT.LÄC"], "area": area, "until": at(house, 3600), **message}
    await order(house, "crisis.on", until=at(house, 3600))
    await order(house, "disturbance.declare", **declared)
    assert house.opening.orders.crisis(house.clock.now_ms())
    house.clock.tick_ms = 1
    await order(house, "crisis.off")
    await order(house, "disturbance.end", id="d1")
    now = house.clock.now_ms()
    assert (house.opening.orders.crisis(now), house.opening.orders.disturbances(now)) == (False, ())


@pytest.mark.parametrize("seconds", [40 * 86_400, -60])
async def test_a_crisis_ends_within_a_month(house: House, seconds: int) -> None:
    """One of years is a slip of the pen that would hold written work; one that is over already says nothing."""
    until = at(house, seconds)
    seen = await refused(house, "sara", "crisis.on", role="supervisor", reason="x", until=until)
    assert seen == ("schema-mismatch", "$.data.until")


async def test_hours_of_a_day_that_has_been_are_refused(house: House) -> None:
    """The problem names the field that the command has."""
    data = {"queue": "gata", "date": "2020-02-20", "name": "Dan", "reason": "x"}
    with pytest.raises(SchemaMismatch) as error:
        await house.desk.command("sara", "hours.exception", data, role="supervisor")
    assert error.value.field == "$.data.date"


async def test_a_move_to_nowhere_names_the_field(house: House) -> None:
    """The queue that the city does not have."""
    contact = await house.receive()
    rev = (await house.contact(contact)).rev
    data: dict[str, object] = {"contact_id": contact, "rev": rev, "queue": "nowhere", "reason": "x"}
    assert await refused(house, "sara", "contact.move", role="supervisor", **data) == ("unknown-queue", "$.data.queue")


async def test_a_stale_revision_says_what_was_seen_too_early_and_what_to_do(house: House) -> None:
    """The field, the revision that there is now, and the way on; the same for agents' commands."""
    await house.seat("anna")
    contact = await taken(house)
    now = (await house.contact(contact)).rev
    with pytest.raises(StaleRevision) as refused_for:
        await order(house, "contact.requeue", contact_id=contact, rev=now - 1)
    assert (refused_for.value.field, refused_for.value.params) == ("$.data.rev", {"rev": now})
    assert "look at it again" in refused_for.value.detail
    outcomes = [{"resolution": "answered"}]
    problem = await refused(house, "anna", "work.finish", contact_id=contact, rev=now - 1, outcomes=outcomes)
    assert problem == ("stale-revision", "$.data.rev")


@pytest.mark.parametrize("level", [0, 6, 9, "tre", True, None])
async def test_a_level_that_can_not_be_names_its_skill(house: House, level: object) -> None:
    """Of many skills the wrong one is named, and nothing has changed."""
    await house.seat("anna", {"bygg": 2})
    with pytest.raises(msgspec.ValidationError, match=r"`\$\.skills\.finska`"):
        await order(house, "agent.skills.set", agent_id="anna", skills={"bygg": 3, "finska": level})
    agent = await house.store.agent("anna")
    assert agent
    assert agent.record().skills == {"bygg": 2}
