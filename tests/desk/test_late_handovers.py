"""A unit that is late again: what handover rules say stands before the supervisor until the unit takes its step."""

from pathlib import Path

from router.alarms import CLEARED, RAISED, AlarmBoard
from router.floor_figures import Alarm, EscalationFigure, FloorFigures
from tests.desk.watching import watching
from tests.laws.house import House

DAY_S = 86_400


async def report(house: House, metres: int) -> str:
    """A fault that the unit for streets is asked to take."""
    return await house.receive("web", "GAT.HÅL", location={"lat": 59.3 + metres / 111_195, "lon": 18.1})


def rule_alarms(figures: FloorFigures) -> list[Alarm]:
    """The alarms of handover rules."""
    return [alarm for alarm in figures.alarms if alarm.kind == "handover_rule"]


async def test_a_unit_that_is_late_again_stands_on_the_alarm_board(house: House, tmp_path: Path) -> None:
    """Once late nothing is raised; twice late one alarm for the unit counts every contact; accepted, it is cleared."""
    first, second = await report(house, 0), await report(house, 1_000)
    async with watching(house, tmp_path) as watch:
        assert not rule_alarms(await watch.look())
        board, news = AlarmBoard(), list[str]()
        while not rule_alarms(await watch.look()):
            await house.pass_time(DAY_S)
            assert (await house.contact(first)).handover_overdue <= 2
        (alarm,) = rule_alarms(watch.last)
        assert (alarm.code, alarm.unit, alarm.contacts) == ("handover_overdue", "gata", 2)
        shown = {each.contact_id: each for each in watch.last.escalations}
        assert shown.keys() == {first, second}
        assert (shown[first].overdue, shown[first].escalate, shown[first].priority) == (2, "unit_manager", "P2")
        news += [each.event for each in board.see(watch.last.alarms, watch.last.at) if each.alarm.unit]
        for contact in (first, second):
            house.clock.advance_s(1)
            await house.units.accept((await house.contact(contact)).handover, "gata", "unit:gata")
            figures = await watch.look()
            news += [each.event for each in board.see(figures.alarms, figures.at) if each.alarm.unit]
        assert news == [RAISED, CLEARED]
        assert figures.escalations == ()


async def test_another_leader_finds_them_in_the_store(house: House, tmp_path: Path) -> None:
    """Whoever leads next, without having heard of it, shows the same contact, unit and count."""
    contact = await report(house, 0)
    async with watching(house, tmp_path) as before:
        while not rule_alarms(await before.look()):
            await house.pass_time(DAY_S)
    async with watching(house, tmp_path) as after:
        (found,) = (await after.look()).escalations
    seen = await house.contact(contact)
    assert found == EscalationFigure(
        contact, seen.handover, "gata", found.since, 2, "unit_manager", ("handover_overdue",), "P2"
    )
    assert 0 < found.since < before.last.escalations[0].since
