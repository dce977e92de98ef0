"""What a supervisor orders, over real sockets: everybody is told, by whom and why, and desktops begin with it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import cast

import pytest_asyncio

from router.activations import Activation
from tests.desktop_client import WAIT_S, DesktopClient, Frame
from tests.http.service_client import Json, ServiceClient, check_frame
from tests.journeys.waiting import eventually


@pytest_asyncio.fixture(loop_scope="module")
async def boss(service: ServiceClient, name: str) -> AsyncIterator[DesktopClient]:
    """A supervisor's desktop."""
    token = service.token("supervisor", f"{name}-boss")
    async with await DesktopClient.connect(service.url, token, check_frame) as client:
        yield client


def soon(service: ServiceClient) -> str:
    """Half an hour from now."""
    return datetime.fromtimestamp(service.run.store.clock.now_ms() / 1000 + 1_800, UTC).isoformat()


async def test_a_closed_queue_is_told_to_everybody(
    service: ServiceClient, boss: DesktopClient, desk: DesktopClient, name: str
) -> None:
    """An agent who has nothing to do with it hears it, by whom and why; so does whoever comes later."""
    given = await boss.command("queue.close", {"queue": "gata", "until": soon(service), "reason": "Brandlarm i huset."})
    for told in (await desk.wait_event("order.set"), await boss.wait_event("order.set")):
        order = cast("Json", told["order"])
        assert (order["kind"], order["queue"], order["until"]) == ("queue_closed", "gata", given["until"])
        assert (order["by"], order["reason"], told["by"]) == (
            given["by"],
            "Brandlarm i huset.",
            f"supervisor:{name}-boss",
        )
    async with service.desktop(f"{name}-late") as late:
        assert [order["queue"] for order in cast("list[Json]", late.snapshot["orders"])] == ["gata"]
    await boss.command("queue.open", {"queue": "gata", "reason": "Falskt larm."})
    async with service.desktop(f"{name}-later") as later:
        assert later.snapshot["orders"] == []


async def test_the_list_of_queues_follows_orders(service: ServiceClient, boss: DesktopClient) -> None:
    """`is_open` of `GET /v1/queues` is what a caller finds: closed by order, open again without one."""

    async def is_open() -> bool:
        queues = cast("list[Json]", (await service.get("/v1/queues")).body["queues"])
        return next(bool(row["is_open"]) for row in queues if row["queue"] == "gata")

    async def is_closed() -> bool:
        return not await is_open()

    assert await is_open()
    await boss.command("queue.close", {"queue": "gata", "until": soon(service), "reason": "Brandlarm i huset."})
    await eventually(is_closed)
    await boss.command("queue.open", {"queue": "gata", "reason": "Falskt larm."})
    await eventually(is_open)


async def test_the_floor_shows_who_ordered_what(service: ServiceClient, boss: DesktopClient, name: str) -> None:
    """A crisis stands on the floor with its supervisor and reason, for every other supervisor."""
    frames: asyncio.Queue[Json] = asyncio.Queue()

    def see(frame: Frame) -> None:
        if frame["t"] == "floor":
            frames.put_nowait(cast("Json", frame["floor"]))

    boss.on_frame = see
    await boss.command("crisis.on", {"until": soon(service), "reason": "Vattenläcka på Storgatan."})
    await boss.command("floor.watch")
    async with asyncio.timeout(WAIT_S):
        while not (floor := await frames.get()).get("orders"):
            pass
    (order,) = floor["orders"]
    assert (order["kind"], order["by"], order["reason"]) == (
        "crisis",
        f"supervisor:{name}-boss",
        "Vattenläcka på Storgatan.",
    )
    assert floor["crisis_until"] == order["until"]
    await boss.command("crisis.off", {"reason": "Lagat."})


async def test_an_agent_is_told_who_changed_what_they_can(
    service: ServiceClient, boss: DesktopClient, desk: DesktopClient, name: str
) -> None:
    """New skills come with the profile, by whom and why; so does a presence that somebody else set."""
    del service
    await boss.command("agent.skills.set", {"agent_id": name, "skills": {"bygg": 3}, "reason": "Utbildad i dag."})
    told = await desk.wait_event("profile.put")
    assert (cast("Json", told["profile"])["skills"], told["by"], told["reason"]) == (
        {"bygg": 3},
        f"supervisor:{name}-boss",
        "Utbildad i dag.",
    )
    await boss.command("agent.presence.set", {"agent_id": name, "state": "away", "reason": "Glömde rasten."})
    away = await desk.wait_event("presence.away")
    assert (away["by"], away["reason"]) == (f"supervisor:{name}-boss", "Glömde rasten.")


async def test_interruption_is_part_of_the_profile(service: ServiceClient, name: str) -> None:
    """A supervisor says whether calls may interrupt an agent's letters; the desktop shows it."""
    body: Json = {"name": "Anna Exempel", "can_interrupt": True}
    answer = await service.call("PUT", f"/v1/agents/{name}", role="supervisor", body=body)
    assert answer.body["can_interrupt"] is True
    async with service.desktop(name) as opened:
        assert cast("Json", opened.snapshot["agent"])["can_interrupt"] is True


async def test_a_strategy_in_service_is_told_to_everybody(
    service: ServiceClient, boss: DesktopClient, desk: DesktopClient, name: str
) -> None:
    """Agents and supervisors hear which version came into service and which left it, by whom and why."""
    store, now = service.run.store, service.run.store.clock.now_ms()
    later = now + 3_600_000
    found = await store.activations.all()
    wanted = Activation(f"{name}-v", "0" * 16, "vinter", begins_at=later, actor="strategy_owner:olle", reason="Prov.")
    await store.activations.activate_strategy(found.activated(wanted), found.number)
    for told in (await desk.wait_event("strategy.activated"), await boss.wait_event("strategy.activated")):
        (version,) = cast("list[Json]", told["activations"])
        assert (version["id"], version["version"], version["begins_at"]) == (f"{name}-v", "vinter", later)
        assert (told["by"], told["reason"], told["to"]) == ("strategy_owner:olle", "Prov.", f"{name}-v")
    found = await store.activations.all()
    record = found.get(f"{name}-v")
    assert record
    await store.activations.end_strategy(found.rolled_back(record), found.number)
    told = await desk.wait_event("strategy.ended")
    assert [version["state"] for version in cast("list[Json]", told["activations"])] == ["rolled_back"]


async def test_metrics_name_the_version_in_force_and_the_rules_at_work(service: ServiceClient, name: str) -> None:
    """A call counts for the rules that decided it; the folder's own strategy is in force for everybody."""

    async def metrics() -> str:
        return cast("bytes", (await service.call("GET", "/metrics")).body).decode()

    before = await metrics()
    await service.receive("phone", name, topic="KUF.BIB")

    async def told() -> bool:
        after = await metrics()
        rule = 'servicecenter_decision_rules_total{rule="'
        version = 'servicecenter_strategy_active{hash="'
        grown = [line for line in after.splitlines() if line.startswith(rule) and line not in before.splitlines()]
        return bool(grown) and any(version in line and 'reach="folder"' in line for line in after.splitlines())

    await eventually(told)
