"""What a call wants done: asked of Asterisk, told to the service, or remembered for later. Pure."""

from typing import Literal

import msgspec

from channels.asterisk.requests import Ask


class Receive(msgspec.Struct, frozen=True):
    """Hand the caller in; the answer comes back as `Taken`."""

    topic: str


class End(msgspec.Struct, frozen=True):
    """The conversation, or the waiting, is over."""

    reason: Literal["hung_up", "line_lost", ""]


class CallBack(msgspec.Struct, frozen=True):
    """They would rather be called back."""

    number: str


class Connected(msgspec.Struct, frozen=True):
    """Resident and agent hear each other."""

    leg: str


class FailSetup(msgspec.Struct, frozen=True):
    """They could not be brought together."""

    leg: str
    reason: str


class FailTransfer(msgspec.Struct, frozen=True):
    """Nobody answered outside: the caller is back."""

    reason: str


class Left(msgspec.Struct, frozen=True):
    """Whoever took part beside has hung up."""

    leg: str


class Look(msgspec.Struct, frozen=True):
    """Ask the service what it says of the contact now."""

    turn: int
    """Of the call when it asked: an answer to an older turn is asked for again."""


class Arm(msgspec.Struct, frozen=True):
    """Wake the call after so long."""

    name: Literal["ringing", "prompt", "farewell", "announce", "told", "phone", "resident"]
    after_s: float
    token: str = ""


Step = Ask | Receive | CallBack | End | Connected | FailSetup | FailTransfer | Left | Look | Arm
Steps = list[Step]
