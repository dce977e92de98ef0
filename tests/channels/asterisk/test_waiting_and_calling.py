"""What callers hear before an agent has them, and residents who are called back."""

from typing import Any

import msgspec
import pytest

from channels.base import Connection, Key, Taken
from channels.inbound import InboundContact
from router.bench.pbx import Pbx
from tests.channels.asterisk.desk import Desk, connected, desk, settled
from tests.channels.recording_inbox import RecordingInbox

MENU: dict[str, Any] = {
    "media": "sound:menu",
    "topics": {"1": "GAT.HÅL", "2": "AVF.HÄM"},
    "timeout_s": 1,
    "default": "OVR",
}
BANDS = [{"up_to_s": 120, "media": "sound:two"}, {"up_to_s": 600, "media": "sound:ten"}]
RESIDENT = "+46701740640"


async def played(it: Desk, caller: str, number: int) -> str:
    """The n-th thing played to a caller."""
    wanted = await it.pbx.asked_for("POST", f"/channels/{caller}/play/sc.{caller}.p{number}")
    return str(wanted["media"])


async def test_a_digit_is_a_topic() -> None:
    """The prompt stops, the caller is on disk with the topic and hears music; a further digit changes nothing."""
    async with desk(menu=MENU) as it:
        caller = await it.pbx.call_in()
        assert await played(it, caller, 1) == "sound:menu"
        assert it.inbox.contacts == {}
        await it.pbx.press(caller, "2")
        await it.pbx.press(caller, "1")
        await it.pbx.asked_for("DELETE", f"/playbacks/sc.{caller}.p1")
        await it.pbx.asked_for("POST", f"/channels/{caller}/moh")
        await settled(lambda: [each.topic for each in it.inbox.contacts.values()] == ["AVF.HÄM"])


async def test_silence_and_odd_digits_are_asked_again_then_let_through() -> None:
    """Once more as configured; then the caller comes through with the default topic."""
    async with desk(menu=MENU) as it:
        caller = await it.pbx.call_in()
        await played(it, caller, 1)
        await it.pbx.press(caller, "9")
        assert await played(it, caller, 2) == "sound:menu"
        await it.pbx.finish_playing(f"sc.{caller}.p2")
        await settled(lambda: [each.topic for each in it.inbox.contacts.values()] == ["OVR"])


async def test_who_hangs_up_in_the_menu_has_been_in_touch() -> None:
    """Handed in and ended."""
    async with desk(menu=MENU) as it:
        caller = await it.pbx.call_in()
        await played(it, caller, 1)
        await it.pbx.hang_up(caller)
        assert await it.until_ended("c01") == "hung_up"


async def test_the_wait_is_told_when_it_has_changed() -> None:
    """The band on arrival, nothing for the same again, another band later; the music comes back after each."""
    async with desk(wait_bands=BANDS, announcements={"busy": "sound:busy"}) as it:
        it.inbox.wait_s = 90
        caller = await it.pbx.call_in()
        assert await played(it, caller, 1) == "sound:two"
        seen = it.inbox.seen["c01"]
        await it.channel.wait(seen)
        await it.pbx.asked_for("POST", f"/channels/{caller}/moh")
        await it.pbx.finish_playing(f"sc.{caller}.p1")
        await it.pbx.asked_for("POST", f"/channels/{caller}/moh")
        await it.channel.wait(seen)
        await it.channel.wait(msgspec.structs.replace(seen, wait_s=300, announce="busy"))
        assert await played(it, caller, 2) == "sound:busy,sound:ten"
        await it.pbx.finish_playing(f"sc.{caller}.p2")
        await it.pbx.asked_for("POST", f"/channels/{caller}/moh")
        await it.channel.wait(msgspec.structs.replace(seen, wait_s=9_000))
        await it.taken()
        assert not [path for _, path, _ in it.pbx.asked if path.endswith(".p3")]


POSITIONS = {
    "band": ["sound:two"],
    "position": ["sound:queue-thereare,number:3,sound:queue-callswaiting"],
    "both": ["sound:two", "sound:queue-thereare,number:3,sound:queue-callswaiting,sound:two"],
    "none": [],
}


@pytest.mark.parametrize("told", POSITIONS)
async def test_callers_are_told_what_the_settings_say(told: str) -> None:
    """The band at once, how many are ahead when it is known; in the language that is set; or nothing."""
    async with desk(wait_bands=BANDS, wait_told=told, language="sv", announce_pause_s=1) as it:
        it.inbox.wait_s = 90
        caller, contact = await it.taken()
        for n, media in enumerate(POSITIONS[told], 1):
            if n == 2 or told == "position":
                seen = it.inbox.seen[contact] = msgspec.structs.replace(it.inbox.seen[contact], ahead=3)
                await it.channel.wait(seen)
            wanted = await it.pbx.asked_for("POST", f"/channels/{caller}/play/sc.{caller}.p{n}")
            assert (wanted["media"], wanted["lang"]) == (media, "sv")
            await it.pbx.finish_playing(f"sc.{caller}.p{n}")
        assert not [path for _, path, _ in it.pbx.asked if "/play/" in path]


