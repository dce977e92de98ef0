"""One call: who is in it and how far it has come, and the few moves that everything else is made of. Pure.

`caller` says what happens to the resident, `agents` what happens to everybody else. Every input may come twice, late,
or in another order than it happened. A caller who is gone is told once; at most one agent has the call.
"""

from dataclasses import dataclass, field
from typing import Literal

from channels.asterisk import requests as ask
from channels.asterisk.settings import AsteriskSettings
from channels.asterisk.tell import Arm, Step, Steps
from channels.asterisk.wire import AriChannel
from channels.base import Connection
from channels.numbers import e164

Stage = Literal["menu", "arriving", "waiting", "talking", "calling_back", "outside", "leaving", "gone"]
"""`outside`: with somebody whom the service does not know; `leaving`: a last word, or back to the dialplan."""
SLACK_S = 5
"""Longer than a phone rings: when its end was not heard of by then, it is taken as ended."""
LONGEST_MEDIA_S = 60
"""Longer than anything that is played."""


@dataclass(slots=True)
class Phone:
    """A phone that is not the caller's."""

    leg: str
    agent: str
    channel: str
    speaks: bool = True
    is_dialled: bool = False
    """Asterisk has said that it is there."""
    is_up: bool = False
    rung_again: int = 0
    """How often it was put down with the caller on hold, and rung once more."""


@dataclass(slots=True, eq=False)
class Call:
    """A resident's call, from its first ring until both ends are down."""

    plan: AsteriskSettings
    channel: AriChannel
    """The resident's."""
    source: str
    dialled: str = ""
    contact: str = ""
    stage: Stage = "arriving"
    owner: Phone | None = None
    sides: dict[str, Phone] = field(default_factory=dict[str, Phone])
    outside: Phone | None = None
    is_bridged: bool = False
    """Owner and resident have heard each other."""
    has_bridge: bool = False
    is_answered: bool = False
    is_held: bool = False
    is_over: bool = False
    """Our side has ended it: nobody need be told."""
    callback: Connection | None = None
    is_resident_dialled: bool = False
    playing: str = ""
    said: str = ""
    """What callers were last told about their wait."""
    said_code: str = ""
    """The announcement of the strategy that was part of it."""
    is_told: bool = False
    """A moment ago: it is not said again yet, however it changes."""
    attempt: int = 0
    """Of the menu."""
    turn: int = 0
    """Counts what the service has decided: an answer that is older than the last decision says nothing."""
    plays: int = 0
    visits: int = 0
    """How often they came back after their contact was over."""
    before: str = ""
    """The contact that is over."""

    @property
    def id(self) -> str:
        """The resident's channel."""
        return self.channel.id

    @property
    def number(self) -> str:
        """The resident's, as it may be shown; '' for a hidden or odd one: a caller writes what they like there."""
        return e164(self.channel.caller.number, self.plan.region)

    @property
    def key(self) -> str:
        """What handing them in is called: the same again is the same contact."""
        return f"{self.id}:{self.visits}" if self.visits else self.id

    @property
    def bridge(self) -> str:
        """Where it is talked."""
        return ask.bridge_of(self.contact)

    @property
    def is_gone(self) -> bool:
        """Nothing more can happen to it."""
        return self.stage == "gone"

    @property
    def is_free(self) -> bool:
        """Whether the service still says who takes part."""
        return self.stage not in {"gone", "outside", "leaving"}

    def phones(self) -> list[Phone]:
        """Everybody but the resident."""
        return [each for each in (self.owner, self.outside, *self.sides.values()) if each is not None]

    def phone(self, channel: str) -> Phone | None:
        """Whose channel it is."""
        return next((each for each in self.phones() if each.channel == channel), None)

    def dial(self, phone: Phone, *, endpoint: str, kind: str, caller_id: str, ring_s: int) -> Steps:
        """Ring somebody, and do not wait for ever to hear how it went."""
        args = f"{kind},{phone.leg}"
        wanted = ask.dial(
            phone.channel, endpoint=endpoint, app=self.plan.app, args=args, caller_id=caller_id, timeout_s=ring_s
        )
        return [wanted, Arm("phone", ring_s + SLACK_S, phone.channel)]

    def dial_agent(self, phone: Phone) -> Steps:
        """Ring an agent, showing who calls."""
        shown = self.callback.callback_to if self.callback else self.number
        endpoint = self.plan.endpoint(phone.agent)
        return self.dial(phone, endpoint=endpoint, kind="agent", caller_id=shown, ring_s=self.plan.ring_s)

    def play(self, media: str) -> Steps:
        """An announcement; the music is suspended until its end."""
        self.plays += 1
        self.playing = f"{ask.OWN}{self.id}.p{self.plays}"
        return [ask.play(self.id, self.playing, media, lang=self.plan.language)]

    def hush(self) -> Steps:
        """Cut short what is played."""
        playing, self.playing = self.playing, ""
        return [ask.stop_playing(playing)] if playing else []

    def give_up(self) -> Steps:
        """The dialplan has them from here."""
        self.stage = "leaving"
        return [*self.hush(), ask.go_on(self.id, self.plan.fallback_context)]

    def answer(self) -> Steps:
        """Take the call, once."""
        was_answered, self.is_answered = self.is_answered, True
        return [] if was_answered else [ask.answer(self.id)]

    def back_to_music(self) -> Steps:
        """Out of the conversation, and waiting again."""
        is_in = self.is_bridged and not self.is_held
        self.is_held = self.is_bridged = False
        out: list[Step] = [ask.remove(self.bridge, self.id)] if is_in else []
        return [*out, ask.music(self.id, self.plan.music)]

    def open_bridge(self) -> Steps:
        """A bridge, closed when the call is over."""
        self.has_bridge = True
        return [ask.open_bridge(self.bridge)]

    def drop_owner(self) -> Steps:
        """Whoever has the call, or was to have it, hangs up."""
        dropped: Steps = [ask.hang_up(each.channel) for each in (self.owner, self.outside) if each is not None]
        self.owner = self.outside = None
        return dropped

    def drop_phones(self) -> Steps:
        """Everybody else hangs up."""
        dropped: Steps = [ask.hang_up(each.channel) for each in self.phones()]
        self.owner = self.outside = None
        self.sides.clear()
        return dropped

    def let_go(self) -> Steps:
        """It is over: everybody else hangs up, nobody talks any more."""
        had_bridge, self.has_bridge = self.has_bridge, False
        self.stage, self.is_bridged, self.is_held = "gone", False, False
        return [*self.drop_phones(), *([ask.close_bridge(self.bridge)] if had_bridge else [])]
