"""The floor on a supervisor's socket: the snapshot, a frame a second, alarms at once, and nothing about residents."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from prometheus_client import CollectorRegistry

from router.cards import Cards
from router.config import DesktopConfig
from router.http.desktop_session import Session
from router.telemetry import Metrics
from tests.desktop_client import DesktopClient, Frame, Refused
from tests.http.service_client import Json, ServiceClient, check_frame

CANARY = "Kanariefågeln sjunger"
NUMBER = "+46701740605"
WAIT_S = 20.0


class Watcher:
    """A supervisor's desktop that keeps its floor frames."""

    def __init__(self) -> None:
        self.frames: asyncio.Queue[Json] = asyncio.Queue()
        self.seen: list[str] = []

    def see(self, frame: Frame) -> None:
        """Every frame fits its description."""
        check_frame(frame)
        self.seen.append(msgspec.json.encode(frame).decode())
        if frame["t"] == "floor":
            self.frames.put_nowait(cast("Json", frame["floor"]))

    async def next(self) -> Json:
        """The next floor."""
        async with asyncio.timeout(WAIT_S):
            return await self.frames.get()

    async def fresh(self) -> Json:
        """A floor measured after now: the second to come."""
        while not self.frames.empty():
            self.frames.get_nowait()
        await self.next()
        return await self.next()


@pytest.fixture
def watcher() -> Watcher:
    """A pair of eyes."""
    return Watcher()


@pytest_asyncio.fixture(loop_scope="module")
async def boss(service: ServiceClient, watcher: Watcher, name: str) -> AsyncIterator[DesktopClient]:
    """A supervisor's desktop."""
    token = service.token("supervisor", f"{name}-boss")
    async with await DesktopClient.connect(service.url, token, watcher.see) as client:
        yield client


def row(floor: Json, queue: str, medium: str = "voice") -> Json:
    """One queue and medium."""
    return next(each for each in floor["queues"] if (each["queue"], each["medium"]) == (queue, medium))


async def test_the_floor_comes_again_and_again(
    service: ServiceClient, boss: DesktopClient, watcher: Watcher, desk: DesktopClient, name: str
) -> None:
    """A frame at once, then about one a second; a call in an agent's hands is there, with its times."""
    answer = await boss.command("floor.watch", {"agents": True})
    assert answer == {"is_on": True, "queues": [], "agents": True, "every_s": 1}
    contact = await service.in_hand(desk, "phone", name, text=CANARY, person={"phone": NUMBER})

    floor = await watcher.fresh()

    mine: Json = next(agent for agent in floor["agents"] if agent["id"] == name)
    assert (mine["state"], [held["contact_id"] for held in mine["in_hand"]]) == ("live", [contact])
    assert floor["agent_states"]["live"] == 1
    assert (floor["city"], floor["strategy"]["hash"]) == ("Ekeby stad", service.run.city.strategy.hash)
    later = await watcher.next()
    assert 500 <= later["at"] - floor["at"] <= 3_000
    assert not [frame for frame in watcher.seen if CANARY in frame or NUMBER in frame]


async def test_the_day_is_counted(
    service: ServiceClient, boss: DesktopClient, watcher: Watcher, desk: DesktopClient, name: str
) -> None:
    """A call that is answered stands in the day's and the quarter's counts of its queue, and of the city."""
    await boss.command("floor.watch")
    while "live_today" not in (before := await watcher.next()):
        pass
    await service.in_hand(desk, "phone", name)

    after = await watcher.fresh()

    assert after["live_today"]["answered"] == before["live_today"].get("answered", 0) + 1
    assert after["live_15_min"]["service_level"] > 0
    assert sum(each.get("today", {}).get("answered", 0) for each in after["queues"]) == after["live_today"]["answered"]


async def test_only_what_is_asked_for(boss: DesktopClient, watcher: Watcher) -> None:
    """Named queues alone, no agents; every second figures when that is asked for; nothing after `off`."""
    await boss.command("floor.watch", {"queues": ["bygg", "gata"], "every_s": 2})
    first, second = await watcher.next(), await watcher.fresh()
    assert {each["queue"] for each in first["queues"]} == {"bygg", "gata"}
    assert "agents" not in first
    assert second["at"] - first["at"] >= 3_000

    assert (await boss.command("floor.watch", {"off": True}))["is_on"] is False
    shown = watcher.frames.qsize()
    other = Watcher()
    async with await DesktopClient.connect(boss.url, boss.token, other.see) as again:
        await again.command("floor.watch")
        await other.fresh()
    assert watcher.frames.qsize() == shown


