"""A call through 46elks, webhook by webhook, on whichever router it comes in."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
import pytest

from channels.base import Connection, Outgoing, Sent
from channels.elks.channel import ROOT, ElksChannel
from channels.elks.settings import ElksSettings
from router.errors import ConfigurationError, StoreUnavailable
from tests.channels.asterisk.desk import settled
from tests.channels.elks.provider import NUMBER, SECRET, WEBHOOKS, Action, Provider, provider
from tests.channels.recording_inbox import RecordingInbox

CALLER, AGENT = "+46701740605", "+46701740650"
NOW = 1_780_000_000_000
HOLD = "https://example.se/hold.mp3"
CLIPS: Mapping[str, Any] = {"hold": HOLD, "phones": {"anna": AGENT}}


class Calls(Provider):
    """46elks, and what the service tells the adapter."""

    def __init__(self, found: Provider, channel: ElksChannel) -> None:
        super().__init__(found._http, ROOT)
        self.channel = channel


@asynccontextmanager
async def service(inbox: RecordingInbox, **settings: object) -> AsyncGenerator[Calls]:
    """One router's adapter."""
    plan = msgspec.convert({**WEBHOOKS, **CLIPS, **settings}, ElksSettings)
    channel = ElksChannel(inbox, plan, lambda: NOW, "https://sc.example.se")
    async with provider(channel, ROOT) as found:
        yield Calls(found, channel)


async def ring_in(elks: Provider, call: str = "c1", created: str = "") -> Action:
    """A resident calls."""
    form = {"direction": "incoming", "callid": call, "from": CALLER, "to": NUMBER}
    return await elks.action("call", **form, **({"created": created} if created else {}))


def stand(inbox: RecordingInbox, state: str, leg: str = "", leg_state: str = "", agent: str = "") -> None:
    """What the service says of the first contact."""
    inbox.seen["c01"] = msgspec.structs.replace(
        inbox.seen["c01"], state=state, leg=leg, leg_state=leg_state, agent=agent
    )


async def test_a_caller_waits_in_a_loop_until_an_agent_has_them() -> None:
    """Handed in once; each clip's end asks again; the agent's number is rung as soon as they have the call."""
    inbox = RecordingInbox()
    async with service(inbox) as elks:
        action = await ring_in(elks)
        assert inbox.contacts["c01"].person.phone == CALLER
        assert action["play"] == HOLD
        again = await elks.action(action["next"], callid="c1")
        assert (again["play"], again["next"] != action["next"]) == (HOLD, True)
        stand(inbox, "with_agent", "c01.l1", "connecting", "anna")
        ringing = await elks.action(again["next"], callid="c1")
        assert (ringing["connect"], ringing["timeout"]) == (AGENT, 20)
        assert await elks.action(ringing["next"], callid="c1", result="success") == {"hangup": "reject"}
        assert inbox.setups == [("c01.l1", "connected")]
        assert [end.reason for _, end in inbox.ends] == [""]
        await elks.post(action["whenhangup"], {"callid": "c1"})
        assert len(inbox.ends) == 1


@pytest.mark.parametrize("result", ["failed", "busy"])
async def test_an_agent_who_does_not_answer(result: str) -> None:
    """The attempt fails, the caller waits on, the next agent is rung."""
    inbox = RecordingInbox()
    async with service(inbox, phones={"anna": AGENT, "bo": "+46701740651"}) as elks:
        action = await ring_in(elks)
        stand(inbox, "with_agent", "c01.l1", "connecting", "anna")
        ringing = await elks.action(action["next"], callid="c1")
        waiting = await elks.action(ringing["next"], callid="c1", result=result)
        assert inbox.setups == [("c01.l1", "agent_unreachable")]
        stand(inbox, "with_agent", "c01.l2", "connecting", "bo")
        assert (await elks.action(waiting["next"], callid="c1"))["connect"] == "+46701740651"


async def test_ringing_that_has_not_failed_is_a_talk() -> None:
    """46elks does not say when a phone is answered: when its ringing must have ended, they talk."""
    inbox = RecordingInbox()
    async with service(inbox, ring_s=5) as elks:
        action = await ring_in(elks)
        stand(inbox, "with_agent", "c01.l1", "connecting", "anna")
        await elks.action(action["next"], callid="c1")
        await settled(lambda: inbox.setups == [("c01.l1", "connected")], 10)


