"""What happens to the resident: comes in, chooses, waits, is told how long, is gone. Pure."""

from typing import Literal

from channels.asterisk import requests as ask
from channels.asterisk.call import LONGEST_MEDIA_S, Call
from channels.asterisk.tell import Arm, CallBack, End, FailSetup, Look, Receive, Steps
from channels.base import Seen, Taken

WAITING = frozenset({"queued", "offered"})
COMES = frozenset({"received", "decided", "with_agent"}) | WAITING
"""States of a contact in which its caller stays on the line."""
RING_AFTER_S = 0.5
"""Being on disk takes milliseconds; a caller who must wait for it longer hears that it rings."""
OVER = frozenset({"abandoned", "cancelled", "closed"})
"""Word of a call that came after its end: there is no second one."""


def begin(call: Call) -> Steps:
    """A caller has come in: a menu if there is one, otherwise it rings until we have them on disk."""
    if call.plan.menu is None:
        return [Arm("ringing", RING_AFTER_S), Receive("")]
    call.stage = "menu"
    return [*call.answer(), *_prompt(call)]


def press(call: Call, digit: str) -> Steps:
    """A digit: a topic, or another try; while waiting, a call back instead, for who has a number."""
    if call.stage == "waiting" and digit == call.plan.callback_digit and call.number:
        return [CallBack(call.number)]
    if call.stage != "menu" or call.plan.menu is None:
        return []
    topic = call.plan.menu.topics.get(digit)
    return _prompt_again(call) if topic is None else _hand_in(call, topic)


def _prompt(call: Call) -> Steps:
    if call.plan.menu is None:
        return []
    call.attempt += 1
    return [*call.play(call.plan.menu.media), Arm("prompt", LONGEST_MEDIA_S, str(call.attempt))]


def _prompt_again(call: Call) -> Steps:
    menu = call.plan.menu
    if menu is None or call.attempt > menu.repeats:
        return _hand_in(call, menu.default if menu else "")
    return [*call.hush(), *_prompt(call)]


def _hand_in(call: Call, topic: str) -> Steps:
    call.stage = "arriving"
    return [*call.hush(), ask.music(call.id, call.plan.music), Receive(topic)]


def receive(call: Call, taken: Taken) -> Steps:
    """They are on disk: they wait, or hear what became of it."""
    call.contact = taken.contact
    call.is_over = call.is_over or taken.state in OVER
    if call.stage != "arriving":
        return []
    if taken.state not in COMES:
        return _farewell(call, taken.state)
    call.stage = "waiting"
    told = [*call.answer(), ask.music(call.id, call.plan.music)]
    return [*told, *_announce(call, taken.wait_s, taken.ahead, ""), Arm("announce", call.plan.announce_every_s)]


def come_again(call: Call) -> Steps:
    """They are still on the line, and their contact is over: handed in anew, with music meanwhile."""
    if call.stage != "waiting":
        return []
    call.stage, call.visits, call.before, call.contact = "arriving", call.visits + 1, call.contact, ""
    return [Receive("")]


def refuse(call: Call) -> Steps:
    """The service can't take them: the dialplan can."""
    return [] if call.is_gone else call.give_up()


def _farewell(call: Call, state: str) -> Steps:
    media = call.plan.farewells.get(state)
    return call.give_up() if media is None else say_goodbye(call, media)


def say_goodbye(call: Call, media: str) -> Steps:
    """A last word, then they are hung up."""
    call.stage = "leaving"
    return [*call.answer(), *call.hush(), *call.play(media), Arm("farewell", LONGEST_MEDIA_S)]


def lose_resident(call: Call, reason: Literal["hung_up", "line_lost"]) -> Steps:
    """They have hung up, or the line was lost: everybody else is let go, the service is told once."""
    if call.is_gone:
        return []
    before = call.stage
    told: Steps = call.let_go()
    if call.is_over or before in {"outside", "leaving"}:
        return told
    if before == "calling_back":
        return told + ([FailSetup(call.callback.leg, "no_answer")] if call.callback else [])
    # Whoever hangs up in the menu has been in touch: they count.
    return [*told, *([Receive("")] if before == "menu" else []), End(reason)]


