"""What happens to everybody but the resident: rung, brought together, held, joined, passed on, let go. Pure."""

from channels.asterisk import requests as ask
from channels.asterisk.call import SLACK_S, Call, Phone
from channels.asterisk.caller import lose_resident, say_goodbye, wake
from channels.asterisk.requests import Ask, Reply
from channels.asterisk.tell import Arm, Connected, End, FailSetup, FailTransfer, Left, Steps
from channels.base import Connection


def connect(call: Call, connection: Connection) -> Steps:
    """An agent has taken it: their phone rings while the caller hears music."""
    call.turn += 1
    if not call.is_free:
        return []
    if call.owner is not None and call.owner.leg == connection.leg:
        return [Connected(connection.leg)] if call.is_bridged else []
    beside = next((each for each in call.sides.values() if connection.agent and each.agent == connection.agent), None)
    if beside is not None:
        return _promote(call, beside, connection.leg)
    # Whoever listens stays: a contact that has been in a queue meanwhile has lost them before.
    told = call.drop_owner()
    if call.stage == "talking":
        call.stage = "waiting"
        told += call.back_to_music()
    call.owner = Phone(connection.leg, connection.agent, ask.agent_channel(connection.leg))
    return told + call.dial_agent(call.owner)


def _promote(call: Call, beside: Phone, leg: str) -> Steps:
    """Whoever was consulted has the call from now on, with the phone that they have in their hand."""
    dropped: Steps = [ask.hang_up(call.owner.channel)] if call.owner is not None else []
    if not beside.speaks:
        dropped.append(ask.unmute(beside.channel))
    del call.sides[beside.leg]
    beside.leg, beside.speaks = leg, True
    call.owner = beside
    if call.is_bridged and call.owner.is_up:
        return [*dropped, *resume(call), Connected(leg)]
    call.stage = "waiting"
    return [*dropped, *call.back_to_music(), *(_bring_together(call) if call.owner.is_up else [])]


def call_back(call: Call) -> Steps:
    """The agent's phone first."""
    if call.callback is None:
        return []
    if not call.plan.endpoint_outside(call.callback.callback_to):
        return [*call.let_go(), FailSetup(call.callback.leg, "no_way_out")]
    call.stage = "calling_back"
    call.owner = Phone(call.callback.leg, call.callback.agent, ask.agent_channel(call.callback.leg))
    return call.dial_agent(call.owner)


def _call_resident(call: Call, owner: Phone) -> Steps:
    if call.callback is None or call.is_resident_dialled:
        return []
    call.is_resident_dialled = True
    endpoint = call.plan.endpoint_outside(call.callback.callback_to)
    wanted = ask.dial(
        call.id,
        endpoint=endpoint,
        app=call.plan.app,
        args=f"resident,{owner.leg}",
        caller_id=call.plan.caller_id,
        timeout_s=call.plan.resident_ring_s,
    )
    return [ask.ring(owner.channel), wanted, Arm("resident", call.plan.resident_ring_s + SLACK_S)]


def pick_up(call: Call, channel: str) -> Steps:
    """A phone that we rang is ours now; one that nobody waits for is hung up."""
    phone = call.phone(channel)
    if call.is_gone or (phone is None and channel != call.id):
        return [ask.hang_up(channel)]
    if phone is None:
        return _reach_resident(call)
    if phone.is_up:
        return []
    phone.is_dialled = phone.is_up = True
    if phone is call.outside:
        quiet = [*call.hush(), ask.silence(call.id), *call.open_bridge()]
        return [*quiet, ask.add(call.bridge, call.id, phone.channel)]
    if phone is not call.owner:
        muted: Steps = [] if phone.speaks else [ask.mute(phone.channel)]
        return [*muted, ask.add(call.bridge, phone.channel)]
    return _call_resident(call, phone) if call.stage == "calling_back" else _bring_together(call)


def _reach_resident(call: Call) -> Steps:
    if call.stage != "calling_back" or call.is_answered or call.owner is None:
        return []
    call.is_answered = True
    return [ask.stop_ringing(call.owner.channel), *_bring_together(call)]