async def test_a_supervisors_snapshot_holds_the_floor(service: ServiceClient, boss: DesktopClient, name: str) -> None:
    """The whole floor with the agents stands in `ready`; an agent's snapshot has the queues alone."""
    floor = cast("Json", boss.snapshot["floor"])
    assert {each["queue"] for each in floor["queues"]} == set(service.run.city.queues)
    assert isinstance(floor["agents"], list)
    async with service.desktop(name) as agent:
        assert "floor" not in agent.snapshot
        queues = cast("list[Json]", agent.snapshot["queues"])
        assert {each["state"] for each in queues if "state" in each} <= {"open", "closing", "closed", "diverted"}
        assert (await agent.command("queue.list"))["queues"]


@pytest.mark.parametrize(
    ("data", "slug", "field"),
    [
        ({"queues": ["bygg", "nowhere"]}, "unknown-queue", "$.data.queues[1]"),
        ({"every_s": 0}, "schema-mismatch", "$.data.every_s"),
        ({"every_s": 11}, "schema-mismatch", "$.data.every_s"),
        ({"all": True}, "schema-mismatch", "$.data"),
    ],
)
async def test_what_can_not_be_watched_is_refused(boss: DesktopClient, data: Json, slug: str, field: str) -> None:
    """A clear problem names the field."""
    with pytest.raises(Refused) as refused:
        await boss.command("floor.watch", data)
    assert (refused.value.slug, refused.value.problem["field"]) == (slug, field)


async def test_the_floor_is_for_supervisors(desk: DesktopClient) -> None:
    """An agent's socket may not watch it."""
    with pytest.raises(Refused) as refused:
        await desk.command("floor.watch")
    assert refused.value.slug == "forbidden"


async def test_who_does_not_answer_is_an_alarm_until_they_are_back(
    service: ServiceClient, boss: DesktopClient, desk: DesktopClient, name: str
) -> None:
    """The expired offer raises the alarm at once; going available clears it."""
    body: Json = {"name": "Anna Exempel", "skills": {"miljo": 2}}
    await service.call("PUT", f"/v1/agents/{name}", role="supervisor", body=body)
    await boss.command("floor.watch")
    contact = await service.receive("phone", name, topic="MIL.LIV")
    await desk.wait_event("presence.away")

    raised = await boss.wait_event("alarm.raised", lambda alarm: alarm.get("agent") == name)
    assert (raised["kind"], raised["contact_id"]) == ("not_responding", contact)
    await service.event("contact.ended", {"reason": "hung_up"}, subject=name)
    await desk.command("presence.set", {"state": "available"})
    cleared = await boss.wait_event("alarm.cleared", lambda alarm: alarm.get("agent") == name)
    assert cleared["since"] == raised["since"]


async def test_that_nobody_is_possible_is_an_alarm_within_five_seconds(
    service: ServiceClient, boss: DesktopClient, watcher: Watcher, desk: DesktopClient, name: str
) -> None:
    """A resident who needs Finnish, which nobody logged in has: raised, shown on the row, cleared when they leave."""
    del desk
    await boss.command("floor.watch")
    contact = await service.receive("chat", name, person={"language": "fi"}, text="Hei")

    raised = await boss.wait_event("alarm.raised", lambda alarm: alarm["kind"] == "no_one_possible", 5.0)
    assert (raised["queue"], raised["contact_id"]) == ("finska", contact)
    await service.event("contact.ended", {"reason": "left"}, subject=name)
    await boss.wait_event("alarm.cleared", lambda alarm: alarm["kind"] == "no_one_possible")
    assert row(await watcher.fresh(), "finska", "messaging").get("no_one_possible", 0) == 0


async def test_a_desktop_that_reads_slowly_gets_the_newest_floor() -> None:
    """Frames that have not been sent are replaced, never queued: a slow screen costs one frame of memory."""

    class Socket:
        """Takes what it is sent."""

        closed = False

        def __init__(self) -> None:
            self.sent: asyncio.Queue[str] = asyncio.Queue()

        async def send_str(self, text: str) -> None:
            self.sent.put_nowait(text)

    socket = Socket()
    session = Session("s", "boss", cast("Cards", None), DesktopConfig(), Metrics(CollectorRegistry()))
    for number in range(1_000):
        session.tell_floor(b'{"t":"floor","floor":%d}' % number)
    session.attach(cast("web.WebSocketResponse", socket), None)
    async with asyncio.timeout(WAIT_S):
        assert await socket.sent.get() == '{"t":"floor","floor":999}'
    assert socket.sent.empty()
    session.stop()
