"""A supervisor declares what is out of order: reports are answered, linked and counted; it ends by itself."""

from datetime import UTC, datetime

import pytest

from router.journal import Entry, Received
from router.model import OpenContact
from router.orders import Order
from tests.desk.day import last, refused
from tests.laws.house import House

STORGATAN, NORR = {"lat": 59.2969, "lon": 18.0012}, {"lat": 59.34, "lon": 18.0}
CIRCLE = {"lat": 59.2968, "lon": 18.0012, "radius_m": 600}
SAID = {"topics": ["VAT.*"], "message_sv": "Vattnet är avstängt", "reason": "VA-jouren har ringt"}
NIGHT_S, HOUR_S = 12 * 3600, 3600


def later(house: House, seconds: float) -> str:
    """A moment to come, as a supervisor writes it."""
    return datetime.fromtimestamp(house.clock.now_ms() / 1000 + seconds, UTC).isoformat()


async def declared(house: House, area: dict[str, object] | None = None, **more: object) -> Order:
    """A burst main on Storgatan, for an hour, known to this router."""
    data = {**SAID, "area": area or CIRCLE, "until": later(house, HOUR_S), **more}
    order = await house.desk.command("sara", "disturbance.declare", data, role="supervisor")
    assert isinstance(order, Order)
    house.orders.follow(await last(house))
    return order


async def report(house: House, location: dict[str, float] | None = STORGATAN, topic: str = "VAT.LÄC") -> OpenContact:
    """Somebody reports on the web."""
    more = {} if location is None else {"location": location}
    return await house.contact(await house.receive("web", topic, severity="P3", text="Inget vatten", **more))


async def received(house: House) -> tuple[Entry, Received]:
    """The last contact as the journal has it."""
    entry = await last(house)
    assert entry.data.received
    return entry, entry.data.received


async def test_reports_under_a_disturbance_are_answered_and_linked(house: House) -> None:
    """K08: the message instead of a work order, with the parent's name; elsewhere and after its end it is a report."""
    order = await declared(house, id="storgatan")
    assert order.disturbance
    contact = await report(house)
    assert (contact.state, contact.unit) == ("answered", "")
    entry, told = await received(house)
    assert told.related_to == "disturbance:storgatan"
    assert b'"disturbance":true' in bytes(entry.data.decision)
    assert b"link:disturbance" in bytes(entry.data.decision)
    assert (await report(house, NORR)).state == "handed_over"
    assert (await received(house))[1].related_to == ""
    house.clock.advance_s(HOUR_S)
    assert (await report(house)).state == "handed_over", "it has ended by itself"


async def test_a_dangerous_report_goes_to_people_whatever_is_declared(house: House) -> None:
    """P1 on the spot is somebody's at once; so is a call, where a voice is asked for."""
    await declared(house)
    burst = await house.receive("web", "VAT.LÄC", severity="P1", text="Det forsar", location=STORGATAN)
    assert (await house.contact(burst)).state == "handed_over"
    call = await house.receive("phone", "VAT.LÄC", severity="P3", location=STORGATAN)
    assert (await house.contact(call)).state == "queued"


async def test_a_report_without_a_place_leaves_it_open(house: House) -> None:
    """Unknown is not true: it waits for a guide who asks where, and nothing is linked."""
    await declared(house)
    contact = await report(house, None)
    entry, told = await received(house)
    assert (contact.state, told.related_to) == ("queued", "")
    assert b'"disturbance"' not in bytes(entry.data.decision).partition(b'"facts"')[2]


async def test_a_district_and_a_polygon_are_areas_too(house: House) -> None:
    """Both cover what lies in them and nothing else."""
    await declared(house, {"district": "norr"}, id="norr")
    assert (await report(house, NORR)).state == "answered"
    assert (await report(house)).state == "handed_over"
    await declared(house, {"polygon": [[17.99, 59.29], [18.01, 59.29], [18.0, 59.31]]}, id="kil")
    assert (await report(house)).state == "answered"
    assert (await received(house))[1].related_to == "disturbance:kil"