async def test_an_agent_without_a_phone() -> None:
    """The attempt fails by name, the caller hears music."""
    inbox = RecordingInbox()
    async with service(inbox) as elks:
        action = await ring_in(elks)
        stand(inbox, "with_agent", "c01.l1", "connecting", "carl")
        assert (await elks.action(action["next"], callid="c1"))["play"] == HOLD
        assert inbox.setups == [("c01.l1", "agent_unreachable")]


OUTSIDE = "+46701740690"


async def talked(elks: Provider, inbox: RecordingInbox) -> str:
    """A talk with anna; the address that is asked when she puts the phone down."""
    action = await ring_in(elks)
    stand(inbox, "with_agent", "c01.l1", "connecting", "anna")
    ringing = await elks.action(action["next"], callid="c1")
    stand(inbox, "with_agent", "c01.l1", "connected", "anna")
    return str(ringing["next"])


def sent_on(inbox: RecordingInbox) -> None:
    """Anna has sent them on, and wraps up."""
    stand(inbox, "with_agent", "c01.l1", "wrapping_up", "anna")
    inbox.seen["c01"] = msgspec.structs.replace(inbox.seen["c01"], is_sent_on=True)


@pytest.mark.parametrize("is_finished", [False, True])
async def test_a_transfer_to_a_number(*, is_finished: bool) -> None:
    """When the agent puts the phone down the resident is connected there, also when the agent has finished by then."""
    inbox = RecordingInbox()
    async with service(inbox) as elks:
        then = await talked(elks, inbox)
        sent_on(inbox)
        if is_finished:
            del inbox.seen["c01"]
        await elks.channel.transfer("c01", "c01.l1", "070-174 06 90")
        action = await elks.action(then, callid="c1", result="success")
        assert (action["connect"], await elks.action(then, callid="c1", result="success")) == (OUTSIDE, action)
        assert await elks.action(action["next"], callid="c1", result="success") == {"hangup": "reject"}
        assert inbox.ends == []


@pytest.mark.parametrize("result", ["failed", "busy"])
async def test_a_number_that_nobody_answers(result: str) -> None:
    """The service is told, the agent who sent them on is rung again."""
    inbox = RecordingInbox()
    async with service(inbox) as elks:
        then = await talked(elks, inbox)
        sent_on(inbox)
        await elks.channel.transfer("c01", "c01.l1", OUTSIDE)
        action = await elks.action(then, callid="c1", result="success")
        waiting = await elks.action(action["next"], callid="c1", result=result)
        assert inbox.setups == [("c01", "no_answer")]
        stand(inbox, "with_agent", "c01.l2", "connecting", "anna")
        assert (await elks.action(waiting["next"], callid="c1"))["connect"] == AGENT


async def test_a_number_that_nobody_answers_after_the_contact_is_over() -> None:
    """They are a new contact, once, and wait."""
    inbox = RecordingInbox()
    async with service(inbox) as elks:
        then = await talked(elks, inbox)
        await elks.channel.transfer("c01", "c01.l1", OUTSIDE)
        del inbox.seen["c01"]
        action = await elks.action(then, callid="c1", result="success")
        waiting = await elks.action(action["next"], callid="c1", result="failed")
        assert await elks.action(action["next"], callid="c1", result="failed") == waiting
        assert (list(inbox.contacts), inbox.contacts["c02"].in_reply_to) == (["c01", "c02"], "c01")
        assert (await elks.action(waiting["next"], callid="c1"))["play"] == HOLD


async def test_a_router_that_does_not_know_where_to_yet() -> None:
    """It plays a clip and looks again; when nobody tells it, the resident goes back."""
    inbox = RecordingInbox()
    async with service(inbox) as elks:
        then = await talked(elks, inbox)
        sent_on(inbox)
        action = await elks.action(then, callid="c1", result="success")
        assert action["play"] == HOLD
        for _ in range(3):
            action = await elks.action(action["next"], callid="c1")
        assert inbox.setups == [("c01", "no_way_out")]
        inbox.setups.clear()
        sent_on(inbox)
        action = await elks.action(then, callid="c1", result="success")
        await elks.channel.transfer("c01", "c01.l1", OUTSIDE)
        assert (await elks.action(action["next"], callid="c1"))["connect"] == OUTSIDE


