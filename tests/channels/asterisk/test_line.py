"""The line itself: lost, replaced, slow, malformed, opened by Asterisk; and what is found out after nobody listened."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web

from channels.asterisk.channel import PATH, AsteriskChannel
from channels.asterisk.settings import AsteriskSettings
from channels.base import Connection
from router.bench.pbx import Pbx
from router.errors import ConfigurationError, NotFound, StoreUnavailable, Unauthenticated, UnknownTopic
from router.http.problems import problems
from tests.channels.asterisk.desk import SOURCE, Desk, connected, desk, settled
from tests.channels.recording_inbox import RecordingInbox

ASKED = ["/asterisk/info", "/channels", "/bridges", "/applications/servicecenter/eventFilter"]


async def back(it: Desk) -> None:
    """Let it in again, and wait until the line is up."""
    it.pbx.is_away = False
    await settled(lambda: it.channel.health().state == "up")


async def lose_line(it: Desk) -> None:
    """The connection breaks, and there is none for a while."""
    it.pbx.is_away = True
    await it.pbx.drop_socket()
    await settled(lambda: it.channel.health().state == "down")


async def test_the_order_of_catching_up() -> None:
    """What is there, then what we want to be told; every connection anew."""
    async with desk() as it:
        assert [path for _, path, _ in it.pbx.asked] == ASKED
        it.pbx.asked.clear()
        await lose_line(it)
        await back(it)
        assert [path for _, path, _ in it.pbx.asked] == ASKED


async def test_what_happened_in_the_gap_is_found_out() -> None:
    """A caller gone, an agent gone, a caller come: each told as if it had been heard."""
    async with desk() as it:
        waiting, gone = await it.taken()
        _, left, phone = await it.talking()
        stays = await it.talking("6002")
        await lose_line(it)
        await it.pbx.hang_up(waiting)
        await it.pbx.hang_up(phone)
        await it.pbx.call_in("+46701740609")
        await back(it)
        assert await it.until_ended(gone) == "line_lost"
        assert await it.until_ended(left) == ""
        await settled(lambda: len(it.inbox.contacts) == 4)
        assert {stays[0], stays[2]} <= set(it.pbx.channels)
        assert it.inbox.contacts["c04"].person.phone == "+46701740609"


async def test_an_agent_who_answered_in_the_gap_is_brought_together() -> None:
    """A phone found to be up is a phone that was picked up."""
    async with desk() as it:
        caller, contact = await it.taken()
        phone = await it.ringing(caller, contact)
        await lose_line(it)
        await it.pbx.pick_up(phone)
        await back(it)
        await it.until_told((phone[3:], "connected"))


async def test_an_event_that_never_came_is_found_out() -> None:
    """Now and then what we believe is held against what is there."""
    async with desk(audit_s=1) as it:
        caller, contact = await it.taken()
        del it.pbx.channels[caller]
        assert await it.until_ended(contact) == "line_lost"


async def test_who_was_promised_a_call_unheard_is_let_go() -> None:
    """A word that never came is found out too: nobody hears music for a place that waits without them."""
    async with desk(audit_s=1) as it:
        _, contact = await it.taken()
        it.inbox.seen[contact] = msgspec.structs.replace(it.inbox.seen[contact], callback_state="due")
        await it.pbx.until(lambda: not it.pbx.channels)
        assert it.inbox.ends == []


async def test_a_restarted_pbx_has_lost_every_call() -> None:
    """Each is told once; new callers are taken."""
    async with desk() as it:
        contacts = {(await it.taken())[1], (await it.talking())[1]}
        it.pbx.forget_calls()
        await lose_line(it)
        await back(it)
        for contact in contacts:
            assert await it.until_ended(contact) == "line_lost"
        await it.taken("+46701740607")


async def test_the_next_router_takes_the_calls_over() -> None:
    """Another process knows waiting callers, who rings and who talks, and what is nobody's is let go."""
    async with Pbx() as pbx, AsyncExitStack() as stack:
        inbox = RecordingInbox()
        async with connected(pbx, inbox) as first:
            waiting, queued = await first.taken()
            caller, ringing = await first.taken("+46701740606")
            phone = await first.ringing(caller, ringing)
            _, talking, other = await first.talking("6002")
            lost, gone = await first.taken("+46701740607")
        del pbx.channels[lost]
        await pbx.pick_up(phone)
        pbx.channels["sc.c99.l1"] = pbx.channels[other] | {"id": "sc.c99.l1"}
        second = await stack.enter_async_context(connected(pbx, inbox))
        await second.until_told((phone[3:], "connected"))
        assert await second.until_ended(gone) == "line_lost"
        await pbx.until(lambda: "sc.c99.l1" not in pbx.channels)
        again = await second.ringing(waiting, queued, agent="6003")
        await pbx.pick_up(again)
        await second.until_told((again[3:], "connected"))
        await pbx.hang_up(other)
        assert await second.until_ended(talking) == ""
        assert len(inbox.contacts) == 4