async def test_a_place_that_changes_is_not_told_all_the_time() -> None:
    """Again after the pause, as it is then; the music goes on between."""
    async with desk(wait_told="position", announce_pause_s=1) as it:
        caller, contact = await it.taken()
        for ahead in (9, 8, 7):
            it.inbox.seen[contact] = msgspec.structs.replace(it.inbox.seen[contact], ahead=ahead)
            await it.channel.wait(it.inbox.seen[contact])
            if ahead == 9:
                assert ":9," in await played(it, caller, 1)
                await it.pbx.finish_playing(f"sc.{caller}.p1")
                await it.pbx.asked_for("POST", f"/channels/{caller}/moh")
        assert ":7," in await played(it, caller, 2)
        await it.pbx.finish_playing(f"sc.{caller}.p2")
        await it.pbx.asked_for("POST", f"/channels/{caller}/moh")


@pytest.mark.parametrize(("ahead", "media"), [(0, "sound:next"), (4, "digits:4"), (5, "")])
async def test_how_the_number_is_said(ahead: int, media: str) -> None:
    """In the settings' own words; the next in turn hears no number, nor does who stands too far back."""
    position = {"before": "", "after": "", "first": "sound:next", "say": "digits", "up_to": 4}
    async with desk(wait_told="position", position=position) as it:
        caller, contact = await it.taken()
        await it.channel.wait(msgspec.structs.replace(it.inbox.seen[contact], ahead=ahead))
        if media:
            assert await played(it, caller, 1) == media
        await it.taken()
        assert not [path for _, path, _ in it.pbx.asked if "/play/" in path]


async def test_the_wait_is_looked_at_by_itself() -> None:
    """Every so often, from what the service says then."""
    async with desk(wait_bands=BANDS, announce_every_s=1) as it:
        it.inbox.wait_s = 9_000
        caller, contact = await it.taken()
        it.inbox.seen[contact] = msgspec.structs.replace(it.inbox.seen[contact], wait_s=60)
        assert await played(it, caller, 1) == "sound:two"


async def test_an_announcement_stops_for_the_agent() -> None:
    """Whoever is connected in the middle of it does not hear its rest."""
    async with desk(wait_bands=BANDS) as it:
        caller, contact = await it.taken()
        await played(it, caller, 1)
        phone = await it.ringing(caller, contact)
        await it.pbx.pick_up(phone)
        await it.until_told((phone[3:], "connected"))
        await it.pbx.asked_for("DELETE", f"/playbacks/sc.{caller}.p1")


class Answering(RecordingInbox):
    """The strategy has answered already."""

    async def receive(self, key: Key, contact: InboundContact) -> Taken:
        """Taken, and nobody need wait."""
        return msgspec.structs.replace(await super().receive(key, contact), state="answered")


async def test_who_need_not_wait_hears_why() -> None:
    """An answered contact's caller hears a last word and is hung up; their end need not be told."""
    async with Pbx() as pbx, connected(pbx, Answering(), farewells={"answered": "sound:bye"}) as it:
        caller = await pbx.call_in()
        assert await played(it, caller, 1) == "sound:bye"
        await pbx.finish_playing(f"sc.{caller}.p1")
        await pbx.asked_for("DELETE", f"/channels/{caller}")
        await pbx.until(lambda: not pbx.channels)
        assert it.inbox.ends == []


async def test_who_need_not_wait_and_has_no_last_word_is_the_dialplans() -> None:
    """Not answered, not left in silence."""
    async with Pbx() as pbx, connected(pbx, Answering()):
        caller = await pbx.call_in()
        await pbx.asked_for("POST", f"/channels/{caller}/continue")
        assert not [path for _, path, _ in pbx.asked if path.endswith("/answer")]


async def test_who_is_promised_a_call_while_waiting_hears_so() -> None:
    """The service ends the waiting with a promise: last words, then the line; nobody is told that they left."""
    async with desk(farewells={"callback": "sound:we-call-you"}) as it:
        caller, contact = await it.taken()
        await it.channel.end(contact, "callback")
        assert await played(it, caller, 1) == "sound:we-call-you"
        await it.channel.end(contact, "callback")
        await it.pbx.finish_playing(f"sc.{caller}.p1")
        await it.pbx.until(lambda: not it.pbx.channels)
        assert it.inbox.ends == []


