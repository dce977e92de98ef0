"""What a unit needs to know holds handovers that happen by themselves; danger waits for nothing."""

from typing import cast

import msgspec
import pytest

from router.cards import Card
from router.decisions import said_of
from router.records import DecisionRecord
from rules.explain import explain
from rules.organisation import Exit
from rules.words.telling import as_text, tell
from tests.desk.day import done
from tests.laws.house import House

FAR = 0.02
"""Degrees to a place where the other reports are no neighbours."""
ORG_NR = "556000-0000"
_record = msgspec.json.Decoder(DecisionRecord)


async def report(house: House, number: int = 0, topic: str = "AVF.HÄM", severity: str = "", **fields: object) -> str:
    """A company reports on the web: the strategy hands it over, with the organisation number."""
    where = {"lat": 59.2969 + number * FAR, "lon": 18.0012}
    told: dict[str, object] = {"business": True, **fields}
    more = {"severity": severity} if severity else {}
    return await house.receive("web", topic, text="Ett fel", location=where, fields=told, **more)


async def at_work(house: House) -> None:
    """Anna, who knows streets and waste, and somebody for the calls."""
    await house.seat("anna", {"gata": 3, "vatten": 3})
    house.clock.advance_s(1)
    await house.seat("reserve", {"gata": 3, "vatten": 3})


async def test_what_lacks_a_field_waits_for_a_person_who_asks(house: House) -> None:
    """It is queued; record and card name what is missing, and it is said in words; complete, it goes at once."""
    await at_work(house)
    held, complete = await report(house), await report(house, 1, org_nr=ORG_NR)
    seen = await house.contact(held)
    assert (seen.state, seen.queue, seen.unit) == ("queued", "vatten", "")
    assert (await house.contact(complete)).unit == "avfall"
    said = said_of(seen)
    assert said
    assert (said.reason, said.missing_fields) == ("fields_missing", ("org_nr",))
    record = _record.decode(seen.decision)
    told = as_text(tell(explain(house.city.strategy, record.facts, decided=record.decision), house.city, "sv"))
    assert "Enheten behöver veta mer innan den kan ta över: organisationsnumret." in told
    await house.dispatch()
    assert (await house.accept(held)).agent == "anna"
    card = cast("Card", await house.command("anna", "contact.read", contact_id=held, reason="quality"))
    assert card.missing_fields == ("org_nr",)
    await done(house, "anna", "handover.create", contact_id=held, unit="gata", fields={"org_nr": ORG_NR})
    assert (await house.contact(held)).unit == "gata"


async def test_danger_and_law_wait_for_no_field_of_other_rules(house: House) -> None:
    """A danger goes at once, whatever another rule would like to know; who asks for a record need not say who."""
    danger = await house.contact(await report(house, topic="MIL.UTS", severity="P1"))
    assert (danger.state, danger.handover_state) == ("handed_over", "offered")
    record = await house.contact(await report(house, topic="DEM.ALH"))
    said = said_of(record)
    assert said
    assert (said.require_fields, record.unit) == ((), "registrator")


@pytest.mark.parametrize(("told", "suggested", "missing"), [({}, "", ("org_nr",)), ({"org_nr": ORG_NR}, "avfall", ())])
async def test_another_topic_suggests_no_handover_that_would_be_refused(
    house: House, told: dict[str, object], suggested: str, missing: tuple[str, ...]
) -> None:
    """Without the field the agent is told what is missing; with it, the unit is suggested."""
    await at_work(house)
    contact = await report(house, topic="KUF.BIB", **told)  # pyright: ignore[reportArgumentType] # fields only
    await house.dispatch()
    assert (await house.accept(contact)).agent == "anna"
    await done(house, "anna", "topic.set", contact_id=contact, topic="AVF.HÄM")
    card = cast("Card", await house.command("anna", "contact.read", contact_id=contact, reason="quality"))
    assert (card.suggested.unit if card.suggested else "", card.missing_fields) == (suggested, missing)


async def test_the_way_out_to_a_unit_is_closed_to_what_lacks_a_field(house: House) -> None:
    """Who has waited long enough leaves to the unit only with what the unit needs."""
    building = {"fastighet": "Eken 1:4", "atgard": "uterum"}
    silent = await house.contact(await house.receive("phone", "BYG.LOV"))
    telling = await house.contact(await house.receive("phone", "BYG.LOV", fields=building))
    leaving = house.conversation._leaving
    assert await leaving.leave(silent, [Exit("unit", "bygglov")], "waited") == ""
    assert await leaving.leave(telling, [Exit("unit", "bygglov")], "waited") == "unit"
    assert (await house.contact(silent.id)).state == "queued"
    assert (await house.contact(telling.id)).unit == "bygglov"
