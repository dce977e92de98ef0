"""A call that another process knew, from what Asterisk has and the service says. Pure."""

from channels.asterisk import requests as ask
from channels.asterisk.agents import lose_phone
from channels.asterisk.call import SLACK_S, Call, Phone
from channels.asterisk.caller import WAITING
from channels.asterisk.tell import Arm, FailTransfer, Steps
from channels.asterisk.wire import AriChannel
from channels.base import Seen

TALKS = frozenset({"connected", "on_hold"})


def is_on_line(seen: Seen, resident: AriChannel | None, members: tuple[str, ...]) -> bool:
    """Whether somebody should be on the line for it. Who is promised a call is not, until they have answered it."""
    if seen.callback_state in {"promised", "due"}:
        return False
    if seen.callback_state == "dialling":
        return resident is not None and resident.id in members
    if seen.is_sent_on:
        return resident is not None
    return seen.state in WAITING or (seen.state == "with_agent" and seen.leg_state in TALKS | {"connecting"})


def restore(call: Call, seen: Seen, there: frozenset[str], members: tuple[str, ...]) -> Steps:
    """How far it had come."""
    call.is_answered = call.channel.state == "Up"
    phone = Phone(seen.leg, seen.agent, _phone_of(seen, members, call.id), is_dialled=True)
    again: Steps = [Arm("announce", call.plan.announce_every_s)]
    if seen.state == "with_agent" and seen.leg_state in TALKS:
        call.stage, call.is_bridged, call.is_held = "talking", True, seen.leg_state == "on_hold"
        call.owner, phone.is_up = phone, True
        call.sides = _sides(members, {phone.channel, call.id})
        # The agent may have hung up unheard: then the conversation is over.
        return again if phone.channel in there else lose_phone(call, phone.channel)
    if seen.is_sent_on:
        return [*again, *_sent_on(call, seen.leg, there, members)]
    call.stage = "waiting"
    if seen.leg_state == "connecting" and phone.channel in there:
        # `connect` is told again and finds the phone ringing; one that was picked up is met.
        call.owner = phone
        again.append(Arm("phone", call.plan.ring_s + SLACK_S, phone.channel))
    return [*call.answer(), ask.music(call.id, call.plan.music), *again]


def _sent_on(call: Call, leg: str, there: frozenset[str], members: tuple[str, ...]) -> Steps:
    """Outside somebody talks, or it rings, or nobody has answered there."""
    music = ask.music(call.id, call.plan.music)
    outside = Phone(leg, "", ask.outside_channel(leg), is_dialled=True)
    if outside.channel not in there:
        call.stage = "waiting"
        return [music, FailTransfer("no_answer")]
    call.stage, call.outside = "outside", outside
    if outside.channel in members:
        outside.is_up = True
        return []
    return [music, Arm("phone", call.plan.resident_ring_s + SLACK_S, outside.channel)]


def _sides(members: tuple[str, ...], known: set[str]) -> dict[str, Phone]:
    others = [each for each in members if each.startswith(ask.OWN) and each not in known]
    legs = {each: each[len(ask.OWN) :] for each in others}
    return {leg: Phone(leg, "", channel, is_dialled=True, is_up=True) for channel, leg in legs.items()}


def _phone_of(seen: Seen, members: tuple[str, ...], resident: str) -> str:
    """The agent's channel: named after the leg; a consulted agent's after the leg of then; else whoever is there."""
    others = [each for each in members if each != resident]
    own = [each for each in others if ask.is_of_leg(each, seen.leg)]
    return next(iter(own or others), ask.agent_channel(seen.leg))
