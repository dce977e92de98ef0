"""Every recording of a real Asterisk, frame by frame over a real socket: what the service is told in the end."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from channels.base import Connection
from router.bench.pbx import Pbx
from tests.channels.asterisk.desk import SOURCE, Desk, connected, settled
from tests.channels.recording_inbox import RecordingInbox

Json = dict[str, Any]
MENU = {"media": "sound:vm-options", "topics": {"2": "TRA.GAT"}, "timeout_s": 60}
UNREACHABLE = "agent_unreachable"

OUTCOMES: Mapping[str, tuple[list[tuple[str, str]], list[str]]] = {
    "01-full-call": ([("c01.l1", "connected")], [""]),
    "02-abandon-while-waiting": ([], ["hung_up"]),
    "02b-abandon-while-agent-rings": ([], ["hung_up"]),
    "02c-abandon-before-answer": ([], ["hung_up"]),
    "02d-abandon-with-explicit-subscription": ([], ["hung_up"]),
    "03-agent-no-answer": ([("c01.l1", UNREACHABLE), ("c01.l2", "connected")], ["hung_up"]),
    "03b-agent-rejects-busy": ([("c01.l1", UNREACHABLE)], ["hung_up"]),
    "04-transfer-ari-second-agent": ([("c01.l1", "connected"), ("c01.l3", "connected")], ["hung_up"]),
    "04b-transfer-continue-in-dialplan": ([], ["hung_up"]),
    "04c-transfer-agent-REFER": ([("c01.l1", "connected")], [""]),
    "05-ivr-dtmf-topic": ([], ["hung_up"]),
    "06-ws-dropped-mid-call": ([("c01.l1", "connected")], [""]),
    "06c-second-websocket-replaces-first": ([], []),
    "07-full-call-subscribeAll": ([("c01.l1", "connected")], [""]),
    "08-asterisk-restart-mid-call": ([("c01.l1", "connected")], ["line_lost"]),
    "10-event-filter": ([("c01.l1", "connected")], [""]),
    "11-rest-errors-and-races": ([("c01.l1", UNREACHABLE)], ["hung_up"]),
}
"""Recording -> (words about agents' phones, reasons of ends)."""


class Recorded(Pbx):
    """Says yes to everything; shows the channels that the recording showed."""

    def __init__(self) -> None:
        super().__init__()
        self.there: list[Json] = []

    async def _carry_out(self, method: str, path: list[str], fields: Json) -> tuple[int, object]:
        if path == ["channels"] and method == "GET":
            return 200, self.there
        if path in (["bridges"], ["asterisk", "info"]) or path[0] == "applications":
            return await super()._carry_out(method, path, fields)
        return 204, None


class Replay:
    """One recording against one adapter; ids of agents' phones become ours."""

    def __init__(self, folder: Path, name: str, it: Desk, pbx: Recorded) -> None:
        self._has_menu = name.startswith("05")
        self._frames = (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        self._done: list[Json] = [
            msgspec.json.decode(line) for line in (folder / f"{name}.rest.jsonl").read_bytes().splitlines()
        ]
        self._it = it
        self._pbx = pbx
        self._ours: dict[str, str] = {}

    async def run(self) -> None:
        """Frame by frame; before each, what the application of the recording had done by then."""
        for number, frame in enumerate(self._frames):
            while self._done and self._done[0]["events_before"] <= number:
                await self._do(self._done.pop(0))
            for theirs, ours in self._ours.items():
                frame = frame.replace(theirs, ours)  # noqa: PLW2901 - the ids alone
            await self._pbx.send(frame)
            if '"StasisStart"' in frame and "sc." in frame and "replace_channel" not in frame:
                await self._connected(frame)
            elif '"StasisStart"' in frame and '"inbound"' in frame and not self._has_menu:
                await settled(lambda: bool(self._it.inbox.contacts))
        for done in self._done:
            await self._do(done)

    async def _do(self, done: Json) -> None:
        match done:
            case {"method": "POST", "path": "/channels", "query": {"channelId": theirs}, "status": 200}:
                await self._ring(theirs)
            case {"method": "DELETE", "path": path} if path[10:] in list(self._ours)[:1] and len(self._ours) > 1:
                await self._promote()
            case {"method": "GET", "path": "/channels", "response": [*there]}:
                self._pbx.there = there
            case {"note": "TCP connection of the websocket aborted"}:
                self._pbx.is_away = True
                await self._pbx.drop_socket()
                await settled(lambda: self._it.channel.health().state == "down")
            case {"note": "_during the gap" | "websocket connected"} if self._pbx.is_away:
                self._pbx.there = [each for each in self._pbx.there if not each["id"].startswith("agent-")]
                self._pbx.is_away = False
                await settled(lambda: self._it.channel.health().state == "up")
            case _:
                pass

    async def _ring(self, theirs: str) -> None:
        """The first phone is the owner's; while somebody talks, a second is a consult's."""
        await settled(lambda: bool(self._it.inbox.contacts))
        leg = f"c01.l{len(self._ours) + 1}"
        self._ours[theirs] = f"sc.{leg}"
        caller = self._it.inbox.seen["c01"].subject
        if ("c01.l1", "connected") in self._it.inbox.setups:
            await self._it.channel.join("c01", leg, "6002", speaks=True)
        else:
            if leg == "c01.l2":
                await self._it.until_told(("c01.l1", UNREACHABLE))
            self._it.stand("c01", "with_agent", leg, "connecting", "6001")
            await self._it.channel.connect(Connection("c01", leg, "6001", SOURCE, caller))
        await self._pbx.asked_for("POST", f"/channels/sc.{leg}")

    async def _connected(self, frame: str) -> None:
        leg = msgspec.json.decode(frame)["channel"]["id"][3:]
        if ("c01.l1", "connected") in self._it.inbox.setups:
            await self._pbx.asked_for("POST", "/bridges/sc.c01/addChannel")
            return
        await self._it.until_told((leg, "connected"))
        self._it.stand("c01", "with_agent", leg, "connected", "6001")

    async def _promote(self) -> None:
        self._it.stand("c01", "with_agent", "c01.l3", "connected", "6002")
        await self._it.channel.connect(Connection("c01", "c01.l3", "6002", SOURCE, ""))
        await self._it.until_told(("c01.l3", "connected"))


@pytest.mark.parametrize("name", OUTCOMES)
async def test_a_recording_ends_as_it_should(name: str, shared_data: Path) -> None:
    """The service hears of one contact, its phones and its end, once each; the next caller is taken."""
    settings = {"menu": MENU} if name.startswith("05") else {}
    async with Recorded() as pbx, connected(pbx, RecordingInbox(), **settings) as it:
        await Replay(shared_data / "protocols/asterisk_ari", name, it, pbx).run()
        setups, reasons = OUTCOMES[name]
        if name.startswith("06c"):
            await settled(lambda: it.channel.health().state == "replaced")
        else:
            await settled(lambda: len(it.inbox.ends) >= len(reasons))
            await pbx.call_in("+46701740699", channel="next")
            if settings:
                await pbx.press("next", "2")
            await pbx.asked_for("POST", "/channels/next/moh")
        assert it.inbox.setups == setups
        assert [end.reason for _, end in it.inbox.ends] == reasons
        first = it.inbox.contacts["c01"]
        assert first.person.phone == "+15551230001"
        assert first.topic == ("TRA.GAT" if settings else "")


async def test_a_call_while_nobody_listens_is_the_dialplans(shared_data: Path) -> None:
    """06b: Asterisk tells nothing of it, ever; the fallback is in the dialplan that we ship."""
    folder = shared_data / "protocols/asterisk_ari"
    assert (folder / "06b-new-call-while-ws-down.jsonl").read_bytes() == b""
    shipped = (Path(__file__).parents[3] / "deploy/asterisk/extensions.conf").read_text(encoding="utf-8")
    assert 'GotoIf($["${STASISSTATUS}"="FAILED"]?servicecenter-fallback,s,1)' in shipped