async def test_who_waits_may_be_called_back_instead() -> None:
    """The digit asks for it, once however often it is pressed, at the number that calls; a hidden number waits on."""
    async with desk(callback_digit="5", farewells={"callback": "sound:we-call-you"}) as it:
        caller, contact = await it.taken()
        hidden, other = await it.taken("anonymous")
        for digit in ("4", "5"):
            await it.pbx.press(hidden, digit)
            await it.pbx.press(caller, digit)
        await settled(lambda: it.inbox.calls_wanted == [(contact, "+46701740605")])
        assert await played(it, caller, 1) == "sound:we-call-you"
        await it.pbx.finish_playing(f"sc.{caller}.p1")
        await it.pbx.until(lambda: caller not in it.pbx.channels)
        assert it.inbox.ends == []
        assert hidden in it.pbx.channels
        assert other not in {name for name, _ in it.inbox.calls_wanted}


async def test_who_talks_and_is_promised_a_call_is_let_go() -> None:
    """The agent promises to call and the place waits on: both phones are down, nobody hears music for it."""
    async with desk(farewells={"callback": "sound:we-call-you"}) as it:
        _, contact, _ = await it.talking()
        it.inbox.seen[contact] = msgspec.structs.replace(it.inbox.seen[contact], state="queued", callback_state="due")
        await it.channel.wait(it.inbox.seen[contact])
        await it.pbx.until(lambda: not it.pbx.channels)
        assert it.inbox.ends == []


async def called(it: Desk, number: int = 1, to: str = RESIDENT) -> str:
    """An agent calls a resident back: the leg."""
    leg = f"c77.l{number}"
    await it.channel.connect(Connection("c77", leg, "6001", "", "", callback_to=to))
    return leg


async def test_a_callback_rings_the_agent_then_the_resident() -> None:
    """The resident is called when the agent has picked up, under an id of the leg's; then both talk."""
    async with desk(caller_id="+46701740600") as it:
        leg = await called(it)
        assert (await it.pbx.asked_for("POST", f"/channels/sc.{leg}"))["endpoint"] == "PJSIP/6001"
        assert f"sc.{leg}.r" not in it.pbx.channels
        await it.pbx.pick_up(f"sc.{leg}")
        wanted = await it.pbx.asked_for("POST", f"/channels/sc.{leg}.r")
        assert (wanted["endpoint"], wanted["callerId"]) == (f"PJSIP/{RESIDENT}@trunk", "+46701740600")
        await called(it)
        await it.pbx.pick_up(f"sc.{leg}.r")
        await it.until_told((leg, "connected"))
        assert set(it.pbx.bridges["sc.c77"]) == {f"sc.{leg}", f"sc.{leg}.r"}
        await it.pbx.hang_up(f"sc.{leg}.r")
        assert await it.until_ended("c77") == "hung_up"
        await it.pbx.until(lambda: not it.pbx.channels)
        assert it.inbox.setups == [(leg, "connected")]


async def test_a_resident_who_does_not_answer() -> None:
    """Told, the agent's phone is let go; so is an agent who does not answer, and nobody else is rung then."""
    async with desk() as it:
        leg = await called(it)
        await it.pbx.asked_for("POST", f"/channels/sc.{leg}")
        await it.pbx.pick_up(f"sc.{leg}")
        await it.pbx.asked_for("POST", f"/channels/sc.{leg}.r")
        await it.pbx.hang_up(f"sc.{leg}.r", 19)
        await it.until_told((leg, "no_answer"))
        await it.pbx.until(lambda: not it.pbx.channels)
        second = await called(it, 2)
        await it.pbx.asked_for("POST", f"/channels/sc.{second}")
        await it.pbx.hang_up(f"sc.{second}", 19)
        await it.until_told((second, "agent_unreachable"))
        assert not [path for _, path, _ in it.pbx.asked if path.endswith(f"{second}.r")]


async def test_an_agent_who_hangs_up_before_the_resident_answers() -> None:
    """The resident's phone stops ringing; it was rung in vain, and nobody is blamed."""
    async with desk() as it:
        leg = await called(it)
        await it.pbx.asked_for("POST", f"/channels/sc.{leg}")
        await it.pbx.pick_up(f"sc.{leg}")
        await it.pbx.asked_for("POST", f"/channels/sc.{leg}.r")
        await it.pbx.hang_up(f"sc.{leg}")
        await it.until_told((leg, "no_answer"))
        await it.pbx.until(lambda: not it.pbx.channels)
        assert it.inbox.ends == []


async def test_a_number_that_can_not_be_called() -> None:
    """Without a way out, or with a number that is none, nobody's phone rings."""
    async with desk(outside="") as it:
        leg = await called(it)
        await it.until_told((leg, "no_way_out"))
    async with desk() as it:
        leg = await called(it, to="not a number")
        await it.until_told((leg, "no_way_out"))
        assert it.pbx.channels == {}