def wait(call: Call, seen: Seen) -> Steps:
    """The service says that they wait; with somebody on the line beside them that is asked once more."""
    if call.stage == "waiting" and seen.callback_state:
        return promise(call)
    if call.stage == "waiting" and not call.phones():
        return _announce(call, seen.wait_s, seen.ahead, seen.announce)
    return [Look(call.turn)]


def look(call: Call, seen: Seen | None, turn: int) -> Steps:
    """What the service says of it now: asked before anybody is let go, since words overtake each other."""
    if call.stage not in {"waiting", "talking"} or seen is None or seen.state not in WAITING:
        return []
    if turn != call.turn:
        return [Look(call.turn)]
    if seen.callback_state:
        return promise(call)
    back = call.drop_phones()
    if call.stage == "talking":
        call.stage = "waiting"
        back += call.back_to_music()
    return [*back, *_announce(call, seen.wait_s, seen.ahead, seen.announce)]


def promise(call: Call) -> Steps:
    """They will be called: their place waits, they need not. Who waited hears so, then the line is free."""
    if not call.is_free:
        return []
    call.is_over = True
    farewell = call.plan.farewells.get("callback")
    if call.stage == "waiting" and farewell is not None:
        return [*call.drop_phones(), *say_goodbye(call, farewell)]
    return [*call.hush(), *call.let_go(), ask.hang_up(call.id)]


def _announce(call: Call, wait_s: int | None, ahead: int | None, code: str) -> Steps:
    """What there is to say, if it is something else than before and enough time has passed; what is new is at once."""
    media = [call.plan.announcements[code]] if code in call.plan.announcements else []
    said = ",".join([*media, *_wait_told(call, wait_s, ahead)])
    is_too_soon = call.is_told and code == call.said_code
    if not said or said == call.said or call.playing or is_too_soon:
        return []
    call.said, call.said_code, call.is_told = said, code, True
    return [*call.play(said), Arm("told", call.plan.announce_pause_s)]


def _wait_told(call: Call, wait_s: int | None, ahead: int | None) -> list[str]:
    how = call.plan.wait_told
    places = call.plan.position.media(ahead) if how in {"position", "both"} and ahead is not None else []
    bands = [band.media for band in call.plan.wait_bands if wait_s is not None and wait_s <= band.up_to_s]
    return [*places, *(bands[:1] if how in {"band", "both"} else [])]


def finish_playing(call: Call, playback: str) -> Steps:
    """It has been played to its end: the music again, or a choice, or goodbye."""
    if not playback or playback != call.playing:
        return []
    call.playing = ""
    if call.stage == "waiting":
        return [ask.music(call.id, call.plan.music)]
    if call.stage == "menu" and call.plan.menu is not None:
        return [Arm("prompt", call.plan.menu.timeout_s, str(call.attempt))]
    return [ask.hang_up(call.id)] if call.stage == "leaving" else []


def wake(call: Call, name: str, token: str) -> Steps:
    """A timer of the caller's has run out."""
    match name:
        case "ringing" if call.stage == "arriving" and not call.is_answered:
            return [ask.ring(call.id)]
        case "prompt" if call.stage == "menu" and token == str(call.attempt):
            return _prompt_again(call)
        case "farewell" if call.stage == "leaving":
            return [ask.hang_up(call.id)]
        case "told" | "announce":
            return _look_again(call, name)
        case "resident" if call.stage == "calling_back" and call.is_resident_dialled:
            return [*lose_resident(call, "hung_up"), ask.hang_up(call.id)]
        case _:
            return []


def _look_again(call: Call, name: str) -> Steps:
    """What there is to say by now: a while after something was said, and every so often."""
    looks: Steps = [Look(call.turn)] if call.stage == "waiting" else []
    if name == "told":
        call.is_told = False
        return looks
    return [*looks, Arm("announce", call.plan.announce_every_s)] if call.is_free else []