async def test_an_agent_who_took_a_call_while_the_line_was_down() -> None:
    """They are rung as soon as we know who is on the line; nobody there: the contact ends."""
    async with desk() as it:
        caller, contact = await it.taken()
        other, gone = await it.taken("+46701740606")
        await lose_line(it)
        del it.pbx.channels[other]
        for number, (channel, name) in enumerate(((caller, contact), (other, gone)), 1):
            it.stand(name, "with_agent", f"{name}.l{number}", "connecting", "6001")
            await it.channel.connect(Connection(name, f"{name}.l{number}", "6001", SOURCE, channel))
        await back(it)
        await it.pbx.asked_for("POST", f"/channels/sc.{contact}.l1")
        assert await it.until_ended(gone) == "line_lost"


async def test_who_is_replaced_stops_for_good() -> None:
    """Another connection for the application: health says so, nothing is dialled or done any more."""
    async with desk() as it:
        caller, contact = await it.taken()
        async with connected(it.pbx, RecordingInbox()):
            await settled(lambda: it.channel.health().state == "replaced")
            assert it.channel.health().reason == "replaced"
            it.pbx.asked.clear()
            await it.channel.connect(Connection(contact, f"{contact}.l1", "6001", SOURCE, caller))
            await it.channel.end(contact, "finished")
        assert not [path for _, path, _ in it.pbx.asked if "sc." in path]


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "[]",
        "null",
        '{"type":"StasisStart"}',
        '{"type":"StasisStart","channel":{"id":""}}',
        '{"type":"StasisStart","channel":{"id":7}}',
        '{"type":"ChannelDtmfReceived","channel":{"id":"a"}}',
        '{"type":7}',
        '{"type":"Unheard","channel":7}',
        '{"type":"RESTResponse","request_id":7}',
        "[" * 100_000,
        '{"type":"StasisStart","channel":{"id":"\\ud800"}}',
        '{"type":"StasisEnd","channel":{"id":"sc.c01.l1"}}',
        '{"type":"PlaybackFinished","playback":{"id":"sc."}}',
    ],
)
async def test_malformed_frames_do_no_harm(frame: str) -> None:
    """Whatever comes in: the next caller is taken, nobody is ended."""
    async with desk() as it:
        await it.taken()
        await it.pbx.send(frame)
        await it.taken("+46701740606")
        assert it.inbox.ends == []
        health = it.channel.health()
        is_odd = "Unheard" in frame or frame.startswith('{"type":"StasisEnd"') or "Playback" in frame
        assert (health.state, health.reason) == ("up", "" if is_odd else "malformed-events")


async def test_a_slow_pbx_holds_up_nobody_else() -> None:
    """Each call waits for its own answers: a PBX that answers only when ten requests wait has ten callers in music."""
    async with desk() as it:
        it.pbx.gate = asyncio.Barrier(10)
        for _ in range(10):
            await it.pbx.call_in()
        await it.pbx.until(lambda: sum(path.endswith("/moh") for _, path, _ in it.pbx.asked) == 10)
        it.pbx.gate = None


async def test_a_pbx_that_says_nothing_keeps_nothing_from_the_service() -> None:
    """The end of a talk is told while the request to hang up the caller still waits for its answer."""
    async with desk() as it:
        _, contact, phone = await it.talking()
        it.pbx.is_deaf = True
        await it.pbx.hang_up(phone)
        assert await it.until_ended(contact) == ""
        assert it.channel.health().backlog > 0


async def test_a_pbx_that_says_nothing_is_not_up() -> None:
    """A line on which requests get no answer is down, by name."""
    async with Pbx() as pbx:
        pbx.is_deaf = True
        plan = AsteriskSettings(url=pbx.url, user=pbx.user, password=pbx.password)
        channel = AsteriskChannel(RecordingInbox(), plan)
        await channel.start()
        await settled(lambda: channel.health().reason == "not-answering", 10)
        await channel.stop()


@pytest.mark.parametrize(("password", "reason"), [("wrong", "unauthenticated"), ("", "unreachable")])
async def test_a_line_that_can_not_be_opened_says_why(password: str, reason: str) -> None:
    """Down with a reason, and still trying."""
    async with Pbx() as pbx:
        url = pbx.url if password else "http://127.0.0.1:9/ari"
        channel = AsteriskChannel(RecordingInbox(), AsteriskSettings(url=url, user="sc", password=password or "x"))
        await channel.start()
        await settled(lambda: channel.health().reason == reason)
        assert channel.health().state == "down"
        await channel.stop()