@pytest.mark.parametrize("state", ["queued", "with_agent"])
async def test_a_talk_that_was_passed_on_goes_on_when_the_phone_is_put_down(state: str) -> None:
    """Cold into a queue, or to another agent: they hear music and the next agent is rung; nothing has ended."""
    inbox = RecordingInbox()
    async with service(inbox, phones={"anna": AGENT, "bo": "+46701740651"}) as elks:
        then = await talked(elks, inbox)
        if state == "queued":
            stand(inbox, "queued")
        else:
            stand(inbox, "with_agent", "c01.l3", "connecting", "bo")
        waiting = await elks.action(then, callid="c1", result="success")
        assert (waiting["play"], inbox.ends) == (HOLD, [])
        stand(inbox, "with_agent", "c01.l3", "connecting", "bo")
        assert (await elks.action(waiting["next"], callid="c1"))["connect"] == "+46701740651"


async def test_who_takes_a_call_back_before_the_phone_is_down_talks_on() -> None:
    """Passed on and undone: the new leg is connected at once, on the router that has the talk; a ringing one is not."""
    inbox = RecordingInbox()
    async with service(inbox) as elks, service(inbox) as other:
        await talked(elks, inbox)
        for each in (elks, other):
            await each.channel.connect(Connection("c01", "c01.l1", "anna", "", "c1"))
        assert inbox.setups == []
        for each in (elks, other):
            await each.channel.connect(Connection("c01", "c01.l2", "anna", "", "c1"))
            await each.channel.connect(Connection("c01", "c01.l3", "bo", "", "c1"))
        assert inbox.setups == [("c01.l2", "connected")]


async def test_every_router_answers_the_same() -> None:
    """A webhook that comes again, or to another router, is answered from what the service says; one contact."""
    inbox = RecordingInbox()
    async with service(inbox) as first, service(inbox) as second:
        action = await ring_in(first)
        assert await ring_in(second) == action
        assert len(inbox.contacts) == 1
        stand(inbox, "with_agent", "c01.l1", "connecting", "anna")
        assert await first.action(action["next"], callid="c1") == await second.action(action["next"], callid="c1")


async def test_the_caller_hangs_up() -> None:
    """Told once however often 46elks says so; the loop ends."""
    inbox = RecordingInbox()
    async with service(inbox) as elks:
        action = await ring_in(elks)
        for _ in range(2):
            await elks.post(action["whenhangup"], {"callid": "c1"})
        assert [end.reason for _, end in inbox.ends] == ["hung_up"]
        assert await elks.action(action["next"], callid="c1") == {"hangup": "reject"}


async def test_a_topic_by_digit() -> None:
    """The digit's topic, the default for none; who hangs up in the menu has been in touch."""
    menu = {"clip": "https://example.se/menu.mp3", "topics": {"2": "TRA.GAT"}, "default": "OVR"}
    for number, (pressed, topic) in enumerate({"2": "TRA.GAT", "9": "OVR", "": "OVR"}.items()):
        inbox = RecordingInbox()
        async with service(inbox, menu=menu) as elks:
            asked = await ring_in(elks, f"c{number}")
            assert (asked["ivr"], asked["digits"], inbox.contacts) == (menu["clip"], 1, {})
            await elks.action(asked["next"], callid=f"c{number}", **{"from": CALLER, "result": pressed})
            assert inbox.contacts["c01"].topic == topic
            gone = await ring_in(elks, "early")
            await elks.post(gone["whenhangup"], {"callid": "early", "from": CALLER})
            assert (len(inbox.contacts), [name for name, _ in inbox.ends]) == (2, ["c02"])


async def test_a_call_told_of_too_late_is_refused() -> None:
    """A retry of an hour ago rings nobody."""
    inbox = RecordingInbox()
    async with service(inbox) as elks:
        assert await ring_in(elks, created="2026-05-28T19:26:00.123456") == {"hangup": "busy"}
        assert inbox.contacts == {}
        assert (await ring_in(elks, created="2026-05-28T20:26:39.123456"))["play"] == HOLD