def _bring_together(call: Call) -> Steps:
    if call.owner is None:
        return []
    if call.is_bridged:
        others: Steps = [] if call.is_held else [ask.silence(call.id), ask.add(call.bridge, call.id)]
        return [ask.add(call.bridge, call.owner.channel), *others]
    quiet = [*call.answer(), *call.hush(), ask.silence(call.id), *call.open_bridge()]
    return [*quiet, ask.add(call.bridge, call.id, call.owner.channel, then="bridged")]


def lose_phone(call: Call, channel: str, reason: str = "agent_unreachable", *, is_line_lost: bool = False) -> Steps:
    """A phone is down: it was never answered, or whoever spoke has hung up."""
    phone = call.phone(channel)
    if call.is_gone or phone is None:
        return []
    if phone is call.outside:
        return _lose_outside(call, phone)
    if phone is not call.owner:
        del call.sides[phone.leg]
        return [Left(phone.leg) if phone.is_up else FailSetup(phone.leg, reason)]
    if call.is_bridged:
        return _lose_owner(call, phone, reason, is_line_lost=is_line_lost)
    call.owner = None
    if phone.is_up and call.is_resident_dialled:
        reason = "no_answer"  # They let it ring, and gave up.
    told: Steps = [FailSetup(phone.leg, reason)]
    if call.stage != "calling_back":
        return told
    return [*call.let_go(), *([ask.hang_up(call.id)] if call.is_resident_dialled else []), *told]


def _lose_owner(call: Call, owner: Phone, reason: str, *, is_line_lost: bool) -> Steps:
    """Whoever puts down their phone ends the talk; not while the caller is on hold: then it rings once more."""
    if owner.is_up and call.is_held and not call.is_over:
        owner.is_dialled = owner.is_up = False
        owner.rung_again += 1
        owner.channel = ask.agent_channel(owner.leg, owner.rung_again)
        return call.dial_agent(owner)
    if owner.is_up or call.callback is not None:
        is_line_lost |= not owner.is_up
        told: Steps = [] if call.is_over else [End("line_lost" if is_line_lost else "")]
        return [*call.let_go(), ask.hang_up(call.id), *told]
    call.stage, call.is_held = "waiting", True  # Out of the bridge since they were put on hold, also if taken back.
    return [*call.drop_phones(), *call.back_to_music(), FailSetup(owner.leg, reason)]


def _lose_outside(call: Call, phone: Phone) -> Steps:
    call.outside = None
    if phone.is_up:
        return [*call.let_go(), ask.hang_up(call.id)]
    call.stage, call.said = "waiting", ""
    return [FailTransfer("no_answer")]


def hold(call: Call) -> Steps:
    """The caller hears music; whoever else is in the call can talk."""
    if call.stage != "talking" or call.is_held:
        return []
    call.is_held = True
    return [ask.remove(call.bridge, call.id), ask.music(call.id, call.plan.music)]


def resume(call: Call) -> Steps:
    """The caller is back."""
    if call.stage != "talking" or not call.is_held:
        return []
    call.is_held = False
    if call.owner is not None and not call.owner.is_up:
        return []  # Their phone rings again: the music goes on until they are there.
    return [ask.silence(call.id), ask.add(call.bridge, call.id)]


def join(call: Call, leg: str, agent: str, *, speaks: bool) -> Steps:
    """Somebody takes part: their phone rings, then they are in; who is in already speaks or listens from now on."""
    side = call.sides.get(leg)
    if not call.is_free or (call.owner is not None and call.owner.leg == leg):
        return []
    if side is None:
        side = call.sides[leg] = Phone(leg, agent, ask.agent_channel(leg), speaks)
        return call.dial_agent(side)
    is_changed, side.speaks = side.speaks != speaks, speaks
    if not (is_changed and side.is_up):
        return []
    return [ask.unmute(side.channel) if speaks else ask.mute(side.channel)]