async def test_it_is_changed_under_its_name_and_ended_before_its_time(house: House) -> None:
    """The latest word stands; what is ended explains nothing more, and ending it twice is a clear problem."""
    await declared(house, id="storgatan")
    await declared(house, id="storgatan", message_sv="Vattnet är tillbaka på vissa håll")
    (standing,) = house.opening.orders.disturbances(house.clock.now_ms())
    assert standing.disturbance
    assert standing.disturbance.message_sv == "Vattnet är tillbaka på vissa håll"
    end = {"id": "storgatan", "reason": "lagat"}
    await house.desk.command("sara", "disturbance.end", end, role="supervisor")
    entry = await last(house)
    house.orders.follow(entry)
    assert (entry.data.actor, entry.data.reason) == ("supervisor:sara", "lagat")
    assert house.opening.orders.disturbances(house.clock.now_ms()) == ()
    assert (await report(house)).state == "handed_over"
    assert await refused(house, "sara", "disturbance.end", role="supervisor", **end) == ("not-found", "$.data.id")


async def test_a_new_router_knows_what_stands(house: House) -> None:
    """What was declared elsewhere is read at the start, with its area."""
    given = await declared(house, id="storgatan")
    (kept,) = await house.store.orders.all()
    assert kept.disturbance == given.disturbance
    house.orders.orders.load([])
    await house.orders.load()
    assert (await report(house)).state == "answered"


async def test_another_topic_is_not_disturbed_by_it(house: House) -> None:
    """What was found for one topic says nothing about the topic that the agent sets: it is looked for anew."""
    await declared(house)
    call = await house.receive("phone", "VAT.LÄC", severity="P3", location=STORGATAN)
    await house.seat("anna", {"vatten": 3})
    await house.dispatch()
    seen = await house.contact(call)
    assert '"disturbance":true' in seen.decision
    assert '"district":"centrum"' in seen.decision
    await house.accept(call)
    await house.command("anna", "topic.set", contact_id=call, topic="KUF.BIB")
    seen = await house.contact(call)
    assert '"disturbance":false' in seen.decision.partition('"facts"')[2]
    assert '"district":"centrum"' in seen.decision


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"topics": ["VAT.LAC"]}, "$.data.topics[0]"),
        ({"topics": []}, ""),
        ({"area": {}}, "$.data.area"),
        ({"area": {"district": "centrun"}}, "$.data.area.district"),
        ({"area": {"district": "centrum", "radius_m": 4}}, "$.data.area"),
        ({"area": {"lat": 59.3, "radius_m": 10}}, "$.data.area.radius_m"),
        ({"area": {"lat": 59.3, "lon": 18.0}}, "$.data.area.radius_m"),
        ({"area": {"polygon": [[18.0, 59.3], [18.1, 59.3], [18.0, 59.3]]}}, "$.data.area.polygon"),
        ({"until": "2020-01-01T00:00:00Z"}, "$.data.until"),
        ({"reason": ""}, ""),
    ],
)
async def test_a_declaration_that_names_what_is_not_there_is_refused(
    house: House, change: dict[str, object], field: str
) -> None:
    """With the field and the nearest word; nothing is declared."""
    data: dict[str, object] = {**SAID, "area": CIRCLE, "until": later(house, HOUR_S), **change}
    if field:
        assert await refused(house, "sara", "disturbance.declare", role="supervisor", **data) == (
            "schema-mismatch",
            field,
        )
    else:
        with pytest.raises(Exception, match="Expected"):
            await house.desk.command("sara", "disturbance.declare", data, role="supervisor")
    assert await house.store.orders.all() == []


async def test_only_supervisors_declare(house: House) -> None:
    """An agent's socket can't."""
    assert (await refused(house, "anna", "disturbance.declare"))[0] == "forbidden"
    assert (await refused(house, "anna", "disturbance.end"))[0] == "forbidden"
