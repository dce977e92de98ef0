"""What the floor's figures tell a decision: how many give up waiting, as it is at each decision, or nothing."""

from router.decisions import facts_of
from router.floor_figures import FloorFigures, QueueFigure, ServiceFigure
from tests.laws.house import House


def publish(house: House, abandonment: float | None) -> None:
    """The figures that the leader has published of the general queue."""
    row = QueueFigure("generalist", "voice", 3, last_15_min=ServiceFigure(abandonment=abandonment))
    house.board.now = FloorFigures(house.clock.now_ms(), queues=(row,))


async def test_who_gives_up_is_known_at_each_decision(house: House) -> None:
    """Unknown before anything was measured, never zero; then the share of the last 15 minutes, at intake and later."""
    silent = await house.receive()
    assert "queue_abandon_pct" not in facts_of(await house.contact(silent))
    publish(house, 0.126)
    house.clock.advance_s(1)
    contact = await house.receive()
    assert facts_of(await house.contact(contact))["queue_abandon_pct"] == 13
    publish(house, 0.3)
    await house.seat("anna")
    await house.dispatch()
    assert (await house.accept(silent)).agent == "anna"
    _ = await house.command("anna", "topic.set", contact_id=silent, topic="BYG.LOV")
    assert facts_of(await house.contact(silent))["queue_abandon_pct"] == 30
    publish(house, None)
    _ = await house.command("anna", "topic.set", contact_id=silent, topic="BAR.SKV")
    assert "queue_abandon_pct" not in facts_of(await house.contact(silent))