def leave(call: Call, leg: str, owner: str) -> Steps:
    """They take part no more; not who has the call by now, `owner`: they are connected in the same breath."""
    side = call.sides.get(leg)
    if side is None or (owner and side.agent == owner):
        return []
    del call.sides[leg]
    return [ask.hang_up(side.channel)]


def transfer(call: Call, leg: str, number: str) -> Steps:
    """The caller goes on to a number; without one that can be called they are back at once."""
    if not call.is_free:
        return []
    was_talking = call.stage == "talking"
    told = [*call.drop_phones(), *(call.back_to_music() if was_talking else [])]
    endpoint = call.plan.endpoint_outside(number)
    if not endpoint:
        call.stage = "waiting"
        return [*told, FailTransfer("no_way_out")]
    call.stage = "outside"
    call.outside = Phone(leg, "", ask.outside_channel(leg))
    shown, ring_s = call.number, call.plan.resident_ring_s
    return told + call.dial(call.outside, endpoint=endpoint, kind="outside", caller_id=shown, ring_s=ring_s)


def hand_on(call: Call, phone: str, to: str) -> Steps:
    """An agent's phone itself has transferred the call: who took its place talks on, our part is over."""
    if call.is_gone or call.owner is None or call.owner.channel != phone:
        return [ask.hang_up(to)]
    leg, call.owner = call.owner.leg, None
    others: Steps = call.drop_phones()
    call.stage = "outside"
    call.outside = Phone(leg, "", to, is_dialled=True, is_up=True)
    return [*others, *([] if call.is_over else [End("")])]


def end(call: Call, state: str = "") -> Steps:
    """Our side is done: everybody hangs up. Who has gone on to somebody outside talks on; who waited hears why."""
    if not call.is_free:
        return []
    call.is_over = True
    farewell = call.plan.farewells.get(state)
    if call.stage == "waiting" and farewell is not None:
        return [*call.drop_phones(), *say_goodbye(call, farewell)]
    return [*call.hush(), *call.let_go(), ask.hang_up(call.id)]


def ring_out(call: Call, name: str, token: str) -> Steps:
    """A timer has run out."""
    if name != "phone":
        return [] if call.is_gone else wake(call, name, token)
    phone = call.phone(token)
    is_late = phone is not None and not phone.is_up
    return [*lose_phone(call, token), ask.hang_up(token)] if is_late else []


def hear(call: Call, asked: Ask, reply: Reply) -> Steps:
    """Asterisk's answer, where it matters."""
    channel = asked.ids.get("channel", "")
    if asked.then == "bridged":
        return _hear_bridged(call, reply)
    if asked.then == "dialled":
        return _hear_dialled(call, channel, reply)
    is_lost = reply.status == ask.NOT_FOUND and channel == call.id and asked.method == "POST"
    return lose_resident(call, "hung_up") if is_lost else []


def _hear_dialled(call: Call, channel: str, reply: Reply) -> Steps:
    if not reply.holds:
        reason = "agent_unreachable" if reply.status else "line_failed"
        return lose_resident(call, "hung_up") if channel == call.id else lose_phone(call, channel, reason)
    phone = call.phone(channel)
    if phone is not None:
        phone.is_dialled = True
    # It was let go while it was being rung: the order to hang up came before there was anything to hang up.
    is_wanted = phone is not None or (channel == call.id and not call.is_gone)
    return [] if is_wanted else [ask.hang_up(channel)]


def _hear_bridged(call: Call, reply: Reply) -> Steps:
    owner = call.owner
    if not call.is_free or owner is None or not owner.is_up or call.is_bridged:
        return []
    if reply.is_done:
        call.stage, call.is_bridged, call.said = "talking", True, ""
        return [Connected(owner.leg)]
    call.owner = None
    told: Steps = [ask.hang_up(owner.channel), FailSetup(owner.leg, "line_failed")]
    if call.stage != "calling_back":
        return [*told, ask.music(call.id, call.plan.music)]
    return [*call.let_go(), *told, ask.hang_up(call.id)]
