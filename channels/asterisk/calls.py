"""Every call of one Asterisk: whose event is whose, and what is true after nobody looked for a while. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from channels.asterisk import agents, caller
from channels.asterisk import requests as ask
from channels.asterisk.call import Call
from channels.asterisk.restoring import is_on_line, restore
from channels.asterisk.settings import AsteriskSettings
from channels.asterisk.tell import Steps
from channels.asterisk.wire import (
    LINE_LOST_CAUSES,
    AriBridge,
    AriChannel,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelHangupRequest,
    Event,
    PlaybackFinished,
    StasisEnd,
    StasisStart,
)
from channels.base import Connection, Seen

INBOUND = "inbound"
"""First argument of a caller's `Stasis()` in the dialplan."""


PROMISED = frozenset({"promised", "due"})


class Move(NamedTuple):
    """What is to be done for a call, in order; none: for a channel that belongs to nobody."""

    call: Call | None
    steps: Steps


Moves = list[Move]


class Calls:
    """Finds the call that something is about. Ids of ours name their contact; a few phones have names of others."""

    def __init__(self, plan: AsteriskSettings) -> None:
        self._plan = plan
        self._by_channel: dict[str, Call] = {}
        self._by_contact: dict[str, Call] = {}
        self._handed_on: dict[str, Call] = {}
        """Channels with names of others that took a phone's place."""
        self._causes: dict[str, int] = {}

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._by_channel)

    def clear(self) -> None:
        """Know nothing: somebody else may have had the calls meanwhile."""
        for known in (self._by_channel, self._by_contact, self._handed_on, self._causes):
            known.clear()

    def of_contact(self, contact: str) -> Call | None:
        """The call about a contact."""
        return self._by_contact.get(contact)

    def talked_about(self, connection: Connection) -> Call | None:
        """The call of somebody whom an agent has taken, perhaps before we were told that they are on disk."""
        call = self._by_contact.get(connection.contact) or self._by_channel.get(connection.subject)
        if call is not None and not call.contact:
            call.contact = connection.contact
            self.name(call)
        return call if call is not None and call.contact == connection.contact else None

    def channels(self) -> frozenset[str]:
        """Every channel that Asterisk has said exists."""
        phones = {each.channel for call in self._by_channel.values() for each in call.phones() if each.is_dialled}
        residents = {call.id for call in self._by_channel.values() if not call.callback or call.is_answered}
        return frozenset(phones | residents)

    def name(self, call: Call) -> None:
        """It has been handed in: found by its contact from now on."""
        if call.contact and self._by_channel.get(call.id) is call:
            self._by_contact[call.contact] = call

    def lose_name(self, call: Call) -> None:
        """Its contact is over, and it goes on."""
        if self._by_contact.get(call.contact) is call:
            del self._by_contact[call.contact]

    def forget(self, call: Call) -> None:
        """It is over and everything about it is done."""
        self._causes.pop(call.id, None)
        if call.outside is not None:
            self._handed_on.pop(call.outside.channel, None)
        if self._by_channel.get(call.id) is call:
            del self._by_channel[call.id]
        self.lose_name(call)

    def holding(self, channel: str) -> Call | None:
        """The call that a channel takes part in."""
        by_contact = self._by_contact.get(ask.contact_in(channel))
        return self._by_channel.get(channel) or by_contact or self._handed_on.get(channel)

    # Events ------------------------------------------------------------------------------------------------------

    def feed(self, event: Event) -> Moves:
        """One thing that happened."""
        match event:
            case StasisStart():
                return self._start(event)
            case StasisEnd(channel=channel) | ChannelDestroyed(channel=channel):
                return self._stop(channel.id)
            case ChannelHangupRequest(channel=channel, cause=cause):
                if self.holding(channel.id) is not None:
                    self._causes[channel.id] = cause
                return []
            case ChannelDtmfReceived(channel=channel, digit=digit):
                call = self._by_channel.get(channel.id)
                return [Move(call, caller.press(call, digit))] if call else []
            case PlaybackFinished(playback=playback):
                call = self._by_channel.get(_played_to(playback.id))
                return [Move(call, caller.finish_playing(call, playback.id))] if call else []
            case _:
                return []

    def _start(self, event: StasisStart) -> Moves:
        channel = event.channel
        if channel.id.startswith(ask.OWN):
            call = self.holding(channel.id)
            return [Move(call, agents.pick_up(call, channel.id) if call else [ask.hang_up(channel.id)])]
        if event.replace_channel is not None:
            return self._replace(event.replace_channel.id, channel)
        if event.args[:1] == (INBOUND,):
            return self._arrive(channel, event.args, event.asterisk_id)
        return [Move(None, [ask.go_on(channel.id, self._plan.fallback_context)])]

    def _replace(self, replaced: str, by: AriChannel) -> Moves:
        """A phone has been transferred by whoever holds it."""
        call = self.holding(replaced)
        if call is None or replaced == call.id:
            return [Move(None, [ask.go_on(by.id, self._plan.fallback_context)])]
        self._handed_on[by.id] = call
        return [Move(call, agents.hand_on(call, replaced, by.id))]

    def _arrive(self, channel: AriChannel, args: tuple[str, ...], asterisk_id: str) -> Moves:
        if channel.id in self._by_channel:
            return []
        dialled = args[1][:60] if len(args) > 1 else channel.dialplan.exten[:60]
        call = Call(self._plan, channel, source_of(asterisk_id), dialled)
        self._by_channel[channel.id] = call
        return [Move(call, caller.begin(call))]

    def _stop(self, channel: str, *, is_unheard: bool = False) -> Moves:
        call = self.holding(channel)
        if call is None:
            return []
        is_lost = self._causes.pop(channel, 0) in LINE_LOST_CAUSES
        if channel == call.id:
            return [Move(call, caller.lose_resident(call, "line_lost" if is_lost or is_unheard else "hung_up"))]
        return [Move(call, agents.lose_phone(call, channel, is_line_lost=is_lost))]

    # Orders ------------------------------------------------------------------------------------------------------

    def call_back(self, connection: Connection, source: str) -> Moves:
        """A promised call: a call of its own, which begins with the agent."""
        before = self._by_contact.get(connection.contact)
        if before is not None and before.owner is not None and before.owner.leg == connection.leg:
            return []
        ended = [Move(before, agents.end(before))] if before is not None else []
        resident = AriChannel(ask.resident_channel(connection.leg))
        call = Call(self._plan, resident, source, contact=connection.contact, callback=connection)
        self._by_channel[call.id] = self._by_contact[call.contact] = call
        return [*ended, Move(call, agents.call_back(call))]

    # Nobody looked for a while -------------------------------------------------------------------------------------

    def survey(
        self,
        channels: Iterable[AriChannel],
        bridges: Iterable[AriBridge],
        seen: Iterable[Seen],
        asterisk_id: str,
        known: frozenset[str],
    ) -> tuple[Moves, list[Seen]]:
        """What must have happened, from what is there now; and the open contacts whose caller is gone unheard.

        `known`: channels that existed before Asterisk was asked. Only they can be missing.
        """
        there = {each.id: each for each in channels}
        spoken = {each.id: each.channels for each in bridges if each.id.startswith(ask.OWN)}
        moves: Moves = []
        lost: list[Seen] = []
        for contact in seen:
            known_call = self._by_contact.get(contact.contact)
            if known_call is not None and known_call.callback is None and contact.callback_state in PROMISED:
                moves.append(Move(known_call, caller.promise(known_call)))
            if contact.source == source_of(asterisk_id) and contact.contact not in self._by_contact:
                moves += self._restore(contact, there, spoken, lost)
        # Callers first: where both ends are gone it was the line.
        for channel in sorted(known - there.keys(), key=lambda each: each not in self._by_channel):
            moves += self._stop(channel, is_unheard=True)
        for channel in there.values():
            moves += self._meet(channel, spoken, asterisk_id)
        return moves + self._close_empty(spoken), lost

    def _restore(
        self, seen: Seen, there: dict[str, AriChannel], spoken: dict[str, tuple[str, ...]], lost: list[Seen]
    ) -> Moves:
        """A call that another process knew."""
        resident = there.get(ask.resident_channel(seen.leg) if seen.callback_state else seen.subject)
        members = spoken.get(ask.bridge_of(seen.contact))
        if not is_on_line(seen, resident, members or ()):
            return []
        if resident is None:
            lost.append(seen)
            return []
        call = self._by_channel.get(resident.id) or Call(self._plan, resident, seen.source)
        call.contact, call.has_bridge = seen.contact, members is not None
        self._by_channel[call.id] = self._by_contact[call.contact] = call
        return [Move(call, restore(call, seen, frozenset(there), members or ()))]

    def _meet(self, channel: AriChannel, spoken: dict[str, tuple[str, ...]], asterisk_id: str) -> Moves:
        """A channel that is there: new to us, or further than we thought."""
        args = channel.args(self._plan.app)
        call = self.holding(channel.id)
        is_ours = channel.id.startswith(ask.OWN)
        if any(channel.id in members and len(members) > 1 for members in spoken.values()) and call is None:
            return []  # With somebody outside: they hang up by themselves.
        if is_ours and (call is None or (channel.id != call.id and call.phone(channel.id) is None)):
            return [Move(call, [ask.hang_up(channel.id)])]
        if args is None or (is_ours and channel.state != "Up"):
            return []
        if call is None:
            return self._arrive(channel, args, asterisk_id) if args[:1] == (INBOUND,) else []
        is_late = channel.id != call.id or (call.callback is not None and not call.is_answered)
        return [Move(call, agents.pick_up(call, channel.id))] if is_late and not _is_up(call, channel.id) else []

    def _close_empty(self, spoken: dict[str, tuple[str, ...]]) -> Moves:
        idle = [bridge for bridge, members in spoken.items() if not members]
        return [Move(None, [ask.close_bridge(each)]) for each in idle if ask.contact_in(each) not in self._by_contact]


def source_of(asterisk_id: str) -> str:
    """Where calls come in, as keys name it."""
    return f"ari:{asterisk_id}"


def _is_up(call: Call, channel: str) -> bool:
    phone = call.phone(channel)
    return phone is not None and phone.is_up


def _played_to(playback: str) -> str:
    """The channel that an announcement of ours was played to."""
    return playback[len(ask.OWN) :].rpartition(".p")[0] if playback.startswith(ask.OWN) else ""
