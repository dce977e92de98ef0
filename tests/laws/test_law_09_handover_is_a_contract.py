"""Law 9: a handover is a contract with deadlines in the receiver's hours, and generations; a notice owed stays open."""

import pytest

from router.errors import Forbidden, NotFound, TransitionRefused
from router.lifecycle import CLOSURE_NOTICE, HANDOVER, advance, is_final
from router.model import OpenContact
from tests.laws.house import House

HOUR_MS = 3_600_000


async def reported(house: House) -> OpenContact:
    """A fault that was handed over at once."""
    contact = await house.receive("web", "GAT.HÅL", location={"lat": 59.3, "lon": 18.1})
    return await house.contact(contact)


async def test_deadlines_count_in_the_units_hours(house: House) -> None:
    """A report on a Friday evening is due when the unit has worked for as long as was agreed, not over the weekend."""
    house.clock.advance_s(4 * 86_400 + 11 * 3600)
    seen = await reported(house)
    (entry,) = [entry for entry in await house.journal() if entry.data.terms]
    terms = entry.data.terms
    assert terms
    assert terms.accept_by <= terms.contact_by <= terms.finish_by
    calendar = house.city.unit_calendar(seen.unit)
    now = house.clock.now_ms()
    agreement = house.city.agreement_for("GAT.HÅL", seen.unit, now)
    assert agreement
    assert terms.accept_by == calendar.add_open_ms(now, agreement.accept_s * 1000)
    assert terms.finish_by == calendar.add_open_ms(now, agreement.finish_s * 1000)


async def test_a_late_unit_is_marked_again_and_again(house: House) -> None:
    """Past its deadline the handover is overdue, stays open, and comes up again until somebody acts."""
    seen = await reported(house)
    for _ in range(5):
        await house.pass_time(86_400)
    marks = [entry for entry in await house.journal() if entry.command == "mark_handover_overdue"]
    assert len(marks) >= 2
    after = await house.contact(seen.id)
    assert (after.state, after.handover_state) == ("handed_over", "offered")
    assert after.handover_overdue == len(marks)
    assert [mark.data.to for mark in marks[:2]] == ["", "unit_manager"]
    await house.units.accept(seen.handover, seen.unit, "unit:x")
    await house.units.finish(seen.handover, seen.unit, "unit:x", "klart")
    assert (await house.contact(seen.id)).state == "closed"


async def test_a_return_names_a_reason_and_begins_a_new_generation(house: House) -> None:
    """What comes back is queued; handed over again it is a new contract, and the old one can't be used any more."""
    await house.seat("anna", {"gata": 5})
    await house.seat("reserve")
    seen = await reported(house)
    await house.units.give_back(seen.handover, seen.unit, "unit:x", "fel enhet")
    await house.dispatch()
    await house.accept(seen.id)
    await house.command("anna", "handover.create", contact_id=seen.id, unit=seen.unit)
    again = await house.contact(seen.id)
    assert (again.handover, again.handovers) == (f"{seen.id}.h2", 2)
    with pytest.raises(NotFound):
        await house.units.accept(f"{seen.id}.h1", seen.unit, "unit:x")
    (back,) = [entry for entry in await house.journal() if entry.command == "return_handover"]
    assert back.data.reason == "fel enhet"


async def test_only_the_unit_may_act_and_only_in_order(house: House) -> None:
    """Another unit is refused; what was not accepted can't be done; what is done can't be returned."""
    seen = await reported(house)
    with pytest.raises(Forbidden):
        await house.units.accept(seen.handover, "kultur_fritid", "unit:kultur")
    with pytest.raises(TransitionRefused):
        await house.units.finish(seen.handover, seen.unit, "unit:x", "klart")
    await house.units.accept(seen.handover, seen.unit, "unit:x")
    await house.units.finish(seen.handover, seen.unit, "unit:x", "klart")
    with pytest.raises((TransitionRefused, NotFound)):
        await house.units.give_back(seen.handover, seen.unit, "unit:x", "ångrat")


def test_a_notice_owed_ends_delivered_or_given_up_by_somebody() -> None:
    """No way leads out of the obligation but delivery, or giving up; a failed one is owed again."""
    assert {state for state in CLOSURE_NOTICE if is_final("closure_notice", state)} == {"delivered", "given_up"}
    assert advance("closure_notice", "failed", "owe") == "owed"
    assert [state for state, row in CLOSURE_NOTICE.items() if "given_up" in row.values()] == ["owed", "failed"]


def test_the_contract_has_these_ways_only() -> None:
    """Offered, then accepted or returned, then done or returned; taken back only while nobody has accepted it."""
    assert {state for state in HANDOVER if is_final("handover", state)} == {"returned", "withdrawn", "done"}
    assert set(HANDOVER["offered"].values()) == {"accepted", "returned", "withdrawn", "offered"}
    assert set(HANDOVER["accepted"].values()) == {"returned", "done", "accepted"}