async def test_our_store_is_away() -> None:
    """The caller rings on and is taken when it is back; the end of a talk is told then too."""
    async with desk() as it:
        _, contact, phone = await it.talking()
        it.inbox.failure = StoreUnavailable()
        caller = await it.pbx.call_in("+46701740606")
        await it.pbx.hang_up(phone)
        await it.pbx.asked_for("POST", f"/channels/{caller}/ring")
        assert not [path for _, path, _ in it.pbx.asked if path == f"/channels/{caller}/answer"]
        it.inbox.failure = None
        await it.pbx.asked_for("POST", f"/channels/{caller}/answer")
        assert await it.until_ended(contact) == ""


@pytest.mark.parametrize("failure", [StoreUnavailable(), UnknownTopic()])
async def test_a_caller_who_can_not_be_taken_meets_the_dialplan(failure: Exception) -> None:
    """After the limit, or at once when it never can be: unanswered, to the fallback."""
    async with desk(hand_in_s=1) as it:
        it.inbox.failure = failure  # pyright: ignore[reportAttributeAccessIssue] - both are of the service
        caller = await it.pbx.call_in()
        where = await it.pbx.asked_for("POST", f"/channels/{caller}/continue")
        assert where == {"context": "servicecenter-fallback", "extension": "s", "priority": "1"}
        it.inbox.failure = None
        await it.taken("+46701740606")


@asynccontextmanager
async def listening() -> AsyncGenerator[tuple[Desk, str]]:
    """An adapter that waits to be dialled, and its address."""
    pbx, inbox = Pbx(), RecordingInbox()
    channel = AsteriskChannel(inbox, AsteriskSettings(mode="listen", user=pbx.user, password=pbx.password))
    app = web.Application(middlewares=[problems])
    app.router.add_routes(channel.routes())
    async with AsyncExitStack() as stack:
        await channel.start()
        stack.push_async_callback(channel.stop)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield Desk(pbx, inbox, channel), f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"


async def dialled(it: Desk, url: str) -> "asyncio.Task[None]":
    """Asterisk opens its line; it is up when this returns."""
    it.pbx.filter = {}
    dialling = asyncio.create_task(it.pbx.dial_out(url))
    await it.pbx.until(lambda: bool(it.pbx.filter))
    await settled(lambda: it.channel.health().state == "up")
    return dialling


async def test_asterisk_opens_the_line_to_us() -> None:
    """One socket for everything: events in, requests out; a whole call, then another after a new connection."""
    async with listening() as (it, url):
        first = await dialled(it, url)
        caller, contact, phone = await it.talking()
        second = await dialled(it, url)
        await first
        await it.pbx.hang_up(phone)
        assert await it.until_ended(contact) == ""
        await it.pbx.until(lambda: caller not in it.pbx.channels)
        await it.taken("+46701740606")
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)


async def test_only_the_asterisk_agreed_on_may_open_the_line() -> None:
    """No, wrong and odd credentials are refused; so is what is no websocket."""
    async with listening() as (it, url), aiohttp.ClientSession() as http:
        for shown in ("", "Basic x", aiohttp.encode_basic_auth("sc", "wrong"), "Basic \xff"):
            async with http.get(url, headers={"Authorization": shown} if shown else {}) as answer:
                assert answer.status == Unauthenticated.status
        known = {"Authorization": aiohttp.encode_basic_auth(it.pbx.user, it.pbx.password)}
        async with http.get(url, headers=known) as answer:
            assert answer.status == NotFound.status


def test_settings_say_what_is_wrong() -> None:
    """A template without its blank, bands that do not rise, an unknown key, a medium that is a path."""
    wrong: list[dict[str, Any]] = [
        {"phone": "PJSIP/6001"},
        {"outside": "PJSIP/trunk"},
        {"callback_digit": "1"},
        {"wait_bands": [{"up_to_s": 60, "media": "sound:a"}, {"up_to_s": 60, "media": "sound:b"}]},
        {"url": "ftp://pbx"},
    ]
    for change in wrong:
        plan = msgspec.convert({"user": "u", "password": "p"} | change, AsteriskSettings)
        with pytest.raises(ConfigurationError, match=next(iter(change))):
            plan.check()
    odd: list[dict[str, Any]] = [{"record": True}, {"menu": {"media": "/etc/passwd", "topics": {}}}, {"password": ""}]
    for change in odd:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"user": "u", "password": "p"} | change, AsteriskSettings)
