"""The frames of the desktop socket, both ways: those that every socket speaks, and its own."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from router.sockets.frames import (
    CLOSE_AUTH,
    CLOSE_FORBIDDEN,
    CLOSE_PROTOCOL,
    CLOSE_RATE,
    CLOSE_REPLACED,
    CLOSE_RESTART,
    CLOSE_SLOW,
    CLOSE_TRY_LATER,
    Ack,
    Bye,
    Cmd,
    Event,
    Heartbeat,
    HeartbeatAck,
    Hello,
    Ready,
    Reset,
    Result,
    Resume,
    Resumed,
)

__all__ = [
    "CLOSE_AUTH",
    "CLOSE_FORBIDDEN",
    "CLOSE_PROTOCOL",
    "CLOSE_RATE",
    "CLOSE_REPLACED",
    "CLOSE_RESTART",
    "CLOSE_SLOW",
    "CLOSE_TRY_LATER",
    "Ack",
    "Auth",
    "Bye",
    "Cmd",
    "Event",
    "Floor",
    "FromDesktop",
    "Heartbeat",
    "HeartbeatAck",
    "Hello",
    "Ready",
    "Reset",
    "Result",
    "Resume",
    "Resumed",
    "Signal",
    "ToDesktop",
]


class Auth(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="auth", tag_field="t"):
    """First frame of a desktop: the one-time ticket from `POST /v1/ws-tickets`."""

    ticket: Annotated[str, Meta(min_length=1, max_length=200)]
    resume: Resume | None = None


FromDesktop = Auth | Ack | Heartbeat | Cmd


class Floor(msgspec.Struct, frozen=True, tag="floor", tag_field="t"):
    """The floor as it is watched (`floor.watch`): the newest figures, at most one frame a second, never resumed."""

    floor: object


class Signal(msgspec.Struct, frozen=True, omit_defaults=True, tag="signal", tag_field="t"):
    """What the resident of a contact in hand does meanwhile: never resumed, and only from a channel of this router.

    They write, or have stopped; the agent's words up to `number` have arrived, or were seen.
    """

    contact_id: str
    signal: Literal["typing", "paused", "delivered", "read"]
    number: int = 0


ToDesktop = Hello | Ready | Resumed | Reset | Event | Floor | Signal | HeartbeatAck | Result | Bye