async def test_our_store_is_away() -> None:
    """The caller hears music and is tried again with every clip; nothing that was said is lost."""
    inbox = RecordingInbox()
    async with service(inbox) as elks:
        inbox.failure = StoreUnavailable()
        held = await ring_in(elks)
        assert (held["play"], inbox.contacts) == (HOLD, {})
        inbox.failure = None
        action = await elks.action(held["next"], callid="c1", **{"from": CALLER})
        stand(inbox, "with_agent", "c01.l1", "connecting", "anna")
        ringing = await elks.action(action["next"], callid="c1")
        inbox.failure = StoreUnavailable()
        held = await elks.action(ringing["next"], callid="c1", result="success")
        inbox.failure = None
        assert await elks.action(held["next"], callid="c1") == {"hangup": "reject"}
        assert [end.reason for _, end in inbox.ends] == [""]
        inbox.failure = StoreUnavailable()
        status, _ = await elks.post(action["whenhangup"], {"callid": "c2"})
        assert status == 503


async def test_waits_are_told_in_bands_and_who_need_not_wait_hears_why() -> None:
    """A band's clip first and then now and then; a farewell ends the call."""
    inbox = RecordingInbox()
    band = {"up_to_s": 300, "clip": "https://example.se/five.mp3"}
    async with service(inbox, wait_bands=[band], announce_every=2) as elks:
        action = await ring_in(elks)
        played = [action["play"]]
        for _ in range(3):
            action = await elks.action(action["next"], callid="c1")
            played.append(action["play"])
        assert played == [band["clip"], HOLD, band["clip"], HOLD]
    async with service(inbox, farewells={"answered": "https://example.se/bye.mp3"}) as elks:
        stand(inbox, "answered")
        assert await ring_in(elks) == {"play": "https://example.se/bye.mp3"}


@pytest.mark.parametrize("contact", ["c01", "c99", "", "\0", "c01.l1"])
async def test_no_call_acts_on_the_contact_of_another(contact: str) -> None:
    """An address with somebody else's contact is answered by hanging up."""
    inbox = RecordingInbox()
    async with service(inbox) as elks:
        await ring_in(elks)
        found = await elks.action(
            f"wait?contact={contact.encode().hex() if contact == chr(0) else contact}", callid="x"
        )
        assert found == {"hangup": "reject"}
        assert inbox.ends == []


async def test_only_46elks_is_heard() -> None:
    """Wrong credentials 401, wrong secret 404, no call 422, too much 413: nothing is taken, nothing breaks."""
    inbox = RecordingInbox()
    async with service(inbox) as elks:
        known = {"callid": "c1", "from": CALLER, "to": NUMBER}
        wrong = {"Authorization": aiohttp.encode_basic_auth("elks", "wrong")}
        assert (await elks.post("call", known, wrong))[0] == 401
        assert (await elks.post(f"http://elks:made-up-password@x{ROOT}/no-such-secret/call", known))[0] == 404
        for form in ({}, {"callid": ""}, {"callid": "c" * 61}, {"callid": "a\nb"}, known | {"created": "yesterday"}):
            assert (await elks.post("call", form))[0] == 422
        assert (await elks.post("call", known | {"x": "x" * 70_000}))[0] == 413
        assert (await elks.post("call", {}, {"Content-Type": "application/json"}))[0] == 422
        assert inbox.contacts == {}


async def test_a_call_takes_no_words() -> None:
    """By name."""
    plan = msgspec.convert({**WEBHOOKS, **CLIPS}, ElksSettings)
    channel = ElksChannel(RecordingInbox(), plan, lambda: NOW, "https://sc.example.se")
    assert await channel.send(Outgoing("c01", 1, "Hej")) == Sent("failed", "no-text")


def test_settings_say_what_is_wrong() -> None:
    """The same number or secret twice; a secret that can be guessed; a clip that is no address."""
    twice = [{"number": NUMBER, "secret": SECRET}, {"number": "+46701740601", "secret": SECRET}]
    with pytest.raises(ConfigurationError, match="secret"):
        msgspec.convert({**WEBHOOKS, **CLIPS, "numbers": twice}, ElksSettings).check("elks")
    odd: list[dict[str, Any]] = [
        {"numbers": []},
        {"numbers": [{"number": NUMBER, "secret": "short"}]},
        {"hold": "hold.mp3"},
        {"x": 1},
    ]
    for change in odd:
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({**WEBHOOKS, **CLIPS, **change}, ElksSettings)
